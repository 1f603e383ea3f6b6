package query

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/elasticctl/elasticctl/internal/series"
)

// TestRangeEqualsTheServersAnswer evaluates expressions over raw samples and
// compares with what the server that held them answered, bit for bit.
func TestRangeEqualsTheServersAnswer(t *testing.T) {
	const dir = "../../testdata/series/prometheus"
	raw, err := series.Read(filepath.Join(dir, "raw.json"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(filepath.Join(dir, "expressions.txt"))
	if err != nil {
		t.Fatal(err)
	}
	grid := series.Grid{Start: 1795374580_000, Step: 7 * time.Second, N: 120/7 + 1}
	bits := cmp.Comparer(func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
	for line := range strings.Lines(string(list)) {
		file, expr, _ := strings.Cut(strings.TrimSpace(line), " ")
		want, err := series.Read(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := Open(raw.Series, 0).Range(context.Background(), expr, grid)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want.Series { // the reader named them after the file
			delete(want.Series[i].Labels, "__name__")
			want.Series[i].Source = ""
		}
		if diff := cmp.Diff(want.Series, got, bits); diff != "" {
			t.Errorf("%s: %s", expr, diff)
		}
	}
}
