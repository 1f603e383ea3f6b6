package sim

import "strconv"

// BudgetError is why a text is no budget.
type BudgetError struct {
	// Text is what was parsed, At the index of the byte at which it goes wrong.
	Text string
	At   int
	// What is wrong, and a hint how to mend it.
	What, Hint string
	// Term is the name that no term has, if that is what is wrong.
	Term string
}

func (e *BudgetError) Error() string {
	return strconv.Quote(e.Text) + ", character " + strconv.Itoa(e.Character()) + ": " + e.What + "; " + e.Hint
}

// Character is where it goes wrong, in characters from 1.
func (e *BudgetError) Character() int { return len([]rune(e.Text[:e.At])) + 1 }

// maxBudget bounds the length of a budget's text.
const maxBudget = 200

// ParseBudget reads
//
//	<term> <op> <number>[unit]
//
// such as "saturatedMinutes <= 5": the name of a term, one of <=, <, >=, > and
// ==, and a number in decimal digits, in the term's unit or in one that is
// written: % for a ratio, s, m or h for a time. Blanks may stand around the
// operator and before the unit. An error is a *BudgetError.
func ParseBudget(text string) (Budget, error) {
	p := parser{text: text}
	b, e := p.budget()
	if e != nil {
		return Budget{}, e
	}
	return b, nil
}

// parser reads a budget from the byte at on.
type parser struct {
	text string
	at   int
}

func (p *parser) fail(at int, what, hint string) *BudgetError {
	return &BudgetError{Text: p.text, At: at, What: what, Hint: hint}
}

// example is what a budget looks like.
const example = "write a term, a comparison and a number, such as saturatedMinutes <= 5"

func (p *parser) budget() (b Budget, e *BudgetError) {
	if len(p.text) > maxBudget {
		p.text = firstRunes(p.text, 40) + "…"
		return b, p.fail(0, "it is too long", example)
	}
	if b.Term, e = p.term(); e != nil {
		return b, e
	}
	if b.Op, e = p.op(); e != nil {
		return b, e
	}
	number, e := p.number()
	if e != nil {
		return b, e
	}
	b.Limit, e = p.limit(&b.Term, number)
	b.Text = singleBlanks(p.text)
	return b, e
}

// blanks skips blanks.
func (p *parser) blanks() { p.word(blank) }

// word reads the longest run of bytes of a kind.
func (p *parser) word(kind func(byte) bool) string {
	start := p.at
	for p.at < len(p.text) && kind(p.text[p.at]) {
		p.at++
	}
	return p.text[start:p.at]
}

func blank(c byte) bool  { return c == ' ' || c == '\t' }
func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }

func (p *parser) term() (Term, *BudgetError) {
	p.blanks()
	at := p.at
	name := p.word(func(c byte) bool { return letter(c) || digit(c) || c == '_' })
	if name == "" {
		return Term{}, p.fail(at, "it does not begin with a term", example)
	}
	for _, t := range Terms() {
		if t.Name == name {
			return t, nil
		}
	}
	e := p.fail(at, "there is no term "+strconv.Quote(name), "docs/score.md lists them")
	e.Term = name
	return Term{}, e
}

func (p *parser) op() (Op, *BudgetError) {
	p.blanks()
	at := p.at
	word := p.word(func(c byte) bool { return c == '<' || c == '>' || c == '=' || c == '!' })
	for op, written := range operators() {
		if word == written {
			return Op(op), nil
		}
	}
	what := "there is no comparison " + strconv.Quote(word)
	if word == "" {
		what = "the comparison is missing"
	}
	return 0, p.fail(at, what, "write <=, <, >=, > or ==")
}

// number reads decimal digits, with a point or without.
func (p *parser) number() (string, *BudgetError) {
	p.blanks()
	at := p.at
	whole := p.word(digit)
	if whole == "" {
		return "", p.fail(at, "the limit is no number", "write digits, such as 5 or 0.1")
	}
	if p.at == len(p.text) || p.text[p.at] != '.' {
		return whole, nil
	}
	p.at++
	part := p.word(digit)
	if part == "" {
		return "", p.fail(p.at, "digits are missing after the point", "write 5 or 5.0")
	}
	return whole + "." + part, nil
}

// limit reads the unit and ends the text.
func (p *parser) limit(t *Term, number string) (float64, *BudgetError) {
	p.blanks()
	at := p.at
	p.at = len(p.text)
	for p.at > at && blank(p.text[p.at-1]) {
		p.at--
	}
	unit := p.text[at:p.at]
	for _, u := range units(t.Unit) {
		if u.name != unit {
			continue
		}
		v, err := strconv.ParseFloat(number+u.exponent, 64)
		if err != nil {
			return 0, p.fail(at-len(number), "the number is too large", "write a smaller one")
		}
		return v * u.times / u.by, nil
	}
	what := strconv.Quote(unit) + " is no unit of " + t.Name
	return 0, p.fail(at, what, "write "+t.Unit.hint())
}

// unit is how a limit may be written: its number, with an exponent put behind
// it, times and by.
type unit struct {
	name, exponent string
	times, by      float64
}

// units are those of a kind of term; without a name it is the term's own.
func units(u Unit) []unit {
	switch u {
	case UnitRatio:
		return []unit{{"", "", 1, 1}, {"%", "e-2", 1, 1}}
	case UnitMinutes:
		return []unit{{"", "", 1, 1}, {"s", "", 1, 60}, {"m", "", 1, 1}, {"h", "", 60, 1}}
	case UnitSeconds:
		return []unit{{"", "", 1, 1}, {"s", "", 1, 1}, {"m", "", 60, 1}, {"h", "", 3600, 1}}
	case UnitLatency:
		return []unit{{"", "", 1, 1}, {"s", "", 1, 1}, {"ms", "e-3", 1, 1}}
	case UnitCount, UnitPodHours, UnitNodeHours, UnitMoney:
	}
	return []unit{{"", "", 1, 1}}
}

// hint says which units a limit may have.
func (u Unit) hint() string {
	switch u {
	case UnitRatio:
		return "a ratio such as 0.4, or a share such as 40%"
	case UnitMinutes:
		return "a number of minutes, or one with s, m or h"
	case UnitSeconds:
		return "a number of seconds, or one with s, m or h"
	case UnitLatency:
		return "a number of seconds, or one with s or ms"
	case UnitPodHours:
		return "a number of pod-hours, without a unit"
	case UnitNodeHours:
		return "a number of node-hours, without a unit"
	case UnitMoney:
		return "an amount in the price's currency, without a unit"
	case UnitCount:
	}
	return "a number, without a unit"
}

// singleBlanks is a text without blanks around it, and with one where it has
// several. Package strings would take 20 KB of a browser's 700.
func singleBlanks(text string) string {
	out := make([]byte, 0, len(text))
	for i := range len(text) {
		switch c := text[i]; {
		case !blank(c):
			out = append(out, c)
		case len(out) > 0 && out[len(out)-1] != ' ':
			out = append(out, ' ')
		}
	}
	if n := len(out); n > 0 && out[n-1] == ' ' {
		out = out[:n-1]
	}
	return string(out)
}

// firstRunes is the beginning of a text.
func firstRunes(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}
