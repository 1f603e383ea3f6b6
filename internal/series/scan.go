package series

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// scanner reads JSON tokens from a stream through one buffer of fixed size.
// The first problem stays: from then on there is nothing more to read.
type scanner struct {
	r    io.Reader
	name string
	lim  limits

	buf      []byte
	pos, end int
	// base is the offset of buf[0] in the stream; line and lineStart, the
	// offset of its first byte, follow the newlines that space skips.
	base      int64
	line      int
	lineStart int64

	eof bool
	err error
}

func newScanner(name string, r io.Reader, lim limits) *scanner {
	return &scanner{r: r, name: name, lim: lim, line: 1, buf: make([]byte, 2*lim.token+4096)}
}

// fill makes room and reads more. It returns false at the end of the stream,
// on a read error, and when the buffer is full.
func (s *scanner) fill() bool {
	if s.eof || s.err != nil {
		return false
	}
	if s.pos > 0 {
		copy(s.buf, s.buf[s.pos:s.end])
		s.base += int64(s.pos)
		s.end -= s.pos
		s.pos = 0
	}
	if s.end == len(s.buf) {
		return false
	}
	for range 100 {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		if err != nil {
			s.eof = true
			s.readFailed(err)
		}
		if n > 0 || err != nil {
			return n > 0
		}
	}
	s.readFailed(io.ErrNoProgress)
	return false
}

func (s *scanner) readFailed(err error) {
	if errors.Is(err, io.EOF) {
		return
	}
	var e *Error
	if errors.As(err, &e) {
		s.err = e
		return
	}
	s.fail(err.Error(), "")
}

// fail records a problem at the current position, unless there is one already.
func (s *scanner) fail(text, hint string) {
	s.failAt(s.offset(), text, hint)
}

func (s *scanner) failAt(offset int64, text, hint string) {
	if s.err == nil {
		s.err = &Error{File: s.name, Line: s.line, Col: int(offset-s.lineStart) + 1, Text: text, Hint: hint}
	}
}

func (s *scanner) offset() int64 { return s.base + int64(s.pos) }

// space skips white space and returns the next byte without taking it, or 0
// at the end of the stream.
func (s *scanner) space() byte {
	for s.err == nil {
		if s.pos == s.end {
			if !s.fill() {
				return 0
			}
			continue
		}
		switch c := s.buf[s.pos]; c {
		case '\n':
			s.line++
			s.lineStart = s.offset() + 1
		case ' ', '\t', '\r':
		case 0:
			s.fail("a zero byte", "this is not JSON text")
		default:
			return c
		}
		s.pos++
	}
	return 0
}

// next takes the next byte after white space if it is c, and else fails. what
// says where we are, for the message.
func (s *scanner) next(c byte, what string) bool {
	got := s.space()
	if s.err != nil {
		return false
	}
	if got != c {
		s.unexpected(got, fmt.Sprintf("%q in %s", c, what))
		return false
	}
	s.pos++
	return true
}

func (s *scanner) unexpected(got byte, want string) {
	if got == 0 {
		s.fail("the JSON ends early, where "+want+" should follow", "the file is truncated: fetch it again")
		return
	}
	s.fail(fmt.Sprintf("unexpected %q, want %s", got, want), "")
}

// more is the comma of a list: it takes ',' and returns true, or takes the
// closing byte and returns false. first says that nothing was read yet.
func (s *scanner) more(closing byte, first bool, what string) bool {
	c := s.space()
	switch {
	case s.err != nil:
		return false
	case c == closing:
		s.pos++
		return false
	case first:
		return true
	case c != ',':
		s.unexpected(c, fmt.Sprintf("',' or %q in %s", closing, what))
		return false
	}
	s.pos++
	if s.space() == closing {
		s.fail(fmt.Sprintf("unexpected %q after a comma in %s", closing, what), "")
		return false
	}
	return s.err == nil
}

