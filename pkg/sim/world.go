package sim

import (
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// World is a resolved simulation: demand, pods and metric pipeline, and the
// autoscaler that looks at them. All times are from the start, t=0, which is
// the HPA's creation. Run leaves it untouched, so one World may serve many runs.
type World struct {
	// Duration bounds the syncs: they start in [0, Duration).
	Duration time.Duration
	// SyncLatency is how long after its start a sync decides.
	SyncLatency time.Duration
	Autoscaler  hpa.Spec
	Pods        Pods
	Pipeline    Pipeline
	Demand      []Demand
	// Faults happen in time order; at one instant in the order given here.
	Faults []Fault
}

// Pods describes the workload's pods.
type Pods struct {
	// Initial is spec.replicas at t=0. It may lie outside the HPA's bounds.
	Initial int32
	// InitialAge is the age of the initial pods at t=0.
	InitialAge time.Duration
	// Pending is creation → Running, Ready is creation → Ready.
	Pending, Ready time.Duration
	// MetricsDelay is the age before which a pod has no metric of its own.
	MetricsDelay time.Duration
	// Termination is how long a deleted pod lingers.
	Termination time.Duration
	Containers  []Container
}

// Container is one container of the pod template.
type Container struct {
	Name string
	// Requests are what the container requests; a resource not listed has no
	// request.
	Requests []Quantity
}

// Quantity is an amount of a named resource in milli-units: of a core for cpu,
// of a byte for memory.
type Quantity struct {
	Resource string
	Milli    int64
}

// Pipeline is how metrics reach the controller.
type Pipeline struct {
	// Window is the window of a resource sample, Age how old a sample is when
	// it is read.
	Window, Age time.Duration
}

// Demand is total load over time for one metric, independent of how many pods
// carry it.
type Demand struct {
	// Source, Name and Container say which metric it feeds. A Resource demand
	// belongs to one container and feeds Resource and ContainerResource
	// metrics alike.
	Source    hpa.Source
	Name      string
	Container string
	// Scale is milli-units per unit of Values: 1 for milli, 1000 for base
	// units.
	Scale int64
	// NotReady is what a Running pod that is not Ready reports, in the unit of
	// Values; NotReadyNone says that it reports nothing.
	NotReady     int64
	NotReadyNone bool
	// Step is the length of one value; the last value is held.
	Step   time.Duration
	Values []int64
	// Null marks absent values; nil means that none is.
	Null []bool
	// Capacity is what one serving pod can carry, in the unit of Values; 0
	// means unlimited.
	Capacity int64
}

// Fault is something that happens to the world.
type Fault struct {
	Kind FaultKind
	// At is when it starts; it lasts For, or to the end where For is 0.
	At, For time.Duration
	// APIs are the metrics APIs that answer with an error.
	APIs APISet
	// Ranks are ranks among live pods, oldest first, from 0.
	Ranks []int
	// Replicas is the replica count of FaultSetReplicas and the number of
	// extra pods of FaultSurge.
	Replicas int32
	// Autoscaler is the whole autoscaler after FaultEditAutoscaler.
	Autoscaler *hpa.Spec
}

// FaultKind says what happens.
type FaultKind uint8

// The kinds of fault, as in kind: Simulation.
const (
	FaultMetricsUnavailable FaultKind = iota
	FaultPodsWithoutMetrics
	FaultScaleReadFails
	FaultScaleWriteFails
	FaultSetReplicas
	FaultSurge
	FaultEvictPods
	FaultPodsNotReady
	FaultEditAutoscaler
)

// APISet is a set of metrics APIs.
type APISet uint8

// The metrics APIs.
const (
	APIResource APISet = 1 << iota
	APICustom
	APIExternal
)

// Tick is one sync: what it saw, what it decided and why. It and its slices
// are valid until the visitor returns.
type Tick struct {
	// T is when the sync started, At when it decided.
	T, At time.Duration
	// SpecReplicas, StatusReplicas and Pods are the world's at the decision
	// instant, before the sync's own write.
	SpecReplicas, StatusReplicas int32
	Pods                         Counts
	// Spec is the autoscaler in force.
	Spec     *hpa.Spec
	Decision hpa.Decision
}

// Counts are pods by standing; each pod counts once, in the first of: failed,
// terminating, pending, not ready, ready.
type Counts struct {
	Ready, NotReady, Pending, Terminating, Failed int32
}

// Run replays the world and calls visit at every sync, in time order; visit
// returns false to stop. It returns what the replay cost and how well it
// served.
func (w *World) Run(visit func(*Tick) bool) Score { return Score{} }

// Score is what a replay cost and how well it served. Its additive terms are
// integers in fixed units, so that sums do not depend on order.
type Score struct {
	// Duration is the time scored.
	Duration time.Duration
	// Syncs is the number of syncs, FailedSyncs those whose reconcile returned
	// an error.
	Syncs, FailedSyncs int64
	// ReplicaMillis is live pods integrated over time, in pod-milliseconds:
	// 3,600,000 are one replica-hour.
	ReplicaMillis int64
	// TimeAt is how long spec.replicas stood at each count, in ascending
	// order of count.
	TimeAt []ReplicaTime
	// AtMax and AtMin are how long spec.replicas stood at, or beyond, the
	// HPA's bounds in force.
	AtMax, AtMin time.Duration
	// Saturated is how long some demand exceeded what the serving pods can
	// carry; HasCapacity says whether any demand has a capacity, so that 0
	// means something.
	Saturated   time.Duration
	HasCapacity bool
	// ScaleUps and ScaleDowns count successful writes by the HPA;
	// DirectionChanges counts those that reverse the one before.
	ScaleUps, ScaleDowns, DirectionChanges int64
}

// ReplicaTime is how long a replica count stood.
type ReplicaTime struct {
	Replicas int32
	Time     time.Duration
}
