package hpa

import (
	"math"
	"testing"
	"time"
)

func TestToleranceIsTheMantissaTimesAPowerOfTen(t *testing.T) {
	// A ratio exactly on the edge, 1 ± n/1000, as a target of 1000 gives it.
	within := func(tolerance float64, n int64, up bool) bool {
		s := &Spec{ToleranceUp: tolerance, ToleranceDown: tolerance, Controller: DefaultController()}
		if up {
			return s.within(float64(1000+n) / 1000)
		}
		return s.within(float64(1000-n) / 1000)
	}
	for _, row := range []struct {
		n        int64
		up, down bool
	}{
		{50, true, true},
		{100, true, true},
		{150, true, true},
		{200, true, true},
		{300, true, true},
		{61, true, false},
		{176, true, false},
		{122, false, true},
		{243, false, true},
	} {
		check(t, "up on the edge", within(Approximate(row.n, -3), row.n, true), row.up)
		check(t, "down on the edge", within(Approximate(row.n, -3), row.n, false), row.down)
	}
	flips, named := 0, map[int64]bool{59: true, 118: true, 172: true, 235: true}
	for n := int64(1); n < 1000; n++ {
		a, b := Approximate(n, -3), float64(n)/1000
		if within(a, n, true) != within(b, n, true) || within(a, n, false) != within(b, n, false) {
			flips++
			delete(named, n)
		}
	}
	check(t, "values whose edge n/1000 would flip", flips, 91)
	check(t, "named values that do not flip", len(named), 0)
	check(t, "exponent 0", Approximate(3, 0), 3)
	check(t, "exponent 1", Approximate(2, 1), 20)
	check(t, "a large exponent", Approximate(2, 3), 2000)
	check(t, "math.MaxInt64", Approximate(math.MaxInt64, 0), 0x1p63)
}

func TestToleranceOfEachDirection(t *testing.T) {
	s := &Spec{ToleranceUp: 0.5, ToleranceDown: 0.25, Controller: DefaultController()}
	for ratio, want := range map[float64]bool{
		0.75: true, math.Nextafter(0.75, 0): false, 1.5: true, math.Nextafter(1.5, 2): false,
		1: true, 0: false, math.Inf(1): false,
	} {
		check(t, "within", s.within(ratio), want)
	}
	check(t, "NaN is within", s.within(math.NaN()), false)
}

func TestExactlyTenPercentMoreScaledUpTo132(t *testing.T) {
	for version, want := range map[string]int32{"1.32": 11, "1.33": 10} {
		l := newLab(t).version(version).scale(10).ready(10, 110)
		l.proposes(want)
	}
	for _, version := range []string{"1.32", "1.33"} {
		newLab(t).version(version).scale(10).ready(10, 90).proposes(10)
	}
	// The old form knows only the controller's tolerance, and takes its edge in.
	l := newLab(t).version("1.32").scale(10).ready(10, 125)
	l.spec.Controller.Tolerance, l.spec.ToleranceUp = 0.25, 0
	l.proposes(10)
}

func TestUtilizationIsCutToAWholePercent(t *testing.T) {
	m := &Metric{Goal: 50}
	for _, row := range []struct {
		sum, requests int64
		want          int32
	}{
		{799, 1000, 79},
		{-799, 1000, -79},
		// Requests whose sum wrapped.
		{500, -1000, -50},
		{800, 1000, 80},
		{0, 1000, 0},
		// The product wraps; and the cut to 32 bits.
		{math.MaxInt64, 100, -1},
		{1 << 40, 100, 0},
		{1<<31 - 1, 100, math.MaxInt32},
		{1 << 31, 100, math.MinInt32},
	} {
		u, c := m.utilization(row.sum, row.requests, 4)
		check(t, "cause", c, causeNone)
		check(t, "utilization", u.utilization, row.want)
		check(t, "ratio", u.ratio, float64(row.want)/50)
		check(t, "average", u.average, row.sum/4)
	}
	_, c := m.utilization(5, 0, 4)
	check(t, "without requests", c, causeZeroRequests)
}

func TestAverageIsCutToAMilliUnit(t *testing.T) {
	u := (&Metric{Goal: 100}).average(299, 3)
	check(t, "average", u.average, 99)
	check(t, "ratio", u.ratio, 0.99)
	u = (&Metric{Goal: 100}).average(-299, 3)
	check(t, "negative average", u.average, -99)
}

