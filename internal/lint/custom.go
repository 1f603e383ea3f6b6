package lint

import (
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The types here are custom resources whose own Go modules would bring hundreds
// of packages. Every field of their specs is named, so that a misspelt one is
// found; what no rule looks at may hold anything.

// verticalPodAutoscaler is that of autoscaling.k8s.io/v1
// (vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1/types.go).
type verticalPodAutoscaler struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		TargetRef      *autoscalingv1.CrossVersionObjectReference `json:"targetRef"`
		UpdatePolicy   vpaUpdatePolicy                            `json:"updatePolicy"`
		ResourcePolicy vpaResourcePolicy                          `json:"resourcePolicy"`
		Recommenders   any                                        `json:"recommenders"`
		StartupBoost   any                                        `json:"startupBoost"`
	} `json:"spec"`
	Status any `json:"status"`
}

// vpaUpdatePolicy says what becomes of pods whose requests should change.
type vpaUpdatePolicy struct {
	// UpdateMode is Off, Initial, Recreate, InPlaceOrRecreate or Auto; absent is
	// Recreate.
	UpdateMode           string `json:"updateMode"`
	MinReplicas          any    `json:"minReplicas"`
	EvictionRequirements any    `json:"evictionRequirements"`
	EvictAfterOOMSeconds any    `json:"evictAfterOOMSeconds"`
}

// vpaResourcePolicy says which resources of which containers it sets.
type vpaResourcePolicy struct {
	ContainerPolicies []vpaContainerPolicy `json:"containerPolicies"`
}

// vpaContainerPolicy is that of one container, or with the name "*" of all
// others.
type vpaContainerPolicy struct {
	ContainerName string `json:"containerName"`
	// Mode is Auto or Off; absent is Auto.
	Mode string `json:"mode"`
	// ControlledResources are cpu and memory where absent.
	ControlledResources *[]corev1.ResourceName `json:"controlledResources"`
	ControlledValues    any                    `json:"controlledValues"`
	MinAllowed          corev1.ResourceList    `json:"minAllowed"`
	MaxAllowed          corev1.ResourceList    `json:"maxAllowed"`
	OOMBumpUpRatio      any                    `json:"oomBumpUpRatio"`
	OOMMinBumpUp        any                    `json:"oomMinBumpUp"`
	StartupBoost        any                    `json:"startupBoost"`
}

// rollout is Argo's of argoproj.io/v1alpha1, which stands in for a Deployment
// (pkg/apis/rollouts/v1alpha1/types.go).
type rollout struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Replicas *int32                `json:"replicas"`
		Selector *metav1.LabelSelector `json:"selector"`
		// Template or WorkloadRef say what its pods are.
		Template                *corev1.PodTemplateSpec `json:"template"`
		WorkloadRef             *rolloutWorkload        `json:"workloadRef"`
		MinReadySeconds         any                     `json:"minReadySeconds"`
		RollbackWindow          any                     `json:"rollbackWindow"`
		Strategy                any                     `json:"strategy"`
		RevisionHistoryLimit    any                     `json:"revisionHistoryLimit"`
		Paused                  any                     `json:"paused"`
		ProgressDeadlineSeconds any                     `json:"progressDeadlineSeconds"`
		ProgressDeadlineAbort   any                     `json:"progressDeadlineAbort"`
		RestartAt               any                     `json:"restartAt"`
		Analysis                any                     `json:"analysis"`
	} `json:"spec"`
	Status any `json:"status"`
}

// rolloutWorkload names the workload whose template a Rollout uses.
type rolloutWorkload struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Name       string `json:"name"`
	ScaleDown  any    `json:"scaleDown"`
}

// strategyOf is a workload's way to replace its pods; nil for what is no
// Deployment.
func strategyOf(w *workload) *appsv1.DeploymentStrategy {
	if d, ok := w.Typed.(*appsv1.Deployment); ok {
		return &d.Spec.Strategy
	}
	return nil
}
