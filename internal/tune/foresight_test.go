package tune

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// little is a world of a few steps of a second, each pod carrying 1.
func little(startup time.Duration, values ...int64) *sim.World {
	c := hpa.DefaultController()
	return &sim.World{
		Duration: time.Duration(len(values)) * time.Second,
		Autoscaler: hpa.Spec{
			Min: 1, Max: 9, Controller: c, ToleranceUp: 0.1, ToleranceDown: 0.1,
			Metrics: []hpa.Metric{{Source: hpa.SourcePods, Target: hpa.TargetAverageValue, Goal: 800, Name: "rps"}},
		},
		Pods:   sim.Pods{Initial: 1, Ready: startup},
		Demand: []sim.Demand{{Source: hpa.SourcePods, Name: "rps", Scale: 1000, Step: time.Second, Values: values, Capacity: 1}},
	}
}

// brute is the least cost, in pod-seconds, of all courses whose saturated time
// is at most allowed seconds.
func brute(values []int64, startup, allowed int) float64 {
	most := int64(0)
	for _, v := range values {
		most = max(most, v)
	}
	best := math.Inf(1)
	var walk func(i int, pods int64, cost float64, short int)
	walk = func(i int, pods int64, cost float64, short int) {
		if short > allowed || cost >= best {
			return
		}
		if i == len(values) {
			best = cost
			return
		}
		for next := range most + 1 {
			c := cost + float64(next)
			if i > 0 {
				c += float64(startup) * float64(max(0, next-pods))
			}
			s := short
			if next < values[i] {
				s++
			}
			walk(i+1, next, c, s)
		}
	}
	walk(0, 0, 0, 0)
	return best
}

func TestForesightIsTheCheapestCourse(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	tight := 0
	for range 60 {
		values := make([]int64, 3+rng.IntN(5))
		for i := range values {
			values[i] = int64(rng.IntN(4))
		}
		startup := rng.IntN(4)
		for allowed := range 4 {
			got := foresee(little(time.Duration(startup)*time.Second, values...), time.Duration(allowed)*time.Second)
			want := brute(values, startup, allowed)
			bound := float64(got.PodMillis) / 1000
			if !got.Known || bound > want {
				t.Fatalf("%v, start-up %d, %d s saturated: bound %v, but %v is possible", values, startup, allowed, bound, want)
			}
			if allowed == 0 && bound != want {
				t.Errorf("%v, start-up %d: bound %v, the least is %v", values, startup, bound, want)
			}
			if want-bound < 1 {
				tight++
			}
		}
	}
	if tight < 200 {
		t.Errorf("only %d of 240 bounds come within a pod-second of the least", tight)
	}
}

func TestNoAutoscalerBeatsForesight(t *testing.T) {
	w := little(30*time.Second, 1)
	w.Demand[0].Values = nil
	for i := range int64(240) {
		w.Demand[0].Values = append(w.Demand[0].Values, 2+i%60/10)
	}
	w.Demand[0].Step, w.Duration = 15*time.Second, time.Hour
	for _, goal := range []int64{300, 500, 700, 900, 1200} {
		w.Autoscaler.Metrics[0].Goal = goal
		s := w.Run(nil)
		if got := foresee(w, s.Saturated); got.PodMillis > s.ReplicaMillis || got.PodMillis == 0 && s.Saturated < w.Duration {
			t.Errorf("goal %d: %d pod-ms with %s saturated, bound %d", goal, s.ReplicaMillis, s.Saturated, got.PodMillis)
		}
	}
}

func TestNeedsFollowTheMostDemandingLoad(t *testing.T) {
	w := little(0, 0, 3, 3, 1)
	w.Demand = append(w.Demand, sim.Demand{Source: hpa.SourcePods, Name: "other", Scale: 1, Step: 2 * time.Second, Values: []int64{5, 21}, Null: []bool{true, false}, Capacity: 10})
	got := needs(w)
	want := []need{{time.Second, 0}, {4 * time.Second, 3}}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%v, want %v", got, want)
	}
	if short := shortfall(got); len(short) != 4 || short[0] != 3*time.Second || short[2] != 3*time.Second || short[3] != 0 {
		t.Errorf("shortfall %v", short)
	}
}
