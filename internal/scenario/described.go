package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/internal/fit"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// describe tells where a demand came from and what was found wanting.
func (b *builder) describe(d *demand, p *piece, got *fit.Demand) {
	var how string
	switch got.Kind {
	case fit.Counter:
		how = fmt.Sprintf("increase per second of %s, summed over %s", got.From, seriesText(got.Series))
	case fit.Gauge:
		how = fmt.Sprintf("sum of %s over %s", got.From, seriesText(got.Series))
	case fit.Expression:
		how = got.From
	}
	if got.Average {
		how += ", a mean over the pods, times the recorded replicas"
	}
	if got.Window > 0 {
		how += ", a mean over " + lengthText(got.Window)
	}
	every := lengthText(got.Step)
	if got.Known > got.Step {
		every += ", but known only every " + lengthText(got.Known)
	}
	name := demandName(&d.Demand)
	if d.Role == sim.RoleLoad && !b.openLoop() { // the other roles have a note of their own
		name += ", role load"
	}
	b.note("demand of %s: %s, every %s", name, how, every)
	b.describeAggregate(d)
	b.noteOnce(got.Owner)
	if got.Duplicates > 0 {
		b.note("%d series of %s say the same as others and are not counted twice", got.Duplicates, got.From)
	}
	if got.Nulls > 0 {
		b.note("demand of %s is missing for %s of %s, where nothing was recorded for longer than %s: the metric is absent then",
			demandName(&d.Demand), lengthText(time.Duration(got.Nulls)*got.Step), lengthText(time.Duration(p.load.Grid.N)*got.Step), lengthText(p.load.Lookback))
	}
	if got.Silent > 0 {
		b.note("demand of %s: %s silent for %s in all while others were not: what they gained then is spread over that time",
			demandName(&d.Demand), seriesText(got.Silent), lengthText(got.Bridged))
	}
	for _, n := range got.Notes {
		b.note("%s", n)
	}
}

// describeAggregate says what a metric tells of the simulated pods.
func (b *builder) describeAggregate(d *demand) {
	switch d.Aggregate {
	case sim.AggregateNone, sim.AggregateSum:
	case sim.AggregateAvg, sim.AggregateCount:
		b.note("%s is %s over the simulated pods", demandName(&d.Demand), aggregateText(&d.Demand))
	case sim.AggregateMax, sim.AggregateMin, sim.AggregateQuantile:
		b.note("%s is %s over the simulated pods, which share the load evenly here, and rarely do in truth", demandName(&d.Demand), aggregateText(&d.Demand))
	}
}

// noteOnce notes what several demands have in common.
func (b *builder) noteOnce(text string) {
	if text != "" && !slices.Contains(b.out.Notes, text) {
		b.note("%s", text)
	}
}

// seriesText counts series.
func seriesText(n int) string {
	if n == 1 {
		return "one series"
	}
	return fmt.Sprintf("%d series", n)
}

// lengthText writes a length of time without units that are zero: "5m", not
// "5m0s".
func lengthText(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
