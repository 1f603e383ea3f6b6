package sim

import (
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// maxTime bounds every time of a world, so that their sums fit an int64.
const maxTime = 50 * 365 * 24 * time.Hour

// Validate returns the first reason why the world cannot be replayed, nil if
// there is none. It checks shapes and ranges, not whether the world makes sense.
// Its cost is proportional to the number of demand values.
func (w *World) Validate() error {
	if err := w.validateTimes(); err != nil {
		return err
	}
	if w.Pods.Initial < 0 {
		return errors.New("pods: the initial replica count is negative")
	}
	if err := validateAutoscaler("autoscaler", &w.Autoscaler); err != nil {
		return err
	}
	for i := range w.Demand {
		if err := w.validateDemand(i); err != nil {
			return err
		}
	}
	for i := range w.Faults {
		if err := w.validateFault("fault "+strconv.Itoa(i), &w.Faults[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) validateTimes() error {
	p, c := &w.Pods, &w.Autoscaler.Controller
	for _, t := range [...]struct {
		name string
		time time.Duration
	}{
		{"duration", w.Duration},
		{"sync latency", w.SyncLatency},
		{"sync period", c.SyncPeriod},
		{"downscale stabilization", c.DownscaleStabilization},
		{"cpu initialization period", c.CPUInitializationPeriod},
		{"initial readiness delay", c.InitialReadinessDelay},
		{"age of the initial pods", p.InitialAge},
		{"pods' pending time", p.Pending},
		{"pods' ready time", p.Ready},
		{"pods' metrics delay", p.MetricsDelay},
		{"pods' termination", p.Termination},
		{"pipeline's window", w.Pipeline.Window},
		{"pipeline's age", w.Pipeline.Age},
	} {
		if err := validateTime(t.name, t.time); err != nil {
			return err
		}
	}
	if c.SyncPeriod == 0 {
		return errors.New("the sync period is zero")
	}
	return nil
}

func validateTime(name string, t time.Duration) error {
	if t < 0 {
		return errors.New("the " + name + " is negative")
	}
	if t > maxTime {
		return errors.New("the " + name + " is longer than 50 years")
	}
	return nil
}

func validateAutoscaler(name string, s *hpa.Spec) error {
	switch {
	case s == nil:
		return errors.New(name + ": there is no autoscaler")
	case s.Min < 0:
		return errors.New(name + ": min is negative")
	case s.Max < max(s.Min, 1):
		return errors.New(name + ": max is below min, or below 1")
	case len(s.Metrics) == 0:
		return errors.New(name + ": there is no metric")
	}
	return nil
}

func (w *World) validateDemand(i int) error {
	d, name := &w.Demand[i], "demand "+strconv.Itoa(i)
	if d.Name != "" {
		name += " (" + d.Name + ")"
	}
	switch {
	case d.Source == hpa.SourceContainerResource:
		return errors.New(name + ": a container's demand is of source Resource")
	case d.Source > hpa.SourceExternal:
		return errors.New(name + ": there is no such source")
	case d.Step <= 0 || d.Step > maxTime:
		return errors.New(name + ": the step is not a positive time of at most 50 years")
	case len(d.Values) == 0:
		return errors.New(name + ": there are no values")
	case d.Null != nil && len(d.Null) != len(d.Values):
		return errors.New(name + ": there are " + strconv.Itoa(len(d.Null)) + " null marks for " +
			strconv.Itoa(len(d.Values)) + " values")
	case d.Scale <= 0:
		return errors.New(name + ": the scale is not positive")
	case d.Capacity < 0 || d.NotReady < 0 || d.NotReady > math.MaxInt64/d.Scale:
		return errors.New(name + ": a value that is not within 0 and 2^63 milli-units")
	case d.Source == hpa.SourceResource && !w.hasContainer(d.Container):
		return errors.New(name + `: no container is called "` + d.Container + `"`)
	}
	split := d.Source == hpa.SourceResource || d.Source == hpa.SourcePods
	for j, v := range d.Values {
		if most := math.MaxInt64 / d.Scale; v > most || v < -most || split && v < 0 {
			return errors.New(name + ": value " + strconv.Itoa(j) + " is negative or too great: " + strconv.FormatInt(v, 10))
		}
	}
	return w.validateAlone(i, name)
}

// validateAlone refuses a second series of what can only have one.
func (w *World) validateAlone(i int, name string) error {
	d := &w.Demand[i]
	if d.Source == hpa.SourceExternal {
		return nil
	}
	for j := range w.Demand[:i] {
		o := &w.Demand[j]
		if o.Source == d.Source && o.Name == d.Name && o.Container == d.Container {
			return errors.New(name + ": a second series of demand " + strconv.Itoa(j))
		}
	}
	return nil
}

func (w *World) hasContainer(name string) bool {
	for i := range w.Pods.Containers {
		if w.Pods.Containers[i].Name == name {
			return true
		}
	}
	return false
}

func (w *World) validateFault(name string, f *Fault) error {
	if err := validateTime("time of "+name, f.At); err != nil {
		return err
	}
	if err := validateTime("length of "+name, f.For); err != nil {
		return err
	}
	if f.Kind > FaultEditAutoscaler {
		return errors.New(name + ": there is no such kind of fault")
	}
	if f.Replicas < 0 {
		return errors.New(name + ": a negative number of pods")
	}
	for _, rank := range f.Ranks {
		if rank < 0 {
			return errors.New(name + ": a negative rank")
		}
	}
	if f.Kind != FaultEditAutoscaler {
		return nil
	}
	if err := validateAutoscaler(name, f.Autoscaler); err != nil {
		return err
	}
	if f.Autoscaler.Controller != w.Autoscaler.Controller {
		return errors.New(name + ": an edit of the autoscaler cannot change its controller")
	}
	return nil
}
