package sim

import "time"

// shortage is what the scored demands ask of the serving pods for a while.
type shortage struct {
	// short says that some demand exceeds what they can carry, risen that it
	// also exceeds what those could that served until then, still that some
	// demand exceeds what those could.
	short, risen, still bool
}

// see takes note of one demand.
func (s *shortage) see(g *gauge) {
	over, overBefore := g.value > g.ceiling, g.value > g.before
	s.short = s.short || over
	s.risen = s.risen || over && overBefore
	s.still = s.still || overBefore
}

// spike tells shortages that demand began from those that lost pods began.
type spike struct {
	// short says that the time before was short of capacity, on that a spike
	// lasts, since when.
	short, on bool
	since     time.Duration
}

// hold scores [from, to), in which nothing changes.
func (k *spike) hold(s *Score, now shortage, from, to time.Duration) {
	switch {
	case now.short && !k.short && now.risen:
		k.on, k.since = true, from
		s.Spikes++
	case k.on && !now.short:
		k.on = false
		if !now.still {
			s.Ebbed++
		}
	}
	k.short = now.short
	if !now.short {
		return
	}
	s.Saturated += to - from
	if k.on {
		s.SpikeTime += to - from
		s.LongestSpike = max(s.LongestSpike, to-k.since)
	}
}
