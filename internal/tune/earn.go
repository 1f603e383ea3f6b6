package tune

import (
	"cmp"
	"math"
	"slices"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// Kept stands in the place of an index where a parameter stays as it is today, be
// that one of its values or not.
const Kept = math.MaxUint16

// slightest is the least relative difference that is shown as one: 0.1 %, rounded.
const slightest = 0.0005

// earn goes back from the candidate chosen to today's values, parameter by parameter,
// as far as what the changes save cannot be told from nothing: it is shown as 0.0 %, or
// its interval over the days includes none. Those that save least go first, and those that
// stay go no farther than they need. What is chosen keeps the budgets and has no more of
// Y than before; where it has to, it stands bad weather as before.
func (p *Problem) earn(c Choice, today *Point, seed uint64, stands func(w *sim.World) (got []Rehearsed, bad int)) Choice {
	e := earning{Problem: p, choice: &c, seed: seed, prepared: p.Base.World.Prepare()}
	e.picked, _ = p.Space.World(&p.Base, c.Candidate)
	e.days = p.days(e.picked.Duration)
	var kept []Point
	for now := c.Candidate; ; {
		i, point := e.least(now)
		if i < 0 {
			break
		}
		now = point.Candidate
		kept = append(kept, point)
	}
	if point, nearer := e.nearer(kept); nearer {
		kept = append(kept, point)
	}
	for ; len(kept) > 0; kept = kept[:len(kept)-1] {
		point := kept[len(kept)-1]
		if !slices.ContainsFunc(point.Candidate, func(v uint16) bool { return v != Kept }) {
			c.Point, c.Verdict, c.Slight, c.Rehearsed = *today, NothingCheaper, true, nil
			return c
		}
		w, _ := p.Space.World(&p.Base, point.Candidate)
		if got, bad := stands(&w); bad < 0 {
			c.Point, c.Rehearsed = point, got
			return c
		}
	}
	return c
}

// earning is earn under way.
type earning struct {
	*Problem
	choice   *Choice
	seed     uint64
	prepared *sim.Prepared
	picked   sim.World
	// days and x are those of the choice.
	days []Day
	x    []float64
}

// least is the parameter of a candidate whose change saves least, if that is nothing
// that can be told, and the candidate with today's value in its place; below 0 where
// every change earns its place.
func (e *earning) least(now Candidate) (param int, back Point) {
	type step struct {
		param int
		Point
	}
	var list []step
	for i := range e.Space.Params {
		if now[i] == Kept || !e.keeps(i) {
			continue
		}
		w, wrong := e.Space.World(&e.Base, now.keep(i))
		if wrong != "" {
			continue
		}
		score := e.prepared.Run(&w)
		point := e.judge(&score, now.keep(i))
		if point.Miss == 0 && point.Y <= e.choice.Y {
			list = append(list, step{i, point})
		}
	}
	slices.SortStableFunc(list, func(a, b step) int { return cmp.Compare(a.X, b.X) })
	for _, s := range list {
		if e.slight(&s.Point) {
			return s.param, s.Point
		}
	}
	return -1, Point{}
}

// nearer is the last of some candidates, or the choice, with its values as near to
// today's as they come without that it shows.
func (e *earning) nearer(kept []Point) (p Point, nearer bool) {
	p = e.choice.Point
	if len(kept) > 0 {
		p = kept[len(kept)-1]
	}
	for i := range e.Space.Params {
		param := &e.Space.Params[i]
		today, known := param.today(e.Base.World)
		if p.Candidate[i] == Kept || !known || today == Off || !param.ordered() {
			continue
		}
		for _, j := range between(param.Values, e.Space.Value(p.Candidate, i), today) {
			c := slices.Clone(p.Candidate)
			c[i] = uint16(j)
			w, wrong := e.Space.World(&e.Base, c)
			if wrong != "" {
				continue
			}
			score := e.prepared.Run(&w)
			if q := e.judge(&score, c); q.Miss == 0 && q.Y <= e.choice.Y && q.X-e.choice.X <= slightest*math.Abs(e.choice.X) {
				p, nearer = q, true
				break
			}
		}
	}
	return p, nearer
}

// ordered says whether the values of a parameter are more and less of one thing.
func (p *Param) ordered() bool {
	return p.Kind != KindSelect && p.Kind != KindMetrics && p.Kind != KindFloor
}

// between are the indices of the values that lie nearer to today's than one does, on
// its side, those nearest to today's first.
func between(values []int64, v, today int64) (list []int) {
	for j, w := range values {
		if w != Off && (today <= w && w < v || v < w && w <= today) && v != Off {
			list = append(list, j)
		}
	}
	slices.SortFunc(list, func(a, b int) int { return cmp.Compare(abs(values[a]-today), abs(values[b]-today)) })
	return list
}

// keeps says whether a parameter can be kept as it is today, whatever becomes of
// others: not where it stands for several policies.
func (e *earning) keeps(i int) bool {
	param := &e.Space.Params[i]
	_, known := param.today(e.Base.World)
	return known || param.Kind == KindFloor || param.Kind == KindMetrics
}

// slight says whether what the choice saves against a point cannot be told from
// nothing.
func (e *earning) slight(back *Point) bool {
	saved := back.X - e.choice.X
	if saved <= slightest*math.Abs(e.choice.X) {
		return true
	}
	if len(e.days) < 2 {
		return false
	}
	if e.x == nil {
		e.x, _ = e.perDay(&e.picked, bounds(e.days))
	}
	w, _ := e.Space.World(&e.Base, back.Candidate)
	x, _ := e.perDay(&w, bounds(e.days))
	paired := Paired{Days: e.days, Today: x, Pick: e.x}
	return paired.Ratio(e.seed).High >= 0
}
