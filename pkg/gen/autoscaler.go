package gen

import (
	"math"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// autoscaler is the HorizontalPodAutoscaler.
func (s *ElasticService) autoscaler() *autoscalingv2.HorizontalPodAutoscaler {
	scaling := &s.Spec.Scaling
	return &autoscalingv2.HorizontalPodAutoscaler{
		TypeMeta:   typeMeta("autoscaling/v2", "HorizontalPodAutoscaler"),
		ObjectMeta: s.objectMeta(),
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: s.scaleTarget(),
			MinReplicas:    scaling.Min,
			MaxReplicas:    *scaling.Max,
			Metrics:        scaling.metricSpecs(),
			Behavior:       scaling.behavior(),
		},
	}
}

// metricSpecs are the metrics as autoscaling/v2 has them.
func (s *Scaling) metricSpecs() []autoscalingv2.MetricSpec {
	var specs []autoscalingv2.MetricSpec
	for i := range s.Metrics {
		specs = append(specs, s.Metrics[i].spec())
	}
	if h := s.HighLoad; h != nil {
		specs = append(specs, podsMetric(h.Gauge, resource.MustParse(highLoadTarget)))
	}
	return specs
}

func (m *Metric) spec() autoscalingv2.MetricSpec {
	switch {
	case m.CPU != nil:
		return resourceMetric(corev1.ResourceCPU, *m.CPU)
	case m.Memory != nil:
		return resourceMetric(corev1.ResourceMemory, *m.Memory)
	case m.RPS != nil:
		return podsMetric(m.RPS.MetricName(), mustQuantity(m.RPS.Target))
	case m.Query != nil:
		target := mustQuantity(m.Query.Target)
		return autoscalingv2.MetricSpec{
			Type: autoscalingv2.ExternalMetricSourceType,
			External: &autoscalingv2.ExternalMetricSource{
				Metric: autoscalingv2.MetricIdentifier{Name: m.Query.Name},
				Target: autoscalingv2.MetricTarget{Type: autoscalingv2.AverageValueMetricType, AverageValue: &target},
			},
		}
	default:
		return m.upstream()
	}
}

func resourceMetric(name corev1.ResourceName, target Scalar) autoscalingv2.MetricSpec {
	t := autoscalingv2.MetricTarget{Type: autoscalingv2.AverageValueMetricType}
	if percent, err := target.percent(); err == nil {
		utilization := int32(percent)
		t = autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: &utilization}
	} else {
		q := mustQuantity(target)
		t.AverageValue = &q
	}
	return autoscalingv2.MetricSpec{
		Type:     autoscalingv2.ResourceMetricSourceType,
		Resource: &autoscalingv2.ResourceMetricSource{Name: name, Target: t},
	}
}

func podsMetric(name string, target resource.Quantity) autoscalingv2.MetricSpec {
	return autoscalingv2.MetricSpec{
		Type: autoscalingv2.PodsMetricSourceType,
		Pods: &autoscalingv2.PodsMetricSource{
			Metric: autoscalingv2.MetricIdentifier{Name: name},
			Target: autoscalingv2.MetricTarget{Type: autoscalingv2.AverageValueMetricType, AverageValue: &target},
		},
	}
}

// mustQuantity is for values that Validate has accepted.
func mustQuantity(s Scalar) resource.Quantity { return resource.MustParse(string(s)) }

// behavior is the spec's, with the tolerance in both directions where they have
// none of their own. Nil stays nil: to the controller an empty behavior is not
// the same as none.
func (s *Scaling) behavior() *autoscalingv2.HorizontalPodAutoscalerBehavior {
	if s.Tolerance == nil {
		return s.Behavior
	}
	b := &autoscalingv2.HorizontalPodAutoscalerBehavior{}
	if s.Behavior != nil {
		b = s.Behavior.DeepCopy()
	}
	for _, rules := range []**autoscalingv2.HPAScalingRules{&b.ScaleUp, &b.ScaleDown} {
		if *rules == nil {
			*rules = &autoscalingv2.HPAScalingRules{}
		}
		if (*rules).Tolerance == nil {
			q, _ := s.Tolerance.ratio()
			(*rules).Tolerance = &q
		}
	}
	return b
}

// ratio reads "5%" or "0.05" as a quantity of at most three decimals.
func (s Scalar) ratio() (resource.Quantity, error) {
	percent, err := s.percent()
	if err != nil {
		return s.quantity()
	}
	return *resource.NewMilliQuantity(int64(math.Round(percent*10)), resource.DecimalSI), nil
}
