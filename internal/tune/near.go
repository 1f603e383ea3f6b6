package tune

import (
	"slices"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// Change is a parameter of the recommended setting that is not as today.
type Change struct {
	Name, From, To string
	// Back is the recommended setting with today's value of this parameter alone;
	// Worth is by how much X of the pick differs from it, as a ratio, with an
	// interval over days where there are some.
	Back  Point
	Worth Interval
	// Days says how many days the interval is of; 0 where there is none.
	Days int
}

// Step is a setting beside the recommended one: one step away in one parameter.
type Step struct {
	Name, Text string
	Point
	// Wrong says that no API server would accept it.
	Wrong bool
}

// TodayText writes today's value of a parameter.
func (p *Problem) TodayText(i int) string {
	text, _ := p.todayText(i)
	return text
}

// todayText is TodayText, and whether a value is the same.
func (p *Problem) todayText(i int) (text string, same func(v int64) bool) {
	param := &p.Space.Params[i]
	v, known := param.today(p.Base.World)
	switch {
	case param.Kind == KindFloor:
		return "none", func(int64) bool { return false }
	case !known:
		return "several", func(int64) bool { return false }
	case param.behavior() && !p.Base.World.Autoscaler.HasBehavior:
		return param.Text(v) + " (no behavior)", func(w int64) bool { return w == v }
	}
	return param.Text(v), func(w int64) bool { return w == v }
}

// behavior says whether a parameter stands in spec.behavior.
func (p *Param) behavior() bool {
	return p.Kind >= KindWindow && p.Kind <= KindTolerance
}

// keep is a candidate with one parameter as today.
func (c Candidate) keep(i int) Candidate {
	c = slices.Clone(c)
	c[i] = Kept
	return c
}

// asToday says whether a candidate's parameter is as today.
func (p *Problem) asToday(c Candidate, i int) bool {
	if c[i] == Kept {
		return true
	}
	_, same := p.todayText(i)
	return same(p.Space.Value(c, i))
}

// changes explain a candidate by its differences from today.
func (p *Problem) changes(c Candidate, seed uint64) []Change {
	w, _ := p.Space.World(&p.Base, c)
	var list []Change
	for i := range p.Space.Params {
		if p.asToday(c, i) {
			continue
		}
		from, _ := p.todayText(i)
		change := Change{Name: p.Space.Params[i].Name, From: from, To: p.Space.Params[i].Text(p.Space.Value(c, i))}
		back, wrong := p.Space.World(&p.Base, c.keep(i))
		if wrong == "" {
			s := back.Run(nil)
			change.Back = p.judge(&s, nil)
			if days := p.days(w.Duration); len(days) > 1 {
				x, _ := p.daily(&back, &w, days)
				change.Worth, change.Days = x.Ratio(seed), len(days)
			}
		}
		list = append(list, change)
	}
	return list
}

// steps are the settings beside a candidate.
func (p *Problem) steps(c Candidate) []Step {
	var list []Step
	for i := range p.Space.Params {
		param := &p.Space.Params[i]
		for _, v := range p.beside(c, i) {
			other := slices.Clone(c)
			other[i] = uint16(v)
			step := Step{Name: param.Name, Text: param.Text(param.Values[v])}
			w, wrong := p.Space.World(&p.Base, other)
			if step.Wrong = wrong != ""; !step.Wrong {
				s := w.Run(nil)
				step.Point = p.judge(&s, other)
			}
			list = append(list, step)
		}
	}
	return list
}

// beside are the indices of the values next to a candidate's.
func (p *Problem) beside(c Candidate, i int) (list []int) {
	values := p.Space.Params[i].Values
	v, known := p.Space.valueOr(c, i, p.Base.World)
	if !known {
		return nil
	}
	lower, higher := -1, -1
	for j, w := range values {
		if w < v && (lower < 0 || w > values[lower]) {
			lower = j
		}
		if w > v && (higher < 0 || w < values[higher]) {
			higher = j
		}
	}
	for _, j := range []int{lower, higher} {
		if j >= 0 {
			list = append(list, j)
		}
	}
	return list
}

// daily is what two worlds came to on each of some days that follow each other:
// today's, and another one.
func (p *Problem) daily(today, pick *sim.World, days []Day) (x, y Paired) {
	x, y = Paired{Days: days}, Paired{Days: days}
	at := bounds(days)
	x.Today, y.Today = p.perDay(today, at)
	x.Pick, y.Pick = p.perDay(pick, at)
	return x, y
}

// perDay are the objectives between instants.
func (p *Problem) perDay(w *sim.World, at []time.Duration) (x, y []float64) {
	scores := w.RunUntil(at)
	for i := 1; i < len(scores); i++ {
		x = append(x, difference(&p.X, &scores[i-1], &scores[i]))
		y = append(y, difference(&p.Y, &scores[i-1], &scores[i]))
	}
	return x, y
}

func difference(t *sim.Term, before, after *sim.Score) float64 {
	a, _ := t.Of(before)
	b, _ := t.Of(after)
	return b - a
}
