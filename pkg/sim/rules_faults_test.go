package sim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

func TestTrafficIsMultipliedAndRoundedTowardZero(t *testing.T) {
	w := still(3)
	w.Demand[0].Step, w.Demand[0].Values = 15*second, []int64{101, 101, 101, 101}
	w.Faults = []sim.Fault{
		{Kind: sim.FaultTraffic, At: 15 * second, For: 30 * second, Factor: 1500},
		// It replaces the first one, whose end is none; its own end is not.
		{Kind: sim.FaultTraffic, At: 30 * second, For: 15 * second, Factor: 333},
	}
	ticks := replay(t, w)
	for i, want := range []int64{101, 151, 33, 101} {
		if got := reported(&ticks[i]); got != want {
			t.Errorf("sync %d: %d reported, want %d", i, got, want)
		}
	}
}

func TestTrafficTouchesWhatArrivesAlone(t *testing.T) {
	series := func(source hpa.Source, role sim.Role, name string) sim.Demand {
		d := sim.Demand{Source: source, Role: role, Name: name, Scale: 1, Step: 15 * second, Values: []int64{-70}}
		if role == sim.RoleBacklog || source == hpa.SourcePods {
			d.Values = []int64{70}
		}
		if role == sim.RoleBacklog {
			d.Capacity = 1
		}
		return d
	}
	w := still(1)
	w.Demand = []sim.Demand{
		series(hpa.SourcePods, sim.RolePerPod, "mine"), series(hpa.SourceExternal, sim.RoleExogenous, "moon"),
		series(hpa.SourceExternal, sim.RoleLoad, "ingress"), series(hpa.SourceExternal, sim.RoleBacklog, "queue"),
	}
	w.Autoscaler.Metrics = nil
	for i := range w.Demand {
		d := &w.Demand[i]
		m := hpa.Metric{Source: d.Source, Name: d.Name, Target: hpa.TargetAverageValue, Goal: 1000}
		w.Autoscaler.Metrics = append(w.Autoscaler.Metrics, m)
	}
	w.Faults = []sim.Fault{{Kind: sim.FaultTraffic, Factor: 2500}}
	tick := replay(t, w)[1]
	r := tick.Observation.Readings
	if mine, moon, ingress := r[0].Samples[0].Sum, r[1].Values[0], r[2].Values[0]; mine != 70 || moon != -70 || ingress != -175 {
		t.Errorf("mine %d, moon %d, ingress %d; want 70, -70, -175", mine, moon, ingress)
	}
	// 175 arrive and 1 is done per second for 15 seconds.
	if queue := r[3].Values[0]; queue != (175-1)*15 {
		t.Errorf("queue %d, want %d", queue, 174*15)
	}
}

func TestTrafficCountsInTheScore(t *testing.T) {
	w := still(2)
	w.Demand[0].Capacity = 60
	w.Faults = []sim.Fault{{Kind: sim.FaultTraffic, At: 20 * second, For: 25 * second, Factor: 1300}}
	s := w.Run(nil)
	f := &s.Flows[0]
	if s.Saturated != 25*second || f.Exceeded != 25*second || f.Arrived.Lo != 100*35_000+130*25_000 || f.Shed.Lo != 10*25_000 {
		t.Errorf("saturated %v, flow %+v", s.Saturated, *f)
	}
}

func TestMetricsThatReadZeroKeepTheirPods(t *testing.T) {
	w := still(3)
	w.Faults = []sim.Fault{
		{Kind: sim.FaultMetricsReadZero, At: 15 * second, For: 15 * second, APIs: sim.APICustom | sim.APIResource},
		{Kind: sim.FaultMetricsReadZero, At: 45 * second, APIs: sim.APIResource},
	}
	ticks := replay(t, w)
	for i, want := range []int64{100, 0, 100, 100} {
		r := ticks[i].Observation.Readings[0]
		if got := reported(&ticks[i]); got != want || r.Error != "" || r.Empty || r.Samples[0].Pods != 3 {
			t.Errorf("sync %d: %d reported of %+v, want %d", i, got, r, want)
		}
	}
}

