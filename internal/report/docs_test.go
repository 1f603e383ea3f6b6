package report

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDocsListEveryFieldOfTheOutput holds docs/ticks.md against the goldens and
// the type of the summary.
func TestDocsListEveryFieldOfTheOutput(t *testing.T) {
	doc, err := os.ReadFile("../../docs/ticks.md")
	if err != nil {
		t.Fatal(err)
	}
	ticks, summary, _ := strings.Cut(string(doc), "## A summary")
	rows := regexp.MustCompile("(?m)^\\| `([^`]+)` \\|")
	documented := func(text string) []string {
		var list []string
		for _, m := range rows.FindAllStringSubmatch(text, -1) {
			list = append(list, m[1])
		}
		slices.Sort(list)
		return list
	}
	seen := map[string]bool{}
	for _, name := range []string{"testdata/ticks.jsonl", "testdata/ticks-two.jsonl"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			var tick map[string]any
			if err := json.Unmarshal(line, &tick); err != nil {
				t.Fatal(err)
			}
			for field := range tick {
				seen[field] = true
			}
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(seen)), documented(ticks)); diff != "" {
		t.Errorf("fields of a tick (-written +documented):\n%s", diff)
	}
	var fields []string
	for f := range reflect.TypeFor[summaryJSON]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields = append(fields, name)
	}
	slices.Sort(fields)
	if diff := cmp.Diff(fields, documented(summary)); diff != "" {
		t.Errorf("fields of a summary (-type +documented):\n%s", diff)
	}
}
