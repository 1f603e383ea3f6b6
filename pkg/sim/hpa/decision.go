package hpa

import "strconv"

// Decision is one sync, stage by stage. Its slices and Basis belong to the State
// and are valid until the next Step.
type Decision struct {
	// Branch is the way the reconcile took.
	Branch Branch

	// Current is the scale's spec.replicas as read; 0 if it could not be read.
	Current int32

	// HasProposal says that the metrics led to a proposal that could be acted
	// on; only then Proposed, Stabilized, Limited and By mean anything.
	HasProposal bool
	// Proposed is what the metrics ask for, before normalization; a metric with
	// negative values may ask for fewer than none. By is the index in
	// Spec.Metrics of the metric that asked.
	Proposed int32
	By       int
	// Stabilized is Proposed after the windows, Limited after policies and
	// bounds.
	Stabilized, Limited int32
	// Desired is the replica count decided on: Limited (or Min, where the way
	// out of zero ends below it), the bound of an out-of-bounds jump, or Current
	// where nothing could be decided. Where the scale could not be written, it
	// is what should have been written.
	Desired int32

	// StabilizedReason and LimitedReason are the reasons that conditions
	// AbleToScale and ScalingLimited carry out of these stages.
	StabilizedReason, LimitedReason Reason
	// RescaleReason says why the scale was to be written. It can be set without
	// a write, where a window or a limit undid what the metrics asked for, and
	// be RescaleNone beside a write, where a window alone moved the count.
	RescaleReason RescaleReason

	// Scaled says that the scale was written, to Desired.
	Scaled bool

	// StatusReplicas and StatusDesired are the HPA's status.currentReplicas and
	// status.desiredReplicas afterwards.
	StatusReplicas, StatusDesired int32
	// Metrics are the HPA's status.currentMetrics afterwards.
	Metrics []MetricStatus
	// Conditions are the HPA's status.conditions afterwards, in their order.
	Conditions []Condition
	// Events are those that this sync emitted, in order.
	Events []Event

	// Failure is what the reconcile returns; its zero value is no error.
	Failure Failure

	// Basis is what the decision rests on; empty where the State is terse.
	Basis *Basis
}

// Branch is the way a reconcile took.
type Branch uint8

// The branches of a reconcile, in the order in which they are tested.
const (
	// BranchUnreadable: the scale could not be read.
	BranchUnreadable Branch = iota
	// BranchPaused: the target stands at zero and may not leave it.
	BranchPaused
	// BranchAboveMax and BranchBelowMin: out of bounds, metrics not computed.
	BranchAboveMax
	BranchBelowMin
	// BranchNoMetrics: metrics were computed but forbid acting.
	BranchNoMetrics
	// BranchMetrics: metrics were computed and normalized.
	BranchMetrics
)

// RescaleReason is why a scale was to be written.
type RescaleReason uint8

// The reasons of a rescale.
const (
	RescaleNone RescaleReason = iota
	RescaleAboveMax
	RescaleBelowMin
	// RescaleAboveTarget names the metric Decision.By.
	RescaleAboveTarget
	RescaleBelowTarget
)

// ConditionType is the type of an HPA condition.
type ConditionType uint8

// The condition types.
const (
	AbleToScale ConditionType = iota
	ScalingActive
	ScalingLimited
	ScaledToZero
)

// Condition is one of the HPA's conditions. Its message is rendered on demand
// by Message, so that a Step allocates nothing.
type Condition struct {
	Type ConditionType
	// Status is the condition's status: True, else False.
	Status bool
	Reason Reason

	// What the message needs. A condition keeps its message for as long as
	// nobody sets it anew, so it remembers the Metric it speaks of.
	replicas int32
	problem  problem
}

// Message is the condition's message, in upstream's words.
func (c *Condition) Message() string {
	// horizontal.go: every setCondition
	switch c.Reason {
	case ReasonFailedGetScale:
		return "the HPA controller was unable to get the target's current scale: " + c.problem.text
	case ReasonFailedUpdateScale:
		return "the HPA controller was unable to update the target scale: " + c.problem.text
	case ReasonSucceededRescale:
		return "the HPA controller was able to update the target scale to " + strconv.Itoa(int(c.replicas))
	case ReasonValidMetricFound:
		return "the HPA was able to successfully calculate a replica count from " + c.problem.proposal()
	default:
		if c.problem.cause != causeNone {
			return c.problem.condition()
		}
		return c.Reason.explanation()
	}
}

// MetricStatus is one entry of status.currentMetrics. A failed metric leaves
// its zero value (Valid false).
type MetricStatus struct {
	Valid  bool
	Source Source
	// Name is Metric.Name.
	Name string
	// HasUtilization, HasAverage and HasValue say which of the three are set.
	HasUtilization, HasAverage, HasValue bool
	// Utilization is in percent, Average and Value in milli-units.
	Utilization    int32
	Average, Value int64
}

// Event is one event that a sync emitted. Its message is rendered on demand.
type Event struct {
	// Normal is the event's type: Normal, else Warning.
	Normal bool
	Reason Reason

	// What the message needs.
	rescale  RescaleReason
	replicas int32
	failure  Failure
}

// Message is the event's message, in upstream's words.
func (e *Event) Message() string {
	// horizontal.go: every eventRecorder.Event and Eventf
	switch e.Reason {
	case ReasonFailedGetScale:
		return e.failure.problem.text
	case ReasonFailedComputeMetricsReplicas:
		return e.failure.metrics()
	case ReasonFailedRescale:
		return e.size() + "; error: " + e.failure.problem.text
	case ReasonSuccessfulRescale:
		return e.size()
	default:
		return e.failure.problem.message()
	}
}

// size is the beginning of the message of every event about a rescale.
func (e *Event) size() string {
	return "New size: " + strconv.Itoa(int(e.replicas)) +
		"; reason: " + e.rescale.Text(e.failure.problem.proposal())
}
