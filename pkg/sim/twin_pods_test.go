package sim_test

import (
	"math/big"
	"time"
)

func (t *twin) runsAt(p *twinPod) time.Duration {
	if p.waits {
		return noNode
	}
	return p.born + p.pending
}

func (t *twin) readyAt(p *twinPod) time.Duration {
	if p.waits {
		return noNode
	}
	if p.starts < p.pending {
		return t.runsAt(p)
	}
	return p.born + p.starts
}

// age makes one pod's own transitions up to now.
func (t *twin) age(p *twinPod, now time.Duration) {
	if p.failed {
		return
	}
	if !p.running && t.runsAt(p) <= now {
		p.running = true
	}
	if p.running && !p.ready && !p.held && t.readyAt(p) <= now {
		p.ready, p.changed = true, t.readyAt(p)
	}
	if p.held && p.until <= now {
		p.ready, p.held, p.changed = true, false, p.until
	}
	p.available = p.ready && t.availableAt(p) <= now
}

func (t *twin) vanish(now time.Duration) {
	var left []*twinPod
	for _, p := range t.pods {
		if p.deleted && p.gone <= now {
			continue
		}
		left = append(left, p)
	}
	t.pods = left
}

// agePods is what happens by itself at an instant: deleted pods vanish, nodes come
// and leave, pods get slots, and then all grow older.
func (t *twin) agePods(now time.Duration) {
	t.vanish(now)
	t.turnNodes(now)
	t.house(now)
	for t.turnNodes(now) {
		t.house(now)
	}
	for before := -1; before != t.progress(); {
		before = t.progress()
		for _, p := range t.pods {
			t.age(p, now)
		}
		t.workload(now)
		for t.turnNodes(now) {
			t.house(now)
		}
	}
}

// progress is a number that changes whenever a rollout goes on.
func (t *twin) progress() int {
	n := 1000*t.born + 1_000_000*t.ended
	for _, p := range t.pods {
		if p.ready {
			n++
		}
	}
	return n
}

func (t *twin) alive() []*twinPod {
	var live []*twinPod
	for _, p := range t.pods {
		if p.live() {
			live = append(live, p)
		}
	}
	return live
}

// workload lets the Deployment scale its ReplicaSets, and these create or delete
// pods, until nobody has anything to do.
func (t *twin) workload(now time.Duration) {
	want := int(t.replicas)
	if want > 0 {
		want += int(t.surge)
	}
	if want != t.desired {
		t.rescale(want)
	}
	for {
		for _, s := range t.sets {
			t.replicate(s, now)
		}
		t.dropOld()
		if !t.rollOn() {
			break
		}
	}
	t.house(now)
}

// replicate is one ReplicaSet's work.
func (t *twin) replicate(s *twinSet, now time.Duration) {
	for len(t.podsOf(s)) < s.size {
		t.add(s, now)
	}
	for len(t.podsOf(s)) > s.size {
		victim := t.victim(s)
		lingers := t.draws(t.w.Pods.Spread.Termination, t.w.Pods.Termination, t.ended, 2)
		t.ended++
		victim.deleted, victim.gone = true, now+lingers
		if lingers == 0 {
			t.forget(victim)
		}
	}
}

func (t *twin) victim(s *twinSet) *twinPod {
	order := map[string]int{"pending": 0, "notReady": 1, "ready": 2}
	var worst *twinPod
	for _, p := range t.podsOf(s) {
		if worst == nil || order[p.standing()] <= order[worst.standing()] {
			worst = p
		}
	}
	return worst
}

func (t *twin) forget(victim *twinPod) {
	for i, p := range t.pods {
		if p == victim {
			t.pods = append(t.pods[:i:i], t.pods[i+1:]...)
			return
		}
	}
}

// draws is what the pod of a number draws from a list, by the rule written down
// for Spread.
func (t *twin) draws(list []time.Duration, constant time.Duration, number, kind int) time.Duration {
	if len(list) == 0 {
		return constant
	}
	state := splitMixes(new(big.Int).SetUint64(t.w.Pods.Spread.Seed), 1)
	place := splitMixes(state, 4*number+kind+1)
	place.Mul(place, big.NewInt(int64(len(list))))
	return list[place.Rsh(place, 64).Int64()]
}

// splitMixes is output n, from 1, of a SplitMix64 of a seed, in whole numbers
// modulo 2⁶⁴.
func splitMixes(seed *big.Int, n int) *big.Int {
	word := new(big.Int).Lsh(big.NewInt(1), 64)
	hex := func(digits string) *big.Int {
		n, _ := new(big.Int).SetString(digits, 16)
		return n
	}
	z := new(big.Int).Set(seed)
	for range n {
		z.Add(z, hex("9e3779b97f4a7c15"))
	}
	z.Mod(z, word)
	for _, round := range []struct {
		shift uint
		times string
	}{{30, "bf58476d1ce4e5b9"}, {27, "94d049bb133111eb"}, {31, "1"}} {
		z.Xor(z, new(big.Int).Rsh(z, round.shift))
		z.Mul(z, hex(round.times)).Mod(z, word)
	}
	return z
}
