package hpa

import (
	"testing"
	"time"
)

func TestBranches(t *testing.T) {
	cpu, hits := cpuMetric(), objectMetric(TargetValue)
	for _, row := range []struct {
		name              string
		version           string
		gate, ours        bool
		metric            Metric
		current, min, max int32
		want              Branch
	}{
		{"within bounds", "1.37", true, false, cpu, 5, 1, 9, BranchMetrics},
		{"at max", "1.37", true, false, cpu, 9, 1, 9, BranchMetrics},
		{"above max", "1.37", true, false, cpu, 10, 1, 9, BranchAboveMax},
		{"at min", "1.37", true, false, cpu, 3, 3, 9, BranchMetrics},
		{"below min", "1.37", true, false, cpu, 2, 3, 9, BranchBelowMin},
		{"at zero by hand", "1.37", true, false, hits, 0, 1, 9, BranchPaused},
		{"at zero by hand, min 0", "1.37", true, false, hits, 0, 0, 9, BranchPaused},
		{"at zero by itself, min 0", "1.37", true, true, hits, 0, 0, 9, BranchMetrics},
		{"at zero by itself, min raised", "1.37", true, true, hits, 0, 2, 9, BranchMetrics},
		{"at zero by itself, min 0, only cpu now", "1.37", true, true, cpu, 0, 0, 9, BranchPaused},
		{"at zero by itself, min raised, only cpu now", "1.37", true, true, cpu, 0, 2, 9, BranchMetrics},
		{"at zero by itself, gate off", "1.37", false, true, hits, 0, 2, 9, BranchPaused},
		{"at zero, 1.36", "1.36", true, true, hits, 0, 0, 9, BranchMetrics},
		{"at zero by hand, 1.36", "1.36", true, false, hits, 0, 0, 9, BranchPaused},
		{"at zero by hand, min 0, 1.35", "1.35", false, false, hits, 0, 0, 9, BranchMetrics},
		{"at zero by hand, 1.35", "1.35", true, false, hits, 0, 1, 9, BranchPaused},
	} {
		t.Run(row.name, func(t *testing.T) {
			l := newLab(t).version(row.version)
			l.spec.Controller.Profile.ScaleToZero = row.gate
			l.spec.Min, l.spec.Max, l.spec.Metrics = row.min, row.max, []Metric{row.metric}
			if row.ours {
				l.st.set(Condition{Type: ScaledToZero, Status: true, Reason: ReasonScaledToZero})
			}
			check(t, "branch", l.spec.branch(l.st, row.current), row.want)
			l.spec.Metrics[0].Source = SourceExternal
			if row.metric.Source == SourceObject {
				check(t, "branch with an External metric", l.spec.branch(l.st, row.current), row.want)
			}
		})
	}
}

func TestOutOfBoundsJumps(t *testing.T) {
	for _, row := range []struct {
		current, want int32
		branch        Branch
		event         string
	}{
		{101, 100, BranchAboveMax, "New size: 100; reason: Current number of replicas above Spec.MaxReplicas"},
		{1, 3, BranchBelowMin, "New size: 3; reason: Current number of replicas below Spec.MinReplicas"},
	} {
		l := newLab(t).scale(50).ready(50, 100)
		l.spec.Min = 3
		l.step()
		l.scale(row.current).o.Now += time.Minute
		d := l.step()
		check(t, "branch", d.Branch, row.branch)
		check(t, "desired", d.Desired, row.want)
		check(t, "scaled", d.Scaled, true)
		check(t, "proposal", d.HasProposal, false)
		check(t, "metrics", len(d.Metrics), 0)
		check(t, "recommendations", len(l.st.recommendations), 2)
		check(t, "event", d.Events[0].Message(), row.event)
		check(t, "AbleToScale", l.condition(&d, AbleToScale), "True SucceededRescale")
		check(t, "ScalingActive", l.condition(&d, ScalingActive), "True ValidMetricFound")
		check(t, "ScalingLimited", l.condition(&d, ScalingLimited), "False DesiredWithinRange")
	}
}

func TestPaused(t *testing.T) {
	l := newLab(t).scale(3).ready(3, 100)
	l.step()
	l.scale(0)
	d := l.step()
	check(t, "branch", d.Branch, BranchPaused)
	check(t, "desired", d.StatusDesired, 0)
	check(t, "current", d.StatusReplicas, 0)
	check(t, "metrics", len(d.Metrics), 0)
	check(t, "events", len(d.Events), 0)
	check(t, "failed", d.Failure.Failed(), false)
	check(t, "AbleToScale", l.condition(&d, AbleToScale), "True SucceededGetScale")
	check(t, "ScalingActive", l.condition(&d, ScalingActive), "False ScalingDisabled")
}

