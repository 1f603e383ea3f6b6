package sim

import "time"

// Score is what a replay cost and how well it served. Its additive terms are
// integers in fixed units, so that sums do not depend on order.
//
// Every time-weighted term integrates the world between events, not between
// syncs, over [0, Duration).
type Score struct {
	// Duration is the time scored: the world's, or until the decision at which
	// the visitor stopped the run.
	Duration time.Duration
	// Syncs is the number of syncs, FailedSyncs those whose reconcile returned
	// an error.
	Syncs, FailedSyncs int64
	// ReplicaMillis is Σ live pods × time in pod-milliseconds: 3,600,000 are one
	// replica-hour. The ends of each summand are rounded down to the
	// millisecond.
	ReplicaMillis int64
	// TimeAt is how long spec.replicas stood at each count, in ascending
	// order of count; the times add up to Duration.
	TimeAt []ReplicaTime
	// AtMax and AtMin are how long spec.replicas stood at, or beyond, the
	// HPA's bounds in force.
	AtMax, AtMin time.Duration
	// Saturated is how long some demand exceeded what the serving pods can
	// carry: value > capacity × serving pods, in the demand's unit; of a demand
	// that each pod has for itself value > capacity, while some pod serves. What pods use
	// besides their share is no load, and Capacity is what they can carry besides
	// it. A null step exceeds nothing. HasCapacity says whether any demand has a capacity, so
	// that 0 means something.
	Saturated   time.Duration
	HasCapacity bool
	// Flows are what became of the work of each of World.Demand, in its order.
	Flows []Flow
	// Loads are the demands that pods serve up to a capacity, in the order of
	// World.Demand, against what the serving pods can do. Null steps count
	// nowhere.
	Loads []Load
	// CPU is the cpu that serving pods used against what live pods requested, in
	// milli-cores: what they served of every cpu demand, and what each uses
	// besides. Its Each is 0 where the pods request none or no demand is of cpu.
	// Time in which every cpu demand is null counts nowhere.
	CPU Use
	// Spikes counts how often demand rose above what the serving pods can carry:
	// instants at which a demand comes to exceed capacity × serving pods, also of
	// the pods that served until then, where no demand did before (a world that
	// begins so has one at t=0). A spike lasts until no demand exceeds what then
	// serves. SpikeTime is how long all of them lasted, LongestSpike the longest.
	// Ebbed counts those that ended because demand fell: no demand exceeded any
	// more what served just before.
	Spikes, Ebbed           int64
	SpikeTime, LongestSpike time.Duration
	// ScaleUps and ScaleDowns count successful writes by the HPA;
	// DirectionChanges counts those that reverse the one before.
	ScaleUps, ScaleDowns, DirectionChanges int64
	// Thrash is how many replicas were added or removed that undo what happened
	// to the same replica less than ThrashWindow before, whoever changed
	// spec.replicas. Replica k comes when spec.replicas rises from below k to k
	// or more, and goes when it falls below k: its comings and goings over all k
	// add up to the total variation of spec.replicas, and a path that only rises
	// or only falls, however far, has no thrash.
	Thrash int64
	// Rolling is how long rollouts were under way: from their beginning until no pod
	// of an old template lives.
	Rolling time.Duration
	// Homeless is how long some live pod waited for a node.
	Homeless time.Duration
	// NodeMillis is Σ nodes × time in node-milliseconds, rounded as ReplicaMillis;
	// 0 without Nodes.
	NodeMillis int64
	// Latency is what admitted requests met.
	Latency LatencyScore
	// PodHourPrice is the world's.
	PodHourPrice float64
}

// Cost is ReplicaHours × PodHourPrice; ok is false without a price.
func (s *Score) Cost() (cost float64, ok bool) {
	// Divided last, so that an amount in cents comes out as one.
	return float64(s.ReplicaMillis) * s.PodHourPrice / 3_600_000, s.PodHourPrice > 0
}

// UnservedShare is what was shed of what arrived, 0 to 1: of the demands that
// pods serve up to a capacity, that of the one with most; 0 of nothing. ok is
// false where there is no such demand.
func (s *Score) UnservedShare() (ratio float64, ok bool) {
	for i := range s.Loads {
		f := &s.Flows[s.Loads[i].Demand]
		share, _ := quotient(f.Shed.Float64(), f.Arrived.Float64())
		ratio, ok = max(ratio, share), true
	}
	return ratio, ok
}

// MeanSpike is SpikeTime ÷ Spikes, 0 without a spike.
func (s *Score) MeanSpike() time.Duration {
	if s.Spikes == 0 {
		return 0
	}
	return s.SpikeTime / time.Duration(s.Spikes)
}

// ReplicaTime is how long a replica count stood.
type ReplicaTime struct {
	Replicas int32
	Time     time.Duration
}

// ReplicaHours is ReplicaMillis in hours.
func (s *Score) ReplicaHours() float64 { return float64(s.ReplicaMillis) / 3_600_000 }

// NodeHours is NodeMillis in hours.
func (s *Score) NodeHours() float64 { return float64(s.NodeMillis) / 3_600_000 }

// Min is the lowest spec.replicas that stood for any time, 0 in an empty score.
func (s *Score) Min() int32 {
	if len(s.TimeAt) == 0 {
		return 0
	}
	return s.TimeAt[0].Replicas
}

// Max is the highest spec.replicas that stood for any time, 0 in an empty score.
func (s *Score) Max() int32 {
	if len(s.TimeAt) == 0 {
		return 0
	}
	return s.TimeAt[len(s.TimeAt)-1].Replicas
}

