package report

import (
	"fmt"
	"strconv"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// moneyFact is the cost, where there is a price.
func moneyFact(r *Replay) fact {
	cost, ok := r.Score.Cost()
	if !ok {
		return fact{name: "cost"}
	}
	return fact{name: "cost", value: money(cost), detail: "at " + strconv.FormatFloat(r.Score.PodHourPrice, 'g', 6, 64) + " a pod-hour"}
}

// money prints an amount in some currency.
func money(v float64) string {
	if v < 1 {
		return significant(v)
	}
	return fixed(v, 2)
}

// requestsFact is use of cpu against what the pods request, where both are
// known.
func requestsFact(r *Replay) fact {
	f := fact{name: "use of requests"}
	ratio, ok := r.Score.CPU.Utilization()
	if !ok {
		return f
	}
	mean, _ := r.Score.CPU.MeanUtilization()
	f.value = percent(ratio)
	f.detail = "cpu used of cpu requested; over time " + percent(mean) + " on average"
	return f
}

// capacityFact is use of what the ready pods can serve.
func capacityFact(r *Replay) fact {
	f := fact{name: "use of capacity"}
	load, ratio := scarcest(&r.Score)
	if load == nil {
		return f
	}
	mean, _ := load.MeanUtilization()
	f.value = percent(ratio)
	f.detail = demandName(&r.World.Demand[load.Demand]) + ", of what the ready pods can serve; over time " + percent(mean) +
		" on average; " + fixed(load.SlackHours(), 2) + " pod-hours unused"
	return f
}

// scarcest is the load that used the greatest part of its capacity; nil where
// none is known.
func scarcest(s *sim.Score) (most *sim.Load, ratio float64) {
	for i := range s.Loads {
		l := &s.Loads[i]
		if u, ok := l.Utilization(); ok && (most == nil || u > ratio) {
			most, ratio = l, u
		}
	}
	return most, ratio
}

// spikesFact says how fast capacity followed demand.
func spikesFact(r *Replay) fact {
	s := &r.Score
	f := fact{name: "spikes"}
	if !s.HasCapacity {
		return f
	}
	f.value, f.detail = strconv.FormatInt(s.Spikes, 10), "rises of demand above what the ready pods can serve"
	if s.Spikes == 0 {
		return f
	}
	f.bad = true
	f.detail += "; enough again after " + span(s.MeanSpike()) + " on average, " + span(s.LongestSpike) + " at most"
	if s.Ebbed > 0 {
		f.detail += fmt.Sprintf("; %d ended because demand fell", s.Ebbed)
	}
	return f
}

func thrashFact(r *Replay) fact {
	return fact{
		name: "thrash", value: strconv.FormatInt(r.Score.Thrash, 10),
		detail: "replicas added or removed that undo a change of the last " + span(sim.ThrashWindow),
	}
}
