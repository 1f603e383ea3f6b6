package yamlpos

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// write writes a tree, all but its comments.
func write(b *strings.Builder, n *yaml.Node) {
	fmt.Fprintf(b, "%d:%d kind %d style %d %s %q anchor %q (", n.Line, n.Column, n.Kind, n.Style, n.Tag, n.Value, n.Anchor)
	for _, child := range n.Content {
		write(b, child)
	}
	b.WriteString(")\n")
}

func written(roots []*yaml.Node) string {
	var b strings.Builder
	for _, root := range roots {
		write(&b, root)
	}
	return b.String()
}

// sameAsYAML holds what the scanner reads against yaml/v3, and says whether it read
// it.
func sameAsYAML(t *testing.T, text string) bool {
	t.Helper()
	roots, ok := scanDocuments(text)
	if !ok {
		return false
	}
	want, err := parseNodes([]byte(text))
	if err != nil {
		if !strings.Contains(err.Error(), "gave up") {
			t.Fatalf("read %q\nas   %s\nyaml %v", text, written(roots), err)
		}
		return true
	}
	if got, want := written(roots), written(want); got != want {
		t.Fatalf("read %q\nas   %s\nyaml %s", text, got, want)
	}
	return true
}

const scanned = `# a comment
a: 1
"b c": 'it''s' # another
d:
- x: 1
  y: [1, "2", {z: 3, "w":4}, [], {}]
-   - deep
    - null
- # nothing
-
  own: ~
e:
    text: |
      one

        two
      three
    strip: |-
      x # no comment
    keep: |+
      y

  # less
f: {a: b c,
  d: https://example.com:80/x, e: [x,
y]}
g: "tab\t quote\" backslash\\ line\n"
é: ü # ö
h:

i: -1.5e3
---
---
# nothing here
---
- 0x10
- 2001-01-01
- .5
-x: -y
`

func TestScanReadsWhatManifestsAreWrittenIn(t *testing.T) {
	if sameAsYAML(t, strings.TrimSuffix(scanned, "-x: -y\n")) != true {
		t.Error("not read")
	}
	files, err := filepath.Glob("../../testdata/*/*/*.yaml")
	if err != nil || len(files) < 100 {
		t.Fatal(len(files), err)
	}
	read := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if sameAsYAML(t, string(data)) {
			read++
		}
	}
	if read < len(files)*9/10 {
		t.Errorf("read %d of %d files", read, len(files))
	}
}

func TestScanReadsEverySmallTextAsYAMLDoes(t *testing.T) {
	parts := []string{"a", ": ", ":", "- ", "\n", "\n ", "#", " #", "[", "]", "{", "}", ",", "\"", "|", "---", "1"}
	read := 0
	var longer func(text string, more int)
	longer = func(text string, more int) {
		if sameAsYAML(t, text) {
			read++
		}
		for _, part := range parts[:min(more, 1)*len(parts)] {
			longer(text+part, more-1)
		}
	}
	longer("", 4)
	if read < 5000 {
		t.Errorf("read %d texts", read)
	}
}

func TestScanLeavesWhatItIsNotSureOf(t *testing.T) {
	for _, text := range []string{
		"a: &x 1", "a: *x", "a: !!str 1", "a:\tb", "a: b\r\n", "%YAML 1.1\n---\na: b", "a: b\n c", "a: \"b\n  c\"", "a: >\n  b\n", "? a\n: b",
		"<<: {a: b}", "a: b: c", "a: - b", "a: [b", "a: [b: c]", "a: [b,]", "a : b", "a:\n  - b\n c: d", "- a\nb: c", "a\n", "a: \"\\u00e9\"",
		"a: |2\n   b\n", "a: |\n", "a: |\n  b", "\ufeffa: b", "a: \u2028b", "a: {b}", "a: {b: }", "a: @b", "...\na: b", "--- a", "a: b\n---x", "a: [#b]",
		"a: \"b\"#c", "a: [b\n---\n]", "a: b\n...\n", "{{ x }}: y", "a: {{ x }}", "a: {b:c}", "a: [b? c]", "a: [b\nc]", strings.Repeat("[", 200),
	} {
		if _, ok := scanDocuments(text); ok {
			t.Errorf("%q was read", text)
		}
	}
}

// FuzzScan holds the scanner against yaml/v3: what it reads is what that reads.
func FuzzScan(f *testing.F) {
	f.Add(scanned)
	for _, part := range strings.SplitAfter(scanned, "\n") {
		f.Add(part)
	}
	files, err := filepath.Glob("../../testdata/lint/*/wrong.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files[:min(20, len(files))] {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) < 4096 {
			sameAsYAML(t, text)
		}
	})
}
