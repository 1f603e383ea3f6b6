package sim_test

import (
	"slices"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// additive are the terms that are sums and counts.
func additive(s *sim.Score) map[string]float64 {
	out := map[string]float64{}
	for _, term := range sim.Terms() {
		if term.Grows {
			out[term.Name], _ = term.Of(s)
		}
	}
	return out
}

func TestAScoreUntilAnInstantIsThatOfAReplayThatEndsThere(t *testing.T) {
	w := daily(1)
	w.PodHourPrice = 0.04
	at := []time.Duration{0, 7 * time.Hour, 7*time.Hour + 1234*time.Millisecond, 13 * time.Hour, w.Duration}
	scores := w.RunUntil(at)
	if len(scores) != len(at) {
		t.Fatalf("%d scores", len(scores))
	}
	for i, end := range at[1:] {
		short := *w
		short.Duration = end
		alone := short.Run(nil)
		got := additive(&scores[i+1])
		for name, want := range additive(&alone) {
			if got[name] != want {
				t.Errorf("%s until %s: %v, alone %v", name, end, got[name], want)
			}
		}
	}
	if got := additive(&scores[0]); got["replicaHours"] != 0 || got["scaleEvents"] != 0 {
		t.Errorf("at the start: %v", got)
	}
}

// TestScoresAreCutWhereSyncsAreSkipped: the same in worlds of which most syncs are
// skipped, at instants that are no syncs and such that are.
func TestScoresAreCutWhereSyncsAreSkipped(t *testing.T) {
	for seed := range uint64(300) {
		d := newDice(seed)
		w := d.calm()
		if d.chance(70) {
			w = d.lively()
		}
		if w.SyncLatency > 0 {
			continue // a replay that ends earlier decides on syncs after its end
		}
		period := w.Autoscaler.Controller.SyncPeriod
		at := []time.Duration{d.span(w.Duration), d.span(w.Duration).Truncate(period), d.span(w.Duration)}
		slices.Sort(at)
		for i, s := range w.RunUntil(at) {
			if at[i] == 0 {
				continue
			}
			short := *w
			short.Duration = at[i]
			alone, _, _ := short.RunAhead(false)
			if s.Syncs != alone.Syncs {
				t.Fatalf("world %d until %s: %d syncs, alone %d", seed, at[i], s.Syncs, alone.Syncs)
			}
			got := additive(&s)
			for name, want := range additive(&alone) {
				if got[name] != want {
					t.Fatalf("world %d, %s until %s: %v, alone %v", seed, name, at[i], got[name], want)
				}
			}
		}
	}
}
