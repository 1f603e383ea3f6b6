package lint_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/elasticctl/elasticctl/internal/lint"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// found lints documents with the rules of one family, and returns what they
// find, as "rule line:column severity".
func found(t *testing.T, prefix string, complete bool, docs ...string) []string {
	t.Helper()
	r, err := lint.Check(
		&lint.Input{Paths: []string{"-"}, Stdin: strings.NewReader(strings.Join(docs, "---\n"))},
		lint.Options{Tier: lint.All, Profile: hpa.LatestProfile(), Complete: complete},
	)
	if err != nil {
		t.Fatal(err)
	}
	list := []string{}
	for _, f := range r.Findings {
		if strings.HasPrefix(f.Rule, prefix) || strings.HasPrefix(f.Rule, "manifest-") {
			list = append(list, fmt.Sprintf("%s %d:%d %s", f.Rule, f.Line, f.Col, f.Severity))
		}
	}
	return list
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// deployment is a Deployment of seven lines with two ports.
func deployment(name, namespace, annotations string) string {
	return fmt.Sprintf(`apiVersion: apps/v1
kind: Deployment
metadata: {name: %s, namespace: %s}
spec: {selector: {matchLabels: {app: %[1]s}}, template: {metadata: {labels: {app: %[1]s}, annotations: {%[3]s}}, spec: {
  containers: [{name: app, image: app, ports: [{name: http, containerPort: 8080}, {containerPort: 9100}]}],
  initContainers: [{name: proxy, restartPolicy: Always, ports: [{name: proxy, containerPort: 15020}]}, {name: init, ports: [{name: init, containerPort: 1}]}]}}}
`, name, namespace, annotations)
}

// front is a Service of four lines in namespace shop.
func front(name, ports string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: shop, labels: {app: %[1]s, tier: front}}\nspec: {selector: {app: %[1]s}, ports: [%[2]s]}\n", name, ports)
}

// monitorOf is a ServiceMonitor or PodMonitor whose spec is in line 4.
func monitorOf(kind, namespace, spec string) string {
	return fmt.Sprintf("apiVersion: monitoring.coreos.com/v1\nkind: %s\nmetadata: {name: m, namespace: %s}\nspec: {%s}\n", kind, namespace, spec)
}

func TestMonitorsLookForServicesWhereTheyAreToldTo(t *testing.T) {
	web := front("web", "{name: http, port: 80}")
	for name, tc := range map[string]struct {
		namespace, spec string
		want            []string
	}{
		"its own namespace":             {"shop", "selector: {matchLabels: {app: web}}", nil},
		"another one":                   {"ops", "selector: {matchLabels: {app: web}}", []string{"sm-namespace 4:18 error"}},
		"any":                           {"ops", "namespaceSelector: {any: true}, selector: {matchLabels: {app: web}}", nil},
		"one by its name":               {"ops", "namespaceSelector: {matchNames: [ops, shop, shop]}, selector: {matchLabels: {app: web}}", nil},
		"not its own if others are":     {"shop", "namespaceSelector: {matchNames: [ops]}, selector: {matchLabels: {app: web}}", []string{"sm-namespace 4:58 error"}},
		"in":                            {"shop", "selector: {matchExpressions: [{key: app, operator: In, values: [api, web]}]}", nil},
		"not in":                        {"shop", "selector: {matchExpressions: [{key: app, operator: NotIn, values: [web]}]}", []string{"sm-no-service 4:18 error"}},
		"exists":                        {"shop", "selector: {matchExpressions: [{key: tier, operator: Exists}]}", nil},
		"does not exist":                {"shop", "selector: {matchExpressions: [{key: tier, operator: DoesNotExist}]}", []string{"sm-no-service 4:18 error"}},
		"labels and expressions":        {"shop", "selector: {matchLabels: {app: web}, matchExpressions: [{key: tier, operator: NotIn, values: [back]}]}", nil},
		"everything":                    {"shop", "selector: {}", nil},
		"everything, of an empty place": {"ops", "selector: {}", []string{"sm-no-service 4:18 error"}},
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, found(t, "sm-", true, monitorOf("ServiceMonitor", tc.namespace, tc.spec), web), tc.want...)
		})
	}
}

