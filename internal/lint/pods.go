package lint

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/elasticctl/elasticctl/internal/manifest"
)

// scale is the replicas that are written for a workload, nil where none are, and
// the object that they stand in, as spec.replicas.
func (w *workload) scale() (*object, *int32) {
	if r := w.rollout; r != nil {
		return r.object, r.spec.Spec.Replicas
	}
	return w.object, w.replicas
}

// selectorPath is where the selector's labels stand.
func (w *workload) selectorPath() string {
	if w.Kind == "ReplicationController" {
		return "spec.selector"
	}
	return "spec.selector.matchLabels"
}

// budget is a PodDisruptionBudget with the workloads whose pods it is about.
type budget struct {
	typed[*policyv1.PodDisruptionBudget]
	workloads []*workload
}

// scaler is the first autoscaler of a workload; nil where there is none.
func (w *workload) scaler() *scaler {
	if len(w.scalers) == 0 {
		return nil
	}
	return w.scalers[0]
}

// joinPods finds what has to do with the pods of workloads.
func (x *index) joinPods() {
	for i := range x.rollouts {
		r := &x.rollouts[i]
		to := r.spec.Spec.WorkloadRef
		if to == nil {
			continue
		}
		for _, o := range x.byName[ref{manifest.GroupOf(to.APIVersion), to.Kind, r.Namespace, to.Name}] {
			if w := x.targets[o]; w != nil {
				w.rollout, x.targets[r.object] = r, w
			}
		}
	}
	for _, b := range x.budgets {
		b.workloads = x.pods.find(b.Namespace, b.spec.Spec.Selector)
		for _, w := range b.workloads {
			w.budgets = append(w.budgets, b)
		}
	}
}

// isPatch says whether a workload is a patch of another one's manifest, as
// kustomize merges them: it says what is to change, and leaves out the image that
// every container has.
func isPatch(w *workload) bool {
	list := w.template.Spec.Containers
	return w.object.Kind != "Pod" && !slices.ContainsFunc(list, func(c corev1.Container) bool { return c.Image != "" })
}

// is says whether two objects are one: the same, or another manifest of it.
func (o *object) is(other *object) bool { return refTo(o.Object) == refTo(other.Object) }

// isTest says whether a workload is a test of a Helm chart.
func (w *workload) isTest() bool {
	meta, ok := w.Typed.(metav1.Object)
	return ok && strings.HasPrefix(meta.GetAnnotations()["helm.sh/hook"], "test")
}
