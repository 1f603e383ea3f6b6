package oracle

import (
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// victimsFirst orders Pending before Running-not-Ready before Ready, and newer
// before older. Pods come in order of creation, so it is applied to them
// reversed by rank of birth.
func victimsFirst(a, b *pod) int {
	if d := standing(a) - standing(b); d != 0 {
		return d
	}
	return birth(b) - birth(a)
}

func standing(p *pod) int {
	switch {
	case !p.running:
		return 0
	case !p.ready:
		return 1
	}
	return 2
}

func birth(p *pod) int {
	n, _ := strconv.Atoi(p.name[len("web-"):])
	return n
}

// object is the pod as the API serves it.
func (w *world) object(p *pod) *corev1.Pod {
	start := w.wholeSecond(p.created)
	status := corev1.ConditionFalse
	if p.ready {
		status = corev1.ConditionTrue
	}
	out := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: p.name, Namespace: w.namespace, Labels: podLabels()},
		Spec:       corev1.PodSpec{Containers: w.spec.Pods.Containers},
		Status: corev1.PodStatus{
			Phase:      corev1.PodPending,
			StartTime:  &start,
			Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: status, LastTransitionTime: w.wholeSecond(p.transition)}},
		},
	}
	if p.running {
		out.Status.Phase = corev1.PodRunning
	}
	if p.failed {
		out.Status.Phase = corev1.PodFailed
	}
	if p.deleted {
		now := w.wholeSecond(w.now)
		out.DeletionTimestamp = &now
	}
	return out
}

// wholeSecond is the wall clock of an instant, rounded down to a second.
func (w *world) wholeSecond(t time.Duration) metav1.Time {
	return metav1.NewTime(w.epoch.Add(floorSecond(t)))
}

func floorSecond(t time.Duration) time.Duration {
	r := t % time.Second
	if r < 0 {
		r += time.Second
	}
	return t - r
}
