package sim_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// outcome is what a replay came to, without names.
type outcome struct {
	at, t  []time.Duration
	counts []sim.Counts
	scales [][4]int32
	failed []bool
	score  sim.Score
}

func outcomeOf(w *sim.World) outcome {
	var o outcome
	o.score = w.Run(func(tick *sim.Tick) bool {
		d := &tick.Decision
		o.at, o.t = append(o.at, tick.At), append(o.t, tick.T)
		o.counts = append(o.counts, tick.Pods)
		o.scales = append(o.scales, [4]int32{tick.SpecReplicas, tick.StatusReplicas, d.Proposed, d.Desired})
		o.failed = append(o.failed, d.Failure.Failed())
		return true
	})
	return o
}

func TestTwoRunsOfOneWorldAreEqual(t *testing.T) {
	for seed := range uint64(100) {
		w := newDice(seed).world()
		first, second := outcomeOf(w), outcomeOf(w)
		if !reflect.DeepEqual(first, second) {
			t.Fatalf("world %d: two runs differ", seed)
		}
		if again := outcomeOf(newDice(seed).world()); !reflect.DeepEqual(first, again) {
			t.Fatalf("world %d: a run changed its world", seed)
		}
	}
}

// TestLatencyIsAShiftOfTime: a controller that takes L to decide and rests for P
// sees what one sees that decides at once every P+L, in a world L earlier.
func TestLatencyIsAShiftOfTime(t *testing.T) {
	for seed := range uint64(150) {
		early := newDice(seed).world()
		early.SyncLatency = 0
		early.Faults = slices.DeleteFunc(early.Faults, func(f sim.Fault) bool {
			return f.Kind == sim.FaultEditAutoscaler // its own sync starts, not decides, with it
		})
		latency := time.Duration(1+seed%5) * time.Minute
		for i := range early.Demand {
			d := &early.Demand[i]
			d.Step = max(d.Step.Truncate(10*time.Second), 10*time.Second)
			// Whatever waits makes a world remember how long it has been.
			d.Wait = 0
			if d.Role == sim.RoleBacklog {
				d.Role, d.Initial = sim.RoleExogenous, 0
			}
		}

		late := *early
		late.SyncLatency = latency
		early.Autoscaler.Controller.SyncPeriod += latency
		early.Duration = 40 * early.Autoscaler.Controller.SyncPeriod
		late.Duration = early.Duration
		if !late.Autoscaler.Controller.Profile.SyncsOnCreation {
			continue // the first sync would come before the shift
		}
		late.Pods.InitialAge = early.Pods.InitialAge + time.Hour
		early.Pods.InitialAge += time.Hour + latency
		late.Demand, late.Faults = delayed(&late, latency)

		a, b := outcomeOf(early), outcomeOf(&late)
		for i := range b.at {
			b.at[i] -= latency
		}
		if !slices.Equal(a.at, b.at) || !slices.Equal(a.counts, b.counts) || !slices.Equal(a.scales, b.scales) || !slices.Equal(a.failed, b.failed) {
			t.Fatalf("world %d: shifted by %v, decisions differ:\n%v\n%v", seed, latency, a.scales, b.scales)
		}
	}
}

// delayed is a world's demand and faults, later.
func delayed(w *sim.World, by time.Duration) ([]sim.Demand, []sim.Fault) {
	demand, faults := slices.Clone(w.Demand), slices.Clone(w.Faults)
	for i := range demand {
		d := &demand[i]
		d.Step = 10 * time.Second
		d.Values, d.Null = nil, nil
		old := &w.Demand[i]
		repeat := func(n time.Duration, j int) {
			for range n {
				d.Values = append(d.Values, old.Values[j])
				d.Null = append(d.Null, old.Null != nil && old.Null[j])
			}
		}
		repeat(by/d.Step, 0)
		for j := range old.Values {
			repeat(old.Step/d.Step, j)
		}
	}
	for i := range faults {
		faults[i].At += by
	}
	return demand, faults
}

