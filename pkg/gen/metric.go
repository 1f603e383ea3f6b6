package gen

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

// Metric is one reason to scale: exactly one short form (cpu, memory, rps,
// query), or a metric of autoscaling/v2 with its type.
type Metric struct {
	// CPU is the CPU use of a pod: "60%" of its request, or an amount like
	// 300m.
	CPU *Scalar `json:"cpu,omitempty"`
	// Memory is the memory use of a pod: "75%" of its request, or an amount
	// like 200Mi. Garbage-collected services rarely give memory back.
	Memory *Scalar `json:"memory,omitempty"`
	// RPS is a rate per pod, taken from a counter the service exposes.
	RPS *Rate `json:"rps,omitempty"`
	// Query is a total, taken from a Prometheus query, to be divided over the
	// pods: the length of a queue, say. Not with metricsVia: adapter.
	Query *Query `json:"query,omitempty"`

	// Type is that of an autoscaling/v2 metric: Resource, ContainerResource,
	// Pods, Object or External.
	Type autoscalingv2.MetricSourceType `json:"type,omitempty" jsonschema:"enum=Resource,enum=ContainerResource,enum=Pods,enum=Object,enum=External"`
	// Resource goes with type Resource.
	Resource *autoscalingv2.ResourceMetricSource `json:"resource,omitempty"`
	// ContainerResource goes with type ContainerResource.
	ContainerResource *autoscalingv2.ContainerResourceMetricSource `json:"containerResource,omitempty"`
	// Pods goes with type Pods.
	Pods *autoscalingv2.PodsMetricSource `json:"pods,omitempty"`
	// Object goes with type Object.
	Object *autoscalingv2.ObjectMetricSource `json:"object,omitempty"`
	// External goes with type External.
	External *autoscalingv2.ExternalMetricSource `json:"external,omitempty"`
}

// Rate is a rate per pod.
type Rate struct {
	// Target is how much of it one pod should have, per second: 100.
	Target Scalar `json:"target"`
	// Counter is the counter. Default: monitoring.requests.
	Counter string `json:"counter,omitempty"`
	// Window is the time over which the rate is taken. Default: four scrape
	// intervals; longer is steadier and later.
	Window *Duration `json:"window,omitempty"`
	// Name is the name under which the rate is served. Default: the counter's,
	// with _per_second in place of _total.
	Name string `json:"name,omitempty"`
}

// Query is a total taken from Prometheus.
type Query struct {
	// Name names it.
	Name string `json:"name" jsonschema:"minLength=1"`
	// PromQL is the query; it must give one number.
	PromQL string `json:"promql" jsonschema:"minLength=1"`
	// Target is how much of it one pod should have: 30.
	Target Scalar `json:"target"`
}

// forms lists the forms a metric uses, by their field names.
func (m Metric) forms() []string {
	var forms []string
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"cpu", m.CPU != nil},
		{"memory", m.Memory != nil},
		{"rps", m.RPS != nil},
		{"query", m.Query != nil},
		{"type", m.full()},
	} {
		if f.set {
			forms = append(forms, f.name)
		}
	}
	return forms
}

// full says whether the metric is written as in autoscaling/v2.
func (m Metric) full() bool {
	return m.Type != "" || m.Resource != nil || m.ContainerResource != nil || m.Pods != nil || m.Object != nil || m.External != nil
}

// upstream is the metric as autoscaling/v2 has it; only for the full form.
func (m Metric) upstream() autoscalingv2.MetricSpec {
	return autoscalingv2.MetricSpec{
		Type:              m.Type,
		Resource:          m.Resource,
		ContainerResource: m.ContainerResource,
		Pods:              m.Pods,
		Object:            m.Object,
		External:          m.External,
	}
}

// fullMetric is the inverse of upstream.
func fullMetric(m autoscalingv2.MetricSpec) Metric {
	return Metric{
		Type:              m.Type,
		Resource:          m.Resource,
		ContainerResource: m.ContainerResource,
		Pods:              m.Pods,
		Object:            m.Object,
		External:          m.External,
	}
}
