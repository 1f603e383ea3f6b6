package sim_test

import (
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

func percent(n int32) sim.Share { return sim.Share{N: n, Percent: true} }

func rollout(when time.Duration, surge, unavailable sim.Share) sim.Fault {
	return sim.Fault{Kind: sim.FaultRollout, At: when, Rolling: sim.Rolling{MaxSurge: surge, MaxUnavailable: unavailable}}
}

// rolling is a world of n pods that take 20 s to become Ready and linger for 10.
func rolling(n int32, faults ...sim.Fault) *sim.World {
	w := still(n)
	w.Duration = 5 * time.Minute
	w.Pods.Pending, w.Pods.Ready, w.Pods.Termination = 5*second, 20*second, 10*second
	w.Faults = faults
	return w
}

func TestARolloutOfAQuarterAtATime(t *testing.T) {
	// Of 10, three more (2.5, rounded up) and two fewer (2.5, rounded down).
	w := rolling(10, rollout(11*second, percent(25), percent(25)))
	ticks := wantPods(t, w, map[time.Duration]sim.Counts{
		// 3 new, 2 old go, for them 2 new: 13 in all, 8 Ready.
		15 * second: pods(8, 0, 5, 2, 0),
		30 * second: pods(8, 5, 0, 0, 0),
		// At 31 five are Ready: five old go, five new come.
		45 * second: pods(8, 5, 0, 0, 0),
		// At 51: the last three old ones go, nothing comes.
		60 * second: pods(10, 0, 0, 3, 0),
		75 * second: pods(10, 0, 0, 0, 0),
	})
	for start, status := range map[time.Duration]int32{0: 10, 15 * second: 13, 45 * second: 13, 60 * second: 10} {
		if tick := at(t, ticks, start); tick.StatusReplicas != status || tick.SpecReplicas != 10 {
			t.Errorf("at %v: status %d of %d, want %d of 10", start, tick.StatusReplicas, tick.SpecReplicas, status)
		}
	}
	if s := w.Run(nil); s.Rolling != 40*second {
		t.Errorf("the rollout took %v, want 40s", s.Rolling)
	}
}

// TestARolloutWaitsForPodsToBeAvailable: the same, but a pod counts 30 s after it is
// Ready, to the second.
func TestARolloutWaitsForPodsToBeAvailable(t *testing.T) {
	w := rolling(10, rollout(11*second+500*time.Millisecond, percent(25), percent(25)))
	w.Pods.MinReady = 30 * second
	wantPods(t, w, map[time.Duration]sim.Counts{
		30 * second: pods(8, 5, 0, 0, 0),
		// At 31.5 five are Ready, but nothing goes until 61.
		60 * second: pods(13, 0, 0, 0, 0),
		75 * second: pods(8, 5, 0, 0, 0),
		90 * second: pods(13, 0, 0, 0, 0),
		// At 81 the others are Ready; the last three old ones go at 111.
		120 * second: pods(10, 0, 0, 3, 0),
		135 * second: pods(10, 0, 0, 0, 0),
	})
	if s := w.Run(nil); s.Rolling != 99500*time.Millisecond {
		t.Errorf("the rollout took %v, want 99.5s", s.Rolling)
	}
	// A pod that ceases to be Ready begins anew.
	w.Faults = append(w.Faults, sim.Fault{Kind: sim.FaultPodsNotReady, At: 60 * second, For: 10 * second, Ranks: []int{8, 9, 10, 11, 12}})
	wantPods(t, w, map[time.Duration]sim.Counts{90 * second: pods(13, 0, 0, 0, 0), 105 * second: pods(8, 5, 0, 5, 0)})
	for _, bad := range []time.Duration{-second, 500 * time.Millisecond} {
		if w.Pods.MinReady = bad; w.Validate() == nil {
			t.Errorf("%v is accepted", bad)
		}
	}
}

func TestTheRulesOfARollout(t *testing.T) {
	for _, c := range []struct {
		name               string
		pods               int32
		surge, unavailable sim.Share
		want               sim.Counts // at 15, after a rollout at 11
		took               time.Duration
	}{
		{"one at a time, one fewer", 3, sim.Share{}, sim.Share{N: 1}, pods(2, 0, 1, 1, 0), 40 * second},
		{"one at a time, one more", 3, sim.Share{N: 1}, sim.Share{}, pods(3, 0, 1, 0, 0), 60 * second},
		{"both come to nothing: one fewer", 3, percent(0), percent(25), pods(2, 0, 1, 1, 0), 40 * second},
		{"neither is given: a quarter", 4, sim.Share{}, sim.Share{}, pods(3, 0, 2, 1, 0), 40 * second},
		{"all at once, none before", 3, sim.Share{}, percent(100), pods(0, 0, 3, 3, 0), 0},
		{"all at once, none goes", 3, percent(100), sim.Share{}, pods(3, 0, 3, 0, 0), 20 * second},
		{"more than all", 3, sim.Share{N: 7}, sim.Share{N: 9}, pods(0, 0, 3, 3, 0), 0},
		{"of nothing", 0, percent(25), percent(25), pods(0, 0, 0, 0, 0), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := rolling(c.pods, rollout(11*second, c.surge, c.unavailable))
			wantPods(t, w, map[time.Duration]sim.Counts{15 * second: c.want, 285 * second: pods(c.pods, 0, 0, 0, 0)})
			if s := w.Run(nil); s.Rolling != c.took {
				t.Errorf("took %v, want %v", s.Rolling, c.took)
			}
		})
	}
}

