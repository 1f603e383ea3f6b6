package manifest

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// defaultUtilization is the CPU target, in percent of the request, of an
// autoscaler that names no metric.
const defaultUtilization = 80

// Default fills in, in place, what the API server fills in on creation
// (pkg/apis/autoscaling/v2/defaults.go): minReplicas, metrics, and both
// directions of a behavior that is present, even an empty one. An absent
// behavior stays absent: the controller then runs another algorithm. The
// scaleDown window stays absent too: it comes from the controller's flag. It also
// brings quantities into the canonical form in which the API server stores them.
func Default(h *autoscalingv2.HorizontalPodAutoscaler) {
	if h.Spec.MinReplicas == nil {
		h.Spec.MinReplicas = ptr(int32(1))
	}
	if len(h.Spec.Metrics) == 0 {
		h.Spec.Metrics = []autoscalingv2.MetricSpec{cpuMetric(defaultUtilization)}
	}
	if b := h.Spec.Behavior; b != nil {
		b.ScaleUp = fill(b.ScaleUp, autoscalingv2.HPAScalingRules{
			StabilizationWindowSeconds: ptr(int32(0)),
			Policies: []autoscalingv2.HPAScalingPolicy{
				{Type: autoscalingv2.PodsScalingPolicy, Value: 4, PeriodSeconds: 15},
				{Type: autoscalingv2.PercentScalingPolicy, Value: 100, PeriodSeconds: 15},
			},
		})
		b.ScaleDown = fill(b.ScaleDown, autoscalingv2.HPAScalingRules{
			Policies: []autoscalingv2.HPAScalingPolicy{
				{Type: autoscalingv2.PercentScalingPolicy, Value: 100, PeriodSeconds: 15},
			},
		})
	}
	for _, q := range quantities(h) {
		*q = canonical(*q)
	}
}

// fill returns the rules with absent fields taken from defaults. A list of
// policies is replaced whole; an explicit empty one stays.
func fill(rules *autoscalingv2.HPAScalingRules, defaults autoscalingv2.HPAScalingRules) *autoscalingv2.HPAScalingRules {
	if rules == nil {
		rules = &autoscalingv2.HPAScalingRules{}
	}
	if rules.StabilizationWindowSeconds == nil {
		rules.StabilizationWindowSeconds = defaults.StabilizationWindowSeconds
	}
	if rules.SelectPolicy == nil {
		rules.SelectPolicy = ptr(autoscalingv2.MaxChangePolicySelect)
	}
	if rules.Policies == nil {
		rules.Policies = defaults.Policies
	}
	return rules
}

// cpuMetric is a Resource metric on cpu.
func cpuMetric(percent int32) autoscalingv2.MetricSpec {
	return autoscalingv2.MetricSpec{
		Type: autoscalingv2.ResourceMetricSourceType,
		Resource: &autoscalingv2.ResourceMetricSource{
			Name: corev1.ResourceCPU,
			Target: autoscalingv2.MetricTarget{
				Type:               autoscalingv2.UtilizationMetricType,
				AverageUtilization: ptr(percent),
			},
		},
	}
}

// quantities returns every quantity of the spec.
func quantities(h *autoscalingv2.HorizontalPodAutoscaler) []*resource.Quantity {
	var list []*resource.Quantity
	add := func(q *resource.Quantity) {
		if q != nil {
			list = append(list, q)
		}
	}
	for _, m := range h.Spec.Metrics {
		for _, t := range targets(&m) {
			add(t.Value)
			add(t.AverageValue)
		}
	}
	if b := h.Spec.Behavior; b != nil {
		for _, rules := range []*autoscalingv2.HPAScalingRules{b.ScaleUp, b.ScaleDown} {
			if rules != nil {
				add(rules.Tolerance)
			}
		}
	}
	return list
}

// targets returns the targets of a metric's sources, whichever are set.
func targets(m *autoscalingv2.MetricSpec) []*autoscalingv2.MetricTarget {
	var list []*autoscalingv2.MetricTarget
	if m.Resource != nil {
		list = append(list, &m.Resource.Target)
	}
	if m.ContainerResource != nil {
		list = append(list, &m.ContainerResource.Target)
	}
	if m.Pods != nil {
		list = append(list, &m.Pods.Target)
	}
	if m.Object != nil {
		list = append(list, &m.Object.Target)
	}
	if m.External != nil {
		list = append(list, &m.External.Target)
	}
	return list
}

// canonical returns a quantity as it reads after having been written: "0.3" has
// the mantissa 3, its canonical form "300m" has 300, and the controller's floats
// depend on that.
func canonical(q resource.Quantity) resource.Quantity {
	if c, err := resource.ParseQuantity(q.String()); err == nil {
		return c
	}
	return q
}

func ptr[T any](v T) *T { return &v }
