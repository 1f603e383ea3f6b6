package sim

import (
	"math"
	"strconv"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// maxTime bounds every time of a world, so that their sums fit an int64.
const maxTime = 50 * 365 * 24 * time.Hour

// invalid is why a world cannot be replayed.
type invalid struct {
	// part and index say where: "demand" 2; an index below 0 is none.
	part  string
	index int
	// what is wrong with it, and with which value of a series, if not below 0.
	what  string
	value int
}

func (e *invalid) Error() string {
	where := e.part
	if e.index >= 0 {
		where += " " + strconv.Itoa(e.index)
	}
	if e.value >= 0 {
		where += ", value " + strconv.Itoa(e.value)
	}
	return where + ": " + e.what
}

// Validate returns the first reason why the world cannot be replayed, nil if
// there is none: a negative or overlong time, a series without values or with
// too great ones, an autoscaler without metrics, and the like. The error names
// the part ("demand 2"), counting from 0. It checks shapes and ranges, not
// whether the world makes sense. Its cost is proportional to the number of
// demand values.
func (w *World) Validate() error {
	e := &invalid{index: -1, value: -1}
	w.check(e)
	if e.what == "" {
		return nil
	}
	return e
}

// check fills in what is wrong, if anything is.
func (w *World) check(e *invalid) {
	if e.part, e.what = w.invalidTimes(); e.what != "" {
		return
	}
	if e.part = "price of a pod-hour"; !(w.PodHourPrice >= 0 && w.PodHourPrice <= math.MaxFloat64) {
		e.what = "it is negative, or no finite number"
		return
	}
	e.part = "pipeline"
	if e.what = w.Pipeline.invalid(); e.what != "" {
		return
	}
	if e.part = "pods"; w.Pods.Initial < 0 {
		e.what = "the initial replica count is negative"
		return
	}
	if i := w.Pods.Imbalance; i < 0 || i > MaxImbalance {
		e.what = "the imbalance is negative or too great"
		return
	}
	if e.what = w.Pods.Rolling.invalid(); e.what != "" {
		return
	}
	if m := w.Pods.MinReady; m < 0 || m > maxTime || m%time.Second != 0 {
		e.what = "the time after which a Ready pod is available is no whole number of seconds, of at most 50 years"
		return
	}
	e.part = "nodes"
	if e.what = w.Nodes.invalid(w.Pods.Initial); e.what != "" {
		return
	}
	e.part = "autoscaler"
	if e.what = invalidAutoscaler(&w.Autoscaler); e.what != "" {
		return
	}
	e.part = "demand"
	for e.index = range w.Demand {
		if e.what, e.value = w.invalidDemand(e.index); e.what != "" {
			return
		}
	}
	e.part = "fault"
	for e.index = range w.Faults {
		if e.what = w.invalidFault(&w.Faults[e.index]); e.what != "" {
			return
		}
	}
	e.part, e.index = "latency", -1
	if e.what = w.invalidLatency(); e.what != "" {
		return
	}
	e.part = "follow"
	if what, point := invalidFollow(w.Follow); what != "" {
		e.index, e.what = point, what
	}
}

func (w *World) invalidTimes() (part, what string) {
	p, c := &w.Pods, &w.Autoscaler.Controller
	for _, t := range [...]struct {
		name string
		time time.Duration
	}{
		{"duration", w.Duration},
		{"sync latency", w.SyncLatency},
		{"sync period", c.SyncPeriod},
		{"downscale stabilization", c.DownscaleStabilization},
		{"CPU initialization period", c.CPUInitializationPeriod},
		{"initial readiness delay", c.InitialReadinessDelay},
		{"age of the initial pods", p.InitialAge},
		{"pods' pending time", p.Pending},
		{"pods' ready time", p.Ready},
		{"pods' metrics delay", p.MetricsDelay},
		{"pods' termination", p.Termination},
		{"pipeline's window", w.Pipeline.Window},
		{"pipeline's age", w.Pipeline.Age},
	} {
		if what := invalidTime(t.time); what != "" {
			return t.name, what
		}
	}
	if c.SyncPeriod == 0 {
		return "sync period", "it is zero"
	}
	return p.Spread.invalid()
}

func (p *Pipeline) invalid() string {
	const shortest, longest = 10 * time.Second, 15 * time.Minute
	switch {
	case p.Kind > PipelinePrometheus:
		return "there is no such kind"
	case p.Kind == PipelineIdeal:
		return ""
	case p.Resolution < shortest || p.Resolution > longest:
		return "the resolution is not a time of 10 s to 15 min"
	case p.Age >= p.Resolution:
		return "a scrape is not older than the resolution when it can be read"
	case p.Kind == PipelineResource:
		return ""
	}
	return p.invalidRate()
}

// invalidRate says what is wrong with the scrapes of Prometheus.
func (p *Pipeline) invalidRate() string {
	const shortest, longest = time.Second, 2 * time.Minute
	switch {
	case p.Interval < shortest || p.Interval > longest:
		return "the interval is not a time of 1 s to 2 min"
	case p.Interval%time.Millisecond != 0 || p.Window%time.Millisecond != 0:
		return "Prometheus knows whole milliseconds alone"
	case p.Age >= p.Interval:
		return "a scrape is not older than the interval when it can be read"
	case p.Window < 2*p.Interval+p.Age:
		return "a rate needs two scrapes, so the window is at least two intervals and the age"
	case p.Window > MaxScrapes*p.Interval:
		return "the window holds more than 1000 scrapes"
	}
	return ""
}

func invalidTime(t time.Duration) string {
	switch {
	case t < 0:
		return "a time cannot be negative"
	case t > maxTime:
		return "a time cannot be longer than 50 years"
	}
	return ""
}

func invalidAutoscaler(s *hpa.Spec) string {
	switch {
	case s == nil:
		return "there is no autoscaler"
	case s.Min < 0:
		return "min is negative"
	case s.Max < max(s.Min, 1):
		return "max is below min, or below 1"
	case len(s.Metrics) == 0:
		return "there is no metric"
	}
	return ""
}

// invalidDemand says what is wrong with a demand, and with which value, -1 if
// with none.
func (w *World) invalidDemand(i int) (what string, value int) {
	d := &w.Demand[i]
	switch {
	case d.Source == hpa.SourceContainerResource:
		return "a container's demand is of source Resource", -1
	case d.Source > hpa.SourceExternal:
		return "there is no such source", -1
	case d.Role == RoleResponse && (d.Step != 0 || d.Values != nil || d.Null != nil):
		return "a response has no values: it is computed", -1
	case d.Role == RoleResponse:
	case d.Step <= 0 || d.Step > maxTime:
		return "the step is not a positive time of at most 50 years", -1
	case len(d.Values) == 0:
		return "there are no values", -1
	case d.Null != nil && len(d.Null) != len(d.Values):
		return "there are not as many null marks as values", -1
	case d.Scale <= 0:
		return "the scale is not positive", -1
	case d.Capacity < 0:
		return "the capacity is negative", -1
	case d.NotReady < 0 || d.NotReady > math.MaxInt64/d.Scale:
		return "what pods report that are not Ready is negative or too great", -1
	case d.Idle < 0 || d.Idle > math.MaxInt64/d.Scale:
		return "what pods use besides their share is negative or too great", -1
	case d.Idle > 0 && !d.perPod():
		return "only Resource and Pods metrics are the pods' own, so that they can be idle", -1
	case d.Source == hpa.SourceResource && !w.hasContainer(d.Container):
		return "the pods have no such container", -1
	case w.repeats(i):
		return "a series of that metric comes before; only External metrics have several", -1
	}
	if what = d.invalidAggregate(); what != "" {
		return what, -1
	}
	if what = w.invalidRole(d); what != "" {
		return what, -1
	}
	least, most := -math.MaxInt64/d.Scale, math.MaxInt64/d.Scale-d.Idle
	if peak := w.peak(); d.grows() && peak > Thousand {
		least, most = least/peak*Thousand, most/peak*Thousand
	}
	if d.perPod() || d.Role == RoleBacklog {
		least = 0
	}
	for j, v := range d.Values {
		if v < least || v > most {
			return "it is negative or too great", j
		}
	}
	return w.invalidCounter(d), -1
}

// perPod says whether each pod has a value of its own, though the metric may tell
// only an aggregate of them.
func (d *Demand) perPod() bool {
	return d.Source == hpa.SourceResource || d.Source == hpa.SourcePods || d.Aggregate != AggregateNone
}

// repeats says whether demand i is a second series of what can only have one.
func (w *World) repeats(i int) bool {
	d := &w.Demand[i]
	for j := range w.Demand[:i] {
		o := &w.Demand[j]
		if o.Source == d.Source && o.Name == d.Name && o.Container == d.Container && d.Source != hpa.SourceExternal {
			return true
		}
	}
	return false
}

func (w *World) hasContainer(name string) bool {
	for i := range w.Pods.Containers {
		if w.Pods.Containers[i].Name == name {
			return true
		}
	}
	return false
}

func (w *World) invalidFault(f *Fault) string {
	for _, t := range [...]time.Duration{f.At, f.For} {
		if what := invalidTime(t); what != "" {
			return what
		}
	}
	switch {
	case f.Kind > FaultRollout:
		return "there is no such kind of fault"
	case f.Rolling.invalid() != "":
		return f.Rolling.invalid()
	case f.Replicas < 0:
		return "a negative number of pods"
	case f.Factor < 0 || f.Factor > MaxFactor:
		return "the factor is negative or too great"
	case f.Kind == FaultSlowStart && f.Factor < Thousand:
		return "a slow start is not faster than others"
	case f.Kind == FaultSlowStart && max(w.Pods.Ready, w.Pods.longestStart()) > maxTime/time.Duration(f.Factor)*Thousand:
		return "pods take longer than 50 years to start"
	}
	for _, rank := range f.Ranks {
		if rank < 0 {
			return "a negative rank"
		}
	}
	if f.Kind != FaultEditAutoscaler {
		return ""
	}
	if what := invalidAutoscaler(f.Autoscaler); what != "" {
		return what
	}
	if f.Autoscaler.Controller != w.Autoscaler.Controller {
		return "an edit of the autoscaler cannot change its controller"
	}
	return ""
}
