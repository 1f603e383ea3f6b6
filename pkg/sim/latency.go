package sim

import (
	"math"
	"time"
)

// Latency asks a replay how long its requests take.
type Latency struct {
	// Demand is the index in World.Demand of the load whose requests are meant: one
	// that pods serve up to a capacity. Every request is the same amount of it.
	Demand int
	// Model is how long a request takes by how busy the pods are; nil where that is
	// not known.
	Model *LatencyModel
	// Request is what one request is of that load: the time in which a rate of one
	// unit of its Values comes to one. 0 where it is not known.
	Request time.Duration
	// SLO is the objective to hold it against; nil if there is none.
	SLO *SLO
}

// SLO is a service level objective on latency.
type SLO struct {
	// Latency is what a request may take.
	Latency time.Duration
	// Objective is how many of a million requests are to take no longer.
	Objective int64
}

// LatencyModel is how long a request takes in a pod that is busy for a share ρ of
// its capacity: the time of its service, and besides, with probability
//
//	ρ^(√(2(c+1)) − 1)
//
// a wait, exponentially distributed with mean Drain ÷ (1 − ρ). That is the
// approximation of Allen and Cunneen for G/G/c, with Sakasegawa's for the
// probability of waiting: mean wait = (Ca²+Cs²)/2 × P(wait) × (time of one
// request at capacity) ÷ (1 − ρ).
type LatencyModel struct {
	// Service is how long requests take that do not wait: how many took at most
	// Upper and longer than the bucket before, evenly spread between the two.
	// Over are those that took longer than the last.
	Service []Bucket
	Over    int64
	// Servers is c, how many requests a pod serves side by side before any waits:
	// 1 at least.
	Servers float64
	// Drain is (Ca²+Cs²)/2 × the time in which a pod at capacity completes one
	// request.
	Drain time.Duration
	// From and To bound the utilization for which this is known to hold, in
	// thousandths of capacity, 0 ≤ From ≤ To ≤ 1000.
	From, To int64
}

// Bucket counts requests by how long they took.
type Bucket struct {
	Upper time.Duration
	Count int64
}

// Waiting is the probability that a request waits at a utilization of 0 to 1, and
// how long it then does on average, in seconds: without bound from 1 on.
func (m *LatencyModel) Waiting(utilization float64) (probability, mean float64) {
	switch {
	case utilization <= 0:
		return 0, 0
	case utilization >= 1:
		return 1, math.Inf(1)
	}
	return math.Pow(utilization, math.Sqrt(2*(m.Servers+1))-1), m.Drain.Seconds() / (1 - utilization)
}

// Exceeds is the share of requests that take longer than t at a utilization. It
// does not ask whether the model holds there.
func (m *LatencyModel) Exceeds(t time.Duration, utilization float64) float64 {
	probability, mean := m.Waiting(utilization)
	at, lower := t.Seconds(), 0.0
	all, longer := float64(m.Over), float64(m.Over)
	for _, b := range m.Service {
		upper, n := b.Upper.Seconds(), float64(b.Count)
		all += n
		switch {
		case at <= lower || n > 0 && probability == 1 && math.IsInf(mean, 1):
			longer += n
		case n > 0 && at < upper:
			width := upper - lower
			longer += n * ((upper-at)/width + probability*waits(at-lower, mean)/width)
		case n > 0:
			width := upper - lower
			longer += n * probability * math.Exp(-(at-upper)/max(mean, tiny)) * waits(width, mean) / width
		}
		lower = upper
	}
	if all == 0 {
		return 0
	}
	return longer / all
}

// tiny stands in for a mean of no time.
const tiny = 1e-300

// waits is ∫ exp(−s ÷ mean) ds over [0, span].
func waits(span, mean float64) float64 {
	if mean <= 0 {
		return 0
	}
	return mean * (1 - math.Exp(-span/mean))
}

// bounds are the least and the greatest share of the requests of a level that may
// take longer than t, by what is known.
func (m *LatencyModel) bounds(t time.Duration, level int, waited time.Duration) (least, most float64) {
	at := func(thousandths int64) float64 { return float64(thousandths) / 1000 }
	middle := int64(level)
	switch {
	case level >= fullLevel:
		return m.Exceeds(t-waited, 0), 1
	case middle > m.To:
		return m.Exceeds(t, at(m.To)), 1
	case middle < m.From:
		return m.Exceeds(t, 0), m.Exceeds(t, at(m.From))
	}
	v := m.Exceeds(t, at(middle))
	return v, v
}

func (w *World) invalidLatency() string {
	l := w.Latency
	if l == nil {
		return ""
	}
	if l.Demand < 0 || l.Demand >= len(w.Demand) {
		return "there is no such demand"
	}
	if d := &w.Demand[l.Demand]; d.Role != RoleLoad || !d.Queues() || d.Capacity == 0 {
		return "it is of a load of a Resource or Pods metric that has a capacity"
	}
	if s := l.SLO; s != nil && (s.Latency <= 0 || s.Latency > maxTime || s.Objective <= 0 || s.Objective >= Million) {
		return "an objective is a positive time, and a share between none and all"
	}
	if l.Model == nil {
		return ""
	}
	return l.Model.invalid()
}

func (m *LatencyModel) invalid() string {
	if !(m.Servers >= 1 && m.Servers <= 1e6) {
		return "a pod serves 1 request at least side by side, and not more than a million"
	}
	if m.Drain < 0 || m.Drain > maxTime {
		return "the time of a request at capacity is negative or too long"
	}
	if m.From < 0 || m.From > m.To || m.To > Thousand {
		return "it does not hold for a range of 0 to 1000 thousandths"
	}
	all, last := m.Over, time.Duration(0)
	for _, b := range m.Service {
		if b.Upper <= last || b.Upper > maxTime || b.Count < 0 || b.Count > math.MaxInt64-all {
			return "the buckets of the service time do not ascend, or count less than nothing"
		}
		all, last = all+b.Count, b.Upper
	}
	if m.Over < 0 || all <= 0 {
		return "there is no service time"
	}
	return ""
}
