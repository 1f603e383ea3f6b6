package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/elasticctl/elasticctl/conformance/oracle"
)

// Coverage counts what the controller's syncs went through.
type Coverage struct {
	Syncs, Scaled int
	counts        map[string]int
}

// branches are what a set of random scenarios has to go through, each often
// enough: everything that a simulation file can bring about.
func branches() []string {
	return []string{
		"condition AbleToScale=False FailedGetScale",
		"condition AbleToScale=False FailedUpdateScale",
		"condition AbleToScale=True ReadyForNewScale",
		"condition AbleToScale=True ScaleDownStabilized",
		"condition AbleToScale=True ScaleUpStabilized",
		"condition AbleToScale=True SucceededGetScale",
		"condition AbleToScale=True SucceededRescale",
		"condition ScaledToZero=False NotScaledToZero",
		"condition ScaledToZero=True ScaledToZero",
		"condition ScalingActive=False FailedGetContainerResourceMetric",
		"condition ScalingActive=False FailedGetExternalMetric",
		"condition ScalingActive=False FailedGetObjectMetric",
		"condition ScalingActive=False FailedGetPodsMetric",
		"condition ScalingActive=False FailedGetResourceMetric",
		"condition ScalingActive=False ScalingDisabled",
		"condition ScalingActive=True ValidMetricFound",
		"condition ScalingLimited=False DesiredWithinRange",
		"condition ScalingLimited=True ScaleDownLimit",
		"condition ScalingLimited=True ScaleUpLimit",
		"condition ScalingLimited=True TooFewReplicas",
		"condition ScalingLimited=True TooManyReplicas",
		"metric ContainerResource average",
		"metric ContainerResource utilization",
		"metric External average",
		"metric External value",
		"metric Object average",
		"metric Object value",
		"metric Pods average",
		"metric Resource average",
		"metric Resource utilization",
		"metric failed",
		"stage 1 scale not read",
		"stage 2 paused at zero",
		"stage 2 jump down to max",
		"stage 2 jump up to min",
		"stage 3 metrics fail, nothing done",
		"stage 3 some metrics fail, way down blocked",
		"stage 3 some metrics fail, way up taken",
		"stage 3 some metrics fail, stay",
		"stage 4 proposal up",
		"stage 4 proposal down",
		"stage 4 proposal stay",
		"stage 4 kept, silent or unready pods taken for idle",
		"stage 4 kept, silent pods taken for busy",
		"stage 5 scaled less than proposed",
		"stage 5 scaled more than proposed",
		"stage 6 scaled up",
		"stage 6 scaled down",
		"stage 6 scaled from zero",
		"stage 6 scaled to zero",
		"stage 6 stays at zero by itself",
		"stage 6 write failed",
	}
}

// Add counts the syncs of one simulation's timeline.
func (c *Coverage) Add(s *oracle.Simulation, ticks []oracle.Tick) {
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	target := utilizationTarget(s)
	for i := range ticks {
		t := &ticks[i]
		c.Syncs++
		if t.ScaledTo != nil {
			c.Scaled++
		}
		for _, k := range t.Conditions {
			c.counts["condition "+k.Type+"="+k.Status+" "+k.Reason]++
		}
		for _, e := range t.Events {
			c.counts["event "+e.Reason]++
		}
		for _, m := range t.Metrics {
			c.counts["metric "+form(m)]++
		}
		if t.Proposed == nil {
			c.withoutProposal(t)
		} else {
			c.withProposal(t)
			c.recheck(t, target)
		}
		c.scaling(t)
	}
}

func form(m oracle.Metric) string {
	switch {
	case m.Utilization != nil:
		return m.Type + " utilization"
	case m.Average != nil:
		return m.Type + " average"
	case m.Value != nil:
		return m.Type + " value"
	}
	return "failed"
}

// withoutProposal counts the syncs in which no metric decided.
func (c *Coverage) withoutProposal(t *oracle.Tick) {
	failed := 0
	for _, m := range t.Metrics {
		if m.Type == "" {
			failed++
		}
	}
	switch {
	case hasEvent(t, "FailedGetScale"):
		c.counts["stage 1 scale not read"]++
	case t.ScaledTo != nil && *t.ScaledTo < t.SpecReplicas:
		c.counts["stage 2 jump down to max"]++
	case t.ScaledTo != nil:
		c.counts["stage 2 jump up to min"]++
	case t.Error == "":
		c.counts["stage 2 paused at zero"]++
	case hasEvent(t, "FailedComputeMetricsReplicas") && failed < len(t.Metrics):
		c.counts["stage 3 some metrics fail, way down blocked"]++
	case hasEvent(t, "FailedComputeMetricsReplicas"):
		c.counts["stage 3 metrics fail, nothing done"]++
	}
}

