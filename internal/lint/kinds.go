package lint

import (
	"slices"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	batchv1 "k8s.io/api/batch/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	eventsv1 "k8s.io/api/events/v1"
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	networkingv1 "k8s.io/api/networking/v1"
	nodev1 "k8s.io/api/node/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	resourcev1 "k8s.io/api/resource/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/elasticctl/elasticctl/internal/manifest"
)

// kind is a kind whose fields are known.
type kind struct {
	apiVersion, name string
	empty            func() metav1.Object
}

// of is the kind of a type.
func of[T any, P interface {
	*T
	metav1.Object
}](apiVersion, name string) kind {
	return kind{apiVersion, name, func() metav1.Object { return P(new(T)) }}
}

// kinds are those that internal/manifest does not type itself: what people keep
// in files of the API of Kubernetes 1.37, of prometheus-operator and of what scales
// beside them.
var kinds = []kind{
	of[corev1.ConfigMap]("v1", "ConfigMap"),
	of[corev1.LimitRange]("v1", "LimitRange"),
	of[corev1.Namespace]("v1", "Namespace"),
	of[corev1.Node]("v1", "Node"),
	of[corev1.PersistentVolume]("v1", "PersistentVolume"),
	of[corev1.PersistentVolumeClaim]("v1", "PersistentVolumeClaim"),
	of[corev1.PodTemplate]("v1", "PodTemplate"),
	of[corev1.ResourceQuota]("v1", "ResourceQuota"),
	of[corev1.Secret]("v1", "Secret"),
	of[corev1.ServiceAccount]("v1", "ServiceAccount"),

	of[rollout]("argoproj.io/v1alpha1", "Rollout"),
	of[verticalPodAutoscaler]("autoscaling.k8s.io/v1", "VerticalPodAutoscaler"),
	of[verticalPodAutoscaler]("autoscaling.k8s.io/v1beta2", "VerticalPodAutoscaler"),

	of[monitoringv1.Alertmanager]("monitoring.coreos.com/v1", "Alertmanager"),
	of[monitoringv1.Probe]("monitoring.coreos.com/v1", "Probe"),
	of[monitoringv1.Prometheus]("monitoring.coreos.com/v1", "Prometheus"),
	of[monitoringv1.PrometheusRule]("monitoring.coreos.com/v1", "PrometheusRule"),
	of[monitoringv1.ThanosRuler]("monitoring.coreos.com/v1", "ThanosRuler"),
	of[prometheusAgent]("monitoring.coreos.com/v1alpha1", "PrometheusAgent"),

	of[apiService]("apiregistration.k8s.io/v1", "APIService"),
	of[scaledObject]("keda.sh/v1alpha1", "ScaledObject"),
	of[scaledJob]("keda.sh/v1alpha1", "ScaledJob"),
	of[triggerAuthentication]("keda.sh/v1alpha1", "TriggerAuthentication"),
	of[triggerAuthentication]("keda.sh/v1alpha1", "ClusterTriggerAuthentication"),

	of[admissionregistrationv1.MutatingAdmissionPolicy]("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy"),
	of[admissionregistrationv1.MutatingAdmissionPolicyBinding]("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicyBinding"),
	of[admissionregistrationv1.MutatingWebhookConfiguration]("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"),
	of[admissionregistrationv1.ValidatingAdmissionPolicy]("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"),
	of[admissionregistrationv1.ValidatingAdmissionPolicyBinding]("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding"),
	of[admissionregistrationv1.ValidatingWebhookConfiguration]("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
	of[batchv1.CronJob]("batch/v1", "CronJob"),
	of[batchv1.Job]("batch/v1", "Job"),
	of[certificatesv1.CertificateSigningRequest]("certificates.k8s.io/v1", "CertificateSigningRequest"),
	of[coordinationv1.Lease]("coordination.k8s.io/v1", "Lease"),
	of[discoveryv1.EndpointSlice]("discovery.k8s.io/v1", "EndpointSlice"),
	of[eventsv1.Event]("events.k8s.io/v1", "Event"),
	of[flowcontrolv1.FlowSchema]("flowcontrol.apiserver.k8s.io/v1", "FlowSchema"),
	of[flowcontrolv1.PriorityLevelConfiguration]("flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration"),
	of[networkingv1.Ingress]("networking.k8s.io/v1", "Ingress"),
	of[networkingv1.IngressClass]("networking.k8s.io/v1", "IngressClass"),
	of[networkingv1.NetworkPolicy]("networking.k8s.io/v1", "NetworkPolicy"),
	of[nodev1.RuntimeClass]("node.k8s.io/v1", "RuntimeClass"),
	of[rbacv1.ClusterRole]("rbac.authorization.k8s.io/v1", "ClusterRole"),
	of[rbacv1.ClusterRoleBinding]("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
	of[rbacv1.Role]("rbac.authorization.k8s.io/v1", "Role"),
	of[rbacv1.RoleBinding]("rbac.authorization.k8s.io/v1", "RoleBinding"),
	of[resourcev1.DeviceClass]("resource.k8s.io/v1", "DeviceClass"),
	of[resourcev1.ResourceClaim]("resource.k8s.io/v1", "ResourceClaim"),
	of[resourcev1.ResourceClaimTemplate]("resource.k8s.io/v1", "ResourceClaimTemplate"),
	of[schedulingv1.PriorityClass]("scheduling.k8s.io/v1", "PriorityClass"),
	of[storagev1.CSIDriver]("storage.k8s.io/v1", "CSIDriver"),
	of[storagev1.StorageClass]("storage.k8s.io/v1", "StorageClass"),
	of[storagev1.VolumeAttachment]("storage.k8s.io/v1", "VolumeAttachment"),
}

// newTyped returns an empty object of one of the kinds; nil for a kind that is
// passed over.
func newTyped(apiVersion, name string) metav1.Object {
	for i := range kinds {
		if k := &kinds[i]; k.name == name && k.apiVersion == apiVersion {
			return k.empty()
		}
	}
	return nil
}

// otherVersion is a version in which a kind is known that this one is not of; ""
// for a kind that is not known at all.
func otherVersion(apiVersion, name string) string {
	for _, served := range append([]string{"monitoring.coreos.com/v1"}, versions()...) {
		if manifest.GroupOf(served) == manifest.GroupOf(apiVersion) && manifest.GroupOf(served) != "" && newKnown(served, name) {
			return served
		}
	}
	return ""
}

// versions are those of the kinds.
func versions() []string {
	list := make([]string, len(kinds))
	for i := range kinds {
		list[i] = kinds[i].apiVersion
	}
	return slices.Compact(list)
}

// newKnown says whether a kind of a version is known, here or to internal/manifest.
func newKnown(apiVersion, name string) bool {
	return newTyped(apiVersion, name) != nil || apiVersion == "monitoring.coreos.com/v1" && (name == "ServiceMonitor" || name == "PodMonitor")
}
