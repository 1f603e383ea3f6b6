package yamlpos

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Place is where a value stands in a file: in which of its documents, counted
// from 0, and at which path of that.
type Place struct {
	File     string
	Document int
	Path     string
}

// Place returns the place of a field path, whether it exists or not.
func (d *Document) Place(path string) Place {
	return Place{File: d.File, Document: d.index, Path: joinPath(d.prefix, path)}
}

// Edit is a change of one value of a file.
type Edit struct {
	Place Place
	// Value is the new value in flow style, such as 60, "60%" or {a: [1, 2]};
	// empty to remove what is there.
	Value string
	// Append adds the value to the end of the list at the place instead.
	Append bool
}

// Apply makes edits, one after the other, in the text of a file: comments, order
// and style of everything else stay. A value replaces a scalar or a whole value
// in flow style; missing fields and the mappings around them are added. What
// cannot be changed without touching something else, such as a value that is
// shared through an alias or merged, is a Problem, and nothing is changed.
func Apply(file string, data []byte, edits []Edit) ([]byte, error) {
	for i := range edits {
		out, err := edits[i].apply(file, data)
		if err != nil {
			return nil, err
		}
		// The text has to be what the edit meant, and nothing else may differ.
		if err := edits[i].check(file, data, out); err != nil {
			return nil, err
		}
		data = out
	}
	return data, nil
}

// editor is the text of a file and a document in it.
type editor struct {
	file string
	data []byte
	// lines are the offsets of the lines.
	lines []int
}

func (e *Edit) apply(file string, data []byte) ([]byte, error) {
	docs, err := Parse(file, data)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(docs, func(d *Document) bool { return d.index == e.Place.Document })
	if at < 0 {
		return nil, fmt.Errorf("%s: there is no document %d", file, e.Place.Document+1)
	}
	t, doc := newEditor(file, data), docs[at]
	steps := splitPath(e.Place.Path)
	node, parent, depth, err := t.walk(doc, steps)
	if err != nil {
		return nil, err
	}
	rest := steps[depth:]
	switch {
	case e.Append && len(rest) == 0:
		return t.push(node, e.Value)
	case e.Append:
		return t.insert(node, rest, "["+e.Value+"]")
	case len(rest) > 0 && e.Value == "":
		return data, nil
	case len(rest) > 0:
		return t.insert(node, rest, e.Value)
	case e.Value == "":
		if parent == nil {
			return nil, t.refuse(node, "it is the whole document")
		}
		return t.remove(parent, node)
	}
	return t.replace(node, e.Value)
}

func newEditor(file string, data []byte) *editor {
	t := &editor{file: file, data: data, lines: []int{0}}
	for i, c := range data {
		if c == '\n' {
			t.lines = append(t.lines, i+1)
		}
	}
	return t
}

// refuse says that an edit cannot be made in place.
func (t *editor) refuse(n *yaml.Node, what string) error {
	return Problems{{
		Position: Position{File: t.file, Line: n.Line, Col: n.Column},
		Text:     "cannot be edited in place: " + what, Hint: "write it out by hand",
	}}
}

// walk follows a path as far as it exists, through nothing that is shared, and
// says how many steps that is. parent is what holds the value, nil of the root.
func (t *editor) walk(doc *Document, steps []step) (node, parent *yaml.Node, depth int, err error) {
	node = doc.root()
	for i, s := range steps {
		next := own(node, s)
		if next == nil {
			if _, elsewhere := lookup(node, s); elsewhere != nil {
				return nil, nil, 0, t.refuse(node, s.name+" is merged from elsewhere")
			}
			return node, parent, i, nil
		}
		if next.Kind == yaml.AliasNode {
			return nil, nil, 0, t.refuse(next, "the value is shared through an alias")
		}
		if next.Anchor != "" {
			return nil, nil, 0, t.refuse(next, "the value is shared through an anchor")
		}
		parent, node = node, next
	}
	return node, parent, len(steps), nil
}

// own is a value that a mapping or list holds itself.
func own(n *yaml.Node, s step) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		_, value := lookup(n, s)
		return value
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == s.name && !isMerge(n.Content[i]) {
			return n.Content[i+1]
		}
	}
	return nil
}

// offset is where a position is in the text.
func (t *editor) offset(line, col int) int {
	at := t.lines[line-1]
	if line == 1 && bytes.HasPrefix(t.data, []byte("\ufeff")) {
		at += len("\ufeff")
	}
	for ; col > 1 && at < len(t.data); col-- {
		_, size := utf8.DecodeRune(t.data[at:])
		at += size
	}
	return at
}

