package hpa

import "time"

// seed begins the history with the replicas there are, so that a controller
// that has just started does not scale down at once. Out-of-bounds jumps, pauses
// and blocked syncs record nothing more.
func (st *State) seed(current int32, now time.Duration) {
	// horizontal.go: recordInitialRecommendation
	switch {
	case st.sole && !st.seeded:
		st.seeded = true
		st.Recommend(current, now)
	case st.sole:
	case len(st.recommendations) == 0:
		st.recommendations = append(st.recommendations, recommendation{current, now})
	}
}

// record keeps a proposal as it was made: in the place of the entry at old, or
// at the end where old is negative. What is out of every window is forgotten
// only by being overwritten, and counts again if an edit lengthens a window.
func (st *State) record(old int, proposed int32, now time.Duration) {
	if st.sole {
		return // it already has the peaks
	}
	if old < 0 {
		old = len(st.recommendations)
		st.recommendations = append(st.recommendations, recommendation{})
	}
	st.recommendations[old] = recommendation{proposed, now}
	if !st.terse {
		st.basis.Windows.history, st.basis.Windows.recorded = st.recommendations, old
	}
}

// stabilize, without behavior, is the highest recommendation within the
// downscale window. An entry exactly one window old still counts.
func (s *Spec) stabilize(st *State, now time.Duration, proposed int32) (int32, Reason) {
	// horizontal.go: stabilizeRecommendation
	highest, old := proposed, -1
	if st.sole {
		highest = s.highest(st, now, proposed)
	}
	cutoff := now - s.Controller.DownscaleStabilization
	for i := range st.recommendations {
		r := &st.recommendations[i]
		if r.at < cutoff {
			old = i
		} else {
			highest = max(highest, r.replicas)
		}
	}
	st.record(old, proposed, now)
	st.basis.Windows.Highest = highest
	if highest != proposed {
		// The name is the same where the highest is above the current count.
		return highest, ReasonScaleDownStabilized
	}
	return highest, ReasonReadyForNewScale
}

// stabilizeByRules, with behavior, keeps the current count within the lowest
// recommendation of the up window and the highest of the down window. An entry
// exactly one window old no longer counts.
func (s *Spec) stabilizeByRules(st *State, now time.Duration, current, proposed int32) (int32, Reason) {
	// horizontal.go: stabilizeRecommendationWithBehaviors
	up, down, old := proposed, proposed, -1
	if st.sole {
		up, down = s.extremes(st, now, proposed)
	}
	upCutoff, downCutoff := now-s.Up.Stabilization, now-s.Down.Stabilization
	for i := range st.recommendations {
		r := &st.recommendations[i]
		if r.at > upCutoff {
			up = min(r.replicas, up)
		}
		if r.at > downCutoff {
			down = max(r.replicas, down)
		}
		if r.at < upCutoff && r.at < downCutoff {
			old = i
		}
	}
	stabilized := min(max(current, up), down)
	st.record(old, proposed, now)
	st.basis.Windows.Lowest, st.basis.Windows.Highest = up, down
	switch {
	case stabilized == proposed:
		return stabilized, ReasonReadyForNewScale
	case proposed >= current:
		return stabilized, ReasonScaleUpStabilized
	default:
		return stabilized, ReasonScaleDownStabilized
	}
}
