package hpa

// Step is one reconcile: it reads the observation, decides, and remembers in st
// what the controller would. It reads no clock, iterates no map and allocates
// nothing. It never panics: what no API server would let through (see Validate)
// has some result, but not necessarily upstream's.
func (s *Spec) Step(st *State, o *Observation) Decision {
	var d Decision
	st.events = st.events[:0]
	st.scratch = st.scratch[:0]
	st.basis.clear()
	s.reconcile(st, o, &d)
	d.StatusReplicas, d.StatusDesired = st.current, st.desired
	d.Metrics, d.Conditions, d.Events, d.Basis = st.metrics, st.conditions, st.events, &st.basis
	return d
}

// reconcile is the order of a sync.
func (s *Spec) reconcile(st *State, o *Observation, d *Decision) {
	// horizontal.go: reconcileAutoscaler
	if !s.read(st, o, d) {
		return
	}
	switch d.Branch = s.branch(st, d.Current); d.Branch {
	case BranchPaused:
		s.pause(st)
	case BranchAboveMax:
		d.Desired, d.RescaleReason = s.Max, RescaleAboveMax
	case BranchBelowMin:
		d.Desired, d.RescaleReason = s.Min, RescaleBelowMin
	default:
		if !s.measure(st, o, d) {
			return
		}
	}
	if d.Desired != d.Current && !s.write(st, o, d) {
		return
	}
	st.current, st.desired = d.Current, d.Desired
	st.report()
}

// read takes the scale. If it cannot be read, nothing of the status but a
// condition changes.
func (s *Spec) read(st *State, o *Observation, d *Decision) bool {
	if o.ScaleReadError != "" {
		p := problem{text: o.ScaleReadError}
		st.warn(ReasonFailedGetScale, p)
		st.set(Condition{Type: AbleToScale, Reason: ReasonFailedGetScale, problem: p})
		d.Failure = Failure{kind: failureRead, reference: s.Reference, problem: p}
		return false
	}
	d.Current = o.SpecReplicas
	st.set(Condition{Type: AbleToScale, Status: true, Reason: ReasonSucceededGetScale})
	st.seed(d.Current, o.Now)
	return true
}

// measure computes the metrics and normalizes their proposal. It returns false
// where they forbid acting.
func (s *Spec) measure(st *State, o *Observation, d *Decision) bool {
	p := s.propose(st, o)
	if p.blocked {
		d.Branch, d.Desired = BranchNoMetrics, d.Current
		d.Failure = s.failure(failureMetrics, &p)
		st.emit(Event{Reason: ReasonFailedComputeMetricsReplicas, failure: d.Failure})
		s.giveUp(st, d)
		return false
	}
	d.HasProposal, d.Proposed, d.By = true, p.replicas, p.by
	if p.failed > 0 && s.Controller.Profile.ReturnsPartial {
		d.Failure = s.failure(failurePartial, &p)
	}
	desired := max(0, p.replicas)
	switch {
	case desired > d.Current:
		d.RescaleReason = RescaleAboveTarget
	case desired < d.Current:
		d.RescaleReason = RescaleBelowTarget
	}
	s.normalise(st, o, d, desired)
	return true
}

// failure is the error of computing the metrics.
func (s *Spec) failure(kind failureKind, p *proposal) Failure {
	return Failure{
		kind: kind, failed: p.failed, count: int32(len(s.Metrics)),
		problem: p.first, reference: s.Reference,
	}
}

// write writes the scale. If it cannot be written, nothing is remembered of the
// attempt but the recommendation.
func (s *Spec) write(st *State, o *Observation, d *Decision) bool {
	p := problem{metric: s.by(d), text: o.ScaleWriteError}
	e := Event{rescale: d.RescaleReason, replicas: d.Desired, failure: Failure{problem: p}}
	if o.ScaleWriteError != "" {
		e.Reason = ReasonFailedRescale
		st.emit(e)
		st.set(Condition{Type: AbleToScale, Reason: ReasonFailedUpdateScale, problem: p})
		d.Failure = Failure{kind: failureWrite, reference: s.Reference, problem: p}
		s.giveUp(st, d)
		return false
	}
	d.Scaled = true
	st.set(Condition{Type: AbleToScale, Status: true, Reason: ReasonSucceededRescale, replicas: d.Desired})
	e.Normal, e.Reason = true, ReasonSuccessfulRescale
	st.emit(e)
	s.remember(st, o.Now, d.Current, d.Desired)
	s.markZero(st, d.Current, d.Desired)
	return true
}

// by is the metric whose proposal won; nil where none did.
func (s *Spec) by(d *Decision) *Metric {
	if !d.HasProposal || d.By >= len(s.Metrics) {
		return nil
	}
	return &s.Metrics[d.By]
}

// giveUp is the status of a reconcile that fails after the metrics were read:
// desiredReplicas stays.
func (s *Spec) giveUp(st *State, d *Decision) {
	// horizontal.go: setCurrentReplicasAndMetricsInStatus
	st.current = d.Current
	if s.Controller.Profile.ReportsFailed {
		st.report()
	}
}
