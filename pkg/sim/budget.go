package sim

import "time"

// Budget is a limit on a term of the score: the replay keeps it where the
// comparison holds.
type Budget struct {
	Term Term
	Op   Op
	// Limit is in the term's unit.
	Limit float64
	// Text is the budget as it was written, with single blanks.
	Text string
}

// Op compares a term with a limit.
type Op uint8

// The comparisons.
const (
	AtMost  Op = iota // <=
	Below             // <
	AtLeast           // >=
	Above             // >
	Equal             // ==
)

// operators are the comparisons as they are written, longer ones first.
func operators() [5]string {
	return [...]string{AtMost: "<=", Below: "<", AtLeast: ">=", Above: ">", Equal: "=="}
}

// String is the comparison as it is written.
func (o Op) String() string { return operators()[o] }

// Holds says whether a value keeps the limit.
func (b *Budget) Holds(value float64) bool {
	switch b.Op {
	case AtMost:
		return value <= b.Limit
	case Below:
		return value < b.Limit
	case AtLeast:
		return value >= b.Limit
	case Above:
		return value > b.Limit
	case Equal:
		return value == b.Limit
	}
	return false
}

// Verdict is how a replay fared against a budget.
type Verdict struct {
	Budget Budget
	// Value is the term's value, if Known. A budget on what is not known is not
	// kept.
	Value float64
	Known bool
	Kept  bool
	// First is the first millisecond at which the score of the replay until then
	// breaks the budget for good; it is told, HasFirst, where the term only grows
	// and passed the limit. Else the budget broke by the end.
	First    time.Duration
	HasFirst bool
}

// Excess is by how much the value misses the limit.
func (v *Verdict) Excess() float64 {
	if d := v.Value - v.Budget.Limit; d > 0 {
		return d
	}
	return v.Budget.Limit - v.Value
}

// Judge compares the score of a run of w with budgets, in their order. Where one
// broke that names a term which only grows, it replays the world once more, up
// to the instant at which the last of them broke.
func (w *World) Judge(s *Score, budgets []Budget) []Verdict {
	verdicts := make([]Verdict, len(budgets))
	var watch watch
	for i := range budgets {
		v := &verdicts[i]
		v.Budget = budgets[i]
		v.Value, v.Known = v.Budget.Term.Of(s)
		v.Kept = v.Known && v.Budget.Holds(v.Value)
		if v.Known && !v.Kept && v.passes() {
			watch.verdicts = append(watch.verdicts, v)
		}
	}
	if len(watch.verdicts) > 0 {
		r := newRun(w, true)
		r.meter.watch = &watch
		watch.look(&r.score, 0)
		r.loop(func(*Tick) bool { return len(watch.verdicts) > 0 })
	}
	return verdicts
}

// passes says that the value passed the limit on its way and cannot return.
func (v *Verdict) passes() bool {
	b := &v.Budget
	if !b.Term.Grows {
		return false
	}
	switch b.Op {
	case AtMost, Below:
		return true
	case Equal:
		return v.Value > b.Limit
	case AtLeast, Above:
	}
	return false
}

// watch looks for the instants at which broken budgets broke.
type watch struct {
	// verdicts are those not found yet.
	verdicts []*Verdict
	// before is the meter before the time that is being scored.
	before meter
	score  Score
}

// look asks whether something that happened at an instant broke a budget.
func (w *watch) look(s *Score, now time.Duration) {
	w.found(s, func(*Verdict) time.Duration { return now })
}

// found takes out the verdicts that a score breaks.
func (w *watch) found(s *Score, when func(*Verdict) time.Duration) {
	left := w.verdicts[:0]
	for _, v := range w.verdicts {
		if !v.broken(s) {
			left = append(left, v)
			continue
		}
		v.First, v.HasFirst = when(v), true
	}
	w.verdicts = left
}

// broken says whether a score of the replay until some instant breaks the
// budget for good.
func (v *Verdict) broken(s *Score) bool {
	value, _ := v.Budget.Term.Of(s)
	if v.Budget.Op == Equal {
		return value > v.Budget.Limit
	}
	return !v.Budget.Holds(value)
}

// pass scores the time until to and looks for the millisecond at which a budget
// broke in it.
func (w *watch) pass(m *meter, to time.Duration) {
	w.before.copy(m, &w.score)
	m.pass(to)
	w.found(m.score, func(v *Verdict) time.Duration { return w.within(v, to) })
}

// within is the first millisecond after that of before, at most to, at which
// the score breaks a budget.
func (w *watch) within(v *Verdict, to time.Duration) time.Duration {
	const ms = time.Millisecond
	kept, broken := w.before.now/ms, (to+ms-1)/ms
	for broken-kept > 1 {
		middle := kept + (broken-kept)/2
		var m meter
		var s Score
		m.copy(&w.before, &s)
		m.pass(middle * ms)
		if v.broken(&s) {
			broken = middle
		} else {
			kept = middle
		}
	}
	return broken * ms
}

// copy makes m another meter at the same point, with a score of its own. What
// time does not change by itself is left out.
func (m *meter) copy(of *meter, score *Score) {
	gauges, times, loads := m.gauges[:0], score.TimeAt[:0], score.Loads[:0]
	*m, *score = *of, *of.score
	m.score, m.watch = score, nil
	m.gauges = append(gauges, of.gauges...)
	score.TimeAt = append(times, of.score.TimeAt...)
	score.Loads = append(loads, of.score.Loads...)
}
