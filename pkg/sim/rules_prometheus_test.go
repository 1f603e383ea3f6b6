package sim_test

import (
	"slices"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// asked is still behind Prometheus, which scrapes every 15 s; the rate is over a
// minute. Values are thousandths of a request per second.
func asked(n int32, values ...int64) *sim.World {
	w := still(n)
	w.Duration = 3 * time.Minute
	w.Demand[0].Values = values
	w.Pipeline = sim.Pipeline{
		Kind: sim.PipelinePrometheus, Resolution: 15 * second, Interval: 15 * second, Window: time.Minute,
	}
	return w
}

// askedInAll is asked, on an aggregate over the pods.
func askedInAll(of sim.Aggregate, n int32, values ...int64) *sim.World {
	w := asked(n, values...)
	w.Demand[0].Source, w.Demand[0].Aggregate = hpa.SourceExternal, of
	w.Autoscaler.Metrics[0].Source = hpa.SourceExternal
	return w
}

// tellsPods compares what is known of each group's pods: how many, and their sum.
func tellsPods(t *testing.T, ticks []sim.Tick, start time.Duration, want ...[2]int64) {
	t.Helper()
	var got [][2]int64
	for _, s := range at(t, ticks, start).Observation.Readings[0].Samples {
		got = append(got, [2]int64{int64(s.Pods), s.Sum})
	}
	if !slices.Equal(got, want) {
		t.Errorf("at %v: pods and sum %v, want %v", start, got, want)
	}
}

// tells compares the one value of the first metric from 0 on, at each sync.
func tells(t *testing.T, w *sim.World, want ...int64) {
	t.Helper()
	ticks := replay(t, w)
	for i, v := range want {
		r := ticks[i].Observation.Readings[0]
		if len(r.Values) != 1 || r.Values[0] != v {
			t.Errorf("at %v: %v %s, want %d", ticks[i].T, r.Values, r.Error, v)
		}
	}
}

// TestARateIsOverTheWholeWindow: of four scrapes 45 s apart the rate is drawn on
// to the minute, so that a step arrives a third at a time. 13,500 × (60 ÷ 45 ÷ 60)
// is a little less than 300 in floating point, and the adapter cuts it.
func TestARateIsOverTheWholeWindow(t *testing.T) {
	ticks := replay(t, asked(1, 300_000, 300_000, 600_000))
	for i, want := range []int64{299_999, 299_999, 299_999, 399_999, 499_999, 599_999, 599_999} {
		tellsPods(t, ticks, time.Duration(i)*15*second, [2]int64{1, want})
	}
}

// TestAPodThatWasSilentLongIsNoOldOne: it has served for six minutes, and told
// nothing for two. At 0 the rate over five minutes begins with the scrape at -240 s,
// the pod's first, and is drawn on to the left by half a scrape's distance:
// 72,000 × 247.5 ÷ 240 ÷ 300.
func TestAPodThatWasSilentLongIsNoOldOne(t *testing.T) {
	w := asked(1, 300_000)
	w.Pipeline.Window = 5 * time.Minute
	w.Pods.InitialAge, w.Pods.MetricsDelay = 6*time.Minute, 2*time.Minute
	ticks := replay(t, w)
	for i, want := range []int64{247_500, 262_499, 277_500, 299_999} {
		tellsPods(t, ticks, time.Duration(i)*15*second, [2]int64{1, want})
	}
}

// TestANewPodRampsUp: it runs, and serves, from 20 s on. Its first scrape, at 30 s,
// finds 1,000 requests, which no rate ever counts; the
// second gives the first rate: 1,500 in 15 s, drawn on to the left by half a
// scrape's distance, over the whole minute: 1500 × 22.5 ÷ 15 ÷ 60 = 37.5, and so on.
func TestANewPodRampsUp(t *testing.T) {
	w := asked(1, 200_000)
	w.Faults = []sim.Fault{setReplicas(20*second, 2)}
	ticks := replay(t, w)
	tellsPods(t, ticks, 30*second, [2]int64{1, 177_777}, [2]int64{0, 0})
	tellsPods(t, ticks, 45*second, [2]int64{1, 144_444}, [2]int64{1, 37_500})
	tellsPods(t, ticks, 60*second, [2]int64{1, 111_111}, [2]int64{1, 62_500})
	// Now the start of the range is near, 15 s before the first scrape. It would be
	// drawn on all the way, but the zero point is nearer: the pod counted 1,000, which
	// at its rate is 10 s. 4500 × 55 ÷ 45 ÷ 60.
	tellsPods(t, ticks, 75*second, [2]int64{1, 99_999}, [2]int64{1, 91_666})
	tellsPods(t, ticks, 90*second, [2]int64{1, 99_999}, [2]int64{1, 99_999})
}

// TestWhatIsCountedBeforeTheFirstScrapeIsLost: a pod serves 1,000 a second for 10 s
// before its first scrape, and 100 a second after it. No rate tells of the 1,000.
func TestWhatIsCountedBeforeTheFirstScrapeIsLost(t *testing.T) {
	w := asked(0, 2_000_000, 2_000_000, 100_000)
	w.Faults = []sim.Fault{setReplicas(20*second, 1)}
	ticks := replay(t, w)
	tellsPods(t, ticks, 30*second, [2]int64{0, 0})
	for start := 45 * second; start < 3*time.Minute; start += 15 * second {
		if got := reported(at(t, ticks, start)); got > 100_000 {
			t.Errorf("at %v: %d, which is more than it served since its first scrape", start, got)
		}
	}
	tellsPods(t, ticks, 90*second, [2]int64{1, 99_999})
}

// TestNoRateGoesBackBeyondItsZeroPoint: a pod that began with the scrape itself
// counted 0 there, so nothing is drawn on to the left: 1,500 in 15 s over a minute.
func TestNoRateGoesBackBeyondItsZeroPoint(t *testing.T) {
	w := asked(0, 100_000)
	w.Faults = []sim.Fault{setReplicas(15*second, 1)}
	ticks := replay(t, w)
	tellsPods(t, ticks, 15*second, [2]int64{0, 0})
	tellsPods(t, ticks, 30*second, [2]int64{1, 25_000})
	tellsPods(t, ticks, 45*second, [2]int64{1, 50_000})
	// It counted 10 before 60 s.
	w = asked(0, 1_000)
	w.Faults = []sim.Fault{setReplicas(50*second, 1)}
	tellsPods(t, replay(t, w), 75*second, [2]int64{1, 15_000 * 225 / 10 / 15 / 60})
}

// TestASumKeepsTheTailOfDeletedPods: two pods share 300 a second until one is
// deleted at 60 s. Its samples stay in the range for a minute; the other one's rate
// grows meanwhile.
func TestASumKeepsTheTailOfDeletedPods(t *testing.T) {
	w := askedInAll(sim.AggregateSum, 2, 300_000)
	w.Faults = []sim.Fault{setReplicas(61*second, 1)}
	// At 75 s: one 3 scrapes of 150/s, ending 15 s before the range does, drawn on
	// over it: 150. The other (2 × 15 s at 150, 1 s at 150, 14 s at 300) ÷ 45 s = 196.666.
	tells(t, w, 299_999, 299_999, 299_999, 299_999, 299_999, 346_666)

	pods := asked(2, 300_000)
	pods.Faults = w.Faults
	ticks := replay(t, pods)
	tellsPods(t, ticks, 60*second, [2]int64{2, 2 * 149_999})
	// An adapter that lists pods tells of the one that is left alone.
	tellsPods(t, ticks, 75*second, [2]int64{1, 196_666})
	tellsPods(t, ticks, 90*second, [2]int64{1, 246_666})
	tellsPods(t, ticks, 105*second, [2]int64{1, 296_666})
	tellsPods(t, ticks, 120*second, [2]int64{1, 299_999})
}

// TestATailLastsForOneWindow: nobody serves any more.
func TestATailLastsForOneWindow(t *testing.T) {
	w := askedInAll(sim.AggregateSum, 2, 300_000)
	w.Faults = []sim.Fault{setReplicas(1*second, 0)}
	w.Autoscaler.Min = 0
	ticks := replay(t, w)
	// Four scrapes; three, the last 15 s before the end; two, 30 s before it, which
	// are drawn on by half a distance. Then one is left.
	for i, want := range []int64{299_999, 300_000, 300_000 * 375 / 600} {
		if got := ticks[i].Observation.Readings[0].Values; len(got) != 1 || got[0] != want {
			t.Errorf("at %v: %v, want %d", ticks[i].T, got, want)
		}
	}
	if r := at(t, ticks, 45*second).Observation.Readings[0]; r.Error == "" || len(r.Values) > 0 {
		t.Errorf("at 45s: %+v, want no answer", r)
	}
}

func TestAGaugeIsTheLastScrapes(t *testing.T) {
	w := asked(2, 1001, 300)
	w.Demand[0].Role, w.Demand[0].Step = sim.RolePerPod, 20*second
	w.SyncLatency, w.Autoscaler.Controller.SyncPeriod = 4*second, 9*second
	ticks := replay(t, w)
	// 1.001 × 1000 is 1000.99… in floating point.
	tellsPods(t, ticks, 26*second-13*second, [2]int64{2, 2 * 1000}) // decides at 17 s, scraped at 15 s
	tellsPods(t, ticks, 26*second, [2]int64{2, 2 * 300})            // at 30 s
}

func TestAScrapeIsReadOnceItIsOldEnough(t *testing.T) {
	w := asked(1, 100, 200, 300, 400)
	w.Demand[0].Role = sim.RolePerPod
	w.Pipeline.Age = 6 * second
	w.Autoscaler.Controller.SyncPeriod = 5 * second
	ticks := replay(t, w)
	for i, want := range []int64{100, 100, 100, 100, 100, 200, 200, 200, 300} {
		tellsPods(t, ticks, time.Duration(i)*5*second, [2]int64{1, want})
	}
}

// TestAScrapeInANullStepFindsNoSample: a rate needs two, whatever lies between.
func TestAScrapeInANullStepFindsNoSample(t *testing.T) {
	w := asked(1, 100_000, 1, 1, 100_000)
	w.Demand[0].Null = []bool{1: true, 2: true, 3: false}
	ticks := replay(t, w)
	tellsPods(t, ticks, 15*second, [2]int64{1, 100_000})
	tellsPods(t, ticks, 30*second, [2]int64{1, 62_500}) // of -15 and 0 s: 15 s more to the left, 7.5 to the right
	tellsPods(t, ticks, 45*second, [2]int64{1, 33_333}) // of 0 and 45 s, which count 1,500 more
}

func TestAnIngressCountsWhatArrives(t *testing.T) {
	w := asked(3, 300_000, 300_000, 600_000)
	w.Demand[0].Source, w.Autoscaler.Metrics[0].Source = hpa.SourceObject, hpa.SourceObject
	w.Faults = []sim.Fault{setReplicas(20*second, 1)} // which changes nothing
	tells(t, w, 299_999, 299_999, 299_999, 399_999, 499_999, 599_999)
	w.Demand[0].Role = sim.RoleExogenous
	tells(t, w, 300_000, 300_000, 600_000, 600_000)
}

// TestARecordedRateGetsOnlyTheLagThatItLacks: of a minute's window a value that is
// a mean over 30 s already leaves two scrapes, and one over a minute none.
func TestARecordedRateGetsOnlyTheLagThatItLacks(t *testing.T) {
	w := asked(3, 300_000, 300_000, 600_000)
	w.Demand[0].Source, w.Autoscaler.Metrics[0].Source = hpa.SourceExternal, hpa.SourceExternal
	w.Demand[0].Averaged = 30 * second
	tells(t, w, 300_000, 300_000, 300_000, 600_000)
	w.Demand[0].Averaged = time.Minute
	tells(t, w, 300_000, 300_000, 600_000, 600_000)
}

func TestResourcesAreMetricsServersBesidePrometheus(t *testing.T) {
	w, beside := scraping(2, 600, 1800), scraping(2, 600, 1800)
	beside.Pipeline.Kind, beside.Pipeline.Interval, beside.Pipeline.Window = sim.PipelinePrometheus, 7*second, time.Minute
	a, b := replay(t, w), replay(t, beside)
	for i := range a {
		x, y := a[i].Observation.Readings[0], b[i].Observation.Readings[0]
		if !slices.Equal(x.Samples, y.Samples) {
			t.Errorf("at %v: %+v, beside Prometheus %+v", a[i].T, x.Samples, y.Samples)
		}
	}
}

func TestWhatPrometheusCannotDoIsRefused(t *testing.T) {
	for want, change := range map[string]func(*sim.World){
		"pipeline: the interval is not a time of 1 s to 2 min":                                           func(w *sim.World) { w.Pipeline.Interval = 3 * time.Minute },
		"pipeline: Prometheus knows whole milliseconds alone":                                            func(w *sim.World) { w.Pipeline.Window += time.Microsecond },
		"pipeline: a scrape is not older than the interval when it can be read":                          func(w *sim.World) { w.Pipeline.Interval, w.Pipeline.Age = 10*second, 12*second },
		"pipeline: a rate needs two scrapes, so the window is at least two intervals and the age":        func(w *sim.World) { w.Pipeline.Window, w.Pipeline.Age = 30*second, second },
		"pipeline: the window holds more than 1000 scrapes":                                              func(w *sim.World) { w.Pipeline.Window = 24 * time.Hour },
		"pipeline: the resolution is not a time of 10 s to 15 min":                                       func(w *sim.World) { w.Pipeline.Resolution = second },
		"demand 0: more is counted within a window than a counter tells exactly":                         func(w *sim.World) { w.Demand[0].Values[0] = 1 << 50 },
		"demand 0: what a value is a mean over is not a time of whole milliseconds, of at most 50 years": func(w *sim.World) { w.Demand[0].Averaged = -1 },
		"demand 0: a load is counted, and no counter falls; what may be negative is exogenous": func(w *sim.World) {
			w.Demand[0].Source, w.Demand[0].Values[0] = hpa.SourceObject, -1
		},
	} {
		w := asked(1, 1)
		change(w)
		if err := w.Validate(); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// TestPodsThatCountedLongEnoughAreOneGroup: once no zero point is within reach,
// pods of all ages tell the same.
func TestPodsThatCountedLongEnoughAreOneGroup(t *testing.T) {
	w := asked(1, 200_000)
	w.Duration, w.Demand[0].Capacity = 15*time.Minute, 100_000
	w.Faults = []sim.Fault{setReplicas(20*second, 2), setReplicas(3*time.Minute, 4)}
	ticks := replay(t, w)
	if last := ticks[len(ticks)-1]; len(last.Observation.Groups) != 1 || reported(&last) != 4*49_999 {
		t.Errorf("at %v: %+v", last.T, last.Observation)
	}
}
