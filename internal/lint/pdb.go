package lint

import (
	"fmt"

	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// pdbRules are about what a PodDisruptionBudget allows.
var pdbRules = []Rule{
	{
		ID: "pdb-policy-none-or-both", Severity: Error, Tier: Default,
		What: "a PodDisruptionBudget has both minAvailable and maxUnavailable, or neither",
		Why:  "The API server refuses both. Neither is accepted, and then the controller expects no pods and allows no disruption: every drain waits for ever.",
		How:  "spec has both fields or none of the two.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/apis/policy/validation/validation.go",
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/controller/disruption/disruption.go",
			"https://github.com/zegl/kube-score/blob/master/README_CHECKS.md",
		},
		check: pdbPolicy,
	},
	{
		ID: "pdb-blocks-all", Severity: Warning, Tier: Default,
		What: "a PodDisruptionBudget never lets a pod be evicted",
		Why:  "A node with such a pod cannot be drained: upgrades and the removal of nodes wait until somebody deletes the pod by hand.",
		How: "maxUnavailable is 0 or 0 %, minAvailable is 100 %, or minAvailable is at least the replicas that the only workload it selects is written with. An error where the pods are autoscaled, " +
			"because they are there to come and go; for a single pod that somebody wants to be asked about it may be meant.",
		Sources: []string{
			"https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
			"https://github.com/FairwindsOps/polaris/tree/master/pkg/config/checks",
		},
		check: pdbBlocksAll,
	},
	{
		ID: "pdb-min-ge-hpa-min", Severity: Error, Tier: Default,
		What: "minAvailable is at least the autoscaler's minimum",
		Why:  "At low load there are no more pods than must stay, and no node with one of them can be drained.",
		How:  "minAvailable is a number, the selector matches one workload, and an autoscaler among the inputs scales it to no more than that (to one pod, where its minimum is 0).",
		Sources: []string{
			"https://github.com/open-policy-agent/gatekeeper-library/issues/202",
			"https://github.com/blind-oracle/cortex-tenant/issues/66",
			"https://github.com/stackrox/kube-linter/issues/637",
		},
		check: pdbMinAvailable,
	},
	{
		ID: "pdb-percent-rounding", Severity: Warning, Tier: Default,
		What: "minAvailable in percent rounds up to all pods",
		Why:  "The percentage is of the pods that the workload asks for, rounded up: 90 % of 9 pods are 9. At such counts no node with one of them can be drained.",
		How: "For every count from the autoscaler's minimum to its maximum, or for the replicas that are written: minAvailable is rounded as the disruption controller does. An error where no count lets a pod go. " +
			"maxUnavailable rounds up too, so that any percentage above 0 lets one go.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/controller/disruption/disruption.go",
		},
		check: pdbPercentRounding,
	},
	{
		ID: "pdb-overlap", Severity: Error, Tier: Default,
		What: "two PodDisruptionBudgets select the same pods",
		Why:  "The eviction API answers with an error for a pod that more than one budget is about, so that its node cannot be drained.",
		How:  "The pod template of a workload is selected by more than one PodDisruptionBudget of its namespace.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/issues/75957",
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/registry/core/pod/storage/eviction.go",
		},
		check: pdbOverlap,
	},
	{
		ID: "pdb-no-match", Severity: Warning, Tier: Default,
		What: "a PodDisruptionBudget selects no pods",
		Why:  "It protects nothing, and looks as if it did.",
		How: "spec.selector, with its matchExpressions, is held against the labels of all pod templates of the namespace. An empty selector selects every pod, a missing one none. " +
			"Pods may come from elsewhere, so this is information unless --complete or --context says otherwise.",
		Sources: []string{
			"https://github.com/zegl/kube-score/blob/master/README_CHECKS.md",
			"https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
		},
		check: pdbNoMatch,
	},
	{
		ID: "pdb-missing", Severity: Warning, Tier: Recommended,
		What: "an autoscaled workload has no PodDisruptionBudget",
		Why:  "A drain may evict all of its pods at once, and an upgrade of the nodes drains one after the other.",
		How:  "An autoscaler among the inputs scales the workload above one pod, and no PodDisruptionBudget selects its pods.",
		Sources: []string{
			"https://github.com/zegl/kube-score/blob/master/README_CHECKS.md",
			"https://github.com/FairwindsOps/polaris/tree/master/pkg/config/checks",
		},
		check: pdbMissing,
	},
	{
		ID: "pdb-fixed-count", Severity: Info, Tier: All,
		What:  "a fixed minAvailable protects less and less as the workload grows",
		Why:   "What must stay is counted for the minimum. At the maximum, with the load that needs it, all other pods may be evicted at once.",
		How:   "minAvailable is a number below half of maxReplicas, and maxReplicas is at least twice minReplicas.",
		check: pdbFixedCount,
	},
	{
		ID: "pdb-unhealthy-policy", Severity: Info, Tier: Recommended,
		What: "unhealthyPodEvictionPolicy is not set",
		Why:  "By default a pod that runs but is not Ready may only be evicted while the budget is kept. A broken rollout then keeps every node with one of its pods from being drained.",
		How:  "spec.unhealthyPodEvictionPolicy is absent. It exists from Kubernetes 1.26 on, and is on by default from 1.27.",
		Sources: []string{
			"https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy",
			"https://github.com/stackrox/kube-linter/blob/main/docs/generated/checks.md",
		},
		check: pdbUnhealthyPolicy,
	},
}

