package manifest

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

// HPA is a HorizontalPodAutoscaler that was read.
type HPA struct {
	*Object
	// V2 is the object as written, in autoscaling/v2; not defaulted.
	V2 *autoscalingv2.HorizontalPodAutoscaler
}

// Autoscalers returns the HorizontalPodAutoscalers of the set in their order.
// An autoscaling/v1 object that cannot be converted is a Problem.
func (s *Set) Autoscalers() ([]*HPA, error) {
	var list []*HPA
	var problems yamlpos.Problems
	for _, o := range s.Objects {
		h, problem := AsHPA(o)
		switch {
		case problem != nil:
			problems = append(problems, *problem)
		case h != nil:
			list = append(list, h)
		}
	}
	return list, problems.Err()
}

// AsHPA returns an object as a HorizontalPodAutoscaler, nil where it is none. An
// autoscaling/v1 object that cannot be converted is a problem.
func AsHPA(o *Object) (*HPA, *yamlpos.Problem) {
	switch typed := o.Typed.(type) {
	case *autoscalingv2.HorizontalPodAutoscaler:
		return &HPA{o, typed}, nil
	case *autoscalingv1.HorizontalPodAutoscaler:
		v2, err := convertV1(typed)
		if err != nil {
			p := o.Doc.Problem(err.path, err.text, "remove the annotation, or write the object as autoscaling/v2")
			return nil, &p
		}
		return &HPA{o, v2}, nil
	}
	return nil, nil
}

// Problem returns a Problem at a field path of autoscaling/v2, whatever version
// the file has.
func (h *HPA) Problem(path, text, hint string) yamlpos.Problem {
	return h.Doc.Problem(h.Written(path), text, hint)
}

// Written returns where a field of autoscaling/v2 stands in the file.
func (h *HPA) Written(path string) string {
	if h.APIVersion != "autoscaling/v1" {
		return path
	}
	switch {
	case strings.HasPrefix(path, "spec.metrics["):
		if h.Doc.Has("metadata.annotations[" + metricsAnnotation + "]") {
			return "metadata.annotations[" + metricsAnnotation + "]"
		}
		return "spec.targetCPUUtilizationPercentage"
	case strings.HasPrefix(path, "spec.behavior"):
		return "metadata.annotations[" + behaviorAnnotation + "]"
	}
	return path
}

// Resolve applies the API server's defaults and validation and the controller's
// flags. What the API server of that version would refuse is Problems.
func (h *HPA) Resolve(c hpa.Controller) (hpa.Spec, error) {
	v2 := h.V2.DeepCopy()
	Default(v2)
	var problems yamlpos.Problems
	seen := map[string]bool{}
	for _, v := range Validate(v2, RulesOf(c.Profile)) {
		// Upstream at times says the same thing about a field twice.
		if !seen[v.Field] {
			seen[v.Field] = true
			problems = append(problems, h.Problem(v.Field, v.Error.Error(), v.Hint))
		}
	}
	for i, m := range v2.Spec.Metrics {
		if m.Type == autoscalingv2.ContainerResourceMetricSourceType && !c.Profile.ContainerResource {
			problems = append(problems, h.Problem(fmt.Sprintf("spec.metrics[%d].type", i),
				"the API server of Kubernetes "+c.Profile.Version+" drops ContainerResource metrics",
				"they need 1.27, or the feature gate HPAContainerMetrics"))
		}
	}
	if len(problems) > 0 {
		problems.Sort()
		return hpa.Spec{}, problems
	}
	return Translate(v2, c), nil
}

// Annotations in which autoscaling/v1 carries what it has no fields for.
const (
	metricsAnnotation  = "autoscaling.alpha.kubernetes.io/metrics"
	behaviorAnnotation = "autoscaling.alpha.kubernetes.io/behavior"
)

// An annotationError is an annotation of autoscaling/v1 that cannot be read.
// The API server ignores such an annotation in silence.
type annotationError struct{ path, text string }

