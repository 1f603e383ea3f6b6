package hpa

import (
	"math"
	"testing"
	"time"
)

func TestOnlyOneRecommendationIsTheSyncsOwn(t *testing.T) {
	l := newLab(t).behavior().scale(5).ready(5, 100)
	// The first is out of every window, and is overwritten.
	l.st.recommendations = recs(9, time.Minute, 5, time.Duration(0))
	d := l.step()
	check(t, "the overwritten one", d.Basis.Windows.Own(0), true)
	check(t, "the one after it", d.Basis.Windows.Own(1), false)
}

func TestWhatCountsInAWindow(t *testing.T) {
	const up, down, flag = 30 * time.Second, time.Minute, 2 * time.Minute
	for _, row := range []struct {
		name           string
		age            time.Duration
		up, down, flag bool
	}{
		{"younger than any window", up - 1, true, true, true},
		{"exactly one up window old", up, false, true, true},
		{"older than the up window", up + 1, false, true, true},
		{"almost one down window old", down - 1, false, true, true},
		{"exactly one down window old", down, false, false, true},
		{"older than the down window", down + 1, false, false, true},
		{"exactly one window without behavior old", flag, false, false, true},
		{"older than the window without behavior", flag + 1, false, false, false},
	} {
		l := newLab(t).behavior()
		l.spec.Up.Stabilization, l.spec.Down.Stabilization, l.spec.Controller.DownscaleStabilization = up, down, flag
		check(t, row.name+": up", l.spec.CountsUp(labNow-row.age, labNow), row.up)
		check(t, row.name+": down", l.spec.CountsDown(labNow-row.age, labNow), row.down)
		l.spec.HasBehavior = false
		check(t, row.name+": up without behavior", l.spec.CountsUp(labNow-row.age, labNow), false)
		check(t, row.name+": down without behavior", l.spec.CountsDown(labNow-row.age, labNow), row.flag)
	}
}

// holding is what Holder says.
type holding struct {
	replicas    int32
	age, window time.Duration
	ok          bool
}

func (l *lab) holding(d *Decision) holding {
	replicas, at, window, ok := l.spec.Holder(d)
	if !ok {
		return holding{replicas, at, window, ok}
	}
	return holding{replicas, l.o.Now - at, window, ok}
}

func TestWhoHoldsAProposal(t *testing.T) {
	const window = time.Minute
	for _, row := range []struct {
		name string
		// value is in percent of what five pods should carry.
		value   int64
		history []recommendation
		legacy  bool
		now, up time.Duration
		want    holding
	}{
		{
			"up: the lowest, not a younger one that is higher", 200, recs(6, 20*time.Second, 8, 10*time.Second), false, labNow, window,
			holding{6, 20 * time.Second, window, true},
		},
		{
			"the youngest of equals, wherever it is stored", 20, recs(8, 10*time.Second, 8, 30*time.Second), false, labNow, 0,
			holding{8, 10 * time.Second, window, true},
		},
		{
			"the younger of two, stored last", 20, recs(8, 30*time.Second, 8, 10*time.Second), false, labNow, 0,
			holding{8, 10 * time.Second, window, true},
		},
		{
			"one of the same count outside the window is older", 20, recs(8, 2*time.Minute, 8, 10*time.Second, 7, window), false, labNow, 0,
			holding{8, 10 * time.Second, window, true},
		},
		{
			"before the caller's zero", 20,
			[]recommendation{{8, -30 * time.Second}, {7, -10 * time.Second}},
			false, 10 * time.Second, 0,
			holding{8, 40 * time.Second, window, true},
		},
		{
			"without behavior", 20, recs(8, 30*time.Second, 8, 40*time.Second), true, labNow, 0,
			holding{8, 30 * time.Second, 5 * time.Minute, true},
		},
		{"followed, although there is an equal one", 20, recs(1, 30*time.Second), false, labNow, 0, holding{}},
	} {
		t.Run(row.name, func(t *testing.T) {
			l := newLab(t).behavior().scale(5)
			l.o.Now = row.now
			l.spec.Up.Stabilization, l.spec.Down.Stabilization, l.spec.HasBehavior = row.up, window, !row.legacy
			l.st.recommendations = row.history
			l.spec.Metrics = []Metric{objectMetric(TargetAverageValue)}
			d := l.values(5 * row.value).step()
			check(t, "holding", l.holding(&d), row.want)
		})
	}
}

