package sim

import (
	"math"
	"math/bits"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// prometheus is a Prometheus server and the adapter that asks it: all targets are
// scraped each interval, and a sync reads rate(counter[window]) of what is counted,
// the last value of everything else.
type prometheus struct {
	w     *World
	lives *lives
	// next is the next scrape, last the one before it.
	next, last time.Duration
	// depth is how many scrapes are kept, head the place of the last one among
	// them: the one before it is at the place before, around the end.
	depth, head int
	// metrics are the demands that Prometheus knows, place where each is among
	// them, or -1.
	metrics []told
	place   []int
	view    view
	// bunches are the values of one metric of all pods, least first.
	bunches []measured
}

// told is a demand as Prometheus knows it.
type told struct {
	d *Demand
	q *queue
	// counter says that it is counted, so that its rate over a window is read.
	counter bool
	window  time.Duration
	// own says that each pod tells its own, at place own of the life's samples and
	// at place use of its uses. Others are one target's.
	own bool
	at  int
	use int
	// A counter's count grows by whole quanta, times over parts of what is done;
	// quantum is one in the metric's base unit, a power of two.
	times, parts uint64
	quantum      float64
	// great is a count from which on no zero point is within reach of a window.
	great uint64
	// Of one target: its count, and its samples.
	count   count
	samples []uint64
}

// count is a counter between two scrapes.
type count struct {
	// done is what was done up to the last scrape, counted the counter then, in
	// quanta.
	done, counted uint64
}

// absent is a sample that a scrape did not find. No gauge and no counter has this
// value.
const absent = uint64(1) << 63

// long is the count of what counts since long before the start.
const long = uint64(1) << 52

// scrapeless is a window's worth of scrapes beyond those within it: the one that
// is not yet old enough to be read.
const scrapeless = 1

func (p *prometheus) on() bool { return p.depth > 0 }

// prepare finds the demands that Prometheus knows; uses is how many others a life
// has. It says which are the pods' own counters.
func (p *prometheus) prepare(w *World, f *fleet, q *queues, uses int) (counters []int) {
	p.w, p.lives, p.next = w, &f.lives, never
	if w.Pipeline.Kind != PipelinePrometheus {
		return nil
	}
	line := &w.Pipeline
	p.depth = int((line.Window+line.Interval-1)/line.Interval) + scrapeless
	p.place = make([]int, len(w.Demand))
	own := 0
	for i := range w.Demand {
		p.place[i] = -1
		d := &w.Demand[i]
		if d.Source == hpa.SourceResource {
			continue
		}
		p.place[i] = len(p.metrics)
		m := newTold(w, d, &q.list[i])
		if m.own {
			m.at = own
			own++
			f.lives.mourns = f.lives.mourns || d.Aggregate != AggregateNone
			if m.counter {
				m.use = uses + len(counters)
				counters = append(counters, i)
			}
		} else {
			m.samples = make([]uint64, p.depth)
		}
		p.metrics = append(p.metrics, m)
	}
	f.lives.told, f.lives.depth, f.lives.great = own, p.depth, p.great
	f.history = max(f.history, time.Duration(p.depth+1)*line.Interval)
	p.bunches = make([]measured, 0, 16)
	return counters
}

// newTold is how Prometheus knows a demand. What one pod is counted to do fits 64
// bits between two scrapes.
func newTold(w *World, d *Demand, q *queue) told {
	m := told{d: d, q: q, own: d.perPod(), count: count{counted: long}}
	m.window, m.counter = w.Pipeline.counted(d)
	if !m.counter {
		q.scraped = true
		return m
	}
	most := w.mostOfOne(d)
	q.scraped, q.counts, q.most = true, true, math.MaxInt64
	for q.parts > 1 && most > math.MaxInt64/q.parts/(2*w.Pipeline.Interval.Milliseconds()) {
		q.parts /= 10
	}
	shift := d.quantumShift()
	m.times, m.parts = uint64(d.Scale)<<shift, uint64(q.parts)*1_000_000
	m.quantum = math.Ldexp(1, -shift)
	m.great = uint64(w.greatCount(d, most))
	return m
}

// quantumShift is how many times the base unit is halved to be a counter's
// quantum: of thousandths 2⁻¹⁶, of whole units 2⁻⁷.
func (d *Demand) quantumShift() int { return max(0, 17-bits.Len64(uint64(d.Scale))) }

// counted says whether Prometheus is told a counter of a demand, and over what
// window its rate is then read.
func (p *Pipeline) counted(d *Demand) (window time.Duration, ok bool) {
	window = p.Window
	if !d.perPod() {
		window -= d.Averaged
	}
	return window, d.Role == RoleLoad && window >= 2*p.Interval+p.Age
}

// mostOfOne is the most that one pod, or the one target, ever does of a load.
func (w *World) mostOfOne(d *Demand) int64 {
	most := d.Capacity
	if most == 0 || !d.perPod() {
		most = 0
		for _, v := range d.Values {
			most = max(most, v)
		}
		most = times(most, w.peak())
	}
	return max(most+d.Idle, d.NotReady)
}

// greatCount is twice what is counted in a window at most, in quanta: a counter
// that was there already when a window began is then further from its zero point
// than rate() looks.
func (w *World) greatCount(d *Demand, most int64) float64 {
	perSecond := math.Ldexp(float64(most)*float64(d.Scale)/1000, d.quantumShift())
	return 2 * perSecond * w.Pipeline.Window.Seconds()
}

// counters that count since before the first scrape have counted for long.
func (p *prometheus) begin(groups []group, now time.Duration) {
	p.next = -(-now / p.w.Pipeline.Interval) * p.w.Pipeline.Interval
	for i := range p.metrics {
		for j := range p.metrics[i].samples {
			p.metrics[i].samples[j] = absent
		}
	}
	for i := range groups {
		if g := &groups[i]; g.phase == hpa.PhaseRunning {
			for j := range p.lives.countsOf(g.life) {
				p.lives.countsOf(g.life)[j].counted = long
			}
		}
	}
	for j := range p.lives.countsOf(0) {
		p.lives.countsOf(0)[j].counted = long
	}
}

// scrape takes the samples of all targets. The instant's transitions are over, its
// sync is not. It says whether some pods can no more be told from those that
// always served.
func (p *prometheus) scrape(groups []group, now time.Duration) (joined bool) {
	p.last, p.next = now, now+p.w.Pipeline.Interval
	if p.head++; p.head == p.depth {
		p.head = 0
	}
	for i := range p.metrics {
		if m := &p.metrics[i]; !m.own {
			p.takeTarget(m, now)
		}
	}
	p.take(0, nil, now)
	for i := range groups {
		g := &groups[i]
		if g.life == 0 {
			continue
		}
		p.take(g.life, g, now)
		if g.mature && p.great(g.life) {
			p.lives.end(g.life)
			g.life, joined = 0, true
		}
	}
	p.lives.fade(p.head)
	return joined
}

// takeTarget takes the sample of what is not the pods' own.
func (p *prometheus) takeTarget(m *told, now time.Duration) {
	v := uint64(m.q.gauge())
	if m.counter {
		grown := m.q.each - m.count.done
		if m.count.done = m.q.each; now <= 0 {
			grown = m.q.steady() * uint64(p.w.Pipeline.Interval.Milliseconds())
		}
		m.count.counted += m.quanta(grown)
		v = m.count.counted
	}
	if m.q.unknown() {
		v = absent
	}
	m.samples[p.head] = v
}

// gauge is the value of what is not the pods' own; the queue stands at now.
func (q *queue) gauge() int64 {
	switch {
	case q.d.Role == RoleBacklog:
		waits, _ := q.backlog.over(1000)
		return waits
	case q.response != nil:
		total, _ := q.response.now()
		return total
	}
	return q.value
}

// take takes the samples of one life; no group is one that serves.
func (p *prometheus) take(life int, g *group, now time.Duration) {
	uses, counts := p.lives.of(life), p.lives.countsOf(life)
	for i := range p.metrics {
		m := &p.metrics[i]
		if !m.own {
			continue
		}
		v := uint64(m.q.ofOne(g))
		if m.counter {
			c, done := &counts[m.at], uses[m.use].now
			c.counted += m.quanta(done - c.done)
			c.done, v = done, c.counted
		}
		if m.q.unknown() || g != nil && !m.found(g, now-g.born >= g.metrics) {
			v = absent
		}
		p.lives.samplesOf(life, m.at)[p.head] = v
	}
}

// found says whether a scrape finds the metric at a group's pods, if they are old
// enough.
func (m *told) found(g *group, old bool) bool {
	return old && g.phase == hpa.PhaseRunning && (g.ready || g.terminating || !m.d.NotReadyNone)
}

// quanta is what was done from one scrape to the next in whole quanta, rounded
// down. Their floating-point numbers are exact, as those of whole requests are.
func (m *told) quanta(done uint64) uint64 {
	hi, lo := bits.Mul64(done, m.times)
	q, _ := bits.Div64(hi, lo, m.parts)
	return q
}

// great says whether all counters of a life are too great for a zero point to
// matter.
func (p *prometheus) great(life int) bool {
	for i := range p.metrics {
		m := &p.metrics[i]
		if !m.own || !m.counter {
			continue
		}
		for _, v := range p.lives.samplesOf(life, m.at) {
			if v < m.great {
				return false
			}
		}
		if p.lives.countsOf(life)[m.at].counted < m.great {
			return false
		}
	}
	return true
}
