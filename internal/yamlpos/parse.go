package yamlpos

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// What Parse accepts. A month of demand at 15 s, written inline, is 172,800
// values in about 1 MB; a node of yaml/v3 takes about 200 bytes.
const (
	// MaxBytes is the largest input.
	MaxBytes = 16 << 20
	// MaxValues is the most values that an input may hold, MaxObjectValues the most
	// that a file of Kubernetes objects may: some 2,500 Deployments of 80 lines.
	MaxValues       = 1 << 20
	MaxObjectValues = 400_000
	// MaxDepth is the deepest nesting.
	MaxDepth = 100
	// MaxAliased is how many values aliases may add to those written.
	MaxAliased = 100_000
)

// Parse reads every document of a YAML or JSON stream. Empty documents are left
// out; an input without any is an error. What is not YAML, or more than the
// Max limits allow, is an error of type Problems with its position. The
// documents keep data, which nobody may change.
func Parse(file string, data []byte) ([]*Document, error) {
	return parse(file, &source{data: data}, MaxValues)
}

// ParseObjects is Parse for files of Kubernetes objects: MaxObjectValues holds.
func ParseObjects(file string, data []byte) ([]*Document, error) {
	return parse(file, &source{data: data}, MaxObjectValues)
}

// parse reads every document of a source that has at most so many values.
func parse(file string, stream *source, most int) ([]*Document, error) {
	fail := func(p Problem) error {
		p.File = file
		p.Line, p.Col = stream.inside.at(p.Line, p.Col)
		return Problems{p}
	}
	if p := scanBytes(stream.data, most); p != nil {
		return nil, fail(*p)
	}
	roots, err := stream.parse()
	if err != nil {
		return nil, fail(explainSyntax(stream.data, err))
	}
	var docs []*Document
	var problems Problems
	stream.roots = roots
	for i, root := range roots {
		if p := checkTree(root); p != nil {
			p.File = file
			problems = append(problems, *p)
		}
		if root.Kind != yaml.ScalarNode || root.Tag != "!!null" {
			docs = append(docs, &Document{File: file, source: stream, index: i})
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	if len(docs) == 0 {
		return nil, fail(Problem{Text: "empty: expected at least one YAML or JSON document"})
	}
	return docs, nil
}

// parseNodes returns the top values of all documents.
func parseNodes(data []byte) (roots []*yaml.Node, err error) {
	// yaml/v3 reports through panics inside and turns its own into errors; a
	// few inputs (a fuzzer's) reach states that it did not foresee.
	defer func() {
		if r := recover(); r != nil {
			roots, err = nil, fmt.Errorf("yaml: the parser gave up: %v", r)
		}
	}()
	if isJSON(data) {
		data = joinSurrogates(data)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var n yaml.Node
		if err := dec.Decode(&n); errors.Is(err, io.EOF) {
			pastAnchors(data, roots)
			return roots, nil
		} else if err != nil {
			return nil, err
		}
		if n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
			roots = append(roots, n.Content[0])
		}
	}
}

// scanBytes refuses what is not text or too much, before anything is built.
// Positions are exact because everything before the offender was text.
func scanBytes(data []byte, most int) *Problem {
	if len(data) > MaxBytes {
		return &Problem{Text: fmt.Sprintf("larger than %d MiB", MaxBytes>>20), Hint: "split it into several files"}
	}
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		return &Problem{Text: "this is UTF-16", Hint: "save the file as UTF-8"}
	}
	values := 0
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRune(data[i:])
			if r == utf8.RuneError && size == 1 {
				return at(data, i, "not text: this is no UTF-8", "save the file as UTF-8")
			}
			i += size - 1
		case c < ' ' && c != '\t' && c != '\n' && c != '\r', c == 0x7f:
			return at(data, i, fmt.Sprintf("not YAML: control character %#02x", c), "remove it; is this a text file?")
		case c == '\n' || c == ',' || c == '[' || c == '{' || c == ':' || c == '-' && i+1 < len(data) && data[i+1] == ' ':
			// Every value but the first needs one of these characters before it.
			if values++; values > most {
				return at(data, i, fmt.Sprintf("more than %d values", most), tooMany(most))
			}
		}
	}
	return nil
}

// tooMany says what to do about too many values.
func tooMany(most int) string {
	if most == MaxObjectValues {
		return "split it into several files"
	}
	return "put long series into a recording of their own"
}

// at returns a problem at a byte offset.
func at(data []byte, offset int, text, hint string) *Problem {
	before := bytes.TrimPrefix(data[:offset], []byte("\ufeff"))
	line := 1 + bytes.Count(before, []byte{'\n'})
	col := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return &Problem{Position: Position{Line: line, Col: col}, Text: text, Hint: hint}
}

// isJSON says whether the input is one JSON value rather than YAML: it begins
// as one and holds a quoted key or nothing.
func isJSON(data []byte) bool {
	d := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\ufeff")), " \t\r\n")
	if len(d) == 0 || d[0] != '{' && d[0] != '[' {
		return false
	}
	d = bytes.TrimLeft(d[1:], " \t\r\n")
	return len(d) > 0 && bytes.IndexByte([]byte(`"{[]}`), d[0]) >= 0 && !bytes.HasPrefix(data, []byte("{{"))
}

// joinSurrogates writes the surrogate pairs of JSON escapes ("\ud83d\ude00"),
// which YAML does not know, as the character they mean.
func joinSurrogates(data []byte) []byte {
	if !bytes.Contains(data, []byte(`\ud`)) && !bytes.Contains(data, []byte(`\uD`)) {
		return data
	}
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); {
		if pair := data[i:min(i+12, len(data))]; len(pair) == 12 && isPair(pair) {
			var s string
			if json.Unmarshal(append(append([]byte{'"'}, pair...), '"'), &s) == nil {
				out = append(out, s...)
				i += 12
				continue
			}
		}
		n := 1
		if data[i] == '\\' && i+1 < len(data) {
			n = 2
		}
		out = append(out, data[i:i+n]...)
		i += n
	}
	return out
}

// isPair says whether b is two escapes of four digits each, a high surrogate and
// a low one.
func isPair(b []byte) bool {
	esc := func(b []byte, next string) bool {
		return b[0] == '\\' && b[1] == 'u' && (b[2] == 'd' || b[2] == 'D') && bytes.IndexByte([]byte(next), b[3]) >= 0
	}
	return esc(b, "89abAB") && esc(b[6:], "cdefCDEF")
}
