package sim

// What one pod has done of a series, for what scrapes it. A millisecond's work is
// divided evenly over the serving pods, in parts of the unit, rounded down:
// so the sum over any time is the same however the time is cut.

// count adds what each pod does in the next milliseconds, of one rate of arrival.
func (q *queue) count(millis int64) {
	if q.pods == 0 {
		return
	}
	busy, rest := q.busy(millis)
	q.each += uint64(q.d.Capacity * q.parts * busy)
	if millis -= busy; millis > 0 && rest > 0 {
		// The last of what waits, and all that arrives, in one millisecond.
		q.each += q.share(q.value + rest)
		millis--
	}
	q.each += q.steady() * uint64(millis)
}

// busy is in how many of the next milliseconds the pods do all they can because
// work waits, and how much of it is left for the one after.
func (q *queue) busy(millis int64) (busy, rest int64) {
	spare := q.capacity - q.value
	switch {
	case q.backlog == Amount{}:
		return 0, 0
	case spare <= 0 || q.backlog.Compare(work(spare, millis)) >= 0:
		return millis, 0
	}
	return q.backlog.over(spare)
}

// mostOfAPod bounds what one pod is counted to do: ten thousand cores. So what it
// uses between two scrapes fits 64 bits.
const mostOfAPod = 10_000_000

// share is what one serving pod does of an amount, in parts, rounded down.
func (q *queue) share(amount int64) uint64 {
	each, rest := amount/q.pods, amount%q.pods
	return uint64(min(each, q.most)*q.parts + rest*q.parts/q.pods)
}

// steady is what one pod that serves does per millisecond while nothing waits.
func (q *queue) steady() uint64 {
	switch {
	case q.null || q.flow.Queues && q.pods == 0:
		return 0
	case !q.flow.Queues:
		return uint64(q.value * q.parts)
	}
	return q.share(min(q.value, q.capacity))
}
