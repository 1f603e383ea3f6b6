package hpa

// proposal is what the metrics ask for.
type proposal struct {
	// replicas is the largest count asked for, by the metric of that index.
	replicas int32
	by       int
	// failed metrics have a problem; first is the first one's.
	failed  int32
	first   problem
	blocked bool
}

// propose asks every metric in turn and keeps the largest answer. It leaves the
// metrics' statuses in st.scratch, emits an event for each that fails, and sets
// condition ScalingActive.
func (s *Spec) propose(st *State, o *Observation) proposal {
	// horizontal.go: computeReplicasForMetrics
	if p := s.selectorProblem(o); p.cause != causeNone {
		st.warn(p.reason(), p)
		return st.block(proposal{first: p})
	}
	var best proposal
	for i := range s.Metrics {
		status, working := st.page()
		q := question{spec: s, metric: &s.Metrics[i], observation: o, working: working}
		replicas, c := q.ask(i, status)
		switch {
		case c != causeNone:
			p := q.problem(c)
			st.fail(working, p)
			if best.failed == 0 {
				best.first = p
			}
			best.failed++
			// horizontal.go: getUnableComputeReplicaCountCondition
			if p.cause != causeGateOff {
				st.warn(p.reason(), p)
			}
		case best.replicas == 0 || replicas > best.replicas:
			// A 0 is always replaced, even by another 0 or by less.
			best.replicas, best.by = replicas, i
		}
	}
	// Up and staying are safe with some metrics only; down is not.
	if best.failed > 0 && (int(best.failed) >= len(s.Metrics) || best.replicas < o.SpecReplicas) {
		return st.block(best)
	}
	if st.terse {
		return best
	}
	found := problem{}
	if best.by < len(s.Metrics) {
		found.metric = &s.Metrics[best.by]
	}
	st.set(Condition{Type: ScalingActive, Status: true, Reason: ReasonValidMetricFound, problem: found})
	return best
}

// selectorProblem is what is wrong with the scale's selector.
func (s *Spec) selectorProblem(o *Observation) problem {
	// horizontal.go: validateAndParseSelector
	switch {
	case o.SelectorError == SelectorMissing:
		return problem{cause: causeSelectorMissing}
	case o.SelectorError == SelectorInvalid:
		return problem{cause: causeSelectorInvalid, text: o.SelectorText}
	case o.SelectorError == SelectorAmbiguous && s.Controller.Profile.ChecksOverlap:
		return problem{cause: causeSelectorAmbiguous, text: o.SelectorText}
	default:
		return problem{}
	}
}

// block sets condition ScalingActive to the first problem.
func (st *State) block(p proposal) proposal {
	p.blocked = true
	reason := p.first.reason()
	if p.first.cause == causeSelectorMissing {
		reason = ReasonInvalidSelector
	}
	// For a gate that is off upstream sets a condition without type, status and
	// reason; there is nothing to show for it here.
	if p.first.cause != causeGateOff {
		st.set(Condition{Type: ScalingActive, Reason: reason, problem: p.first})
	}
	return p
}

// ask computes the metric of an index: the replicas it asks for and its status, or
// why it cannot. It notes its way in q.working.
func (q *question) ask(i int, status *MetricStatus) (int32, cause) {
	// horizontal.go: computeReplicasForMetric
	if i >= len(q.observation.Readings) {
		return 0, causeEmpty
	}
	q.reading = &q.observation.Readings[i]
	if c := q.answered(); c != causeNone {
		return 0, c
	}
	var replicas int32
	var c cause
	m := q.metric
	switch m.Source {
	case SourceObject, SourceExternal:
		replicas, c = q.total(status)
	default:
		replicas, c = q.perPod(status)
	}
	if c != causeNone {
		*status = MetricStatus{}
		q.working.Rule = RuleNone
		return 0, c
	}
	status.Valid, status.Source, status.Name = true, m.Source, m.Name
	q.working.Replicas = replicas
	return replicas, causeNone
}

// question is one metric at one sync.
type question struct {
	spec        *Spec
	metric      *Metric
	reading     *Reading
	observation *Observation
	// working is where the way to the answer is noted.
	working *Working
	// text completes the problem, where the cause alone does not say it all.
	text string
}

// problem is the problem of this metric with a cause.
func (q *question) problem(c cause) problem {
	p := problem{cause: c, words: q.spec.Controller.Profile.words, metric: q.metric, text: q.text}
	if q.reading != nil {
		p.values = int32(len(q.reading.Values))
	}
	return p
}

// answered says why the metric cannot even be looked at: because of the spec,
// or of what the API answered.
func (q *question) answered() cause {
	m, r, p := q.metric, q.reading, &q.spec.Controller.Profile
	q.text = ""
	switch {
	case m.Source >= SourceUnknown:
		return causeUnknownSource
	case m.Source == SourceContainerResource && p.ChecksContainerGate && !p.ContainerResource:
		return causeGateOff
	case m.BadSelector != "" && (m.Source == SourcePods || m.Source == SourceObject):
		q.text = m.BadSelector
		return causeBadSelector
	case !m.hasTarget():
		return causeNoTarget
	case m.BadSelector != "" && m.Source == SourceExternal:
		// replica_calculator.go parses it, once the target has been looked at.
		q.text = m.BadSelector
		return causeBadSelector
	case r.Error != "":
		q.text = r.Error
		return causeAPI
	case m.Source == SourceObject:
		if len(r.Values) != 1 {
			return causeNotOne
		}
	case r.Empty, m.Source == SourceExternal && len(r.Values) == 0:
		return causeEmpty
	case m.Source == SourceContainerResource && r.NoContainer != "" && !p.MissesContainer:
		q.text = r.NoContainer
		return causeNoContainer
	}
	return causeNone
}

// hasTarget says whether the metric's type can use the target it has.
func (m *Metric) hasTarget() bool {
	switch m.Source {
	case SourceResource, SourceContainerResource:
		return m.Target == TargetUtilization || m.Target == TargetAverageValue
	case SourcePods:
		// Whatever the type says, upstream takes averageValue.
		return true
	default:
		return m.Target == TargetValue || m.Target == TargetAverageValue
	}
}
