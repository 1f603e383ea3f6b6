package yamlpos

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// Embedded parses the text at a field path as a stream of its own, such as a
// configuration file that a ConfigMap holds. Positions in its documents, and
// those of its problems, are positions in the file that the text stands in: exact
// for a literal block, elsewhere that of the text as a whole. ok is false where
// there is no text.
func (d *Document) Embedded(path string) (docs []*Document, ok bool, err error) {
	n := d.find(path)
	if n == nil || n.Kind != yaml.ScalarNode || scalarTag(n) != tagText {
		return nil, false, nil
	}
	stream := &source{data: []byte(n.Value), inside: insideOf(d.source, n)}
	docs, err = parse(d.File, stream, MaxObjectValues)
	return docs, true, err
}

// inside says where the text of one source stands in another.
type inside struct {
	outer *source
	// exact says that the texts have the same lines, those within further down and
	// further to the right by this much; else all of it is at one position.
	exact     bool
	line, col int
}

// insideOf finds where the lines of a scalar stand.
func insideOf(outer *source, n *yaml.Node) *inside {
	fixed := &inside{outer: outer, line: n.Line, col: n.Column}
	if n.Style&yaml.LiteralStyle == 0 {
		return fixed
	}
	around, indent := outer.text(), -1
	for i, line := range strings.Split(strings.TrimRight(n.Value, "\n"), "\n") {
		if line == "" {
			continue
		}
		before, found := strings.CutSuffix(around.Line(n.Line+1+i), line)
		if indent < 0 {
			indent = len(before)
		}
		if !found || len(before) != indent || strings.Trim(before, " ") != "" {
			return fixed
		}
	}
	return &inside{outer: outer, exact: true, line: n.Line, col: max(indent, 0)}
}

// at is a position in the outer source.
func (in *inside) at(line, col int) (outerLine, outerCol int) {
	switch {
	case in == nil:
		return line, col
	case !in.exact:
		return in.line, in.col
	case line == 0:
		return in.line, 1
	}
	return in.line + line, in.col + col
}

// move moves a tree to where its text stands.
func (in *inside) move(n *yaml.Node) {
	n.Line, n.Column = in.at(n.Line, n.Column)
	for _, child := range n.Content {
		in.move(child)
	}
}

// parse returns the values of all documents of a source, at their positions.
func (s *source) parse() ([]*yaml.Node, error) {
	roots, ok := scanDocuments(string(s.data))
	var err error
	if !ok {
		roots, err = parseNodes(s.data)
	}
	if s.inside != nil {
		for _, root := range roots {
			s.inside.move(root)
		}
	}
	return roots, err
}
