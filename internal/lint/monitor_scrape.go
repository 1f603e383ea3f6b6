package lint

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/intstr"
)

// monitorScrape are about how monitors scrape.
var monitorScrape = []Rule{
	{
		ID: "sm-timeout-gt-interval", Severity: Error, Tier: Default,
		What: "a scrape's timeout is longer than its interval",
		Why:  "The operator rejects the whole monitor, all its endpoints: there is no target.",
		How:  "scrapeTimeout is compared with the endpoint's interval or, without one, with that of the Prometheus objects among the inputs that select the monitor.",
		Sources: []string{
			"https://github.com/prometheus-operator/prometheus-operator/blob/main/pkg/prometheus/resource_selector.go",
		},
		check: smTimeout,
	},
	{
		ID: "sm-double-scrape", Severity: Warning, Tier: Default,
		What: "the same pods are scraped twice",
		Why:  "Every series is there twice, with another service or job label: sums are doubled, and so is what an autoscaler makes of them.",
		How: "Two endpoints, of one monitor that selects two Services or of two monitors, reach the same container port of the same pods, on the same path with the same " +
			"parameters. Endpoints that drop targets or series, monitors that select everything, and pairs of which no Prometheus selects both are passed over.",
		Sources: []string{
			"https://github.com/grafana/loki/issues/1726",
			"https://github.com/seaweedfs/seaweedfs/issues/10836",
			"https://github.com/bitnami/charts/issues/24619",
		},
		check: smDoubleScrape,
	},
	{
		ID: "sm-deprecated-fields", Severity: Info, Tier: Recommended,
		What: "a monitor uses a field that is deprecated",
		Why:  "The field may go with a later version of the operator. A token by its file name has Prometheus read any file that it can.",
		Fix:  "a PodMonitor's targetPort is renamed to port or portNumber, as which the operator reads it.",
		How:  "An endpoint has bearerTokenFile or bearerTokenSecret or, of a PodMonitor, targetPort.",
		Sources: []string{
			"https://github.com/prometheus-operator/prometheus-operator/blob/main/Documentation/api-reference/api.md",
		},
		check: smDeprecatedFields,
	},
	{
		ID: "sm-headless-notready", Severity: Info, Tier: All,
		What: "a monitored Service publishes the addresses of pods that are not ready",
		Why:  "Pods that still start are scraped too. What they report enters sums and averages before they serve anything.",
		How:  "publishNotReadyAddresses is true for a Service that a monitor selects.",
		Sources: []string{
			"https://github.com/rmyndharis/OpenWA/issues/1235",
		},
		check: smNotReady,
	},
}

func smTimeout(c *checker) {
	for _, m := range c.monitors {
		for i := range m.endpoints {
			e := &m.endpoints[i]
			interval := (&scrape{monitor: m, endpoint: e}).each()
			if interval == 0 || promDuration(e.timeout) <= interval {
				continue
			}
			where := "the interval of " + e.interval
			f := c.report(m.object, e.path+".scrapeTimeout", "", "write a shorter timeout, or a longer interval")
			if e.interval == "" {
				where = "the interval of Prometheus " + m.servers[0].Name
				f.see(m.servers[0].object, "spec.scrapeInterval", "the interval")
			}
			f.Message = fmt.Sprintf("the timeout of %s is longer than %s: the operator rejects the monitor", e.timeout, where)
		}
	}
}

func smDoubleScrape(c *checker) {
	type pair struct {
		first, second *monitor
		a, b          *service
	}
	seen := map[pair]bool{}
	for _, w := range c.workloads {
		byTarget := map[string]*scrape{}
		for i := range w.scrapes {
			s := &w.scrapes[i]
			if s.endpoint.filters() || s.monitor.catchesAll() {
				continue
			}
			for _, port := range s.ports {
				target := s.target(port)
				first := byTarget[target]
				if first == nil {
					byTarget[target] = s
					continue
				}
				p := pair{first.monitor, s.monitor, first.service, s.service}
				if first.monitor != s.monitor {
					p.a, p.b = nil, nil
				}
				if first.same(s) || seen[p] || !together(first.monitor, s.monitor) {
					continue
				}
				seen[p] = true
				c.reportDouble(w, first, s, port)
			}
		}
	}
}

