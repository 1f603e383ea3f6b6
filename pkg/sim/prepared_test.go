package sim_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

func TestPreparedWorldsScoreAsTheyDoAlone(t *testing.T) {
	for seed := range uint64(200) {
		w := newDice(seed).calm()
		p := w.Prepare()
		candidate := *w
		for _, most := range []int32{w.Autoscaler.Max, w.Autoscaler.Max + 3} {
			candidate.Autoscaler.Max = most
			if got, want := p.Run(&candidate), candidate.Run(nil); !reflect.DeepEqual(got, want) {
				t.Fatalf("world %d, max %d:\n prepared %+v\n alone    %+v", seed, most, got, want)
			}
		}
	}
}

func TestPreparedMonthsScoreAsTheyDoAlone(t *testing.T) {
	for name, w := range map[string]*sim.World{"ideal": daily(30), "resource": month(30), "flat": flat(), "busy": busy()} {
		p := w.Prepare()
		want, _, _ := w.RunAhead(false)
		if got := p.Run(w); !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n prepared %+v\n alone    %+v", name, got, want)
		}
		other := *w
		other.Demand = slices.Clone(w.Demand)
		other.Demand[0].Values = slices.Clone(w.Demand[0].Values[:1000])
		want, _, _ = other.RunAhead(false)
		if got := p.Run(&other); !reflect.DeepEqual(got, want) {
			t.Errorf("%s, other demand:\n prepared %+v\n alone    %+v", name, got, want)
		}
	}
}
