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

	"github.com/elasticctl/elasticctl/pkg/sim"
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

// TestTermsHaveOneNameEverywhere holds the table of docs/score.md, the score of
// -o json and the terms of budgets together, in their order.
func TestTermsHaveOneNameEverywhere(t *testing.T) {
	doc, err := os.ReadFile("../../docs/score.md")
	if err != nil {
		t.Fatal(err)
	}
	var terms []string
	for _, term := range sim.Terms() {
		terms = append(terms, term.Name+" "+unitName(term.Unit))
		if _, err := sim.ParseBudget(term.Name + " <= 1"); err != nil {
			t.Error(err)
		}
	}
	table, rest, _ := strings.Cut(string(doc), "## Spikes")
	rows := regexp.MustCompile("(?m)^\\| `([^`]+)` \\| ([^|]+) \\|")
	var documented []string
	for _, m := range rows.FindAllStringSubmatch(table, -1) {
		documented = append(documented, m[1]+" "+m[2])
	}
	if diff := cmp.Diff(terms, documented); diff != "" {
		t.Errorf("terms (-budgets +docs/score.md):\n%s", diff)
	}
	data, err := json.Marshal(scoreJSON{&sim.Score{}})
	if err != nil {
		t.Fatal(err)
	}
	var written []string
	for _, m := range regexp.MustCompile(`"([^"]+)":`).FindAllStringSubmatch(string(data), -1) {
		written = append(written, m[1])
	}
	if len(written) != len(terms) {
		t.Fatalf("%d terms are written, want %d", len(written), len(terms))
	}
	for i, term := range sim.Terms() {
		if written[i] != term.Name {
			t.Errorf("term %d is written as %s, want %s", i, written[i], term.Name)
		}
	}
	var fields []string
	for f := range reflect.TypeFor[verdictJSON]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields = append(fields, name)
	}
	documented = nil
	for _, m := range rows.FindAllStringSubmatch(rest, -1) {
		documented = append(documented, m[1])
	}
	if diff := cmp.Diff(fields, documented); diff != "" {
		t.Errorf("fields of a budget (-type +docs/score.md):\n%s", diff)
	}
}

// unitName is what docs/score.md calls a unit.
func unitName(u sim.Unit) string {
	return map[sim.Unit]string{
		sim.UnitCount: "count", sim.UnitPodHours: "pod-hours", sim.UnitNodeHours: "node-hours", sim.UnitMoney: "the price's currency",
		sim.UnitRatio: "ratio", sim.UnitMinutes: "minutes", sim.UnitSeconds: "seconds", sim.UnitLatency: "seconds",
	}[u]
}
