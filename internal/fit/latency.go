package fit

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// Latency is how long requests take by how busy their pod is, learned from
// recorded latency buckets.
type Latency struct {
	// From is the metric of the buckets; empty: none of these pods are recorded.
	From string
	// Why says why the model is not calibrated; empty: it is.
	Why   string
	Model sim.LatencyModel
	// Capacity is what a recorded pod has for load, in cores; utilization is of it.
	// Rate is how many requests it completes then per second, Variability
	// (Ca²+Cs²)/2: Model.Drain × Rate.
	Capacity, Rate, Variability float64
	// Windows and Requests are what was learned from.
	Windows  int
	Requests float64
	// Levels hold the fit against what was recorded, tenth of capacity by tenth.
	Levels []Busyness
	Fit    Misfit
	// HeldOut is the misfit in the second half of what the first half foretells.
	HeldOut Misfit
}

// Busyness compares windows of similar utilization.
type Busyness struct {
	// From and To are the least and the greatest utilization, in thousandths.
	From, To int64
	Windows  int
	Requests float64
	// Recorded and Predicted are p50, p95 and p99 in seconds, read from the same
	// buckets in the same way; NaN where too few requests tell.
	Recorded, Predicted [3]float64
}

// Misfit is how far quantiles are from the recorded ones.
type Misfit struct {
	// Quantiles is how many were compared; 0: none.
	Quantiles int
	// Error is the median of |predicted − recorded| ÷ recorded, Worst the greatest
	// ratio of the two, at least 1.
	Error, Worst float64
}

// The bar that a model has to meet, over all windows and held out: the median of
// its quantiles' errors, and the ratio of the worst one.
const (
	MostError = 0.25
	MostRatio = 2
	// leastRequests and leastRange are what it takes to learn: requests, and a
	// range of utilization.
	leastRequests = 2000
	mostRequests  = 1e15
	leastRange    = 0.2
)

func (m *Misfit) good() bool { return m.Quantiles > 0 && m.Error <= MostError && m.Worst <= MostRatio }

// quantiles are those that are shown and compared; few is how many requests each
// takes to be told.
func quantiles() (shares, few [3]float64) {
	return [3]float64{0.5, 0.95, 0.99}, [3]float64{200, 400, 1000}
}

// spell is what one pod did in one window: how busy it was, and how many requests
// took how long.
type spell struct {
	window      int
	utilization float64
	counts      []float64 // one for each bound, and those beyond
}

func (s *spell) requests() float64 { return sum(s.counts) }

func sum(v []float64) float64 {
	total := 0.0
	for _, x := range v {
		total += x
	}
	return total
}

// bucketMetrics are the usual names of latency buckets, and how long their unit
// is in seconds.
func bucketMetrics(driver string) []struct {
	name string
	unit float64
} {
	type metric = struct {
		name string
		unit float64
	}
	list := []metric{
		{"http_request_duration_seconds_bucket", 1},
		{"http_server_requests_seconds_bucket", 1},
		{"http_server_request_duration_seconds_bucket", 1},
		{"http_server_duration_milliseconds_bucket", 1e-3},
		{"grpc_server_handling_seconds_bucket", 1},
		{"request_duration_seconds_bucket", 1},
	}
	if base, ok := strings.CutSuffix(driver, "_seconds_count"); ok {
		list = append([]metric{{base + "_seconds_bucket", 1}}, list...)
	}
	return list
}

// latency learns how long requests take.
func (f *learner) latency() {
	m := &f.model
	l := &Latency{}
	m.Latency = l
	bounds, tables := f.buckets(l)
	switch {
	case l.From == "":
		l.Why = "no latency buckets of these pods are recorded"
		return
	case m.Method == Range:
		l.Why = "what a pod uses when idle is not known, so neither is how busy it was"
		return
	}
	spells := f.spells(bounds, tables)
	if l.Capacity = f.capped - m.Idle.Value; f.capped == 0 {
		f.bend(bounds, spells)
		l.Capacity = m.Cost.Value * m.Bend.Throughput
	}
	if l.Capacity <= 0 {
		l.Why = "what a recorded pod could serve is not known: no cpu limit is recorded, and " + m.Bend.Why
		return
	}
	for i := range spells {
		spells[i].utilization /= l.Capacity
	}
	c := calibration{bounds: bounds, window: m.Window.Seconds()}
	c.calibrate(l, spells, f.grid.N/2/f.per)
}

// longestBound is the greatest bound of a latency bucket that means anything, in
// seconds: a day. mostBounds is how many buckets there may be.
const longestBound, mostBounds = 86_400, 200

