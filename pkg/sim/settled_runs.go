package sim

import (
	"math"
	"time"
)

// The syncs of a stretch on one metric are searched by runs of steps: the count
// rises only after as many proposals above it in a row as the up window holds, and
// falls only after as many below it as the down window holds. So of each run it is
// the last step that is looked at first, and where that one breaks it, so do
// all runs that would hold it (as Boyer and Moore search a text).

// runs looks for one direction's run that is long enough.
type runs struct {
	l  *lull
	c  *cursor
	up bool
	// lo and hi are the values of which runs are made.
	lo, hi int64
	// quorum is how many steps a run has at least, unless it goes on from before the
	// stretch or to its end.
	quorum int
	// at is the step before which none begins that matters, opens an instant before
	// which the limits allow no move.
	at    int
	opens time.Duration
}

// runsAhead is how many steps one direction is searched before the other is.
const runsAhead = 128

// plain says that only and recallOnly know the stretch.
func (l *lull) plain() bool {
	if len(l.lanes) != 1 {
		return false
	}
	c := &l.lanes[0]
	return c.lane.least >= 0 && c.lane.most <= c.band.most
}

// only is search on one metric, of which every value is known to lead somewhere.
func (l *lull) only() (wake time.Duration, moves bool) {
	c := &l.lanes[0]
	up := runs{l: l, c: c, up: true, lo: c.hi + 1, hi: math.MaxInt64, quorum: l.quorum(c, l.r.spec.HoldsUp(0)), at: c.i, opens: longAgo}
	down := runs{l: l, c: c, lo: math.MinInt64, hi: c.lo - 1, quorum: l.quorum(c, l.r.spec.HoldsDown(0)), at: c.i, opens: longAgo}
	if c.hi >= c.lane.most {
		up.at = len(c.values)
	}
	if c.lo <= c.lane.least {
		down.at = len(c.values)
	}
	for limit := c.i + runsAhead; ; limit += runsAhead {
		wake, begins, found := up.next(limit)
		if found {
			limit = begins
		}
		// What the other run begins before this one it ends before it, too.
		if other, _, sooner := down.next(limit); sooner {
			return other, true
		}
		if found {
			return wake, true
		}
		if limit >= len(c.values) {
			return l.end, false
		}
	}
}

// quorum is how many steps of a metric hold as many syncs as a window does.
func (l *lull) quorum(c *cursor, window time.Duration) int {
	return int(max(1, (window+c.step-1)/c.step))
}

// next is the first sync at which a run moves the count that begins before a step.
func (r *runs) next(limit int) (wake time.Duration, begins int, found bool) {
	l, c := r.l, r.c
	for r.at < min(limit, len(c.values)) {
		begins = r.begins(limit)
		if begins >= limit {
			r.at = begins
			break
		}
		if wake = r.moves(begins); wake >= l.end {
			r.at = len(c.values) // later ones come later
			break
		}
		if r.lasts(begins, c.reading(wake)) {
			return wake, begins, true
		}
	}
	return 0, 0, false
}

// begins is the first step from at on where a run may begin that is long enough, some
// step from limit on where none does before it.
func (r *runs) begins(limit int) int {
	values, i := r.c.values, r.at
	if i == r.c.i && r.has(values[i]) {
		return i
	}
	if limit = min(limit, len(values)); r.quorum == 1 && r.up {
		return r.c.table.within(values, i, limit, math.MinInt64, r.lo-1)
	}
	// Of the steps from i on those before sure are the run's.
	low, width := uint64(r.lo), uint64(r.hi)-uint64(r.lo)
	for sure := i; i < limit; {
		past := min(i+r.quorum, len(values))
		last := past - 1
		for last >= sure && uint64(values[last])-low <= width {
			last--
		}
		if last < sure {
			return i
		}
		i, sure = last+1, past
	}
	return i
}

// moves is the first sync at which the run that begins at a step moves the count, if
// it lasts until then.
func (r *runs) moves(begins int) time.Duration {
	l, s := r.l, r.l.r.spec
	from := l.from(r.c, begins)
	// When the count was last asked for, or what lies on its other side.
	before := from - l.period
	var holds time.Duration
	if r.up {
		if begins == r.c.i {
			before = l.low
		}
		holds = s.HoldsUp(before)
	} else {
		if begins == r.c.i {
			before = l.high
		}
		holds = s.HoldsDown(before)
	}
	r.opens = l.opens(r.up, max(from, holds, r.opens), l.end)
	return min(r.opens, l.end)
}

// lasts says whether the run that begins at a step goes on until another; where it
// does not, the search goes on behind it.
func (r *runs) lasts(begins, until int) bool {
	values := r.c.values
	for begins <= until {
		if !r.has(values[begins]) {
			r.at = begins
			return false
		}
		begins++
	}
	r.at = begins
	return true
}

// has says whether a value is one that runs are made of.
func (r *runs) has(v int64) bool { return v >= r.lo && v <= r.hi }

// recallOnly is recall on one metric: a step between those that were the highest
// and the lowest was proposed no more, and no less, than they.
func (l *lull) recallOnly(wake time.Duration) {
	c, s, a := &l.lanes[0], l.r.spec, &l.r.ahead
	at := wake - l.period
	step := c.reading(at)
	propose := func(v int64) int32 { return c.band.propose(&c.lane.probe, v) }
	v := c.values[step]
	most, least, n := v, v, propose(v)
	list, top, bottom := append(a.peaks[:0], proposal{n, at}), n, n
	highs, lows := wake-s.HoldsDown(0), wake-s.HoldsUp(0)
	for step--; step >= c.i; step-- {
		at = c.turn + time.Duration(step-c.i)*c.step - l.period
		if at <= highs && at <= lows {
			break
		}
		v = c.values[step]
		if v <= most && v >= least {
			continue
		}
		// What is out of one window may be in the other, and does no harm there.
		if n = propose(v); n > top || n < bottom {
			list = append(list, proposal{n, at})
		}
		top, bottom, most, least = max(top, n), min(bottom, n), max(most, v), min(least, v)
	}
	for i := len(list) - 1; i >= 0; i-- {
		l.r.state.Recommend(list[i].replicas, list[i].at)
	}
	a.peaks = list
}
