package fit

import (
	"math"
	"slices"
)

// Segment is a stretch of time in which pods answered to load in one way: between
// rollouts, and between changes of what requests cost.
type Segment struct {
	// From and To are in milliseconds since the epoch.
	From, To int64
	// Template is what the pods were made from; may be empty.
	Template string
	// Windows is how many were learned from. OK says that Idle and Cost, which
	// are as in Model, could be found.
	Windows    int
	OK         bool
	Idle, Cost Estimate
}

const (
	// regime is how many windows a way to answer to load has to last.
	regime = 10
	// different is how far apart two predictions at one load are that count as two
	// ways.
	different = 0.1
)

// segments cuts the time between rollouts where requests began to cost something
// else, and fits each piece. It returns the piece's lines.
func (f *learner) segments(points []point) []fitted {
	windows := make([]sums, f.grid.N/f.per+1)
	for _, q := range points {
		windows[q.window].point(q.x, q.y)
	}
	var begin []int
	for i, b := range f.begin {
		end := f.grid.N
		if i+1 < len(f.begin) {
			end = f.begin[i+1]
		}
		from, to := (b+f.per-1)/f.per, end/f.per
		begin = append(begin, b)
		for _, w := range f.split(windows, from, to) {
			begin = append(begin, w*f.per)
		}
	}
	f.begin = begin
	lines := make([]fitted, len(begin))
	for i, b := range begin {
		end := f.grid.N
		if i+1 < len(begin) {
			end = begin[i+1]
		}
		s := Segment{From: f.time(b), To: f.time(end), Template: f.templateAt(b)}
		own := windows[min((b+f.per-1)/f.per, end/f.per) : end/f.per]
		for j := range own {
			s.Windows += int(own[j].n)
		}
		lines[i], s.OK = estimate(blocksOf(own), f.model.Limit)
		s.Idle, s.Cost = lines[i].idle, lines[i].cost
		f.model.Segments = append(f.model.Segments, s)
	}
	return lines
}

// blocksOf puts windows into blocks of neighbours: twenty, if there are enough
// for at least four in each.
func blocksOf(windows []sums) []sums {
	each := max(4, (len(windows)+19)/20)
	var blocks []sums
	for i := range windows {
		if i%each == 0 {
			blocks = append(blocks, sums{})
		}
		blocks[len(blocks)-1].add(&windows[i])
	}
	return blocks
}

// split finds the windows at which requests began to cost something else: where
// two lines fit best, if they are surely two; then on both sides again.
func (f *learner) split(windows []sums, from, to int) []int {
	if to-from < 2*regime {
		return nil
	}
	var before, after sums
	for w := from; w < to; w++ {
		after.add(&windows[w])
	}
	at, least := 0, math.Inf(1)
	for w := from; w < to-regime; w++ {
		before.add(&windows[w])
		after.sub(&windows[w])
		if w+1 < from+regime || before.n < enoughWindows || after.n < enoughWindows {
			continue
		}
		if apart := before.apart() + after.apart(); apart < least {
			at, least = w+1, apart
		}
	}
	if at == 0 || !f.differ(windows[from:at], windows[at:to]) {
		return nil
	}
	cuts := append(f.split(windows, from, at), at)
	return append(cuts, f.split(windows, at, to)...)
}

// differ says whether two stretches surely answered to load in two ways: no
// interval of one's cost or idle reaches into the other's, and at the mean load
// they lie apart.
func (f *learner) differ(a, b []sums) bool {
	la, okA := estimate(blocksOf(a), f.model.Limit)
	lb, okB := estimate(blocksOf(b), f.model.Limit)
	if !okA || !okB {
		return false
	}
	return apart(&la, &lb, meanX(slices.Concat(a, b)))
}

func apart(a, b *fitted, x float64) bool {
	disjoint := func(p, q Estimate) bool { return p.High < q.Low || q.High < p.Low }
	if !disjoint(a.cost, b.cost) && !disjoint(a.idle, b.idle) {
		return false
	}
	ya, yb := a.idle.Value+a.cost.Value*x, b.idle.Value+b.cost.Value*x
	return math.Abs(ya-yb) > different*max(ya, yb)
}

func meanX(windows []sums) float64 {
	var all sums
	for i := range windows {
		all.add(&windows[i])
	}
	return all.x / max(1, all.n)
}

// sub takes out what was added.
func (s *sums) sub(o *sums) {
	s.n -= o.n
	s.x -= o.x
	s.y -= o.y
	s.xx -= o.xx
	s.xy -= o.xy
	s.yy -= o.yy
}

// apart is the sum of squares of the points' distances from their line.
func (s *sums) apart() float64 {
	idle, cost, ok := s.line()
	if !ok {
		return max(0, s.yy-s.y*s.y/max(1, s.n))
	}
	return max(0, s.yy-2*idle*s.y-2*cost*s.xy+idle*idle*s.n+2*idle*cost*s.x+cost*cost*s.xx)
}

// choose settles which line holds in each segment: its own where the segments
// differ, else the one of all. The newest is the one that simulated pods follow.
func (f *learner) choose(lines []fitted, all fitted) fitted {
	f.lines = make([]fitted, len(lines))
	newest := all
	previous := -1
	for i := range lines {
		if !f.model.Segments[i].OK {
			continue
		}
		if previous >= 0 && apart(&lines[previous], &lines[i], f.meanLoad) {
			f.model.Changed = true
		}
		previous = i
	}
	for i := range lines {
		if f.model.Changed && f.model.Segments[i].OK {
			newest = lines[i]
		}
		f.lines[i] = newest
	}
	if len(lines) == 1 {
		f.model.Segments = nil
	}
	return newest
}
