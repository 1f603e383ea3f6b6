// Command mutate asks of every small change to a package whether a test would
// notice it:
//
//	go run ./tools/mutate [flags] [DIR]
//
// A change, a mutant, is another comparison, connective, operation, rounding,
// bound or number in one place. The tests of the package run once for each. A
// mutant that none of them fails on, nor any of further packages, has survived:
// either a test is missing, or the change makes no difference. Of the latter a
// file says why; a survivor that is not in it, or one in it that has not
// survived, ends the command with exit code 1. Nothing in the tree is touched.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	default:
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// options are the command line's.
type options struct {
	dir       string
	with      []string
	explained string
	files     string
	workers   int
}

func parse(args []string, stderr io.Writer) (options, error) {
	o := options{dir: "./pkg/sim/hpa"}
	fs := flag.NewFlagSet("mutate", flag.ContinueOnError)
	fs.SetOutput(stderr)
	with := fs.String("with", "", "further packages, separated by commas, whose tests survivors without an explanation must pass")
	fs.StringVar(&o.explained, "explained", "", "the file that says why some mutants survive")
	fs.StringVar(&o.files, "files", "*", "pattern of the files to change")
	fs.IntVar(&o.workers, "workers", runtime.NumCPU(), "how many tests run at a time")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if fs.NArg() > 1 || o.workers < 1 {
		return o, errors.New("give one directory, and at least one worker")
	}
	if fs.NArg() == 1 {
		// Without a dot the go command takes a path for that of a package.
		if o.dir = fs.Arg(0); filepath.IsLocal(o.dir) {
			o.dir = "./" + filepath.Clean(o.dir)
		}
	}
	if *with != "" {
		o.with = strings.Split(*with, ",")
	}
	_, err := filepath.Match(o.files, "")
	return o, err
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	var explained []*explanation
	if o.explained != "" {
		f, err := os.Open(o.explained)
		if err != nil {
			return err
		}
		defer f.Close()
		if explained, err = parseExplanations(o.explained, f); err != nil {
			return err
		}
	}
	t, err := load(ctx, o.dir)
	if err != nil {
		return err
	}
	mutants := t.mutants(func(name string) bool {
		ok, _ := filepath.Match(o.files, filepath.Base(name))
		return ok
	})
	expected := func(m *mutant) bool {
		return slices.ContainsFunc(explained, func(e *explanation) bool { return e.change == m.change() })
	}
	if err := t.try(ctx, o, mutants, expected, stderr); err != nil {
		return err
	}
	r := report{target: t, mutants: mutants, explained: explained, file: o.explained, partial: o.files != "*"}
	return r.write(stdout)
}
