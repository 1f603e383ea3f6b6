package gen

import (
	"fmt"
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
)

// The rules of this file are the API server's own for metrics and behavior
// (k8s.io/kubernetes/pkg/apis/autoscaling/validation), plus the one it lacks:
// that an Object metric's type names the field that is set.

// metricSpec checks a metric in the form of autoscaling/v2.
func (p *problems) metricSpec(path string, m autoscalingv2.MetricSpec) {
	sources := []struct {
		kind  autoscalingv2.MetricSourceType
		field string
		set   bool
	}{
		{autoscalingv2.ResourceMetricSourceType, "resource", m.Resource != nil},
		{autoscalingv2.ContainerResourceMetricSourceType, "containerResource", m.ContainerResource != nil},
		{autoscalingv2.PodsMetricSourceType, "pods", m.Pods != nil},
		{autoscalingv2.ObjectMetricSourceType, "object", m.Object != nil},
		{autoscalingv2.ExternalMetricSourceType, "external", m.External != nil},
	}
	known := false
	for _, s := range sources {
		known = known || s.kind == m.Type
	}
	if !known {
		p.add(path+".type", "write Resource, ContainerResource, Pods, Object or External", "%q is not a type of metric", string(m.Type))
		return
	}
	for _, s := range sources {
		if s.kind == m.Type && !s.set {
			p.add(path, "add "+s.field+":", "a metric of type %s needs %s", m.Type, s.field)
		}
		if s.kind != m.Type && s.set {
			p.add(path+"."+s.field, "remove it, or change the type", "%s does not go with type %s", s.field, m.Type)
		}
	}
	p.source(path, m)
}

func (p *problems) source(path string, m autoscalingv2.MetricSpec) {
	switch {
	case m.Type == autoscalingv2.ResourceMetricSourceType && m.Resource != nil:
		p.resourceSource(path+".resource", m.Resource.Name, m.Resource.Target)
	case m.Type == autoscalingv2.ContainerResourceMetricSourceType && m.ContainerResource != nil:
		p.containerResource(path+".containerResource", m.ContainerResource)
	case m.Type == autoscalingv2.PodsMetricSourceType && m.Pods != nil:
		p.identifier(path+".pods.metric", m.Pods.Metric)
		p.needsOne(path+".pods.target", m.Pods.Target, "averageValue")
	case m.Type == autoscalingv2.ObjectMetricSourceType && m.Object != nil:
		p.objectSource(path+".object", m.Object)
	case m.Type == autoscalingv2.ExternalMetricSourceType && m.External != nil:
		p.identifier(path+".external.metric", m.External.Metric)
		p.needsOne(path+".external.target", m.External.Target, "value", "averageValue")
		p.notBoth(path+".external.target", "value", m.External.Target.Value != nil, "averageValue", m.External.Target.AverageValue != nil)
	}
}

func (p *problems) resourceSource(path string, name corev1.ResourceName, t autoscalingv2.MetricTarget) {
	if name == "" {
		p.add(path+".name", "write cpu or memory", "the resource has no name")
	}
	p.needsOne(path+".target", t, "averageUtilization", "averageValue")
	p.notBoth(path+".target", "averageUtilization", t.AverageUtilization != nil, "averageValue", t.AverageValue != nil)
}

func (p *problems) containerResource(path string, c *autoscalingv2.ContainerResourceMetricSource) {
	if len(validation.IsDNS1123Label(c.Container)) > 0 {
		p.add(path+".container", "the service's own container is named "+containerName, "%q is not a container", c.Container)
	}
	if c.Name != "" && !isContainerResource(c.Name) {
		p.add(path+".name", "write cpu or memory", "%q is not a resource of containers", c.Name)
	}
	p.resourceSource(path, c.Name, c.Target)
}

func isContainerResource(name corev1.ResourceName) bool {
	standard := []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage}
	return slices.Contains(standard, name) || strings.HasPrefix(string(name), corev1.ResourceHugePagesPrefix) ||
		strings.Contains(string(name), "/") && len(validation.IsQualifiedName(string(name))) == 0
}

