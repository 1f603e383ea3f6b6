package lint

import (
	"cmp"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
)

// server is a Prometheus object: a Prometheus that the operator runs.
type server struct {
	*object
	// spec is nil for what is no Prometheus.
	spec *monitoringv1.Prometheus
	// by says, for each kind, what the server selects of it.
	by map[string]choice
}

// choice is what a server selects of one kind.
type choice struct {
	// labels select objects, namespaces where they may be; nil for the server's own.
	labels, namespaces labels.Selector
	// field is where labels stand, namespaceField where namespaces do.
	field, namespaceField string
	// unmanaged says that the server is configured in another way.
	unmanaged bool
	// keys are what namespaces asks of.
	keys []string
}

// prometheusAgent is a Prometheus that only scrapes and sends on.
type prometheusAgent struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Mode                                string `json:"mode"`
		monitoringv1.CommonPrometheusFields `json:",inline"`
	} `json:"spec"`
	Status any `json:"status"`
}

func newServer(o *object, p *monitoringv1.Prometheus) *server {
	by := choicesOf(&p.Spec.CommonPrometheusFields)
	by["PrometheusRule"] = newChoice("spec.rule", p.Spec.RuleSelector, p.Spec.RuleNamespaceSelector, false)
	return &server{o, p, by}
}

// choicesOf are what a Prometheus or its agent selects of monitors.
func choicesOf(spec *monitoringv1.CommonPrometheusFields) map[string]choice {
	unmanaged := spec.ServiceMonitorSelector == nil && spec.PodMonitorSelector == nil && spec.ProbeSelector == nil && spec.ScrapeConfigSelector == nil
	return map[string]choice{
		"ServiceMonitor": newChoice("spec.serviceMonitor", spec.ServiceMonitorSelector, spec.ServiceMonitorNamespaceSelector, unmanaged),
		"PodMonitor":     newChoice("spec.podMonitor", spec.PodMonitorSelector, spec.PodMonitorNamespaceSelector, unmanaged),
	}
}

func newChoice(field string, set, namespaces *metav1.LabelSelector, unmanaged bool) choice {
	c := choice{field: field + "Selector", namespaceField: field + "NamespaceSelector", unmanaged: unmanaged}
	var err error
	if c.labels, err = metav1.LabelSelectorAsSelector(set); err != nil {
		c.unmanaged = true // the operator cannot use it
		return c
	}
	if namespaces == nil {
		return c
	}
	if c.namespaces, err = metav1.LabelSelectorAsSelector(namespaces); err != nil {
		c.unmanaged = true
		return c
	}
	requirements, _ := c.namespaces.Requirements()
	for i := range requirements {
		c.keys = append(c.keys, requirements[i].Key())
	}
	return c
}

// selecting are the servers that select an object.
func (x *scraping) selecting(o *object, set labels.Set) []*server {
	var list []*server
	for _, s := range x.servers {
		if x.selects(s, o, set) {
			list = append(list, s)
		}
	}
	return list
}

// selects says whether a server selects an object.
func (x *scraping) selects(s *server, o *object, set labels.Set) bool {
	c, known := s.by[o.Kind]
	return known && !c.unmanaged && c.labels.Matches(set) && x.looksInto(s, &c, o.Namespace)
}

// looksInto says whether a server looks for objects in a namespace. It does
// where nobody knows the namespace's labels.
func (x *scraping) looksInto(s *server, c *choice, namespace string) bool {
	if c.namespaces == nil {
		return s.Namespace == namespace
	}
	set, known := x.namespaces[namespace]
	for _, key := range c.keys {
		if !known && key != corev1.LabelMetadataName {
			return true
		}
	}
	if !known {
		set = labels.Set{corev1.LabelMetadataName: namespace}
	}
	return c.namespaces.Matches(set)
}

// interval is how often a server scrapes what says nothing else.
func (s *server) interval() time.Duration {
	return promDuration(cmp.Or(string(s.spec.Spec.ScrapeInterval), "30s"))
}
