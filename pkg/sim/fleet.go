package sim

import (
	"math"
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
	// mature says that the controller cannot tell this group from other mature
	// ones any more, whatever happens to it.
	mature bool
	// heldUntil is when the fault ends that keeps the group not Ready, 0 if none
	// does.
	heldUntil time.Duration
	// readyAfter is the time from birth to Ready; waiting says that there is no node
	// yet.
	readyAfter time.Duration
	waiting    bool
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
	// pending, ready, mature and termination are a pod's delays.
	pending, ready, mature, termination time.Duration
	// history is how long a pod must have been Ready, so that it counts as one
	// that always was.
	history time.Duration
	lives   lives
	// starts is the time to Ready of which a slow start is a multiple.
	starts time.Duration
	// slow is by how many thousandths of it new pods become Ready, until slowUntil;
	// shortages is how many node shortages are under way.
	slow, shortages int64
	slowUntil       time.Duration
	// named says that pods' names are asked for, so that only true runs merge.
	named bool

	// Kept by settle: totals, and the instant of the next transition.
	live, serving int64
	counts        Counts
	due           time.Duration
	created       int64
	// version grows whenever a group changes.
	version int64
}

// found creates the initial pods.
func (f *fleet) found(w *World, named bool) {
	p, c := &w.Pods, &w.Autoscaler.Controller
	f.groups, f.named = make([]group, 0, 64), named
	f.pending, f.ready, f.termination = p.Pending, max(p.Pending, p.Ready), p.Termination
	f.starts = p.Ready
	// One second more than any rule looks at, because the controller sees
	// rounded times.
	f.mature = max(c.CPUInitializationPeriod, c.InitialReadinessDelay, p.MetricsDelay, f.ready) + time.Second
	f.create(int64(p.Initial), -p.InitialAge)
	f.settle()
}

// create adds n pods.
func (f *fleet) create(n int64, now time.Duration) {
	if n <= 0 {
		return
	}
	f.groups = append(f.groups, group{
		first: f.created, pods: n, born: now, phase: hpa.PhasePending, transition: now,
		life:       f.lives.begin(-1),
		readyAfter: f.readyDelay(now), waiting: f.shortages > 0,
	})
	f.created += n
}

// follow makes the number of live pods what the workload asks for.
func (f *fleet) follow(want int64, now time.Duration) {
	var live int64
	for i := range f.groups {
		if f.groups[i].live() {
			live += f.groups[i].pods
		}
	}
	f.create(want-live, now)
	f.remove(live-want, now)
	f.settle()
}

// remove terminates n pods: Pending before Running-not-Ready before Ready, then
// newest first.
func (f *fleet) remove(n int64, now time.Duration) {
	for _, class := range [...]int{standsPending, standsNotReady, standsReady} {
		for i := len(f.groups) - 1; i >= 0 && n > 0; i-- {
			if g := &f.groups[i]; standing(g) == class {
				taken := min(n, g.pods)
				n -= taken
				f.terminate(i, taken, now)
			}
		}
	}
}

// terminate deletes the newest n pods of group i.
func (f *fleet) terminate(i int, n int64, now time.Duration) {
	if f.termination == 0 {
		f.groups[i].pods -= n
		return
	}
	g := f.part(i, f.groups[i].pods-n, n)
	g.terminating, g.mature, g.gone = true, false, now+f.termination
	f.apart(g)
}

// apart gives a group a life of its own, where it had that of pods which always
// served.
func (f *fleet) apart(g *group) {
	if g.life == 0 {
		g.life = f.lives.begin(0)
	}
}

// isolate puts the pod at a rank among live pods into a group of its own, which
// it returns; nil if there is no such pod.
func (f *fleet) isolate(rank int64) *group {
	for i := range f.groups {
		g := &f.groups[i]
		switch {
		case !g.live():
		case rank >= g.pods:
			rank -= g.pods
		default:
			return f.part(i, rank, 1)
		}
	}
	return nil
}

// part puts n pods of group i, from the one at index first on, into a group of
// their own, which it returns. It is valid until a group is added.
func (f *fleet) part(i int, first, n int64) *group {
	for _, at := range [...]int64{first + n, first} {
		g := f.groups[i]
		if at == 0 || at == g.pods {
			continue
		}
		f.groups = append(f.groups, group{})
		copy(f.groups[i+1:], f.groups[i:])
		f.groups[i].pods = at
		f.groups[i+1].first, f.groups[i+1].pods = g.first+at, g.pods-at
		if g.life > 0 {
			f.groups[i+1].life = f.lives.begin(g.life)
		}
	}
	if first > 0 {
		i++
	}
	return &f.groups[i]
}

// evict makes the pods at ranks, ascending, Failed.
func (f *fleet) evict(ranks []int64) {
	// From the last one, because a Failed pod takes its rank with it.
	for i := len(ranks) - 1; i >= 0; i-- {
		if g := f.isolate(ranks[i]); g != nil {
			g.phase, g.ready, g.mature, g.heldUntil, g.waiting = hpa.PhaseFailed, false, false, 0, false
		}
	}
	f.settle()
}

// hold makes those of the pods at ranks that are Ready cease to be for a while.
func (f *fleet) hold(ranks []int64, now, until time.Duration) {
	for _, rank := range ranks {
		if g := f.isolate(rank); g != nil && g.ready {
			g.ready, g.mature, g.heldUntil, g.transition = false, false, until, now
			f.apart(g)
		}
	}
	f.settle()
}

