package sim_test

import (
	"math"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// amount is an amount of work in unit × milliseconds.
func amount(n uint64) sim.Amount { return sim.Amount{Lo: n} }

// TestQueueByHand follows two pods that can do 100 requests per second each, and
// let wait what they do in 500 ms:
//
//	from  arrives  waits at first, and then
//	0 s       150  nothing: all is served
//	10 s      250  nothing; 50 more a second than can be done, full at 100 after 2 s
//	20 s      100  100; 100 a second less, gone after 1 s
//	30 s      300  nothing; full at 100 after 1 s
//	35 s      300  100; one pod is gone: 50 fit, 50 are shed at once
//	40 s     null  50; nobody knows, it stands still
//	50 s        0  50; gone after 500 ms
func TestQueueByHand(t *testing.T) {
	w := still(2)
	d := &w.Demand[0]
	d.Step, d.Capacity, d.Wait = 10*second, 100, 500*time.Millisecond
	d.Values = []int64{150, 250, 100, 300, 7, 0}
	d.Null = []bool{4: true, 5: false}
	w.Faults = []sim.Fault{setReplicas(35*second, 1)}

	got := w.Run(nil).Flows[0]
	want := sim.Flow{
		Queues: true,
		// 1,500 + 2,500 + 1,000 + 3,000.
		Arrived: amount(8_000_000),
		// 1,500 + 2,000 + 1,100 + 1,000 + 500 + 50; the rest is shed: 400, 400, 50
		// and 1,000.
		Served: amount(6_150_000), Shed: amount(1_850_000),
		Exceeded: 20 * second,
		// 10 to 21, and 30 to 50.5.
		Waiting: 31500 * time.Millisecond,
		First:   10 * second,
	}
	if got != want {
		t.Errorf("flow\n got  %+v\n want %+v", got, want)
	}
}

// TestWhatDoesNotFitAfterANullStepIsShedWhenItEnds: nobody knows of the queue
// while a pod goes, and half of what waits has no room afterwards.
func TestWhatDoesNotFitAfterANullStepIsShedWhenItEnds(t *testing.T) {
	w := still(2)
	d := &w.Demand[0]
	d.Step, d.Capacity, d.Wait = 10*second, 100, 10*second
	d.Values, d.Null = []int64{400, 7, 0}, []bool{1: true, 2: false}
	w.Faults = []sim.Fault{setReplicas(15*second, 1)}
	f := w.Run(nil).Flows[0]
	// 2,000 wait after 10 s; 1,000 of them fit at 20 s, and take 10 s.
	if f.Served != amount(3_000_000) || f.Shed != amount(1_000_000) || f.Waiting != 30*second {
		t.Errorf("%+v, want 3,000 served, 1,000 shed, and work that waits for 30 s", f)
	}
}

// TestMetricsReportWhatIsServed looks at the same queue through the metric.
func TestMetricsReportWhatIsServed(t *testing.T) {
	w := still(2)
	w.Autoscaler.Controller.SyncPeriod = 5 * second
	d := &w.Demand[0]
	d.Step, d.Capacity, d.Wait, d.Idle = 10*second, 100, 750*time.Millisecond, 30
	d.Values = []int64{151, 250, 175}
	ticks := replay(t, w)
	for start, want := range map[time.Duration]int64{
		0:           151 + 60, // one of them has 76
		10 * second: 200 + 60,
		15 * second: 200 + 60,
		20 * second: 200 + 60, // 150 wait, though less arrives than can be done
		25 * second: 200 + 60, // 25 of them
		30 * second: 175 + 60,
	} {
		if got := reported(at(t, ticks, start)); got != want {
			t.Errorf("at %v: the pods report %d, want %d", start, got, want)
		}
	}
}

// TestBacklogByHand follows a queue of jobs, of which a worker completes 10 a
// second:
//
//	from  arrive  workers  backlog then
//	0 s        0        2      90, gone after 4.5 s
//	15 s      35        2       0; 15 more a second
//	25 s      35        0     150; 35 more a second
//	30 s    null        0     325: nobody knows, nothing moves
//	45 s       0        1     325; 10 less a second
func TestBacklogByHand(t *testing.T) {
	w := still(2)
	w.Autoscaler.Controller.SyncPeriod = 5 * second
	w.Autoscaler.Metrics[0].Source = hpa.SourceExternal
	d := &w.Demand[0]
	d.Source, d.Role, d.Capacity, d.Initial = hpa.SourceExternal, sim.RoleBacklog, 10, 90
	d.Values, d.Null = []int64{0, 35, 7, 0}, []bool{2: true, 3: false}
	w.Faults = []sim.Fault{setReplicas(25*second, 0), setReplicas(45*second, 1)}
	ticks := replay(t, w)
	for start, want := range map[time.Duration]int64{0: 90, 5 * second: 0, 15 * second: 0, 20 * second: 75, 25 * second: 150, 45 * second: 325, 55 * second: 225} {
		if got := at(t, ticks, start).Observation.Readings[0].Values; !slices.Equal(got, []int64{want}) {
			t.Errorf("at %v: the metric is %d, want %d", start, got, want)
		}
	}
	if r := at(t, ticks, 35*second).Observation.Readings[0]; r.Error == "" {
		t.Errorf("at 35s: %+v, want an error: nothing is known", r)
	}
	got := w.Run(nil).Flows[0]
	want := sim.Flow{
		Queues:  true,
		Arrived: amount(90_000 + 525_000), Served: amount(90_000 + 200_000 + 150_000), Queued: amount(175_000),
		Exceeded: 15 * second, Waiting: 4500*time.Millisecond + 45*second,
	}
	if got != want {
		t.Errorf("flow\n got  %+v\n want %+v", got, want)
	}
}

func TestAMetricTellsWholeUnitsOfItsBacklog(t *testing.T) {
	w := still(1)
	w.Autoscaler.Metrics[0].Source = hpa.SourceExternal
	d := &w.Demand[0]
	d.Source, d.Role, d.Scale, d.Capacity, d.Initial = hpa.SourceExternal, sim.RoleBacklog, 1000, 1, 9
	d.Values = []int64{0}
	w.SyncLatency = 1001 * time.Millisecond // 7.999 jobs are left
	if got := at(t, replay(t, w), 0).Observation.Readings[0].Values; !slices.Equal(got, []int64{7000}) {
		t.Errorf("the metric is %d, want 7000", got)
	}
}

func TestAnOverloadedFleetShowsItsLimitAndGrowsStepByStep(t *testing.T) {
	w := onCPU(2, 400, 400, 4000) // 8 times as much
	w.Duration = 3 * time.Minute
	w.Autoscaler = requestsPerPod(100)
	w.Autoscaler.Metrics = []hpa.Metric{cpu()}
	w.Autoscaler.Controller.CPUInitializationPeriod = 0 // every pod's metric is fresh
	w.Autoscaler.HasBehavior = true
	free := hpa.Rules{Policies: []hpa.Policy{{Type: hpa.PolicyPercent, Value: 900, Period: 15 * second}}}
	w.Autoscaler.Up, w.Autoscaler.Down = free, free
	w.Demand[0].Capacity = 500 // the limit, and the request
	var counts []int32
	for _, tick := range replay(t, w) {
		counts = append(counts, tick.SpecReplicas)
	}
	// 50 % is asked for and 100 % the most that is seen.
	if want := []int32{2, 2, 2, 4, 8, 16}; !slices.Equal(counts[:6], want) || counts[len(counts)-1] != 16 {
		t.Errorf("replicas %v, want %v and no more", counts, want)
	}
	w.Demand[0].Capacity = 0
	if got := at(t, replay(t, w), 45*second).SpecReplicas; got != 16 {
		t.Errorf("without a limit: %d replicas at once, want 16", got)
	}
}

func TestNothingIsServedWithoutServingPods(t *testing.T) {
	for name, c := range map[string]struct {
		change       func(*sim.Demand)
		served, shed uint64
	}{
		"unlimited pods":     {func(*sim.Demand) {}, 3_000_000, 3_000_000},
		"pods with capacity": {func(d *sim.Demand) { d.Capacity = 60 }, 1_800_000, 4_200_000},
		"pods that let wait": {func(d *sim.Demand) { d.Capacity, d.Wait = 60, time.Hour }, 1_800_000, 4_200_000},
	} {
		t.Run(name, func(t *testing.T) {
			w := still(1)
			w.Faults = []sim.Fault{setReplicas(30*second, 0)}
			c.change(&w.Demand[0])
			f := w.Run(nil).Flows[0]
			if f.Arrived != amount(6_000_000) || f.Served != amount(c.served) || f.Shed != amount(c.shed) {
				t.Errorf("%+v, want %d served and %d shed", f, c.served, c.shed)
			}
		})
	}
}

func TestOnlyWhatPodsServeFlows(t *testing.T) {
	for _, c := range []struct {
		source hpa.Source
		role   sim.Role
		want   bool
	}{
		{hpa.SourceResource, sim.RoleLoad, true},
		{hpa.SourcePods, sim.RoleLoad, true},
		{hpa.SourcePods, sim.RolePerPod, false},
		{hpa.SourceObject, sim.RoleLoad, false},
		{hpa.SourceExternal, sim.RoleExogenous, false},
		{hpa.SourceExternal, sim.RoleBacklog, true},
	} {
		w := still(1)
		d := &w.Demand[0]
		d.Source, d.Role, d.Capacity, d.Container = c.source, c.role, 10, "app"
		if err := w.Validate(); err != nil {
			t.Fatal(err)
		}
		f := w.Run(nil).Flows[0]
		if f.Queues != c.want || d.Queues() != c.want || (f.Arrived == sim.Amount{}) == c.want {
			t.Errorf("source %v, role %d: %+v, want a flow: %v", c.source, c.role, f, c.want)
		}
	}
}

func TestEachRunningPodHasAValueOfItsOwn(t *testing.T) {
	w := still(4)
	w.Pods.InitialAge, w.Pods.Termination = time.Minute, time.Minute
	w.Pods.Pending, w.Pods.Ready = 6*second, 20*second
	d := &w.Demand[0]
	d.Role, d.Scale, d.Values = sim.RolePerPod, 1000, []int64{11}
	w.Faults = []sim.Fault{
		{Kind: sim.FaultEvictPods, At: 0, Ranks: []int{0}}, // 0 fails, 4 replaces it
		setReplicas(second, 5),
		setReplicas(2*second, 4),
		{Kind: sim.FaultPodsWithoutMetrics, At: 0, Ranks: []int{1}},    // 2, which serves
		{Kind: sim.FaultPodsNotReady, At: 3 * second, Ranks: []int{0}}, // 1
		setReplicas(11*second, 5),                                      // 6
	}
	wantShares(t, at(t, replay(t, w), 15*second),
		[2]int64{0, 0},      // failed
		[2]int64{1, 11_000}, // held not Ready
		[2]int64{1, 11_000}, // serving, the other one is silent
		[2]int64{1, 11_000}, // running, not Ready yet
		[2]int64{1, 11_000}, // terminating, running
		[2]int64{0, 0},      // pending
	)
	d.NotReadyNone = true
	wantShares(t, at(t, replay(t, w), 15*second),
		[2]int64{}, [2]int64{}, [2]int64{1, 11_000}, [2]int64{}, [2]int64{1, 11_000}, [2]int64{})
}

func TestAValueOfEachPodSaturatesByItself(t *testing.T) {
	w := still(5)
	d := &w.Demand[0]
	d.Role, d.Values, d.Capacity = sim.RolePerPod, []int64{100, 101, 99}, 100
	w.Faults = []sim.Fault{setReplicas(25*second, 0)}
	if s := w.Run(nil); s.Saturated != 10*second {
		t.Errorf("saturated for %v, want 10s: above 100, while there are pods", s.Saturated)
	}
}

func TestExogenousValuesAreWhatTheyAre(t *testing.T) {
	for _, source := range []hpa.Source{hpa.SourceObject, hpa.SourceExternal} {
		w := still(3)
		w.Autoscaler.Metrics[0].Source, w.Autoscaler.Metrics[0].Target = source, hpa.TargetValue
		d := &w.Demand[0]
		d.Source, d.Role, d.Values, d.Scale, d.Capacity = source, sim.RoleExogenous, []int64{-7, 900}, 1000, 1
		ticks := replay(t, w)
		if a, b := at(t, ticks, 0).Observation.Readings[0].Values, at(t, ticks, 15*second).Observation.Readings[0].Values; a[0] != -7000 || b[0] != 900_000 {
			t.Errorf("%v: values %v and %v, want -7000 and 900000", source, a, b)
		}
	}
}

// flows are those of a world whose replicas nobody changes but its faults.
func flows(t *testing.T, seed uint64, change func(*sim.World)) []sim.Flow {
	t.Helper()
	w := newDice(seed).world()
	w.Autoscaler = frozenAutoscaler()
	w.Faults = slices.DeleteFunc(w.Faults, func(f sim.Fault) bool { return f.Kind == sim.FaultEditAutoscaler })
	change(w)
	if err := w.Validate(); err != nil {
		t.Fatalf("world %d: %v", seed, err)
	}
	return w.Run(nil).Flows
}

func TestWorkIsConserved(t *testing.T) {
	queued, shed := 0, 0
	for seed := range uint64(400) {
		for i, f := range newDice(seed).world().Run(nil).Flows {
			if got := f.Served.Plus(f.Shed).Plus(f.Queued); got != f.Arrived {
				t.Fatalf("world %d, demand %d: %+v arrived, %+v served, shed and queued", seed, i, f.Arrived, got)
			}
			if f.Queued != (sim.Amount{}) {
				queued++
			}
			if f.Shed != (sim.Amount{}) {
				shed++
			}
		}
	}
	if queued < 30 || shed < 100 {
		t.Errorf("%d demands left work waiting, %d shed some: too idle", queued, shed)
	}
}

// TestMoreCapacityNeverServesLess compares worlds of the same replicas over time.
// A backlog is never greater; of a load more may wait, for room grows with
// capacity.
func TestMoreCapacityNeverServesLess(t *testing.T) {
	for seed := range uint64(300) {
		less := flows(t, seed, func(*sim.World) {})
		more := flows(t, seed, func(w *sim.World) {
			for i := range w.Demand {
				w.Demand[i].Capacity += w.Demand[i].Capacity / 3
			}
		})
		for i, d := range newDice(seed).world().Demand {
			a, b := &less[i], &more[i]
			greater := d.Role == sim.RoleBacklog && (a.Queued.Compare(b.Queued) < 0 || a.Waiting < b.Waiting)
			if greater || a.Served.Compare(b.Served) > 0 || a.Shed.Compare(b.Shed) < 0 || a.Exceeded < b.Exceeded {
				t.Fatalf("world %d, demand %d: more capacity\n from %+v\n to   %+v", seed, i, *a, *b)
			}
		}
	}
}

// TestMoreDemandNeverLeavesLess: more arrives, so no less is served, shed and
// left waiting, and a backlog is no smaller.
func TestMoreDemandNeverLeavesLess(t *testing.T) {
	for seed := range uint64(300) {
		less := flows(t, seed, func(*sim.World) {})
		more := flows(t, seed, func(w *sim.World) {
			for i := range w.Demand {
				for j := range w.Demand[i].Values {
					w.Demand[i].Values[j] += int64(seed+uint64(j)) % 50
				}
			}
		})
		for i := range less {
			a, b := &less[i], &more[i]
			if a.Served.Compare(b.Served) > 0 || a.Shed.Compare(b.Shed) > 0 || a.Queued.Compare(b.Queued) > 0 || a.Waiting > b.Waiting || a.Exceeded > b.Exceeded {
				t.Fatalf("world %d, demand %d: more demand\n from %+v\n to   %+v", seed, i, *a, *b)
			}
		}
	}
}

func TestAmountsAreWiderThan64Bits(t *testing.T) {
	w := still(1)
	w.Duration = 20 * 365 * 24 * time.Hour
	w.Autoscaler.Controller.SyncPeriod = w.Duration / 3
	w.Demand[0].Values, w.Demand[0].Capacity = []int64{1 << 62}, 1<<61+1
	f := w.Run(nil).Flows[0]
	whole := func(a sim.Amount) *big.Int {
		n := new(big.Int).Lsh(new(big.Int).SetUint64(a.Hi), 64)
		return n.Add(n, new(big.Int).SetUint64(a.Lo))
	}
	millis := big.NewInt(w.Duration.Milliseconds())
	arrived := new(big.Int).Mul(big.NewInt(1<<62), millis)
	served := new(big.Int).Mul(big.NewInt(1<<61+1), millis)
	if whole(f.Arrived).Cmp(arrived) != 0 || whole(f.Served).Cmp(served) != 0 || whole(f.Shed).Cmp(new(big.Int).Sub(arrived, served)) != 0 {
		t.Errorf("%+v, want %v arrived, %v served", f, arrived, served)
	}
	if share := f.Served.Float64() / f.Arrived.Float64(); math.Abs(share-0.5) > 1e-15 {
		t.Errorf("served a share of %v, want 0.5", share)
	}
}
