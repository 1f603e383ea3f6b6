package fit

import "time"

// jumpSpan is how long before and after a change of the pod count the use is
// looked at: short enough for the load to go straight.
const jumpSpan = 90 * time.Second

// narrowJumps is as narrow is, but for jumps: few changes look more alike than
// they are.
const narrowJumps = 0.1

// jumps finds what is idle without knowing what was asked for: where the number
// of pods changes, load does not, so the total use jumps by what the pods more or
// less use when idle. The load's own trend is taken out by a straight line before
// and after. It is true where idle is identified.
func (f *learner) jumps(mean float64) bool {
	var events []sums
	pods, use := f.fleet(unready | starting | rolling | saturated)
	for _, e := range f.changes(pods, use) {
		if s := e.jump(use); s.xx > 0 {
			events = append(events, s)
		}
	}
	idle, ok := jumpEstimate(events)
	if !ok || idle.High-idle.Low > narrowJumps*mean {
		return false
	}
	f.model.Method, f.model.Idle, f.model.Cost = Jumps, idle, Estimate{}
	return true
}

// change is a step from one stable number of pods to another.
type change struct {
	// [before, at) and [after, until) are the stable steps on both sides.
	before, at, after, until int
	pods                     int // more than before
}

// fleet is the number of pods and their total use in each step; use is negative
// where some pod's state is of those given, or not known.
func (f *learner) fleet(not state) (pods []int, use []float64) {
	pods, use = make([]int, f.grid.N), make([]float64, f.grid.N)
	for _, p := range f.table {
		for i := range p.use {
			k := p.from + i
			pods[k]++
			if p.state[i]&not != 0 || p.cover[i] < 0.99 {
				use[k] = -1
			}
			if use[k] >= 0 {
				use[k] += p.use[i]
			}
		}
	}
	return pods, use
}

// changes finds the changes of the pod count that stand between two stretches
// long enough to look at.
func (f *learner) changes(pods []int, use []float64) []change {
	long := max(4, int(jumpSpan/f.grid.Step))
	apart := 2 * int((max(settling, 2*f.grid.Step)+f.grid.Step-1)/f.grid.Step)
	var out []change
	runs := stretches(pods, use, long/2)
	for i := 1; i < len(runs); i++ {
		a, b := runs[i-1], runs[i]
		if more := b.pods - a.pods; more != 0 && b.before-a.at <= apart {
			out = append(out, change{max(a.before, a.at-long), a.at, b.before, min(b.at, b.before+long), more})
		}
	}
	return out
}

// stretches are the runs of at least so many steps in which one number of pods
// served undisturbed: from before to at.
func stretches(pods []int, use []float64, least int) []change {
	var runs []change
	for k := 0; k < len(pods); {
		j := k
		for j < len(pods) && pods[j] == pods[k] && use[j] >= 0 {
			j++
		}
		if j-k >= least && pods[k] > 0 {
			runs = append(runs, change{before: k, at: j, pods: pods[k]})
		}
		k = max(j, k+1)
	}
	return runs
}

// jump holds the total use around a change against the pods more or less, after
// the straight line through time is taken out of both.
func (c change) jump(use []float64) sums {
	var line, pods sums
	each := func(visit func(t, d, u float64)) {
		for k := c.before; k < c.until; k++ {
			if k < c.at {
				visit(float64(k-c.at), 0, use[k])
			} else if k >= c.after {
				visit(float64(k-c.at), float64(c.pods), use[k])
			}
		}
	}
	each(func(t, d, u float64) { line.point(t, u); pods.point(t, d) })
	ua, ub := line.straight()
	da, db := pods.straight()
	var out sums
	each(func(t, d, u float64) { out.point(d-da-db*t, u-ua-ub*t) })
	return out
}

// straight is the least-squares line, wherever it leads.
func (s *sums) straight() (base, slope float64) {
	if spread := s.n*s.xx - s.x*s.x; spread > 0 {
		slope = (s.n*s.xy - s.x*s.y) / spread
	}
	return (s.y - slope*s.x) / s.n, slope
}

// jumpEstimate is what all changes say together, and how far they differ.
func jumpEstimate(events []sums) (idle Estimate, ok bool) {
	through := func(s *sums) float64 { return max(0, s.xy/s.xx) }
	var all sums
	for i := range events {
		all.add(&events[i])
	}
	if len(events) < fewestBlocks {
		return idle, false
	}
	var drawn []float64
	redraw(events, func(s *sums) { drawn = append(drawn, through(s)) })
	return interval(through(&all), drawn), true
}