// raw takes a string and returns what stands between its quotes, escapes and
// all; it is valid until the next call.
func (s *scanner) raw(what string) []byte {
	if !s.next('"', what) {
		return nil
	}
	for s.err == nil {
		i := stringEnd(s.buf[s.pos:s.end])
		if i > s.lim.token || i < 0 && s.end-s.pos > s.lim.token {
			s.fail(fmt.Sprintf("a string of more than %d bytes in %s", s.lim.token, what), "")
			return nil
		}
		if i >= 0 {
			b := s.take(i)
			s.pos++
			return b
		}
		if !s.fill() { // an escape may be cut in half: all of it is looked at again
			s.unexpected(0, `the closing '"' of `+what)
		}
	}
	return nil
}

// stringEnd returns the index of the first unescaped quote, or -1.
func stringEnd(b []byte) int {
	for i := 0; i < len(b); i++ {
		q := bytes.IndexByte(b[i:], '"')
		if q < 0 {
			return -1
		}
		e := bytes.IndexByte(b[i:i+q], '\\')
		if e < 0 {
			return i + q
		}
		i += e + 1 // and the byte that it escapes
	}
	return -1
}

// str takes a string and returns what it means.
func (s *scanner) str(what string) string {
	s.space()
	at := s.offset()
	b := s.raw(what)
	if s.err != nil {
		return ""
	}
	if !utf8.Valid(b) {
		s.failAt(at, "invalid UTF-8 in "+what, "")
		return ""
	}
	plain := true
	for _, c := range b {
		plain = plain && c >= 0x20 && c != '\\'
	}
	if plain {
		return string(b)
	}
	var out string
	if err := json.Unmarshal([]byte(`"`+string(b)+`"`), &out); err != nil {
		s.failAt(at, "a string that is not JSON in "+what, "")
	}
	return out
}

// number takes the bytes of a number; they are valid until the next call.
func (s *scanner) number(what string) []byte {
	if c := s.space(); s.err != nil || c != '-' && (c < '0' || c > '9') {
		s.unexpected(c, "a number in "+what)
		return nil
	}
	for n := 0; ; n++ {
		if s.pos+n == s.end && !s.fill() {
			if s.err == nil && !s.eof {
				s.fail("a number without end in "+what, "")
			}
			return s.take(n)
		}
		switch c := s.buf[s.pos+n]; {
		case c >= '0' && c <= '9', c == '.', c == '-', c == '+', c == 'e', c == 'E':
		default:
			return s.take(n)
		}
	}
}

func (s *scanner) take(n int) []byte {
	b := s.buf[s.pos : s.pos+n]
	s.pos += n
	return b
}

// skip takes any value, checking that it is JSON.
func (s *scanner) skip(what string, depth int) {
	if depth > s.lim.depth {
		s.fail(fmt.Sprintf("nested more than %d deep in %s", s.lim.depth, what), "this is not an answer of Prometheus")
		return
	}
	switch s.space() {
	case '{':
		s.object(what, func(string) { s.skip(what, depth+1) })
	case '[':
		s.list(what, func() { s.skip(what, depth+1) })
	case '"':
		s.str(what)
	default:
		s.atom(what)
	}
}

// object takes an object, calling value for each key with the value ahead.
func (s *scanner) object(what string, value func(key string)) {
	if !s.next('{', what) {
		return
	}
	for first := true; s.more('}', first, what); first = false {
		key := s.str("a key of " + what)
		if s.next(':', what) {
			value(key)
		}
	}
}

// list takes an array, calling value with each element ahead.
func (s *scanner) list(what string, value func()) {
	if !s.next('[', what) {
		return
	}
	for first := true; s.more(']', first, what); first = false {
		value()
	}
}

// atom takes true, false, null or a number.
func (s *scanner) atom(what string) {
	c := s.space()
	at := s.offset()
	for _, word := range []string{"true", "false", "null"} {
		if c == word[0] {
			s.word(word, what)
			return
		}
	}
	if n := s.number(what); s.err == nil && !json.Valid(n) {
		s.failAt(at, fmt.Sprintf("%q is not a number in %s", n, what), "")
	}
}

func (s *scanner) word(word, what string) {
	for i := range len(word) {
		if s.pos == s.end && !s.fill() {
			s.unexpected(0, word+" in "+what)
			return
		}
		if s.buf[s.pos] != word[i] {
			s.unexpected(s.buf[s.pos], word+" in "+what)
			return
		}
		s.pos++
	}
}
