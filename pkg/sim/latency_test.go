package sim_test

import (
	"math"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// exponentialService is a service time of 20 ms on average.
func exponentialService() []sim.Bucket {
	var buckets []sim.Bucket
	left := 1e9
	for i := 1; i <= 400; i++ {
		beyond := math.Round(1e9 * math.Exp(-float64(i)/20))
		buckets = append(buckets, sim.Bucket{Upper: time.Duration(i) * time.Millisecond, Count: int64(left - beyond)})
		left = beyond
	}
	return buckets
}

// TestOneServerIsTheQueueMM1 compares with the exact sojourn time of M/M/1, which
// is exponential with rate μ(1 − ρ).
func TestOneServerIsTheQueueMM1(t *testing.T) {
	m := sim.LatencyModel{Service: exponentialService(), Servers: 1, Drain: 20 * time.Millisecond, To: 1000}
	for _, utilization := range []float64{0.01, 0.3, 0.5, 0.8, 0.95} {
		for _, at := range []time.Duration{time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond, 120 * time.Millisecond} {
			want := math.Exp(-50 * (1 - utilization) * at.Seconds())
			if got := m.Exceeds(at, utilization); math.Abs(got-want) > 1e-3 {
				t.Errorf("at %v busy %.4f take longer than %v, want %.4f", utilization, got, at, want)
			}
		}
	}
}

// erlangC is the probability to wait in M/M/c.
func erlangC(servers int, utilization float64) float64 {
	blocked := 1.0
	for k := 1; k <= servers; k++ {
		a := float64(servers) * utilization
		blocked = a * blocked / (float64(k) + a*blocked)
	}
	return blocked / (1 - utilization + utilization*blocked)
}

func TestWaitingIsNearErlangsFormula(t *testing.T) {
	for servers := 1; servers <= 32; servers *= 2 {
		m := sim.LatencyModel{Servers: float64(servers), Drain: 20 * time.Millisecond}
		for _, utilization := range []float64{0.5, 0.7, 0.9, 0.99} {
			got, mean := m.Waiting(utilization)
			if want := erlangC(servers, utilization); math.Abs(got-want) > 0.05 {
				t.Errorf("%d servers at %v: %.3f wait, Erlang says %.3f", servers, utilization, got, want)
			}
			if want := 0.02 / (1 - utilization); math.Abs(mean-want) > 1e-12 {
				t.Errorf("a wait of %v on average, want %v", mean, want)
			}
		}
	}
}

func TestLatencyGrowsWithUse(t *testing.T) {
	m := sim.LatencyModel{
		Service: []sim.Bucket{{Upper: 5 * time.Millisecond, Count: 80}, {Upper: 10 * time.Millisecond}, {Upper: 50 * time.Millisecond, Count: 19}}, Over: 1,
		Servers: 3, Drain: 7 * time.Millisecond,
	}
	for at := time.Duration(-1); at < 200*time.Millisecond; at += 1700 * time.Microsecond {
		before := 0.0
		for utilization := 0.0; utilization <= 1; utilization += 0.05 {
			got := m.Exceeds(at, utilization)
			if got < before-1e-12 || got < 0.01 || got > 1 || m.Exceeds(at+time.Millisecond, utilization) > got+1e-12 {
				t.Fatalf("at %v busy %v take longer than %v, at less %v", utilization, got, at, before)
			}
			before = got
		}
	}
	if got := m.Exceeds(time.Hour, 1); got != 1 {
		t.Errorf("%v take longer than an hour of pods that are always busy, want all", got)
	}
}

// waiting is a world of two pods that serve 100 each, of which 2 s may wait.
func waiting(values ...int64) *sim.World {
	w := still(2)
	w.Duration = 20 * time.Second
	d := &w.Demand[0]
	d.Step, d.Values, d.Capacity, d.Wait = 10*time.Second, values, 100, 2*time.Second
	w.Latency = &sim.Latency{
		SLO:   &sim.SLO{Latency: time.Second, Objective: 990_000},
		Model: &sim.LatencyModel{Service: []sim.Bucket{{Upper: time.Millisecond, Count: 1}}, Servers: 1, To: 1000},
	}
	return w
}

// TestWhatWaitsTooLongMisses: 250 arrive and 200 are served for 8 s, until 400
// wait; after 10 s only 100 arrive, and all is served 4 s later. More than 1 s of
// work waits from 4 s to 12 s, and from 8 s to 10 s a fifth is shed.
func TestWhatWaitsTooLongMisses(t *testing.T) {
	s := waiting(250, 100).Run(nil)
	l := &s.Latency
	least, most, _ := l.Misses()
	// 1 s is a whole number of parts of 2 s ÷ 64; a millisecond more or less counts.
	shed, late, waited := 2*50.0, 4*250.0+2*200+2*100, 8*250.0+2*200+4*100
	if want := (shed + late) / 3500; math.Abs(least-want) > 0.001*want {
		t.Errorf("%v miss at least, want %v", least, want)
	}
	if want := (shed + waited) / 3500; math.Abs(most-want) > 1e-9 {
		t.Errorf("%v miss at most, want %v", most, want)
	}
	low, high, _ := l.MissTime()
	if low < 8*time.Second || low > 8150*time.Millisecond || high != 14*time.Second {
		t.Errorf("for %v to %v, want 8s to 14s", low, high)
	}
	if l.Shedding != 2001 {
		t.Errorf("it shed in %d ms, want 2000, and that at whose end there is no room", l.Shedding)
	}
}

func TestWhatWaitedAndIsShedCountsOnce(t *testing.T) {
	w := waiting(250)
	w.Latency.SLO.Latency = time.Millisecond
	w.Faults = []sim.Fault{{Kind: sim.FaultSetReplicas, At: 8 * time.Second, Replicas: 0}}
	s := w.Run(nil)
	l := &s.Latency
	// 2000 arrived in 8 s, of which all but the first few waited longer than 1 ms;
	// 400 of them are shed at 8 s with what comes after.
	if least, most, _ := l.Misses(); least > most || most > 1 || least < (3000.0+1600-10)/5000-400.0/5000 {
		t.Errorf("%v to %v miss", least, most)
	}
}

func TestNobodyAsksForLatency(t *testing.T) {
	w := waiting(250)
	w.Latency = nil
	s := w.Run(nil)
	if s.Latency.Of != nil || s.Latency.Admitted != nil {
		t.Errorf("%+v", s.Latency)
	}
	if _, _, ok := s.Latency.Misses(); ok {
		t.Error("misses of nothing")
	}
	for _, term := range sim.Terms() {
		if _, known := term.Of(&s); known && (term.Needs == sim.NeedsModel || term.Needs == sim.NeedsLatency) {
			t.Errorf("%s is known", term.Name)
		}
	}
}

func TestWithoutAModelOnlyWhatIsShedIsCertain(t *testing.T) {
	w := waiting(400)
	w.Demand[0].Wait, w.Latency.Model = 0, nil
	s := w.Run(nil)
	if least, most, ok := s.Latency.Misses(); !ok || least != 0.5 || most != 1 {
		t.Errorf("%v to %v miss, want a half to all", least, most)
	}
	for _, term := range sim.Terms() {
		if missing := term.Missing(w); term.Needs == sim.NeedsLatency && missing != "latency is not calibrated" {
			t.Errorf("%s: missing %q", term.Name, missing)
		}
	}
}

// TestUnequalPodsCarryWhatTheyDoWhenTheBusiestIsFull, and report their mean.
func TestUnequalPodsCarryWhatTheyDoWhenTheBusiestIsFull(t *testing.T) {
	w := still(4)
	w.Demand[0].Values, w.Demand[0].Capacity, w.Pods.Imbalance = []int64{300}, 100, 1250
	if got := w.Carries(&w.Demand[0]); got != 80 {
		t.Errorf("a pod counts for %d, want 100 ÷ 1.25", got)
	}
	s := w.Run(nil)
	if s.Saturated != 0 || s.Loads[0].Each != 80 {
		t.Errorf("saturated for %v, each carries %d", s.Saturated, s.Loads[0].Each)
	}
	w.Demand[0].Values = []int64{321}
	seen := int64(0)
	s = w.Run(func(tick *sim.Tick) bool {
		seen = tick.Decision.Metrics[0].Average
		return false
	})
	s = w.Run(nil)
	if s.Saturated != w.Duration || seen != 80 {
		t.Errorf("saturated for %v, an average of %d seen; want all the time, and 320 ÷ 4", s.Saturated, seen)
	}
	w.Pods.Imbalance = 1_000_000
	if got := w.Carries(&w.Demand[0]); got != 1 {
		t.Errorf("a pod counts for %d, want 1 at least", got)
	}
}

func TestLatencyThatCannotBeReplayedIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(w *sim.World){
		"latency: there is no such demand":                                                   func(w *sim.World) { w.Latency.Demand = 1 },
		"latency: it is of a load of a Resource or Pods metric that has a capacity":          func(w *sim.World) { w.Demand[0].Capacity, w.Demand[0].Wait = 0, 0 },
		"latency: an objective is a positive time, and a share between none and all":         func(w *sim.World) { w.Latency.SLO.Objective = 1_000_000 },
		"latency: a pod serves 1 request at least side by side, and not more than a million": func(w *sim.World) { w.Latency.Model.Servers = math.NaN() },
		"latency: the time of a request at capacity is negative or too long":                 func(w *sim.World) { w.Latency.Model.Drain = -1 },
		"latency: it does not hold for a range of 0 to 1000 thousandths":                     func(w *sim.World) { w.Latency.Model.From = 1001 },
		"latency: the buckets of the service time do not ascend, or count less than nothing": func(w *sim.World) { w.Latency.Model.Service[0].Upper = 0 },
		"latency: there is no service time":                                                  func(w *sim.World) { w.Latency.Model.Service = nil },
		"pods: the imbalance is negative or too great":                                       func(w *sim.World) { w.Pods.Imbalance = sim.MaxImbalance + 1 },
	} {
		w := waiting(1)
		spoil(w)
		if err := w.Validate(); err == nil || err.Error() != name {
			t.Errorf("got %v, want %s", err, name)
		}
	}
}
