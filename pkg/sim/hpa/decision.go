package hpa

// Decision is one sync, stage by stage. Its slices belong to the State and are
// valid until the next Step.
type Decision struct {
	// Branch is the way the reconcile took.
	Branch Branch

	// Current is the scale's spec.replicas as read.
	Current int32

	// HasProposal says that the metrics led to a proposal that could be acted
	// on; only then Proposed, Stabilized, Limited and By mean anything.
	HasProposal bool
	// Proposed is what the metrics ask for; By is the index in Spec.Metrics of
	// the metric that asked.
	Proposed int32
	By       int
	// Stabilized is Proposed after the windows, Limited after policies and
	// bounds.
	Stabilized, Limited int32
	// Desired is the replica count decided on: Limited, the bound of an
	// out-of-bounds jump, or Current where nothing could be decided.
	Desired int32

	// StabilizedReason and LimitedReason are the reasons that conditions
	// AbleToScale and ScalingLimited carry out of these stages.
	StabilizedReason, LimitedReason Reason
	// RescaleReason says why the scale was to be written.
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
	Type   ConditionType
	Status bool
	Reason Reason

	// What the message needs: a replica count, a name, a failure.
	replicas int32
	name     string
	failure  Failure
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

// Event is one event that a sync emitted.
type Event struct {
	// Normal is the event's type: Normal, else Warning.
	Normal bool
	Reason Reason

	replicas int32
	rescale  RescaleReason
	name     string
	failure  Failure
}
