package gen

import (
	"maps"
	"strings"
)

// Everything that two objects must agree on is derived here.

// Names that are the same for every service.
const (
	portHTTP      = "http"
	portMetrics   = "metrics"
	containerName = "app"
	servicePort   = 80

	labelName      = "app.kubernetes.io/name"
	labelManagedBy = "app.kubernetes.io/managed-by"
	managedBy      = "elasticctl"

	envMemoryLimit     = "GOMEMLIMIT"
	defaultShutdownEnv = "SHUTDOWN_TIMEOUT"

	// highLoadTarget is the average of the high-load gauge at which a service
	// stays as it is: half of the pods.
	highLoadTarget = "500m"
)

// reservedLabels are those a user cannot set.
func reservedLabels() []string { return []string{labelName, labelManagedBy} }

// selector is what finds the service's pods: in the Deployment, the Service,
// the PodDisruptionBudget, the spread; and its Service, in the ServiceMonitor.
func (s *ElasticService) selector() map[string]string {
	return map[string]string{labelName: s.Metadata.Name}
}

// labels are those of every object and of the pods: a superset of selector.
func (s *ElasticService) labels() map[string]string {
	labels := maps.Clone(s.Metadata.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	maps.Copy(labels, s.selector())
	labels[labelManagedBy] = managedBy
	return labels
}

// matchers are the label matchers that select the service's series, as scraped
// through its ServiceMonitor: the operator attaches the namespace and the name
// of the Service.
func (s *ElasticService) matchers(more ...string) string {
	m := []string{`namespace="` + s.Metadata.Namespace + `"`, `service="` + s.Metadata.Name + `"`}
	return "{" + strings.Join(append(m, more...), ",") + "}"
}

// MetricName is the name under which the rate is served, and by which the HPA
// asks for it: Name, or the counter's with _per_second in place of _total.
func (r *Rate) MetricName() string {
	if r.Name != "" {
		return r.Name
	}
	return strings.TrimSuffix(r.Counter, "_total") + "_per_second"
}

// env is the variable that carries a pool's size.
func (d *Dependency) env() string {
	if d.Env != "" {
		return d.Env
	}
	return strings.ToUpper(strings.ReplaceAll(d.Name, "-", "_")) + "_POOL_SIZE"
}
