package sim

import (
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// transition does what pods do by themselves until now.
func (f *fleet) transition(now time.Duration) {
	// Again, where a node comes or leaves, or a rollout goes on, without delay.
	for now >= f.due {
		f.pass(now)
	}
}

// pass makes the transitions that are due now, once.
func (f *fleet) pass(now time.Duration) {
	for i := range f.groups {
		if g := &f.groups[i]; g.terminating && g.gone <= now {
			f.bury(g, g.pods)
			g.pods = 0
		}
	}
	f.nodes.turn(now, f.shortages > 0)
	f.place(now)
	for i := range f.groups {
		g := &f.groups[i]
		if g.phase == hpa.PhaseFailed {
			continue
		}
		if g.phase == hpa.PhasePending && !g.waiting && g.born+g.pending <= now {
			g.phase = hpa.PhaseRunning
		}
		if ready := f.readyAt(g); g.phase == hpa.PhaseRunning && !g.ready && ready <= now {
			g.ready, g.heldUntil, g.transition = true, 0, ready
		}
		g.available = g.serving() && f.availableAt(g) <= now
		if g.mature = g.serving() && f.matureAt(g) <= now; g.mature {
			g.life = f.lives.always(g.life)
		}
	}
	if f.deployment.rolling() {
		f.roll(now)
		f.place(now)
	}
	f.settle()
}

// bury remembers n pods of a group that run no more.
func (f *fleet) bury(g *group, n int64) {
	if g.phase == hpa.PhaseRunning {
		f.lives.bury(g.life, n)
	}
}

// matureAt is when a serving group can no more be told from others: it is past
// every initialisation period and its own delays, by one second because the
// controller sees rounded times, and was Ready, and had metrics, for as long as
// anybody looks back.
func (f *fleet) matureAt(g *group) time.Duration {
	return max(g.born+max(f.mature, g.readyAfter, g.metrics)+time.Second, max(g.transition, g.born+g.metrics)+f.history, f.availableAt(g))
}

// availableAt is when a serving group becomes available: upstream's
// podutil.IsPodAvailable, which knows the transition to the second.
func (f *fleet) availableAt(g *group) time.Duration {
	return max(g.transition, seconds(g.transition)+f.pods.MinReady)
}

// readyAt is when a group that is not Ready becomes so.
func (f *fleet) readyAt(g *group) time.Duration {
	if g.heldUntil > 0 {
		return g.heldUntil
	}
	return g.born + g.readyAfter
}

// readyAfter is the time from birth to Ready of a pod created now.
func (f *fleet) readyAfter(d delays, now time.Duration) time.Duration {
	if f.slow == 0 || now >= f.slowUntil {
		return max(d.pending, d.starts)
	}
	return max(d.pending, time.Duration(times(int64(d.starts), f.slow)))
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
		at = min(at, g.born+g.pending)
	case !g.ready:
		at = min(at, f.readyAt(g))
	case g.serving() && !g.mature:
		at = min(at, f.matureAt(g))
		if !g.available {
			at = min(at, f.availableAt(g))
		}
	}
	return at
}
