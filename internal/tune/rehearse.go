package tune

import (
	"slices"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// The bad weather that a setting has to stand: what Rehearsal.Name names.
const (
	roughTraffic = 1200 // thousandths
	roughStart   = 2000
	roughOutage  = 5 * time.Minute
)

// rehearsals are a world in bad weather: more traffic, slower pods, and no
// metrics around the peak.
func rehearsals(w *sim.World) []sim.Rehearsal {
	from := max(0, w.PeakAt()-roughOutage/2)
	list := []sim.Rehearsal{
		{Name: "traffic x1.2"},
		{Name: "slow start x2"},
		{Name: "metrics outage 5m", At: from, For: roughOutage},
	}
	for i, f := range []sim.Fault{
		{Kind: sim.FaultTraffic, Factor: roughTraffic},
		{Kind: sim.FaultSlowStart, Factor: roughStart},
		{Kind: sim.FaultMetricsUnavailable, At: from, For: roughOutage, APIs: sim.APIResource | sim.APICustom | sim.APIExternal},
	} {
		list[i].World = *w
		list[i].World.Faults = insert(slices.Clone(w.Faults), f)
	}
	return list
}

// Rehearsed is what a rehearsal came to.
type Rehearsed struct {
	Name string
	X, Y float64
}

// rehearse runs a world in bad weather.
func (p *Problem) rehearse(w *sim.World) []Rehearsed {
	list := rehearsals(w)
	out := make([]Rehearsed, len(list))
	done := make(chan struct{}, len(list))
	for i := range list {
		go func() {
			s := list[i].World.Run(nil)
			out[i].Name = list[i].Name
			out[i].X, _ = p.X.Of(&s)
			out[i].Y, _ = p.Y.Of(&s)
			done <- struct{}{}
		}()
	}
	for range list {
		<-done
	}
	return out
}
