package series

import (
	"math"
	"slices"
	"sort"
	"time"

	"github.com/prometheus/common/model"
)

// Lookback is how long a sample stands for its series in Prometheus.
const Lookback = 5 * time.Minute

// staleNaN is the bit pattern by which Prometheus marks the end of a series.
const staleNaN = 0x7ff0000000000002

// Stale returns the stale marker, the only NaN in a Series.
func Stale() float64 { return math.Float64frombits(staleNaN) }

// Series is one recorded series as columns of equal length. Its slices may be
// shared with other series: they are read-only.
type Series struct {
	Labels model.Metric
	// Times are milliseconds since the epoch, strictly ascending.
	Times []int64
	// Values are in the metric's own unit; NaN is always the stale marker.
	Values []float64
	// Source is the file it was read from, the first one if several.
	Source string
}

// Recording is a set of series with distinct labels, in order of their metric
// names, then of their labels.
type Recording struct {
	Series []Series
	// Notes are facts a user should know: warnings the server gave, files that
	// hold no series, files left out.
	Notes []string
}

// Bounds returns the times of the first and the last sample of all series, in
// milliseconds since the epoch; both are 0 if there is none.
func Bounds(set []Series) (first, last int64) {
	first, last = math.MaxInt64, math.MinInt64
	for i := range set {
		if n := len(set[i].Times); n > 0 {
			first = min(first, set[i].Times[0])
			last = max(last, set[i].Times[n-1])
		}
	}
	if first > last {
		return 0, 0
	}
	return first, last
}

// At returns the value at a time, in milliseconds: the last sample not later
// than t and less than lookback old, as Prometheus does it. It is absent after
// a stale marker.
func (s *Series) At(t int64, lookback time.Duration) (float64, bool) {
	i := sort.Search(len(s.Times), func(i int) bool { return s.Times[i] > t }) - 1
	if i < 0 || t-s.Times[i] >= lookback.Milliseconds() || math.IsNaN(s.Values[i]) {
		return 0, false
	}
	return s.Values[i], true
}

// Resample returns the values at n times from start, step apart, and which of
// them are present, by the rule of At. It costs one pass over the series.
func (s *Series) Resample(g Grid, lookback time.Duration) (values []float64, present []bool) {
	values, present = make([]float64, g.N), make([]bool, g.N)
	step, hold := g.Step.Milliseconds(), lookback.Milliseconds()
	i := -1
	for k := range values {
		t := g.Start + int64(k)*step
		for i+1 < len(s.Times) && s.Times[i+1] <= t {
			i++
		}
		if i >= 0 && t-s.Times[i] < hold && !math.IsNaN(s.Values[i]) {
			values[k], present[k] = s.Values[i], true
		}
	}
	return values, present
}

// Grid is N instants from Start, in milliseconds since the epoch, Step apart.
type Grid struct {
	Start int64
	Step  time.Duration
	N     int
}

// Gap is a stretch in which a series says nothing: From is its last sample or
// its stale marker before, To its next sample, in milliseconds since the epoch.
type Gap struct{ From, To int64 }

// Gaps returns the stretches between two samples that are longer than
// lookback, and those that a stale marker opens, in order of time.
func (s *Series) Gaps(lookback time.Duration) []Gap {
	var gaps []Gap
	for i := 1; i < len(s.Times); i++ {
		stale := math.IsNaN(s.Values[i-1])
		if !stale && s.Times[i]-s.Times[i-1] <= lookback.Milliseconds() {
			continue
		}
		if n := len(gaps); stale && n > 0 && gaps[n-1].To == s.Times[i-1] {
			gaps[n-1].To = s.Times[i]
			continue
		}
		gaps = append(gaps, Gap{From: s.Times[i-1], To: s.Times[i]})
	}
	return gaps
}

// Step infers the interval of the samples: the median distance of neighbours,
// taken as whole seconds where it is within 2 % of them, since scrapes jitter. Of
// a long series some 4096 distances, evenly spread, are looked at. It is 0 for
// fewer than two samples.
func (s *Series) Step() time.Duration {
	if len(s.Times) < 2 {
		return 0
	}
	stride := (len(s.Times)-2)/4096 + 1
	d := make([]int64, 0, len(s.Times)/stride+1)
	for i := 1; i < len(s.Times); i += stride {
		d = append(d, s.Times[i]-s.Times[i-1])
	}
	slices.Sort(d)
	m := d[(len(d)-1)/2]
	if whole := (m + 500) / 1000 * 1000; whole > 0 && 50*max(whole-m, m-whole) <= whole {
		m = whole
	}
	return time.Duration(m) * time.Millisecond
}

// Step returns the shortest Step of the series, and whether they differ. It is
// 0 when no series has two samples.
func Step(set []Series) (step time.Duration, mixed bool) {
	for i := range set {
		d := set[i].Step()
		if d == 0 {
			continue
		}
		mixed = mixed || step != 0 && d != step
		if step == 0 || d < step {
			step = d
		}
	}
	return step, mixed
}

// Names returns the distinct metric names, sorted.
func (r *Recording) Names() []string {
	var names []string
	for i := range r.Series {
		names = append(names, string(r.Series[i].Labels[model.MetricNameLabel]))
	}
	slices.Sort(names)
	return slices.Compact(names)
}
