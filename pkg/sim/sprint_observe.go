package sim

import (
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// observe makes the observation that of a sync.
func (s *sprint) observe(now time.Duration) {
	s.obs.Groups, s.obs.Readings[0].Samples = s.obs.Groups[:0], s.obs.Readings[0].Samples[:0]
	always := group{pods: s.old, born: longAgo, transition: longAgo, phase: hpa.PhaseRunning, ready: true}
	first := s.see(&always, 0, now)
	for i := range s.young {
		first = s.see(&s.young[i], first, now)
	}
}

// see adds a group, whose first pod is one of a number among those that serve, and
// returns that of the next one's.
func (s *sprint) see(g *group, first int64, now time.Duration) int64 {
	if g.pods == 0 {
		return first
	}
	sample := hpa.Sample{Request: s.lane.request}
	var seen bool
	if s.lane.scraped {
		seen = s.scraped(g, now, &sample)
	} else {
		seen = s.shown(g, first, now, &sample)
	}
	if seen {
		sample.Pods = clamp(g.pods)
	}
	s.obs.Groups = append(s.obs.Groups, observed(g))
	s.obs.Readings[0].Samples = append(s.obs.Readings[0].Samples, sample)
	if g.ready {
		first += g.pods
	}
	return first
}

// shown is what a sync reads of pods as they are, as observer.sum tells it.
func (s *sprint) shown(g *group, first int64, now time.Duration, sample *hpa.Sample) bool {
	d, q := s.lane.demand, &s.lane.probe.queue
	sample.Timestamp, sample.Window = seconds(now-s.r.w.Pipeline.Age), s.r.w.Pipeline.Window
	if !g.ready {
		sample.Sum = g.pods * d.NotReady * d.Scale
		return !d.NotReadyNone
	}
	q.serve(s.serving)
	q.value = d.Values[d.index(now)]
	share, rest := q.rate()/s.serving, q.rate()%s.serving
	sample.Sum = (g.pods*(share+d.Idle) + min(max(rest-first, 0), g.pods)) * d.Scale
	return true
}

// scraped is what metrics-server tells of pods, as scraper.point and scraper.milli
// do.
func (s *sprint) scraped(g *group, now time.Duration, sample *hpa.Sample) bool {
	p, r := &s.r.w.Pipeline, s.r.w.Pipeline.Resolution
	at := now - now%r
	if now-at < p.Age {
		at -= r
	}
	from, age := at-r, at-g.born
	sample.Timestamp, sample.Window = seconds(at), r
	switch {
	case age > 0 && age < r && age >= freshContainer:
		from, sample.Window = g.born, age
	case g.born >= from:
		return false
	}
	sample.Sum = g.pods * nanoRate(s.used(g, from, at)*uint64(s.lane.demand.Scale), sample.Window)
	return true
}

// used is what a pod of a group used between two instants of one step, in parts ×
// milliseconds, as scraper.use counts it.
func (s *sprint) used(g *group, from, to time.Duration) (used uint64) {
	d, q := s.lane.demand, &s.lane.probe.queue
	if q.value = s.before; from >= 0 {
		q.value = d.Values[d.index(from)]
	}
	for i := len(s.changes) - 1; from < to; i-- {
		c := &s.changes[i]
		begin := max(c.at, from)
		if begin >= to {
			continue
		}
		passed := uint64(millis(to) - millis(begin))
		switch {
		case g.ready && g.transition <= begin:
			q.serve(c.pods)
			used += (q.steady() + uint64(d.Idle*q.parts)) * passed
		default:
			used += uint64(d.NotReady*q.parts) * passed
		}
		to = begin
	}
	return used
}
