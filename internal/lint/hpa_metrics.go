package lint

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/elasticctl/elasticctl/internal/manifest"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// hpaMetrics are about what an autoscaler scales on.
var hpaMetrics = []Rule{
	{
		ID: "hpa-no-metrics", Severity: Warning, Tier: Recommended,
		What: "an autoscaler names no metric",
		Why:  "It scales on cpu at 80 % of the request, which nobody decided: at 80 % a pod that starts slowly has little room left for the load that made it necessary.",
		How:  "spec.metrics is absent or empty; in autoscaling/v1 neither targetCPUUtilizationPercentage nor the annotation is there.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/apis/autoscaling/v2/defaults.go",
		},
		check: hpaNoMetrics,
	},
	{
		ID: "hpa-resource-name-unknown", Severity: Error, Tier: Default,
		What: "a Resource metric names something else than cpu and memory",
		Why:  "The API server accepts any name. The resource metrics API knows cpu and memory alone, so the metric fails at every sync: FailedGetResourceMetric.",
		Fix:  "a misspelt name, such as cpus, Memory or mem, is written as the API has it.",
		How:  "resource.name and containerResource.name are compared with cpu and memory, letter by letter.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/apis/autoscaling/validation/validation.go",
			"https://github.com/kubernetes/metrics/blob/master/pkg/apis/metrics/v1beta1/types.go",
		},
		check: hpaResourceNameUnknown,
	},
	{
		ID: "hpa-target-type-mismatch", Severity: Warning, Tier: Default,
		What: "a target's type does not agree with the field that is set",
		Why: "An Object metric goes by the type: without the field of that type it fails at every sync (FailedGetObjectMetric). " +
			"All others go by the field and ignore the type, so that the object says one thing and does another.",
		Fix: "the type is written that goes with the one field that is set, except for an Object metric: a total and an average are two things there.",
		How: "target.type is held against value, averageValue and averageUtilization. An error for Object metrics, where the field that the type asks for is missing.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/controller/podautoscaler/horizontal.go",
			"https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/docs/walkthrough.md",
		},
		check: hpaTargetTypeMismatch,
	},
	{
		ID: "hpa-duplicate-metric", Severity: Warning, Tier: Recommended,
		What: "one metric is there twice",
		Why:  "Each is asked and the larger answer wins, so that one of the two targets never means anything.",
		How:  "Two entries of spec.metrics name the same source, with the same selector and described object; their targets may differ.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/controller/podautoscaler/horizontal.go",
		},
		check: hpaDuplicateMetric,
	},
	{
		ID: "hpa-container-unknown", Severity: Error, Tier: Default,
		What: "a ContainerResource metric names a container that the pods do not have",
		Why:  "The metric fails at every sync: FailedGetContainerResourceMetric.",
		Fix:  "the container that the name can only have meant is written: it differs in case or in a letter, and no other does nearly.",
		How:  "containerResource.container is looked up among the containers of the target's pods and the init containers that keep running. Names that meshes inject (istio-proxy, linkerd-proxy, daprd, envoy) may appear later.",
		Sources: []string{
			"https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#container-resource-metrics",
		},
		check: hpaContainerUnknown,
	},
	{
		ID: "hpa-prefer-container-resource", Severity: Info, Tier: Recommended,
		What: "a Resource metric averages over several containers",
		Why:  "The utilization is that of all containers together. An idle sidecar with a generous request hides that the service itself is full.",
		How:  "A Resource metric with averageUtilization, and pods with more than one container that keeps running. ContainerResource metrics exist from Kubernetes 1.27 on.",
		Sources: []string{
			"https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#container-resource-metrics",
		},
		check: hpaPreferContainerResource,
	},
	{
		ID: "hpa-v1-hidden-annotations", Severity: Warning, Tier: Recommended,
		What: "an autoscaling/v1 object carries metrics or behavior in annotations",
		Why:  "The annotations are how old API versions passed on what they have no fields for. The API server reads them, ignores them in silence if they do not parse, and no schema checks them.",
		How:  "An autoscaling/v1 HorizontalPodAutoscaler has the annotation autoscaling.alpha.kubernetes.io/metrics or /behavior.",
		Sources: []string{
			"https://github.com/Yelp/paasta/issues/2984",
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/apis/autoscaling/v1/conversion.go",
		},
		check: hpaV1HiddenAnnotations,
	},
}

