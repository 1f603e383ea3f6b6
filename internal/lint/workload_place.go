package lint

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/elasticctl/elasticctl/internal/manifest"
)

// workloadPlace are about where pods find room.
var workloadPlace = []Rule{
	{
		ID: "wl-topology-spread", Severity: Warning, Tier: Recommended,
		What: "autoscaled pods are not spread, or by a selector that does not match them",
		Why:  "Pods that a scale-out adds land where there is room, which after a while is one node or zone. When it goes, most of the capacity goes at once.",
		How: "A workload that an autoscaler scales above one pod has neither topologySpreadConstraints nor podAntiAffinity; or a constraint's labelSelector does not match the pods' own labels, " +
			"so that it counts others. The scheduler spreads softly by its own defaults where there is no constraint.",
		Sources: []string{
			"https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
			"https://github.com/FairwindsOps/polaris/tree/master/pkg/config/checks",
			"https://github.com/zegl/kube-score/blob/master/README_CHECKS.md",
		},
		check: wlTopologySpread,
	},
	{
		ID: "wl-spread-no-matchlabelkeys", Severity: Warning, Tier: All,
		What: "a spread constraint counts the pods of the old version too",
		Why:  "In a rollout the skew is that of old and new pods together. When the old ones are gone, the new ones stand where they balanced them, not spread among themselves.",
		How:  "A Deployment's topologySpreadConstraints without matchLabelKeys: [pod-template-hash], which Kubernetes has from 1.27 on.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/issues/98215",
			"https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
		},
		check: wlSpreadNoMatchLabelKeys,
	},
	{
		ID: "wl-anti-affinity-hard", Severity: Warning, Tier: Recommended,
		What: "required anti-affinity asks for a node for each pod",
		Why:  "Pods beyond the number of nodes stay Pending, just when they are needed. During a rollout those of maxSurge need nodes of their own too.",
		How: "requiredDuringSchedulingIgnoredDuringExecution of podAntiAffinity on kubernetes.io/hostname matches the workload's own pods, and an autoscaler scales it above one pod. " +
			"Where Nodes are among the inputs or the context, only if maxReplicas is above their number.",
		Sources: []string{
			"https://github.com/zegl/kube-score/blob/master/README_CHECKS.md",
			"https://github.com/stackrox/kube-linter/blob/main/docs/generated/checks.md",
		},
		check: wlAntiAffinityHard,
	},
	{
		ID: "wl-quota-at-max", Severity: Warning, Tier: Default,
		What: "the pods of maxReplicas request more than the namespace's quota",
		Why:  "Above the quota no pod is created, whatever the autoscaler asks for. Its metrics stay above the target and it looks as if it did its work.",
		How: "maxReplicas × what a pod requests (its containers and sidecars, or the pod as a whole, and its overhead) is held against hard: cpu, memory, requests.cpu, requests.memory, pods and count/pods of the ResourceQuotas " +
			"of the namespace that have no scope. What else runs in the namespace comes on top.",
		Sources: []string{
			"https://kubernetes.io/docs/concepts/policy/resource-quotas/",
			"https://github.com/derailed/popeye/blob/master/internal/issues/assets/codes.yaml",
		},
		check: wlQuotaAtMax,
	},
}

// matches says whether a selector matches a workload's own pods.
func (w *workload) matches(s *metav1.LabelSelector) bool {
	selector, err := metav1.LabelSelectorAsSelector(s)
	return err == nil && selector.Matches(labels.Set(w.template.Labels))
}

func wlTopologySpread(c *checker) {
	for _, w := range c.workloads {
		s, spec := w.scaler(), &w.template.Spec
		if s == nil || s.max < 2 {
			continue
		}
		if len(spec.TopologySpreadConstraints) == 0 && (spec.Affinity == nil || spec.Affinity.PodAntiAffinity == nil) {
			c.report(w.object, w.in("topologySpreadConstraints"), fmt.Sprintf("nothing spreads the up to %d pods of %s %s over nodes or zones", s.max, w.Kind, w.Name),
				"add topologySpreadConstraints over kubernetes.io/hostname and topology.kubernetes.io/zone, whenUnsatisfiable: ScheduleAnyway")
		}
		for i := range spec.TopologySpreadConstraints {
			one := &spec.TopologySpreadConstraints[i]
			if !w.matches(one.LabelSelector) {
				c.report(w.object, w.in(fmt.Sprintf("topologySpreadConstraints[%d].labelSelector", i)), "the constraint counts pods with "+metav1.FormatLabelSelector(one.LabelSelector)+", which these pods do not have",
					"select labels of the pod template").see(w.object, joined(w.path, "metadata", "labels"), "the pods' labels")
			}
		}
	}
}

