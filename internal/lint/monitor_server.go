package lint

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/labels"
)

// monitorServer are about the Prometheus objects that select monitors.
var monitorServer = []Rule{
	{
		ID: "sm-labels-not-selected", Severity: Warning, Tier: Default,
		What: "no Prometheus among the inputs selects the monitor by its labels",
		Why:  "The operator leaves it out of the configuration, and says so nowhere: there is no target. Charts set such a selector, on a label release.",
		How: "The monitor's labels are held against the serviceMonitorSelector or podMonitorSelector of every Prometheus that looks into its namespace. Without a " +
			"Prometheus among the inputs there is nothing to hold them against.",
		Sources: []string{
			"https://github.com/prometheus-operator/kube-prometheus/issues/1392",
			"https://github.com/prometheus-operator/prometheus-operator/issues/5917",
			"https://github.com/prometheus-operator/prometheus-operator/blob/main/pkg/prometheus/resource_selector.go",
		},
		check: smLabelsNotSelected,
	},
	{
		ID: "sm-ns-not-selected", Severity: Warning, Tier: Default,
		What: "no Prometheus among the inputs looks into the monitor's namespace",
		Why:  "The operator leaves it out of the configuration, and says so nowhere: there is no target. Without a namespace selector a Prometheus looks into its own namespace only.",
		How: "A Prometheus selects the monitor by its labels, and its serviceMonitorNamespaceSelector or podMonitorNamespaceSelector does not select the namespace. A namespace's " +
			"labels are those of the Namespace among the inputs; one that is not known is taken for selected.",
		Sources: []string{
			"https://github.com/prometheus-community/helm-charts/issues/840",
			"https://github.com/prometheus-operator/prometheus-operator/blob/main/pkg/prometheus/resource_selector.go",
		},
		check: smNsNotSelected,
	},
}

func smLabelsNotSelected(c *checker) {
	for _, m := range c.monitors {
		if s, choice := c.unselected(m.object, m.labels, true); s != nil {
			c.reportLabels(m.object, s, choice)
		}
	}
}

// reportLabels reports that a server does not select an object by its labels.
func (c *checker) reportLabels(o *object, s *server, choice *choice) {
	wanted := choice.labels.String()
	message := fmt.Sprintf("Prometheus %s/%s selects %ss with the labels %s, which this one has not", s.Namespace, s.Name, o.Kind, wanted)
	fix := "add these labels to its metadata"
	if _, selectable := choice.labels.Requirements(); !selectable {
		message = fmt.Sprintf("Prometheus %s/%s has no selector for %ss, so it selects none", s.Namespace, s.Name, o.Kind)
		fix = "set " + choice.field + " of the Prometheus"
	}
	c.report(o, "metadata.labels", message, fix).see(s.object, choice.field, "the selector")
}

func smNsNotSelected(c *checker) {
	for _, m := range c.monitors {
		if s, choice := c.unselected(m.object, m.labels, false); s != nil {
			c.reportNamespace(m.object, s, choice)
		}
	}
}

// reportNamespace reports that a server does not look into an object's namespace.
func (c *checker) reportNamespace(o *object, s *server, choice *choice) {
	message := fmt.Sprintf("Prometheus %s/%s looks for %ss in its own namespace only, and this one is in %s", s.Namespace, s.Name, o.Kind, o.Namespace)
	if choice.namespaces != nil {
		message = fmt.Sprintf("Prometheus %s/%s looks for %ss in namespaces with the labels %s, which %s has not",
			s.Namespace, s.Name, o.Kind, choice.namespaces, o.Namespace)
	}
	c.report(o, "metadata.namespace", message, "let "+choice.namespaceField+" of the Prometheus select the namespace").
		see(s.object, choice.namespaceField, "the selector")
}

// unselected returns, of an object that no server selects, one that would but
// for the object's labels or, failing that, but for its namespace; nil for none.
func (x *index) unselected(o *object, set labels.Set, byLabels bool) (*server, *choice) {
	selects := func(s *server) bool { return x.selects(s, o, set) }
	if slices.ContainsFunc(x.servers, selects) || slices.ContainsFunc(x.others, selects) {
		return nil, nil
	}
	for _, s := range x.servers {
		c := s.by[o.Kind]
		if c.unmanaged || c.labels.Matches(set) == byLabels {
			continue
		}
		if x.looksInto(s, &c, o.Namespace) == byLabels {
			return s, &c
		}
	}
	return nil, nil
}
