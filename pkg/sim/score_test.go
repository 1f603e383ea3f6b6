package sim_test

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// scoredTicks is a service with a target of 100 requests per second and pod, counted
// at the ingress, 1 to 4 pods that can carry 110 each and are Ready at once:
//
//	t     demand  pods  what happens
//	0        200     2  100 each: stays
//	30       450     2  225 each: asks for 5, gets the 4 allowed; 4 × 110 < 450
//	65       450     6  somebody sets 6: enough
//	75       450     4  above max: back to 4, saturated again
//	80       100     4  enough
//	90       100     1  25 each: asks for 1
//	105      100     1  the external API is down: this sync fails
//	110      100     1  the pod is evicted and replaced: nobody is missed
//	150                 the end, after ten syncs
//
// Of cpu 120 milli-cores arrive, 150 from 90 on. A pod serves 100 of them,
// besides 5 that it uses itself, and requests 50. It costs 0.36 an hour. Six pods
// fit on a node, of which there are two; one is not needed and leaves at 15.
func scoredTicks() *sim.World {
	w := &sim.World{
		Duration:   150 * time.Second,
		Autoscaler: requestsPerPod(4),
		Pods: sim.Pods{
			Initial: 2, InitialAge: time.Hour,
			Containers: []sim.Container{{Name: "app", Requests: []sim.Quantity{{Resource: "cpu", Milli: 50}}}},
		},
		Demand: []sim.Demand{{
			Source: hpa.SourceExternal, Name: "rps", Scale: 1000, Step: 10 * time.Second, Capacity: 110,
			Values: []int64{200, 200, 200, 450, 450, 450, 450, 450, 100},
		}, {
			Source: hpa.SourceResource, Name: "cpu", Container: "app", Scale: 1, Step: 90 * time.Second,
			Values: []int64{120, 150}, Capacity: 100, Idle: 5,
		}},
		PodHourPrice: 0.36,
		Nodes:        sim.Nodes{PodsPerNode: 6, Initial: 2, Idle: 15 * time.Second},
		Latency:      tenTicksLatency(),
		Faults: []sim.Fault{
			{Kind: sim.FaultSetReplicas, At: 65 * time.Second, Replicas: 6},
			{Kind: sim.FaultMetricsUnavailable, At: 100 * time.Second, For: 10 * time.Second, APIs: sim.APIExternal},
			{Kind: sim.FaultEvictPods, At: 110 * time.Second, Ranks: []int{0}},
		},
	}
	w.Autoscaler.Controller.DownscaleStabilization = 0
	w.Autoscaler.Metrics[0].Source = hpa.SourceExternal
	return w
}

func TestScoreOfTenTicksByHand(t *testing.T) {
	got := scoredTicks().Run(nil)
	want := sim.Score{
		Duration: 150 * time.Second,
		Syncs:    10, FailedSyncs: 1,
		// 2×30 + 4×35 + 6×10 + 4×15 + 1×60 = 380 pod-seconds.
		ReplicaMillis: 380_000,
		TimeAt: []sim.ReplicaTime{
			{Replicas: 1, Time: 60 * time.Second},
			{Replicas: 2, Time: 30 * time.Second},
			{Replicas: 4, Time: 50 * time.Second},
			{Replicas: 6, Time: 10 * time.Second},
		},
		AtMax: 60 * time.Second, // 30 to 90
		AtMin: 60 * time.Second, // 90 to 150
		// 30 to 65 and 75 to 80 of requests, 90 to 150 of cpu.
		Saturated: 100 * time.Second, HasCapacity: true,
		Flows: []sim.Flow{{}, {
			Queues: true,
			// 120×90 + 150×60, of which the last 60 seconds serve 100.
			Arrived: sim.Amount{Lo: 19_800_000}, Served: sim.Amount{Lo: 16_800_000}, Shed: sim.Amount{Lo: 3_000_000},
			Exceeded: 60 * time.Second, First: 90 * time.Second,
		}},
		Loads: []sim.Load{{Demand: 1, Use: sim.Use{
			Each: 100, Used: sim.Amount{Lo: 16_800_000}, PodMillis: 380_000,
			// 3600/200 + 4200/400 + 1200/600 + 1800/400 + 6000/100 = 95 seconds.
			Millionths: sim.Amount{Lo: 95_000_000_000}, Millis: 150_000,
		}}},
		CPU: sim.Use{
			Each: 50,
			// Each of the 380 pod-seconds uses 5 besides.
			Used: sim.Amount{Lo: 16_800_000 + 1_900_000}, PodMillis: 380_000,
			// The same 95 seconds of 100 are 190 of 50; 5 of 50 for 150 seconds are
			// 15 more.
			Millionths: sim.Amount{Lo: 205_000_000_000}, Millis: 150_000,
		},
		// 30 to 65: 450 is above what 2 pods and what 4 can carry, until 6 do. 75
		// is no spike: 450 was carried, then pods went. So at 90.
		Spikes: 1, SpikeTime: 35 * time.Second, LongestSpike: 35 * time.Second,
		ScaleUps: 1, ScaleDowns: 2, DirectionChanges: 1,
		// At 75 the two that came at 65 go, at 90 the two that came at 30; the
		// third one that goes then was there from the start.
		Thrash: 4,
		// 2×15 + 1×135.
		NodeMillis:   165_000,
		PodHourPrice: 0.36,
		Latency:      levelsOfTenTicks(),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("score\n got  %+v\n want %+v", got, want)
	}
	if got.Min() != 1 || got.Median() != 2 || got.Max() != 6 {
		t.Errorf("replicas min %d, median %d, max %d; want 1, 2, 6", got.Min(), got.Median(), got.Max())
	}
	terms := map[string]float64{
		"replicaHours":            380.0 / 3600,
		"cost":                    0.038,
		"requestUtilization":      187.0 / 190,
		"meanRequestUtilization":  205.0 / 150,
		"capacityUtilization":     168.0 / 380,
		"meanCapacityUtilization": 95.0 / 150,
		"slackHours":              (380.0 - 168) / 3600,
		"unservedShare":           3.0 / 19.8,
		"saturatedMinutes":        100.0 / 60,
		"sloMisses":               missesOfTenTicks(1),
		"sloMissMinutes":          90.0 / 60,
		"p50Seconds":              p50OfTenTicks(),
		"p95Seconds":              math.NaN(), // 6000 of 16800 are beyond the model
		"p99Seconds":              math.NaN(),
		"spikes":                  1,
		"spikeSeconds":            35,
		"meanSpikeSeconds":        35,
		"atMaxMinutes":            1,
		"atMinMinutes":            1,
		"scaleEvents":             3,
		"scaleUps":                1,
		"scaleDowns":              2,
		"directionChanges":        1,
		"thrash":                  4,
		"nodeWaitMinutes":         0,
		"nodeHours":               165.0 / 3600,
		"failedSyncs":             1,
	}
	for _, term := range sim.Terms() {
		want, listed := terms[term.Name]
		value, known := term.Of(&got)
		if math.IsNaN(want) && !known {
			continue
		}
		if !listed || !known || !(math.Abs(value-want) <= tolerance(term.Unit)) {
			t.Errorf("%s is %v, known %v; want %v, listed %v", term.Name, value, known, want, listed)
		}
	}
}

