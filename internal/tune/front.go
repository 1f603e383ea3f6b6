package tune

import (
	"cmp"
	"slices"
)

// Point is a candidate and what its replay came to.
type Point struct {
	Candidate Candidate
	// X and Y are the two objectives, less is better.
	X, Y float64
	// Miss is by how much the worst of the broken budgets is missed, as a share
	// of its limit (of 1 where that is 0); 0 where all are kept. Worst is the
	// index of that budget.
	Miss  float64
	Worst int
}

// beats says that p is at least as good as o in both objectives; it may be
// equal.
func (p *Point) beats(o *Point) bool { return p.X <= o.X && p.Y <= o.Y }

// enter adds point i to a front, which is in order of X, if no point on it
// beats it, and removes those that it beats. Of equal points the first stays.
func enter(front []int, points []Point, i int) []int {
	p := &points[i]
	if p.Miss > 0 {
		return front
	}
	at, _ := slices.BinarySearchFunc(front, p, func(j int, p *Point) int {
		return cmp.Or(cmp.Compare(points[j].X, p.X), cmp.Compare(points[j].Y, p.Y))
	})
	// The one before costs less, or the same and is no worse: it has the least Y
	// of all before.
	if at > 0 && points[front[at-1]].beats(p) || at < len(front) && points[front[at]].beats(p) {
		return front
	}
	end := at
	for end < len(front) && p.beats(&points[front[end]]) {
		end++
	}
	return slices.Replace(front, at, end, i)
}
