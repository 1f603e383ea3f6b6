package lint_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/elasticctl/elasticctl/internal/lint"
	"github.com/elasticctl/elasticctl/internal/report"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// hostile is a file that somebody made to bring a linter down, and what is said to
// it.
type hostile struct {
	name  string
	write func(w io.StringWriter) error
	says  string
}

const configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"

var hostiles = []hostile{
	{"aliases that double", aliasBomb, "f.yaml:9:31: error: aliases add more than 100000 values"},
	{"many aliases", lines(configMap+"data:\n  k: &a v\n", 120_000, "  k%d: *a\n"), "f.yaml:100006:12: error: aliases add more than 100000 values"},
	{"many anchors", lines(configMap+"data:\n", 190_000, "  k%d: &a%[1]d v\n"), "no findings: 1 object"},
	{"a huge anchor", repeated("a: &", "x", 15<<20), "no findings: 0 objects"},
	{"open brackets", repeated("a: ", "[", 8<<20), "f.yaml:1:400003: error: more than 400000 values"},
	{"deep brackets", repeated("a: ", "[", 300_000), "f.yaml:1:1: error: nested more than 100 levels deep"},
	{"deep lists", repeated("", "- ", 300_000), "f.yaml:1:1: error: nested more than 100 levels deep"},
	{"deep mappings", indented, "f.yaml:100:100: error: nested more than 100 levels deep"},
	{"a file of 100 MB", huge, "f.yaml: error: larger than 16 MiB"},
	{"a scalar of 15 MB", repeated(configMap+"data: {a: \"", "x", 15<<20), "f.yaml:4:1: error: not YAML: a quoted text is opened here and never closed"},
	{"a key of 8 MB", repeated("", "x", 8<<20), "no findings: 0 objects"},
	{"a line of 8 MB", repeated("a: b", " c", 4<<20), "no findings: 0 objects"},
	{"a million documents", lines("", 1_000_000, "---\na: %d\n"), "f.yaml:266668:2: error: more than 400000 values"},
	{"many documents", lines("", 130_000, "---\na: %d\n"), "no findings: 0 objects"},
	{"a million keys", lines(configMap+"data:\n", 1_000_000, "  k%d: v\n"), "f.yaml:200000:10: error: more than 400000 values"},
	{"many keys", lines(configMap+"data:\n", 199_000, "  k%d: v\n"), "no findings: 1 object"},
	{"many unknown fields", lines(configMap, 199_000, "k%d: v\n"), "too many problems; the others are not shown"},
	{"one key many times", lines(configMap+"data:\n", 199_000, "  k: v%d\n"), "too many problems; the others are not shown"},
	{"a List of a million items", lines("apiVersion: v1\nkind: List\nitems:\n", 1_000_000, "- a%d\n"), "f.yaml:200001:1: error: more than 400000 values"},
	{"a List of many items that are nothing", lines("apiVersion: v1\nkind: List\nitems:\n", 90_000, "- {a: %d}\n"), "too many problems in this file; the others are not shown"},
	{"a List in one line", repeated(`{"apiVersion":"v1","kind":"List","items":[{}`, ",{}", 190_000), "f.yaml:1:570045: error: not JSON: it ends too early"},
	{"tabs", repeated("", "\t", 8<<20), "f.yaml:1:1: error: not YAML: a tab in the indentation"},
	{"escapes", repeated(`{"a": "`, `\ud83d`, 1<<20), "f.yaml:1:6291464: error: not JSON: it ends too early"},
	{"template openings", repeated("a: ", "{{", 190_000), "f.yaml:1:1: error: nested more than 100 levels deep"},
	{"a mistake at the end", lines("", 130_000, "a%d: 1\n"), "no findings: 0 objects"},
}

// repeated writes a text once, and another so many times.
func repeated(once, text string, times int) func(io.StringWriter) error {
	return func(w io.StringWriter) error {
		if _, err := w.WriteString(once); err != nil {
			return err
		}
		const block = 4096
		for ; times >= block; times -= block {
			if _, err := w.WriteString(strings.Repeat(text, block)); err != nil {
				return err
			}
		}
		_, err := w.WriteString(strings.Repeat(text, times))
		return err
	}
}

// lines writes a text once, and so many numbered lines.
func lines(once string, times int, line string) func(io.StringWriter) error {
	return func(w io.StringWriter) error {
		if _, err := w.WriteString(once); err != nil {
			return err
		}
		var b strings.Builder
		for i := range times {
			fmt.Fprintf(&b, line, i)
			if b.Len() > 1<<16 || i == times-1 {
				if _, err := w.WriteString(b.String()); err != nil {
					return err
				}
				b.Reset()
			}
		}
		return nil
	}
}

// huge is a file of 100 MB, most of it a hole.
func huge(w io.StringWriter) error { return w.(*os.File).Truncate(100 << 20) }

func aliasBomb(w io.StringWriter) error {
	var b strings.Builder
	b.WriteString(configMap + "data:\n  a: &a [x,x,x,x,x,x,x,x,x,x]\n")
	for c := 'b'; c < 'k'; c++ {
		fmt.Fprintf(&b, "  %c: &%c [%s*%c]\n", c, c, strings.Repeat(fmt.Sprintf("*%c,", c-1), 9), c-1)
	}
	_, err := w.WriteString(b.String())
	return err
}

func indented(w io.StringWriter) error {
	var b strings.Builder
	for i := range 3000 {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	_, err := w.WriteString(b.String())
	return err
}

// file writes the hostile file into a directory.
func (h *hostile) file(dir string) (string, error) {
	name := filepath.Join(dir, "f.yaml")
	f, err := os.Create(name)
	if err != nil {
		return "", err
	}
	if err := h.write(f); err != nil {
		return "", err
	}
	return name, f.Close()
}

// lintText lints a file, or what a reader gives, as the command does.
func lintText(in *lint.Input) (string, error) {
	r, err := lint.Check(in, lint.Options{Tier: lint.All, Profile: hpa.LatestProfile()})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = report.LintText(&b, r, report.Style{})
	return b.String(), err
}

// BenchmarkHostile says how long hostile files take: 2 s at most.
func BenchmarkHostile(b *testing.B) {
	for _, h := range hostiles {
		b.Run(h.name, func(b *testing.B) {
			name, err := h.file(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if text, err := lintText(&lint.Input{Paths: []string{name}}); err != nil || !strings.Contains(text, h.says[strings.IndexByte(h.says, ' ')+1:]) {
					b.Fatal(err, text[:min(len(text), 1000)])
				}
			}
		})
	}
}
