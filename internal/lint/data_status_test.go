package lint_test

import (
	"strings"
	"testing"
)

func TestOnlyOneStatusOfManyRequestsIsStrange(t *testing.T) {
	shop := strings.Replace(recordedScale(""), `image: "x:1",`, `image: "x:1", ports: [{name: http, containerPort: 8080}],`, 1) + "\n---\napiVersion: monitoring.coreos.com/v1\nkind: PodMonitor\nmetadata: {name: web, namespace: shop}\n" +
		"spec: {selector: {matchLabels: {app: web}}, podMetricsEndpoints: [{port: http}]}\n"
	of := func(name, labels string, step float64) column {
		return column{name + `{` + labels + podOne + `}`, 60, wave(90, rising(step))}
	}
	for _, tc := range []struct {
		name    string
		columns []column
		want    string
	}{
		{"one", []column{of("http_requests_total", `code="200",`, 200)}, `all 17800 requests that http_requests_total counted of web have code="200"`},
		{"two", []column{of("http_requests_total", `code="200",`, 200), of("http_requests_total", `code="500",`, 1)}, ""},
		{"too few requests to tell", []column{of("http_requests_total", `code="200",`, 100)}, ""},
		{"no status", []column{of("http_requests_total", `path="/",`, 200)}, ""},
		{"some without", []column{of("http_requests_total", `code="200",`, 200), of("http_requests_total", ``, 200)}, ""},
		{"of gRPC", []column{of("grpc_server_handled_total", `code="OK",`, 200)}, ""},
		{"no counter", []column{of("temperature", `code="200",`, 200)}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			said, unchecked := saidOf(t, "data-status-constant", shop, record(t, tc.columns...))
			if got := strings.Join(said, "; "); got != tc.want {
				t.Errorf("said %q, want %q; unchecked: %q", got, tc.want, unchecked)
			}
		})
	}
}
