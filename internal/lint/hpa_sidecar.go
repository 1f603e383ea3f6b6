package lint

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// hpaSidecar are about containers that something adds to the pods.
var hpaSidecar = []Rule{
	{
		ID: "hpa-injected-sidecar", Severity: Warning, Tier: Recommended,
		What: "an injected sidecar has no request for the resource of a utilization target",
		Why:  "The sidecar is in every pod and in no manifest. Without a request the metric fails for the whole pod, as if the service had none: FailedGetResourceMetric.",
		How: "The pod template asks for injection by Linkerd (linkerd.io/inject: enabled), Dapr (dapr.io/enabled: \"true\") or Istio (sidecar.istio.io/inject: \"true\"), " +
			"a Resource metric has averageUtilization, and the annotation for the sidecar's request or limit of that resource is not there. Istio's sidecar has requests by default; they are gone " +
			"as soon as one of the annotations sets another. Settings of the mesh itself are not seen.",
		Sources: []string{
			"https://github.com/dapr/dapr/issues/7813",
			"https://github.com/istio/istio/issues/35905",
			"https://github.com/linkerd/linkerd2/issues/1480",
		},
		check: hpaInjectedSidecar,
	},
}

// injector is something that adds a container to pods.
type injector struct {
	name string
	// key and value are the annotation or label that asks for it.
	key, value string
	// requests and limits are the annotations for the container's resources.
	requests, limits map[corev1.ResourceName]string
	// always says that there are requests unless any of the annotations is set.
	always bool
}

func injectors() []injector {
	both := func(cpu, memory string) map[corev1.ResourceName]string {
		return map[corev1.ResourceName]string{corev1.ResourceCPU: cpu, corev1.ResourceMemory: memory}
	}
	return []injector{
		{
			"Linkerd", "linkerd.io/inject", "enabled",
			both("config.linkerd.io/proxy-cpu-request", "config.linkerd.io/proxy-memory-request"),
			both("config.linkerd.io/proxy-cpu-limit", "config.linkerd.io/proxy-memory-limit"), false,
		},
		{
			"Dapr", "dapr.io/enabled", "true",
			both("dapr.io/sidecar-cpu-request", "dapr.io/sidecar-memory-request"),
			both("dapr.io/sidecar-cpu-limit", "dapr.io/sidecar-memory-limit"), false,
		},
		{
			"Istio", "sidecar.istio.io/inject", "true",
			both("sidecar.istio.io/proxyCPU", "sidecar.istio.io/proxyMemory"),
			both("sidecar.istio.io/proxyCPULimit", "sidecar.istio.io/proxyMemoryLimit"), true,
		},
	}
}

// lacks says whether the container that is added to some pods has no request.
func (in *injector) lacks(t *corev1.PodTemplateSpec, resource corev1.ResourceName) bool {
	if t.Annotations[in.key] != in.value && t.Labels[in.key] != in.value {
		return false
	}
	known := in.requests[resource]
	if known == "" || t.Annotations[known] != "" || t.Annotations[in.limits[resource]] != "" {
		return false
	}
	if !in.always {
		return true
	}
	for _, keys := range []map[corev1.ResourceName]string{in.requests, in.limits} {
		for _, key := range keys {
			if t.Annotations[key] != "" {
				return true
			}
		}
	}
	return false
}

func hpaInjectedSidecar(c *checker) {
	all := injectors()
	for _, s := range c.hpas {
		if s.workload == nil || c.podRequests(s.workload) != nil {
			continue
		}
		w := s.workload
		for i := range s.hpa.Spec.Metrics {
			resource, container := utilization(&s.hpa.Spec.Metrics[i])
			if resource == "" || container != "" {
				continue
			}
			for k := range all {
				in := &all[k]
				if !in.lacks(w.template, resource) {
					continue
				}
				at := joined(w.path, "metadata.annotations["+in.key+"]")
				if _, ok := w.template.Annotations[in.key]; !ok {
					at = joined(w.path, "metadata.labels["+in.key+"]")
				}
				c.report(w.object, at, fmt.Sprintf("%s adds a container without a %s request, and %s scales on its utilization", in.name, resource, s.Name),
					fmt.Sprintf("annotate the pods with %s, or measure the service alone with a ContainerResource metric", in.requests[resource])).
					see(s.object, s.metricPath(i), "the metric")
			}
		}
	}
}
