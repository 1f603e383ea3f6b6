package sim

import (
	"math"
	"time"
)

// Flow is what became of one demand's work: Arrived = Served + Shed + Queued,
// exactly. Its times are whole milliseconds: an instant counts for it rounded
// down.
type Flow struct {
	// Queues says that the pods serve the demand (Demand.Queues); without it the
	// rest means nothing.
	Queues bool
	// Arrived is the work that came, an initial backlog included; Served what
	// pods did of it, Shed what was turned away, and Queued what still waited at
	// the end.
	Arrived, Served, Shed, Queued Amount
	// Exceeded is how long more arrived than the serving pods could serve,
	// Waiting how long some work waited: the milliseconds with any.
	Exceeded, Waiting time.Duration
	// First is when either of them began, negative where neither did.
	First time.Duration
}

// Queues says whether the pods serve this demand, so that work which exceeds
// what they can do waits or is shed: a load of a Resource or Pods metric or of
// an aggregate over pods, or a backlog.
func (d *Demand) Queues() bool {
	return d.Role == RoleBacklog || d.Role == RoleLoad && d.perPod()
}

// queue is the work of one demand between its arrival and its end, a fluid: at
// any instant the pods do their capacity where work waits or more arrives, else
// what arrives; the rest waits where there is room, and is shed where there is
// none.
type queue struct {
	d *Demand
	// table sums up its values, nil where nobody did.
	table *table
	// index is the step in force, value and null what it says, until the instant
	// at which the next one begins.
	index int64
	value int64
	null  bool
	until time.Duration
	// factor is the traffic factor in force, in thousandths.
	factor int64
	// now is the millisecond up to which all is accounted for.
	now int64
	// capacity is what the serving pods do, room how much may wait.
	capacity int64
	room     Amount
	backlog  Amount
	flow     Flow
	// since is when the step in force began.
	since time.Duration
	// pods serve. Where counts is set, each is what one of them has done, in parts
	// of the series' unit × milliseconds, modulo 2⁶⁴.
	pods int64
	// scraped says that the demand is scraped.
	scraped bool
	counts  bool
	each    uint64
	// parts are how many the unit has where work is counted, most what one pod is
	// counted to do.
	parts, most int64
	// levels are nil but where somebody asks how long its requests take.
	levels *levels
	// response is nil but where the demand is one: then nothing else counts.
	response *response
}

// micro is how many parts a series' unit has, as a rule, where the work of one
// pod is counted.
const micro = 1_000_000

// boundless is more room than any backlog takes.
var boundless = Amount{Hi: math.MaxUint64}

func newQueue(d *Demand) queue {
	q := queue{d: d, factor: Thousand, parts: micro, most: mostOfAPod / d.Scale, flow: Flow{Queues: d.Queues(), First: -1}}
	if d.Role == RoleBacklog {
		q.backlog = work(d.Initial, 1000)
		q.flow.Arrived = q.backlog
	}
	if q.until = never; d.Role != RoleResponse {
		q.begin(0)
	}
	return q
}

// begin makes a step the one in force.
func (q *queue) begin(index int64) {
	q.index, q.until = min(index, int64(len(q.d.Values))-1), never
	q.value, q.null = times(q.d.Values[q.index], q.factor), q.d.Null != nil && q.d.Null[q.index]
	if q.index < int64(len(q.d.Values))-1 {
		q.until = time.Duration(q.index+1) * q.d.Step
	}
}

// serve says how many pods serve from now on.
func (q *queue) serve(pods int64) {
	q.pods, q.capacity, q.room = pods, q.d.capacity(pods), boundless
	if q.d.Role == RoleLoad {
		q.room = work(q.capacity, q.d.Wait.Milliseconds())
	}
}

// capacity is what some pods can do, bounded by what can be counted.
func (d *Demand) capacity(pods int64) int64 {
	switch {
	case pods == 0:
		return 0
	case d.Capacity == 0 || d.Capacity > math.MaxInt64/pods:
		return math.MaxInt64
	}
	return d.Capacity * pods
}

// spill sheds what does not fit. In a null step nothing is known to happen.
func (q *queue) spill() {
	if q.null || q.backlog.Compare(q.room) <= 0 {
		return
	}
	q.flow.Shed = q.flow.Shed.Plus(q.backlog.minus(q.room))
	q.backlog = q.room
}

// advance accounts for everything before now, whose step is then in force. What
// no longer fits at this very instant is the caller's to spill, when the pods of
// the instant are known.
func (q *queue) advance(now time.Duration) {
	if !q.counts {
		q.stride(now)
	}
	for q.until <= now {
		q.spillBefore(q.until)
		q.since = q.until
		q.pass(q.since.Milliseconds())
		q.begin(q.index + 1)
	}
	q.spillBefore(now)
	q.pass(now.Milliseconds())
}

// spillBefore spills what the step in force did when it began, if that was
// before now.
func (q *queue) spillBefore(now time.Duration) {
	if q.since < now {
		q.spill()
	}
}

// close accounts for everything before end, and nothing of it.
func (q *queue) close(end time.Duration) {
	for q.until < end {
		q.advance(q.until)
	}
	q.spillBefore(end)
	q.pass(end.Milliseconds())
	q.flow.Queued = q.backlog
}