func pdbPolicy(c *checker) {
	for _, b := range c.budgets {
		switch least, most := b.spec.Spec.MinAvailable, b.spec.Spec.MaxUnavailable; {
		case least != nil && most != nil:
			c.report(b.object, "spec.minAvailable", fmt.Sprintf("minAvailable: %s and maxUnavailable: %s cannot both be set", least, most), "keep maxUnavailable: it holds for any number of pods").
				see(b.object, "spec.maxUnavailable", "the other one")
		case least == nil && most == nil:
			c.report(b.object, "spec", "neither minAvailable nor maxUnavailable is set: no pod may ever be evicted", "write maxUnavailable: 10%")
		}
	}
}

// only is the workload that a budget is about; nil where there is none, or more
// than one.
func (b *budget) only() *workload {
	if len(b.workloads) != 1 {
		return nil
	}
	return b.workloads[0]
}

// counts are the least and the most pods that a budget's only workload asks for;
// ok is false where that is not known.
func (b *budget) counts() (least, most int, ok bool) {
	w := b.only()
	if w == nil {
		return 0, 0, false
	}
	if s := w.scaler(); s != nil {
		return max(int(s.min), 1), max(int(s.max), int(s.min), 1), true
	}
	if _, replicas := w.scale(); replicas != nil && *replicas > 0 {
		return int(*replicas), int(*replicas), true
	}
	return 0, 0, false
}

// keeps is how many of some pods must stay (disruption.go: getExpectedPodCount).
func keeps(spec *policyv1.PodDisruptionBudgetSpec, pods int) int {
	switch {
	case spec.MaxUnavailable != nil:
		if n, err := intstr.GetScaledValueFromIntOrPercent(spec.MaxUnavailable, pods, true); err == nil {
			return max(pods-n, 0)
		}
	case spec.MinAvailable != nil:
		if n, err := intstr.GetScaledValueFromIntOrPercent(spec.MinAvailable, pods, true); err == nil {
			return n
		}
	}
	return 0
}

// percent says whether a number of pods is a share of them.
func percent(v *intstr.IntOrString) bool { return v != nil && v.Type == intstr.String }

func pdbBlocksAll(c *checker) {
	for _, b := range c.budgets {
		spec := &b.spec.Spec
		path, value := "spec.maxUnavailable", spec.MaxUnavailable
		if value == nil {
			path, value = "spec.minAvailable", spec.MinAvailable
		}
		if value == nil || spec.MinAvailable != nil && spec.MaxUnavailable != nil {
			continue
		}
		// A thousand pods are enough for any percentage but 100 or 0 to let one go.
		blocks := (spec.MaxUnavailable != nil || percent(value)) && keeps(spec, 1000) >= 1000
		message := fmt.Sprintf("%s: %s never lets a pod be evicted", path[len("spec."):], value)
		if least, _, ok := b.counts(); !blocks && ok && !percent(value) && b.only().scaler() == nil && keeps(spec, least) >= least {
			blocks, message = true, fmt.Sprintf("minAvailable: %s of %d replicas never lets a pod be evicted", value, least)
		}
		if !blocks {
			continue
		}
		f := c.report(b.object, path, message, "write maxUnavailable: 1 or a percentage above 0")
		for _, w := range b.workloads {
			if s := w.scaler(); s != nil {
				f.Severity = Error
				f.see(s.object, s.targetPath, "the autoscaler of its pods")
				break
			}
		}
	}
}

