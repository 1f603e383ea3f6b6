package sim_test

import (
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// aggregate asks one pod after the other, and aggregates as PromQL does.
func (t *twin) aggregate(d *sim.Demand, now time.Duration) (int64, bool) {
	var all []*big.Rat
	sum := new(big.Rat)
	for _, p := range t.pods {
		if v, ok := t.usage(p, d, now); ok {
			all = append(all, rat(v))
			sum.Add(sum, rat(v))
		}
	}
	if len(all) == 0 {
		return 0, false
	}
	slices.SortFunc(all, (*big.Rat).Cmp)
	last := len(all) - 1
	switch d.Aggregate {
	case sim.AggregateSum:
		return floorOf(sum), true
	case sim.AggregateAvg:
		return floorOf(sum.Quo(sum, rat(int64(len(all))))), true
	case sim.AggregateMax:
		return floorOf(all[last]), true
	case sim.AggregateMin:
		return floorOf(all[0]), true
	case sim.AggregateCount:
		return int64(len(all)) * 1000, true
	case sim.AggregateNone, sim.AggregateQuantile:
	}
	rank := new(big.Rat).Mul(big.NewRat(d.Quantile, 1_000_000), rat(int64(last)))
	low := floorOf(rank)
	high := min(low+1, int64(last))
	weight := rank.Sub(rank, rat(low))
	// low × (1 - weight) + high × weight
	value := new(big.Rat).Mul(all[low], new(big.Rat).Sub(rat(1), weight))
	return floorOf(value.Add(value, weight.Mul(weight, all[high]))), true
}

// aggregated makes the Object and External metrics of a world aggregates of what
// pods report.
func (d dice) aggregated(w *sim.World) *sim.World {
	add := func(source hpa.Source, name string, scale, each int64) {
		of := sim.Demand{Source: source, Name: name, Scale: scale, Aggregate: sim.Aggregate(1 + d.IntN(int(sim.AggregateQuantile)))}
		if of.Aggregate == sim.AggregateQuantile {
			of.Quantile = pick(d, 0, 500_000, 900_000, 999_999, sim.Million, d.Int64N(sim.Million))
		}
		w.Demand = append(w.Demand, d.demand(w, of, each))
	}
	w.Demand = slices.DeleteFunc(w.Demand, func(o sim.Demand) bool {
		return o.Source == hpa.SourceObject || o.Source == hpa.SourceExternal
	})
	add(hpa.SourceObject, "hits", 1, 100)
	for range 1 + d.IntN(2) {
		add(hpa.SourceExternal, "queue", 1000, 100)
	}
	w.Autoscaler.Metrics = append(w.Autoscaler.Metrics,
		hpa.Metric{Source: hpa.SourceObject, Name: "hits", Proposal: "Ingress metric hits", Target: hpa.TargetValue, Goal: 90},
		hpa.Metric{Source: hpa.SourceExternal, Name: "queue", Proposal: "external metric queue(nil)", Target: pick(d, hpa.TargetValue, hpa.TargetAverageValue), Goal: 90_000})
	return w
}

// TestAggregatesOverPodsAgreeWithTheTwin replays random worlds whose Object and
// External metrics aggregate what the pods report.
func TestAggregatesOverPodsAgreeWithTheTwin(t *testing.T) {
	seen := map[sim.Aggregate]int{}
	agrees(t, func(d dice) *sim.World {
		w := d.aggregated(d.world())
		for i := range w.Demand {
			seen[w.Demand[i].Aggregate]++
		}
		return w
	})
	for a := sim.AggregateSum; a <= sim.AggregateQuantile; a++ {
		if seen[a] < 50 {
			t.Errorf("%v was rolled %d times only", a, seen[a])
		}
	}
}

// TestAnAggregateIsWhatPromQLMakesOfThePods: ten pods share 1,234 milli: six have
// 123, four 124; an idle pod uses 20 more.
func TestAnAggregateIsWhatPromQLMakesOfThePods(t *testing.T) {
	for _, c := range []struct {
		of       sim.Aggregate
		quantile int64
		want     int64
	}{
		{sim.AggregateSum, 0, 1434},
		{sim.AggregateAvg, 0, 143},
		{sim.AggregateMax, 0, 144},
		{sim.AggregateMin, 0, 143},
		{sim.AggregateCount, 0, 10_000},
		{sim.AggregateQuantile, 0, 143},
		{sim.AggregateQuantile, 500_000, 143}, // rank 4.5
		{sim.AggregateQuantile, 700_000, 144}, // rank 6.3
		{sim.AggregateQuantile, sim.Million, 144},
	} {
		w := aggregating(c.of)
		w.Demand[0].Quantile = c.quantile
		if err := w.Validate(); err != nil {
			t.Fatal(err)
		}
		w.Run(func(tick *sim.Tick) bool {
			if got := tick.Observation.Readings[0].Values; len(got) != 1 || got[0] != c.want {
				t.Errorf("%v %d: %v, want %d", c.of, c.quantile, got, c.want)
			}
			return false
		})
	}
}

// aggregating is a world of ten pods whose only metric aggregates.
func aggregating(of sim.Aggregate) *sim.World {
	c := hpa.DefaultController()
	return &sim.World{
		Duration: time.Minute,
		Pods:     sim.Pods{Initial: 10, InitialAge: time.Hour},
		Autoscaler: hpa.Spec{
			Reference: "Deployment/default/web", Min: 1, Max: 20, Controller: c, ToleranceUp: c.Tolerance, ToleranceDown: c.Tolerance,
			Metrics: []hpa.Metric{{Source: hpa.SourceExternal, Name: "busiest", Target: hpa.TargetValue, Goal: 100}},
		},
		Demand: []sim.Demand{{
			Source: hpa.SourceExternal, Name: "busiest", Scale: 1, Step: time.Minute, Idle: 20, NotReady: 20,
			Values: []int64{1234}, Aggregate: of,
		}},
	}
}

// TestAQuantileLiesBetweenTwoPods: of two pods with 100 and 101 whole units, the
// quantile 0.25 is 100.25.
func TestAQuantileLiesBetweenTwoPods(t *testing.T) {
	w := aggregating(sim.AggregateQuantile)
	w.Pods.Initial, w.Demand[0].Scale, w.Demand[0].Idle, w.Demand[0].Values = 2, 1000, 0, []int64{201}
	w.Demand[0].Quantile = 250_000
	w.Run(func(tick *sim.Tick) bool {
		if got := tick.Observation.Readings[0].Values[0]; got != 100_250 {
			t.Errorf("%d, want 100250", got)
		}
		return false
	})
}

// TestAnAggregateOverNoPodsIsAbsent, as PromQL's is.
func TestAnAggregateOverNoPodsIsAbsent(t *testing.T) {
	for a := sim.AggregateSum; a <= sim.AggregateQuantile; a++ {
		w := aggregating(a)
		w.Pods.Pending, w.Pods.InitialAge = time.Hour, 0
		if s := w.Run(nil); s.FailedSyncs != s.Syncs {
			t.Errorf("%v: %d of %d syncs failed", a, s.FailedSyncs, s.Syncs)
		}
	}
}

// TestMorePodsLowerAnAverage: the loop is closed. 1,234 over ten pods are 123
// each, above a target of 100, so pods are added until they carry no more.
func TestMorePodsLowerAnAverage(t *testing.T) {
	w := aggregating(sim.AggregateAvg)
	w.Duration, w.Demand[0].Idle, w.Demand[0].NotReady = 10*time.Minute, 0, 0
	if s := w.Run(nil); s.Max() != 13 {
		t.Errorf("at most %d pods, want 13", s.Max())
	}
	w.Demand[0].Aggregate, w.Demand[0].Role = sim.AggregateNone, sim.RoleExogenous
	if s := w.Run(nil); s.Max() != 20 {
		t.Errorf("an exogenous value: at most %d pods, want all 20", s.Max())
	}
}

func TestWhatDoesNotGoWithAnAggregateIsRefused(t *testing.T) {
	for want, change := range map[string]func(*sim.Demand){
		"demand 0: there is no such aggregate":                                            func(d *sim.Demand) { d.Aggregate = 99 },
		"demand 0: only Object and External metrics aggregate what pods report":           func(d *sim.Demand) { d.Source = hpa.SourcePods },
		"demand 0: a backlog or an exogenous value is nothing that pods report":           func(d *sim.Demand) { d.Role = sim.RoleExogenous },
		"demand 0: only a quantile has a rank":                                            func(d *sim.Demand) { d.Quantile = 1 },
		"demand 0: the quantile is not within 0 and 1":                                    func(d *sim.Demand) { d.Aggregate, d.Quantile = sim.AggregateQuantile, sim.Million+1 },
		"demand 0, value 0: it is negative or too great":                                  func(d *sim.Demand) { d.Values[0] = -1 },
		"demand 0: what each pod has for itself is all it has, idle or not Ready as well": func(d *sim.Demand) { d.Role = sim.RolePerPod },
	} {
		w := aggregating(sim.AggregateMax)
		change(&w.Demand[0])
		if err := w.Validate(); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
