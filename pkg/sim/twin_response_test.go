package sim_test

import (
	"math/big"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// lasts is what the model says of one utilization, in thousandths.
func (t *twin) lasts(r *sim.Response, level int64) time.Duration {
	m, utilization := t.w.Latency.Model, float64(min(level, 999))/1000
	if r.Kind == sim.ResponseQuantile {
		return m.Within(float64(r.Quantile)/1e6, utilization)
	}
	return m.Mean(utilization)
}

// responds is what a serving pod answers right now, in milli-units: pods get what
// they get of the load and of what waits, each the same, and serve it by themselves.
func (t *twin) responds(d *sim.Demand, now time.Duration) *big.Rat {
	load := &t.w.Demand[t.w.Latency.Demand]
	work := t.work[t.w.Latency.Demand]
	v, _ := t.value(load, now)
	pods := rat(t.serving())
	comes, waits, can := new(big.Rat).Quo(rat(v), pods), new(big.Rat).Quo(work.queued, pods), rat(t.carries(load))
	if comes.Sign() == 0 && waits.Sign() == 0 {
		return new(big.Rat)
	}
	most := t.lasts(&d.Response, t.w.Latency.Model.To)
	takes, full := most, true
	if waits.Sign() == 0 && comes.Cmp(can) <= 0 {
		full = false
		busy := new(big.Rat).Mul(new(big.Rat).Quo(comes, can), rat(1000))
		if level := floorOf(busy); level < t.w.Latency.Model.To {
			takes = t.lasts(&d.Response, level)
		}
	} else if before := time.Duration(floorOf(new(big.Rat).Quo(waits, can))) * time.Millisecond; before+t.lasts(&d.Response, 0) > most {
		takes = before + t.lasts(&d.Response, 0)
	}
	if d.Response.Kind != sim.ResponseInFlight {
		all := new(big.Rat).Mul(rat(int64(takes)), rat(1000))
		return all.Quo(all, rat(int64(d.Response.Unit)))
	}
	return t.admitted(d, comes, waits, takes, full)
}

// admitted are a pod's requests in flight, in thousandths.
func (t *twin) admitted(d *sim.Demand, comes, waits *big.Rat, takes time.Duration, full bool) *big.Rat {
	load := &t.w.Demand[t.w.Latency.Demand]
	does := comes
	if full {
		does = rat(t.carries(load))
	}
	room := new(big.Rat).Mul(rat(t.carries(load)), rat(load.Wait.Milliseconds()))
	if d.Capacity > 0 && comes.Cmp(does) > 0 && waits.Cmp(room) >= 0 {
		return rat(d.Capacity)
	}
	n := new(big.Rat).Mul(does, rat(int64(takes)))
	n.Quo(n.Mul(n, rat(1000)), rat(int64(t.w.Latency.Request)))
	if d.Capacity > 0 && n.Cmp(rat(d.Capacity)) > 0 {
		return rat(d.Capacity)
	}
	return n
}

// answersOfAll is what an Object or External metric without an aggregate tells.
func (t *twin) answersOfAll(d *sim.Demand, now time.Duration) (int64, bool) {
	pods := t.serving()
	switch {
	case pods == 0:
		return 0, d.Aggregate != sim.AggregateNone || d.Source == hpa.SourcePods
	case d.Response.Kind == sim.ResponseInFlight:
		return floorOf(new(big.Rat).Mul(t.responds(d, now), rat(pods))), true
	}
	return floorOf(t.responds(d, now)), true
}
