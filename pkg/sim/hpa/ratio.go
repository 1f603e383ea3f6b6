package hpa

import "math"

// usage is one pass over a set of metrics: how it compares to the target, and
// what is reported of it.
type usage struct {
	ratio float64
	// utilization is in percent, average in milli-units per pod.
	utilization int32
	average     int64
}

// utilization compares a sum of metrics with a sum of requests. It is cut to a
// whole percent before it becomes a ratio.
func (m *Metric) utilization(sum, requests, pods int64) (usage, cause) {
	// metrics/utilization.go: GetResourceUtilizationRatio
	if requests == 0 {
		return usage{}, causeZeroRequests
	}
	u := int32(sum * 100 / requests)
	return usage{
		ratio:       float64(u) / float64(m.Goal),
		utilization: u,
		average:     sum / pods,
	}, causeNone
}

// average compares the average of some metrics with the target. It is cut to a
// whole milli-unit before it becomes a ratio.
func (m *Metric) average(sum, pods int64) usage {
	// metrics/utilization.go: GetMetricUsageRatio
	average := sum / pods
	return usage{ratio: float64(average) / float64(m.Goal), average: average}
}

// within says whether a ratio is too close to 1 to act on.
func (s *Spec) within(ratio float64) bool {
	if !s.Controller.Profile.ToleranceInterval {
		// replica_calculator.go, up to 1.32: math.Abs(1.0-usageRatio) <= c.tolerance
		return math.Abs(1.0-ratio) <= s.Controller.Tolerance
	}
	// replica_calculator.go: isWithin
	return (1.0-s.ToleranceDown) <= ratio && ratio <= (1.0+s.ToleranceUp)
}
