// Package yamlpos reads YAML without losing where each value stands: it parses
// once, decodes strictly into typed objects, and turns field paths back into
// positions.
//
// It reads what kubectl reads: YAML 1.1 as Kubernetes understands it (yes and
// on are booleans, merge keys work) and JSON. It is stricter where kubectl is
// silent: unknown fields, duplicate keys and texts that a tool would turn into
// numbers are problems, and all of them are reported at once.
package yamlpos

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Document is one document of a YAML stream, or a part of one (see Sub).
type Document struct {
	// File is the name given to Parse.
	File string
	// source is the stream that it is part of, index its place there.
	source *source
	index  int
	// prefix is the path of its root in the whole document; empty for a whole
	// one.
	prefix string
}

// Position is where a value stands. Line and Col count from 1, Col in
// characters; Line 0 means the file as a whole.
type Position struct {
	File      string
	Line, Col int
}

// String returns "file:line:col", or "file" for a file as a whole.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Problem is something wrong at a position. It prints as
// "file:line:col: text; hint".
type Problem struct {
	Position
	// Path is the field's path in its document, "spec.metrics[0].resource.name".
	Path string
	Text string
	// Hint says how to mend it; may be empty.
	Hint string
	// Class is what kind of problem it is.
	Class Class
	// Object is the object that it is in, where the reader knows of objects.
	Object string
	// Edit mends it, where there is no doubt about what was meant; else nil.
	Edit *Edit
}

// Class tells apart what can be wrong with a value that is read.
type Class uint8

// The classes.
const (
	// ClassOther is whatever is not one of the others.
	ClassOther Class = iota
	// ClassField is a field that does not exist.
	ClassField
	// ClassDuplicate is a key that stands twice.
	ClassDuplicate
	// ClassType is a value of the wrong type or out of its range.
	ClassType
	// ClassQuantity is a text that is no quantity.
	ClassQuantity
	// ClassSyntax is a text that is no YAML, in an object that holds one; Parse and
	// Decode do not say so themselves.
	ClassSyntax
)

// Error returns "file:line:col: text; hint".
func (p Problem) Error() string {
	s := p.String() + ": " + p.Text
	if p.Hint != "" {
		s += "; " + p.Hint
	}
	return s
}

// Problems are all that is wrong with an input, in order of position. As an
// error it prints one line for each.
type Problems []Problem

// Error prints one line for each problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Sort orders the problems of one file by position; those at one position keep
// their order. Files keep the order in which they first appear.
func (p Problems) Sort() {
	order := map[string]int{}
	for _, one := range p {
		if _, ok := order[one.File]; !ok {
			order[one.File] = len(order)
		}
	}
	slices.SortStableFunc(p, func(a, b Problem) int {
		if a.File != b.File {
			return order[a.File] - order[b.File]
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Col - b.Col
	})
}

// Err returns the problems as an error, nil when there is none.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// Header is what tells one Kubernetes object from another.
type Header struct {
	APIVersion, Kind, Namespace, Name string
}

// Header returns what the document says about itself, without decoding it. A
// field that is absent or not a text is empty.
func (d *Document) Header() Header {
	text := func(n *yaml.Node, name string) string {
		v := child(n, name)
		if v == nil || v.Kind != yaml.ScalarNode {
			return ""
		}
		return v.Value
	}
	root := d.root()
	meta := child(root, "metadata")
	return Header{
		APIVersion: text(root, "apiVersion"),
		Kind:       text(root, "kind"),
		Namespace:  text(meta, "namespace"),
		Name:       text(meta, "name"),
	}
}

// IsMapping says whether the document is a mapping at its top, as every
// Kubernetes object is.
func (d *Document) IsMapping() bool { return d.root().Kind == yaml.MappingNode }
