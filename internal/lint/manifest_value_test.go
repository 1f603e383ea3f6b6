package lint_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/elasticctl/elasticctl/internal/lint"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

func TestValuesThatAreRefused(t *testing.T) {
	monitor := func(interval string) string {
		return "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: web}\nspec: {selector: {}, endpoints: [{port: http, interval: " + interval + "}]}"
	}
	budget := func(field string) string {
		return "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\nspec: {selector: {}, " + field + "}"
	}
	alert := func(field string) string {
		return "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: web}\nspec: {groups: [{name: a, rules: [{alert: A, expr: up == 0, " + field + "}]}]}"
	}
	surge := func(field string) string {
		return run("Deployment", "  strategy: {rollingUpdate: {"+field+"}}", onePod)
	}
	named := func(name string) string {
		return strings.Replace(run("Deployment", "", onePod), "{name: web}", "{name: "+name+"}", 1)
	}
	keda := func(kind, metadata string) string {
		return "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: web}\nspec: {scaleTargetRef: {name: web}, triggers: [{type: " + kind + ", metadata: {" + metadata + "}}]}"
	}
	vpa := func(mode string) string {
		return "apiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler\nmetadata: {name: web}\nspec: {targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, updatePolicy: {updateMode: " + mode + "}}"
	}
	for name, tc := range map[string]struct{ manifest, want string }{
		"an interval":              {monitor("1h30m"), ""},
		"no interval":              {monitor(`""`), ""},
		"a word for the unit":      {monitor("30sec"), `"30sec" is no duration`},
		"a space in an interval":   {monitor("15 s"), `"15 s" is no duration`},
		"a fraction":               {monitor("1.5m"), `"1.5m" is no duration`},
		"for":                      {alert("for: 5m"), ""},
		"for in words":             {alert("for: 5 minutes"), `"5 minutes" is no duration`},
		"kept in words":            {alert("keep_firing_for: 5min"), `"5min" is no duration`},
		"a share of pods":          {budget("minAvailable: 50%"), ""},
		"all pods":                 {budget("minAvailable: 100%"), ""},
		"more than all":            {budget("maxUnavailable: 101%"), "101% is more than all"},
		"a number in quotes":       {budget(`minAvailable: "2"`), `"2" is neither a number nor a percentage`},
		"a negative number":        {budget("minAvailable: -1"), "-1 is negative"},
		"a fraction of pods":       {budget("minAvailable: 12.5%"), `"12.5%" is neither`},
		"a surge of twice":         {surge("maxSurge: 200%"), ""},
		"more than all go":         {surge("maxUnavailable: 200%"), "200% is more than all"},
		"a name":                   {named("web-1.shop"), ""},
		"an underscore":            {named("web_shop"), "a Deployment cannot be called web_shop"},
		"capitals":                 {named("Web"), "a Deployment cannot be called Web"},
		"a placeholder":            {named("'${NAME}_web'"), ""},
		"another placeholder":      {named("REPLACE_ME"), ""},
		"a chart's release":        {named("RELEASE-NAME-web"), ""},
		"a container's name":       {strings.Replace(run("Deployment", "", onePod), "name: app,", "name: my_app,", 1), "a container cannot be called my_app"},
		"a long name of a port":    {run("Deployment", "", strings.Replace(onePod, `image: "x:1"`, `image: "x:1", ports: [{name: metrics-of-the-web, containerPort: 1}]`, 1)), "a container's port cannot be called metrics-of-the-web"},
		"a mode":                   {vpa("Initial"), ""},
		"a mode in lower case":     {vpa("recreate"), `"recreate" is written Recreate`},
		"a mode of another time":   {vpa("Gently"), ""},
		"a trigger":                {keda("prometheus", "serverAddress: a, query: up, threshold: '1'"), ""},
		"a trigger with a capital": {keda("Cron", "timezone: UTC"), "there is no trigger of type Cron"},
		"a key in lower case":      {keda("prometheus", "serveraddress: a, query: up, threshold: '1'"), `"serveraddress" is written serverAddress`},
	} {
		t.Run(name, func(t *testing.T) {
			said, _ := saidOf(t, "manifest-value", tc.manifest, nil)
			sayingOnly(t, "said", said, tc.want)
		})
	}
}

// TestWhatTheAPIServerRefusesIsRefused holds lint to the verdicts of the API
// server's own code: an error at each field that it names, and none where it names
// none, but for what follows from another.
func TestWhatTheAPIServerRefusesIsRefused(t *testing.T) {
	data, err := os.ReadFile("../../testdata/validation/hpa_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			Name               string
			HPA                json.RawMessage
			Errors             []struct{ Field, Detail string }
			ScaleToZeroGateOff bool
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	of := map[string]bool{}
	for _, id := range []string{"hpa-invalid", "hpa-target-apiversion", "hpa-min-gt-max", "hpa-min-zero", "hpa-behavior-range", "hpa-external-both-values", "hpa-metric-name-invalid"} {
		of[id] = true
	}
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			opts := lint.Options{Profile: hpa.LatestProfile()}
			if c.ScaleToZeroGateOff {
				if opts.Profile, err = hpa.ProfileFor("1.36", nil); err != nil {
					t.Fatal(err)
				}
			}
			r, err := lint.Check(&lint.Input{Paths: []string{"-"}, Stdin: strings.NewReader(string(c.HPA))}, opts)
			if err != nil {
				t.Fatal(err)
			}
			said := map[string]bool{}
			for _, f := range r.Findings {
				if f.Severity == lint.Error && of[f.Rule] {
					said[f.Path] = true
					if len(c.Errors) == 0 {
						t.Errorf("accepted by the API server: %s: %s", f.Rule, f.Message)
					}
				}
			}
			for _, e := range c.Errors {
				// A client fills the namespace in; without a maximum, that alone is said.
				if !said[e.Field] && e.Field != "metadata.namespace" && !strings.Contains(e.Detail, "`minReplicas`") {
					t.Errorf("refused at %s (%s), and nothing is said there", e.Field, e.Detail)
				}
			}
		})
	}
}
