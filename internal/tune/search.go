package tune

import (
	"strconv"
	"strings"
)

// SearchError is why a text is no search space, or none of this autoscaler.
type SearchError struct {
	// Name is the parameter's, where it is known.
	Name string
	// Text is what was read, At the index of the byte at which it goes wrong.
	Text string
	At   int
	// What is wrong, and a hint how to mend it.
	What, Hint string
}

// Character is where it goes wrong, in characters from 1.
func (e *SearchError) Character() int { return len([]rune(e.Text[:e.At])) + 1 }

// Error returns "TEXT, character N: what; hint".
func (e *SearchError) Error() string {
	return strconv.Quote(e.Text) + ", character " + number(e.Character()) + ": " + e.What + "; " + e.Hint
}

// Entry is one parameter as it was written: its name, and a range or choices.
type Entry struct {
	name word
	// low and high are the ends of a range, step the distance of its values,
	// without text where the default counts; a range has no choices.
	low, high, step word
	choices         []word
	// text is what all of these stand in.
	text string
}

// Name is the parameter's name as it was written.
func (e *Entry) Name() string { return e.name.text }

// word is a part of a text.
type word struct {
	text string
	at   int
}

func (e *Entry) fail(at int, what, hint string) *SearchError {
	return &SearchError{Name: e.name.text, Text: e.text, At: at, What: what, Hint: hint}
}

// What bounds a text and the values of one parameter.
const (
	maxSearch = 10_000
	maxValues = 1000
)

const searchExample = "write NAME=LOW..HIGH, such as target.cpu=40..80, or NAME=ONE|OTHER"

// ParseSearch reads parameters separated by commas:
//
//	target.cpu=40..80,min=2..6,down.window=60s..600s
//
// Each is a name, = and one of: a range LOW..HIGH, whose values lie a default
// distance apart; LOW..HIGH/STEP; values ONE|OTHER|THIRD; a single value. A
// comma within brackets belongs to a name. Whether names and values mean
// anything is NewSpace's matter. An error is a *SearchError.
func ParseSearch(text string) ([]Entry, error) {
	if len(text) > maxSearch {
		return nil, &SearchError{Text: clip(text), What: "it is too long", Hint: "a search space has at most " + strconv.Itoa(maxParams) + " parameters"}
	}
	var list []Entry
	for _, part := range split(text) {
		e, err := parseEntry(text, part)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

// ParseEntry reads what a name stands for: a range or choices. Positions of
// errors are within the value.
func ParseEntry(name, value string) (Entry, error) {
	e := Entry{name: word{text: name}, text: value}
	if len(value) > maxSearch {
		e.text = clip(value)
		return e, e.fail(0, "it is too long", searchExample)
	}
	if err := e.values(word{value, 0}); err != nil {
		return e, err
	}
	return e, nil
}

// clip is the beginning of a text that is too long to print.
func clip(text string) string {
	const most = 60
	for i := range text {
		if i > most {
			return text[:i] + "…"
		}
	}
	return text
}

// split cuts a text at the commas outside of brackets.
func split(text string) []word {
	var parts []word
	from, depth := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '[':
			depth++
		case ']':
			depth = max(0, depth-1)
		case ',':
			if depth == 0 {
				parts = append(parts, word{text[from:i], from})
				from = i + 1
			}
		}
	}
	return append(parts, word{text[from:], from})
}

// trim takes the blanks around a word away.
func (w word) trim() word {
	left := strings.TrimLeft(w.text, " \t\r\n")
	return word{strings.TrimRight(left, " \t\r\n"), w.at + len(w.text) - len(left)}
}

// cut splits a word at a separator.
func (w word) cut(sep string) (before, after word, found bool) {
	i := strings.Index(w.text, sep)
	if i < 0 {
		return w.trim(), word{"", w.at + len(w.text)}, false
	}
	return word{w.text[:i], w.at}.trim(), word{w.text[i+len(sep):], w.at + i + len(sep)}.trim(), true
}

func parseEntry(text string, part word) (Entry, error) {
	e := Entry{text: text}
	name, value, found := part.cut("=")
	e.name = name
	switch {
	case name.text == "" && !found:
		return e, e.fail(name.at, "a parameter is missing", searchExample)
	case name.text == "":
		return e, e.fail(name.at, "a parameter has no name", searchExample)
	case !found:
		return e, e.fail(name.at, name.text+" has no values", searchExample)
	}
	if err := e.values(value); err != nil {
		return e, err
	}
	return e, nil
}

// values reads what stands behind the =.
func (e *Entry) values(w word) *SearchError {
	w = w.trim()
	low, rest, isRange := w.cut("..")
	if !isRange {
		for more := true; more; {
			var one word
			one, w, more = w.cut("|")
			if one.text == "" {
				return e.fail(one.at, "a value is missing", searchExample)
			}
			e.choices = append(e.choices, one)
		}
		if len(e.choices) > maxValues {
			return e.fail(e.choices[maxValues].at, "more than "+number(maxValues)+" values", "write fewer")
		}
		return nil
	}
	high, step, stepped := rest.cut("/")
	e.low, e.high, e.step = low, high, step
	switch {
	case low.text == "":
		return e.fail(low.at, "the lower end of the range is missing", searchExample)
	case high.text == "" || strings.HasPrefix(high.text, "."):
		return e.fail(high.at, "the upper end of the range is missing", searchExample)
	case stepped && step.text == "":
		return e.fail(step.at, "the step is missing", "write LOW..HIGH/STEP, such as 40..80/5, or leave the / out")
	case strings.Contains(w.text, "|"):
		return e.fail(w.at+strings.Index(w.text, "|"), "a range and choices do not go together", "write LOW..HIGH or ONE|OTHER")
	}
	return nil
}
