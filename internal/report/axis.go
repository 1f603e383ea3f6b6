package report

import (
	"math"
	"time"
)

// yTick is one mark of the vertical axis.
type yTick struct {
	value float64
	label string
}

// yTicks are the marks of the vertical axis, from zero to at least the
// greatest value, at round distances.
func (c *chart) yTicks() []yTick {
	top := 0.0
	for i := range c.curves {
		for _, v := range c.curves[i].values {
			if v > top { // false for NaN
				top = v
			}
		}
	}
	if top == 0 {
		top = 1
	}
	step := roundStep(top/float64(max(1, c.ticks)), c.whole)
	var ticks []yTick
	for i := 0; ; i++ {
		v := float64(i) * step
		ticks = append(ticks, yTick{v, c.label(v)})
		if v >= top {
			return ticks
		}
	}
}

// roundStep is the least of 1, 2, 2.5, 5 times a power of ten that is not
// below v; whole excludes fractions.
func roundStep(v float64, whole bool) float64 {
	if whole && v <= 1 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		step := m * power
		if whole && step != math.Trunc(step) {
			continue
		}
		if step >= v*(1-1e-9) {
			return step
		}
	}
	return 10 * power
}

// timeTick is one mark of the time axis.
type timeTick struct {
	at    time.Duration
	label string
}

// timeSteps are the distances that marks of a time axis may have.
var timeSteps = []time.Duration{
	time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	24 * time.Hour, 2 * 24 * time.Hour, 7 * 24 * time.Hour, 14 * 24 * time.Hour,
	28 * 24 * time.Hour, 91 * 24 * time.Hour, 364 * 24 * time.Hour,
}

// timeTicks are the marks of a time axis of so many cells: round clock times
// where the start is known, else round offsets from it.
func timeTicks(start time.Time, duration time.Duration, cells int) []timeTick {
	want := max(1, cells/12)
	step := timeSteps[len(timeSteps)-1]
	for _, s := range timeSteps {
		if duration/s <= time.Duration(want) {
			step = s
			break
		}
	}
	first := time.Duration(0)
	if !start.IsZero() {
		// Truncate counts from year 1, a Monday: so weeks begin on Mondays.
		first = start.Truncate(step).Add(step).Sub(start) % step
	}
	var ticks []timeTick
	for at := first; at <= duration; at += step {
		ticks = append(ticks, timeTick{at, timeLabel(start, at, step)})
	}
	return ticks
}

// timeLabel prints an instant as precisely as the distance of marks demands.
func timeLabel(start time.Time, at, step time.Duration) string {
	if start.IsZero() {
		return span(at)
	}
	t := start.Add(at)
	switch {
	case step >= 24*time.Hour:
		return t.Format("Jan 2")
	case t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0:
		return t.Format("Jan 2")
	case step < time.Minute:
		return t.Format("15:04:05")
	}
	return t.Format("15:04")
}
