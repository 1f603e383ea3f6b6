package sim

import (
	"math"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// band are the values of the lane for which the metric proposes the count there is:
// lo to hi. It is known where the proposal can be computed, for values up to most
// alone.
type band struct {
	lo, hi, most int64
	found, known bool
	// replicas is the count, asked what was proposed for values out of the band.
	replicas int32
	asked    [6]answer
}

// answer is a proposal for all values from lo to hi; the zero answer is none.
type answer struct {
	replicas int32
	some     bool
	lo, hi   int64
}

// propose is what the metric proposes for a value, where the pods of the probe are
// those of the band. Between two values that led to one proposal all others do.
func (b *band) propose(p *probe, value int64) int32 {
	if value >= b.lo && value <= b.hi {
		return b.replicas
	}
	for i := range b.asked {
		if a := &b.asked[i]; a.some && value >= a.lo && value <= a.hi {
			return a.replicas
		}
	}
	n, _ := p.ask(value)
	for i := range b.asked {
		a := &b.asked[i]
		if !a.some {
			*a = answer{n, true, value, value}
			break
		}
		if a.replicas == n {
			a.lo, a.hi = min(a.lo, value), max(a.hi, value)
			break
		}
	}
	return n
}

// band is that of a count, for which the probe is then ready.
func (l *lane) band(n int32) *band {
	l.probe.queue.serve(int64(n))
	b := &l.probe.band
	if int(n) < len(l.bands) {
		if b = &l.bands[n]; b.found {
			return b
		}
	}
	*b = l.probe.bisect(n)
	b.found = true
	return b
}

// probe asks what the metric would propose.
type probe struct {
	demand *Demand
	// spec is the autoscaler with this metric alone.
	spec hpa.Spec
	// state is one that nothing is remembered in.
	state   *hpa.State
	obs     hpa.Observation
	queue   queue
	window  time.Duration
	scraped bool
	// goal is the target, in parts (1 or 100) of request.
	goal, parts, request int64
	// band is where one is noted that is not kept, ratio a guess of the next one's
	// edges: those per pod of the last.
	band   band
	lo, hi float64
}

func (p *probe) prepare(w *World, l *lane) {
	p.demand, p.spec, p.scraped, p.window = l.demand, w.Autoscaler, l.scraped, w.Pipeline.Resolution
	p.spec.Metrics = []hpa.Metric{*l.metric}
	p.goal, p.parts, p.request = max(1, l.metric.Goal), 1, 1
	if l.metric.Target == hpa.TargetUtilization {
		p.parts, p.request = 100, max(1, l.request)
	}
	p.state = hpa.NewTerseState(1, 0)
	p.queue = newQueue(l.demand)
	p.queue.null = false
	p.obs = hpa.Observation{
		Groups: []hpa.Group{{Started: true}},
		Readings: []hpa.Reading{{
			Samples: []hpa.Sample{{Request: l.request, Timestamp: maxTime}},
			Values:  make([]int64, 1),
		}},
	}
}

// at is what n pods report of a value, each of them or the metric as a whole, in
// milli-units.
func (p *probe) at(value int64) int64 {
	q, d := &p.queue, p.demand
	q.value = value
	switch {
	case !d.perPod():
		return value * d.Scale
	case p.scraped && d.cpu():
		return nanoRate(p.used(value)*uint64(d.Scale), p.window)
	case p.scraped:
		return p.holds(value) * 1000
	case d.Role == RolePerPod:
		return value * d.Scale
	}
	return (q.rate()/q.pods + d.Idle) * d.Scale
}

// used is what each pod uses between two scrapes, as scraper.use counts it.
func (p *probe) used(value int64) uint64 {
	passed := p.window.Milliseconds()
	p.queue.value = value
	return p.queue.steady()*uint64(passed) + uint64(p.demand.Idle*micro*passed)
}

// holds is what each pod holds.
func (p *probe) holds(value int64) int64 {
	p.queue.value = value
	return p.queue.holds(nil)
}

// rest is what the pods report together besides what each does.
func (p *probe) rest() int64 {
	if q := &p.queue; !p.scraped && p.demand.perPod() && p.demand.Role == RoleLoad {
		return q.rate() % q.pods * p.demand.Scale
	}
	return 0
}

// ask is what the metric proposes where n pods, those of the queue, meet a value.
func (p *probe) ask(value int64) (replicas int32, ok bool) {
	return p.spec.Propose(p.state, p.see(value, maxTime))
}

// see is what a sync observes of them.
func (p *probe) see(value int64, now time.Duration) *hpa.Observation {
	n, o := p.queue.pods, &p.obs
	each := p.at(value)
	o.Now, o.SpecReplicas, o.StatusReplicas = now, int32(n), int32(n)
	o.Groups[0].Pods = int32(n)
	r := &o.Readings[0]
	r.Samples[0].Pods, r.Samples[0].Sum = int32(n), n*each+p.rest()
	r.Values[0] = each
	return o
}

// exact says that nothing on the way from a value to a proposal is greater than
// what it is counted in, so that greater values lead to no smaller proposals.
func (p *probe) exact(value int64) bool {
	const most = math.MaxInt32
	if value > 1<<40/p.demand.Scale {
		return false
	}
	n, each := p.queue.pods, p.at(value)+p.demand.Scale
	used := each / p.request * p.parts
	return each < 1<<40 && used < most-p.parts && used/p.goal+p.parts+2 < most/n
}

// bisect finds the band of n pods.
func (p *probe) bisect(n int32) band {
	q := &p.queue
	b := band{replicas: n, most: 1 << 40 / p.demand.Scale}
	saturates := q.flow.Queues && q.capacity <= b.most
	if saturates {
		b.most = q.capacity
	}
	for b.most > 0 && !p.exact(b.most) {
		b.most, saturates = b.most/2, false
	}
	if _, ok := p.ask(0); !ok {
		return b
	}
	b.known = true
	b.lo = p.edge(n, b.most, p.lo)
	b.hi = p.edge(n+1, b.most, p.hi) - 1
	p.lo, p.hi = float64(b.lo)/float64(n), float64(b.hi+1)/float64(n)
	switch {
	case !saturates:
	case b.lo > b.most:
		// However much there is, the pods report too little.
		b.lo, b.hi = math.MaxInt64, math.MaxInt64-1
	case b.hi == b.most:
		b.hi = math.MaxInt64
	}
	if saturates && p.demand.Wait == 0 {
		b.most = math.MaxInt64
	}
	return b
}

// edge is the least value up to most for which the metric proposes at least so many
// replicas, most+1 where none does. each is a guess of it per pod.
func (p *probe) edge(replicas int32, most int64, each float64) int64 {
	enough := func(value int64) bool {
		n, _ := p.ask(value)
		return n >= replicas
	}
	// below is not enough, above is.
	below, above := int64(-1), most+1
	guess := min(max(int64(each*float64(p.queue.pods)), 0), most)
	for step := int64(1); above-below > 1; step *= 4 {
		if enough(guess) {
			above = guess
			guess = max(guess-step, below)
		} else {
			below = guess
			guess = min(guess+step, above)
		}
		if guess <= below || guess >= above {
			break
		}
	}
	for above-below > 1 {
		if middle := below + (above-below)/2; enough(middle) {
			above = middle
		} else {
			below = middle
		}
	}
	return above
}
