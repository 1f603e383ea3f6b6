package hpa

import (
	"math"
	"strconv"
	"testing"
)

func object(t *testing.T, target Target) *lab {
	l := newLab(t).scale(10)
	l.spec.Metrics = []Metric{objectMetric(target)}
	return l
}

func external(t *testing.T, target Target) *lab {
	l := newLab(t).scale(10)
	l.spec.Metrics = []Metric{externalMetric(target)}
	return l
}

func TestValueGoesByPodsThatServe(t *testing.T) {
	for _, of := range []func(*testing.T, Target) *lab{object, external} {
		of(t, TargetValue).ready(8, 0).values(150).proposes(12)
		of(t, TargetValue).ready(8, 0).values(151).proposes(13)
		of(t, TargetValue).ready(8, 0).values(50).proposes(4)
		of(t, TargetValue).ready(8, 0).values(110).proposes(10)
		of(t, TargetValue).ready(8, 0).values(111).proposes(9)
		// Terminating pods serve; all others do not.
		terminating, failed := readyGroup(2), readyGroup(1)
		terminating.Terminating, failed.Phase = true, PhaseFailed
		unready, unknown, absent, stray := readyGroup(1), readyGroup(1), readyGroup(1), readyGroup(1)
		unready.Ready, unknown.Ready, absent.Ready, stray.Unlisted = ReadyFalse, ReadyUnknown, ReadyAbsent, true
		l := of(t, TargetValue).ready(8, 0).pending(3).add(terminating, 0, 0).add(failed, 0, 0).add(unready, 0, 0).
			add(unknown, 0, 0).add(absent, 0, 0).add(stray, 0, 0).add(readyGroup(-4), 0, 0)
		l.values(200).proposes(20)
		// None serves: nobody is asked for.
		of(t, TargetValue).pending(3).values(500).proposes(0)
	}
}

func TestValueFromZeroIsTheRatio(t *testing.T) {
	for _, of := range []func(*testing.T, Target) *lab{object, external} {
		of(t, TargetValue).scale(0).values(101).proposes(2)
		of(t, TargetValue).scale(0).values(95).proposes(1)
		of(t, TargetValue).scale(0).values(0).proposes(0)
	}
}

func TestValueNeedsSomePod(t *testing.T) {
	l := object(t, TargetValue).add(Group{Pods: 1, Unlisted: true}, 1, 1).values(500)
	_, p := l.spec.ask(l.o, &MetricStatus{}, &Working{})
	check(t, "cause", p.cause, causeNoPods)
	// Not within tolerance, where they are not looked at.
	object(t, TargetValue).values(100).proposes(10)
}

func TestAverageValueGoesByStatusReplicas(t *testing.T) {
	for _, of := range []func(*testing.T, Target) *lab{object, external} {
		l := of(t, TargetAverageValue)
		l.o.StatusReplicas = 7
		l.values(700).proposes(7)
		l.values(770).proposes(7)
		l.values(771).proposes(8)
		l.values(630).proposes(7)
		l.values(629).proposes(7)
		l.values(600).proposes(6)
		l.values(601).proposes(7)
		var status MetricStatus
		l.spec.ask(l.values(701).o, &status, &Working{})
		check(t, "average", status.Average, 101)
		// Without replicas there is no average.
		l.o.StatusReplicas = 0
		l.values(250).proposes(3)
		l.spec.ask(l.o, &status, &Working{})
		check(t, "average of none", status.Average, math.MinInt64)
	}
}

func TestExternalSeriesAreSummed(t *testing.T) {
	external(t, TargetAverageValue).values(500, 0, 1000).proposes(15)
	external(t, TargetValue).ready(10, 0).values(50, 100, 50).proposes(20)
	external(t, TargetValue).ready(10, 0).values(500, -300).proposes(20)
	// A sum that was negative on the way is taken for an overflow, from 1.34.
	external(t, TargetAverageValue).values(-300, 500).proposes(math.MaxInt32)
	external(t, TargetAverageValue).values(500, -300).proposes(2)
	external(t, TargetAverageValue).values(500, -500).proposes(0)
	external(t, TargetAverageValue).version("1.33").values(-300, 500).proposes(2)
}

