package sim

import (
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// group is a run of pods of one standing, consecutive in the order of creation.
type group struct {
	// first is the sequence number of the oldest; the others follow it, except
	// in groups that were merged, where nobody asks for their names.
	first, pods int64
	born        time.Duration
	phase       hpa.Phase
	ready       bool
	terminating bool
	// available says that it has been Ready for Pods.MinReady.
	available bool
	// mature says that the controller cannot tell this group from other mature
	// ones any more, whatever happens to it.
	mature bool
	// heldUntil is when the fault ends that keeps the group not Ready, 0 if none
	// does.
	heldUntil time.Duration
	// pending and readyAfter are the times from birth to Running and to Ready,
	// metrics the age of the first metric; waiting says that there is no node yet.
	pending, readyAfter, metrics time.Duration
	waiting                      bool
	// revision is that of the ReplicaSet that keeps it, 0 where none does any more.
	revision int32
	// gone is when a terminating group vanishes.
	gone time.Duration
	// transition is the Ready condition's lastTransitionTime, not yet rounded.
	transition time.Duration
	// life is what its pods have used, in the fleet's lives.
	life int
}

func (g *group) live() bool    { return !g.terminating && g.phase != hpa.PhaseFailed }
func (g *group) serving() bool { return g.ready && g.live() }

// fleet is all pods of the workload in the order of creation.
type fleet struct {
	groups []group
	pods   *Pods
	// mature is how old a pod must be for any rule but its own delays.
	mature time.Duration
	// history is how long a pod must have been Ready, so that it counts as one
	// that always was.
	history time.Duration
	lives   lives
	nodes   pool
	// deployment decides how many pods of which revision there are.
	deployment deployment
	// slow is by how many thousandths of their time to Ready new pods become Ready,
	// until slowUntil; shortages is how many node shortages are under way.
	slow, shortages int64
	slowUntil       time.Duration
	// named says that pods' names are asked for, so that only true runs merge.
	named bool

	// Kept by settle: totals, and the instant of the next transition.
	// homeless are the live pods that wait for a node.
	live, serving, homeless int64
	counts                  Counts
	due                     time.Duration
	// created and deleted are how many pods ever were.
	created, deleted int64
	// version grows whenever a group changes.
	version int64
}

// found creates the initial pods.
func (f *fleet) found(w *World, named bool) {
	c := &w.Autoscaler.Controller
	f.groups, f.named, f.pods = make([]group, 0, 64), named, &w.Pods
	f.mature = max(c.CPUInitializationPeriod, c.InitialReadinessDelay)
	initial := int64(w.Pods.Initial)
	surge, _ := w.Pods.Rolling.fenceposts(initial)
	f.deployment = deployment{
		rules: w.Pods.Rolling, sets: []replicaSet{{size: initial}}, asked: initial, most: initial + surge,
	}
	f.create(initial, 0, -w.Pods.InitialAge)
	f.nodes = pool{Nodes: &w.Nodes, up: int64(w.Nodes.Initial)}
	f.place(0)
	f.settle()
}

// create adds n pods of a revision.
func (f *fleet) create(n int64, revision int32, now time.Duration) {
	for n > 0 {
		d, run := f.pods.delays(f.created), f.pods.alike(f.created, n)
		f.groups = append(f.groups, group{
			first: f.created, pods: run, born: now, phase: hpa.PhasePending, transition: now,
			life:    f.lives.begin(-1),
			pending: d.pending, readyAfter: f.readyAfter(d, now), metrics: d.metrics,
			revision: revision,
			waiting:  f.shortages > 0 || f.nodes.on(),
		})
		f.created += run
		n -= run
	}
}

// follow makes the number of live pods what the workload asks for.
func (f *fleet) follow(want int64, now time.Duration) {
	f.deployment.ask(want)
	f.roll(now)
	f.place(now)
	f.settle()
}

// remove terminates n pods of a revision: Pending before Running-not-Ready before
// Ready, then newest first.
func (f *fleet) remove(n int64, revision int32, now time.Duration) {
	for _, class := range [...]int{standsPending, standsNotReady, standsReady} {
		for i := len(f.groups) - 1; i >= 0 && n > 0; i-- {
			if g := &f.groups[i]; g.revision == revision && standing(g) == class {
				taken := min(n, g.pods)
				n -= taken
				f.terminate(i, taken, now)
			}
		}
	}
}

// terminate deletes the newest n pods of group i.
func (f *fleet) terminate(i int, n int64, now time.Duration) {
	p := f.pods
	for n > 0 {
		lingers, run := draw(p.Spread.Termination, p.Termination, p.Spread.Seed, f.deleted, luckEnd), n
		if len(p.Spread.Termination) > 0 {
			run = 1
		}
		f.deleted += run
		n -= run
		if lingers == 0 {
			f.bury(&f.groups[i], run)
			f.groups[i].pods -= run
			continue
		}
		g := f.part(i, f.groups[i].pods-run, run)
		g.terminating, g.mature, g.available, g.gone, g.revision = true, false, false, now+lingers, 0
		f.apart(g)
	}
}

// evict makes the pods at ranks, ascending, Failed.
func (f *fleet) evict(ranks []int64) {
	// From the last one, because a Failed pod takes its rank with it.
	for i := len(ranks) - 1; i >= 0; i-- {
		if g := f.isolate(ranks[i]); g != nil {
			f.bury(g, g.pods)
			g.phase, g.ready, g.mature, g.available, g.heldUntil, g.waiting, g.revision = hpa.PhaseFailed, false, false, false, 0, false, 0
		}
	}
	f.settle()
}

// hold makes those of the pods at ranks that are Ready cease to be for a while.
func (f *fleet) hold(ranks []int64, now, until time.Duration) {
	for _, rank := range ranks {
		if g := f.isolate(rank); g != nil && g.ready {
			g.ready, g.mature, g.available, g.heldUntil, g.transition = false, false, false, until, now
			f.apart(g)
		}
	}
	f.settle()
}

// shorten begins a node shortage, or ends one. When none is left, the pods that
// wait get their nodes.
func (f *fleet) shorten(change int, now time.Duration) {
	f.shortages += int64(change)
	if f.shortages > 0 {
		f.settle()
		return
	}
	for i := range f.groups {
		if g := &f.groups[i]; g.waiting && !f.nodes.on() {
			g.waiting, g.born, g.transition = false, now, now
		}
	}
	f.settle()
}
