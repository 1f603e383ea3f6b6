package sim_test

import (
	"slices"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// TestAShiftInTimeChangesNothing lets everything happen later by a common multiple
// of sync, scrape and step: until then demand is what it is at first, and nobody
// can read the scale.
func TestAShiftInTimeChangesNothing(t *testing.T) {
	const common = time.Minute
	for seed := range uint64(400) {
		d := newDice(seed)
		early := d.onMinutes(d.world())
		late, by := *early, common*time.Duration(1+d.IntN(20))
		early.Pods.InitialAge += by
		late.Duration += by
		late.Demand, late.Faults = slices.Clone(early.Demand), slices.Clone(early.Faults)
		for i := range late.Demand {
			o := &late.Demand[i]
			o.Values = append(slices.Repeat(o.Values[:1], int(by/o.Step)), o.Values...)
			if o.Null != nil {
				o.Null = append(slices.Repeat(o.Null[:1], int(by/o.Step)), o.Null...)
			}
		}
		for i := range late.Faults {
			late.Faults[i].At += by
		}
		unread := sim.Fault{Kind: sim.FaultScaleReadFails, For: by}
		if !early.Autoscaler.Controller.Profile.SyncsOnCreation {
			unread.For++ // one sync falls on the instant that is the creation otherwise
		}
		late.Faults = slices.Insert(late.Faults, 0, unread)

		a, b := outcomeOf(early), outcomeOf(&late)
		more := len(b.at) - len(a.at)
		for i := range b.at {
			b.at[i] -= by
		}
		if more < 1 || !slices.Equal(a.at, b.at[more:]) || !slices.Equal(a.counts, b.counts[more:]) ||
			!slices.Equal(a.scales, b.scales[more:]) || !slices.Equal(a.failed, b.failed[more:]) {
			t.Fatalf("world %d: later by %v, decisions differ:\n%v\n%v", seed, by, a.scales, b.scales[max(0, more):])
		}
		x, y := &a.score, &b.score
		if y.ReplicaMillis-x.ReplicaMillis != int64(early.Pods.Initial)*by.Milliseconds() || y.FailedSyncs-x.FailedSyncs != int64(more) ||
			x.ScaleUps != y.ScaleUps || x.ScaleDowns != y.ScaleDowns || x.DirectionChanges != y.DirectionChanges || x.Thrash != y.Thrash {
			t.Fatalf("world %d: later by %v, scores differ:\n%+v\n%+v", seed, by, *x, *y)
		}
	}
}

// onMinutes makes the periods of a world divide a minute, and its work one that
// never waits: what waits remembers how long the world has been.
func (d dice) onMinutes(w *sim.World) *sim.World {
	c := &w.Autoscaler.Controller
	old := *c
	c.SyncPeriod, w.SyncLatency = pick(d, 15*time.Second, 10*time.Second, 30*time.Second), 0
	if d.chance(30) {
		w.SyncLatency = pick(d, c.SyncPeriod, 60*time.Second-c.SyncPeriod)
	}
	for i := range w.Faults {
		if s := w.Faults[i].Autoscaler; s != nil && s.Controller == old {
			s.Controller = *c
		}
	}
	if d.chance(50) {
		w = d.scraped(w)
		w.Pipeline.Resolution = pick(d, 10*time.Second, 15*time.Second, time.Minute)
		w.Pipeline.Age = pick(d, 0, 0, 7*time.Second)
	}
	for i := range w.Demand {
		o := &w.Demand[i]
		o.Step = pick(d, 5*time.Second, 15*time.Second, 20*time.Second, time.Minute)
		if o.Wait = 0; o.Role == sim.RoleBacklog {
			o.Role, o.Initial = sim.RoleExogenous, 0
		}
	}
	return w
}
