package lint_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/elasticctl/elasticctl/internal/lint"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// TestFixesMakeWrongRight holds every rule that says what --fix does to its
// manifests: the wrong one (or fix.yaml, where there is another way to be wrong)
// becomes the right one (or fixed.yaml, where a fix takes out or keeps what the
// right one does not), whatever stands around it and in which style, and the rule
// has nothing to say of it any more.
func TestFixesMakeWrongRight(t *testing.T) {
	for _, rule := range lint.Rules() {
		if rule.Fix == "" {
			if file := filepath.Join(examples, rule.ID, "wrong.yaml"); len(fixed(t, &rule, text(t, file)).Files) > 0 {
				t.Errorf("%s: the wrong manifest is changed, and the rule does not say so", rule.ID)
			}
			continue
		}
		t.Run(rule.ID, func(t *testing.T) {
			wrong, right := fixPair(t, &rule)
			for _, v := range variants(wrong, right) {
				f := fixed(t, &rule, v.wrong)
				if len(f.Files) != 1 || string(f.Files[0].After) != v.right {
					t.Errorf("%s: comes out as %s\nwant\n%s", v.name, after(f), v.right)
				}
				if slices.ContainsFunc(f.Result.Findings, func(one lint.Finding) bool { return one.Rule == rule.ID }) {
					t.Errorf("%s: it is still found", v.name)
				}
			}
			fixesJSON(t, &rule, wrong, right)
		})
	}
}

// fixPair is a rule's manifest to fix, and what it becomes.
func fixPair(t *testing.T, rule *lint.Rule) (wrong, right string) {
	t.Helper()
	dir := filepath.Join(examples, rule.ID)
	from, to := filepath.Join(dir, "wrong.yaml"), filepath.Join(dir, "right.yaml")
	if other := filepath.Join(dir, "fix.yaml"); exists(other) {
		from = other
	}
	wrong = text(t, from)
	if other := filepath.Join(dir, "fixed.yaml"); exists(other) {
		to = other
	} else if *update && after(fixed(t, rule, wrong)) != text(t, to) {
		golden(t, other, after(fixed(t, rule, wrong)))
		to = other
	}
	return wrong, text(t, to)
}

type variant struct{ name, wrong, right string }

// variants are a pair of manifests in other surroundings.
func variants(wrong, right string) []variant {
	both := func(name string, change func(string) string) variant {
		return variant{name, change(wrong), change(right)}
	}
	other := "# first\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: \"ä\"}\n"
	list := []variant{
		{"as it is", wrong, right},
		both("with CRLF", func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }),
		both("with a byte order mark", func(s string) string { return "\ufeff" + s }),
		both("as the second document", func(s string) string { return other + "---\n" + s + "---\n" + strings.ReplaceAll(other, "ä", "ö") }),
		both("in a list", func(s string) string {
			return "apiVersion: v1\nkind: List\nitems:\n- " + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n  ") + "\n"
		}),
		both("without a line break at the end", func(s string) string { return strings.TrimSuffix(s, "\n") }),
	}
	a, b := strings.Split(wrong, "\n"), strings.Split(right, "\n")
	if len(a) != len(b) || strings.Contains(wrong, "[2m]") && strings.Contains(wrong, ">") {
		return list
	}
	// A comment behind every line, and above it.
	comment := func(lines []string) string {
		var out strings.Builder
		for i, line := range lines[:len(lines)-1] {
			indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
			out.WriteString(indent + "# above " + strings.Repeat("i", i%5) + "\n" + line + "  # behind\n")
		}
		return out.String()
	}
	return append(list, variant{"with comments", comment(a), comment(b)})
}

// fixesJSON holds a fix to JSON, indented and not: it stays JSON, and says what
// the right one says.
func fixesJSON(t *testing.T, rule *lint.Rule, wrong, right string) {
	t.Helper()
	compact, err := yaml.YAMLToJSON([]byte(wrong))
	if err != nil {
		t.Fatal(err)
	}
	want, err := yaml.YAMLToJSON([]byte(right))
	if err != nil {
		t.Fatal(err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, compact, "", "  "); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(compact), indented.String()} {
		f := fixed(t, rule, text)
		var got bytes.Buffer
		if err := json.Compact(&got, []byte(after(f))); err != nil {
			t.Fatalf("no JSON any more: %v\n%s", err, after(f))
		}
		same, err := yaml.YAMLToJSON(got.Bytes()) // its keys in order
		if err != nil || !bytes.Equal(same, want) && !looselyEqual(same, want) {
			t.Errorf("as JSON it comes out as\n%s\nwant\n%s", same, want)
		}
	}
}