func TestScaledToZeroIsWrittenByEveryRescale(t *testing.T) {
	l := object(t, TargetValue).scale(2).ready(2, 0).values(0)
	l.spec.Min, l.spec.Controller.DownscaleStabilization = 0, 0
	l.o.Now += time.Second
	d := l.step()
	check(t, "desired within the window of the seed", d.Desired, 2)
	check(t, "ScaledToZero", l.condition(&d, ScaledToZero), "")
	l.o.Now += time.Second
	d = l.step()
	check(t, "desired", d.Desired, 0)
	check(t, "ScaledToZero", l.condition(&d, ScaledToZero), "True ScaledToZero")
	// There it stays as long as nothing comes in, and leaves when something does.
	l.scale(0)
	l.o.Groups = nil
	d = l.step()
	check(t, "branch", d.Branch, BranchMetrics)
	check(t, "desired at rest", d.Desired, 0)
	l.values(250)
	d = l.step()
	check(t, "desired under load", d.Desired, 3)
	check(t, "ScaledToZero", l.condition(&d, ScaledToZero), "False NotScaledToZero")
	check(t, "order", d.Conditions[3].Type, ScaledToZero)
	// With the gate off the condition goes, paused or rescaled.
	for _, current := range []int32{0, 200} {
		m := object(t, TargetValue).scale(current).values(0)
		m.st.set(Condition{Type: ScaledToZero, Status: true, Reason: ReasonScaledToZero})
		m.st.set(Condition{Type: ScalingLimited, Reason: ReasonDesiredWithinRange})
		m.spec.Controller.Profile.ScaleToZero = false
		d = m.step()
		check(t, "ScaledToZero without the gate", m.condition(&d, ScaledToZero), "")
		check(t, "the next one", m.condition(&d, ScalingLimited), "False DesiredWithinRange")
	}
	// Before 1.36 there is no such condition.
	m := object(t, TargetValue).version("1.35").scale(200)
	m.spec.Controller.Profile.ScaleToZero = true
	d = m.step()
	check(t, "ScaledToZero in 1.35", m.condition(&d, ScaledToZero), "")
}

func TestWhatMakesScaledToZeroTrue(t *testing.T) {
	for name, row := range map[string]struct {
		current, desired, min int32
		metric                Metric
		want                  bool
	}{
		"to zero":                {2, 0, 0, objectMetric(TargetValue), true},
		"to zero, external":      {2, 0, 0, externalMetric(TargetValue), true},
		"to one":                 {2, 1, 0, objectMetric(TargetValue), false},
		"from zero":              {0, 0, 0, objectMetric(TargetValue), false},
		"min is not 0":           {2, 0, 1, objectMetric(TargetValue), false},
		"metrics that need pods": {2, 0, 0, cpuMetric(), false},
		"pods metrics":           {2, 0, 0, podsMetric(), false},
	} {
		l := newLab(t)
		l.spec.Min, l.spec.Metrics = row.min, []Metric{row.metric}
		l.spec.markZero(l.st, row.current, row.desired)
		check(t, name, l.st.holds(ScaledToZero), row.want)
	}
}

func TestFromZeroMinIsAppliedLast(t *testing.T) {
	fromZero := func(value int64) *lab {
		l := object(t, TargetValue).behavior().scale(0).values(value)
		l.spec.Min = 3
		l.st.set(Condition{Type: ScaledToZero, Status: true, Reason: ReasonScaledToZero})
		return l
	}
	l := fromZero(0)
	d := l.step()
	check(t, "limited", d.Limited, 0)
	check(t, "desired", d.Desired, 3)
	check(t, "event", d.Events[0].Message(), "New size: 3; reason: Current number of replicas below Spec.MinReplicas")
	l = fromZero(150)
	d = l.step()
	check(t, "desired", d.Desired, 3)
	check(t, "event", d.Events[0].Message(), "New size: 3; reason: Service metric hits above target")
	l = fromZero(350)
	d = l.step()
	check(t, "desired", d.Desired, 4)
	l = fromZero(0)
	l.spec.Min = 1
	d = l.step()
	check(t, "desired with min 1", d.Desired, 1)
	// Without behavior the limits have applied min; nobody gives a reason.
	l = fromZero(0)
	l.spec.HasBehavior = false
	d = l.step()
	check(t, "desired without behavior", d.Desired, 3)
	check(t, "event", d.Events[0].Message(), "New size: 3; reason: ")
	// Not where min is 0, nor before it was this autoscaler that went to zero.
	l = fromZero(0)
	l.spec.Min = 0
	d = l.step()
	check(t, "desired with min 0", d.Desired, 0)
	// Nor from anywhere but zero: there the branch has seen to it.
	l = newLab(t).behavior().scale(1).ready(1, 10)
	l.spec.Min = 1
	d = l.step()
	check(t, "desired from one", d.Desired, 1)
}

