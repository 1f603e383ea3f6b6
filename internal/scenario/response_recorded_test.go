package scenario

import (
	"math"
	"slices"
	"testing"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// perPodAt adds up the values at each second, by pod, of the series of a name but
// for those that answer 429 and 503.
func perPodAt(rec *series.Recording, name string) map[string]map[int64]float64 {
	out := map[string]map[int64]float64{}
	for _, s := range rec.Series {
		if string(s.Labels[model.MetricNameLabel]) != name || s.Labels["code"] == "429" || s.Labels["code"] == "503" {
			continue
		}
		pod := string(s.Labels["pod"])
		if out[pod] == nil {
			out[pod] = map[int64]float64{}
		}
		for i, at := range s.Times {
			out[pod][at/1000] += s.Values[i]
		}
	}
	return out
}

// TestRequestsInFlightAreThoseRecorded: in windows of 30 s of single pods, of those
// that are 20 to 90 % busy, requests × the time that they took is what the model
// computes from the cpu that they used, in the median to a quarter.
func TestRequestsInFlightAreThoseRecorded(t *testing.T) {
	const recording = "../../testdata/recordings/checkout"
	r := load(t, Request{
		Files: []string{"../../testdata/simulate/in-flight.yaml"},
	})
	w := &r.World
	at := slices.IndexFunc(w.Demand, func(d sim.Demand) bool { return d.Role == sim.RoleResponse })
	cpu := &w.Demand[w.Latency.Demand]
	rec, err := series.Read(recording)
	if err != nil {
		t.Fatal(err)
	}
	used, took := perPodAt(rec, "container_cpu_usage_seconds_total"), perPodAt(rec, "http_request_duration_seconds_sum")
	type mean struct{ busy, flight, n float64 }
	levels := make([]mean, 10)
	for pod, use := range used {
		for from, before := range use {
			after, ok := use[from+30]
			sum, ok2 := took[pod][from]
			then, ok3 := took[pod][from+30]
			busy := ((after-before)*1000/30 - float64(cpu.Idle)) / float64(cpu.Capacity)
			if !ok || !ok2 || !ok3 || from%30 != 0 || busy < 0.2 || busy >= 0.9 {
				continue
			}
			m := &levels[int(busy*10)]
			m.busy, m.flight, m.n = m.busy+busy, m.flight+(then-sum)/30, m.n+1
		}
	}
	var off []float64
	for _, m := range levels {
		if m.n < 5 {
			continue
		}
		computed := float64(w.Responds(&w.Demand[at], int64(1000*m.busy/m.n))) / 1000
		t.Logf("%.2f busy: %.3f in flight, computed %.3f, of %.0f windows", m.busy/m.n, m.flight/m.n, computed, m.n)
		off = append(off, math.Abs(computed/(m.flight/m.n)-1))
	}
	slices.Sort(off)
	if len(off) < 6 || off[len(off)/2] > 0.25 || off[len(off)-1] > 1 {
		t.Errorf("off by %.2f", off)
	}
}
