package main

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// mutant is one small change of the package.
type mutant struct {
	// id is its number, from 1. Number 0 is the package as it is.
	id   int
	file *source
	// The bytes from start to end of the file become text.
	start, end int
	text       string
	// in is the function, as stack traces have it, "(*Spec).Step", or the
	// constant or variable.
	in string
	// body is the function's; nil where the change lies outside of one, or
	// cannot be switched on at run time: then the package is built for it alone.
	body *ast.BlockStmt
	// before and after are the changed lines, with single spaces.
	before, after string

	fate fate
}

// fate is what became of a mutant.
type fate uint8

const (
	// survived: every test passed.
	survived fate = iota
	killed
	// uncompilable: the compiler refuses it.
	uncompilable
)

// position is where the change begins, "hpa/group.go:29:8".
func (m *mutant) position(fset *token.FileSet) string {
	return fset.Position(fset.File(m.file.tree.Pos()).Pos(m.start)).String()
}

// change is the mutant in words.
func (m *mutant) change() change { return change{m.in, m.before, m.after} }

// apply is the text of a part of the file, from one offset to another, with the
// change made.
func (m *mutant) apply(from, to int) string {
	return string(m.file.text[from:m.start]) + m.text + string(m.file.text[m.end:to])
}

// describe fills in before and after.
func (m *mutant) describe() {
	from := strings.LastIndexByte(string(m.file.text[:m.start]), '\n') + 1
	to := m.end + strings.IndexByte(string(m.file.text[m.end:])+"\n", '\n')
	m.before = singleSpaces(string(m.file.text[from:to]))
	m.after = singleSpaces(m.apply(from, to))
}

func singleSpaces(s string) string { return strings.Join(strings.Fields(s), " ") }

// mutants lists every mutant of the files that match, in the order of the
// source.
func (t *target) mutants(match func(name string) bool) []*mutant {
	var all []*mutant
	for _, s := range t.sources {
		if !match(s.name) {
			continue
		}
		for _, decl := range s.tree.Decls {
			all = append(all, t.mutantsOf(s, decl)...)
		}
	}
	for i, m := range all {
		m.id = i + 1
	}
	return all
}

// mutantsOf lists the mutants of one declaration; each change once.
func (t *target) mutantsOf(s *source, decl ast.Decl) []*mutant {
	c := &collector{target: t, source: s}
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Body == nil || d.Name.Name == "String" {
			return nil
		}
		c.in, c.body = functionName(d), d.Body
		if hasLabel(d.Body) {
			c.body = nil
		}
		c.walk(d.Body)
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok && !counts(d.Tok, v) {
				c.in = d.Tok.String() + " " + v.Names[0].Name
				c.walk(v)
			}
		}
	}
	slices.SortStableFunc(c.found, func(a, b *mutant) int { return a.start - b.start })
	return c.found
}

// functionName is the function's name with its receiver.
func functionName(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return d.Name.Name
	}
	pointer := false
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t, pointer = x.X, true
			continue
		case *ast.IndexExpr:
			t = x.X
			continue
		case *ast.IndexListExpr:
			t = x.X
			continue
		case *ast.Ident:
			if pointer {
				return "(*" + x.Name + ")." + d.Name.Name
			}
			return x.Name + "." + d.Name.Name
		}
		return d.Name.Name
	}
}

// hasLabel says whether a function has a label: it cannot be there twice.
func hasLabel(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		_, is := n.(*ast.LabeledStmt)
		found = found || is
		return !found
	})
	return found
}

// counts says whether a constant is one of an enumeration: another number for
// it is no other behaviour.
func counts(tok token.Token, v *ast.ValueSpec) bool {
	found := tok == token.CONST && len(v.Values) == 0
	ast.Inspect(v, func(n ast.Node) bool {
		id, is := n.(*ast.Ident)
		found = found || is && id.Name == "iota"
		return !found
	})
	return found
}
