package sim_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

const randomWorlds = 600

// TestWorldAgreesWithItsTwin replays random worlds twice, in groups and one pod
// at a time, and compares every sync and the score.
func TestWorldAgreesWithItsTwin(t *testing.T) {
	agrees(t, func(d dice) *sim.World { return d.world() }).check(t)
}

func TestScrapedWorldAgreesWithItsTwin(t *testing.T) {
	agrees(t, func(d dice) *sim.World { return d.scraped(d.world()) })
}

// TestWorldOfUnlikePodsAgreesWithItsTwin draws what differs from pod to pod, and
// nodes, in worlds seen through either pipeline.
func TestWorldOfUnlikePodsAgreesWithItsTwin(t *testing.T) {
	drawn := map[string]int{}
	agrees(t, func(d dice) *sim.World {
		w := d.world()
		if d.chance(40) {
			w = d.scraped(w)
		}
		d.unlike(w)
		d.hosted(w)
		for range d.IntN(3) {
			w.Faults = append(w.Faults, sim.Fault{Kind: sim.FaultRollout, At: d.span(w.Duration), Rolling: d.rolling()})
		}
		for name, list := range map[string][]time.Duration{
			"pending": w.Pods.Spread.Pending, "ready": w.Pods.Spread.Ready,
			"metricsDelay": w.Pods.Spread.MetricsDelay, "termination": w.Pods.Spread.Termination,
		} {
			if len(list) > 1 {
				drawn[name]++
			}
		}
		return w
	})
	for _, name := range []string{"pending", "ready", "metricsDelay", "termination"} {
		if drawn[name] < 100 {
			t.Errorf("%s is drawn in %d worlds only, want 100", name, drawn[name])
		}
	}
}

// agrees compares random worlds with their twins.
func agrees(t *testing.T, world func(dice) *sim.World) *coverage {
	t.Helper()
	covered := newCoverage()
	for seed := range uint64(randomWorlds) {
		w := askedFor(world(newDice(seed)), seed)
		if err := w.Validate(); err != nil {
			t.Fatalf("world %d: %v", seed, err)
		}
		var want []twinTick
		wantScore := newTwin(w).run(func(tick twinTick) { want = append(want, frozen(tick)) })
		i := 0
		score := w.Run(func(tick *sim.Tick) bool {
			if i >= len(want) {
				t.Fatalf("world %d: sync %d at %v: the twin has none", seed, i, tick.T)
			}
			if got := frozen(asTwins(tick)); !reflect.DeepEqual(got, want[i]) {
				t.Fatalf("world %d: sync %d at %v:\n got  %+v\n twin %+v", seed, i, tick.T, got, want[i])
			}
			covered.tick(tick)
			i++
			return true
		})
		if i != len(want) {
			t.Fatalf("world %d: %d syncs, the twin has %d", seed, i, len(want))
		}
		if diff := levelsApart(&score.Latency, &wantScore.Latency); diff != "" {
			t.Fatalf("world %d: latency: %s", seed, diff)
		}
		if !reflect.DeepEqual(score, wantScore) {
			t.Fatalf("world %d:\n got  %+v\n twin %+v", seed, score, wantScore)
		}
		if unseen := w.Run(nil); !reflect.DeepEqual(unseen, score) {
			t.Fatalf("world %d:\n unseen %+v\n seen   %+v", seed, unseen, score)
		}
		covered.world(w, &score)
	}
	return covered
}

// asTwins is a tick in the form that the twin has.
func asTwins(tick *sim.Tick) twinTick {
	c := twinTick{
		T: tick.T, At: tick.At, Spec: tick.SpecReplicas, Status: tick.StatusReplicas,
		Pods: tick.Pods, Decision: tick.Decision, AutoscalerMax: tick.Spec.Max,
	}
	c.Seen, c.Problems = told(tick.Observation, tick.Spec)
	return c
}

// frozen copies what the state would overwrite.
func frozen(tick twinTick) twinTick {
	d := &tick.Decision
	d.Metrics = append([]hpa.MetricStatus{}, d.Metrics...)
	d.Conditions = append([]hpa.Condition{}, d.Conditions...)
	d.Events = append([]hpa.Event{}, d.Events...)
	// It belongs to the state; pkg/sim/hpa and the sentences hold it to account.
	d.Basis = nil
	return tick
}

// coverage counts what the random worlds went through, because worlds that idle
// prove little.
type coverage struct {
	syncs, scaled int
	branches      map[hpa.Branch]int
	faults        map[sim.FaultKind]int
	standings     sim.Counts
	saturated     int
	// scored counts worlds in which a term of the score had something to say.
	scored map[string]int
	// worlds in which some work was turned away, waited, still did at the end, or
	// was a backlog
	shed, waited, queued, backlogs int
	// worlds with nodes, and among them those in which some came and some left
	hosted, grew, shrank int
	// worlds in which a metric follows from how busy the pods are, and among them
	// those in which they were busier than the model is known to hold for
	respond, beyond int
}

func newCoverage() *coverage {
	return &coverage{branches: map[hpa.Branch]int{}, faults: map[sim.FaultKind]int{}, scored: map[string]int{}}
}

