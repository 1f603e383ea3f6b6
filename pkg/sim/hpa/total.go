package hpa

import "math"

// total computes a metric that is one value for the whole workload: Object and
// External.
func (q *question) total(status *MetricStatus) (int32, cause) {
	if q.metric.Target == TargetValue {
		value := q.value()
		q.working.Total = value
		replicas, c := q.byReadyPods(float64(value) / float64(q.metric.Goal))
		status.HasValue, status.Value = true, value
		return replicas, c
	}
	replicas, average := q.byAverage()
	status.HasAverage, status.Average = true, average
	return replicas, causeNone
}

// value is the metric's value for target type Value.
func (q *question) value() int64 {
	if q.metric.Source == SourceObject {
		return q.reading.Values[0]
	}
	// replica_calculator.go: GetExternalMetricReplicas
	var sum int64
	for _, v := range q.reading.Values {
		if q.spec.Controller.Profile.CapsValue && v > 0 && sum > math.MaxInt64-v {
			return math.MaxInt64
		}
		sum += v
	}
	return sum
}

// byReadyPods is the count for a ratio of total to target: that many times the
// pods that serve now. From zero there are none, and the ratio is the count.
func (q *question) byReadyPods(ratio float64) (int32, cause) {
	// replica_calculator.go: getUsageRatioReplicaCount
	current := q.observation.SpecReplicas
	q.working.First.Ratio = ratio
	if current == 0 {
		return q.give(RuleFromZero, toInt32(math.Ceil(ratio))), causeNone
	}
	if q.spec.within(ratio) {
		return q.keep(RuleWithin), causeNone
	}
	ready, c := q.readyPods()
	if c != causeNone {
		return 0, c
	}
	q.working.Ready = ready
	replicas := ratio * float64(ready)
	if q.spec.Controller.Profile.CapsValue && replicas > math.MaxInt32 {
		return q.give(RuleReady, math.MaxInt32), causeNone
	}
	return q.give(RuleReady, toInt32(math.Ceil(replicas))), causeNone
}

// readyPods counts the pods that are Running and Ready, terminating ones
// included.
func (q *question) readyPods() (int64, cause) {
	// replica_calculator.go: getReadyPodsCount
	var ready int64
	some := false
	for i := range q.observation.Groups {
		g := &q.observation.Groups[i]
		if g.Unlisted || g.Pods <= 0 {
			continue
		}
		some = true
		if g.Phase == PhaseRunning && g.Ready == ReadyTrue {
			ready += int64(g.Pods)
		}
	}
	if !some {
		return 0, causeNoPods
	}
	return ready, causeNone
}

// byAverage is the count for target type AverageValue, and the average that is
// reported. It goes by the scale's status.replicas and looks at no pod; without
// any replica the ratio is infinite and the average whatever that converts to.
func (q *question) byAverage() (replicas int32, average int64) {
	// replica_calculator.go: GetObjectPerPodMetricReplicas, GetExternalPerPodMetricReplicas
	current, goal := q.observation.StatusReplicas, q.metric.Goal
	caps := q.metric.Source == SourceExternal && q.spec.Controller.Profile.CapsExternalAverage
	sum := q.sum(caps)
	replicas = current
	w := q.working
	w.Total, w.Rule = sum, RuleWithin
	w.First.Ratio = float64(sum) / (float64(goal) * float64(current))
	if !q.spec.within(w.First.Ratio) {
		n := math.Ceil(float64(sum) / float64(goal))
		replicas = toInt32(n)
		if caps && n > math.MaxInt32 {
			replicas = math.MaxInt32
		}
		q.give(RuleShare, replicas)
	}
	if caps && float64(sum) >= math.MaxInt64 {
		return replicas, math.MaxInt64
	}
	return replicas, toInt64(math.Ceil(float64(sum) / float64(current)))
}

// sum is the metric's value for target type AverageValue. A sum that is
// negative on the way counts as an overflow, whatever made it so.
func (q *question) sum(caps bool) int64 {
	if q.metric.Source == SourceObject {
		return q.reading.Values[0]
	}
	// replica_calculator.go: GetExternalPerPodMetricReplicas
	var sum int64
	for _, v := range q.reading.Values {
		sum += v
		if caps && sum < 0 {
			return math.MaxInt64
		}
	}
	return sum
}
