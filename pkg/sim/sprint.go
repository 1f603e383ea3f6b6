package sim

import (
	"slices"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// In most worlds of which many are replayed, pods do nothing but start: they run at
// once, are Ready some time later, and go when the count falls. Such a world needs no
// fleet and no scrapes: its pods are those that nothing tells from others any more,
// and the few that started last. What the controller reads of each at a sync is
// what scraper and observer would have told, from how many pods served when.

// sprint is the replay of such a world.
type sprint struct {
	r *run
	// lane is the only metric, scraped or ideal, of the only demand.
	lane *lane
	// old pods are like all others to the controller; young, in the order of
	// creation, may not be. Those that are not Ready are the last.
	old, serving int64
	young        []group
	// changes are when another number of pods began to serve, as far back as a
	// scrape looks.
	changes []change
	obs     hpa.Observation
	// before is the value before t=0, ready how long pods take to be Ready.
	before int64
	ready  time.Duration
}

// change is an instant from which on so many pods served.
type change struct {
	at   time.Duration
	pods int64
}

// sprint sets one up; nil where the world is none for it.
func (p *Prepared) sprint(w *World) *sprint {
	plain, slow, ok := w.steady()
	if !ok || !plain.sprints() {
		return nil
	}
	r := p.begin(&plain)
	lanes := r.ahead.lanes
	// The initial pods are old, also to the first sync.
	f := &r.fleet
	if !r.ahead.on || len(lanes) != 1 || lanes[0].metric.Source > hpa.SourceContainerResource || len(f.groups) != 1 || !f.groups[0].mature || f.due != never {
		return nil
	}
	s := &sprint{
		r: r, lane: &lanes[0], old: int64(r.replicas), serving: int64(r.replicas), young: make([]group, 0, 16),
		before: w.Demand[0].Values[0], ready: time.Duration(times(int64(plain.Pods.Ready), slow)),
	}
	s.changes = append(make([]change, 0, 16), change{longAgo, s.serving})
	s.obs.Readings = make([]hpa.Reading, 1)
	if s.ready%time.Millisecond != 0 {
		return nil
	}
	// Nobody scrapes.
	q := &r.queues.list[0]
	if q.scraped, q.counts = false, false; len(w.Faults) > 0 && q.table == nil {
		t := newTable(q.d.Values)
		q.table = &t
	}
	return s
}

// steady is the world without faults, where all that it has last all the time: traffic
// is then in its demand, and by how many thousandths of the time to Ready pods start is
// told beside.
func (w *World) steady() (plain World, slow int64, ok bool) {
	plain, slow = *w, Thousand
	plain.Faults = nil
	for i := range w.Faults {
		f := &w.Faults[i]
		switch {
		case f.At != 0 || f.For != 0:
			return plain, slow, false
		case f.Kind == FaultSlowStart:
			slow = f.Factor
		case f.Kind == FaultTraffic:
			plain.Demand = slices.Clone(w.Demand)
			for j := range plain.Demand {
				if d := &plain.Demand[j]; d.grows() {
					d.Values = scaled(d.Values, f.Factor)
				}
			}
		default:
			return plain, slow, false
		}
	}
	return plain, slow, true
}

// scaled are values at a traffic factor.
func scaled(values []int64, factor int64) []int64 {
	out := make([]int64, len(values))
	for i, v := range values {
		out[i] = times(v, factor)
	}
	return out
}

// sprints says whether a world without faults may be one for a sprint.
func (w *World) sprints() bool {
	if len(w.Demand) != 1 || w.SyncLatency != 0 || w.Latency != nil {
		return false
	}
	p, d, s := &w.Pods, &w.Demand[0], &w.Autoscaler
	switch {
	case p.Pending != 0 || p.MetricsDelay != 0 || p.Termination != 0:
		return false
	case len(p.Spread.Pending)+len(p.Spread.Ready)+len(p.Spread.MetricsDelay)+len(p.Spread.Termination) != 0:
		return false
	case p.Initial < 1 || s.Min < 1 || w.Nodes != Nodes{}:
		return false
	}
	return d.cpu() && d.Role == RoleLoad && d.Wait == 0 && d.Null == nil && d.Step%time.Millisecond == 0
}

// run replays the world, if that can be done so; where it cannot the run is spoilt.
func (s *sprint) run() (done bool) {
	r := s.r
	last := time.Duration(0)
	for first := r.clock.next(); first < never; first = r.clock.next() {
		s.start(first)
		if !s.settled(first) {
			if !s.sync(first) {
				return false
			}
			last = first
			continue
		}
		l, known := r.ahead.lull(r, first, r.w.Duration)
		if !known || !l.plain() {
			return false
		}
		wake, moves := l.search()
		if wake > first {
			r.meter.set(first, s.level())
		}
		r.pass(&l, wake)
		if !moves {
			last = wake - l.period
			break
		}
		s.conclude(wake, l.proposes(wake))
		last = wake
	}
	s.start(r.w.Duration - 1)
	r.queues.advance(last)
	r.stop(r.w.Duration)
	return true
}

// start lets pods become Ready that do so until now. What happens at now itself is
// scored after its sync.
func (s *sprint) start(now time.Duration) {
	for i := range s.young {
		g := &s.young[i]
		if g.ready {
			continue
		}
		at := g.born + g.readyAfter
		if at > now {
			return
		}
		g.ready, g.transition = true, at
		s.serve(s.serving+g.pods, at)
		if at < now {
			s.r.meter.set(at, s.level())
		}
	}
}

// serve says that so many pods serve from now on.
func (s *sprint) serve(pods int64, now time.Duration) {
	s.serving = pods
	s.r.queues.serve(now, pods)
	if len(s.changes) == cap(s.changes) {
		// A scrape is read until the one after the next.
		past := 1
		for past < len(s.changes) && s.changes[past].at < now-scrapes*s.r.w.Pipeline.Resolution {
			past++
		}
		s.changes = s.changes[:copy(s.changes, s.changes[past-1:])]
	}
	s.changes = append(s.changes, change{now, pods})
}

func (s *sprint) level() level {
	r := s.r
	return level{live: int64(r.replicas), serving: s.serving, factor: Thousand, replicas: r.replicas, min: r.spec.Min, max: r.spec.Max}
}

// settled says whether every sync from now on reads a function of one value, as long
// as nothing happens. Young pods that are so by now are old.
func (s *sprint) settled(now time.Duration) bool {
	r := s.r
	read := s.lane.reads(r.w, now)
	for len(s.young) > 0 && s.young[0].ready && s.lane.counts(r, &s.young[0], now, read) {
		s.old += s.young[0].pods
		s.young = s.young[:copy(s.young, s.young[1:])]
	}
	return len(s.young) == 0 && read >= 0 && s.changes[len(s.changes)-1].at <= read &&
		r.replicas >= r.spec.Min && r.replicas <= r.spec.Max && r.state.Seeded()
}

// sync is a sync that tells pods from others; ok is false where it cannot read them.
func (s *sprint) sync(now time.Duration) (ok bool) {
	r := s.r
	r.meter.heed(now)
	s.obs.Now, s.obs.SpecReplicas, s.obs.StatusReplicas = now, r.replicas, r.replicas
	if r.replicas < r.spec.Min || r.replicas > r.spec.Max {
		d := r.spec.Step(r.state, &s.obs) // which asks no metric
		r.score.Syncs++
		s.decide(now, d.Desired)
		return true
	}
	s.observe(now)
	n, ok := r.spec.Propose(r.state, &s.obs)
	if ok {
		s.conclude(now, n)
	}
	return ok
}

// conclude is the rest of a sync whose metric proposes so many replicas.
func (s *sprint) conclude(now time.Duration, proposed int32) {
	s.r.meter.heed(now)
	s.r.score.Syncs++
	s.decide(now, s.r.spec.Conclude(s.r.state, now, s.r.replicas, proposed))
}

// decide does what a sync decided, and ends its instant.
func (s *sprint) decide(now time.Duration, desired int32) {
	r := s.r
	if desired != r.replicas {
		r.meter.write(desired > r.replicas)
		if r.ahead.wrote != nil {
			r.ahead.wrote(now, r.replicas, desired)
		}
		s.scale(int64(desired)-int64(r.replicas), now)
		r.replicas = desired
	}
	r.clock.pop(now)
	r.meter.set(now, s.level())
}

// scale adds pods, or takes the newest away; those that are not Ready are the newest.
func (s *sprint) scale(n int64, now time.Duration) {
	if n > 0 {
		g := group{pods: n, born: now, phase: hpa.PhaseRunning, transition: now, readyAfter: s.ready}
		s.young = append(s.young, g)
		s.start(now)
		return
	}
	serving := s.serving
	for n < 0 && len(s.young) > 0 {
		g := &s.young[len(s.young)-1]
		taken := min(-n, g.pods)
		n += taken
		if g.ready {
			serving -= taken
		}
		if g.pods -= taken; g.pods == 0 {
			s.young = s.young[:len(s.young)-1]
		}
	}
	s.old += n
	if serving += n; serving != s.serving {
		s.serve(serving, now)
	}
}
