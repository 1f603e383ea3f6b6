package scenario

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/internal/fit"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// Backtest is what a replay is held against: the recorded scale, and the world
// in which the autoscaler that was in force decides.
type Backtest struct {
	// World is the replay's world without its faults, with the recorded
	// autoscaler where there is one; its edits are faults.
	World sim.World
	// Other is that world at the other end of what is not known of its demands; nil
	// where all is known.
	Other    *sim.World
	Recorded sim.Recorded
	// From names the series that gave the replica count.
	From string
	// Notes say which autoscaler it is, and what is not known of it.
	Notes []string
}

// reality finds what was recorded of the scale.
func (b *builder) reality() error {
	if len(b.pieces) == 0 {
		return nil
	}
	who := fit.Subject{
		Namespace: b.target.hpa.Namespace, Workload: b.target.hpa.V2.Spec.ScaleTargetRef.Name, Autoscaler: b.target.hpa.Name,
		Only: b.request.Namespace,
	}
	p := b.pieces[0]
	r := fit.Observe(p.rec, p.load, b.out.Start.UnixMilli(), who)
	if r == nil || len(r.Replicas) == 0 || r.Replicas[0].T > 0 || r.Replicas[0].N == sim.Unknown {
		return nil
	}
	out := &Backtest{World: b.out.World, Recorded: r.Recorded, From: r.From, Notes: r.Notes}
	out.World.Faults = nil
	out.inForce(r.InForce)
	if b.out.Other != nil {
		other := out.World
		other.Demand = b.out.Other.Demand
		out.Other = &other
	}
	b.out.Backtest = out
	return nil
}

func (t *Backtest) note(text string) { t.Notes = append(t.Notes, text) }

// inForce puts the recorded autoscaler in the place of the one given, with its
// edits over time. What kube-state-metrics does not tell stays as given.
func (t *Backtest) inForce(in *fit.InForce) {
	if in == nil {
		t.note("HPA: the one given; the recording has no kube_horizontalpodautoscaler_spec_* series to say which was in force")
		return
	}
	f := forced{in: in, current: t.World.Autoscaler}
	moments := f.moments()
	if len(moments) > maxEdits {
		t.note(fmt.Sprintf("HPA: the one given; that recorded, %s, changes %d times, more than the %d that are replayed", in.Name, len(moments), maxEdits))
		return
	}
	t.note("HPA: " + in.Name + " with its recorded min, max and targets; behavior, which is not recorded, is that of the HPA given")
	t.Notes = append(t.Notes, f.pair()...)
	for i, at := range moments {
		next, ok := f.at(at)
		switch {
		case !ok:
			t.note("the HPA recorded at +" + lengthText(at) + " is none that a cluster accepts, and is passed over")
		case i == 0:
			t.World.Autoscaler, f.current = next, next
		case f.differs(&next):
			t.World.Faults = append(t.World.Faults, sim.Fault{Kind: sim.FaultEditAutoscaler, At: at, Autoscaler: &next})
			f.current = next
		}
	}
	if n := len(t.World.Faults); n > 0 {
		t.note("the recorded HPA was edited " + times(n) + ", first at +" + lengthText(t.World.Faults[0].At))
	}
}

// maxEdits bounds the edits of a recorded autoscaler.
const maxEdits = 10_000

// times counts events.
func times(n int) string {
	if n == 1 {
		return "once"
	}
	return strconv.Itoa(n) + " times"
}

// forced applies a recorded autoscaler to the one given.
type forced struct {
	in *fit.InForce
	// current is the autoscaler in force so far.
	current hpa.Spec
	// metrics are the indices of the metrics that the recorded targets are of,
	// -1 for those that the HPA given does not have.
	metrics []int
}

// pair finds the metric of each recorded target, and says what has no partner.
func (f *forced) pair() (notes []string) {
	var foreign, silent []string
	mine := map[int]bool{}
	for _, t := range f.in.Targets {
		at := slices.IndexFunc(f.current.Metrics, func(m hpa.Metric) bool { return measures(&m, &t) })
		f.metrics = append(f.metrics, at)
		mine[at] = true
		if at < 0 {
			foreign = append(foreign, t.Metric+" ("+t.Type+")")
		}
	}
	for i := range f.current.Metrics {
		if !mine[i] {
			silent = append(silent, f.current.Metrics[i].Name)
		}
	}
	if len(foreign) > 0 {
		notes = append(notes, "the recorded HPA scaled on "+strings.Join(foreign, ", ")+", which the HPA given does not: what it decided by that cannot be replayed")
	}
	if len(silent) > 0 {
		notes = append(notes, "the recorded HPA has no target for "+strings.Join(silent, ", ")+": that of the HPA given stands in")
	}
	return notes
}

// measures says whether a recorded target may be that of a metric.
func measures(m *hpa.Metric, t *fit.Target) bool {
	name := m.Name
	if m.Source == hpa.SourceResource || m.Source == hpa.SourceContainerResource {
		name = m.Resource
	}
	kinds := map[hpa.Target]string{hpa.TargetUtilization: "utilization", hpa.TargetAverageValue: "average", hpa.TargetValue: "value"}
	return name == t.Metric && kinds[m.Target] == t.Type
}

// moments are the times at which anything recorded of the autoscaler changes,
// 0 among them.
func (f *forced) moments() []time.Duration {
	all := []time.Duration{0}
	for _, points := range [][]sim.Point{f.in.Min, f.in.Max} {
		for _, p := range points {
			all = append(all, p.T)
		}
	}
	for _, t := range f.in.Targets {
		for _, l := range t.Levels {
			all = append(all, l.T)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// at is the autoscaler from a moment on; what is not known stays as it was. ok
// is false where no cluster would accept it.
func (f *forced) at(t time.Duration) (spec hpa.Spec, ok bool) {
	spec = f.current
	spec.Metrics = slices.Clone(spec.Metrics)
	setBound(&spec.Min, f.in.Min, t)
	setBound(&spec.Max, f.in.Max, t)
	for i, target := range f.in.Targets {
		v := levelAt(target.Levels, t)
		if f.metrics[i] < 0 || math.IsNaN(v) {
			continue
		}
		goal := math.Round(v)
		if target.Type != "utilization" {
			goal = math.Ceil(v*1000 - 1e-6)
		}
		if goal < 1 || goal > maxMilli {
			return spec, false
		}
		spec.Metrics[f.metrics[i]].Goal = int64(goal)
	}
	return spec, spec.Min >= 0 && spec.Max >= max(spec.Min, 1) && spec.Max <= maxPods
}

// setBound takes over a bound where it is known.
func setBound(bound *int32, points []sim.Point, t time.Duration) {
	i, exact := slices.BinarySearchFunc(points, t, func(p sim.Point, t time.Duration) int { return cmp.Compare(p.T, t) })
	if !exact {
		i--
	}
	if i >= 0 && points[i].N != sim.Unknown {
		*bound = points[i].N
	}
}

// levelAt is the level at t, NaN before the first.
func levelAt(levels []fit.Level, t time.Duration) float64 {
	i, exact := slices.BinarySearchFunc(levels, t, func(l fit.Level, t time.Duration) int { return cmp.Compare(l.T, t) })
	if !exact {
		i--
	}
	if i < 0 {
		return math.NaN()
	}
	return levels[i].V
}

// differs says whether an autoscaler is not the one in force so far.
func (f *forced) differs(next *hpa.Spec) bool {
	same := func(a, b hpa.Metric) bool { return a.Goal == b.Goal }
	return next.Min != f.current.Min || next.Max != f.current.Max || !slices.EqualFunc(next.Metrics, f.current.Metrics, same)
}