// buckets finds the pods' latency buckets: their bounds in seconds, and the tables
// of those that took no longer, the last of all.
func (f *learner) buckets(l *Latency) (bounds []float64, tables [][]*podUse) {
	for _, metric := range bucketMetrics(f.model.Driver) {
		byBound := map[float64]string{}
		for _, s := range f.rec.Series {
			if string(s.Labels[model.MetricNameLabel]) != metric.name || !f.pods[podOrInstance(&s)] {
				continue
			}
			if v, ok := boundOf(s.Labels); ok && (math.IsInf(v, 1) || v*metric.unit <= longestBound) {
				byBound[v] = string(s.Labels["le"])
			}
		}
		if len(byBound) < 3 || len(byBound) > mostBounds {
			continue
		}
		for v := range byBound {
			bounds = append(bounds, v)
		}
		slices.Sort(bounds)
		if !math.IsInf(bounds[len(bounds)-1], 1) {
			bounds = nil
			continue // nothing counts all
		}
		for i, v := range bounds {
			tables = append(tables, f.finder.table(Counter, func(name string, labels model.Metric) bool {
				own, ok := boundOf(labels)
				return ok && name == metric.name && own == v && !turnedAway(labels)
			}))
			bounds[i] = v * metric.unit
		}
		l.From = metric.name
		return bounds[:len(bounds)-1], tables
	}
	return nil, nil
}

// spells are the windows of pods that nothing disturbs. Their utilization is, for
// now, what they use besides idle.
func (f *learner) spells(bounds []float64, tables [][]*podUse) []spell {
	index := make([]map[podKey]*podUse, len(tables))
	for i := range tables {
		index[i] = byKey(tables[i])
	}
	var out []spell
	for _, p := range f.table {
		for w := (p.from + f.per - 1) / f.per; (w+1)*f.per <= p.until(); w++ {
			s := spell{window: w, counts: make([]float64, len(bounds)+1)}
			if f.spell(p, &s, index) {
				out = append(out, s)
			}
		}
	}
	return out
}

// spell fills in what a pod did in a window; false where something disturbs, or is
// not known.
func (f *learner) spell(p *podUse, s *spell, index []map[podKey]*podUse) bool {
	for k := s.window * f.per; k < (s.window+1)*f.per; k++ {
		i := k - p.from
		if p.state[i] != 0 || !(p.cover[i] > 0.99) || math.IsNaN(p.use[i]) {
			return false
		}
		idle, _ := f.lineAt(k)
		s.utilization += max(0, p.use[i]-idle) / float64(f.per)
		before := 0.0
		for j := range index {
			v, ok := index[j][p.key].value(k)
			if !ok {
				if j == len(index)-1 {
					return false
				}
				v = before // no request yet that took no longer
			}
			s.counts[j] += max(0, v-before) * f.grid.Step.Seconds()
			before = max(before, v)
		}
	}
	return s.requests() > 0
}

// Bend is where latency bends upward as pods get more to do.
type Bend struct {
	// Throughput is the greatest sustained one before it, in requests per second
	// and pod; 0: not found. Windows is how many it was sustained for.
	Throughput float64
	Windows    int
	// Median is the median latency at low throughput, in seconds, and Then that
	// beyond the bend.
	Median, Then float64
	// Why says why it was not found.
	Why string
}

// bend looks for the greatest throughput before latency bends: windows are put
// into ten groups by throughput; the bend is before the first group from which on
// each has a median of more than twice the first group's.
func (f *learner) bend(bounds []float64, spells []spell) {
	b := &f.model.Bend
	const groups, least = 10, 5
	if len(spells) < groups*least {
		b.Why = "fewer than 50 windows tell where latency bends"
		return
	}
	slices.SortStableFunc(spells, func(x, y spell) int {
		return compare(x.requests(), y.requests())
	})
	var medians, rates [groups]float64
	for g := range groups {
		own := spells[g*len(spells)/groups : (g+1)*len(spells)/groups]
		all := make([]float64, len(bounds)+1)
		for i := range own {
			addTo(all, own[i].counts)
		}
		medians[g] = quantileOf(bounds, all, 0.5)
		rates[g] = sum(all) / float64(len(own)) / f.model.Window.Seconds()
		b.Windows = len(own)
	}
	first := groups
	for first > 1 && medians[first-1] > 2*medians[0] {
		first--
	}
	if b.Median = medians[0]; first == groups {
		b.Why = "latency never bends: the median of the busiest windows is not twice that of the least busy"
		return
	}
	b.Throughput, b.Then = rates[first-1], medians[first]
	f.model.Capacity = Estimate{b.Throughput, b.Throughput, b.Throughput}
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func addTo(all, more []float64) {
	for i, v := range more {
		all[i] += v
	}
}

// boundOf is the upper bound of a bucket, as its label le says.
func boundOf(labels model.Metric) (float64, bool) {
	v, err := strconv.ParseFloat(string(labels["le"]), 64)
	return v, err == nil && v > 0
}

// duration is a number of seconds as a time.
func duration(seconds float64) time.Duration {
	return time.Duration(math.Round(seconds * float64(time.Second)))
}
