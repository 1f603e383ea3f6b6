package yamlpos

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// insert adds fields to a mapping, at its end.
func (t *editor) insert(n *yaml.Node, steps []step, value string) (Patch, error) {
	switch {
	case n.Kind == yaml.ScalarNode && isNull(n):
		text, ok := t.inline(steps, value)
		if !ok {
			return Patch{}, t.refuse(n, "a list has no such entry")
		}
		return t.replace(n, "{"+text+"}")
	case n.Kind != yaml.MappingNode:
		return Patch{}, t.refuse(n, "it has no fields")
	case isFlow(n):
		text, ok := t.inline(steps, value)
		if !ok {
			return Patch{}, t.refuse(n, "a list has no such entry")
		}
		return t.pushFlow(n, text)
	}
	first := n.Content[0]
	text, ok := t.nested(steps, value, strings.Repeat(" ", first.Column-1))
	if !ok {
		return Patch{}, t.refuse(n, "a list has no such entry")
	}
	at, lead := t.after(t.last(first.Line, first.Column))
	return t.splice(at, at, lead+text), nil
}

// push adds a value to the end of a list.
func (t *editor) push(n *yaml.Node, value string) (Patch, error) {
	switch {
	case n.Kind == yaml.ScalarNode && isNull(n):
		return t.replace(n, "["+value+"]")
	case n.Kind != yaml.SequenceNode:
		return Patch{}, t.refuse(n, "it is no list")
	case isFlow(n):
		return t.pushFlow(n, value)
	}
	dash, ok := t.dash(n.Content[len(n.Content)-1])
	if !ok {
		return Patch{}, t.refuse(n, "its entries do not begin on lines of their own")
	}
	line := n.Content[len(n.Content)-1].Line
	at, lead := t.after(t.last(line, dash+2))
	return t.splice(at, at, lead+strings.Repeat(" ", dash)+"- "+value+t.newline()), nil
}

// dash is how many blanks stand before the dash of a list's entry.
func (t *editor) dash(entry *yaml.Node) (blanks int, ok bool) {
	text := t.line(entry.Line)
	blanks = indentOf(text)
	return blanks, blanks < len(text) && text[blanks] == '-' && len(bytes.TrimLeft(text[blanks+1:], " ")) == len(text)-(entry.Column-1)
}

// pushFlow adds an entry before the bracket that ends a mapping or list.
func (t *editor) pushFlow(n *yaml.Node, entry string) (Patch, error) {
	from, to, ok := t.span(n)
	if !ok {
		return Patch{}, t.refuse(n, "its end is not found")
	}
	inner := bytes.TrimRight(t.data[from:to-1], " \t\r\n")
	at := from + len(inner)
	switch {
	case len(n.Content) == 0:
		return t.splice(at, at, entry), nil
	case bytes.ContainsRune(inner, '#'):
		return Patch{}, t.refuse(n, "a comment may stand at its end")
	case inner[len(inner)-1] == ',':
		return t.splice(at, at, " "+entry), nil
	}
	return t.splice(at, at, t.comma(n)+entry), nil
}

// comma is what stands between the last entry of what is in flow style and
// another one: entries that have lines of their own keep to that.
func (t *editor) comma(n *yaml.Node) string {
	last := n.Content[len(n.Content)-1]
	if n.Kind == yaml.MappingNode {
		last = n.Content[len(n.Content)-2]
	}
	if indent := indentOf(t.line(last.Line)); last.Line > n.Line && indent == last.Column-1 {
		return "," + t.newline() + strings.Repeat(" ", indent)
	}
	return ", "
}

// remove takes an entry out of a list, or a field out of a mapping.
func (t *editor) remove(parent, n *yaml.Node) (Patch, error) {
	if isFlow(parent) {
		return t.removeFlow(parent, n)
	}
	if parent.Kind == yaml.SequenceNode {
		if len(parent.Content) == 1 {
			return Patch{}, t.refuse(n, "it is the only entry")
		}
		dash, ok := t.dash(n)
		if !ok {
			return Patch{}, t.refuse(n, "it does not begin on a line of its own")
		}
		return t.cut(n.Line, t.last(n.Line, dash+2)), nil
	}
	for i := 0; i+1 < len(parent.Content); i += 2 {
		key := parent.Content[i]
		if parent.Content[i+1] != n {
			continue
		}
		switch {
		case len(parent.Content) == 2:
			return Patch{}, t.refuse(n, "it is the only field")
		case indentOf(t.line(key.Line)) != key.Column-1:
			return t.removeFirst(parent, i)
		}
		last := t.last(key.Line, key.Column+1)
		if n.Kind == yaml.SequenceNode && !isFlow(n) && n.Column == key.Column {
			last = t.endOfList(key, n)
		}
		return t.cut(key.Line, last), nil
	}
	return Patch{}, t.refuse(n, "it is not found")
}

// removeFirst takes out a field that shares its line with the dash of a list's
// entry: the next one takes its place.
func (t *editor) removeFirst(parent *yaml.Node, i int) (Patch, error) {
	key, n := parent.Content[i], parent.Content[i+1]
	if _, end, ok := t.span(n); ok && i+2 < len(parent.Content) {
		next := t.start(parent.Content[i+2])
		if next > end && len(bytes.TrimSpace(t.data[end:next])) == 0 {
			return t.splice(t.start(key), next, ""), nil
		}
	}
	return Patch{}, t.refuse(n, "it shares its line")
}

