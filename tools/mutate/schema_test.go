package main

import (
	"go/token"
	"go/types"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fates tells of every mutant what it becomes and how it is to be tried.
func (l laboratory) fates(t *testing.T, text string) map[string]string {
	t.Helper()
	target := l.target(t, text)
	mutants := target.mutants(func(string) bool { return true })
	if _, err := target.schemata(mutants); err != nil {
		t.Fatal(err)
	}
	fates := map[string]string{}
	for _, m := range mutants {
		switch {
		case m.fate == uncompilable:
			fates[m.after] = "does not compile"
		case m.body != nil:
			fates[m.after] = "switched"
		case target.only(m) == nil:
			fates[m.after] = "alone, does not compile"
		default:
			fates[m.after] = "alone"
		}
	}
	return fates
}

func TestHowMutantsAreTried(t *testing.T) {
	lab := newLaboratory(t)
	for _, row := range []struct {
		name, text string
		want       map[string]string
	}{
		{
			"all copies of a body together", "package p\n\nfunc f(a, b int) (c int) {\n\treturn a + b // nothing follows\n}\n",
			map[string]string{"return a - b // nothing follows": "switched"},
		},
		{
			"one that does not compile", "package p\n\nfunc f(a [2]int) int {\n\treturn a[1]\n}\n",
			map[string]string{"return a[2]": "does not compile", "return a[0]": "switched"},
		},
		{
			"an operand left out that alone uses a variable", "package p\n\nfunc f(a, b int) bool {\n\tc := a\n\treturn a != b && a != c\n}\n",
			map[string]string{
				"return a != b || a != c": "switched", "return a != b": "switched", "return a != c": "switched",
				"return a < b && a != c": "switched", "return a > b && a != c": "switched", "return a == b && a != c": "switched",
				"return a != b && a < c": "switched", "return a != b && a > c": "switched", "return a != b && a == c": "switched",
			},
		},
		{
			"one that lets the function end without a result",
			"package p\n\nfunc f(a []int) int {\n\tfor {\n\t\tif g() {\n\t\t\tcontinue\n\t\t}\n\t\treturn 5\n\t}\n}\n\nfunc g() bool { return false }\n",
			map[string]string{
				"if !g() {": "alone", "break": "alone, does not compile", "return 6": "alone", "return 4": "alone",
				"func g() bool { return true }": "switched",
			},
		},
		{
			"a function with a label", "package p\n\nfunc f(a []int) {\nloop:\n\tfor range a {\n\t\tif len(a) > 5 {\n\t\t\tbreak loop\n\t\t}\n\t}\n}\n",
			map[string]string{
				"if len(a) >= 5 {": "alone", "if len(a) != 5 {": "alone", "if len(a) <= 5 {": "alone",
				"if len(a) > 6 {": "alone", "if len(a) > 4 {": "alone",
			},
		},
		{
			"a constant", "package p\n\nconst limit = 5\n\nvar a [limit]int\n",
			map[string]string{"const limit = 6": "alone", "const limit = 4": "alone", "var a [(limit + 1)]int": "alone", "var a [(limit - 1)]int": "alone"},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			if diff := cmp.Diff(row.want, lab.fates(t, row.text)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestAnOperandLeftOutDecidesNothing evaluates what stands for a connective
// without one of its operands, which are connectives themselves.
func TestAnOperandLeftOutDecidesNothing(t *testing.T) {
	lab := newLaboratory(t)
	for _, code := range []string{"x && y", "x || y", "x || y || z", "x && y || z", "x || y && z", "x && y && z", "x && (y || z)", "(x || y) && z"} {
		p := lab.target(t, "package p\n\nfunc f(x, y, z bool) bool {\n\treturn "+code+"\n}\n")
		for _, m := range p.mutants(func(string) bool { return true }) {
			from, to := strings.Index(string(m.file.text), code), len(m.file.text)-len("\n}\n")
			for i := range 8 {
				values := strings.NewReplacer("x", strconv.FormatBool(i&1 > 0), "y", strconv.FormatBool(i&2 > 0), "z", strconv.FormatBool(i&4 > 0))
				shown, actual := strings.TrimPrefix(m.after, "return "), m.apply(from, to)
				if got, want := truth(t, values.Replace(actual)), truth(t, values.Replace(shown)); got != want {
					t.Errorf("%s: %s is %s, %s is %s", code, values.Replace(actual), got, values.Replace(shown), want)
				}
			}
		}
	}
}

func truth(t *testing.T, code string) string {
	v, err := types.Eval(token.NewFileSet(), nil, token.NoPos, code)
	if err != nil {
		t.Fatal(err)
	}
	return v.Value.String()
}
