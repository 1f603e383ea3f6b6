package sim_test

import (
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// responding is a world of two pods. Each serves 100 requests per second, one at a
// time, each in 0 to 100 ms, any time alike; so it waits with the probability ρ,
// and then 10 ms ÷ (1 − ρ) on average. This is known up to ρ = 0.9. What they serve
// in 2 s may wait.
func responding(of sim.Response, source hpa.Source, values ...int64) *sim.World {
	w := still(2)
	w.Duration = time.Duration(len(values)) * 15 * time.Second
	d := &w.Demand[0]
	d.Scale, d.Values, d.Capacity, d.Wait = 1000, values, 100, 2*time.Second
	w.Latency = &sim.Latency{
		Request: time.Second,
		Model: &sim.LatencyModel{
			Service: []sim.Bucket{{Upper: 100 * time.Millisecond, Count: 1}}, Servers: 1, Drain: 10 * time.Millisecond, To: 900,
		},
	}
	w.Demand = append(w.Demand, sim.Demand{Source: source, Name: "busy", Scale: 1, Role: sim.RoleResponse, Response: of})
	w.Autoscaler.Metrics = []hpa.Metric{{Source: source, Name: "busy", Target: hpa.TargetAverageValue, Goal: 1}}
	return w
}

// seenBySyncs are the values that syncs read: of a Pods metric, of all pods
// together.
func seenBySyncs(t *testing.T, w *sim.World) (all []int64) {
	t.Helper()
	if err := w.Validate(); err != nil {
		t.Fatal(err)
	}
	w.Run(func(tick *sim.Tick) bool {
		r := &tick.Observation.Readings[0]
		all = append(all, r.Values...)
		sum := int64(0)
		for _, s := range r.Samples {
			sum += s.Sum
		}
		if len(r.Samples) > 0 {
			all = append(all, sum)
		}
		return true
	})
	return all
}

// loadOfTenTicks is what arrives per second: two pods are idle, busy for a tenth,
// half, 0.8 and 0.9 of their time; then busier than is known, then 240 arrive and
// 200 are served: after 10 s 400 wait, the rest is shed. Then that is worked off.
func loadOfTenTicks() []int64 { return []int64{0, 20, 100, 160, 180, 190, 240, 240, 160, 100} }

// TestRequestsInFlightAreRateTimesTime is Little's law by hand.
func TestRequestsInFlightAreRateTimesTime(t *testing.T) {
	want := []int64{
		0,
		1022,    // 20/s × (50 ms + 0.1 × 10 ms ÷ 0.9)
		6000,    // 100/s × (50 ms + 0.5 × 20 ms)
		14_400,  // 160/s × (50 ms + 0.8 × 50 ms)
		25_200,  // 180/s × (50 ms + 0.9 × 100 ms)
		26_600,  // 190/s × 140 ms: at least what it takes at 0.9
		28_000,  // 200/s × 140 ms: nothing waits yet
		410_000, // 200/s × (400 ÷ 200/s + 50 ms)
		410_000, // these 400 still wait
		6000,
	}
	inFlight := sim.Response{Kind: sim.ResponseInFlight}
	for _, source := range []hpa.Source{hpa.SourcePods, hpa.SourceObject, hpa.SourceExternal} {
		if got := seenBySyncs(t, responding(inFlight, source, loadOfTenTicks()...)); !slices.Equal(got, want) {
			t.Errorf("%v: %v, want %v", source, got, want)
		}
	}
	// A pod that admits ten has so many when it sheds, and never more.
	limited := responding(inFlight, hpa.SourcePods, loadOfTenTicks()...)
	limited.Demand[1].Capacity = 10_000
	for i, v := range want {
		want[i] = min(v, 20_000)
	}
	if got := seenBySyncs(t, limited); !slices.Equal(got, want) {
		t.Errorf("at most ten a pod: %v, want %v", got, want)
	}
	limited.Demand[0].Wait, limited.Demand[1].Capacity = 0, 40_000
	if got := seenBySyncs(t, limited); got[6] != 80_000 || got[5] != 26_600 {
		t.Errorf("pods that shed have %d in flight, want the 40 that each admits; before that %d", got[6], got[5])
	}
}

// TestLatencyIsThatOfTheInstant by hand, in milliseconds, which the controller
// gets in thousandths.
func TestLatencyIsThatOfTheInstant(t *testing.T) {
	mean := sim.Response{Kind: sim.ResponseMean, Unit: time.Millisecond}
	want := []int64{0, 51_111, 60_000, 90_000, 140_000, 140_000, 140_000, 2_050_000, 2_050_000, 60_000}
	if got := seenBySyncs(t, responding(mean, hpa.SourceExternal, loadOfTenTicks()...)); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	mean.Unit = time.Second
	if got := seenBySyncs(t, responding(mean, hpa.SourceExternal, loadOfTenTicks()...)); got[1] != 51 || got[7] != 2050 {
		t.Errorf("in seconds %d and %d, want 0.051 and 2.05", got[1], got[7])
	}
	// Of four pods half do not wait at all, and half of their requests take 50 ms.
	half := sim.Response{Kind: sim.ResponseQuantile, Quantile: 500_000, Unit: time.Millisecond}
	idle := responding(half, hpa.SourceExternal, 1)
	if got := seenBySyncs(t, idle); got[0] < 50_000 || got[0] > 50_500 {
		t.Errorf("the median of idle pods is %d µs, want 50 ms", got[0])
	}
}

// TestAQuantileIsTheInverseOfWhatExceedsIt to the microsecond.
func TestAQuantileIsTheInverseOfWhatExceedsIt(t *testing.T) {
	m := sim.LatencyModel{Service: exponentialService(), Servers: 1, Drain: 20 * time.Millisecond, To: 1000}
	for _, utilization := range []float64{0, 0.3, 0.8, 0.95} {
		for _, share := range []float64{0.5, 0.95, 0.99} {
			v := m.Within(share, utilization)
			if m.Exceeds(v, utilization) > 1-share || m.Exceeds(v-2*time.Microsecond, utilization) <= 1-share {
				t.Errorf("at %v %v of the requests take at most %v", utilization, share, v)
			}
			// The sojourn time of M/M/1 is exponential.
			if want := -math.Log(1-share) / (50 * (1 - utilization)); math.Abs(v.Seconds()-want) > 0.01*want {
				t.Errorf("at %v the quantile %v is %v, want %.4f s", utilization, share, v, want)
			}
		}
		if got, want := m.Mean(utilization).Seconds(), 0.02/(1-utilization); math.Abs(got-want) > 0.001*want {
			t.Errorf("at %v a request takes %v s on average, want %v", utilization, got, want)
		}
	}
	m.Over = 1e9
	if got := m.Within(0.99, 0); got != 400*time.Millisecond {
		t.Errorf("%v, want the bound of the last bucket, where half take longer", got)
	}
}

// TestAnAutoscalerOnLatencyClosesTheLoop: 480 per second keep five pods busy for
// 0.96 of their time, where a request takes 140 ms at least. To take 100 ms, seven
// come (71.8 ms); one goes after the stabilization, and six take 90 ms, which is
// within the tolerance.
func TestAnAutoscalerOnLatencyClosesTheLoop(t *testing.T) {
	w := responding(sim.Response{Kind: sim.ResponseMean, Unit: time.Millisecond}, hpa.SourceExternal, 480)
	c := hpa.DefaultController()
	w.Duration, w.Pods.Initial = 20*time.Minute, 5
	w.Autoscaler = hpa.Spec{
		Reference: "Deployment/default/web", Min: 1, Max: 20, Controller: c, ToleranceUp: c.Tolerance, ToleranceDown: c.Tolerance,
		Metrics: []hpa.Metric{{Source: hpa.SourceExternal, Name: "busy", Target: hpa.TargetValue, Goal: 100_000}},
	}
	var course []int32
	w.Run(func(tick *sim.Tick) bool {
		if n := len(course); n == 0 || course[n-1] != tick.SpecReplicas {
			course = append(course, tick.SpecReplicas)
		}
		return true
	})
	if !slices.Equal(course, []int32{5, 7, 6}) {
		t.Errorf("replicas %v, want 5, 7 and 6", course)
	}
}

// TestAPreparedResponseIsTheSame: what a request takes is asked for once.
func TestAPreparedResponseIsTheSame(t *testing.T) {
	for _, of := range []sim.Response{{Kind: sim.ResponseInFlight}, {Kind: sim.ResponseQuantile, Quantile: 990_000, Unit: time.Second}} {
		w := responding(of, hpa.SourcePods, loadOfTenTicks()...)
		c := hpa.DefaultController()
		w.Autoscaler.Min, w.Autoscaler.Max, w.Autoscaler.Controller = 1, 50, c
		prepared := w.Prepare()
		other := *w
		other.Autoscaler.Metrics = []hpa.Metric{w.Autoscaler.Metrics[0]}
		other.Autoscaler.Metrics[0].Goal = 200
		for _, one := range []*sim.World{w, &other} {
			if got, want := prepared.Run(one), one.Run(nil); !reflect.DeepEqual(got, want) {
				t.Errorf("%+v: prepared %+v, want %+v", of, got, want)
			}
		}
	}
}

// TestPodsWithoutRequestsAnswerForThemselves: one of two pods is not Ready for half a
// minute; the other serves all.
func TestPodsWithoutRequestsAnswerForThemselves(t *testing.T) {
	w := responding(sim.Response{Kind: sim.ResponseInFlight}, hpa.SourcePods, 50)
	w.Duration = 30 * time.Second
	w.Demand[1].NotReady = 7
	w.Faults = []sim.Fault{{Kind: sim.FaultPodsNotReady, Ranks: []int{1}}}
	// 50/s × (50 ms + 0.5 × 20 ms)
	if got := seenBySyncs(t, w); got[0] != 3007 {
		t.Errorf("%d, want 3000 and 7", got[0])
	}
	w.Demand[1].NotReadyNone = true
	if got := seenBySyncs(t, w); got[0] != 3000 {
		t.Errorf("%d, want 3000", got[0])
	}
	w.Demand[1].Source, w.Autoscaler.Metrics[0].Source = hpa.SourceExternal, hpa.SourceExternal
	w.Faults[0].Ranks = []int{0, 1}
	if got := seenBySyncs(t, w); len(got) != 0 {
		t.Errorf("%v of no pods, want nothing", got)
	}
}

// TestPrometheusScrapesRequestsInFlight: what it knows is that of the last scrape.
func TestPrometheusScrapesRequestsInFlight(t *testing.T) {
	w := responding(sim.Response{Kind: sim.ResponseInFlight}, hpa.SourcePods, 100, 160, 100)
	w.Pipeline = sim.Pipeline{Kind: sim.PipelinePrometheus, Window: 2 * time.Minute, Interval: 30 * time.Second, Resolution: 15 * time.Second}
	if got := seenBySyncs(t, w); !slices.Equal(got, []int64{6000, 6000, 6000}) {
		t.Errorf("%v, want what was scraped at 0 and 30 s", got)
	}
	w.Demand[1].Response = sim.Response{Kind: sim.ResponseMean, Unit: time.Second}
	if err := w.Validate(); err == nil || err.Error() != "demand 1: Prometheus tells a latency of a whole window, which is not modelled" {
		t.Errorf("got %v", err)
	}
}

func TestWhatDoesNotGoWithAResponseIsRefused(t *testing.T) {
	for want, spoil := range map[string]func(w *sim.World, d *sim.Demand){
		"demand 1: a response has no values: it is computed":                                   func(_ *sim.World, d *sim.Demand) { d.Values = []int64{1} },
		"demand 1: a resource is used, it is no response":                                      func(_ *sim.World, d *sim.Demand) { d.Source, d.Container = hpa.SourceResource, "app" },
		"demand 1: a response is told in thousandths":                                          func(_ *sim.World, d *sim.Demand) { d.Scale = 1000 },
		"demand 1: a response has no load of its own, so nothing is idle, waits or was a mean": func(_ *sim.World, d *sim.Demand) { d.Idle = 1 },
		"demand 1: there is no such response":                                                  func(_ *sim.World, d *sim.Demand) { d.Response.Kind = 9 },
		"demand 1: a quantile, and nothing else, has a rank between 0 and 1":                   func(_ *sim.World, d *sim.Demand) { d.Response.Quantile = 1 },
		"demand 1: a latency, and nothing else, has a unit of at most an hour":                 func(_ *sim.World, d *sim.Demand) { d.Response.Unit = 1 },
		"demand 1: only requests in flight are admitted up to a capacity": func(_ *sim.World, d *sim.Demand) {
			d.Response, d.Capacity = sim.Response{Kind: sim.ResponseMean, Unit: time.Second}, 1
		},
		"demand 1: it follows from how long requests take, and that is not known":         func(w *sim.World, _ *sim.Demand) { w.Latency.Model = nil },
		"demand 1: what one request is of the load is not known, or longer than 50 years": func(w *sim.World, _ *sim.Demand) { w.Latency.Request = 0 },
		"demand 0: only a response tells of one":                                          func(w *sim.World, _ *sim.Demand) { w.Demand[0].Response.Quantile = 1 },
	} {
		w := responding(sim.Response{Kind: sim.ResponseInFlight}, hpa.SourcePods, 1)
		spoil(w, &w.Demand[1])
		if err := w.Validate(); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestExtremeResponsesStayWithinWhatCanBeTold: no number overflows.
func TestExtremeResponsesStayWithinWhatCanBeTold(t *testing.T) {
	for _, of := range []sim.Response{{Kind: sim.ResponseInFlight}, {Kind: sim.ResponseMean, Unit: 1}, {Kind: sim.ResponseQuantile, Quantile: 999_999, Unit: 1}} {
		w := responding(of, hpa.SourcePods, math.MaxInt64/1000)
		w.Duration = 30 * time.Second
		w.Pods.Initial, w.Latency.Request, w.Latency.Model.To = 1000, 1, 1000
		w.Demand[0].Capacity, w.Demand[0].Wait = math.MaxInt64/1000, 50*365*24*time.Hour
		w.Latency.Model.Drain = 50 * 365 * 24 * time.Hour
		for _, v := range seenBySyncs(t, w) {
			if v < 0 {
				t.Errorf("%+v: %d", of, v)
			}
		}
		w.Demand[0].Capacity = 1
		for _, v := range seenBySyncs(t, w) {
			if v <= 0 {
				t.Errorf("%+v, overloaded: %d", of, v)
			}
		}
	}
}
