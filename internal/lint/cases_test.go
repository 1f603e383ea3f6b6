package lint_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/elasticctl/elasticctl/internal/lint"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// A lintCase is manifests and what one rule says of them.
type lintCase struct {
	name, rule string
	// version of Kubernetes; "" is the newest.
	version   string
	manifests []string
	// want are parts of the rule's messages, in order, each with its severity
	// before it; none where it should say nothing.
	want []string
}

// try holds cases to what is found in them, in all tiers.
func try(t *testing.T, cases []lintCase) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.rule+"/"+tc.name, func(t *testing.T) {
			profile := hpa.LatestProfile()
			if tc.version != "" {
				var err error
				if profile, err = hpa.ProfileFor(tc.version, nil); err != nil {
					t.Fatal(err)
				}
			}
			text := strings.Join(tc.manifests, "\n---\n")
			r, err := lint.Check(&lint.Input{Paths: []string{"-"}, Stdin: strings.NewReader(text)},
				lint.Options{Tier: lint.All, Profile: profile, Complete: true})
			if err != nil {
				t.Fatal(err)
			}
			var said []string
			for _, f := range r.Findings {
				if strings.HasPrefix(f.Rule, "manifest-") && tc.rule != f.Rule {
					t.Errorf("not as it should be written: %s: %s", f.Position, f.Message)
				}
				if f.Rule == tc.rule {
					said = append(said, f.Severity.String()+": "+f.Message)
				}
			}
			if len(said) != len(tc.want) || !prefixed(said, tc.want) {
				t.Errorf("found %q, want %q", said, tc.want)
			}
		})
	}
}

// prefixed says whether each message has the severity and the words wanted.
func prefixed(said, want []string) bool {
	for i := range said {
		severity, words, _ := strings.Cut(want[i], ": ")
		if !strings.HasPrefix(said[i], severity+": ") || !strings.Contains(said[i], words) {
			return false
		}
	}
	return true
}

// scale is an autoscaler of Deployment web on cpu, with more in its spec.
func scale(more ...string) string {
	return `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 10
` + with(more, "  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]")
}

// with is some lines, the first a replacement of usual if it has the same key.
func with(more []string, usual string) string {
	key, _, _ := strings.Cut(usual, ":")
	if !slices.ContainsFunc(more, func(line string) bool { return strings.HasPrefix(line, key+":") }) {
		more = append([]string{usual}, more...)
	}
	return strings.Join(more, "\n")
}

// run is a workload with pods labelled app: web; spec is more of it, pod more of
// its pods.
func run(kind, spec, pod string) string {
	if spec != "" {
		spec += "\n"
	}
	return `apiVersion: apps/v1
kind: ` + kind + `
metadata: {name: web}
spec:
` + spec + `  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
` + pod
}

const (
	onePod = `      containers: [{name: app, image: "x:1", resources: {requests: {cpu: 500m, memory: 256Mi}}}]`
	twoPod = `      containers:
      - {name: app, image: "x:1", resources: {requests: {cpu: 500m}, limits: {cpu: 500m}}}
      - {name: log, image: "x:1", resources: {requests: {cpu: 500m}, limits: {cpu: "1"}}}`
)
