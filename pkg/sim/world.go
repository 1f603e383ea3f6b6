package sim

import (
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// World is a resolved simulation: demand, pods and metric pipeline, and the
// autoscaler that looks at them. All times are from the start, t=0, which is
// the HPA's creation and a whole second. Run leaves it untouched, so one World
// may serve many runs, also at the same time.
type World struct {
	// Duration bounds the syncs: they start in [0, Duration).
	Duration time.Duration
	// SyncLatency is how long after its start a sync decides.
	SyncLatency time.Duration
	// Autoscaler is the autoscaler at t=0. Its Controller holds for the whole
	// run: an edit replaces the HPA, not the controller that runs it.
	Autoscaler hpa.Spec
	Pods       Pods
	Nodes      Nodes
	Pipeline   Pipeline
	Demand     []Demand
	// Faults happen in time order; at one instant in the order given here.
	Faults []Fault
	// Follow, unless it is nil, is where spec.replicas goes whatever the
	// autoscaler decides, in order of time after 0: every sync then decides from
	// the state given, not from what it decided before. A point takes effect
	// after the sync of its instant; Unknown leaves the count as it is. The
	// controller remembers each recommendation, but a write only where the course
	// comes to the count that it decided on within one sync period. The score is
	// that of the course followed, save for its scale events, which are the
	// decisions.
	Follow []Point
	// Latency, unless it is nil, asks how long requests take.
	Latency *Latency
	// PodHourPrice is what an hour of one pod costs, in any currency; 0 where it
	// is not known.
	PodHourPrice float64
}

// Pods describes the workload's pods.
type Pods struct {
	// Initial is spec.replicas at t=0. It may lie outside the HPA's bounds.
	Initial int32
	// InitialAge is the age of the initial pods at t=0.
	InitialAge time.Duration
	// Pending is creation → Running, Ready is creation → Ready. A pod cannot be
	// Ready before it runs: where Ready is the shorter, Pending counts.
	Pending, Ready time.Duration
	// MetricsDelay is the age before which a pod has no metric of its own.
	MetricsDelay time.Duration
	// Termination is how long a deleted pod lingers.
	Termination time.Duration
	// Spread is where these four differ from pod to pod.
	Spread Spread
	// Rolling is how the workload replaces its pods.
	Rolling Rolling
	// MinReady is the Deployment's spec.minReadySeconds, whole seconds: for so long a
	// pod has to be Ready until it counts as available in a rollout.
	MinReady   time.Duration
	Containers []Container
	// Imbalance is the busiest pod's share of a load over the mean, in thousandths,
	// at most MaxImbalance; up to Balanced all get the same. It changes what the
	// pods carry (Carries), not what they report.
	Imbalance int64
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
	Kind PipelineKind
	// Window is the window of a resource sample (ideal), or that of rate()
	// (prometheus). Age is how old a sample is when it is read; of a scrape how
	// long after it it can be read.
	Window, Age time.Duration
	// Resolution is the time from one scrape of metrics-server to the next
	// (resource, prometheus): 10 s to 15 min, and longer than Age.
	Resolution time.Duration
	// Interval is the time from one scrape of Prometheus to the next
	// (prometheus): whole milliseconds, 1 s to 2 min, and longer than Age. Window
	// is then at least twice as long and Age longer, at most MaxScrapes as long.
	Interval time.Duration
}

// MaxScrapes is how many scrapes a window of rate() may hold.
const MaxScrapes = 1000

// PipelineKind is what stands between the pods and the controller.
type PipelineKind uint8

// The pipelines.
const (
	// PipelineIdeal: a sync sees the world of its instant.
	PipelineIdeal PipelineKind = iota
	// PipelineResource: metrics-server scrapes cpu and memory. Metrics of other
	// sources are ideal.
	PipelineResource
	// PipelinePrometheus: Prometheus scrapes Pods, Object and External metrics, and
	// an adapter asks it for the rate of what is a load, for the last value of what
	// is none. cpu and memory are metrics-server's.
	PipelinePrometheus
)

// Demand is total load over time for one metric, independent of how many pods
// carry it.
type Demand struct {
	// Source, Name and Container say which metric it feeds. A Resource demand
	// belongs to one container and feeds Resource and ContainerResource
	// metrics alike.
	Source    hpa.Source
	Name      string
	Container string
	// Role is how it answers to the pods.
	Role Role
	// Scale is milli-units per unit of Values: 1 for milli, 1000 for base
	// units. A value times its scale must fit an int64.
	Scale int64
	// Idle is what each Running pod reports besides its share of the load, in the
	// unit of Values: a serving pod its share and Idle, a terminating one Idle.
	// Only what is the pods' own has it: Resource and Pods demands, and those with
	// an Aggregate. A value and Idle together, times the
	// scale, must fit an int64.
	Idle int64
	// NotReady is all that a Running pod that is not Ready reports, in the unit of
	// Values; NotReadyNone says that it reports nothing.
	NotReady     int64
	NotReadyNone bool
	// Step is the length of one value; the last value is held. What is split
	// over pods (Resource and Pods metrics) is not negative.
	Step   time.Duration
	Values []int64
	// Null marks absent values; nil means that none is.
	Null []bool
	// Capacity is what one serving pod can carry of the load, besides its Idle,
	// in the unit of Values; 0 means unlimited. A backlog must have one. Where the
	// pods do not serve the demand (Queues) it is only what the score calls
	// saturated.
	Capacity int64
	// Wait bounds the load that waits when more arrives than the serving pods can
	// carry: it is what they carry in this time, whole milliseconds. The rest is
	// shed; with 0 all of it is.
	Wait time.Duration
	// Initial is the backlog at t=0, in the unit of Values.
	Initial int64
	// Aggregate is what an Object or External metric tells of what the pods
	// report of this demand; they serve it then as they do a Pods metric's.
	// Quantile is the rank of AggregateQuantile in millionths, 0 to Million.
	Aggregate Aggregate
	Quantile  int64
	// Averaged is the time before its step that each value is a mean over already,
	// as a recorded rate is; 0 where it is the step's own. What Prometheus counts of
	// an Object or External load is then read as a rate over what that leaves of
	// Pipeline.Window, and where it leaves too little for one, the values are what
	// is scraped. For everything else it means nothing.
	Averaged time.Duration
	// Response is what a RoleResponse tells.
	Response Response
}

// Role is how a demand answers to the pods.
type Role uint8

// The roles.
const (
	// RoleLoad: Values are a total, divided over the serving pods. They report
	// what they do of it. An Object or External metric tells what arrives.
	RoleLoad Role = iota
	// RolePerPod: Values are what each Running pod has, whatever the fleet. Only
	// Resource and Pods metrics have it, and aggregates.
	RolePerPod
	// RoleBacklog: Values arrive per second, each serving pod completes Capacity
	// per second, and the metric is what waits. Only Object and External metrics
	// have it.
	RoleBacklog
	// RoleExogenous: Values are the metric, whatever the pods do. Only Object and
	// External metrics have it.
	RoleExogenous
	// RoleResponse: there are no Values. The metric follows from how busy the pods
	// are with the load of World.Latency, by its Model: it is what Response says.
	// Pods, Object and External metrics have it.
	RoleResponse
)

// Fault is something that happens to the world.
type Fault struct {
	Kind FaultKind
	// At is when it starts; it lasts For, or to the end where For is 0. For
	// means nothing where Kind is an instant (Lasting is false).
	At, For time.Duration
	// APIs are the metrics APIs that answer with an error.
	APIs APISet
	// Ranks are ranks among live pods, oldest first, from 0.
	Ranks []int
	// Factor is in thousandths, 0 to MaxFactor: of the traffic, and Thousand at
	// least of the time to Ready.
	Factor int64
	// Replicas is the replica count of FaultSetReplicas and the number of
	// extra pods of FaultSurge.
	Replicas int32
	// Rolling is how FaultRollout replaces pods.
	Rolling Rolling
	// Autoscaler is the whole autoscaler after FaultEditAutoscaler.
	Autoscaler *hpa.Spec
}

// FaultKind says what happens.
type FaultKind uint8

// The kinds of fault, as in kind: Simulation.
const (
	// FaultMetricsUnavailable: the APIs answer with an error.
	FaultMetricsUnavailable FaultKind = iota
	// FaultPodsWithoutMetrics: the pods at Ranks, as they are at each sync,
	// have no metric of their own. They still take their share of the load.
	FaultPodsWithoutMetrics
	// FaultScaleReadFails and FaultScaleWriteFails: the API server answers GET
	// or UPDATE of the scale with an error.
	FaultScaleReadFails
	FaultScaleWriteFails
	// FaultSetReplicas: somebody sets spec.replicas to Replicas.
	FaultSetReplicas
	// FaultSurge: the workload keeps Replicas pods more than asked, unless none
	// is asked. The last one that began is the one in force.
	FaultSurge
	// FaultEvictPods: the pods at Ranks become Failed and are replaced.
	FaultEvictPods
	// FaultPodsNotReady: the pods at Ranks that are Ready at At are not Ready
	// until the interval ends.
	FaultPodsNotReady
	// FaultEditAutoscaler: somebody replaces the HPA's spec.
	FaultEditAutoscaler
	// FaultTraffic: every value of a load, and what arrives at a backlog, counts
	// Factor thousandths, rounded toward zero. The last one that began is the one
	// in force.
	FaultTraffic
	// FaultMetricsReadZero: the APIs answer as ever, but every value is 0.
	FaultMetricsReadZero
	// FaultSlowStart: pods created meanwhile take Factor thousandths of Pods.Ready
	// to become Ready, rounded down to the nanosecond. The last one that began is
	// the one in force.
	FaultSlowStart
	// FaultNodeShortage: pods created meanwhile find no node. They stay Pending
	// until the interval ends, and are then as if created at that instant, but for
	// their ranks. Where there are Nodes, pods go on taking their slots, and no
	// node comes until the interval ends.
	FaultNodeShortage
	// FaultRollout: a new pod template. The Deployment replaces all pods by the
	// rules of Rolling, which then hold. Its surge counts as pods do.
	FaultRollout
)

// Lasting says whether a fault of kind k is an interval, [At, At+For), rather
// than an instant.
func (k FaultKind) Lasting() bool {
	switch k {
	case FaultMetricsUnavailable, FaultPodsWithoutMetrics, FaultScaleReadFails,
		FaultScaleWriteFails, FaultSurge, FaultPodsNotReady, FaultTraffic, FaultMetricsReadZero,
		FaultSlowStart, FaultNodeShortage:
		return true
	case FaultSetReplicas, FaultEvictPods, FaultEditAutoscaler, FaultRollout:
	}
	return false
}

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
	Spec *hpa.Spec
	// Observation is everything that the sync read.
	Observation *hpa.Observation
	Decision    hpa.Decision
}

// Counts are pods by standing; each pod counts once, in the first of: failed,
// terminating, pending, not ready, ready.
type Counts struct {
	Ready, NotReady, Pending, Terminating, Failed int32
}