func TestMissingServicesAreInformationUnlessTheInputsAreAllThereIs(t *testing.T) {
	m := monitorOf("ServiceMonitor", "shop", "selector: {matchLabels: {app: web}}")
	expect(t, found(t, "sm-", false, m), "sm-no-service 4:18 info")
	expect(t, found(t, "sm-", true, m), "sm-no-service 4:18 error")
	p := monitorOf("PodMonitor", "shop", "selector: {matchLabels: {app: web}}")
	expect(t, found(t, "pm-", false, p), "pm-no-pods 4:18 info")
	expect(t, found(t, "pm-", true, p, deployment("web", "shop", "")))
	expect(t, found(t, "pm-", true, p, deployment("web", "ops", "")), "pm-no-pods 4:18 error")
}

func TestPortsAreLookedUpThroughServices(t *testing.T) {
	const selector = "selector: {matchLabels: {app: web}}, endpoints: "
	web := front("web", "{name: http, port: 80, targetPort: http}, {name: metrics, port: 9100}")
	for endpoint, want := range map[string][]string{
		"{port: metrics}":                      nil,
		"{port: http|metrics}":                 nil,
		"{port: .*rics}":                       nil,
		"{port: rics}":                         {"sm-port-unknown 4:64 error"},
		"{port: '9100'}":                       {"sm-port-number 4:64 error"},
		"{port: metrics}, {port: nothing}":     {"sm-port-unknown 4:81 error"},
		"{targetPort: 9100}":                   nil,
		"{targetPort: http}":                   nil,
		"{targetPort: proxy}":                  nil,
		"{targetPort: init}":                   {"sm-targetport-undeclared 4:70 error"},
		"{targetPort: 9101}":                   {"sm-targetport-undeclared 4:70 error"},
		"{port: metrics, targetPort: nothing}": nil,
		"{path: /metrics}":                     {"sm-no-port 4:57 warning"},
		"{port: '['}":                          nil,
	} {
		t.Run(endpoint, func(t *testing.T) {
			expect(t, found(t, "sm-", true, monitorOf("ServiceMonitor", "shop", selector+"["+endpoint+"]"), web, deployment("web", "shop", "")), want...)
		})
	}
	meshed := deployment("web", "shop", `sidecar.istio.io/inject: "true"`)
	expect(t, found(t, "sm-", true, monitorOf("ServiceMonitor", "shop", selector+"[{targetPort: http-envoy-prom}]"), web, meshed))
}

func TestOneServiceWithThePortIsEnough(t *testing.T) {
	m := monitorOf("ServiceMonitor", "shop", "selector: {matchLabels: {tier: front}}, endpoints: [{port: metrics}]")
	expect(t, found(t, "s", true, m, front("web", "{name: http, port: 80}"), front("api", "{name: metrics, port: 81}"), deployment("web", "shop", ""), deployment("api", "shop", "")))
	expect(t, found(t, "s", true, m, front("web", "{port: 80}"), front("api", "{name: http, port: 81}"), deployment("web", "shop", ""), deployment("api", "shop", "")),
		"svc-port-unnamed 9:38 error")
}

func TestPodMonitorsNameContainerPorts(t *testing.T) {
	const selector = "selector: {matchLabels: {app: web}}, podMetricsEndpoints: "
	for endpoint, want := range map[string][]string{
		"{port: http}":        nil,
		"{port: proxy}":       nil,
		"{port: htp}":         {"sm-port-unknown 4:74 error"},
		"{portNumber: 9100}":  nil,
		"{portNumber: 9101}":  {"sm-targetport-undeclared 4:80 error"},
		"{targetPort: 9100}":  {"sm-deprecated-fields 4:80 info"},
		"{interval: 30s}":     {"sm-no-port 4:67 warning"},
		"{port: '8080'}":      {"sm-port-number 4:74 error"},
		"{port: http|nothin}": nil,
	} {
		t.Run(endpoint, func(t *testing.T) {
			expect(t, found(t, "sm-", true, monitorOf("PodMonitor", "shop", selector+"["+endpoint+"]"), deployment("web", "shop", "")), want...)
		})
	}
}

