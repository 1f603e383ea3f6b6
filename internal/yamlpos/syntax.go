package yamlpos

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// explainSyntax turns an error of yaml/v3, which knows at best a line, and not
// always the right one, into a problem with a position and plain words.
func explainSyntax(data []byte, err error) Problem {
	line, msg := splitError(err)
	if strings.Contains(msg, "exceeded max depth") {
		return onLine(data, max(line, 1), tooDeep, "")
	}
	if isJSON(data) {
		if p := jsonProblem(data); p != nil {
			return *p
		}
	}
	if i := templateAt(data); i >= 0 {
		return *at(data, i, "not YAML: a template expression {{ … }} stands here", templateHint)
	}
	switch {
	case strings.HasPrefix(msg, "unknown anchor"):
		return unknownAnchor(data, msg)
	case strings.HasPrefix(msg, "found character that cannot start any token"),
		strings.HasPrefix(msg, "found a tab character"):
		return badCharacter(data, max(line, 1))
	case strings.HasPrefix(msg, "mapping values are not allowed"):
		return strayColon(data, max(line, 1))
	case strings.HasPrefix(msg, "found unexpected end of stream"):
		if failsAfter(data, 1, msg) {
			line = 1
		}
		return onLine(data, line, "not YAML: a quoted text is opened here and never closed", "close the quote, or quote the whole value")
	case strings.HasPrefix(msg, "did not find expected ',' or"):
		return onLine(data, line+1, "not YAML: a bracket is opened and never closed, or a comma is missing", "")
	case strings.HasPrefix(msg, "did not find expected key"), strings.HasPrefix(msg, "did not find expected '-'"):
		return onLine(data, firstFailing(data, line+1, msg), "not YAML: this line does not fit those before it", "check its indentation")
	case strings.HasPrefix(msg, "could not find expected ':'"):
		return onLine(data, line, `not YAML: expected "key: value"`, `check the indentation, and write a space after the ":"`)
	}
	return onLine(data, firstFailing(data, line+1, msg), "not YAML: "+msg, "")
}

// templateAt is where a template expression begins that is a line, or a value; -1
// where there is none.
func templateAt(data []byte) int {
	for from := 0; ; {
		i := bytes.Index(data[from:], []byte("{{"))
		if i < 0 {
			return -1
		}
		i += from
		before := bytes.TrimRight(data[:i], " \t")
		switch {
		case len(before) == 0, before[len(before)-1] == '\n':
			return i
		case len(before) < i && data[len(before)] == ' ' && (before[len(before)-1] == ':' || before[len(before)-1] == '-'):
			return i
		}
		from = i + 1
	}
}

const (
	templateHint = "render it first, for example with: helm template … | elasticctl … -f -"
	tooDeep      = "nested more than 100 levels deep"
)

// splitError takes "yaml: line 3: text" apart; the line is 0 where it is not
// given.
func splitError(err error) (line int, msg string) {
	msg = strings.TrimPrefix(err.Error(), "yaml: ")
	m := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(msg)
	if m == nil {
		return 0, msg
	}
	line, _ = strconv.Atoi(m[1]) // digits by the expression
	return line, msg[len(m[0]):]
}

// firstFailing returns the first line with which the parser fails in this way:
// it reads top-down, so what fails after n lines also fails after more. In a
// large input, where that takes too long, it is the parser's own guess.
func firstFailing(data []byte, guess int, msg string) int {
	const large = 256 << 10
	if len(data) > large {
		return guess
	}
	low, high := 1, 1+bytes.Count(data, []byte{'\n'})
	for low < high {
		mid := (low + high) / 2
		if failsAfter(data, mid, msg) {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return low
}

// failsAfter says whether the first lines alone fail with msg.
func failsAfter(data []byte, lines int, msg string) bool {
	end := 0
	for ; lines > 0; lines-- {
		i := bytes.IndexByte(data[end:], '\n')
		if i < 0 {
			end = len(data)
			break
		}
		end += i + 1
	}
	_, err := parseNodes(data[:end])
	if err == nil {
		return false
	}
	_, m := splitError(err)
	return m == msg
}

// lineAt returns the line's offset and text; the last one if there are fewer.
func lineAt(data []byte, line int) (offset int, text []byte) {
	for ; line > 1; line-- {
		i := bytes.IndexByte(data[offset:], '\n')
		if i < 0 || offset+i+1 >= len(data) {
			break
		}
		offset += i + 1
	}
	text, _, _ = bytes.Cut(data[offset:], []byte{'\n'})
	return offset, bytes.TrimRight(text, "\r")
}

// onLine returns a problem at the first word of a line.
func onLine(data []byte, line int, text, hint string) Problem {
	offset, s := lineAt(data, line)
	return *at(data, offset+len(s)-len(bytes.TrimLeft(s, " \t")), text, hint)
}

func unknownAnchor(data []byte, msg string) Problem {
	name := strings.TrimSuffix(strings.TrimPrefix(msg, "unknown anchor '"), "' referenced")
	i := max(0, bytes.Index(data, []byte("*"+name)))
	return *at(data, i, fmt.Sprintf("alias *%s: there is no anchor &%s before it", clip(name), clip(name)),
		"define the anchor, or quote a value that begins with *")
}

// badCharacter explains a character that no value can begin with.
func badCharacter(data []byte, line int) Problem {
	offset, s := lineAt(data, line)
	indent := len(s) - len(bytes.TrimLeft(s, " \t"))
	if i := bytes.IndexByte(s[:indent], '\t'); i >= 0 {
		return *at(data, offset+i, "not YAML: a tab in the indentation", "indent with spaces")
	}
	m := regexp.MustCompile("(?:^|[:\\-,\\[{] *)([@`%\t])").FindSubmatchIndex(s[indent:])
	if m == nil {
		return onLine(data, line, "not YAML: a character here cannot begin a value", "quote the value")
	}
	i := indent + m[2]
	return *at(data, offset+i, fmt.Sprintf("not YAML: a value cannot begin with %q", s[i]), "quote the value")
}

// strayColon explains a second ": " in a line, or a key under a scalar.
func strayColon(data []byte, line int) Problem {
	offset, s := lineAt(data, line)
	first := bytes.Index(s, []byte(": "))
	if first >= 0 {
		if second := bytes.Index(s[first+2:], []byte(": ")); second >= 0 {
			return *at(data, offset+first+2+second, `not YAML: a second ":" in one line`, `quote a value that contains ": "`)
		}
	}
	return onLine(data, line, "not YAML: no key can stand here", "check the indentation of this line and the one before")
}

// jsonProblem explains what the JSON parser says; nil when it is content.
func jsonProblem(data []byte) *Problem {
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	for {
		var v json.RawMessage
		err := dec.Decode(&v)
		var syntax *json.SyntaxError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return at(data, len(bytes.TrimRight(data, " \t\r\n")), "not JSON: it ends too early", "was the file cut off?")
		case errors.As(err, &syntax):
			return at(data, min(len(data), max(0, int(syntax.Offset)-1)), "not JSON: "+syntax.Error(), "")
		case err != nil:
			return nil
		}
	}
}
