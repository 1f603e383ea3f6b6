package gen

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"
)

// written is one service as it is written: every object read back from its
// bytes, strictly, into its typed API.
type written struct {
	service    corev1.Service
	deployment appsv1.Deployment
	budget     policyv1.PodDisruptionBudget
	monitor    monitoringv1.ServiceMonitor
	rule       *monitoringv1.PrometheusRule
	hpa        *autoscalingv2.HorizontalPodAutoscaler
	scaled     *ScaledObject
	rules      []AdapterRule
}

// write generates a service and reads it back.
func write(t *testing.T, s *ElasticService) written {
	t.Helper()
	var w written
	files, err := s.Files(YAML)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		var meta metav1.TypeMeta
		if err := yaml.Unmarshal(f.Data, &meta); err != nil {
			t.Fatal(err)
		}
		if err := yaml.UnmarshalStrict(f.Data, w.target(t, meta.Kind)); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	if w.rules, err = AdapterRules(s); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *written) target(t *testing.T, kind string) any {
	t.Helper()
	switch kind {
	case "Service":
		return &w.service
	case "Deployment":
		return &w.deployment
	case "PodDisruptionBudget":
		return &w.budget
	case "ServiceMonitor":
		return &w.monitor
	case "PrometheusRule":
		w.rule = &monitoringv1.PrometheusRule{}
		return w.rule
	case "HorizontalPodAutoscaler":
		w.hpa = &autoscalingv2.HorizontalPodAutoscaler{}
		return w.hpa
	case "ScaledObject":
		w.scaled = &ScaledObject{}
		return w.scaled
	}
	t.Fatalf("an unexpected %s", kind)
	return nil
}

func each(t *testing.T, check func(t *testing.T, s *ElasticService, w written)) {
	t.Helper()
	for _, dir := range append(cases(t), "../../examples/checkout") {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			s := load(t, filepath.Join(dir, "service.yaml"))
			check(t, s, write(t, s))
		})
	}
}

// TestSelectorsFindThePods follows every selector to what it should select.
func TestSelectorsFindThePods(t *testing.T) {
	each(t, func(t *testing.T, s *ElasticService, w written) {
		pods := labels.Set(w.deployment.Spec.Template.Labels)
		for name, selector := range map[string]labels.Selector{
			"Deployment":          mustSelector(t, w.deployment.Spec.Selector),
			"Service":             labels.SelectorFromSet(w.service.Spec.Selector),
			"PodDisruptionBudget": mustSelector(t, w.budget.Spec.Selector),
		} {
			if selector.Empty() || !selector.Matches(pods) {
				t.Errorf("the %s selects %s, the pods are %s", name, selector, pods)
			}
		}
		for _, c := range w.deployment.Spec.Template.Spec.TopologySpreadConstraints {
			if !mustSelector(t, c.LabelSelector).Matches(pods) {
				t.Errorf("the spread over %s does not count the pods", c.TopologyKey)
			}
		}
		monitor := mustSelector(t, &w.monitor.Spec.Selector)
		if monitor.Empty() || !monitor.Matches(labels.Set(w.service.Labels)) {
			t.Errorf("the ServiceMonitor selects %s, the Service is %v", monitor, w.service.Labels)
		}
		for _, namespace := range []string{w.service.Namespace, w.monitor.Namespace, w.deployment.Namespace, w.budget.Namespace} {
			if namespace != s.Metadata.Namespace {
				t.Errorf("an object is in namespace %q, not %q", namespace, s.Metadata.Namespace)
			}
		}
	})
}

func mustSelector(t *testing.T, s *metav1.LabelSelector) labels.Selector {
	t.Helper()
	selector, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		t.Fatal(err)
	}
	return selector
}

