package query

import (
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/internal/series"
)

func TestUsualFormsOfAnswersAreRead(t *testing.T) {
	db := Open([]series.Series{}, 0)
	for expr, want := range map[string]Answer{
		"http_requests_in_flight": {Kind: AnswerGauge, Metric: "http_requests_in_flight", PerPod: true, Factor: 1},
		`sum(x{job="web"})`:       {Kind: AnswerGauge, Metric: "x", PerPod: true, Op: "sum", Factor: 1},
		"quantile(0.9, x) / 2":    {Kind: AnswerGauge, Metric: "x", PerPod: true, Op: "quantile", OpRank: 0.9, Factor: 0.5},
		"histogram_quantile(0.99, rate(d_bucket[5m]))": {
			Kind: AnswerQuantile, Rank: 0.99, Metric: "d", PerPod: true, Factor: 1, Window: 5 * time.Minute,
		},
		"1000 * histogram_quantile(0.5, (sum by (le) (increase(d_bucket[1m]))))": {
			Kind: AnswerQuantile, Rank: 0.5, Metric: "d", Factor: 1000, Window: time.Minute,
		},
		"max(histogram_quantile(0.95, sum by (le, pod) (rate(d_bucket[1m]))))": {
			Kind: AnswerQuantile, Rank: 0.95, Metric: "d", PerPod: true, Op: "max", Factor: 1, Window: time.Minute,
		},
		"histogram_quantile(0.95, sum without (pod) (rate(d_bucket[1m])))": {
			Kind: AnswerQuantile, Rank: 0.95, Metric: "d", Factor: 1, Window: time.Minute,
		},
		"sum(rate(d_sum[2m])) / sum(rate(d_count[2m]))": {Kind: AnswerMean, Metric: "d", Factor: 1, Window: 2 * time.Minute},
		"rate(d_sum[2m]) / rate(d_count[2m])":           {Kind: AnswerMean, Metric: "d", PerPod: true, Factor: 1, Window: 2 * time.Minute},
	} {
		got, ok := db.Answer(expr)
		got.Labels = nil
		if !ok || got.Kind != want.Kind || got.Rank != want.Rank || got.Metric != want.Metric || got.Factor != want.Factor ||
			got.Op != want.Op || got.OpRank != want.OpRank || got.PerPod != want.PerPod || got.Window != want.Window {
			t.Errorf("%s: %v %+v, want %+v", expr, ok, got, want)
		}
	}
}

func TestOtherFormsAreNoAnswers(t *testing.T) {
	db := Open([]series.Series{}, 0)
	for _, expr := range []string{
		"(", "1", "x + 1", "-x", "x * -1", "rate(x[1m])", "max(sum(x))", "topk(3, x)", "quantile(scalar(x), x)", "max by (zone) (x)", `{job="web"}`,
		"histogram_quantile(0.9, x)", "histogram_quantile(0.9, rate(x[1m]))", "histogram_quantile(0.9, sum(rate(d_bucket[1m])))", "histogram_quantile(0.9, max by (le) (rate(d_bucket[1m])))",
		"histogram_quantile(2, rate(d_bucket[1m]))", "histogram_quantile(0.9, sum without (le) (rate(d_bucket[1m])))", "histogram_quantile(0.9, rate(d_bucket[5m:1m]))",
		"max(histogram_quantile(0.9, sum by (le) (rate(d_bucket[1m]))))", "max(rate(d_sum[1m]) / sum(rate(d_count[1m])))", "rate(d_sum[1m]) / rate(e_count[1m])", "rate(d_sum[1m]) * rate(d_count[1m])",
	} {
		if a, ok := db.Answer(expr); ok {
			t.Errorf("%s is %+v", expr, a)
		}
	}
}
