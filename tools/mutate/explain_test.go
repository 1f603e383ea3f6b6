package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExplanationsAreReadParagraphByParagraph(t *testing.T) {
	all, err := parseExplanations("f.txt", strings.NewReader(`
# A comment,
# in two lines.
in (*Spec).Step
- if a  <	b {
+ if a <= b {
# and one between.
- x++
+ x--
= They are never equal,
= and x is not read.

in const limit
- const limit = 8
+
= A line may vanish.
`))
	if err != nil {
		t.Fatal(err)
	}
	var got []change
	for _, e := range all {
		got = append(got, e.change)
	}
	want := []change{
		{"(*Spec).Step", "if a < b {", "if a <= b {"},
		{"(*Spec).Step", "x++", "x--"},
		{"const limit", "const limit = 8", ""},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(change{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestExplanationsThatAreNone(t *testing.T) {
	const order = `after "in" come pairs of "- before" and "+ after", and then the reason, "= why"`
	for _, row := range []struct{ text, want string }{
		{"- a\n", `f.txt:1:1: a paragraph begins with the function: "in (*Spec).Step"`},
		{"in\n", `f.txt:1:1: a paragraph begins with the function: "in (*Spec).Step"`},
		{"in f\nin g\n", "f.txt:2:1: " + order},
		{"in f\n+ a\n", "f.txt:2:1: " + order},
		{"in f\n-\n", "f.txt:2:1: " + order},
		{"in f\n= why\n", "f.txt:2:1: " + order},
		{"in f\n- a\n- b\n", "f.txt:3:1: " + order},
		{"in f\n- a\n= why\n", "f.txt:3:1: " + order},
		{"in f\n- a\n+ b\n=\n", "f.txt:4:1: " + order},
		{"in f\n- a\n+ b\n= why\n- a\n", "f.txt:5:1: " + order},
		{"in f\n- a\n+ b\n\n", `f.txt:4:1: no reason for what happens in f: say it in a line "= why"`},
		{"in f\n- a\n+ b\n", `f.txt: at its end: no reason for what happens in f: say it in a line "= why"`},
		{"in f\n- a\n" + strings.Repeat("x", 1<<20), "f.txt: bufio.Scanner: token too long"},
	} {
		_, err := parseExplanations("f.txt", strings.NewReader(row.text))
		if err == nil || err.Error() != row.want {
			t.Errorf("%.40q: error %v, want %s", row.text, err, row.want)
		}
	}
}

func TestOneExplanationExcusesOneMutant(t *testing.T) {
	all, err := parseExplanations("f.txt", strings.NewReader("in f\n- a\n+ b\n= why\n"))
	if err != nil {
		t.Fatal(err)
	}
	m := &mutant{in: "f", before: "a", after: "b"}
	for i, want := range []bool{true, false} {
		if got := excuse(all, m); got != want {
			t.Errorf("call %d: %t, want %t", i+1, got, want)
		}
	}
}

func FuzzExplanations(f *testing.F) {
	f.Add("in f\n- a\n+ b\n= why\n")
	f.Add("in f\n- a\n+\n= why\n= still\n\nin g\n- a\n+ b\n= why")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := parseExplanations("f.txt", strings.NewReader(text))
		if err != nil {
			return
		}
		for _, e := range all {
			if e.in == "" || e.before == "" || e.line < 1 {
				t.Errorf("read %+v", e)
			}
		}
	})
}
