package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// maxFiles is how many files a directory may hold.
const maxFiles = 100_000

// Options say how to read.
type Options struct {
	// Stdin is what "-" reads.
	Stdin io.Reader
	// Namespace is that of objects that name none; "" means "default".
	Namespace string
	// Recursive reads the directories below a directory too.
	Recursive bool
}

// Read reads manifests as kubectl's -f does: each path is a file, a directory
// (its .yaml, .yml and .json files in order of their names; Recursive adds those
// of the directories below it, but for hidden ones) or "-" for standard input.
// All that is wrong with them is reported at once, as yamlpos.Problems.
func Read(paths []string, opts Options) (*Set, error) {
	set := &Set{}
	var problems yamlpos.Problems
	for _, path := range paths {
		files, err := List(path, opts.Recursive)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			name, data, err := Load(file, opts.Stdin)
			if err != nil {
				return nil, err
			}
			docs, err := yamlpos.Parse(name, data)
			if err == nil {
				err = set.Add(docs, opts.Namespace)
			}
			if problems, err = collect(problems, err); err != nil {
				return nil, err
			}
		}
	}
	return set, problems.Err()
}

// collect moves Problems out of an error; other errors stay.
func collect(problems yamlpos.Problems, err error) (yamlpos.Problems, error) {
	var more yamlpos.Problems
	if errors.As(err, &more) {
		return append(problems, more...), nil
	}
	return problems, err
}

// List returns the files that a path means: itself, or the manifests of a
// directory in order of their names.
func List(path string, recursive bool) ([]string, error) {
	if path == "-" {
		return []string{path}, nil
	}
	if strings.HasPrefix(path, "http://") || strings.HasPrefix(path, "https://") {
		return nil, fmt.Errorf("%s: manifests are read from files; pipe it in: curl -fsSL %s | elasticctl … -f -", path, path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, explainPath(path, err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	return listDir(path, recursive)
}

// listDir returns the manifests of a directory.
func listDir(path string, recursive bool) ([]string, error) {
	// With a separator at its end, a link to a directory is followed.
	root, below := path+string(filepath.Separator), false
	var files []string
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && file != root && (!recursive || strings.HasPrefix(entry.Name(), ".")):
			below = true
			return filepath.SkipDir
		case entry.IsDir() || !isManifest(entry.Name()):
			return nil
		}
		if len(files) == maxFiles {
			return fmt.Errorf("%s: more than %d files", path, maxFiles)
		}
		files = append(files, file)
		return nil
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: no .yaml, .yml or .json file in this directory", path)
		if below && !recursive {
			err = fmt.Errorf("%w; -R reads those below it too", err)
		}
	}
	return files, err
}

func isManifest(name string) bool {
	switch filepath.Ext(name) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

// Load reads one file, or standard input for "-", and what messages call it. It
// never reads more than yamlpos accepts.
func Load(file string, stdin io.Reader) (name string, data []byte, err error) {
	if file == "-" {
		if stdin == nil {
			return "", nil, errors.New("stdin: nothing to read")
		}
		data, err := io.ReadAll(io.LimitReader(stdin, yamlpos.MaxBytes+1))
		if err != nil {
			return "", nil, fmt.Errorf("stdin: %w", err)
		}
		return "stdin", data, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return "", nil, explainPath(file, err)
	}
	data, err = readMost(f)
	return file, data, errors.Join(err, f.Close())
}

// readMost reads a file as far as yamlpos accepts it, and one byte further.
func readMost(f *os.File) ([]byte, error) {
	size := int64(0)
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		size = min(info.Size(), yamlpos.MaxBytes)
	}
	b := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead)) // ReadFrom never grows it
	_, err := b.ReadFrom(io.LimitReader(f, yamlpos.MaxBytes+1))
	return b.Bytes(), err
}

// explainPath puts the path first, as every other message does.
func explainPath(path string, err error) error {
	var failure *fs.PathError
	if errors.As(err, &failure) {
		err = failure.Err
	}
	return fmt.Errorf("%s: %w", path, err)
}
