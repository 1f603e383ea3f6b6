package fit

import (
	"math"
	"slices"
	"time"
)

// Imbalance is how unequal the shares of pods were.
type Imbalance struct {
	// Ratio is the busiest pod's load over the mean, in the stretch in the middle:
	// in half of the time it was less. A load is what a pod uses besides idle.
	Ratio float64
	// Stretches is how many there were in which the same two pods or more served
	// undisturbed for a minute at least, Time how long they lasted in all.
	Stretches int
	Time      time.Duration
}

// shortestStretch is how long the same pods have to serve for their shares to
// tell more than luck.
const shortestStretch = time.Minute

// imbalance compares pods with each other.
func (f *learner) imbalance() {
	if f.model.Method == Range {
		return // what is load is not known
	}
	type stretch struct {
		ratio float64
		steps int
	}
	var all []stretch
	least := int((shortestStretch + f.grid.Step - 1) / f.grid.Step)
	for from := 0; from < f.grid.N; {
		pods := f.undisturbed(from)
		to := from + 1
		for to < f.grid.N && slices.Equal(pods, f.undisturbed(to)) {
			to++
		}
		if len(pods) > 1 && to-from >= least {
			if ratio, ok := f.busiest(pods, from, to); ok {
				all = append(all, stretch{ratio, to - from})
			}
		}
		from = to
	}
	slices.SortFunc(all, func(a, b stretch) int { return compare(a.ratio, b.ratio) })
	steps := 0
	for i := range all {
		steps += all[i].steps
	}
	m := &f.model.Imbalance
	m.Stretches, m.Time = len(all), time.Duration(steps)*f.grid.Step
	seen := 0
	for i := range all {
		if seen += all[i].steps; 2*seen >= steps {
			m.Ratio = all[i].ratio
			return
		}
	}
}

// undisturbed are the pods of a step, as indexes, that serve undisturbed; none
// where another one serves besides.
func (f *learner) undisturbed(step int) []int {
	var pods []int
	for n, p := range f.table {
		i, ok := p.at(step)
		if !ok {
			continue
		}
		if p.state[i] != 0 || !(p.cover[i] > 0.99) || math.IsNaN(p.use[i]) {
			return nil
		}
		pods = append(pods, n)
	}
	return pods
}

// busiest is the busiest pod's load over the mean, from a step to before another.
func (f *learner) busiest(pods []int, from, to int) (ratio float64, ok bool) {
	most, all := 0.0, 0.0
	for _, n := range pods {
		use, known := f.table[n].mean(from, to)
		if !known {
			return 0, false
		}
		idle, _ := f.lineAt(from)
		load := max(0, use-idle)
		most, all = max(most, load), all+load
	}
	if all <= 0 {
		return 0, false
	}
	return most * float64(len(pods)) / all, true
}
