package series

import (
	"fmt"
	"strings"
)

// Error is something wrong with a recording. It prints as
// "file:line:col: text; hint", without what is unknown.
type Error struct {
	File string
	// Line and Col count from 1, Col in bytes; 0 is unknown.
	Line, Col int
	Text      string
	// Hint says how to mend it; may be empty.
	Hint string
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", e.Line, e.Col)
	}
	if e.File != "" {
		b.WriteString(": ")
	}
	b.WriteString(e.Text)
	if e.Hint != "" {
		b.WriteString("; ")
		b.WriteString(e.Hint)
	}
	return b.String()
}
