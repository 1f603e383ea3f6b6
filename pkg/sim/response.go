package sim

import (
	"math"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// Response is what a metric tells of the requests behind World.Latency. All
// serving pods answer alike, at any instant, by the work that arrives, what waits,
// and what they can do; other pods have no requests, and what they report is the
// demand's NotReady (0 while they terminate).
//
// While nothing waits and no more arrives than can be served, a request takes what
// the model says at the utilization of that instant, in thousandths rounded down,
// but for what is above Model.To: there it takes what it does at Model.To, the least
// that is known. (A pod that is just full counts as 999 of them, for at 1000 a queue
// has no mean.) Else it takes as long as the work before it, the backlog ÷ what all
// pods can do, and its service, or what it does at Model.To if that is longer. With
// no requests it takes no time, as adapters make 0 of the NaN that a quantile of
// nothing is.
type Response struct {
	Kind ResponseKind
	// Quantile is the rank of ResponseQuantile in millionths, between 0 and Million.
	Quantile int64
	// Unit is the time that a latency of 1 is: a second where it is told in seconds.
	Unit time.Duration
}

// ResponseKind is which response it is.
type ResponseKind uint8

// The kinds of responses.
const (
	// ResponseInFlight is how many requests are waiting or being served, on
	// average, by Little's law: the rate at which they are served × the mean time
	// that they take. Demand.Capacity is how many a pod admits at most, 0 where it
	// does not count them; pods that shed have so many. An Object or
	// External metric without an Aggregate tells those of all pods.
	ResponseInFlight ResponseKind = iota
	// ResponseMean is the mean time that a request takes.
	ResponseMean
	// ResponseQuantile is the time that a share of the requests takes at most. Where
	// it is beyond the last bucket of the service time, that bucket's bound counts,
	// as for histogram_quantile.
	ResponseQuantile
)

// invalidResponse says what is wrong with a demand as a response.
func (w *World) invalidResponse(d *Demand) string {
	r := &d.Response
	switch {
	case d.Source == hpa.SourceResource:
		return "a resource is used, it is no response"
	case d.Scale != 1:
		return "a response is told in thousandths"
	case d.Idle != 0 || d.Wait != 0 || d.Initial != 0 || d.Averaged != 0:
		return "a response has no load of its own, so nothing is idle, waits or was a mean"
	case r.Kind > ResponseQuantile:
		return "there is no such response"
	case (r.Kind == ResponseQuantile) != (r.Quantile > 0) || r.Quantile < 0 || r.Quantile >= Million:
		return "a quantile, and nothing else, has a rank between 0 and 1"
	case (r.Kind == ResponseInFlight) != (r.Unit == 0) || r.Unit < 0 || r.Unit > time.Hour:
		return "a latency, and nothing else, has a unit of at most an hour"
	case d.Capacity > 0 && r.Kind != ResponseInFlight:
		return "only requests in flight are admitted up to a capacity"
	case w.Latency == nil || w.Latency.Model == nil:
		return "it follows from how long requests take, and that is not known"
	case r.Kind == ResponseInFlight && (w.Latency.Request <= 0 || w.Latency.Request > maxTime):
		return "what one request is of the load is not known, or longer than 50 years"
	case r.Kind != ResponseInFlight && w.Pipeline.Kind == PipelinePrometheus:
		return "Prometheus tells a latency of a whole window, which is not modelled"
	}
	return ""
}

// response computes a RoleResponse.
type response struct {
	d *Demand
	l *Latency
	// of is the queue of the load.
	of *queue
	// times are what a request takes by utilization in thousandths, in nanoseconds
	// and one more; 0 where nobody asked yet. The last one is without any waiting.
	times []int64
}

// respond gives each response the load that it follows from.
func (s *queues) respond(l *Latency) {
	for i := range s.list {
		if d := s.list[i].d; d.Role == RoleResponse {
			s.list[i].response = &response{d: d, l: l, of: &s.list[l.Demand], times: make([]int64, fullLevel+1)}
		}
	}
}

// taken are all times that a response may ask its model for.
type taken struct {
	model    *LatencyModel
	response Response
	nanos    []int64
}

// timesOf are those of a demand, none where it is no response.
func (w *World) timesOf(d *Demand) taken {
	if d.Role != RoleResponse {
		return taken{}
	}
	r := response{d: d, l: w.Latency, times: make([]int64, fullLevel+1)}
	for level := range r.l.Model.To + 1 {
		r.at(int(level))
	}
	r.at(fullLevel)
	return taken{r.l.Model, d.Response, r.times}
}

// of says whether they are those of a response.
func (t *taken) of(r *response) bool { return t.model == r.l.Model && t.response == r.d.Response }

// now is what the response is of all pods, and of each that serves, in milli-units.
// Without an aggregate the former is what an Object or External metric tells.
func (r *response) now() (total, each int64) {
	q := r.of
	if q.pods == 0 || q.value == 0 && q.backlog == (Amount{}) {
		return 0, 0
	}
	took := r.takes()
	if r.d.Response.Kind == ResponseInFlight {
		total = r.inFlight(took)
		return total, total / q.pods
	}
	milli, ok := work(took, 1000).within(int64(r.d.Response.Unit))
	if each = milli; !ok || each > math.MaxInt64/q.pods {
		each = math.MaxInt64 / q.pods
	}
	return each, each
}

// within is a ÷ b, rounded down; ok is false where that is no int64.
func (a Amount) within(b int64) (quotient int64, ok bool) {
	if a.Hi >= uint64(b) {
		return 0, false
	}
	quotient, _ = a.over(b)
	return quotient, quotient >= 0
}

// takes is how long a request takes at this instant, in nanoseconds.
func (r *response) takes() int64 {
	q, to := r.of, int(r.l.Model.To)
	if q.backlog == (Amount{}) && q.value <= q.capacity {
		level, _ := work(q.value, 1000).over(q.capacity)
		return r.at(min(int(level), to))
	}
	waits, _ := q.backlog.over(q.capacity)
	return max(r.at(to), r.at(fullLevel)+waits*int64(time.Millisecond))
}

// inFlight is how many requests there are in all pods, in thousandths, if each
// takes so many nanoseconds.
func (r *response) inFlight(took int64) int64 {
	q := r.of
	limit := int64(math.MaxInt64)
	if each := r.d.Capacity; each > 0 && each <= math.MaxInt64/q.pods {
		limit = each * q.pods
	}
	if r.d.Capacity > 0 && q.value > q.capacity && q.backlog.Compare(q.room) >= 0 {
		return limit
	}
	all := work(q.rate(), took)
	if all.Hi >= 1<<50 {
		return limit // more than can be told
	}
	n, ok := all.times(1000).within(int64(r.l.Request))
	if !ok {
		return limit
	}
	return min(n, limit)
}

// at is what a request takes at a utilization in thousandths, or at fullLevel
// without any waiting, in nanoseconds.
func (r *response) at(level int) int64 {
	if v := r.times[level]; v > 0 {
		return v - 1
	}
	m, utilization := r.l.Model, float64(min(level, 999))/1000
	if level == fullLevel {
		utilization = 0
	}
	var v time.Duration
	if k := &r.d.Response; k.Kind == ResponseQuantile {
		v = m.Within(float64(k.Quantile)/Million, utilization)
	} else {
		v = m.Mean(utilization)
	}
	r.times[level] = int64(v) + 1
	return int64(v)
}

// Mean is the mean time that a request takes at a utilization below 1. Those that
// took longer than the last bucket of the service time count as its bound. It does
// not ask whether the model holds there.
func (m *LatencyModel) Mean(utilization float64) time.Duration {
	sum, all, lower := 0.0, float64(m.Over), 0.0
	for _, b := range m.Service {
		upper, n := b.Upper.Seconds(), float64(b.Count)
		sum += float64(n * (lower + upper) / 2)
		all += n
		lower = upper
	}
	sum += float64(float64(m.Over) * lower)
	probability, wait := m.Waiting(utilization)
	seconds := sum/all + float64(probability*wait)
	return time.Duration(math.Round(min(seconds, longest.Seconds()) * float64(time.Second)))
}

// Within is the time that a share of requests takes at most at a utilization, to
// the microsecond; the bound of the last bucket of the service time where that is
// beyond it because the model does not tell how long those take. It does not ask
// whether the model holds there.
func (m *LatencyModel) Within(share, utilization float64) time.Duration {
	v := within(1-share, func(t time.Duration) float64 { return m.Exceeds(t, utilization) })
	if v < Unbounded {
		return v
	}
	if n := len(m.Service); n > 0 {
		return m.Service[n-1].Upper
	}
	return 0
}

// unknown says that nothing is known of the demand at this instant, or that
// nobody has it.
func (q *queue) unknown() bool {
	if q.response == nil {
		return q.null
	}
	return q.response.of.null || q.response.of.pods == 0 && !q.d.perPod()
}

// ofOne is the gauge of one pod; no group is one that serves.
func (q *queue) ofOne(g *group) int64 {
	switch {
	case q.response == nil:
		return q.value
	case g == nil || g.serving():
		_, each := q.response.now()
		return each
	case g.terminating:
		return 0
	}
	return q.d.NotReady
}

// Responds is what a response d is at a utilization of capacity, in thousandths,
// while nothing waits: of each serving pod, in milli-units. A utilization above
// Model.To counts as that.
func (w *World) Responds(d *Demand, utilization int64) (milli int64) {
	load := &w.Demand[w.Latency.Demand]
	q := queue{d: load, pods: 1, capacity: w.Carries(load)}
	level := min(utilization, w.Latency.Model.To)
	// Just so much arrives, or a little more, that this is the level.
	part, rest := work(q.capacity, level).over(Thousand)
	if q.value = part; rest > 0 {
		q.value++
	}
	r := response{d: d, l: w.Latency, of: &q, times: make([]int64, fullLevel+1)}
	_, milli = r.now()
	return milli
}
