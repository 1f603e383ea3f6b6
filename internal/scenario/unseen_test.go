package scenario

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// TestNobodyLookingChangesNoScore replays every scenario that the real controller
// is compared in, as it is and for much longer, with a visitor and without one: the
// syncs that change nothing are then skipped.
func TestNobodyLookingChangesNoScore(t *testing.T) {
	made, _ := filepath.Glob("../../conformance/scenarios/*.txtar")
	kept, _ := filepath.Glob("../../conformance/random/testdata/kept/*.yaml")
	if len(made) < 100 {
		t.Fatalf("%d scenarios", len(made))
	}
	dir := t.TempDir()
	for _, file := range append(made, kept...) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if archive := txtar.Parse(data); len(archive.Files) > 0 {
			data = archive.Files[0].Data
		}
		path := filepath.Join(dir, "simulation.yaml")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		w := load(t, Request{Files: []string{path}}).World
		for range 3 {
			if err := w.Validate(); err != nil {
				break // a backlog that may outgrow its count
			}
			seen := w.Run(func(*sim.Tick) bool { return true })
			if unseen := w.Run(nil); !reflect.DeepEqual(unseen, seen) {
				t.Errorf("%s for %v:\n unseen %+v\n seen   %+v", filepath.Base(file), w.Duration, unseen, seen)
			}
			w.Duration = max(10*w.Duration, time.Hour)
		}
	}
}
