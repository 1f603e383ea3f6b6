package lint

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/elasticctl/elasticctl/internal/manifest"
)

// hpaConflict are about others that have a say in what an autoscaler scales.
var hpaConflict = []Rule{
	{
		ID: "hpa-overlapping-selectors", Severity: Error, Tier: Default,
		What: "the pods that an autoscaler counts are another workload's too",
		Why: "The controller counts every pod that the target's selector matches. From Kubernetes 1.26 two autoscalers that count one pod both stop " +
			"(AmbiguousSelector); a pod that only one of them counts, such as a job's, still bends its average.",
		How: "The selector of each scaled workload is held against the labels of all pod templates of the namespace. Pods of a workload that is scaled by another " +
			"autoscaler are an error, other pods a warning. What has an owner, as in what a cluster prints, counts as its owner's. An object that is there twice is one. Pods of a Helm test, which run when somebody asks, are passed over.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/issues/112027",
			"https://github.com/kubernetes/kubernetes/issues/116898",
			"https://github.com/kubernetes/kubernetes/issues/78761",
			"https://github.com/kubernetes/kubernetes/issues/124307",
		},
		check: hpaOverlappingSelectors,
	},
	{
		ID: "hpa-vpa-same-resource", Severity: Error, Tier: Default,
		What: "a VerticalPodAutoscaler sets the requests that a utilization target is a share of",
		Why: "High usage makes one add pods and the other raise requests, which lowers the utilization and takes the pods away again. " +
			"Neither settles, and the project itself says not to combine them.",
		How: "A VerticalPodAutoscaler with the same target, in any updateMode but Off, controls the resource of a metric with averageUtilization in a container that counts " +
			"(containerPolicies with their mode and controlledResources; cpu and memory by default). A target in averageValue does not depend on requests.",
		Sources: []string{
			"https://github.com/kubernetes/autoscaler/blob/master/vertical-pod-autoscaler/docs/known-limitations.md",
			"https://github.com/mitodl/ol-infrastructure/issues/5056",
		},
		check: hpaVPASameResource,
	},
	{
		ID: "hpa-replicas-zero", Severity: Warning, Tier: Default,
		What: "a workload with an autoscaler has replicas: 0",
		Why:  "At zero replicas the controller pauses (ScalingDisabled) and never leaves zero by itself: every apply switches the service off.",
		How:  "spec.replicas of a workload that an autoscaler among the inputs scales is 0, and its minimum is above 0.",
		Sources: []string{
			"https://github.com/kedacore/keda/issues/3052",
			"https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/",
		},
		check: hpaReplicasZero,
	},
}

func hpaOverlappingSelectors(c *checker) {
	for _, w := range c.workloads {
		s := w.scaler()
		if s == nil || w.selector == nil {
			continue
		}
		other := c.pods.first(w.Namespace, w.selector, func(v *workload) bool { return len(v.owners) == 0 && !v.isTest() && !v.is(w.object) })
		if other == nil {
			continue
		}
		message := fmt.Sprintf("the selector of %s %s, which %s scales, matches the pods of %s %s", w.Kind, w.Name, s.Name, other.Kind, other.Name)
		fix := "give the workloads selectors of their own, such as app.kubernetes.io/component"
		f := c.report(w.object, w.selectorPath(), message, fix)
		f.see(other.object, joined(other.path, "metadata", "labels"), "the other pods")
		f.see(s.object, s.targetPath, "the autoscaler")
		if rival := other.scaler(); rival == nil || rival == s {
			f.Severity = Warning
		}
	}
}

func hpaVPASameResource(c *checker) {
	for _, v := range c.verticals {
		name, ok := v.spec.targetRef(v.Namespace)
		if !ok || v.spec.Spec.UpdatePolicy.UpdateMode == "Off" {
			continue
		}
		for _, s := range c.scaled[name] {
			if s.written == nil {
				continue
			}
			for i := range s.hpa.Spec.Metrics {
				resource, container := utilization(&s.hpa.Spec.Metrics[i])
				if resource != "" && v.spec.controls(s.workload, container, resource) {
					c.at(s, fmt.Sprintf("spec.metrics[%d]", i), fmt.Sprintf("VerticalPodAutoscaler %s sets the %s requests that this target is a share of", v.Name, resource),
						fmt.Sprintf("leave %s out of its controlledResources, set its updateMode to \"Off\", or scale on a metric that is no share of a request", resource)).
						see(v.object, "spec", "the VerticalPodAutoscaler")
				}
			}
		}
	}
}

// targetRef names what a VerticalPodAutoscaler sizes.
func (v *verticalPodAutoscaler) targetRef(namespace string) (name ref, ok bool) {
	to := v.Spec.TargetRef
	if to == nil {
		return ref{}, false
	}
	return ref{manifest.GroupOf(to.APIVersion), to.Kind, namespace, to.Name}, true
}

// controls says whether a VerticalPodAutoscaler sets the requests of a container,
// or with the name "" of any, for a resource. Where the pods are not known there
// is one container.
func (v *verticalPodAutoscaler) controls(w *workload, container string, resource corev1.ResourceName) bool {
	names := []string{container}
	if container == "" && w != nil {
		names = nil
		for i := range w.template.Spec.Containers {
			names = append(names, w.template.Spec.Containers[i].Name)
		}
	}
	return slices.ContainsFunc(names, func(name string) bool { return v.policy(name).controls(resource) })
}

// policy is what holds for a container.
func (v *verticalPodAutoscaler) policy(container string) *vpaContainerPolicy {
	var rest vpaContainerPolicy
	list := v.Spec.ResourcePolicy.ContainerPolicies
	for i := range list {
		switch list[i].ContainerName {
		case container:
			return &list[i]
		case "*":
			rest = list[i]
		}
	}
	return &rest
}

func (p *vpaContainerPolicy) controls(resource corev1.ResourceName) bool {
	if p.Mode == "Off" {
		return false
	}
	if p.ControlledResources == nil {
		return resource == corev1.ResourceCPU || resource == corev1.ResourceMemory
	}
	return slices.Contains(*p.ControlledResources, resource)
}

func hpaReplicasZero(c *checker) {
	for _, w := range c.workloads {
		s := w.scaler()
		if o, replicas := w.scale(); s != nil && replicas != nil && *replicas == 0 && s.min > 0 {
			c.report(o, "spec.replicas", fmt.Sprintf("replicas: 0 switches the autoscaler %s off, whose minimum is %d", s.Name, s.min),
				"remove replicas from the manifest; to stop the service for a while, say so by hand: kubectl scale --replicas=0").see(s.object, s.targetPath, "the autoscaler")
		}
	}
}
