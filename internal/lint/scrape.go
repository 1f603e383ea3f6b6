package lint

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/prometheus/common/model"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
)

// scraping is the objects by which Prometheus finds pods: Services, monitors of
// both kinds, and the Prometheus objects that select these.
type scraping struct {
	services []*service
	monitors []*monitor
	servers  []*server
	// others select monitors or rules besides servers: PrometheusAgents, ThanosRulers.
	others []*server
	// operated are the objects of which prometheus-operator makes pods, by their labels.
	operated  labelled[*object]
	ruleFiles []typed[*monitoringv1.PrometheusRule]
	// promRules are their rules.
	promRules []promRule
	// fronts are the services by their labels, serviceNames by their names in any
	// namespace.
	fronts       labelled[*service]
	serviceNames map[string][]*service
	// namespaces are the labels of the Namespaces that are known.
	namespaces map[string]labels.Set
	// budget bounds the work of joining, which selectors of everything would make
	// grow with the square of the inputs; unknown says that it was spent.
	budget  int
	unknown bool
}

// service is a Service.
type service struct {
	typed[*corev1.Service]
	// pods are those that it selects; unknown says that this was too much to find
	// out.
	pods    []*workload
	unknown bool
}

// monitor is a ServiceMonitor or a PodMonitor.
type monitor struct {
	*object
	labels     labels.Set
	selector   *metav1.LabelSelector
	namespaces monitoringv1.NamespaceSelector
	// ofPods says that it is a PodMonitor.
	ofPods    bool
	endpoints []endpoint
	// services are those that a ServiceMonitor selects, pods those that a PodMonitor
	// does.
	services []*service
	pods     []*workload
	// servers are the Prometheus objects that select it.
	servers []*server
	// unknown says that it was too much to find out what it selects.
	unknown bool
}

// endpoint is one way in which a monitor scrapes what it selects. Empty and nil
// fields are those that are not written.
type endpoint struct {
	// path is where it stands, targetAt the field of it that targetPort was in.
	path, targetAt string
	// port is a regular expression of names of ports; names what matches it.
	port       string
	names      *regexp.Regexp
	targetPort *intstr.IntOrString

	interval, timeout   string
	metricsPath, scheme string
	params              map[string][]string
	honorLabels         bool
	// deprecated are the fields of it that are.
	deprecated             []string
	relabel, metricRelabel []monitoringv1.RelabelConfig
}

// scrape is one endpoint that reaches pods.
type scrape struct {
	monitor  *monitor
	endpoint *endpoint
	// service is what it reaches them through; nil for a PodMonitor.
	service *service
	// ports are the container ports that it scrapes.
	ports []int32
}

func (x *scraping) add(o *object) {
	if set := operated(o); set != nil {
		x.operated.add(o.Namespace, set, o)
	}
	switch t := o.Typed.(type) {
	case *corev1.Service:
		s := &service{typed: typed[*corev1.Service]{o, t}}
		x.services = append(x.services, s)
		x.fronts.add(o.Namespace, t.Labels, s)
		if x.serviceNames == nil {
			x.serviceNames = map[string][]*service{}
		}
		x.serviceNames[o.Name] = append(x.serviceNames[o.Name], s)
	case *corev1.Namespace:
		if x.namespaces == nil {
			x.namespaces = map[string]labels.Set{}
		}
		x.namespaces[o.Name] = labels.Merge(t.Labels, labels.Set{corev1.LabelMetadataName: o.Name})
	case *monitoringv1.ServiceMonitor:
		x.monitors = append(x.monitors, serviceMonitor(o, t))
	case *monitoringv1.PodMonitor:
		x.monitors = append(x.monitors, podMonitor(o, t))
	case *monitoringv1.Prometheus:
		x.servers = append(x.servers, newServer(o, t))
	case *prometheusAgent:
		x.others = append(x.others, &server{object: o, by: choicesOf(&t.Spec.CommonPrometheusFields)})
	case *monitoringv1.ThanosRuler:
		x.others = append(x.others, &server{object: o, by: map[string]choice{
			"PrometheusRule": newChoice("spec.rule", t.Spec.RuleSelector, t.Spec.RuleNamespaceSelector, false),
		}})
	case *monitoringv1.PrometheusRule:
		x.ruleFiles = append(x.ruleFiles, typed[*monitoringv1.PrometheusRule]{o, t})
		x.promRules = append(x.promRules, rulesIn(o, t)...)
	}
}

