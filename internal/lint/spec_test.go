package lint_test

import (
	"strings"
	"testing"

	"github.com/elasticctl/elasticctl/internal/lint"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

const spec = `apiVersion: elasticctl.dev/v1alpha1
kind: ElasticService
metadata:
  name: checkout
  namespace: shop
spec:
  image: registry.example.com/checkout:1
  resources:
    requests: {cpu: 500m}
    limits: {cpu: 550m}
  shutdown: {preStop: 0s}
  scaling:
    min: 1  # at night
    metrics:
    - cpu: 70%
    - cpu: 95%
    behavior:
      scaleDown: {stabilizationWindowSeconds: 10}
`

// TestFindingsOfASpecPointIntoIt holds what is found in what generate makes of a
// spec to the field that decides about it, or the nearest around it that is
// written.
func TestFindingsOfASpecPointIntoIt(t *testing.T) {
	for _, tc := range []struct{ name, spec, rule, at, path, message string }{
		{"a field", spec, "hpa-min-low", "13:10", "spec.scaling.min", "(generated: HorizontalPodAutoscaler, spec.minReplicas)"},
		{"a metric", strings.Replace(spec, "    - cpu: 70%\n", "", 1), "hpa-target-100", "15:12", "spec.scaling.metrics[0].cpu", "(generated: HorizontalPodAutoscaler, "},
		{"the second metric", strings.Replace(spec, "cpu: 95%", "cpu: 300m", 1), "hpa-duplicate-metric", "", "", ""},
		{"behavior", spec, "hpa-scaledown-window-short", "18:47", "spec.scaling.behavior.scaleDown.stabilizationWindowSeconds", ""},
		{"what is left out", spec, "wl-prestop-missing", "11:23", "spec.shutdown.preStop", "generated: Deployment"},
		{"one more dimension", strings.Replace(spec, "min: 1  # at night", "min: 2", 1), "hpa-min-low", "", "", ""},
		{"a field that does not exist", strings.Replace(spec, "min: 1", "mni: 1", 1), "manifest-field", "13:5", "spec.scaling.mni", "unknown field"},
		{"what is refused", strings.Replace(spec, "min: 1", "min: 11", 1), "spec-invalid", "12:3", "spec.scaling.max", "max (10) is below min (11)"},
		{
			"a pool that a rollout exceeds", spec + "  dependencies:\n  - {name: db, maxConnections: 100, poolSize: 10}\n",
			"spec-connections", "20:47", "spec.dependencies[0].poolSize", "a rollout at max runs up to 13 pods",
		},
		{"as the second document", "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n---\n" + spec, "hpa-min-low", "17:10", "spec.scaling.min", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := of(ofSpec(t, tc.spec), tc.rule)
			switch {
			case tc.at == "" && f != nil:
				if !strings.HasPrefix(f.Path, "spec.scaling") {
					t.Errorf("found at %s (%s)", f.Position, f.Path)
				}
			case tc.at == "":
			case f == nil:
				t.Errorf("not found among %v", ofSpec(t, tc.spec).Findings)
			case f.Position.String() != "stdin:"+tc.at || f.Path != tc.path || !strings.Contains(f.Message, tc.message) || f.Object != "ElasticService shop/checkout":
				t.Errorf("found at %s, %s of %s: %s", f.Position, f.Path, f.Object, f.Message)
			}
		})
	}
}

func TestWhatIsFoundInASpecIsSuppressedThere(t *testing.T) {
	quiet := strings.Replace(spec, "# at night", "# elasticctl:ignore hpa-min-low one pod is enough at night", 1)
	r := ofSpec(t, quiet)
	if f := of(r, "hpa-min-low"); f != nil {
		t.Errorf("found at %s", f.Position)
	}
	if f := of(r, "suppression-unused"); f != nil {
		t.Error("the suppression is said to be unused")
	}
}

// TestWhatIsWrittenCountsMoreThanWhatIsGenerated lets a manifest stand in for what
// a spec would generate.
func TestWhatIsWrittenCountsMoreThanWhatIsGenerated(t *testing.T) {
	written := `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: checkout, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: checkout}
  minReplicas: 3
  maxReplicas: 10
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]
`
	r := ofSpec(t, spec+"---\n"+written)
	for _, id := range []string{"hpa-min-low", "hpa-duplicate-target", "hpa-target-missing"} {
		if f := of(r, id); f != nil {
			t.Errorf("%s: %s", f.Position, f.Message)
		}
	}
	if r.Objects != 2 {
		t.Errorf("%d objects, want the spec and the manifest", r.Objects)
	}
}

func ofSpec(t *testing.T, text string) *lint.Result {
	t.Helper()
	r, err := lint.Check(&lint.Input{Paths: []string{"-"}, Stdin: strings.NewReader(text)},
		lint.Options{Tier: lint.All, Profile: hpa.LatestProfile(), Complete: true, Today: "2026-11-20"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// of is the first finding of a rule.
func of(r *lint.Result, id string) *lint.Finding {
	for i := range r.Findings {
		if r.Findings[i].Rule == id {
			return &r.Findings[i]
		}
	}
	return nil
}
