package hpa

import "time"

// remember stores a write of the scale for the policies to count. Without
// behavior at that moment nothing is stored.
func (s *Spec) remember(st *State, now time.Duration, from, to int32) {
	// horizontal.go: storeScaleEvent
	switch {
	case !s.HasBehavior:
	case to > from:
		st.ups = store(st.ups, scaleEvent{change: to - from, at: now}, s.Up.longestPeriod())
	default:
		st.downs = store(st.downs, scaleEvent{change: from - to, at: now}, s.Down.longestPeriod())
	}
}

// longestPeriod is the longest period of the direction's policies.
func (r *Rules) longestPeriod() time.Duration {
	// horizontal.go: getLongestPolicyPeriod
	var longest time.Duration
	for i := range r.Policies {
		longest = max(longest, r.Policies[i].Period)
	}
	return longest
}

// store marks what no policy counts any more and overwrites the last entry so
// marked, or appends. A mark is never taken back, even where a policy's period
// is lengthened.
func store(events []scaleEvent, e scaleEvent, longest time.Duration) []scaleEvent {
	// horizontal.go: markScaleEventsOutdated, storeScaleEvent
	cutoff, old := e.at-longest, -1
	for i := range events {
		if events[i].at < cutoff {
			events[i].outdated = true
		}
		if events[i].outdated {
			old = i
		}
	}
	if old < 0 {
		return append(events, e)
	}
	events[old] = e
	return events
}