func TestHugeValues(t *testing.T) {
	const maximum = math.MaxInt64
	status := func(l *lab) (int32, int64) {
		var s MetricStatus
		n, _ := l.spec.ask(l.o, &s, &Working{})
		return n, s.Average + s.Value
	}
	for _, row := range []struct {
		name     string
		l        *lab
		replicas int32
		usage    int64
	}{
		{"external value", external(t, TargetValue).ready(10, 0).values(maximum, 1), math.MaxInt32, maximum},
		{"external value that just fits", external(t, TargetValue).ready(10, 0).values(maximum-1, 1), math.MaxInt32, maximum},
		{"external value that shrinks again", external(t, TargetValue).ready(10, 0).values(maximum-1, 1, -2000), math.MaxInt32, maximum - 2000},
		{"external value, 1.34", external(t, TargetValue).version("1.34").ready(10, 0).values(maximum, 1), math.MinInt32, math.MinInt64},
		{"object value, 1.34", object(t, TargetValue).version("1.34").ready(10, 0).values(maximum), math.MinInt32, maximum},
		{"object value", object(t, TargetValue).ready(10, 0).values(maximum), math.MaxInt32, maximum},
		{"the largest count", object(t, TargetValue).ready(1, 0).values(100 * math.MaxInt32), math.MaxInt32, 100 * math.MaxInt32},
		{"from zero", object(t, TargetValue).scale(0).values(maximum), math.MinInt32, maximum},
		{"external average", external(t, TargetAverageValue).values(maximum, 1), math.MaxInt32, maximum},
		{"external average of one series", external(t, TargetAverageValue).values(maximum), math.MaxInt32, maximum},
		{"external average, 1.33", external(t, TargetAverageValue).version("1.33").values(maximum), math.MinInt32, 922337203685477632},
		{"object average", object(t, TargetAverageValue).values(maximum), math.MinInt32, 922337203685477632},
		{"the largest count on average", external(t, TargetAverageValue).values(100 * math.MaxInt32), math.MaxInt32, 10 * math.MaxInt32},
	} {
		replicas, usage := status(row.l)
		check(t, row.name+": replicas", replicas, row.replicas)
		check(t, row.name+": usage", usage, row.usage)
	}
}

func TestConversionIsAmd64s(t *testing.T) {
	for f, want := range map[float64]int32{
		1.9: 1, -1.9: -1, 2147483647.9: math.MaxInt32, 2147483648: math.MinInt32, -2147483648.9: math.MinInt32,
		-2147483647.5: -2147483647, -2147483649: math.MinInt32, math.Inf(1): math.MinInt32, math.Inf(-1): math.MinInt32, 1e300: math.MinInt32,
	} {
		check(t, "int32", toInt32(f), want)
	}
	check(t, "int32 of NaN", toInt32(math.NaN()), math.MinInt32)
	for f, want := range map[float64]int64{
		1.9: 1, -1.9: -1, 0x1p63: math.MinInt64, 0x1p63 - 1024: math.MaxInt64 - 1023, -0x1p63: math.MinInt64,
		-0x1p63 - 2048: math.MinInt64, -0x1p63 + 1024: math.MinInt64 + 1024, math.Inf(1): math.MinInt64,
	} {
		check(t, "int64", toInt64(f), want)
	}
	check(t, "int64 of NaN", toInt64(math.NaN()), math.MinInt64)
}

// TestWhatFitsIsTheSameOnEveryPlatform asks the bounds themselves: on amd64 the
// conversion alone gives the same, on others it does not.
func TestWhatFitsIsTheSameOnEveryPlatform(t *testing.T) {
	for f, want := range map[float64]bool{
		0: true, 0x1p31 - 0.5: true, 0x1p31: false, 0x1p31 + 0.5: false, 0x1p31 + 1: false, math.Inf(1): false,
		-0x1p31: true, -0x1p31 - 0.5: true, -0x1p31 - 1: false, -0x1p31 - 1.5: false, math.Inf(-1): false,
	} {
		check(t, "fits32 of "+strconv.FormatFloat(f, 'g', -1, 64), fits32(f), want)
	}
	for f, want := range map[float64]bool{
		0: true, 0x1p63 - 1024: true, 0x1p63: false, 0x1p63 + 2048: false, math.Inf(1): false,
		-0x1p63 + 1024: true, -0x1p63: true, -0x1p63 - 2048: false, math.Inf(-1): false,
	} {
		check(t, "fits64 of "+strconv.FormatFloat(f, 'g', -1, 64), fits64(f), want)
	}
	check(t, "fits32 of NaN", fits32(math.NaN()), false)
	check(t, "fits64 of NaN", fits64(math.NaN()), false)
}

func TestWhatTheStatusReports(t *testing.T) {
	l := newLab(t).scale(4)
	second, third := podsMetric(), objectMetric(TargetValue)
	memory := Metric{
		Source: SourceContainerResource, Target: TargetAverageValue, Goal: 100, Name: "app/memory", Resource: "memory", Container: "app",
	}
	l.spec.Metrics = append(l.spec.Metrics, second, third, memory)
	// Missing and unready pods do not show.
	l.ready(2, 75).missing(1).pending(1)
	l.o.Readings[2].Values = []int64{90}
	d := l.step()
	for i, want := range []MetricStatus{
		{Valid: true, Source: SourceResource, Name: "cpu", HasUtilization: true, Utilization: 75, HasAverage: true, Average: 75},
		{Valid: true, Source: SourcePods, Name: "rps", HasAverage: true, Average: 75},
		{Valid: true, Source: SourceObject, Name: "hits", HasValue: true, Value: 90},
		{Valid: true, Source: SourceContainerResource, Name: "app/memory", HasAverage: true, Average: 75},
	} {
		check(t, "status", d.Metrics[i], want)
	}
	// A metric that fails late leaves nothing.
	l.o.Groups = nil
	l.o.Readings[2].Values = []int64{900}
	d = l.step()
	check(t, "statuses", len(d.Metrics), 4)
	check(t, "failed", d.Metrics[2], MetricStatus{})
}
