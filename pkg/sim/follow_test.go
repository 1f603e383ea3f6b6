package sim_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// course is the course of spec.replicas that a run took, sync by sync.
func course(w *sim.World) []sim.Point {
	points := []sim.Point{}
	w.Run(func(tick *sim.Tick) bool {
		n := tick.SpecReplicas
		if tick.Decision.Scaled {
			n = tick.Decision.Desired
		}
		points = append(points, sim.Point{T: tick.At, N: n})
		return true
	})
	return points
}

// TestAWorldThatFollowsItselfDecidesTheSame replays random worlds along their
// own course: every decision, and what is remembered for the next one, must be
// that of the free run.
func TestAWorldThatFollowsItselfDecidesTheSame(t *testing.T) {
	scaled := 0
	for seed := range uint64(300) {
		w := newDice(seed).world()
		follower := *w
		follower.Follow = course(w)
		if err := follower.Validate(); err != nil {
			t.Fatalf("world %d: %v", seed, err)
		}
		want := replay(t, w)
		i := 0
		score := follower.Run(func(tick *sim.Tick) bool {
			a, b := &tick.Decision, &want[i].Decision
			same := a.Scaled == b.Scaled && a.Desired == b.Desired && a.Proposed == b.Proposed && a.Stabilized == b.Stabilized &&
				tick.Pods == want[i].Pods && reflect.DeepEqual(a.Metrics, b.Metrics)
			if !same {
				t.Fatalf("world %d, sync at %v:\n following %+v\n free      %+v", seed, tick.T, tick.Decision, want[i].Decision)
			}
			if a.Scaled {
				scaled++
			}
			i++
			return true
		})
		if i != len(want) {
			t.Fatalf("world %d: %d syncs following, %d free", seed, i, len(want))
		}
		if free := w.Run(nil); !reflect.DeepEqual(score, free) {
			t.Fatalf("world %d:\n following %+v\n free      %+v", seed, score, free)
		}
	}
	if scaled < 500 {
		t.Errorf("only %d decisions to scale", scaled)
	}
}

// TestAFollowedCourseIsNotMovedByDecisions gives one pod the load of four.
func TestAFollowedCourseIsNotMovedByDecisions(t *testing.T) {
	w := still(1)
	w.Autoscaler = requestsPerPod(10)
	w.Demand[0].Values = []int64{400_000}
	w.Follow = []sim.Point{{T: 20 * second, N: 3}, {T: 30 * second, N: sim.Unknown}, {T: 45 * second, N: 2}}
	ticks := replay(t, w)
	for i, want := range []struct{ spec, desired int32 }{
		{1, 4}, {1, 4}, {3, 4}, {3, 4}, // the point of 45 s follows its sync
	} {
		if got := ticks[i]; got.SpecReplicas != want.spec || !got.Decision.Scaled || got.Decision.Desired != want.desired {
			t.Errorf("sync %d: %d replicas, decided %d (%v); want %+v", i, got.SpecReplicas, got.Decision.Desired, got.Decision.Scaled, want)
		}
	}
	score := w.Run(nil)
	if want := int64(20*1+25*3+15*2) * 1000; score.ReplicaMillis != want {
		t.Errorf("%d pod-milliseconds, want %d", score.ReplicaMillis, want)
	}
}

// TestOnlyWritesOnTheCourseAreRemembered limits scale-ups to one pod in ten
// minutes: the limit binds once the course has followed a decision.
func TestOnlyWritesOnTheCourseAreRemembered(t *testing.T) {
	w := still(1)
	w.Autoscaler = requestsPerPod(10)
	w.Autoscaler.HasBehavior = true
	one := hpa.Rules{Policies: []hpa.Policy{{Value: 1, Period: 10 * time.Minute}}}
	w.Autoscaler.Up, w.Autoscaler.Down = one, one
	w.Demand[0].Values = []int64{900_000}
	w.Follow = []sim.Point{{T: 31 * second, N: 2}}
	ticks := replay(t, w)
	for i, want := range []int32{2, 2, 2, 2} {
		if got := ticks[i].Decision.Desired; got != want {
			t.Errorf("sync %d decided %d, want %d", i, got, want)
		}
	}
	if last := ticks[3]; last.SpecReplicas != 2 || last.Decision.Scaled {
		t.Errorf("sync 3: %d replicas, scaled %v: the write at 30s is not remembered", last.SpecReplicas, last.Decision.Scaled)
	}
}

func TestABadCourseIsRefused(t *testing.T) {
	for _, tt := range []struct {
		points []sim.Point
		want   string
	}{
		{[]sim.Point{{T: -1, N: 1}}, "follow 0: its time is not after"},
		{[]sim.Point{{T: 5, N: 1}, {T: 5, N: 2}}, "follow 1: its time is not after"},
		{[]sim.Point{{T: 1 << 62, N: 1}}, "follow 0: a time cannot be longer"},
		{[]sim.Point{{T: 1, N: -2}}, "follow 0: a negative number"},
	} {
		w := still(1)
		w.Follow = tt.points
		if err := w.Validate(); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%v: %v; want %s…", tt.points, err, tt.want)
		}
	}
}
