package report

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// TestExplainShowsWhatTheDecisionSays explains every sync of random worlds.
func TestExplainShowsWhatTheDecisionSays(t *testing.T) {
	for seed := range uint64(60) {
		w := worldDice{rand.New(rand.NewPCG(seed, 5))}.world(t)
		w.Run(func(tick *sim.Tick) bool {
			var b strings.Builder
			if err := Explain(&b, "web", time.Time{}, tick); err != nil {
				t.Fatal(err)
			}
			d := &tick.Decision
			wants := []string{"web: the sync at +" + brief(tick.T) + "\n" + why(tick) + "\n", "\n  spec.replicas " + number(tick.SpecReplicas) + ", status.replicas "}
			if d.HasProposal {
				wants = append(wants, "\nproposal: "+number(d.Proposed)+", by", "\n  stabilized: "+number(d.Stabilized)+"\n",
					"\n  limited: "+number(d.Limited)+" ("+d.LimitedReason.String()+")\n")
			}
			if d.Scaled {
				wants = append(wants, "\nwritten\n  spec.replicas "+number(d.Desired)+"\n")
			} else {
				wants = append(wants, "\nwritten\n  nothing\n")
			}
			for i := range d.Basis.Workings {
				if c := d.Basis.Workings[i].Problem(); c != "" {
					wants = append(wants, "\n  failed: "+c+"\n")
				}
			}
			for _, want := range wants {
				if !strings.Contains(b.String(), want) {
					t.Errorf("seed %d: no %q in\n%s", seed, want, b.String())
				}
			}
			return !t.Failed()
		})
	}
}
