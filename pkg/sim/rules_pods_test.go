package sim_test

import (
	"slices"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// groups are a tick's groups, without those that f leaves out.
func groups(tick *sim.Tick, f func(*hpa.Group) bool) []hpa.Group {
	var all []hpa.Group
	for i := range tick.Observation.Groups {
		if g := &tick.Observation.Groups[i]; f(g) {
			all = append(all, *g)
		}
	}
	return all
}

func setReplicas(when time.Duration, n int32) sim.Fault {
	return sim.Fault{Kind: sim.FaultSetReplicas, At: when, Replicas: n}
}

func TestPodsAreCreatedAtTheFaultThenRunThenAreReady(t *testing.T) {
	w := still(1)
	w.Pods.Pending, w.Pods.Ready = 10*second, 30*second
	w.Faults = []sim.Fault{setReplicas(10*second, 3)}
	ticks := wantPods(t, w, map[time.Duration]sim.Counts{
		0: pods(1, 0, 0, 0, 0), 15 * second: pods(1, 0, 2, 0, 0), 30 * second: pods(1, 2, 0, 0, 0), 45 * second: pods(3, 0, 0, 0, 0),
	})
	for start, want := range map[time.Duration]hpa.Group{
		15 * second: {Phase: hpa.PhasePending, Ready: hpa.ReadyFalse, Transition: 10 * second},
		30 * second: {Phase: hpa.PhaseRunning, Ready: hpa.ReadyFalse, Transition: 10 * second},
		45 * second: {Phase: hpa.PhaseRunning, Ready: hpa.ReadyTrue, Transition: 40 * second},
	} {
		want.Pods, want.Started, want.Start = 2, true, 10*second
		if got := at(t, ticks, start).Observation.Groups[1]; got != want {
			t.Errorf("at %v: %+v, want %+v", start, got, want)
		}
	}
}

func TestPodsAreCreatedAtTheScaleWrite(t *testing.T) {
	w := still(2)
	w.Autoscaler = requestsPerPod(10)
	w.SyncLatency = second
	w.Demand[0].Values, w.Demand[0].Scale = []int64{400}, 1000
	ticks := replay(t, w)
	if d := ticks[0].Decision; !d.Scaled || d.Desired != 4 || ticks[0].SpecReplicas != 2 || ticks[0].StatusReplicas != 2 {
		t.Fatalf("first sync: %+v", ticks[0])
	}
	got := ticks[1].Observation.Groups
	if ticks[1].SpecReplicas != 4 || len(got) != 2 || got[1].Pods != 2 || got[1].Start != second {
		t.Errorf("second sync: %d replicas, groups %+v; want two pods from 1s", ticks[1].SpecReplicas, got)
	}
}

func TestAPodIsNotReadyBeforeItRuns(t *testing.T) {
	w := still(1)
	w.Pods.Pending, w.Pods.Ready = 20*second, 5*second
	w.Faults = []sim.Fault{setReplicas(5*second, 2)}
	wantPods(t, w, map[time.Duration]sim.Counts{15 * second: pods(1, 0, 1, 0, 0), 30 * second: pods(2, 0, 0, 0, 0)})
}

func TestTimesAreRoundedDownToSecondsAlsoBeforeZero(t *testing.T) {
	w := still(1)
	w.Pods.InitialAge, w.Pods.Ready = 1500*time.Millisecond, 700*time.Millisecond
	w.Pipeline.Age = 15100 * time.Millisecond
	w.Faults = []sim.Fault{setReplicas(2900*time.Millisecond, 2)}
	ticks := replay(t, w)
	if g := ticks[0].Observation.Groups[0]; g.Start != -2*second || g.Transition != -second {
		t.Errorf("born at -1.5s, Ready at -0.8s: start %v, transition %v", g.Start, g.Transition)
	}
	if g := ticks[1].Observation.Groups[1]; g.Start != 2*second || g.Transition != 3*second {
		t.Errorf("born at 2.9s, Ready at 3.6s: start %v, transition %v", g.Start, g.Transition)
	}
	if s := ticks[0].Observation.Readings[0].Samples[0]; s.Timestamp != -16*second {
		t.Errorf("a sample of -15.1s is stamped %v", s.Timestamp)
	}
}

func TestStatusReplicasCountsLivePods(t *testing.T) {
	w := still(4)
	w.Pods.Pending, w.Pods.Termination = time.Minute, time.Minute
	w.Faults = []sim.Fault{
		setReplicas(second, 3),
		{Kind: sim.FaultEvictPods, At: 2 * second, Ranks: []int{0}},
		{Kind: sim.FaultSurge, At: 3 * second, Replicas: 1},
	}
	tick := at(t, wantPods(t, w, map[time.Duration]sim.Counts{15 * second: pods(2, 0, 2, 1, 1)}), 15*second)
	if tick.SpecReplicas != 3 || tick.StatusReplicas != 4 {
		t.Errorf("spec %d, status %d replicas; want 3 and 4", tick.SpecReplicas, tick.StatusReplicas)
	}
}

func TestVictimsArePendingThenNotReadyThenReadyNewestFirst(t *testing.T) {
	base := func(to int32) *sim.World {
		w := still(2) // ranks 0, 1: Ready since long
		w.Pods.Pending, w.Pods.Ready = 6*second, 11*second
		w.Faults = []sim.Fault{
			setReplicas(second, 4),   // 2, 3: Ready at 12
			setReplicas(3*second, 6), // 4, 5: Running at 9, Ready at 14
			setReplicas(8*second, 8), // 6, 7: Running at 14
			{Kind: sim.FaultPodsNotReady, At: 10 * second, Ranks: []int{0}},
			setReplicas(13*second, to),
		}
		return w
	}
	for to, want := range map[int32]sim.Counts{
		7: pods(5, 2, 0, 0, 0), // 7, Pending, goes; 6 runs at 14
		6: pods(5, 1, 0, 0, 0), // 6, Pending, goes
		5: pods(4, 1, 0, 0, 0), // 5, not Ready
		4: pods(3, 1, 0, 0, 0), // 4, not Ready
		3: pods(3, 0, 0, 0, 0), // 0, held not Ready, before any Ready pod
		2: pods(2, 0, 0, 0, 0), // 3, the newest Ready one
		1: pods(1, 0, 0, 0, 0), // 2: the oldest left is 1
	} {
		tick := at(t, wantPods(t, base(to), map[time.Duration]sim.Counts{15 * second: want}), 15*second)
		if to == 1 && tick.Observation.Groups[0].Start != -time.Hour {
			t.Errorf("the last pod is from %v, want the old one", tick.Observation.Groups[0].Start)
		}
	}
}

func TestAVictimGoesOnAgingUntilItVanishes(t *testing.T) {
	w := still(1)
	w.Pods.Pending, w.Pods.Ready, w.Pods.Termination = 20*second, 35*second, 50*second
	w.Duration = 2 * time.Minute
	w.Faults = []sim.Fault{setReplicas(0, 2), setReplicas(10*second, 1)}
	ticks := replay(t, w)
	terminating := func(g *hpa.Group) bool { return g.Terminating }
	for start, want := range map[time.Duration]hpa.Group{
		15 * second: {Phase: hpa.PhasePending, Ready: hpa.ReadyFalse},
		30 * second: {Phase: hpa.PhaseRunning, Ready: hpa.ReadyFalse},
		45 * second: {Phase: hpa.PhaseRunning, Ready: hpa.ReadyTrue, Transition: 35 * second},
	} {
		want.Pods, want.Terminating, want.Started = 1, true, true
		if got := groups(at(t, ticks, start), terminating); !slices.Equal(got, []hpa.Group{want}) {
			t.Errorf("at %v: %+v, want %+v", start, got, want)
		}
	}
	if got := groups(at(t, ticks, 60*second), terminating); len(got) != 0 {
		t.Errorf("at the end of its termination: %+v, want nothing", got)
	}
}

func TestWithoutTerminationAVictimVanishesAtOnce(t *testing.T) {
	w := still(3)
	w.Faults = []sim.Fault{setReplicas(15*second, 1)}
	wantPods(t, w, map[time.Duration]sim.Counts{15 * second: pods(1, 0, 0, 0, 0)})
}

func TestEvictedPodsStayFailedAndAreReplaced(t *testing.T) {
	w := still(3)
	w.Pods.Ready = 20 * second
	w.Faults = []sim.Fault{{Kind: sim.FaultEvictPods, At: 5 * second, Ranks: []int{2, 0, 2, 17}}}
	wantPods(t, w, map[time.Duration]sim.Counts{15 * second: pods(1, 2, 0, 0, 2), 45 * second: pods(3, 0, 0, 0, 2)})
	w.Faults = append(w.Faults, setReplicas(20*second, 0))
	wantPods(t, w, map[time.Duration]sim.Counts{45 * second: pods(0, 0, 0, 0, 2)})
}

func TestRanksOfLaterFaultsSeeReplacements(t *testing.T) {
	w := still(2)
	evict := sim.Fault{Kind: sim.FaultEvictPods, At: 5 * second, Ranks: []int{0}}
	w.Faults = []sim.Fault{evict, evict, evict}
	tick := at(t, wantPods(t, w, map[time.Duration]sim.Counts{15 * second: pods(2, 0, 0, 0, 3)}), 15*second)
	failed := groups(tick, func(g *hpa.Group) bool { return g.Phase == hpa.PhaseFailed })
	if len(failed) != 1 || failed[0].Pods != 3 {
		t.Errorf("failed pods %+v, want both old ones and a replacement in one group", failed)
	}
}

func TestSurgeKeepsMorePodsThanAskedUnlessNoneIs(t *testing.T) {
	w := still(2)
	w.Duration = 2 * time.Minute
	w.Faults = []sim.Fault{
		{Kind: sim.FaultSurge, At: 10 * second, Replicas: 2},
		setReplicas(20*second, 3),
		setReplicas(40*second, 0),
		setReplicas(50*second, 1),
		{Kind: sim.FaultSurge, At: 70 * second, Replicas: 0},
	}
	ticks := replay(t, w)
	for start, want := range map[time.Duration]int32{0: 2, 15 * second: 4, 30 * second: 5, 45 * second: 0, 60 * second: 3, 75 * second: 1} {
		if got := at(t, ticks, start).StatusReplicas; got != want {
			t.Errorf("at %v: %d pods, want %d", start, got, want)
		}
	}
}

func TestASurgeLastsUnlessALaterOneReplacesIt(t *testing.T) {
	surge := func(when, length time.Duration, n int32) sim.Fault {
		return sim.Fault{Kind: sim.FaultSurge, At: when, For: length, Replicas: n}
	}
	for _, c := range []struct {
		name   string
		faults []sim.Fault
		want   []int32 // pods at 0, 15, 30, 45
	}{
		{"to its end", []sim.Fault{surge(10*second, 20*second, 2)}, []int32{1, 3, 1, 1}},
		{"a longer one begins", []sim.Fault{surge(10*second, 20*second, 2), surge(20*second, 20*second, 4)}, []int32{1, 3, 5, 1}},
		{"one begins as it ends", []sim.Fault{surge(10*second, 5*second, 2), surge(15*second, 0, 4)}, []int32{1, 5, 5, 5}},
		{"a shorter one ends both", []sim.Fault{surge(10*second, 0, 2), surge(20*second, 5*second, 4)}, []int32{1, 3, 1, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := still(1)
			w.Faults = c.faults
			for i, tick := range replay(t, w) {
				if tick.StatusReplicas != c.want[i] {
					t.Errorf("at %v: %d pods, want %d", tick.T, tick.StatusReplicas, c.want[i])
				}
			}
		})
	}
}

func TestPodsNotReadyTouchesReadyPodsAndEndsReadyAgain(t *testing.T) {
	w := still(2)
	w.Pods.InitialAge, w.Pods.Ready = time.Minute, 20*second
	w.Faults = []sim.Fault{
		setReplicas(5*second, 3),
		{Kind: sim.FaultPodsNotReady, At: 10500 * time.Millisecond, For: 31 * second, Ranks: []int{1, 2, 9}},
	}
	ticks := wantPods(t, w, map[time.Duration]sim.Counts{
		15 * second: pods(1, 2, 0, 0, 0), // 1 is held, 2 is starting
		30 * second: pods(2, 1, 0, 0, 0), // 2 became Ready on schedule
		45 * second: pods(3, 0, 0, 0, 0),
	})
	if g := at(t, ticks, 15*second).Observation.Groups[1]; g.Transition != 10*second || g.Ready != hpa.ReadyFalse {
		t.Errorf("held pod: %+v, want a transition at 10s", g)
	}
	if g := at(t, ticks, 45*second).Observation.Groups[1]; g.Transition != 41*second || g.Ready != hpa.ReadyTrue {
		t.Errorf("released pod: %+v, want a transition at 41s", g)
	}
}

func TestPodsNotReadyLeavesAlonePodsAlreadyHeld(t *testing.T) {
	hold := func(when, length time.Duration) sim.Fault {
		return sim.Fault{Kind: sim.FaultPodsNotReady, At: when, For: length, Ranks: []int{0}}
	}
	for _, c := range []struct {
		name   string
		faults []sim.Fault
		want   int32 // Ready at 30
	}{
		{"held by an earlier fault", []sim.Fault{hold(0, 20*second), hold(10*second, 30*second)}, 1},
		{"the earlier one ends at that instant, after its faults", []sim.Fault{hold(0, 10*second), hold(10*second, 30*second)}, 1},
		{"the earlier one has ended", []sim.Fault{hold(0, 10*second-1), hold(10*second, 30*second)}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := still(1)
			w.Faults = c.faults
			if got := at(t, replay(t, w), 30*second).Pods.Ready; got != c.want {
				t.Errorf("%d pods Ready, want %d", got, c.want)
			}
		})
	}
}

