package lint

import (
	"fmt"
	"slices"
)

// monitorMetric join how pods are scraped with what scales on their series.
var monitorMetric = []Rule{
	{
		ID: "sm-pods-unscraped", Severity: Error, Tier: Default,
		What: "an autoscaler scales on a metric of pods that no monitor scrapes",
		Why:  "prometheus-adapter has a rule for the metric and Prometheus no series: the autoscaler gets none.",
		How: "A rule of prometheus-adapter among the inputs serves a Pods metric of an autoscaler, there are monitors among the inputs, and none reaches a port of the target's pods. " +
			"Something else may scrape them, so this is information unless --complete or --context says otherwise; pods with an annotation prometheus.io/scrape are passed over.",
		Sources: []string{
			"https://prometheus-operator.dev/docs/platform/troubleshooting/",
			"https://github.com/kubernetes-sigs/prometheus-adapter/issues/495",
		},
		check: smPodsUnscraped,
	},
	{
		ID: "sm-drops-needed", Severity: Error, Tier: Default,
		What: "a monitor drops the series, or the label, that an autoscaler needs",
		Why:  "Prometheus never stores it: the autoscaler's query or metric is empty.",
		How: "A Pods metric is followed through the rule of prometheus-adapter that serves it, a KEDA query through its service or job label, to the endpoints that scrape the pods. In all of them " +
			"a metricRelabelings drops the series by its name, keeps only others, or drops a label that stands for pods or namespaces.",
		Sources: []string{
			"https://github.com/kubernetes-sigs/prometheus-adapter/issues/18",
			"https://prometheus.io/docs/prometheus/latest/configuration/configuration/#metric_relabel_configs",
		},
		check: smDropsNeeded,
	},
	{
		ID: "sm-honor-labels", Severity: Warning, Tier: Recommended,
		What: "honorLabels on pods whose metrics an autoscaler asks for by pod and namespace",
		Why: "A pod that reports a label pod or namespace of its own then overrides the one that Prometheus adds, and its series are taken for another's. Without honorLabels " +
			"they become exported_pod and exported_namespace, and nothing is lost.",
		How: "honorLabels is true for an endpoint that scrapes the pods of an autoscaler with a Pods metric.",
		Sources: []string{
			"https://github.com/kedacore/charts/issues/434",
			"https://github.com/prometheus-operator/prometheus-operator/issues/1531",
		},
		check: smHonorLabels,
	},
	{
		ID: "sm-interval-vs-window", Severity: Warning, Tier: Recommended,
		What: "an autoscaler's rate is taken over less than four scrapes",
		Why:  "One scrape that fails, or comes late, leaves too few samples for a rate, and the metric is gone for a sync. Four intervals bear one such scrape with a sample to spare.",
		How: "The window of the rate in a rule of prometheus-adapter, or in a KEDA query that names its Service, is at least two intervals of the monitors that scrape the pods, and less " +
			"than four.",
		Sources: []string{
			"https://github.com/prometheus-operator/kube-prometheus/pull/1231",
			"https://github.com/d2iq-archive/kubernetes-base-addons/issues/59",
			"https://github.com/prometheus/prometheus/issues/8001",
		},
		check: smIntervalVsWindow,
	},
}

func smPodsUnscraped(c *checker) {
	if len(c.monitors) == 0 || c.scraping.unknown {
		return
	}
	seen := map[*workload]bool{}
	for _, a := range c.asked {
		w := a.scaler.workload
		if a.resource != "pod" || len(a.rules) == 0 || w == nil || len(w.scrapes) > 0 || seen[w] || w.annotated("prometheus.io/scrape") {
			continue
		}
		seen[w] = true
		f := c.at(a.scaler, a.path, fmt.Sprintf("no monitor scrapes the pods of %s, so there is no %s of them", w.Name, a.name),
			"write a ServiceMonitor for a Service in front of them, or a PodMonitor")
		f.see(w.object, joined(w.path, "metadata.labels"), "the pods' labels")
		f.see(a.rules[0].object, a.rules[0].in("seriesQuery"), "the rule of prometheus-adapter")
		c.unresolved(f)
	}
}

// annotated says whether the pods, or a Service in front of them, have an
// annotation.
func (w *workload) annotated(key string) bool {
	_, ok := w.template.Annotations[key]
	return ok || slices.ContainsFunc(w.services, func(s *service) bool {
		_, ok := s.spec.Annotations[key]
		return ok
	})
}

// need is what an autoscaler needs of the scraped pods.
type need struct {
	scrapes []*scrape
	series  []string
	labels  []string
	// object and path are where it is asked for.
	object *object
	path   string
}

