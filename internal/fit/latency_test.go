package fit

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// TestLatencyOfTheCommittedRecordingIsCalibrated holds docs/latency.md to its
// figures.
func TestLatencyOfTheCommittedRecordingIsCalibrated(t *testing.T) {
	m := checkoutModel(t, checkout(t))
	l := m.Latency
	if l.Why != "" || l.From != "http_request_duration_seconds_bucket" {
		t.Fatalf("%q by %q", l.Why, l.From)
	}
	if l.Model.Servers != 16 || l.Model.From != 200 || l.Model.To != 900 {
		t.Errorf("%v servers, from %d to %d", l.Model.Servers, l.Model.From, l.Model.To)
	}
	near(t, "variability", l.Variability, 0.52, 0.02)
	near(t, "requests per second at capacity", l.Rate, m.Capacity.Value, 0.02)
	near(t, "median of the service", quantileOf(boundsOf(l), countsOf(l), 0.5), 0.0035, 0.02)
	for _, one := range []struct {
		name  string
		got   Misfit
		error float64
		worst float64
	}{{"fit", l.Fit, 0.105, 1.7}, {"held out", l.HeldOut, 0.165, 1.8}} {
		if one.got.Quantiles != 21 || one.got.Error > one.error || one.got.Worst > one.worst {
			t.Errorf("%s: %+v", one.name, one.got)
		}
	}
	if v := m.Imbalance; v.Stretches != 9 || v.Ratio < 1 || v.Ratio > 1.02 {
		t.Errorf("imbalance %+v", v)
	}
}

func boundsOf(l *Latency) (bounds []float64) {
	for _, b := range l.Model.Service {
		bounds = append(bounds, b.Upper.Seconds())
	}
	return bounds
}

func countsOf(l *Latency) (counts []float64) {
	for _, b := range l.Model.Service {
		counts = append(counts, float64(b.Count))
	}
	return append(counts, float64(l.Model.Over))
}

// truth is how long requests of a made-up shop take.
func truth() sim.LatencyModel {
	return sim.LatencyModel{
		Service: []sim.Bucket{{Upper: 5 * time.Millisecond, Count: 60}, {Upper: 10 * time.Millisecond, Count: 30}, {Upper: 25 * time.Millisecond, Count: 10}},
		Servers: 4, Drain: 30 * time.Millisecond,
	}
}

// withBuckets adds latency buckets to a shop's recording: by how busy each pod was
// in each step, of what it counted in it.
func (w *shop) withBuckets(rec *series.Recording, share func(at time.Duration, utilization float64) float64) *series.Recording {
	out := &series.Recording{Series: rec.Series}
	for _, s := range rec.Series {
		if s.Labels["__name__"] != "http_requests_total" {
			continue
		}
		bounds := []float64{0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, math.Inf(1)}
		for _, bound := range bounds {
			labels := s.Labels.Clone()
			labels["__name__"] = "http_request_duration_seconds_bucket"
			labels["le"] = model.LabelValue(strconv.FormatFloat(bound, 'g', -1, 64))
			b := series.Series{Labels: labels, Times: s.Times, Values: []float64{0}}
			for k := 1; k < len(s.Values); k++ {
				requests := s.Values[k] - s.Values[k-1]
				n := requests
				if !math.IsInf(bound, 1) {
					utilization := requests / 15 * w.cost(k) / (w.limit - w.idle)
					n *= 1 - share(duration(bound), min(0.99, utilization))
				}
				b.Values = append(b.Values, b.Values[k-1]+n)
			}
			out.Series = append(out.Series, b)
		}
	}
	return out
}

// busyWeb is a shop whose pods are 10 to 90 % busy.
func busyWeb() shop {
	w := web()
	w.limit = 0.3
	return w
}

func TestLatencyThatFollowsTheModelIsFound(t *testing.T) {
	w, want := busyWeb(), truth()
	m, _ := learned(t, w.withBuckets(w.recording(), want.Exceeds), limited())
	l := m.Latency
	if l.Why != "" {
		t.Fatalf("%s: %+v, %+v, %+v", l.Why, l.Fit, l.HeldOut, l)
	}
	if l.Fit.Error > 0.02 || l.HeldOut.Error > 0.03 {
		t.Errorf("fit %+v, held out %+v", l.Fit, l.HeldOut)
	}
	for _, utilization := range []float64{0.3, 0.6, 0.8} {
		for _, at := range []time.Duration{10 * time.Millisecond, 50 * time.Millisecond, 200 * time.Millisecond} {
			got, is := l.Model.Exceeds(at, utilization), want.Exceeds(at, utilization)
			if math.Abs(got-is) > 0.02 {
				t.Errorf("at %v busy %.3f take longer than %v, in truth %.3f", utilization, got, at, is)
			}
		}
	}
}

// limited is a cpu want of a container with the limit of busyWeb.
func limited() Want {
	want := cpu()
	want.Limit = 0.3
	return want
}

