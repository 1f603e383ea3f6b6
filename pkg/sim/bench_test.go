package sim_test

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// daily is days of a service between 3 and 50 pods on cpu with behavior set: a
// sine a day with a ripple on it, at a step and a sync of 15 s.
func daily(days int) *sim.World {
	c := hpa.DefaultController()
	w := &sim.World{
		Duration: time.Duration(days) * 24 * time.Hour,
		Autoscaler: hpa.Spec{
			Reference: "Deployment/default/web", Min: 3, Max: 50, Controller: c,
			ToleranceUp: c.Tolerance, ToleranceDown: c.Tolerance,
			Metrics:     []hpa.Metric{cpu()},
			HasBehavior: true,
			Up: hpa.Rules{Policies: []hpa.Policy{
				{Type: hpa.PolicyPods, Value: 4, Period: 15 * time.Second},
				{Type: hpa.PolicyPercent, Value: 100, Period: 15 * time.Second},
			}},
			Down: hpa.Rules{
				Stabilization: 5 * time.Minute,
				Policies:      []hpa.Policy{{Type: hpa.PolicyPercent, Value: 10, Period: time.Minute}},
			},
		},
		Pods: sim.Pods{
			Initial: 3, InitialAge: time.Hour, Ready: 30 * time.Second,
			Containers: []sim.Container{{Name: "app", Requests: []sim.Quantity{{Resource: "cpu", Milli: 500}}}},
		},
		Pipeline: sim.Pipeline{Window: time.Minute},
	}
	const perDay = 24 * 60 * 4
	values := make([]int64, perDay*days)
	for i := range values {
		day, ripple := float64(i)/perDay, float64(i*7919%101)/100
		values[i] = int64(250 * (26.5 - 23.5*math.Cos(2*math.Pi*day)) * (0.95 + 0.1*ripple))
	}
	w.Demand = []sim.Demand{cpuDemand("app", values...)}
	w.Demand[0].Capacity = 400
	return w
}

// month is 30 days in the world that elasticctl assumes where nothing is said:
// metrics-server, a cpu limit, 30 s to Ready, behavior.
func month(days int) *sim.World {
	w := daily(days)
	w.Pipeline = sim.Pipeline{Kind: sim.PipelineResource, Resolution: 15 * time.Second}
	return w
}

// flat is a month without a day's ups and downs: noise alone.
func flat() *sim.World {
	w := month(30)
	values := w.Demand[0].Values
	for i := range values {
		values[i] = int64(5000 + i*7919%501)
	}
	return w
}

// busy is a month in which demand takes another level every ten minutes.
func busy() *sim.World {
	w := month(30)
	values := w.Demand[0].Values
	for i := range values {
		values[i] = values[i] * int64(50+i/40*7919%101) / 100
	}
	return w
}

// BenchmarkRun replays worlds for their scores alone. ns/sync is the whole cost by
// all syncs, those skipped included.
func BenchmarkRun(b *testing.B) {
	b.Run("ideal", func(b *testing.B) { benchmark(b, daily(30)) })
	b.Run("resource", func(b *testing.B) { benchmark(b, month(30)) })
	for _, days := range []int{90, 365} {
		b.Run("resource/days="+strconv.Itoa(days), func(b *testing.B) { benchmark(b, month(days)) })
	}
	b.Run("resource/flat", func(b *testing.B) { benchmark(b, flat()) })
	b.Run("resource/busy", func(b *testing.B) { benchmark(b, busy()) })
	b.Run("prometheus", func(b *testing.B) { benchmark(b, dailyRate(30)) })
}

// dailyRate is daily, on the requests per second that Prometheus tells of each pod:
// as many thousandths of a request as daily has of a core.
func dailyRate(days int) *sim.World {
	w := daily(days)
	w.Pipeline = sim.Pipeline{
		Kind: sim.PipelinePrometheus, Resolution: 15 * time.Second, Interval: 15 * time.Second, Window: time.Minute,
	}
	w.Autoscaler.Metrics = []hpa.Metric{{
		Source: hpa.SourcePods, Name: "rps", Target: hpa.TargetAverageValue, Goal: 250, Proposal: "pods metric rps",
	}}
	w.Demand[0].Source, w.Demand[0].Name, w.Demand[0].Container = hpa.SourcePods, "rps", ""
	return w
}

func benchmark(b *testing.B, w *sim.World) {
	b.Helper()
	var syncs int64
	skipped, _ := w.Prepare().Skipped(w)
	b.ReportAllocs()
	for b.Loop() {
		s := w.Run(nil)
		syncs = s.Syncs
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(syncs), "ns/sync")
	b.ReportMetric(100*float64(skipped)/float64(syncs), "%skipped")
}