// classOf is which class a cpu pod falls into.
func classOf(g Group, s Sample, m Metric) string {
	spec := &Spec{Controller: DefaultController()}
	o := &Observation{Now: labNow, Groups: []Group{g}}
	q := question{spec: spec, metric: &m, reading: &Reading{Samples: []Sample{s}}, observation: o}
	switch c := q.tally(); (tally{pods: c.pods, ready: c.ready, unready: c.unready, missing: c.missing, stray: c.stray}) {
	case tally{pods: 1, ready: 1}:
		return "ready"
	case tally{pods: 1, unready: 1}:
		return "unready"
	case tally{pods: 1, missing: 1}:
		return "missing"
	case tally{pods: 1}:
		return "ignored"
	case tally{stray: 1}:
		return "stray"
	}
	return "?"
}

func TestPodGroups(t *testing.T) {
	const init, delay, window = 5 * time.Minute, 30 * time.Second, time.Minute
	at := func(start, transition time.Duration, ready Readiness) Group {
		return Group{Pods: 1, Started: true, Start: start, Transition: transition, Ready: ready}
	}
	sample := func(timestamp time.Duration) Sample {
		return Sample{Pods: 1, Sum: 7, Timestamp: timestamp, Window: window}
	}
	old, young := labNow-time.Hour, labNow-time.Minute
	for _, row := range []struct {
		name string
		g    Group
		s    Sample
		want string
	}{
		{"terminating", Group{Pods: 1, Terminating: true, Started: true}, sample(labNow), "ignored"},
		{"terminating and pending", Group{Pods: 1, Terminating: true, Phase: PhasePending}, Sample{}, "ignored"},
		{"failed", Group{Pods: 1, Phase: PhaseFailed, Started: true}, sample(labNow), "ignored"},
		{"pending", Group{Pods: 1, Phase: PhasePending}, Sample{}, "unready"},
		{"pending, with a metric", Group{Pods: 1, Phase: PhasePending}, sample(labNow), "unready"},
		{"without a metric", at(old, old, ReadyTrue), Sample{}, "missing"},
		{"without a metric and not ready", at(old, old, ReadyFalse), Sample{}, "missing"},
		{"succeeded, without a metric", Group{Pods: 1, Phase: PhaseSucceeded}, Sample{}, "missing"},
		{"succeeded, with a metric", Group{Pods: 1, Phase: PhaseSucceeded, Started: true, Start: old, Transition: old}, sample(labNow), "ready"},
		{"without a Ready condition", Group{Pods: 1, Started: true, Start: old, Ready: ReadyAbsent}, sample(labNow), "unready"},
		{"without a start time", Group{Pods: 1}, sample(labNow), "unready"},
		{"initialization has just ended", at(labNow-init, labNow-init+delay, ReadyTrue), sample(0), "ready"},
		{"initialization is about to end", at(labNow-init+1, labNow-init+delay, ReadyTrue), sample(0), "unready"},
		{"young, sample one window after ready", at(young, young, ReadyTrue), sample(young + window), "ready"},
		{"young, sample a little earlier", at(young, young, ReadyTrue), sample(young + window - 1), "unready"},
		{"young, not ready", at(young, young, ReadyFalse), sample(labNow + window), "unready"},
		{"young, readiness unknown", at(young, young, ReadyUnknown), sample(labNow + window), "ready"},
		{"old, not ready, ceased to be at the delay", at(old, old+delay, ReadyFalse), sample(labNow), "ready"},
		{"old, not ready, ceased to be before the delay", at(old, old+delay-1, ReadyFalse), sample(labNow), "unready"},
		{"old, unknown, changed before the delay", at(old, old, ReadyUnknown), sample(labNow), "ready"},
		{"old, ready, changed before the delay", at(old, old, ReadyTrue), sample(0), "ready"},
		{"a metric without a pod", Group{Pods: 1, Unlisted: true}, sample(0), "stray"},
		{"neither pod nor metric", Group{Pods: 1, Unlisted: true}, Sample{}, "?"},
		{"no pods", Group{Pods: 0}, sample(0), "?"},
		{"a negative number of pods", Group{Pods: -3}, Sample{Pods: -1}, "?"},
	} {
		t.Run(row.name, func(t *testing.T) {
			check(t, "class", classOf(row.g, row.s, cpuMetric()), row.want)
			if row.s.Pods > 0 && row.want == "unready" && row.g.Phase != PhasePending {
				for _, m := range []Metric{podsMetric(), {Source: SourceResource, Resource: "memory"}, {Source: SourcePods, CPU: true}} {
					check(t, "class for another metric", classOf(row.g, row.s, m), "ready")
				}
				check(t, "class in a container", classOf(row.g, row.s, Metric{Source: SourceContainerResource, CPU: true}), "unready")
			}
		})
	}
}