// TestPortsLeadToTheContainer follows the scrape and every probe, port name by
// port name, to a port of the container.
func TestPortsLeadToTheContainer(t *testing.T) {
	each(t, func(t *testing.T, s *ElasticService, w written) {
		container := map[string]int32{}
		c := w.deployment.Spec.Template.Spec.Containers[0]
		for _, p := range c.Ports {
			container[p.Name] = p.ContainerPort
		}
		service := map[string]int32{}
		for _, p := range w.service.Spec.Ports {
			number, ok := container[p.TargetPort.StrVal]
			if !ok {
				t.Errorf("the Service's port %s leads to %s, which the container has not got", p.Name, p.TargetPort.String())
			}
			service[p.Name] = number
		}
		for _, e := range w.monitor.Spec.Endpoints {
			if service[e.Port] != *s.Spec.Ports.Metrics {
				t.Errorf("port %s is scraped, which is %d, not %d", e.Port, service[e.Port], *s.Spec.Ports.Metrics)
			}
		}
		for _, probe := range []*corev1.Probe{c.StartupProbe, c.ReadinessProbe, c.LivenessProbe} {
			if probe != nil && container[probe.HTTPGet.Port.StrVal] == 0 {
				t.Errorf("a probe asks port %s", probe.HTTPGet.Port.String())
			}
		}
	})
}

// TestAutoscalerActsOnTheDeployment says that there is one autoscaler, that it
// names the Deployment, and that the Deployment leaves the count to it.
func TestAutoscalerActsOnTheDeployment(t *testing.T) {
	each(t, func(t *testing.T, _ *ElasticService, w written) {
		if (w.hpa == nil) == (w.scaled == nil) {
			t.Fatalf("HPA: %v, ScaledObject: %v; want one of them", w.hpa != nil, w.scaled != nil)
		}
		var ref autoscalingv2.CrossVersionObjectReference
		if w.hpa != nil {
			ref = w.hpa.Spec.ScaleTargetRef
		} else {
			r := w.scaled.Spec.ScaleTargetRef
			ref = autoscalingv2.CrossVersionObjectReference{APIVersion: r.APIVersion, Kind: r.Kind, Name: r.Name}
		}
		d := w.deployment
		if ref.Name != d.Name || ref.Kind != d.Kind || ref.APIVersion != d.APIVersion {
			t.Errorf("it acts on %+v", ref)
		}
		if d.Spec.Replicas != nil {
			t.Error("the Deployment sets replicas")
		}
		for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
			if q := d.Spec.Template.Spec.Containers[0].Resources.Requests[name]; q.Sign() <= 0 {
				t.Errorf("no request of %s to measure utilisation against", name)
			}
		}
	})
}

// TestEveryPodMetricIsServed follows each Pods metric of an HPA through the
// adapter's rule to the series that the service exposes, and back to the labels
// that the ServiceMonitor's scrape gives it.
func TestEveryPodMetricIsServed(t *testing.T) {
	each(t, func(t *testing.T, s *ElasticService, w written) {
		if w.hpa == nil || s.Spec.Scaling.MetricsVia != ViaAdapter {
			if len(w.rules) > 0 {
				t.Errorf("rules for an adapter that serves nothing: %+v", w.rules)
			}
			return
		}
		served := map[string]AdapterRule{}
		for _, r := range w.rules {
			served[r.Name.As] = r
		}
		asked := 0
		for _, m := range w.hpa.Spec.Metrics {
			if m.Pods == nil {
				continue
			}
			asked++
			r, ok := served[m.Pods.Metric.Name]
			if !ok {
				t.Errorf("nothing serves %s", m.Pods.Metric.Name)
				continue
			}
			checkRule(t, s, r)
		}
		if asked != len(w.rules) {
			t.Errorf("%d metrics, %d rules", asked, len(w.rules))
		}
	})
}

func checkRule(t *testing.T, s *ElasticService, r AdapterRule) {
	t.Helper()
	series := strings.TrimSuffix(strings.TrimPrefix(r.Name.Matches, "^"), "$")
	counters := []string{}
	for _, m := range s.Spec.Scaling.Metrics {
		if m.RPS != nil {
			counters = append(counters, m.RPS.Counter)
		}
	}
	isRate := strings.Contains(r.MetricsQuery, "rate(")
	if isRate != slices.Contains(counters, series) {
		t.Errorf("%s is served by %s: a counter needs rate(), a gauge must not have it", series, r.MetricsQuery)
	}
	if !strings.HasPrefix(r.SeriesQuery, series+"{") {
		t.Errorf("rule %s looks for %s", r.Name.As, r.SeriesQuery)
	}
	for _, part := range []string{"<<.Series>>", "<<.LabelMatchers>>", "<<.GroupBy>>"} {
		if !strings.Contains(r.MetricsQuery, part) {
			t.Errorf("rule %s lacks %s", r.Name.As, part)
		}
	}
	for label, resource := range map[string]string{"namespace": "namespace", "pod": "pod"} {
		if r.Resources.Overrides[label].Resource != resource || !strings.Contains(r.SeriesQuery, label+`!=""`) {
			t.Errorf("rule %s does not map the label %s", r.Name.As, label)
		}
	}
}

