package sim

import (
	"math"
	"time"
)

// longAgo is an instant before all that any world remembers.
const longAgo = -maxTime

// lull is a settled stretch under search: the syncs from first on, each a period
// after the other, to until. Steps are a whole number of periods long, and of
// scrapes, so that step i is read from first on, step i+1 from turn on, and every
// further one a step later.
type lull struct {
	r    *run
	band *band
	// values are those that are read before end, or all.
	values              []int64
	i                   int
	replicas            int32
	first, turn, period time.Duration
	step                time.Duration
	// end is the first sync from until on.
	end time.Duration
	// low and high are when n replicas or fewer, or more, were last proposed.
	low, high time.Duration
	// rises and falls are instants before which the limits allow none.
	rises, falls time.Duration
}

// lull is the stretch that begins with the sync first, which is settled.
func (a *ahead) lull(r *run, b *band, first, until time.Duration) lull {
	l := lull{
		r: r, band: b, values: a.lane.Values, replicas: r.replicas,
		first: first, period: a.period, step: a.lane.Step,
		low: longAgo, high: longAgo, rises: longAgo, falls: longAgo,
	}
	// A scraped value is read from the scrape on that is lag later than its step's
	// beginning, once that is Age old.
	late := time.Duration(0)
	shown := first
	if a.scraped {
		res := r.w.Pipeline.Resolution
		late = r.w.Pipeline.Age + a.lag
		shown = (first-r.w.Pipeline.Age)/res*res - a.lag
	}
	l.i = a.lane.index(shown)
	l.turn = l.sync(time.Duration(l.i+1)*l.step + late)
	l.end = l.sync(until)
	last := l.i + 1 + int(max(0, l.end-l.turn+l.step-1)/l.step)
	l.values = l.values[:min(last, len(l.values))]
	if at, ok := r.state.LastTo(r.replicas); ok {
		l.low = at
	}
	if at, ok := r.state.LastFrom(r.replicas); ok {
		l.high = at
	}
	return l
}

// sync is the first sync at or after an instant.
func (l *lull) sync(at time.Duration) time.Duration {
	if at <= l.first {
		return l.first
	}
	return l.first + (at-l.first+l.period-1)/l.period*l.period
}

// from is the first sync that reads a step, at most end; the last step is held.
func (l *lull) from(step int) time.Duration {
	switch {
	case step <= l.i:
		return l.first
	case step >= len(l.values):
		return l.end
	}
	return min(l.turn+time.Duration(step-l.i-1)*l.step, l.end)
}

// search is the first sync that may change the count, which moves says, or the
// first that may not be settled.
func (l *lull) search() (wake time.Duration, moves bool) {
	s, n := l.r.spec, l.replicas
	lo, hi := l.band.lo, min(l.band.hi, l.band.most)
	if at, ok := l.r.state.LastFrom(n + 1); ok && !s.HasBehavior && n < s.Max && l.first < s.HoldsDown(at) {
		return l.first, true // what was proposed then and limited comes now
	}
	// Where nothing ever opens the way up, or down, being out of the band is no event.
	if !s.Leaves(true, n) {
		hi = l.band.most
	}
	if !s.Leaves(false, n) {
		lo = 0
	}
	for i := l.i; ; i++ {
		out := l.within(i, lo, hi)
		if out > i {
			l.low = l.from(out) - l.period
			l.high = l.low
		}
		from := l.from(out)
		if from >= l.end {
			return l.end, false
		}
		past := l.from(out + 1)
		switch v := l.values[out]; {
		case v > l.band.most || v < 0:
			// Who knows? Pods that queue may have work waiting from this step's beginning.
			return min(from, l.sync(time.Duration(out)*l.step)), false
		case v > hi:
			if l.rises = l.opens(true, max(from, s.HoldsUp(l.low), l.rises), past); l.rises < past {
				return l.rises, true
			}
			l.high = past - l.period
		default:
			if l.falls = l.opens(false, max(from, s.HoldsDown(l.high), l.falls), past); l.falls < past {
				return l.falls, true
			}
			l.low = past - l.period
		}
		i = out
	}
}

// within is the first step from i on whose value lies outside lo to hi, or one that
// is not read before the end.
func (l *lull) within(i int, lo, hi int64) int {
	if lo > hi {
		return i // no value leads to this very count
	}
	return l.r.queues.list[l.r.ahead.index].table.within(l.values, i, len(l.values), lo, hi)
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
// wake on goes: the last proposals of steps at least as high, or as low, as all
// that came after.
func (l *lull) recall(wake time.Duration) {
	s, b, a := l.r.spec, l.band, &l.r.ahead
	a.probe.queue.serve(int64(l.replicas))
	list, top, bottom := a.peaks[:0], int64(-1), int64(math.MaxInt64)
	i, at := l.reading(wake-l.period), wake-l.period
	for ; i >= l.i; i-- {
		high, low := s.HoldsDown(at) > wake, s.HoldsUp(at) > wake
		if !high && !low && len(list) > 0 {
			break
		}
		if v := l.values[i]; high && v > top || low && v < bottom || len(list) == 0 {
			list = append(list, proposal{b.propose(&a.probe, v), at})
			top, bottom = max(top, v), min(bottom, v)
			if v >= b.lo && v <= b.hi {
				// All that is in the band is the same.
				top, bottom = max(top, b.hi), min(bottom, b.lo)
			}
		}
		at = l.from(i) - l.period
	}
	for i := len(list) - 1; i >= 0; i-- {
		l.r.state.Recommend(list[i].replicas, list[i].at)
	}
	a.peaks = list
}

// reading is the step that a sync of the stretch reads.
func (l *lull) reading(at time.Duration) int {
	if at < l.turn {
		return l.i
	}
	return int(min(time.Duration(l.i+1)+(at-l.turn)/l.step, time.Duration(len(l.values)-1)))
}
