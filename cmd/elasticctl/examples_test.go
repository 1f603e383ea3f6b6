package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// commands lists every command of the tree, the root first.
func commands(root *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{root}
	for _, sub := range root.Commands() {
		all = append(all, commands(sub)...)
	}
	return all
}

func discarding() streams {
	return streams{in: strings.NewReader(""), out: &strings.Builder{}, err: &strings.Builder{}}
}

// TestExamplesRun runs the examples of every command's help in a shell, from
// the root of the repository, and demands that each line succeeds.
func TestExamplesRun(t *testing.T) {
	for _, cmd := range commands(newRootCommand(discarding())) {
		if !cmd.Runnable() || !cmd.HasParent() {
			continue
		}
		t.Run(cmd.Name(), func(t *testing.T) {
			for line := range strings.Lines(cmd.Example) {
				if !strings.HasPrefix(line, "  elasticctl ") && !strings.HasPrefix(line, "  # ") {
					t.Errorf("an example is a line of elasticctl or a comment, indented by two spaces: %q", line)
				}
			}
			shell := exec.CommandContext(t.Context(), "sh", "-eux", "-c", cmd.Example)
			shell.Dir = repositoryView(t)
			if out, err := shell.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// repositoryView is a directory that looks like the root of the repository and
// takes new files without touching it. It walks what examples read, so that
// the result of a test is not taken from the cache when that has changed.
func repositoryView(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	view := t.TempDir()
	for _, entry := range entries {
		if entry.Name() == ".git" {
			continue
		}
		if err := os.Symlink(filepath.Join(root, entry.Name()), filepath.Join(view, entry.Name())); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{"examples", "testdata"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(_ string, _ fs.DirEntry, err error) error { return err })
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	return view
}

func TestEveryCommandIsDocumented(t *testing.T) {
	for _, cmd := range commands(newRootCommand(discarding())) {
		if cmd.Hidden || cmd.Deprecated != "" {
			t.Errorf("%s is hidden or deprecated", cmd.CommandPath())
		}
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%s: the short help is one phrase without a full stop, not %q", cmd.CommandPath(), cmd.Short)
		}
		if cmd.HasParent() && cmd.Example == "" {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
		cmd.Flags().VisitAll(func(flag *pflag.Flag) {
			if flag.Usage == "" || flag.Hidden || flag.Deprecated != "" {
				t.Errorf("%s --%s has no help text, or is hidden or deprecated", cmd.CommandPath(), flag.Name)
			}
		})
	}
}

func TestHelpOfEveryCommandGoesToStdout(t *testing.T) {
	for _, cmd := range commands(newRootCommand(discarding())) {
		var out, errs strings.Builder
		args := append(strings.Fields(cmd.CommandPath())[1:], "--help")
		code := run(args, streams{in: strings.NewReader(""), out: &out, err: &errs})
		if code != exitClean || errs.Len() > 0 {
			t.Errorf("%s --help: exit code %d, stderr %q", cmd.CommandPath(), code, errs.String())
		}
		for _, want := range []string{"Usage:\n  " + cmd.CommandPath(), cmd.Example} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s --help does not show %q:\n%s", cmd.CommandPath(), want, out.String())
			}
		}
	}
}

func TestCompletionScriptsCallBack(t *testing.T) {
	for _, shell := range shellNames() {
		var out, errs strings.Builder
		code := run([]string{"completion", shell}, streams{in: strings.NewReader(""), out: &out, err: &errs})
		if code != exitClean || errs.Len() > 0 || !strings.Contains(out.String(), "__complete") {
			t.Errorf("completion %s: exit code %d, stderr %q, %d bytes", shell, code, errs.String(), out.Len())
		}
	}
}
