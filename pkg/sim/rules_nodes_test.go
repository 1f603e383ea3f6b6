package sim_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// hostedStill is still on nodes.
func hostedStill(pods int32, n sim.Nodes) *sim.World {
	w := still(pods)
	w.Duration = 5 * time.Minute
	w.Nodes = n
	return w
}

func TestPodsWithoutASlotWaitForANodeInTheOrderOfCreation(t *testing.T) {
	w := hostedStill(2, sim.Nodes{PodsPerNode: 3, Initial: 1, Startup: 60 * second, Idle: time.Hour})
	w.Pods.Pending, w.Pods.Ready = 5*second, 20*second
	w.Faults = []sim.Fault{
		setReplicas(10*second, 5), // one slot is free, a second node comes at 70
		setReplicas(40*second, 8), // and holds three, a third comes at 100
	}
	ticks := wantPods(t, w, map[time.Duration]sim.Counts{
		15 * second:  pods(2, 1, 2, 0, 0), // the first of three runs
		30 * second:  pods(3, 0, 2, 0, 0),
		60 * second:  pods(3, 0, 5, 0, 0),
		75 * second:  pods(3, 3, 2, 0, 0), // born anew at 70
		90 * second:  pods(6, 0, 2, 0, 0),
		105 * second: pods(6, 2, 0, 0, 0),
		120 * second: pods(8, 0, 0, 0, 0),
	})
	got := at(t, ticks, 75*second).Observation.Groups
	// The two created at 10 and the first of those created at 40 are alike now.
	want := []hpa.Group{
		{Pods: 3, Start: 70 * second, Transition: 70 * second, Started: true, Ready: hpa.ReadyFalse},
		{Pods: 2, Start: 40 * second, Transition: 40 * second, Started: true, Ready: hpa.ReadyFalse, Phase: hpa.PhasePending},
	}
	if len(got) < 2 || got[len(got)-2] != want[0] || got[len(got)-1] != want[1] {
		t.Errorf("groups at 75s: %+v, want at the end %+v", got, want)
	}
	s := w.Run(nil)
	// Waited from 10 to 100; nodes: 1 until 70, 2 until 100, 3 then.
	if s.Homeless != 90*second || s.NodeMillis != 1000*(70+2*30+3*200) {
		t.Errorf("pods waited for %v, %d node-milliseconds", s.Homeless, s.NodeMillis)
	}
}

func TestHeadroomIsAskedForBeforeItIsNeeded(t *testing.T) {
	w := hostedStill(3, sim.Nodes{PodsPerNode: 3, Initial: 1, Headroom: 2, Startup: 30 * second, Idle: time.Hour})
	w.Faults = []sim.Fault{setReplicas(60*second, 6)}
	if s := w.Run(nil); s.Homeless != 0 || s.NodeMillis != 1000*(30+2*60+3*210) {
		t.Errorf("pods waited for %v, %d node-milliseconds; want none, a second node at 30s and a third at 90s", s.Homeless, s.NodeMillis)
	}
}

func TestNodesLeaveWhenTheyWereNotNeededForLong(t *testing.T) {
	w := hostedStill(6, sim.Nodes{PodsPerNode: 2, Initial: 3, Startup: 30 * second, Idle: 60 * second})
	w.Faults = []sim.Fault{
		setReplicas(10*second, 4), // two nodes needed
		setReplicas(50*second, 2), // one
		setReplicas(65*second, 4), // two: that not needed since 50 is used again
	}
	// So the one not needed since 10 leaves at 70.
	if s := w.Run(nil); s.NodeMillis != 1000*(3*70+2*230) {
		t.Errorf("%d node-milliseconds, want those of 3 until 70s and 2 then", s.NodeMillis)
	}
}

