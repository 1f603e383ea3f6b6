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
	d.Interval, _ = series.Step(d.used)
	d.Interval = max(d.Interval, d.Known)
	t := newTally(g, lookback)
	for i := range d.used {
		s := &d.used[i]
		if err := d.finite(s); err != nil {
			return err
		}
		if d.Kind == Counter {
			d.Resets += t.increments(s)
		} else {
			t.levels(s)
		}
	}
	if d.Kind == Counter {
		t.perSecond()
	}
	t.bridge(d)
	d.sum = t.sum
	for k, ok := range t.known {
		if !ok {
			d.absent(k)
		}
	}
	if d.Nulls == g.N {
		return &Error{Metric: d.Name, Text: d.From + " has no value in any step", Hint: fmt.Sprintf("are its samples more than %v apart?", lookback)}
	}
	return nil
}

// absent marks a step without a value.
func (d *Demand) absent(k int) {
	if d.Null == nil {
		d.Null = make([]bool, len(d.sum))
	}
	if !d.Null[k] {
		d.Null[k] = true
		d.Nulls++
	}
}

// timesPods makes a total of a mean over the pods.
func (d *Demand) timesPods(r *Replicas) error {
	if r == nil {
		return &Error{Metric: d.Name, Text: d.From + " is a mean over the pods, and the recording does not tell how many there were", Hint: "record kube_deployment_status_replicas with it, or give the total"}
	}
	for k := range d.sum {
		if d.sum[k] *= float64(r.Values[k]); r.null(k) {
			d.sum[k] = 0
			d.absent(k)
		}
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

// tally is a sum over series, step by step.
type tally struct {
	grid     series.Grid
	lookback time.Duration // the longest silence that is bridged
	sum      []float64
	known    []bool // whether any series has a value in the step
	// silent is what series held or gained per second in silences longer than
	// the look-back; nil where there is none.
	silent []float64
	series int           // how many series have such silences
	length time.Duration // and how long these are in all
	// covered is the longest time in milliseconds of each step for which any one
	// counter knows its gain, own that of the counter at hand.
	covered, own []int64
}

func newTally(g series.Grid, lookback time.Duration) *tally {
	return &tally{grid: g, lookback: lookback, sum: make([]float64, g.N), known: make([]bool, g.N)}
}

// quiet notes that a series held, or gained per second, a value in the steps
// that lie whole in a silence.
func (t *tally) quiet(t0, t1 int64, value float64) {
	if t.silent == nil {
		t.silent = make([]float64, t.grid.N)
	}
	step := t.grid.Step.Milliseconds()
	for k := max(0, (t0-t.grid.Start+step-1)/step); k < int64(t.grid.N) && t.grid.Start+(k+1)*step <= t1; k++ {
		t.silent[k] += value
		t.length += t.grid.Step
	}
	t.series++
}

// bridge adds what silent series had to the steps in which others were heard:
// the total would lack a pod that was there.
func (t *tally) bridge(d *Demand) {
	if t.silent == nil {
		return
	}
	used := false
	for k, v := range t.silent {
		if t.known[k] {
			t.sum[k] += v
			used = used || v != 0
		}
	}
	if used {
		d.Silent, d.Bridged = t.series, t.length
	}
}

// reset makes the tally empty again.
func (t *tally) reset() {
	clear(t.sum)
	clear(t.known)
}

// increments adds what a counter gained in each step, and returns how often it
// started anew.
//
// What a counter gained between two samples is spread evenly over the time
// between them, so the total is conserved whatever the phase of the scrapes, and
// a step takes the share that falls into it. After a reset the counter counts
// from zero. Gains before a series' first sample and after its last one are
// unknown. What it gained across a silence longer than the look-back counts
// where others are heard (bridge).
func (t *tally) increments(s *series.Series) (resets int) {
	if t.covered == nil {
		t.covered, t.own = make([]int64, t.grid.N), make([]int64, t.grid.N)
	}
	clear(t.own)
	step := t.grid.Step.Milliseconds()
	last := -1
	for i, v := range s.Values {
		if math.IsNaN(v) {
			continue // a counter goes on after a stale marker
		}
		from := last
		last = i
		if from < 0 {
			continue
		}
		gain := v - s.Values[from]
		if gain < 0 {
			gain = v
			resets++
		}
		if silence := s.Times[i] - s.Times[from]; silence > t.lookback.Milliseconds() {
			t.quiet(s.Times[from], s.Times[i], gain/float64(silence)*1000)
			continue
		}
		t0, t1 := s.Times[from]-t.grid.Start, s.Times[i]-t.grid.Start
		for k := max(t0, 0) / step; k < int64(len(t.sum)) && k*step < t1; k++ {
			share := min(t1, (k+1)*step) - max(t0, k*step)
			t.sum[k] += gain * float64(share) / float64(t1-t0)
			t.own[k] += share
		}
	}
	for k := range t.covered {
		t.covered[k] = max(t.covered[k], t.own[k])
	}
	return resets
}

// perSecond turns gains into rates. A step at the edge of a gap, only partly
// covered, gets the rate of the part that is known; a step not covered at all
// has none.
func (t *tally) perSecond() {
	for k, ms := range t.covered {
		t.known[k] = ms > 0
		if ms > 0 {
			t.sum[k] /= float64(ms) / 1000
		}
	}
}

// levels adds the value of a gauge at the beginning of each step.
//
// Between two samples the first one holds, if they are no further apart than
// the look-back. A last sample, before a longer silence or the end, holds for one
// interval of its series: five minutes of it would count pods that are gone. In a
// longer silence it holds where others are heard (bridge).
func (t *tally) levels(s *series.Series) {
	own := s.Step()
	if own == 0 {
		own = t.grid.Step
	}
	for i := range len(s.Times) - 1 {
		if s.Times[i+1]-s.Times[i] > t.lookback.Milliseconds() && !math.IsNaN(s.Values[i]) {
			t.quiet(s.Times[i]+own.Milliseconds(), s.Times[i+1], s.Values[i])
		}
	}
	step, i := t.grid.Step.Milliseconds(), -1
	for k := range t.sum {
		now := t.grid.Start + int64(k)*step
		for i+1 < len(s.Times) && s.Times[i+1] <= now {
			i++
		}
		if i < 0 || math.IsNaN(s.Values[i]) {
			continue
		}
		bridged := i+1 < len(s.Times) && s.Times[i+1]-s.Times[i] <= t.lookback.Milliseconds()
		if bridged || now-s.Times[i] < own.Milliseconds() {
			t.sum[k] += s.Values[i]
			t.known[k] = true
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
	d.Values = d.whole(d.sum)
	if d.high != nil {
		d.High = d.whole(d.high)
	}
	return nil
}

// whole rounds values to units of the demand's scale.
func (d *Demand) whole(sum []float64) []int64 {
	out := make([]int64, len(sum))
	for k, v := range sum {
		if !d.null(k) {
			out[k] = int64(math.Round(v * 1000 / float64(d.Scale)))
		}
	}
	return out
}

func (d *Demand) null(k int) bool { return d.Null != nil && d.Null[k] }
