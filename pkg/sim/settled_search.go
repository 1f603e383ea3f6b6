package sim

import (
	"math"
	"time"
)

// longAgo is an instant before all that any world remembers.
const longAgo = -maxTime

// lull is a settled stretch under search: the syncs from first on, each a period
// after the other, to end.
type lull struct {
	r             *run
	lanes         []cursor
	replicas      int32
	first, period time.Duration
	// end is the first sync that is not in it.
	end time.Duration
	// low and high are when n replicas or fewer, or more, were last proposed.
	low, high time.Duration
	// rises and falls are instants before which the limits allow none.
	rises, falls time.Duration
	// over and under say that more, or fewer, than n were proposed in it.
	over, under bool
}

// cursor is one metric in a stretch. Steps are a whole number of periods long, and
// of scrapes, so that step i is read from the first sync on, step i+1 from turn on,
// and every further one a step later.
type cursor struct {
	lane *lane
	band *band
	// lo and hi are the band as far as leaving it is an event.
	lo, hi int64
	// values are those that are read before the end, or all.
	values     []int64
	table      *table
	i          int
	turn, step time.Duration
	// at is the step where the search stands.
	at int
}

// place is how a value lies to the band.
type place uint8

const (
	below place = iota
	inside
	above
	// unknown: what it leads to cannot be told.
	unknown
)

// lull is the stretch that begins with the sync first, which is settled, if all its
// bands are known.
func (a *ahead) lull(r *run, first, until time.Duration) (l lull, known bool) {
	l = lull{
		r: r, lanes: a.cursors, replicas: r.replicas, first: first, period: a.period,
		low: longAgo, high: longAgo, rises: longAgo, falls: longAgo,
	}
	l.end = l.sync(until)
	for i := range l.lanes {
		lane, c := &a.lanes[i], &l.lanes[i]
		b := lane.band(r.replicas)
		if !b.known {
			return l, false
		}
		*c = cursor{lane: lane, band: b, lo: b.lo, hi: min(b.hi, b.most), values: lane.demand.Values, table: r.queues.list[lane.index].table, step: lane.demand.Step}
		// Where nothing ever opens the way up, or down, being out of the band is no event.
		if !r.spec.Leaves(true, r.replicas) {
			c.hi = b.most
		}
		if !r.spec.Leaves(false, r.replicas) {
			c.lo = 0
		}
		// A scraped value is read from the scrape on that is lag later than its step's
		// beginning, once that is Age old.
		shown, late := first, time.Duration(0)
		if lane.scraped {
			res := r.w.Pipeline.Resolution
			shown = (first-r.w.Pipeline.Age)/res*res - lane.lag
			late = r.w.Pipeline.Age + lane.lag
		}
		c.i = lane.demand.index(shown)
		c.at = c.i
		c.turn = l.sync(time.Duration(c.i+1)*c.step + late)
		last := c.i + 1 + int(max(0, l.end-c.turn+c.step-1)/c.step)
		c.values = c.values[:min(last, len(c.values))]
	}
	if at, ok := r.state.LastTo(r.replicas); ok {
		l.low = at
	}
	if at, ok := r.state.LastFrom(r.replicas); ok {
		l.high = at
	}
	return l, true
}

// sync is the first sync at or after an instant.
func (l *lull) sync(at time.Duration) time.Duration {
	if at <= l.first {
		return l.first
	}
	return l.first + (at-l.first+l.period-1)/l.period*l.period
}

// from is the first sync that reads a step, at most end; the last step is held.
func (l *lull) from(c *cursor, step int) time.Duration {
	switch {
	case step <= c.i:
		return l.first
	case step >= len(c.values):
		return l.end
	}
	return min(c.turn+time.Duration(step-c.i-1)*c.step, l.end)
}

// reading is the step that a sync of the stretch reads.
func (c *cursor) reading(at time.Duration) int {
	if at < c.turn {
		return c.i
	}
	return int(min(time.Duration(c.i+1)+(at-c.turn)/c.step, time.Duration(len(c.values)-1)))
}

// search is the first sync that may change the count, which moves says, or the
// first that may not be settled.
func (l *lull) search() (wake time.Duration, moves bool) {
	s, n := l.r.spec, l.replicas
	if at, ok := l.r.state.LastFrom(n + 1); ok && !s.HasBehavior && n < s.Max && l.first < s.HoldsDown(at) {
		return l.first, true // what was proposed then and limited comes now
	}
	if l.plain() {
		return l.only()
	}
	for now := l.first; ; {
		from, past, where := l.leaves(now)
		if from > now {
			l.low = from - l.period
			l.high = l.low
		}
		if from >= l.end {
			return l.end, false
		}
		switch where {
		case above:
			if l.rises = l.opens(true, max(from, s.HoldsUp(l.low), l.rises), past); l.rises < past {
				return l.rises, true
			}
			l.high, l.over = past-l.period, true
		case below:
			if l.falls = l.opens(false, max(from, s.HoldsDown(l.high), l.falls), past); l.falls < past {
				return l.falls, true
			}
			l.low, l.under = past-l.period, true
		case inside, unknown:
			return l.doubt(from), false
		}
		now = past
	}
}

