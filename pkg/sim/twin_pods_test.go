package sim_test

import (
	"time"
)

func (t *twin) runsAt(p *twinPod) time.Duration {
	if p.waits {
		return noNode
	}
	return p.born + t.w.Pods.Pending
}

func (t *twin) readyAt(p *twinPod) time.Duration {
	if p.waits {
		return noNode
	}
	if p.starts < t.w.Pods.Pending {
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
}

func (t *twin) agePods(now time.Duration) {
	var left []*twinPod
	for _, p := range t.pods {
		t.age(p, now)
		if p.deleted && p.gone <= now {
			continue
		}
		left = append(left, p)
	}
	t.pods = left
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

// workload creates or deletes pods until as many live as are asked for.
func (t *twin) workload(now time.Duration) {
	want := int(t.replicas)
	if want > 0 {
		want += int(t.surge)
	}
	for len(t.alive()) < want {
		t.add(now)
	}
	for len(t.alive()) > want {
		victim := t.victim()
		victim.deleted, victim.gone = true, now+t.w.Pods.Termination
		if t.w.Pods.Termination == 0 {
			t.forget(victim)
		}
	}
}

func (t *twin) victim() *twinPod {
	order := map[string]int{"pending": 0, "notReady": 1, "ready": 2}
	var worst *twinPod
	for _, p := range t.alive() {
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
