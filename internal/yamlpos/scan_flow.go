package yamlpos

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// flow reads a flow collection, also over several lines, without comments.
func (s *scanner) flow() *yaml.Node {
	n, since, closing := s.node(yaml.SequenceNode, "!!seq"), len(s.open), byte(']')
	if s.text[s.at] == '{' {
		n.Kind, n.Tag, closing = yaml.MappingNode, "!!map", '}'
	}
	n.Style = yaml.FlowStyle
	if !s.deeper() {
		return nil
	}
	s.at++
	if !s.space() {
		return nil
	}
	if s.text[s.at] == closing {
		s.at++
		return s.collect(n, since)
	}
	for {
		if !s.flowEntry(closing == '}') || !s.space() {
			return nil
		}
		s.at++
		switch s.text[s.at-1] {
		case closing:
			return s.collect(n, since)
		case ',':
			if !s.space() {
				return nil
			}
		default:
			return nil
		}
	}
}

// flowEntry reads an entry of a flow collection, with its key in a mapping.
func (s *scanner) flowEntry(mapping bool) bool {
	if mapping {
		key := s.flowKey()
		if key == nil || !s.space() {
			return false
		}
		s.open = append(s.open, key)
	}
	value := s.flowValue()
	s.open = append(s.open, value)
	return value != nil
}

// space skips spaces and ends of lines, and says whether something follows that is
// no document's end.
func (s *scanner) space() bool {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ':
			s.at++
		case '\n':
			s.at++
			s.line, s.begin = s.line+1, s.at
			s.endLine()
			if rest := s.text[s.at:]; strings.HasPrefix(rest, "---") || strings.HasPrefix(rest, "...") {
				return false
			}
		default:
			return true
		}
	}
	return false
}

// flowKey reads a key with its colon.
func (s *scanner) flowKey() *yaml.Node {
	start := s.at
	if c := s.text[start]; c == '"' || c == '\'' {
		n := s.quoted()
		if n == nil || s.at-start > maxKey || s.at == s.end || s.text[s.at] != ':' {
			return nil
		}
		s.at++
		return n
	}
	if !s.beginsPlain() {
		return nil
	}
	end := s.flowPlain()
	text := s.text[start:end]
	if end == s.end || s.text[end] != ':' || len(text) > maxKey || text == "<<" || text[len(text)-1] == ' ' {
		return nil
	}
	n := s.scalar(text)
	s.at = end + 1
	return n
}

// flowPlain is where a plain scalar ends that begins here: at a colon before a
// space, an indicator, or the end of its line.
func (s *scanner) flowPlain() int {
	for i := s.at + 1; i < s.end; i++ {
		switch s.text[i] {
		case ',', '[', ']', '{', '}', '?':
			return i
		case ':':
			if i+1 == s.end || s.text[i+1] == ' ' {
				return i
			}
		case '#':
			if s.text[i-1] == ' ' {
				return i
			}
		}
	}
	return s.end
}

// flowValue reads a value in a flow collection.
func (s *scanner) flowValue() *yaml.Node {
	switch s.text[s.at] {
	case '[', '{':
		return s.flow()
	case '"', '\'':
		return s.quoted()
	}
	if !s.beginsPlain() {
		return nil
	}
	text := strings.TrimRight(s.text[s.at:s.flowPlain()], " ")
	if text == "<<" {
		return nil
	}
	n := s.scalar(text)
	s.at += len(text)
	return n
}
