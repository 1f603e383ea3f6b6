package main

import (
	"errors"
	"fmt"
	"io"
)

// The exit codes, all of them.
const (
	exitClean    = 0
	exitFailure  = 1
	exitUsage    = 2
	exitFindings = 3
)

// usageError is a command line that cannot be understood.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// usagef returns a usageError.
func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// findingsError says that the command did its work and found something that
// should stop a pipeline. What was found has been printed already; an empty
// text prints nothing more.
type findingsError struct{ text string }

func (e findingsError) Error() string { return e.text }

// report prints an error the way every command does and returns the exit code
// that belongs to it.
func report(w io.Writer, err error) int {
	if err == nil {
		return exitClean
	}
	var findings findingsError
	if errors.As(err, &findings) {
		if findings.text != "" {
			fmt.Fprintln(w, findings.text)
		}
		return exitFindings
	}
	fmt.Fprintln(w, "elasticctl: "+err.Error())
	var usage usageError
	if errors.As(err, &usage) {
		fmt.Fprintln(w, "Run 'elasticctl --help' or 'elasticctl COMMAND --help' for usage.")
		return exitUsage
	}
	return exitFailure
}
