package manifest

import (
	"fmt"
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// metrics is upstream's validateMetrics.
func (v *validator) metrics(s *autoscalingv2.HorizontalPodAutoscalerSpec, path *field.Path) {
	fromZero := false
	for i := range s.Metrics {
		m := &s.Metrics[i]
		v.metric(m, path.Index(i))
		fromZero = fromZero || m.Type == autoscalingv2.ObjectMetricSourceType || m.Type == autoscalingv2.ExternalMetricSourceType
	}
	if s.MinReplicas != nil && *s.MinReplicas == 0 && !fromZero {
		v.add(field.Forbidden(path, "must specify at least one Object or External metric to support scaling to zero replicas"),
			"write minReplicas: 1, or add a metric that exists without pods")
	}
}

// metric is upstream's validateMetricSpec: of several sources only the first, in
// this order, is looked at.
func (v *validator) metric(m *autoscalingv2.MetricSpec, path *field.Path) {
	known := []autoscalingv2.MetricSourceType{
		autoscalingv2.ContainerResourceMetricSourceType, autoscalingv2.ExternalMetricSourceType, autoscalingv2.ObjectMetricSourceType,
		autoscalingv2.PodsMetricSourceType, autoscalingv2.ResourceMetricSourceType,
	}
	unknown := !slices.Contains(known, m.Type)
	if m.Type == "" {
		v.typed(field.Required(path.Child("type"), "must specify a metric source type"), typeOf(m))
	}
	if unknown {
		v.typed(field.NotSupported(path.Child("type"), m.Type, known), typeOf(m))
	}
	present := sources(m)
	if len(present) > 0 {
		v.source(m, present[0], path.Child(present[0]))
	}
	want := sourceOf(m.Type)
	switch {
	case unknown:
		v.typed(field.NotSupported(path.Child("type"), m.Type, known), typeOf(m))
	case !slices.Contains(present, want):
		hint := ""
		if len(present) == 1 {
			hint = fmt.Sprintf("the metric has type %s but the field %s: rename one of them", m.Type, present[0])
		}
		v.add(field.Required(path.Child(want), "must populate information for the given metric source"), hint)
	}
	if len(present) != 1 {
		for _, source := range present {
			if source != want {
				v.add(field.Forbidden(path.Child(source), "must populate the given metric source only"),
					"make it a metric of its own in the list")
			}
		}
	}
}

// typed adds an error about a type that can only be one; "" where there is doubt.
func (v *validator) typed(e *field.Error, sure string) {
	hint := ""
	if sure != "" {
		hint = "write type: " + sure
	}
	v.found = append(v.found, Violation{Error: e, Hint: hint, Write: sure})
}

// typeOf is the type of the one source that is set.
func typeOf(m *autoscalingv2.MetricSpec) string {
	if present := sources(m); len(present) == 1 {
		return strings.ToUpper(present[0][:1]) + present[0][1:]
	}
	return ""
}

// sources returns the names of the sources that are set, in upstream's order.
func sources(m *autoscalingv2.MetricSpec) []string {
	var names []string
	for _, s := range []struct {
		name string
		set  bool
	}{
		{"object", m.Object != nil},
		{"external", m.External != nil},
		{"pods", m.Pods != nil},
		{"resource", m.Resource != nil},
		{"containerResource", m.ContainerResource != nil},
	} {
		if s.set {
			names = append(names, s.name)
		}
	}
	return names
}

// sourceOf returns the field that belongs to a metric's type.
func sourceOf(t autoscalingv2.MetricSourceType) string {
	if t == "" {
		return ""
	}
	return strings.ToLower(string(t[:1])) + string(t[1:])
}

func (v *validator) source(m *autoscalingv2.MetricSpec, name string, path *field.Path) {
	switch name {
	case "object":
		v.reference(m.Object.DescribedObject, path.Child("describedObject"), false, "")
		v.segment(m.Object.Metric.Name, path.Child("metric", "name"), "must specify a metric name")
		v.objectTarget(m.Object.Target, path.Child("target"))
	case "external":
		v.segment(m.External.Metric.Name, path.Child("metric", "name"), "must specify a metric name")
		v.externalTarget(m.External.Target, path.Child("target"))
	case "pods":
		v.segment(m.Pods.Metric.Name, path.Child("metric", "name"), "must specify a metric name")
		v.target(m.Pods.Target, path.Child("target"))
		if m.Pods.Target.AverageValue == nil {
			v.add(field.Required(path.Child("target", "averageValue"), "must specify a positive target averageValue"),
				"a Pods metric is averaged over pods: write type: AverageValue and averageValue")
		}
	case "resource":
		if m.Resource.Name == "" {
			v.add(field.Required(path.Child("name"), "must specify a resource name"), "write cpu or memory")
		}
		v.resourceTarget(m.Resource.Target, path.Child("target"))
	case "containerResource":
		v.containerResource(m.ContainerResource, path)
	}
}

func (v *validator) containerResource(c *autoscalingv2.ContainerResourceMetricSource, path *field.Path) {
	if c.Name == "" {
		v.add(field.Required(path.Child("name"), "must specify a resource name"), "write cpu or memory")
	} else {
		v.resourceName(c.Name, path.Child("name"))
	}
	if c.Container == "" {
		v.add(field.Required(path.Child("container"), "must specify a container"), "write the name of a container of the pods")
	} else {
		for _, msg := range validation.IsDNS1123Label(c.Container) {
			v.add(field.Invalid(path.Child("container"), c.Container, msg), "")
		}
	}
	v.resourceTarget(c.Target, path.Child("target"))
}

// resourceName is upstream's ValidateContainerResourceName.
func (v *validator) resourceName(name corev1.ResourceName, path *field.Path) {
	const hint = "write cpu or memory"
	qualified := strings.Contains(string(name), "/")
	msgs := validation.IsQualifiedName(string(name))
	for _, msg := range msgs {
		v.add(field.Invalid(path, name, msg), hint)
	}
	if len(msgs) == 0 && !qualified && !isStandard(name) {
		v.add(field.Invalid(path, name, "must be a standard resource type or fully qualified"), hint)
	}
	switch {
	case !qualified && !isContainerResource(name):
		v.add(field.Invalid(path, name, "must be a standard resource for containers"), hint)
	case qualified && !strings.Contains(string(name), corev1.ResourceDefaultNamespacePrefix) && !isExtended(name):
		v.add(field.Invalid(path, name, "doesn't follow extended resource name standard"), hint)
	}
}

func isContainerResource(name corev1.ResourceName) bool {
	switch name {
	case corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage:
		return true
	default:
		return strings.HasPrefix(string(name), corev1.ResourceHugePagesPrefix)
	}
}

// isStandard says whether a name without a domain is one of Kubernetes's own,
// those of quotas included.
func isStandard(name corev1.ResourceName) bool {
	switch name {
	case corev1.ResourceRequestsCPU, corev1.ResourceRequestsMemory, corev1.ResourceRequestsEphemeralStorage,
		corev1.ResourceLimitsCPU, corev1.ResourceLimitsMemory, corev1.ResourceLimitsEphemeralStorage,
		corev1.ResourcePods, corev1.ResourceQuotas, corev1.ResourceServices, corev1.ResourceReplicationControllers,
		corev1.ResourceSecrets, corev1.ResourceConfigMaps, corev1.ResourcePersistentVolumeClaims, corev1.ResourceStorage,
		corev1.ResourceRequestsStorage, corev1.ResourceServicesNodePorts, corev1.ResourceServicesLoadBalancers:
		return true
	default:
		return isContainerResource(name) || strings.HasPrefix(string(name), corev1.ResourceRequestsHugePagesPrefix)
	}
}

// isExtended says whether a name is that of an extended resource
// ("example.com/gpu").
func isExtended(name corev1.ResourceName) bool {
	const quota = corev1.DefaultResourceRequestsPrefix
	return !strings.HasPrefix(string(name), quota) && len(validation.IsQualifiedName(quota+string(name))) == 0
}

// target is upstream's validateMetricTarget. It does not compare the type with
// the field that is set.
func (v *validator) target(t autoscalingv2.MetricTarget, path *field.Path) {
	if t.Type == "" {
		v.typed(field.Required(path.Child("type"), "must specify a metric target type"), targetType(t))
	}
	switch t.Type {
	case autoscalingv2.UtilizationMetricType, autoscalingv2.ValueMetricType, autoscalingv2.AverageValueMetricType:
	default:
		v.typed(field.Invalid(path.Child("type"), t.Type, "must be either Utilization, Value, or AverageValue"), targetType(t))
	}
	v.positive(t.Value, path.Child("value"))
	v.positive(t.AverageValue, path.Child("averageValue"))
	if u := t.AverageUtilization; u != nil && *u < 1 {
		v.add(field.Invalid(path.Child("averageUtilization"), *u, "must be greater than 0"), "write a percentage of the request, such as 60")
	}
}

func (v *validator) positive(q *resource.Quantity, path *field.Path) {
	if q != nil && q.Sign() != 1 {
		v.add(field.Invalid(path, q.String(), "must be positive"), "")
	}
}

// targetType is the type that a target can only have been meant to have: the one
// that its own is like, and that goes with the one field that is set.
func targetType(t autoscalingv2.MetricTarget) string {
	near := yamlpos.Surely(string(t.Type), []string{"Utilization", "Value", "AverageValue"})
	switch set := setType(t); {
	case near == "" || near == set:
		return set
	case set == "":
		return near
	}
	return ""
}

// setType is the type of the one field of a target that is set.
func setType(t autoscalingv2.MetricTarget) string {
	switch utilization, average, value := t.AverageUtilization != nil, t.AverageValue != nil, t.Value != nil; {
	case utilization && !average && !value:
		return string(autoscalingv2.UtilizationMetricType)
	case average && !utilization && !value:
		return string(autoscalingv2.AverageValueMetricType)
	case value && !utilization && !average:
		return string(autoscalingv2.ValueMetricType)
	}
	return ""
}

func (v *validator) resourceTarget(t autoscalingv2.MetricTarget, path *field.Path) {
	v.target(t, path)
	if t.AverageUtilization == nil && t.AverageValue == nil {
		hint := "write averageUtilization, in percent of the request"
		if t.Value != nil {
			hint = "a resource has no single value: " + hint + ", or averageValue"
		}
		v.add(field.Required(path.Child("averageUtilization"), "must set either a target raw value or a target utilization"), hint)
	}
	if t.AverageUtilization != nil && t.AverageValue != nil {
		v.add(field.Forbidden(path.Child("averageValue"), "may not set both a target raw value and a target utilization"), "remove one of them")
	}
}

func (v *validator) objectTarget(t autoscalingv2.MetricTarget, path *field.Path) {
	v.target(t, path)
	if t.Value == nil && t.AverageValue == nil {
		v.add(field.Required(path.Child("averageValue"), "must set either a target value or averageValue"), "write value or averageValue, as type says")
	}
}

func (v *validator) externalTarget(t autoscalingv2.MetricTarget, path *field.Path) {
	v.target(t, path)
	if t.Value == nil && t.AverageValue == nil {
		v.add(field.Required(path.Child("averageValue"), "must set either a target value for metric or a per-pod target"),
			"write value or averageValue, as type says")
	}
	if t.Value != nil && t.AverageValue != nil {
		v.add(field.Forbidden(path.Child("value"), "may not set both a target value for metric and a per-pod target"), "remove one of them")
	}
}
