package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
)

// path is where a file of the package is, or would be.
func (t *target) path(name string) string { return filepath.Join(t.Dir, name) }

// builder compiles test binaries of packages with some files of the target
// replaced. Nothing in the tree is touched: the go command is told to read
// other files in their place.
type builder struct {
	// scratch is a directory of its own.
	scratch string
	count   int
}

// overlay writes files and the list of what they stand for, and returns the
// list's path.
func (b *builder) overlay(files map[string][]byte) (string, error) {
	b.count++
	dir := filepath.Join(b.scratch, strconv.Itoa(b.count))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	replace := map[string]string{}
	for path, text := range files {
		at := filepath.Join(dir, filepath.Base(path))
		replace[path] = at
		if err := os.WriteFile(at, text, 0o644); err != nil {
			return "", err
		}
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	at := filepath.Join(dir, "overlay.json")
	return at, os.WriteFile(at, list, 0o644)
}

// build compiles the tests of the package in dir, and returns the binary with
// the directory to run it in.
func (b *builder) build(ctx context.Context, overlay, dir string) (*suite, error) {
	b.count++
	binary := filepath.Join(b.scratch, strconv.Itoa(b.count)+".test")
	if _, err := goCommand(ctx, "test", "-c", "-vet=off", "-ldflags=-s -w", "-overlay", overlay, "-o", binary, dir); err != nil {
		return nil, err
	}
	at, err := filepath.Abs(dir)
	return &suite{binary: binary, dir: at}, err
}