// doubt is the first sync at which work may wait of what a sync reads that cannot be
// told.
func (l *lull) doubt(from time.Duration) time.Duration {
	wake := from
	for i := range l.lanes {
		c := &l.lanes[i]
		if step := c.reading(from); c.where(step) == unknown {
			wake = min(wake, l.sync(time.Duration(step)*c.step))
		}
	}
	return wake
}

// where is how the value of a step lies to the band.
func (c *cursor) where(step int) place {
	switch v := c.values[step]; {
	case v > c.band.most || v < 0:
		return unknown
	case v > c.hi:
		return above
	case v < c.lo:
		return below
	}
	return inside
}

// leaves is the first sync from now on for which another count is proposed, and
// until which one this is so for the same reason.
func (l *lull) leaves(now time.Duration) (from, past time.Duration, where place) {
	if len(l.lanes) == 1 {
		c := &l.lanes[0]
		step := c.within(c.at, len(c.values), c.lo)
		if from = l.from(c, step); from >= l.end {
			return l.end, l.end, inside
		}
		c.at = step + 1
		return from, l.from(c, c.at), c.where(step)
	}
	for from = now; from < l.end; from = past {
		var holder *cursor
		past, holder, where = l.stand(from)
		if where != inside {
			return from, past, where
		}
		// The count is held by one metric until it lets go, or any asks for more.
		past = l.from(holder, holder.within(holder.reading(from), len(holder.values), holder.lo))
		for i := range l.lanes {
			if c := &l.lanes[i]; c != holder {
				past = min(past, l.from(c, c.within(c.reading(from), c.reading(past-l.period)+1, 0)))
			}
		}
	}
	return l.end, l.end, inside
}

// stand is how all metrics together stand at a sync, and until which one none of
// them reads anything else; a holder is one that asks for the very count.
func (l *lull) stand(at time.Duration) (past time.Duration, holder *cursor, where place) {
	past, where = l.end, below
	for i := range l.lanes {
		c := &l.lanes[i]
		step := c.reading(at)
		past = min(past, l.from(c, step+1))
		is := c.where(step)
		if is == inside {
			holder = c
		}
		// The highest proposal wins.
		where = max(where, is)
	}
	return past, holder, where
}

// within is the first step from one on, before past, whose value lies outside lo and
// the upper end of the band.
func (c *cursor) within(step, past int, lo int64) int {
	if lo > c.hi {
		return step // no value leads to this very count
	}
	return c.table.within(c.values, step, past, lo, c.hi)
}

// opens is the first sync at or after an instant at which the limits let the count
// rise, or fall; some instant at or after past, where there is none before.
func (l *lull) opens(up bool, at, past time.Duration) time.Duration {
	if at >= past {
		return at
	}
	for at = l.sync(at); at < past; {
		next, ok := l.r.spec.Opens(l.r.state, up, l.replicas, at)
		if !ok {
			return past
		}
		if next == at {
			return at
		}
		at = l.sync(next)
	}
	return at
}

// proposal is one that a skipped sync made.
type proposal struct {
	replicas int32
	at       time.Duration
}

// recall makes the state remember what the syncs before wake would have
// recommended, as far as the highest and the lowest of what the windows hold from
// wake on goes: the last proposals at least as high, or as low, as all that came
// after.
func (l *lull) recall(wake time.Duration) {
	s, a := l.r.spec, &l.r.ahead
	list, top, bottom := a.peaks[:0], int32(-1), int32(math.MaxInt32)
	for i := range l.lanes {
		l.lanes[i].at = l.lanes[i].reading(wake - l.period)
	}
	for at := wake - l.period; at >= l.first; {
		// What is out of a window, or cannot be beyond what came later, says nothing.
		high := s.HoldsDown(at) > wake && (l.over || top < l.replicas)
		low := s.HoldsUp(at) > wake && (l.under || bottom > l.replicas)
		if !high && !low && len(list) > 0 {
			break
		}
		n, from := l.proposed()
		if high && n > top || low && n < bottom || len(list) == 0 {
			list = append(list, proposal{n, at})
			top, bottom = max(top, n), min(bottom, n)
		}
		at = from - l.period
	}
	for i := len(list) - 1; i >= 0; i-- {
		l.r.state.Recommend(list[i].replicas, list[i].at)
	}
	a.peaks = list
}

// proposed is what the skipped syncs proposed that read the steps at which the
// search stands, and from which one on; the search goes back to those before.
func (l *lull) proposed() (n int32, from time.Duration) {
	from = l.first
	for i := range l.lanes {
		c := &l.lanes[i]
		from = max(from, l.from(c, c.at))
		n = max(n, c.band.propose(&c.lane.probe, c.values[c.at]))
	}
	for i := range l.lanes {
		if c := &l.lanes[i]; l.from(c, c.at) == from {
			c.at--
		}
	}
	return n, from
}

// proposes is what the metrics propose at a sync of the stretch: the most that one of
// them does.
func (l *lull) proposes(now time.Duration) (n int32) {
	for i := range l.lanes {
		c := &l.lanes[i]
		n = max(n, c.band.propose(&c.lane.probe, c.values[c.reading(now)]))
	}
	return n
}
