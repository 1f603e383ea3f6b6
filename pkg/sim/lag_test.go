package sim_test

import (
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// rising is one pod that carries 100 a second at target; demand rises at step.
// Pods are Ready after 30 s.
func rising(step time.Duration, values ...int64) *sim.World {
	w := still(1)
	w.Duration = 3 * time.Minute
	w.Autoscaler = requestsPerPod(10)
	w.Pods.Ready = 30 * second
	w.Demand[0].Step, w.Demand[0].Values = step, values
	return w
}

// once is one stage of one need.
func once(t time.Duration) sim.Stage { return sim.Stage{Count: 1, Sum: t, Worst: t} }

// lags compares a world's lag with one computed by hand.
func lags(t *testing.T, w *sim.World, want sim.Lag) {
	t.Helper()
	if err := w.Validate(); err != nil {
		t.Fatal(err)
	}
	_, got := w.RunLag(nil)
	if want.Known = true; got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// met is one need that was met, by its stages but the last: pods take 30 s to start.
func met(sync, metrics, decision time.Duration) sim.Lag {
	const start = 30 * second
	return sim.Lag{
		Needs: 1, Met: 1, Sync: once(sync), Metrics: once(metrics), Decision: once(decision), Start: once(start),
		Total: once(sync + metrics + decision + start),
	}
}

// TestLagOfEachPipeline: demand rises 10 s or 1 s before the sync at 30 s.
func TestLagOfEachPipeline(t *testing.T) {
	// Seen at once, and answered.
	lags(t, rising(20*second, 100_000, 250_000), met(10*second, 0, 0))

	// metrics-server: the scrape at 30 s shows 253 of 250, the one at 45 s all of it.
	w := rising(29*second, 200, 1000)
	w.Autoscaler.Metrics = []hpa.Metric{cpu()}
	w.Demand[0] = cpuDemand("app", 200, 1000)
	w.Demand[0].Step = 29 * second
	w.Pipeline = sim.Pipeline{Kind: sim.PipelineResource, Resolution: 15 * second}
	lags(t, w, met(second, 15*second, 0))
	// Ten seconds in, it shows 733: three pods, and four are needed.
	w.Demand[0].Step = 20 * second
	lags(t, w, met(10*second, 0, 15*second))

	// Prometheus: at 30 s the rate over a minute is 102, at 45 s 135.
	w = rising(29*second, 100_000, 200_000)
	w.Pipeline = asked(1, 1).Pipeline
	lags(t, w, met(second, 15*second, 0))
}

func TestLagCountsTheTimeThatPoliciesTake(t *testing.T) {
	w := rising(20*second, 100_000, 400_000)
	w.Autoscaler.HasBehavior = true
	w.Autoscaler.Up = hpa.Rules{Policies: []hpa.Policy{{Type: hpa.PolicyPods, Value: 1, Period: 15 * second}}}
	w.Autoscaler.Down = w.Autoscaler.Up
	// Two pods at 30 s, three at 45 s, four at 60 s, Ready at 90 s.
	lags(t, w, met(10*second, 0, 30*second))
}

func TestANeedThatNobodyAnswersPasses(t *testing.T) {
	w := rising(5*second, 100_000, 300_000, 100_000) // for 5 s, between two syncs
	lags(t, w, sim.Lag{Needs: 1, Passed: 1})
	w = rising(20*second, 100_000, 300_000)
	w.Faults = []sim.Fault{setReplicas(25*second, 4)}
	lags(t, w, sim.Lag{Needs: 1, Passed: 1})
	// At 30 s it is too late, but a sync has seen it.
	w = rising(20*second, 100_000, 300_000, 100_000)
	w.Faults = []sim.Fault{{Kind: sim.FaultScaleWriteFails, At: 0, For: 35 * second}}
	lags(t, w, sim.Lag{Needs: 1, Passed: 1, Sync: once(10 * second), Metrics: once(0)})
}

func TestPodsThatAreNoLongerWantedAreWithdrawn(t *testing.T) {
	w := rising(20*second, 100_000, 300_000, 100_000)
	w.Faults = []sim.Fault{setReplicas(50*second, 1)}
	lags(t, w, sim.Lag{Needs: 1, Withdrawn: 1, Sync: once(10 * second), Metrics: once(0), Decision: once(0)})
}

func TestWhatIsNotOverAtTheEndIsOpen(t *testing.T) {
	w := rising(20*second, 100_000, 300_000)
	w.Duration = 50 * second
	lags(t, w, sim.Lag{Needs: 1, Open: 1, Sync: once(10 * second), Metrics: once(0), Decision: once(0)})
	w.Duration = 25 * second
	lags(t, w, sim.Lag{Needs: 1, Open: 1})
}

// TestNoNeedIsKnownWhereNoTargetSpeaksOfOnePod, nor one beyond max, nor of what
// more pods do not share.
func TestNoNeedIsKnownWhereNoTargetSpeaksOfOnePod(t *testing.T) {
	w := rising(20*second, 100_000, 300_000)
	w.Autoscaler.Max = 1
	lags(t, w, sim.Lag{})
	for name, change := range map[string]func(){
		"each pod has it": func() { w.Demand[0].Role = sim.RolePerPod },
		"a value for the fleet": func() {
			w.Demand[0].Role, w.Demand[0].Source = sim.RoleLoad, hpa.SourceObject
			w.Autoscaler.Metrics[0].Source, w.Autoscaler.Metrics[0].Target = hpa.SourceObject, hpa.TargetValue
		},
	} {
		change()
		if _, got := w.RunLag(nil); got != (sim.Lag{}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestANullStepChangesNoNeed: while nothing is known the need goes on.
func TestANullStepChangesNoNeed(t *testing.T) {
	w := rising(20*second, 100_000, 300_000, 0, 300_000)
	w.Demand[0].Null = []bool{2: true, 3: false}
	w.Faults = []sim.Fault{{Kind: sim.FaultScaleWriteFails, At: 0, For: 65 * second}}
	lags(t, w, met(10*second, 0, 45*second))
}

// TestEveryNeedIsAccountedFor in random worlds, and asking for the lag changes
// nothing else.
func TestEveryNeedIsAccountedFor(t *testing.T) {
	var sum sim.Lag
	for seed := range uint64(800) {
		w := newDice(seed).world()
		switch d := newDice(seed); seed % 3 {
		case 1:
			w = d.scraped(w)
		case 2:
			w = d.asked(w)
		}
		score, lag := w.RunLag(nil)
		if a, b := outcomeOf(w), score; a.score.ReplicaMillis != b.ReplicaMillis || a.score.Syncs != b.Syncs {
			t.Fatalf("world %d: %+v, with its lag %+v", seed, a.score, b)
		}
		if lag.Needs != lag.Met+lag.Passed+lag.Withdrawn+lag.Open || lag.Met != lag.Total.Count || lag.Met != lag.Start.Count {
			t.Fatalf("world %d: %+v", seed, lag)
		}
		if !(lag.Needs >= lag.Sync.Count && lag.Sync.Count >= lag.Metrics.Count && lag.Metrics.Count >= lag.Decision.Count && lag.Decision.Count >= lag.Met) {
			t.Fatalf("world %d: a stage ends before the one before it: %+v", seed, lag)
		}
		if d := lag.Decision.Count - lag.Met - lag.Withdrawn; d < 0 || d > lag.Open {
			t.Fatalf("world %d: %+v", seed, lag)
		}
		sum.Met, sum.Passed, sum.Withdrawn, sum.Open = sum.Met+lag.Met, sum.Passed+lag.Passed, sum.Withdrawn+lag.Withdrawn, sum.Open+lag.Open
	}
	if min(sum.Met, sum.Passed, sum.Open, 4*sum.Withdrawn) < 20 {
		t.Errorf("too few of one kind: %+v", sum)
	}
}
