package sim

import "time"

// LatencyScore is what requests met that were admitted, level by level.
//
// A level is how busy the pods are in a millisecond. While work q waits, or more
// arrives than the pods can serve (a > C), levels count from fullLevel on: by the
// greater of q at the millisecond's beginning and at its end, ÷ C, in parts of
// Demand.Wait. Else the level is ⌊1000 × a ÷ C⌋.
type LatencyScore struct {
	// Of is the world's; nil where nobody asked.
	Of *Latency
	// Admitted is the work that was admitted at each level, Millis the
	// milliseconds in which some arrived.
	Admitted []Amount
	Millis   []int64
	// TurnedAway is the work that was shed as it arrived, Shedding in how many
	// milliseconds: those that then had no room, of a share greater than the
	// objective leaves. They are not among Millis.
	TurnedAway Amount
	Shedding   int64
	// Arrived and Shed are those of the demand's Flow.
	Arrived, Shed Amount
	// Wait is Demand.Wait, which is told in as many parts as there are levels above
	// fullLevel: 64, or its milliseconds if they are fewer.
	Wait time.Duration
}

// fullLevel is the first level at which the pods are full.
const fullLevel = 1001

// waitParts is in how many parts a wait is told, at most.
const waitParts = 64

// levels sorts the work of a queue under way.
type levels struct {
	score *LatencyScore
	// spare is how many of a million requests the objective leaves.
	spare int64
}

func newLevels(l *Latency, d *Demand, s *LatencyScore) *levels {
	s.Of, s.Wait = l, d.Wait
	s.Admitted = make([]Amount, fullLevel+1+s.parts())
	s.Millis = make([]int64, len(s.Admitted))
	out := &levels{score: s, spare: Million}
	if l.SLO != nil {
		out.spare = Million - l.SLO.Objective
	}
	return out
}

// part is the level of some work that waits, above fullLevel.
func (s *LatencyScore) part(waits Amount, capacity int64) int64 {
	wait, parts := s.Wait.Milliseconds(), s.parts()
	if parts == 0 {
		return 0
	}
	millis, _ := waits.over(capacity)
	return min(parts, ((millis+1)*parts+wait-1)/wait-1)
}

// parts is in how many parts a wait is told.
func (s *LatencyScore) parts() int64 { return min(s.Wait.Milliseconds(), waitParts) }

// from is the least wait of a level above fullLevel, in milliseconds.
func (s *LatencyScore) from(part int64) int64 {
	if part == 0 {
		return 0
	}
	return s.Wait.Milliseconds() * part / s.parts()
}

// see sorts what arrives in the next milliseconds of a queue.
func (l *levels) see(q *queue, millis int64) {
	a, s := q.value, l.score
	switch {
	case a == 0:
		return
	case q.capacity == 0:
		s.TurnedAway = s.TurnedAway.Plus(work(a, millis))
		if l.spare < Million {
			s.Shedding += millis
		}
		return
	case a > q.capacity:
		l.rise(q, millis)
		return
	}
	busy := l.fall(q, millis)
	if millis > busy {
		level, _ := work(a, 1000).over(q.capacity)
		l.put(int(level), a, millis-busy)
	}
}

// carry is see for the steps from first until past, in which nothing waits.
func (l *levels) carry(q *queue, first, past int) {
	value, millis := q.value, q.d.Step.Milliseconds()
	for _, q.value = range q.d.Values[first:past] {
		l.see(q, millis)
	}
	q.value = value
}

// put adds milliseconds of arrivals to a level.
func (l *levels) put(level int, rate, millis int64) {
	s := l.score
	s.Admitted[level] = s.Admitted[level].Plus(work(rate, millis))
	s.Millis[level] += millis
}

// fall sorts the milliseconds in which work waits, of those in which no more
// arrives than the pods serve, and returns how many they are.
func (l *levels) fall(q *queue, millis int64) int64 {
	s, step := l.score, q.capacity-q.value
	for at := int64(0); at < millis; {
		gone := work(step, at)
		if gone.Compare(q.backlog) >= 0 {
			return at
		}
		left := q.backlog.minus(gone)
		part := s.part(left, q.capacity)
		until := millis
		if step > 0 {
			// It is below this level, or gone, after so many milliseconds.
			n, rest := left.minus(work(q.capacity, s.from(part))).over(step)
			if part > 0 || rest > 0 {
				n++
			}
			until = min(until, at+max(1, n))
		}
		l.put(fullLevel+int(part), q.value, until-at)
		at = until
	}
	return millis
}

// rise sorts the milliseconds in which more arrives than the pods serve.
func (l *levels) rise(q *queue, millis int64) {
	s, step := l.score, q.value-q.capacity
	for at := int64(0); at < millis; {
		waits := q.backlog.Plus(work(step, at+1))
		if waits.Compare(q.room) >= 0 {
			l.full(q, at, millis)
			return
		}
		part := s.part(waits, q.capacity)
		// The next level begins at the millisecond at whose end so much waits.
		next := work(q.capacity, s.from(part+1))
		n, rest := next.minus(waits).over(step)
		if rest > 0 {
			n++
		}
		until := min(millis, at+max(1, n))
		l.put(fullLevel+int(part), q.value, until-at)
		at = until
	}
}

// full sorts the milliseconds from at on, at whose ends there is no room.
func (l *levels) full(q *queue, at, millis int64) {
	s, top := l.score, fullLevel+int(l.score.parts())
	shed := q.backlog.Plus(work(q.value-q.capacity, millis)).minus(q.room)
	s.TurnedAway = s.TurnedAway.Plus(shed)
	s.Admitted[top] = s.Admitted[top].Plus(work(q.value, millis-at).minus(shed))
	if work(q.value-q.capacity, Million).Compare(work(q.value, l.spare)) > 0 {
		s.Shedding += millis - at
		return
	}
	s.Millis[top] += millis - at
}

// waited is how long requests of a level wait at least because work waits before
// them.
func (s *LatencyScore) waited(level int) time.Duration {
	if level < fullLevel {
		return 0
	}
	return time.Duration(s.from(int64(level-fullLevel))) * time.Millisecond
}
