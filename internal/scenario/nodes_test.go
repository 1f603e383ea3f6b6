package scenario

import (
	"slices"
	"strings"
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
	said := "nodes: pods that fit on each 2, nodes at the start 2, slots kept free 0; a new one takes 2m, one not needed leaves after 10m"
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

func TestARolloutFollowsTheStrategyOfTheWorkload(t *testing.T) {
	quarter := sim.Share{N: 25, Percent: true}
	for _, c := range []struct {
		strategy, rollout string
		want              sim.Rolling
	}{
		{"", "true", sim.Rolling{}}, // the Deployment's defaults
		{"", "{maxSurge: 2}", sim.Rolling{MaxSurge: sim.Share{N: 2}, MaxUnavailable: quarter}},
		{"strategy: {rollingUpdate: {maxUnavailable: 0}}", "true", sim.Rolling{MaxSurge: quarter, MaxUnavailable: sim.Share{}}},
		{"strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 10%}}", "{maxUnavailable: 2}", sim.Rolling{MaxSurge: sim.Share{N: 1}, MaxUnavailable: sim.Share{N: 2}}},
		{"strategy: {type: Recreate}", "true", sim.Rolling{MaxUnavailable: sim.Share{N: 100, Percent: true}}},
	} {
		text := idling("values: [1]}\n  faults:\n  - {at: 1m, rollout: " + c.rollout)
		files(t, strings.Replace(text, "  replicas: 3\n", "  replicas: 3\n  "+c.strategy+"\n", 1))
		r := load(t, Request{Files: []string{"sim.yaml"}})
		if f := r.World.Faults[0]; f.Kind != sim.FaultRollout || f.Rolling != c.want {
			t.Errorf("%s %s: %+v, want %+v", c.strategy, c.rollout, f.Rolling, c.want)
		}
	}
}

func TestPodsAreAvailableAfterTheDeploymentsMinReadySeconds(t *testing.T) {
	for _, c := range []struct {
		seconds, pods string
		want          time.Duration
	}{
		{"minReadySeconds: 12", "", 12 * time.Second},
		{"minReadySeconds: 12", "minReady: 0s", 0},
		{"", "minReady: 1m", time.Minute},
		{"", "", 0},
	} {
		text := strings.Replace(idling("values: [1]"), "  replicas: 3\n", "  replicas: 3\n  "+c.seconds+"\n", 1)
		if c.pods != "" {
			text = strings.Replace(text, "  demand:\n", "  pods: {"+c.pods+"}\n  demand:\n", 1)
		}
		files(t, text)
		if got := load(t, Request{Files: []string{"sim.yaml"}}).World.Pods.MinReady; got != c.want {
			t.Errorf("%s, %s: %v, want %v", c.seconds, c.pods, got, c.want)
		}
	}
	files(t, strings.Replace(idling("values: [1]"), "  replicas: 3\n", "  replicas: 3\n  minReadySeconds: -1\n", 1))
	if _, err := Load(Request{Files: []string{"sim.yaml"}}); err == nil || !strings.HasSuffix(err.Error(), "no pod can have to be Ready for -1 seconds; write 0 or more, such as 10") {
		t.Errorf("error %v", err)
	}
}

func TestARolloutOfAnythingButADeploymentIsRefused(t *testing.T) {
	set := func(text string) string { return strings.ReplaceAll(text, "kind: Deployment", "kind: StatefulSet") }
	files(t, set(idling("values: [1]}\n  faults:\n  - {at: 1m, rollout: true")))
	want := "sim.yaml:8:23: a StatefulSet does not roll out as a Deployment does, which alone is replayed; write evictPods, several times"
	if _, err := Load(Request{Files: []string{"sim.yaml"}}); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	files(t, set(idling("values: [1]")))
	r := load(t, Request{Files: []string{"sim.yaml"}})
	if want := (sim.Rolling{MaxUnavailable: sim.Share{N: 1}}); r.World.Pods.Rolling != want {
		t.Errorf("a rehearsed rollout goes by %+v, want one pod after another", r.World.Pods.Rolling)
	}
	h, err := ParseFault("at=1m,rollout=true")
	if err != nil {
		t.Fatal(err)
	}
	want = "--fault: rollout: a StatefulSet does not roll out as a Deployment does, which alone is replayed"
	if _, err := Load(Request{Files: []string{"sim.yaml"}, Faults: []Happening{h}}); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
