package main

import (
	"context"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// laboratory turns source text into targets.
type laboratory struct {
	fset    *token.FileSet
	exports types.Importer
}

func newLaboratory(t *testing.T) laboratory {
	fset := token.NewFileSet()
	exports, err := exportData(context.Background(), fset, "math", "os", "strconv", "time")
	if err != nil {
		t.Fatal(err)
	}
	return laboratory{fset, exports}
}

// target is a package of one file.
func (l laboratory) target(t *testing.T, text string) *target {
	t.Helper()
	p := &target{
		ImportPath: "p", fset: l.fset, exports: l.exports,
		sources: []*source{{path: "p.go", name: "p.go", text: []byte(text)}},
	}
	if err := p.parse(); err != nil {
		t.Fatal(err)
	}
	return p
}

// changesOf lists what the mutants make of the lines of a package.
func (l laboratory) changesOf(t *testing.T, text string) (all []string) {
	t.Helper()
	for _, m := range l.target(t, text).mutants(func(string) bool { return true }) {
		all = append(all, m.after)
	}
	return all
}

func TestOperators(t *testing.T) {
	lab := newLaboratory(t)
	for _, row := range []struct {
		name, before string
		// around is the function, with the line in it.
		around string
		want   []string
	}{
		{"less", "_ = a < b", "func f(a, b int) { @ }", []string{"_ = a <= b", "_ = a != b", "_ = a >= b"}},
		{"less or equal", "_ = a <= b", "func f(a, b float64) { @ }", []string{"_ = a < b", "_ = a == b", "_ = a > b"}},
		{"greater", "_ = a > b", "func f(a, b string) { @ }", []string{"_ = a >= b", "_ = a != b", "_ = a <= b"}},
		{"greater or equal", "_ = a >= b", "func f(a, b time.Duration) { @ }", []string{"_ = a > b", "_ = a == b", "_ = a < b"}},
		{"equal", "_ = a == b", "func f(a, b time.Duration) { @ }", []string{"_ = a <= b", "_ = a >= b", "_ = a != b"}},
		{"not equal", "_ = a != b", "func f(a, b int) { @ }", []string{"_ = a < b", "_ = a > b", "_ = a == b"}},
		{"equality without order", `_ = a == ""`, "func f(a string) { @ }", []string{`_ = a != ""`}},
		{"equality of enumerations", "_ = a == b", "type e int; func f(a, b e) { @ }", []string{"_ = a != b"}},
		{"a length and zero", "_ = len(a) == 0", "func f(a []int) { @ }", []string{"_ = len(a) != 0", "_ = len(a) == 1", "_ = len(a) == -1"}},
		{"and", "_ = a < b && b < c", "func f(a, b, c string) { @ }", []string{
			"_ = a < b || b < c", "_ = a < b", "_ = b < c",
			"_ = a <= b && b < c", "_ = a != b && b < c", "_ = a >= b && b < c",
			"_ = a < b && b <= c", "_ = a < b && b != c", "_ = a < b && b >= c",
		}},
		{"or", "_ = a || b", "func f(a, b bool) { @ }", []string{"_ = a && b", "_ = a", "_ = b", "_ = !a || b", "_ = a || !b"}},
		{"or in or", "_ = a() || b() && c()", "func a() bool; func b() bool; func c() bool; func f() { @ }", []string{
			"_ = a() && b() && c()", "_ = a()", "_ = b() && c()", "_ = !a() || b() && c()",
			"_ = a() || (b() || c())", "_ = a() || b()", "_ = a() || c()", "_ = a() || !b() && c()", "_ = a() || b() && !c()",
		}},
		{"condition", "if a.b {}", "type s struct { b bool }; func f(a s) { @ }", []string{"if !a.b {}"}},
		{"negation", "if !a[0] {}", "func f(a []bool) { @ }", []string{"if a[0] {}", "if !a[1] {}", "if !a[-1] {}"}},
		{"constants", "return true, false", "func f() (bool, bool) { @ }", []string{"return false, false", "return true, true"}},
		{"plus", "_ = a + b", "func f(a, b int) { @ }", []string{"_ = a - b"}},
		{"text", "_ = a + b", "func f(a, b string) { @ }", nil},
		{"minus in a product", "_ = a*(b-c)", "func f(a, b, c float64) { @ }", []string{"_ = a/(b-c)", "_ = a*(b+c)"}},
		{"division of integers", "_ = a / b", "func f(a, b int) { @ }", []string{"_ = a * b", "_ = (a + b - 1) / b"}},
		{"division of floats", "_ = a / b", "func f(a, b float64) { @ }", []string{"_ = a * b"}},
		{"remainder", "_ = a % b", "func f(a, b int) { @ }", []string{"_ = a / b"}},
		{"sign", "_ = -a", "func f(a int) { @ }", []string{"_ = a"}},
		{"bits", "_ = a & b << c", "func f(a, b, c int) { @ }", []string{"_ = a & b >> c", "_ = (a | b) << c"}},
		{"bits in a comparison", "_ = a&b == c", "func f(a, b, c uint) { @ }", []string{"_ = a|b == c", "_ = a&b <= c", "_ = a&b >= c", "_ = a&b != c"}},
		{"increment", "a++", "func f(a int) { @ }", []string{"a--"}},
		{"assignment", "a += b", "func f(a, b int) { @ }", []string{"a -= b"}},
		{"assignment of text", "a += b", "func f(a, b string) { @ }", nil},
		{"integer", "return 5", "func f() int { @ }", []string{"return 6", "return 4"}},
		{"negative integer", "return -1", "func f() int { @ }", []string{"return 1", "return -2", "return -0"}},
		{"nothing less", "return a - 0", "func f(a int) int { @ }", []string{"return a + 0", "return a - 1", "return a - (-1)"}},
		{"float", "return 2.5", "func f() float64 { @ }", []string{"return 3.5", "return 1.5", "return 2.6", "return 2.4"}},
		{"named constant", "return time.Second", "func f() time.Duration { @ }", []string{"return (time.Second + 1)", "return (time.Second - 1)"}},
		{"named constant too large to tell", "return a < math.MaxInt64", "func f(a float64) bool { @ }", []string{
			"return a <= math.MaxInt64", "return a != math.MaxInt64", "return a >= math.MaxInt64",
		}},
		{"enumerator", "return one", "type e int; const (zero e = iota; one); func f() e { @ }", nil},
		{"bounds", "return min(a, max(b, c))", "func f(a, b, c int) int { @ }", []string{"return max(a, max(b, c))", "return min(a, min(b, c))"}},
		{"bounds of math", "return math.Max(a, b)", "func f(a, b float64) float64 { @ }", []string{"return math.Min(a, b)"}},
		{"rounding", "return math.Ceil(a)", "func f(a float64) float64 { @ }", []string{"return math.Floor(a)", "return math.Round(a)"}},
		{"absolute value", "return math.Abs(a)", "func f(a float64) float64 { @ }", []string{"return (a)"}},
		{"float to integer", "return int(math.Abs(a))", "func f(a float64) int { @ }", []string{"return int(math.Ceil(math.Abs(a)))", "return int(math.Floor(math.Abs(a)))", "return int(math.Round(math.Abs(a)))", "return int((a))"}},
		{"cut to fewer bits", "return int64(int32(a))", "func f(a int64) int64 { @ }", []string{"return int64((a))"}},
		{"to more bits", "return int64(a)", "func f(a int32) int64 { @ }", nil},
		{"rounding of durations", "return a.Round(b)", "func f(a, b time.Duration) time.Duration { @ }", []string{"return a.Truncate(b)"}},
		{"continue", "for range a { continue }", "func f(a []int) { @ }", []string{"for range a { break }"}},
		{"break", "for range a { break }", "func f(a []int) { @ }", []string{"for range a { continue }"}},
		{"cases", "switch a { case b, c: d() }", "func d(); func f(a, b, c int) { @ }", []string{"no case b", "no case c"}},
		{"the only case", "switch a { case b: d() }", "func d(); func f(a, b string) { @ }", []string{"no case b"}},
		{"String", "return 5", "type s int; func (s) String() int { @ }", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			code := strings.Replace(row.around, "@", "\n"+row.before+"\n", 1)
			text := "package p\n"
			for _, pkg := range []string{"math", "time"} {
				if strings.Contains(code, pkg+".") {
					text += `import "` + pkg + `"` + "\n"
				}
			}
			if diff := cmp.Diff(row.want, lab.changesOf(t, text+code)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestConstantsOfAPackageAreChangedButEnumerationsAreNot(t *testing.T) {
	got := newLaboratory(t).changesOf(t, "package p\nconst limit = 8\nconst (\n\tzero = 1 << iota\n\tone\n)\nvar on = true\n")
	want := []string{"const limit = 9", "const limit = 7", "var on = false"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
