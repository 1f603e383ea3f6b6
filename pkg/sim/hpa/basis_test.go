package hpa

import (
	"testing"
	"time"
)

// workingOf is how the first metric comes to its answer.
func workingOf(l *lab) Working {
	var w Working
	l.spec.ask(l.o, &MetricStatus{}, &w)
	return w
}

func TestAWorkingNamesTheRuleAndItsFigures(t *testing.T) {
	plain := func() *lab {
		l := newLab(t)
		l.spec.Metrics = []Metric{podsMetric()}
		return l
	}
	total := func(target Target, values ...int64) *lab {
		l := newLab(t).scale(4).ready(3, 0)
		l.spec.Metrics = []Metric{externalMetric(target)}
		return l.values(values...)
	}
	for name, row := range map[string]struct {
		l    *lab
		want Working
	}{
		"within": {
			newLab(t).scale(2).ready(2, 105),
			Working{Rule: RuleWithin, Replicas: 2, Ready: 2, First: Pass{2, 210, 200, 105, 105, 1.05}},
		},
		"ready": {
			newLab(t).scale(2).ready(2, 150),
			Working{Rule: RuleReady, Replicas: 3, Count: 3, Ready: 2, First: Pass{2, 300, 200, 150, 150, 1.5}},
		},
		"unready filled in": {
			newLab(t).scale(3).ready(2, 300).pending(1),
			Working{
				Rule: RuleFilled, Replicas: 6, Count: 6, Ready: 2, Unready: 1, UnreadyIdle: true,
				First: Pass{2, 600, 200, 300, 300, 3}, Second: Pass{3, 600, 300, 200, 200, 2},
			},
		},
		"within when filled in": {
			newLab(t).scale(3).ready(2, 150).pending(1),
			Working{
				Rule: RuleFilledWithin, Replicas: 3, Ready: 2, Unready: 1, UnreadyIdle: true,
				First: Pass{2, 300, 200, 150, 150, 1.5}, Second: Pass{3, 300, 300, 100, 100, 1},
			},
		},
		"turned": {
			newLab(t).scale(4).ready(2, 150).missing(2),
			Working{
				Rule: RuleTurned, Replicas: 4, Ready: 2, Missing: 2, MissingIdle: true,
				First: Pass{2, 300, 200, 150, 150, 1.5}, Second: Pass{4, 300, 400, 75, 75, 0.75},
			},
		},
		"against": {
			newLab(t).scale(2).ready(4, 0).missing(6),
			Working{
				Rule: RuleAgainst, Replicas: 2, Count: 6, Ready: 4, Missing: 6, MissingStand: true,
				First: Pass{4, 0, 400, 0, 0, 0}, Second: Pass{10, 600, 1000, 60, 60, 0.6},
			},
		},
		"plain, with a stray metric": {
			plain().scale(2).ready(2, 200).add(Group{Pods: 1, Unlisted: true}, 1, 500),
			Working{Rule: RuleReady, Replicas: 6, Count: 6, Ready: 2, Stray: 1, First: Pass{3, 900, 0, 0, 300, 3}},
		},
		"missing at the target": {
			plain().scale(4).ready(2, 0).missing(2),
			Working{
				Rule: RuleFilled, Replicas: 2, Count: 2, Ready: 2, Missing: 2, MissingStand: true,
				First: Pass{Metrics: 2}, Second: Pass{4, 200, 0, 0, 50, 0.5},
			},
		},
		"nobody reports":  {newLab(t).scale(2).missing(2).add(Group{Pods: 1, Terminating: true}, 1, 9), Working{Missing: 2, Ignored: 1}},
		"value":           {total(TargetValue, 120, 80), Working{Rule: RuleReady, Replicas: 6, Count: 6, Ready: 3, Total: 200, First: Pass{Ratio: 2}}},
		"value within":    {total(TargetValue, 101), Working{Rule: RuleWithin, Replicas: 4, Total: 101, First: Pass{Ratio: 1.01}}},
		"value from zero": {total(TargetValue, 150).scale(0), Working{Rule: RuleFromZero, Replicas: 2, Count: 2, Total: 150, First: Pass{Ratio: 1.5}}},
		"share":           {total(TargetAverageValue, 800), Working{Rule: RuleShare, Replicas: 8, Count: 8, Total: 800, First: Pass{Ratio: 2}}},
		"share within":    {total(TargetAverageValue, 400), Working{Rule: RuleWithin, Replicas: 4, Total: 400, First: Pass{Ratio: 1}}},
	} {
		t.Run(name, func(t *testing.T) { check(t, "working", workingOf(row.l), row.want) })
	}
}

