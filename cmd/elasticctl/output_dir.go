package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/elasticctl/elasticctl/pkg/gen"
)

// change is what happens to one file of an output directory.
type change struct {
	name string
	// old is what the file holds, nil where there is none; its line ends are
	// those of the generator.
	old []byte
	// data is what it should hold, nil where it should not exist.
	data []byte
	// foreign says that elasticctl did not write old for this service.
	foreign bool
}

// same says whether nothing happens.
func (c change) same() bool { return c.old != nil && c.data != nil && bytes.Equal(c.old, c.data) }

// verb is what happens, for people.
func (c change) verb() string {
	switch {
	case c.old == nil:
		return "created"
	case c.data == nil:
		return "removed"
	default:
		return "updated"
	}
}

// planDir compares a directory with the files that should be in it. Files that
// elasticctl wrote for one of the services and that are no longer generated are
// to go; all others are left out.
func planDir(dir string, files []gen.File, services []string) ([]change, error) {
	have, err := readDir(dir)
	if err != nil {
		return nil, err
	}
	var plan []change
	for _, f := range files {
		old, exists := have[f.Name]
		c := change{name: f.Name, old: old, data: f.Data}
		c.foreign = exists && !slices.Contains(services, gen.Owner(old))
		plan = append(plan, c)
		delete(have, f.Name)
	}
	for name, old := range have {
		if slices.Contains(services, gen.Owner(old)) {
			plan = append(plan, change{name: name, old: old})
		}
	}
	slices.SortFunc(plan, func(a, b change) int { return strings.Compare(a.name, b.name) })
	return plan, nil
}

// maxManifest bounds what is read of a file that stands in an output directory:
// far more than elasticctl writes.
const maxManifest = 1 << 20

// readDir reads the manifests of a directory that need not exist.
func readDir(dir string) (map[string][]byte, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if e.IsDir() || !isManifestName(e.Name()) {
			continue
		}
		data, err := readAtMost(filepath.Join(dir, e.Name()), maxManifest)
		if err != nil {
			return nil, err
		}
		// A checkout on Windows may have changed the line ends.
		files[e.Name()] = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	}
	return files, nil
}

func isManifestName(name string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(name))
}

// readAtMost reads the beginning of a file; never nil.
func readAtMost(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit))
	if err != nil {
		return nil, err
	}
	return data, nil
}

// applyDir makes a directory what the plan says. Nothing is touched when a file
// of somebody else's is in the way, unless force is set; every new file is
// complete on disk before the first old one is replaced.
func applyDir(dir string, plan []change, force bool, log io.Writer) error {
	var foreign []string
	for _, c := range plan {
		if c.foreign && !c.same() {
			foreign = append(foreign, filepath.Join(dir, c.name))
		}
	}
	if len(foreign) > 0 && !force {
		return fmt.Errorf("not written by elasticctl from this spec: %s; --force overwrites", strings.Join(foreign, ", "))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	temps, err := writeTemps(dir, plan)
	if err != nil {
		return err
	}
	var done strings.Builder
	for i, c := range plan {
		path := filepath.Join(dir, c.name)
		switch {
		case c.same():
			continue
		case c.data == nil:
			err = os.Remove(path)
		default:
			err = os.Rename(temps[i], path)
		}
		if err != nil {
			return errors.Join(err, removeAll(temps[i:]))
		}
		done.WriteString(c.verb() + " " + path + "\n")
	}
	_, err = io.WriteString(log, done.String())
	return err
}

// writeTemps writes the content of every file that changes into a temporary one
// beside it; "" stands for a file that does not.
func writeTemps(dir string, plan []change) ([]string, error) {
	temps := make([]string, len(plan))
	for i, c := range plan {
		if c.data == nil || c.same() {
			continue
		}
		temp, err := writeTemp(filepath.Join(dir, c.name), c.data)
		if err != nil {
			return nil, errors.Join(err, removeAll(temps))
		}
		temps[i] = temp
	}
	return temps, nil
}

func removeAll(paths []string) error {
	var errs []error
	for _, p := range paths {
		if p != "" {
			errs = append(errs, os.Remove(p))
		}
	}
	return errors.Join(errs...)
}

// diffDir prints how a directory differs from the plan, as a unified diff, and
// returns how many files do.
func diffDir(w io.Writer, dir string, plan []change) (int, error) {
	differ := 0
	for _, c := range plan {
		if c.same() {
			continue
		}
		differ++
		path := filepath.ToSlash(filepath.Join(dir, c.name))
		from, to := path, path+" (generated)"
		if c.old == nil {
			from = "/dev/null"
		}
		if c.data == nil {
			to = "/dev/null"
		}
		if _, err := w.Write(diff.Diff(from, c.old, to, c.data)); err != nil {
			return differ, err
		}
	}
	return differ, nil
}