func serviceMonitor(o *object, t *monitoringv1.ServiceMonitor) *monitor {
	m := &monitor{object: o, labels: t.Labels, selector: &t.Spec.Selector, namespaces: t.Spec.NamespaceSelector}
	for i := range t.Spec.Endpoints {
		e := &t.Spec.Endpoints[i]
		one := endpoint{
			port: e.Port, targetPort: e.TargetPort, targetAt: "targetPort",
			interval: string(e.Interval), timeout: string(e.ScrapeTimeout),
			metricsPath: e.Path, scheme: schemeOf(e.Scheme), params: e.Params, honorLabels: e.HonorLabels,
			relabel: e.RelabelConfigs, metricRelabel: e.MetricRelabelConfigs,
		}
		one.deprecate("bearerTokenFile", e.BearerTokenFile != "")      //nolint:staticcheck // that it is deprecated is what is reported
		one.deprecate("bearerTokenSecret", e.BearerTokenSecret != nil) //nolint:staticcheck // that it is deprecated is what is reported
		m.addEndpoint("spec.endpoints", one)
	}
	return m
}

// deprecate notes a deprecated field, if it is written.
func (e *endpoint) deprecate(field string, written bool) {
	if written {
		e.deprecated = append(e.deprecated, field)
	}
}

func podMonitor(o *object, t *monitoringv1.PodMonitor) *monitor {
	m := &monitor{object: o, labels: t.Labels, selector: &t.Spec.Selector, namespaces: t.Spec.NamespaceSelector, ofPods: true}
	for i := range t.Spec.PodMetricsEndpoints {
		e := &t.Spec.PodMetricsEndpoints[i]
		target := e.TargetPort //nolint:staticcheck // that it is deprecated is what is reported
		one := endpoint{
			targetPort: target, targetAt: "targetPort",
			interval: string(e.Interval), timeout: string(e.ScrapeTimeout),
			metricsPath: e.Path, scheme: schemeOf(e.Scheme), params: e.Params, honorLabels: e.HonorLabels,
			relabel: e.RelabelConfigs, metricRelabel: e.MetricRelabelConfigs,
		}
		if e.Port != nil {
			one.port = *e.Port
		}
		if e.PortNumber != nil {
			number := intstr.FromInt32(*e.PortNumber)
			one.targetPort, one.targetAt = &number, "portNumber"
		}
		one.deprecate("targetPort", target != nil)
		one.deprecate("bearerTokenSecret", e.BearerTokenSecret != nil) //nolint:staticcheck // that it is deprecated is what is reported
		m.addEndpoint("spec.podMetricsEndpoints", one)
	}
	return m
}

func (m *monitor) addEndpoint(list string, e endpoint) {
	e.path = list + "[" + strconv.Itoa(len(m.endpoints)) + "]"
	e.names, _ = anchored(e.port)
	m.endpoints = append(m.endpoints, e)
}

func schemeOf(s *monitoringv1.Scheme) string {
	if s == nil {
		return ""
	}
	return string(*s)
}

// anchored compiles an expression as Prometheus does, to match whole texts.
func anchored(expr string) (*regexp.Regexp, error) {
	return regexp.Compile("^(?s:" + expr + ")$")
}