func hasEvent(t *oracle.Tick, reason string) bool {
	return slices.ContainsFunc(t.Events, func(e oracle.Event) bool { return e.Reason == reason })
}

// withProposal counts what was proposed, and what the windows and limits made
// of it.
func (c *Coverage) withProposal(t *oracle.Tick) {
	way := "stay"
	switch {
	case *t.Proposed > t.SpecReplicas:
		way = "up"
	case *t.Proposed < t.SpecReplicas:
		way = "down"
	}
	c.counts["stage 4 proposal "+way]++
	if slices.ContainsFunc(t.Metrics, func(m oracle.Metric) bool { return m.Type == "" }) {
		c.counts["stage 3 some metrics fail, "+map[string]string{"up": "way up taken", "stay": "stay", "down": "way down taken"}[way]]++
	}
	switch {
	case t.ScaledTo != nil && *t.ScaledTo < *t.Proposed:
		c.counts["stage 5 scaled less than proposed"]++
	case t.ScaledTo != nil && *t.ScaledTo > *t.Proposed:
		c.counts["stage 5 scaled more than proposed"]++
	}
}

// recheck counts the syncs whose one utilization is far off its target and asks
// for another count of the ready pods, but pods that were not measured kept the
// count.
func (c *Coverage) recheck(t *oracle.Tick, target int32) {
	if target == 0 || *t.Proposed != t.SpecReplicas || len(t.Metrics) != 1 || t.Metrics[0].Utilization == nil {
		return
	}
	ratio := float64(*t.Metrics[0].Utilization) / float64(target)
	asked := int32(math.Ceil(ratio * float64(t.Pods.Ready)))
	switch {
	case ratio > 1.3 && asked > t.SpecReplicas:
		c.counts["stage 4 kept, silent or unready pods taken for idle"]++
	case ratio < 0.7 && asked < t.SpecReplicas:
		c.counts["stage 4 kept, silent pods taken for busy"]++
	}
}

// scaling counts what was written.
func (c *Coverage) scaling(t *oracle.Tick) {
	if hasEvent(t, "FailedRescale") {
		c.counts["stage 6 write failed"]++
	}
	switch {
	case t.ScaledTo == nil && t.SpecReplicas == 0 && t.Proposed != nil:
		c.counts["stage 6 stays at zero by itself"]++
	case t.ScaledTo == nil:
	case t.SpecReplicas == 0:
		c.counts["stage 6 scaled from zero"]++
	case *t.ScaledTo == 0:
		c.counts["stage 6 scaled to zero"]++
	case *t.ScaledTo > t.SpecReplicas:
		c.counts["stage 6 scaled up"]++
	default:
		c.counts["stage 6 scaled down"]++
	}
}

// utilizationTarget is the target of an autoscaler that looks at one utilization
// from start to end; 0 where there is none.
func utilizationTarget(s *oracle.Simulation) int32 {
	var hpa autoscalingv2.HorizontalPodAutoscaler
	if len(s.Spec.Autoscaler.Objects) != 1 || json.Unmarshal(s.Spec.Autoscaler.Objects[0], &hpa) != nil || len(hpa.Spec.Metrics) != 1 {
		return 0
	}
	for i := range s.Spec.Faults {
		if s.Spec.Faults[i].EditAutoscaler["metrics"] != nil {
			return 0
		}
	}
	var target autoscalingv2.MetricTarget
	switch m := hpa.Spec.Metrics[0]; m.Type {
	case autoscalingv2.ResourceMetricSourceType:
		target = m.Resource.Target
	case autoscalingv2.ContainerResourceMetricSourceType:
		target = m.ContainerResource.Target
	case autoscalingv2.PodsMetricSourceType, autoscalingv2.ObjectMetricSourceType, autoscalingv2.ExternalMetricSourceType:
	}
	if target.AverageUtilization == nil {
		return 0
	}
	return *target.AverageUtilization
}

// Short lists the branches that decided fewer syncs than this.
func (c *Coverage) Short(least int) []string {
	var out []string
	for _, b := range branches() {
		if c.counts[b] < least {
			out = append(out, fmt.Sprintf("%s: %d", b, c.counts[b]))
		}
	}
	return out
}

// ScaledPercent is how many of 100 syncs scaled.
func (c *Coverage) ScaledPercent() float64 {
	return 100 * float64(c.Scaled) / float64(max(1, c.Syncs))
}

// Print writes the counts by kind, stage and reason.
func (c *Coverage) Print(w io.Writer) {
	for _, k := range slices.Sorted(maps.Keys(c.counts)) {
		fmt.Fprintf(w, "%9d  %s\n", c.counts[k], k)
	}
	fmt.Fprintf(w, "%d syncs, %d of them scaled (%.1f %%)\n", c.Syncs, c.Scaled, c.ScaledPercent())
}
