package lint

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// workloadRollout are about how a workload finds and replaces its pods.
var workloadRollout = []Rule{
	{
		ID: "wl-selector-mismatch", Severity: Error, Tier: Default,
		What: "a workload's selector does not match the labels of its own pods",
		Why:  "The API server refuses the object.",
		How:  "spec.selector, with its matchExpressions, is held against spec.template.metadata.labels. A missing or empty selector is refused too, but for a ReplicationController, whose default is the labels, and where a kustomization beside the file gives labels.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/apis/apps/validation/validation.go",
			"https://github.com/zegl/kube-score/blob/master/README_CHECKS.md",
			"https://github.com/stackrox/kube-linter/blob/main/docs/generated/checks.md",
		},
		check: wlSelectorMismatch,
	},
	{
		ID: "wl-surge-zero", Severity: Error, Tier: Default,
		What: "maxSurge and maxUnavailable are both 0",
		Why:  "The API server refuses the object: no pod could be added before one is gone, nor the other way round.",
		How:  "rollingUpdate of a Deployment or a DaemonSet has both fields, as 0 or 0 %. Fields that are not written have defaults above 0, but for maxSurge of a DaemonSet.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/apis/apps/validation/validation.go",
		},
		check: wlSurgeZero,
	},
	{
		ID: "wl-recreate-strategy", Severity: Warning, Tier: Recommended,
		What: "an autoscaled Deployment has the strategy Recreate",
		Why:  "Every rollout removes all pods first. Who scales for load has load that nobody serves in the meantime, and the metrics of no pods at all block the autoscaler.",
		How:  "spec.strategy.type is Recreate, and an autoscaler among the inputs scales the Deployment to more than one pod.",
		Sources: []string{
			"https://github.com/zegl/kube-score/blob/master/README_CHECKS.md",
			"https://github.com/kubescape/regolibrary/tree/master/controls",
		},
		check: wlRecreateStrategy,
	},
	{
		ID: "sts-orderedready-hpa", Severity: Warning, Tier: Recommended,
		What: "an autoscaled StatefulSet starts and stops its pods one after the other",
		Why:  "With OrderedReady, the default, each pod waits until the one before it is Ready. Five pods more take five times as long, and one pod that does not become Ready stops the scaling.",
		How:  "An autoscaler among the inputs scales a StatefulSet whose podManagementPolicy is not Parallel. The field cannot be changed later: the StatefulSet is made anew, its pods kept (kubectl delete --cascade=orphan).",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/issues/124408",
			"https://github.com/MediaMarktSaturn/helm-charts/issues/157",
			"https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#pod-management-policies",
		},
		check: stsOrderedReady,
	},
	{
		ID: "rollout-rate-metric", Severity: Warning, Tier: All,
		What: "a rollout brings in half as many pods again, and a rate over pods goes by all of them",
		Why: "A new pod's rate starts at nothing and takes its whole window to be true. While many pods are new the average is too low, " +
			"and the autoscaler takes pods away in the middle of the rollout.",
		How: "A Deployment with a maxSurge of 50 % or more, or of half of minReplicas, is scaled on a Pods metric, and the scaleDown window is written and below 5 minutes.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/issues/90461",
		},
		check: rolloutRateMetric,
	},
}

func wlSelectorMismatch(c *checker) {
	for _, w := range c.workloads {
		if w.selector == nil && !needsSelector(w) {
			continue
		}
		selector, err := metav1.LabelSelectorAsSelector(w.selector)
		switch {
		case err != nil:
			c.report(w.object, "spec.selector", err.Error(), "write matchLabels with labels of the pod template")
		case (w.selector == nil || selector.Empty()) && c.labelled(w.object):
		case w.selector == nil || selector.Empty():
			c.report(w.object, "spec.selector", fmt.Sprintf("%s %s has no selector", w.Kind, w.Name), "write matchLabels with labels of the pod template")
		case !selector.Matches(labels.Set(w.template.Labels)):
			c.report(w.object, w.selectorPath(), fmt.Sprintf("the selector %s does not match the pods' labels %s", selector, labels.Set(w.template.Labels)),
				"write the same labels in both").see(w.object, joined(w.path, "metadata", "labels"), "the pods' labels")
		}
	}
}

