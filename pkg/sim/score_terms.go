package sim

import "time"

// Term is one number of a score. Its name is the same in budgets, in JSON and
// in docs/score.md.
type Term struct {
	Name string
	Unit Unit
	// Needs is what a world must say for the term to be known.
	Needs Need
	// Grows says that the term never falls as a replay goes on, so that there is
	// an instant at which it passes a limit.
	Grows bool
	value func(*Score) (float64, bool)
}

// Unit is what a term's number counts.
type Unit uint8

// The units of terms.
const (
	// UnitCount: a number of something.
	UnitCount Unit = iota
	// UnitPodHours: hours of one pod.
	UnitPodHours
	// UnitNodeHours: hours of one node.
	UnitNodeHours
	// UnitMoney: the currency of the price.
	UnitMoney
	// UnitRatio: 0 to 1, as a rule.
	UnitRatio
	// UnitMinutes and UnitSeconds: a time.
	UnitMinutes
	UnitSeconds
	// UnitLatency: seconds, and limits may be in milliseconds.
	UnitLatency
)

// Need is what a world must say for a term to be known.
type Need uint8

// The needs of terms.
const (
	NeedsNothing Need = iota
	// NeedsPrice: World.PodHourPrice.
	NeedsPrice
	// NeedsRequest: demand of cpu, and a request of cpu.
	NeedsRequest
	// NeedsCapacity: a demand with a capacity.
	NeedsCapacity
	// NeedsServed: a demand with a capacity that pods serve (Demand.Queues).
	NeedsServed
	// NeedsNodes: World.Nodes.
	NeedsNodes
	// NeedsModel: World.Latency with a model.
	NeedsModel
	// NeedsLatency: World.Latency with an objective and a model.
	NeedsLatency
)

// Terms returns every term of a score, in the order in which reports show them.
func Terms() []Term {
	return []Term{
		{"replicaHours", UnitPodHours, NeedsNothing, true, always((*Score).ReplicaHours)},
		{"cost", UnitMoney, NeedsPrice, true, (*Score).Cost},
		{"requestUtilization", UnitRatio, NeedsRequest, false, func(s *Score) (float64, bool) { return s.CPU.Utilization() }},
		{"meanRequestUtilization", UnitRatio, NeedsRequest, false, func(s *Score) (float64, bool) { return s.CPU.MeanUtilization() }},
		{"capacityUtilization", UnitRatio, NeedsServed, false, greatest((*Use).Utilization)},
		{"meanCapacityUtilization", UnitRatio, NeedsServed, false, greatest((*Use).MeanUtilization)},
		{"slackHours", UnitPodHours, NeedsServed, false, least((*Use).SlackHours)},
		{"unservedShare", UnitRatio, NeedsServed, false, (*Score).UnservedShare},
		{"saturatedMinutes", UnitMinutes, NeedsCapacity, true, capacity(func(s *Score) float64 { return minutes(s.Saturated) })},
		{"sloMisses", UnitRatio, NeedsLatency, false, sloMisses},
		{"sloMissMinutes", UnitMinutes, NeedsLatency, false, sloMissMinutes},
		{"p50Seconds", UnitLatency, NeedsModel, false, p(0.5)},
		{"p95Seconds", UnitLatency, NeedsModel, false, p(0.95)},
		{"p99Seconds", UnitLatency, NeedsModel, false, p(0.99)},
		{"spikes", UnitCount, NeedsCapacity, true, capacity(func(s *Score) float64 { return float64(s.Spikes) })},
		{"spikeSeconds", UnitSeconds, NeedsCapacity, true, capacity(func(s *Score) float64 { return seconds64(s.LongestSpike) })},
		{"meanSpikeSeconds", UnitSeconds, NeedsCapacity, false, capacity(func(s *Score) float64 { return seconds64(s.MeanSpike()) })},
		{"atMaxMinutes", UnitMinutes, NeedsNothing, true, always(func(s *Score) float64 { return minutes(s.AtMax) })},
		{"atMinMinutes", UnitMinutes, NeedsNothing, true, always(func(s *Score) float64 { return minutes(s.AtMin) })},
		{"scaleEvents", UnitCount, NeedsNothing, true, always(func(s *Score) float64 { return float64(s.ScaleUps + s.ScaleDowns) })},
		{"scaleUps", UnitCount, NeedsNothing, true, always(func(s *Score) float64 { return float64(s.ScaleUps) })},
		{"scaleDowns", UnitCount, NeedsNothing, true, always(func(s *Score) float64 { return float64(s.ScaleDowns) })},
		{"directionChanges", UnitCount, NeedsNothing, true, always(func(s *Score) float64 { return float64(s.DirectionChanges) })},
		{"thrash", UnitCount, NeedsNothing, true, always(func(s *Score) float64 { return float64(s.Thrash) })},
		{"nodeWaitMinutes", UnitMinutes, NeedsNothing, true, always(func(s *Score) float64 { return minutes(s.Homeless) })},
		{"nodeHours", UnitNodeHours, NeedsNodes, true, func(s *Score) (float64, bool) { return s.NodeHours(), s.NodeMillis > 0 }},
		{"failedSyncs", UnitCount, NeedsNothing, true, always(func(s *Score) float64 { return float64(s.FailedSyncs) })},
	}
}

