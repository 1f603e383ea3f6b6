package manifest

import (
	"fmt"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Translate resolves a defaulted and valid object, run by a controller of the
// given configuration, to what the controller decides by. Names and formats are
// upstream's (pkg/controller/podautoscaler/horizontal.go).
func Translate(h *autoscalingv2.HorizontalPodAutoscaler, c hpa.Controller) hpa.Spec {
	target := h.Spec.ScaleTargetRef
	s := hpa.Spec{
		Reference:     fmt.Sprintf("%s/%s/%s", target.Kind, h.Namespace, target.Name),
		Min:           1,
		Max:           h.Spec.MaxReplicas,
		ToleranceUp:   c.Tolerance,
		ToleranceDown: c.Tolerance,
		Controller:    c,
	}
	if h.Spec.MinReplicas != nil {
		s.Min = *h.Spec.MinReplicas
	}
	for i := range h.Spec.Metrics {
		s.Metrics = append(s.Metrics, metric(&h.Spec.Metrics[i], h.Namespace))
	}
	b := h.Spec.Behavior
	if b == nil {
		return s
	}
	s.HasBehavior = true
	s.Up = rules(b.ScaleUp, 0)
	s.Down = rules(b.ScaleDown, c.DownscaleStabilization.Truncate(time.Second))
	if c.Profile.ConfigurableTolerance {
		s.ToleranceUp = tolerance(b.ScaleUp, c.Tolerance)
		s.ToleranceDown = tolerance(b.ScaleDown, c.Tolerance)
	}
	return s
}

func rules(r *autoscalingv2.HPAScalingRules, window time.Duration) hpa.Rules {
	out := hpa.Rules{Stabilization: window}
	if r == nil {
		return out
	}
	if r.StabilizationWindowSeconds != nil {
		out.Stabilization = time.Duration(*r.StabilizationWindowSeconds) * time.Second
	}
	if r.SelectPolicy != nil {
		switch *r.SelectPolicy {
		case autoscalingv2.MinChangePolicySelect:
			out.Select = hpa.SelectMin
		case autoscalingv2.DisabledPolicySelect:
			out.Select = hpa.SelectDisabled
		case autoscalingv2.MaxChangePolicySelect:
			out.Select = hpa.SelectMax
		}
	}
	for _, p := range r.Policies {
		policy := hpa.Policy{Type: hpa.PolicyPods, Value: p.Value, Period: time.Duration(p.PeriodSeconds) * time.Second}
		if p.Type == autoscalingv2.PercentScalingPolicy {
			policy.Type = hpa.PolicyPercent
		}
		out.Policies = append(out.Policies, policy)
	}
	return out
}

// tolerance is one direction of upstream's tolerancesForHpa. The float is
// mantissa × 10^exponent of the canonical form, which Default made.
func tolerance(r *autoscalingv2.HPAScalingRules, flag float64) float64 {
	if r == nil || r.Tolerance == nil {
		return flag
	}
	return r.Tolerance.AsApproximateFloat64()
}

func metric(m *autoscalingv2.MetricSpec, namespace string) hpa.Metric {
	switch m.Type {
	case autoscalingv2.ResourceMetricSourceType:
		return resourceMetric(m.Resource.Name, "", m.Resource.Target, namespace)
	case autoscalingv2.ContainerResourceMetricSourceType:
		return resourceMetric(m.ContainerResource.Name, m.ContainerResource.Container, m.ContainerResource.Target, namespace)
	case autoscalingv2.PodsMetricSourceType:
		out := named(hpa.SourcePods, m.Pods.Metric, namespace)
		out.Target, out.Goal = hpa.TargetAverageValue, milli(m.Pods.Target.AverageValue)
		out.Proposal = "pods metric " + out.Name
		return out
	case autoscalingv2.ObjectMetricSourceType:
		return objectMetric(m.Object, namespace)
	case autoscalingv2.ExternalMetricSourceType:
		return externalMetric(m.External, namespace)
	}
	return hpa.Metric{Source: hpa.SourceUnknown, Target: hpa.TargetNone, Name: string(m.Type), Namespace: namespace}
}

// resourceMetric is upstream's computeStatusForResourceMetricGeneric: the type
// of the target plays no part.
func resourceMetric(name corev1.ResourceName, container string, t autoscalingv2.MetricTarget, namespace string) hpa.Metric {
	out := hpa.Metric{
		Source: hpa.SourceResource, CPU: name == corev1.ResourceCPU,
		Name: string(name), Resource: string(name), Container: container, Namespace: namespace,
	}
	kind := "resource"
	if container != "" {
		out.Source, out.Name, kind = hpa.SourceContainerResource, container+"/"+string(name), "container resource"
	}
	switch {
	case t.AverageValue != nil:
		out.Target, out.Goal = hpa.TargetAverageValue, milli(t.AverageValue)
		out.Proposal = fmt.Sprintf("%s resource", name)
	case t.AverageUtilization != nil:
		out.Target, out.Goal = hpa.TargetUtilization, int64(*t.AverageUtilization)
		out.Proposal = fmt.Sprintf("%s %s utilization (percentage of request)", name, kind)
	default:
		out.Target = hpa.TargetNone
	}
	return out
}

// objectMetric is upstream's computeStatusForObjectMetric: here the type decides,
// and a type without its field fails at every sync.
func objectMetric(o *autoscalingv2.ObjectMetricSource, namespace string) hpa.Metric {
	out := named(hpa.SourceObject, o.Metric, namespace)
	out.Object = fmt.Sprintf("%s %s/%s", o.DescribedObject.Kind, namespace, o.DescribedObject.Name)
	switch {
	case o.Target.Type == autoscalingv2.ValueMetricType && o.Target.Value != nil:
		out.Target, out.Goal = hpa.TargetValue, milli(o.Target.Value)
		out.Proposal = fmt.Sprintf("%s metric %s", o.DescribedObject.Kind, out.Name)
	case o.Target.Type == autoscalingv2.AverageValueMetricType && o.Target.AverageValue != nil:
		out.Target, out.Goal = hpa.TargetAverageValue, milli(o.Target.AverageValue)
		out.Proposal = fmt.Sprintf("external metric %s(%s)", out.Name, out.Selector)
	default:
		out.Target = hpa.TargetNone
	}
	return out
}

// externalMetric is upstream's computeStatusForExternalMetric.
func externalMetric(e *autoscalingv2.ExternalMetricSource, namespace string) hpa.Metric {
	out := named(hpa.SourceExternal, e.Metric, namespace)
	out.Proposal = fmt.Sprintf("external metric %s(%s)", out.Name, out.Selector)
	switch {
	case e.Target.AverageValue != nil:
		out.Target, out.Goal = hpa.TargetAverageValue, milli(e.Target.AverageValue)
	case e.Target.Value != nil:
		out.Target, out.Goal = hpa.TargetValue, milli(e.Target.Value)
	default:
		out.Target = hpa.TargetNone
	}
	return out
}

// named begins a metric that has a name and a selector of its own.
func named(source hpa.Source, id autoscalingv2.MetricIdentifier, namespace string) hpa.Metric {
	out := hpa.Metric{Source: source, Name: id.Name, Namespace: namespace, Selector: fmt.Sprintf("%+v", id.Selector)}
	if _, err := metav1.LabelSelectorAsSelector(id.Selector); err != nil {
		out.BadSelector = err.Error()
	}
	return out
}

// milli is a target in milli-units, rounded up.
func milli(q *resource.Quantity) int64 {
	if q == nil {
		return 0
	}
	return q.MilliValue()
}

// TargetOf returns the target of a metric's source; nil where it has none.
func TargetOf(m *autoscalingv2.MetricSpec) *autoscalingv2.MetricTarget {
	switch {
	case m.Resource != nil:
		return &m.Resource.Target
	case m.ContainerResource != nil:
		return &m.ContainerResource.Target
	case m.Pods != nil:
		return &m.Pods.Target
	case m.Object != nil:
		return &m.Object.Target
	case m.External != nil:
		return &m.External.Target
	}
	return nil
}
