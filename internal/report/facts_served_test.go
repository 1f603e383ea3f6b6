package report

import (
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

func TestLoadNotServedNamesEachDemandAndWhenItBegan(t *testing.T) {
	amount := func(n uint64) sim.Amount { return sim.Amount{Lo: n} }
	calm := sim.Flow{Queues: true, Arrived: amount(10), Served: amount(10), First: -1}
	shed := sim.Flow{Queues: true, Arrived: amount(1000), Served: amount(750), Shed: amount(250), Exceeded: time.Minute, First: 90 * time.Second}
	queued := sim.Flow{Queues: true, Arrived: amount(1000), Served: amount(950), Queued: amount(50), Exceeded: 20 * time.Second, Waiting: time.Minute, First: 0}
	initial := sim.Flow{Queues: true, Arrived: amount(50), Served: amount(50), Waiting: 5 * time.Second}
	for _, tt := range []struct {
		name          string
		flows         []sim.Flow
		capacity      bool
		value, detail string
	}{
		{"all is served", []sim.Flow{calm, {}}, true, "0%", "none had to wait either"},
		{"nobody knows", []sim.Flow{calm}, false, "unknown", "capacity unknown"},
		{"pods serve nothing of it", []sim.Flow{{}, {}}, true, "-", "no pod serves what the metrics measure"},
		{
			"two demands",
			[]sim.Flow{shed, queued},
			true, "25.0%",
			"app/cpu: 25.0% shed, more arrived than could be served for 1m, first at +1m 30s; rps: more arrived than could be served for 20s, some waited for 1m, first at +0s",
		},
		{"a backlog that goes", []sim.Flow{{}, initial}, true, "0%", "rps: some waited for 5s, first at +0s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &Replay{
				World: &sim.World{Demand: []sim.Demand{{Name: "cpu", Container: "app"}, {Name: "rps"}}},
				Score: sim.Score{Flows: tt.flows, HasCapacity: tt.capacity},
			}
			if f := servedFact(r); f.value != tt.value || f.detail != tt.detail {
				t.Errorf("got %+v, want %s, %s", f, tt.value, tt.detail)
			}
		})
	}
}
