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

// without is the space without one parameter, so that it stays as today, and a
// candidate in it.
func (s *Space) without(c Candidate, i int) (*Space, Candidate) {
	return &Space{Params: slices.Delete(slices.Clone(s.Params), i, i+1)}, slices.Delete(slices.Clone(c), i, i+1)
}

// changes explain a candidate by its differences from today.
func (p *Problem) changes(c Candidate, seed uint64) []Change {
	w, _ := p.Space.World(&p.Base, c)
	var list []Change
	for i := range p.Space.Params {
		from, same := p.todayText(i)
		v := p.Space.Value(c, i)
		if same(v) {
			continue
		}
		change := Change{Name: p.Space.Params[i].Name, From: from, To: p.Space.Params[i].Text(v)}
		less, rest := p.Space.without(c, i)
		back, wrong := less.World(&p.Base, rest)
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
		for _, by := range []int{-1, 1} {
			v := int(c[i]) + by
			if v < 0 || v >= len(param.Values) {
				continue
			}
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
