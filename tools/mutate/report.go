package main

import (
	"errors"
	"fmt"
	"io"
)

// report says what became of the mutants.
type report struct {
	*target
	mutants   []*mutant
	explained []*explanation
	// file is where the explanations are; partial says that not every mutant was
	// tried, so that some of them cannot be met.
	file    string
	partial bool
}

// write lists the survivors without an explanation, as the file would have
// them, and the explanations without a survivor; then it counts. Either is an
// error.
func (r *report) write(w io.Writer) error {
	var out []byte
	counts := map[fate]int{}
	functions := map[string]bool{}
	excused, open, stale := 0, 0, 0
	for _, m := range r.mutants {
		counts[m.fate]++
		functions[m.in] = true
		switch {
		case m.fate != survived:
		case excuse(r.explained, m):
			excused++
		default:
			open++
			out = fmt.Appendf(out, "%s: survived\nin %s\n- %s\n+ %s\n\n", m.position(r.fset), m.in, m.before, m.after)
		}
	}
	for _, e := range r.explained {
		if !e.used && (functions[e.in] || !r.partial) {
			stale++
			out = fmt.Appendf(out, "%s:%d: nothing like this survives in %s: %s\n\n", r.file, e.line, e.in, e.after)
		}
	}
	out = fmt.Appendf(out, "%d mutants: %d killed, %d not compiling, %d survived, %d of them explained\n",
		len(r.mutants), counts[killed], counts[uncompilable], counts[survived], excused)
	if _, err := w.Write(out); err != nil {
		return err
	}
	if open > 0 || stale > 0 {
		return errors.New("survivors without an explanation, or explanations without a survivor")
	}
	return nil
}