// looselyEqual compares JSON without quotes: a quantity may be a number or a text.
func looselyEqual(a, b []byte) bool {
	strip := func(x []byte) string { return strings.ReplaceAll(string(x), `"`, "") }
	return strip(a) == strip(b)
}

// fixed fixes one text with the rules up to a rule's tier.
func fixed(t *testing.T, rule *lint.Rule, manifest string) *lint.Fixed {
	t.Helper()
	dir := filepath.Join(examples, rule.ID)
	in := &lint.Input{Paths: []string{"-"}, Stdin: strings.NewReader(manifest), Context: []string{filepath.Join(examples, "context.yaml")}}
	if more := filepath.Join(dir, "with.yaml"); exists(more) {
		in.Context = append(in.Context, more)
	}
	f, err := lint.Fix(in, lint.Options{Tier: rule.Tier, Profile: hpa.LatestProfile(), Today: "2026-11-20"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// after is what became of one text.
func after(f *lint.Fixed) string {
	if len(f.Files) != 1 {
		return ""
	}
	return string(f.Files[0].After)
}

const fixable = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {version: 1.10, canary: yes}  # as it is written
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSecond: "30"
      containers:
      - name: app
        image: registry.example.com/web:1
        args: [--port, 8080, -v=true]
        env:
        - {name: GOGC, value: 100}
        - name: DEBUG
          value: no
        ports: [{name: http, containerPort: "8080"}]
        resources:
          requests: {cpu: 2 cores, memory: 512MiB}
          limits: {memory: 512mb}
        readOnly: true
`

func TestFixesOfFields(t *testing.T) {
	rule := lint.Rule{Tier: lint.Default}
	f := fixed(t, &rule, fixable)
	want := strings.NewReplacer("1.10", `"1.10"`, "canary: yes", `canary: "yes"`, "Second: \"30\"", "Seconds: 30", " 8080,", ` "8080",`,
		"value: 100", `value: "100"`, "value: no", `value: "no"`, `"8080"}`, "8080}", "2 cores", "2", "512MiB", "512Mi").Replace(fixable)
	if after(f) != want {
		t.Errorf("got\n%s\nwant\n%s", after(f), want)
	}
	// 512mb may be one or the other, and readOnly nothing that a container has.
	var left []string
	for _, one := range f.Result.Findings {
		left = append(left, one.Path)
	}
	if len(left) != 2 || !strings.HasSuffix(left[0], "limits.memory") || !strings.HasSuffix(left[1], "readOnly") {
		t.Errorf("left are %q", left)
	}
}

// TestWhatIsSharedIsNotFixed leaves alone what an alias shares, and what stands in
// the text of another object.
func TestWhatIsSharedIsNotFixed(t *testing.T) {
	rule := lint.Rule{Tier: lint.All}
	for _, manifest := range []string{
		`apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 10
  minReplicas: 2
  metrics:
  - {type: Pods, pods: {metric: {name: a}, target: {type: AverageValue, averageValue: &rate 100r/s}}}
  - {type: Pods, pods: {metric: {name: b}, target: {type: AverageValue, averageValue: *rate}}}
`,
		`apiVersion: v1
kind: ConfigMap
metadata: {name: adapter-config}
data:
  config.yaml: |
    rules:
    - seriesQuery: http_requests_total{namespace!="",pod!=""}
      resource: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}}}
      metricsQuery: sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)
