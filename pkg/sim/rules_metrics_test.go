package sim_test

import (
	"slices"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// shares are the sums and counts that each group reports at a tick.
func shares(tick *sim.Tick, metric int) [][2]int64 {
	var all [][2]int64
	for _, s := range tick.Observation.Readings[metric].Samples {
		all = append(all, [2]int64{int64(s.Pods), s.Sum})
	}
	return all
}

func wantShares(t *testing.T, tick *sim.Tick, want ...[2]int64) {
	t.Helper()
	if got := shares(tick, 0); !slices.Equal(got, want) {
		t.Errorf("at %v: groups report (pods, sum) %v, want %v", tick.T, got, want)
	}
}

// ages makes pods of different ages, so that each is a group: n of them, the
// newest Ready at 5 s.
func ages(w *sim.World, n int32) {
	w.Pods.InitialAge = time.Minute
	for i := w.Pods.Initial + 1; i <= n; i++ {
		w.Faults = append(w.Faults, setReplicas(time.Duration(i)*second, i))
	}
}

func TestTotalIsSplitByIntegersTheRemainderGoesToTheOldest(t *testing.T) {
	for _, c := range []struct {
		name  string
		scale int64
		total int64
		want  [][2]int64
	}{
		{"milli", 1, 14, [][2]int64{{2, 8}, {1, 3}, {1, 3}}},
		{"base units", 1000, 15, [][2]int64{{2, 8000}, {1, 4000}, {1, 3000}}},
		{"fewer than pods", 1, 1, [][2]int64{{2, 1}, {1, 0}, {1, 0}}},
		{"even", 1, 12, [][2]int64{{2, 6}, {1, 3}, {1, 3}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := still(2)
			ages(w, 4)
			w.Demand[0].Scale, w.Demand[0].Values = c.scale, []int64{c.total}
			wantShares(t, at(t, replay(t, w), 15*second), c.want...)
		})
	}
}

func TestOnlyServingPodsShareAndOthersReportWhatTheyMust(t *testing.T) {
	w := still(4)
	w.Pods.InitialAge, w.Pods.Termination = time.Minute, time.Minute
	w.Pods.Pending, w.Pods.Ready = 6*second, 20*second
	w.Demand[0].Values, w.Demand[0].NotReady = []int64{11}, 7
	w.Faults = []sim.Fault{
		{Kind: sim.FaultEvictPods, At: 0, Ranks: []int{0}}, // 0 fails, 4 replaces it
		setReplicas(second, 6),                             // 5 and 6
		setReplicas(2*second, 5),
		{Kind: sim.FaultPodsNotReady, At: 3 * second, Ranks: []int{0}}, // 1
		setReplicas(11*second, 7),                                      // 7 and 8
	}
	tick := at(t, wantPods(t, w, map[time.Duration]sim.Counts{15 * second: pods(2, 3, 2, 1, 1)}), 15*second)
	wantShares(t, tick,
		[2]int64{0, 0},  // failed
		[2]int64{1, 7},  // held not Ready
		[2]int64{2, 11}, // serving: 6 + 5
		[2]int64{1, 7},  // running, not Ready yet
		[2]int64{1, 7},
		[2]int64{1, 0}, // terminating, running
		[2]int64{0, 0}, // pending
	)
	w.Demand[0].NotReadyNone = true
	wantShares(t, at(t, replay(t, w), 15*second),
		[2]int64{}, [2]int64{}, [2]int64{2, 11}, [2]int64{}, [2]int64{}, [2]int64{1, 0}, [2]int64{})
}

func TestRunningPodsReportWhatTheyUseWhenIdleBesidesTheirShare(t *testing.T) {
	w := still(4)
	w.Pods.InitialAge, w.Pods.Termination = time.Minute, time.Minute
	w.Pods.Pending, w.Pods.Ready = 6*second, 20*second
	d := &w.Demand[0]
	d.Scale, d.Values, d.Idle, d.NotReady = 1000, []int64{11}, 30, 7
	w.Faults = []sim.Fault{
		{Kind: sim.FaultEvictPods, At: 0, Ranks: []int{0}}, // 0 fails, 4 replaces it
		setReplicas(second, 5),
		setReplicas(2*second, 4),
		{Kind: sim.FaultPodsWithoutMetrics, At: 0, Ranks: []int{1}},    // 2, which serves
		{Kind: sim.FaultPodsNotReady, At: 3 * second, Ranks: []int{0}}, // 1
		setReplicas(11*second, 5),                                      // 6
	}
	tick := at(t, wantPods(t, w, map[time.Duration]sim.Counts{15 * second: pods(2, 2, 1, 1, 1)}), 15*second)
	wantShares(t, tick,
		[2]int64{0, 0},      // failed
		[2]int64{1, 7_000},  // held not Ready
		[2]int64{1, 35_000}, // serving: 5, the other one's 6 are silent
		[2]int64{1, 7_000},  // running, not Ready yet
		[2]int64{1, 30_000}, // terminating, running
		[2]int64{0, 0},      // pending
	)
	d.NotReadyNone = true
	wantShares(t, at(t, replay(t, w), 15*second),
		[2]int64{}, [2]int64{}, [2]int64{1, 35_000}, [2]int64{}, [2]int64{1, 30_000}, [2]int64{})
}

func TestAPodThatUsesSomethingWhenIdleReportsNothingInANullStep(t *testing.T) {
	for failing, w := range map[bool]*sim.World{true: still(2), false: onCPU(2, 100)} {
		w.Demand[0].Idle, w.Demand[0].Null = 30, []bool{true}
		r := at(t, replay(t, w), 0).Observation.Readings[0]
		if (r.Error != "") != failing || !failing && (!r.Empty || r.Samples[0].Pods != 0) {
			t.Errorf("reading %+v, want an error: %v, and no sample", r, failing)
		}
	}
}

func TestPodsWithoutMetricsStillTakeTheirShareByRankAtEachSync(t *testing.T) {
	w := still(3)
	w.Demand[0].Values = []int64{32} // 11, 11, 10
	w.Faults = []sim.Fault{
		{Kind: sim.FaultPodsWithoutMetrics, At: 0, For: 40 * second, Ranks: []int{2, 0, 9}},
		{Kind: sim.FaultPodsWithoutMetrics, At: 15 * second, For: 5 * second, Ranks: []int{1, 2}},
		{Kind: sim.FaultEvictPods, At: 20 * second, Ranks: []int{0}},
	}
	ticks := replay(t, w)
	wantShares(t, at(t, ticks, 0), [2]int64{1, 11})
	wantShares(t, at(t, ticks, 15*second), [2]int64{0, 0})
	if !at(t, ticks, 15*second).Observation.Readings[0].Empty {
		t.Error("at 15s: no pod has metrics, want an empty list")
	}
	// The oldest is gone: ranks 0 and 2 are now the former second and the new one.
	wantShares(t, at(t, ticks, 30*second), [2]int64{0, 0}, [2]int64{1, 11}, [2]int64{0, 0})
	wantShares(t, at(t, ticks, 45*second), [2]int64{0, 0}, [2]int64{2, 22}, [2]int64{1, 10})
}

func TestNoMetricsBeforeTheMetricsDelay(t *testing.T) {
	w := still(1)
	w.Pods.MetricsDelay = 20 * second
	w.Demand[0].Values = []int64{10}
	w.Faults = []sim.Fault{setReplicas(10*second, 2)}
	ticks := replay(t, w)
	wantShares(t, at(t, ticks, 15*second), [2]int64{1, 5}, [2]int64{0, 0})
	wantShares(t, at(t, ticks, 30*second), [2]int64{1, 5}, [2]int64{1, 5}) // exactly that old
}

func TestSamplesCarryWindowAndAge(t *testing.T) {
	w := onCPU(1, 100)
	w.Pipeline = sim.Pipeline{Window: 30 * second, Age: 10 * second}
	s := at(t, replay(t, w), 45*second).Observation.Readings[0].Samples[0]
	if s.Timestamp != 35*second || s.Window != 30*second {
		t.Errorf("stamped %v with window %v, want 35s and 30s", s.Timestamp, s.Window)
	}
}

func TestResourceIsTheSumOverContainersOneWithoutSeriesUsesNothing(t *testing.T) {
	w := onCPU(2, 500)
	w.Pods.Containers = append(w.Pods.Containers, sim.Container{Name: "proxy", Requests: []sim.Quantity{{Resource: "cpu", Milli: 100}}})
	one := hpa.Metric{Source: hpa.SourceContainerResource, Resource: "cpu", Name: "proxy/cpu", Container: "proxy", CPU: true, Target: hpa.TargetUtilization, Goal: 50}
	memory := hpa.Metric{Source: hpa.SourceResource, Resource: "memory", Name: "memory", Target: hpa.TargetAverageValue, Goal: 1}
	gpu := hpa.Metric{Source: hpa.SourceResource, Resource: "gpu", Name: "gpu", Target: hpa.TargetAverageValue, Goal: 1}
	w.Autoscaler.Metrics = append(w.Autoscaler.Metrics, one, memory, gpu)

	tick := at(t, replay(t, w), 0)
	for i, want := range [][2]int64{{2, 500}, {2, 0}, {2, 0}, {0, 0}} {
		if got := shares(tick, i); !slices.Equal(got, [][2]int64{want}) {
			t.Errorf("metric %d: %v, want %v", i, got, want)
		}
	}
	if got := tick.Observation.Readings[0].Samples[0].Request; got != 600 {
		t.Errorf("requests %d, want both containers' 600", got)
	}
	if got := tick.Observation.Readings[1].Samples[0].Request; got != 100 {
		t.Errorf("requests %d, want the named container's 100", got)
	}

	w.Demand = append(w.Demand, cpuDemand("proxy", 41))
	tick = at(t, replay(t, w), 0)
	if a, b := shares(tick, 0), shares(tick, 1); a[0] != [2]int64{2, 541} || b[0] != [2]int64{2, 41} {
		t.Errorf("with a series of its own: %v and %v, want 541 in all and 41 of the proxy", a, b)
	}
}

func TestNullStepOfAResourceIsAContainerThatDoesNotReport(t *testing.T) {
	w := onCPU(2, 500)
	w.Pods.Containers = append(w.Pods.Containers, sim.Container{Name: "proxy", Requests: []sim.Quantity{{Resource: "cpu", Milli: 100}}})
	w.Demand = append(w.Demand, cpuDemand("proxy", 40))
	w.Demand[1].Null = []bool{true}
	app := hpa.Metric{Source: hpa.SourceContainerResource, Resource: "cpu", Name: "app/cpu", Container: "app", CPU: true, Target: hpa.TargetUtilization, Goal: 50}
	w.Autoscaler.Metrics = append(w.Autoscaler.Metrics, app)

	tick := at(t, replay(t, w), 0)
	if a, b := shares(tick, 0), shares(tick, 1); a[0] != [2]int64{0, 0} || b[0] != [2]int64{2, 500} {
		t.Errorf("%v and %v, want the pod missing, the other container present", a, b)
	}
	if r := tick.Observation.Readings[0]; r.Empty || r.Error != "" {
		t.Errorf("reading %+v, want pods that are listed without the resource", r)
	}
}

func TestAnImpliedZeroIsNoSample(t *testing.T) {
	w := onCPU(2, 500)
	w.Demand[0].Null = []bool{true}
	w.Autoscaler.Metrics = append(w.Autoscaler.Metrics, hpa.Metric{
		Source: hpa.SourceResource, Resource: "memory", Name: "memory", Target: hpa.TargetAverageValue, Goal: 1,
	})
	for i, r := range at(t, replay(t, w), 0).Observation.Readings {
		if !r.Empty || r.Samples[0].Pods != 0 {
			t.Errorf("metric %d: %+v, want no pod listed", i, r)
		}
	}
}

func TestNullStepOfOtherMetricsIsAnErrorOfTheAPI(t *testing.T) {
	for _, source := range []hpa.Source{hpa.SourcePods, hpa.SourceObject, hpa.SourceExternal} {
		w := still(2)
		w.Autoscaler.Metrics[0].Source = source
		w.Demand[0].Source = source
		w.Demand[0].Values, w.Demand[0].Null = []int64{1, 2, 3}, []bool{false, true, false}
		if source == hpa.SourceExternal {
			w.Demand = append(w.Demand, w.Demand[0])
			w.Demand[1].Null = nil
		}
		for _, tick := range replay(t, w) {
			if got, want := tick.Observation.Readings[0].Error != "", tick.T == 15*second; got != want {
				t.Errorf("source %d at %v: error %v, want %v", source, tick.T, got, want)
			}
		}
	}
}

func TestAMetricThatNothingFeedsIsAnErrorOfTheAPI(t *testing.T) {
	w := still(2)
	w.Demand[0].Name = "something-else"
	if r := at(t, replay(t, w), 0).Observation.Readings[0]; r.Error == "" {
		t.Errorf("reading %+v, want an error", r)
	}
}

func TestExternalSeriesOfOneNameAreSeveralValues(t *testing.T) {
	w := still(2)
	w.Autoscaler.Metrics[0].Source = hpa.SourceExternal
	w.Demand = []sim.Demand{
		{Source: hpa.SourceExternal, Name: "rps", Scale: 1, Step: 15 * second, Values: []int64{7}},
		{Source: hpa.SourceExternal, Name: "other", Scale: 1, Step: 15 * second, Values: []int64{1}},
		{Source: hpa.SourceExternal, Name: "rps", Scale: 1000, Step: 15 * second, Values: []int64{2}},
	}
	if got := at(t, replay(t, w), 0).Observation.Readings[0].Values; !slices.Equal(got, []int64{7, 2000}) {
		t.Errorf("values %v, want 7 and 2000", got)
	}
}

func TestAnObjectHasOneValueWhateverThePods(t *testing.T) {
	w := still(3)
	w.Autoscaler.Metrics[0].Source = hpa.SourceObject
	w.Demand[0].Source, w.Demand[0].Scale = hpa.SourceObject, 1000
	if got := at(t, replay(t, w), 0).Observation.Readings[0].Values; !slices.Equal(got, []int64{100_000}) {
		t.Errorf("values %v, want the whole", got)
	}
}

func TestEachMetricsAPIFailsOnItsOwn(t *testing.T) {
	sources := []hpa.Source{hpa.SourceResource, hpa.SourceContainerResource, hpa.SourcePods, hpa.SourceObject, hpa.SourceExternal}
	for api, want := range map[sim.APISet][]bool{
		sim.APIResource:                   {true, true, false, false, false},
		sim.APICustom:                     {false, false, true, true, false},
		sim.APIExternal:                   {false, false, false, false, true},
		sim.APIResource | sim.APIExternal: {true, true, false, false, true},
	} {
		w := onCPU(2, 100)
		w.Autoscaler.Metrics = nil
		for _, source := range sources {
			m := cpu()
			m.Source = source
			if source >= hpa.SourcePods {
				m.Name = "rps"
				w.Demand = append(w.Demand, sim.Demand{Source: source, Name: "rps", Scale: 1, Step: second, Values: []int64{1}})
			} else {
				m.Container = "app"
			}
			w.Autoscaler.Metrics = append(w.Autoscaler.Metrics, m)
		}
		w.Faults = []sim.Fault{{Kind: sim.FaultMetricsUnavailable, APIs: api}}
		for i, r := range at(t, replay(t, w), 0).Observation.Readings {
			if (r.Error != "") != want[i] {
				t.Errorf("APIs %b, source %d: error %q, want one: %v", api, sources[i], r.Error, want[i])
			}
		}
	}
}

func TestScaleReadsAndWritesFailForAWhile(t *testing.T) {
	w := still(2)
	w.Autoscaler = requestsPerPod(10)
	w.Demand[0].Scale = 1000
	w.Demand[0].Values = []int64{400}
	w.Faults = []sim.Fault{
		{Kind: sim.FaultScaleReadFails, At: 0, For: 15 * second},
		{Kind: sim.FaultScaleWriteFails, At: 15 * second, For: 15 * second},
	}
	ticks := replay(t, w)
	if d := ticks[0].Decision; d.Branch != hpa.BranchUnreadable || ticks[0].SpecReplicas != 2 || ticks[0].Pods.Ready != 2 {
		t.Errorf("at 0: %+v, want an unreadable scale, and the world's counts all the same", ticks[0])
	}
	if d := ticks[1].Decision; d.Scaled || !d.Failure.Failed() || ticks[2].SpecReplicas != 2 {
		t.Errorf("at 15s: %+v, want a write that failed", d)
	}
	if d := ticks[2].Decision; !d.Scaled || ticks[3].SpecReplicas != 4 {
		t.Errorf("at 30s: %+v, want it written", d)
	}
}

func TestAMissingRequestNamesTheContainerAndTheOldestPod(t *testing.T) {
	w := onCPU(2, 100)
	w.Autoscaler.Reference = "Deployment/shop/web"
	w.Pods.Containers = append(w.Pods.Containers, sim.Container{Name: "proxy"})
	w.Faults = []sim.Fault{
		{Kind: sim.FaultPodsNotReady, At: 10 * second, Ranks: []int{0}},
		setReplicas(20*second, 1),
	}
	ticks := replay(t, w)
	for start, want := range map[time.Duration]string{
		0:           "missing request for cpu in container proxy of Pod web-0",
		30 * second: "missing request for cpu in container proxy of Pod web-1",
	} {
		if got := at(t, ticks, start).Observation.Readings[0].Samples[0].NoRequest; got != want {
			t.Errorf("at %v: %q, want %q", start, got, want)
		}
	}
	w.Autoscaler.Metrics[0].Target = hpa.TargetAverageValue
	if got := at(t, replay(t, w), 0).Observation.Readings[0].Samples[0].NoRequest; got != "" {
		t.Errorf("an average looks at no request, got %q", got)
	}
}

func TestAContainerThatNoPodHas(t *testing.T) {
	for v, want := range map[string][2]string{
		"1.37": {"container ghost not found in Pod web-0", ""},
		"1.33": {"", ""},
		"1.32": {"", "shop/web-0"},
	} {
		w := onCPU(2, 100)
		w.Autoscaler.Controller.Profile = version(t, v)
		w.Autoscaler.Reference = "Deployment/shop/web"
		m := &w.Autoscaler.Metrics[0]
		m.Source, m.Container, m.Name = hpa.SourceContainerResource, "ghost", "ghost/cpu"
		r := replay(t, w)[0].Observation.Readings[0]
		if got := [2]string{r.Samples[0].NoRequest, r.NoContainer}; got != want || r.Samples[0].Pods != 0 {
			t.Errorf("%s: no request %q, no container %q, %d pods report; want %q and none", v, got[0], got[1], r.Samples[0].Pods, want)
		}
	}
}
