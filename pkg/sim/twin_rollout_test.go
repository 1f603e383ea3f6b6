package sim_test

import (
	"math"
	"math/big"
	"sort"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// twinSet is one ReplicaSet.
type twinSet struct{ size int }

func (t *twin) podsOf(s *twinSet) []*twinPod {
	var own []*twinPod
	for _, p := range t.alive() {
		if p.set == s {
			own = append(own, p)
		}
	}
	return own
}

func (t *twin) available(s *twinSet) int {
	n := 0
	for _, p := range t.podsOf(s) {
		if p.ready && p.available {
			n++
		}
	}
	return n
}

// availableAt is when a pod that is Ready is available.
func (t *twin) availableAt(p *twinPod) time.Duration {
	return floorSeconds(p.changed) + t.w.Pods.MinReady
}

// rounded is what a share of so many pods comes to, up or down.
func rounded(s sim.Share, pods int, round func(float64) float64) int {
	if !s.Percent {
		return int(s.N)
	}
	return int(round(float64(int(s.N)*pods) / 100))
}

func (t *twin) ruling() sim.Rolling {
	if (t.rules == sim.Rolling{}) {
		return sim.Rolling{MaxSurge: sim.Share{N: 25, Percent: true}, MaxUnavailable: sim.Share{N: 25, Percent: true}}
	}
	return t.rules
}

func (t *twin) maxSurge(asked int) int { return rounded(t.ruling().MaxSurge, asked, math.Ceil) }

func (t *twin) maxUnavailable(asked int) int {
	n := rounded(t.ruling().MaxUnavailable, asked, math.Floor)
	if n == 0 && t.maxSurge(asked) == 0 {
		n = 1
	}
	return min(n, asked)
}

// dropOld forgets old ReplicaSets that have no pods.
func (t *twin) dropOld() {
	var kept []*twinSet
	for i, s := range t.sets {
		if s.size > 0 || i == len(t.sets)-1 {
			kept = append(kept, s)
		}
	}
	t.sets = kept
}

// rescale answers to another number of replicas.
func (t *twin) rescale(want int) {
	newest, before := t.sets[len(t.sets)-1], t.most
	t.desired, t.most = want, want+t.maxSurge(want)
	var active []*twinSet
	sum := 0
	for _, s := range t.sets {
		if s.size > 0 {
			active = append(active, s)
			sum += s.size
		}
	}
	switch len(active) {
	case 0:
		newest.size = want
		return
	case 1:
		active[0].size = want
		return
	}
	allowed := t.most
	if want == 0 {
		allowed = 0
	}
	add := allowed - sum
	age := map[*twinSet]int{}
	for i, s := range t.sets {
		age[s] = i
	}
	sort.Slice(active, func(i, j int) bool {
		a, b := active[i], active[j]
		switch {
		case a.size != b.size:
			return a.size > b.size
		case add > 0:
			return age[a] > age[b]
		}
		return age[a] < age[b]
	})
	added := 0
	for _, s := range active {
		if add == 0 {
			break
		}
		part := -s.size
		if want > 0 {
			exact := new(big.Rat).SetFrac64(int64(s.size*t.most), int64(before))
			exact.Add(exact, big.NewRat(1, 2)) // rounded half up
			part = int(new(big.Int).Quo(exact.Num(), exact.Denom()).Int64()) - s.size
		}
		for add > 0 && part > add-added || add < 0 && part < add-added {
			part = add - added
		}
		s.size += part
		added += part
	}
	active[0].size += add - added
	if active[0].size < 0 {
		active[0].size = 0
	}
}

// rollOn is one turn of a rollout; false where there is nothing to do.
func (t *twin) rollOn() bool {
	newest, total := t.sets[len(t.sets)-1], 0
	for _, s := range t.sets {
		total += s.size
	}
	changed := false
	for newest.size > t.desired {
		newest.size, changed = newest.size-1, true
	}
	if changed {
		return true
	}
	for newest.size < t.desired && total < t.desired+t.maxSurge(t.desired) {
		newest.size, total, changed = newest.size+1, total+1, true
	}
	if changed {
		return true
	}
	least := t.desired - t.maxUnavailable(t.desired)
	down := total - least - (newest.size - t.available(newest))
	spare := -least
	for _, s := range t.sets {
		spare += t.available(s)
	}
	if down <= 0 {
		return false
	}
	old := t.sets[:len(t.sets)-1]
	for _, s := range old {
		for ready := t.available(s); down > 0 && s.size > ready; down-- {
			s.size, changed = s.size-1, true
		}
	}
	for _, s := range old {
		for ; spare > 0 && s.size > 0; spare-- {
			s.size, changed = s.size-1, true
		}
	}
	return changed
}
