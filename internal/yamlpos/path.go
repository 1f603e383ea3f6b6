package yamlpos

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// At returns where a reader would look for a field path, such as
// "spec.metrics[0].resource.name": the value, or its key where the value is a
// block that begins on a later line. Keys that hold dots or brackets stand in
// brackets, quoted or not: `metadata.annotations["a.b/c"]`,
// "metadata.annotations[a.b/c]". Of a path that does not exist, it is the
// position of the nearest enclosing value that does.
func (d *Document) At(path string) Position {
	node := d.root()
	pos := nodePosition(node)
	for step := range steps(path) {
		key, value := lookup(node, step)
		if value == nil {
			break
		}
		node = resolve(value)
		pos = nodePosition(value)
		if key != nil && (value.Line != key.Line || isNull(node)) {
			pos = nodePosition(key)
		}
	}
	pos.File = d.File
	return pos
}

// Has says whether the document holds a value, be it null, at a field path.
func (d *Document) Has(path string) bool { return d.find(path) != nil }

// Touches says whether what stands, or would stand, at a field path has to do
// with another field: one is in the other, or the path is not written and what is
// missing of it would stand beside the other, which may be its misspelling.
func (d *Document) Touches(path, other string) bool {
	a, b := splitPath(path), splitPath(other)
	same := 0
	for same < min(len(a), len(b)) && a[same].name == b[same].name {
		same++
	}
	if same == min(len(a), len(b)) {
		return true
	}
	return same == len(b)-1 && walk(d.root(), slices.Values(a[:same+1])) == nil
}

// Paths returns the field paths of an error's Problems, which are in this document,
// relative to it.
func (d *Document) Paths(err error) []string {
	var problems Problems
	if !errors.As(err, &problems) {
		return nil
	}
	paths := make([]string, len(problems))
	for i, p := range problems {
		paths[i] = strings.TrimPrefix(strings.TrimPrefix(p.Path, d.prefix), ".")
	}
	return paths
}

// Problem returns a Problem at a field path.
func (d *Document) Problem(path, text, hint string) Problem {
	return Problem{Position: d.At(path), Path: joinPath(d.prefix, path), Text: text, Hint: hint}
}

// Sub returns the part of the document at a field path as a document of its
// own: paths given to it are relative to it, Problems name the whole path. ok
// is false where there is nothing, or null.
func (d *Document) Sub(path string) (sub *Document, ok bool) {
	n := d.find(path)
	if n == nil || isNull(n) {
		return nil, false
	}
	return &Document{File: d.File, source: d.source, index: d.index, prefix: joinPath(d.prefix, path)}, true
}

// Len returns how many entries the list at a field path has; -1 where there is
// no list.
func (d *Document) Len(path string) int {
	n := d.find(path)
	if n == nil || n.Kind != yaml.SequenceNode {
		return -1
	}
	return len(n.Content)
}

// Size returns how many fields the mapping at a field path has; -1 where there is
// no mapping.
func (d *Document) Size(path string) int {
	n := d.find(path)
	if n == nil || n.Kind != yaml.MappingNode {
		return -1
	}
	return len(entries(n))
}

// Text returns the scalar at a field path as it is written; ok is false where
// there is none.
func (d *Document) Text(path string) (text string, ok bool) {
	n := d.find(path)
	if n == nil || n.Kind != yaml.ScalarNode {
		return "", false
	}
	return n.Value, true
}

func (d *Document) find(path string) *yaml.Node { return find(d.root(), path) }

func find(node *yaml.Node, path string) *yaml.Node { return walk(node, steps(path)) }

func walk(node *yaml.Node, path iter.Seq[step]) *yaml.Node {
	for step := range path {
		_, value := lookup(node, step)
		if value == nil {
			return nil
		}
		node = resolve(value)
	}
	return node
}

func nodePosition(n *yaml.Node) Position { return Position{Line: n.Line, Col: n.Column} }

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && scalarTag(n) == tagNull }

