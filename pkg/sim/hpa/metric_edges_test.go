package hpa

import (
	"math"
	"testing"
)

// causeOf is why the first metric gives no answer.
func causeOf(l *lab) cause {
	_, p := l.spec.ask(l.o, &MetricStatus{}, &Working{})
	return p.cause
}

func TestSamplesMayEndBeforeTheGroups(t *testing.T) {
	l := newLab(t).scale(10).ready(8, 50)
	l.o.Groups = append(l.o.Groups, readyGroup(1), readyGroup(1), readyGroup(1))
	// Without a request nothing stands in for them: 8 pods of 50 %, 11 metrics.
	l.proposes(6)
}

func TestAGroupOfFewerThanNoneIsNotThere(t *testing.T) {
	l := newLab(t).scale(10).ready(8, 150).add(Group{Pods: -3}, -1, 0).add(Group{Pods: -3, Phase: PhasePending}, 0, 0)
	q := question{spec: l.spec, metric: &l.spec.Metrics[0], reading: &l.o.Readings[0], observation: l.o}
	check(t, "tally", q.tally(), tally{pods: 8, ready: 8, sum: 1200, readyRequest: 800})
	l.o.Readings[0].Samples[1].NoRequest = "missing request"
	l.proposes(12)
}

func TestAGroupOfNoneIsNoPodThatServes(t *testing.T) {
	check(t, "cause", causeOf(object(t, TargetValue).add(Group{}, 0, 0).values(500)), causeNoPods)
	// Metrics without a pod are passed over.
	object(t, TargetValue).add(Group{Pods: 1, Unlisted: true}, 1, 1).ready(8, 0).values(150).proposes(12)
}

func TestAPodsMetricIsAnAverageWhateverItsTargetSays(t *testing.T) {
	for _, target := range []Target{TargetUtilization, TargetAverageValue, TargetValue, TargetNone} {
		for name, l := range map[string]*lab{
			"ready":   newLab(t).scale(10).ready(8, 150),
			"missing": newLab(t).scale(10).ready(8, 50).missing(2),
		} {
			l.spec.Metrics = []Metric{podsMetric()}
			l.spec.Metrics[0].Target = target
			for i := range l.o.Readings[0].Samples {
				l.o.Readings[0].Samples[i].Request = 7
			}
			l.proposes(map[string]int32{"ready": 12, "missing": 6}[name])
		}
	}
}

func TestAResourceMetricHasNoSelector(t *testing.T) {
	l := newLab(t).scale(10).ready(8, 150)
	l.spec.Metrics[0].BadSelector = "bad"
	l.proposes(12)
}

func TestATypeBeyondTheUnknownIsUnknown(t *testing.T) {
	l := newLab(t).scale(10).ready(8, 150)
	l.spec.Metrics[0].Source = SourceUnknown + 1
	check(t, "cause", causeOf(l), causeUnknownSource)
}

func TestAnObjectHasExactlyOneValue(t *testing.T) {
	for _, target := range []Target{TargetValue, TargetAverageValue} {
		check(t, "of none", causeOf(object(t, target).ready(8, 0).values()), causeNotOne)
		check(t, "of one", causeOf(object(t, target).ready(8, 0).values(150)), causeNone)
		check(t, "of two", causeOf(object(t, target).ready(8, 0).values(150, 150)), causeNotOne)
	}
}

func TestTheSecondRatioMayBeJustBelowOne(t *testing.T) {
	// (10 × 91 + 2 × 100) ÷ 12 is 92 %, of twelve metrics 11.04: more than ten.
	l := newLab(t).scale(10).ready(10, 91).missing(2)
	l.spec.ToleranceDown = 0.05
	l.proposes(10)
	check(t, "rule", workingOf(l).Rule, RuleAgainst)
}

func TestACountThatIsOneTooLargeIsCapped(t *testing.T) {
	object(t, TargetValue).ready(1, 0).values(100 << 31).proposes(math.MaxInt32)
	external(t, TargetAverageValue).values(100 << 31).proposes(math.MaxInt32)
}

func TestGrowthThatOverflowsMayEndBelowMin(t *testing.T) {
	// Twice the count is no int32, so that the limit is the lowest there is. On
	// the way up from zero alone min comes after it.
	l := newLab(t).scale(1<<30).ready(1<<30, 100)
	l.spec.Max = math.MaxInt32
	d := l.step()
	check(t, "stabilized", d.Stabilized, 1<<30)
	check(t, "desired", d.Desired, math.MinInt32)
}

func TestLessThanNoneIsNotZero(t *testing.T) {
	l := object(t, TargetValue)
	l.spec.Min = 0
	l.spec.markZero(l.st, 5, -1)
	check(t, "ScaledToZero", l.st.holds(ScaledToZero), false)
}

func TestWordsAreCutAtTheSeparatorAlone(t *testing.T) {
	for _, row := range []struct {
		text      string
		separator byte
		want      [2]string
	}{
		{"a.b", '.', [2]string{"a", "b"}},
		{"a-b.c.d", '.', [2]string{"a-b", "c.d"}},
		{"a~b.c", '.', [2]string{"a~b", "c"}},
		{"a-b", '.', [2]string{"a-b", ""}},
		{".b", '.', [2]string{"", "b"}},
		{"a.", '.', [2]string{"a", ""}},
		{"", '.', [2]string{"", ""}},
	} {
		before, after := cut(row.text, row.separator)
		check(t, row.text, [2]string{before, after}, row.want)
	}
}
