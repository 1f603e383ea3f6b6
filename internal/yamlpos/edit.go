package yamlpos

import (
	"bytes"
	"fmt"
	"slices"
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
	// Value is the new value, written as Style says; empty to remove what is there.
	Value string
	Style Style
	// Append adds the value to the end of the list at the place instead.
	Append bool
	// Rename gives the field at the place this name instead, and leaves its value.
	Rename string
}

// Style says how the value of an Edit is written.
type Style uint8

// The styles.
const (
	// Flow is a value in flow style, such as 60, "60%" or {a: [1, 2]}, as it is.
	Flow Style = iota
	// Text is a text, quoted as what it replaces, or where it would be read as
	// something else.
	Text
	// Like is a scalar, quoted where what it replaces is.
	Like
)

// Apply makes edits, one after the other, in the text of a file: comments, order
// and style of everything else stay. A value replaces a scalar or a whole value
// in flow style; missing fields and the mappings around them are added. What
// cannot be changed without touching something else, such as a value that is
// shared through an alias or merged, is a Problem, and nothing is changed.
func Apply(file string, data []byte, edits []Edit) ([]byte, error) {
	for i := range edits {
		out, err := ApplyAll(file, data, edits[i:i+1])
		if err != nil {
			return nil, err
		}
		data = out
	}
	return data, nil
}

// ApplyAll is Apply for edits of different places, all of them places of the text
// as it is, and not of what another edit makes of it. Two edits of one place are
// an error.
func ApplyAll(file string, data []byte, edits []Edit) ([]byte, error) {
	docs, err := Parse(file, data)
	if err != nil {
		return nil, err
	}
	all := make([]made, len(edits))
	for i := range edits {
		at := slices.IndexFunc(docs, func(d *Document) bool { return d.index == edits[i].Place.Document })
		if at < 0 {
			return nil, fmt.Errorf("%s: there is no document %d", file, edits[i].Place.Document+1)
		}
		t := newEditor(docs[at])
		if all[i].edit, all[i].Patch, err = t.make(docs[at], edits[i]); err != nil {
			return nil, err
		}
	}
	// From behind, so that what stands before keeps its place, in lists too.
	slices.SortStableFunc(all, func(a, b made) int { return b.Start - a.Start })
	out := data
	for i := range all {
		if i > 0 && all[i].End >= all[i-1].Start {
			return nil, Problems{{Position: all[i].From, Text: "cannot be edited in place: two edits concern one place", Hint: "make one after the other"}}
		}
		out = all[i].in(out)
	}
	// The text has to be what the edits meant, and nothing else may differ.
	return out, check(file, data, out, all)
}

// made is an edit, its value as written, and what it does to the text.
type made struct {
	edit Edit
	Patch
}

// Patch is a part of a text, and what takes its place.
type Patch struct {
	// From is where the part begins, To is behind its end; Start and End are the
	// same in bytes from the beginning of the file.
	From, To   Position
	Start, End int
	Text       string
}

// in is a text with the patch in it.
func (p *Patch) in(data []byte) []byte {
	out := make([]byte, 0, len(data)+len(p.Text))
	out = append(out, data[:p.Start]...)
	out = append(out, p.Text...)
	return append(out, data[p.End:]...)
}

// Patch is what an edit of the document would do to its text. It is not held to
// what comes of it, as Apply does.
func (d *Document) Patch(e Edit) (Patch, error) {
	whole := &Document{File: d.File, source: d.source, index: d.index}
	_, p, err := newEditor(whole).make(whole, e)
	return p, err
}

// editor is the text of a file.
type editor struct {
	file string
	// data is without the byte order mark, which is bom bytes long.
	data []byte
	bom  int
	// lines are the offsets of the lines in data.
	lines []int32
}

func newEditor(d *Document) *editor {
	data := bytes.TrimPrefix(d.source.data, []byte("\ufeff"))
	return &editor{file: d.File, data: data, bom: len(d.source.data) - len(data), lines: d.source.text().starts}
}

