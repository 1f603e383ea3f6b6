package conformance

import (
	"strings"
	"testing"

	"github.com/elasticctl/elasticctl/conformance/oracle"
)

func TestCoverageNamesWhatIsShort(t *testing.T) {
	var c Coverage
	if got := c.Short(1); len(got) != len(branches()) {
		t.Errorf("%d branches are short of one sync, want all %d", len(got), len(branches()))
	}
	two, four := int32(2), int32(4)
	c.Add(&oracle.Simulation{}, []oracle.Tick{{
		SpecReplicas: 2, Proposed: &four, ScaledTo: &four,
		Metrics:    []oracle.Metric{{Type: "Pods", Average: new(int64)}},
		Conditions: []oracle.Condition{{Type: "AbleToScale", Status: "True", Reason: "SucceededRescale"}},
	}, {
		SpecReplicas: 4, Proposed: &two,
		Events: []oracle.Event{{Reason: "FailedRescale"}},
	}})
	got := strings.Join(c.Short(1), "\n")
	for _, b := range []string{
		"stage 4 proposal up", "stage 4 proposal down", "stage 6 scaled up", "stage 6 write failed", "metric Pods average",
		"condition AbleToScale=True SucceededRescale",
	} {
		if strings.Contains(got, b+":") {
			t.Errorf("%q is said to be short", b)
		}
	}
	if p := c.ScaledPercent(); p != 50 {
		t.Errorf("%v %% scaled, want 50", p)
	}
}

// TestADifferenceInAnyFieldIsFound holds the comparison itself: it is total.
func TestADifferenceInAnyFieldIsFound(t *testing.T) {
	n, m := int32(3), int32(4)
	for field, change := range map[string]func(*oracle.Tick){
		"T":              func(t *oracle.Tick) { t.T = 15 },
		"SpecReplicas":   func(t *oracle.Tick) { t.SpecReplicas++ },
		"StatusReplicas": func(t *oracle.Tick) { t.StatusReplicas++ },
		"Pods":           func(t *oracle.Tick) { t.Pods.Pending++ },
		"Metrics":        func(t *oracle.Tick) { t.Metrics[0].Utilization = &n },
		"Proposed":       func(t *oracle.Tick) { t.Proposed = &n },
		"By":             func(t *oracle.Tick) { t.By = "cpu" },
		"Desired":        func(t *oracle.Tick) { t.Desired++ },
		"ScaledTo":       func(t *oracle.Tick) { t.ScaledTo = &m },
		"Conditions":     func(t *oracle.Tick) { t.Conditions[0].Message = "so" },
		"Events":         func(t *oracle.Tick) { t.Events = []oracle.Event{{Reason: "FailedRescale"}} },
		"Error":          func(t *oracle.Tick) { t.Error = "no" },
	} {
		tick := func() oracle.Tick {
			return oracle.Tick{Metrics: []oracle.Metric{{Type: "Pods"}}, Conditions: []oracle.Condition{{Type: "AbleToScale"}}}
		}
		other := tick()
		change(&other)
		if got := kind(Diff([]oracle.Tick{tick()}, []oracle.Tick{other})); got != field {
			t.Errorf("a difference in %s is found in %q", field, got)
		}
	}
	if d := Diff(make([]oracle.Tick, 2), make([]oracle.Tick, 1)); d == "" {
		t.Error("a missing sync is not found")
	}
}
