package scenario

import (
	"slices"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

func TestNodesAtTheStartHoldTheInitialPodsAndTheHeadroom(t *testing.T) {
	for text, want := range map[string]sim.Nodes{
		"{podsPerNode: 2}":                          {PodsPerNode: 2, Initial: 2},
		"{podsPerNode: 2, headroom: 1}":             {PodsPerNode: 2, Headroom: 1, Initial: 2},
		"{podsPerNode: 2, headroom: 2}":             {PodsPerNode: 2, Headroom: 2, Initial: 3},
		"{podsPerNode: 2, headroom: 9, max: 4}":     {PodsPerNode: 2, Headroom: 9, Max: 4, Initial: 4},
		"{podsPerNode: 2, headroom: 2, initial: 2}": {PodsPerNode: 2, Headroom: 2, Initial: 2},
	} {
		files(t, idling("values: [1]}\n  nodes: "+text[:len(text)-1]))
		want.Startup, want.Idle = 2*time.Minute, 10*time.Minute
		r := load(t, Request{Files: []string{"sim.yaml"}})
		if r.World.Nodes != want {
			t.Errorf("%s: %+v, want %+v", text, r.World.Nodes, want)
		}
	}
	files(t, idling("values: [1]}\n  nodes: {podsPerNode: 2"))
	said := "nodes: 2 pods fit on each, 2 at the start, 0 slots kept free; a new one takes 2m, one not needed leaves after 10m"
	if notes := load(t, Request{Files: []string{"sim.yaml"}}).Notes; !slices.Contains(notes, said) {
		t.Errorf("notes %q", notes)
	}
}

func TestNodesThatDoNotHoldTheInitialPodsAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"{podsPerNode: 2, initial: 1":         "sim.yaml:7:36: 1 nodes do not hold the 3 pods at the start; write initial: 2, or more",
		"{podsPerNode: 2, max: 1":             "sim.yaml:7:32: 1 nodes do not hold the 3 pods at the start; write max: 2, or more",
		"{podsPerNode: 2, max: 2, initial: 3": "sim.yaml:7:32: there are 3 nodes at the start; write as many, or more",
	} {
		files(t, idling("values: [1]}\n  nodes: "+text))
		if _, err := Load(Request{Files: []string{"sim.yaml"}}); err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", text, err, want)
		}
	}
}
