package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/types"
	"strconv"
)

// All mutants inside of functions are compiled together: each body becomes a
// switch over the number of the mutant, with one copy of the body a mutant.
// The number is in the environment, so that one binary runs them all.
const (
	variable   = "MUTANT"
	switchFile = "mutant_switch.go"
	switchText = `package %s

import (
	"os"
	"strconv"
)

var mutantNumber, _ = strconv.Atoi(os.Getenv("` + variable + `"))
`
)

// schema is one file with the mutants of its functions, and where each is.
type schema struct {
	source *source
	text   []byte
	parts  []part
}

// part is one copy of a body.
type part struct {
	from, to int
	mutant   *mutant
}

// schemaOf writes a file with its mutants that can be switched on.
func schemaOf(s *source, mutants []*mutant) schema {
	bodies := map[*ast.BlockStmt][]*mutant{}
	for _, m := range mutants {
		if m.file == s && m.body != nil && m.fate != uncompilable {
			bodies[m.body] = append(bodies[m.body], m)
		}
	}
	var out bytes.Buffer
	result := schema{source: s}
	done, base := 0, int(s.tree.FileStart)
	for _, decl := range s.tree.Decls {
		d, ok := decl.(*ast.FuncDecl)
		if !ok || len(bodies[d.Body]) == 0 {
			continue
		}
		open, end := int(d.Body.Lbrace)-base+1, int(d.Body.Rbrace)-base
		out.Write(s.text[done:open])
		out.WriteString("\nswitch mutantNumber {\n")
		for _, m := range bodies[d.Body] {
			out.WriteString("case " + strconv.Itoa(m.id) + ":\n")
			from := out.Len()
			out.WriteString(m.apply(open, end))
			result.parts = append(result.parts, part{from, out.Len(), m})
			out.WriteByte('\n')
		}
		out.WriteString("default:\n")
		out.Write(s.text[open:end])
		out.WriteString("\n}\n")
		done = end
	}
	out.Write(s.text[done:])
	result.text = out.Bytes()
	return result
}

// at is the mutant whose copy holds an offset; nil where none does.
func (s *schema) at(offset int) *mutant {
	for _, p := range s.parts {
		if p.from <= offset && offset < p.to {
			return p.mutant
		}
	}
	return nil
}

// within lists the mutants of the function that holds an offset.
func (s *schema) within(tree *ast.File, offset int) []*mutant {
	var found []*mutant
	for _, decl := range tree.Decls {
		from, to := int(decl.Pos()-tree.FileStart), int(decl.End()-tree.FileStart)
		if offset < from || offset >= to {
			continue
		}
		for _, p := range s.parts {
			if from <= p.from && p.to <= to {
				found = append(found, p.mutant)
			}
		}
	}
	return found
}

// schemata writes every file with its mutants, as a package that compiles:
// mutants that do not are marked so, and those that cannot be told from their
// neighbours lose their body, to be built alone. It returns the files by their
// paths.
func (t *target) schemata(mutants []*mutant) (map[string][]byte, error) {
	for {
		files := map[string][]byte{t.path(switchFile): fmt.Appendf(nil, switchText, t.pkg.Name())}
		var schemas []schema
		for _, s := range t.sources {
			schemas = append(schemas, schemaOf(s, mutants))
			files[s.path] = schemas[len(schemas)-1].text
		}
		again := false
		err := t.check(files, func(trees map[string]*ast.File, path string, offset int) bool {
			for i := range schemas {
				if schemas[i].source.path != path {
					continue
				}
				if m := schemas[i].at(offset); m != nil {
					m.fate, again = uncompilable, true
					return true
				}
				for _, m := range schemas[i].within(trees[path], offset) {
					m.body, again = nil, true
				}
			}
			return again
		})
		if err != nil || !again {
			return files, err
		}
	}
}

// only is the package with one mutant and nothing to switch; nil where it does
// not compile.
func (t *target) only(m *mutant) map[string][]byte {
	files := map[string][]byte{m.file.path: []byte(m.apply(0, len(m.file.text)))}
	if t.check(files, func(map[string]*ast.File, string, int) bool { return false }) != nil {
		return nil
	}
	return files
}

// check compiles the package with some files in place of its own, as far as
// types go. Of each error it asks known, with the file and offset where it is,
// and returns the first that is not.
func (t *target) check(files map[string][]byte, known func(trees map[string]*ast.File, path string, offset int) bool) error {
	trees := map[string]*ast.File{}
	var list []*ast.File
	paths := []string{t.path(switchFile)}
	for _, s := range t.sources {
		paths = append(paths, s.path)
	}
	for i, path := range paths {
		text, ok := files[path]
		switch {
		case !ok && i == 0:
			continue
		case !ok:
			text = t.sources[i-1].text
		}
		tree, err := parser.ParseFile(t.fset, path, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		trees[path] = tree
		list = append(list, tree)
	}
	var unknown error
	config := types.Config{Importer: t.exports, Error: func(err error) {
		var e types.Error
		if !errors.As(err, &e) {
			unknown = errors.Join(unknown, err)
			return
		}
		at := t.fset.Position(e.Pos)
		if unknown == nil && !known(trees, at.Filename, at.Offset) {
			unknown = err
		}
	}}
	// Errors went to the function above.
	_, _ = config.Check(t.ImportPath, t.fset, list, nil)
	return unknown
}