func TestTheHolderIsTheYoungestExtremeInsideTheWindow(t *testing.T) {
	const window = time.Minute
	l := newLab(t).behavior().scale(5).ready(5, 20)
	l.spec.Down.Stabilization, l.spec.Up.Stabilization = window, 30*time.Second
	l.st.recommendations = recs(30, window, 8, 50*time.Second, 8, 20*time.Second, 6, time.Second)
	d := l.step()
	replicas, at, length, ok := l.spec.Holder(&d)
	check(t, "held", d.Desired, 5)
	check(t, "holder", replicas, 8)
	check(t, "age", l.o.Now-at, 20*time.Second)
	check(t, "window", length, window)
	check(t, "ok", ok, true)
	check(t, "lowest", d.Basis.Windows.Lowest, 1)
	check(t, "highest", d.Basis.Windows.Highest, 8)
	check(t, "remembered", d.Basis.Windows.Remembered(), 5)
	check(t, "own", d.Basis.Windows.Own(4), true)
	check(t, "not own", d.Basis.Windows.Own(3), false)

	l = newLab(t).behavior().scale(5).ready(5, 200)
	l.spec.Down.Stabilization, l.spec.Up.Stabilization = window, 30*time.Second
	l.st.recommendations = recs(2, 30*time.Second, 7, 10*time.Second)
	d = l.step()
	replicas, at, length, ok = l.spec.Holder(&d)
	check(t, "desired", d.Desired, 7)
	check(t, "upward holder", replicas, 7)
	check(t, "upward age", l.o.Now-at, 10*time.Second)
	check(t, "upward window", length, 30*time.Second)
	check(t, "upward ok", ok, true)

	l = newLab(t).scale(5).ready(5, 20)
	l.st.recommendations = recs(9, 5*time.Minute+1, 8, 5*time.Minute)
	d = l.step()
	replicas, at, length, ok = l.spec.Holder(&d)
	check(t, "without behavior", replicas, 8)
	check(t, "its age", l.o.Now-at, 5*time.Minute)
	check(t, "its window", length, 5*time.Minute)
	check(t, "its ok", ok, true)

	l = newLab(t).scale(5).ready(5, 100)
	d = l.step()
	_, _, _, ok = l.spec.Holder(&d)
	check(t, "followed", ok, false)
}

func TestPoliciesTellWhatTheyAllow(t *testing.T) {
	l := newLab(t).behavior().scale(10).ready(10, 900)
	l.spec.Up.Policies = []Policy{
		{Type: PolicyPods, Value: 3, Period: time.Minute},
		{Type: PolicyPercent, Value: 50, Period: time.Minute},
	}
	l.st.ups, l.st.downs = []scaleEvent{{change: 2, at: labNow - 1}}, []scaleEvent{{change: 4, at: labNow - 1}}
	d := l.step()
	limits := &d.Basis.Limits
	checkSlice(t, "allowances", limits.Policies, []Allowance{{12, 2, 4, 15}, {12, 2, 4, 18}})
	check(t, "limit", limits.Limit, 18)
	check(t, "by the greatest", limits.Decider(&l.spec.Up, true), 1)
	check(t, "by the smallest", limits.Decider(&Rules{Select: SelectMin}, true), 0)
	check(t, "downward by the greatest change", limits.Decider(&Rules{}, false), 0)
	check(t, "downward by the smallest change", limits.Decider(&Rules{Select: SelectMin}, false), 1)

	l.spec.Up.Select = SelectDisabled
	d = l.step()
	check(t, "disabled", d.Basis.Limits.Decider(&l.spec.Up, true), -1)

	l = newLab(t).scale(3).ready(3, 900)
	d = l.step()
	check(t, "without behavior", d.Basis.Limits.Limit, 6)
}

func TestAFailureTellsItsCause(t *testing.T) {
	l := newLab(t).scale(2).ready(2, 100)
	l.o.ScaleReadError = "busy"
	d := l.step()
	check(t, "read", d.Failure.Cause(), "busy")
	l.o.ScaleReadError = ""
	l.o.Readings[0].Error = "gone"
	d = l.step()
	want := "failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: gone"
	check(t, "metrics", d.Failure.Cause(), want)
	check(t, "problem", d.Basis.Workings[0].Problem(), want)
	l.o.Readings[0].Error = ""
	d = l.step()
	check(t, "none", d.Failure.Cause(), "")
	check(t, "no problem", d.Basis.Workings[0].Problem(), "")
}