`,
	} {
		f := fixed(t, &rule, manifest)
		if len(f.Files) > 0 {
			t.Errorf("became\n%s", after(f))
		}
		if slices.ContainsFunc(f.Result.Findings, func(one lint.Finding) bool { return len(one.Patches) > 0 }) {
			t.Errorf("says that it can be fixed:\n%s", manifest)
		}
		if len(f.Result.Findings) == 0 {
			t.Errorf("nothing is found:\n%s", manifest)
		}
	}
}

// TestWhatIsSuppressedStays leaves alone what somebody said is to stay.
func TestWhatIsSuppressedStays(t *testing.T) {
	rule := lint.Rule{Tier: lint.All}
	manifest := `apiVersion: apps/v1
kind: Deployment
metadata: {name: db}
spec:
  minReadySecond: 1  # elasticctl:ignore manifest-field a fork of the API knows it
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: app, image: "x:1"}]}
`
	if f := fixed(t, &rule, manifest); len(f.Files) > 0 {
		t.Errorf("became\n%s", after(f))
	}
	free := strings.Replace(manifest, "elasticctl:", "", 1)
	f := fixed(t, &rule, free)
	if after(f) != strings.Replace(free, "Second:", "Seconds:", 1) {
		t.Errorf("without the suppression it becomes\n%s", after(f))
	}
}

// TestPatchesAreWhatFixDoes holds the patches of findings, which editors apply, to
// what --fix writes.
func TestPatchesAreWhatFixDoes(t *testing.T) {
	for _, rule := range lint.Rules() {
		if rule.Fix == "" {
			continue
		}
		wrong, right := fixPair(t, &rule)
		r, err := lint.Check(&lint.Input{Paths: []string{"-"}, Stdin: strings.NewReader(wrong), Context: []string{filepath.Join(examples, "context.yaml")}},
			lint.Options{Tier: rule.Tier, Profile: hpa.LatestProfile()})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.Findings {
			if f.Rule != rule.ID || len(f.Patches) == 0 {
				continue
			}
			out := wrong
			patches := slices.Clone(f.Patches)
			slices.SortFunc(patches, func(a, b yamlpos.Patch) int { return b.Start - a.Start })
			for _, p := range patches {
				out = out[:p.Start] + p.Text + out[p.End:]
			}
			if out != right {
				t.Errorf("%s: the patches give\n%s\nwant\n%s", rule.ID, out, right)
			}
		}
	}
}

func FuzzFix(f *testing.F) {
	for _, rule := range lint.Rules() {
		if data, err := os.ReadFile(filepath.Join(examples, rule.ID, "wrong.yaml")); err == nil && rule.Fix != "" {
			f.Add(string(data))
		}
	}
	f.Add(fixable)
	f.Fuzz(func(t *testing.T, manifest string) {
		in := &lint.Input{Paths: []string{"-"}, Stdin: strings.NewReader(manifest)}
		once, err := lint.Fix(in, lint.Options{Tier: lint.All, Profile: hpa.LatestProfile()}, nil)
		if err != nil || len(once.Files) == 0 {
			return
		}
		again, err := lint.Fix(&lint.Input{Paths: []string{"-"}, Stdin: bytes.NewReader(once.Files[0].After)}, lint.Options{Tier: lint.All, Profile: hpa.LatestProfile()}, nil)
		if err != nil || len(again.Files) > 0 {
			t.Errorf("%q is fixed to %q, and that again: %v", manifest, once.Files[0].After, err)
		}
	})
}

// TestMetadataTypeBecomesMetricType moves what KEDA once read elsewhere, unless
// there are two answers.
func TestMetadataTypeBecomesMetricType(t *testing.T) {
	const so = `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: api}
spec:
  scaleTargetRef: {name: api}
  maxReplicaCount: 10
  triggers:
  - type: cpu
    metadata:
      type: Utilization
      value: "70%"
`
	rule := lint.Rule{Tier: lint.Default}
	want := strings.Replace(strings.Replace(so, "      type: Utilization\n", "", 1), "70%\"\n", "70\"\n    metricType: Utilization\n", 1)
	if got := after(fixed(t, &rule, so)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	other := strings.Replace(so, "- type: cpu\n", "- type: cpu\n    metricType: AverageValue\n", 1)
	if f := fixed(t, &rule, other); strings.Contains(after(f), "metricType: Utilization") || len(f.Files) > 0 && !strings.Contains(after(f), "type: Utilization") {
		t.Errorf("of two answers it takes one:\n%s", after(f))
	}
}
