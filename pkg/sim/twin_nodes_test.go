package sim_test

import (
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// twinNode is one node, which is there or on its way.
type twinNode struct {
	up    bool
	due   time.Duration // when it comes
	spare bool          // not needed
	since time.Duration // since when
}

func (t *twin) housed() bool { return t.w.Nodes.PodsPerNode > 0 }

// turnNodes lets nodes come and leave, and says whether any did.
func (t *twin) turnNodes(now time.Duration) (changed bool) {
	var left []*twinNode
	for _, n := range t.nodes {
		if !n.up && n.due <= now && !t.under(sim.FaultNodeShortage, 0) {
			n.up, changed = true, true
		}
		if n.spare && n.since+t.w.Nodes.Idle <= now {
			changed = true
			continue
		}
		left = append(left, n)
	}
	t.nodes = left
	return changed
}

// house gives every pod that waits a slot, one after another, while there is one,
// and then sees to the number of nodes.
func (t *twin) house(now time.Duration) {
	if !t.housed() {
		return
	}
	slots := 0
	for _, n := range t.nodes {
		if n.up {
			slots += int(t.w.Nodes.PodsPerNode)
		}
	}
	for _, p := range t.pods {
		if !p.failed && !p.waits {
			slots--
		}
	}
	asking := int(t.w.Nodes.Headroom)
	for _, p := range t.pods {
		if p.waits && p.live() && slots > 0 {
			slots--
			p.waits, p.born, p.changed = false, now, now
		}
		if !p.failed && (!p.waits || p.live()) {
			asking++
		}
	}
	need := 0
	for need*int(t.w.Nodes.PodsPerNode) < asking && (t.w.Nodes.Max == 0 || need < int(t.w.Nodes.Max)) {
		need++
	}
	for len(t.nodes) < need {
		t.nodes = append(t.nodes, &twinNode{due: now + t.w.Nodes.Startup})
	}
	for t.needed() > need {
		n := t.anyNeeded()
		n.spare, n.since = true, now
	}
	for t.needed() < need && t.latestSpare() != nil {
		t.latestSpare().spare = false
	}
}

// needed counts the nodes that are there and not spare.
func (t *twin) needed() int {
	count := 0
	for _, n := range t.nodes {
		if n.up && !n.spare {
			count++
		}
	}
	return count
}

func (t *twin) anyNeeded() *twinNode {
	for _, n := range t.nodes {
		if n.up && !n.spare {
			return n
		}
	}
	return nil
}

// latestSpare is the node that was not needed for the shortest time.
func (t *twin) latestSpare() *twinNode {
	var latest *twinNode
	for _, n := range t.nodes {
		if n.spare && (latest == nil || n.since > latest.since) {
			latest = n
		}
	}
	return latest
}