// Of is the term's value in a score, in its unit. known is false where what it
// needs is missing, and where a ratio has nothing to divide by.
func (t *Term) Of(s *Score) (value float64, known bool) { return t.value(s) }

// Missing says what a world lacks for a term to be known, "" if nothing.
func (t *Term) Missing(w *World) string {
	switch t.Needs {
	case NeedsPrice:
		if w.PodHourPrice <= 0 {
			return "no price is given"
		}
	case NeedsRequest:
		if w.cpuRequest() <= 0 {
			return "the pods request no cpu"
		}
		if !w.some((*Demand).cpu) {
			return "there is no demand of cpu"
		}
	case NeedsCapacity:
		if !w.some(func(d *Demand) bool { return d.Capacity > 0 }) {
			return "no demand has a capacity"
		}
	case NeedsServed:
		if !w.some(func(d *Demand) bool { return d.Capacity > 0 && d.Queues() }) {
			return "no demand that the pods serve has a capacity"
		}
	case NeedsNodes:
		if w.Nodes.PodsPerNode == 0 {
			return "no nodes are given"
		}
	case NeedsModel, NeedsLatency:
		return w.missingLatency(t.Needs == NeedsLatency)
	case NeedsNothing:
	}
	return ""
}

// some says whether a demand is of a kind.
func (w *World) some(kind func(*Demand) bool) bool {
	for i := range w.Demand {
		if kind(&w.Demand[i]) {
			return true
		}
	}
	return false
}

// always is a value that every score has.
func always(of func(*Score) float64) func(*Score) (float64, bool) {
	return func(s *Score) (float64, bool) { return of(s), true }
}

// capacity is a value that means something where a capacity is known.
func capacity(of func(*Score) float64) func(*Score) (float64, bool) {
	return func(s *Score) (float64, bool) { return of(s), s.HasCapacity }
}

// greatest is the greatest ratio of all loads: that of the scarcest capacity.
func greatest(of func(*Use) (float64, bool)) func(*Score) (float64, bool) {
	return func(s *Score) (most float64, known bool) {
		for i := range s.Loads {
			if v, ok := of(&s.Loads[i].Use); ok && (!known || v > most) {
				most, known = v, true
			}
		}
		return most, known
	}
}

// least is the least value of all loads: that of the scarcest capacity.
func least(of func(*Use) float64) func(*Score) (float64, bool) {
	return func(s *Score) (fewest float64, known bool) {
		for i := range s.Loads {
			if v := of(&s.Loads[i].Use); !known || v < fewest {
				fewest, known = v, true
			}
		}
		return fewest, known
	}
}

// minutes and seconds64 are times as the nearest numbers, so that a limit
// written in either compares exactly.
func minutes(d time.Duration) float64   { return float64(d) / float64(time.Minute) }
func seconds64(d time.Duration) float64 { return float64(d) / float64(time.Second) }
