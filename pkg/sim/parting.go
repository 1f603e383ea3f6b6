package sim

import (
	"cmp"
	"slices"
	"time"
)

// Parting is a time in which a simulated and a recorded count differed for
// longer than Tolerance.
type Parting struct {
	Span
	// Simulated and Recorded are the counts with which it began, Worst the
	// greatest difference in it.
	Simulated, Recorded, Worst int32
	// Moved says that the simulated count changed at the instant at which they
	// parted; else the recorded one alone did.
	Moved bool
	// Cause is the likely reason why they parted.
	Cause Cause
	// Event is the recorded change that it begins with, where Cause is
	// CauseManual.
	Event Change
}

// Change is a change of a replica count at T.
type Change struct {
	T        time.Duration
	From, To int32
}

// Cause is a likely reason why two courses part.
type Cause uint8

// The causes, in the order in which they are looked for.
const (
	// CauseUnknown: the recording does not tell.
	CauseUnknown Cause = iota
	// CauseMetrics: metrics were missing, in the recording or for the recorded
	// autoscaler, when they parted.
	CauseMetrics
	// CauseRollout: pods of several templates lived when they parted.
	CauseRollout
	// CauseManual: the recorded count changed, and no autoscaler decided that:
	// the recorded one wanted another count, or the simulated one, given the
	// recorded state, did not go that way.
	CauseManual
	// CauseMax, CauseMin: the simulated count stood at the autoscaler's bound
	// and the recorded one beyond it.
	CauseMax
	CauseMin
)

// partings are the times in which two timelines differ for longer than
// Tolerance.
func partings(simulated, recorded []Point, duration time.Duration) []Parting {
	var list []Parting
	var open Parting
	last := Unknown
	shut := func() {
		if open.To-open.From > Tolerance {
			list = append(list, open)
		}
		open = Parting{}
	}
	beside(simulated, recorded, duration, func(s Span, sim, rec int32) {
		moved := sim != last
		last = sim
		if sim == rec || sim == Unknown || rec == Unknown {
			shut()
			return
		}
		if open.To == 0 {
			open = Parting{Span: s, Simulated: sim, Recorded: rec, Moved: moved}
		}
		open.To = s.To
		open.Worst = max(open.Worst, sim-rec, rec-sim)
	})
	shut()
	return list
}

// causes is what may explain partings.
type causes struct {
	rec    *Recorded
	events []event
	// blind are the times in which the simulated autoscaler had no metrics.
	blind  []Span
	bounds []bound
	// credible says that decisions from the recorded state are no worse than
	// "no change".
	credible bool
}

// find names the likely reason of a parting, by what was there when it began.
func (c *causes) find(p *Parting) {
	from, to := p.From-Tolerance, p.From+Tolerance
	switch {
	case overlaps(c.blind, from, p.From), overlaps(c.rec.Blind, from, p.From):
		p.Cause = CauseMetrics
	case overlaps(c.rec.Rollouts, from, p.From):
		p.Cause = CauseRollout
	case c.manual(p, from, to):
		p.Cause = CauseManual
	case c.at(p.From).max == p.Simulated && p.Recorded > p.Simulated:
		p.Cause = CauseMax
	case c.at(p.From).min == p.Simulated && p.Recorded < p.Simulated:
		p.Cause = CauseMin
	}
}

// manual finds a recorded change around the beginning of a parting that no
// autoscaler made.
func (c *causes) manual(p *Parting, from, to time.Duration) bool {
	first, _ := slices.BinarySearchFunc(c.events, from, func(e event, t time.Duration) int { return cmp.Compare(e.at, t) })
	for i := first; i < len(c.events) && c.events[i].at <= to; i++ {
		if e := &c.events[i]; !c.decided(e) {
			p.Event = Change{e.at, e.from, e.to}
			return true
		}
	}
	return false
}

// decided says whether an autoscaler made a change. The recorded one did not if
// its wish was another then. Otherwise the simulated one is asked, if its
// decisions from the recorded state are no worse than none: a wish that equals
// the count may be an answer to it.
func (c *causes) decided(e *event) bool {
	if n := wish(c.rec.Wanted, e.at); n != Unknown && n != e.to {
		return false
	}
	return e.foreseen || !c.credible
}

// wish is the count of a timeline at t.
func wish(points []Point, t time.Duration) int32 {
	i, exact := slices.BinarySearchFunc(points, t, func(p Point, t time.Duration) int { return cmp.Compare(p.T, t) })
	if !exact {
		i--
	}
	if i < 0 {
		return Unknown
	}
	return points[i].N
}

// at are the bounds in force at t.
func (c *causes) at(t time.Duration) bound {
	var b bound
	for _, next := range c.bounds {
		if next.at > t {
			break
		}
		b = next
	}
	return b
}