func TestLargestProposalWins(t *testing.T) {
	for _, row := range []struct {
		name   string
		values []int64
		want   int32
		by     int
	}{
		{"the largest", []int64{200, 300, 100}, 3, 1},
		{"the first of equals", []int64{300, 300, 100}, 3, 0},
		{"the last of zeros", []int64{0, 0, 0}, 0, 2},
		{"a zero is replaced by less", []int64{0, -300, -400}, -3, 1},
		{"less than none is replaced by a zero", []int64{-300, 0, -400}, -4, 2},
	} {
		l := newLab(t).scale(1)
		l.spec.Metrics = []Metric{objectMetric(TargetAverageValue), objectMetric(TargetAverageValue), objectMetric(TargetAverageValue)}
		for i, v := range row.values {
			l.spec.Metrics[i].Proposal = string(rune('a' + i))
			l.o.Readings = append(l.o.Readings, Reading{Values: []int64{v}})
		}
		d := l.step()
		check(t, row.name+": proposed", d.Proposed, row.want)
		check(t, row.name+": by", d.By, row.by)
		check(t, row.name+": remembered", l.st.recommendations[1].replicas, max(0, row.want))
	}
}

func TestAFailingMetricForbidsOnlyGoingDown(t *testing.T) {
	for _, row := range []struct {
		value   int64
		blocked bool
		desired int32
	}{{300, false, 3}, {221, false, 3}, {220, false, 2}, {101, false, 2}, {100, true, 2}, {0, true, 2}} {
		for _, failing := range []int{0, 1} {
			l := newLab(t).scale(2)
			l.spec.Metrics = []Metric{objectMetric(TargetAverageValue), objectMetric(TargetAverageValue)}
			l.o.Readings = []Reading{{Values: []int64{row.value}}, {Values: []int64{row.value}}}
			l.o.Readings[failing] = Reading{Error: "busy"}
			d := l.step()
			check(t, "has proposal", d.HasProposal, !row.blocked)
			check(t, "desired", d.Desired, row.desired)
			check(t, "failed", d.Failure.Failed(), true)
			check(t, "blocked", d.Failure.Blocked(), row.blocked)
			check(t, "metrics", len(d.Metrics), 2)
			check(t, "failed metric", d.Metrics[failing].Valid, false)
			check(t, "other metric", d.Metrics[1-failing].Valid, true)
			check(t, "event", d.Events[0].Reason, ReasonFailedGetObjectMetric)
			want := "True ValidMetricFound"
			if row.blocked {
				want = "False FailedGetObjectMetric"
			}
			check(t, "ScalingActive", l.condition(&d, ScalingActive), want)
		}
	}
}

func TestBlocked(t *testing.T) {
	l := newLab(t).scale(3).ready(3, 50)
	l.spec.Controller.DownscaleStabilization = 0
	l.step()
	l.scale(5).o.Now += time.Minute
	l.o.Readings[0].Error = "busy"
	d := l.step()
	check(t, "branch", d.Branch, BranchNoMetrics)
	check(t, "desired", d.Desired, 5)
	check(t, "status desired", d.StatusDesired, 3)
	check(t, "status current", d.StatusReplicas, 5)
	check(t, "recommendations", len(l.st.recommendations), 2)
	check(t, "AbleToScale", l.condition(&d, AbleToScale), "True SucceededGetScale")
	check(t, "events", len(d.Events), 2)
	check(t, "the last event", d.Events[1].Reason, ReasonFailedComputeMetricsReplicas)
	check(t, "metrics", d.Metrics[0].Valid, false)
	// Up to 1.28 the former metrics stay.
	l = newLab(t).version("1.28").scale(3).ready(3, 50)
	l.step()
	l.o.Readings[0].Error = "busy"
	d = l.step()
	check(t, "metrics in 1.28", d.Metrics[0].Valid, true)
	check(t, "utilization in 1.28", d.Metrics[0].Utilization, 50)
}

func TestPartialErrorIsReturnedFrom127(t *testing.T) {
	for version, want := range map[string]bool{"1.26": false, "1.27": true} {
		l := newLab(t).version(version).scale(2)
		l.spec.Metrics = []Metric{objectMetric(TargetAverageValue), objectMetric(TargetAverageValue)}
		l.o.Readings = []Reading{{Values: []int64{500}}, {Error: "busy"}}
		d := l.step()
		check(t, "failed in "+version, d.Failure.Failed(), want)
		check(t, "scaled in "+version, d.Scaled, true)
	}
}

