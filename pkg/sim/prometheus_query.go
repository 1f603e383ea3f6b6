package sim

import (
	"math"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// view is what a query sees at one instant, end, in milliseconds: the scrapes from
// the newest that can be read, so many before the last one, which was at last, each
// interval after the other.
type view struct {
	end, last, interval int64
	newest              int
}

// look prepares the queries of an instant.
func (p *prometheus) look(now time.Duration) {
	if !p.on() {
		return
	}
	line, v := &p.w.Pipeline, &p.view
	v.end, v.last, v.interval = millis(now), millis(p.last), line.Interval.Milliseconds()
	v.newest = 0
	if now-p.last < line.Age {
		v.newest = 1
	}
}

// at is the sample that was taken some scrapes before the last one.
func (p *prometheus) at(samples []uint64, before int) uint64 {
	i := p.head - before
	if i < 0 {
		i += p.depth
	}
	return samples[i]
}

// read is the value of a metric by its samples, in its base unit: the rate of a
// counter, the last value of a gauge.
func (p *prometheus) read(m *told, samples []uint64) (value float64, ok bool) {
	v := &p.view
	if !m.counter {
		s := p.at(samples, v.newest)
		if s == absent {
			return 0, false
		}
		return float64(int64(s)*m.d.Scale) / 1000, true
	}
	r := increase{start: v.end - m.window.Milliseconds(), end: v.end}
	// The range is open to the left.
	oldest := int((v.last - r.start - 1) / v.interval)
	for i := v.newest; i <= oldest; i++ {
		if s := p.at(samples, i); s != absent {
			if r.n++; r.n == 1 {
				r.last, r.lastT = s, v.last-int64(i)*v.interval
			}
			r.first, r.firstT = s, v.last-int64(i)*v.interval
		}
	}
	if r.n < 2 {
		return 0, false
	}
	return r.rate(m.quantum, m.window.Seconds()), true
}

// increase is a counter's first and last sample in a range (start, end], and how
// many there are. Times are milliseconds.
type increase struct {
	start, end    int64
	first, last   uint64
	firstT, lastT int64
	n             int
}

// rate is extrapolatedRate of Prometheus (promql/functions.go) for a counter that
// never falls, term by term. The conversions keep a compiler from fusing two
// operations into one, which would round otherwise.
func (r *increase) rate(quantum, window float64) float64 {
	result := float64(r.last-r.first) * quantum
	toStart := float64(r.firstT-r.start) / 1000
	toEnd := float64(r.end-r.lastT) / 1000
	sampled := float64(r.lastT-r.firstT) / 1000
	between := sampled / float64(r.n-1)
	threshold := float64(between * 1.1)
	if toStart >= threshold {
		toStart = between / 2
	}
	if result > 0 {
		toStart = min(toStart, float64(sampled*(float64(float64(r.first)*quantum)/result)))
	}
	if toEnd >= threshold {
		toEnd = between / 2
	}
	factor := (sampled + toStart + toEnd) / sampled
	return result * (factor / window)
}

// milli is a value in milli-units, as prometheus-adapter makes it one
// (pkg/custom-provider, pkg/external-provider: int64(value*1000)).
func milli(value float64) int64 {
	thousandths := value * 1000
	if thousandths >= math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(thousandths)
}

// pod is what a pod of some life tells of a demand, in milli-units.
func (p *prometheus) pod(demand, life int) (int64, bool) {
	m := &p.metrics[p.place[demand]]
	v, ok := p.read(m, p.lives.samplesOf(life, m.at))
	return milli(v), ok
}

// asked fills in what Prometheus answers about a group, as the adapter hands it on:
// with the time of the question, and no window, for which the controller takes a
// minute.
func (o *observer) asked(c *column, r *row, group int, s *hpa.Sample) bool {
	v, ok := o.scraper.prometheus.pod(c.demands[0], o.scraper.fleet.groups[group].life)
	if ok {
		s.Sum = r.pods * v
	}
	s.Timestamp, s.Window = seconds(o.obs.Now), time.Minute
	return ok
}

// value is a demand that is not the pods' own, or the aggregate of what the pods
// tell, in milli-units. Pods that are gone count as long as a query finds their
// samples.
func (p *prometheus) value(demand int, groups []group) (int64, bool) {
	m := &p.metrics[p.place[demand]]
	if !m.own {
		v, ok := p.read(m, m.samples)
		return milli(v), ok
	}
	p.bunches = p.bunches[:0]
	for i := range groups {
		if g := &groups[i]; g.phase == hpa.PhaseRunning {
			p.measure(m, g.life, g.pods)
		}
	}
	for i := range p.lives.gone {
		p.measure(m, p.lives.gone[i].life, p.lives.gone[i].pods)
	}
	return milli(aggregated(m.d, p.bunches)), len(p.bunches) > 0
}

// measure adds what some pods tell.
func (p *prometheus) measure(m *told, life int, pods int64) {
	if v, ok := p.read(m, p.lives.samplesOf(life, m.at)); ok {
		p.bunches = sorted(p.bunches, measured{v, pods})
	}
}

// measured is a value that some pods have.
type measured struct {
	value float64
	pods  int64
}

// sorted adds one to some that are sorted.
func sorted(list []measured, m measured) []measured {
	list = append(list, m)
	i := len(list) - 1
	for ; i > 0 && list[i-1].value > m.value; i-- {
		list[i] = list[i-1]
	}
	list[i] = m
	return list
}

// aggregated is the aggregate of sorted values as PromQL's (promql/engine.go),
// 0 of none. What is summed up there in the order of the pods' names is summed up
// here exactly, and rounded once.
func aggregated(d *Demand, list []measured) float64 {
	var t total
	var pods int64
	for _, m := range list {
		t.add(m.value, m.pods)
		pods += m.pods
	}
	switch d.Aggregate {
	case AggregateSum:
		return t.sum + t.rest
	case AggregateAvg:
		return t.over(pods)
	case AggregateCount:
		return float64(pods)
	case AggregateNone, AggregateMax, AggregateMin, AggregateQuantile:
	}
	switch {
	case pods == 0:
		return 0
	case d.Aggregate == AggregateMax:
		return list[len(list)-1].value
	case d.Aggregate == AggregateMin:
		return list[0].value
	}
	return quantileOf(list, float64(d.Quantile)/Million, pods)
}

// quantileOf is upstream's quantile (promql/quantile.go).
func quantileOf(list []measured, q float64, pods int64) float64 {
	rank := float64(q * float64(pods-1))
	low := math.Floor(rank)
	weight := rank - low
	below := valueAt(list, int64(low))
	if weight == 0 {
		return below
	}
	above := valueAt(list, min(int64(low)+1, pods-1))
	return float64(below*(1-weight)) + float64(above*weight)
}

// valueAt is the value of the pod with a rank, from 0.
func valueAt(list []measured, rank int64) float64 {
	i := 0
	for ; rank >= list[i].pods; i++ {
		rank -= list[i].pods
	}
	return list[i].value
}

// total is a sum and what was rounded off it, as upstream's kahansum.
type total struct{ sum, rest float64 }

// add adds a value n times, exactly: as halves whose products need no rounding.
func (t *total) add(value float64, n int64) {
	high := upper(value)
	t.plus(float64(high * float64(n)))
	t.plus(float64((value - high) * float64(n)))
}

// upper are the first 26 bits of a number: times a number of up to 26 bits they
// are exact, and so is what is left of it.
func upper(value float64) float64 {
	return math.Float64frombits(math.Float64bits(value) &^ (1<<27 - 1))
}

func (t *total) plus(v float64) {
	sum := float64(t.sum + v)
	if math.Abs(t.sum) >= math.Abs(v) {
		t.rest += float64(t.sum-sum) + v
	} else {
		t.rest += float64(v-sum) + t.sum
	}
	t.sum = sum
}

// over is the total divided by n, rounded once.
func (t *total) over(n int64) float64 {
	if n == 0 {
		return 0
	}
	by := float64(n)
	q := t.sum / by
	high := upper(q)
	left := float64(t.sum-float64(high*by)) - float64((q-high)*by)
	return q + (left+t.rest)/by
}