// convertV1 converts as the API server does (pkg/apis/autoscaling/v1/conversion.go):
// the metrics of the annotation come first, then the CPU target; without either
// it is cpu at 80 %.
func convertV1(in *autoscalingv1.HorizontalPodAutoscaler) (*autoscalingv2.HorizontalPodAutoscaler, *annotationError) {
	in = in.DeepCopy()
	out := &autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: in.ObjectMeta}
	out.APIVersion, out.Kind = "autoscaling/v2", hpaKind
	out.Spec.ScaleTargetRef = autoscalingv2.CrossVersionObjectReference(in.Spec.ScaleTargetRef)
	out.Spec.MinReplicas, out.Spec.MaxReplicas = in.Spec.MinReplicas, in.Spec.MaxReplicas

	if text, ok := in.Annotations[metricsAnnotation]; ok {
		var metrics []autoscalingv1.MetricSpec
		if err := json.Unmarshal([]byte(text), &metrics); err != nil {
			return nil, badAnnotation(metricsAnnotation, err)
		}
		for _, m := range metrics {
			out.Spec.Metrics = append(out.Spec.Metrics, metricFromV1(m))
		}
	}
	if p := in.Spec.TargetCPUUtilizationPercentage; p != nil {
		out.Spec.Metrics = append(out.Spec.Metrics, cpuMetric(*p))
	}
	if len(out.Spec.Metrics) == 0 {
		out.Spec.Metrics = []autoscalingv2.MetricSpec{cpuMetric(defaultUtilization)}
	}
	if text, ok := in.Annotations[behaviorAnnotation]; ok {
		// Its fields are those of v2 with capital letters, which encoding/json
		// does not tell apart.
		var b autoscalingv2.HorizontalPodAutoscalerBehavior
		if err := json.Unmarshal([]byte(text), &b); err != nil {
			return nil, badAnnotation(behaviorAnnotation, err)
		}
		if b.ScaleUp != nil || b.ScaleDown != nil {
			out.Spec.Behavior = &b
		}
	}
	delete(out.Annotations, metricsAnnotation)
	delete(out.Annotations, behaviorAnnotation)
	return out, nil
}

func badAnnotation(name string, err error) *annotationError {
	return &annotationError{
		path: "metadata.annotations[" + name + "]",
		text: fmt.Sprintf("annotation %s cannot be read: %v", name, err),
	}
}

func metricFromV1(m autoscalingv1.MetricSpec) autoscalingv2.MetricSpec {
	out := autoscalingv2.MetricSpec{Type: autoscalingv2.MetricSourceType(m.Type)}
	if r := m.Resource; r != nil {
		out.Resource = &autoscalingv2.ResourceMetricSource{Name: r.Name}
		out.Resource.Target.AverageUtilization, out.Resource.Target.AverageValue = r.TargetAverageUtilization, r.TargetAverageValue
		out.Resource.Target.Type = utilizationOrAverage(r.TargetAverageUtilization)
	}
	if r := m.ContainerResource; r != nil {
		out.ContainerResource = &autoscalingv2.ContainerResourceMetricSource{Name: r.Name, Container: r.Container}
		out.ContainerResource.Target.AverageUtilization, out.ContainerResource.Target.AverageValue = r.TargetAverageUtilization, r.TargetAverageValue
		out.ContainerResource.Target.Type = utilizationOrAverage(r.TargetAverageUtilization)
	}
	if p := m.Pods; p != nil {
		out.Pods = &autoscalingv2.PodsMetricSource{
			Metric: autoscalingv2.MetricIdentifier{Name: p.MetricName, Selector: p.Selector},
			Target: autoscalingv2.MetricTarget{Type: autoscalingv2.AverageValueMetricType, AverageValue: ptr(p.TargetAverageValue)},
		}
	}
	if o := m.Object; o != nil {
		out.Object = &autoscalingv2.ObjectMetricSource{
			DescribedObject: autoscalingv2.CrossVersionObjectReference(o.Target),
			Metric:          autoscalingv2.MetricIdentifier{Name: o.MetricName, Selector: o.Selector},
			Target:          autoscalingv2.MetricTarget{Type: autoscalingv2.ValueMetricType, AverageValue: o.AverageValue},
		}
		if o.AverageValue != nil {
			out.Object.Target.Type = autoscalingv2.AverageValueMetricType
		}
		// v1 cannot leave the value out; beside an average a zero means absent.
		if o.AverageValue == nil || !o.TargetValue.IsZero() {
			out.Object.Target.Value = ptr(o.TargetValue)
		}
	}
	if e := m.External; e != nil {
		out.External = &autoscalingv2.ExternalMetricSource{
			Metric: autoscalingv2.MetricIdentifier{Name: e.MetricName, Selector: e.MetricSelector},
			Target: autoscalingv2.MetricTarget{Type: autoscalingv2.AverageValueMetricType, Value: e.TargetValue, AverageValue: e.TargetAverageValue},
		}
		if e.TargetValue != nil {
			out.External.Target.Type = autoscalingv2.ValueMetricType
		}
	}
	return out
}

func utilizationOrAverage(utilization *int32) autoscalingv2.MetricTargetType {
	if utilization == nil {
		return autoscalingv2.AverageValueMetricType
	}
	return autoscalingv2.UtilizationMetricType
}
