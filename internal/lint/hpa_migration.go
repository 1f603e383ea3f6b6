package lint

import (
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// hpaMigration are about what applying a manifest does to the object that exists.
var hpaMigration = []Rule{
	{
		ID: "hpa-replicas-removal-migration", Severity: Info, Tier: Recommended,
		What: "a manifest leaves out replicas that the last kubectl apply set",
		Why:  "kubectl apply removes what it set before and no longer finds. The API server then fills in its default, 1: the service drops to a single pod until the autoscaler's next sync.",
		How: "--context has the workload as it is in the cluster, with more than one replica, and its annotation kubectl.kubernetes.io/last-applied-configuration has spec.replicas. The manifest that takes its place has none, " +
			"and an autoscaler scales it. Server-side apply leaves the count to the autoscaler, and writes no such annotation.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/issues/25238",
			"https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling",
		},
		check: hpaReplicasRemoval,
	},
}

func hpaReplicasRemoval(c *checker) {
	for _, w := range c.workloads {
		s, there := w.scaler(), c.replaced[refTo(w.Object)]
		if s == nil || w.replicas != nil || w.rollout != nil || there == nil {
			continue
		}
		live := newWorkload(there)
		applied, ok := lastApplied(there)
		if live == nil || live.replicas == nil || *live.replicas <= 1 || !ok {
			continue
		}
		c.report(w.object, "spec", fmt.Sprintf("the last apply set replicas: %d and this one removes it: %d pods become 1 until %s acts", applied, *live.replicas, s.Name),
			fmt.Sprintf("remove replicas from what was applied first: kubectl apply edit-last-applied %s/%s; or apply with --server-side", w.Kind, w.Name)).
			see(s.object, s.targetPath, "the autoscaler")
	}
}

// lastApplied is spec.replicas as kubectl applied it last; ok is false where it
// applied none.
func lastApplied(o *object) (replicas int32, ok bool) {
	meta, isObject := o.Typed.(metav1.Object)
	if !isObject {
		return 0, false
	}
	var applied struct {
		Spec struct {
			Replicas *int32 `json:"replicas"`
		} `json:"spec"`
	}
	text := meta.GetAnnotations()[corev1.LastAppliedConfigAnnotation]
	if json.Unmarshal([]byte(text), &applied) != nil || applied.Spec.Replicas == nil {
		return 0, false
	}
	return *applied.Spec.Replicas, true
}