func TestPodsOfAGroupThatDoNotReportAreMissing(t *testing.T) {
	m := cpuMetric()
	m.Goal = 150
	spec := &Spec{Controller: DefaultController()}
	g, stray := readyGroup(5), Group{Pods: 3, Unlisted: true}
	q := question{
		spec: spec, metric: &m, observation: &Observation{Now: labNow, Groups: []Group{stray, g, g, g, stray, stray, g}},
		reading: &Reading{Samples: []Sample{
			{Pods: 2, Sum: 5},
			{Pods: 2, Sum: 60, Request: 101},
			{Pods: 9, Sum: 1, Request: 10},
			{Pods: -1, Sum: 99, Request: 1},
			{Pods: 4, Sum: 70},
			{Pods: 0, Sum: 999},
		}},
	}
	check(t, "tally", q.tally(), tally{
		pods: 20, ready: 7, sum: 61, readyRequest: 2*101 + 5*10,
		missing: 13, missingRequest: 3*101 + 5, fill: 3*151 + 5*1,
		stray: 5, straySum: 75,
	})
}

func TestGroupsWithoutSamplesAreMissing(t *testing.T) {
	l := newLab(t).scale(10).ready(8, 50)
	l.o.Groups = append(l.o.Groups, readyGroup(2))
	// Without a request, nothing stands in for them: 8 pods of 50 %, 10 metrics.
	l.proposes(5)
}

func TestCountGoesByReadyPods(t *testing.T) {
	// Ten replicas, of which eight are counted.
	newLab(t).scale(10).ready(8, 150).proposes(12)
	newLab(t).scale(10).ready(8, 151).proposes(13)
	newLab(t).scale(10).ready(8, 50).proposes(4)
	newLab(t).scale(10).ready(8, 51).proposes(5)
	// Within tolerance it stays at ten, not at eight.
	newLab(t).scale(10).ready(8, 109).proposes(10)
	// Unready pods count for nothing on the way down.
	newLab(t).scale(10).ready(8, 50).pending(2).proposes(4)
	newLab(t).scale(10).ready(8, 100).pending(2).proposes(10)
}

func TestUnreadyPodsHoldTheWayUpBack(t *testing.T) {
	// 8 × 200 over 10 pods is 160 %.
	newLab(t).scale(10).ready(8, 200).pending(2).proposes(16)
	// 8 × 130 over 10 is 104 %: within tolerance now.
	newLab(t).scale(10).ready(8, 130).pending(2).proposes(10)
	// 5 × 150 over 10 is 75 %: it would go down, so it stays.
	newLab(t).scale(10).ready(5, 150).pending(5).proposes(10)
	// 2 × 400 over 4 is 200 %, 8 pods: fewer than there are, so it stays.
	newLab(t).scale(10).ready(2, 400).pending(2).proposes(10)
	newLab(t).scale(8).ready(2, 400).pending(2).proposes(8)
	newLab(t).scale(7).ready(2, 400).pending(2).proposes(8)
}

func TestMissingPodsHoldTheChangeBack(t *testing.T) {
	// Down: they use their request. (8×50 + 2×100) ÷ 10 is 60 %.
	newLab(t).scale(10).ready(8, 50).missing(2).proposes(6)
	// Up: they use nothing. 8 × 200 ÷ 10 is 160 %.
	newLab(t).scale(10).ready(8, 200).missing(2).proposes(16)
	// Exactly 100 %: nothing is filled in.
	newLab(t).scale(10).ready(8, 100).missing(2).proposes(10)
	// Down would become 96 %: within tolerance.
	newLab(t).scale(10).ready(1, 60).missing(9).proposes(10)
	// Down that ends above the current count stays: 10 × 85 % of 12 metrics.
	newLab(t).scale(10).ready(10, 82).missing(2).proposes(10)
	newLab(t).scale(11).ready(10, 82).missing(2).proposes(11)
	newLab(t).scale(12).ready(10, 82).missing(2).proposes(11)
	// Unready and missing together on the way up.
	newLab(t).scale(10).ready(5, 300).missing(2).pending(3).proposes(15)
}

