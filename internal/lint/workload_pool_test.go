package lint_test

import (
	"strings"
	"testing"

	"github.com/elasticctl/elasticctl/internal/lint"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// TestPoolsOfAllWorkloadsCountTogether adds up what several workloads open: the
// finding is at the largest, and names the others.
func TestPoolsOfAllWorkloadsCountTogether(t *testing.T) {
	pod := `      containers: [{name: app, image: "x:1", env: [{name: POOL, value: "8"}], resources: {requests: {cpu: 500m}}}]`
	worker := strings.NewReplacer("name: web", "name: worker", "app: web", "app: worker", `"8"`, `"5"`).Replace(run("Deployment", "  replicas: 4", pod))
	for limit, want := range map[int32]string{
		100: "",
		99:  "10 pods with POOL: 8 and all others that have it open 100 connections, and 99 are allowed",
		9:   "lower POOL or maxReplicas",
	} {
		text := strings.Join([]string{worker, run("Deployment", "", pod), scale(), run("Deployment", "", pod)}, "\n---\n")
		settings := &lint.Settings{Config: lint.Choices{Limits: lint.Limits{Connections: map[string]int32{"POOL": limit, "OTHER": 1}}}}
		r, err := lint.Check(&lint.Input{Paths: []string{"-"}, Stdin: strings.NewReader(text)}, lint.Options{Profile: hpa.LatestProfile(), Settings: settings})
		if err != nil {
			t.Fatal(err)
		}
		f := of(r, "wl-connections")
		switch {
		case f == nil:
			if want != "" {
				t.Errorf("%d: nothing is found", limit)
			}
		case want == "" || !strings.Contains(f.Message+f.Fix, want) || f.Object != "Deployment default/web" || len(f.Related) != 1:
			t.Errorf("%d: %s: %s; %s; %v", limit, f.Object, f.Message, f.Fix, f.Related)
		}
	}
}
