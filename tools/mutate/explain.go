package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// explanation says why one mutant may survive. It names the change by what it
// does, not by a line number.
type explanation struct {
	change
	// line is where it stands in the file, used that it has met its mutant.
	line int
	used bool
}

// change is a mutant in words.
type change struct{ in, before, after string }

// parseExplanations reads a file of paragraphs:
//
//	in (*Spec).within
//	- the line as it is
//	+ the line as it would be
//	= why nobody can tell the difference
//
// A paragraph may have several pairs, and its reason several lines. Lines that
// begin with # are comments.
func parseExplanations(name string, r io.Reader) ([]*explanation, error) {
	p := explanations{}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		if err := p.line(n, strings.TrimSpace(lines.Text())); err != nil {
			return nil, fmt.Errorf("%s:%d:1: %w", name, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := p.end(); err != nil {
		return nil, fmt.Errorf("%s: at its end: %w", name, err)
	}
	return p.all, nil
}

// explanations is what has been read so far.
type explanations struct {
	all []*explanation
	// in is the paragraph's function, before a line that waits for its pair.
	in, before string
	// pairs counts the paragraph's, reason says that it has one.
	pairs  int
	reason bool
}

// line reads one line.
func (p *explanations) line(n int, text string) error {
	mark, rest, _ := strings.Cut(text, " ")
	rest = singleSpaces(rest)
	switch {
	case text == "":
		return p.end()
	case strings.HasPrefix(text, "#"):
		return nil
	case mark == "in" && p.in == "" && rest != "":
		p.in = rest
	case p.in == "":
		return errors.New(`a paragraph begins with the function: "in (*Spec).Step"`)
	case mark == "-" && p.before == "" && !p.reason && rest != "":
		p.before = rest
	case mark == "+" && p.before != "":
		p.all = append(p.all, &explanation{change: change{p.in, p.before, rest}, line: n})
		p.before = ""
		p.pairs++
	case mark == "=" && p.before == "" && p.pairs > 0 && rest != "":
		p.reason = true
	default:
		return errors.New(`after "in" come pairs of "- before" and "+ after", and then the reason, "= why"`)
	}
	return nil
}

// end ends a paragraph.
func (p *explanations) end() error {
	if p.in != "" && !p.reason {
		return fmt.Errorf(`no reason for what happens in %s: say it in a line "= why"`, p.in)
	}
	p.in, p.pairs, p.reason = "", 0, false
	return nil
}

// excuse finds an explanation of a mutant that no other mutant has taken.
func excuse(all []*explanation, m *mutant) bool {
	for _, e := range all {
		if !e.used && e.change == m.change() {
			e.used = true
			return true
		}
	}
	return false
}
