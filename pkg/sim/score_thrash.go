package sim

import "time"

// ThrashWindow is how soon a change of spec.replicas must be undone to count as
// thrash: twice the controller's default scale-down stabilization, so that what
// an HPA with default behavior flaps counts.
const ThrashWindow = 10 * time.Minute

// flaps remembers which replicas came and went within the last ThrashWindow.
// The last to come are the highest, and so the first to go; so both lists have
// the newest change at their end, and there alone they change.
type flaps struct {
	// came are runs of replicas from spec.replicas downwards, by when they came;
	// gone are those from there upwards, by when they went.
	came, gone []flap
}

// flap is a run of replicas that came, or went, at one instant.
type flap struct {
	replicas int64
	at       time.Duration
}

func (f *flaps) prepare() {
	f.came, f.gone = make([]flap, 0, 64), make([]flap, 0, 64)
}

// change takes spec.replicas from one count to another and returns how many of
// the replicas between them came or went less than ThrashWindow ago.
func (f *flaps) change(from, to int32, now time.Duration) int64 {
	last, next, n := &f.gone, &f.came, int64(to)-int64(from)
	if n < 0 {
		last, next, n = next, last, -n
	}
	*last, *next = recent(*last, now), recent(*next, now)
	var undone int64
	for undone < n && len(*last) > 0 {
		top := &(*last)[len(*last)-1]
		taken := min(n-undone, top.replicas)
		undone += taken
		if top.replicas -= taken; top.replicas == 0 {
			*last = (*last)[:len(*last)-1]
		}
	}
	*next = append(*next, flap{n, now})
	return undone
}

// recent drops what is older than ThrashWindow, or just as old.
func recent(list []flap, now time.Duration) []flap {
	old := 0
	for old < len(list) && list[old].at <= now-ThrashWindow {
		old++
	}
	return append(list[:0], list[old:]...)
}