// begin is the offset of a line, counted from 0.
func (t *editor) begin(line int) int { return int(t.lines[line]) }

// json says whether the text is JSON, in which names and texts are quoted.
func (t *editor) json() bool { return isJSON(t.data) }

// newline is what ends the lines of the text.
func (t *editor) newline() string {
	if len(t.lines) > 1 && bytes.HasSuffix(t.data[:t.begin(1)], []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// make finds what an edit does, and returns it with its value as written.
func (t *editor) make(doc *Document, e Edit) (Edit, Patch, error) {
	if doc.source.inside != nil {
		return e, Patch{}, t.refuse(doc.root(), "it is part of a text")
	}
	if breaksOddly(t.data) {
		return e, Patch{}, t.refuse(doc.root(), "it has line breaks of YAML's own, which editors do not count")
	}
	steps := splitPath(e.Place.Path)
	node, parent, depth, err := t.walk(doc, steps)
	if err != nil {
		return e, Patch{}, err
	}
	rest := steps[depth:]
	old := node
	if len(rest) > 0 {
		old = nil
	}
	e.Value, e.Style = t.written(&e, old), Flow
	p, err := t.change(&e, node, parent, rest)
	if err != nil {
		return e, Patch{}, err
	}
	p.From, p.To = t.position(p.Start), t.position(p.End)
	p.Start, p.End = p.Start+t.bom, p.End+t.bom
	return e, p, nil
}

// change finds what an edit does to a value, or to one that is missing below it.
func (t *editor) change(e *Edit, node, parent *yaml.Node, rest []step) (Patch, error) {
	switch {
	case e.Rename != "":
		if len(rest) > 0 || parent == nil || parent.Kind != yaml.MappingNode {
			return Patch{}, t.refuse(node, "there is no such field")
		}
		return t.rename(parent, node, e.Rename)
	case e.Append && len(rest) == 0:
		return t.push(node, e.Value)
	case e.Append:
		return t.insert(node, rest, "["+e.Value+"]")
	case len(rest) > 0 && e.Value == "":
		return Patch{}, nil
	case len(rest) > 0:
		return t.insert(node, rest, e.Value)
	case e.Value == "":
		if parent == nil {
			return Patch{}, t.refuse(node, "it is the whole document")
		}
		return t.remove(parent, node)
	}
	return t.replace(node, e.Value)
}

// position is where an offset of data is.
func (t *editor) position(offset int) Position {
	line, exact := slices.BinarySearch(t.lines, int32(offset))
	if !exact {
		line--
	}
	return Position{File: t.file, Line: line + 1, Col: 1 + utf8.RuneCount(t.data[t.begin(line):offset])}
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
	at := t.begin(line - 1)
	for ; col > 1 && at < len(t.data); col-- {
		_, size := utf8.DecodeRune(t.data[at:])
		at += size
	}
	return at
}

// start is where a value begins.
func (t *editor) start(n *yaml.Node) int { return t.offset(n.Line, n.Column) }

// splice replaces a part of the text.
func (t *editor) splice(from, to int, text string) Patch {
	return Patch{Start: from, End: to, Text: text}
}

// replace puts a value in the place of a scalar, or of one in flow style.
func (t *editor) replace(n *yaml.Node, value string) (Patch, error) {
	from, to, ok := t.span(n)
	if !ok {
		return Patch{}, t.refuse(n, "only a value on a line of its own kind can be replaced")
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

// indentOf are the blanks before a line's text.
func indentOf(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " ")) }

// line is a line of the text, without its end; counted from 1.
func (t *editor) line(i int) []byte {
	end := len(t.data)
	if i < len(t.lines) {
		end = t.begin(i) - 1
	}
	return bytes.TrimSuffix(t.data[t.begin(i-1):end], []byte("\r"))
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
		return t.begin(line), ""
	}
	return len(t.data), t.newline()
}
