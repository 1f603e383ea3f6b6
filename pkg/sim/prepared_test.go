package sim_test

import (
	"reflect"
	"testing"
)

func TestPreparedWorldsScoreAsTheyDoAlone(t *testing.T) {
	for seed := range uint64(100) {
		w := newDice(seed).world()
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