func TestTargetPortsOfServices(t *testing.T) {
	for port, want := range map[string][]string{
		"{port: 80}":                      nil,
		"{port: 80, targetPort: 1234}":    nil,
		"{port: 80, targetPort: http}":    nil,
		"{port: 80, targetPort: proxy}":   nil,
		"{port: 80, targetPort: init}":    {"svc-targetport-unknown 4:61 error"},
		"{port: 80, targetPort: nothing}": {"svc-targetport-unknown 4:61 error"},
	} {
		t.Run(port, func(t *testing.T) {
			expect(t, found(t, "svc-", true, front("web", port), deployment("web", "shop", "")), want...)
		})
	}
	expect(t, found(t, "svc-targetport", true, front("web", "{port: 80, targetPort: nothing}"), deployment("web", "ops", "")))
	expect(t, found(t, "svc-targetport", true, front("web", "{port: 80, targetPort: mesh}"), deployment("web", "shop", "linkerd.io/inject: enabled")))
}

// prometheus is a Prometheus in namespace ops with its spec in line 4.
func prometheus(spec string) string {
	return "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: main, namespace: ops}\nspec: {" + spec + "}\n"
}

func TestServersSelectByLabelsAndNamespaces(t *testing.T) {
	const monitor = "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: m, namespace: shop, labels: {release: main}}\nspec: {selector: {matchLabels: {app: web}}, endpoints: [{port: http}]}\n"
	const labelsAt, namespaceAt = "sm-labels-not-selected 3:46 warning", "sm-ns-not-selected 3:32 warning"
	namespace := "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: shop}}\n"
	web := front("web", "{name: http, port: 80}")
	for spec, want := range map[string][]string{
		"": nil,
		"serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {}":                                                                                        nil,
		"serviceMonitorSelector: {}":                                                                                                                             {namespaceAt},
		"serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {matchLabels: {team: shop}}":                                                               nil,
		"serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {matchLabels: {team: ops}}":                                                                {namespaceAt},
		"serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [shop]}]}":    nil,
		"serviceMonitorSelector: {matchLabels: {release: main}}, serviceMonitorNamespaceSelector: {}":                                                            nil,
		"serviceMonitorSelector: {matchLabels: {release: other}}, serviceMonitorNamespaceSelector: {}":                                                           {labelsAt},
		"serviceMonitorSelector: {matchLabels: {release: other}}":                                                                                                nil, // another's altogether
		"podMonitorSelector: {}, serviceMonitorNamespaceSelector: {}":                                                                                            {labelsAt},
		"serviceMonitorSelector: {matchExpressions: [{key: release, operator: NotIn, values: [main]}]}, serviceMonitorNamespaceSelector: {}":                     {labelsAt},
		"podMonitorSelector: {}, serviceMonitorSelector: {matchExpressions: [{key: release, operator: Exists}]}, serviceMonitorNamespaceSelector: {}":            nil,
		"serviceMonitorSelector: {matchExpressions: [{key: release, operator: Wrong}]}":                                                                          nil,
		"serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [shop]}]}": {namespaceAt},
	} {
		t.Run(spec, func(t *testing.T) {
			expect(t, found(t, "sm-", true, monitor, prometheus(spec), namespace, web, deployment("web", "shop", "")), want...)
		})
	}
	unknown := prometheus("serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {matchLabels: {team: ops}}")
	expect(t, found(t, "sm-", true, monitor, unknown, web, deployment("web", "shop", "")))
	second := strings.Replace(prometheus("serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {}"), "name: main", "name: other", 1)
	expect(t, found(t, "sm-", true, monitor, prometheus("serviceMonitorSelector: {}"), second, web, deployment("web", "shop", "")))
}

func TestTimeoutsAreComparedWithTheServersInterval(t *testing.T) {
	web, its := front("web", "{name: http, port: 80}"), deployment("web", "shop", "")
	monitor := func(endpoint string) string {
		return monitorOf("ServiceMonitor", "shop", "selector: {matchLabels: {app: web}}, endpoints: [{port: http"+endpoint+"}]")
	}
	const every = "serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {}"
	expect(t, found(t, "sm-", true, monitor(", scrapeTimeout: 40s"), web, its))
	expect(t, found(t, "sm-", true, monitor(", scrapeTimeout: 40s"), web, its, prometheus(every)), "sm-timeout-gt-interval 4:85 error")
	expect(t, found(t, "sm-", true, monitor(", scrapeTimeout: 40s"), web, its, prometheus(every+", scrapeInterval: 1m")))
	expect(t, found(t, "sm-", true, monitor(", interval: 1m, scrapeTimeout: 1m"), web, its))
	expect(t, found(t, "sm-", true, monitor(", interval: 1m, scrapeTimeout: 60001ms"), web, its), "sm-timeout-gt-interval 4:99 error")
	expect(t, found(t, "sm-", true, monitor(", interval: what, scrapeTimeout: 1m"), web, its), "manifest-value 4:80 error")
}

