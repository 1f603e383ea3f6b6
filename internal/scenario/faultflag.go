package scenario

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// FaultHint says how a fault is written in one line.
const FaultHint = "write key=value pairs as in spec.faults, such as at=10m,for=5m,metricsUnavailable=resource; several values of one key are joined by +"

// Happening is a fault that does not stand in a file.
type Happening struct{ fault fault }

// ParseFault reads a fault in one line: the fields of an entry of spec.faults as
// key=value, separated by commas; a list's values are joined by "+". An error
// names the column, from 1, and the nearest name. What edits the autoscaler
// needs a file.
func ParseFault(text string) (Happening, error) {
	t, err := splitFault(text)
	if err != nil {
		return Happening{}, err
	}
	docs, err := yamlpos.Parse("fault", []byte(t.yaml))
	if err != nil {
		return Happening{}, t.place(err)
	}
	var in struct {
		Spec struct {
			Faults []Fault `json:"faults"`
		} `json:"spec"`
	}
	if err := docs[0].Decode(&in); err != nil {
		return Happening{}, t.place(err)
	}
	c := &checker{doc: docs[0]}
	out, _ := c.fault("spec.faults[0]", &in.Spec.Faults[0])
	if err := c.err(); err != nil {
		return Happening{}, t.place(err)
	}
	out.path = "" // it stands in no file
	return Happening{out}, nil
}

// faultText is a fault as a document, one field a line, and where each field
// stands in the text.
type faultText struct {
	yaml string
	// keys are the columns of the fields, from 1.
	keys []int
}

// faultHead is what stands before the fields; fields begin with line 3.
const (
	faultHead      = "spec:\n  faults:\n"
	faultHeadLines = 2
	// fieldMark is what a field's line begins with.
	fieldMark = "    "
)

// splitFault cuts a text into fields.
func splitFault(text string) (*faultText, error) {
	const most = 1000
	if len(text) > most {
		return nil, fmt.Errorf("column %d: a fault of %d characters; %s", most+1, len(text), FaultHint)
	}
	t := &faultText{}
	var b strings.Builder
	b.WriteString(faultHead)
	at := 1
	for i, pair := range strings.Split(text, ",") {
		key, value, found := strings.Cut(pair, "=")
		column := at + utf8.RuneCountInString(key) + 1
		switch {
		case !found || key == "" || value == "":
			return nil, fmt.Errorf("column %d: %q is no key=value; %s", at, clip(pair), FaultHint)
		case key == "editAutoscaler":
			return nil, fmt.Errorf("column %d: an edit of the autoscaler does not fit a line; write it in a simulation file's spec.faults", at)
		case strings.Contains(b.String(), fieldMark+key+":"), strings.Contains(b.String(), "- "+key+":"):
			return nil, fmt.Errorf("column %d: %s is given twice; remove one", at, key)
		case !plainWord(key):
			return nil, fmt.Errorf("column %d: %q is no name of a field; %s", at, clip(key), FaultHint)
		case slices.ContainsFunc(strings.Split(value, "+"), func(v string) bool { return !plainWord(v) }):
			return nil, fmt.Errorf("column %d: %q is no value; it has letters, digits, points and minus signs", column, clip(value))
		}
		if listed(key) {
			value = "[" + strings.ReplaceAll(value, "+", ", ") + "]"
		}
		begin := fieldMark
		if i == 0 {
			begin = "  - "
		}
		b.WriteString(begin + key + ": " + value + "\n")
		t.keys = append(t.keys, at)
		at += utf8.RuneCountInString(pair) + 1
	}
	t.yaml = b.String()
	return t, nil
}

// listed says whether a field is a list.
func listed(key string) bool {
	switch key {
	case "metricsUnavailable", "podsWithoutMetrics", "evictPods", "podsNotReady", "metricsReadZero":
		return true
	}
	return false
}

// plainWord says whether a text is letters, digits, points and minus signs, at least
// one of them: such a text means in YAML what it says.
func plainWord(text string) bool {
	for _, r := range text {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && r != '.' && r != '-' {
			return false
		}
	}
	return text != ""
}

// place says where in the text the first problem is.
func (t *faultText) place(err error) error {
	var problems yamlpos.Problems
	if !errors.As(err, &problems) || len(problems) == 0 {
		return err
	}
	p := problems[0]
	column := 1
	if line := p.Line - faultHeadLines - 1; line >= 0 && line < len(t.keys) {
		column = t.column(line, p.Col)
	}
	text := strings.TrimPrefix(p.Text, "spec.faults[0].")
	if p.Hint == "" {
		return fmt.Errorf("column %d: %s", column, text)
	}
	return fmt.Errorf("column %d: %s; %s", column, text, p.Hint)
}

// column turns a column of a line into one of the text.
func (t *faultText) column(line, col int) int {
	whole := strings.Split(t.yaml, "\n")[line+faultHeadLines]
	before := whole[:min(max(col-1, len(fieldMark)), len(whole))]
	// The text has neither the mark, the blanks after the colon and commas, nor
	// brackets.
	return t.keys[line] + len(before) - len(fieldMark) - strings.Count(before, ": ") - strings.Count(before, ", ") - strings.Count(before, "[")
}
