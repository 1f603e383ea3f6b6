package hpa

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// twin is a second, deliberately naive controller: one struct per pod, maps by
// pod name, texts built on the spot, no profile but a version number. It was
// written from the description of the algorithm and shares nothing with Step
// but the Spec it is given.
type twin struct {
	conditions       []twinCondition
	metrics          []twinStatus
	current, desired int32
	recs             []twinRec
	ups, downs       []twinEvent

	// The sync at hand.
	spec                   *Spec
	minor                  int
	zeroGate, containerOff bool
	now                    time.Duration
	cur, stat              int32
	pods                   []twinPod
	readings               []twinReading
	out                    twinResult
}

type twinCondition struct{ kind, status, reason, message string }

type twinStatus struct {
	source, name                         string
	utilization, average, value          int64
	hasUtilization, hasAverage, hasValue bool
}

type twinRec struct {
	replicas int32
	at       time.Duration
}

type twinEvent struct {
	change   int32
	at       time.Duration
	outdated bool
}

type twinPod struct {
	name, phase, ready string
	deleted, started   bool
	start, transition  time.Duration
	// requests and noRequest are per metric.
	requests  []int64
	noRequest []string
}

type twinReading struct {
	err, noContainer string
	empty            bool
	samples          map[string]twinSample
	values           []int64
}

type twinSample struct {
	value     int64
	timestamp time.Duration
	window    time.Duration
}

// twinResult is what one sync did besides the status.
type twinResult struct {
	events   []string
	err      string
	scaledTo *int32
	proposal *int32
	metric   string
}

var errTwinGate = errors.New("ContainerResource metric type is not supported: disabled by the feature gate")

func (w *twin) event(kind, reason, format string, args ...any) {
	w.out.events = append(w.out.events, kind+" "+reason+": "+fmt.Sprintf(format, args...))
}

func (w *twin) condition(kind, status, reason, format string, args ...any) {
	c := twinCondition{kind, status, reason, fmt.Sprintf(format, args...)}
	for i := range w.conditions {
		if w.conditions[i].kind == kind {
			w.conditions[i] = c
			return
		}
	}
	w.conditions = append(w.conditions, c)
}

func (w *twin) drop(kind string) {
	w.conditions = slices.DeleteFunc(w.conditions, func(c twinCondition) bool { return c.kind == kind })
}

func (w *twin) isTrue(kind string) bool {
	return slices.ContainsFunc(w.conditions, func(c twinCondition) bool { return c.kind == kind && c.status == "True" })
}

// sync is one reconcile.
func (w *twin) sync(o *Observation) {
	w.out = twinResult{}
	if err := w.reconcile(o); err != nil {
		w.out.err = err.Error()
	}
}