// transition does what pods do by themselves until now.
func (f *fleet) transition(now time.Duration) {
	if now < f.due {
		return
	}
	for i := range f.groups {
		g := &f.groups[i]
		if g.phase == hpa.PhaseFailed {
			continue
		}
		if g.terminating && g.gone <= now {
			g.pods = 0
		}
		if g.phase == hpa.PhasePending && !g.waiting && g.born+f.pending <= now {
			g.phase = hpa.PhaseRunning
		}
		if ready := f.readyAt(g); g.phase == hpa.PhaseRunning && !g.ready && ready <= now {
			g.ready, g.heldUntil, g.transition = true, 0, ready
		}
		if g.mature = g.serving() && f.matureAt(g) <= now; g.mature {
			f.lives.end(g.life)
			g.life = 0
		}
	}
	f.settle()
}

// matureAt is when a serving group can no more be told from others: it is past
// every initialisation period and, by one second, anything that its own delay
// decides, and was Ready for as long as anybody looks back.
func (f *fleet) matureAt(g *group) time.Duration {
	return max(g.born+max(f.mature, g.readyAfter+time.Second), g.transition+f.history)
}

// readyAt is when a group that is not Ready becomes so.
func (f *fleet) readyAt(g *group) time.Duration {
	if g.heldUntil > 0 {
		return g.heldUntil
	}
	return g.born + g.readyAfter
}

// readyDelay is the time from birth to Ready of a pod created now.
func (f *fleet) readyDelay(now time.Duration) time.Duration {
	if f.slow == 0 || now >= f.slowUntil {
		return f.ready
	}
	return max(f.pending, time.Duration(times(int64(f.starts), f.slow)))
}

// shorten begins a node shortage, or ends one. When none is left, the pods that
// wait get their nodes.
func (f *fleet) shorten(change int, now time.Duration) {
	f.shortages += int64(change)
	if f.shortages > 0 {
		return
	}
	for i := range f.groups {
		if g := &f.groups[i]; g.waiting {
			g.waiting, g.born, g.transition = false, now, now
		}
	}
	f.settle()
}

// next is the instant of a group's next transition.
func (f *fleet) next(g *group) time.Duration {
	at := never
	if g.phase == hpa.PhaseFailed {
		return at
	}
	if g.terminating {
		at = g.gone
	}
	switch {
	case g.waiting:
	case g.phase == hpa.PhasePending:
		at = min(at, g.born+f.pending)
	case !g.ready:
		at = min(at, f.readyAt(g))
	case g.serving() && !g.mature:
		at = min(at, f.matureAt(g))
	}
	return at
}

// settle drops empty groups, merges those that are alike, and brings the totals
// up to date.
func (f *fleet) settle() {
	kept, lastLive, lastFailed := f.groups[:0], -1, -1
	for _, g := range f.groups {
		if g.pods == 0 {
			f.lives.end(g.life)
			continue
		}
		// Ranks go by the order of live pods, so a live group merges only with
		// its neighbour; among Failed ones no order is asked for.
		into := -1
		switch {
		case g.live():
			into, lastLive = lastLive, len(kept)
		case g.phase == hpa.PhaseFailed:
			into, lastFailed = lastFailed, len(kept)
		}
		if into >= 0 && f.alike(&kept[into], &g) {
			// The newer times are the safe ones to keep: every rule that they
			// satisfy, the older ones do.
			g.first, g.pods = kept[into].first, kept[into].pods+g.pods
			f.lives.end(kept[into].life)
			kept[into] = g
			if g.live() {
				lastLive = into
			} else {
				lastFailed = into
			}
			continue
		}
		kept = append(kept, g)
	}
	f.groups = kept
	f.recount()
}

// alike says whether b may join a.
func (f *fleet) alike(a, b *group) bool {
	if f.named && a.first+a.pods != b.first || a.pods+b.pods > math.MaxInt32 {
		return false
	}
	if a.mature && b.mature || a.phase == hpa.PhaseFailed && b.phase == hpa.PhaseFailed {
		return true
	}
	x, y := *a, *b
	x.first, x.pods, x.life, y.first, y.pods, y.life = 0, 0, 0, 0, 0, 0
	return x == y && f.lives.same(a.life, b.life)
}

func (f *fleet) recount() {
	f.version++
	f.live, f.serving, f.due = 0, 0, never
	var c [5]int64
	for i := range f.groups {
		g := &f.groups[i]
		c[standing(g)] += g.pods
		if g.live() {
			f.live += g.pods
		}
		f.due = min(f.due, f.next(g))
	}
	f.serving = c[standsReady]
	f.counts = Counts{
		Ready: clamp(c[standsReady]), NotReady: clamp(c[standsNotReady]), Pending: clamp(c[standsPending]),
		Terminating: clamp(c[standsTerminating]), Failed: clamp(c[standsFailed]),
	}
}

// The standings that Counts tells apart.
const (
	standsReady = iota
	standsNotReady
	standsPending
	standsTerminating
	standsFailed
)

func standing(g *group) int {
	switch {
	case g.phase == hpa.PhaseFailed:
		return standsFailed
	case g.terminating:
		return standsTerminating
	case g.phase == hpa.PhasePending:
		return standsPending
	case !g.ready:
		return standsNotReady
	}
	return standsReady
}

// clamp is n as the API's int32.
func clamp(n int64) int32 { return int32(min(n, math.MaxInt32)) }
