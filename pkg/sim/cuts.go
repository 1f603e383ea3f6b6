package sim

import "time"

// RunUntil replays the world and returns its score as it stood at each of some
// instants, which ascend and lie within [0, Duration]: what happens at an instant
// itself comes after it. Sums and counts are complete then; TimeAt, Flows, Loads
// and CPU, which are added up only at the end of a replay, are left out.
func (w *World) RunUntil(at []time.Duration) []Score {
	var p Prepared
	if s := p.sprint(w); s != nil {
		if c := s.r.cut(at); s.run() {
			return c.scores
		}
	}
	r := p.begin(w)
	c := r.cut(at)
	r.loop(nil)
	return c.scores
}

// cut makes a run keep its score at some instants.
func (r *run) cut(at []time.Duration) *cutter {
	c := &cutter{at: at, scores: make([]Score, 0, len(at))}
	r.meter.watch, r.ahead.cuts = c, c
	c.pass(&r.meter, 0)
	return c
}

// skip passes over so many syncs, a period apart, of which the first is at an
// instant.
func (c *cutter) skip(m *meter, first, period time.Duration, syncs int64) {
	before := m.score.Syncs
	for len(c.at) > 0 && c.at[0] <= first+time.Duration(syncs-1)*period {
		m.score.Syncs = before + max(0, int64((c.at[0]-first+period-1)/period))
		m.advance(c.at[0])
	}
	m.score.Syncs = before
}

// cutter keeps scores of instants.
type cutter struct {
	at     []time.Duration
	scores []Score
}

func (c *cutter) pass(m *meter, to time.Duration) {
	for len(c.at) > 0 && c.at[0] <= to {
		if c.at[0] > m.now {
			m.pass(c.at[0])
		}
		s := *m.score
		s.Duration, s.TimeAt, s.Flows, s.Loads, s.CPU = c.at[0], nil, nil, nil, Use{}
		c.scores = append(c.scores, s)
		c.at = c.at[1:]
	}
	if to > m.now {
		m.pass(to)
	}
}

func (c *cutter) look(*Score, time.Duration) {}
