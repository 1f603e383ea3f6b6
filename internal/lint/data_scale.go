package lint

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/elasticctl/elasticctl/internal/fit"
	"github.com/elasticctl/elasticctl/internal/manifest"
	"github.com/elasticctl/elasticctl/internal/series"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// dataScale hold an autoscaler's settings against the recorded load and replicas.
var dataScale = []Rule{
	{
		ID: "data-max-saturated", Severity: Warning, Tier: Recommended, Recorded: true,
		What: "an autoscaler was at its maximum for a good part of the recorded time",
		Why:  "At the maximum it adds nothing, whatever the load: what more there was to serve waited, or was turned away.",
		How: "kube_horizontalpodautoscaler_status_current_replicas of this autoscaler was at its maximum, as kube_horizontalpodautoscaler_spec_max_replicas gives it, or above the one that is written, for 5 % of the " +
			"time at least, of an hour at least. A maximum that has been raised since above what was recorded is fine. One that equals the minimum is another rule's.",
		Sources: []string{"https://github.com/kubernetes-sigs/kubernetes-mixin/issues/1193"},
		check:   dataMaxSaturated,
	},
	{
		ID: "data-flapping", Severity: Warning, Tier: Recommended, Recorded: true,
		What: "an autoscaler removed pods and added them again within minutes, again and again",
		Why:  "Each turn starts pods that are removed before they have served for long, and moves connections twice.",
		How: "kube_horizontalpodautoscaler_status_desired_replicas of this autoscaler (or its current replicas) changed direction within 10 minutes of the change before, twice the controller's default " +
			"stabilization window, 6 times at least and at least once an hour on average. A removal that comes sooner after an addition than the scale-down window that is written now would be prevented, and is not counted.",
		Sources: []string{"https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#flapping"},
		check:   dataFlapping,
	},
	{
		ID: "data-min-oversized", Severity: Info, Tier: Recommended, Recorded: true,
		What: "an autoscaler's minReplicas is more than the busiest recorded time needed, by half at least",
		Why:  "The autoscaler never leaves its minimum: it costs what a fixed number of pods does, and nobody learns whether it works.",
		How: "All metrics are known from the recording, of a day at least, with a tenth of it missing at most: cpu and memory of the pods' containers, and Pods metrics that prometheus-adapter serves as a sum of series " +
			"or of their rates. The highest total divided by the target, which is what the controller would ask for, times 1.5 is at most minReplicas, which is 3 or more. What pods use when idle counts as load here, so " +
			"that fewer pods would need even less.",
		check: dataMinOversized,
	},
	{
		ID: "data-target-never-reached", Severity: Info, Tier: Recommended, Recorded: true,
		What: "a metric's target is more than twice what minReplicas pods would have had at the busiest recorded time",
		Why:  "The metric never adds a pod. Often its unit is not the target's: thousandths, percent, bytes.",
		How: "As data-min-oversized, for each metric by itself: the highest recorded total, divided by minReplicas, is less than half of the target. Where all metrics together leave minReplicas too large, that " +
			"is said instead.",
		check: dataTargetNeverReached,
	},
}

func dataMaxSaturated(c *checker) {
	for _, s := range c.scalers {
		if s.min >= s.max {
			continue
		}
		a := c.recorded.autoscaler(s)
		if a == nil {
			c.unchecked(s.object, s.maxPath, noAutoscaler(s))
			continue
		}
		var known, full time.Duration
		var longest stretch
		for _, one := range a.stretches() {
			known += one.to - one.from
			most, told := a.most(one.from)
			if one.replicas < s.max || one.replicas == s.max && told && most > s.max {
				continue
			}
			full += one.to - one.from
			if one.to-one.from > longest.to-longest.from {
				longest = one
			}
		}
		if known < time.Hour || 20*full < known {
			continue
		}
		c.report(s.object, s.maxPath, fmt.Sprintf("there were %d pods or more for %s of the %s recorded (%d %%), from %s on for %s at a stretch",
			s.max, lasted(full), lasted(known), int(100*full/known), at(a.start+longest.from.Milliseconds()), lasted(longest.to-longest.from)),
			"write more, if what the pods depend on bears it; or a higher target, if they were not busy")
	}
}

func dataFlapping(c *checker) {
	const turns = 6
	for _, s := range c.scalers {
		a := c.recorded.autoscaler(s)
		if a == nil {
			c.unchecked(s.object, "spec", noAutoscaler(s))
			continue
		}
		course := a.Wanted
		if len(course) == 0 {
			course = a.Replicas
		}
		window, path := s.stabilization()
		n, first, known := turned(course, window)
		if n < turns || time.Duration(n)*time.Hour < known {
			continue
		}
		message := fmt.Sprintf("the replicas turned around %d times in %s within %s of the change before, at first at %s; a window of %s does not prevent it",
			n, lasted(known), duration(sim.ThrashWindow), at(a.start+first.Milliseconds()), duration(window))
		fix := "write a longer stabilizationWindowSeconds for scaleDown, or a target that a pod more or less does not cross"
		if s.hpa == nil {
			c.report(s.object, path, message, fix)
		} else {
			c.at(s, path, message, fix)
		}
	}
}

