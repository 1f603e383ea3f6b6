package yamlpos

import (
	"errors"
	"strings"
	"testing"
)

func TestParseSplitsDocumentsAndDropsEmptyOnes(t *testing.T) {
	docs, err := Parse("x.yaml", []byte("# head\nkind: A\n---\n---\n# nothing\n---\nkind: B\nmetadata: {name: b, namespace: n}\n...\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(docs) != 2 {
		t.Fatalf("%d documents, want 2", len(docs))
	}
	want := Header{Kind: "B", Namespace: "n", Name: "b"}
	if got := docs[1].Header(); got != want {
		t.Errorf("header %+v, want %+v", got, want)
	}
	if got := docs[1].At("kind").String(); got != "x.yaml:7:7" {
		t.Errorf("kind of the second document at %s", got)
	}
}

func TestParseReadsWhatEditorsWrite(t *testing.T) {
	for name, data := range map[string]string{
		"byte order mark": "\ufeffkind: A\nspec:\n  max: 3\n",
		"CRLF":            "kind: A\r\nspec:\r\n  max: 3\r\n",
		"JSON":            "{\"kind\":\"A\",\n \"spec\":{\n  \"max\":3}}",
		"JSON with tabs":  "{\n\t\"kind\": \"A\", \"spec\": {\n\t\"max\":3}}",
	} {
		t.Run(name, func(t *testing.T) {
			docs, err := Parse("f", []byte(data))
			if err != nil {
				t.Fatal(err)
			}
			if got := docs[0].At("spec.max"); got.Line != 3 || got.Col < 7 || got.Col > 9 {
				t.Errorf("spec.max at %s", got)
			}
			if k := docs[0].Header().Kind; k != "A" {
				t.Errorf("kind %q", k)
			}
		})
	}
}

func TestParseReadsSurrogatePairsOfJSON(t *testing.T) {
	docs, err := Parse("f", []byte(`{"a": "\\ud83d \ud83d\ude00 \u00e9 \\\ud83d\ude00"}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := docs[0].Text("a"); got != "\\ud83d \U0001f600 é \\\U0001f600" {
		t.Errorf("%q", got)
	}
}

func TestParseExplainsWhatIsNotYAML(t *testing.T) {
	long := strings.Repeat("a: 1\n", 2)
	for _, c := range []struct{ name, data, want string }{
		{"empty", "", "f: empty: expected at least one YAML or JSON document"},
		{"only comments", "# x\n---\n", "f: empty: expected at least one YAML or JSON document"},
		{"binary", "a: b\nc: \x00\n", "f:2:4: not YAML: control character 0x00; remove it; is this a text file?"},
		{"latin-1", "a: b\nc: caf\xe9\n", "f:2:7: not text: this is no UTF-8; save the file as UTF-8"},
		{"UTF-16", "\xff\xfea\x00", "f: this is UTF-16; save the file as UTF-8"},
		{"second colon", "a: b\nc: d: e\n", `f:2:5: not YAML: a second ":" in one line; quote a value that contains ": "`},
		{"indented key", "a: 1\n b: 2\n", "f:2:2: not YAML: no key can stand here; check the indentation of this line and the one before"},
		{"tab", "a:\n\tc: d\n", "f:2:1: not YAML: a tab in the indentation; indent with spaces"},
		{"bad dedent", "a:\n  - b\n c: d\n", "f:3:2: not YAML: this line does not fit those before it; check its indentation"},
		{"list after mapping", long[:5] + "- x\n", "f:2:1: not YAML: this line does not fit those before it; check its indentation"},
		{"mapping after list", "- a\nb: c\n", "f:2:1: not YAML: this line does not fit those before it; check its indentation"},
		{"open quote", "x: y\na: \"abc\nb: d\n", "f:2:1: not YAML: a quoted text is opened here and never closed; close the quote, or quote the whole value"},
		{"open quote in line 1", "a: 'x\nb: c\n", "f:1:1: not YAML: a quoted text is opened here and never closed; close the quote, or quote the whole value"},
		{"at sign", "a: 1\nb: @c\n", `f:2:4: not YAML: a value cannot begin with '@'; quote the value`},
		{"backquote in line 1", "a: `x`", "f:1:4: not YAML: a value cannot begin with '`'; quote the value"},
		{"unknown anchor", "q: 1\na: *x\n", "f:2:4: alias *x: there is no anchor &x before it; define the anchor, or quote a value that begins with *"},
		{"no colon", "a: 1\n\nb\nc: 3\n", `f:3:1: not YAML: expected "key: value"; check the indentation, and write a space after the ":"`},
		{"template", "a: 1\n{{- if .x }}\nb: 2\n{{- end }}\n", "f:2:1: not YAML: a template expression {{ … }} stands here; " + templateHint},
		{"template that reads as YAML", "a: 1\nb: {{ .Values.x }}\n", "f:2:4: a template expression {{ … }} stands here; " + templateHint},
		{"truncated JSON", "{\"a\": 1,\n\"b\": [2", "f:2:8: not JSON: it ends too early; was the file cut off?"},
		{"bad JSON", "{\"a\": 1,\n\"b\" 2]}", "f:2:5: not JSON: invalid character '2' after object key"},
		{"mapping as key", "? [a, b]\n: c\n", "f:1:3: a key must be a plain text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("f", []byte(c.data))
			if err == nil {
				t.Fatal("no error")
			}
			if err.Error() != c.want {
				t.Errorf("got  %s\nwant %s", err, c.want)
			}
			var p Problems
			if !errors.As(err, &p) {
				t.Errorf("error is a %T, not Problems", err)
			}
		})
	}
}

func TestParseRefusesHostileInput(t *testing.T) {
	laughs := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := 1; i < 9; i++ {
		a := "*a" + itoa(i-1)
		laughs += "a" + itoa(i) + ": &a" + itoa(i) + " [" + a + strings.Repeat(","+a, 9) + "]\n"
	}
	for _, c := range []struct{ name, data, want string }{
		{"billion laughs", laughs, "f:5:38: aliases add more than 100000 values; write the values out"},
		{"circle", "a: &x\n  b: *x\n", "f:2:6: alias *x stands inside what it refers to"},
		{"deep flow", strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "f:1:101: nested more than 100 levels deep"},
		{"too deep for the parser", strings.Repeat("[", 20000), "f:1:1: nested more than 100 levels deep"},
		{"deep by aliases", "a: &a " + strings.Repeat("[", 60) + strings.Repeat("]", 60) + "\nb: " + strings.Repeat("[", 60) + "*a" + strings.Repeat("]", 60), "f:2:64: nested more than 100 levels deep"},
		{"too many values", "a: [" + strings.Repeat("1,", MaxValues) + "1]", "f:1:2097154: more than 1048576 values; put long series into a recording of their own"},
		{"too large", "a: " + strings.Repeat("x", MaxBytes), "f: larger than 16 MiB; split it into several files"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("f", []byte(c.data))
			if err == nil {
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %s\nwant %s", err, c.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"a: 1\n", "a: &x [*x]\n", "\ufeffa: b\r\n", "{\"a\": [1, {\"b\": null}]}", "a: {{ x }}\n", "<<: [*a, 1]\n",
		"? a\n: b\n", "a: |\n  x\n y\n", "a: !!int abc\n---\n...\n", "- \"\\ud83d\\ude00\"", "a: 'x\n", "%YAML 1.1\n---\na: *b", "\tb: 1\n", "a: !!int\nb: !!int {}\nc: !!float\nd: !!bool\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, err := Parse("f", data)
		var problems Problems
		if err != nil && (!errors.As(err, &problems) || len(docs) > 0) {
			t.Fatalf("%d documents and a %T: %v", len(docs), err, err)
		}
		lines := 1 + strings.Count(string(data), "\n")
		for _, p := range problems {
			// yaml/v3 also breaks lines at \r, NEL, LS and PS.
			if p.Line < 0 || p.Line > lines+strings.Count(string(data), "\r")+strings.Count(string(data), "\u0085")+strings.Count(string(data), "\u2028")+strings.Count(string(data), "\u2029") {
				t.Errorf("line %d of %d: %v", p.Line, lines, p)
			}
			if p.Text == "" {
				t.Error("a problem without text")
			}
		}
		for _, d := range docs {
			var v any
			_ = d.Decode(&v) // must not panic
			d.Header()
		}
	})
}