// Median is the time-weighted median of spec.replicas: the lowest count that,
// together with those below it, stood for at least half of the time.
func (s *Score) Median() int32 {
	var total, below time.Duration
	for _, at := range s.TimeAt {
		total += at.Time
	}
	for _, at := range s.TimeAt {
		below += at.Time
		if below >= total-below {
			return at.Replicas
		}
	}
	return 0
}

// level is how the world stands between two instants, as far as it is scored.
type level struct {
	live, serving      int64
	replicas, min, max int32
	// factor is the traffic factor in force, in thousandths.
	factor int64
	// homeless says that some live pod waits for a node; nodes are those there are.
	homeless bool
	nodes    int64
	// rolling says that a rollout is under way.
	rolling bool
}

// meter integrates levels over time.
type meter struct {
	score *Score
	end   time.Duration
	// now is until when the score is complete; the level holds from there on.
	now   time.Duration
	level level
	// gauges are the demands that are scored: those with a capacity, and use of
	// cpu where pods request some. Of it own is what pods used besides what they
	// served, cpu the stretch with as many live pods; queues know what they
	// served.
	gauges []gauge
	own    Amount
	cpu    stretch
	queues *queues
	// fresh says that serving changed at now.
	fresh bool
	spike spike
	flaps flaps
	// wrote says that the HPA wrote before, lastUp which way.
	wrote, lastUp bool
	// watch is nil but where somebody asks when a budget broke.
	watch auditor
}

// auditor follows a meter. It is an interface so that programs which judge no
// budgets link nothing of it.
type auditor interface {
	// pass completes the score until an instant, and looks at it on the way.
	pass(m *meter, to time.Duration)
	// look looks at the score at an instant at which something was counted.
	look(s *Score, now time.Duration)
}

func newMeter(w *World, r *run) meter {
	m := meter{score: &r.score, end: w.Duration, level: r.level(), queues: &r.queues}
	m.score.PodHourPrice = w.PodHourPrice
	m.score.TimeAt = make([]ReplicaTime, 0, 64)
	m.flaps.prepare()
	m.prepare(w)
	return m
}

// set says that the world stands at l from now on.
func (m *meter) set(now time.Duration, l level) {
	if l != m.level {
		m.advance(now)
		m.change(now, l)
	}
	if m.watch != nil {
		m.watch.look(m.score, now)
	}
}

// change makes l the level that holds from now on. What comes after the end
// changes nothing.
func (m *meter) change(now time.Duration, l level) {
	if now >= m.end {
		return
	}
	old := m.level
	m.level = l
	if l.replicas != old.replicas {
		m.score.Thrash += m.flaps.change(old.replicas, l.replicas, now)
	}
	if l.factor != old.factor {
		m.drive(l.factor)
	}
	if l.serving != old.serving {
		m.endLoads(old.serving)
		m.serve(l.serving)
	}
	if l.live != old.live {
		m.queues.advance(now)
		m.endCPU(old.live)
	}
}

// advance completes the score until now, or until the end.
func (m *meter) advance(now time.Duration) {
	to := min(now, m.end)
	switch {
	case to <= m.now:
	case m.watch != nil:
		m.watch.pass(m, to)
	default:
		m.pass(to)
	}
}

// pass completes the score until to, which lies after now.
func (m *meter) pass(to time.Duration) {
	s, l, passed := m.score, &m.level, to-m.now
	millis, end := m.now.Milliseconds(), to.Milliseconds()
	s.ReplicaMillis += l.live * (end - millis)
	s.NodeMillis += l.nodes * (end - millis)
	if l.rolling {
		s.Rolling += passed
	}
	if l.homeless {
		s.Homeless += passed
	}
	if l.replicas >= l.max {
		s.AtMax += passed
	}
	if l.replicas <= l.min {
		s.AtMin += passed
	}
	m.stood(passed)
	for from := m.now; from < to; {
		if from, millis = m.stride(from, to, millis); from == to {
			break
		}
		next := to
		for i := range m.gauges {
			next = min(next, m.gauges[i].until)
		}
		end = next.Milliseconds()
		m.hold(from, next, end-millis)
		m.step(next)
		from, millis = next, end
	}
	m.now = to
}

// close completes the score, where the queues stand at its end.
func (m *meter) close() {
	m.endLoads(m.level.serving)
	m.endCPU(m.level.live)
	m.score.Duration = m.now
}

// stood adds time to the count of the current level.
func (m *meter) stood(passed time.Duration) {
	n, i := m.level.replicas, 0
	times := m.score.TimeAt
	for i < len(times) && times[i].Replicas < n {
		i++
	}
	if i == len(times) || times[i].Replicas != n {
		times = append(times, ReplicaTime{})
		copy(times[i+1:], times[i:])
		times[i] = ReplicaTime{Replicas: n}
	}
	times[i].Time += passed
	m.score.TimeAt = times
}

// heed completes the score until an instant at which something is to be counted, or the
// time before would see that.
func (m *meter) heed(now time.Duration) {
	if m.watch != nil {
		m.advance(now)
	}
}

// count counts one sync.
func (m *meter) count(t *Tick) {
	m.heed(t.At)
	s, d := m.score, &t.Decision
	s.Syncs++
	if d.Failure.Failed() {
		s.FailedSyncs++
	}
	if d.Scaled {
		m.write(d.Desired > d.Current)
	}
}

// write counts one write by the autoscaler.
func (m *meter) write(up bool) {
	s := m.score
	if up {
		s.ScaleUps++
	} else {
		s.ScaleDowns++
	}
	if m.wrote && up != m.lastUp {
		s.DirectionChanges++
	}
	m.wrote, m.lastUp = true, up
}
