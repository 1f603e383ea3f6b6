package yamlpos

import (
	"bytes"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// source is a stream's text and, unless they were forgotten, its documents'
// trees. A tree takes some fifteen times as much memory as its text.
type source struct {
	data []byte
	// mutex guards what follows: two documents of one stream may be asked at once.
	mutex sync.Mutex
	lines Lines
	// roots are the values of all documents, the empty ones too. They are the
	// nodes that yaml/v3 made, comments included; none is an alias.
	roots []*yaml.Node
	// inside says where the text stands in that of another source; nil for a file.
	inside *inside
}

// trees returns the values of all documents, parsing the text again where they
// were forgotten. It did parse before, so it does now.
func (s *source) trees() []*yaml.Node {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.roots == nil {
		s.roots, _ = s.parse()
	}
	return s.roots
}

// root is the document's value, never an alias and never nil.
func (d *Document) root() *yaml.Node {
	return find(d.source.trees()[d.index], d.prefix)
}

// Forget lets go of what was parsed of the document's whole stream, which is
// most of the memory that it takes. Whatever is asked afterwards is parsed
// again, and kept until the next Forget.
func (d *Document) Forget() {
	d.source.mutex.Lock()
	defer d.source.mutex.Unlock()
	d.source.roots, d.source.lines = nil, Lines{}
}

// Stream returns the text that the document is part of, as it was given to
// Parse.
func (d *Document) Stream() []byte { return d.source.data }

// Line returns a line of the stream as it is written, without its end; "" for
// one that does not exist. Lines count from 1.
func (d *Document) Line(n int) string {
	if in := d.source.inside; in != nil {
		return in.outer.text().Line(n)
	}
	return d.source.text().Line(n)
}

// Lines is a text by its lines.
type Lines struct {
	text string
	// starts are the offsets at which lines begin; MaxBytes fits.
	starts []int32
}

// NewLines finds the lines of a text.
func NewLines(data []byte) Lines {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	starts := make([]int32, 1, 1+bytes.Count(data, []byte{'\n'}))
	for i, b := range data {
		if b == '\n' {
			starts = append(starts, int32(i+1))
		}
	}
	return Lines{string(data), starts}
}

// breaksOddly says whether YAML counts more lines in a text than there are ends of
// lines: it takes a lone carriage return and three characters of Unicode for some.
func breaksOddly(data []byte) bool {
	return bytes.Count(data, []byte("\r")) != bytes.Count(data, []byte("\r\n")) || bytes.ContainsAny(data, "\u0085\u2028\u2029")
}

// Len is how many lines there are, the last one also where it is empty.
func (l Lines) Len() int { return len(l.starts) }

// Line returns a line without its end; "" for one that does not exist. Lines
// count from 1.
func (l Lines) Line(n int) string {
	if n < 1 || n > len(l.starts) {
		return ""
	}
	line := l.text[l.starts[n-1]:]
	if n < len(l.starts) {
		line = l.text[l.starts[n-1] : l.starts[n]-1]
	}
	return strings.TrimSuffix(line, "\r")
}

// text returns the stream by its lines, found when they are first asked for.
func (s *source) text() Lines {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.lines.starts == nil {
		s.lines = NewLines(s.data)
	}
	return s.lines
}