func TestASlowStartIsThatOfPodsCreatedMeanwhile(t *testing.T) {
	w := still(1)
	w.Duration = 2 * time.Minute
	w.Pods.Ready, w.Pods.Pending = 10*second, 5*second
	grow := func(at time.Duration, n int32) sim.Fault {
		return sim.Fault{Kind: sim.FaultSetReplicas, At: at, Replicas: n}
	}
	w.Faults = []sim.Fault{
		{Kind: sim.FaultSlowStart, At: 15 * second, For: 15 * second, Factor: 4500},
		grow(15*second, 2), // Ready at 60 s
		{Kind: sim.FaultSlowStart, At: 20 * second, For: 10 * second, Factor: 2000},
		grow(25*second, 3), // at 45 s
		grow(30*second, 4), // the interval is over: at 40 s
	}
	wantPods(t, w, map[time.Duration]sim.Counts{
		15 * second: pods(1, 0, 1, 0, 0),
		30 * second: pods(1, 2, 1, 0, 0),
		45 * second: pods(3, 1, 0, 0, 0),
		60 * second: pods(4, 0, 0, 0, 0),
	})
}

func TestPodsWithoutANodeStartWhenThereIsOne(t *testing.T) {
	w := still(1)
	w.Duration = 2 * time.Minute
	w.Pods.Ready, w.Pods.Pending = 20*second, 10*second
	w.Faults = []sim.Fault{
		{Kind: sim.FaultSetReplicas, At: 9 * second, Replicas: 2}, // it has found its node
		{Kind: sim.FaultNodeShortage, At: 10 * second, For: 30 * second},
		{Kind: sim.FaultNodeShortage, At: 30 * second, For: 20 * second}, // both unite
		{Kind: sim.FaultSetReplicas, At: 15 * second, Replicas: 4},
		{Kind: sim.FaultSetReplicas, At: 20 * second, Replicas: 3}, // the newest Pending one goes
	}
	ticks := wantPods(t, w, map[time.Duration]sim.Counts{
		15 * second: pods(1, 0, 3, 0, 0),
		30 * second: pods(2, 0, 1, 0, 0),
		45 * second: pods(2, 0, 1, 0, 0),
		60 * second: pods(2, 1, 0, 0, 0),
		75 * second: pods(3, 0, 0, 0, 0),
	})
	groups := at(t, ticks, 75*second).Observation.Groups
	if last := groups[len(groups)-1]; last.Start != 50*second || last.Transition != 70*second {
		t.Errorf("the pod that waited started at %v and became Ready at %v", last.Start, last.Transition)
	}
}

func TestAShortageWithoutAnEndKeepsPodsPending(t *testing.T) {
	w := still(1)
	w.Faults = []sim.Fault{
		{Kind: sim.FaultNodeShortage, At: 10 * second},
		{Kind: sim.FaultSetReplicas, At: 15 * second, Replicas: 3},
		{Kind: sim.FaultEvictPods, At: 40 * second, Ranks: []int{1}}, // and its successor waits as well
	}
	wantPods(t, w, map[time.Duration]sim.Counts{
		15 * second: pods(1, 0, 2, 0, 0),
		45 * second: pods(1, 0, 2, 0, 1),
	})
}

func TestBadFactorsAreRefused(t *testing.T) {
	for _, tt := range []struct {
		fault sim.Fault
		want  string
	}{
		{sim.Fault{Kind: sim.FaultTraffic, Factor: -1}, "fault 0: the factor is negative or too great"},
		{sim.Fault{Kind: sim.FaultTraffic, Factor: sim.MaxFactor + 1}, "fault 0: the factor is negative or too great"},
		{sim.Fault{Kind: sim.FaultSlowStart, Factor: 999}, "fault 0: a slow start is not faster than others"},
		{sim.Fault{Kind: sim.FaultSlowStart, Factor: 4000}, "fault 0: pods take longer than 50 years to start"},
		{sim.Fault{Kind: sim.FaultTraffic, Factor: 4000}, "demand 0, value 0: it is negative or too great"},
	} {
		w := still(1)
		w.Pods.Ready = 20 * 365 * 24 * time.Hour
		if strings.HasPrefix(tt.want, "demand") {
			w.Demand[0].Values = []int64{1 << 61}
		}
		w.Faults = []sim.Fault{tt.fault}
		if err := w.Validate(); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%+v: %v, want %s", tt.fault, err, tt.want)
		}
	}
}
