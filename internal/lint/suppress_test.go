package lint_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/elasticctl/elasticctl/internal/lint"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// said are the findings of a text as "line:col rule", in a date of 2026.
func said(t *testing.T, text string) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "f.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := lint.Check(&lint.Input{Paths: []string{file}}, lint.Options{
		Tier: lint.Recommended, Profile: hpa.LatestProfile(), Today: "2026-11-20",
	})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, f := range r.Findings {
		if f.Severity > lint.Info {
			list = append(list, fmt.Sprintf("%d:%d %s", f.Line, f.Col, f.Rule))
		}
	}
	return list
}

// single is an autoscaler that two rules complain about: its bounds are both 1.
const single = `%sapiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web%s
spec:
  %sminReplicas: 3
  maxReplicas: 3%s
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
`

func TestSuppressionsHoldWhereTheyStand(t *testing.T) {
	const ignore = "# elasticctl:ignore hpa-min-eq-max "
	for _, tc := range []struct {
		name                       string
		above, annotation, on, end string
		want                       []string
	}{
		{name: "nothing", want: []string{"7:16 hpa-min-eq-max"}},
		{name: "on its line", end: " " + ignore + "fixed on purpose", want: nil},
		{name: "above its object", above: ignore + "fixed on purpose\n", want: nil},
		{name: "above, behind a separator", above: "# about it\n---\n" + ignore + "fixed on purpose\n\n", want: nil},
		{name: "above another line", on: ignore + "fixed on purpose\n  ", want: []string{"6:3 suppression-unused", "8:16 hpa-min-eq-max"}},
		{name: "an annotation", annotation: "\n  annotations: {elasticctl.dev/ignore: 'hpa-min-eq-max fixed on purpose'}", want: nil},
		{name: "until a day to come", end: " " + ignore + "fixed until 2026-11-20", want: nil},
		{
			name: "until a day gone by", end: " " + ignore + "fixed until 2026-11-19",
			want: []string{"7:16 hpa-min-eq-max", "7:18 suppression-expired"},
		},
		{name: "no such date", end: " " + ignore + "fixed until Monday", want: []string{"7:16 hpa-min-eq-max", "7:18 suppression-invalid"}},
		{name: "no reason", end: " " + ignore, want: []string{"7:16 hpa-min-eq-max", "7:18 suppression-invalid"}},
		{name: "no such rule", end: " # elasticctl:ignore hpa-min-eq fixed", want: []string{"7:16 hpa-min-eq-max", "7:18 suppression-invalid"}},
		{
			name: "one of two rules", end: " # elasticctl:ignore hpa-min-eq-max,hpa-min-gt-max fixed",
			want: []string{"7:18 suppression-unused"},
		},
		{name: "no comment", end: "#elasticctl:ignore hpa-min-eq-max fixed", want: []string{"7:16 manifest-field"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := said(t, fmt.Sprintf(single, tc.above, tc.annotation, tc.on, tc.end)); !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// A comment alone in a line holds for the block below it, and for no other.
func TestSuppressionsHoldForTheBlockBelow(t *testing.T) {
	text := `apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  # elasticctl:ignore manifest-field kept for an old tool
  labels:
    app: 1

    tier: 2
  annotations:
    build: 3
`
	if got, want := said(t, text), []string{"11:12 manifest-field"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBaselinesKnowFindingsByWhatTheyAreAbout(t *testing.T) {
	check := func(text string) *lint.Result {
		dir := t.TempDir()
		t.Chdir(dir)
		if err := os.WriteFile("f.yaml", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := lint.Check(&lint.Input{Paths: []string{"f.yaml"}}, lint.Options{Tier: lint.Recommended, Profile: hpa.LatestProfile()})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	web := fmt.Sprintf(single, "", "", "", "")
	before := check(web).Baseline()
	var b strings.Builder
	if err := before.Write(&b); err != nil {
		t.Fatal(err)
	}
	read, err := lint.ReadBaseline(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	// The same object further down, and a new one.
	after := check("\n\n" + web + "---\n" + strings.ReplaceAll(web, "name: web", "name: shop"))
	known, gone := after.Subtract(read)
	if known != 2 || gone != 0 || len(after.Findings) != 2 || !strings.HasSuffix(after.Findings[0].Object, "/shop") {
		t.Errorf("%d known, %d gone, left %+v", known, gone, after.Findings)
	}
	mended := check(strings.Replace(web, "maxReplicas: 3", "maxReplicas: 9", 1))
	if known, gone := mended.Subtract(read); known != 1 || gone != 1 {
		t.Errorf("%d known, %d gone; want the bound's finding gone", known, gone)
	}
}

func TestBaselinesThatAreNoneAreRefused(t *testing.T) {
	for _, text := range []string{"", "[]", `{"version": 2}`, `{"version": 1, "x": 1}`} {
		if _, err := lint.ReadBaseline(strings.NewReader(text)); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}
