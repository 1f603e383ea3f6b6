package yamlpos

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// scanDocuments reads what nearly all manifests are written in: block mappings and
// lists, plain and quoted scalars of one line, literal blocks, flow collections,
// comments. It gives the nodes that yaml/v3 gives, but for comments, some eight
// times as fast: it reads lines, makes no tokens and copies no text. Whatever it
// does not know for certain, valid or not, it leaves to yaml/v3: ok is false for
// anchors, aliases, tags, tabs, CRs, directives, scalars over several lines, and
// everything that is wrong. FuzzScan holds it against yaml/v3.
func scanDocuments(text string) (roots []*yaml.Node, ok bool) {
	ascii, known := charactersOf(text)
	if !known {
		return nil, false
	}
	s := scanner{text: text, ascii: ascii, line: -1, end: -1}
	s.next()
	for explicit := false; ; explicit = true {
		if s.separator {
			if s.next(); s.indent < 0 {
				roots = append(roots, s.null(s.line, 0))
				if s.separator {
					continue
				}
				break
			}
		} else if explicit || s.indent < 0 {
			break
		}
		root := s.own(-1)
		if root == nil {
			return nil, false
		}
		roots = append(roots, root)
	}
	return roots, s.indent < 0 && s.at == len(text)
}

// charactersOf says whether a text is all ASCII, and whether it has only
// characters that mean nothing to YAML as such.
func charactersOf(text string) (ascii, known bool) {
	ascii = true
	for i := range len(text) {
		switch c := text[i]; {
		case c >= utf8.RuneSelf:
			ascii = false
		case c < ' ' && c != '\n', c == 0x7f:
			return false, false
		}
	}
	if ascii {
		return true, true
	}
	for _, r := range text {
		switch {
		case r == '\u2028', r == '\u2029', r == '\ufeff', r == utf8.RuneError, r > '\ufffd' && r < 0x10000, r >= utf8.RuneSelf && r < 0xa0:
			return false, false
		}
	}
	return false, true
}

// scanner is at a place in a text. Its methods return nil to give up.
type scanner struct {
	text  string
	ascii bool
	// line counts from 0; it goes from begin to end, without its newline.
	line, begin, end int
	// at is what is read next.
	at int
	// indent is the column of the line's first character, -1 where a document ends:
	// at a separator or at the end of the text.
	indent    int
	separator bool
	depth     int
	// free are nodes to be used, open the children of collections that are read.
	free []yaml.Node
	open []*yaml.Node
}

// next goes to the next line that has more than a comment.
func (s *scanner) next() {
	s.separator = false
	for s.end < len(s.text) {
		s.line, s.begin = s.line+1, s.end+1
		s.endLine()
		i := s.begin
		for i < s.end && s.text[i] == ' ' {
			i++
		}
		if i == s.end || s.text[i] == '#' {
			continue
		}
		s.at, s.indent = i, i-s.begin
		if s.indent == 0 {
			s.column0()
		}
		return
	}
	if s.begin < s.end { // the end of the last line is on a line of its own
		s.line++
	}
	s.at, s.indent = len(s.text), -1
}

// endLine finds the end of the line.
func (s *scanner) endLine() {
	s.end = len(s.text)
	if s.begin < len(s.text) {
		if i := strings.IndexByte(s.text[s.begin:], '\n'); i >= 0 {
			s.end = s.begin + i
		}
	}
}

// column0 looks for what has a meaning in the first column only.
func (s *scanner) column0() {
	line := s.text[s.begin:s.end]
	switch {
	case strings.HasPrefix(line, "---"):
		rest := strings.TrimLeft(line[3:], " ")
		if rest == "" || rest[0] == '#' && line[3] == ' ' {
			s.separator = true
		}
		if len(line) == 3 || line[3] == ' ' {
			s.indent = -1
		}
	case line[0] == '%', strings.HasPrefix(line, "..."):
		s.indent = -1
	}
}

// node returns a new node that begins here.
func (s *scanner) node(kind yaml.Kind, tag string) *yaml.Node {
	n := s.new()
	n.Kind, n.Tag, n.Line, n.Column = kind, tag, s.line+1, s.column()+1
	return n
}

func (s *scanner) new() *yaml.Node {
	if len(s.free) == 0 {
		s.free = make([]yaml.Node, min(256, len(s.text)/16+1))
	}
	n := &s.free[0]
	s.free = s.free[1:]
	return n
}

