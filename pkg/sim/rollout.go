package sim

import (
	"time"
)

// Rolling is how a Deployment replaces its pods: spec.strategy.rollingUpdate. With
// both zero it is maxSurge 25% and maxUnavailable 25%, the Deployment's defaults.
type Rolling struct {
	// MaxSurge is how many pods more than asked there may be, MaxUnavailable how
	// many fewer may be available.
	MaxSurge, MaxUnavailable Share
}

// Share is a number of pods, or percent of those asked for.
type Share struct {
	N       int32
	Percent bool
}

// invalid says what is wrong with the rules.
func (r *Rolling) invalid() string {
	if r.MaxSurge.N < 0 || r.MaxUnavailable.N < 0 {
		return "a negative number of pods"
	}
	return ""
}

// of are the pods that a share of so many comes to.
func (s Share) of(pods int64, up bool) int64 {
	n := int64(s.N)
	if !s.Percent {
		return n
	}
	if n *= pods; up {
		n += 99
	}
	return n / 100
}

// fenceposts are how many pods more than asked there may be, and how many fewer
// available: upstream's MaxSurge and MaxUnavailable.
func (r *Rolling) fenceposts(asked int64) (surge, unavailable int64) {
	rules := *r
	if rules == (Rolling{}) {
		const quarter = 25
		rules = Rolling{Share{quarter, true}, Share{quarter, true}}
	}
	surge, unavailable = rules.MaxSurge.of(asked, true), rules.MaxUnavailable.of(asked, false)
	if surge == 0 && unavailable == 0 {
		unavailable = 1
	}
	return surge, min(unavailable, asked)
}

// deployment is the Deployment controller (k8s.io/kubernetes,
// pkg/controller/deployment), of which only counts matter here. It and its
// ReplicaSets act at once: whenever pods were created, deleted, became Ready or
// available, or cease to be, it goes on until it has nothing more to do.
type deployment struct {
	rules Rolling
	// sets are its ReplicaSets by age; the last is the new one. Old ones without
	// pods are forgotten.
	sets []replicaSet
	// asked is spec.replicas with the surge of FaultSurge, most the greatest number
	// of pods at that: upstream's annotation of the ReplicaSets.
	asked, most int64
}

// replicaSet is one ReplicaSet.
type replicaSet struct {
	// revision is that of its pods.
	revision int32
	// size is its spec.replicas; live and available are its pods.
	size, live, available int64
}

// newest is the new ReplicaSet.
func (d *deployment) newest() *replicaSet { return &d.sets[len(d.sets)-1] }

// total is the size of all ReplicaSets.
func (d *deployment) total() (n int64) {
	for i := range d.sets {
		n += d.sets[i].size
	}
	return n
}

// begin begins a rollout: a new ReplicaSet, without pods yet.
func (d *deployment) begin(rules Rolling) {
	d.rules = rules
	surge, _ := rules.fenceposts(d.asked)
	d.most = d.asked + surge
	d.sets = append(d.sets, replicaSet{revision: d.newest().revision + 1})
}

// forget drops old ReplicaSets without pods.
func (d *deployment) forget() {
	kept := d.sets[:0]
	for i, s := range d.sets {
		if s.size > 0 || i == len(d.sets)-1 {
			kept = append(kept, s)
		}
	}
	d.sets = kept
}

// ask makes asked the number of pods: upstream's DeploymentController.scale. The
// only ReplicaSet with pods takes all; of several each takes its part.
func (d *deployment) ask(asked int64) {
	if asked == d.asked {
		return
	}
	surge, _ := d.rules.fenceposts(asked)
	active, only := 0, d.newest()
	for i := range d.sets {
		if d.sets[i].size > 0 {
			active, only = active+1, &d.sets[i]
		}
	}
	if active < 2 {
		only.size = asked
	} else {
		d.apportion(asked, asked+surge)
	}
	d.asked, d.most = asked, asked+surge
}

// apportion gives each ReplicaSet its part of what there may be now in all. The
// largest come first, of equals the newer when there are more, else the older; the
// first takes what is left over.
func (d *deployment) apportion(asked, most int64) {
	if asked == 0 {
		most = 0
	}
	add := most - d.total()
	if add == 0 {
		return
	}
	order := make([]int, 0, len(d.sets))
	for i := range d.sets {
		at := len(order)
		for at > 0 && d.before(i, order[at-1], add > 0) {
			at--
		}
		if d.sets[i].size > 0 {
			order = append(order, 0)
			copy(order[at+1:], order[at:])
			order[at] = i
		}
	}
	left, first := add, &d.sets[order[0]]
	for _, i := range order {
		s := &d.sets[i]
		// Upstream's getReplicaSetFraction and GetReplicaSetProportion.
		part := -s.size
		if asked > 0 {
			part = int64(float64(s.size*most)/float64(d.most)+0.5) - s.size
		}
		if add > 0 {
			part = min(part, left)
		} else {
			part = max(part, left)
		}
		left -= part
		s.size += part
	}
	first.size = max(0, first.size+left)
}

// before says whether ReplicaSet i gets its part before j, an older one.
func (d *deployment) before(i, j int, newer bool) bool {
	a, b := d.sets[i].size, d.sets[j].size
	return a > b || a == b && newer
}

// rolling says whether there is more to do than to keep one ReplicaSet's pods.
func (d *deployment) rolling() bool { return len(d.sets) > 1 || d.newest().size != d.asked }

// step is upstream's rolloutRolling, once: more pods of the new ReplicaSet, or
// else fewer of the old ones. It says whether there was anything to do.
func (d *deployment) step() bool {
	surge, unavailable := d.rules.fenceposts(d.asked)
	fresh, total := d.newest(), d.total()
	switch most := d.asked + surge; {
	case fresh.size > d.asked:
		fresh.size = d.asked
		return true
	case fresh.size < d.asked && total < most:
		fresh.size += min(most-total, d.asked-fresh.size)
		return true
	}
	least := d.asked - unavailable
	down := total - least - (fresh.size - fresh.available)
	if down <= 0 {
		return false
	}
	changed, spare := false, fresh.available-least
	old := d.sets[:len(d.sets)-1]
	// Those that are not available first, then as many as are not missed.
	for i := range old {
		s := &old[i]
		unhealthy := min(down, s.size-s.available)
		s.size -= unhealthy
		down -= unhealthy
		spare += s.available
		changed = changed || unhealthy > 0
	}
	for i := range old {
		s := &old[i]
		if cut := min(s.size, spare); cut > 0 {
			s.size -= cut
			spare -= cut
			changed = true
		}
	}
	return changed
}

// roll lets the Deployment and its ReplicaSets act until nothing is left to do; the
// older ReplicaSets first.
func (f *fleet) roll(now time.Duration) {
	for {
		f.tally()
		for i := range f.deployment.sets {
			s := &f.deployment.sets[i]
			f.create(s.size-s.live, s.revision, now)
			f.remove(s.live-s.size, s.revision, now)
		}
		f.deployment.forget()
		if !f.deployment.rolling() {
			return
		}
		f.tally()
		if !f.deployment.step() {
			return
		}
	}
}

// tally counts the pods of each ReplicaSet.
func (f *fleet) tally() {
	sets := f.deployment.sets
	for i := range sets {
		sets[i].live, sets[i].available = 0, 0
	}
	for i := range f.groups {
		g := &f.groups[i]
		if !g.live() {
			continue
		}
		s := &sets[0]
		for j := range sets {
			if sets[j].revision == g.revision {
				s = &sets[j]
			}
		}
		s.live += g.pods
		if g.available {
			s.available += g.pods
		}
	}
}
