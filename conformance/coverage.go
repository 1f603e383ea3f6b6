package conformance

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/elasticctl/elasticctl/conformance/oracle"
)

// Coverage counts what the controller's syncs went through.
type Coverage struct {
	Syncs, Scaled int
	counts        map[string]int
}

// Add counts the syncs of one timeline.
func (c *Coverage) Add(ticks []oracle.Tick) {
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	for i := range ticks {
		t := &ticks[i]
		c.Syncs++
		if t.ScaledTo != nil {
			c.Scaled++
		}
		for _, k := range t.Conditions {
			c.counts["condition "+k.Type+"="+k.Status+" "+k.Reason]++
		}
		for _, e := range t.Events {
			c.counts["event "+e.Reason]++
		}
		c.stages(t)
	}
}

// stages counts what decided: the metric that won, and how far the proposal got.
func (c *Coverage) stages(t *oracle.Tick) {
	switch {
	case t.Proposed == nil && t.ScaledTo != nil:
		c.counts["stage out-of-bounds jump"]++
	case t.Proposed == nil && t.Error == "":
		c.counts["stage paused at zero"]++
	case t.Proposed == nil:
		c.counts["stage failed"]++
	case *t.Proposed == t.SpecReplicas:
		c.counts["stage proposal: stay"]++
	case *t.Proposed > t.SpecReplicas:
		c.counts["stage proposal: up"]++
	default:
		c.counts["stage proposal: down"]++
	}
	if t.Proposed != nil && t.Error != "" {
		c.counts["stage acted in spite of a failed metric"]++
	}
	for _, m := range t.Metrics {
		c.counts["metric "+m.Type+" "+form(m)]++
	}
}

func form(m oracle.Metric) string {
	switch {
	case m.Utilization != nil:
		return "utilization"
	case m.Average != nil:
		return "average"
	case m.Value != nil:
		return "value"
	}
	return "failed"
}

// Print writes the counts, rarest first within their kind.
func (c *Coverage) Print(w io.Writer) {
	fmt.Fprintf(w, "%d syncs, %d of them scaled (%.1f %%)\n", c.Syncs, c.Scaled, 100*float64(c.Scaled)/float64(max(1, c.Syncs)))
	for _, k := range slices.Sorted(maps.Keys(c.counts)) {
		fmt.Fprintf(w, "%9d  %s\n", c.counts[k], k)
	}
}