// stabilization is the window of an autoscaler's scale-down, and where it stands.
func (s *scaler) stabilization() (window time.Duration, path string) {
	const standard = 300
	var behavior *autoscalingv2.HorizontalPodAutoscalerBehavior
	if so, ok := s.Typed.(*scaledObject); ok {
		path = "spec.advanced.horizontalPodAutoscalerConfig.behavior"
		if a := so.Spec.Advanced; a != nil && a.HorizontalPodAutoscalerConfig != nil {
			behavior = a.HorizontalPodAutoscalerConfig.Behavior
		}
	} else if s.hpa != nil {
		path, behavior = "spec.behavior", s.hpa.Spec.Behavior
	}
	path += ".scaleDown.stabilizationWindowSeconds"
	seconds := int32(standard)
	if behavior != nil && behavior.ScaleDown != nil && behavior.ScaleDown.StabilizationWindowSeconds != nil {
		seconds = *behavior.ScaleDown.StabilizationWindowSeconds
	}
	return time.Duration(seconds) * time.Second, path
}

// turned counts how often a count turned around within sim.ThrashWindow of the
// change before, when it did so first, and for how long it is known. A removal
// that follows an addition within the window is none: the window prevents it.
func turned(course []sim.Point, window time.Duration) (n int, first, known time.Duration) {
	direction, last := 0, time.Duration(0)
	for i := 1; i < len(course); i++ {
		from, to := course[i-1], course[i]
		if from.N == sim.Unknown {
			direction = 0
			continue
		}
		known += to.T - from.T
		if to.N == sim.Unknown {
			continue
		}
		now := 1
		if to.N < from.N {
			now = -1
		}
		if now < 0 && direction > 0 && to.T-last < window {
			continue
		}
		if now == -direction && to.T-last < sim.ThrashWindow {
			if n++; n == 1 {
				first = to.T
			}
		}
		direction, last = now, to.T
	}
	return n, first, known
}

// peak is the most that pods had of a metric at one time.
type peak struct {
	// total is in milli-units, goal what one pod should have of it.
	total, goal int64
	at          int64
	length      time.Duration
}

// needs is how many pods the controller would ask for.
func (p *peak) needs() int64 { return (p.total + p.goal - 1) / p.goal }

// peakOf is the peak of a metric of an autoscaler; why says why it is not known.
func (c *checker) peakOf(s *scaler, i int) (p peak, why string) {
	goal, percent, ok := c.goal(s, i)
	if s.workload == nil || len(c.recorded.own[s.workload]) == 0 {
		return p, "no recorded pods are known to be of " + s.target.Kind + " " + s.target.Name
	}
	if !ok {
		return p, "the target is not each pod's"
	}
	want := fit.Want{AsIs: true, Demand: sim.Demand{Name: "use"}}
	selector, problem := "", ""
	if name, container := resourceOf(&s.hpa.Spec.Metrics[i]); name != nil {
		_, request, _ := c.ceiling(s.workload, container, *name)
		if percent && (request <= 0 || goal > math.MaxInt64/request) {
			return p, "what the pods request is not known"
		}
		if percent {
			goal = goal * request / 100
		}
		selector, problem = resourceSelector(*name, container)
	} else {
		selector, want.Declared, problem = c.adapterTotal(s, i)
	}
	if problem != "" {
		return p, problem
	}
	sel, err := series.ParseSelector(selector)
	if err != nil {
		return p, err.Error()
	}
	want.Select = &sel
	load, err := fit.FromRecording(c.recorded.rec, []fit.Want{want}, c.recorded.options(s.workload))
	var lacks *fit.Error
	switch {
	case errors.As(err, &lacks):
		return p, lacks.Text
	case err != nil:
		return p, err.Error()
	}
	d := &load.Demands[0]
	p.length = time.Duration(load.Grid.N) * load.Grid.Step
	if p.length < 24*time.Hour || 10*d.Nulls > load.Grid.N || goal <= 0 {
		return p, "it takes a day of it at least, and this is " + lasted(p.length)
	}
	top := 0
	for k, v := range d.Values {
		if v > d.Values[top] {
			top = k
		}
	}
	p.total, p.goal, p.at = d.Values[top]*d.Scale, goal, load.Grid.Start+int64(top)*load.Grid.Step.Milliseconds()
	return p, ""
}

