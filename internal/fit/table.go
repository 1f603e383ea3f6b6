package fit

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/elasticctl/elasticctl/internal/series"
)

// podUse is what one pod used, step by step, while it was recorded.
type podUse struct {
	key podKey
	// from is the step of the grid that the first element of each slice is.
	from int
	// use is in base units per pod (cores), units what it was asked for per
	// second, NaN where unknown; cover is the share of the step that is known.
	use, units []float64
	cover      []float64
	state      []state
	// template is the object that the pod was made from; may be empty.
	template string
}

// state is what forbids to learn from a pod's step.
type state uint8

const (
	// unready: it was not Ready at the end of the step.
	unready state = 1 << iota
	// starting: it was not Ready, or had not been for long.
	starting
	// rolling: pods of two templates lived.
	rolling
	// saturated: it had no room to use more.
	saturated
)

// at is the index of a step of the grid, and whether the pod was recorded then.
func (p *podUse) at(step int) (int, bool) {
	i := step - p.from
	return i, i >= 0 && i < len(p.use)
}

// until is the step after the pod's last.
func (p *podUse) until() int { return p.from + len(p.use) }

// tableOf splits a demand's series by pod, in order of their first steps. Where
// series name no pod an instance is one. It is nil where they name neither.
func tableOf(set []series.Series, kind Kind, g series.Grid, lookback time.Duration) []*podUse {
	groups := map[podKey][]*series.Series{}
	for i := range set {
		key := podOrInstance(&set[i])
		if key.pod == "" {
			return nil
		}
		groups[key] = append(groups[key], &set[i])
	}
	var table []*podUse
	for key, own := range groups {
		if p := usesOf(own, kind, g, lookback); p != nil {
			p.key = key
			table = append(table, p)
		}
	}
	slices.SortFunc(table, func(a, b *podUse) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.key.namespace, b.key.namespace), cmp.Compare(a.key.pod, b.key.pod))
	})
	return table
}

// podOrInstance names the pod of a series, or else its instance.
func podOrInstance(s *series.Series) podKey {
	key := keyOf(s.Labels)
	if key.pod == "" {
		key.pod = string(s.Labels["instance"])
	}
	return key
}

// usesOf adds up the series of one pod, over the steps in which it was recorded.
func usesOf(own []*series.Series, kind Kind, g series.Grid, lookback time.Duration) *podUse {
	step := g.Step.Milliseconds()
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	for _, s := range own {
		if n := len(s.Times); n > 0 {
			first, last = min(first, s.Times[0]), max(last, s.Times[n-1])
		}
	}
	from := max(0, (first-g.Start)/step)
	to := min(int64(g.N), (last-g.Start+step-1)/step)
	if kind != Counter {
		to = min(int64(g.N), to+1)
	}
	if last < first || to <= from || last < g.Start {
		return nil
	}
	t := newTally(series.Grid{Start: g.Start + from*step, Step: g.Step, N: int(to - from)}, lookback)
	for _, s := range own {
		if kind == Counter {
			t.increments(s)
		} else {
			t.levels(s)
		}
	}
	p := &podUse{from: int(from), use: t.sum, cover: make([]float64, len(t.sum)), state: make([]state, len(t.sum))}
	if kind == Counter {
		t.perSecond()
	}
	for k, known := range t.known {
		switch {
		case !known:
			p.use[k] = math.NaN()
		case kind == Counter:
			p.cover[k] = float64(t.covered[k]) / float64(step)
		default:
			p.cover[k] = 1
		}
	}
	return p
}

// asked fills in what each pod was asked for, from the table of another metric.
func asked(table, units []*podUse) {
	index := map[podKey]*podUse{}
	for _, u := range units {
		index[u.key] = u
	}
	for _, p := range table {
		u := index[p.key]
		p.units = make([]float64, len(p.use))
		for i := range p.units {
			p.units[i] = math.NaN()
			if u == nil {
				continue
			}
			if j, ok := u.at(p.from + i); ok {
				p.units[i] = u.use[j]
			}
		}
	}
}
