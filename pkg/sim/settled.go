package sim

import (
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// Where nobody looks at the syncs, those that cannot change anything are skipped.
//
// A stretch of syncs is settled if what each of them reads of a metric is a function
// of one demand value alone: n pods stand and serve, all of them past what makes the
// controller doubt their metrics, no fault is under way, every step is known, and
// nothing waits. Then the metric's proposal is a function p(v) of the value read
// that never falls as v grows; of several metrics the highest proposal wins. The
// count stays n at every sync but those at which
//
//   - the proposal is above n, and so was every other one of the up window, and
//     the bounds and policies allow a rise, or
//   - the proposal is below n, and so was every other one of the down window, and
//     the bounds and policies allow a fall.
//
// (Without behavior a proposal of the down window above n is enough for a rise.) So
// it is enough to know the band of values with p(v) = n. It is found by bisecting
// the step's own propose; windows and policies are the step's own, too
// (hpa.Spec.HoldsUp, HoldsDown, Opens). The first sync that may change the count is
// stepped, on what it would read; the first that is not settled as ever. Whatever
// the search holds possible, the step decides.
//
// What a skipped stretch leaves is what its syncs would have left, as far as
// anything later can tell. The controller remembers proposals, of which nothing is
// ever asked but the highest and the lowest since some instant: those of later
// syncs that are at least as high (or low) stand for the others (hpa's peaks), and
// just these are recommended to it. It remembers writes, of which there were
// none. A pod's metric is read between two scrapes, so what it used before the last
// three is forgotten. Flows and the score are integrals that do not depend on how
// time is cut. The fleet's only transitions are those after which pods cannot be
// told apart, or vanish that were terminating; they are made up for.

// ahead is what a run knows about the syncs to come.
type ahead struct {
	// on says that the world is one of which something can be known.
	on bool
	// lanes are the autoscaler's metrics, each with the one demand that it reads.
	lanes []lane
	// period is the time from one sync to the next.
	period time.Duration
	// since is when something last happened to the world that a metric could still
	// tell of, serving how many pods served then, waited how long work had.
	since, waited time.Duration
	serving       int64
	// cursors and peaks are where a stretch is searched, and proposals to be
	// remembered are gathered.
	cursors []cursor
	peaks   []proposal
	// nulls is the next null step of each demand, as far as known.
	nulls []int
	// skipped counts the syncs skipped, wrote is told of each write.
	skipped int64
	wrote   func(at time.Duration, from, to int32)
	// cuts is nil but where somebody asks how the score stood.
	cuts *cutter
}

// lane is a metric, and the demand that it reads.
type lane struct {
	demand *Demand
	index  int
	// metric and request are what the demand is read for.
	metric  *hpa.Metric
	request int64
	// scraped says that metrics-server stands between them, lag how long before a
	// scrape the value that it shows was in force.
	scraped bool
	lag     time.Duration
	// least and most are its values' bounds.
	least, most int64
	// bands are those known, by replica count.
	bands []band
	probe probe
}

const (
	// mostBands bounds the replica counts whose bands are kept.
	mostBands = 1 << 12
	// mostLanes bounds the metrics that are searched at once.
	mostLanes = 8
)

// newAhead looks at a world. What it does not know it refuses: fields that are new
// to a World must be taken into account here (a test lists those that are).
func newAhead(w *World, r *run) ahead {
	a := ahead{period: w.Autoscaler.Controller.SyncPeriod + w.SyncLatency, since: -maxTime, serving: -1}
	if !w.sole() || w.Pipeline.Kind > PipelineResource || len(r.columns) > mostLanes {
		return a
	}
	a.lanes = make([]lane, len(r.columns))
	for i := range a.lanes {
		if !a.lanes[i].prepare(w, &w.Autoscaler.Metrics[i], &r.columns[i], r) {
			return a
		}
	}
	a.on = true
	a.cursors, a.peaks = make([]cursor, len(a.lanes)), make([]proposal, 0, 64)
	a.nulls = make([]int, len(w.Demand))
	return a
}

// prepare looks at a metric, and says whether anything can be known of it.
func (l *lane) prepare(w *World, m *hpa.Metric, c *column, r *run) bool {
	if len(c.demands) != 1 || c.unread || c.foreign || c.lacks != "" {
		return false
	}
	l.index, l.metric, l.request = c.demands[0], m, c.request
	l.demand = &w.Demand[l.index]
	if !l.demand.readable() || l.demand.Step%(w.Autoscaler.Controller.SyncPeriod+w.SyncLatency) != 0 {
		return false
	}
	if l.scraped = w.Pipeline.Kind == PipelineResource && l.demand.Source == hpa.SourceResource; l.scraped {
		if res := w.Pipeline.Resolution; res%time.Second != 0 || l.demand.Step%res != 0 {
			return false
		}
		if l.demand.cpu() {
			l.lag = w.Pipeline.Resolution
		}
	}
	l.bands = make([]band, min(int(w.Autoscaler.Max)+1, mostBands))
	l.least, l.most = r.queues.list[l.index].table.bounds(l.demand.Values)
	l.probe.prepare(w, l)
	return true
}

// readable says whether the metric of a settled fleet is a function of the demand's
// value and the number of pods.
func (d *Demand) readable() bool {
	switch d.Role {
	case RoleLoad, RolePerPod, RoleExogenous:
		return d.Aggregate == AggregateNone
	case RoleBacklog, RoleResponse:
	}
	return false
}

// note takes note of what an instant changed.
func (a *ahead) note(r *run, now time.Duration, faults bool) {
	waited := time.Duration(0)
	for i := range a.lanes {
		waited += r.queues.list[a.lanes[i].index].flow.Waiting
	}
	if faults || r.fleet.serving != a.serving || waited != a.waited {
		a.since, a.serving, a.waited = now, r.fleet.serving, waited
	}
}

// settled says whether every sync from first on reads a function of one value each,
// as long as nothing happens.
func (r *run) settled(first time.Duration) bool {
	n := int64(r.replicas)
	switch {
	case n < 1 || r.replicas < r.spec.Min || r.replicas > r.spec.Max:
		return false
	case r.fleet.live != n || r.fleet.serving != n || r.surge != 0 || r.fleet.shortages != 0:
		return false
	case r.faults.down != [apiCount]int{} || r.faults.zero != [apiCount]int{} || r.faults.read != 0 || r.faults.write != 0:
		return false
	case r.fleet.deployment.rolling():
		return false
	case r.fleet.nodes.on() && r.fleet.counts.Terminating > 0:
		return false // what vanishes leaves a slot, at an instant that counts
	case len(r.faults.dark) != 0 || r.traffic.factor != Thousand || !r.state.Seeded():
		return false
	}
	for i := range r.ahead.lanes {
		if !r.ahead.lanes[i].settled(r, first) {
			return false
		}
	}
	return true
}

// settled says the same of one metric.
func (l *lane) settled(r *run, first time.Duration) bool {
	read := l.reads(r.w, first)
	if read < 0 || r.ahead.since > read || l.waits(r, first) {
		return false
	}
	for i := range r.fleet.groups {
		if !l.counts(r, &r.fleet.groups[i], first, read) {
			return false
		}
	}
	return true
}

// waits says whether work of the demand waits, or may until a sync.
func (l *lane) waits(r *run, first time.Duration) bool {
	q, d := &r.queues.list[l.index], l.demand
	if d.Wait == 0 {
		return q.backlog != Amount{}
	}
	for i := d.index(max(0, first-r.ahead.period)); i <= d.index(first); i++ {
		if d.Values[i] > q.capacity {
			return true
		}
	}
	return q.backlog != Amount{}
}

// index is the step in force at an instant.
func (d *Demand) index(at time.Duration) int {
	return int(min(at/d.Step, time.Duration(len(d.Values)-1)))
}

// reads is the instant from which on the sync at now looks at the world: the older
// of two scrapes, or now itself.
func (l *lane) reads(w *World, now time.Duration) time.Duration {
	if !l.scraped {
		return now
	}
	res := w.Pipeline.Resolution
	return (now-w.Pipeline.Age)/res*res - res
}

// counts says whether the pods of a group are to the controller what all others
// are, at the sync first, which looks back until read, and after it; or nothing at
// all.
func (l *lane) counts(r *run, g *group, first, read time.Duration) bool {
	own := l.metric.Source <= hpa.SourcePods
	switch {
	case g.phase == hpa.PhaseFailed:
		return true
	case g.terminating:
		// A metric that pods have passes over them, another may count them.
		return own
	case !own:
		return true
	case first-g.born < g.metrics:
		return false
	case l.scraped && (g.transition > read || g.born+g.pending >= read):
		return false
	case !l.metric.CPU || l.metric.Source == hpa.SourcePods:
		return true
	}
	stamp, window := seconds(first-r.w.Pipeline.Age), r.w.Pipeline.Window
	if l.scraped {
		stamp, window = read+r.w.Pipeline.Resolution, r.w.Pipeline.Resolution
	}
	// Once either holds it holds for ever: time and timestamps only grow.
	return seconds(g.born)+r.spec.Controller.CPUInitializationPeriod <= first || stamp >= seconds(g.transition)+window
}

// known is until when no step is null that a sync from first on reads, an instant
// at most first where there is one already.
func (r *run) known(first time.Duration) time.Duration {
	until, read := never, first
	for i := range r.ahead.lanes {
		read = min(read, r.ahead.lanes[i].reads(r.w, first))
	}
	for i := range r.w.Demand {
		d := &r.w.Demand[i]
		if d.Null == nil {
			continue
		}
		from := d.index(read)
		next := max(r.ahead.nulls[i], from)
		for next < len(d.Null) && !d.Null[next] {
			next++
		}
		r.ahead.nulls[i] = next
		if next < len(d.Null) {
			until = min(until, time.Duration(next)*d.Step)
		}
	}
	return until
}

// skip goes from one sync that may change something to the next, for as long as the
// world is settled.
func (r *run) skip() {
	for first := r.clock.next(); first < never && r.settled(first); first = r.clock.next() {
		// No sync starts after the end. No sync tells nodes, but the score does.
		until := min(r.faults.next(), r.known(first), r.fleet.nodes.next(false), r.w.Duration+r.w.SyncLatency)
		l, known := r.ahead.lull(r, first, until)
		if !known || until <= first {
			return
		}
		wake, moves := l.search()
		r.pass(&l, wake)
		if !moves {
			r.fleet.transition(wake - l.period)
			r.scraper.leap(r, wake-l.period)
			return
		}
		r.light(&l, wake)
	}
}

// pass passes over the syncs of a stretch before wake.
func (r *run) pass(l *lull, wake time.Duration) {
	if wake == l.first {
		return
	}
	if l.plain() {
		l.recallOnly(wake)
	} else {
		l.recall(wake)
	}
	syncs := int64((wake - l.first) / l.period)
	r.ahead.skipped += syncs
	if r.ahead.cuts != nil {
		r.ahead.cuts.skip(&r.meter, l.first, l.period, syncs)
	}
	r.score.Syncs += syncs
	r.clock.regular = r.clock.within(wake - r.clock.latency)
}

// light is the instant of a settled sync, at which nothing but the sync happens: as
// in run.loop, but of the pods the step is shown one group that is all of them.
func (r *run) light(l *lull, now time.Duration) {
	r.fleet.transition(now)
	r.scraper.leap(r, now)
	r.scraper.pass(now)
	r.meter.heed(now)
	r.score.Syncs++
	if desired := r.spec.Conclude(r.state, now, l.replicas, l.proposes(now)); desired != l.replicas {
		r.meter.write(desired > l.replicas)
		r.write(desired, now)
	}
	r.clock.pop(now)
	r.meter.set(now, r.level())
	r.ahead.note(r, now, false)
}
