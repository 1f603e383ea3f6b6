package sim_test

import (
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
