package hpa

import "time"

// What a caller asks who knows what the metrics will ask for at the next syncs,
// and need not make those at which nothing can change.

// Propose is what the metrics of an observation ask for, as Step would find out;
// ok is false where one of them fails. Of st, which must be terse, nothing
// changes.
func (s *Spec) Propose(st *State, o *Observation) (replicas int32, ok bool) {
	p := s.propose(st, o)
	return max(0, p.replicas), !p.blocked && p.failed == 0
}

// Conclude is the rest of a Step of a sole State, from a proposal to the write: of a
// count within the bounds and above 0, of metrics none of which fails, and of a scale
// that can be read and written. It returns the count decided on.
func (s *Spec) Conclude(st *State, now time.Duration, current, proposed int32) (desired int32) {
	st.seed(current, now)
	if s.HasBehavior {
		desired, _ = s.stabilizeByRules(st, now, current, proposed)
		desired, _ = s.limitByRules(st, now, current, desired)
	} else {
		desired, _ = s.stabilize(st, now, proposed)
		desired, _ = s.limit(st, current, desired)
	}
	if desired != current {
		s.remember(st, now, current, desired)
		s.markZero(st, current, desired)
	}
	st.current, st.desired = current, desired
	return desired
}

// Seeded says whether a sole State remembers the count that its first step found,
// with which its history begins.
func (st *State) Seeded() bool { return st.seeded }

// Recommend remembers a proposal made at an instant later than all before, as the
// Step that made it would have. The State must be a sole one.
func (st *State) Recommend(replicas int32, at time.Duration) {
	st.highs.add(replicas, at)
	st.lows.add(-replicas, at)
}

// LastFrom is when a sole State was last recommended n replicas or more, as far
// as that may still count in a window.
func (st *State) LastFrom(n int32) (at time.Duration, ok bool) { return st.highs.lastFrom(n) }

// LastTo is the same of n replicas or fewer.
func (st *State) LastTo(n int32) (at time.Duration, ok bool) { return st.lows.lastFrom(-n) }

// HoldsUp is the first instant at which a recommendation of the current count or
// less, made at one time, no longer keeps the count from rising.
func (s *Spec) HoldsUp(at time.Duration) time.Duration {
	if !s.HasBehavior {
		return at
	}
	return at + s.Up.Stabilization
}

// HoldsDown is the first instant at which a recommendation of the current count
// or more, made at one time, no longer keeps the count from falling.
func (s *Spec) HoldsDown(at time.Duration) time.Duration {
	if !s.HasBehavior {
		return at + s.Controller.DownscaleStabilization + 1
	}
	return at + s.Down.Stabilization
}

// Leaves says whether a count can ever rise, or fall: the bounds and selectPolicy do
// not forbid it.
func (s *Spec) Leaves(up bool, current int32) bool {
	if up {
		return current < s.Max && !(s.HasBehavior && s.Up.Select == SelectDisabled)
	}
	return current > s.Min && !(s.HasBehavior && s.Down.Select == SelectDisabled)
}

// Opens is the first instant, not before from, at which neither the bounds nor
// the policies keep the count from rising, or from falling, by one at least; ok
// is false where there is none unless the count changes.
func (s *Spec) Opens(st *State, up bool, current int32, from time.Duration) (at time.Duration, ok bool) {
	rules := &s.Down
	if up {
		rules = &s.Up
	}
	switch {
	case !s.Leaves(up, current):
		return 0, false
	case !s.HasBehavior:
		return from, true
	}
	for at = from; ; {
		if up && s.upLimit(st, at, current) > current || !up && s.downLimit(st, at, current) < current {
			return at, true
		}
		if at, ok = st.ages(rules, at); !ok {
			return 0, false
		}
	}
}

// ages is the first instant after now at which some scale event ceases to count
// for some policy of the rules.
func (st *State) ages(rules *Rules, now time.Duration) (first time.Duration, ok bool) {
	for i := range rules.Policies {
		for _, events := range [...][]scaleEvent{st.ups, st.downs} {
			for j := range events {
				at := events[j].at + rules.Policies[i].Period
				if at > now && (!ok || at < first) {
					first, ok = at, true
				}
			}
		}
	}
	return first, ok
}
