package sim_test

import (
	"slices"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// scraping is onCPU behind metrics-server, which scrapes every 15 s.
func scraping(n int32, values ...int64) *sim.World {
	w := onCPU(n, values...)
	w.Pipeline = sim.Pipeline{Kind: sim.PipelineResource, Resolution: 15 * second}
	return w
}

// wantSamples compares what is known of each group's pods: how many, their sum,
// and over how many seconds.
func wantSamples(t *testing.T, tick *sim.Tick, want ...[3]int64) {
	t.Helper()
	var got [][3]int64
	for _, s := range tick.Observation.Readings[0].Samples {
		if s.Pods == 0 {
			got = append(got, [3]int64{})
			continue
		}
		got = append(got, [3]int64{int64(s.Pods), s.Sum, int64(s.Window / second)})
	}
	if !slices.Equal(got, want) {
		t.Errorf("at %v: pods, sum and window %v, want %v", tick.T, got, want)
	}
}

func TestCPUIsTheRateBetweenTwoScrapes(t *testing.T) {
	w := scraping(2, 600, 1800)
	w.Demand[0].Step, w.Demand[0].Idle = 20*second, 50
	ticks := replay(t, w)
	wantSamples(t, at(t, ticks, 0), [3]int64{2, 700, 15}) // as if it had always been so
	wantSamples(t, at(t, ticks, 15*second), [3]int64{2, 700, 15})
	wantSamples(t, at(t, ticks, 30*second), [3]int64{2, 1500, 15}) // 5 s of 600, 10 s of 1800
	wantSamples(t, at(t, ticks, 45*second), [3]int64{2, 1900, 15})
}

func TestAScrapeIsReadByAllSyncsUntilTheNext(t *testing.T) {
	w := scraping(1, 150, 300)
	w.Autoscaler.Controller.SyncPeriod = 7 * second
	w.Pipeline.Age = 3 * second
	for _, tick := range replay(t, w) {
		// It can be read 3 s after it was made.
		scrape := (tick.T - 3*second) / (15 * second) * (15 * second)
		want := int64(150)
		if scrape >= 30*second {
			want = 300
		}
		if tick.T < 3*second {
			scrape = -15 * second
		}
		s := tick.Observation.Readings[0].Samples[0]
		if s.Timestamp != scrape || s.Sum != want || s.Window != 15*second {
			t.Errorf("at %v: %+v, want %d from the scrape at %v", tick.T, s, want, scrape)
		}
	}
}

func TestRatesAreCutToNanoAndReadInWholeMilli(t *testing.T) {
	wantSamples(t, at(t, replay(t, scraping(3, 100)), 0), [3]int64{3, 3 * 34, 15}) // 33,333,333 n each
	wantSamples(t, at(t, replay(t, scraping(3, 99)), 0), [3]int64{3, 99, 15})
}

// TestAFreshContainerWaitsForItsFirstRate follows pods that run, and serve, from
// a second on.
func TestAFreshContainerWaitsForItsFirstRate(t *testing.T) {
	for _, c := range []struct {
		name  string
		start time.Duration
		// what is known of it at 15, 30 and 45 s
		want [3][3]int64
	}{
		{"older than 10 s and younger than the resolution", 5 * second, [3][3]int64{{1, 100, 10}, {1, 100, 15}, {1, 100, 15}}},
		{"younger than 10 s", 6 * second, [3][3]int64{{}, {1, 100, 15}, {1, 100, 15}}},
		{"of the instant of a scrape", 15 * second, [3][3]int64{{}, {}, {1, 100, 15}}},
		{"just after a scrape", 16 * second, [3][3]int64{{}, {1, 100, 14}, {1, 100, 15}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := scraping(1, 100)
			w.Demand[0].Role = sim.RolePerPod
			w.Faults = []sim.Fault{setReplicas(c.start, 2)}
			ticks := replay(t, w)
			for i, want := range c.want {
				tick := at(t, ticks, time.Duration(i+1)*15*second)
				if len(tick.Observation.Groups) < 2 {
					continue // not there yet
				}
				wantSamples(t, tick, [3]int64{1, 100, 15}, want)
			}
		})
	}
}

func TestAPodUsesItsIdleUntilItServesAndItsShareFromThen(t *testing.T) {
	w := scraping(1, 600)
	w.Pods.Pending, w.Pods.Ready, w.Pods.Termination = 2*second, 20*second, time.Minute
	w.Demand[0].Idle, w.Demand[0].NotReady = 30, 90
	w.Faults = []sim.Fault{setReplicas(0, 2), setReplicas(40*second, 1)}
	ticks := replay(t, w)
	wantSamples(t, at(t, ticks, 15*second), [3]int64{1, 630, 15}, [3]int64{1, 90, 13})
	// Ready for the last 10 of 15 s: (5 × 90 + 10 × 330) / 15.
	wantSamples(t, at(t, ticks, 30*second), [3]int64{1, 430, 15}, [3]int64{1, 250, 15})
	// Terminating for the last 5: (10 × 330 + 5 × 30) / 15.
	wantSamples(t, at(t, ticks, 45*second), [3]int64{1, 430, 15}, [3]int64{1, 230, 15})
}

func TestWhatWaitsKeepsThePodsBusyBetweenScrapes(t *testing.T) {
	w := scraping(1, 150, 100, 0)
	w.Demand[0].Capacity, w.Demand[0].Wait = 100, 10*second
	ticks := replay(t, w)
	wantSamples(t, at(t, ticks, 15*second), [3]int64{1, 100, 15})
	wantSamples(t, at(t, ticks, 30*second), [3]int64{1, 100, 15})
	// 750 waited and are done 7.5 s after 30 s.
	wantSamples(t, at(t, ticks, 45*second), [3]int64{1, 50, 15})
}

func TestMemoryIsWhatItWasAtTheScrape(t *testing.T) {
	w := scraping(2, 1)
	w.Autoscaler.Metrics[0].Resource, w.Autoscaler.Metrics[0].Name, w.Autoscaler.Metrics[0].CPU = "memory", "memory", false
	w.Demand = append(w.Demand, sim.Demand{
		Source: hpa.SourceResource, Name: "memory", Container: "app", Scale: 1000, Idle: 1000, Step: 20 * second,
		Values: []int64{3001, 9000}, // 1500 bytes each, and 4500
	})
	w.SyncLatency = 8 * second
	ticks := replay(t, w)
	wantSamples(t, at(t, ticks, 0), [3]int64{2, 2 * 2_500_000, 15})
	wantSamples(t, at(t, ticks, 23*second), [3]int64{2, 2 * 5_500_000, 15})
}

func TestAScrapeInANullStepFindsNothing(t *testing.T) {
	w := scraping(2, 100, 7, 100)
	w.Demand[0].Null = []bool{1: true, 2: false}
	w.Demand[0].Step = 20 * second
	ticks := replay(t, w)
	wantSamples(t, at(t, ticks, 15*second), [3]int64{2, 100, 15})
	for _, start := range []time.Duration{30 * second, 45 * second} {
		// At 45 s there is no point before the last one.
		wantSamples(t, at(t, ticks, start), [3]int64{})
		if r := at(t, ticks, start).Observation.Readings[0]; !r.Empty {
			t.Errorf("at %v: %+v, want no pod listed", start, r)
		}
	}
}

// TestAnOverloadedFleetAtMostDoublesWithEachScrape: the limit is the request, the
// target 50 %, and the load grows eightfold.
func TestAnOverloadedFleetAtMostDoublesWithEachScrape(t *testing.T) {
	w := scraping(4, 1000, 1000, 8000)
	w.Duration = 10 * time.Minute
	w.Autoscaler = requestsPerPod(100)
	w.Autoscaler.Metrics = []hpa.Metric{cpu()}
	w.Demand[0].Capacity = 500
	w.Pods.Ready = 30 * second
	var scrapedAt time.Duration
	counts := []int32{4}
	for _, tick := range replay(t, w) {
		s := tick.Observation.Readings[0].Samples[0]
		if n := tick.Decision.Desired; n != counts[len(counts)-1] {
			if n > 2*counts[len(counts)-1] || s.Timestamp == scrapedAt {
				t.Errorf("at %v: from %d to %d on the scrape of %v", tick.T, counts[len(counts)-1], n, s.Timestamp)
			}
			counts, scrapedAt = append(counts, n), s.Timestamp
		}
	}
	if want := []int32{4, 8, 16, 32}; !slices.Equal(counts, want) {
		t.Errorf("replicas %v, want %v", counts, want)
	}
}

func TestShiftsByWholeScrapesSyncsAndStepsChangeNothing(t *testing.T) {
	shifts(t, func(seed uint64) *sim.World { return newDice(seed).scraped(newDice(seed).world()) })
	shifts(t, func(seed uint64) *sim.World {
		w := newDice(seed).asked(newDice(seed).world())
		w.Pipeline.Interval, w.Pipeline.Window = 15*second, time.Minute
		for i := range w.Demand {
			w.Demand[i].Averaged = 0
		}
		return w
	})
}

// shifts compares worlds with the same ones begun earlier.
func shifts(t *testing.T, world func(seed uint64) *sim.World) {
	t.Helper()
	const by = 30 * second // two of each
	for seed := range uint64(100) {
		early := world(seed)
		early.Faults = slices.DeleteFunc(early.Faults, func(f sim.Fault) bool { return f.Kind == sim.FaultEditAutoscaler })
		early.SyncLatency, early.Autoscaler.Controller.SyncPeriod = 0, 15*second
		early.Autoscaler.Controller.Profile = hpa.DefaultController().Profile
		early.Autoscaler.HasBehavior = false
		early.Autoscaler.Controller.DownscaleStabilization = 0
		early.Duration = 10 * time.Minute
		early.Pipeline.Resolution, early.Pipeline.Age = 15*second, min(early.Pipeline.Age, 14*second)
		early.Pods.InitialAge = time.Hour
		early.Autoscaler.Min, early.Autoscaler.Max = 1, max(early.Autoscaler.Max, early.Pods.Initial)
		for i := range early.Demand {
			d := &early.Demand[i]
			d.Step = 15 * second
			// So that the world stands still until the shift is over.
			if d.Role == sim.RoleBacklog {
				d.Role, d.Initial = sim.RoleExogenous, 0
			}
			d.Wait = 0
		}
		frozen := early.Autoscaler
		frozen.HasBehavior = true
		off := hpa.Rules{Select: hpa.SelectDisabled, Policies: []hpa.Policy{{Value: 1, Period: 15 * second}}}
		frozen.Up, frozen.Down = off, off
		early.Autoscaler = frozen

		late := *early
		late.Duration += by
		late.Demand = slices.Clone(early.Demand)
		for i := range late.Demand {
			d := &late.Demand[i]
			d.Values = append([]int64{d.Values[0], d.Values[0]}, d.Values...)
			if d.Null != nil {
				d.Null = append([]bool{d.Null[0], d.Null[0]}, d.Null...)
			}
		}
		late.Faults = slices.Clone(early.Faults)
		for i := range late.Faults {
			late.Faults[i].At += by
		}
		late.Pods.InitialAge -= by
		if late.Autoscaler.Min > late.Pods.Initial || late.Pods.Initial == 0 {
			continue // it would be scaled before the shift is over
		}
		a, b := outcomeOf(early), outcomeOf(&late)
		for i := range a.scales {
			x, y := a.scales[i], b.scales[i+2]
			if x != y || a.counts[i] != b.counts[i+2] || a.failed[i] != b.failed[i+2] {
				t.Fatalf("world %d, sync %d: %v %v, shifted %v %v", seed, i, x, a.counts[i], y, b.counts[i+2])
			}
		}
	}
}
