package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the goldens")

// TestTinyPackage tries a package whose tests, and those of one that uses it,
// leave some changes unnoticed, with a file that explains two of them and one
// that is none.
func TestTinyPackage(t *testing.T) {
	const golden = "testdata/tiny.txt"
	var out, log bytes.Buffer
	args := []string{"-workers", "2", "-with", "./testdata/tiny/user", "-explained", "testdata/tiny/equivalent.txt", "testdata/tiny"}
	err := run(context.Background(), args, &out, &log)
	if err == nil || !strings.HasPrefix(err.Error(), "survivors") {
		t.Errorf("error %v, want one about survivors", err)
	}
	if log.Len() > 0 {
		t.Errorf("told of progress where nobody looks: %q", log.String())
	}
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTheCommandLineIsChecked(t *testing.T) {
	for _, row := range []struct{ args, want string }{
		{"a b", "give one directory, and at least one worker"},
		{"-workers 0 a", "give one directory, and at least one worker"},
		{"-files [ a", "syntax error in pattern"},
		{"-explained testdata/none a", "open testdata/none: no such file or directory"},
		{"testdata/none", "testdata/none"},
	} {
		err := run(context.Background(), strings.Fields(row.args), &bytes.Buffer{}, &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("mutate %s: error %v, want %q", row.args, err, row.want)
		}
	}
}
