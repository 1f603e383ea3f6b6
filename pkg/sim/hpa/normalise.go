package hpa

// normalise takes a proposal through the windows and the limits. Without
// behavior another algorithm decides; it is not behavior's with default rules.
func (s *Spec) normalise(st *State, o *Observation, d *Decision, proposed int32) {
	// horizontal.go: normalizeDesiredReplicas, normalizeDesiredReplicasWithBehaviors
	if s.HasBehavior {
		d.Stabilized, d.StabilizedReason = s.stabilizeByRules(st, o.Now, d.Current, proposed)
		d.Limited, d.LimitedReason = s.limitByRules(st, o.Now, d.Current, d.Stabilized)
	} else {
		d.Stabilized, d.StabilizedReason = s.stabilize(st, o.Now, proposed)
		d.Limited, d.LimitedReason = s.limit(st, d.Current, d.Stabilized)
	}
	st.set(Condition{Type: AbleToScale, Status: true, Reason: d.StabilizedReason})
	st.set(Condition{Type: ScalingLimited, Status: d.Limited != d.Stabilized, Reason: d.LimitedReason})
	d.Desired = d.Limited
	// horizontal.go: reconcileAutoscaler. On the way up no rule applies min, so
	// from zero it is applied here. That min is not 0 and that it was this
	// autoscaler that went to zero, which upstream asks again, is so by now.
	if d.Current == 0 && d.Desired < s.Min {
		d.Desired = s.Min
		if d.RescaleReason == RescaleNone {
			d.RescaleReason = RescaleBelowMin
		}
	}
}
