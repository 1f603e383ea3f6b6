package scenario

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// aggregateOf finds an aggregate by its name in PromQL.
func aggregateOf(name string) (sim.Aggregate, bool) {
	for a := sim.AggregateSum; a <= sim.AggregateQuantile; a++ {
		if a.String() == name {
			return a, true
		}
	}
	return sim.AggregateNone, false
}

// aggregateText names a demand's aggregate as it is written: quantile(0.9).
func aggregateText(d *sim.Demand) string {
	if d.Aggregate != sim.AggregateQuantile {
		return d.Aggregate.String()
	}
	return "quantile(" + strconv.FormatFloat(float64(d.Quantile)/sim.Million, 'f', -1, 64) + ")"
}

// aggregate reads what a metric tells of the pods' values.
func (c *checker) aggregate(path string, in *Demand, out *demand) {
	if in.Aggregate == "" {
		return
	}
	at := path + ".aggregate"
	if out.Source == hpa.SourceResource || out.Source == hpa.SourcePods {
		c.add(at, aMetric(out.Source)+" is the pods' own: the controller averages it", "remove it; only Object and External metrics aggregate over pods")
		return
	}
	const words = "write sum, avg, max, min, count or quantile(0.9)"
	name, rank, ranked := strings.Cut(in.Aggregate, "(")
	a, ok := aggregateOf(name)
	if !ok || ranked != (a == sim.AggregateQuantile) {
		c.add(at, fmt.Sprintf("unknown aggregate %q", clip(in.Aggregate)), words)
		return
	}
	out.Aggregate = a
	if !ranked {
		return
	}
	v, err := strconv.ParseFloat(strings.TrimSuffix(rank, ")"), 64)
	if err != nil || !strings.HasSuffix(rank, ")") || !(v >= 0 && v <= 1) {
		c.add(at, fmt.Sprintf("%q is no quantile within 0 and 1", clip(in.Aggregate)), words)
		return
	}
	out.Quantile = int64(math.Round(v * sim.Million))
}
