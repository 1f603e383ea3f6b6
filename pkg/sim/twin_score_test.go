package sim_test

import (
	"math/big"
	"sort"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// twinSpan is a time in which nothing changes, as the twin lived through it.
type twinSpan struct {
	from, to      time.Duration
	live, serving int64
	replicas      int32
	atMax, atMin  bool
	rolling       bool  // there are old pods
	homeless      bool  // some live pod waits for a node
	nodes         int64 // that are there
	// asked is what each demand asks for, nil where that is not known.
	asked []*int64
	// served is what pods served of each demand meanwhile, in unit × milliseconds.
	served []*big.Int
}

func (s *twinSpan) millis() int64 { return s.to.Milliseconds() - s.from.Milliseconds() }

func (t *twin) serving() int64 {
	n := int64(0)
	for _, p := range t.pods {
		if p.serving() {
			n++
		}
	}
	return n
}

// pass keeps the time from one instant to the next; tally scores it.
func (t *twin) pass(from, to time.Duration) {
	t.serveSpan()
	if to = min(to, t.w.Duration); to <= from {
		return
	}
	s := twinSpan{
		from: from, to: to, live: int64(len(t.alive())), serving: t.serving(), replicas: t.replicas,
		atMax: t.replicas >= t.spec.Max, atMin: t.replicas <= t.spec.Min,
	}
	for _, p := range t.alive() {
		s.homeless = s.homeless || p.waits
		s.rolling = s.rolling || p.set != t.sets[len(t.sets)-1]
	}
	for _, n := range t.nodes {
		if n.up {
			s.nodes++
		}
	}
	for i := range t.w.Demand {
		var asked *int64
		if v, ok := t.value(&t.w.Demand[i], from); ok && t.w.Demand[i].Role != sim.RoleResponse {
			asked = &v
		}
		s.asked = append(s.asked, asked)
		s.served = append(s.served, t.servedOf(i))
	}
	t.spans = append(t.spans, &s)
	t.open = &s
}

// serveSpan completes the last span, when the work is where that ended. Until
// then its served is what had been served before.
func (t *twin) serveSpan() {
	if t.open == nil {
		return
	}
	for i, before := range t.open.served {
		before.Sub(t.servedOf(i), before)
	}
	t.open = nil
}

// servedOf is what was served of a demand until now.
func (t *twin) servedOf(demand int) *big.Int {
	k := t.work[demand]
	if k == nil {
		return new(big.Int)
	}
	return new(big.Int).Quo(k.served.Num(), k.served.Denom())
}

// tally computes every term by itself from all that passed.
func (t *twin) tally() {
	t.serveSpan()
	s := &t.score
	s.Duration = t.w.Duration
	s.PodHourPrice = t.w.PodHourPrice
	times := map[int32]time.Duration{}
	for _, p := range t.spans {
		for range p.live {
			s.ReplicaMillis += p.millis()
		}
		times[p.replicas] += p.to - p.from
		for range p.nodes {
			s.NodeMillis += p.millis()
		}
		if p.rolling {
			s.Rolling += p.to - p.from
		}
		if p.homeless {
			s.Homeless += p.to - p.from
		}
		if p.atMax {
			s.AtMax += p.to - p.from
		}
		if p.atMin {
			s.AtMin += p.to - p.from
		}
	}
	for n, d := range times {
		s.TimeAt = append(s.TimeAt, sim.ReplicaTime{Replicas: n, Time: d})
	}
	sort.Slice(s.TimeAt, func(i, j int) bool { return s.TimeAt[i].Replicas < s.TimeAt[j].Replicas })
	for i := range t.w.Demand {
		capacity := t.carries(&t.w.Demand[i])
		s.HasCapacity = s.HasCapacity || capacity > 0
		if t.work[i] != nil && capacity > 0 {
			s.Loads = append(s.Loads, sim.Load{Demand: i, Use: t.tallyLoad(i, capacity)})
		}
	}
	s.CPU = t.tallyRequests()
	t.tallyShortages()
	s.Thrash = t.tallyThrash()
	s.Latency = t.tallyLatency()
}

// tallyLoad is what was served, where that is known.
func (t *twin) tallyLoad(demand int, capacity int64) sim.Use {
	u := twinUse{each: capacity}
	for _, p := range t.spans {
		u.stand(p.serving)
		if p.asked[demand] != nil {
			u.add(p.served[demand], p.millis())
		}
	}
	return u.done()
}

// tallyRequests is use of cpu against requests, where some of it is known.
func (t *twin) tallyRequests() sim.Use {
	var request int64
	for _, c := range t.w.Pods.Containers {
		for _, q := range c.Requests {
			if q.Resource == "cpu" {
				request += q.Milli
			}
		}
	}
	var demands []int
	for i := range t.w.Demand {
		if d := &t.w.Demand[i]; d.Source == hpa.SourceResource && d.Name == "cpu" {
			demands = append(demands, i)
		}
	}
	if request == 0 || len(demands) == 0 {
		return sim.Use{}
	}
	u := twinUse{each: request}
	for _, p := range t.spans {
		used, known := new(big.Int), false
		for _, i := range demands {
			d := &t.w.Demand[i]
			if p.asked[i] == nil {
				continue
			}
			known = true
			own := d.Idle
			if d.Role == sim.RolePerPod {
				own = *p.asked[i]
			} else {
				used.Add(used, new(big.Int).Mul(p.served[i], big.NewInt(d.Scale)))
			}
			for range p.serving {
				used.Add(used, big.NewInt(own*d.Scale*p.millis()))
			}
		}
		u.stand(p.live)
		if known {
			u.add(used, p.millis())
		}
	}
	return u.done()
}

// twinUse adds up a use, stretch by stretch of one number of pods.
type twinUse struct {
	each      int64
	stretches []twinStretch
}

type twinStretch struct {
	pods, millis int64
	used         big.Int
}

// stand begins a stretch where the number of pods is another one, also while the
// demand is not known.
func (u *twinUse) stand(pods int64) {
	if n := len(u.stretches); n == 0 || u.stretches[n-1].pods != pods {
		u.stretches = append(u.stretches, twinStretch{pods: pods})
	}
}

// add adds what was used in all of a time.
func (u *twinUse) add(used *big.Int, millis int64) {
	s := &u.stretches[len(u.stretches)-1]
	s.millis += millis
	s.used.Add(&s.used, used)
}

func (u *twinUse) done() sim.Use {
	out, sum, millionths := sim.Use{Each: u.each}, new(big.Int), new(big.Int)
	for i := range u.stretches {
		s := &u.stretches[i]
		sum.Add(sum, &s.used)
		out.PodMillis += s.pods * s.millis
		if s.pods == 0 || s.millis == 0 {
			continue
		}
		share := new(big.Int).Mul(&s.used, big.NewInt(1e6))
		millionths.Add(millionths, share.Quo(share, big.NewInt(u.each*s.pods)))
		out.Millis += s.millis
	}
	out.Used, out.Millionths = amountOf(new(big.Rat).SetInt(sum)), amountOf(new(big.Rat).SetInt(millionths))
	return out
}

// exceeds says whether a demand asks for more at a span than so many pods can
// carry.
func (t *twin) exceeds(demand int, p *twinSpan, pods int64) bool {
	d := &t.w.Demand[demand]
	switch {
	case d.Capacity == 0 || p.asked[demand] == nil:
		return false
	case d.Role == sim.RolePerPod:
		return pods > 0 && *p.asked[demand] > d.Capacity
	}
	return *p.asked[demand] > t.carries(d)*pods
}

// exceeded says whether some demand asks for more at a span than each of these
// numbers of pods can carry.
func (t *twin) exceeded(p *twinSpan, pods ...int64) bool {
	for i := range t.w.Demand {
		all := true
		for _, n := range pods {
			all = all && t.exceeds(i, p, n)
		}
		if all {
			return true
		}
	}
	return false
}

// tallyShortages is the time short of capacity, and the spikes among it.
func (t *twin) tallyShortages() {
	s, pods := &t.score, t.early
	var spike []*twinSpan // under way
	short := false
	for _, p := range t.spans {
		was := short
		short = t.exceeded(p, p.serving)
		if short {
			s.Saturated += p.to - p.from
		}
		if !short && len(spike) > 0 {
			if !t.exceeded(p, pods) {
				s.Ebbed++
			}
			spike = nil
		}
		if short && (len(spike) > 0 || !was && t.exceeded(p, pods, p.serving)) {
			if len(spike) == 0 {
				s.Spikes++
			}
			spike = append(spike, p)
			s.SpikeTime += p.to - p.from
			s.LongestSpike = max(s.LongestSpike, p.to-spike[0].from)
		}
		pods = p.serving
	}
}

// tallyThrash follows every replica by itself.
func (t *twin) tallyThrash() int64 {
	var thrash int64
	changed := map[int32]time.Duration{} // when each replica came or went
	replicas := t.w.Pods.Initial
	for _, p := range t.spans {
		for n := min(replicas, p.replicas) + 1; n <= max(replicas, p.replicas); n++ {
			if at, ok := changed[n]; ok && p.from-at < sim.ThrashWindow {
				thrash++
			}
			changed[n] = p.from
		}
		replicas = p.replicas
	}
	return thrash
}