func TestMissingPodsAreFilledToTheTargetAbove100(t *testing.T) {
	for version, want := range map[string]int32{"1.25": 4, "1.26": 5} {
		l := newLab(t).version(version).scale(10)
		l.spec.Metrics[0].Goal = 200
		// 8 × 50 + 2 × 200 is 800 over 1000: 80 %, 0.4. With 2 × 100: 60 %, 0.3.
		l.ready(8, 50).missing(2)
		l.proposes(want - 1)
	}
	l := newLab(t).scale(10)
	l.spec.Metrics[0].Goal = 50
	// Below 100 the request is used: 8 × 10 + 2 × 100 is 28 %, 0.56.
	l.ready(8, 10).missing(2).proposes(6)
}

func TestMissingPodsOfPlainMetrics(t *testing.T) {
	plain := func(version string) *lab {
		l := newLab(t).version(version).scale(10)
		l.spec.Metrics = []Metric{podsMetric()}
		return l
	}
	// Down: they use the target. Up: nothing.
	plain("1.37").ready(8, 50).missing(2).proposes(6)
	plain("1.37").ready(8, 200).missing(2).proposes(16)
	// At exactly the target they used nothing up to 1.27: 80 %, 8 pods.
	plain("1.28").ready(8, 100).missing(2).proposes(10)
	plain("1.27").ready(8, 100).missing(2).proposes(8)
	// Not so for utilization.
	newLab(t).version("1.27").scale(10).ready(8, 100).missing(2).proposes(10)
}

func TestMetricsWithoutAPodCountInAveragesOnly(t *testing.T) {
	stray := Group{Pods: 2, Unlisted: true}
	l := newLab(t).scale(10)
	l.spec.Metrics = []Metric{podsMetric()}
	// (8 × 100 + 2 × 600) ÷ 10 is 200; times the eight ready pods.
	l.ready(8, 100).add(stray, 2, 600).proposes(16)
	l = newLab(t).scale(10)
	l.ready(8, 150).add(stray, 2, 600).proposes(12)
	// But the number of metrics includes them once pods are filled in:
	// 8 × 200 over 10 requests is 160 %, of 12 metrics.
	newLab(t).scale(10).ready(8, 200).add(stray, 2, 600).missing(2).proposes(20)
	// And without any other metric there is nothing to divide by.
	l = newLab(t).scale(10).add(stray, 2, 600).missing(2)
	_, p := l.spec.ask(l.o, &MetricStatus{}, &Working{})
	check(t, "cause", p.cause, causeZeroRequests)
}

func TestWhyPodsGiveNoProposal(t *testing.T) {
	noRequest := func(l *lab) *lab {
		l.o.Readings[0].Samples[0].NoRequest = "missing request for cpu in container app of Pod web-1"
		return l
	}
	for name, row := range map[string]struct {
		l    *lab
		want cause
	}{
		"no pods":                  {newLab(t).add(Group{}, 0, 0), causeNoPods},
		"only a metric":            {newLab(t).add(Group{Pods: 1, Unlisted: true}, 1, 5), causeNoPods},
		"all unready":              {newLab(t).pending(2), causeNoSamples},
		"all missing":              {newLab(t).missing(2), causeNoSamples},
		"no request":               {noRequest(newLab(t).ready(1, 5)), causeNoRequest},
		"no request, no samples":   {noRequest(newLab(t).pending(1)), causeNoSamples},
		"so in 1.25":               {noRequest(newLab(t).version("1.25").pending(1)), causeNoRequest},
		"no request, terminating":  {noRequest(newLab(t).add(Group{Pods: 1, Terminating: true}, 0, 0).ready(1, 5)), causeNoRequest},
		"no request, nobody there": {noRequest(newLab(t).add(Group{}, 0, 0).ready(1, 5)), causeNone},
		"no request, no pod":       {noRequest(newLab(t).add(Group{Pods: 1, Unlisted: true}, 0, 0).ready(1, 5)), causeNone},
	} {
		_, p := row.l.spec.ask(row.l.o, &MetricStatus{}, &Working{})
		check(t, name, p.cause, row.want)
	}
	l := noRequest(newLab(t).ready(1, 500))
	l.spec.Metrics[0].Target = TargetAverageValue
	l.proposes(5)
	l = newLab(t).ready(1, 500)
	l.o.Readings[0].Samples[0].Request = 0
	_, p := l.spec.ask(l.o, &MetricStatus{}, &Working{})
	check(t, "a request of zero", p.cause, causeZeroRequests)
}
