package lint

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// A Baseline holds findings that were there before, so that only new ones count.
// A finding is known again by its rule, file, object and field, not by its line:
// lines move.
type Baseline struct {
	// Version is 1.
	Version  int     `json:"version"`
	Findings []Known `json:"findings"`
}

// Known is a finding of a baseline. Count says how many there are alike.
type Known struct {
	Rule   string `json:"rule"`
	File   string `json:"file"`
	Object string `json:"object,omitempty"`
	Path   string `json:"path,omitempty"`
	Count  int    `json:"count"`
}

func (f *Finding) known() Known {
	return Known{Rule: f.Rule, File: f.File, Object: f.Object, Path: f.Path}
}

// Baseline returns the findings as a baseline.
func (r *Result) Baseline() *Baseline {
	counts := map[Known]int{}
	for i := range r.Findings {
		counts[r.Findings[i].known()]++
	}
	b := &Baseline{Version: 1, Findings: []Known{}}
	for k, n := range counts {
		k.Count = n
		b.Findings = append(b.Findings, k)
	}
	slices.SortFunc(b.Findings, func(x, y Known) int {
		return cmp.Or(cmp.Compare(x.File, y.File), cmp.Compare(x.Object, y.Object), cmp.Compare(x.Path, y.Path), cmp.Compare(x.Rule, y.Rule))
	})
	return b
}

// Write writes a baseline as JSON.
func (b *Baseline) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(b)
}

// ReadBaseline reads what Write wrote.
func ReadBaseline(r io.Reader) (*Baseline, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	b := &Baseline{}
	if err := d.Decode(b); err != nil {
		return nil, fmt.Errorf("not a baseline: %w", err)
	}
	if b.Version != 1 {
		return nil, fmt.Errorf("a baseline of version %d; this elasticctl reads version 1", b.Version)
	}
	return b, nil
}

// Subtract leaves out the findings of a baseline and says how many; gone is how
// many of the baseline are not found any more.
func (r *Result) Subtract(b *Baseline) (known, gone int) {
	left := map[Known]int{}
	for _, k := range b.Findings {
		n := k.Count
		k.Count = 0
		left[k] += n
	}
	r.Findings = slices.DeleteFunc(r.Findings, func(f Finding) bool {
		k := f.known()
		if left[k] == 0 {
			return false
		}
		left[k]--
		known++
		return true
	})
	for _, n := range left {
		gone += n
	}
	return known, gone
}
