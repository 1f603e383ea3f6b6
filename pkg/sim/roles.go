package sim

import (
	"math"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// invalidRole says what of a demand does not go with its role.
func (w *World) invalidRole(d *Demand) string {
	switch {
	case d.Role > RoleResponse:
		return "there is no such role"
	case d.Role == RoleResponse:
		return w.invalidResponse(d)
	case d.Response != Response{}:
		return "only a response tells of one"
	case d.Role == RolePerPod && !d.perPod():
		return "only Resource and Pods metrics are the pods' own, so that each has a value for itself"
	case d.Role == RolePerPod && (d.Idle > 0 || d.NotReady > 0):
		return "what each pod has for itself is all it has, idle or not Ready as well"
	case d.Role > RolePerPod && d.perPod():
		return "only Object and External metrics can be a backlog or exogenous"
	case d.Capacity > math.MaxInt64/d.Scale-d.Idle:
		return "the capacity is too great"
	case d.Wait != 0 && (d.Role != RoleLoad || !d.perPod() || d.Capacity == 0):
		return "only load of a Resource or Pods metric that has a capacity waits for a bounded time"
	case d.Averaged < 0 || d.Averaged > maxTime || d.Averaged%time.Millisecond != 0:
		return "what a value is a mean over is not a time of whole milliseconds, of at most 50 years"
	case d.Wait < 0 || d.Wait > maxTime || d.Wait%time.Millisecond != 0:
		return "the wait is not a time of whole milliseconds, of at most 50 years"
	}
	if what := w.invalidScraped(d); what != "" {
		return what
	}
	return w.invalidBacklog(d)
}

// mostCPU bounds the cpu of all pods together, in milli-cores.
const mostCPU = 10_000_000_000

// invalidScraped says what of a demand metrics-server could not tell.
func (w *World) invalidScraped(d *Demand) string {
	if w.Pipeline.Kind == PipelineIdeal || d.Source != hpa.SourceResource {
		return ""
	}
	switch {
	case d.Name != "cpu" && d.Name != "memory":
		return "metrics-server tells nothing but cpu and memory"
	case d.NotReadyNone:
		return "metrics-server tells of every running pod, also of those that are not Ready"
	case d.Name == "memory":
		return ""
	}
	own, all := max(d.Idle, d.NotReady, d.Capacity), int64(0)
	for _, v := range d.Values {
		all = max(all, v)
	}
	if d.Role == RolePerPod {
		own = max(own, all)
	}
	if own > mostOfAPod/d.Scale || all > mostCPU/d.Scale {
		return "more than ten thousand cores of one pod, or ten million in all"
	}
	return ""
}

// invalidCounter says what of a load Prometheus could not count.
func (w *World) invalidCounter(d *Demand) string {
	if w.Pipeline.Kind != PipelinePrometheus || d.Source == hpa.SourceResource {
		return ""
	}
	if _, counted := w.Pipeline.counted(d); !counted {
		return ""
	}
	for _, v := range d.Values {
		if v < 0 {
			return "a load is counted, and no counter falls; what may be negative is exogenous"
		}
	}
	if w.greatCount(d, w.mostOfOne(d)) >= float64(long) {
		return "more is counted within a window than a counter tells exactly"
	}
	return ""
}

// invalidBacklog says what is wrong with a demand as a backlog.
func (w *World) invalidBacklog(d *Demand) string {
	if d.Role != RoleBacklog {
		if d.Initial != 0 {
			return "only a backlog has an initial one"
		}
		return ""
	}
	if d.Capacity == 0 {
		return "a backlog needs to know what one pod completes"
	}
	if d.Initial < 0 {
		return "the initial backlog is negative"
	}
	// Syncs may come that long after the end.
	last := w.Duration + w.SyncLatency
	limit := math.MaxInt64 / d.Scale
	var most int64
	for _, v := range d.Values {
		most = max(most, v)
	}
	peak := w.peak()
	if most > math.MaxInt64/peak {
		return "the backlog may grow beyond what can be counted"
	}
	arrived := work(times(most, peak), last.Milliseconds()).Plus(work(d.Initial, 1000))
	if arrived.Compare(work(limit, 1000)) > 0 {
		return "the backlog may grow beyond what can be counted"
	}
	return ""
}
