package sim

import (
	"math"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

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
	if f.named && a.first+a.pods != b.first || a.pods+b.pods > math.MaxInt32 || a.revision != b.revision {
		return false
	}
	if a.mature && b.mature {
		return f.lives.same(a.life, b.life)
	}
	if a.phase == hpa.PhaseFailed && b.phase == hpa.PhaseFailed {
		return true
	}
	x, y := *a, *b
	x.first, x.pods, x.life, y.first, y.pods, y.life = 0, 0, 0, 0, 0, 0
	return x == y && f.lives.same(a.life, b.life)
}

func (f *fleet) recount() {
	f.version++
	f.live, f.serving, f.homeless, f.due = 0, 0, 0, f.nodes.next(f.shortages > 0)
	var c [5]int64
	for i := range f.groups {
		g := &f.groups[i]
		c[standing(g)] += g.pods
		if g.live() {
			f.live += g.pods
			if g.waiting {
				f.homeless += g.pods
			}
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
