package lint

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// monitorSelect are about what a monitor selects.
var monitorSelect = []Rule{
	{
		ID: "sm-no-service", Severity: Error, Tier: Default,
		What: "a ServiceMonitor selects no Service",
		Why:  "Prometheus gets no target from it, so there are no series: what scales on them sees nothing.",
		How: "spec.selector, matchExpressions included, is held against the labels of the Services in the namespaces that spec.namespaceSelector names. " +
			"Services may come from elsewhere, so this is information unless --complete or --context says otherwise.",
		Sources: []string{
			"https://github.com/stackrox/kube-linter/blob/main/docs/generated/checks.md",
			"https://prometheus-operator.dev/docs/platform/troubleshooting/",
		},
		check: func(c *checker) { c.unselective(selectsNothing) },
	},
	{
		ID: "sm-matches-pod-labels", Severity: Error, Tier: Default,
		What: "a ServiceMonitor selects by labels of the pods, which the Service does not have",
		Why:  "A ServiceMonitor looks at the labels of Services, a Service at those of pods. One that selects by the wrong ones finds nothing, and says nothing.",
		How:  "spec.selector selects no Service, but does select pods that a Service of the same namespace stands in front of.",
		Sources: []string{
			"https://github.com/flanksource/canary-checker/issues/466",
			"https://prometheus-operator.dev/docs/platform/troubleshooting/",
		},
		check: func(c *checker) { c.unselective(selectsPods) },
	},
	{
		ID: "sm-namespace", Severity: Error, Tier: Default,
		What: "a ServiceMonitor selects a Service that is in another namespace",
		Why:  "Without a namespaceSelector a monitor looks for Services in its own namespace only, and finds none.",
		How:  "spec.selector selects no Service where the monitor looks, and one elsewhere.",
		Sources: []string{
			"https://github.com/stackrox/kube-linter/issues/1256",
			"https://github.com/prometheus-operator/prometheus-operator/blob/main/pkg/prometheus/promcfg.go",
		},
		check: func(c *checker) { c.unselective(selectsElsewhere) },
	},
	{
		ID: "pm-no-pods", Severity: Error, Tier: Default,
		What: "a PodMonitor selects no pods",
		Why:  "Prometheus gets no target from it, so there are no series: what scales on them sees nothing.",
		How: "spec.selector is held against the labels of all pod templates in the namespaces that spec.namespaceSelector names. " +
			"Pods may come from elsewhere, so this is information unless --complete or --context says otherwise.",
		Sources: []string{
			"https://github.com/prometheus-operator/prometheus-operator/blob/main/pkg/prometheus/promcfg.go",
		},
		check: pmNoPods,
	},
}

// why says why a monitor selects nothing.
type why uint8

const (
	selectsNothing why = iota
	selectsPods
	selectsElsewhere
)

// unselective reports the ServiceMonitors that select nothing for one reason.
func (c *checker) unselective(reason why) {
	for _, m := range c.monitors {
		if m.ofPods || m.unknown || len(m.services) > 0 {
			continue
		}
		if found, w, s := c.missed(m); found == reason {
			c.reportMissed(m, w, s)
		}
	}
}

// missed finds out why a monitor selects no Service, and what it may have meant.
func (x *index) missed(m *monitor) (why, *workload, *service) {
	if m.catchesAll() {
		return selectsNothing, nil, nil
	}
	for _, namespace := range m.inspected() {
		for _, w := range x.pods.find(namespace, m.selector) {
			if len(w.services) > 0 {
				return selectsPods, w, w.services[0]
			}
		}
	}
	if others := x.fronts.find(everywhere, m.selector); len(others) > 0 {
		return selectsElsewhere, nil, others[0]
	}
	return selectsNothing, nil, nil
}

func (c *checker) reportMissed(m *monitor, w *workload, s *service) {
	wanted := metav1.FormatLabelSelector(m.selector)
	switch {
	case w != nil:
		f := c.report(m.object, "spec.selector", fmt.Sprintf("the pods of %s have the labels %s, their Service %s has not", w.Name, wanted, s.Name),
			"select labels in the metadata of the Service, or add these to it")
		f.see(s.object, "metadata.labels", "the Service's labels")
	case s != nil:
		f := c.report(m.object, "spec.selector", fmt.Sprintf("the Service %s that has the labels %s is in namespace %s, where this monitor does not look", s.Name, wanted, s.Namespace),
			fmt.Sprintf("add namespaceSelector: {matchNames: [%s]} to spec", s.Namespace))
		f.see(s.object, "metadata", "the Service")
	default:
		c.unresolved(c.report(m.object, "spec.selector", "no Service "+m.where()+" has the labels "+wanted,
			"select labels in the metadata of the Service"))
	}
}

// where says in words in which namespaces a monitor looks.
func (m *monitor) where() string {
	namespaces := m.inspected()
	switch {
	case namespaces[0] == everywhere:
		return "in any namespace"
	case len(namespaces) == 1:
		return "in namespace " + namespaces[0]
	}
	return fmt.Sprintf("in %d namespaces", len(namespaces))
}

func pmNoPods(c *checker) {
	for _, m := range c.monitors {
		if !m.ofPods || m.unknown || len(m.pods) > 0 {
			continue
		}
		c.unresolved(c.report(m.object, "spec.selector", "no pod template "+m.where()+" has the labels "+metav1.FormatLabelSelector(m.selector),
			"select labels of the pod template, not of the workload"))
	}
}
