package lint

import (
	"fmt"
	"slices"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// hpaTarget are about what an autoscaler scales.
var hpaTarget = []Rule{
	{
		ID: "hpa-target-missing", Severity: Error, Tier: Default,
		What: "the scale target does not exist",
		Why:  "The autoscaler's condition AbleToScale is false with FailedGetScale; nothing is ever scaled.",
		How:  "spec.scaleTargetRef is looked up among all objects read, by API group, kind, namespace and name. What is not there may exist in the cluster, so this is information unless --complete or --context says otherwise.",
		Sources: []string{
			"https://github.com/stackrox/kube-linter/issues/932",
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/controller/podautoscaler/horizontal.go",
		},
		check: hpaTargetMissing,
	},
	{
		ID: "hpa-target-other-namespace", Severity: Error, Tier: Default,
		What: "the scale target exists only in another namespace",
		Why:  "An autoscaler scales what is in its own namespace; it finds nothing there.",
		How:  "No object in the autoscaler's namespace is the target, and one in another is.",
		Sources: []string{
			"https://github.com/kubescape/regolibrary/tree/master/controls",
		},
		check: hpaTargetOtherNamespace,
	},
	{
		ID: "hpa-duplicate-target", Severity: Error, Tier: Default,
		What: "two autoscalers scale one workload",
		Why:  "Each sets the replicas by its own metrics. From Kubernetes 1.26 the controller sees that both select the same pods and neither acts (AmbiguousSelector); before, they fought.",
		How:  "HorizontalPodAutoscalers are grouped by namespace and target. ScaledObjects have rules of their own.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/issues/122059",
			"https://github.com/kubernetes/kubernetes/pull/112011",
		},
		check: hpaDuplicateTarget,
	},
	{
		ID: "hpa-and-scaledobject", Severity: Error, Tier: Default,
		What: "a HorizontalPodAutoscaler and a ScaledObject scale one workload",
		Why:  "KEDA makes a HorizontalPodAutoscaler of the ScaledObject, so that two scale the workload: both stop as ambiguous from Kubernetes 1.26 on, and fight before. KEDA's webhook refuses the second one.",
		How:  "Autoscalers are grouped by namespace and target; one of the two is a ScaledObject, the other is not.",
		Sources: []string{
			"https://github.com/kedacore/keda/issues/5825",
			"https://github.com/kedacore/keda/blob/main/apis/keda/v1alpha1/scaledobject_webhook.go",
		},
		check: hpaAndScaledObject,
	},
	{
		ID: "hpa-replicas-set", Severity: Error, Tier: Default,
		What: "a workload with an autoscaler sets spec.replicas",
		Why:  "Every apply sets the replicas back to that number, until the next sync: a deployment at peak sheds the pods that carry it.",
		How:  "spec.replicas of a workload that an autoscaler among the inputs scales. 0 is another matter: it switches the autoscaler off.",
		Sources: []string{
			"https://github.com/zegl/kube-score/issues/286",
			"https://github.com/argoproj/argo-cd/issues/1603",
			"https://github.com/helm/helm/issues/7090",
		},
		check: hpaReplicasSet,
	},
}

// known says whether a scaler's target is among the inputs.
func (x *index) known(s *scaler) bool { return len(x.byName[s.targetRef()]) > 0 }

// elsewhere are the objects with the target's name in other namespaces.
func (x *index) elsewhere(s *scaler) []*object {
	name := s.targetRef()
	name.namespace = ""
	return x.unnamed[name]
}

func hpaTargetMissing(c *checker) {
	for _, s := range c.scalers {
		if c.known(s) || len(c.elsewhere(s)) > 0 || s.target.Name == "" || s.target.Kind == "" || s.misplaced() != "" || s.unscalable() != "" {
			continue
		}
		target := fmt.Sprintf("%s %s/%s", s.target.Kind, s.Namespace, s.target.Name)
		f := c.at(s, s.targetPath+".name", "the scale target "+target+" is not among the inputs", c.nearTarget(s))
		c.unresolved(f)
	}
}

// nearTarget proposes what a missing scale target may have meant.
func (x *index) nearTarget(s *scaler) string {
	var similar []string
	for _, w := range x.workloads {
		switch {
		case w.Namespace != s.Namespace:
		case w.Name == s.target.Name && w.Kind == s.target.Kind:
			return "write apiVersion: " + w.APIVersion
		case w.Name == s.target.Name:
			return "did you mean kind: " + w.Kind + "?"
		case !slices.Contains(similar, w.Name) && len(similar) < 100:
			similar = append(similar, w.Name)
		}
	}
	if near := yamlpos.Nearest(s.target.Name, similar); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "pass its manifest too, or what exists in the cluster with --context"
}

func hpaTargetOtherNamespace(c *checker) {
	for _, s := range c.scalers {
		others := c.elsewhere(s)
		if c.known(s) || len(others) == 0 || s.unscalable() != "" {
			continue
		}
		c.at(s, s.targetPath, fmt.Sprintf("the autoscaler is in namespace %s, %s %s is in %s", s.Namespace, s.target.Kind, s.target.Name, others[0].Namespace),
			"put both into one namespace").see(others[0], "metadata", "the workload")
	}
}

func hpaDuplicateTarget(c *checker) {
	c.rivals(func(a, b *scaler) bool { return a.written != nil && b.written != nil },
		"give one autoscaler all the metrics: it takes the largest proposal")
}

func hpaAndScaledObject(c *checker) {
	c.rivals(func(a, b *scaler) bool { return a.Kind != b.Kind },
		"keep one of them: a ScaledObject has cpu and memory triggers too")
}

// rivals reports the scalers whose target the first one scales already, of the
// pairs that are wanted.
func (c *checker) rivals(wanted func(a, b *scaler) bool, fix string) {
	for _, s := range c.scalers {
		if first := c.scaled[s.targetRef()][0]; !first.is(s.object) && s.target.Name != "" && wanted(first, s) {
			c.at(s, s.targetPath, fmt.Sprintf("%s %s scales %s %s already", first.Kind, first.Name, s.target.Kind, s.target.Name),
				fix).see(first.object, first.targetPath, "the other autoscaler")
		}
	}
}

func hpaReplicasSet(c *checker) {
	for _, w := range c.workloads {
		s := w.scaler()
		o, replicas := w.scale()
		if s == nil || replicas == nil || *replicas == 0 {
			continue
		}
		c.report(o, "spec.replicas", fmt.Sprintf("replicas: %d is set beside the autoscaler %s", *replicas, s.Name),
			"remove replicas from the manifest; on the first apply without it, keep the live count: kubectl apply edit-last-applied").see(s.object, s.targetPath, "the autoscaler")
	}
}
