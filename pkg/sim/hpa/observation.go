package hpa

import "time"

// Observation is everything one sync reads. Pods come as groups that the
// controller cannot tell apart, so that a sync costs O(groups), not O(pods).
type Observation struct {
	// Now is the instant of the decision, on the same clock as every other
	// time in the observation; its zero is the caller's.
	Now time.Duration

	// SpecReplicas and StatusReplicas are the scale subresource's
	// spec.replicas and status.replicas.
	SpecReplicas, StatusReplicas int32

	// ScaleReadError and ScaleWriteError are what the API server answers to
	// GET and UPDATE of the scale; empty means success. The write's answer is
	// known beforehand because a simulated world knows its faults.
	ScaleReadError, ScaleWriteError string

	// SelectorError is set when the scale's selector cannot be used; the
	// metrics are then not read.
	SelectorError SelectorError
	// SelectorText completes its message: what the parser said of an invalid
	// selector, and upstream's whole message for an ambiguous one, because it
	// names the other autoscalers.
	SelectorText string

	// Groups are the pods that the selector matches, terminating and finished
	// ones included.
	Groups []Group

	// Readings holds one entry for each of Spec.Metrics, in that order.
	Readings []Reading
}

// SelectorError is why a scale's pod selector cannot be used.
type SelectorError uint8

// The ways a selector fails.
const (
	SelectorOK SelectorError = iota
	SelectorMissing
	SelectorInvalid
	SelectorAmbiguous
)

// Group is a set of pods of the same standing: same phase, readiness and times.
type Group struct {
	// Pods is how many they are. A group of none, or of fewer, is not there.
	Pods int32
	// Phase is their status.phase.
	Phase Phase
	// Terminating says that they have a deletionTimestamp.
	Terminating bool
	// Ready is the status of the Ready condition.
	Ready Readiness
	// Started says whether they have a status.startTime, and Start is it.
	// Whole seconds.
	Started bool
	Start   time.Duration
	// Transition is the Ready condition's lastTransitionTime. Whole seconds.
	Transition time.Duration
	// Unlisted marks metrics without a pod: the metrics API names a pod that
	// the pod list does not. Such a group counts only where upstream sums over
	// metrics instead of pods.
	Unlisted bool
}

// Phase is a pod's phase.
type Phase uint8

// The phases of a pod.
const (
	PhaseRunning Phase = iota
	PhasePending
	PhaseSucceeded
	PhaseFailed
)

// Readiness is the status of a pod's Ready condition.
type Readiness uint8

// The states of a Ready condition; ReadyAbsent is no condition at all.
const (
	ReadyTrue Readiness = iota
	ReadyFalse
	ReadyUnknown
	ReadyAbsent
)

// Reading is what the metrics API said about one metric.
type Reading struct {
	// Error is the API's error text; empty means it answered.
	Error string
	// Empty says that the answer listed nothing at all. An Object or External
	// metric without Values says so by that.
	Empty bool
	// NoContainer is "namespace/pod" of a pod whose metrics do not list the
	// container of a ContainerResource metric at all (not merely without that
	// resource); empty means that all do. Up to 1.32 that fails the metric;
	// later the pod is only missing, which Samples must say.
	NoContainer string
	// Samples holds one entry for each of Observation.Groups, in that order
	// (Resource, ContainerResource and Pods metrics).
	Samples []Sample
	// Values are milli-units: exactly one for an Object metric (any other number
	// fails it, as upstream's client does), one for each series of an External
	// one, in the API's order, which matters only where their sum overflows.
	Values []int64
}

// Sample is what the pods of one group report for one metric.
type Sample struct {
	// Pods is how many pods of the group report, at most Group.Pods; the others
	// are missing. What is missing from Reading.Samples altogether reports none.
	Pods int32
	// Sum is the total over those pods in milli-units, each pod's value rounded
	// up by itself. It wraps on overflow, as upstream's does: additions modulo
	// 2^64 come to the same in any order and any grouping.
	Sum int64
	// Timestamp (whole seconds) and Window are the samples' own.
	Timestamp, Window time.Duration
	// Request is what each pod of the group requests, in milli-units, of the
	// resource and the containers considered. Only utilization looks at it.
	Request int64
	// NoRequest says why a pod of this group has no request, as upstream words
	// it ("missing request for cpu in container app of Pod web-1"); empty
	// means it has one.
	NoRequest string
}
