package sim

import "time"

// Nodes are the machines that pods run on. With PodsPerNode 0 there is always
// room.
//
// A pod that is not Failed takes one slot, also while it terminates. Pods without
// a slot are Pending, and get one in the order of creation as soon as one is free;
// from that instant on they are as if created then, but for their ranks. Those
// deleted without a slot get none. Pods stand as close as they can: no node is
// kept, or asked for, because of where the others put theirs.
//
// Needed are as many nodes as hold all live pods, those that terminate on a slot,
// and Headroom, but Max at most. What is missing, counting those on their way, is
// asked for at once and comes Startup later; nothing asked for is taken back. Of
// the nodes beyond those needed each leaves when it was not needed for Idle; the
// one that was not needed for the shortest time is needed again first.
//
// At an instant, nodes come and leave with the transitions of pods, after these
// vanish and before others run; slots are given, and nodes asked for, whenever
// pods are created or deleted. During FaultNodeShortage none come: those due come
// at its end.
type Nodes struct {
	// PodsPerNode is how many of the workload's pods fit on a node.
	PodsPerNode int32
	// Initial is how many nodes there are at t=0: enough for the initial pods.
	Initial int32
	// Headroom is how many slots are kept free.
	Headroom int32
	// Max bounds the nodes, those on their way included; 0 does not.
	Max int32
	// Startup is the time from asking for a node to its slots.
	Startup time.Duration
	// Idle is how long a node stays that is not needed.
	Idle time.Duration
}

// NodesFor is how many nodes so many pods and the headroom need, Max apart.
func (n *Nodes) NodesFor(pods int64) int64 {
	each := int64(n.PodsPerNode)
	return (pods + int64(n.Headroom) + each - 1) / each
}

// invalid says what is wrong with the nodes of so many pods.
func (n *Nodes) invalid(pods int32) string {
	switch {
	case n.PodsPerNode < 0 || n.Initial < 0 || n.Headroom < 0 || n.Max < 0:
		return "a number is negative"
	case n.PodsPerNode == 0 && *n != Nodes{}:
		return "it is not said how many pods a node holds"
	case int64(n.Initial)*int64(n.PodsPerNode) < int64(pods) && n.PodsPerNode > 0:
		return "those at the start do not hold the initial pods"
	case n.Max > 0 && n.Initial > n.Max:
		return "there are more at the start than there may be"
	}
	for _, t := range [...]time.Duration{n.Startup, n.Idle} {
		if what := invalidTime(t); what != "" {
			return what
		}
	}
	return ""
}

// pool is the nodes of a run.
type pool struct {
	*Nodes
	// up is how many there are, coming how many were asked for.
	up, coming int64
	// orders are those coming by when, spare those not needed by since when.
	orders, spare []nodeRun
}

// nodeRun is some nodes and an instant.
type nodeRun struct {
	at    time.Duration
	nodes int64
}

func (p *pool) on() bool { return p.Nodes != nil && p.PodsPerNode > 0 }

// turn lets nodes come, unless there is a shortage, and leave.
func (p *pool) turn(now time.Duration, short bool) {
	for len(p.orders) > 0 && !short && p.orders[0].at <= now {
		p.up += p.orders[0].nodes
		p.coming -= p.orders[0].nodes
		p.orders = append(p.orders[:0], p.orders[1:]...)
	}
	for len(p.spare) > 0 && p.spare[0].at+p.Idle <= now {
		p.up -= p.spare[0].nodes
		p.spare = append(p.spare[:0], p.spare[1:]...)
	}
}

// next is when the next node comes or leaves.
func (p *pool) next(short bool) time.Duration {
	at := never
	if len(p.orders) > 0 && !short {
		at = p.orders[0].at
	}
	if len(p.spare) > 0 {
		at = min(at, p.spare[0].at+p.Idle)
	}
	return at
}

// need asks for the nodes that so many pods lack, and marks those that they do
// not need.
func (p *pool) need(pods int64, now time.Duration) {
	need := p.NodesFor(pods)
	if p.Max > 0 {
		need = min(need, int64(p.Max))
	}
	if lack := need - p.up - p.coming; lack > 0 {
		p.coming += lack
		p.orders = append(p.orders, nodeRun{now + p.Startup, lack})
	}
	more := max(0, p.up-need)
	for i := range p.spare {
		more -= p.spare[i].nodes
	}
	if more > 0 {
		p.spare = append(p.spare, nodeRun{now, more})
	}
	for more < 0 {
		last := &p.spare[len(p.spare)-1]
		used := min(last.nodes, -more)
		last.nodes -= used
		if more += used; last.nodes == 0 {
			p.spare = p.spare[:len(p.spare)-1]
		}
	}
}

// place gives free slots to the pods that wait, in the order of creation, and
// sees to the nodes.
func (f *fleet) place(now time.Duration) {
	if !f.nodes.on() {
		return
	}
	var held, waiting int64
	for i := range f.groups {
		switch g := &f.groups[i]; {
		case standing(g) == standsFailed:
		case !g.waiting:
			held += g.pods
		case g.live():
			waiting += g.pods
		}
	}
	free := f.nodes.up*int64(f.nodes.PodsPerNode) - held
	for i := 0; i < len(f.groups) && free > 0 && waiting > 0; i++ {
		if g := &f.groups[i]; !g.waiting || !g.live() || g.pods == 0 {
			continue
		}
		g := f.part(i, 0, min(free, f.groups[i].pods))
		g.waiting, g.born, g.transition = false, now, now
		free -= g.pods
		held += g.pods
		waiting -= g.pods
	}
	f.nodes.need(held+waiting, now)
}
