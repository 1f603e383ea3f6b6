package sim

import (
	"cmp"
	"slices"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// Point is a count that holds from T until the next Point.
type Point struct {
	T time.Duration
	// N is the count; Unknown where nothing is known.
	N int32
}

// Unknown is the count of a Point at which nothing is known.
const Unknown int32 = -1

// Trace is what the ticks of one replay amount to, kept small: a count is
// stored only where it changes, so that a month costs a few kilobytes. Give
// each tick to Add.
type Trace struct {
	// Replicas is spec.replicas, a sync's own write included; Ready is how many
	// pods were ready. Both are as seen at syncs, at their start.
	Replicas, Ready []Point
	// Failures are the failed syncs by reason, in order of first occurrence.
	Failures []FailureCount
}

// FailureCount is how often syncs failed for one reason.
type FailureCount struct {
	Reason hpa.Reason
	Syncs  int64
	// First is when the first of them started, Message the event it emitted.
	First   time.Duration
	Message string
}

// Add takes note of one sync.
func (tr *Trace) Add(t *Tick) {
	d := &t.Decision
	replicas := t.SpecReplicas
	if d.Scaled {
		replicas = d.Desired
	}
	tr.Replicas = extend(tr.Replicas, t.T, replicas)
	tr.Ready = extend(tr.Ready, t.T, t.Pods.Ready)
	if !d.Failure.Failed() {
		return
	}
	// Every failure emits a warning; the first one names the cause.
	e := slices.IndexFunc(d.Events, func(e hpa.Event) bool { return !e.Normal })
	if e < 0 {
		return
	}
	reason := d.Events[e].Reason
	i := slices.IndexFunc(tr.Failures, func(f FailureCount) bool { return f.Reason == reason })
	if i < 0 {
		i = len(tr.Failures)
		tr.Failures = append(tr.Failures, FailureCount{Reason: reason, First: t.T, Message: d.Events[e].Message()})
	}
	tr.Failures[i].Syncs++
}

// MainFailure returns the most frequent failure, the earlier one of equals; ok
// is false where no sync failed.
func (tr *Trace) MainFailure() (main FailureCount, ok bool) {
	if len(tr.Failures) == 0 {
		return FailureCount{}, false
	}
	// MaxFunc returns the first of equal maxima.
	return slices.MaxFunc(tr.Failures, func(a, b FailureCount) int { return cmp.Compare(a.Syncs, b.Syncs) }), true
}

// extend appends a count where it differs from the last one.
func extend(points []Point, t time.Duration, n int32) []Point {
	last := len(points) - 1
	if last >= 0 && points[last].T == t {
		points[last].N = n
		return points
	}
	if last >= 0 && points[last].N == n {
		return points
	}
	return append(points, Point{t, n})
}

// Difference says how far two replica timelines lie apart.
type Difference struct {
	// Compared is how long both were known; the rest counts nowhere.
	Compared time.Duration
	// Equal is how long both stood at the same count.
	Equal time.Duration
	// AbsoluteMillis is |a - b| integrated over Compared, in pod-milliseconds.
	AbsoluteMillis int64
	// Worst is the greatest |a - b|, first reached at WorstAt.
	Worst   int32
	WorstAt time.Duration
}

// MeanAbsolute is the mean of |a - b| over the time compared, in pods.
func (d Difference) MeanAbsolute() float64 {
	if d.Compared <= 0 {
		return 0
	}
	return float64(d.AbsoluteMillis) / float64(d.Compared.Milliseconds())
}

// EqualShare is the share of the time compared, 0 to 1, at the same count.
func (d Difference) EqualShare() float64 {
	if d.Compared <= 0 {
		return 0
	}
	return float64(d.Equal) / float64(d.Compared)
}

// Compare measures two timelines against each other over [0, duration).
func Compare(a, b []Point, duration time.Duration) Difference {
	var d Difference
	var i, j int
	for t := time.Duration(0); t < duration; {
		for i+1 < len(a) && a[i+1].T <= t {
			i++
		}
		for j+1 < len(b) && b[j+1].T <= t {
			j++
		}
		next := min(duration, nextChange(a, i, t), nextChange(b, j, t))
		d.add(at(a, i, t), at(b, j, t), t, next)
		t = next
	}
	return d
}

// add accounts for [from, to), in which both counts are constant.
func (d *Difference) add(a, b int32, from, to time.Duration) {
	if a < 0 || b < 0 {
		return
	}
	diff := max(a-b, b-a)
	d.Compared += to - from
	d.AbsoluteMillis += int64(diff) * (to - from).Milliseconds()
	if diff == 0 {
		d.Equal += to - from
	}
	if diff > d.Worst {
		d.Worst, d.WorstAt = diff, from
	}
}

// at is the count at t, where i is the last point not after t, if any is.
func at(points []Point, i int, t time.Duration) int32 {
	if i >= len(points) || points[i].T > t {
		return Unknown
	}
	return points[i].N
}

// nextChange is when the count changes after t.
func nextChange(points []Point, i int, t time.Duration) time.Duration {
	for ; i < len(points); i++ {
		if points[i].T > t {
			return points[i].T
		}
	}
	return 1<<63 - 1
}
