package sim_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// TestScoreOfTenTicksByHand follows a service with a target of 100 requests per
// second and pod, counted at the ingress, 1 to 4 pods that can carry 110 each and
// are Ready at once:
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
func TestScoreOfTenTicksByHand(t *testing.T) {
	w := &sim.World{
		Duration:   150 * time.Second,
		Autoscaler: requestsPerPod(4),
		Pods:       sim.Pods{Initial: 2, InitialAge: time.Hour},
		Demand: []sim.Demand{{
			Source: hpa.SourceExternal, Name: "rps", Scale: 1000, Step: 10 * time.Second, Capacity: 110,
			Values: []int64{200, 200, 200, 450, 450, 450, 450, 450, 100},
		}},
		Faults: []sim.Fault{
			{Kind: sim.FaultSetReplicas, At: 65 * time.Second, Replicas: 6},
			{Kind: sim.FaultMetricsUnavailable, At: 100 * time.Second, For: 10 * time.Second, APIs: sim.APIExternal},
			{Kind: sim.FaultEvictPods, At: 110 * time.Second, Ranks: []int{0}},
		},
	}
	w.Autoscaler.Controller.DownscaleStabilization = 0
	w.Autoscaler.Metrics[0].Source = hpa.SourceExternal

	got := w.Run(nil)
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
		// 30 to 65 and 75 to 80.
		Saturated: 40 * time.Second, HasCapacity: true,
		Flows:    make([]sim.Flow, 1),
		ScaleUps: 1, ScaleDowns: 2, DirectionChanges: 1,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("score\n got  %+v\n want %+v", got, want)
	}
	if got.Min() != 1 || got.Median() != 2 || got.Max() != 6 {
		t.Errorf("replicas min %d, median %d, max %d; want 1, 2, 6", got.Min(), got.Median(), got.Max())
	}
	if hours := got.ReplicaHours(); hours != 380.0/3600 {
		t.Errorf("replica-hours %v, want %v", hours, 380.0/3600)
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