func TestNamesChangeNothing(t *testing.T) {
	for seed := range uint64(150) {
		w, renamed := newDice(seed).world(), newDice(seed).world()
		rename(renamed)
		if !reflect.DeepEqual(outcomeOf(w), outcomeOf(renamed)) {
			t.Fatalf("world %d: other names, other decisions", seed)
		}
	}
}

// rename gives other names to whatever has no meaning by its name.
func rename(w *sim.World) {
	for i := range w.Pods.Containers {
		w.Pods.Containers[i].Name = "c-" + w.Pods.Containers[i].Name
	}
	for i := range w.Demand {
		d := &w.Demand[i]
		if d.Source == hpa.SourceResource {
			d.Container = "c-" + d.Container
		} else {
			d.Name += "_total"
		}
	}
	specs := []*hpa.Spec{&w.Autoscaler}
	for i := range w.Faults {
		if w.Faults[i].Autoscaler != nil {
			specs = append(specs, w.Faults[i].Autoscaler)
		}
	}
	for _, s := range specs {
		s.Reference = "StatefulSet/elsewhere/other"
		for i := range s.Metrics {
			m := &s.Metrics[i]
			m.Proposal += " renamed"
			switch m.Source {
			case hpa.SourceContainerResource:
				m.Container = "c-" + m.Container
				m.Name = m.Container + "/" + m.Resource
			case hpa.SourcePods, hpa.SourceObject, hpa.SourceExternal:
				m.Name += "_total"
			default:
			}
		}
	}
}

// TestFaultsThatDoNothingChangeNothing adds faults that touch no pod and stop
// nothing, and a nil Null for one that is all false.
func TestFaultsThatDoNothingChangeNothing(t *testing.T) {
	for seed := range uint64(100) {
		w, more := newDice(seed).world(), newDice(seed).world()
		for i := range 20 {
			when := time.Duration(i) * 11 * time.Second
			more.Faults = append(more.Faults,
				sim.Fault{Kind: sim.FaultPodsNotReady, At: when, For: time.Minute, Ranks: []int{1000}},
				sim.Fault{Kind: sim.FaultEvictPods, At: when, Ranks: []int{1000}},
				sim.Fault{Kind: sim.FaultPodsWithoutMetrics, At: when, Ranks: []int{1000}},
				sim.Fault{Kind: sim.FaultMetricsUnavailable, At: when},
			)
		}
		for i := range more.Demand {
			if d := &more.Demand[i]; d.Null == nil {
				d.Null = make([]bool, len(d.Values))
			}
		}
		if !reflect.DeepEqual(outcomeOf(w), outcomeOf(more)) {
			t.Fatalf("world %d: faults without effect have one", seed)
		}
	}
}

// TestScoreIsConsistent holds what must be true of any score.
func TestScoreIsConsistent(t *testing.T) {
	for seed := range uint64(200) {
		w := newDice(seed).world()
		writes := int64(0)
		s := w.Run(func(tick *sim.Tick) bool {
			if tick.Decision.Scaled {
				writes++
			}
			return true
		})
		var total time.Duration
		for i, at := range s.TimeAt {
			total += at.Time
			if at.Time <= 0 || i > 0 && at.Replicas <= s.TimeAt[i-1].Replicas {
				t.Fatalf("world %d: times %v are not ascending, or empty", seed, s.TimeAt)
			}
		}
		if total != s.Duration || s.Duration != w.Duration {
			t.Fatalf("world %d: times add up to %v of %v", seed, total, s.Duration)
		}
		if s.ScaleUps+s.ScaleDowns != writes || s.DirectionChanges > max(writes-1, 0) || s.Saturated > s.Duration || s.FailedSyncs > s.Syncs {
			t.Fatalf("world %d: %d writes, %+v", seed, writes, s)
		}
	}
}