// joinScraping resolves what Services and monitors select.
func (x *index) joinScraping() {
	x.budget = 1<<20 + 100*len(x.objects)
	for _, s := range x.services {
		if len(s.spec.Spec.Selector) == 0 || s.spec.Spec.Type == corev1.ServiceTypeExternalName {
			continue
		}
		if s.unknown = !x.spend(x.pods.cost(s.Namespace, s.selector())); s.unknown {
			continue
		}
		s.pods = x.pods.find(s.Namespace, s.selector())
		for _, w := range s.pods {
			w.services = append(w.services, s)
		}
	}
	for _, m := range x.monitors {
		m.servers = x.selecting(m.object, m.labels)
		if m.unknown = !x.selected(m) || !x.spend(m.reached()); !m.unknown {
			m.reach()
		}
	}
}

// spend takes from the budget; it says whether there was enough.
func (x *scraping) spend(cost int) bool {
	x.budget -= cost
	x.unknown = x.unknown || x.budget < 0
	return x.budget >= 0
}

// selected finds what a monitor selects; it says whether that could be done.
func (x *index) selected(m *monitor) bool {
	for _, namespace := range m.inspected() {
		if m.ofPods {
			if !x.spend(x.pods.cost(namespace, m.selector)) {
				return false
			}
			m.pods = append(m.pods, x.pods.find(namespace, m.selector)...)
			continue
		}
		if !x.spend(x.fronts.cost(namespace, m.selector)) {
			return false
		}
		m.services = append(m.services, x.fronts.find(namespace, m.selector)...)
	}
	return true
}

// reached is how many workloads a monitor reaches in how many ways.
func (m *monitor) reached() int {
	pods := len(m.pods)
	for _, s := range m.services {
		pods += 1 + len(s.pods)
	}
	return pods * (1 + len(m.endpoints))
}

// selector is what a Service asks of the labels in pod templates: those that
// controllers add to each pod are in none.
func (s *service) selector() *metav1.LabelSelector {
	selector := &metav1.LabelSelector{MatchLabels: maps.Clone(s.spec.Spec.Selector)}
	for _, added := range []string{
		appsv1.StatefulSetPodNameLabel, appsv1.PodIndexLabel, appsv1.ControllerRevisionHashLabelKey, appsv1.DefaultDeploymentUniqueLabelKey,
	} {
		delete(selector.MatchLabels, added)
	}
	return selector
}

// inspected are the namespaces in which a monitor looks for what it selects.
func (m *monitor) inspected() []string {
	switch {
	case m.namespaces.Any:
		return []string{everywhere}
	case len(m.namespaces.MatchNames) > 0:
		names := slices.Clone(m.namespaces.MatchNames)
		slices.Sort(names)
		return slices.Compact(names)
	}
	return []string{m.Namespace}
}

// reach notes with the pods how the monitor scrapes them.
func (m *monitor) reach() {
	for i := range m.endpoints {
		e := &m.endpoints[i]
		for _, w := range m.pods {
			if ports := e.containerPorts(w, nil); len(ports) > 0 {
				w.scrapes = append(w.scrapes, scrape{m, e, nil, ports})
			}
		}
		for _, s := range m.services {
			for _, w := range s.pods {
				if ports := e.containerPorts(w, s); len(ports) > 0 {
					w.scrapes = append(w.scrapes, scrape{m, e, s, ports})
				}
			}
		}
	}
}

// each returns an endpoint's interval, or that of the servers that select its
// monitor; 0 where it is not known.
func (s *scrape) each() time.Duration {
	if s.endpoint.interval != "" {
		return promDuration(s.endpoint.interval)
	}
	return s.monitor.interval()
}

// interval is that of endpoints that have none: the shortest of the servers that
// select the monitor.
func (m *monitor) interval() time.Duration {
	var shortest time.Duration
	for _, s := range m.servers {
		if d := s.interval(); d > 0 && (shortest == 0 || d < shortest) {
			shortest = d
		}
	}
	return shortest
}

// promDuration reads a duration as Prometheus does; 0 is none.
func promDuration(s string) time.Duration {
	d, err := model.ParseDuration(s)
	if err != nil {
		return 0
	}
	return time.Duration(d)
}
