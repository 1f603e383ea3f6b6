package hpa

import (
	"math"
	"time"
)

// limit, without behavior, bounds growth to twice the current count or to 4, and
// keeps to min and max. Nothing bounds the way down but min.
func (s *Spec) limit(st *State, current, desired int32) (int32, Reason) {
	// horizontal.go: convertDesiredReplicasWithRules, calculateScaleUpLimit
	top, reason := s.Max, ReasonTooManyReplicas
	limit := toInt32(math.Max(s.Controller.Profile.scaleUpFactor*float64(current), 4.0))
	st.basis.Limits.Limit = limit
	if s.Max > limit {
		top, reason = limit, ReasonScaleUpLimit
	}
	switch {
	case desired < s.Min:
		return s.Min, ReasonTooFewReplicas
	case desired > top:
		return top, reason
	default:
		return desired, ReasonDesiredWithinRange
	}
}

// limitByRules, with behavior, bounds the change by the policies of its
// direction, then by max on the way up and by min on the way down.
func (s *Spec) limitByRules(st *State, now time.Duration, current, desired int32) (int32, Reason) {
	// horizontal.go: convertDesiredReplicasWithBehaviorRate
	switch {
	case desired > current:
		// A budget already overdrawn means staying, not shrinking.
		limit := max(s.upLimit(st, now, current), current)
		st.basis.Limits.Limit = limit
		top, reason := s.Max, ReasonTooManyReplicas
		if top > limit {
			top, reason = limit, ReasonScaleUpLimit
		}
		if desired > top {
			return top, reason
		}
	case desired < current:
		limit := min(s.downLimit(st, now, current), current)
		st.basis.Limits.Limit = limit
		bottom, reason := s.Min, ReasonTooFewReplicas
		if bottom < limit {
			bottom, reason = limit, ReasonScaleDownLimit
		}
		if desired < bottom {
			return bottom, reason
		}
	}
	return desired, ReasonDesiredWithinRange
}

// upLimit is the highest count that the policies of scaleUp allow.
func (s *Spec) upLimit(st *State, now time.Duration, current int32) int32 {
	// horizontal.go: calculateScaleUpLimitWithScalingRules
	if s.Up.Select == SelectDisabled {
		return current
	}
	least := s.Up.Select == SelectMin
	limit := int32(math.MinInt32)
	if least {
		limit = math.MaxInt32
	}
	for i := range s.Up.Policies {
		p := &s.Up.Policies[i]
		added, removed := st.added(now, p), s.against(st.removed(now, p))
		start := current - added + removed
		proposed := start + p.Value
		if p.Type == PolicyPercent {
			// Rounded up, or a small workload would never grow.
			proposed = toInt32(math.Ceil(float64(start) * (1 + float64(p.Value)/100)))
		}
		st.allow(start, added, removed, proposed)
		if least {
			limit = min(limit, proposed)
		} else {
			limit = max(limit, proposed)
		}
	}
	return limit
}

// downLimit is the lowest count that the policies of scaleDown allow.
func (s *Spec) downLimit(st *State, now time.Duration, current int32) int32 {
	// horizontal.go: calculateScaleDownLimitWithBehaviors
	if s.Down.Select == SelectDisabled {
		return current
	}
	least := s.Down.Select == SelectMin
	limit := int32(math.MaxInt32)
	if least {
		limit = math.MinInt32
	}
	for i := range s.Down.Policies {
		p := &s.Down.Policies[i]
		added, removed := s.against(st.added(now, p)), st.removed(now, p)
		start := current - added + removed
		proposed := start - p.Value
		if p.Type == PolicyPercent {
			proposed = toInt32(float64(start) * (1 - float64(p.Value)/100))
		}
		st.allow(start, added, removed, proposed)
		if least {
			limit = max(limit, proposed)
		} else {
			limit = min(limit, proposed)
		}
	}
	return limit
}

// against is the change by events of the other direction, which older versions
// do not look at.
func (s *Spec) against(change int32) int32 {
	if s.Controller.Profile.CountsBothEvents {
		return change
	}
	return 0
}

// added and removed are the changes within a policy's period. An event exactly
// one period old no longer counts.
func (st *State) added(now time.Duration, p *Policy) int32 { return changed(st.ups, now-p.Period) }

func (st *State) removed(now time.Duration, p *Policy) int32 { return changed(st.downs, now-p.Period) }

// changed sums the changes after a cutoff.
func changed(events []scaleEvent, cutoff time.Duration) (sum int32) {
	// horizontal.go: getReplicasChangePerPeriod
	for i := range events {
		if events[i].at > cutoff {
			sum += events[i].change
		}
	}
	return sum
}
