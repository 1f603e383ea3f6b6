package main

import (
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// exitCodeOf is the exit code of a command that was run, as text.
func exitCodeOf(err error) string {
	if err == nil {
		return "0"
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return strconv.Itoa(exit.ExitCode())
	}
	return err.Error()
}

func TestReportMapsErrorsToExitCodes(t *testing.T) {
	tests := []struct {
		name string
		err  error
		code int
		text string
	}{
		{"none", nil, 0, ""},
		{"failure", errors.New("disk full"), 1, "elasticctl: disk full\n"},
		{"usage", usagef("no such flag"), 2, "elasticctl: no such flag\nRun 'elasticctl --help' or 'elasticctl COMMAND --help' for usage.\n"},
		{"wrapped usage", fmt.Errorf("simulate: %w", usagef("bad")), 2, "elasticctl: simulate: bad\nRun 'elasticctl --help' or 'elasticctl COMMAND --help' for usage.\n"},
		{"findings", findingsError{"2 files differ"}, 3, "2 files differ\n"},
		{"findings already told", findingsError{}, 3, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			if got := report(&out, tt.err); got != tt.code || out.String() != tt.text {
				t.Errorf("report = %d, %q; want %d, %q", got, out.String(), tt.code, tt.text)
			}
		})
	}
}
