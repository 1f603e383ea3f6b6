package sim_test

import (
	"slices"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

const second = time.Second

// requestsPerPod is an autoscaler of 1 to most pods, without behavior, on 100 of a Pods
// metric.
func requestsPerPod(most int32) hpa.Spec {
	c := hpa.DefaultController()
	return hpa.Spec{
		Reference: "Deployment/default/web", Min: 1, Max: most, Controller: c,
		ToleranceUp: c.Tolerance, ToleranceDown: c.Tolerance,
		Metrics: []hpa.Metric{{
			Source: hpa.SourcePods, Name: "rps", Target: hpa.TargetAverageValue, Goal: 100_000,
			Proposal: "pods metric rps",
		}},
	}
}

// frozenAutoscaler never scales between its bounds of 1 and 100.
func frozenAutoscaler() hpa.Spec {
	s := requestsPerPod(100)
	never := hpa.Rules{Select: hpa.SelectDisabled, Policies: []hpa.Policy{{Value: 1, Period: 15 * second}}}
	s.HasBehavior, s.Up, s.Down = true, never, never
	return s
}

// still is a world of n old pods that nobody scales: one minute at 15 s, with
// 100 requests per second.
func still(n int32) *sim.World {
	return &sim.World{
		Duration:   time.Minute,
		Autoscaler: frozenAutoscaler(),
		Pods: sim.Pods{
			Initial: n, InitialAge: time.Hour,
			Containers: []sim.Container{{Name: "app", Requests: []sim.Quantity{{Resource: "cpu", Milli: 500}}}},
		},
		Demand:   []sim.Demand{{Source: hpa.SourcePods, Name: "rps", Scale: 1, Step: 15 * second, Values: []int64{100}}},
		Pipeline: sim.Pipeline{Window: time.Minute},
	}
}

// cpu is a metric of 50 % of the requests.
func cpu() hpa.Metric {
	return hpa.Metric{
		Source: hpa.SourceResource, Name: "cpu", Resource: "cpu", CPU: true,
		Target: hpa.TargetUtilization, Goal: 50, Proposal: "cpu resource utilization (percentage of request)",
	}
}

// cpuDemand is total cpu use of one container in milli-cores.
func cpuDemand(container string, values ...int64) sim.Demand {
	return sim.Demand{
		Source: hpa.SourceResource, Name: "cpu", Container: container, Scale: 1, Step: 15 * second, Values: values,
	}
}

// onCPU is still, on cpu instead.
func onCPU(n int32, values ...int64) *sim.World {
	w := still(n)
	w.Autoscaler.Metrics = []hpa.Metric{cpu()}
	w.Demand = []sim.Demand{cpuDemand("app", values...)}
	return w
}

// replay runs a valid world and keeps a copy of every tick.
func replay(t *testing.T, w *sim.World) []sim.Tick {
	t.Helper()
	if err := w.Validate(); err != nil {
		t.Fatal(err)
	}
	var all []sim.Tick
	w.Run(func(tick *sim.Tick) bool {
		c, o := *tick, *tick.Observation
		o.Groups, o.Readings = slices.Clone(o.Groups), slices.Clone(o.Readings)
		for i := range o.Readings {
			o.Readings[i].Samples = slices.Clone(o.Readings[i].Samples)
			o.Readings[i].Values = slices.Clone(o.Readings[i].Values)
		}
		c.Observation = &o
		c.Decision.Metrics = slices.Clone(c.Decision.Metrics)
		c.Decision.Conditions = slices.Clone(c.Decision.Conditions)
		c.Decision.Events = slices.Clone(c.Decision.Events)
		all = append(all, c)
		return true
	})
	return all
}

// at is the tick whose sync started at t.
func at(t *testing.T, ticks []sim.Tick, start time.Duration) *sim.Tick {
	t.Helper()
	for i := range ticks {
		if ticks[i].T == start {
			return &ticks[i]
		}
	}
	t.Fatalf("no sync started at %v", start)
	return nil
}

// starts are the times at which the syncs started.
func starts(ticks []sim.Tick) []time.Duration {
	var all []time.Duration
	for i := range ticks {
		all = append(all, ticks[i].T)
	}
	return all
}

// pods is one tick's counts.
func pods(ready, notReady, pending, terminating, failed int32) sim.Counts {
	return sim.Counts{Ready: ready, NotReady: notReady, Pending: pending, Terminating: terminating, Failed: failed}
}

// wantPods compares the counts of some ticks.
func wantPods(t *testing.T, w *sim.World, want map[time.Duration]sim.Counts) []sim.Tick {
	t.Helper()
	ticks := replay(t, w)
	for start, counts := range want {
		if got := at(t, ticks, start).Pods; got != counts {
			t.Errorf("at %v: pods %+v, want %+v", start, got, counts)
		}
	}
	return ticks
}

// reported is how much the pods report of the first metric at a tick, in all.
func reported(tick *sim.Tick) int64 {
	var sum int64
	for _, s := range tick.Observation.Readings[0].Samples {
		sum += s.Sum
	}
	return sum
}
