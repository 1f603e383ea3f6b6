package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/elasticctl/elasticctl/internal/lint"
)

// checkFix refuses what does not go with --fix and --diff.
func (o *lintOptions) checkFix(changed func(string) bool) error {
	stdin := slices.Contains(o.files, "-")
	switch {
	case !o.fix && !o.diff:
		return nil
	case o.writeBaseline != "":
		return usagef("--write-baseline keeps what is found and --fix mends it; run one after the other")
	case o.diff && changed("output"):
		return usagef("--diff prints a diff; it does not go with -o")
	case stdin && changed("output"):
		return usagef("--fix with -f - prints the manifests; it does not go with -o")
	case stdin && len(o.files) > 1:
		return usagef("--fix with -f - prints the manifests: give the other files with --context")
	}
	return nil
}

// mend fixes the inputs, and writes or shows what became of them.
func (o lintOptions) mend(std streams, in *lint.Input, opts lint.Options) error {
	b, err := o.known()
	if err != nil {
		return err
	}
	f, err := lint.Fix(in, opts, b)
	if err != nil {
		return err
	}
	switch {
	case o.diff:
		return showFix(std, f)
	case slices.Contains(o.files, "-"):
		if _, err := std.out.Write(in.Texts["-"]); err != nil {
			return err
		}
		std.out = std.err
	}
	if err := writeFixed(f.Files); err != nil {
		return err
	}
	if f.Findings > 0 {
		fmt.Fprintf(std.err, "mended %s in %s\n", counted(f.Findings, "finding"), counted(len(f.Files), "file"))
	}
	return o.conclude(std.out, f.Result)
}

// showFix prints what fixing would change.
func showFix(std streams, f *lint.Fixed) error {
	for i := range f.Files {
		one := &f.Files[i]
		name := filepath.ToSlash(one.Name)
		if name == "-" {
			name = "stdin"
		}
		if _, err := std.out.Write(diff.Diff(name, one.Before, name, one.After)); err != nil {
			return err
		}
	}
	if len(f.Files) == 0 {
		fmt.Fprintln(std.err, "--fix would change nothing")
		return nil
	}
	return findingsError{fmt.Sprintf("--fix would mend %s in %s", counted(f.Findings, "finding"), counted(len(f.Files), "file"))}
}

// writeFixed writes the files that changed, all or none of them.
func writeFixed(files []lint.FixedFile) error {
	var names []string
	var texts [][]byte
	targets := map[string]string{}
	for i := range files {
		f := &files[i]
		if f.Name == "-" {
			continue
		}
		if err := canBeFixed(f); err != nil {
			return err
		}
		target, err := filepath.EvalSymlinks(f.Name)
		if err != nil {
			return err
		}
		if other := targets[target]; other != "" {
			return fmt.Errorf("%s and %s are one file; give it once, so that it is fixed once", other, f.Name)
		}
		targets[target] = f.Name
		names, texts = append(names, f.Name), append(texts, f.After)
	}
	return writeAll(names, texts)
}

// canBeFixed refuses a file that is not what it was when it was read, or that its
// owner does not want written.
func canBeFixed(f *lint.FixedFile) error {
	info, err := os.Stat(f.Name)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: not a file that can be fixed in place; pipe it: elasticctl lint --fix -f -", f.Name)
	case info.Mode().Perm()&0o200 == 0:
		return fmt.Errorf("%s: read-only, so nothing is written; chmod u+w lets --fix write it", f.Name)
	}
	data, err := os.ReadFile(f.Name)
	if err == nil && !bytes.Equal(data, f.Before) {
		err = errors.New(f.Name + ": changed while it was looked at, so nothing is written; run it again")
	}
	return err
}
