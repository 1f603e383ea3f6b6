package yamlpos

import "testing"

func TestAnchoredValuesStandBehindTheirAnchors(t *testing.T) {
	for _, c := range []struct {
		text, path string
		line, col  int
	}{
		{"a: &x 1\n", "a", 1, 7},
		{"a: &x  {b: 1}\n", "a", 1, 8},
		{"a: &x {b: 1}\n", "a.b", 1, 11},
		{"a: !!str &x 1\n", "a", 1, 13},
		{"a: &x !!str 1\n", "a", 1, 13},
		{"é: [&x ü, &y ß]\n", "é[1]", 1, 14},
		{"a: &x\n  b: &y 2 # two\n", "a.b", 2, 9},
		{"a: &x\n  b: 2\n", "a", 1, 1},
		{"a: &x\r\n  b: &y 2\r\n", "a.b", 2, 9},
		{"a: &x | # text\n  b\n", "a", 1, 7},
		{"b: &x 1\na: *x\n", "a", 2, 4},
		{"\ufeffa: &x 1\n", "a", 1, 7},
		{"a: &x\n", "a", 1, 1},
	} {
		docs, err := Parse("f", []byte(c.text))
		if err != nil {
			t.Fatalf("%q: %v", c.text, err)
		}
		if p := docs[0].At(c.path); p.Line != c.line || p.Col != c.col {
			t.Errorf("%q: %s is at %d:%d, want %d:%d", c.text, c.path, p.Line, p.Col, c.line, c.col)
		}
	}
}
