package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/elasticctl/elasticctl/internal/lint"
)

// LintGitHub writes findings as workflow commands, which GitHub Actions shows
// beside the lines they are about.
func LintGitHub(w io.Writer, r *lint.Result) error {
	var out bytes.Buffer
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for i := range r.Findings {
		f := &r.Findings[i]
		command := map[lint.Severity]string{lint.Error: "error", lint.Warning: "warning", lint.Info: "notice"}[f.Severity]
		fmt.Fprintf(&out, "::%s file=%s", command, property.Replace(filepath.ToSlash(f.File)))
		if f.Line > 0 {
			fmt.Fprintf(&out, ",line=%d,col=%d", f.Line, f.Col)
		}
		fmt.Fprintf(&out, ",title=%s::%s\n", property.Replace(f.Rule), data.Replace(f.Message+after("\nfix: ", f.Fix)))
	}
	_, err := w.Write(out.Bytes())
	return err
}

// gitlabIssue is one entry of a Code Quality report.
type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
}

// LintGitLab writes findings as a Code Quality report of GitLab.
func LintGitLab(w io.Writer, r *lint.Result) error {
	issues := []gitlabIssue{}
	prints := fingerprints(r)
	for i := range r.Findings {
		f := &r.Findings[i]
		issues = append(issues, gitlabIssue{
			Description: f.Message + after("; ", f.Fix), CheckName: f.Rule, Fingerprint: prints[i],
			Severity: map[lint.Severity]string{lint.Error: "critical", lint.Warning: "minor", lint.Info: "info"}[f.Severity],
			Location: gitlabLocation{filepath.ToSlash(f.File), gitlabLines{max(1, f.Line)}},
		})
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(issues)
}

// What of JUnit's XML is written: a suite for each file, in it a case for each
// finding, or one that passes.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name      string        `xml:"name,attr"`
		Class     string        `xml:"classname,attr"`
		File      string        `xml:"file,attr,omitempty"`
		Line      int           `xml:"line,attr,omitempty"`
		Failure   *junitFailure `xml:"failure"`
		SystemOut string        `xml:"system-out,omitempty"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// LintJUnit writes a result as JUnit's XML. Findings of a severity from failOn on
// are failures, the others are cases that pass and say something.
func LintJUnit(w io.Writer, r *lint.Result, failOn lint.Severity) error {
	place := map[string]int{}
	doc := junitSuites{}
	for _, file := range r.Files {
		place[file] = len(doc.Suites)
		doc.Suites = append(doc.Suites, junitSuite{Name: file})
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		at, ok := place[f.File]
		if !ok { // a configuration's suppression
			at = len(doc.Suites)
			place[f.File] = at
			doc.Suites = append(doc.Suites, junitSuite{Name: f.File})
		}
		doc.Suites[at].Cases = append(doc.Suites[at].Cases, asJUnit(f, failOn))
	}
	for i := range doc.Suites {
		s := &doc.Suites[i]
		if len(s.Cases) == 0 {
			s.Cases = []junitCase{{Name: "no findings", Class: s.Name}}
		}
		s.count()
		doc.Tests, doc.Failures = doc.Tests+s.Tests, doc.Failures+s.Failures
	}
	out := bytes.NewBufferString(xml.Header)
	e := xml.NewEncoder(out)
	e.Indent("", "  ")
	if err := e.Encode(doc); err != nil {
		return err
	}
	out.WriteByte('\n')
	_, err := w.Write(out.Bytes())
	return err
}

func (s *junitSuite) count() {
	s.Tests = len(s.Cases)
	for i := range s.Cases {
		if s.Cases[i].Failure != nil {
			s.Failures++
		}
	}
}

func asJUnit(f *lint.Finding, failOn lint.Severity) junitCase {
	one := junitCase{Name: fmt.Sprintf("%s %d:%d", f.Rule, f.Line, f.Col), Class: f.Object, File: f.File, Line: f.Line}
	if one.Class == "" {
		one.Class = f.File
	}
	text := fmt.Sprintf("%s: %s: %s", f.Position, f.Severity, f.Message) + after("\nfix: ", f.Fix)
	if f.Severity < failOn {
		one.SystemOut = text
		return one
	}
	one.Failure = &junitFailure{Message: f.Message, Type: f.Severity.String(), Text: text}
	return one
}