// resourceSelector selects what containers use of a resource.
func resourceSelector(name corev1.ResourceName, container string) (selector, why string) {
	which := `container!="",container!="POD"`
	if container != "" {
		which = fmt.Sprintf("container=%q", container)
	}
	switch name {
	case corev1.ResourceCPU:
		return "container_cpu_usage_seconds_total{" + which + "}", ""
	case corev1.ResourceMemory:
		return "container_memory_working_set_bytes{" + which + "}", ""
	default:
		return "", "nothing is known of recorded " + string(name)
	}
}

// adapterTotal selects what a metric that prometheus-adapter serves adds up.
func (c *checker) adapterTotal(s *scaler, i int) (selector string, read fit.Declared, why string) {
	prefix := fmt.Sprintf("spec.metrics[%d].", i)
	var found *use
	for k := range c.recorded.uses {
		u := &c.recorded.uses[k]
		if u.asked == nil || u.asked.scaler != s || !strings.HasPrefix(u.asked.path, prefix) {
			continue
		}
		if found != nil {
			return "", read, "several series are behind it"
		}
		found = u
	}
	switch {
	case found == nil:
		return "", read, "no series are known to be behind it"
	case found.unknown != "":
		return "", read, found.unknown
	case found.total() == "":
		return "", read, "its query is not a sum of series, or of their rates"
	}
	read.Counter = found.function != ""
	read.Gauge = !read.Counter
	return found.total(), read, ""
}

// targetPath is where the value of a metric's target stands.
func (s *scaler) targetAt(i int) string {
	m := &s.hpa.Spec.Metrics[i]
	t := manifest.TargetOf(m)
	path := sourcePath(m, i) + ".target."
	switch {
	case t == nil:
		return path
	case t.AverageUtilization != nil:
		return path + "averageUtilization"
	case t.AverageValue != nil:
		return path + "averageValue"
	default:
		return path + "value"
	}
}

// oversized says whether an autoscaler's minimum is, by the peaks of all of its
// metrics; most is the one that needs the most pods.
func (s *scaler) oversized(peaks []peak) (most int, is bool) {
	if len(peaks) == 0 || len(peaks) < len(s.hpa.Spec.Metrics) || s.min < 3 {
		return 0, false
	}
	for i := range peaks {
		if peaks[i].goal == 0 { // not known
			return 0, false
		}
		if peaks[i].needs() > peaks[most].needs() {
			most = i
		}
	}
	return most, max(peaks[most].needs(), 2) <= 2*int64(s.min)/3
}

// eachPeaks calls a function for each sound autoscaler with the peaks of its
// metrics; one that is not known has goal 0, and why says why.
func (c *checker) eachPeaks(do func(s *scaler, peaks []peak, why []string)) {
	for _, s := range c.hpas {
		if !s.sound() || len(s.hpa.Spec.Metrics) == 0 {
			continue
		}
		peaks, why := make([]peak, len(s.hpa.Spec.Metrics)), make([]string, len(s.hpa.Spec.Metrics))
		for i := range peaks {
			if peaks[i], why[i] = c.peakOf(s, i); why[i] != "" {
				peaks[i] = peak{}
			}
		}
		do(s, peaks, why)
	}
}

func dataMinOversized(c *checker) {
	c.eachPeaks(func(s *scaler, peaks []peak, why []string) {
		for i, reason := range why {
			if reason != "" {
				c.uncheckedAt(s, s.targetAt(i), reason)
				return
			}
		}
		most, is := s.oversized(peaks)
		if !is {
			return
		}
		p := &peaks[most]
		c.at(s, s.minPath, fmt.Sprintf("minReplicas is %d, and the busiest time of the %s recorded, at %s, needed %d", s.min, lasted(p.length), at(p.at), p.needs()),
			fmt.Sprintf("write %d, if the recording has the busiest time that there is", max(p.needs(), 2)))
	})
}

func dataTargetNeverReached(c *checker) {
	c.eachPeaks(func(s *scaler, peaks []peak, why []string) {
		if _, is := s.oversized(peaks); is {
			return
		}
		for i := range peaks {
			p := &peaks[i]
			if why[i] != "" {
				c.uncheckedAt(s, s.targetAt(i), why[i])
				continue
			}
			each := p.total / int64(max(s.min, 1))
			if 2*each >= p.goal {
				continue
			}
			c.at(s, s.targetAt(i), fmt.Sprintf("with %d pods one would have had %s of the target's %s at the busiest time of the %s recorded, at %s: the metric never adds a pod",
				max(s.min, 1), c.amount(s, i, each), c.amount(s, i, p.goal), lasted(p.length), at(p.at)), "check the unit, or write less")
		}
	})
}

// amount is milli-units of a metric in a message.
func (c *checker) amount(s *scaler, i int, n int64) string {
	name, _ := resourceOf(&s.hpa.Spec.Metrics[i])
	if name == nil {
		return strconv.FormatFloat(float64(n)/1000, 'f', -1, 64)
	}
	return milli(n, *name)
}
