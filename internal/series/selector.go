package series

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/common/model"
)

// Match is how a matcher compares.
type Match uint8

// The operators of matchers: = != =~ !~.
const (
	Equal Match = iota
	NotEqual
	Regexp
	NotRegexp
)

// Matcher is a condition on one label; an absent label counts as "".
type Matcher struct {
	Label string
	Op    Match
	Value string
	re    *regexp.Regexp
}

// Matches reports whether a label set meets the condition.
func (m *Matcher) Matches(labels model.Metric) bool {
	v := string(labels[model.LabelName(m.Label)])
	switch m.Op {
	case Equal:
		return v == m.Value
	case NotEqual:
		return v != m.Value
	case Regexp:
		return m.re.MatchString(v)
	default:
		return !m.re.MatchString(v)
	}
}

// Selector is a conjunction of matchers, as in PromQL: name{label="value"}.
type Selector struct {
	Matchers []Matcher
	text     string
}

// String returns the selector as it was written.
func (s Selector) String() string { return s.text }

// Matches reports whether a label set meets every condition.
func (s Selector) Matches(labels model.Metric) bool {
	for i := range s.Matchers {
		if !s.Matchers[i].Matches(labels) {
			return false
		}
	}
	return true
}

// Name returns the metric name that the selector asks for, or "".
func (s Selector) Name() string {
	for _, m := range s.Matchers {
		if m.Label == model.MetricNameLabel && m.Op == Equal {
			return m.Value
		}
	}
	return ""
}

// Select returns the series that match, in the recording's order.
func (r *Recording) Select(sel Selector) []Series {
	var out []Series
	for i := range r.Series {
		if sel.Matches(r.Series[i].Labels) {
			out = append(out, r.Series[i])
		}
	}
	return out
}

// ParseSelector reads a PromQL series selector: a metric name, matchers in
// braces, or both; the name may stand quoted inside the braces. Ranges,
// offsets and functions are refused. Errors name the column, from 1.
func ParseSelector(text string) (Selector, error) {
	p := &selectorParser{text: text, sel: Selector{text: strings.TrimSpace(text)}}
	p.parse()
	if p.err != nil {
		return Selector{}, p.err
	}
	return p.sel, nil
}

// selectorParser walks over the text; the first problem stays.
type selectorParser struct {
	text string
	pos  int
	sel  Selector
	err  error
}

func (p *selectorParser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("selector %q: column %d: %s", p.text, p.pos+1, fmt.Sprintf(format, args...))
	}
}

func (p *selectorParser) space() {
	p.pos = len(p.text) - len(strings.TrimLeft(p.text[p.pos:], " \t\r\n"))
}

// take takes a literal after white space if it is there.
func (p *selectorParser) take(s string) bool {
	p.space()
	if !strings.HasPrefix(p.text[p.pos:], s) {
		return false
	}
	p.pos += len(s)
	return true
}

func (p *selectorParser) parse() {
	name := p.ident(true)
	if name != "" {
		p.add(model.MetricNameLabel, Equal, name)
	}
	if p.take("{") {
		for p.err == nil && !p.take("}") {
			p.matcher()
			if p.err == nil && !p.take(",") && !strings.HasPrefix(p.text[p.pos:], "}") {
				p.fail("want ',' or '}'")
			}
		}
	} else if name == "" {
		p.fail("want a metric name or '{'")
	}
	if p.space(); p.err == nil && p.pos < len(p.text) {
		p.fail("want the end of the selector: ranges, offsets and functions have no place here")
	}
	if p.err == nil && len(p.sel.Matchers) == 0 {
		p.fail("an empty selector matches everything: name a metric")
	}
}

// ident takes an identifier, or returns "".
func (p *selectorParser) ident(colon bool) string {
	p.space()
	start := p.pos
	for ; p.pos < len(p.text); p.pos++ {
		c := p.text[p.pos]
		letter := c == '_' || colon && c == ':' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (p.pos == start || c < '0' || c > '9') {
			break
		}
	}
	return p.text[start:p.pos]
}

func (p *selectorParser) matcher() {
	label, quoted := p.ident(false), false
	if label == "" {
		label, quoted = p.quoted(), true
	}
	if label == "" {
		p.fail("want a label name")
		return
	}
	for _, op := range []struct {
		text string
		op   Match
	}{{"=~", Regexp}, {"!~", NotRegexp}, {"!=", NotEqual}, {"=", Equal}} {
		if p.take(op.text) {
			p.add(label, op.op, p.quoted())
			return
		}
	}
	if quoted { // {"name"}: a metric name that is not an identifier
		p.add(model.MetricNameLabel, Equal, label)
		return
	}
	p.fail("want =, !=, =~ or !~")
}

// quoted takes a string in double or single quotes or backticks.
func (p *selectorParser) quoted() string {
	p.space()
	rest := p.text[p.pos:]
	if rest == "" || !strings.ContainsRune("\"'`", rune(rest[0])) {
		p.fail("want a string in quotes")
		return ""
	}
	quote, out := rest[0], []byte(nil)
	for s := rest[1:]; s != ""; {
		if s[0] == quote {
			p.pos = len(p.text) - len(s) + 1
			return string(out)
		}
		if quote == '`' {
			out, s = append(out, s[0]), s[1:]
			continue
		}
		c, multibyte, tail, err := strconv.UnquoteChar(s, quote)
		if err != nil {
			p.fail("a string with an escape that is not Go's")
			return ""
		}
		if multibyte {
			out = utf8.AppendRune(out, c)
		} else {
			out = append(out, byte(c))
		}
		s = tail
	}
	p.fail("a string without its closing quote")
	return ""
}

func (p *selectorParser) add(label string, op Match, value string) {
	m := Matcher{Label: label, Op: op, Value: value}
	if op == Regexp || op == NotRegexp {
		re, err := regexp.Compile("^(?s:" + value + ")$")
		if err != nil {
			p.fail("%v", err)
		}
		m.re = re
	}
	p.sel.Matchers = append(p.sel.Matchers, m)
}
