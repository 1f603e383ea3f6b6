package sim

import (
	"slices"
	"time"
)

// Tolerance is how far apart in time two scale events may lie to be taken for
// the same, and how long two timelines may differ before they count as parted:
// the time of four syncs.
const Tolerance = time.Minute

// Recorded is what a recording tells of a workload and of the autoscaler that
// scaled it. Times are from t=0.
type Recorded struct {
	// Replicas is spec.replicas, Unknown where it was not recorded.
	Replicas []Point
	// Step is how far apart the counts were recorded.
	Step time.Duration
	// Wanted is the recorded autoscaler's status.desiredReplicas; nil where
	// that was not recorded.
	Wanted []Point
	// Rollouts are the times in which pods of several templates lived, Blind
	// those in which the recorded autoscaler could not compute its metrics; both
	// in order of time.
	Rollouts, Blind []Span
}

// Span is the time [From, To).
type Span struct{ From, To time.Duration }

// Backtest says how well an autoscaler explains a recorded replica count.
type Backtest struct {
	// Skill is of single decisions, each from the recorded state.
	Skill Skill
	// Free is of the whole course, from the recorded state at t=0 alone.
	Free FreeRun
}

// Skill compares the decision of every sync, given the recorded state at that
// sync, with what the recording shows one Horizon later, and with the forecast
// that nothing changes. Its sums are over the syncs at which both counts are
// known and the recorded autoscaler had its metrics, in pods.
type Skill struct {
	// Horizon is one sync (its period and latency), but not less than the
	// recording's step.
	Horizon time.Duration
	// Syncs is how many syncs were judged, Changes at how many of them the
	// count was another one Horizon later. Blind is how many were not judged
	// because the recorded autoscaler had no metrics.
	Syncs, Changes, Blind int64
	// Error is Σ |decided - recorded one Horizon later|, Still the same sum for
	// the forecast that nothing changes.
	Error, Still int64
	// Exact counts the changes that the decision met exactly, Idle the syncs at
	// which the decision was to scale and the recording stayed as it was.
	Exact, Idle int64
}

// Value is 1 - Error ÷ Still: 1 where every decision is what the recording
// shows, 0 where it is as good as "no change", negative where it is worse. ok is
// false where the recording has no change to foresee.
func (s *Skill) Value() (value float64, ok bool) {
	if s.Still == 0 {
		return 0, false
	}
	return 1 - float64(s.Error)/float64(s.Still), true
}

// FreeRun compares the course that a world takes by itself with the recorded
// one.
type FreeRun struct {
	Difference Difference
	// Simulated and Recorded are pod-milliseconds of spec.replicas over the time
	// compared.
	SimulatedMillis, RecordedMillis int64
	// SimulatedEvents and RecordedEvents are changes of spec.replicas, Matched
	// those that both have: each recorded one, in order of time, with the
	// earliest simulated one of the same direction that lies within Tolerance of
	// it and is not taken yet.
	SimulatedEvents, RecordedEvents, Matched int64
	// Lag is the median over the matched events of how much later the recorded
	// one came; negative where it came earlier.
	Lag time.Duration
	// Partings are the times in which the counts differed for longer than
	// Tolerance, in order of time.
	Partings []Parting
}

// Backtest replays w, whose autoscaler and edits are those that were in force,
// twice beside what was recorded: along the recorded course, where each sync
// decides from the recorded state, and freely from the recorded state at t=0.
// The recorded count must be known at t=0, else the result is empty; Follow and
// Pods.Initial of w are not looked at. Along the recorded course the
// controller's memory is its own, of recommendations, and the recording's, of
// writes.
func (w *World) Backtest(rec *Recorded) Backtest { return w.BacktestVisited(rec, nil) }

