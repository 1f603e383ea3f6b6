package fit

import (
	"math"
	"slices"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// calibration fits a latency model to windows.
type calibration struct {
	bounds []float64 // seconds
	window float64   // seconds
	// calm are the least busy windows.
	calm bin
}

// fine and coarse are how many bins of utilization there are to learn from and to
// compare.
const fine, coarse = 50, 10

// bin is what windows of similar utilization have in common.
type bin struct {
	windows  int
	busy     float64 // Σ utilization × requests
	requests float64
	counts   []float64
}

func (b *bin) add(s *spell) {
	n := s.requests()
	b.windows++
	b.busy += s.utilization * n
	b.requests += n
	addTo(b.counts, s.counts)
}

// bins puts windows below full use into so many bins.
func (c *calibration) bins(spells []spell, n int) []bin {
	out := make([]bin, n)
	for i := range out {
		out[i].counts = make([]float64, len(c.bounds)+1)
	}
	for i := range spells {
		if at := int(spells[i].utilization * float64(n)); at >= 0 && at < n {
			out[at].add(&spells[i])
		}
	}
	return out
}

// calibrate fits a model to all windows, sets it beside what was recorded, and
// holds it out: half is the first window of the second half.
func (c *calibration) calibrate(l *Latency, spells []spell, half int) {
	for tried := false; ; tried = true {
		l.Windows, l.Requests = len(spells), 0
		for i := range spells {
			l.Requests += spells[i].requests()
		}
		if l.Why = c.learn(l, spells); l.Why != "" {
			if tried {
				l.Why = misfits // and less is too little to learn from
			}
			return
		}
		l.Levels = c.levels(&l.Model, spells)
		if l.Fit = misfit(l.Levels, 0); l.Fit.Quantiles == 0 {
			l.Why = "no tenth of capacity has 200 requests"
			return
		}
		last := len(l.Levels) - 1
		if top := misfit(l.Levels, last); top.Worst <= MostRatio || last == 0 {
			break
		}
		// Nearer to capacity than the model holds: what is not known is not used.
		limit := float64(l.Levels[last].From) / 1000
		spells = slices.DeleteFunc(slices.Clone(spells), func(s spell) bool { return s.utilization >= limit })
	}
	l.Model.From, l.Model.To = l.Levels[0].From, l.Levels[len(l.Levels)-1].To
	if l.Fit.good() {
		c.holdOut(l, spells, half)
	}
	l.Why = l.doubt()
}

const misfits = "the model does not fit the recorded p50, p95 and p99 well enough"

// doubt is why a model does not meet the bar.
func (l *Latency) doubt() string {
	switch {
	case !l.Fit.good():
		return misfits
	case l.HeldOut.Quantiles == 0:
		return "too little is recorded to hold a half of it out"
	case !l.HeldOut.good():
		return "what the first half foretells of the second is not good enough"
	}
	return ""
}

// holdOut learns from the windows of the first half and compares with those of the
// second.
func (c *calibration) holdOut(l *Latency, spells []spell, half int) {
	var first, second []spell
	for i := range spells {
		if spells[i].window < half {
			first = append(first, spells[i])
		} else {
			second = append(second, spells[i])
		}
	}
	var h Latency
	if c.learn(&h, first) == "" {
		l.HeldOut = misfit(c.levels(&h.Model, second), 0)
	}
}

// learn finds the service time, and the parameters that come closest to
// the recorded quantiles. It says why it cannot.
func (c *calibration) learn(l *Latency, spells []spell) string {
	spells = slices.Clone(spells)
	slices.SortStableFunc(spells, func(a, b spell) int { return compare(a.utilization, b.utilization) })
	requests, busy := 0.0, 0.0
	for i := range spells {
		requests += spells[i].requests()
		busy += spells[i].utilization * c.window
	}
	switch {
	case !(requests < mostRequests):
		return "more requests are recorded than can be counted"
	case len(spells) < enoughWindows || requests < leastRequests:
		return "fewer than 20 windows or 2000 requests are recorded of pods that nothing disturbs"
	case spells[len(spells)-1].utilization-spells[0].utilization < leastRange:
		return "pods were always about as busy: from the least to the busiest window it is less than a fifth of capacity"
	}
	l.Rate = requests / busy
	c.calmest(spells, requests/10)
	m := &l.Model
	best := math.Inf(-1)
	for _, servers := range []float64{1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64} {
		at := sim.LatencyModel{Servers: servers}
		v, score := c.variability(&at, l.Rate, spells)
		if score > best {
			best, l.Variability, m.Servers = score, v, servers
		}
	}
	m.Drain = duration(l.Variability / l.Rate)
	c.serve(m)
	return ""
}

// calmest adds up the least busy windows, so many requests of them at least.
func (c *calibration) calmest(spells []spell, least float64) {
	c.calm = bin{counts: make([]float64, len(c.bounds)+1)}
	for i := range spells {
		if c.calm.add(&spells[i]); c.calm.requests >= least {
			return
		}
	}
}

// serve gives a model the service time under which the least busy windows are
// likeliest: what they took, but for what they waited then. It is found by
// expectation maximization, from what they took.
func (c *calibration) serve(m *sim.LatencyModel) {
	const rounds = 20
	utilization := c.calm.busy / c.calm.requests
	kernel := make([][]float64, len(c.bounds))
	for i := range kernel {
		one := sim.LatencyModel{Service: c.buckets(nil), Servers: m.Servers, Drain: m.Drain}
		one.Service[i].Count = 1
		kernel[i] = c.shares(&one, utilization)
	}
	service := slices.Clone(c.calm.counts)
	for range rounds {
		next := make([]float64, len(service))
		for j, taken := range c.calm.counts {
			all := 0.0
			if j == len(c.bounds) {
				all = service[j] // what is beyond the last bound stays there
			}
			for i := range kernel {
				all += service[i] * kernel[i][j]
			}
			if all <= 0 {
				continue
			}
			for i := range kernel {
				next[i] += taken * service[i] * kernel[i][j] / all
			}
			if j == len(c.bounds) {
				next[j] += taken * service[j] / all
			}
		}
		service = next
	}
	m.Service, m.Over = c.buckets(service), int64(math.Round(service[len(c.bounds)]))
}

// buckets are the bounds with counts, none if there are none.
func (c *calibration) buckets(counts []float64) []sim.Bucket {
	out := make([]sim.Bucket, len(c.bounds))
	for i, upper := range c.bounds {
		out[i].Upper = duration(upper)
		if counts != nil {
			out[i].Count = int64(math.Round(counts[i]))
		}
	}
	return out
}

// variability finds the (Ca²+Cs²)/2 that comes closest, between 1/50 and 50, to 1 %, by
// golden sections of its logarithm.
func (c *calibration) variability(m *sim.LatencyModel, rate float64, spells []spell) (v, score float64) {
	const golden = 0.6180339887498949
	of := func(log float64) float64 {
		m.Drain = duration(math.Exp(log) / rate)
		c.serve(m)
		return c.closeness(m, spells)
	}
	low, high := -math.Log(50), math.Log(50)
	a, b := high-golden*(high-low), low+golden*(high-low)
	fa, fb := of(a), of(b)
	for high-low > 0.01 {
		if fa >= fb {
			high, b, fb = b, a, fa
			a = high - golden*(high-low)
			fa = of(a)
		} else {
			low, a, fa = a, b, fb
			b = low + golden*(high-low)
			fb = of(b)
		}
	}
	if fa >= fb {
		return math.Exp(a), fa
	}
	return math.Exp(b), fb
}

// closeness is how close a model comes to the recorded quantiles: minus the sum of
// the squares of ln(predicted ÷ recorded), so that every tenth of capacity and
// every quantile counts alike.
func (c *calibration) closeness(m *sim.LatencyModel, spells []spell) float64 {
	total := 0.0
	for _, l := range c.levels(m, spells) {
		for q, recorded := range l.Recorded {
			if recorded > 0 && l.Predicted[q] > 0 {
				apart := math.Log(l.Predicted[q] / recorded)
				total -= apart * apart
			}
		}
	}
	return total
}

// shares are what a model says of each bucket at a utilization.
func (c *calibration) shares(m *sim.LatencyModel, utilization float64) []float64 {
	out := make([]float64, len(c.bounds)+1)
	before := 1.0
	for i, bound := range c.bounds {
		longer := m.Exceeds(duration(bound), utilization)
		out[i], before = max(0, before-longer), longer
	}
	out[len(c.bounds)] = before
	return out
}

// levels set a model beside the recorded quantiles, a tenth of capacity each.
func (c *calibration) levels(m *sim.LatencyModel, spells []spell) []Busyness {
	shares, few := quantiles()
	bins := c.bins(spells, fine)
	var out []Busyness
	for i := range coarse {
		l := Busyness{From: int64(i) * 1000 / coarse, To: int64(i+1) * 1000 / coarse}
		recorded, predicted := make([]float64, len(c.bounds)+1), make([]float64, len(c.bounds)+1)
		for j := i * fine / coarse; j < (i+1)*fine/coarse; j++ {
			b := &bins[j]
			if b.requests == 0 {
				continue
			}
			l.Windows += b.windows
			l.Requests += b.requests
			addTo(recorded, b.counts)
			for k, share := range c.shares(m, b.busy/b.requests) {
				predicted[k] += share * b.requests
			}
		}
		if l.Requests < few[0] {
			continue
		}
		for q, share := range shares {
			l.Recorded[q], l.Predicted[q] = math.NaN(), math.NaN()
			if l.Requests >= few[q] {
				l.Recorded[q], l.Predicted[q] = quantileOf(c.bounds, recorded, share), quantileOf(c.bounds, predicted, share)
			}
		}
		out = append(out, l)
	}
	return out
}

// misfit compares the quantiles of levels, from one on.
func misfit(levels []Busyness, from int) Misfit {
	var out Misfit
	var apart []float64
	for i := from; i < len(levels); i++ {
		for q, recorded := range levels[i].Recorded {
			predicted := levels[i].Predicted[q]
			if math.IsNaN(recorded) || recorded <= 0 || predicted <= 0 {
				continue
			}
			apart = append(apart, math.Abs(predicted-recorded)/recorded)
			out.Worst = max(out.Worst, predicted/recorded, recorded/predicted)
		}
	}
	if out.Quantiles = len(apart); out.Quantiles > 0 {
		out.Error = median(apart)
	}
	return out
}

// quantileOf reads a quantile from counts between bounds as histogram_quantile
// does: evenly spread within a bucket, and the last bound for what is beyond.
func quantileOf(bounds, counts []float64, share float64) float64 {
	want, seen, lower := share*sum(counts), 0.0, 0.0
	for i, upper := range bounds {
		if n := counts[i]; n > 0 && seen+n >= want {
			return lower + (upper-lower)*(want-seen)/n
		}
		seen, lower = seen+counts[i], upper
	}
	return lower
}