func TestOldPodsThatAreNotReadyGoFirst(t *testing.T) {
	w := rolling(4, rollout(11*second, sim.Share{}, sim.Share{N: 1}))
	w.Faults = append([]sim.Fault{{Kind: sim.FaultPodsNotReady, At: 5 * second, Ranks: []int{0, 1}}}, w.Faults...)
	// Two are not Ready, one may be: one of them goes, and the three others stay.
	wantPods(t, w, map[time.Duration]sim.Counts{15 * second: pods(2, 1, 1, 1, 0), 285 * second: pods(4, 0, 0, 0, 0)})
}

func TestAScaleInMidRolloutIsSharedByBothTemplates(t *testing.T) {
	// 10 and 3 more: 8 old and 5 new when 6 (and 2 more) are asked for. Old ones are
	// to be 8 × 8/13 = 5 of them, new ones 5 × 8/13 = 3.
	w := rolling(10, rollout(11*second, percent(25), percent(25)), setReplicas(14*second, 6))
	ticks := wantPods(t, w, map[time.Duration]sim.Counts{15 * second: pods(5, 0, 3, 7, 0), 30 * second: pods(5, 3, 0, 0, 0), 285 * second: pods(6, 0, 0, 0, 0)})
	if n := at(t, ticks, 15*second).StatusReplicas; n != 8 {
		t.Errorf("%d pods, want 6 and 2 more", n)
	}
}

func TestAScaleOutMidRolloutIsSharedByBothTemplates(t *testing.T) {
	// 4 and 1 more: 3 old and 2 new when 8 (and 2 more) are asked for: 3 × 10/5 old
	// ones, 2 × 10/5 new ones.
	w := rolling(4, rollout(11*second, percent(25), percent(25)), setReplicas(14*second, 8))
	// The three Ready ones are fewer than 6, so none goes for it.
	wantPods(t, w, map[time.Duration]sim.Counts{15 * second: pods(3, 0, 6+1, 1, 0), 285 * second: pods(8, 0, 0, 0, 0)})
}

func TestToZeroAndBackMidRollout(t *testing.T) {
	w := rolling(4, rollout(11*second, percent(25), percent(25)), setReplicas(14*second, 0), setReplicas(40*second, 3))
	ticks := wantPods(t, w, map[time.Duration]sim.Counts{15 * second: pods(0, 0, 0, 6, 0), 30 * second: pods(0, 0, 0, 0, 0), 285 * second: pods(3, 0, 0, 0, 0)})
	if n := len(ticks[len(ticks)-1].Observation.Groups); n != 1 {
		t.Errorf("%d groups, want one of the new template", n)
	}
}

