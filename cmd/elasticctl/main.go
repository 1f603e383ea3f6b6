// Command elasticctl designs, checks, replays and tunes Kubernetes autoscaling.
package main

import (
	"io"
	"os"
	"time"
)

func main() {
	now := time.Now //nolint:forbidigo // it times what is shown of progress, and no result
	std := streams{in: os.Stdin, out: os.Stdout, err: os.Stderr, now: now}
	os.Exit(run(os.Args[1:], std))
}

// streams are what a command reads and writes: data to out, everything else to
// err.
type streams struct {
	in       io.Reader
	out, err io.Writer
	// now times progress; nil shows none.
	now func() time.Time
}

// run is main without the process: it executes one command line and returns
// the exit code.
func run(args []string, std streams) int {
	root := newRootCommand(std)
	root.SetArgs(args)
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	err := root.Execute()
	return report(std.err, err)
}
