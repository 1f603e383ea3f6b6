package gen

import (
	"regexp"
	"strconv"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
)

func (in *inference) autoscaler(h *autoscalingv2.HorizontalPodAutoscaler) {
	in.named(h.Spec.ScaleTargetRef.Name, h.Namespace)
	s := &in.service.Spec.Scaling
	s.Min, s.Max, s.Behavior = h.Spec.MinReplicas, &h.Spec.MaxReplicas, h.Spec.Behavior
	if s.Min == nil {
		one := int32(1)
		s.Min = &one
	}
	for _, m := range h.Spec.Metrics {
		s.Metrics = append(s.Metrics, in.metric(m))
	}
	if len(h.Spec.Metrics) == 0 {
		// What the API server fills in.
		eighty := Scalar("80%")
		s.Metrics = []Metric{{CPU: &eighty}}
	}
}

// named fills in what the Deployment would have said.
func (in *inference) named(name, namespace string) {
	m := &in.service.Metadata
	if m.Name == "" {
		m.Name = name
	}
	if m.Namespace == "" {
		m.Namespace = namespace
	}
}

// metric uses a short form where it gives the very same metric.
func (in *inference) metric(m autoscalingv2.MetricSpec) Metric {
	switch {
	case m.Resource != nil && m.Type == autoscalingv2.ResourceMetricSourceType:
		if target, ok := shortTarget(m.Resource.Target); ok {
			if m.Resource.Name == corev1.ResourceCPU {
				return Metric{CPU: &target}
			}
			if m.Resource.Name == corev1.ResourceMemory {
				return Metric{Memory: &target}
			}
		}
	case m.Pods != nil && m.Pods.Metric.Selector == nil && m.Pods.Target.AverageValue != nil:
		if base, ok := strings.CutSuffix(m.Pods.Metric.Name, "_per_second"); ok {
			in.note("the metric %s is taken for the rate of the counter %s_total", m.Pods.Metric.Name, base)
			return Metric{RPS: &Rate{Target: Scalar(m.Pods.Target.AverageValue.String()), Counter: base + "_total"}}
		}
	case m.ContainerResource != nil && m.ContainerResource.Container != containerName:
		in.note("the container %s of a metric is named %s in what is generated", m.ContainerResource.Container, containerName)
		c := *m.ContainerResource
		c.Container = containerName
		m.ContainerResource = &c
	}
	return fullMetric(m)
}

// shortTarget is a target as a short form has it: "60%", or an amount with a
// unit. A bare number has no short form.
func shortTarget(t autoscalingv2.MetricTarget) (Scalar, bool) {
	switch {
	case t.Type == autoscalingv2.UtilizationMetricType && t.AverageUtilization != nil:
		return Scalar(strconv.Itoa(int(*t.AverageUtilization)) + "%"), true
	case t.Type == autoscalingv2.AverageValueMetricType && t.AverageValue != nil:
		s := t.AverageValue.String()
		return Scalar(s), strings.Trim(s, "0123456789.") != ""
	}
	return "", false
}

func (in *inference) scaledObject(o *ScaledObject) {
	in.named(o.Spec.ScaleTargetRef.Name, o.Namespace)
	s := &in.service.Spec.Scaling
	s.MetricsVia = ViaKEDA
	// What KEDA assumes.
	s.Min, s.Max = or(o.Spec.MinReplicaCount, 0), or(o.Spec.MaxReplicaCount, 100)
	k := &KEDA{PollingInterval: optionalSeconds(o.Spec.PollingInterval), CooldownPeriod: optionalSeconds(o.Spec.CooldownPeriod)}
	if *s.Min > 0 {
		k = &KEDA{}
	}
	if a := o.Spec.Advanced; a != nil && a.HorizontalPodAutoscalerConfig != nil {
		s.Behavior = a.HorizontalPodAutoscalerConfig.Behavior
	}
	for _, t := range o.Spec.Triggers {
		in.trigger(t, k)
	}
	if *k != (KEDA{}) {
		s.KEDA = k
	}
}

func optionalSeconds(n *int32) *Duration {
	if n == nil {
		return nil
	}
	return durationOf(int64(*n))
}

func (in *inference) trigger(t ScaledObjectTrigger, k *KEDA) {
	s := &in.service.Spec.Scaling
	switch {
	case t.Type == "cpu" || t.Type == "memory":
		if m, ok := in.resourceTrigger(t); ok {
			s.Metrics = append(s.Metrics, m)
			return
		}
	case t.Type == "prometheus" && t.Metadata["query"] != "" && t.Metadata["threshold"] != "":
		k.ServerAddress = t.Metadata["serverAddress"]
		if t.AuthenticationRef != nil {
			k.AuthenticationRef = t.AuthenticationRef.Name
		}
		s.Metrics = append(s.Metrics, in.prometheusTrigger(t))
		return
	}
	in.note("a trigger of type %s is left out: write it as a Prometheus query", t.Type)
}

func (in *inference) resourceTrigger(t ScaledObjectTrigger) (Metric, bool) {
	value := Scalar(t.Metadata["value"])
	target := autoscalingv2.MetricTarget{Type: t.MetricType}
	if t.MetricType == autoscalingv2.UtilizationMetricType {
		percent, err := strconv.ParseInt(string(value), 10, 32)
		if err != nil {
			return Metric{}, false
		}
		utilization := int32(percent)
		target.AverageUtilization = &utilization
	} else {
		q, err := value.quantity()
		if err != nil {
			return Metric{}, false
		}
		target.AverageValue = &q
	}
	name := corev1.ResourceName(t.Type)
	if container := t.Metadata["containerName"]; container != "" {
		return in.metric(autoscalingv2.MetricSpec{
			Type:              autoscalingv2.ContainerResourceMetricSourceType,
			ContainerResource: &autoscalingv2.ContainerResourceMetricSource{Name: name, Container: container, Target: target},
		}), true
	}
	return in.metric(autoscalingv2.MetricSpec{
		Type:     autoscalingv2.ResourceMetricSourceType,
		Resource: &autoscalingv2.ResourceMetricSource{Name: name, Target: target},
	}), true
}

// prometheusTrigger knows the queries that elasticctl writes for a rate.
func (in *inference) prometheusTrigger(t ScaledObjectTrigger) Metric {
	target := Scalar(t.Metadata["threshold"])
	own := regexp.MustCompile(`^sum\(rate\(([a-zA-Z_:][a-zA-Z0-9_:]*)` + regexp.QuoteMeta(in.service.matchers()) + `\[([0-9a-z]+)\]\)\)$`)
	if m := own.FindStringSubmatch(t.Metadata["query"]); m != nil {
		var window Duration
		if err := window.UnmarshalJSON([]byte(strconv.Quote(m[2]))); err == nil {
			r := &Rate{Target: target, Counter: m[1], Window: &window, Name: t.Name}
			if r.Name == (&Rate{Counter: r.Counter}).MetricName() {
				r.Name = ""
			}
			return Metric{RPS: r}
		}
	}
	name := t.Name
	if !metricNames().MatchString(name) {
		name = "query_" + strconv.Itoa(len(in.service.Spec.Scaling.Metrics))
	}
	return Metric{Query: &Query{Name: name, PromQL: t.Metadata["query"], Target: target}}
}