func pdbMinAvailable(c *checker) {
	for _, b := range c.budgets {
		spec := &b.spec.Spec
		least, most, ok := b.counts()
		if !ok || b.only().scaler() == nil || spec.MinAvailable == nil || percent(spec.MinAvailable) || spec.MaxUnavailable != nil {
			continue
		}
		if n := spec.MinAvailable.IntValue(); n >= least {
			s := b.only().scaler()
			until := fmt.Sprintf("up to %d pods", min(n, most))
			if n == least {
				until = fmt.Sprintf("at the minimum of %d", least)
			}
			c.report(b.object, "spec.minAvailable", fmt.Sprintf("minAvailable is %d, and %s scales from %d to %d: %s none may be evicted", n, s.Name, s.min, s.max, until),
				"write maxUnavailable: 1 or a percentage instead, which holds for any number of pods").see(s.object, s.minPath, "the minimum")
		}
	}
}

func pdbPercentRounding(c *checker) {
	for _, b := range c.budgets {
		spec := &b.spec.Spec
		least, most, ok := b.counts()
		if !ok || !percent(spec.MinAvailable) || spec.MaxUnavailable != nil || keeps(spec, 1000) >= 1000 || keeps(spec, least) < least {
			continue
		}
		// Below 100 % more pods never make the percentage round up to all again
		// once it did not, and 100 pods always let one go.
		last := least
		for last < most && keeps(spec, last+1) >= last+1 {
			last++
		}
		counts := fmt.Sprintf("%d", least)
		if last > least {
			counts = fmt.Sprintf("%d to %d", least, last)
		}
		f := c.report(b.object, "spec.minAvailable", fmt.Sprintf("%s of %s pods rounds up to all of them: none may be evicted", spec.MinAvailable, counts),
			"write maxUnavailable: 10% instead: it rounds up too, and lets one go at least")
		if last == most {
			f.Severity = Error
		}
		if s := b.only().scaler(); s != nil {
			f.see(s.object, s.minPath, "the minimum")
		}
	}
}

func pdbOverlap(c *checker) {
	seen := map[*budget]bool{}
	for _, w := range c.workloads {
		for _, b := range w.budgets[min(1, len(w.budgets)):] {
			if first := w.budgets[0]; !seen[b] && !b.is(first.object) {
				seen[b] = true
				f := c.report(b.object, "spec.selector", fmt.Sprintf("the pods of %s %s are also those of PodDisruptionBudget %s", w.Kind, w.Name, first.Name), "keep one budget for the pods, or make the selectors differ")
				f.see(first.object, "spec.selector", "the other budget")
				f.see(w.object, joined(w.path, "metadata", "labels"), "the pods")
			}
		}
	}
}

func pdbNoMatch(c *checker) {
	for _, b := range c.budgets {
		selector := b.spec.Spec.Selector
		switch {
		case len(b.workloads) > 0:
		case selector == nil:
			c.report(b.object, "spec", "without a selector it is about no pod", "write selector: {matchLabels: …} with labels of the pod template")
		default:
			text := metav1.FormatLabelSelector(selector)
			c.unresolved(c.report(b.object, "spec.selector", fmt.Sprintf("no pod template in namespace %s has the labels %s", b.Namespace, text), "select labels of the pod template, not of the workload"))
		}
	}
}

func pdbMissing(c *checker) {
	for _, w := range c.workloads {
		if s := w.scaler(); s != nil && s.max > 1 && len(w.budgets) == 0 {
			c.report(w.object, "metadata.name", fmt.Sprintf("%s scales %s %s to %d pods, and all of them may be evicted at once", s.Name, w.Kind, w.Name, s.max),
				"add a PodDisruptionBudget with maxUnavailable: 10% and the selector of its pods").see(s.object, s.targetPath, "the autoscaler")
		}
	}
}

func pdbFixedCount(c *checker) {
	for _, b := range c.budgets {
		spec := &b.spec.Spec
		least, most, ok := b.counts()
		if !ok || spec.MinAvailable == nil || percent(spec.MinAvailable) || most < 2*least {
			continue
		}
		if n := spec.MinAvailable.IntValue(); 2*n < most {
			c.report(b.object, "spec.minAvailable", fmt.Sprintf("at %d pods %d of them may be evicted at once", most, most-n), "write maxUnavailable: 10% instead").
				see(b.only().scaler().object, b.only().scaler().maxPath, "the maximum")
		}
	}
}

func pdbUnhealthyPolicy(c *checker) {
	for _, b := range c.budgets {
		if b.spec.Spec.UnhealthyPodEvictionPolicy == nil {
			c.report(b.object, "spec.unhealthyPodEvictionPolicy", "pods that are not Ready may not be evicted while the budget is broken, by default", "write unhealthyPodEvictionPolicy: AlwaysAllow")
		}
	}
}