// start is where a value begins.
func (t *editor) start(n *yaml.Node) int { return t.offset(n.Line, n.Column) }

// splice replaces a part of the text.
func (t *editor) splice(from, to int, text string) []byte {
	out := make([]byte, 0, len(t.data)+len(text))
	out = append(out, t.data[:from]...)
	out = append(out, text...)
	return append(out, t.data[to:]...)
}

// replace puts a value in the place of a scalar, or of one in flow style.
func (t *editor) replace(n *yaml.Node, value string) ([]byte, error) {
	from, to, ok := t.span(n)
	if !ok {
		return nil, t.refuse(n, "only a value on a line of its own kind can be replaced")
	}
	if from == to { // an empty value
		return t.splice(from, to, " "+value), nil
	}
	return t.splice(from, to, value), nil
}

// span is the text of a value that a scanner finds the end of: a plain or quoted
// scalar on one line, or anything in flow style.
func (t *editor) span(n *yaml.Node) (from, to int, ok bool) {
	from = t.start(n)
	rest := t.data[from:]
	if n.Kind == yaml.ScalarNode {
		switch {
		case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
			return 0, 0, false
		case len(rest) > 0 && (rest[0] == '"' || rest[0] == '\''):
			size := quotedSize(rest)
			return from, from + size, size > 0
		}
		return from, from + len(n.Value), bytes.HasPrefix(rest, []byte(n.Value))
	}
	if len(rest) == 0 || rest[0] != '{' && rest[0] != '[' {
		return 0, 0, false
	}
	size := flowSize(rest)
	return from, from + size, size > 0
}

// quotedSize is the length of a quoted scalar, 0 where it has no end.
func quotedSize(text []byte) int {
	quote := text[0]
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote == '"':
			i++
		case text[i] == quote && quote == '\'' && i+1 < len(text) && text[i+1] == quote:
			i++
		case text[i] == quote:
			return i + 1
		}
	}
	return 0
}

// flowSize is the length of a value in flow style, 0 where it has no end.
func flowSize(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case (c == '"' || c == '\'') && bytes.IndexByte([]byte(" \t\n{[,:"), text[i-1]) >= 0:
			size := quotedSize(text[i:])
			if size == 0 {
				return 0
			}
			i += size - 1
		case c == '#' && bytes.IndexByte([]byte(" \t\n"), text[i-1]) >= 0:
			end := bytes.IndexByte(text[i:], '\n')
			if end < 0 {
				return 0
			}
			i += end
		}
	}
	return 0
}

// isFlow says whether a mapping or list is written in flow style.
func isFlow(n *yaml.Node) bool { return n.Style&yaml.FlowStyle != 0 }

// indentOf are the blanks before a line's text.
func indentOf(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " ")) }

// line is a line of the text, without its end; counted from 1.
func (t *editor) line(i int) []byte {
	end := len(t.data)
	if i < len(t.lines) {
		end = t.lines[i] - 1
	}
	return bytes.TrimSuffix(t.data[t.lines[i-1]:end], []byte("\r"))
}

// last is the last line of a block that begins at a line and whose text stands
// at a column or right of it, without blank lines and comments at its end.
func (t *editor) last(from, column int) int {
	last := from
	for i := from + 1; i <= len(t.lines); i++ {
		text := t.line(i)
		trimmed := bytes.TrimSpace(text)
		if len(trimmed) == 0 || trimmed[0] == '#' {
			continue
		}
		if indentOf(text) < column-1 || column == 1 && (bytes.HasPrefix(text, []byte("---")) || bytes.HasPrefix(text, []byte("..."))) {
			break
		}
		last = i
	}
	return last
}

// after is where a line ends, behind its line break; the text gets one where it
// has none.
func (t *editor) after(line int) (offset int, lead string) {
	if line < len(t.lines) {
		return t.lines[line], ""
	}
	return len(t.data), "\n"
}

// nested writes a value below some missing fields, in block style.
func nested(steps []step, value, indent string) (string, bool) {
	var b strings.Builder
	for i, s := range steps {
		if s.bracket || s.name == "" {
			return "", false
		}
		b.WriteString(indent + strings.Repeat("  ", i) + s.name + ":")
		if i+1 < len(steps) {
			b.WriteByte('\n')
		}
	}
	b.WriteString(" " + value + "\n")
	return b.String(), true
}

// inline writes a value below some missing fields, in flow style.
func inline(steps []step, value string) (string, bool) {
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i].bracket || steps[i].name == "" {
			return "", false
		}
		value = steps[i].name + ": " + value
		if i > 0 {
			value = "{" + value + "}"
		}
	}
	return value, true
}