func TestAProposalOfNoneOrLessIsFollowedAtNone(t *testing.T) {
	for _, value := range []int64{0, -300} {
		l := newLab(t).behavior().scale(1)
		l.spec.Min, l.spec.Metrics = 0, []Metric{objectMetric(TargetAverageValue)}
		// It was none before; who took the proposal for more, or for less, would
		// see it held by that.
		l.spec.Up.Stabilization = time.Minute
		l.st.recommendations = recs(0, 10*time.Second)
		d := l.values(value).step()
		check(t, "proposed", d.Proposed, int32(value/100))
		check(t, "stabilized", d.Stabilized, 0)
		check(t, "holding", l.holding(&d), holding{})
	}
}

func TestWithoutAProposalNobodyHoldsIt(t *testing.T) {
	l := newLab(t).scale(200)
	d := l.step()
	check(t, "has proposal", d.HasProposal, false)
	check(t, "holding", l.holding(&d), holding{})
}

func TestTheDeciderIsTheFirstExtreme(t *testing.T) {
	least := &Rules{Select: SelectMin}
	for _, row := range []struct {
		replicas          []int32
		farthest, nearest int
	}{
		{[]int32{15, 18, 12, 18, 12}, 1, 2},
		{[]int32{12, 15, 18}, 2, 0},
		{[]int32{18, 15, 12}, 0, 2},
		{[]int32{15, 15}, 0, 0},
		{[]int32{15}, 0, 0},
		{nil, -1, -1},
	} {
		var l Limits
		for _, n := range row.replicas {
			l.Policies = append(l.Policies, Allowance{Replicas: n})
		}
		check(t, "up, Max", l.Decider(&Rules{}, true), row.farthest)
		check(t, "up, Min", l.Decider(least, true), row.nearest)
		check(t, "down, Max", l.Decider(&Rules{}, false), row.nearest)
		check(t, "down, Min", l.Decider(least, false), row.farthest)
	}
}

func TestAnAnswerThatIsTheCurrentCountIsComputed(t *testing.T) {
	for name, l := range map[string]*lab{
		// (8 × 93 + 2 × 100) ÷ 10 is 94 %, of ten metrics 9.4.
		"down": newLab(t).scale(10).ready(8, 93).missing(2),
		// 8 × 131 ÷ 10 is 104 %, of ten metrics 10.4.
		"up": newLab(t).scale(11).ready(8, 131).missing(2),
	} {
		l.spec.ToleranceDown, l.spec.ToleranceUp = 0.01, 0.01
		w := workingOf(l)
		check(t, name+": rule", w.Rule, RuleFilled)
		check(t, name+": replicas", w.Replicas, l.o.SpecReplicas)
	}
}

func TestOnePodIsEnoughToBeMissing(t *testing.T) {
	w := workingOf(newLab(t).scale(10).ready(9, 200).missing(1))
	check(t, "missing as idle", w.MissingIdle, true)
	w = workingOf(newLab(t).scale(10).ready(9, 20).missing(1))
	check(t, "missing as they may be", w.MissingStand, true)
	// Filled in on the way up are the unready ones alone.
	w = workingOf(newLab(t).scale(10).ready(9, 200).pending(1))
	check(t, "none missing", w.MissingIdle || w.MissingStand, false)
	check(t, "unready as idle", w.UnreadyIdle, true)
}

func TestASumThatOverflowsIsTheLargestThereIs(t *testing.T) {
	l := external(t, TargetAverageValue).values(math.MaxInt64, 5)
	check(t, "total", workingOf(l).Total, math.MaxInt64)
}

func TestAFailureThatIsNone(t *testing.T) {
	var f Failure
	check(t, "failed", f.Failed(), false)
	check(t, "blocked", f.Blocked(), false)
	check(t, "cause", f.Cause(), "")
}

func TestAWriteThatFailsTellsItsCause(t *testing.T) {
	l := newLab(t).behavior().scale(3).ready(3, 200)
	l.o.ScaleWriteError = "conflict"
	d := l.step()
	check(t, "cause", d.Failure.Cause(), "conflict")
	check(t, "blocked", d.Failure.Blocked(), true)
}