func wlSpreadNoMatchLabelKeys(c *checker) {
	for _, w := range c.workloads {
		if strategyOf(w) == nil {
			continue
		}
		for i := range w.template.Spec.TopologySpreadConstraints {
			if one := &w.template.Spec.TopologySpreadConstraints[i]; !slices.Contains(one.MatchLabelKeys, "pod-template-hash") {
				c.report(w.object, w.in(fmt.Sprintf("topologySpreadConstraints[%d]", i)), "in a rollout the spread over "+one.TopologyKey+" is that of old and new pods together", "add matchLabelKeys: [pod-template-hash]")
			}
		}
	}
}

func wlAntiAffinityHard(c *checker) {
	for _, w := range c.workloads {
		s, affinity := w.scaler(), w.template.Spec.Affinity
		if s == nil || s.max < 2 || affinity == nil || affinity.PodAntiAffinity == nil || c.nodes > 0 && int(s.max) <= c.nodes {
			continue
		}
		for i := range affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution {
			term := &affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution[i]
			if term.TopologyKey != corev1.LabelHostname || !w.matches(term.LabelSelector) {
				continue
			}
			have := ""
			if c.nodes > 0 {
				have = fmt.Sprintf(", and there are %d", c.nodes)
			}
			c.report(w.object, w.in(fmt.Sprintf("affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[%d].topologyKey", i)),
				fmt.Sprintf("%s asks for up to %d pods, and each needs a node of its own%s", s.Name, s.max, have),
				"prefer it only (preferredDuringSchedulingIgnoredDuringExecution), or spread by topologySpreadConstraints").see(s.object, s.maxPath, "the maximum")
		}
	}
}

func wlQuotaAtMax(c *checker) {
	for _, w := range c.workloads {
		s := w.scaler()
		if s == nil || len(c.quotas[w.Namespace]) == 0 {
			continue
		}
		requests := manifest.Requests(&w.template.Spec)
		for _, quota := range c.quotas[w.Namespace] {
			if len(quota.spec.Spec.Scopes) > 0 || quota.spec.Spec.ScopeSelector != nil {
				continue
			}
			for _, name := range hardNames(quota.spec.Spec.Hard) {
				hard := quota.spec.Spec.Hard[name]
				resource := corev1.ResourceName(strings.TrimPrefix(string(name), "requests."))
				each, _ := amountOf(requests, resource)
				if name == corev1.ResourcePods || name == "count/pods" {
					each = 1000
				}
				if each == 0 || float64(each)*float64(s.max) <= float64(hard.MilliValue()) {
					continue
				}
				fits := hard.MilliValue() / each
				c.report(s.object, s.maxPath, fmt.Sprintf("%d pods need %s of %s, and ResourceQuota %s allows %s: no more than %d fit", s.max, total(each, s.max, resource), name, quota.Name, hard.String(), fits),
					fmt.Sprintf("write maxReplicas: %d, or raise the quota", max(fits, 1))).see(quota.object, "spec.hard["+string(name)+"]", "the quota")
			}
		}
	}
}

// total is what a number of pods need.
func total(each int64, pods int32, resource corev1.ResourceName) string {
	if each > (1<<62)/int64(max(pods, 1)) {
		return "more than can be counted"
	}
	return milli(each*int64(pods), resource)
}

// hardNames are what a quota bounds of what pods request, in order.
func hardNames(hard corev1.ResourceList) []corev1.ResourceName {
	var names []corev1.ResourceName
	for _, name := range []corev1.ResourceName{"count/pods", "cpu", "memory", "pods", "requests.cpu", "requests.memory"} {
		if _, ok := hard[name]; ok {
			names = append(names, name)
		}
	}
	return names
}
