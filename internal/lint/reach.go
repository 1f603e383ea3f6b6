package lint

import (
	"fmt"
	"math"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/elasticctl/elasticctl/internal/manifest"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// The questions here are put to the controller's own step.

// controller is the controller of the version asked for, with its defaults.
func (c *checker) controller() hpa.Controller {
	controller := hpa.DefaultController()
	controller.Profile = c.options.Profile
	return controller
}

// adds says whether the controller adds pods where one pod uses an amount of a
// metric and requests another, both in milli-units. The autoscaler must be valid.
func (c *checker) adds(s *scaler, metric int, usage, request int64) bool {
	spec := manifest.Translate(s.hpa, c.controller())
	spec.Metrics = spec.Metrics[metric : metric+1]
	spec.Min, spec.Max = 1, math.MaxInt32
	o := hpa.Observation{
		Now: time.Hour, SpecReplicas: 1, StatusReplicas: 1,
		Groups: []hpa.Group{{Pods: 1, Started: true}},
		Readings: []hpa.Reading{{Samples: []hpa.Sample{
			{Pods: 1, Sum: usage, Timestamp: time.Hour, Window: time.Minute, Request: request},
		}}},
	}
	d := spec.Step(hpa.NewTerseState(1, 2), &o)
	return d.HasProposal && d.Proposed > 1
}

// goal is a metric's target: percent of the request, or milli-units of a pod's
// average; ok is false for a metric that is not each pod's own.
func (c *checker) goal(s *scaler, metric int) (goal int64, percent, ok bool) {
	spec := manifest.Translate(s.hpa, c.controller())
	m := &spec.Metrics[metric]
	switch m.Source {
	case hpa.SourceResource, hpa.SourceContainerResource, hpa.SourcePods:
	case hpa.SourceObject, hpa.SourceExternal, hpa.SourceUnknown:
		return 0, false, false
	}
	percent = m.Target == hpa.TargetUtilization
	return m.Goal, percent, m.Goal > 0 && (percent || m.Target == hpa.TargetAverageValue)
}

// acts is the least use, in units of the goal, at which pods are added; 0 where
// there is none.
func (c *checker) acts(s *scaler, metric int) int64 {
	goal, percent, ok := c.goal(s, metric)
	if !ok || goal > math.MaxInt32 && percent || goal > math.MaxInt64/1024 {
		return 0
	}
	spec := manifest.Translate(s.hpa, c.controller())
	// The edge of the tolerance is a matter of the last bit.
	from := int64(math.Floor(float64(goal) * (1 + spec.ToleranceUp)))
	for use := max(from-1, goal); use <= from+2; use++ {
		usage, request := use, int64(1)
		if percent {
			// A request of 100 makes percents of units.
			request = 100
		}
		if c.adds(s, metric, usage, request) {
			return use
		}
	}
	return 0
}

// ceiling is the most that a pod can use of a resource, in one container or with
// the name "" in all, and what it requests of it, 0 where that is not known; ok is
// false where its use has no bound.
func (c *checker) ceiling(w *workload, container string, resource corev1.ResourceName) (limit, request int64, ok bool) {
	bounded, requested := true, true
	for _, one := range c.running(w) {
		if container != "" && one.Name != container {
			continue
		}
		l, hasLimit := one.Resources.Limits[resource]
		r, hasRequest := one.Resources.Requests[resource]
		if !hasRequest {
			r = l
		}
		bounded, requested = bounded && hasLimit, requested && (hasLimit || hasRequest)
		limit += l.MilliValue()
		request += r.MilliValue()
	}
	if own := c.podRequests(w); own != nil && container == "" {
		request, requested = amountOf(own, resource)
	}
	if r := w.template.Spec.Resources; r != nil && c.options.Profile.PodLevelResources {
		if l, has := r.Limits[resource]; has && (!bounded || l.MilliValue() < limit) {
			limit, bounded = l.MilliValue(), true
		}
	}
	if !requested {
		request = 0
	}
	return limit, request, bounded && limit > 0
}

// duration is a time in words: 90s, 5m, 1h30m.
func duration(d time.Duration) string {
	switch {
	case d%time.Hour == 0 && d > 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d >= time.Hour:
		return fmt.Sprintf("%dh%s", d/time.Hour, duration(d%time.Hour))
	case d%time.Minute == 0 && d > 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d > 2*time.Minute:
		return fmt.Sprintf("%dm%ds", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%ds", d/time.Second)
}

// milli is an amount of milli-units as a quantity.
func milli(n int64, resource corev1.ResourceName) string {
	if resource == corev1.ResourceMemory {
		switch bytes := n / 1000; {
		case bytes%(1<<30) == 0:
			return fmt.Sprintf("%dGi", bytes>>30)
		case bytes%(1<<20) == 0:
			return fmt.Sprintf("%dMi", bytes>>20)
		default:
			return fmt.Sprintf("%d", bytes)
		}
	}
	if n%1000 == 0 {
		return fmt.Sprintf("%d", n/1000)
	}
	return fmt.Sprintf("%dm", n)
}
