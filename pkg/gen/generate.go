package gen

import (
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
)

// Object is one generated Kubernetes object.
type Object struct {
	// Kind is the object's kind.
	Kind string
	// Name is the object's name.
	Name string
	// Value points to the typed object, its type meta filled in.
	Value any
}

// Objects builds the objects of a service, in the order in which they are best
// applied. The spec must have been defaulted and be valid. Either an HPA or a
// ScaledObject is among them, never both: two owners of one replica count fight.
func (s *ElasticService) Objects() []Object {
	name := s.Metadata.Name
	objects := []Object{
		{"Service", name, s.service()},
		{"Deployment", name, s.deployment()},
		{"PodDisruptionBudget", name, s.disruptionBudget()},
		{"ServiceMonitor", name, s.serviceMonitor()},
	}
	if rule := s.prometheusRule(); rule != nil {
		objects = append(objects, Object{"PrometheusRule", name, rule})
	}
	if s.Spec.Scaling.MetricsVia == ViaKEDA {
		return append(objects, Object{"ScaledObject", name, s.scaledObject()})
	}
	return append(objects, Object{"HorizontalPodAutoscaler", name, s.autoscaler()})
}

func typeMeta(apiVersion, kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: apiVersion, Kind: kind}
}

func (s *ElasticService) objectMeta() metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: s.Metadata.Name, Namespace: s.Metadata.Namespace, Labels: s.labels()}
}

// monitorMeta is objectMeta with the labels by which a Prometheus finds its
// configuration.
func (s *ElasticService) monitorMeta() metav1.ObjectMeta {
	meta := s.objectMeta()
	for k, v := range s.Spec.Monitoring.Labels {
		meta.Labels[k] = v
	}
	return meta
}

// service offers the pods' ports by name.
func (s *ElasticService) service() *corev1.Service {
	return &corev1.Service{
		TypeMeta:   typeMeta("v1", "Service"),
		ObjectMeta: s.objectMeta(),
		Spec: corev1.ServiceSpec{
			Selector: s.selector(),
			Ports: []corev1.ServicePort{
				{Name: portHTTP, Port: servicePort, TargetPort: fromString(portHTTP), Protocol: corev1.ProtocolTCP},
				{Name: portMetrics, Port: *s.Spec.Ports.Metrics, TargetPort: fromString(portMetrics), Protocol: corev1.ProtocolTCP},
			},
		},
	}
}

// serviceMonitor has Prometheus scrape every pod behind the Service, by the
// name of its metrics port. The job is named after the service, not after the
// Service object, so that it survives a rename of the latter.
func (s *ElasticService) serviceMonitor() *monitoringv1.ServiceMonitor {
	m := s.Spec.Monitoring
	return &monitoringv1.ServiceMonitor{
		TypeMeta:   typeMeta("monitoring.coreos.com/v1", "ServiceMonitor"),
		ObjectMeta: s.monitorMeta(),
		Spec: monitoringv1.ServiceMonitorSpec{
			JobLabel: labelName,
			Selector: metav1.LabelSelector{MatchLabels: s.selector()},
			Endpoints: []monitoringv1.Endpoint{{
				Port:     portMetrics,
				Path:     m.Path,
				Interval: monitoringv1.Duration(m.Interval.promQL()),
			}},
		},
	}
}

// disruptionBudget lets pods be evicted a few at a time, and always at least
// one, whatever the replica count: a minAvailable that equals minReplicas would
// block every drain of a quiet night, while maxUnavailable is rounded up and
// never does. At one replica this means that a drain takes the only pod away;
// what must not happen there needs a second replica, not a budget. Pods that
// are not healthy may always go.
func (s *ElasticService) disruptionBudget() *policyv1.PodDisruptionBudget {
	always := policyv1.AlwaysAllow
	return &policyv1.PodDisruptionBudget{
		TypeMeta:   typeMeta("policy/v1", "PodDisruptionBudget"),
		ObjectMeta: s.objectMeta(),
		Spec: policyv1.PodDisruptionBudgetSpec{
			MaxUnavailable:             s.Spec.Availability.MaxUnavailable,
			Selector:                   &metav1.LabelSelector{MatchLabels: s.selector()},
			UnhealthyPodEvictionPolicy: &always,
		},
	}
}

// scaleTarget is what the autoscaler acts on.
func (s *ElasticService) scaleTarget() autoscalingv2.CrossVersionObjectReference {
	return autoscalingv2.CrossVersionObjectReference{
		APIVersion: appsv1.SchemeGroupVersion.String(),
		Kind:       "Deployment",
		Name:       s.Metadata.Name,
	}
}
