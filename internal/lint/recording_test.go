package lint_test

import (
	"path/filepath"
	"testing"

	recordings "github.com/elasticctl/elasticctl/internal/series"
)

// readRecording reads a rule's recording; nil where it has none.
func readRecording(t *testing.T, dir string) *recordings.Recording {
	t.Helper()
	file := filepath.Join(dir, "recording.csv")
	if !exists(file) {
		return nil
	}
	rec, err := recordings.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}
