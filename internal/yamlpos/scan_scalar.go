package yamlpos

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxKey is the longest key that is read here; yaml/v3 knows none over 1024.
const maxKey = 512

// key reads a key with its colon. It returns nil, and moves nowhere, where there is
// none that is certain.
func (s *scanner) key() *yaml.Node {
	start := s.at
	if c := s.text[start]; c == '"' || c == '\'' {
		n := s.quoted()
		if n == nil || s.at-start > maxKey || s.at == s.end || s.text[s.at] != ':' || s.at+1 < s.end && s.text[s.at+1] != ' ' {
			s.at = start
			return nil
		}
		s.at++
		return n
	}
	if !s.beginsPlain() {
		return nil
	}
	for i := start + 1; i < s.end; i++ {
		switch s.text[i] {
		case '#':
			if s.text[i-1] == ' ' {
				return nil
			}
		case ':':
			if i+1 < s.end && s.text[i+1] != ' ' {
				continue
			}
			text := s.text[start:i]
			if len(text) > maxKey || text == "<<" || text[len(text)-1] == ' ' {
				return nil
			}
			n := s.scalar(text)
			s.at = i + 1
			return n
		}
	}
	return nil
}

// beginsPlain says whether a plain scalar begins here, for certain.
func (s *scanner) beginsPlain() bool {
	switch s.text[s.at] {
	case '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`', ' ', '\n':
		return false
	case '-':
		return s.at+1 < s.end && s.text[s.at+1] != ' '
	}
	return true
}

// scalar returns the node of a plain scalar that begins here.
func (s *scanner) scalar(text string) *yaml.Node {
	n := s.node(yaml.ScalarNode, plainTag(text))
	n.Value = text
	return n
}

// plain reads a plain scalar that ends in its line.
func (s *scanner) plain() *yaml.Node {
	if !s.beginsPlain() {
		return nil
	}
	end := s.end
	for i := s.at + 1; i < s.end; i++ {
		if c := s.text[i]; c == ':' && (i+1 == s.end || s.text[i+1] == ' ') {
			return nil
		} else if c == '#' && s.text[i-1] == ' ' {
			end = i
			break
		}
	}
	text := strings.TrimRight(s.text[s.at:end], " ")
	if text == "<<" {
		return nil
	}
	n := s.scalar(text)
	s.at += len(text)
	return n
}

// plainTag is the type of a plain scalar, as yaml/v3 resolves it.
func plainTag(text string) string {
	switch c := text[0]; {
	case strings.IndexByte("yYnNtTfFoO", c) >= 0:
		switch text {
		case "true", "True", "TRUE", "false", "False", "FALSE":
			return "!!bool"
		case "null", "Null", "NULL":
			return "!!null"
		}
		return "!!str"
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '/':
		return "!!str"
	case text == "0", '1' <= c && c <= '9' && len(text) <= 18 && strings.Trim(text, "0123456789") == "":
		return "!!int"
	}
	return (&yaml.Node{Kind: yaml.ScalarNode, Value: text}).ShortTag()
}

// quoted reads a quoted scalar that ends in its line.
func (s *scanner) quoted() *yaml.Node {
	start, quote := s.at, s.text[s.at]
	escaped, i := false, start+1
	for ; i < s.end; i++ {
		c := s.text[i]
		if c == '\\' && quote == '"' || c == '\'' && quote == '\'' && i+1 < s.end && s.text[i+1] == '\'' {
			escaped = true
			i++
		} else if c == quote {
			break
		}
	}
	if i >= s.end {
		return nil
	}
	value := s.text[start+1 : i]
	n := s.node(yaml.ScalarNode, "!!str")
	n.Style = yaml.SingleQuotedStyle
	if quote == '"' {
		n.Style = yaml.DoubleQuotedStyle
	}
	if escaped {
		var ok bool
		if value, ok = unescape(value, quote); !ok {
			return nil
		}
	}
	n.Value, s.at = value, i+1
	return n
}

// unescape writes the common escapes out.
func unescape(text string, quote byte) (value string, ok bool) {
	if quote == '\'' {
		return strings.ReplaceAll(text, "''", "'"), true
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			b.WriteByte(text[i])
			continue
		}
		i++
		switch text[i] {
		case '"', '\\':
			b.WriteByte(text[i])
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		default:
			return "", false
		}
	}
	return b.String(), true
}

// literal reads a literal block, further in than parent.
func (s *scanner) literal(parent int) *yaml.Node {
	n := s.node(yaml.ScalarNode, "!!str")
	n.Style = yaml.LiteralStyle
	s.at++
	chomp := byte(0)
	if s.at < s.end && (s.text[s.at] == '-' || s.text[s.at] == '+') {
		chomp = s.text[s.at]
		s.at++
	}
	if s.lineDone(); s.at != s.end || s.end == len(s.text) {
		return nil
	}
	lines, ok := s.literalLines(parent)
	if !ok {
		return nil
	}
	last := len(lines)
	for last > 0 && lines[last-1] == "" {
		last--
	}
	n.Value = strings.Join(lines[:last], "\n")
	switch chomp {
	case 0:
		n.Value += "\n"
	case '+':
		n.Value += strings.Repeat("\n", len(lines)-last+1)
	}
	if s.next(); s.indent > parent {
		return nil
	}
	return n
}

// literalLines reads the lines of a literal block from the next line on, without
// their indentation. At least one has something in it.
func (s *scanner) literalLines(parent int) (lines []string, ok bool) {
	indent := 0
	for s.end < len(s.text) {
		line, begin, end := s.line, s.begin, s.end
		s.line, s.begin = s.line+1, s.end+1
		s.endLine()
		text := s.text[s.begin:s.end]
		spaces := len(text) - len(strings.TrimLeft(text, " "))
		switch {
		case s.end == len(s.text) && text != "": // no newline at the end
			return nil, false
		case indent == 0 && text == "" && s.end < len(s.text):
			lines = append(lines, "")
			continue
		case indent == 0:
			if indent = spaces; spaces <= parent || spaces == 0 || spaces == len(text) {
				return nil, false
			}
		case spaces < indent && spaces < len(text), s.end == len(s.text):
			s.line, s.begin, s.end = line, begin, end
			return lines, true
		}
		lines = append(lines, text[min(indent, len(text)):])
	}
	return lines, indent > 0
}