func TestUnreadableScaleChangesOneConditionOnly(t *testing.T) {
	l := newLab(t).scale(3).ready(3, 100)
	before := l.step()
	l.scale(9).o.ScaleReadError = "busy"
	d := l.step()
	check(t, "branch", d.Branch, BranchUnreadable)
	check(t, "current", d.Current, 0)
	check(t, "status current", d.StatusReplicas, 3)
	check(t, "status desired", d.StatusDesired, before.StatusDesired)
	check(t, "metrics", len(d.Metrics), 1)
	check(t, "utilization", d.Metrics[0].Utilization, 100)
	check(t, "AbleToScale", l.condition(&d, AbleToScale), "False FailedGetScale")
	check(t, "ScalingActive", l.condition(&d, ScalingActive), "True ValidMetricFound")
	check(t, "events", len(d.Events), 1)
}

func TestFailedWrite(t *testing.T) {
	for version, metrics := range map[string]int32{"1.28": 100, "1.29": 200} {
		l := newLab(t).version(version).behavior().scale(3).ready(3, 100)
		l.step()
		l.o.Readings[0].Samples[0].Sum = 600
		l.o.ScaleWriteError = "conflict"
		d := l.step()
		check(t, "scaled", d.Scaled, false)
		check(t, "desired", d.Desired, 6)
		check(t, "status desired", d.StatusDesired, 3)
		check(t, "AbleToScale", l.condition(&d, AbleToScale), "False FailedUpdateScale")
		check(t, "ScaledToZero", l.condition(&d, ScaledToZero), "")
		check(t, "events remembered", len(l.st.ups), 0)
		check(t, "reported in "+version, d.Metrics[0].Utilization, metrics)
	}
}

func TestASpecWithoutMetricsAsksForNothing(t *testing.T) {
	l := newLab(t).scale(5)
	l.spec.Metrics, l.spec.Controller.DownscaleStabilization = nil, 0
	l.step()
	l.o.Now += time.Second
	d := l.step()
	check(t, "proposed", d.Proposed, 0)
	check(t, "event", d.Events[0].Message(), "New size: 1; reason: All metrics below target")
	check(t, "failed", d.Failure.Failed(), false)
	// Nor does a jump name a metric.
	l = newLab(t).scale(200).ready(200, 100)
	d = l.step()
	check(t, "metric of the event", d.Events[0].failure.problem.metric, nil)
}

func TestDesiredIsZeroUntilFirstDecided(t *testing.T) {
	l := newLab(t).scale(3).ready(3, 100)
	l.o.Readings[0].Error = "busy"
	d := l.step()
	check(t, "desired", d.StatusDesired, 0)
	check(t, "current", d.StatusReplicas, 3)
}

func TestConditionsOfTheStages(t *testing.T) {
	l := newLab(t).behavior().scale(5).ready(5, 200)
	l.spec.Up.Stabilization, l.spec.Down.Stabilization = time.Minute, time.Minute
	d := l.step()
	check(t, "AbleToScale", l.condition(&d, AbleToScale), "True ScaleUpStabilized")
	check(t, "stabilized", d.Stabilized, 5)
	check(t, "ScalingLimited", l.condition(&d, ScalingLimited), "False DesiredWithinRange")
	check(t, "rescale reason", d.RescaleReason, RescaleAboveTarget)
	check(t, "scaled", d.Scaled, false)
	check(t, "status desired", d.StatusDesired, 5)
	l = newLab(t).scale(5).ready(5, 500)
	d = l.step()
	check(t, "proposed", d.Proposed, 25)
	check(t, "stabilized", d.Stabilized, 25)
	check(t, "limited", d.Limited, 10)
	check(t, "ScalingLimited", l.condition(&d, ScalingLimited), "True ScaleUpLimit")
	check(t, "limited reason", d.LimitedReason, ReasonScaleUpLimit)
	check(t, "stabilized reason", d.StabilizedReason, ReasonReadyForNewScale)
	l = newLab(t).scale(5).ready(5, 10)
	d = l.step()
	check(t, "rescale reason", d.RescaleReason, RescaleBelowTarget)
	check(t, "AbleToScale", l.condition(&d, AbleToScale), "True ScaleDownStabilized")
	l = newLab(t).scale(5).ready(5, 100)
	d = l.step()
	check(t, "rescale reason", d.RescaleReason, RescaleNone)
}
