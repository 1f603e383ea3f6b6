package sim

import (
	"math"
	"math/bits"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// Lag is how long it took from demand to the capacity for it, stage by stage.
//
// A need is a stretch in which demand asks for more than the replicas there are:
// for some metric of the autoscaler in force whose target speaks of one pod, what
// arrives exceeds spec.replicas × what a pod carries at its target, the upward
// tolerance included, and spec.replicas is below max. It begins and ends at the
// instant at which that changes, with a step, a write, an edit; a null step changes
// nothing. Every need is one of
//
//   - Met: a write of the autoscaler ended it, and as many pods as that asked for
//     served at last.
//   - Withdrawn: a write ended it, but spec.replicas fell below what that asked for
//     before as many served.
//   - Passed: it ended otherwise: demand fell, or somebody else scaled.
//   - Open: none of these by the end.
//
// Metrics whose value is not shared by the pods (perPod, a backlog, a value for the
// fleet as a whole, a count) say nothing here.
type Lag struct {
	// Known says that some metric can tell of a need, so that 0 means something.
	Known bool
	// Needs is how many there were.
	Needs, Met, Passed, Withdrawn, Open int64
	// Sync is from the beginning of a need to the next sync; a metric without lag
	// would have shown it there. Metrics is from there to the first sync whose
	// metrics ask for more than there is, Decision from there to the write that ended
	// it (windows, policies, failures, and what metrics did not show at first), and
	// Start from there until as many pods as that asked for serve. Each counts the
	// needs that came to its end.
	Sync, Metrics, Decision, Start Stage
	// Total is all of a need that was met.
	Total Stage
}

// Stage is how long one stage of several needs lasted.
type Stage struct {
	Count      int64
	Sum, Worst time.Duration
}

// Mean is Sum ÷ Count; ok is false of none.
func (s *Stage) Mean() (mean time.Duration, ok bool) {
	if s.Count == 0 {
		return 0, false
	}
	return s.Sum / time.Duration(s.Count), true
}

func (s *Stage) add(t time.Duration) {
	s.Count++
	s.Sum += t
	s.Worst = max(s.Worst, t)
}

// RunLag is Run, and tells its lag as well. It looks at every sync, visited or
// not. The world must not Follow a course, which is nobody's decision.
func (w *World) RunLag(visit func(*Tick) bool) (Score, Lag) {
	r := newRun(w, false)
	m := &lagMeter{r: r}
	r.lag = m
	if visit == nil {
		visit = func(*Tick) bool { return true }
	}
	m.edit()
	r.loop(visit)
	return r.score, m.lag
}

// lagMeter follows a run. One that is nil does nothing.
type lagMeter struct {
	r   *run
	lag Lag
	// spec is the autoscaler for which bars hold.
	spec *hpa.Spec
	bars []bar
	// until is when a step next ends.
	until time.Duration
	// need is the one under way, waiting those that wait for pods.
	need    need
	waiting []awaited
}

// bar is a metric that tells of needs: the sum of demands against what each pod
// carries at most, in milli-units.
type bar struct {
	demands []int
	each    int64
}

// need is one that goes on.
type need struct {
	on            bool
	since         time.Duration
	synced, shown bool
	// sync is when the first sync from since on was, show that whose metrics told,
	// raised the last write of a higher count, negative where there was none.
	sync, show, raised time.Duration
}

// awaited is a need that was answered by a write.
type awaited struct {
	since, wrote time.Duration
	replicas     int32
}

// edit takes the bars from the autoscaler in force.
func (m *lagMeter) edit() {
	w := m.r.w
	m.spec, m.bars = m.r.spec, m.bars[:0]
	for i := range m.spec.Metrics {
		metric := &m.spec.Metrics[i]
		target, ok := w.sharedTarget(metric)
		b := bar{demands: m.r.columns[i].demands}
		for _, j := range b.demands {
			ok = ok && w.Demand[j].shared()
		}
		if !ok || len(b.demands) == 0 {
			continue
		}
		limit := math.Floor(float64(target) * (1 + m.spec.ToleranceUp))
		if b.each = w.besidesIdle(metric, int64(min(limit, math.MaxInt64/2))); b.each > 0 {
			m.bars = append(m.bars, b)
		}
	}
	m.lag.Known = m.lag.Known || len(m.bars) > 0
}

// sharedTarget is what one pod reports of a metric that stands at its target.
func (w *World) sharedTarget(metric *hpa.Metric) (int64, bool) {
	for i := range w.Demand {
		if d := &w.Demand[i]; d.Feeds(metric) {
			switch d.Aggregate {
			case AggregateCount:
				return 0, false
			case AggregateAvg, AggregateMax, AggregateMin, AggregateQuantile:
				return metric.Goal, metric.Target == hpa.TargetValue
			case AggregateNone, AggregateSum:
			}
		}
	}
	return w.metricAtTarget(metric)
}

// shared says whether more pods mean less of a demand for each.
func (d *Demand) shared() bool {
	return d.Role == RoleLoad || d.Role == RoleExogenous
}

// pass looks at the steps that ended since the last instant, before anything
// changes at now.
func (m *lagMeter) pass(now time.Duration) {
	for m != nil && m.until < now {
		m.stand(m.until)
	}
}

// stand takes note of how the world stands at an instant.
func (m *lagMeter) stand(now time.Duration) {
	if m == nil {
		return
	}
	if now >= m.r.w.Duration {
		m.until = never
		return
	}
	if m.spec != m.r.spec {
		m.edit()
	}
	m.await(now)
	needs, known := m.needs(now)
	switch {
	case needs && !m.need.on:
		m.need = need{on: true, since: now, raised: -1}
		m.lag.Needs++
	case !needs && known && m.need.on:
		m.end(now)
	}
}

// end says that there is no need any more.
func (m *lagMeter) end(now time.Duration) {
	n := &m.need
	n.on = false
	if n.raised != now {
		m.lag.Passed++
		return
	}
	m.lag.Decision.add(now - n.show)
	m.waiting = append(m.waiting, awaited{since: n.since, wrote: now, replicas: m.r.replicas})
	m.await(now)
}

// close says that nothing is left to see.
func (m *lagMeter) close(now time.Duration) {
	if m == nil {
		return
	}
	m.pass(now)
	if m.need.on {
		m.lag.Open++
	}
	m.lag.Open += int64(len(m.waiting))
}

// needs says whether demand asks for more replicas than there are, and whether
// all of it is known.
func (m *lagMeter) needs(now time.Duration) (needs, known bool) {
	m.until, known = never, true
	n := m.r.replicas
	for i := range m.bars {
		var sum int64
		null := false
		for _, j := range m.bars[i].demands {
			d := &m.r.w.Demand[j]
			value, absent, until := d.at(now)
			if d.grows() {
				value = times(value, m.r.traffic.factor)
			}
			sum = plus(sum, value*d.Scale)
			null, m.until = null || absent, min(m.until, until)
		}
		hi, lo := bits.Mul64(uint64(m.bars[i].each), uint64(n))
		known = known && !null
		needs = needs || !null && sum > 0 && hi == 0 && uint64(sum) > lo
	}
	return needs && n < m.spec.Max, known || n >= m.spec.Max
}

// plus is a + b, at most the greatest number.
func plus(a, b int64) int64 {
	if a > 0 && b > math.MaxInt64-a {
		return math.MaxInt64
	}
	return a + b
}

// await looks whether those pods serve that were asked for.
func (m *lagMeter) await(now time.Duration) {
	kept := m.waiting[:0]
	for _, a := range m.waiting {
		switch {
		case m.r.replicas < a.replicas:
			m.lag.Withdrawn++
		case m.r.fleet.serving >= int64(a.replicas):
			m.lag.Met++
			m.lag.Start.add(now - a.wrote)
			m.lag.Total.add(now - a.since)
		default:
			kept = append(kept, a)
		}
	}
	m.waiting = kept
}

// sync takes note of what a sync decided.
func (m *lagMeter) sync(d *hpa.Decision, now time.Duration) {
	if m == nil || !m.need.on {
		return
	}
	n := &m.need
	if !n.synced {
		n.synced, n.sync = true, now
		m.lag.Sync.add(now - n.since)
	}
	raised := d.Scaled && d.Desired > d.Current
	if !n.shown && (raised || d.HasProposal && d.Proposed > d.Current) {
		n.shown, n.show = true, now
		m.lag.Metrics.add(now - n.sync)
	}
	if raised {
		n.raised = now
	}
}
