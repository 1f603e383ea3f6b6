package sim

import (
	"math"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// AtTarget is how much of a demand one pod carries when the autoscaler's
// metrics stand exactly at their targets, in milli-units: the least over the
// metrics that the demand feeds, without what the pod uses besides. ok is false where no target speaks of one pod
// (an Object or External value, no metric at all, no request).
func (w *World) AtTarget(spec *hpa.Spec, d *Demand) (milli int64, ok bool) {
	for i := range spec.Metrics {
		m := &spec.Metrics[i]
		if !d.Feeds(m) {
			continue
		}
		carry, has := w.metricAtTarget(m)
		switch d.Aggregate {
		case AggregateNone, AggregateSum:
		case AggregateAvg, AggregateMax, AggregateMin, AggregateQuantile:
			carry, has = m.Goal, m.Target == hpa.TargetValue // of every pod alike
		case AggregateCount:
			has = false
		}
		carry = w.besidesIdle(m, carry)
		if has && (!ok || carry < milli) {
			milli, ok = carry, true
		}
	}
	return milli, ok
}

// besidesIdle is what of an amount per pod is left for load: the metric reads
// what pods use when idle too, that of all its demands.
func (w *World) besidesIdle(m *hpa.Metric, milli int64) int64 {
	for i := range w.Demand {
		if d := &w.Demand[i]; d.Idle > 0 && d.Feeds(m) {
			milli = max(0, milli-d.Idle*d.Scale)
		}
	}
	return milli
}

// metricAtTarget is what one pod reports of a metric that stands at its target.
func (w *World) metricAtTarget(m *hpa.Metric) (int64, bool) {
	switch m.Target {
	case hpa.TargetAverageValue:
		return m.Goal, true
	case hpa.TargetUtilization:
		request := w.request(m)
		if request <= 0 || m.Goal > math.MaxInt64/request {
			return 0, false
		}
		return m.Goal * request / 100, true
	case hpa.TargetValue, hpa.TargetNone:
		return 0, false
	}
	return 0, false
}

// request is what one pod requests of a metric's resource, in milli-units.
func (w *World) request(m *hpa.Metric) int64 {
	var sum int64
	for _, c := range w.Pods.Containers {
		if m.Source == hpa.SourceContainerResource && c.Name != m.Container {
			continue
		}
		for _, q := range c.Requests {
			if q.Resource == m.Resource {
				sum += q.Milli
			}
		}
	}
	return sum
}

// Feeds says whether a metric reads this demand. A Resource metric reads every
// container's.
func (d *Demand) Feeds(m *hpa.Metric) bool {
	switch m.Source {
	case hpa.SourceResource:
		return d.Source == hpa.SourceResource && d.Name == m.Resource
	case hpa.SourceContainerResource:
		return d.Source == hpa.SourceResource && d.Name == m.Resource && d.Container == m.Container
	case hpa.SourcePods, hpa.SourceObject, hpa.SourceExternal:
		return d.Source == m.Source && d.Name == m.Name
	case hpa.SourceUnknown:
	}
	return false
}
