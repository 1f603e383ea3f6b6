package random

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"
)

func TestAScenarioIsAFunctionOfItsSeed(t *testing.T) {
	if a, b := Scenario(7, 600), Scenario(7, 600); !bytes.Equal(a, b) {
		t.Error("the same seed made two scenarios")
	}
	if a, b := Scenario(7, 600), Scenario(8, 600); bytes.Equal(a, b) {
		t.Error("two seeds made the same scenario")
	}
}

// TestShrinkKeepsWhatMattersAndDropsTheRest shrinks by a made-up difference:
// somebody scales to zero within the run.
func TestShrinkKeepsWhatMattersAndDropsTheRest(t *testing.T) {
	paused := func(simulation []byte) bool {
		var o object
		if yaml.Unmarshal(simulation, &o) != nil {
			return false
		}
		faults, _ := at(o, []string{"spec", "faults"}).([]any)
		for _, f := range faults {
			f := f.(object)
			if f["setReplicas"] == float64(0) && length(f["at"]) < length(at(o, []string{"spec", "duration"})) {
				return true
			}
		}
		return false
	}
	found := false
	for seed := range uint64(20) {
		text := Scenario(seed, 600)
		if !paused(text) {
			continue
		}
		found = true
		small := Shrink(text, paused)
		if !paused(small) {
			t.Fatalf("seed %d: what is left does not differ:\n%s", seed, small)
		}
		if n := strings.Count(string(small), "\n"); n > 15 {
			t.Errorf("seed %d: %d lines are left:\n%s", seed, n, small)
		}
		var o object
		if err := yaml.Unmarshal(small, &o); err != nil {
			t.Fatal(err)
		}
		if faults := at(o, []string{"spec", "faults"}).([]any); len(faults) != 1 {
			t.Errorf("seed %d: %d faults are left, one is enough", seed, len(faults))
		}
		if d := length(at(o, []string{"spec", "duration"})); d > 2*time.Minute {
			t.Errorf("seed %d: the run still lasts %v", seed, d)
		}
	}
	if !found {
		t.Fatal("no scenario scales to zero")
	}
}
