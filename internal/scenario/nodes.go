package scenario

import (
	"fmt"
	"math"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// Nodes are the machines that the pods run on.
type Nodes struct {
	// PodsPerNode is how many of the workload's pods fit on a node.
	PodsPerNode int64 `json:"podsPerNode"`
	// Initial is how many nodes there are at t=0. Default: as many as the initial
	// pods and the headroom need.
	Initial *int64 `json:"initial,omitempty"`
	// Headroom is how many slots for pods are kept free. Default: 0.
	Headroom int64 `json:"headroom,omitempty"`
	// Max bounds the nodes. Default: no bound.
	Max *int64 `json:"max,omitempty"`
	// Startup is the time from asking for a node until pods run on it. Default: 2m.
	Startup string `json:"startup,omitempty"`
	// RemoveAfter is how long a node stays that is not needed. Default: 10m, as
	// cluster-autoscaler's --scale-down-unneeded-time.
	RemoveAfter string `json:"removeAfter,omitempty"`
}

// The defaults of spec.nodes.
const (
	nodeStartup = 2 * time.Minute
	nodeIdle    = 10 * time.Minute
)

// nodeSettings are spec.nodes, resolved but for the nodes at the start.
type nodeSettings struct {
	sim.Nodes
	initialGiven bool
}

// nodes reads spec.nodes.
func (c *checker) nodes(in *Nodes) *nodeSettings {
	const at = "spec.nodes."
	out := &nodeSettings{}
	if in.PodsPerNode < 1 || in.PodsPerNode > maxPods {
		path := at + "podsPerNode"
		if !c.doc.Has(path) {
			path = "spec.nodes"
		}
		c.add(path, fmt.Sprintf("%d pods fit on a node", in.PodsPerNode), "write podsPerNode: 8, how many of the workload's pods fit on one")
		in.PodsPerNode = 1
	}
	out.PodsPerNode, out.Headroom = int32(in.PodsPerNode), c.pods(at+"headroom", in.Headroom)
	if in.Initial != nil {
		out.Initial, out.initialGiven = c.pods(at+"initial", *in.Initial), true
	}
	if in.Max != nil {
		if out.Max = c.pods(at+"max", *in.Max); *in.Max == 0 {
			c.add(at+"max", "no node may be there", "write a positive number, or remove it: absent means no bound")
		}
	}
	out.Startup = c.duration(at+"startup", in.Startup, nodeStartup)
	out.Idle = c.duration(at+"removeAfter", in.RemoveAfter, nodeIdle)
	return out
}

// hosts finds the nodes at the start, which hold the initial pods.
func (b *builder) hosts() error {
	set := b.set.nodes
	if set == nil {
		return nil
	}
	w := &b.out.World
	w.Nodes = set.Nodes
	// What the initial pods need, without headroom.
	bare := sim.Nodes{PodsPerNode: w.Nodes.PodsPerNode}
	least := bare.NodesFor(int64(w.Pods.Initial))
	if !set.initialGiven {
		n := min(w.Nodes.NodesFor(int64(w.Pods.Initial)), math.MaxInt32)
		if w.Nodes.Max > 0 {
			n = min(n, int64(w.Nodes.Max))
		}
		w.Nodes.Initial = int32(n)
	}
	path, what := "spec.nodes.initial", "initial"
	if !set.initialGiven || w.Nodes.Max > 0 && w.Nodes.Initial > w.Nodes.Max {
		path, what = "spec.nodes.max", "max"
	}
	switch {
	case int64(w.Nodes.Initial) < least:
		return b.fail(path, fmt.Sprintf("%d nodes do not hold the %d pods at the start", w.Nodes.Initial, w.Pods.Initial), fmt.Sprintf("write %s: %d, or more", what, least))
	case w.Nodes.Max > 0 && w.Nodes.Initial > w.Nodes.Max:
		return b.fail(path, fmt.Sprintf("there are %d nodes at the start", w.Nodes.Initial), "write as many, or more")
	}
	b.note("nodes: pods that fit on each %d, nodes at the start %d, slots kept free %d; a new one takes %s, one not needed leaves after %s",
		w.Nodes.PodsPerNode, w.Nodes.Initial, w.Nodes.Headroom, lengthText(w.Nodes.Startup), lengthText(w.Nodes.Idle))
	return nil
}