func TestMedianIsTheLowestCountThatCoversHalfOfTheTime(t *testing.T) {
	at := func(n int32, d time.Duration) sim.ReplicaTime { return sim.ReplicaTime{Replicas: n, Time: d} }
	for _, c := range []struct {
		name  string
		times []sim.ReplicaTime
		want  int32
	}{
		{"no time at all", nil, 0},
		{"one count", []sim.ReplicaTime{at(7, 1)}, 7},
		{"exactly half", []sim.ReplicaTime{at(2, 5), at(9, 5)}, 2},
		{"less than half", []sim.ReplicaTime{at(2, 4), at(9, 5)}, 9},
		{"in the middle", []sim.ReplicaTime{at(1, 3), at(4, 1), at(8, 3)}, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sim.Score{TimeAt: c.times}
			if got := s.Median(); got != c.want {
				t.Errorf("median %d, want %d", got, c.want)
			}
		})
	}
}

func TestAVisitorThatStopsEndsTheScoreAtItsDecision(t *testing.T) {
	w := still(3)
	w.SyncLatency = 2 * time.Second
	syncs := 0
	s := w.Run(func(tick *sim.Tick) bool {
		syncs++
		return tick.T < 17*time.Second
	})
	if syncs != 2 || s.Syncs != 2 || s.Duration != 19*time.Second || s.ReplicaMillis != 3*19_000 {
		t.Errorf("%d visits, score %+v; want 2 syncs and 3 pods for 19s", syncs, s)
	}
}

func TestSaturationEndsWhenNewPodsAreReadyNotWhenTheyAreAskedFor(t *testing.T) {
	w := still(2)
	w.Duration = 2 * time.Minute
	w.Pods.Ready = 30 * time.Second
	w.Demand[0].Values, w.Demand[0].Capacity = []int64{250}, 100
	w.Faults = []sim.Fault{{Kind: sim.FaultSetReplicas, At: 20 * time.Second, Replicas: 3}}
	if s := w.Run(nil); s.Saturated != 50*time.Second {
		t.Errorf("saturated for %v, want 50s", s.Saturated)
	}
}

func TestWhatPodsUseWhenIdleIsNoLoadThatSaturates(t *testing.T) {
	w := still(2)
	w.Demand[0].Values, w.Demand[0].Capacity, w.Demand[0].Idle = []int64{200, 201}, 100, 1000
	if s := w.Run(nil); s.Saturated != 45*time.Second {
		t.Errorf("saturated for %v, want 45s: but for the first step, 201 > 2 × 100", s.Saturated)
	}
}

func TestDemandWithoutServingPodsIsSaturated(t *testing.T) {
	w := still(1)
	w.Duration = time.Minute
	w.Demand[0].Step, w.Demand[0].Capacity = 20*time.Second, 100
	w.Demand[0].Values, w.Demand[0].Null = []int64{5, 0, 5}, []bool{false, false, true}
	w.Faults = []sim.Fault{{Kind: sim.FaultSetReplicas, Replicas: 0}}
	if s := w.Run(nil); s.Saturated != 20*time.Second {
		t.Errorf("saturated for %v, want 20s: nothing exceeds nothing, and a null step is no demand", s.Saturated)
	}
}
