package report

import (
	"strings"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// servedFact says how much of the load was turned away, and of each demand that
// was ever not served at once when that began. The value is that of the demand
// that fared worst.
func servedFact(r *Replay) fact {
	f := fact{name: "load not served"}
	worst, queues := 0.0, false
	var parts []string
	for i := range r.Score.Flows {
		flow := &r.Score.Flows[i]
		if !flow.Queues {
			continue
		}
		queues = true
		if flow.Shed != (sim.Amount{}) {
			worst = max(worst, flow.Shed.Float64()/flow.Arrived.Float64())
		}
		if flow.First >= 0 {
			parts = append(parts, servedPart(r, &r.World.Demand[i], flow))
		}
	}
	switch {
	case !queues:
		f.value, f.detail = "-", "no pod serves what the metrics measure"
	case len(parts) > 0:
		f.value, f.detail, f.bad = percent(worst), strings.Join(parts, "; "), true
	case !r.Score.HasCapacity:
		f.value, f.detail = "unknown", "capacity unknown"
	default:
		f.value, f.detail = percent(0), "none had to wait either"
	}
	return f
}

// servedPart is what became of one demand that was not served at once.
func servedPart(r *Replay, d *sim.Demand, f *sim.Flow) string {
	text := demandName(d) + ": "
	if f.Shed != (sim.Amount{}) {
		text += percent(f.Shed.Float64()/f.Arrived.Float64()) + " shed, "
	}
	if f.Exceeded > 0 {
		text += "more arrived than could be served for " + span(f.Exceeded) + ", "
	}
	if f.Waiting > 0 {
		text += "some waited for " + span(f.Waiting) + ", "
	}
	return text + "first at " + instant(r.Start, f.First)
}

// demandName names a demand as metrics are named: "app/cpu".
func demandName(d *sim.Demand) string {
	if d.Container == "" {
		return d.Name
	}
	return d.Container + "/" + d.Name
}