func hpaNoMetrics(c *checker) {
	for _, s := range c.hpas {
		bare := len(s.written.V2.Spec.Metrics) == 0
		if v1, ok := s.Typed.(*autoscalingv1.HorizontalPodAutoscaler); ok {
			bare = v1.Spec.TargetCPUUtilizationPercentage == nil && len(s.hpa.Spec.Metrics) == 1 && !hasHidden(v1)
		}
		if bare {
			c.at(s, "spec.metrics", "no metric is named, so it scales on cpu at 80 % of the request", "name the metric and its target, even if that is cpu")
		}
	}
}

// hasHidden says whether an autoscaling/v1 object carries metrics in its
// annotation.
func hasHidden(o *autoscalingv1.HorizontalPodAutoscaler) bool {
	_, ok := o.Annotations["autoscaling.alpha.kubernetes.io/metrics"]
	return ok
}

// resourceOf returns what a metric measures of the resources of pods, and in which
// container, "" for all of them; name is nil for another metric.
func resourceOf(m *autoscalingv2.MetricSpec) (name *corev1.ResourceName, container string) {
	switch {
	case m.Type == autoscalingv2.ResourceMetricSourceType && m.Resource != nil:
		return &m.Resource.Name, ""
	case m.Type == autoscalingv2.ContainerResourceMetricSourceType && m.ContainerResource != nil:
		return &m.ContainerResource.Name, m.ContainerResource.Container
	}
	return nil, ""
}

// sourcePath is where a metric's source stands.
func sourcePath(m *autoscalingv2.MetricSpec, i int) string {
	name := "external"
	switch {
	case m.Resource != nil:
		name = "resource"
	case m.ContainerResource != nil:
		name = "containerResource"
	case m.Pods != nil:
		name = "pods"
	case m.Object != nil:
		name = "object"
	}
	return fmt.Sprintf("spec.metrics[%d].%s", i, name)
}

// isMeasured says whether the resource metrics API has a resource.
func isMeasured(name corev1.ResourceName) bool {
	return name == corev1.ResourceCPU || name == corev1.ResourceMemory
}

func hpaResourceNameUnknown(c *checker) {
	for _, s := range c.hpas {
		for i := range s.hpa.Spec.Metrics {
			m := &s.hpa.Spec.Metrics[i]
			name, _ := resourceOf(m)
			if name == nil || *name == "" || isMeasured(*name) {
				continue
			}
			fix := "write cpu or memory; what else a pod reports is a metric of type Pods"
			if near := yamlpos.Nearest(string(*name), []string{"cpu", "memory"}); near != "" {
				fix = fmt.Sprintf("did you mean %q?", near)
			}
			c.at(s, sourcePath(m, i)+".name", fmt.Sprintf("the resource metrics API has cpu and memory, not %q", *name), fix).resourceName(string(*name))
		}
	}
}

// resourceName has --fix write the resource that a name can only have meant.
func (f *found) resourceName(name string) {
	if strings.EqualFold(name, "mem") {
		f.write("memory")
		return
	}
	f.surely(name, []string{"cpu", "memory"})
}

func hpaTargetTypeMismatch(c *checker) {
	for _, s := range c.hpas {
		for i := range s.hpa.Spec.Metrics {
			m := &s.hpa.Spec.Metrics[i]
			t := manifest.TargetOf(m)
			if t == nil {
				continue
			}
			set, has := fieldsOf(t)
			if len(set) == 0 || has[t.Type] || !slices.Contains([]autoscalingv2.MetricTargetType{"Utilization", "Value", "AverageValue"}, t.Type) {
				continue
			}
			message := fmt.Sprintf("type: %s, but %s is set; the type is ignored", t.Type, set[0])
			if m.Object != nil {
				message = fmt.Sprintf("type: %s, but only %s is set: an Object metric goes by the type and fails at every sync", t.Type, set[0])
			}
			f := c.at(s, sourcePath(m, i)+".target.type", message, "write type: "+typeOfField(set[0]))
			switch {
			case m.Object != nil:
				f.Severity = Error
			case len(set) == 1:
				f.write(typeOfField(set[0]))
			}
		}
	}
}