// same says whether two scrapes are one, perhaps because an object is given twice.
func (s *scrape) same(other *scrape) bool {
	if s.monitor != other.monitor {
		return s.monitor.is(other.monitor.object)
	}
	if s.service != nil && other.service != nil && s.service != other.service {
		return s.service.is(other.service.object)
	}
	return s.endpoint == other.endpoint
}

// catchesAll says whether a monitor selects whatever there is.
func (m *monitor) catchesAll() bool {
	return len(m.selector.MatchLabels)+len(m.selector.MatchExpressions) == 0
}

// target tells what a scrape asks for from what others do.
func (s *scrape) target(port int32) string {
	e := s.endpoint
	var b strings.Builder
	fmt.Fprintf(&b, "%d\x00%s\x00%s", port, cmp.Or(e.metricsPath, "/metrics"), cmp.Or(strings.ToLower(e.scheme), "http"))
	for _, key := range slices.Sorted(maps.Keys(e.params)) {
		fmt.Fprintf(&b, "\x00%s=%q", key, e.params[key])
	}
	return b.String()
}

// filters says whether an endpoint drops some targets or series.
func (e *endpoint) filters() bool {
	for _, list := range [][]relabeling{e.relabel, e.metricRelabel} {
		for i := range list {
			switch action(&list[i]) {
			case "keep", "drop", "keepequal", "dropequal", "hashmod":
				return true
			}
		}
	}
	return false
}

// together says whether two monitors may be in the configuration of one server.
func together(a, b *monitor) bool {
	if len(a.servers) == 0 || len(b.servers) == 0 {
		return true
	}
	return slices.ContainsFunc(a.servers, func(s *server) bool { return slices.Contains(b.servers, s) })
}

func (c *checker) reportDouble(w *workload, first, s *scrape, port int32) {
	pods := fmt.Sprintf("port %d of the pods of %s", port, w.Name)
	switch {
	case first.monitor != s.monitor:
		c.report(s.monitor.object, s.endpoint.path, fmt.Sprintf("%s %s scrapes %s already", first.monitor.Kind, first.monitor.Name, pods),
			"remove one of the two").see(first.monitor.object, first.endpoint.path, "the other endpoint")
	case first.service != s.service:
		f := c.report(s.monitor.object, "spec.selector", fmt.Sprintf("the monitor selects the Services %s and %s, and both lead to %s", first.service.Name, s.service.Name, pods),
			"select by a label that one of the two does not have")
		f.see(first.service.object, "metadata.labels", "one Service")
		f.see(s.service.object, "metadata.labels", "the other")
	default:
		c.report(s.monitor.object, s.endpoint.path, "another endpoint of this monitor scrapes "+pods+" already",
			"remove one of the two").see(first.monitor.object, first.endpoint.path, "the other endpoint")
	}
}

func smDeprecatedFields(c *checker) {
	for _, m := range c.monitors {
		for i := range m.endpoints {
			for _, field := range m.endpoints[i].deprecated {
				fix := "write authorization: {credentials: {name: …, key: …}} with the Secret that holds the token"
				if field == "targetPort" {
					fix = "write port, with the container port's name, or portNumber"
				}
				c.report(m.object, m.endpoints[i].path+"."+field, field+" is deprecated", fix).renamePort(&m.endpoints[i], field)
			}
		}
	}
}

// renamePort has --fix rename a PodMonitor's targetPort to what the operator reads
// it as: the name of a port or its number, unless one of them is there already.
func (f *found) renamePort(e *endpoint, field string) {
	switch {
	case field != "targetPort" || e.port != "" || e.targetAt != field || e.targetPort == nil:
	case e.targetPort.Type == intstr.Int && e.targetPort.IntVal > 0:
		f.rename("portNumber")
	case e.targetPort.StrVal != "" && !isNumber(e.targetPort.StrVal):
		f.rename("port")
	}
}

func smNotReady(c *checker) {
	seen := map[*service]bool{}
	for _, m := range c.monitors {
		for _, s := range m.services {
			if s.spec.Spec.PublishNotReadyAddresses && !seen[s] {
				seen[s] = true
				c.report(s.object, "spec.publishNotReadyAddresses", fmt.Sprintf("%s %s scrapes pods through this Service that are not ready yet", m.Kind, m.Name),
					"leave it to a headless Service for peers, and have the monitor select another").see(m.object, "spec.selector", "the monitor")
			}
		}
	}
}
