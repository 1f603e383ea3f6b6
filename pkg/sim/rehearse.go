package sim

import (
	"slices"
	"time"
)

// Rehearsal is a world in which something happens that is worth preparing for.
type Rehearsal struct {
	// Name says what happens, from At on, for For; 0 is to the end, or, of a rollout,
	// as long as it takes.
	Name    string
	At, For time.Duration
	// Faults are what happens, World the world with them.
	Faults []Fault
	World  World
}

// What the standard rehearsals do, around the peak or throughout.
const (
	rehearsedSpan   = 10 * time.Minute // half of it before the peak
	rehearsedGrowth = 1200
	rehearsedDouble = 2000
	rehearsedStart  = 4000
)

// Rehearsals returns the standard set for a world, each of which is w with one
// thing more: traffic × 1.2 throughout, traffic × 2, a metrics outage, metrics
// that read 0, pods that start four times as slowly, a node shortage and a
// rollout. What does not last throughout lasts ten minutes, from five minutes
// before the peak, or the start, on; the rollout begins then.
//
// The rollout replaces all pods by the workload's own rules (Pods.Rolling). It lasts
// as long as it takes: its For is 0, and the score tells how long that is
// (Rolling). Where no demand answers to traffic, its two are left out.
func (w *World) Rehearsals() []Rehearsal {
	from := max(0, w.PeakAt()-rehearsedSpan/2)
	const throughout, around = false, true
	every := APIResource | APICustom | APIExternal
	fault := func(name string, peak bool, f Fault) Rehearsal {
		if peak {
			f.At, f.For = from, rehearsedSpan
		}
		return Rehearsal{name, f.At, f.For, []Fault{f}, w.With(f)}
	}
	rollout := Fault{Kind: FaultRollout, At: from, Rolling: w.Pods.Rolling}
	all := []Rehearsal{
		fault("traffic x1.2", throughout, Fault{Kind: FaultTraffic, Factor: rehearsedGrowth}),
		fault("traffic x2", around, Fault{Kind: FaultTraffic, Factor: rehearsedDouble}),
		fault("metrics outage", around, Fault{Kind: FaultMetricsUnavailable, APIs: every}),
		fault("metrics read 0", around, Fault{Kind: FaultMetricsReadZero, APIs: every}),
		fault("slow start x4", throughout, Fault{Kind: FaultSlowStart, Factor: rehearsedStart}),
		fault("node shortage", around, Fault{Kind: FaultNodeShortage}),
		{"rollout", from, 0, []Fault{rollout}, w.With(rollout)},
	}
	if !w.some((*Demand).grows) {
		return all[2:]
	}
	return all
}

// With is w with some faults more, after its own at one instant.
func (w *World) With(faults ...Fault) World {
	out := *w
	out.Faults = slices.Clone(w.Faults)
	for _, f := range faults {
		i := len(out.Faults)
		for i > 0 && out.Faults[i-1].At > f.At {
			i--
		}
		out.Faults = slices.Insert(out.Faults, i, f)
	}
	return out
}

// PeakAt is when the load that the autoscaler looks at is highest, first of
// equals: the first demand that feeds one of its metrics, else the first one. It
// lies before the end.
func (w *World) PeakAt() time.Duration {
	for i := range w.Demand {
		for j := range w.Autoscaler.Metrics {
			if w.Demand[i].Feeds(&w.Autoscaler.Metrics[j]) {
				return w.peakOf(&w.Demand[i])
			}
		}
	}
	if len(w.Demand) == 0 {
		return 0
	}
	return w.peakOf(&w.Demand[0])
}

func (w *World) peakOf(d *Demand) time.Duration {
	if d.Role == RoleResponse {
		d = &w.Demand[w.Latency.Demand]
	}
	best := -1
	for i, v := range d.Values {
		if time.Duration(i)*d.Step >= w.Duration {
			break
		}
		if d.Null != nil && d.Null[i] {
			continue
		}
		if best < 0 || v > d.Values[best] {
			best = i
		}
	}
	return time.Duration(max(best, 0)) * d.Step
}