// BenchmarkCandidates replays a month with autoscalers that differ in target, bounds
// and windows, as a search does. ns/sync is that of one of them.
func BenchmarkCandidates(b *testing.B) {
	for _, tt := range []struct {
		name string
		w    *sim.World
	}{{"resource", month(30)}, {"ideal", daily(30)}, {"resource/flat", flat()}, {"resource/busy", busy()}} {
		b.Run(tt.name, func(b *testing.B) {
			prepared := tt.w.Prepare()
			var n, syncs int64
			b.ReportAllocs()
			for b.Loop() {
				s := prepared.Run(candidate(tt.w, n))
				syncs += s.Syncs
				n++
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(syncs), "ns/sync")
		})
	}
}

// candidate is a world with one of many autoscalers.
func candidate(w *sim.World, n int64) *sim.World {
	c := *w
	s := &c.Autoscaler
	s.Metrics = []hpa.Metric{cpu()}
	s.Metrics[0].Goal = 40 + n%41
	s.Min, s.Max = int32(2+n%5), int32(30+n*7%41)
	s.Down.Stabilization = time.Duration(1+n*3%10) * time.Minute
	return &c
}

// BenchmarkStepping replays a month sync by sync, as whoever looks at them sees it.
func BenchmarkStepping(b *testing.B) {
	for name, w := range map[string]*sim.World{"ideal": daily(30), "resource": month(30)} {
		b.Run(name, func(b *testing.B) {
			var syncs int64
			b.ReportAllocs()
			for b.Loop() {
				s, _, _ := w.RunAhead(false)
				syncs = s.Syncs
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(syncs), "ns/sync")
		})
	}
}

// BenchmarkBacktest holds a month's own course against itself: three replays'
// worth of steps, and the comparison.
func BenchmarkBacktest(b *testing.B) {
	w := daily(30)
	var trace sim.Trace
	w.Run(func(t *sim.Tick) bool { trace.Add(t); return true })
	rec := &sim.Recorded{Replicas: trace.Replicas, Step: 15 * time.Second}
	b.ReportAllocs()
	for b.Loop() {
		if t := w.Backtest(rec); t.Skill.Error != 0 {
			b.Fatalf("skill %+v", t.Skill)
		}
	}
}

func TestTheBenchmarkedDayIsWhatItSays(t *testing.T) {
	w := daily(1)
	if err := w.Validate(); err != nil {
		t.Fatal(err)
	}
	s := w.Run(nil)
	if s.Syncs != 5760 || s.Min() > 5 || s.Max() != 50 || s.ScaleUps+s.ScaleDowns < 30 {
		t.Errorf("replicas %d to %d, %+v: not a day between 3 and 50 pods", s.Min(), s.Max(), s)
	}
}

func TestAllocationsDoNotGrowWithDuration(t *testing.T) {
	allocations := func(days int, kind sim.PipelineKind) float64 {
		w := daily(days)
		if kind == sim.PipelinePrometheus {
			w = dailyRate(days)
			w.Demand = append(w.Demand, w.Demand[0])
			w.Demand[1].Source, w.Demand[1].Aggregate = hpa.SourceExternal, sim.AggregateSum
			w.Autoscaler.Metrics = append(w.Autoscaler.Metrics, w.Autoscaler.Metrics[0])
			w.Autoscaler.Metrics[1].Source = hpa.SourceExternal
		}
		w.Pods.Termination = 20 * time.Second
		w.Pipeline.Kind, w.Pipeline.Resolution = kind, 15*time.Second
		return testing.AllocsPerRun(3, func() { w.Run(func(*sim.Tick) bool { return true }) })
	}
	unseen := func(days int) float64 {
		w := month(days)
		return testing.AllocsPerRun(3, func() { w.Run(nil) })
	}
	if one, ten := unseen(1), unseen(10); one != ten || one > 100 {
		t.Errorf("%v allocations for a day that nobody sees, %v for ten; want the same, and at most 100", one, ten)
	}
	for _, kind := range []sim.PipelineKind{sim.PipelineIdeal, sim.PipelineResource, sim.PipelinePrometheus} {
		one, ten := allocations(1, kind), allocations(10, kind)
		if one != ten || one > 100 {
			t.Errorf("pipeline %d: %v allocations for a day, %v for ten; want the same, and at most 100", kind, one, ten)
		}
	}
}