// pass lets the step in force go on until a millisecond.
func (q *queue) pass(until int64) {
	passed := until - q.now
	if passed <= 0 {
		return
	}
	exceeded := q.value > q.capacity && !q.null
	if q.flow.First < 0 && (exceeded || q.backlog != Amount{}) {
		q.flow.First = time.Duration(q.now) * time.Millisecond
	}
	q.now = until
	if q.null {
		if q.backlog != (Amount{}) {
			q.flow.Waiting += time.Duration(passed) * time.Millisecond
		}
		return
	}
	if !q.flow.Queues {
		if q.counts {
			q.each += q.steady() * uint64(passed)
		}
		return
	}
	if exceeded {
		q.flow.Exceeded += time.Duration(passed) * time.Millisecond
	}
	q.do(passed)
}

// do is what pods do in some milliseconds of one rate of arrival.
func (q *queue) do(millis int64) {
	if q.counts {
		q.count(millis)
	}
	if q.levels != nil {
		q.levels.see(q, millis)
	}
	f := &q.flow
	arrived, served := work(q.value, millis), work(q.capacity, millis)
	f.Arrived = f.Arrived.Plus(arrived)
	left := Amount{}
	if present := q.backlog.Plus(arrived); present.Compare(served) > 0 {
		left = present.minus(served)
	} else {
		served = present
	}
	f.Served = f.Served.Plus(served)
	if left.Compare(q.room) > 0 {
		f.Shed = f.Shed.Plus(left.minus(q.room))
		left = q.room
	}
	f.Waiting += time.Duration(q.waits(left, millis)) * time.Millisecond
	q.backlog = left
}

// waits is in how many of the next milliseconds some work waits, of which left
// still waits after them.
func (q *queue) waits(left Amount, millis int64) int64 {
	switch {
	case left != Amount{}:
		return millis
	case q.backlog == Amount{}:
		return 0
	}
	// It went, so the pods did more than arrived.
	n, rest := q.backlog.over(q.capacity - q.value)
	if rest > 0 {
		n++
	}
	return n
}

// rate is what pods do at this instant.
func (q *queue) rate() int64 {
	if q.backlog != (Amount{}) || q.value > q.capacity {
		return q.capacity
	}
	return q.value
}

// queues are all demands, those that pods serve up to one instant.
type queues struct {
	list []queue
	// at is the instant at which the queues stand, serving how many pods serve.
	at      time.Duration
	serving int64
	// end is when the score ends, and score where the flows then go.
	end    time.Duration
	closed bool
	score  *Score
}

func newQueues(w *World, score *Score) queues {
	s := queues{list: make([]queue, len(w.Demand)), at: -1, serving: -1, end: w.Duration, score: score}
	for i := range w.Demand {
		s.list[i] = newQueue(&w.Demand[i])
	}
	if l := w.Latency; l != nil {
		s.list[l.Demand].levels = newLevels(l, &w.Demand[l.Demand], &score.Latency)
		s.respond(l)
	}
	return s
}

// serve says that some pods serve from now on.
func (s *queues) serve(now time.Duration, pods int64) {
	if pods == s.serving {
		return
	}
	s.advance(now)
	s.serving = pods
	for i := range s.list {
		if q := &s.list[i]; q.flow.Queues {
			q.serve(pods)
			q.spill()
		}
	}
}

// advance brings the queues to now, before anything changes at now.
func (s *queues) advance(now time.Duration) {
	if now == s.at {
		return
	}
	if s.at = now; now >= s.end {
		s.close(s.end)
	}
	for i := range s.list {
		if q := &s.list[i]; q.flow.Queues || q.scraped {
			q.advance(now)
		}
	}
}

// settle brings the queues to now, when all has changed that changes before a
// sync.
func (s *queues) settle(now time.Duration) {
	s.advance(now)
	for i := range s.list {
		if q := &s.list[i]; q.flow.Queues {
			q.spill()
		}
	}
}

// close completes the score, once.
func (s *queues) close(end time.Duration) {
	if s.closed {
		return
	}
	s.closed, s.score.Flows = true, make([]Flow, len(s.list))
	for i := range s.list {
		q := &s.list[i]
		if q.flow.Queues {
			q.close(end)
			s.score.Flows[i] = q.flow
			q.levels = nil // what comes after the end is not scored
		}
	}
	if l := s.score.Latency.Of; l != nil {
		s.score.Latency.Arrived, s.score.Latency.Shed = s.score.Flows[l.Demand].Arrived, s.score.Flows[l.Demand].Shed
	}
}

// flow is one demand at this instant, split over the pods that serve.
func (s *queues) flow(i int, now time.Duration) flow {
	q := &s.list[i]
	d := q.d
	if q.response != nil {
		f := flow{null: q.unknown()}
		f.total, f.share = q.response.now()
		return f
	}
	if !q.flow.Queues {
		value, null, _ := d.at(now)
		return flow{null: null, total: times(value, q.factor)}
	}
	f := flow{null: q.null}
	if d.Role == RoleBacklog {
		f.total, _ = q.backlog.over(1000)
		return f
	}
	if f.total = q.rate(); s.serving > 0 {
		f.share, f.rest = f.total/s.serving, f.total%s.serving
	}
	return f
}
