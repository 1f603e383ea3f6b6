package yamlpos

import (
	"encoding/json"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// written is the value of an edit as it is written in the place of an old one,
// which is nil where there is none.
func (t *editor) written(e *Edit, old *yaml.Node) string {
	switch {
	case e.Value == "" || e.Style == Flow:
		return e.Value
	case e.Style == Like && quoteOf(old) == 0:
		return e.Value
	}
	return t.text(e.Value, old)
}

// text writes a text in the place of an old scalar: with its quotes, or where it
// has none with none, unless it needs some.
func (t *editor) text(text string, old *yaml.Node) string {
	switch quote := quoteOf(old); {
	case quote == '\'' && !strings.ContainsAny(text, "\n\r"):
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	case quote == 0 && !t.json() && isBare(text):
		return text
	}
	quoted, _ := json.Marshal(text) // a string
	return string(quoted)
}

// quoteOf is the quote of a scalar, 0 of one that has none.
func quoteOf(n *yaml.Node) byte {
	switch {
	case n == nil || n.Kind != yaml.ScalarNode:
	case n.Style&yaml.SingleQuotedStyle != 0:
		return '\''
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return '"'
	}
	return 0
}

// isBare says whether a text is read as itself without quotes.
func isBare(text string) bool {
	if !regexp.MustCompile(`^[A-Za-z_/][\w./-]*$`).MatchString(text) {
		return false
	}
	n := yaml.Node{Kind: yaml.ScalarNode, Value: text}
	return scalarTag(&n) == tagText
}

// nested writes a value below some missing fields, in block style.
func (t *editor) nested(steps []step, value, indent string) (string, bool) {
	var b strings.Builder
	for i, s := range steps {
		if s.bracket || s.name == "" {
			return "", false
		}
		b.WriteString(indent + strings.Repeat("  ", i) + s.name + ":")
		if i+1 < len(steps) {
			b.WriteString(t.newline())
		}
	}
	b.WriteString(" " + value + t.newline())
	return b.String(), true
}

// inline writes a value below some missing fields, in flow style.
func (t *editor) inline(steps []step, value string) (string, bool) {
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i].bracket || steps[i].name == "" {
			return "", false
		}
		name := steps[i].name
		if t.json() {
			name = t.text(name, nil)
		}
		value = name + ": " + value
		if i > 0 {
			value = "{" + value + "}"
		}
	}
	return value, true
}
