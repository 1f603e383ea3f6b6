package scenario

import (
	"fmt"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// pipeline reads spec.pipeline.
func (c *checker) pipeline(p *Pipeline, set *settings) {
	const at = "spec.pipeline."
	kind, out := c.oneOf(at+"kind", p.Kind, "ideal", "resource", "prometheus"), &set.pipeline
	out.Age = c.duration(at+"age", p.Age, 0)
	if kind == "prometheus" {
		out.Kind = sim.PipelinePrometheus
		c.scrapes(p, out)
		c.rates(p, out)
		return
	}
	if p.Interval != "" {
		c.add(at+"interval", "only Prometheus scrapes with an interval", "remove it, or write kind: prometheus")
	}
	if kind == "resource" {
		*out = sim.Pipeline{Kind: sim.PipelineResource, Age: out.Age}
		if p.Window != "" {
			c.add(at+"window", "the window of a scraped sample is the time between two scrapes", "remove it; resolution says how far they are apart")
			return
		}
		c.scrapes(p, out)
		return
	}
	if p.Resolution != "" {
		c.add(at+"resolution", "only metrics-server scrapes with a resolution", "remove it, or write kind: resource")
	}
	out.Window = c.duration(at+"window", p.Window, out.Window)
}

// The resolutions that metrics-server is run with.
const (
	minResolution     = 10 * time.Second
	maxResolution     = 15 * time.Minute
	defaultResolution = 15 * time.Second
)

// scrapes reads how metrics-server scrapes.
func (c *checker) scrapes(p *Pipeline, out *sim.Pipeline) {
	const at = "spec.pipeline."
	out.Resolution = c.duration(at+"resolution", p.Resolution, defaultResolution)
	switch {
	case out.Resolution < minResolution || out.Resolution > maxResolution:
		c.add(at+"resolution", fmt.Sprintf("metrics-server does not scrape every %s", lengthText(out.Resolution)), "write 10s to 15m")
	case out.Age >= out.Resolution:
		c.add(at+"age", fmt.Sprintf("a scrape that can be read %s after it was made is read after the next one", lengthText(out.Age)), "write less than the resolution, "+lengthText(out.Resolution))
	}
}

// The intervals at which Prometheus scrapes: a longer one leaves gaps, because a
// sample stands for five minutes. The defaults are those of generate.
const (
	minInterval      = time.Second
	maxInterval      = 2 * time.Minute
	defaultInterval  = 15 * time.Second
	intervalsInARate = 4
)

// rates reads how Prometheus scrapes, and over what rates are taken.
func (c *checker) rates(p *Pipeline, out *sim.Pipeline) {
	const at = "spec.pipeline."
	out.Interval = c.duration(at+"interval", p.Interval, defaultInterval)
	out.Window = c.duration(at+"window", p.Window, intervalsInARate*out.Interval)
	every := lengthText(out.Interval)
	switch {
	case out.Interval < minInterval || out.Interval > maxInterval:
		c.add(at+"interval", fmt.Sprintf("Prometheus cannot scrape every %s", every), "write 1s to 2m: it forgets a value after 5m")
	case out.Interval%time.Millisecond != 0 || out.Window%time.Millisecond != 0:
		c.add(at+"interval", "Prometheus counts time in milliseconds", "write whole milliseconds, also for window")
	case out.Age >= out.Interval:
		c.add(at+"age", fmt.Sprintf("a scrape that can be read %s after it was made is read after the next one", lengthText(out.Age)), "write less than the interval, "+every)
	case out.Window < 2*out.Interval+out.Age:
		c.add(at+"window", fmt.Sprintf("a rate over %s may hold less than two scrapes (one every %s), and is then none", lengthText(out.Window), every),
			"write "+lengthText(intervalsInARate*out.Interval)+", four scrapes, or leave it out")
	case out.Window > sim.MaxScrapes*out.Interval:
		c.add(at+"window", fmt.Sprintf("a rate over %s holds more than %d scrapes (one every %s)", lengthText(out.Window), sim.MaxScrapes, every), "shorten it")
	}
}

// scraped refuses demands that metrics-server could not tell.
func (c *checker) scraped(set *settings) {
	if set.pipeline.Kind == sim.PipelineIdeal {
		return
	}
	for i := range set.demand {
		d := &set.demand[i]
		if d.Source != hpa.SourceResource {
			continue
		}
		if d.Name != "cpu" && d.Name != "memory" {
			c.add(d.path+".metric.name", "metrics-server tells nothing of "+clip(d.Name), "remove it; only cpu and memory are scraped")
		}
		if d.NotReadyNone {
			c.add(d.path+".notReady", "metrics-server tells of every running pod, also of those that are not Ready", "remove it, or write a value")
		}
	}
}

// scrapes says what is seen through metrics-server and through Prometheus.
func (b *builder) scrapes() error {
	p := b.set.pipeline
	if p.Kind == sim.PipelineIdeal {
		return nil
	}
	b.note("cpu and memory: as metrics-server scrapes them, every %s", lengthText(p.Resolution))
	if p.Kind == sim.PipelinePrometheus {
		b.note("other metrics: as Prometheus scrapes them, every %s; loads are rates over %s", lengthText(p.Interval), lengthText(p.Window))
	}
	return nil
}

// averaged tells the world what a recorded value is a mean over already, where
// the pipeline would take its rate once more.
func (b *builder) averaged(d *demand, window time.Duration) {
	p := &b.set.pipeline
	if p.Kind != sim.PipelinePrometheus || d.Role != sim.RoleLoad || ownMetric(&d.Demand) || window <= 0 {
		return
	}
	d.Averaged = window.Truncate(time.Millisecond)
	how := "they are read as they were at the last scrape"
	if left := p.Window - d.Averaged; left >= 2*p.Interval+p.Age {
		how = "their rate is taken over the " + lengthText(left) + " that are left"
	}
	b.note("demand of %s: values that are means over %s already lag as much; %s", demandName(&d.Demand), lengthText(window), how)
}