// lookup finds a field of a mapping or, by a number in brackets, an entry of a
// list.
func lookup(n *yaml.Node, s step) (key, value *yaml.Node) {
	switch n.Kind {
	case yaml.MappingNode:
		return lookupKey(n, s.name)
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(s.name); err == nil && s.bracket && i >= 0 && i < len(n.Content) {
			return nil, n.Content[i]
		}
	default: // a scalar has no fields
	}
	return nil, nil
}

// lookupKey finds a field of a mapping: its own first, then what it merges.
func lookupKey(n *yaml.Node, name string) (key, value *yaml.Node) {
	merges := false
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := resolve(n.Content[i]); isMerge(key) {
			merges = true
		} else if key.Value == name {
			return n.Content[i], n.Content[i+1]
		}
	}
	if merges {
		for _, e := range entries(n) {
			if resolve(e.key).Value == name {
				return e.key, e.value
			}
		}
	}
	return nil, nil
}

// child returns a mapping's value, its aliases followed; nil where there is
// none.
func child(n *yaml.Node, name string) *yaml.Node {
	if n == nil {
		return nil
	}
	_, value := lookup(n, step{name: name})
	if value == nil {
		return nil
	}
	return resolve(value)
}

// A step is one part of a field path: a name, or what stands in brackets.
type step struct {
	name    string
	bracket bool
}

// splitPath takes a field path apart. It accepts whatever it is given.
func splitPath(path string) []step {
	return slices.Collect(steps(path))
}

// steps are the parts of a field path, in order.
func steps(path string) iter.Seq[step] {
	return func(yield func(step) bool) {
		for path != "" {
			var s step
			switch {
			case path[0] == '.':
				path = path[1:]
				continue
			case strings.HasPrefix(path, `["`):
				quoted, err := strconv.QuotedPrefix(path[1:])
				if err != nil {
					yield(step{name: path})
					return
				}
				s.name, _ = strconv.Unquote(quoted) // it is quoted
				s.bracket = true
				path = strings.TrimPrefix(path[1+len(quoted):], "]")
			case path[0] == '[':
				s.name, path, _ = strings.Cut(path[1:], "]")
				s.bracket = true
			default:
				s.name, path = path[:fieldEnd(path)], path[fieldEnd(path):]
			}
			if !yield(s) {
				return
			}
		}
	}
}

// fieldEnd is where a field's name ends: at a dot or a bracket.
func fieldEnd(path string) int {
	for i := range len(path) {
		if path[i] == '.' || path[i] == '[' {
			return i
		}
	}
	return len(path)
}

// joinPath appends a relative path.
func joinPath(prefix, path string) string {
	if prefix == "" || path == "" || path[0] == '[' {
		return prefix + path
	}
	return prefix + "." + path
}

// keyPath appends a field or map key, in brackets where it is not plain.
func keyPath(prefix, key string) string {
	plain := key != "" && !strings.ContainsFunc(key, func(r rune) bool {
		return r <= ' ' || strings.ContainsRune(`.[]"/`, r) || r == 0x7f
	})
	switch {
	case plain:
		return joinPath(prefix, key)
	case key == "" || strings.ContainsAny(key, "]\"\n"):
		return fmt.Sprintf("%s[%s]", prefix, strconv.Quote(key))
	}
	return prefix + "[" + key + "]"
}

func indexPath(prefix string, i int) string { return prefix + "[" + strconv.Itoa(i) + "]" }

// trail is a field path that is spelt out only when there is something to say
// about it.
type trail struct {
	// before is the path up to here; nil at the top, which has a path of its own.
	before *trail
	// name is the field or map key; "" is one too, where index is -1.
	name  string
	index int
}

// key is the path of a field or map key below.
func (t *trail) key(name string) *trail { return &trail{before: t, name: name, index: -1} }

func (t *trail) path() string {
	switch {
	case t.before == nil:
		return t.name
	case t.index < 0:
		return keyPath(t.before.path(), t.name)
	}
	return indexPath(t.before.path(), t.index)
}

// prefixed begins a text with the path it is about.
func (t *trail) prefixed(text string) string {
	if path := t.path(); path != "" {
		return path + ": " + text
	}
	return text
}
