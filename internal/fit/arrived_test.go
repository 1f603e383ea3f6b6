package fit

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/elasticctl/elasticctl/internal/series"
)

// rising is a counter that gains so much per second, every 15 s.
func rising(sel string, start, samples int64, perSecond float64) series.Series {
	var v []float64
	for i := range samples {
		v = append(v, 15*perSecond*float64(i))
	}
	return every(sel, start, v...)
}

// withIdle is a demand for cpu whose idle use is known.
func withIdle(cores float64) Want {
	w := cpu()
	w.Idle = &cores
	return w
}

func loadOf(t *testing.T, w Want, set ...series.Series) *Demand {
	t.Helper()
	load, err := FromRecording(recording(set...), []Want{w}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &load.Demands[0]
}

func TestPodsThatWereNotReadyCarriedNoLoad(t *testing.T) {
	d := loadOf(
		t, withIdle(0.02),
		rising(`process_cpu_seconds_total{pod="a"}`, 600, 13, 0.1), rising(`process_cpu_seconds_total{pod="b"}`, 645, 10, 0.2),
		every(`kube_pod_created{pod="b"}`, 645, 645, 645), every(`kube_pod_status_ready{pod="b",condition="true"}`, 645, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1),
	)
	// From its birth at 645 s b is not Ready until it is last seen so, at 690 s; for
	// 30 s more it carries what a does, then all that it uses.
	want := []int64{80, 80, 80, 80, 80, 80, 160, 160, 260, 260, 260, 260}
	if diff := cmp.Diff(want, steps(d)); diff != "" {
		t.Error(diff)
	}
	// Not Ready for 45 s at 0.2, then for 30 s 0.1 more than a, besides idle.
	if got, want := d.Model.StartUp, 45*0.18+30*0.1; math.Abs(got-want) > 1e-9 {
		t.Errorf("start-up %v, want %v", got, want)
	}
}

func TestASilentPodIsIdleToo(t *testing.T) {
	d := loadOf(
		t, withIdle(0.02),
		rising(`process_cpu_seconds_total{pod="a"}`, 600, 81, 0.1), quietFor(rising(`process_cpu_seconds_total{pod="b"}`, 600, 81, 0.1), 900, 1500),
	)
	for k, v := range steps(d) {
		if v != 160 {
			t.Fatalf("step %d: %d", k, v)
		}
	}
}

func TestIdleUseOfAStepOnlyPartlyKnown(t *testing.T) {
	s := rising(`process_cpu_seconds_total{pod="a"}`, 600, 3, 0.1)
	late := rising(`process_cpu_seconds_total{pod="a"}`, 1237, 3, 0.1)
	s.Times, s.Values = append(s.Times, late.Times...), append(s.Values, 50, 51.5, 53)
	d := loadOf(t, withIdle(0.02), s)
	for k, v := range steps(d) {
		if v != none && v != 80 {
			t.Errorf("step %d: %d", k, v)
		}
	}
}

func TestAMetricThatCountsWhatIsShedShowsWhatArrives(t *testing.T) {
	w := web()
	w.limit, w.shed = 0.2, true
	w.load = func(k int) float64 { return 120 + 100*math.Sin(float64(k)/40) }
	rec := w.recording()
	for i := range rec.Series {
		if s := &rec.Series[i]; s.Labels["__name__"] == "http_requests_total" {
			for _, o := range rec.Series {
				if o.Labels["__name__"] == "http_requests_shed_total" && o.Labels["pod"] == s.Labels["pod"] {
					for j := range s.Values {
						s.Values[j] += o.Values[j]
					}
				}
			}
		}
	}
	limited := cpu()
	limited.Limit = w.limit
	for _, tc := range []struct {
		name   string
		rec    *series.Recording
		counts bool
	}{{"among its own", rec, true}, {"beside it", w.recording(), false}} {
		m, d := learned(t, tc.rec, limited)
		if m.CountsShed != tc.counts || !m.Rebuilt {
			t.Errorf("%s: %+v", tc.name, m)
		}
		near(t, tc.name+": load at the peak", float64(d.Values[63]), 1000*w.cost(63)*w.load(63), 0.1)
	}
}

func TestThrottledPodsHaveNoRoom(t *testing.T) {
	set := []series.Series{
		rising(`container_cpu_usage_seconds_total{pod="a",container="app"}`, 600, 9, 0.05),
		rising(`container_cpu_cfs_periods_total{pod="a",container="app"}`, 600, 9, 10),
	}
	for share, want := range map[float64]time.Duration{0.5: 0, 0.95: 2 * time.Minute} {
		stopped := rising(`container_cpu_cfs_throttled_periods_total{pod="a",container="app"}`, 600, 9, 10*share)
		if m := loadOf(t, cpu(), append(set, stopped)...).Model; m.Understated != want {
			t.Errorf("stopped in %v of its periods: %+v", share, m)
		}
	}
}
