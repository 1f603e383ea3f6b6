package sim

import (
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// Run replays the world and calls visit, if it is not nil, at every sync, in
// time order; visit returns false to stop. It returns what the replay cost and
// how well it served. The world must be one that Validate accepts.
//
// A run allocates while it is set up and while the world outgrows what it has
// reached before, never in proportion to Duration.
func (w *World) Run(visit func(*Tick) bool) Score {
	if visit == nil {
		return new(Prepared).Run(w)
	}
	r := newRun(w, false)
	r.loop(visit)
	return r.score
}

// run is one replay under way.
type run struct {
	w      *World
	clock  clock
	faults timeline
	fleet  fleet

	// replicas is spec.replicas, surge how many pods the workload keeps beyond,
	// because of the fault surging.
	replicas, surge int32
	surging         int
	traffic         traffic

	// spec is the autoscaler in force, columns how its metrics are read; edits
	// are the columns of each fault's autoscaler.
	spec    *hpa.Spec
	columns []column
	edits   [][]column
	state   *hpa.State
	course  course

	queues   queues
	scraper  scraper
	observer observer
	tick     Tick
	meter    meter
	score    Score
	ahead    ahead
	// lag is nil but where somebody asks for it.
	lag *lagMeter
}

// loop is the order of the world: at each instant at which anything happens,
// faults in file order, then pod transitions, then the sync.
func (r *run) loop(visit func(*Tick) bool) {
	for now := r.next(); now < never; now = r.next() {
		r.lag.pass(now)
		r.scraper.pass(now)
		faults := r.faults.next() <= now
		for r.faults.next() <= now {
			r.happen(r.faults.pop(), now)
		}
		r.fleet.transition(now)
		r.queues.serve(now, r.fleet.serving)
		r.scraper.scrape(now)
		r.lag.stand(now)
		if r.clock.next() == now {
			r.sync(now)
			if visit != nil && !visit(&r.tick) {
				r.stop(now)
				return
			}
			r.carryOut(now)
			r.clock.pop(now)
		}
		r.follow(now)
		r.queues.serve(now, r.fleet.serving)
		r.meter.set(now, r.level())
		r.lag.stand(now)
		if r.ahead.on {
			r.ahead.note(r, now, faults)
			r.skip()
		}
	}
	r.stop(r.w.Duration)
}

// next is the instant at which the world next changes or is looked at, never
// when nothing is left to see.
func (r *run) next() time.Duration {
	sync := r.clock.next()
	now := min(r.faults.next(), r.fleet.due, r.course.next(), r.scraper.next, sync)
	if sync == never && now >= r.w.Duration {
		return never
	}
	return now
}

// sync is one reconcile at its decision instant.
func (r *run) sync(now time.Duration) {
	o, t := &r.observer, &r.tick
	obs := &o.obs
	obs.Now, obs.SpecReplicas, obs.StatusReplicas = now, r.replicas, clamp(r.fleet.live)
	obs.ScaleReadError, obs.ScaleWriteError = failing(r.faults.read), failing(r.faults.write)
	o.pods(&r.fleet, r.faults.dark, now)
	r.queues.settle(now)
	o.demand(&r.queues, now)
	obs.Readings = obs.Readings[:len(r.columns)]
	for i := range r.columns {
		c := &r.columns[i]
		o.unrequested(c, &r.fleet)
		o.read(c, r.faults.down[c.api] > 0, &obs.Readings[i])
		if r.faults.zero[c.api] > 0 {
			zero(&obs.Readings[i])
		}
		o.containerless(c, &r.fleet, &obs.Readings[i])
	}
	t.T, t.At = now-r.w.SyncLatency, now
	t.SpecReplicas, t.StatusReplicas, t.Pods = obs.SpecReplicas, obs.StatusReplicas, r.fleet.counts
	t.Spec, t.Observation = r.spec, obs
	t.Decision = r.decide(obs)
	r.lag.sync(&t.Decision, now)
	r.meter.count(t)
}

// carryOut does what the last sync decided.
func (r *run) carryOut(now time.Duration) {
	d := &r.tick.Decision
	if !d.Scaled || r.w.Follow != nil {
		return
	}
	r.write(d.Desired, now)
}

// write writes the scale.
func (r *run) write(replicas int32, now time.Duration) {
	if r.ahead.wrote != nil {
		r.ahead.wrote(now, r.replicas, replicas)
	}
	r.scale(replicas, now)
	r.fleet.transition(now)
	r.queues.serve(now, r.fleet.serving)
}

// failing is what the API server answers while n faults make it fail.
func failing(n int) string {
	if n > 0 {
		return unavailable
	}
	return ""
}

// scale sets spec.replicas, and the workload follows.
func (r *run) scale(replicas int32, now time.Duration) {
	r.replicas = replicas
	want := int64(replicas)
	if want > 0 {
		want += int64(r.surge)
	}
	r.fleet.follow(want, now)
}

// edit replaces the autoscaler by that of a fault.
func (r *run) edit(fault int) {
	r.spec, r.columns = r.w.Faults[fault].Autoscaler, r.edits[fault]
}

// level is how the world stands.
func (r *run) level() level {
	return level{
		live: r.fleet.live, serving: r.fleet.serving, factor: r.traffic.factor,
		replicas: r.replicas, min: r.spec.Min, max: r.spec.Max,
		homeless: r.fleet.homeless > 0, rolling: len(r.fleet.deployment.sets) > 1, nodes: r.fleet.nodes.up,
	}
}

// stop completes the score.
func (r *run) stop(now time.Duration) {
	r.lag.close(now)
	r.meter.advance(now)
	r.queues.close(r.meter.now)
	r.meter.close()
}

// newRun sets a run up; terse says that nobody looks at its ticks.
func newRun(w *World, terse bool) *run {
	w = w.balanced()
	r := &run{w: w, spec: &w.Autoscaler, replicas: w.Pods.Initial, traffic: traffic{factor: Thousand}}
	r.faults.plan(w.Faults)
	r.course.points = w.Follow
	r.clock.plan(w, r.faults.edges)
	r.columns = newColumns(w, &w.Autoscaler)
	r.edits = make([][]column, len(w.Faults))
	metrics, named := len(r.columns), lacking(r.columns)
	for i := range w.Faults {
		if s := w.Faults[i].Autoscaler; w.Faults[i].Kind == FaultEditAutoscaler {
			r.edits[i] = newColumns(w, s)
			metrics, named = max(metrics, len(s.Metrics)), named || lacking(r.edits[i])
		}
	}
	r.queues = newQueues(w, &r.score)
	r.scraper.prepare(w, &r.fleet, &r.queues)
	r.fleet.found(w, named)
	r.scraper.recall()
	// What happened before t=0; the transitions of t=0 itself follow its faults.
	r.fleet.transition(-1)
	r.queues.serve(0, r.fleet.serving)
	r.observer.prepare(w, metrics)
	r.observer.scraper = &r.scraper
	newState := hpa.NewState
	switch {
	case terse && w.sole():
		newState = hpa.NewSoleState
	case terse:
		newState = hpa.NewTerseState
	}
	r.state = newState(metrics, w.history())
	r.meter = newMeter(w, r)
	return r
}

// sole says whether one autoscaler rules all the time, and remembers what it
// decided.
func (w *World) sole() bool {
	for i := range w.Faults {
		if w.Faults[i].Kind == FaultEditAutoscaler {
			return false
		}
	}
	return w.Follow == nil
}

// maxHistory bounds the memory set aside for a history; a longer one grows.
const maxHistory = 1 << 16

// history is how many recommendations, or scale events of one direction, the
// controller may have to remember: one for every sync within the longest window.
func (w *World) history() int {
	longest := window(&w.Autoscaler)
	edits := 0
	for i := range w.Faults {
		if w.Faults[i].Kind == FaultEditAutoscaler {
			edits++
			longest = max(longest, window(w.Faults[i].Autoscaler))
		}
	}
	period := w.Autoscaler.Controller.SyncPeriod + w.SyncLatency
	return int(min(longest/period, w.Duration/period, maxHistory)) + edits + 3
}

// window is how far back an autoscaler looks.
func window(s *hpa.Spec) time.Duration {
	longest := max(s.Controller.DownscaleStabilization, s.Up.Stabilization, s.Down.Stabilization)
	for _, rules := range [...]*hpa.Rules{&s.Up, &s.Down} {
		for _, p := range rules.Policies {
			longest = max(longest, p.Period)
		}
	}
	return longest
}

// clock tells when syncs start and decide.
type clock struct {
	period, latency, end time.Duration
	// regular is the start of the next sync of the cadence, never if there is
	// none; edits are those of the syncs that edits cause, ascending.
	regular time.Duration
	edits   []time.Duration
}

func (c *clock) plan(w *World, edges []edge) {
	p := &w.Autoscaler.Controller.Profile
	c.period, c.latency, c.end = w.Autoscaler.Controller.SyncPeriod, w.SyncLatency, w.Duration
	c.regular = c.within(p.FirstSync(c.period))
	if !p.SyncsOnEdit {
		return
	}
	for _, e := range edges {
		if w.Faults[e.fault].Kind == FaultEditAutoscaler && e.at < c.end {
			c.edits = append(c.edits, e.at)
		}
	}
}

// within is the start of a sync, or never if the world ends before it.
func (c *clock) within(start time.Duration) time.Duration {
	if start >= c.end {
		return never
	}
	return start
}

// next is the decision instant of the next sync.
func (c *clock) next() time.Duration {
	start := c.regular
	if len(c.edits) > 0 {
		start = min(start, c.edits[0])
	}
	if start == never {
		return never
	}
	return start + c.latency
}

// pop says that the sync that decides now is over.
func (c *clock) pop(now time.Duration) {
	start := now - c.latency
	for len(c.edits) > 0 && c.edits[0] == start {
		c.edits = c.edits[1:]
	}
	if c.regular == start {
		c.regular = c.within(now + c.period)
	}
}
