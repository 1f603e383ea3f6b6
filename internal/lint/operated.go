package lint

import (
	"maps"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
)

// operated are the labels of the pods that prometheus-operator makes of an object;
// nil where it makes none. Those of spec.podMetadata are among them.
func operated(o *object) map[string]string {
	var own *monitoringv1.EmbeddedObjectMetadata
	app, key := "", ""
	switch t := o.Typed.(type) {
	case *monitoringv1.Prometheus:
		app, key, own = "prometheus", "prometheus", t.Spec.PodMetadata
	case *prometheusAgent:
		app, key, own = "prometheus-agent", "operator.prometheus.io/name", t.Spec.PodMetadata
	case *monitoringv1.Alertmanager:
		app, key, own = "alertmanager", "alertmanager", t.Spec.PodMetadata
	case *monitoringv1.ThanosRuler:
		app, key, own = "thanos-ruler", "thanos-ruler", t.Spec.PodMetadata
	default:
		return nil
	}
	set := map[string]string{}
	if own != nil {
		maps.Copy(set, own.Labels)
	}
	maps.Copy(set, map[string]string{
		key:                           o.Name,
		"operator.prometheus.io/name": o.Name,
		"app.kubernetes.io/name":      app,
		"app.kubernetes.io/instance":  o.Name,
		// It overrules what podMetadata says of these.
		"app.kubernetes.io/managed-by": "prometheus-operator",
	})
	return set
}
