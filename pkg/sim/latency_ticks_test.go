package sim_test

import (
	"math"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// tenTicksLatency asks for the requests behind the cpu of scoredTicks. They take 0
// to 100 ms, any time alike, one at a time: so the probability to wait is the
// utilization. 80 % of them are to take no longer than 100 ms.
func tenTicksLatency() *sim.Latency {
	return &sim.Latency{
		Demand: 1,
		SLO:    &sim.SLO{Latency: 100 * time.Millisecond, Objective: 800_000},
		Model: &sim.LatencyModel{
			Service: []sim.Bucket{{Upper: 100 * time.Millisecond, Count: 7}},
			Servers: 1, Drain: 40 * time.Millisecond, From: 0, To: 900,
		},
	}
}

// levelsOfTenTicks: 120 of 200, 400, 600 and 400, then 150 of 100, of which a third
// is shed.
func levelsOfTenTicks() sim.LatencyScore {
	s := sim.LatencyScore{
		Of: tenTicksLatency(), Admitted: make([]sim.Amount, 1002), Millis: make([]int64, 1002),
		TurnedAway: sim.Amount{Lo: 3_000_000}, Shedding: 60_000,
		Arrived: sim.Amount{Lo: 19_800_000}, Shed: sim.Amount{Lo: 3_000_000},
	}
	for _, at := range []struct {
		level        int
		rate, millis uint64
	}{{600, 120, 30_000}, {300, 120, 50_000}, {200, 120, 10_000}} {
		s.Admitted[at.level] = sim.Amount{Lo: at.rate * at.millis}
		s.Millis[at.level] = int64(at.millis)
	}
	s.Admitted[1001] = sim.Amount{Lo: 6_000_000}
	return s
}

// longerOfTenTicks is the share that takes longer than 100 ms at a utilization: of
// those that wait, ∫ exp(−s ÷ mean) ds ÷ 100 ms, for s from 0 to 100 ms.
func longerOfTenTicks(utilization float64) float64 {
	mean := 0.04 / (1 - utilization)
	return utilization * mean / 0.1 * (1 - math.Exp(-0.1/mean))
}

// missesOfTenTicks is the share of all requests that miss, of those beyond the
// model this part.
func missesOfTenTicks(beyond float64) float64 {
	late := 3600*longerOfTenTicks(0.6) + 6000*longerOfTenTicks(0.3) + 1200*longerOfTenTicks(0.2)
	return (3000 + late + beyond*6000) / 19_800
}

// p50OfTenTicks is where, beside the 6000 of unknown length, so many take longer
// that they are half of 16,800.
func p50OfTenTicks() float64 {
	longer := func(t, utilization float64) float64 {
		mean := 0.04 / (1 - utilization)
		if t > 0.1 {
			return utilization * mean / 0.1 * (math.Exp(-(t-0.1)/mean) - math.Exp(-t/mean))
		}
		return (0.1-t)/0.1 + utilization*mean/0.1*(1-math.Exp(-t/mean))
	}
	low, high := 0.0, 1.0
	for range 60 {
		t := (low + high) / 2
		if 6000+3600*longer(t, 0.6)+6000*longer(t, 0.3)+1200*longer(t, 0.2) > 8400 {
			low = t
		} else {
			high = t
		}
	}
	return high
}

// tolerance is how exact a term is; quantiles are to the microsecond.
func tolerance(u sim.Unit) float64 {
	if u == sim.UnitLatency {
		return 2e-6
	}
	return 1e-12
}

func TestWhatTheModelDoesNotTellIsARange(t *testing.T) {
	score := scoredTicks().Run(nil)
	l := &score.Latency
	least, most, ok := l.Misses()
	if !ok || math.Abs(least-missesOfTenTicks(0)) > 1e-12 || math.Abs(most-missesOfTenTicks(1)) > 1e-12 {
		t.Errorf("misses %v to %v, want %v to %v", least, most, missesOfTenTicks(0), missesOfTenTicks(1))
	}
	// At 60 % more than 20 % take too long, at 30 % fewer do; shedding a third is
	// worse.
	if longerOfTenTicks(0.6) < 0.2 || longerOfTenTicks(0.3) > 0.2 {
		t.Errorf("longer than 100 ms are %v and %v", longerOfTenTicks(0.6), longerOfTenTicks(0.3))
	}
	if low, high, _ := l.MissTime(); low != 90*time.Second || high != 90*time.Second {
		t.Errorf("misses for %v to %v, want 90s", low, high)
	}
	if got := l.Untold(); math.Abs(got-6.0/16.8) > 1e-12 {
		t.Errorf("%v of the admitted requests untold, want 6000 of 16800", got)
	}
	if least, most, _ := l.Quantile(0.99); most != sim.Unbounded || least < 100*time.Millisecond {
		t.Errorf("p99 is %v to %v, want no upper bound", least, most)
	}
}
