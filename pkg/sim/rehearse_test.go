package sim_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// day is a world of an hour that wants one pod per 100 of load, with a peak of
// 800 at 30 minutes, and a capacity of 120 a pod.
func day() *sim.World {
	w := still(2)
	w.Autoscaler = requestsPerPod(20)
	w.Pods.Ready = 30 * second
	w.Duration = time.Hour
	d := &w.Demand[0]
	d.Step, d.Capacity = 5*time.Minute, 120_000
	d.Values = []int64{200_000, 200_000, 200_000, 400_000, 400_000, 600_000, 800_000, 800_000, 400_000, 200_000, 200_000, 200_000}
	return w
}

func TestRehearsalsHappenAroundThePeak(t *testing.T) {
	w := day()
	if at := w.PeakAt(); at != 30*time.Minute {
		t.Fatalf("the peak is at %v", at)
	}
	surge := sim.Fault{Kind: sim.FaultSurge, At: 26 * time.Minute, For: time.Minute, Replicas: 1}
	w.Faults = []sim.Fault{surge}
	names := map[string]bool{}
	for _, r := range w.Rehearsals() {
		names[r.Name] = true
		if err := r.World.Validate(); err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
		if len(r.World.Faults) < 2 {
			t.Fatalf("%s: faults %+v", r.Name, r.World.Faults)
		}
		first := r.World.Faults[0]
		switch {
		case first.At != r.At || r.Name != "rollout" && first.For != r.For,
			r.At != 0 && r.At != 25*time.Minute, r.At == 0 && r.For != 0,
			r.At != 0 && r.Name != "rollout" && r.For != 10*time.Minute:
			t.Errorf("%s at %v for %v: %+v", r.Name, r.At, r.For, first)
		case r.Name == "rollout" && (len(r.World.Faults) != 2 || r.For != 0 || first.At != 25*time.Minute || first.Kind != sim.FaultRollout):
			t.Errorf("rollout of 4 pods: %+v", r.World.Faults)
		}
	}
	if len(names) != 7 || len(w.Faults) != 1 {
		t.Errorf("%d rehearsals, %d faults left", len(names), len(w.Faults))
	}
}

// TestRehearsalsDoWhatTheySay looks at what each must do to the score.
func TestRehearsalsDoWhatTheySay(t *testing.T) {
	w := day()
	base := w.Run(nil)
	if base.Saturated > 2*time.Minute || base.FailedSyncs > 0 {
		t.Fatalf("as it is: %+v", base)
	}
	for _, r := range w.Rehearsals() {
		s := r.World.Run(nil)
		worse := s.Saturated > base.Saturated
		switch r.Name {
		case "traffic x1.2", "traffic x2":
			worse = s.ReplicaMillis > base.ReplicaMillis
		case "metrics outage":
			worse = worse && s.FailedSyncs == 40
		case "metrics read 0":
			worse = worse && s.ScaleDowns > base.ScaleDowns
		}
		if !worse {
			t.Errorf("%s: %+v\nas it is: %+v", r.Name, s, base)
		}
	}
}

func TestAPeakIsFoundWhereThereIsOne(t *testing.T) {
	w := day()
	w.Demand[0].Null = make([]bool, 12)
	w.Demand[0].Null[6], w.Demand[0].Null[7] = true, true
	if at := w.PeakAt(); at != 25*time.Minute {
		t.Errorf("without the null steps at %v", at)
	}
	w.Duration = 20 * time.Minute
	if at := w.PeakAt(); at != 15*time.Minute {
		t.Errorf("in 20 minutes at %v", at)
	}
	w.Demand = nil
	if at := w.PeakAt(); at != 0 {
		t.Errorf("of nothing at %v", at)
	}
}

func TestARehearsalsFaultsMakeItsWorld(t *testing.T) {
	w := day()
	for _, r := range w.Rehearsals() {
		if diff := cmp.Diff(r.World.Faults, w.With(r.Faults...).Faults); diff != "" {
			t.Errorf("%s (-world +faults):\n%s", r.Name, diff)
		}
	}
	w.Demand[0].Role = sim.RolePerPod
	for _, r := range w.Rehearsals() {
		if r.Faults[0].Kind == sim.FaultTraffic {
			t.Errorf("%s of a demand that does not answer to traffic", r.Name)
		}
	}
}
