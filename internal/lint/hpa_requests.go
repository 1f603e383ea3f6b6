package lint

import (
	"fmt"
	"slices"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/elasticctl/elasticctl/internal/manifest"
)

// hpaRequests are about what a utilization is a share of.
var hpaRequests = []Rule{
	{
		ID: "hpa-utilization-no-request", Severity: Error, Tier: Default,
		What: "a utilization target on a resource that a container does not request",
		Why:  "A utilization is a share of the request. One container without it fails the metric for the whole pod: FailedGetResourceMetric, missing request.",
		How:  "For each metric with averageUtilization: the containers of the target's pods, and the init containers that keep running (counted from Kubernetes 1.29), have that resource among their requests, or their limits, which then stand in. A LimitRange of the namespace that gives containers a default for it does as well. Where the pod has requests of its own, hpa-podlevel-request-missing looks at them.",
		Sources: []string{
			"https://github.com/linkerd/linkerd2/issues/1480",
			"https://github.com/kubernetes/kubernetes/issues/79365",
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/controller/podautoscaler/replica_calculator.go",
		},
		check: hpaUtilizationNoRequest,
	},
	{
		ID: "hpa-podlevel-request-missing", Severity: Error, Tier: Default,
		What: "a pod has requests of its own, and none for the resource of a utilization target",
		Why:  "Once a pod has pod-level requests the controller looks at nothing else, and fails the metric: FailedGetResourceMetric, missing pod-level request.",
		How: "For each Resource metric with averageUtilization, where the pod template has spec.resources: the pod's requests are computed as the API server " +
			"and the controller do, from pod-level requests and limits and what the containers add up to. Versions that do not know them (before 1.34) look at the containers.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/controller/podautoscaler/replica_calculator.go",
			"https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/2837-pod-level-resource-spec",
		},
		check: hpaPodLevelRequestMissing,
	},
}

// podRequests are what the pods of a workload request as a whole; nil where this
// version of Kubernetes looks at their containers.
func (c *checker) podRequests(w *workload) []manifest.Amount {
	if !c.options.Profile.PodLevelResources {
		return nil
	}
	return manifest.PodRequests(&w.template.Spec)
}

func hpaPodLevelRequestMissing(c *checker) {
	for _, s := range c.hpas {
		if s.workload == nil {
			continue
		}
		own := c.podRequests(s.workload)
		for i := range s.hpa.Spec.Metrics {
			resource, container := utilization(&s.hpa.Spec.Metrics[i])
			if own == nil || resource == "" || container != "" {
				continue
			}
			if _, ok := amountOf(own, resource); !ok {
				c.report(s.workload.object, s.workload.in("resources"), fmt.Sprintf("the pod has resources of its own and requests no %s, and %s scales on its utilization", resource, s.Name),
					fmt.Sprintf("add requests: {%s: …} there, or to a container", resource)).see(s.object, s.metricPath(i), "the metric")
			}
		}
	}
}

// amountOf finds one resource, in milli-units.
func amountOf(list []manifest.Amount, resource corev1.ResourceName) (milli int64, ok bool) {
	for i := range list {
		if list[i].Resource == string(resource) {
			return list[i].Milli, true
		}
	}
	return 0, false
}

func hpaUtilizationNoRequest(c *checker) {
	for _, s := range c.hpas {
		if s.workload == nil {
			continue
		}
		own := c.podRequests(s.workload) != nil
		for i := range s.hpa.Spec.Metrics {
			// What a pod requests as a whole has a rule of its own.
			if resource, container := utilization(&s.hpa.Spec.Metrics[i]); resource != "" && !(own && container == "") {
				c.requestsFor(s, i)
			}
		}
	}
}

// requestsFor reports the containers that lack the request of a metric.
func (c *checker) requestsFor(s *scaler, i int) {
	resource, container := utilization(&s.hpa.Spec.Metrics[i])
	if c.ranged(s.workload.Namespace, resource) {
		return
	}
	for _, one := range c.running(s.workload) {
		if container != "" && one.Name != container || requests(one.Container, resource) {
			continue
		}
		at := s.workload.in(one.path + ".resources")
		c.report(s.workload.object, at, fmt.Sprintf("container %s requests no %s, and %s scales on its utilization", one.Name, resource, s.Name),
			fmt.Sprintf("add requests: {%s: …} to its resources", resource)).see(s.object, s.metricPath(i), "the metric")
	}
}

// metricPath is where a metric stands, in the file's version of the API.
func (s *scaler) metricPath(i int) string {
	return s.written.Written(fmt.Sprintf("spec.metrics[%d]", i))
}

// utilization returns the resource of a utilization target, "" where there is none
// or nothing measures it, and the container it is measured in, "" for all of them.
func utilization(m *autoscalingv2.MetricSpec) (resource corev1.ResourceName, container string) {
	switch {
	case m.Resource != nil && m.Resource.Target.AverageUtilization != nil && isMeasured(m.Resource.Name):
		return m.Resource.Name, ""
	case m.ContainerResource != nil && m.ContainerResource.Target.AverageUtilization != nil && isMeasured(m.ContainerResource.Name):
		return m.ContainerResource.Name, m.ContainerResource.Container
	}
	return "", ""
}

// container is a container that runs beside the others.
type container struct {
	*corev1.Container
	// path is where it stands in the pod's spec.
	path    string
	sidecar bool
}

// running are a pod's containers, and the init containers that keep running where
// this version of Kubernetes counts them.
func (c *checker) running(w *workload) []container {
	list := allRunning(w)
	if !c.options.Profile.CountsSidecars {
		list = slices.DeleteFunc(list, func(one container) bool { return one.sidecar })
	}
	return list
}

// allRunning are a pod's containers, and the init containers that keep running.
func allRunning(w *workload) []container {
	var list []container
	spec := &w.template.Spec
	for i := range spec.Containers {
		list = append(list, container{&spec.Containers[i], fmt.Sprintf("containers[%d]", i), false})
	}
	for i := range spec.InitContainers {
		one := &spec.InitContainers[i]
		if one.RestartPolicy != nil && *one.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			list = append(list, container{one, fmt.Sprintf("initContainers[%d]", i), true})
		}
	}
	return list
}

func namesOf(list []container) []string {
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].Name
	}
	return names
}

// requests says whether a container requests a resource. A limit alone is a
// request too.
func requests(c *corev1.Container, resource corev1.ResourceName) bool {
	_, request := c.Resources.Requests[resource]
	_, limit := c.Resources.Limits[resource]
	return request || limit
}
