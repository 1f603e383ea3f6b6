package fit

import (
	"strings"
	"testing"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

func TestWhatFollowsFromHowBusyPodsAreIsRecognised(t *testing.T) {
	for name, want := range map[string]string{
		"http_request_duration_seconds_count": "", "http_requests_total": "", "latency_total": "", "container_cpu_usage_seconds_total": "",
		"http_request_latency_p99": "latency", "grpc_server_handling_response_time": "latency", "http_request_duration_seconds": "latency",
		"http_requests_in_flight": "requests in flight", "envoy_http_downstream_rq_active_requests": "requests in flight",
		"worker_utilization": "utilisation", "pool_saturation": "utilisation", "duration_seconds_sum": "latency",
	} {
		if got := Response(model.Metric{"__name__": model.LabelValue(name), "pod": "web-1"}); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := Response(model.Metric{"__name__": "rpc_seconds", "quantile": "0.99"}); got != "latency" {
		t.Errorf("a summary's quantile is %q", got)
	}
	if got := Response(model.Metric{"__name__": "rpc_seconds_bucket", "le": "0.5"}); !strings.HasPrefix(got, "a histogram's buckets") {
		t.Errorf("buckets are %q", got)
	}
}

func TestAResponseIsNotReplayedAsLoad(t *testing.T) {
	s := series.Series{Labels: model.Metric{"__name__": "rpc_seconds", "quantile": "0.99", "pod": "web-1"}, Times: []int64{0, 15_000, 30_000}, Values: []float64{1, 2, 3}}
	rec := &series.Recording{Series: []series.Series{s}}
	want := Want{Demand: sim.Demand{Name: "rpc_seconds"}}
	const refused = `demand for rpc_seconds: rpc_seconds is latency: it follows from how busy the pods were, so other pods would have changed it; scale on the load behind it, such as requests per second, with what a pod can do of it as capacity; --open-loop replays it as recorded, whatever the pods do`
	if _, err := FromRecording(rec, []Want{want}, Options{}); err == nil || err.Error() != refused {
		t.Errorf("error %v", err)
	}
	want.AsIs = true
	if _, err := FromRecording(rec, []Want{want}, Options{}); err != nil {
		t.Error(err)
	}
	want = Want{Demand: sim.Demand{Name: "p99"}, Expr: "max by (quantile) (rpc_seconds)", Total: rec.Series}
	if _, err := FromRecording(rec, []Want{want}, Options{}); err == nil || !strings.Contains(err.Error(), "max by (quantile) (rpc_seconds) is latency") {
		t.Errorf("error %v", err)
	}
}