func TestASecondRolloutMakesAllPodsOld(t *testing.T) {
	one := sim.Share{N: 1}
	w := rolling(2, rollout(11*second, one, sim.Share{}), rollout(21*second, one, sim.Share{}))
	ticks := wantPods(t, w, map[time.Duration]sim.Counts{
		15 * second: pods(2, 0, 1, 0, 0),
		// The pod that is not Ready goes, for one of the second template.
		30 * second: pods(2, 1, 0, 1, 0),
		45 * second: pods(2, 0, 1, 1, 0),
	})
	if g := at(t, ticks, 30*second).Observation.Groups[1]; g.Start != 11*second || !g.Terminating {
		t.Errorf("at 30s: %+v, want the pod of the first rollout terminating", g)
	}
	if s := w.Run(nil); s.Rolling != 50*second {
		t.Errorf("rolled for %v, want from 11 to 61", s.Rolling)
	}
}

func TestAnEvictedPodComesBackWithItsTemplate(t *testing.T) {
	one := sim.Share{N: 1}
	// The old pod evicted at 15 is replaced by an old one, which is not Ready and
	// may not go before the new one is: that would be two fewer.
	w := rolling(3, rollout(11*second, one, sim.Share{}), sim.Fault{Kind: sim.FaultEvictPods, At: 15 * second, Ranks: []int{0}})
	wantPods(t, w, map[time.Duration]sim.Counts{15 * second: pods(2, 0, 2, 0, 1), 285 * second: pods(3, 0, 0, 0, 1)})
	if s := w.Run(nil); s.Rolling <= 40*second {
		t.Errorf("rolled for %v", s.Rolling)
	}
}

func TestTheSurgeTakesSlotsOfNodes(t *testing.T) {
	w := rolling(3, rollout(11*second, sim.Share{N: 1}, sim.Share{}))
	w.Nodes = sim.Nodes{PodsPerNode: 3, Initial: 1, Startup: 30 * second, Idle: time.Hour}
	wantPods(t, w, map[time.Duration]sim.Counts{30 * second: pods(3, 0, 1, 0, 0), 45 * second: pods(3, 0, 1, 0, 0), 60 * second: pods(3, 1, 0, 0, 0)})
	if s := w.Run(nil); s.Homeless != 30*second {
		t.Errorf("waited for %v, want 30s", s.Homeless)
	}
}

func TestTheSurgeInflatesWhatTheAutoscalerSees(t *testing.T) {
	w := rolling(4, rollout(11*second, percent(100), sim.Share{}))
	w.Autoscaler = requestsPerPod(20)
	w.Autoscaler.Metrics[0].Source = hpa.SourceExternal
	w.Demand[0].Source, w.Demand[0].Scale, w.Demand[0].Values = hpa.SourceExternal, 1000, []int64{400}
	ticks := replay(t, w)
	// 400 over the 8 of status.replicas is half of the target: 4 of 4 are asked for
	// still, as the metric is a total; its average tells of the surge.
	if d := at(t, ticks, 15*second).Decision; len(d.Metrics) != 1 || d.Metrics[0].Average != 50_000 {
		t.Errorf("at 15s: %+v, want an average of 50 over eight pods", d.Metrics)
	}
}

func TestOnePodAfterAnotherWithoutDelaysIsDoneAtOnce(t *testing.T) {
	w := still(5)
	w.Faults = []sim.Fault{rollout(10*second, sim.Share{}, sim.Share{N: 1})}
	ticks := wantPods(t, w, map[time.Duration]sim.Counts{15 * second: pods(5, 0, 0, 0, 0)})
	if g := at(t, ticks, 15*second).Observation.Groups; len(g) != 1 || g[0].Start != 10*second {
		t.Errorf("groups %+v, want five pods of 10s", g)
	}
}