// BacktestVisited is Backtest and calls visit, if it is not nil, at every sync of
// first the one and then the other replay, each from t=0 on.
func (w *World) BacktestVisited(rec *Recorded, visit func(*Tick)) Backtest {
	var b Backtest
	initial, rest := begin(rec.Replicas)
	if initial == Unknown {
		return b
	}
	one := *w
	one.Pods.Initial, one.Follow = initial, rest
	j := judge{
		skill:  &b.Skill,
		points: rec.Replicas, blind: rec.Blind,
		events: changes(rec.Replicas, w.Duration),
		end:    w.Duration,
	}
	b.Skill.Horizon = max(w.Autoscaler.Controller.SyncPeriod+w.SyncLatency, rec.Step)
	one.decisions(visited(j.tick, visit))

	free := *w
	free.Pods.Initial, free.Follow = initial, nil
	var trace Trace
	watch := watcher{period: w.Autoscaler.Controller.SyncPeriod + w.SyncLatency}
	free.decisions(visited(func(t *Tick) { trace.Add(t); watch.tick(t) }, visit))
	b.Free = compareRuns(trace.Replicas, rec.Replicas, w.Duration)
	b.Free.match(changes(trace.Replicas, w.Duration), j.events)
	c := causes{rec: rec, events: j.events, credible: b.Skill.Error <= b.Skill.Still, blind: watch.blind, bounds: watch.bounds}
	b.Free.Partings = partings(trace.Replicas, rec.Replicas, w.Duration)
	for i := range b.Free.Partings {
		c.find(&b.Free.Partings[i])
	}
	return b
}

// visited is a visitor and, if there is one, another.
func visited(visit, beside func(*Tick)) func(*Tick) {
	if beside == nil {
		return visit
	}
	return func(t *Tick) { visit(t); beside(t) }
}

// decisions replays a world for a visitor that asks for nothing but decisions.
func (w *World) decisions(visit func(*Tick)) {
	newRun(w, true).loop(func(t *Tick) bool { visit(t); return true })
}

// begin splits a course into the count at t=0 and the points after it.
func begin(points []Point) (initial int32, rest []Point) {
	initial = Unknown
	for i, p := range points {
		if p.T > 0 {
			return initial, points[i:]
		}
		initial = p.N
	}
	return initial, []Point{}
}

// judge holds decisions against the recorded course.
type judge struct {
	skill  *Skill
	points []Point
	// events are the recorded changes; those that some decision foresaw are
	// marked, from the first that is not yet too old.
	events []event
	old    int
	// now and then are indices of the last points before a sync and before its
	// horizon, -1 if there is none.
	now, then int
	// blind are the times in which the recorded autoscaler had no metrics, those
	// that are over left out.
	blind []Span
	end   time.Duration
}

func (j *judge) tick(t *Tick) {
	decided := t.SpecReplicas
	if t.Decision.Scaled {
		decided = t.Decision.Desired
		j.foresee(t.At, decided > t.SpecReplicas)
	}
	horizon := t.At + j.skill.Horizon
	if horizon > j.end {
		return
	}
	var current, later int32
	current, j.now = before(j.points, j.now, t.At)
	later, j.then = before(j.points, j.then, horizon)
	if t.At == 0 {
		current = t.SpecReplicas // the course begins with it
	}
	if current == Unknown || later == Unknown {
		return
	}
	s := j.skill
	if j.blinded(t.At) {
		s.Blind++
		return
	}
	s.Syncs++
	s.Error += int64(max(decided-later, later-decided))
	s.Still += int64(max(current-later, later-current))
	switch {
	case current != later:
		s.Changes++
		if decided == later {
			s.Exact++
		}
	case decided != current:
		s.Idle++
	}
}

// blinded says whether the recorded autoscaler had no metrics at an instant.
func (j *judge) blinded(now time.Duration) bool {
	for len(j.blind) > 0 && j.blind[0].To <= now {
		j.blind = j.blind[1:]
	}
	return len(j.blind) > 0 && j.blind[0].From <= now
}

// foresee marks the recorded changes around a decision that go its way.
func (j *judge) foresee(now time.Duration, up bool) {
	for j.old < len(j.events) && j.events[j.old].at+Tolerance < now {
		j.old++
	}
	for i := j.old; i < len(j.events) && j.events[i].at <= now+Tolerance; i++ {
		e := &j.events[i]
		e.foreseen = e.foreseen || up == e.up()
	}
}