func (p *problems) objectSource(path string, o *autoscalingv2.ObjectMetricSource) {
	ref := o.DescribedObject
	for _, f := range []struct{ name, value string }{{"kind", ref.Kind}, {"name", ref.Name}} {
		if f.value == "" || len(content.IsPathSegmentName(f.value)) > 0 {
			p.add(path+".describedObject."+f.name, "name the object that the metric is about", "%q is not an object's %s", f.value, f.name)
		}
	}
	if _, err := schema.ParseGroupVersion(ref.APIVersion); err != nil {
		p.add(path+".describedObject.apiVersion", "write group/version", "%q is not an API version", ref.APIVersion)
	}
	p.identifier(path+".metric", o.Metric)
	p.needsOne(path+".target", o.Target, "value", "averageValue")
	field := map[autoscalingv2.MetricTargetType]bool{
		autoscalingv2.ValueMetricType:        o.Target.Value != nil,
		autoscalingv2.AverageValueMetricType: o.Target.AverageValue != nil,
	}
	if set, ok := field[o.Target.Type]; (!ok || !set) && (o.Target.Value != nil || o.Target.AverageValue != nil) {
		p.add(path+".target.type", "write Value with value, AverageValue with averageValue", "type %s does not go with the field that is set: every sync would fail", o.Target.Type)
	}
}

func (p *problems) identifier(path string, m autoscalingv2.MetricIdentifier) {
	if m.Name == "" || len(content.IsPathSegmentName(m.Name)) > 0 {
		p.add(path+".name", `use no "/" and no "%"`, "%q is not a metric's name", m.Name)
	}
}

// needsOne demands a valid target with one of the named fields.
func (p *problems) needsOne(path string, t autoscalingv2.MetricTarget, fields ...string) {
	switch t.Type {
	case autoscalingv2.UtilizationMetricType, autoscalingv2.ValueMetricType, autoscalingv2.AverageValueMetricType:
	default:
		p.add(path+".type", "write Utilization, Value or AverageValue", "%q is not a type of target", string(t.Type))
	}
	set := map[string]bool{"averageUtilization": t.AverageUtilization != nil, "value": t.Value != nil, "averageValue": t.AverageValue != nil}
	if !slices.ContainsFunc(fields, func(f string) bool { return set[f] }) {
		p.add(path, "add "+strings.Join(fields, " or "), "the target has no number")
	}
	if u := t.AverageUtilization; u != nil && *u < 1 {
		p.add(path+".averageUtilization", "write a percentage from 1", "%d is not a target", *u)
	}
	p.positive(path+".value", t.Value)
	p.positive(path+".averageValue", t.AverageValue)
}

func (p *problems) positive(path string, q *resource.Quantity) {
	if q != nil && q.Sign() <= 0 {
		p.add(path, "write a positive number", "%s is not a target", q.String())
	}
}

func (p *problems) notBoth(path, a string, hasA bool, b string, hasB bool) {
	if hasA && hasB {
		p.add(path+"."+b, "remove one", "%s and %s cannot both be set", a, b)
	}
}

func (p *problems) behavior(path string, b *autoscalingv2.HorizontalPodAutoscalerBehavior) {
	if b == nil {
		return
	}
	p.rules(path+".scaleUp", b.ScaleUp)
	p.rules(path+".scaleDown", b.ScaleDown)
}

func (p *problems) rules(path string, r *autoscalingv2.HPAScalingRules) {
	if r == nil {
		return
	}
	if w := r.StabilizationWindowSeconds; w != nil {
		p.between(path+".stabilizationWindowSeconds", int64(*w), 0, 3600)
	}
	if s := r.SelectPolicy; s != nil {
		switch *s {
		case autoscalingv2.MaxChangePolicySelect, autoscalingv2.MinChangePolicySelect, autoscalingv2.DisabledPolicySelect:
		default:
			p.add(path+".selectPolicy", "write Max, Min or Disabled", "%q does not select a policy", string(*s))
		}
	}
	if t := r.Tolerance; t != nil && t.Sign() < 0 {
		p.add(path+".tolerance", "write 0 or more", "%s is not a tolerance", t.String())
	}
	if r.Policies != nil && len(r.Policies) == 0 {
		p.add(path+".policies", "leave it out to get the defaults", "an empty list allows nothing")
	}
	for i, policy := range r.Policies {
		p.policy(fmt.Sprintf("%s.policies[%d]", path, i), policy)
	}
}

func (p *problems) policy(path string, policy autoscalingv2.HPAScalingPolicy) {
	if policy.Type != autoscalingv2.PodsScalingPolicy && policy.Type != autoscalingv2.PercentScalingPolicy {
		p.add(path+".type", "write Pods or Percent", "%q is not a type of policy", string(policy.Type))
	}
	if policy.Value < 1 {
		p.add(path+".value", "write 1 or more", "%d changes nothing", policy.Value)
	}
	p.between(path+".periodSeconds", int64(policy.PeriodSeconds), 1, 1800)
}
