package conformance

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/elasticctl/elasticctl/conformance/oracle"
)

var update = flag.Bool("update", false, "rewrite the scenarios' traces, from the controller alone")

const (
	simulationMark = "-- simulation.yaml --\n"
	traceMark      = "-- trace --\n"
)

// TestHandMadeScenarios replays one scenario for each rule of the controller:
// the controller must still do what the scenario's trace says, and elasticctl
// must agree with the controller in every sync, messages included.
func TestHandMadeScenarios(t *testing.T) {
	files, err := filepath.Glob("scenarios/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	binary := theProgram(t)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) { handMade(t, binary, file, name) })
	}
}

func handMade(t *testing.T, binary, file, name string) {
	head, simulation, golden := readScenario(t, file)
	s, err := oracle.Parse([]byte(simulation))
	if err != nil {
		t.Fatal(err)
	}
	if s.Metadata.Name != name {
		t.Errorf("metadata.name is %q", s.Metadata.Name)
	}
	want := oracle.Run(t, s)
	trace := Trace(want)
	switch {
	case *update:
		text := head + simulationMark + simulation + traceMark + trace
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	case trace != golden:
		t.Errorf("the controller does not do what the trace says:\n%s", firstLines(golden, trace))
	}
	got, err := Replay(binary, []byte(simulation))
	if err != nil {
		t.Fatal(err)
	}
	if d := Diff(want, got); d != "" {
		t.Error(d)
	}
}

// readScenario splits a txtar file into its prose, its simulation and the trace
// that the controller left.
func readScenario(t *testing.T, file string) (prose, simulation, trace string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	prose, rest, ok := strings.Cut(string(data), simulationMark)
	if !ok || strings.TrimSpace(prose) == "" {
		t.Fatal("want prose, then simulation.yaml, then trace")
	}
	simulation, trace, ok = strings.Cut(rest, traceMark)
	if !ok && !*update {
		t.Fatal("no trace: run with -update")
	}
	return prose, simulation, trace
}

// firstLines shows the first line in which two traces differ.
func firstLines(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("  %s\n- %s\n+ %s", a[0], a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, now %d", len(a), len(b))
}

// TestNoTwoScenariosAreTheSame keeps a scenario from being a copy of another.
func TestNoTwoScenariosAreTheSame(t *testing.T) {
	files, err := filepath.Glob("scenarios/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := bytes.Cut(data, []byte("spec:\n"))
		if other, ok := seen[string(body)]; ok {
			t.Errorf("%s and %s replay the same world", other, file)
		}
		seen[string(body)] = file
	}
}
