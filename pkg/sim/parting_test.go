package sim_test

import (
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// steady is a world of 40 syncs with one load throughout, in requests per
// second, of which a pod is to carry 100. With 430, 4 pods are within the
// tolerance and 5 are what is wanted.
func steady(load int64) *sim.World {
	w := tenTicks()
	w.Duration = 10 * time.Minute
	w.Demand[0].Values = []int64{load * 1000}
	return w
}

// from is a recorded count that begins with one and becomes another at t.
func from(before int32, t time.Duration, after int32) *sim.Recorded {
	return &sim.Recorded{Step: 15 * second, Replicas: []sim.Point{{T: 0, N: before}, {T: t, N: after}}}
}

func TestPartingsNameTheirLikelyCause(t *testing.T) {
	five := 5 * time.Minute
	around := []sim.Span{{From: five - 30*second, To: five + time.Minute}}
	outage := steady(200)
	outage.Demand[0].Step = 15 * second
	outage.Demand[0].Values, outage.Demand[0].Null = make([]int64, 40), make([]bool, 40)
	for i := range 40 {
		outage.Demand[0].Values[i] = 200_000
		if i >= 20 {
			outage.Demand[0].Values[i] = 400_000
			outage.Demand[0].Null[i] = i < 28
		}
	}
	bounded := steady(430)
	bounded.Autoscaler.Max = 4
	rises := steady(200)
	rises.Autoscaler.Max = 3
	rises.Demand[0].Step, rises.Demand[0].Values = five, []int64{200_000, 600_000}
	falls := steady(400)
	falls.Autoscaler.Min = 3
	falls.Demand[0].Step, falls.Demand[0].Values = five, []int64{400_000, 100_000}
	with := func(rec *sim.Recorded, change func(*sim.Recorded)) *sim.Recorded { change(rec); return rec }
	for _, tt := range []struct {
		name  string
		world *sim.World
		rec   *sim.Recorded
		want  sim.Cause
	}{
		{"a count that nobody decided", steady(430), from(4, five, 5), sim.CauseManual},
		{"one that the recorded autoscaler did not want", steady(430), with(from(4, five, 5), func(r *sim.Recorded) {
			r.Wanted = []sim.Point{{T: 0, N: 4}}
		}), sim.CauseManual},
		{"one that it accepted", steady(430), with(from(4, five, 5), func(r *sim.Recorded) {
			r.Wanted = []sim.Point{{T: 0, N: 4}, {T: five, N: 5}}
		}), sim.CauseManual},
		{"one that this autoscaler, which errs, did not decide", steady(300), from(2, five, 4), sim.CauseUnknown},
		{"nor did the recorded one", steady(300), with(from(2, 30*second, 1), func(r *sim.Recorded) {
			r.Wanted = []sim.Point{{T: 0, N: 2}}
		}), sim.CauseManual},
		{"a rollout", steady(430), with(from(4, five, 5), func(r *sim.Recorded) { r.Rollouts = around }), sim.CauseRollout},
		{"metrics that the recording lacks", outage, from(2, five+30*second, 4), sim.CauseMetrics},
		{"metrics that the recorded autoscaler lacked", steady(430), with(from(4, five, 5), func(r *sim.Recorded) { r.Blind = around }), sim.CauseMetrics},
		{"beyond max", rises, from(2, five, 6), sim.CauseMax},
		{"beyond max, from where it would go back at once", bounded, from(4, five, 5), sim.CauseMax},
		{"below min", falls, from(4, five, 1), sim.CauseMin},
		{"no move at all", rises, from(2, 20*time.Minute, 3), sim.CauseUnknown},
	} {
		if err := tt.world.Validate(); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		b := tt.world.Backtest(tt.rec)
		if len(b.Free.Partings) == 0 {
			t.Errorf("%s: they do not part: %+v", tt.name, b.Free)
			continue
		}
		if p := b.Free.Partings[0]; p.Cause != tt.want {
			t.Errorf("%s: %+v, want cause %d", tt.name, p, tt.want)
		}
	}
}

func TestAPartingIsLongerThanTheTolerance(t *testing.T) {
	w := steady(430)
	points := func(until time.Duration) *sim.Recorded {
		rec := from(4, 2*time.Minute, 5)
		rec.Replicas = append(rec.Replicas, sim.Point{T: 2*time.Minute + until, N: 4})
		return rec
	}
	if got := w.Backtest(points(sim.Tolerance)).Free.Partings; got != nil {
		t.Errorf("a minute apart: %+v", got)
	}
	got := w.Backtest(points(sim.Tolerance + time.Second)).Free.Partings
	want := sim.Parting{
		Span: sim.Span{From: 2 * time.Minute, To: 3*time.Minute + time.Second}, Simulated: 4, Recorded: 5, Worst: 1,
		Cause: sim.CauseManual, Event: sim.Change{T: 2 * time.Minute, From: 4, To: 5},
	}
	if len(got) != 1 || got[0] != want {
		t.Errorf("a second more: %+v, want %+v", got, want)
	}
}
