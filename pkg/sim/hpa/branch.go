package hpa

// branch decides whether the metrics are asked at all. BranchMetrics says yes;
// they may still forbid acting.
func (s *Spec) branch(st *State, current int32) Branch {
	// horizontal.go: reconcileAutoscaler
	switch {
	case current == 0 && s.keepsZero(st):
		return BranchPaused
	case current == 0:
		return BranchMetrics
	case current > s.Max:
		return BranchAboveMax
	case current < s.Min:
		return BranchBelowMin
	default:
		return BranchMetrics
	}
}

// keepsZero says whether a workload at zero stays there: somebody else put it
// there, or it may not come back on its own.
func (s *Spec) keepsZero(st *State) bool {
	if !s.Controller.Profile.RemembersZero {
		return s.Min != 0
	}
	// horizontal.go: shouldComputeMetricsForZeroReplicas
	ours := s.Controller.Profile.ScaleToZero && st.holds(ScaledToZero)
	return !ours || s.Min == 0 && !s.outlivesPods()
}

// outlivesPods says whether some metric can be had without pods.
func (s *Spec) outlivesPods() bool {
	// horizontal.go: hasObjectOrExternalMetrics
	for i := range s.Metrics {
		if source := s.Metrics[i].Source; source == SourceObject || source == SourceExternal {
			return true
		}
	}
	return false
}

// pause is the reconcile of a workload that stays at zero.
func (s *Spec) pause(st *State) {
	st.set(Condition{Type: ScalingActive, Reason: ReasonScalingDisabled})
	if !s.Controller.Profile.ScaleToZero {
		st.remove(ScaledToZero)
	}
}

// markZero keeps condition ScaledToZero; every rescale writes it.
func (s *Spec) markZero(st *State, from, to int32) {
	// horizontal.go: reconcileAutoscaler
	p := &s.Controller.Profile
	switch {
	case !p.RemembersZero:
	case !p.ScaleToZero:
		st.remove(ScaledToZero)
	case from > 0 && to == 0 && s.Min == 0 && s.outlivesPods():
		st.set(Condition{Type: ScaledToZero, Status: true, Reason: ReasonScaledToZero})
	default:
		st.set(Condition{Type: ScaledToZero, Reason: ReasonNotScaledToZero})
	}
}
