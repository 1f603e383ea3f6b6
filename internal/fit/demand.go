package fit

import (
	"fmt"
	"math"
	"time"

	"github.com/elasticctl/elasticctl/internal/series"
)

// total sums the chosen series step by step; Null marks the steps in which none
// has a value.
func (d *Demand) total(g series.Grid, lookback time.Duration) error {
	d.Step = g.Step
	d.sum = make([]float64, g.N)
	known := make([]bool, g.N)
	covered := make([]int64, g.N)
	for i := range d.used {
		s := &d.used[i]
		if err := d.finite(s); err != nil {
			return err
		}
		if d.Kind == Counter {
			d.Resets += addIncrements(d.sum, covered, s, frame{g, lookback})
		} else {
			addLevels(d.sum, known, s, frame{g, lookback})
		}
	}
	if d.Kind == Counter {
		perSecond(d.sum, known, covered, g.Step)
	}
	for k, ok := range known {
		if ok {
			continue
		}
		if d.Null == nil {
			d.Null = make([]bool, g.N)
		}
		d.Null[k] = true
		d.Nulls++
	}
	if d.Nulls == g.N {
		return &Error{Metric: d.Name, Text: d.From + " has no value in any step", Hint: fmt.Sprintf("are its samples more than %v apart?", lookback)}
	}
	return nil
}

// finite refuses infinities, and counters below zero.
func (d *Demand) finite(s *series.Series) error {
	for i, v := range s.Values {
		if math.IsInf(v, 0) {
			return &Error{Metric: d.Name, Text: fmt.Sprintf("%s is %v at %s", s.Labels, v, series.Timestamp(s.Times[i])), Hint: "demand has to be finite: choose another series, or mend the expression"}
		}
		if d.Kind == Counter && v < 0 {
			return &Error{Metric: d.Name, Text: fmt.Sprintf("%s is %v at %s: not a counter", s.Labels, v, series.Timestamp(s.Times[i])), Hint: fmt.Sprintf("name a counter, or give the rate with --demand %s='EXPR'", d.Name)}
		}
	}
	return nil
}

// frame is the grid values are put on and the silence that is bridged.
type frame struct {
	grid     series.Grid
	lookback time.Duration
}

// addIncrements adds to sum what a counter gained in each step, and returns how
// often it started anew.
//
// What a counter gained between two samples is spread evenly over the time
// between them, so the total is conserved whatever the phase of the scrapes, and
// a step takes the share that falls into it. After a reset the counter counts
// from zero. Gains before a series' first sample, after its last one and across
// silences longer than the look-back are unknown. covered becomes, per step, the
// longest time in milliseconds for which any one series knows its gain.
func addIncrements(sum []float64, covered []int64, s *series.Series, f frame) (resets int) {
	step := f.grid.Step.Milliseconds()
	own := make([]int64, len(covered))
	last := -1
	for i, v := range s.Values {
		if math.IsNaN(v) {
			continue // a counter goes on after a stale marker
		}
		from := last
		last = i
		if from < 0 || s.Times[i]-s.Times[from] > f.lookback.Milliseconds() {
			continue
		}
		gain := v - s.Values[from]
		if gain < 0 {
			gain = v
			resets++
		}
		t0, t1 := s.Times[from]-f.grid.Start, s.Times[i]-f.grid.Start
		for k := max(t0, 0) / step; k < int64(len(sum)) && k*step < t1; k++ {
			share := min(t1, (k+1)*step) - max(t0, k*step)
			sum[k] += gain * float64(share) / float64(t1-t0)
			own[k] += share
		}
	}
	for k := range covered {
		covered[k] = max(covered[k], own[k])
	}
	return resets
}

// perSecond turns gains into rates. A step at the edge of a gap, only partly
// covered, gets the rate of the part that is known; a step not covered at all
// has none.
func perSecond(sum []float64, known []bool, covered []int64, step time.Duration) {
	for k := range sum {
		known[k] = covered[k] > 0
		if covered[k] > 0 {
			sum[k] /= float64(min(covered[k], step.Milliseconds())) / 1000
		}
	}
}

// addLevels adds the value of a gauge at the beginning of each step.
//
// Between two samples the first one holds, if they are no further apart than
// the look-back. A last sample, before a stale marker, a longer silence or the
// end, holds for one interval of its series: five minutes of it would count
// pods that are gone.
func addLevels(sum []float64, known []bool, s *series.Series, f frame) {
	own := s.Step()
	if own == 0 {
		own = f.grid.Step
	}
	step, i := f.grid.Step.Milliseconds(), -1
	for k := range sum {
		t := f.grid.Start + int64(k)*step
		for i+1 < len(s.Times) && s.Times[i+1] <= t {
			i++
		}
		if i < 0 || math.IsNaN(s.Values[i]) {
			continue
		}
		bridged := i+1 < len(s.Times) && s.Times[i+1]-s.Times[i] <= f.lookback.Milliseconds()
		if bridged || t-s.Times[i] < own.Milliseconds() {
			sum[k] += s.Values[i]
			known[k] = true
		}
	}
}

// quantise rounds the sums to the integers of a replay: thousandths, or whole
// units for memory and for values too large for thousandths.
func (d *Demand) quantise(w Want) error {
	top := 0.0
	for k, v := range d.sum {
		if v < 0 && !d.null(k) {
			return &Error{Metric: d.Name, Text: fmt.Sprintf("%s is below zero in step %d: %v", d.From, k, v), Hint: "demand is load: zero or more"}
		}
		top = max(top, v)
	}
	d.Scale = 1
	if w.Resource && w.Name != "cpu" || top > math.MaxInt64/1e6 {
		d.Scale = 1000
	}
	if top > math.MaxInt64/1e6*1000 {
		return &Error{Metric: d.Name, Text: fmt.Sprintf("%s reaches %v: too large to count", d.From, top), Hint: "check its unit"}
	}
	d.Values = make([]int64, len(d.sum))
	for k, v := range d.sum {
		if !d.null(k) {
			d.Values[k] = int64(math.Round(v * 1000 / float64(d.Scale)))
		}
	}
	return nil
}

func (d *Demand) null(k int) bool { return d.Null != nil && d.Null[k] }
