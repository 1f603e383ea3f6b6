package lint

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// serviceRules are about what stands in front of pods.
var serviceRules = []Rule{
	{
		ID: "svc-no-pods", Severity: Error, Tier: Default,
		What: "a Service selects no pods",
		Why:  "It has no endpoints: what calls it gets nothing, and what scrapes through it finds nothing to scale on.",
		How: "spec.selector is held against the labels of all pod templates of the namespace, without those that controllers add to pods, and against those of the pods that prometheus-operator makes. Services without a selector and of type ExternalName " +
			"select nothing on purpose. Pods may come from elsewhere, so this is information unless --complete or --context says otherwise.",
		Sources: []string{
			"https://github.com/zegl/kube-score/blob/master/README_CHECKS.md",
			"https://github.com/stackrox/kube-linter/blob/main/docs/generated/checks.md",
			"https://github.com/kubescape/regolibrary/tree/master/controls",
		},
		check: svcNoPods,
	},
}

func svcNoPods(c *checker) {
	for _, s := range c.services {
		if len(s.spec.Spec.Selector) == 0 || s.spec.Spec.Type == corev1.ServiceTypeExternalName {
			continue
		}
		if s.unknown || len(s.pods) > 0 {
			continue
		}
		selector := s.selector()
		if len(c.operated.find(s.Namespace, selector)) > 0 {
			continue
		}
		f := c.report(s.object, "spec.selector", fmt.Sprintf("no pod template in namespace %s has the labels %s", s.Namespace, metav1.FormatLabelSelector(selector)),
			"select labels of the pod template, not of the workload")
		c.unresolved(f)
	}
}
