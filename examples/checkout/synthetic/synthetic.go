// Package synthetic makes up a long recording of examples/checkout: four weeks
// with the shape of days and weeks, noise, weekly deployments and two
// incidents. Nothing in it was measured but what a request costs. Every series
// carries the label synthetic="true", so that nobody takes it for more.
//
// It exists because the real recording lasts 40 minutes, while autoscalers are
// tuned on weeks. The same configuration gives the same series on one platform.
package synthetic

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Config says what to make up. Default is a good one to start from.
type Config struct {
	Seed  uint64
	Start time.Time     // of the first sample; the shape of days and weeks is UTC
	Days  int           // length
	Step  time.Duration // between samples, whole seconds

	PeakRate       float64 // requests/s on a Thursday at the busiest hour, before noise
	CostPerRequest float64 // CPU seconds of the average request
	IdleCPU        float64 // CPU seconds per second of a pod besides
	CPULimit       float64 // CPUs a pod may use; what does not fit is shed
	DayPods        int     // pods from 07:00 to 23:00 UTC
	NightPods      int     // pods otherwise
}

// Default is 28 days from a Monday at a step of 15 s, with the cost per
// request and the CPU limit of the committed recording.
func Default() Config {
	return Config{
		Seed: 1, Start: time.Date(2026, time.October, 5, 0, 0, 0, 0, time.UTC), Days: 28, Step: 15 * time.Second,
		PeakRate: 220, CostPerRequest: measuredCost, IdleCPU: measuredIdle, CPULimit: 0.1, DayPods: 10, NightPods: 6,
	}
}

func (c Config) validate() error {
	switch {
	case c.Days < 1 || c.Days > 366:
		return fmt.Errorf("synthetic: Days %d: want 1 to 366", c.Days)
	case c.Step < time.Second || c.Step > time.Hour || c.Step%time.Second != 0:
		return fmt.Errorf("synthetic: Step %s: want whole seconds, 1s to 1h", c.Step)
	case !(c.PeakRate > 0 && c.CostPerRequest > 0 && c.IdleCPU >= 0 && c.CPULimit > c.IdleCPU && c.PeakRate <= 1e6 && c.CPULimit <= 1e3):
		return fmt.Errorf("synthetic: PeakRate %v, CostPerRequest %v, IdleCPU %v, CPULimit %v: "+
			"want positive numbers and a limit above idle", c.PeakRate, c.CostPerRequest, c.IdleCPU, c.CPULimit)
	case c.DayPods < 1 || c.NightPods < 1 || c.DayPods > 1000 || c.NightPods > 1000:
		return fmt.Errorf("synthetic: DayPods %d, NightPods %d: want 1 to 1000", c.DayPods, c.NightPods)
	}
	return nil
}

// Recording is series on one grid of time.
type Recording struct {
	Start  time.Time
	Step   time.Duration
	Steps  int
	Series []Series // sorted by name, then by pod and status
}

// Series is one series: Values[i] belongs to Start + (First+i)·Step. Before
// and after there is nothing, as for a pod that does not exist.
type Series struct {
	Labels map[string]string // __name__ among them
	First  int
	Values []float64
}

// Incident is a time at which the load is not what the calendar says.
type Incident struct {
	Name  string
	From  time.Duration // since the start
	Until time.Duration
}

// Incidents are the two, which only a recording of more than 17 days holds.
func Incidents() []Incident {
	day := 24 * time.Hour
	return []Incident{
		{"flash sale: load ×2.6 within two minutes, back within an hour", 8*day + 18*time.Hour, 8*day + 19*time.Hour},
		{"outage upstream: 5 % of the load for 25 minutes, then everyone retries at ×1.9", 17*day + 11*time.Hour, 17*day + 12*time.Hour},
	}
}

// factor is what the incidents make of the load at t since the start.
func factor(t time.Duration) float64 {
	sale, outage := Incidents()[0], Incidents()[1]
	switch {
	case t >= sale.From && t < sale.Until:
		since, left := (t - sale.From).Minutes(), (sale.Until - t).Minutes()
		return 1 + 1.6*min(1, since/2)*min(1, left/30)
	case t >= outage.From && t < outage.From+25*time.Minute:
		return .05
	case t >= outage.From+25*time.Minute && t < outage.Until:
		return 1 + .9*math.Exp(-(t-outage.From-25*time.Minute).Minutes()/8)
	}
	return 1
}

// shape is the load by weekday and time of day, 1 at its highest on a Thursday.
func shape(at time.Time) float64 {
	hours := [25]float64{
		.34, .26, .21, .18, .17, .20, .30, .46, .62, .74, .82, .90,
		.96, .92, .86, .83, .84, .88, .94, 1.0, .97, .84, .64, .47, .34,
	}
	days := [7]float64{.78, .93, .95, .97, 1, 1.08, .86} // from Sunday
	sinceMidnight := at.Sub(at.Truncate(24 * time.Hour)).Hours()
	h := int(sinceMidnight)
	part := sinceMidnight - float64(h)
	return days[at.Weekday()] * (hours[h]*(1-part) + hours[h+1]*part)
}

// Generate makes the recording, or says what is wrong with the configuration.
func Generate(c Config) (*Recording, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	w := &world{
		Config: c,
		rng:    rand.New(rand.NewPCG(c.Seed, 3)),
		out:    &Recording{Start: c.Start, Step: c.Step, Steps: int(time.Duration(c.Days) * 24 * time.Hour / c.Step)},
	}
	w.replicas = Series{Labels: labels("kube_deployment_spec_replicas", "deployment", "checkout")}
	w.demand = Series{Labels: labels("load_requests_sent_total")}
	for i := range w.out.Steps {
		w.step(i)
	}
	return w.finish(), nil
}

func labels(name string, more ...string) map[string]string {
	out := map[string]string{"__name__": name, "namespace": "shop", "synthetic": "true"}
	for i := 0; i < len(more); i += 2 {
		out[more[i]] = more[i+1]
	}
	return out
}

// compare orders series as Recording promises.
func compare(a, b Series) int {
	for _, key := range []string{"__name__", "pod", "status"} {
		if a.Labels[key] != b.Labels[key] {
			if a.Labels[key] < b.Labels[key] {
				return -1
			}
			return 1
		}
	}
	return 0
}

func (w *world) finish() *Recording {
	for _, p := range w.pods {
		w.retire(p)
	}
	w.out.Series = append(w.out.Series, w.replicas, w.demand)
	slices.SortFunc(w.out.Series, compare)
	return w.out
}