func TestAHeldVictimBecomesReadyWhileTerminating(t *testing.T) {
	w := still(2)
	w.Pods.Termination = time.Minute
	w.Faults = []sim.Fault{
		{Kind: sim.FaultPodsNotReady, At: 5 * second, For: 15 * second, Ranks: []int{0}},
		setReplicas(10*second, 1),
	}
	ticks := replay(t, w)
	for start, want := range map[time.Duration]hpa.Readiness{15 * second: hpa.ReadyFalse, 30 * second: hpa.ReadyTrue} {
		got := groups(at(t, ticks, start), func(g *hpa.Group) bool { return g.Terminating })
		if len(got) != 1 || got[0].Ready != want {
			t.Errorf("at %v: terminating %+v, want readiness %d", start, got, want)
		}
	}
}

func TestInitialPodsMayBeYoungAndOutOfBounds(t *testing.T) {
	w := still(200)
	w.Pods.InitialAge, w.Pods.Pending, w.Pods.Ready = 5*second, 10*second, 30*second
	ticks := wantPods(t, w, map[time.Duration]sim.Counts{0: pods(0, 0, 200, 0, 0), 15 * second: pods(0, 100, 0, 0, 0), 30 * second: pods(100, 0, 0, 0, 0)})
	if ticks[0].Decision.Branch != hpa.BranchAboveMax {
		t.Errorf("first sync: branch %d, want above max", ticks[0].Decision.Branch)
	}
}