// null returns the node of a value that is not there.
func (s *scanner) null(line, column int) *yaml.Node {
	n := s.new()
	n.Kind, n.Tag, n.Line, n.Column = yaml.ScalarNode, "!!null", line+1, column+1
	return n
}

func (s *scanner) column() int {
	if s.ascii {
		return s.at - s.begin
	}
	return utf8.RuneCountInString(s.text[s.begin:s.at])
}

// collect gives a collection its children: those that were opened since.
func (s *scanner) collect(n *yaml.Node, since int) *yaml.Node {
	n.Content = append(make([]*yaml.Node, 0, len(s.open)-since), s.open[since:]...)
	s.open = s.open[:since]
	s.depth--
	return n
}

// deeper says whether another collection may be opened.
func (s *scanner) deeper() bool {
	s.depth++
	return s.depth < MaxDepth
}

// isDash says whether an entry of a block list begins here.
func (s *scanner) isDash() bool {
	return s.at < s.end && s.text[s.at] == '-' && (s.at+1 == s.end || s.text[s.at+1] == ' ')
}

// lineDone skips spaces, and says whether nothing but a comment follows in the line.
func (s *scanner) lineDone() bool {
	for s.at < s.end && s.text[s.at] == ' ' {
		s.at++
	}
	return s.at == s.end || s.text[s.at] == '#' && s.text[s.at-1] == ' '
}

// own reads a value that begins on a line of its own, further in than parent.
func (s *scanner) own(parent int) *yaml.Node {
	switch {
	case s.isDash():
		return s.list(s.indent, false)
	case s.text[s.at] == '|':
		return nil
	}
	if key := s.key(); key != nil {
		return s.mapping(s.indent, key)
	}
	if parent < 0 && s.text[s.at] != '{' && s.text[s.at] != '[' {
		return nil
	}
	return s.value(parent)
}

// mapping reads a block mapping in a column, from behind its first key.
func (s *scanner) mapping(column int, key *yaml.Node) *yaml.Node {
	n, since := s.new(), len(s.open)
	n.Kind, n.Tag, n.Line, n.Column = yaml.MappingNode, "!!map", key.Line, column+1
	if !s.deeper() {
		return nil
	}
	for {
		value := s.mapped(column)
		if value == nil {
			return nil
		}
		s.open = append(s.open, key, value)
		if s.indent != column {
			break
		}
		if key = s.key(); key == nil {
			return nil
		}
	}
	if s.indent > column {
		return nil
	}
	return s.collect(n, since)
}

// mapped reads the value behind a key and its colon, of a mapping in a column.
func (s *scanner) mapped(column int) *yaml.Node {
	line, after := s.line, s.column()
	if !s.lineDone() {
		if s.isDash() {
			return nil
		}
		return s.value(column)
	}
	s.next()
	switch {
	case s.indent > column:
		return s.own(column)
	case s.indent == column && s.isDash():
		return s.list(column, true)
	}
	return s.null(line, after)
}

// list reads a block list whose dashes are in a column, the one of the keys around
// it where it is flush with them.
func (s *scanner) list(column int, flush bool) *yaml.Node {
	n, since := s.node(yaml.SequenceNode, "!!seq"), len(s.open)
	if !s.deeper() {
		return nil
	}
	for {
		entry := s.entry(column)
		if entry == nil {
			return nil
		}
		s.open = append(s.open, entry)
		if s.indent != column || !s.isDash() {
			break
		}
	}
	if s.indent > column || s.indent == column && !flush {
		return nil
	}
	return s.collect(n, since)
}

// entry reads an entry of a block list, from its dash on.
func (s *scanner) entry(column int) *yaml.Node {
	s.at++
	line, after := s.line, s.column()
	if s.lineDone() {
		if s.next(); s.indent > column {
			return s.own(column)
		}
		return s.null(line, after)
	}
	inner := s.at - s.begin
	if s.isDash() {
		return s.list(inner, false)
	}
	if key := s.key(); key != nil {
		return s.mapping(inner, key)
	}
	return s.value(column)
}

// value reads a value that is no block collection to the end of its line. What
// follows is not further in than parent.
func (s *scanner) value(parent int) *yaml.Node {
	var n *yaml.Node
	switch s.text[s.at] {
	case '[', '{':
		n = s.flow()
	case '"', '\'':
		n = s.quoted()
	case '|':
		return s.literal(parent)
	default:
		n = s.plain()
	}
	if n == nil || !s.lineDone() {
		return nil
	}
	if s.next(); s.indent > parent {
		return nil
	}
	return n
}
