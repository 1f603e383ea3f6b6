package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// target is the package whose code is changed.
type target struct {
	Dir        string
	ImportPath string
	GoFiles    []string

	fset    *token.FileSet
	sources []*source
	info    *types.Info
	pkg     *types.Package
	exports types.Importer
}

// source is one file of the package.
type source struct {
	// path is absolute, name is how messages call it.
	path, name string
	text       []byte
	tree       *ast.File
}

// load reads, parses and checks the package in dir.
func load(ctx context.Context, dir string) (*target, error) {
	out, err := goCommand(ctx, "list", "-json=Dir,ImportPath,GoFiles", dir)
	if err != nil {
		return nil, err
	}
	t := &target{fset: token.NewFileSet()}
	if err := json.Unmarshal(out, t); err != nil {
		return nil, fmt.Errorf("go list %s: %w", dir, err)
	}
	// The package imports os and strconv once it chooses among mutants.
	if t.exports, err = exportData(ctx, t.fset, dir, "os", "strconv"); err != nil {
		return nil, err
	}
	for _, name := range t.GoFiles {
		s := &source{path: filepath.Join(t.Dir, name), name: filepath.Join(dir, name)}
		if s.text, err = os.ReadFile(s.path); err != nil {
			return nil, err
		}
		t.sources = append(t.sources, s)
	}
	return t, t.parse()
}

// parse parses and checks the sources.
func (t *target) parse() error {
	var trees []*ast.File
	for _, s := range t.sources {
		var err error
		if s.tree, err = parser.ParseFile(t.fset, s.name, s.text, parser.SkipObjectResolution); err != nil {
			return err
		}
		trees = append(trees, s.tree)
	}
	t.info = &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{},
		Uses:  map[*ast.Ident]types.Object{},
	}
	var err error
	config := types.Config{Importer: t.exports}
	t.pkg, err = config.Check(t.ImportPath, t.fset, trees, t.info)
	return err
}

// exportData imports packages and what they depend on, as the compiler left
// them.
func exportData(ctx context.Context, fset *token.FileSet, packages ...string) (types.Importer, error) {
	out, err := goCommand(ctx, append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}"}, packages...)...)
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		pkg, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		files[pkg] = file
	}
	open := func(pkg string) (io.ReadCloser, error) {
		if files[pkg] == "" {
			return nil, errors.New("no export data of " + pkg)
		}
		return os.Open(files[pkg])
	}
	return importer.ForCompiler(fset, "gc", open), nil
}

// goCommand runs the go command and returns its output.
func goCommand(ctx context.Context, args ...string) ([]byte, error) {
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return out, nil
}
