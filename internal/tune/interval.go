package tune

import (
	"math/rand/v2"
	"slices"
	"time"
)

// Interval is an estimate and where it lies with a confidence of 95 %.
type Interval struct{ Estimate, Low, High float64 }

// Strata says by what days were told apart when they were drawn.
type Strata uint8

// The strata, finest first: days of one weekday; working days and weekends; all
// days.
const (
	ByWeekday Strata = iota
	ByWeekend
	Together
)

// resamples is how often days are drawn.
const resamples = 4999

// Paired are two courses beside each other, day by day.
type Paired struct {
	Days []Day
	// Today and Pick are what each came to on each day.
	Today, Pick []float64
}

// totals are the sums over all days.
func (p *Paired) totals() (today, pick float64) {
	for i := range p.Days {
		today += p.Today[i]
		pick += p.Pick[i]
	}
	return today, pick
}

// stratify groups the indices of days. A group of a single day would say nothing
// of how days differ, so the finest strata that have none are taken.
func stratify(days []Day) ([][]int, Strata) {
	for strata := ByWeekday; strata < Together; strata++ {
		var groups [7][]int
		for i, d := range days {
			if d.Weekday < 0 {
				return [][]int{every(days)}, Together
			}
			at := d.Weekday
			if strata == ByWeekend {
				at = 0
				if d.Weekday == time.Saturday || d.Weekday == time.Sunday {
					at = 1
				}
			}
			groups[at] = append(groups[at], i)
		}
		list := slices.DeleteFunc(groups[:], func(g []int) bool { return len(g) == 0 })
		if !slices.ContainsFunc(list, func(g []int) bool { return len(g) < 2 }) {
			return list, strata
		}
	}
	return [][]int{every(days)}, Together
}

func every(days []Day) []int {
	list := make([]int, len(days))
	for i := range list {
		list[i] = i
	}
	return list
}

// Ratio is (Σ pick - Σ today) ÷ Σ today, Mean the mean difference of a day, each
// with an interval. They need two days.
//
// Days are drawn anew from each stratum with their pairs kept together: of n
// days n-1 are drawn, and each counts n/(n-1) times, without which the spread of
// a stratum of two days would come out half of what it is (J. N. K. Rao and C. F.
// J. Wu, "Resampling inference with complex survey data", JASA 83, 1988).
func (p *Paired) Ratio(seed uint64) Interval {
	return p.interval(seed, func(today, pick float64) float64 {
		if today == 0 {
			return 0
		}
		return (pick - today) / today
	})
}

// Mean is the mean difference of a day.
func (p *Paired) Mean(seed uint64) Interval {
	n := float64(len(p.Days))
	return p.interval(seed, func(today, pick float64) float64 { return (pick - today) / n })
}

func (p *Paired) interval(seed uint64, of func(today, pick float64) float64) Interval {
	out := Interval{Estimate: of(p.totals())}
	groups, _ := stratify(p.Days)
	rng := rand.New(rand.NewPCG(seed, 2))
	list := make([]float64, resamples)
	for r := range list {
		var today, pick float64
		for _, g := range groups {
			n := len(g)
			if n < 2 {
				today, pick = today+p.Today[g[0]], pick+p.Pick[g[0]]
				continue
			}
			weight := float64(n) / float64(n-1)
			for range n - 1 {
				i := g[rng.IntN(n)]
				today += weight * p.Today[i]
				pick += weight * p.Pick[i]
			}
		}
		list[r] = of(today, pick)
	}
	slices.Sort(list)
	out.Low, out.High = list[(resamples+1)/40-1], list[resamples-(resamples+1)/40]
	return out
}
