package sim_test

import (
	"slices"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

func version(t *testing.T, v string) hpa.Profile {
	t.Helper()
	p, err := hpa.ProfileFor(v, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestFirstSyncIsAtCreationFrom137AndOnePeriodLaterBefore(t *testing.T) {
	for v, want := range map[string][]time.Duration{
		"1.37": {0, 15 * second, 30 * second, 45 * second},
		"1.36": {15 * second, 30 * second, 45 * second},
	} {
		w := still(1)
		w.Autoscaler.Controller.Profile = version(t, v)
		if got := starts(replay(t, w)); !slices.Equal(got, want) {
			t.Errorf("%s: syncs at %v, want %v", v, got, want)
		}
	}
}

func TestNextSyncStartsOnePeriodAfterTheDecision(t *testing.T) {
	w := still(1)
	w.SyncLatency = 2 * second
	ticks := replay(t, w)
	if got, want := starts(ticks), []time.Duration{0, 17 * second, 34 * second, 51 * second}; !slices.Equal(got, want) {
		t.Errorf("syncs at %v, want %v", got, want)
	}
	for i := range ticks {
		if late := ticks[i].At - ticks[i].T; late != 2*second || ticks[i].Observation.Now != ticks[i].At {
			t.Errorf("the sync at %v decides %v later, sees %v", ticks[i].T, late, ticks[i].Observation.Now)
		}
	}
}

func TestSyncsStartBeforeTheEndAndMayDecideAfterIt(t *testing.T) {
	w := still(1)
	w.Duration, w.SyncLatency = 34*second+1, 2*second
	w.Faults = []sim.Fault{{Kind: sim.FaultSetReplicas, At: 35 * second, Replicas: 4}}
	ticks := replay(t, w)
	if last := ticks[len(ticks)-1]; last.T != 34*second || last.SpecReplicas != 4 {
		t.Errorf("last sync at %v sees %d replicas, want 34s and what happened at 35s", last.T, last.SpecReplicas)
	}
	w.Duration = 34 * second
	if got := starts(replay(t, w)); len(got) != 2 {
		t.Errorf("syncs at %v, want none at the end itself", got)
	}
	w.Duration = 0
	if s := w.Run(nil); s.Syncs != 0 || s.Duration != 0 {
		t.Errorf("a world without duration: %+v", s)
	}
}

func TestSyncReadsEverythingAtItsDecision(t *testing.T) {
	w := still(1)
	w.SyncLatency = 5 * second
	w.Demand[0].Step, w.Demand[0].Values = second, []int64{0, 1, 2, 3, 4, 5, 6}
	if sum := reported(&replay(t, w)[0]); sum != 5 {
		t.Errorf("the first sync sees %d, want the demand of second 5", sum)
	}
}

func TestDemandStepIsHeldAndSoIsTheLastValue(t *testing.T) {
	w := still(1)
	w.Demand[0].Step, w.Demand[0].Values = 20*second, []int64{1, 2, 3}
	var got []int64
	for _, tick := range replay(t, w) {
		got = append(got, reported(&tick))
	}
	if want := []int64{1, 1, 2, 3}; !slices.Equal(got, want) { // 0, 15, 30, 45
		t.Errorf("seen %v, want %v", got, want)
	}
	w.Demand[0].Values = []int64{1}
	if sum := reported(&replay(t, w)[3]); sum != 1 {
		t.Errorf("seen %d at the end, want the last value held", sum)
	}
}

func TestEditSyncsAtOnceFrom137WithoutMovingTheCadence(t *testing.T) {
	edited := frozenAutoscaler()
	edited.Min = 5
	for v, want := range map[string][]time.Duration{
		"1.37": {0, 15 * second, 20 * second, 30 * second, 45 * second},
		"1.36": {15 * second, 30 * second, 45 * second},
	} {
		w := still(2)
		w.Autoscaler.Controller.Profile = version(t, v)
		e := edited
		e.Controller = w.Autoscaler.Controller
		w.Faults = []sim.Fault{{Kind: sim.FaultEditAutoscaler, At: 20 * second, Autoscaler: &e}}
		ticks := replay(t, w)
		if got := starts(ticks); !slices.Equal(got, want) {
			t.Errorf("%s: syncs at %v, want %v", v, got, want)
		}
		first := want[slices.IndexFunc(want, func(at time.Duration) bool { return at >= 20*second })]
		if d := at(t, ticks, first).Decision; d.Branch != hpa.BranchBelowMin || !d.Scaled || d.Desired != 5 {
			t.Errorf("%s: the sync at %v decides %+v, want a jump to the new minimum", v, first, d)
		}
	}
}

func TestEditOnASyncInstantIsThatSync(t *testing.T) {
	w := still(2)
	e := frozenAutoscaler()
	e.Min = 5
	w.Faults = []sim.Fault{
		{Kind: sim.FaultEditAutoscaler, At: 15 * second, Autoscaler: &e},
		{Kind: sim.FaultEditAutoscaler, At: 20 * second, Autoscaler: &e},
		{Kind: sim.FaultEditAutoscaler, At: 20 * second, Autoscaler: &w.Autoscaler},
	}
	ticks := replay(t, w)
	if got, want := starts(ticks), []time.Duration{0, 15 * second, 20 * second, 30 * second, 45 * second}; !slices.Equal(got, want) {
		t.Errorf("syncs at %v, want %v", got, want)
	}
	if got := at(t, ticks, 15*second).Spec.Min; got != 5 {
		t.Errorf("the sync at 15s has min %d, want the edited 5", got)
	}
	if got := at(t, ticks, 20*second).Spec.Min; got != 1 {
		t.Errorf("the sync at 20s has min %d, want the last edit's 1", got)
	}
}

func TestEditWithLatencyDecidesThatMuchLater(t *testing.T) {
	w := still(2)
	w.SyncLatency = 2 * second
	e := frozenAutoscaler()
	w.Faults = []sim.Fault{{Kind: sim.FaultEditAutoscaler, At: 18 * second, Autoscaler: &e}}
	ticks := replay(t, w)
	want := []time.Duration{0, 17 * second, 18 * second, 34 * second, 51 * second}
	if got := starts(ticks); !slices.Equal(got, want) || at(t, ticks, 18*second).At != 20*second {
		t.Errorf("syncs at %v, want %v", got, want)
	}
}

func TestFaultsComeBeforeTransitionsBeforeTheSync(t *testing.T) {
	w := still(1)
	w.Pods.Ready = 10 * second
	w.Faults = []sim.Fault{
		{Kind: sim.FaultSetReplicas, At: 5 * second, Replicas: 2},
		// The new pod becomes Ready at this instant, after the fault looked.
		{Kind: sim.FaultPodsNotReady, At: 15 * second, Ranks: []int{0, 1}},
	}
	wantPods(t, w, map[time.Duration]sim.Counts{0: pods(1, 0, 0, 0, 0), 15 * second: pods(1, 1, 0, 0, 0)})
}

func TestFaultsOfOneInstantComeInFileOrder(t *testing.T) {
	for _, c := range []struct {
		name   string
		faults []sim.Fault
		want   int32
	}{
		{"the last one stands", []sim.Fault{{Replicas: 5}, {Replicas: 2}}, 2},
		{"the other way round", []sim.Fault{{Replicas: 2}, {Replicas: 5}}, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := still(3)
			for _, f := range c.faults {
				f.Kind, f.At = sim.FaultSetReplicas, 15*second
				w.Faults = append(w.Faults, f)
			}
			if got := at(t, replay(t, w), 15*second).SpecReplicas; got != c.want {
				t.Errorf("%d replicas, want %d", got, c.want)
			}
		})
	}
}

func TestFaultsNeedNotBeInTimeOrder(t *testing.T) {
	w := still(3)
	w.Faults = []sim.Fault{
		{Kind: sim.FaultSetReplicas, At: 30 * second, Replicas: 7},
		{Kind: sim.FaultSetReplicas, At: 10 * second, Replicas: 5},
	}
	ticks := replay(t, w)
	if a, b := at(t, ticks, 15*second).SpecReplicas, at(t, ticks, 30*second).SpecReplicas; a != 5 || b != 7 {
		t.Errorf("%d, then %d replicas, want 5, then 7", a, b)
	}
}

func TestIntervalsAreHalfOpenAndUnite(t *testing.T) {
	down := func(from, length time.Duration) sim.Fault {
		return sim.Fault{Kind: sim.FaultMetricsUnavailable, At: from, For: length, APIs: sim.APICustom}
	}
	for _, c := range []struct {
		name   string
		faults []sim.Fault
		want   []bool // at 0, 15, 30, 45
	}{
		{"the beginning belongs to it, the end does not", []sim.Fault{down(15*second, 15*second)}, []bool{false, true, false, false}},
		{"without a length it lasts to the end", []sim.Fault{down(15*second, 0)}, []bool{false, true, true, true}},
		{"the end of one does not end another", []sim.Fault{down(0, 40*second), down(10*second, 5*second)}, []bool{true, true, true, false}},
		{"one after the other leaves no hole", []sim.Fault{down(0, 15*second), down(15*second, 20*second)}, []bool{true, true, true, false}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := still(1)
			w.Faults = c.faults
			for i, tick := range replay(t, w) {
				if got := tick.Observation.Readings[0].Error != ""; got != c.want[i] {
					t.Errorf("unavailable at %v: %v, want %v", tick.T, got, c.want[i])
				}
			}
		})
	}
}