// fieldsOf are the fields of a target that are set, and the types that they fit.
func fieldsOf(t *autoscalingv2.MetricTarget) (names []string, types map[autoscalingv2.MetricTargetType]bool) {
	types = map[autoscalingv2.MetricTargetType]bool{}
	add := func(set bool, name string) {
		if set {
			names = append(names, name)
			types[autoscalingv2.MetricTargetType(typeOfField(name))] = true
		}
	}
	add(t.AverageUtilization != nil, "averageUtilization")
	add(t.AverageValue != nil, "averageValue")
	add(t.Value != nil, "value")
	return names, types
}

// typeOfField is the target type that a field belongs to.
func typeOfField(name string) string {
	switch name {
	case "averageUtilization":
		return string(autoscalingv2.UtilizationMetricType)
	case "averageValue":
		return string(autoscalingv2.AverageValueMetricType)
	}
	return string(autoscalingv2.ValueMetricType)
}

func hpaDuplicateMetric(c *checker) {
	for _, s := range c.hpas {
		list := s.hpa.Spec.Metrics
		for i := range min(len(list), 100) {
			for k := range i {
				if sameMetric(list[k], list[i]) {
					c.at(s, sourcePath(&list[i], i), fmt.Sprintf("metrics[%d] is the same metric as metrics[%d]: the lower target decides", i, k), "keep one of them").
						see(s.object, s.metricPath(k), "the other one")
					break
				}
			}
		}
	}
}

// sameMetric says whether two metrics differ in their targets at most.
func sameMetric(a, b autoscalingv2.MetricSpec) bool {
	x, y := a.DeepCopy(), b.DeepCopy()
	for _, m := range []*autoscalingv2.MetricSpec{x, y} {
		if t := manifest.TargetOf(m); t != nil {
			*t = autoscalingv2.MetricTarget{}
		}
	}
	return reflect.DeepEqual(x, y)
}

func hpaContainerUnknown(c *checker) {
	injected := []string{"istio-proxy", "linkerd-proxy", "daprd", "envoy"}
	for _, s := range c.hpas {
		if s.workload == nil {
			continue
		}
		running := allRunning(s.workload)
		for i := range s.hpa.Spec.Metrics {
			m := &s.hpa.Spec.Metrics[i]
			_, name := resourceOf(m)
			if name == "" || slices.Contains(injected, name) || slices.ContainsFunc(running, func(one container) bool { return one.Name == name }) {
				continue
			}
			fix := "the pods have " + strings.Join(namesOf(running), ", ")
			if near := yamlpos.Nearest(name, namesOf(running)); near != "" {
				fix = fmt.Sprintf("did you mean %q?", near)
			}
			c.at(s, sourcePath(m, i)+".container", fmt.Sprintf("the pods of %s %s have no container %q", s.workload.Kind, s.workload.Name, name), fix).
				surely(name, namesOf(running)).see(s.workload.object, s.workload.in("containers"), "the containers")
		}
	}
}

func hpaPreferContainerResource(c *checker) {
	for _, s := range c.hpas {
		if s.workload == nil || !c.options.Profile.ContainerResource {
			continue
		}
		running := allRunning(s.workload)
		for i := range s.hpa.Spec.Metrics {
			m := &s.hpa.Spec.Metrics[i]
			if m.Resource == nil || m.Resource.Target.AverageUtilization == nil || len(running) < 2 {
				continue
			}
			c.at(s, s.typePath(i), fmt.Sprintf("the %s utilization is that of %d containers together: %s", m.Resource.Name, len(running), strings.Join(namesOf(running), ", ")),
				fmt.Sprintf("measure the one that serves: type: ContainerResource, containerResource: {name: %s, container: %s, …}", m.Resource.Name, running[0].Name)).
				see(s.workload.object, s.workload.in("containers"), "the containers")
		}
	}
}

// typePath is where a metric's type stands.
func (s *scaler) typePath(i int) string { return fmt.Sprintf("spec.metrics[%d].type", i) }

func hpaV1HiddenAnnotations(c *checker) {
	for _, o := range c.objects {
		v1, ok := o.Typed.(*autoscalingv1.HorizontalPodAutoscaler)
		if !ok {
			continue
		}
		for _, name := range []string{"autoscaling.alpha.kubernetes.io/metrics", "autoscaling.alpha.kubernetes.io/behavior"} {
			if _, ok := v1.Annotations[name]; ok {
				c.report(o, "metadata.annotations["+name+"]", "annotation "+name+" stands in for fields that autoscaling/v1 does not have", "write the object as autoscaling/v2")
			}
		}
	}
}