// needsSelector says whether the API server asks for a selector.
func needsSelector(w *workload) bool {
	switch w.Typed.(type) {
	case *appsv1.Deployment, *appsv1.StatefulSet, *appsv1.ReplicaSet, *appsv1.DaemonSet:
		return true
	}
	return false
}

// isZero says whether a number of pods or percentage is written as none.
func isZero(v *intstr.IntOrString) bool {
	if v == nil {
		return false
	}
	n, err := intstr.GetScaledValueFromIntOrPercent(v, 100, true)
	return err == nil && n == 0
}

func wlSurgeZero(c *checker) {
	for _, w := range c.workloads {
		surge, unavailable, path := (*intstr.IntOrString)(nil), (*intstr.IntOrString)(nil), "spec.strategy.rollingUpdate"
		switch t := w.Typed.(type) {
		case *appsv1.Deployment:
			if r := t.Spec.Strategy.RollingUpdate; r != nil {
				surge, unavailable = r.MaxSurge, r.MaxUnavailable
			}
		case *appsv1.DaemonSet:
			if r := t.Spec.UpdateStrategy.RollingUpdate; r != nil {
				surge, unavailable, path = r.MaxSurge, r.MaxUnavailable, "spec.updateStrategy.rollingUpdate"
				if surge == nil {
					surge = &intstr.IntOrString{}
				}
			}
		}
		if isZero(surge) && isZero(unavailable) {
			c.report(w.object, path+".maxUnavailable", "neither a pod more nor a pod less is allowed, so that none can be replaced", "write maxSurge: 25%, and keep maxUnavailable: 0").
				see(w.object, path+".maxSurge", "the other one")
		}
	}
}

func wlRecreateStrategy(c *checker) {
	for _, w := range c.workloads {
		s, strategy := w.scaler(), strategyOf(w)
		if s != nil && s.max > 1 && strategy != nil && strategy.Type == appsv1.RecreateDeploymentStrategyType {
			c.report(w.object, "spec.strategy.type", fmt.Sprintf("each rollout stops all pods first, of which %s runs %d to %d", s.Name, s.min, s.max),
				"write type: RollingUpdate").see(s.object, s.targetPath, "the autoscaler")
		}
	}
}

func stsOrderedReady(c *checker) {
	for _, w := range c.workloads {
		t, ok := w.Typed.(*appsv1.StatefulSet)
		s := w.scaler()
		if !ok || s == nil || t.Spec.PodManagementPolicy == appsv1.ParallelPodManagement {
			continue
		}
		c.report(w.object, "spec.podManagementPolicy", fmt.Sprintf("pods start and stop one by one between the %d and %d that %s asks for", s.min, s.max, s.Name),
			"write podManagementPolicy: Parallel, if the pods do not depend on each other").see(s.object, s.targetPath, "the autoscaler")
	}
}

func rolloutRateMetric(c *checker) {
	for _, s := range c.hpas {
		if s.workload == nil {
			continue
		}
		strategy := strategyOf(s.workload)
		window := scaleDownWindow(s.written.V2)
		if strategy == nil || strategy.RollingUpdate == nil || strategy.RollingUpdate.MaxSurge == nil || window == nil || *window >= 300 {
			continue
		}
		pods := max(int(s.min), 1)
		surge, err := intstr.GetScaledValueFromIntOrPercent(strategy.RollingUpdate.MaxSurge, pods, true)
		if err != nil || 2*surge < pods || pods < 2 {
			continue
		}
		for i := range s.hpa.Spec.Metrics {
			if m := &s.hpa.Spec.Metrics[i]; m.Pods != nil {
				c.report(s.workload.object, "spec.strategy.rollingUpdate.maxSurge", fmt.Sprintf("at %d pods a rollout brings %d new ones at once, whose %s starts at nothing, and %s looks back %ds", pods, surge, m.Pods.Metric.Name, s.Name, *window),
					"write a smaller maxSurge, such as 25%, or a scaleDown window of 300").see(s.object, s.metricPath(i), "the metric")
				break
			}
		}
	}
}

// scaleDownWindow is stabilizationWindowSeconds of scaleDown, nil where it is not
// written.
func scaleDownWindow(h *autoscalingv2.HorizontalPodAutoscaler) *int32 {
	if h.Spec.Behavior == nil || h.Spec.Behavior.ScaleDown == nil {
		return nil
	}
	return h.Spec.Behavior.ScaleDown.StabilizationWindowSeconds
}
