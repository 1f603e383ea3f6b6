package sim

import (
	"cmp"
	"slices"
	"time"
)

// edge is the beginning or the end of a fault.
type edge struct {
	at    time.Duration
	fault int
	end   bool
}

// timeline is every edge in the order in which the world meets them, and what
// holds between them.
type timeline struct {
	edges []edge
	// ranks are the faults' ranks, descending, each once.
	ranks [][]int64

	// down counts the faults under way per metrics API, read and write those of
	// the scale.
	down        [apiCount]int
	read, write int
	// blind are the podsWithoutMetrics faults under way, dark the union of
	// their ranks, ascending.
	blind []int
	dark  []int64
}

func newTimeline(faults []Fault) timeline {
	t := timeline{
		edges: make([]edge, 0, 2*len(faults)),
		ranks: make([][]int64, len(faults)),
		blind: make([]int, 0, len(faults)),
	}
	for i := range faults {
		f := &faults[i]
		t.edges = append(t.edges, edge{at: f.At, fault: i})
		if f.Kind.Lasting() && f.For > 0 {
			t.edges = append(t.edges, edge{at: f.At + f.For, fault: i, end: true})
		}
		for _, rank := range f.Ranks {
			t.ranks[i] = append(t.ranks[i], int64(rank))
		}
		slices.SortFunc(t.ranks[i], func(a, b int64) int { return cmp.Compare(b, a) })
		t.ranks[i] = slices.Compact(t.ranks[i])
	}
	slices.SortStableFunc(t.edges, func(a, b edge) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.fault, b.fault))
	})
	return t
}

// next is the instant of the next edge.
func (t *timeline) next() time.Duration {
	if len(t.edges) == 0 {
		return never
	}
	return t.edges[0].at
}

// pop takes the next edge, which must exist.
func (t *timeline) pop() edge {
	e := t.edges[0]
	t.edges = t.edges[1:]
	return e
}

// blinds begins or ends a podsWithoutMetrics fault.
func (t *timeline) blinds(e edge) {
	if e.end {
		t.blind = slices.DeleteFunc(t.blind, func(fault int) bool { return fault == e.fault })
	} else {
		t.blind = append(t.blind, e.fault)
	}
	t.dark = t.dark[:0]
	for _, fault := range t.blind {
		t.dark = append(t.dark, t.ranks[fault]...)
	}
	slices.Sort(t.dark)
	t.dark = slices.Compact(t.dark)
}

// happen makes an edge of a fault take effect on the world.
func (r *run) happen(e edge, now time.Duration) {
	f, change := &r.w.Faults[e.fault], 1
	if e.end {
		change = -1
	}
	switch f.Kind {
	case FaultMetricsUnavailable:
		for api := range r.faults.down {
			if f.APIs&(1<<api) != 0 {
				r.faults.down[api] += change
			}
		}
	case FaultPodsWithoutMetrics:
		r.faults.blinds(e)
	case FaultScaleReadFails:
		r.faults.read += change
	case FaultScaleWriteFails:
		r.faults.write += change
	case FaultSetReplicas:
		r.scale(f.Replicas, now)
	case FaultSurge:
		r.surge = f.Replicas
		r.scale(r.replicas, now)
	case FaultEvictPods:
		r.fleet.evict(r.faults.ranks[e.fault])
		r.scale(r.replicas, now)
	case FaultPodsNotReady:
		if e.end {
			r.fleet.release(e.fault, now)
		} else {
			r.fleet.hold(r.faults.ranks[e.fault], e.fault, now)
		}
	case FaultEditAutoscaler:
		r.edit(e.fault)
	}
}