// before is the count just before an instant, where i is where a search for an
// earlier instant ended.
func before(points []Point, i int, t time.Duration) (n int32, last int) {
	for i < len(points) && points[i].T < t {
		i++
	}
	if i == 0 {
		return Unknown, 0
	}
	return points[i-1].N, i
}

// event is one change of a replica count.
type event struct {
	at       time.Duration
	from, to int32
	// foreseen says that the autoscaler, given the recorded state, decided to go
	// the same way within Tolerance of it.
	foreseen bool
}

func (e *event) up() bool { return e.to > e.from }

// changes are the changes from one known count to another in [0, end).
func changes(points []Point, end time.Duration) []event {
	var list []event
	for i := 1; i < len(points); i++ {
		from, to := points[i-1].N, points[i].N
		if at := points[i].T; at >= 0 && at < end && from != Unknown && to != Unknown && from != to {
			list = append(list, event{at: at, from: from, to: to})
		}
	}
	return list
}

// match pairs the events of both timelines.
func (f *FreeRun) match(simulated, recorded []event) {
	f.SimulatedEvents, f.RecordedEvents = int64(len(simulated)), int64(len(recorded))
	taken := make([]bool, len(simulated))
	var lags []int64
	first := 0
	for _, r := range recorded {
		for first < len(simulated) && simulated[first].at+Tolerance < r.at {
			first++
		}
		for i := first; i < len(simulated) && simulated[i].at <= r.at+Tolerance; i++ {
			if !taken[i] && simulated[i].up() == r.up() {
				taken[i] = true
				lags = append(lags, int64(r.at-simulated[i].at))
				break
			}
		}
	}
	f.Matched = int64(len(lags))
	if len(lags) > 0 {
		heapsort(lags)
		f.Lag = time.Duration(lags[(len(lags)-1)/2])
	}
}

// compareRuns measures a simulated course against a recorded one.
func compareRuns(simulated, recorded []Point, duration time.Duration) FreeRun {
	f := FreeRun{Difference: Compare(simulated, recorded, duration)}
	beside(simulated, recorded, duration, func(s Span, sim, rec int32) {
		if sim == Unknown || rec == Unknown {
			return
		}
		passed := s.To.Milliseconds() - s.From.Milliseconds()
		f.SimulatedMillis += int64(sim) * passed
		f.RecordedMillis += int64(rec) * passed
	})
	return f
}

// beside visits the times in [0, duration) in which neither of two timelines
// changes, in order.
func beside(a, b []Point, duration time.Duration, visit func(s Span, a, b int32)) {
	var i, j int
	for t := time.Duration(0); t < duration; {
		var x, y int32
		x, i = before(a, i, t+1)
		y, j = before(b, j, t+1)
		next := duration
		if i < len(a) {
			next = min(next, a[i].T)
		}
		if j < len(b) {
			next = min(next, b[j].T)
		}
		visit(Span{t, next}, x, y)
		t = next
	}
}

// watcher notes what the free run went through.
type watcher struct {
	period time.Duration
	// blind are the times after syncs whose metrics could not be computed.
	blind []Span
	// bounds are the autoscaler's bounds, where they changed.
	bounds []bound
}

// bound is an autoscaler's bounds from at on.
type bound struct {
	at       time.Duration
	min, max int32
}

func (w *watcher) tick(t *Tick) {
	if n := len(w.bounds); n == 0 || w.bounds[n-1].min != t.Spec.Min || w.bounds[n-1].max != t.Spec.Max {
		w.bounds = append(w.bounds, bound{t.T, t.Spec.Min, t.Spec.Max})
	}
	if !t.Decision.Failure.Failed() {
		return
	}
	if n := len(w.blind); n > 0 && w.blind[n-1].To >= t.T {
		w.blind[n-1].To = t.T + w.period
		return
	}
	w.blind = append(w.blind, Span{t.T, t.T + w.period})
}

// overlaps says whether any of some spans touches [from, to].
func overlaps(spans []Span, from, to time.Duration) bool {
	return slices.ContainsFunc(spans, func(s Span) bool { return s.From <= to && s.To >= from })
}