func TestDoubleScrapesOfTheSamePodsOnly(t *testing.T) {
	web, its := front("web", "{name: http, port: 80, targetPort: http}"), deployment("web", "shop", "")
	monitor := func(name, endpoint string) string {
		return strings.Replace(monitorOf("ServiceMonitor", "shop", "selector: {matchLabels: {app: web}}, endpoints: [{"+endpoint+"}]"), "name: m", "name: "+name, 1)
	}
	for second, want := range map[string][]string{
		"port: http":                   {"sm-double-scrape 9:57 warning"},
		"port: http, path: /metrics":   {"sm-double-scrape 9:57 warning"},
		"targetPort: 8080":             {"sm-double-scrape 9:57 warning"},
		"port: http, path: /other":     nil,
		"port: http, params: {a: [b]}": nil,
		"port: http, scheme: HTTPS":    nil,
		"targetPort: 9100":             nil,
		"port: http, metricRelabelings: [{action: keep, sourceLabels: [__name__], regex: a}]": nil,
	} {
		t.Run(second, func(t *testing.T) {
			expect(t, found(t, "sm-", true, monitor("a", "port: http"), monitor("b", second), web, its), want...)
		})
	}
	pod := monitorOf("PodMonitor", "shop", "selector: {matchLabels: {app: web}}, podMetricsEndpoints: [{port: http}]")
	expect(t, found(t, "sm-", true, monitor("a", "port: http"), pod, web, its), "sm-double-scrape 9:67 warning")
	apart := []string{
		strings.Replace(prometheus("serviceMonitorSelector: {}"), "namespace: ops", "namespace: shop", 1),
		prometheus("podMonitorSelector: {}, podMonitorNamespaceSelector: {}"),
	}
	expect(t, found(t, "sm-", true, append([]string{monitor("a", "port: http"), pod, web, its}, apart...)...))
}

func TestPrometheusRulesAreSelectedAlike(t *testing.T) {
	const rule = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: r, namespace: shop, labels: {release: main}}\nspec: {groups: []}\n"
	for spec, want := range map[string][]string{
		"ruleSelector: {}, ruleNamespaceSelector: {}": nil,
		"ruleSelector: {}":          {"rule-labels-not-selected 3:32 warning"},
		"ruleNamespaceSelector: {}": {"rule-labels-not-selected 3:46 warning"},
		"ruleSelector: {matchLabels: {release: other}}, ruleNamespaceSelector: {}": {"rule-labels-not-selected 3:46 warning"},
		"ruleSelector: {matchLabels: {release: main}}, ruleNamespaceSelector: {}":  nil,
	} {
		t.Run(spec, func(t *testing.T) { expect(t, found(t, "rule-", true, rule, prometheus(spec)), want...) })
	}
}

func TestAgentsAndRulersSelectToo(t *testing.T) {
	const ops = "\nmetadata: {name: other, namespace: ops}\nspec: "
	rule := "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: r, namespace: shop, labels: {release: main}}\nspec: {groups: []}\n"
	ruler := "apiVersion: monitoring.coreos.com/v1\nkind: ThanosRuler" + ops + "{queryEndpoints: [http://query], ruleSelector: {matchLabels: {release: main}}, ruleNamespaceSelector: {}}\n"
	expect(t, found(t, "rule-", true, rule, prometheus("ruleSelector: {}"), ruler))
	expect(t, found(t, "rule-", true, rule, prometheus("ruleSelector: {}"), strings.Replace(ruler, "release: main", "release: other", 1)), "rule-labels-not-selected 3:32 warning")

	m := monitorOf("ServiceMonitor", "shop", "selector: {matchLabels: {app: web}}, endpoints: [{port: http}]")
	agent := "apiVersion: monitoring.coreos.com/v1alpha1\nkind: PrometheusAgent" + ops + "{serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {}}\n"
	expect(t, found(t, "sm-ns", true, m, prometheus("serviceMonitorSelector: {}"), agent))
	expect(t, found(t, "sm-ns", true, m, prometheus("serviceMonitorSelector: {}"), strings.Replace(agent, "NamespaceSelector: {}", "NamespaceSelector: null", 1)), "sm-ns-not-selected 3:32 warning")
}

