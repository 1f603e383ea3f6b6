package hpa

import (
	"slices"
	"time"
)

// State is what the controller remembers about one HPA between syncs, and the
// part of the HPA's status that it reads again. It is data: Clone it, compare
// it with Equal, keep one per HPA. A State outlives edits of its Spec: another
// Spec, with other metrics or behavior, carries on with it. Conditions point to
// the Metric they speak of, so a Spec that has been stepped must not be changed
// in place; make another.
type State struct {
	// conditions are status.conditions, in the order of first use.
	conditions []Condition
	// metrics are status.currentMetrics; scratch is where the next sync builds
	// its own.
	metrics, scratch []MetricStatus
	// current and desired are status.currentReplicas and desiredReplicas.
	current, desired int32
	// events are those of the last sync.
	events []Event
	// basis is what the last decision rests on.
	basis Basis
	// terse says that nothing is noted that only tells; what is written all the
	// same goes to waste.
	terse bool
	waste struct {
		status  MetricStatus
		working Working
	}

	// recommendations, ups and downs are the windows' memory.
	recommendations []recommendation
	ups, downs      []scaleEvent

	// sole says that the State serves one Spec for good. It remembers the peaks
	// of the down window in highs and, negated, the troughs of the up window in
	// lows, instead of recommendations; seeded says that there was one.
	sole, seeded bool
	highs, lows  peaks
}

// recommendation is what the metrics asked for at one instant.
type recommendation struct {
	replicas int32
	at       time.Duration
}

// scaleEvent is one write of the scale, as an absolute change.
type scaleEvent struct {
	change int32
	// outdated marks an entry that may be overwritten. It stays marked, and goes
	// on counting where it is young enough for a policy.
	outdated bool
	at       time.Duration
}

// conditionTypes is how many types of condition there are.
const conditionTypes = int(ScaledToZero) + 1

// policies is how many policies of one direction a State is sized for, a few
// more than anybody writes.
const policies = 8

// NewState returns the state before an HPA's first sync, sized so that no Step
// allocates: for at most metrics metrics and history remembered recommendations
// and scale events of one direction. A State that outgrows its size is still
// right, and allocates once. Window ÷ sync period + 2 is enough history, with
// the longest stabilization window or policy period.
func NewState(metrics, history int) *State {
	metrics, history = max(metrics, 0), max(history, 0)
	return &State{
		conditions: make([]Condition, 0, conditionTypes),
		metrics:    make([]MetricStatus, 0, metrics),
		scratch:    make([]MetricStatus, 0, metrics),
		// One event per metric, of which there is one at least, and one about all
		// of them or about the scale; or two about the selector.
		events: make([]Event, 0, metrics+1),
		basis: Basis{
			Workings: make([]Working, 0, metrics),
			problems: make([]problem, 0, metrics),
			Limits:   Limits{Policies: make([]Allowance, 0, policies)},
		},
		recommendations: make([]recommendation, 0, history),
		ups:             make([]scaleEvent, 0, history),
		downs:           make([]scaleEvent, 0, history),
	}
}

// NewTerseState is NewState for a caller that asks for nothing but decisions: no
// metric statuses, no conditions but ScaledToZero, which decides, no events, no
// Basis. Steps come to the same replicas, faster.
func NewTerseState(metrics, history int) *State {
	st := NewState(metrics, history)
	st.terse = true
	return st
}

// NewSoleState is NewTerseState for one Spec that is not edited in the State's
// life: of the recommendations it remembers only those that may still be a
// window's extreme, which are few however long the window. Time must not go back.
func NewSoleState(metrics, history int) *State {
	st := NewState(metrics, history)
	st.terse, st.sole = true, true
	st.highs.list, st.recommendations = st.recommendations, nil
	st.lows.list = make([]recommendation, 0, cap(st.highs.list))
	return st
}

// Reset makes the state that of a new HPA, or of a restarted controller on one
// that has no status, and keeps its memory.
func (st *State) Reset() {
	st.basis.clear()
	*st = State{
		conditions:      st.conditions[:0],
		metrics:         st.metrics[:0],
		scratch:         st.scratch[:0],
		events:          st.events[:0],
		basis:           st.basis,
		recommendations: st.recommendations[:0],
		ups:             st.ups[:0],
		downs:           st.downs[:0],
		terse:           st.terse,
		sole:            st.sole,
		highs:           peaks{list: st.highs.list[:0]},
		lows:            peaks{list: st.lows.list[:0]},
	}
}

