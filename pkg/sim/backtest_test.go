package sim_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// tenTicks is a world of ten syncs that wants one pod per 100 of load, at once
// in both directions: 2 2 4 4 4 6 6 3 3 3.
func tenTicks() *sim.World {
	w := still(2)
	w.Autoscaler = requestsPerPod(10)
	w.Autoscaler.HasBehavior = true
	at := hpa.Rules{Policies: []hpa.Policy{{Value: 100, Period: 15 * second}}}
	w.Autoscaler.Up, w.Autoscaler.Down = at, at
	w.Duration = 150 * second
	w.Demand[0].Values = []int64{200_000, 200_000, 400_000, 400_000, 400_000, 600_000, 600_000, 300_000, 300_000, 300_000}
	return w
}

// recordedSteps is a count every 15 s from t=0.
func recordedSteps(counts ...int32) *sim.Recorded {
	rec := &sim.Recorded{Step: 15 * second}
	for i, n := range counts {
		rec.Replicas = append(rec.Replicas, sim.Point{T: time.Duration(i) * 15 * second, N: n})
	}
	return rec
}

// TestBacktestOfTenTicks is computed by hand. The recorded count changes after
// the sync of its instant, and the autoscaler wants what the load says:
//
//	sync      0  1  2  3  4  5  6  7  8  9
//	recorded  2  2  2  4  4  4  5  5  3  3   at the sync, before it
//	decided   2  2  4  4  4  6  6  3  3  3
//	later     2  2  4  4  4  5  5  3  3  3   one sync later
//	error     0  0  0  0  0  1  1  0  0  0
//	still     0  0  2  0  0  1  0  2  0  0
//	simulated 2  2  4  4  4  6  6  3  3  3   the free run, after each sync
//	recorded  2  2  4  4  4  5  5  3  3  3
func TestBacktestOfTenTicks(t *testing.T) {
	rec := recordedSteps(2, 2, 4, 4, 4, 5, 5, 3, 3, 3)
	got := tenTicks().Backtest(rec)
	wantSkill := sim.Skill{Horizon: 15 * second, Syncs: 10, Changes: 3, Error: 2, Still: 5, Exact: 2, Idle: 1}
	if got.Skill != wantSkill {
		t.Errorf("skill %+v\n want %+v", got.Skill, wantSkill)
	}
	if v, ok := got.Skill.Value(); !ok || v != 1-2.0/5 {
		t.Errorf("skill %v, %v; want 0.6", v, ok)
	}
	wantFree := sim.FreeRun{
		Difference: sim.Difference{
			Compared: 150 * second, Equal: 120 * second, AbsoluteMillis: 30_000, Worst: 1, WorstAt: 75 * second,
		},
		SimulatedMillis: (2*2 + 3*4 + 2*6 + 3*3) * 15_000, RecordedMillis: (2*2 + 3*4 + 2*5 + 3*3) * 15_000,
		SimulatedEvents: 3, RecordedEvents: 3, Matched: 3,
	}
	if !reflect.DeepEqual(got.Free, wantFree) {
		t.Errorf("free run %+v\n want %+v", got.Free, wantFree)
	}
}

// TestItsOwnCourseIsForeseenExactly takes the autoscaler's own decisions for
// recorded ones.
func TestItsOwnCourseIsForeseenExactly(t *testing.T) {
	changed := 0
	for seed := range uint64(300) {
		own := newDice(seed).world()
		own.SyncLatency, own.Faults = 0, nil // what other hands do is no decision
		own.Autoscaler.Controller.Profile = hpa.LatestProfile()
		var trace sim.Trace
		own.Pods.Initial = min(max(own.Pods.Initial, own.Autoscaler.Min, 1), own.Autoscaler.Max)
		own.Run(func(tick *sim.Tick) bool { trace.Add(tick); return true })
		if len(trace.Replicas) == 0 || trace.Replicas[0].N != own.Pods.Initial {
			continue // it scaled at once, before anything was recorded
		}
		b := own.Backtest(&sim.Recorded{Replicas: trace.Replicas, Step: time.Second})
		changed += int(b.Skill.Changes)
		if v, ok := b.Skill.Value(); ok && v != 1 || b.Skill.Error != 0 || b.Skill.Idle != 0 || b.Skill.Exact != b.Skill.Changes {
			t.Fatalf("world %d: skill %+v", seed, b.Skill)
		}
		f := &b.Free
		if f.Difference.Equal != f.Difference.Compared || f.Matched != f.RecordedEvents || f.Matched != f.SimulatedEvents ||
			f.Lag != 0 || f.SimulatedMillis != f.RecordedMillis || len(f.Partings) > 0 {
			t.Fatalf("world %d: free run %+v", seed, f)
		}
	}
	if changed < 100 {
		t.Errorf("only %d changes", changed)
	}
}

func TestBacktestWithoutACountAtTheStartIsEmpty(t *testing.T) {
	for _, rec := range []*sim.Recorded{recordedSteps(), recordedSteps(sim.Unknown, 2), {Replicas: []sim.Point{{T: 1, N: 2}}}} {
		if got := tenTicks().Backtest(rec); !reflect.DeepEqual(got, sim.Backtest{}) {
			t.Errorf("%v: %+v", rec.Replicas, got)
		}
	}
}

func TestNothingToForeseeIsNoSkill(t *testing.T) {
	w := tenTicks()
	w.Demand[0].Values = []int64{200_000}
	b := w.Backtest(recordedSteps(2, 2, 2, 2))
	if v, ok := b.Skill.Value(); ok || v != 0 || b.Skill.Syncs == 0 {
		t.Errorf("skill %v, %v: %+v", v, ok, b.Skill)
	}
}

func TestAHorizonIsNotShorterThanTheRecordingsStep(t *testing.T) {
	rec := recordedSteps(2, 2, 2, 2, 4, 4, 4, 4, 4, 4)
	rec.Step = time.Minute
	w := tenTicks()
	w.Demand[0].Values = []int64{200_000, 400_000}
	// Seen a minute late: syncs 1 to 4 want 4 pods, which the recording has
	// 60 s after each of them.
	got := w.Backtest(rec).Skill
	if want := (sim.Skill{Horizon: time.Minute, Syncs: 7, Changes: 4, Still: 8, Exact: 4}); got != want {
		t.Errorf("skill %+v, want %+v", got, want)
	}
}

func TestUnknownCountsAreNotJudged(t *testing.T) {
	rec := recordedSteps(2, 2, sim.Unknown, sim.Unknown, 4, 6, 6, 3, 3, 3)
	got := tenTicks().Backtest(rec)
	if got.Skill.Syncs != 7 || got.Skill.Error != 0 {
		t.Errorf("skill %+v", got.Skill)
	}
	if d := got.Free.Difference; d.Compared != 120*second || d.Equal != d.Compared || got.Free.RecordedEvents != 2 {
		t.Errorf("free run %+v", got.Free)
	}
}

func TestEventsMatchOneToOneInOrderOfTime(t *testing.T) {
	// Recorded: up at 60 and 75 s, down at 135 s. The load rises at 0 s and then
	// falls at 60 s: one up and one down, 60 s before the first and 75 s before
	// the last.
	w := tenTicks()
	w.Demand[0].Values = []int64{200_000, 300_000, 300_000, 300_000, 300_000, 200_000}
	got := w.Backtest(recordedSteps(2, 2, 2, 2, 3, 4, 4, 4, 4, 2)).Free
	if got.SimulatedEvents != 2 || got.RecordedEvents != 3 || got.Matched != 2 || got.Lag != 45*second {
		t.Errorf("%+v", got)
	}
}