func (c *coverage) tick(tick *sim.Tick) {
	c.syncs++
	c.branches[tick.Decision.Branch]++
	if tick.Decision.Scaled {
		c.scaled++
	}
	p := &tick.Pods
	for _, n := range []struct {
		pods int32
		seen *int32
	}{
		{p.Ready, &c.standings.Ready},
		{p.NotReady, &c.standings.NotReady},
		{p.Pending, &c.standings.Pending},
		{p.Terminating, &c.standings.Terminating},
		{p.Failed, &c.standings.Failed},
	} {
		if n.pods > 0 {
			*n.seen++
		}
	}
}

func (c *coverage) world(w *sim.World, s *sim.Score) {
	for i := range w.Faults {
		if w.Faults[i].At < w.Duration {
			c.faults[w.Faults[i].Kind]++
		}
	}
	if s.Saturated > 0 {
		c.saturated++
	}
	if s.Rolling > 0 {
		c.scored["rolling"]++
	}
	if w.Nodes.PodsPerNode > 0 {
		c.hosted++
		asIs := int64(w.Nodes.Initial) * w.Duration.Milliseconds()
		if s.NodeMillis > asIs {
			c.grew++
		}
		if s.NodeMillis < asIs {
			c.shrank++
		}
	}
	if n := len(w.Demand); n > 0 && w.Demand[n-1].Role == sim.RoleResponse {
		c.respond++
		if s.Latency.Untold() > 0 {
			c.beyond++
		}
	}
	for _, term := range sim.Terms() {
		if value, known := term.Of(s); known && value > 0 {
			c.scored[term.Name]++
		}
	}
	if s.Ebbed > 0 {
		c.scored["ebbed"]++
	}
	if len(s.Loads) > 1 {
		c.scored["several loads"]++
	}
	some := func(n *int, has func(i int, f *sim.Flow) bool) {
		for i := range s.Flows {
			if has(i, &s.Flows[i]) {
				*n++
				return
			}
		}
	}
	some(&c.shed, func(_ int, f *sim.Flow) bool { return f.Shed != sim.Amount{} })
	some(&c.waited, func(i int, f *sim.Flow) bool { return f.Waiting > 0 && w.Demand[i].Role == sim.RoleLoad })
	some(&c.queued, func(_ int, f *sim.Flow) bool { return f.Queued != sim.Amount{} })
	some(&c.backlogs, func(i int, f *sim.Flow) bool { return f.Served != sim.Amount{} && w.Demand[i].Role == sim.RoleBacklog })
}

func (c *coverage) check(t *testing.T) {
	t.Helper()
	t.Logf("terms above 0: %v", c.scored)
	t.Logf("%d syncs, %d scaled, branches %v, faults %v, syncs with pods %+v, %d worlds saturated",
		c.syncs, c.scaled, c.branches, c.faults, c.standings, c.saturated)
	for b := hpa.BranchUnreadable; b <= hpa.BranchMetrics; b++ {
		if c.branches[b] < 50 {
			t.Errorf("branch %d taken %d times, want at least 50", b, c.branches[b])
		}
	}
	for k := sim.FaultMetricsUnavailable; k <= sim.FaultRollout; k++ {
		if c.faults[k] < 50 {
			t.Errorf("fault %d happened %d times, want at least 50", k, c.faults[k])
		}
	}
	t.Logf("%d worlds shed work, in %d it waited, in %d to the end, %d have a backlog", c.shed, c.waited, c.queued, c.backlogs)
	if least := min(c.shed, c.waited, c.queued, c.backlogs); least < 50 {
		t.Errorf("of work shed, waiting, left or a backlog there are %d worlds only, want 50", least)
	}
	t.Logf("%d worlds respond, %d of them are busier than the model tells", c.respond, c.beyond)
	if least := min(c.respond, c.beyond); least < 50 {
		t.Errorf("in %d worlds metrics follow from how busy the pods are, %d are busier than the model tells: too few", c.respond, c.beyond)
	}
	if least := min(c.hosted, c.grew, c.shrank); c.hosted > 0 && least < 50 {
		t.Errorf("%d worlds have nodes, %d get more, %d fewer: too few", c.hosted, c.grew, c.shrank)
	}
	for _, name := range append(termNames(), "ebbed", "several loads", "rolling") {
		if c.hosted == 0 && (name == "nodeHours" || name == "nodeWaitMinutes" || name == "rolling") {
			continue
		}
		if c.scored[name] < 50 {
			t.Errorf("%s was more than 0 in %d worlds, want at least 50", name, c.scored[name])
		}
	}
	s := &c.standings
	if least := min(s.Ready, s.NotReady, s.Pending, s.Terminating, s.Failed); least < 500 {
		t.Errorf("some standing was seen at %d syncs only, want at least 500", least)
	}
	if c.scaled*20 < c.syncs || c.saturated < 50 {
		t.Errorf("%d of %d syncs scaled, %d worlds saturated: too idle", c.scaled, c.syncs, c.saturated)
	}
}
