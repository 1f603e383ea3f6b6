package hpa

import "time"

// peaks are the recommendations of a window of which its highest may yet be one:
// each is higher than all that came later. They ascend in time and descend in
// replicas, so the highest is the first.
type peaks struct {
	list []recommendation
	// first is the index of the first; those before it are forgotten.
	first int
}

// add remembers a recommendation later than all others. What is no higher than it
// leaves every window before it, and so is nobody's highest any more.
func (p *peaks) add(replicas int32, at time.Duration) {
	n := len(p.list)
	for n > p.first && p.list[n-1].replicas <= replicas {
		n--
	}
	switch {
	case n == p.first:
		n, p.first = 0, 0
	case n == cap(p.list):
		n = copy(p.list, p.list[p.first:n])
		p.first = 0
	}
	p.list = append(p.list[:n], recommendation{replicas, at})
}

// since forgets what came before an instant, and is the highest of the rest, or
// floor where that is higher.
func (p *peaks) since(from time.Duration, floor int32) int32 {
	for p.first < len(p.list) && p.list[p.first].at < from {
		p.first++
	}
	if p.first == len(p.list) {
		return floor
	}
	return max(floor, p.list[p.first].replicas)
}

// lastFrom is when the last one of at least n came.
func (p *peaks) lastFrom(n int32) (at time.Duration, ok bool) {
	for i := len(p.list) - 1; i >= p.first; i-- {
		if p.list[i].replicas >= n {
			return p.list[i].at, true
		}
	}
	return 0, false
}

// copyFrom makes p a copy of other.
func (p *peaks) copyFrom(other *peaks) {
	p.list, p.first = append(p.list[:0], other.list[other.first:]...), 0
}

// highest, without behavior, is the highest recommendation of the window and of a
// sole state.
func (s *Spec) highest(st *State, now time.Duration, proposed int32) int32 {
	highest := st.highs.since(now-s.Controller.DownscaleStabilization, proposed)
	st.highs.add(proposed, now)
	return highest
}

// extremes, with behavior, are the lowest recommendation of the up window and the
// highest of the down window of a sole state.
func (s *Spec) extremes(st *State, now time.Duration, proposed int32) (up, down int32) {
	down = st.highs.since(now-s.Down.Stabilization+1, proposed)
	up = -st.lows.since(now-s.Up.Stabilization+1, -proposed)
	st.highs.add(proposed, now)
	st.lows.add(-proposed, now)
	return up, down
}