func TestATransitionAtZeroFollowsTheFaultsOfZero(t *testing.T) {
	for age, want := range map[time.Duration]sim.Counts{30*second - 1: pods(0, 1, 0, 0, 0), 30 * second: pods(1, 0, 0, 0, 0), 30*second + 1: pods(0, 1, 0, 0, 0)} {
		w := still(1)
		w.Pods.InitialAge, w.Pods.Ready = age, 30*second
		w.Faults = []sim.Fault{{Kind: sim.FaultPodsNotReady, Ranks: []int{0}}}
		wantPods(t, w, map[time.Duration]sim.Counts{0: want})
	}
}

func TestPodsWithoutDelaysAreReadyAtOnce(t *testing.T) {
	w := still(1)
	w.Faults = []sim.Fault{setReplicas(15*second, 3)}
	wantPods(t, w, map[time.Duration]sim.Counts{15 * second: pods(3, 0, 0, 0, 0)})
}

func TestOldPodsMergeIntoOneGroup(t *testing.T) {
	w := still(1)
	w.Duration = 20 * time.Minute
	for i := range int32(9) {
		w.Faults = append(w.Faults, setReplicas(time.Duration(i)*7*second, 2+i))
	}
	ticks := replay(t, w)
	if n := len(at(t, ticks, 75*second).Observation.Groups); n != 10 {
		t.Errorf("%d groups after ten pods of different age, want 10", n)
	}
	if last := ticks[len(ticks)-1]; len(last.Observation.Groups) != 1 || last.Pods.Ready != 10 {
		t.Errorf("long after: %+v, want one group of 10", last.Observation.Groups)
	}
}
