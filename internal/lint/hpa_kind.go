package lint

import (
	"fmt"
	"strings"

	"github.com/elasticctl/elasticctl/internal/manifest"
)

// hpaKind are about the kind of what an autoscaler scales.
var hpaKind = []Rule{
	{
		ID: "hpa-target-apiversion", Severity: Error, Tier: Default,
		What: "the scale target's apiVersion is empty, or of another group than its kind",
		Why:  "The API server refuses a target without a group from 1.34 on. Whatever it accepts, the controller finds no such kind: FailedGetScale, and nothing is ever scaled.",
		Fix:  "the apiVersion that the kind is served in is written.",
		How: "scaleTargetRef.apiVersion is checked as the API server of the version does. Of Deployment, StatefulSet, ReplicaSet, ReplicationController and Rollout the group is known; " +
			"another group of Kubernetes itself is wrong. Groups with a dot are somebody's own and may serve the same kind. The version behind the group plays no part.",
		Sources: []string{
			"https://github.com/fiaas/fiaas-deploy-daemon/pull/110",
			"https://github.com/kubernetes-sigs/metrics-server/issues/389",
			"https://github.com/hashicorp/terraform-provider-kubernetes/issues/562",
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/apis/autoscaling/validation/validation.go",
		},
		check: hpaTargetAPIVersion,
	},
	{
		ID: "hpa-target-not-scalable", Severity: Error, Tier: Default,
		What: "the scale target is of a kind that cannot be scaled",
		Why:  "The API server accepts it, but there is no scale subresource: FailedGetScale at every sync.",
		How:  "scaleTargetRef.kind is one of Kubernetes' own kinds that have no scale subresource, such as DaemonSet, Job and Pod.",
		Sources: []string{
			"https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/",
		},
		check: hpaTargetNotScalable,
	},
	{
		ID: "hpa-targets-replicaset", Severity: Warning, Tier: Default,
		What: "an autoscaler scales a ReplicaSet that belongs to a Deployment",
		Why:  "The Deployment sets its ReplicaSet back to its own count, and the next rollout brings another ReplicaSet that nothing scales.",
		How:  "The scale target is a ReplicaSet, and either it is among the inputs with an owner, or a Deployment among them has its name without the last part, as Deployments name their ReplicaSets. A ReplicaSet by itself may be scaled.",
		Sources: []string{
			"https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/",
		},
		check: hpaTargetsReplicaSet,
	},
	{
		ID: "hpa-rollout-workloadref", Severity: Warning, Tier: Default,
		What: "an autoscaler scales a Deployment whose pods a Rollout runs",
		Why:  "A Rollout with a workloadRef takes the pod template from the Deployment and scales it down to run the pods itself. Scaling the Deployment brings back pods beside them, or does nothing.",
		How:  "The scale target is a Deployment that spec.workloadRef of a Rollout in the namespace names.",
		Sources: []string{
			"https://github.com/argoproj/argo-rollouts/issues/4110",
		},
		check: hpaRolloutWorkloadRef,
	},
}

// servedIn is the apiVersion of the kinds that are scaled most.
func servedIn(kind string) string {
	switch kind {
	case "Deployment", "StatefulSet", "ReplicaSet":
		return "apps/v1"
	case "ReplicationController":
		return "v1"
	case "Rollout":
		return "argoproj.io/v1alpha1"
	}
	return ""
}

// misplaced returns the apiVersion that a target should have instead of its own;
// "" where nothing is known to be wrong with it.
func (s *scaler) misplaced() string {
	served, group := servedIn(s.target.Kind), manifest.GroupOf(s.target.APIVersion)
	if served == "" || strings.Contains(group, ".") || group == manifest.GroupOf(served) {
		return ""
	}
	return served
}

// unscalable says what to do about a target that nothing can scale; "" where it
// can be.
func (s *scaler) unscalable() string {
	switch group := manifest.GroupOf(s.target.APIVersion); {
	case strings.Contains(group, "."):
		return ""
	case s.target.Kind == "DaemonSet":
		return "remove the autoscaler: a DaemonSet runs one pod on each node"
	case s.target.Kind == "Job" || s.target.Kind == "CronJob":
		return "remove the autoscaler; jobs are started by what waits, as KEDA's ScaledJob does"
	case s.target.Kind == "Pod":
		return "let a Deployment run the pod, and scale that"
	case s.target.Kind == "Service" || s.target.Kind == "Ingress" || s.target.Kind == "ConfigMap" || s.target.Kind == "HorizontalPodAutoscaler":
		return "name the workload, not what belongs to it"
	}
	return ""
}

func hpaTargetAPIVersion(c *checker) {
	violations(c)
	for _, s := range c.scalers {
		served := s.misplaced()
		if served == "" || s.violates(c.rule.ID) {
			continue
		}
		written := "empty"
		if s.target.APIVersion != "" {
			written = s.target.APIVersion
		}
		c.at(s, s.targetPath+".apiVersion", fmt.Sprintf("the scale target's apiVersion is %s, and no %s is served there", written, s.target.Kind), "write apiVersion: "+served).write(served)
	}
}

// violates says whether the API server's validation breaks a rule.
func (s *scaler) violates(rule string) bool {
	for i := range s.violations {
		if ruleOfViolation(&s.violations[i]) == rule {
			return true
		}
	}
	return false
}

func hpaTargetNotScalable(c *checker) {
	for _, s := range c.scalers {
		if fix := s.unscalable(); fix != "" {
			c.at(s, s.targetPath+".kind", "a "+s.target.Kind+" cannot be scaled", fix)
		}
	}
}

func hpaTargetsReplicaSet(c *checker) {
	for _, s := range c.scalers {
		if s.target.Kind != "ReplicaSet" {
			continue
		}
		owner, found := "", (*object)(nil)
		if i := strings.LastIndexByte(s.target.Name, '-'); i > 0 {
			for _, o := range c.byName[ref{"apps", "Deployment", s.Namespace, s.target.Name[:i]}] {
				owner, found = o.Name, o
			}
		}
		if w := s.workload; w != nil && len(w.owners) > 0 {
			owner = w.owners[0].Name
		}
		if owner == "" {
			continue
		}
		f := c.at(s, s.targetPath, fmt.Sprintf("ReplicaSet %s belongs to Deployment %s, which sets its replicas", s.target.Name, owner), "scale the Deployment: {apiVersion: apps/v1, kind: Deployment, name: "+owner+"}")
		if found != nil {
			f.see(found, "metadata.name", "the Deployment")
		}
	}
}

func hpaRolloutWorkloadRef(c *checker) {
	for _, s := range c.scalers {
		if w := s.workload; w != nil && w.rollout != nil && s.target.Kind == w.Kind {
			r := w.rollout
			c.at(s, s.targetPath, fmt.Sprintf("Rollout %s runs the pods of %s %s", r.Name, w.Kind, w.Name),
				"scale the Rollout: {apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: "+r.Name+"}").see(r.object, "spec.workloadRef", "the Rollout")
		}
	}
}
