// Package yamlpos reads YAML without losing where each value stands: it parses
// once, decodes strictly into typed objects, and turns field paths back into
// positions.
package yamlpos

import "go.yaml.in/yaml/v3"

// Document is one document of a YAML stream.
type Document struct {
	// File is the name given to Parse.
	File string
	root *yaml.Node
}

// Position is where a value stands; Line and Col count from 1.
type Position struct {
	File      string
	Line, Col int
}

// Problem is something wrong at a position. It prints as
// "file:line:col: text; hint".
type Problem struct {
	Position
	// Path is the field's path, "spec.metrics[0].resource.name".
	Path string
	Text string
	// Hint says how to mend it; may be empty.
	Hint string
}

// Problems are all that is wrong with an input, in order of position. As an
// error it prints one line for each.
type Problems []Problem

// Error prints one line for each problem.
func (p Problems) Error() string { return "" }

// Parse reads every document of a YAML or JSON stream. Empty documents are left
// out. What is not YAML is an error with its position.
func Parse(file string, data []byte) ([]*Document, error) { return nil, nil }

// Decode reads the document into a typed object by its json tags. Unknown
// fields, duplicate keys and values of the wrong type are Problems, all of them
// at once, with the nearest valid name as a hint.
func (d *Document) Decode(into any) error { return nil }

// At returns the position of the value at a field path, or of the nearest
// enclosing value that exists.
func (d *Document) At(path string) Position { return Position{} }

// Problem returns a Problem at a field path.
func (d *Document) Problem(path, text, hint string) Problem { return Problem{} }
