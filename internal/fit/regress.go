package fit

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Estimate is a number with the interval that holds it with 95 % confidence, as
// far as the recording is like itself.
type Estimate struct{ Value, Low, High float64 }

// sums are what a straight line through points needs of them.
type sums struct{ n, x, y, xx, xy, yy float64 }

func (s *sums) point(x, y float64) {
	s.n++
	s.x += x
	s.y += y
	s.xx += x * x
	s.xy += x * y
	s.yy += y * y
}

func (s *sums) add(o *sums) {
	s.n += o.n
	s.x += o.x
	s.y += o.y
	s.xx += o.xx
	s.xy += o.xy
	s.yy += o.yy
}

// line is the least-squares line y = idle + cost·x. Nobody uses less than
// nothing: a line that would begin below zero begins at it. ok is false where the
// points lie above each other or fall.
func (s *sums) line() (idle, cost float64, ok bool) {
	spread := s.n*s.xx - s.x*s.x
	if s.n < 2 || spread <= 1e-9*s.n*s.xx {
		return 0, 0, false
	}
	cost = (s.n*s.xy - s.x*s.y) / spread
	idle = (s.y - cost*s.x) / s.n
	if idle < 0 {
		idle, cost = 0, s.xy/s.xx
	}
	return idle, cost, cost > 0
}

const (
	// resamples is how many bootstrap samples an interval is taken from.
	resamples = 400
	// fewestBlocks is how many blocks it takes to say how far they differ.
	fewestBlocks = 6
)

// fitted is what a straight line through observations says.
type fitted struct{ idle, cost, capacity Estimate }

// estimate fits a line to all blocks together, and its intervals by drawing
// blocks of time anew: neighbours in time are alike, single points would pretend
// to know more. The draws are the same every time. limit is where a pod's use
// ends, 0 for nowhere.
func estimate(blocks []sums, limit float64) (f fitted, ok bool) {
	blocks = slices.DeleteFunc(slices.Clone(blocks), func(s sums) bool { return s.n == 0 })
	var all sums
	for i := range blocks {
		all.add(&blocks[i])
	}
	idle, cost, ok := all.line()
	if !ok || len(blocks) < fewestBlocks {
		return f, false
	}
	var idles, costs, capacities []float64
	redraw(blocks, func(drawn *sums) {
		if i, c, sound := drawn.line(); sound {
			idles, costs, capacities = append(idles, i), append(costs, c), append(capacities, carries(limit, i, c))
		}
	})
	if len(idles) < resamples*9/10 {
		return f, false
	}
	f.idle, f.cost = interval(idle, idles), interval(cost, costs)
	f.capacity = interval(carries(limit, idle, cost), capacities)
	return f, true
}

// carries is how many requests per second bring a pod's use to its limit; 0 where
// there is no limit or nothing is left.
func carries(limit, idle, cost float64) float64 {
	if limit <= idle || cost <= 0 {
		return 0
	}
	return (limit - idle) / cost
}

// redraw draws as many blocks as there are, with replacement, again and again.
func redraw(blocks []sums, visit func(drawn *sums)) {
	r := rand.New(rand.NewPCG(1, 2))
	for range resamples {
		var drawn sums
		for range blocks {
			drawn.add(&blocks[r.IntN(len(blocks))])
		}
		visit(&drawn)
	}
}

// interval is an estimate with what 95 % of the draws say.
func interval(value float64, drawn []float64) Estimate {
	slices.Sort(drawn)
	tail := len(drawn) / 40
	return Estimate{value, drawn[tail], drawn[len(drawn)-1-tail]}
}

// median sorts values and returns the middle one, NaN of none.
func median(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	slices.Sort(v)
	return v[len(v)/2]
}