func (w *twin) reconcile(o *Observation) error {
	s := w.spec
	if o.ScaleReadError != "" {
		w.event("Warning", "FailedGetScale", "%s", o.ScaleReadError)
		w.condition("AbleToScale", "False", "FailedGetScale", "the HPA controller was unable to get the target's current scale: %s", o.ScaleReadError)
		return fmt.Errorf("failed to query scale subresource for %s: %s", s.Reference, o.ScaleReadError)
	}
	w.condition("AbleToScale", "True", "SucceededGetScale", "the HPA controller was able to get the target's current scale")
	if w.recs == nil {
		w.recs = []twinRec{{w.cur, w.now}}
	}
	zero := w.minor >= 36 && w.zeroGate && w.isTrue("ScaledToZero")
	paused := w.cur == 0 && s.Min != 0
	if w.minor >= 36 {
		mayLeave := (s.Min != 0 && zero) || (zero && w.external())
		paused = w.cur == 0 && !mayLeave
	}
	switch {
	case paused:
		w.condition("ScalingActive", "False", "ScalingDisabled", "scaling is disabled since the replica count of the target is zero")
		if w.minor >= 36 && !w.zeroGate {
			w.drop("ScaledToZero")
		}
		w.current, w.desired, w.metrics = 0, 0, nil
		return nil
	case w.cur != 0 && w.cur > s.Max:
		return w.act(o, s.Max, "Current number of replicas above Spec.MaxReplicas", nil)
	case w.cur != 0 && w.cur < s.Min:
		return w.act(o, s.Min, "Current number of replicas below Spec.MinReplicas", nil)
	}
	proposal, name, statuses, blocked, partial := w.allMetrics(o)
	if blocked {
		w.current = w.cur
		if w.minor >= 29 {
			w.metrics = statuses
		}
		w.event("Warning", "FailedComputeMetricsReplicas", "%s", partial)
		return fmt.Errorf("failed to compute desired number of replicas based on listed metrics for %s: %w", s.Reference, partial)
	}
	w.out.proposal, w.out.metric = &proposal, name
	desired, reason := max(0, proposal), ""
	if desired > w.cur {
		reason = name + " above target"
	}
	if desired < w.cur {
		reason = "All metrics below target"
	}
	desired = w.normalize(desired)
	if w.cur == 0 && s.Min != 0 && zero && desired < s.Min {
		desired = s.Min
		if reason == "" {
			reason = "Current number of replicas below Spec.MinReplicas"
		}
	}
	if err := w.act(o, desired, reason, statuses); err != nil {
		return err
	}
	if w.minor < 27 {
		return nil
	}
	return partial
}

// act writes the scale, if it is to change, and the status.
func (w *twin) act(o *Observation, desired int32, reason string, statuses []twinStatus) error {
	if desired != w.cur {
		if o.ScaleWriteError != "" {
			w.event("Warning", "FailedRescale", "New size: %d; reason: %s; error: %s", desired, reason, o.ScaleWriteError)
			w.condition("AbleToScale", "False", "FailedUpdateScale", "the HPA controller was unable to update the target scale: %s", o.ScaleWriteError)
			w.current = w.cur
			if w.minor >= 29 {
				w.metrics = statuses
			}
			return fmt.Errorf("failed to rescale %s: %s", w.spec.Reference, o.ScaleWriteError)
		}
		w.rescaled(desired, reason)
	}
	w.current, w.desired, w.metrics = w.cur, desired, statuses
	return nil
}

// external says whether there is a metric that needs no pods.
func (w *twin) external() bool {
	return slices.ContainsFunc(w.spec.Metrics, func(m Metric) bool { return m.Source == SourceObject || m.Source == SourceExternal })
}

func (w *twin) rescaled(desired int32, reason string) {
	s := w.spec
	w.out.scaledTo = &desired
	w.condition("AbleToScale", "True", "SucceededRescale", "the HPA controller was able to update the target scale to %d", desired)
	w.event("Normal", "SuccessfulRescale", "New size: %d; reason: %s", desired, reason)
	if s.HasBehavior {
		list, rules := &w.ups, s.Up
		if desired < w.cur {
			list, rules = &w.downs, s.Down
		}
		longest := time.Duration(0)
		for _, p := range rules.Policies {
			longest = max(longest, p.Period)
		}
		last := -1
		for i := range *list {
			e := &(*list)[i]
			e.outdated = e.outdated || e.at < w.now-longest
			if e.outdated {
				last = i
			}
		}
		e := twinEvent{change: max(desired-w.cur, w.cur-desired), at: w.now}
		if last < 0 {
			*list = append(*list, e)
		} else {
			(*list)[last] = e
		}
	}
	switch {
	case w.minor < 36:
	case !w.zeroGate:
		w.drop("ScaledToZero")
	case w.cur > 0 && desired == 0 && s.Min == 0 && w.external():
		w.condition("ScaledToZero", "True", "ScaledToZero", "the HPA controller scaled the workload to zero")
	default:
		w.condition("ScaledToZero", "False", "NotScaledToZero", "the HPA controller did not scale the workload to zero")
	}
}
