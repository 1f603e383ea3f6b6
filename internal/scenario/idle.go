package scenario

import (
	"fmt"

	"github.com/elasticctl/elasticctl/internal/fit"
)

// takeOutIdle leaves of a recorded total what is load. The recorded pods used
// something when idle too, and the simulated ones use it anew, however many they
// are. An expression is taken at its word: its result is the load.
func (b *builder) takeOutIdle(d *demand, pods *fit.Replicas, from int) error {
	if pods == nil {
		return b.fail(d.path+".idle", "it is not known how many pods were recorded, so what they used when idle cannot be told from load",
			"write query: an expression that is the load alone")
	}
	counts := held(pods)[from:]
	load, beyond := make([]int64, len(d.Values)), 0
	for i, v := range d.Values {
		switch n := counts[i]; {
		case d.Null != nil && d.Null[i]:
		case n > 0 && d.Idle > v/n:
			beyond++
		default:
			load[i] = v - n*d.Idle
		}
	}
	d.Values = load
	text := ""
	if beyond > 0 {
		text = fmt.Sprintf("; in %d of %d steps they used less, and the load counts as 0", beyond, len(load))
	}
	b.note("demand of %s: without what the recorded pods used when idle (counted by %s)%s", demandName(&d.Demand), pods.From, text)
	return nil
}

// held are the counts of pods in each step; where none was recorded, the one
// before holds, and at the beginning the first.
func held(pods *fit.Replicas) []int64 {
	counts := make([]int64, len(pods.Values))
	last, known := int64(0), 0
	for k, n := range pods.Values {
		if pods.Null == nil || !pods.Null[k] {
			last = int64(n)
			if known++; known == 1 {
				for before := range k {
					counts[before] = last
				}
			}
		}
		counts[k] = last
	}
	return counts
}