// TestQueriesSelectTheService says that every query of triggers and alerts on
// the service's own series selects its namespace and the Service by name, which
// are the labels that a scrape through a ServiceMonitor attaches.
func TestQueriesSelectTheService(t *testing.T) {
	each(t, func(t *testing.T, s *ElasticService, w written) {
		var queries []string
		if w.scaled != nil {
			for _, trigger := range w.scaled.Spec.Triggers {
				if q := trigger.Metadata["query"]; q != "" && !slices.ContainsFunc(s.Spec.Scaling.Metrics, func(m Metric) bool { return m.Query != nil && m.Query.PromQL == q }) {
					queries = append(queries, q)
				}
			}
		}
		if w.rule != nil {
			for _, r := range w.rule.Spec.Groups[0].Rules {
				queries = append(queries, r.Expr.StrVal)
			}
		}
		want := []string{`namespace="` + w.service.Namespace + `"`, `service="` + w.service.Name + `"`}
		for _, q := range queries {
			if strings.HasPrefix(q, "kube_") {
				continue
			}
			for _, selector := range strings.Split(q, "{")[1:] {
				selector, _, _ = strings.Cut(selector, "}")
				for _, matcher := range want {
					if !strings.Contains(selector, matcher) {
						t.Errorf("{%s} lacks %s", selector, matcher)
					}
				}
			}
		}
	})
}

// TestNothingOnlyAServerWrites looks at the bytes.
func TestNothingOnlyAServerWrites(t *testing.T) {
	each(t, func(t *testing.T, s *ElasticService, _ written) {
		for _, o := range s.Objects() {
			tree, err := o.tree()
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(tree)
			if err != nil {
				t.Fatal(err)
			}
			for _, bad := range []string{`"status"`, "creationTimestamp", ":null", `:{}`} {
				if strings.Contains(string(text), bad) {
					t.Errorf("%s holds %s: %s", o.Kind, bad, text)
				}
			}
		}
	})
}

// TestBudgetNeverBlocks evicts on paper at every replica count that the
// autoscaler can choose, as the disruption controller counts.
func TestBudgetNeverBlocks(t *testing.T) {
	each(t, func(t *testing.T, s *ElasticService, w written) {
		if w.budget.Spec.MinAvailable != nil {
			t.Fatal("minAvailable is set")
		}
		v := w.budget.Spec.MaxUnavailable
		for n := int64(max(*s.Spec.Scaling.Min, 1)); n <= int64(*s.Spec.Scaling.Max); n++ {
			allowed := int64(v.IntVal)
			if v.StrVal != "" {
				percent, err := Scalar(v.StrVal).percent()
				if err != nil {
					t.Fatal(err)
				}
				allowed = (n*int64(percent) + 99) / 100 // rounded up, as upstream does
			}
			if allowed < 1 {
				t.Errorf("at %d replicas no pod may go", n)
			}
		}
	})
}

// TestPodsHaveTimeToLeave adds up a shutdown.
func TestPodsHaveTimeToLeave(t *testing.T) {
	each(t, func(t *testing.T, s *ElasticService, w written) {
		pod := w.deployment.Spec.Template.Spec
		var preStop int64
		if l := pod.Containers[0].Lifecycle; l != nil {
			preStop = l.PreStop.Sleep.Seconds
		}
		if Duration(*pod.TerminationGracePeriodSeconds)*1e9 <= Duration(preStop)*1e9+*s.Spec.Shutdown.Timeout {
			t.Errorf("killed after %d s: preStop %d s, timeout %s", *pod.TerminationGracePeriodSeconds, preStop, s.Spec.Shutdown.Timeout)
		}
		r := w.deployment.Spec.Strategy.RollingUpdate
		if r.MaxUnavailable.IntValue() != 0 || r.MaxSurge.String() == "0" {
			t.Errorf("a rollout drops below the capacity asked for: %v", r)
		}
	})
}
