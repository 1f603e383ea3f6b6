package manifest

import (
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

const hpaKind = "HorizontalPodAutoscaler"

// newTyped returns an empty object of the typed API, or nil for a kind that is
// kept as a document only.
func newTyped(apiVersion, kind string) metav1.Object {
	switch apiVersion + " " + kind {
	case "autoscaling/v2 " + hpaKind:
		return &autoscalingv2.HorizontalPodAutoscaler{}
	case "autoscaling/v1 " + hpaKind:
		return &autoscalingv1.HorizontalPodAutoscaler{}
	case "apps/v1 Deployment":
		return &appsv1.Deployment{}
	case "apps/v1 StatefulSet":
		return &appsv1.StatefulSet{}
	case "apps/v1 ReplicaSet":
		return &appsv1.ReplicaSet{}
	case "apps/v1 DaemonSet":
		return &appsv1.DaemonSet{}
	case "v1 Service":
		return &corev1.Service{}
	case "v1 Pod":
		return &corev1.Pod{}
	case "v1 ReplicationController":
		return &corev1.ReplicationController{}
	case "policy/v1 PodDisruptionBudget":
		return &policyv1.PodDisruptionBudget{}
	case "monitoring.coreos.com/v1 ServiceMonitor":
		return &monitoringv1.ServiceMonitor{}
	case "monitoring.coreos.com/v1 PodMonitor":
		return &monitoringv1.PodMonitor{}
	}
	return nil
}

// kindsOf returns all kinds of the API versions that elasticctl lives on, so
// that a misspelt one is not taken for somebody's own; nil for the others.
func kindsOf(apiVersion string) []string {
	switch apiVersion {
	case "autoscaling/v1":
		return []string{hpaKind, "Scale", "HorizontalPodAutoscalerList"}
	case "autoscaling/v2":
		return []string{hpaKind, "HorizontalPodAutoscalerList"}
	case "apps/v1":
		return []string{
			"Deployment", "StatefulSet", "ReplicaSet", "DaemonSet", "ControllerRevision",
			"DeploymentList", "StatefulSetList", "ReplicaSetList", "DaemonSetList", "ControllerRevisionList",
		}
	case "policy/v1":
		return []string{"PodDisruptionBudget", "Eviction", "PodDisruptionBudgetList"}
	}
	return nil
}

// goneVersion says since when an API version is no longer served, and what to
// write instead.
func goneVersion(apiVersion, kind string) (text, hint string) {
	const since = " is not served any more since Kubernetes "
	switch apiVersion {
	case "autoscaling/v2beta1":
		return apiVersion + since + "1.25", "write apiVersion: autoscaling/v2, and each target as a mapping: " +
			"targetAverageUtilization: 60 becomes target: {type: Utilization, averageUtilization: 60}, metricName: x becomes metric: {name: x}"
	case "autoscaling/v2beta2":
		return apiVersion + since + "1.26", "write apiVersion: autoscaling/v2; the fields are the same"
	case "extensions/v1beta1", "apps/v1beta1", "apps/v1beta2":
		if kind == "Deployment" || kind == "StatefulSet" || kind == "ReplicaSet" || kind == "DaemonSet" {
			return apiVersion + since + "1.16", "write apiVersion: apps/v1"
		}
	case "policy/v1beta1":
		if kind == "PodDisruptionBudget" {
			return apiVersion + since + "1.25", "write apiVersion: policy/v1; an empty selector then selects every pod, not none"
		}
	}
	if kind == hpaKind && GroupOf(apiVersion) != "autoscaling" || GroupOf(apiVersion) == "autoscaling" && kindsOf(apiVersion) == nil && kind == hpaKind {
		return "there is no " + kind + " in " + apiVersion, "write apiVersion: autoscaling/v2"
	}
	return "", ""
}

// sameIn is the API version in which an object of one that is gone is the same,
// field by field and in its defaults; "" where there is none.
func sameIn(doc *yamlpos.Document, h yamlpos.Header) string {
	switch h.APIVersion + " " + h.Kind {
	case "autoscaling/v2beta2 " + hpaKind:
		return "autoscaling/v2"
	case "apps/v1beta2 Deployment", "apps/v1beta2 StatefulSet", "apps/v1beta2 ReplicaSet", "apps/v1beta2 DaemonSet":
		return "apps/v1"
	case "policy/v1beta1 PodDisruptionBudget":
		// An empty selector selected nothing there, and selects everything here.
		if doc.Size("spec.selector.matchLabels") > 0 || doc.Len("spec.selector.matchExpressions") > 0 {
			return "policy/v1"
		}
	}
	return ""
}

// versionHint names the API version of a well-known kind.
func versionHint(kind string) string {
	for _, v := range []string{"autoscaling/v2", "apps/v1", "v1", "policy/v1", "monitoring.coreos.com/v1"} {
		if newTyped(v, kind) != nil {
			return ": " + kind + " is in " + v
		}
	}
	return ""
}
