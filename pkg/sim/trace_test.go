package sim

import (
	"reflect"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

func TestTraceKeepsCountsWhereTheyChange(t *testing.T) {
	var tr Trace
	add := func(at time.Duration, replicas, ready, wrote int32) {
		tick := Tick{T: at, SpecReplicas: replicas, Pods: Counts{Ready: ready}}
		tick.Decision.Scaled, tick.Decision.Desired = wrote > 0, wrote
		tr.Add(&tick)
	}
	add(0, 3, 3, 0)
	add(15*time.Second, 3, 3, 5) // its own write counts at once
	add(30*time.Second, 5, 3, 0)
	add(45*time.Second, 5, 5, 0)
	add(45*time.Second, 4, 5, 0) // a second sync at one instant replaces the first
	if want := []Point{{0, 3}, {15 * time.Second, 5}, {45 * time.Second, 4}}; !reflect.DeepEqual(tr.Replicas, want) {
		t.Errorf("replicas %v, want %v", tr.Replicas, want)
	}
	if want := []Point{{0, 3}, {45 * time.Second, 5}}; !reflect.DeepEqual(tr.Ready, want) {
		t.Errorf("ready %v, want %v", tr.Ready, want)
	}
	if _, ok := tr.MainFailure(); ok {
		t.Error("there is a failure")
	}
}

func TestTraceCountsFailuresByTheirFirstWarning(t *testing.T) {
	w := World{
		Duration:   time.Minute,
		Autoscaler: hpa.Spec{Min: 1, Max: 3, Metrics: []hpa.Metric{{Source: hpa.SourcePods, Name: "rps", Target: hpa.TargetAverageValue, Goal: 1000}}, Controller: hpa.DefaultController()},
		Pods:       Pods{Initial: 2, InitialAge: time.Hour},
		Demand:     []Demand{{Source: hpa.SourcePods, Name: "rps", Scale: 1, Step: 30 * time.Second, Values: []int64{2000, 0}, Null: []bool{false, true}}},
	}
	var tr Trace
	score := w.Run(func(t *Tick) bool { tr.Add(t); return true })
	got, ok := tr.MainFailure()
	if !ok || got.Syncs != 2 || got.Syncs != score.FailedSyncs || got.First != 30*time.Second || got.Reason != hpa.ReasonFailedGetPodsMetric || got.Message == "" {
		t.Errorf("main failure %+v, %v; want 2 FailedGetPodsMetric from 30s on", got, ok)
	}
}

func TestMainFailureIsTheMostFrequentThenTheEarliest(t *testing.T) {
	a, b := FailureCount{Reason: hpa.ReasonFailedGetScale, Syncs: 2}, FailureCount{Reason: hpa.ReasonFailedRescale, Syncs: 2}
	tr := Trace{Failures: []FailureCount{{Syncs: 1}, a, b}}
	if got, ok := tr.MainFailure(); !ok || got != a {
		t.Errorf("main failure %v, want %v", got, a)
	}
}

// TestCompare is computed by hand over 60 s:
//
//	a  4 4 4 6 6 6      (10 s each)
//	b  - 4 4 7 - 2
func TestCompare(t *testing.T) {
	s := time.Second
	a := []Point{{0, 4}, {30 * s, 6}}
	b := []Point{{10 * s, 4}, {30 * s, 7}, {40 * s, Unknown}, {50 * s, 2}, {90 * s, 9}}
	want := Difference{
		Compared: 40 * s, Equal: 20 * s,
		AbsoluteMillis: 1*10_000 + 4*10_000,
		Worst:          4, WorstAt: 50 * s,
	}
	got := Compare(a, b, 60*s)
	if got != want {
		t.Errorf("Compare = %+v, want %+v", got, want)
	}
	if swapped := Compare(b, a, 60*s); swapped != want {
		t.Errorf("swapped: %+v, want %+v", swapped, want)
	}
	if m := got.MeanAbsolute(); m != 1.25 {
		t.Errorf("mean %v, want 1.25", m)
	}
	if e := got.EqualShare(); e != 0.5 {
		t.Errorf("equal share %v, want 0.5", e)
	}
	if none := Compare(a, nil, 60*s); none != (Difference{}) || none.MeanAbsolute() != 0 || none.EqualShare() != 0 {
		t.Errorf("against nothing: %+v", none)
	}
}

func TestAtTargetLeavesOutWhatPodsUseWhenIdle(t *testing.T) {
	cpu := func(container string, idle int64) Demand {
		return Demand{Source: hpa.SourceResource, Name: "cpu", Container: container, Scale: 1, Idle: idle}
	}
	w := World{
		Pods: Pods{Containers: []Container{
			{Name: "app", Requests: []Quantity{{"cpu", 400}}},
			{Name: "proxy", Requests: []Quantity{{"cpu", 100}}},
		}},
		Demand: []Demand{cpu("app", 30), cpu("proxy", 50), {Source: hpa.SourcePods, Name: "rps", Scale: 1000, Idle: 3}},
	}
	all := hpa.Metric{Source: hpa.SourceResource, Target: hpa.TargetUtilization, Goal: 50, Resource: "cpu", Name: "cpu"}
	own := hpa.Metric{Source: hpa.SourceContainerResource, Target: hpa.TargetUtilization, Goal: 40, Resource: "cpu", Container: "app", Name: "app/cpu"}
	rps := func(goal int64) hpa.Metric {
		return hpa.Metric{Source: hpa.SourcePods, Target: hpa.TargetAverageValue, Goal: goal, Name: "rps"}
	}
	for _, tt := range []struct {
		name   string
		metric hpa.Metric
		demand *Demand
		want   int64
	}{
		{"both containers idle", all, &w.Demand[0], 250 - 80},
		{"only the container's own", own, &w.Demand[0], 160 - 30},
		{"in base units", rps(10_000), &w.Demand[2], 7000},
		{"idle beyond the target", rps(2000), &w.Demand[2], 0},
	} {
		got, ok := w.AtTarget(&hpa.Spec{Metrics: []hpa.Metric{tt.metric}}, tt.demand)
		if got != tt.want || !ok {
			t.Errorf("%s: %d, %v; want %d", tt.name, got, ok, tt.want)
		}
	}
}

func TestAtTargetIsTheLeastOfTheMetricsOfADemand(t *testing.T) {
	w := World{Pods: Pods{Containers: []Container{
		{Name: "app", Requests: []Quantity{{"cpu", 400}, {"memory", 1000}}},
		{Name: "proxy", Requests: []Quantity{{"cpu", 100}}},
	}}}
	cpu := &Demand{Source: hpa.SourceResource, Name: "cpu", Container: "app"}
	half := hpa.Metric{Source: hpa.SourceResource, Target: hpa.TargetUtilization, Goal: 50, Resource: "cpu", Name: "cpu"}
	average := hpa.Metric{Source: hpa.SourceResource, Target: hpa.TargetAverageValue, Goal: 200, Resource: "cpu", Name: "cpu"}
	own := hpa.Metric{Source: hpa.SourceContainerResource, Target: hpa.TargetUtilization, Goal: 40, Resource: "cpu", Container: "app", Name: "app/cpu"}
	queue := hpa.Metric{Source: hpa.SourceExternal, Target: hpa.TargetValue, Goal: 30, Name: "queue"}
	for _, tt := range []struct {
		name    string
		metrics []hpa.Metric
		demand  *Demand
		want    int64
		ok      bool
	}{
		{"half of all requests", []hpa.Metric{half}, cpu, 250, true},
		{"an average", []hpa.Metric{half, average}, cpu, 200, true},
		{"the container's own request", []hpa.Metric{own, half, average}, cpu, 160, true},
		{"another container's demand", []hpa.Metric{own}, &Demand{Source: hpa.SourceResource, Name: "cpu", Container: "proxy"}, 0, false},
		{"a value of the whole", []hpa.Metric{queue}, &Demand{Source: hpa.SourceExternal, Name: "queue"}, 0, false},
		{"no request", []hpa.Metric{{Source: hpa.SourceResource, Goal: 50, Resource: "gpu"}}, &Demand{Source: hpa.SourceResource, Name: "gpu"}, 0, false},
	} {
		got, ok := w.AtTarget(&hpa.Spec{Metrics: tt.metrics}, tt.demand)
		if got != tt.want || ok != tt.ok {
			t.Errorf("%s: %d, %v; want %d, %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}