// Clone returns an independent copy.
func (st *State) Clone() *State {
	c := NewState(cap(st.metrics), cap(st.recommendations))
	c.CopyFrom(st)
	return c
}

// CopyFrom makes st a copy of other. It allocates only where st is too small.
func (st *State) CopyFrom(other *State) {
	st.conditions = append(st.conditions[:0], other.conditions...)
	st.metrics = append(st.metrics[:0], other.metrics...)
	st.current, st.desired = other.current, other.desired
	st.recommendations = append(st.recommendations[:0], other.recommendations...)
	st.ups = append(st.ups[:0], other.ups...)
	st.downs = append(st.downs[:0], other.downs...)
	st.terse, st.sole, st.seeded = other.terse, other.sole, other.seeded
	st.highs.copyFrom(&other.highs)
	st.lows.copyFrom(&other.lows)
}

// Equal says whether both remember the same, messages included. The events of
// the last sync are not remembered, nor is what it rested on.
func (st *State) Equal(other *State) bool {
	return st.current == other.current && st.desired == other.desired &&
		slices.Equal(st.metrics, other.metrics) &&
		slices.Equal(st.recommendations, other.recommendations) &&
		slices.Equal(st.ups, other.ups) &&
		slices.Equal(st.downs, other.downs) &&
		slices.Equal(st.highs.list[st.highs.first:], other.highs.list[other.highs.first:]) &&
		slices.Equal(st.lows.list[st.lows.first:], other.lows.list[other.lows.first:]) &&
		slices.EqualFunc(st.conditions, other.conditions, func(a, b Condition) bool {
			return a.Type == b.Type && a.Status == b.Status && a.Reason == b.Reason && a.Message() == b.Message()
		})
}

// set sets a condition: in place where there is one of its type, else at the
// end.
func (st *State) set(c Condition) {
	if !st.terse || c.Type == ScaledToZero {
		st.put(c)
	}
}

// put sets a condition that is kept.
func (st *State) put(c Condition) {
	// horizontal.go: setConditionInList
	for i := range st.conditions {
		if st.conditions[i].Type == c.Type {
			st.conditions[i] = c
			return
		}
	}
	st.conditions = append(st.conditions, c)
}

// remove drops a condition.
func (st *State) remove(t ConditionType) {
	// horizontal.go: removeCondition
	st.conditions = slices.DeleteFunc(st.conditions, func(c Condition) bool { return c.Type == t })
}

// holds says whether a condition exists and is True.
func (st *State) holds(t ConditionType) bool {
	// horizontal.go: getScaledToZeroConditionStatus
	for i := range st.conditions {
		if st.conditions[i].Type == t {
			return st.conditions[i].Status
		}
	}
	return false
}

// warn emits an event of type Warning.
func (st *State) warn(reason Reason, p problem) {
	st.emit(Event{Reason: reason, failure: Failure{problem: p}})
}

// emit emits an event.
func (st *State) emit(e Event) {
	if !st.terse {
		st.events = append(st.events, e)
	}
}

// page is where the next metric's status and working are noted.
func (st *State) page() (*MetricStatus, *Working) {
	if st.terse {
		return &st.waste.status, &st.waste.working
	}
	st.scratch = append(st.scratch, MetricStatus{})
	st.basis.Workings = append(st.basis.Workings, Working{})
	i := len(st.scratch) - 1
	return &st.scratch[i], &st.basis.Workings[i]
}

// fail notes why a metric gave no answer.
func (st *State) fail(w *Working, p problem) {
	if !st.terse {
		st.basis.problems = append(st.basis.problems, p)
		w.problem = &st.basis.problems[len(st.basis.problems)-1]
	}
}

// allow notes what one policy allows.
func (st *State) allow(start, added, removed, replicas int32) {
	if !st.terse {
		l := &st.basis.Limits
		l.Policies = append(l.Policies, Allowance{Start: start, Added: added, Removed: removed, Replicas: replicas})
	}
}

// report makes this sync's metric statuses the HPA's.
func (st *State) report() { st.metrics, st.scratch = st.scratch, st.metrics }
