package sim

import (
	"math"
	"time"
)

// Misses is the share of requests that are predicted to miss the objective: at
// least, and at most. What is shed misses it; what the model does not tell may
// miss it or not. Every request is the same amount of the demand's work. ok is
// false where there is no objective, or no request.
func (s *LatencyScore) Misses() (least, most float64, ok bool) {
	if s.Of == nil || s.Of.SLO == nil || s.Arrived == (Amount{}) {
		return 0, 0, false
	}
	var late, later float64
	s.each(func(level int, admitted float64) {
		l, m := s.misses(level)
		late += l * admitted
		later += m * admitted
	})
	arrived, shed := s.Arrived.Float64(), s.Shed.Float64()
	// What was admitted and shed later counts once.
	spilled := s.Shed.minus(s.TurnedAway).Float64()
	least = max(shed, shed+late-spilled) / arrived
	return least, max(least, min(1, (shed+later)/arrived)), true
}

// misses is the share of a level's requests that miss the objective, at least and
// at most.
func (s *LatencyScore) misses(level int) (least, most float64) {
	limit, waited := s.Of.SLO.Latency, s.waited(level)
	if m := s.Of.Model; m != nil {
		return m.bounds(limit, level, waited)
	}
	if waited > limit {
		return 1, 1
	}
	return 0, 1
}

// MissTime is for how long more requests are predicted to miss the objective than
// it leaves: at least, and at most. ok is false where there is no objective.
func (s *LatencyScore) MissTime() (least, most time.Duration, ok bool) {
	if s.Of == nil || s.Of.SLO == nil {
		return 0, 0, false
	}
	spare := float64(Million-s.Of.SLO.Objective) / Million
	low, high := s.Shedding, s.Shedding
	for level, millis := range s.Millis {
		if millis == 0 {
			continue
		}
		l, m := s.misses(level)
		if l > spare {
			low += millis
		}
		if m > spare {
			high += millis
		}
	}
	return time.Duration(low) * time.Millisecond, time.Duration(high) * time.Millisecond, true
}

// Untold is the share of the admitted requests for which the model does not hold:
// the pods were busier than it is known to hold for.
func (s *LatencyScore) Untold() float64 {
	if s.Of == nil || s.Of.Model == nil {
		return 1
	}
	all, untold := 0.0, 0.0
	s.each(func(level int, admitted float64) {
		all += admitted
		if int64(level) > s.Of.Model.To {
			untold += admitted
		}
	})
	share, _ := quotient(untold, all)
	return share
}

// UntoldTime is for how long requests came for which the model does not hold.
func (s *LatencyScore) UntoldTime() time.Duration {
	if s.Of == nil || s.Of.Model == nil {
		return 0
	}
	untold := s.Shedding
	for level, millis := range s.Millis {
		if int64(level) > s.Of.Model.To {
			untold += millis
		}
	}
	return time.Duration(untold) * time.Millisecond
}

// each visits the levels at which some requests were admitted.
func (s *LatencyScore) each(visit func(level int, admitted float64)) {
	for level := range s.Admitted {
		if a := s.Admitted[level]; a != (Amount{}) {
			visit(level, a.Float64())
		}
	}
}

// Unbounded says that a request may take any time.
const Unbounded = time.Duration(math.MaxInt64)

// Quantile is how long a share of the admitted requests takes at most, as far as
// the model tells: the least and the greatest value that it may have; the greatest
// is Unbounded where too many requests are beyond the model. ok is false
// where there is no model, or no request.
func (s *LatencyScore) Quantile(share float64) (least, most time.Duration, ok bool) {
	if s.Of == nil || s.Of.Model == nil {
		return 0, 0, false
	}
	all := 0.0
	s.each(func(_ int, admitted float64) { all += admitted })
	if all == 0 {
		return 0, 0, false
	}
	longer := func(t time.Duration) (least, most float64) {
		s.each(func(level int, admitted float64) {
			l, m := s.Of.Model.bounds(t, level, s.waited(level))
			least, most = least+l*admitted/all, most+m*admitted/all
		})
		return least, most
	}
	least = within(1-share, func(t time.Duration) float64 { l, _ := longer(t); return l })
	most = within(1-share, func(t time.Duration) float64 { _, m := longer(t); return m })
	return least, most, true
}

// longest bounds a quantile; what is beyond counts as unbounded.
const longest = 24 * time.Hour

// within is the shortest time, to the microsecond, that at most a share of
// requests exceeds.
func within(share float64, longer func(time.Duration) float64) time.Duration {
	low, high := time.Duration(0), time.Millisecond
	for longer(high) > share {
		if high >= longest {
			return Unbounded
		}
		low, high = high, 2*high
	}
	for high-low > time.Microsecond {
		if middle := low + (high-low)/2; longer(middle) > share {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// p is a quantile's greatest value in seconds, known where it is bounded.
func p(share float64) func(*Score) (float64, bool) {
	return func(s *Score) (float64, bool) {
		_, most, ok := s.Latency.Quantile(share)
		if !ok || most == Unbounded {
			return 0, false
		}
		return seconds64(most), true
	}
}

// sloMisses and sloMissMinutes are known where a model is: what it does not tell
// counts as missed.
func sloMisses(s *Score) (float64, bool) {
	_, most, ok := s.Latency.Misses()
	return most, ok && s.Latency.Of.Model != nil
}

func sloMissMinutes(s *Score) (float64, bool) {
	_, most, ok := s.Latency.MissTime()
	return minutes(most), ok && s.Latency.Of.Model != nil
}

// missingLatency says what a world lacks to tell how long requests take, or
// whether they miss an objective.
func (w *World) missingLatency(objective bool) string {
	switch {
	case objective && (w.Latency == nil || w.Latency.SLO == nil):
		return "no objective is given"
	case w.Latency == nil || w.Latency.Model == nil:
		return "latency is not calibrated"
	}
	return ""
}
