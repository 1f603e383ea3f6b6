package hpa

// tally is what one metric's pods come to, by class. Counts are int64 so that
// no number of groups overflows them; sums wrap.
type tally struct {
	// pods are all that the selector matches.
	pods int64
	// ready pods are counted and their metrics kept; sum and request are
	// theirs. Unready and missing pods have only requests. Ignored pods have
	// nothing at all.
	ready, unready, missing                            int64
	sum                                                int64
	readyRequest, unreadyRequest, missingRequest, fill int64
	// stray metrics belong to no pod that is listed.
	stray, straySum int64
}

// samples is how many metrics are left after those of unready and ignored pods
// are taken out.
func (t *tally) samples() int64 { return t.ready + t.stray }

// tally sorts the pods. Of each, the first rule that fits decides.
func (q *question) tally() (t tally) {
	// replica_calculator.go: groupPods, removeMetricsForPods
	groups, samples := q.observation.Groups, q.reading.Samples
	var none Sample
	for i := range groups {
		g, sample := &groups[i], &none
		if i < len(samples) {
			sample = &samples[i]
		}
		pods := int64(max(g.Pods, 0))
		reporting := min(int64(max(sample.Pods, 0)), pods)
		if g.Unlisted {
			if reporting > 0 {
				t.stray += reporting
				t.straySum += sample.Sum
			}
			continue
		}
		t.pods += pods
		switch {
		case g.Terminating, g.Phase == PhaseFailed:
			continue
		case g.Phase == PhasePending:
			t.unready += pods
			t.unreadyRequest += pods * sample.Request
			continue
		}
		t.missing += pods - reporting
		t.missingRequest += (pods - reporting) * sample.Request
		t.fill += (pods - reporting) * q.stand(sample.Request)
		switch {
		case reporting == 0:
		case q.metric.looksAtReadiness() && q.unready(g, sample):
			t.unready += reporting
			t.unreadyRequest += reporting * sample.Request
		default:
			t.ready += reporting
			t.sum += sample.Sum
			t.readyRequest += reporting * sample.Request
		}
	}
	return t
}

// looksAtReadiness says whether an unready pod's sample is disregarded: cpu
// only, in either type of target.
func (m *Metric) looksAtReadiness() bool {
	return m.CPU && (m.Source == SourceResource || m.Source == SourceContainerResource)
}

// unready says whether the samples of a group's pods are disregarded.
func (q *question) unready(g *Group, sample *Sample) bool {
	// replica_calculator.go: groupPods
	c, now := &q.spec.Controller, q.observation.Now
	if g.Ready == ReadyAbsent || !g.Started {
		return true
	}
	if g.Start+c.CPUInitializationPeriod > now {
		// A sample counts once it covers one window since the pod became ready.
		return g.Ready == ReadyFalse || sample.Timestamp < g.Transition+sample.Window
	}
	// A pod that has been ready before counts even when it is not now.
	return g.Ready == ReadyFalse && g.Start+c.InitialReadinessDelay > g.Transition
}

// stand is what stands in for the metric of one missing pod on the way down.
func (q *question) stand(request int64) int64 {
	// replica_calculator.go: GetResourceReplicas, calcPlainMetricReplicas
	m := q.metric
	switch {
	case m.Target != TargetUtilization || m.Source == SourcePods:
		return m.Goal
	case q.spec.Controller.Profile.FillsToTarget:
		return request * max(100, m.Goal) / 100
	default:
		return request
	}
}

// requested says why some pod has no request; every listed pod must have one,
// ignored ones too.
func (q *question) requested() cause {
	// replica_calculator.go: calculateRequests
	samples := q.reading.Samples
	for i := range q.observation.Groups {
		g := &q.observation.Groups[i]
		if i < len(samples) && samples[i].NoRequest != "" && g.Pods > 0 && !g.Unlisted {
			q.text = samples[i].NoRequest
			return causeNoRequest
		}
	}
	return causeNone
}
