package yamlpos

import (
	"errors"
	"strings"
	"testing"
)

// embeddedIn parses the text at data[config.yaml] of a document.
func embeddedIn(t *testing.T, text string) ([]*Document, error) {
	t.Helper()
	docs, err := Parse("a.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	inner, ok, err := docs[len(docs)-1].Embedded("data[config.yaml]")
	if !ok {
		t.Fatal("no text")
	}
	return inner, err
}

func TestEmbeddedTextHasPositionsOfTheFile(t *testing.T) {
	for name, tc := range map[string]struct {
		text, want string
	}{
		"literal":              {"data:\n  config.yaml: |\n    rules:\n    - name: x\n", "a.yaml:4:13"},
		"literal, stripped":    {"data:\n  config.yaml: |-\n    rules:\n    - name: x", "a.yaml:4:13"},
		"indentation given":    {"data:\n  config.yaml: |2\n    rules:\n    - name: x\n", "a.yaml:4:13"},
		"blank lines first":    {"data:\n  config.yaml: |\n\n\n    rules:\n    - name: x\n", "a.yaml:6:13"},
		"deeper":               {"data:\n      config.yaml: |\n        rules:\n\n        - name: x\n", "a.yaml:5:17"},
		"second document":      {"a: 1\n---\ndata:\n  config.yaml: |\n    rules:\n    - name: x\n", "a.yaml:6:13"},
		"carriage returns":     {"data:\r\n  config.yaml: |\r\n    rules:\r\n    - name: x\r\n", "a.yaml:4:13"},
		"byte order mark":      {"\ufeffdata:\n  config.yaml: |\n    rules:\n    - name: x\n", "a.yaml:4:13"},
		"anchored elsewhere":   {"other: &text |\n  rules:\n  - name: x\ndata:\n  config.yaml: *text\n", "a.yaml:3:11"},
		"comment in between":   {"data:\n  config.yaml: |\n    # a comment\n    rules:\n    - name: x\n", "a.yaml:5:13"},
		"quoted, as a whole":   {"data:\n  config.yaml: \"rules:\\n- name: x\\n\"\n", "a.yaml:2:16"},
		"folded, as a whole":   {"data:\n  config.yaml: >\n    {rules: [\n    {name: x}]}\n", "a.yaml:2:16"},
		"JSON around it":       {`{"data": {"config.yaml": "rules: [{name: x}]"}}`, "a.yaml:1:26"},
		"unicode before":       {"data:\n  config.yaml: |\n    ü: [{name: ö}]\n    rules: [{name: x}]\n", "a.yaml:4:20"},
		"tab within a comment": {"data:\n  config.yaml: |\n    rules:\n    - name: x #\ty\n", "a.yaml:4:13"},
	} {
		t.Run(name, func(t *testing.T) {
			docs, err := embeddedIn(t, tc.text)
			if err != nil || len(docs) != 1 {
				t.Fatal(docs, err)
			}
			for range 2 {
				if got := docs[0].At("rules[0].name").String(); got != tc.want {
					t.Errorf("got %s, want %s", got, tc.want)
				}
				if line := docs[0].Line(docs[0].At("rules[0].name").Line); !strings.Contains(line, "x") && !strings.Contains(line, "config.yaml") {
					t.Errorf("the line there is %q", line)
				}
				docs[0].Forget()
			}
		})
	}
}

func TestProblemsInEmbeddedTextHavePositionsOfTheFile(t *testing.T) {
	for text, want := range map[string]string{
		"data:\n  config.yaml: |\n    rules: [\n":    "a.yaml:3",
		"data:\n  config.yaml: |\n    a: 1\n    a\n": "a.yaml:4",
		"data:\n  config.yaml: ''\n":                 "a.yaml:2:16",
	} {
		_, err := embeddedIn(t, text)
		var problems Problems
		if !errors.As(err, &problems) || !strings.HasPrefix(problems[0].String(), want) {
			t.Errorf("%q: %v, want it at %s", text, err, want)
		}
	}
	docs, err := embeddedIn(t, "data:\n  config.yaml: |\n    n: x\n")
	if err != nil {
		t.Fatal(err)
	}
	var into struct {
		N int `json:"n"`
	}
	if err := docs[0].Decode(&into); err == nil || !strings.HasPrefix(err.Error(), "a.yaml:3:8: n: ") {
		t.Error(err)
	}
}

func TestOnlyTextsAreEmbedded(t *testing.T) {
	docs, err := Parse("a.yaml", []byte("data: {config.yaml: {a: 1}, n: 1}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"data[config.yaml]", "data.n", "data.none"} {
		if _, ok, err := docs[0].Embedded(path); ok || err != nil {
			t.Error(path, ok, err)
		}
	}
}
