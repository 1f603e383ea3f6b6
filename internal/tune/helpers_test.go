package tune_test

import (
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/internal/tune"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// base is a small service: two metrics, min 2, max 10, a load that rises and
// falls within the day.
func base() *tune.Base {
	c := hpa.DefaultController()
	w := &sim.World{
		Duration: 24 * time.Hour,
		Autoscaler: hpa.Spec{
			Reference: "Deployment/default/web", Min: 2, Max: 10, Controller: c,
			ToleranceUp: c.Tolerance, ToleranceDown: c.Tolerance,
			Metrics: []hpa.Metric{
				{Source: hpa.SourceResource, Target: hpa.TargetUtilization, Goal: 60, CPU: true, Name: "cpu", Resource: "cpu", Proposal: "cpu resource utilization (percentage of request)"},
				{Source: hpa.SourcePods, Target: hpa.TargetAverageValue, Goal: 100_000, Name: "rps", Proposal: "pods metric rps"},
			},
		},
		Pods: sim.Pods{
			Initial: 2, InitialAge: time.Hour, Ready: 30 * time.Second,
			Containers: []sim.Container{{Name: "app", Requests: []sim.Quantity{{Resource: "cpu", Milli: 500}}}},
		},
		Pipeline: sim.Pipeline{Window: time.Minute},
		Demand: []sim.Demand{
			{Source: hpa.SourceResource, Name: "cpu", Container: "app", Scale: 1, Step: time.Minute, Capacity: 450},
			{Source: hpa.SourcePods, Name: "rps", Scale: 1000, Step: time.Minute},
		},
	}
	for i := range int64(24 * 60) {
		hill := 720 - max(i-720, 720-i) // 0 to 720 and back
		if i%97 < 5 {
			hill += 150
		}
		w.Demand[0].Values = append(w.Demand[0].Values, 300+hill*4)
		w.Demand[1].Values = append(w.Demand[1].Values, 60+hill)
	}
	return &tune.Base{World: w, Start: time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC), Zone: time.UTC, Limits: []int64{1000}}
}

// space reads a search space for a base.
func space(t testing.TB, b *tune.Base, text string) *tune.Space {
	t.Helper()
	entries, err := tune.ParseSearch(text)
	if err != nil {
		t.Fatal(err)
	}
	s, err := tune.NewSpace(entries, b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
