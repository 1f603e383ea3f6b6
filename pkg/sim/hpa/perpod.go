package hpa

import "math"

// perPod computes a metric that every pod has its own sample of: Resource,
// ContainerResource and Pods.
func (q *question) perPod(status *MetricStatus) (int32, cause) {
	// replica_calculator.go: GetResourceReplicas, calcPlainMetricReplicas
	t, w := q.tally(), q.working
	w.Ready, w.Unready, w.Missing, w.Stray = t.ready, t.unready, t.missing, t.stray
	w.Ignored = t.pods - t.ready - t.unready - t.missing
	if c := q.usable(&t); c != causeNone {
		return 0, c
	}
	first, c := q.compare(&t, t.enlarge(false, leave), &w.First)
	if c != causeNone {
		return 0, c
	}
	// What is reported is the first look, before anything is filled in.
	status.HasAverage, status.Average = true, first.average
	if q.byRequest() {
		status.HasUtilization, status.Utilization = true, first.utilization
	}
	return q.count(&t, first.ratio)
}

// byRequest says whether the target is a share of the request.
func (q *question) byRequest() bool {
	return q.metric.Target == TargetUtilization && q.metric.Source != SourcePods
}

// usable says why there is nothing to divide by.
func (q *question) usable(t *tally) cause {
	if t.pods == 0 {
		return causeNoPods
	}
	if q.byRequest() && !q.spec.Controller.Profile.ChecksSamplesFirst {
		if c := q.requested(); c != causeNone {
			return c
		}
	}
	if t.samples() == 0 {
		return causeNoSamples
	}
	if q.byRequest() {
		return q.requested()
	}
	return causeNone
}

// count turns the first ratio into replicas. Pods without a usable sample are
// filled in so that they hold back the change, in whichever direction it goes;
// if with them it would go the other way, nothing changes.
func (q *question) count(t *tally, ratio float64) (int32, cause) {
	current := q.observation.SpecReplicas
	upWithUnready := t.unready > 0 && ratio > 1.0
	if !upWithUnready && t.missing == 0 {
		if q.spec.within(ratio) {
			return q.keep(RuleWithin), causeNone
		}
		// Ready pods, not current replicas: those that are unready count for
		// nothing on the way down.
		return q.give(RuleReady, toInt32(math.Ceil(ratio*float64(t.ready)))), causeNone
	}
	missing := q.fill(ratio)
	w := q.working
	w.UnreadyIdle = upWithUnready
	w.MissingIdle, w.MissingStand = missing == asZero && t.missing > 0, missing == asStand
	filled := t.enlarge(upWithUnready, missing)
	second, c := q.compare(t, filled, &w.Second)
	if c != causeNone {
		return 0, c
	}
	switch {
	case q.spec.within(second.ratio):
		return q.keep(RuleFilledWithin), causeNone
	case (ratio < 1.0 && second.ratio > 1.0) || (ratio > 1.0 && second.ratio < 1.0):
		return q.keep(RuleTurned), causeNone
	}
	n := q.give(RuleFilled, toInt32(math.Ceil(second.ratio*float64(filled.metrics+t.stray))))
	if (second.ratio < 1.0 && n > current) || (second.ratio > 1.0 && n < current) {
		return q.keep(RuleAgainst), causeNone
	}
	return n, causeNone
}

// filling is what becomes of missing pods in the second look.
type filling uint8

const (
	// leave: they stay out.
	leave filling = iota
	// asZero: they use nothing.
	asZero
	// asStand: they use what stands in for them.
	asStand
)

// fill says what becomes of missing pods after a first ratio.
func (q *question) fill(ratio float64) filling {
	switch {
	case ratio < 1.0:
		return asStand
	case ratio > 1.0:
		return asZero
	case !q.byRequest() && !q.spec.Controller.Profile.LeavesEqual:
		// replica_calculator.go: calcPlainMetricReplicas, up to 1.27
		return asZero
	default:
		return leave
	}
}

// enlarged is a set of metrics of listed pods: the ready ones and those filled
// in.
type enlarged struct{ metrics, sum, requests int64 }

// enlarge adds the missing pods as told, and the unready ones as using nothing.
func (t *tally) enlarge(unready bool, missing filling) enlarged {
	e := enlarged{metrics: t.ready, sum: t.sum, requests: t.readyRequest}
	if missing != leave {
		e.metrics += t.missing
		e.requests += t.missingRequest
	}
	if missing == asStand {
		e.sum += t.fill
	}
	if unready {
		e.metrics += t.unready
		e.requests += t.unreadyRequest
	}
	return e
}

// compare looks at a set of metrics and notes it. Stray metrics have no request,
// so that only averages include them.
func (q *question) compare(t *tally, e enlarged, note *Pass) (u usage, c cause) {
	if q.byRequest() {
		u, c = q.metric.utilization(e.sum, e.requests, e.metrics)
	} else {
		e = enlarged{sum: e.sum + t.straySum, metrics: e.metrics + t.stray}
		u = q.metric.average(e.sum, e.metrics)
	}
	*note = u.pass(e)
	return u, c
}
