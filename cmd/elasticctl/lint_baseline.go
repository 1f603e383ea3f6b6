package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"github.com/elasticctl/elasticctl/internal/lint"
)

// keep writes the findings as a baseline.
func (o lintOptions) keep(std streams, r *lint.Result) error {
	var b bytes.Buffer
	if err := r.Baseline().Write(&b); err != nil {
		return err
	}
	if err := writeAtomic(o.writeBaseline, b.Bytes()); err != nil {
		return err
	}
	fmt.Fprintf(std.err, "%s holds %s; --baseline %s leaves %s out from now on\n", o.writeBaseline,
		counted(len(r.Findings), "finding"), o.writeBaseline, one(len(r.Findings), "it", "them"))
	return nil
}

// known is the baseline; nil where there is none.
func (o lintOptions) known() (*lint.Baseline, error) {
	if o.baseline == "" {
		return nil, nil
	}
	f, err := os.Open(o.baseline)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.baseline, errors.Unwrap(err))
	}
	defer f.Close()
	b, err := lint.ReadBaseline(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.baseline, err)
	}
	return b, nil
}

// subtract leaves out the findings of the baseline, and says so.
func (o lintOptions) subtract(std streams, r *lint.Result, b *lint.Baseline) {
	known, gone := r.Subtract(b)
	text := counted(known, "known finding") + " left out"
	if gone > 0 {
		text += fmt.Sprintf("; %d of %s %s mended: --write-baseline %s forgets %s", gone, o.baseline, one(gone, "is", "are"), o.baseline, one(gone, "it", "them"))
	}
	fmt.Fprintln(std.err, text)
}

// counted is a number with its noun.
func counted(n int, noun string) string { return fmt.Sprintf("%d %s", n, one(n, noun, noun+"s")) }

// one is a word for one thing, or that for any other number of them.
func one(n int, singular, plural string) string {
	if n == 1 {
		return singular
	}
	return plural
}
