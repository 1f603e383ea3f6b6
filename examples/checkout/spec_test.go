package main

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/elasticctl/elasticctl/pkg/gen"
)

// manifests generates what service.yaml describes.
func manifests(t *testing.T) (spec *gen.ElasticService, pod corev1.PodSpec, scrape monitoringv1.Endpoint) {
	t.Helper()
	data, err := os.ReadFile("service.yaml")
	if err != nil {
		t.Fatal(err)
	}
	spec = &gen.ElasticService{}
	if err := yaml.UnmarshalStrict(data, spec); err != nil {
		t.Fatal(err)
	}
	spec.Default()
	for _, p := range spec.Validate() {
		t.Error(p)
	}
	for _, o := range spec.Objects() {
		switch v := o.Value.(type) {
		case *appsv1.Deployment:
			pod = v.Spec.Template.Spec
		case *monitoringv1.ServiceMonitor:
			scrape = v.Spec.Endpoints[0]
		}
	}
	return spec, pod, scrape
}

// TestSpecDescribesThisService starts the service as its pod would, and finds
// its ports, probes and metrics where the manifests say they are.
func TestSpecDescribesThisService(t *testing.T) {
	spec, pod, scrape := manifests(t)
	c := pod.Containers[0]
	env := map[string]string{}
	for _, e := range c.Env {
		env[e.Name] = e.Value
	}
	o, err := parseOptions(c.Args, func(name string) string { return env[name] }, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if o.maxInFlight != int(spec.Spec.Concurrency.Limit) || o.poolSize != int(spec.Spec.Dependencies[0].PoolSize) {
		t.Errorf("the service takes %d requests and %d connections", o.maxInFlight, o.poolSize)
	}
	if got := gen.Duration(o.shutdownTimeout); got != *spec.Spec.Shutdown.Timeout {
		t.Errorf("the service leaves within %s", got)
	}
	if ledgerConnections != spec.Spec.Dependencies[0].MaxConnections {
		t.Errorf("the ledger accepts %d connections", ledgerConnections)
	}
	for _, p := range c.Ports {
		want := map[string]string{"http": o.httpAddr, "metrics": o.metricsAddr}[p.Name]
		if _, port, _ := strings.Cut(want, ":"); port == "" || port != strconv.Itoa(int(p.ContainerPort)) {
			t.Errorf("port %s is %d, the service listens on %s", p.Name, p.ContainerPort, want)
		}
	}
	s := newService(o, slog.New(slog.DiscardHandler))
	for _, probe := range []*corev1.Probe{c.StartupProbe, c.ReadinessProbe, c.LivenessProbe} {
		if code := get(s.handler(), probe.HTTPGet.Path).Code; code == http.StatusNotFound {
			t.Errorf("a probe asks for %s: %d", probe.HTTPGet.Path, code)
		}
	}
	exposed := get(s.metricsHandler(), scrape.Path).Body.String()
	m := spec.Spec.Monitoring
	for _, name := range []string{m.Requests + "{", m.Requests + `{method="GET",path="/quote",` + m.Status + `="`, m.InFlight + " "} {
		if !strings.Contains(exposed, "\n"+name) {
			t.Errorf("%s is not exposed:\n%s", name, exposed)
		}
	}
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}