// rename gives a field another name, quoted as the old one is.
func (t *editor) rename(parent, n *yaml.Node, name string) (Patch, error) {
	if own(parent, step{name: name}) != nil {
		return Patch{}, t.refuse(n, name+" is there already")
	}
	for i := 0; i+1 < len(parent.Content); i += 2 {
		key := parent.Content[i]
		if parent.Content[i+1] != n {
			continue
		}
		from, to, ok := t.span(key)
		if !ok || key.Kind != yaml.ScalarNode || key.Anchor != "" || from == to {
			break
		}
		return t.splice(from, to, t.text(name, key)), nil
	}
	return Patch{}, t.refuse(n, "its name is not found")
}

// endOfList is the last line of a list that is indented as its key is.
func (t *editor) endOfList(key, n *yaml.Node) int {
	last := n.Content[len(n.Content)-1]
	return t.last(last.Line, key.Column+1)
}

// cut removes lines.
func (t *editor) cut(first, last int) Patch {
	from := t.begin(first - 1)
	to, _ := t.after(last)
	if first > 1 && to == len(t.data) && t.data[to-1] != '\n' {
		from -= len(t.newline()) // the text goes on having no line break at its end
	}
	return t.splice(from, to, "")
}

// removeFlow takes an entry out of what is in flow style, with its comma.
func (t *editor) removeFlow(parent, n *yaml.Node) (Patch, error) {
	var at int
	for i, c := range parent.Content {
		if c == n {
			at = i
		}
	}
	first, step := n, 1
	if parent.Kind == yaml.MappingNode {
		first, step = parent.Content[at-1], 2
		at--
	}
	_, end, ok := t.span(n)
	if !ok {
		return Patch{}, t.refuse(n, "its end is not found")
	}
	from := t.start(first)
	switch {
	case at+step < len(parent.Content):
		end = t.start(parent.Content[at+step])
	case at > 0:
		_, from, ok = t.span(parent.Content[at-1])
	}
	if !ok {
		return Patch{}, t.refuse(n, "its beginning is not found")
	}
	return t.splice(from, end, ""), nil
}

// check sees that an edited text says what was meant, and nothing else new.
func check(file string, before, after []byte, edits []made) error {
	fail := func(p Position, text string) error {
		return Problems{{Position: p, Text: "cannot be edited in place: " + text, Hint: "write it out by hand"}}
	}
	was, err := Parse(file, before)
	if err != nil {
		return err
	}
	is, err := Parse(file, after)
	if err != nil || len(was) != len(is) || isJSON(before) && json.Valid(before) && !json.Valid(after) {
		return fail(Position{File: file}, "what came out is not the same file")
	}
	for i := range was {
		a, ok1 := plain(was[i].root())
		b, ok2 := plain(is[i].root())
		var path string
		for k := range edits {
			if e := &edits[k].edit; e.Place.Document == was[i].index {
				a, path = e.meant(a), e.Place.Path
			}
		}
		if !ok1 || !ok2 || !reflect.DeepEqual(a, b) {
			return fail(is[i].At(path), "the text came to mean something else")
		}
	}
	return nil
}

// meant is the value of a document after the edit.
func (e *Edit) meant(v any) any {
	if e.Rename != "" {
		return e.renamed(v)
	}
	var value any
	if e.Value != "" {
		var n yaml.Node
		if yaml.Unmarshal([]byte(e.Value), &n) == nil && len(n.Content) == 1 {
			value, _ = plain(n.Content[0])
		}
	}
	return change(v, splitPath(e.Place.Path), func(old any) any {
		if e.Append {
			list, _ := old.([]any)
			return append(append([]any{}, list...), value)
		}
		return value
	}, e.Value == "")
}

// renamed is the value of a document with the field renamed.
func (e *Edit) renamed(v any) any {
	steps := splitPath(e.Place.Path)
	name := steps[len(steps)-1].name
	return change(v, steps[:len(steps)-1], func(old any) any {
		out := map[string]any{}
		fields, _ := old.(map[string]any)
		for k, value := range fields {
			if k == name {
				k = e.Rename
			}
			out[k] = value
		}
		return out
	}, false)
}

// change applies a function to the value at a path; remove takes it out.
func change(v any, steps []step, to func(any) any, remove bool) any {
	if len(steps) == 0 {
		return to(v)
	}
	s := steps[0]
	if list, ok := v.([]any); ok {
		i, err := strconv.Atoi(s.name)
		if err != nil || i < 0 || i >= len(list) {
			return v
		}
		out := append([]any{}, list...)
		if remove && len(steps) == 1 {
			return append(out[:i], out[i+1:]...)
		}
		out[i] = change(list[i], steps[1:], to, remove)
		return out
	}
	fields, ok := v.(map[string]any)
	if !ok && v != nil {
		return v
	}
	out := map[string]any{}
	for k, old := range fields {
		out[k] = old
	}
	if remove {
		if _, there := out[s.name]; !there {
			return v
		}
		if len(steps) == 1 {
			delete(out, s.name)
			return out
		}
	}
	out[s.name] = change(out[s.name], steps[1:], to, remove)
	return out
}

// isFlow says whether a mapping or list is written in flow style.
func isFlow(n *yaml.Node) bool { return n.Style&yaml.FlowStyle != 0 }