// needs are what all autoscalers need.
func (x *index) needs() []need {
	var list []need
	for _, a := range x.asked {
		if a.resource != "pod" || a.scaler.workload == nil || len(a.rules) != 1 {
			continue
		}
		r := a.rules[0]
		n := need{series: r.seriesOf(a.name), object: a.scaler.object, path: a.scaler.written.Written(a.path)}
		for _, resource := range []string{"pod", "namespace"} {
			if label := r.label(resource); label != "" {
				n.labels = append(n.labels, label)
			}
		}
		for i := range a.scaler.workload.scrapes {
			n.scrapes = append(n.scrapes, &a.scaler.workload.scrapes[i])
		}
		list = append(list, n)
	}
	for _, q := range x.queries {
		if q.expr == nil {
			continue
		}
		for _, s := range selections(q.expr) {
			n := need{object: q.object, path: q.path + ".metadata.query"}
			if _, n.scrapes = x.scrapesOf(s.LabelMatchers); s.name() != "" {
				n.series = []string{s.name()}
			}
			list = append(list, n)
		}
	}
	return list
}

func smDropsNeeded(c *checker) {
	if c.scraping.unknown {
		return
	}
	for _, n := range c.needs() {
		for _, series := range n.series {
			c.reportDropped(&n, "series "+series, func(e *endpoint) int { return dropped(e.metricRelabel, series) })
		}
		for _, label := range n.labels {
			c.reportDropped(&n, "label "+label, func(e *endpoint) int { return unlabels(e.metricRelabel, label) })
		}
	}
}

// reportDropped reports what all endpoints drop that an autoscaler needs.
func (c *checker) reportDropped(n *need, what string, dropped func(*endpoint) int) {
	for i, s := range n.scrapes {
		at := dropped(s.endpoint)
		if at < 0 {
			return
		}
		if i < len(n.scrapes)-1 {
			continue
		}
		r := &s.endpoint.metricRelabel[at]
		c.report(s.monitor.object, fmt.Sprintf("%s.metricRelabelings[%d].regex", s.endpoint.path, at), fmt.Sprintf("the action %s takes the %s away, which an autoscaler needs", action(r), what),
			"let the expression leave it out").see(n.object, n.path, "where it is needed")
	}
}

func smHonorLabels(c *checker) {
	seen := map[*endpoint]bool{}
	for _, a := range c.asked {
		if a.resource != "pod" || a.scaler.workload == nil {
			continue
		}
		for _, s := range a.scaler.workload.scrapes {
			if !s.endpoint.honorLabels || seen[s.endpoint] || slices.ContainsFunc(s.monitor.servers, func(s *server) bool { return s.spec.Spec.OverrideHonorLabels }) {
				continue
			}
			seen[s.endpoint] = true
			c.report(s.monitor.object, s.endpoint.path+".honorLabels", fmt.Sprintf("labels that the pods report override pod and namespace, by which %s asks for %s", a.scaler.Name, a.name),
				"remove honorLabels").see(a.scaler.object, a.scaler.written.Written(a.path), "the metric")
		}
	}
}

func smIntervalVsWindow(c *checker) {
	seen := map[*endpoint]bool{}
	tight := func(r *shortRate) bool { return r.window >= 2*r.scrape.each() && r.window < 4*r.scrape.each() }
	for _, a := range c.asked {
		fastest, _, ok := a.paced()
		if !ok {
			continue
		}
		for _, rule := range a.rules {
			if r := (&shortRate{shortestRate(rule.query), nil, fastest}); tight(r) {
				c.reportTight(r, rule.object, rule.in("metricsQuery"), seen)
			}
		}
	}
	for _, q := range c.queries {
		if q.expr == nil {
			continue
		}
		for _, r := range c.rates(q.expr) {
			if tight(&r) {
				c.reportTight(&r, q.object, q.path+".metadata.query", seen)
			}
		}
	}
}

// reportTight reports a rate over less than four scrapes, at the interval, once
// for each of these.
func (c *checker) reportTight(r *shortRate, o *object, path string, seen map[*endpoint]bool) {
	m, e := r.scrape.monitor, r.scrape.endpoint
	at := e.path + ".interval"
	if seen[e] {
		return
	}
	seen[e] = true
	c.report(m.object, at, fmt.Sprintf("the pods are scraped every %s, and an autoscaler takes a rate over %s", promText(r.scrape.each()), promText(r.window)),
		"write interval: "+promText(r.window/4)+" or less, or a window of "+promText(4*r.scrape.each())).see(o, path, "the rate")
}
