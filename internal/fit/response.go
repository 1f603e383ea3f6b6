package fit

import (
	"strings"

	"github.com/prometheus/common/model"
)

// What a Response may be, among others.
const (
	KindLatency  = "latency"
	KindInFlight = "requests in flight"
)

// Response says what of a series is not load but follows from how busy the pods
// were, so that other pods would have changed it: "latency", "requests in flight"
// or "utilisation"; "" where nothing in its labels says so.
func Response(labels model.Metric) string {
	name := strings.ToLower(string(labels[model.MetricNameLabel]))
	if labels["quantile"] != "" {
		return KindLatency // of a summary
	}
	if labels["le"] != "" {
		return "a histogram's buckets, which count each request several times"
	}
	for _, counted := range []string{"_count", "_total"} {
		if strings.HasSuffix(name, counted) {
			return ""
		}
	}
	for _, kind := range []struct {
		is    string
		words []string
	}{
		{KindInFlight, []string{"in_flight", "inflight", "in_progress", "active_requests", "concurrent_requests", "concurrency"}},
		{KindLatency, []string{"latency", "duration", "response_time"}},
		{"utilisation", []string{"utilization", "utilisation", "saturation"}},
	} {
		for _, w := range kind.words {
			if strings.Contains(name, w) {
				return kind.is
			}
		}
	}
	return ""
}

// answers refuses series that follow from how busy the pods were.
func (d *Demand) answers(w Want) error {
	if w.AsIs {
		return nil
	}
	for i := range d.used {
		if kind := Response(d.used[i].Labels); kind != "" {
			return &Error{Metric: d.Name, Text: d.From + " is " + kind + ": it follows from how busy the pods were, so other pods would have changed it", Hint: InsteadOf(kind)}
		}
	}
	return nil
}

// InsteadOf says what to replay instead of a Response that is not computed.
func InsteadOf(kind string) string {
	hint := "scale on the load behind it, such as requests per second, with what a pod can do of it as capacity"
	if kind == KindInFlight {
		hint += "; where latency stays as it is they are load themselves: --role NAME=load"
	}
	return hint + "; --open-loop replays it as recorded, whatever the pods do"
}
