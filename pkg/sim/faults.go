package sim

import (
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
	// ranks are the faults' ranks, ascending, each once.
	ranks [][]int64

	// down counts the faults under way per metrics API, read and write those of
	// the scale.
	down        [apiCount]int
	read, write int
	// zero counts those whose values read 0.
	zero [apiCount]int
	// blind are the podsWithoutMetrics faults under way, dark the union of
	// their ranks, ascending.
	blind []bool
	dark  []int64
}

func (t *timeline) plan(faults []Fault) {
	t.ranks, t.blind = make([][]int64, len(faults)), make([]bool, len(faults))
	edges := make([]edge, 0, 2*len(faults))
	for i := range faults {
		f := &faults[i]
		edges = append(edges, edge{at: f.At, fault: i})
		for _, rank := range f.Ranks {
			t.ranks[i] = append(t.ranks[i], int64(rank))
		}
		t.ranks[i] = set(t.ranks[i])
	}
	for i := range faults {
		// Pods held not Ready, or slow, return by a transition of their own.
		if f := &faults[i]; f.Kind.Lasting() && f.For > 0 && f.Kind != FaultPodsNotReady && f.Kind != FaultSlowStart {
			edges = append(edges, edge{at: f.At + f.For, fault: i, end: true})
		}
	}
	// By instant, and within one as they stand: among the sorted instants, the
	// edges of one fill its places from the first.
	instants := make([]int64, 0, len(edges))
	for _, e := range edges {
		instants = append(instants, int64(e.at))
	}
	heapsort(instants)
	t.edges = make([]edge, len(edges))
	taken := make([]int, len(edges))
	for _, e := range edges {
		first, _ := slices.BinarySearch(instants, int64(e.at))
		t.edges[first+taken[first]] = e
		taken[first]++
	}
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
	t.blind[e.fault] = !e.end
	t.dark = t.dark[:0]
	for fault, under := range t.blind {
		if under {
			t.dark = append(t.dark, t.ranks[fault]...)
		}
	}
	t.dark = set(t.dark)
}

// set sorts ranks and drops those that repeat.
func set(ranks []int64) []int64 {
	heapsort(ranks)
	return slices.Compact(ranks)
}

// heapsort sorts in ascending order. It stands for slices.Sort, which alone
// would take 6 KB of the browser's 700.
func heapsort(a []int64) {
	for start, end := len(a)/2, len(a); end > 1; {
		if start > 0 {
			start--
		} else {
			end--
			a[0], a[end] = a[end], a[0]
		}
		for root := start; 2*root+1 < end; {
			child := 2*root + 1
			if child+1 < end && a[child] < a[child+1] {
				child++
			}
			if a[root] >= a[child] {
				break
			}
			a[root], a[child] = a[child], a[root]
			root = child
		}
	}
}

// surges begins or ends a surge. A later one replaces it, so its end is none.
func (r *run) surges(e edge) {
	switch {
	case !e.end:
		r.surge, r.surging = r.w.Faults[e.fault].Replicas, e.fault
	case r.surging == e.fault:
		r.surge = 0
	}
}

// happen makes an edge of a fault take effect on the world.
func (r *run) happen(e edge, now time.Duration) {
	f, change := &r.w.Faults[e.fault], 1
	if e.end {
		change = -1
	}
	switch f.Kind {
	case FaultMetricsUnavailable:
		f.APIs.count(&r.faults.down, change)
	case FaultMetricsReadZero:
		f.APIs.count(&r.faults.zero, change)
	case FaultPodsWithoutMetrics:
		r.faults.blinds(e)
	case FaultScaleReadFails:
		r.faults.read += change
	case FaultScaleWriteFails:
		r.faults.write += change
	case FaultSetReplicas:
		r.scale(f.Replicas, now)
	case FaultSurge:
		r.surges(e)
		r.scale(r.replicas, now)
	case FaultEvictPods:
		r.fleet.evict(r.faults.ranks[e.fault])
		r.scale(r.replicas, now)
	case FaultPodsNotReady:
		r.fleet.hold(r.faults.ranks[e.fault], now, f.until())
		r.scale(r.replicas, now)
	case FaultEditAutoscaler:
		r.edit(e.fault)
	case FaultTraffic:
		r.drives(e, now)
	case FaultSlowStart:
		r.fleet.slow, r.fleet.slowUntil = f.Factor, f.until()
	case FaultRollout:
		r.fleet.deployment.begin(f.Rolling)
		r.scale(r.replicas, now)
	case FaultNodeShortage:
		r.fleet.shorten(change, now)
	}
}

// until is when a lasting fault ends.
func (f *Fault) until() time.Duration {
	if f.For == 0 {
		return never
	}
	return f.At + f.For
}

// count changes the counts of the APIs of a set.
func (s APISet) count(counts *[apiCount]int, change int) {
	for api := range counts {
		if s&(1<<api) != 0 {
			counts[api] += change
		}
	}
}
