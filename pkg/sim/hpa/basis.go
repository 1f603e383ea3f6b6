package hpa

import "time"

// Basis is what a decision rests on: the figures that decided each stage. It is
// noted on the way, so that a report needs no second computation. Its slices
// belong to the State and are valid until the next Step.
type Basis struct {
	// Workings are how each of Spec.Metrics came to its answer, in that order;
	// empty where no metric was asked.
	Workings []Working
	// Windows and Limits mean something where Decision.HasProposal does.
	Windows Windows
	Limits  Limits

	// problems are those of Workings.
	problems []problem
}

// clear forgets the figures and keeps the memory.
func (b *Basis) clear() {
	b.Workings, b.problems = b.Workings[:0], b.problems[:0]
	b.Windows, b.Limits = Windows{}, Limits{Policies: b.Limits.Policies[:0]}
}

// Working is how one metric came to its answer at one sync.
type Working struct {
	// Rule says how the answer was found; RuleNone that there is none.
	Rule Rule
	// Replicas is the answer. Count is the same before a rule that keeps the
	// current count, where one was computed.
	Replicas, Count int32
	// Ready, Unready, Missing and Ignored are the pods by how a metric that pods
	// have counts them; Stray are metrics without a pod. For a Value target,
	// Ready are the pods that serve, where they were counted.
	Ready, Unready, Missing, Ignored, Stray int64
	// First is the comparison with the target. Second is the one with pods filled
	// in, where there was one: unready ones as idle if UnreadyIdle, missing ones
	// as idle if MissingIdle, or as what stands in for them if MissingStand.
	First, Second                          Pass
	UnreadyIdle, MissingIdle, MissingStand bool
	// Total is the value of an Object or External metric, in milli-units.
	Total int64

	problem *problem
}

// Problem is why the metric gave no answer, in upstream's words; empty where it
// gave one.
func (w *Working) Problem() string {
	if w.problem == nil {
		return ""
	}
	return w.problem.message()
}

// Rule is how a metric's answer was found.
type Rule uint8

// The rules. Where one keeps the count there was, Working.Count is 0, but for
// RuleAgainst.
const (
	RuleNone Rule = iota
	// RuleWithin: the first ratio is within tolerance.
	RuleWithin
	// RuleReady: the first ratio times the ready pods, rounded up.
	RuleReady
	// RuleFilledWithin: the second ratio is within tolerance.
	RuleFilledWithin
	// RuleTurned: the second ratio is on the other side of 1.
	RuleTurned
	// RuleAgainst: the second ratio's count would go against its direction.
	RuleAgainst
	// RuleFilled: the second ratio times the pods in it, rounded up.
	RuleFilled
	// RuleFromZero: a Value target's ratio itself, rounded up.
	RuleFromZero
	// RuleShare: total ÷ target per pod, rounded up.
	RuleShare
)

// Pass is one comparison of some pods' metrics with the target.
type Pass struct {
	// Metrics is how many metrics are in it, Sum what they come to, and Requests
	// what their pods request, where the target is a share of it.
	Metrics, Sum, Requests int64
	// Utilization is in percent, Average in milli-units per pod.
	Utilization int32
	Average     int64
	Ratio       float64
}

// Windows are the recommendations that a proposal was held against.
type Windows struct {
	// Lowest and Highest are the bounds that the windows came to, the proposal
	// among them. Without behavior there is no lowest.
	Lowest, Highest int32

	history  []recommendation
	recorded int
}

// Remembered is how many recommendations there are after the sync.
func (w *Windows) Remembered() int { return len(w.history) }

// Recommendation is one of them, in the order of storage: replicas and time.
func (w *Windows) Recommendation(i int) (replicas int32, at time.Duration) {
	return w.history[i].replicas, w.history[i].at
}

// Own says whether recommendation i is that of the sync itself.
func (w *Windows) Own(i int) bool { return i == w.recorded }

// CountsUp says whether a recommendation made at one time holds back a rise at
// another; without behavior none does.
func (s *Spec) CountsUp(at, now time.Duration) bool {
	return s.HasBehavior && at > now-s.Up.Stabilization
}

// CountsDown says the same of a fall.
func (s *Spec) CountsDown(at, now time.Duration) bool {
	if !s.HasBehavior {
		return at >= now-s.Controller.DownscaleStabilization
	}
	return at > now-s.Down.Stabilization
}

// Holder is the recommendation that kept a decision's proposal from being
// followed: the lowest of the up window or the highest of the down window, the
// youngest of equals. Window is that window's length. ok is false and the rest 0
// where the proposal was followed, or there was none.
func (s *Spec) Holder(d *Decision) (replicas int32, at, window time.Duration, ok bool) {
	w, proposed := &d.Basis.Windows, max(0, d.Proposed)
	if d.Stabilized == proposed {
		return 0, 0, 0, false
	}
	window, extreme := s.Down.Stabilization, w.Highest
	switch {
	case !s.HasBehavior:
		window = s.Controller.DownscaleStabilization
	case d.Stabilized < proposed:
		window, extreme = s.Up.Stabilization, w.Lowest
	}
	// Some recommendation inside the window is the extreme, and the sync's own
	// is not; so the youngest that is must lie inside, too.
	for i := range w.history {
		r := &w.history[i]
		if r.replicas == extreme && (!ok || r.at > at) {
			replicas, at, ok = r.replicas, r.at, true
		}
	}
	return replicas, at, window, ok
}

// Limits are what bounds one sync's change.
type Limits struct {
	// Limit is the farthest count that the policies allow in the direction of
	// the change, never on the other side of the current one; without behavior,
	// the most that growth allows. The bounds min and max come on top.
	Limit int32
	// Policies are what each policy of that direction allows, in the spec's
	// order; empty without behavior, where selectPolicy is Disabled, and where
	// nothing was to change.
	Policies []Allowance
}

// Allowance is what one policy allows at one sync.
type Allowance struct {
	// Start is the count at the beginning of the policy's period: the current
	// one less what the HPA Added in that time, and with what it Removed. Up to
	// 1.25 only changes in the policy's own direction count.
	Start, Added, Removed int32
	// Replicas is the farthest count allowed.
	Replicas int32
}

// Decider is the index of the policy that sets the limit, the first of equals;
// rules are those of its direction. It is -1 where none was asked.
func (l *Limits) Decider(rules *Rules, up bool) int {
	by := -1
	farthest := up == (rules.Select != SelectMin)
	for i := range l.Policies {
		a := l.Policies[i].Replicas
		if by < 0 || farthest && a > l.Policies[by].Replicas || !farthest && a < l.Policies[by].Replicas {
			by = i
		}
	}
	return by
}

// keep notes that the current count stays, because of rule.
func (q *question) keep(rule Rule) int32 {
	q.working.Rule = rule
	return q.observation.SpecReplicas
}

// give notes a count that was computed.
func (q *question) give(rule Rule, replicas int32) int32 {
	q.working.Rule, q.working.Count = rule, replicas
	return replicas
}

// pass notes one comparison.
func (u *usage) pass(e enlarged) Pass {
	return Pass{
		Metrics: e.metrics, Sum: e.sum, Requests: e.requests,
		Utilization: u.utilization, Average: u.average, Ratio: u.ratio,
	}
}
