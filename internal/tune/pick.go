package tune

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// Choice is what is recommended, and why.
type Choice struct {
	// Point is the recommended candidate; its Candidate is nil where today's
	// autoscaler stays.
	Point
	Verdict Verdict
	// Limit is how much of Y a candidate may have: a budget's, or today's.
	Limit float64
	// Ruled are candidates that cost less and were passed over because of bad
	// weather, cheapest first; Rehearsed and TodayRehearsed are what the
	// recommended one and today's came to in it. All are empty where nothing was
	// rehearsed.
	Ruled                     []Ruled
	Rehearsed, TodayRehearsed []Rehearsed
	// Slight says that what any candidate saves cannot be told from nothing.
	Slight bool
}

// Verdict is how a choice came about.
type Verdict uint8

// The verdicts.
const (
	// Better: the candidate with the least X of those that keep the budgets and
	// the limit, in bad weather too.
	Better Verdict = iota
	// NothingCheaper: no candidate has less X within the limit, or none so much less
	// that it can be told (Choice.Slight).
	NothingCheaper
	// OnlyFair: some have, but only in good weather.
	OnlyFair
	// NothingKeeps: neither today's autoscaler nor any candidate keeps the
	// budgets; Point is the candidate that comes nearest.
	NothingKeeps
)

// Ruled is a candidate that was passed over: in one rehearsal it had more of Y
// than it was allowed.
type Ruled struct {
	Point
	Rehearsal  string
	Y, Allowed float64
}

// mostRuled bounds how many candidates are rehearsed before the search for one
// that stands bad weather is given up.
const mostRuled = 60

// limit is how much of Y a candidate may have. A budget on it says so, else
// today's autoscaler does.
func (p *Problem) limit(today *Point) (limit float64, budget bool) {
	limit = math.Inf(1)
	for i := range p.Budgets {
		if b := &p.Budgets[i]; b.Term.Name == p.Y.Name && (b.Op == sim.AtMost || b.Op == sim.Below) {
			limit, budget = math.Min(limit, b.Limit), true
		}
	}
	if !budget {
		limit = today.Y
	}
	return limit, budget
}

// choose recommends one of the points found for a problem, without what of it earns
// nothing. rough says whether it has to stand bad weather.
func (s *Study) choose(ctx context.Context, p *Problem, f *Found, today *Point, rough bool) Choice {
	c := Choice{Point: *today}
	var budget bool
	c.Limit, budget = p.limit(today)
	list := p.eligible(f, today, c.Limit)
	if len(list) == 0 {
		c.Verdict = NothingCheaper
		if today.Miss > 0 {
			c.Verdict = NothingKeeps
			if near := f.nearest(1); len(near) > 0 && f.Points[near[0]].Miss < today.Miss {
				c.Point = f.Points[near[0]]
			}
		}
		return c
	}
	stands := func(*sim.World) ([]Rehearsed, int) { return nil, -1 }
	if rough {
		c.TodayRehearsed = p.rehearse(p.Base.World)
		stands = func(w *sim.World) ([]Rehearsed, int) { return p.stands(w, &c, budget) }
	}
	for _, i := range list[:min(len(list), mostRuled)] {
		if ctx.Err() != nil {
			break
		}
		w, _ := p.Space.World(&p.Base, f.Points[i].Candidate)
		got, bad := stands(&w)
		if bad < 0 {
			c.Point, c.Rehearsed = f.Points[i], got
			return p.earn(c, today, s.Options.Seed, stands)
		}
		c.Ruled = append(c.Ruled, Ruled{f.Points[i], got[bad].Name, got[bad].Y, allowed(c.TodayRehearsed[bad].Y, c.Limit, budget)})
	}
	c.Verdict = OnlyFair
	return c
}

// stands is what a world comes to in bad weather, and the first rehearsal in which it
// has more of Y than allowed, below 0 where there is none.
func (p *Problem) stands(w *sim.World, c *Choice, budget bool) (got []Rehearsed, bad int) {
	got = p.rehearse(w)
	for j := range got {
		if got[j].Y > allowed(c.TodayRehearsed[j].Y, c.Limit, budget) {
			return got, j
		}
	}
	return got, -1
}

// allowed is how much of Y a candidate may have in bad weather: as much as
// today's autoscaler there, and what a budget allows anyway.
func allowed(today, limit float64, budget bool) float64 {
	if budget {
		return math.Max(today, limit)
	}
	return today
}

// eligible are the points that keep the budgets and the limit and cost less
// than today, unless that breaks a budget; least X first, of equals least Y, then
// the nearest to today.
func (p *Problem) eligible(f *Found, today *Point, limit float64) []int {
	var list []int
	for i := range f.Points {
		q := &f.Points[i]
		if q.Miss == 0 && q.Y <= limit && (q.X < today.X || q.X == today.X && q.Y < today.Y || today.Miss > 0) {
			list = append(list, i)
		}
	}
	slices.SortStableFunc(list, func(a, b int) int {
		q, r := &f.Points[a], &f.Points[b]
		return cmp.Or(cmp.Compare(q.X, r.X), cmp.Compare(q.Y, r.Y), p.distance(q.Candidate)-p.distance(r.Candidate))
	})
	return list
}

// distance is how many parameters of a candidate are not as today.
func (p *Problem) distance(c Candidate) (n int) {
	for i := range p.Space.Params {
		if v, known := p.Space.Params[i].today(p.Base.World); c[i] != Kept && (!known || v != p.Space.Value(c, i)) {
			n++
		}
	}
	return n
}