func TestAPodThatTerminatesKeepsItsSlot(t *testing.T) {
	for _, lingers := range []time.Duration{0, 20 * second} {
		w := hostedStill(3, sim.Nodes{PodsPerNode: 3, Initial: 1, Max: 1, Idle: time.Hour})
		w.Pods.Termination = lingers
		w.Faults = []sim.Fault{setReplicas(10*second, 2), setReplicas(12*second, 3)}
		waited := time.Duration(0)
		if lingers > 0 {
			waited = 18 * second
		}
		if s := w.Run(nil); s.Homeless != waited {
			t.Errorf("terminating for %v: the new pod waited for %v, want %v", lingers, s.Homeless, waited)
		}
	}
}

func TestAFailedPodLeavesItsSlot(t *testing.T) {
	w := hostedStill(3, sim.Nodes{PodsPerNode: 3, Initial: 1, Max: 1, Idle: time.Hour})
	w.Faults = []sim.Fault{{Kind: sim.FaultEvictPods, At: 10 * second, Ranks: []int{0, 1}}}
	wantPods(t, w, map[time.Duration]sim.Counts{15 * second: pods(3, 0, 0, 0, 2)})
}

func TestNoMoreNodesComeThanThereMayBe(t *testing.T) {
	w := hostedStill(2, sim.Nodes{PodsPerNode: 2, Initial: 1, Max: 2, Startup: 10 * second, Idle: time.Hour})
	w.Faults = []sim.Fault{setReplicas(0, 9)}
	wantPods(t, w, map[time.Duration]sim.Counts{0: pods(2, 0, 7, 0, 0), 15 * second: pods(4, 0, 5, 0, 0), 240 * second: pods(4, 0, 5, 0, 0)})
}

func TestVictimsThatWaitForANodeGoFirstAndGetNone(t *testing.T) {
	w := hostedStill(2, sim.Nodes{PodsPerNode: 2, Initial: 1, Startup: 40 * second, Idle: 10 * second})
	w.Pods.Termination = 90 * second
	w.Faults = []sim.Fault{setReplicas(10*second, 4), setReplicas(20*second, 2)}
	// The node asked for comes all the same, and leaves ten seconds later.
	wantPods(t, w, map[time.Duration]sim.Counts{15 * second: pods(2, 0, 2, 0, 0), 75 * second: pods(2, 0, 0, 2, 0), 120 * second: pods(2, 0, 0, 0, 0)})
	if s := w.Run(nil); s.NodeMillis != 1000*(300+10) || s.Homeless != 10*second {
		t.Errorf("%d node-milliseconds, waited for %v", s.NodeMillis, s.Homeless)
	}
}

func TestInAShortageNodesDoNotComeAndSlotsAreTaken(t *testing.T) {
	w := hostedStill(1, sim.Nodes{PodsPerNode: 2, Initial: 1, Startup: 10 * second, Idle: time.Hour})
	w.Faults = []sim.Fault{
		{Kind: sim.FaultNodeShortage, At: 5 * second, For: 55 * second},
		setReplicas(10*second, 3), // one finds a slot; the other's node is due at 20
		setReplicas(55*second, 5), // due at 65
	}
	wantPods(t, w, map[time.Duration]sim.Counts{
		15 * second: pods(2, 0, 1, 0, 0), 45 * second: pods(2, 0, 1, 0, 0), 60 * second: pods(4, 0, 1, 0, 0), 75 * second: pods(5, 0, 0, 0, 0),
	})
}

// TestNodesWithoutEndChangeNothing: with room for every pod the world is the one
// without nodes.
func TestNodesWithoutEndChangeNothing(t *testing.T) {
	for seed := range uint64(100) {
		w := newDice(seed).world()
		for i := range w.Faults {
			if f := &w.Faults[i]; f.Kind == sim.FaultNodeShortage {
				f.Kind = sim.FaultPodsWithoutMetrics // it has another meaning
			}
		}
		roomy := *w
		roomy.Nodes = sim.Nodes{PodsPerNode: 1000, Initial: 1, Startup: time.Minute, Idle: 24 * time.Hour}
		a, b := outcomeOf(w), outcomeOf(&roomy)
		b.score.NodeMillis = 0
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("world %d: nodes with room for all change something", seed)
		}
	}
}
