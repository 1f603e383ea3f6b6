package sim

import "time"

// Score is what a replay cost and how well it served. Its additive terms are
// integers in fixed units, so that sums do not depend on order.
//
// Every time-weighted term integrates the world between events, not between
// syncs, over [0, Duration).
type Score struct {
	// Duration is the time scored: the world's, or until the decision at which
	// the visitor stopped the run.
	Duration time.Duration
	// Syncs is the number of syncs, FailedSyncs those whose reconcile returned
	// an error.
	Syncs, FailedSyncs int64
	// ReplicaMillis is Σ live pods × time in pod-milliseconds: 3,600,000 are one
	// replica-hour. The ends of each summand are rounded down to the
	// millisecond.
	ReplicaMillis int64
	// TimeAt is how long spec.replicas stood at each count, in ascending
	// order of count; the times add up to Duration.
	TimeAt []ReplicaTime
	// AtMax and AtMin are how long spec.replicas stood at, or beyond, the
	// HPA's bounds in force.
	AtMax, AtMin time.Duration
	// Saturated is how long some demand exceeded what the serving pods can
	// carry: value > capacity × serving pods, in the demand's unit; of a demand
	// that each pod has for itself value > capacity, while some pod serves. What pods use
	// besides their share is no load, and Capacity is what they can carry besides
	// it. A null step exceeds nothing. HasCapacity says whether any demand has a capacity, so
	// that 0 means something.
	Saturated   time.Duration
	HasCapacity bool
	// Flows are what became of the work of each of World.Demand, in its order.
	Flows []Flow
	// ScaleUps and ScaleDowns count successful writes by the HPA;
	// DirectionChanges counts those that reverse the one before.
	ScaleUps, ScaleDowns, DirectionChanges int64
}

// ReplicaTime is how long a replica count stood.
type ReplicaTime struct {
	Replicas int32
	Time     time.Duration
}

// ReplicaHours is ReplicaMillis in hours.
func (s *Score) ReplicaHours() float64 { return float64(s.ReplicaMillis) / 3_600_000 }

// Min is the lowest spec.replicas that stood for any time, 0 in an empty score.
func (s *Score) Min() int32 {
	if len(s.TimeAt) == 0 {
		return 0
	}
	return s.TimeAt[0].Replicas
}

// Max is the highest spec.replicas that stood for any time, 0 in an empty score.
func (s *Score) Max() int32 {
	if len(s.TimeAt) == 0 {
		return 0
	}
	return s.TimeAt[len(s.TimeAt)-1].Replicas
}

// Median is the time-weighted median of spec.replicas: the lowest count that,
// together with those below it, stood for at least half of the time.
func (s *Score) Median() int32 {
	var total, below time.Duration
	for _, at := range s.TimeAt {
		total += at.Time
	}
	for _, at := range s.TimeAt {
		below += at.Time
		if below >= total-below {
			return at.Replicas
		}
	}
	return 0
}

// level is how the world stands between two instants, as far as it is scored.
type level struct {
	live, serving      int64
	replicas, min, max int32
}

// meter integrates levels over time.
type meter struct {
	score *Score
	end   time.Duration
	// now is until when the score is complete; the level holds from there on.
	now   time.Duration
	level level
	// limited are the demands that have a capacity.
	limited []*Demand
	// lastUp says which way the last write went, where there was one.
	wrote, lastUp bool
}

func newMeter(score *Score, w *World) meter {
	m := meter{score: score, end: w.Duration}
	for i := range w.Demand {
		if w.Demand[i].Capacity > 0 {
			m.limited = append(m.limited, &w.Demand[i])
		}
	}
	score.HasCapacity = len(m.limited) > 0
	score.TimeAt = make([]ReplicaTime, 0, 64)
	return m
}

// set says that the world stands at l from now on.
func (m *meter) set(now time.Duration, l level) {
	if l == m.level {
		return
	}
	m.advance(now)
	m.level = l
}

// advance completes the score until now, or until the end.
func (m *meter) advance(now time.Duration) {
	from, to := m.now, min(now, m.end)
	if to <= from {
		return
	}
	m.now = to
	s, l, passed := m.score, &m.level, to-from
	s.ReplicaMillis += l.live * (to.Milliseconds() - from.Milliseconds())
	if l.replicas >= l.max {
		s.AtMax += passed
	}
	if l.replicas <= l.min {
		s.AtMin += passed
	}
	s.Saturated += m.saturated(from, to)
	m.stood(passed)
}

// stood adds time to the count of the current level.
func (m *meter) stood(passed time.Duration) {
	n, i := m.level.replicas, 0
	times := m.score.TimeAt
	for i < len(times) && times[i].Replicas < n {
		i++
	}
	if i == len(times) || times[i].Replicas != n {
		times = append(times, ReplicaTime{})
		copy(times[i+1:], times[i:])
		times[i] = ReplicaTime{Replicas: n}
	}
	times[i].Time += passed
	m.score.TimeAt = times
}

// saturated is for how much of [from, to) the serving pods of the current level
// could not carry some demand.
func (m *meter) saturated(from, to time.Duration) time.Duration {
	if len(m.limited) == 0 {
		return 0
	}
	var total time.Duration
	for t := from; t < to; {
		next, over := to, false
		for _, d := range m.limited {
			value, null, until := d.at(t)
			over = over || !null && d.exceeds(value, m.level.serving)
			next = min(next, until)
		}
		if over {
			total += next - t
		}
		t = next
	}
	return total
}

// exceeds says whether a value is more than some serving pods can carry, without
// overflowing.
func (d *Demand) exceeds(value, pods int64) bool {
	switch {
	case d.Role == RolePerPod:
		return pods > 0 && value > d.Capacity
	case value <= 0 || pods == 0:
		return value > 0
	}
	return (value-1)/pods >= d.Capacity
}

// count counts one sync.
func (m *meter) count(t *Tick) {
	s, d := m.score, &t.Decision
	s.Syncs++
	if d.Failure.Failed() {
		s.FailedSyncs++
	}
	if !d.Scaled {
		return
	}
	up := d.Desired > d.Current
	if up {
		s.ScaleUps++
	} else {
		s.ScaleDowns++
	}
	if m.wrote && up != m.lastUp {
		s.DirectionChanges++
	}
	m.wrote, m.lastUp = true, up
}