func TestLatencyThatTheModelCannotTellIsNotCalibrated(t *testing.T) {
	busy, calm, model := busyWeb(), busyWeb(), truth()
	calm.load = func(int) float64 { return 200 }
	calm.pods = func(int) int { return 4 }
	calm.idle = 0
	for name, tt := range map[string]struct {
		shop  shop
		share func(time.Duration, float64) float64
		want  string
	}{
		"no buckets": {busy, nil, "no latency buckets of these pods are recorded"},
		"latency that falls with use": {
			busy, func(at time.Duration, utilization float64) float64 { return model.Exceeds(at, 0.95*(1-utilization)) },
			"the model does not fit the recorded p50, p95 and p99 well enough",
		},
	} {
		t.Run(name, func(t *testing.T) {
			rec := tt.shop.recording()
			if tt.share != nil {
				rec = tt.shop.withBuckets(rec, tt.share)
			}
			m, _ := learned(t, rec, limited())
			if m.Latency.Why != tt.want {
				t.Errorf("%q, want %q", m.Latency.Why, tt.want)
			}
		})
	}
	want := limited()
	idle := 0.0
	want.Idle = &idle
	m, _ := learned(t, calm.withBuckets(calm.recording(), model.Exceeds), want)
	if why := m.Latency.Why; !strings.HasPrefix(why, "pods were always about as busy") {
		t.Errorf("%q", why)
	}
	if l := m.Latency; l.Model.Service != nil {
		t.Errorf("a model all the same: %+v", l.Model)
	}
}

// TestNearerToCapacityThanItHoldsTheModelIsNotUsed: above 70 % everything takes 2 s.
func TestNearerToCapacityThanItHoldsTheModelIsNotUsed(t *testing.T) {
	w, want := busyWeb(), truth()
	rec := w.withBuckets(w.recording(), func(at time.Duration, utilization float64) float64 {
		if utilization > 0.7 && at < 2*time.Second {
			return 1
		}
		return want.Exceeds(at, utilization)
	})
	m, _ := learned(t, rec, limited())
	if l := m.Latency; l.Why != "" || l.Model.To < 600 || l.Model.To > 700 {
		t.Errorf("%q, holds to %d", l.Why, l.Model.To)
	}
}

// TestCapacityIsWhereLatencyBends: without a limit, at 45 requests per second the
// median leaps.
func TestCapacityIsWhereLatencyBends(t *testing.T) {
	w := busyWeb()
	w.limit = 0
	plain := w.recording()
	w.limit = 0.2 + w.idle // utilization is load × 0.004 ÷ 0.2
	rec := w.withBuckets(plain, func(at time.Duration, utilization float64) float64 {
		m := truth()
		if utilization > 45*0.004/0.2 {
			return m.Exceeds(at-100*time.Millisecond, 0)
		}
		return m.Exceeds(at, 0)
	})
	m, _ := learned(t, rec, cpu())
	if m.Bend.Throughput < 38 || m.Bend.Throughput > 45 || m.Capacity.Value != m.Bend.Throughput {
		t.Errorf("bend %+v, capacity %+v", m.Bend, m.Capacity)
	}
	straight := w.withBuckets(plain, func(at time.Duration, _ float64) float64 { m := truth(); return m.Exceeds(at, 0) })
	m, _ = learned(t, straight, cpu())
	if m.Bend.Throughput != 0 || !strings.Contains(m.Latency.Why, "latency never bends") {
		t.Errorf("bend %+v, %q", m.Bend, m.Latency.Why)
	}
}

// TestUnequalPodsAreSeen: of four pods one gets half as much again as each other.
func TestUnequalPodsAreSeen(t *testing.T) {
	rec := &series.Recording{}
	for p := range 4 {
		part := 1.0
		if p == 2 {
			part = 1.5
		}
		name := func(metric string) model.Metric {
			return model.Metric{"__name__": model.LabelValue(metric), "pod": model.LabelValue(fmt.Sprintf("web-1-%05d", p)), "container": "app"}
		}
		cpu, requests := series.Series{Labels: name("container_cpu_usage_seconds_total")}, series.Series{Labels: name("http_requests_total")}
		used, served := 0.0, 0.0
		for k := range 241 {
			t := int64(shopStart+15*k) * 1000
			cpu.Times, requests.Times = append(cpu.Times, t), append(requests.Times, t)
			cpu.Values, requests.Values = append(cpu.Values, used), append(requests.Values, served)
			x := part * (30 + 20*math.Sin(float64(k)/10))
			used, served = used+15*(0.02+0.004*x), served+15*x
		}
		rec.Series = append(rec.Series, cpu, requests)
	}
	m, _ := learned(t, rec, cpu())
	if m.Imbalance.Stretches != 1 {
		t.Fatalf("%+v", m.Imbalance)
	}
	near(t, "imbalance", m.Imbalance.Ratio, 1.5*4/4.5, 0.02)
}