func TestWhatIsGivenTwiceIsOne(t *testing.T) {
	m := monitorOf("ServiceMonitor", "shop", "selector: {matchLabels: {app: web}}, endpoints: [{port: http}]")
	web, its := front("web", "{name: http, port: 80, targetPort: http}"), deployment("web", "shop", "")
	expect(t, found(t, "sm-", true, m, web, its, m, web, its))
	so := scaled("web", "minReplicaCount: 1, maxReplicaCount: 3, ", cpu)
	expect(t, found(t, "keda-d", true, so, so))
}

func TestServicesOfOnePodSelectWhatTheTemplateMakes(t *testing.T) {
	one := front("web", "{name: http, port: 80, targetPort: nothing}")
	one = strings.Replace(one, "selector: {app: web}", "selector: {app: web, statefulset.kubernetes.io/pod-name: web-0}", 1)
	expect(t, found(t, "svc-", true, one, deployment("web", "shop", "")), "svc-targetport-unknown 4:116 error")
	expect(t, found(t, "svc-", true, one, deployment("web", "ops", "")), "svc-no-pods 4:18 error")
}

func TestServicesSelectWhatTheOperatorMakes(t *testing.T) {
	s := strings.Replace(front("web", "{name: http, port: 80, targetPort: http}"), "selector: {app: web}", "selector: {LABELS}", 1)
	const meta = "apiVersion: monitoring.coreos.com/v1\nkind: KIND\nmetadata: {name: main, namespace: shop}\nspec: {podMetadata: {labels: {team: a}}}\n"
	for kind, labels := range map[string]string{
		"Prometheus": "prometheus: main, team: a", "Alertmanager": "alertmanager: main", "ThanosRuler": "app.kubernetes.io/name: thanos-ruler",
		"PrometheusAgent": "operator.prometheus.io/name: main",
	} {
		o := strings.Replace(meta, "KIND", kind, 1)
		if kind == "PrometheusAgent" {
			o = strings.Replace(o, "/v1", "/v1alpha1", 1)
		}
		expect(t, found(t, "svc-", true, strings.Replace(s, "LABELS", labels, 1), o))
		expect(t, found(t, "svc-", true, strings.Replace(s, "LABELS", labels, 1), strings.Replace(o, "main", "other", 1), strings.Replace(o, "shop", "ops", 1)), map[bool][]string{
			false: {"svc-no-pods 4:18 error"}, true: nil,
		}[kind == "ThanosRuler"]...) // its label holds no name
	}
}

func TestMonitorsOfEverythingAreNotCompared(t *testing.T) {
	every := strings.Replace(monitorOf("ServiceMonitor", "shop", "selector: {}, endpoints: [{port: http}]"), "name: m", "name: every", 1)
	m := monitorOf("ServiceMonitor", "shop", "selector: {matchLabels: {app: web}}, endpoints: [{port: http}]")
	expect(t, found(t, "sm-", true, m, every, front("web", "{name: http, port: 80, targetPort: http}"), deployment("web", "shop", "")))
}

// TestSelectorsOfEverythingAreJoinedInBounds would take hours and all memory if
// every monitor were joined with every Service, and these with all pods.
func TestSelectorsOfEverythingAreJoinedInBounds(t *testing.T) {
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: m%d}\nspec: {selector: {}, endpoints: [{port: http}, {port: http}]}\n---\n", i)
		fmt.Fprintf(&b, "apiVersion: v1\nkind: Service\nmetadata: {name: s%d}\nspec: {selector: {app: web}, ports: [{name: http, port: 80}]}\n---\n", i)
		fmt.Fprintf(&b, "apiVersion: v1\nkind: Pod\nmetadata: {name: p%d, labels: {app: web}}\nspec: {containers: [{name: app, image: app}]}\n---\n", i)
	}
	for _, f := range found(t, "", true, b.String()) {
		t.Error(f)
	}
}
