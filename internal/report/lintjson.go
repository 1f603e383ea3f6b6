package report

import (
	"encoding/json"
	"io"

	"github.com/elasticctl/elasticctl/internal/lint"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// lintDocument is what lint -o json writes. Fields are added, never renamed or
// removed.
type lintDocument struct {
	Files    int           `json:"files"`
	Objects  int           `json:"objects"`
	Findings []lintFinding `json:"findings"`
	Skipped  []lintSkipped `json:"skipped"`
}

// lintPlace is where something stands; line and column count from 1, and are
// absent for a file as a whole.
type lintPlace struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

type lintFinding struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	lintPlace
	Object  string        `json:"object,omitempty"`
	Path    string        `json:"path,omitempty"`
	Message string        `json:"message"`
	Fix     string        `json:"fix,omitempty"`
	Edits   []lintEdit    `json:"edits,omitempty"`
	Related []lintRelated `json:"related,omitempty"`
}

// lintEdit is a part of the file, up to its end and without it, and what takes
// its place.
type lintEdit struct {
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"endLine"`
	EndColumn int    `json:"endColumn"`
	Text      string `json:"text"`
}

type lintRelated struct {
	lintPlace
	Message string `json:"message"`
}

type lintSkipped struct {
	lintPlace
	Reason string `json:"reason"`
	Hint   string `json:"hint,omitempty"`
}

// LintJSON writes a result as one JSON document.
func LintJSON(w io.Writer, r *lint.Result) error {
	doc := lintDocument{Files: len(r.Files), Objects: r.Objects, Findings: []lintFinding{}, Skipped: []lintSkipped{}}
	for i := range r.Findings {
		doc.Findings = append(doc.Findings, jsonFinding(&r.Findings[i]))
	}
	for _, s := range r.Skipped {
		doc.Skipped = append(doc.Skipped, lintSkipped{jsonPlace(s.Position), s.Reason, s.Hint})
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(doc)
}

func jsonFinding(f *lint.Finding) lintFinding {
	out := lintFinding{
		Rule: f.Rule, Severity: f.Severity.String(), lintPlace: jsonPlace(f.Position),
		Object: f.Object, Path: f.Path, Message: f.Message, Fix: f.Fix,
	}
	for _, p := range f.Patches {
		out.Edits = append(out.Edits, lintEdit{p.From.Line, p.From.Col, p.To.Line, p.To.Col, p.Text})
	}
	for _, r := range f.Related {
		out.Related = append(out.Related, lintRelated{jsonPlace(r.Position), r.Message})
	}
	return out
}

func jsonPlace(p yamlpos.Position) lintPlace { return lintPlace{p.File, p.Line, p.Col} }
