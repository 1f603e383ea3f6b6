package hpa

import "time"

// Spec is a resolved autoscaler: a HorizontalPodAutoscaler and the controller
// that runs it, with every default applied and nothing left to look up. It is
// read-only for Step; one Spec may serve many States.
type Spec struct {
	// Reference is the scale target as upstream writes it in errors:
	// "Kind/namespace/name".
	Reference string

	// Min and Max are spec.minReplicas (1 when absent) and spec.maxReplicas.
	Min, Max int32

	// Metrics are spec.metrics in their order; never empty.
	Metrics []Metric

	// HasBehavior says whether spec.behavior is present. Without it another
	// algorithm decides (the legacy one), so Up and Down are not "defaults".
	HasBehavior bool
	// Up and Down are spec.behavior.scaleUp and scaleDown, defaulted; zero
	// where HasBehavior is false.
	Up, Down Rules

	// ToleranceUp and ToleranceDown are the tolerances in force: behavior's
	// where it has one and the profile honours it, else the controller's flag.
	// A field of the spec is converted as upstream does it: the mantissa of the
	// quantity's canonical form times a power of ten.
	ToleranceUp, ToleranceDown float64

	// Controller holds kube-controller-manager's flags and its version.
	Controller Controller
}

// Rules are the scaling rules of one direction.
type Rules struct {
	// Stabilization is the window in whole seconds; for scale-down the
	// controller's flag, truncated to seconds, where the manifest is silent.
	Stabilization time.Duration
	Select        SelectPolicy
	Policies      []Policy
}

// SelectPolicy chooses among the policies of one direction.
type SelectPolicy uint8

// The values of selectPolicy.
const (
	SelectMax SelectPolicy = iota
	SelectMin
	SelectDisabled
)

// Policy is one entry of behavior.*.policies.
type Policy struct {
	Type PolicyType
	// Value is in pods or in percent.
	Value int32
	// Period is a whole number of seconds, 1 s to 30 min.
	Period time.Duration
}

// PolicyType is the unit of a Policy's value.
type PolicyType uint8

// The values of policy.type.
const (
	PolicyPods PolicyType = iota
	PolicyPercent
)

// Controller is the configuration of kube-controller-manager that bears on
// decisions.
type Controller struct {
	// SyncPeriod is how often an HPA is reconciled (the caller's loop uses it;
	// Step does not).
	SyncPeriod time.Duration
	// DownscaleStabilization is the window without behavior.
	DownscaleStabilization time.Duration
	// Tolerance is a ratio, 0.1 for 10 %.
	Tolerance               float64
	CPUInitializationPeriod time.Duration
	InitialReadinessDelay   time.Duration
	Profile                 Profile
}

// DefaultController returns kube-controller-manager's defaults.
func DefaultController() Controller {
	return Controller{
		SyncPeriod:              15 * time.Second,
		DownscaleStabilization:  5 * time.Minute,
		Tolerance:               0.1,
		CPUInitializationPeriod: 5 * time.Minute,
		InitialReadinessDelay:   30 * time.Second,
		Profile:                 LatestProfile(),
	}
}

// Metric is one entry of spec.metrics, resolved.
type Metric struct {
	Source Source
	Target Target
	// Goal is the target: percent for TargetUtilization, else milli-units
	// rounded up as Quantity.MilliValue does.
	Goal int64
	// CPU says that the resource is exactly "cpu", the only one for which
	// readiness is looked at.
	CPU bool

	// Name is the metric's name: the resource's for Resource ("cpu"),
	// container/resource for ContainerResource ("app/cpu"), else metric.name.
	Name string
	// Resource is the resource's name for Resource and ContainerResource.
	Resource string
	// Container is the container of ContainerResource.
	Container string
	// Proposal is the name of a proposal, as in events and conditions:
	// "cpu resource utilization (percentage of request)", "pods metric x", …
	Proposal string
	// Namespace, Object and Selector complete upstream's error messages: the
	// HPA's namespace, "Kind namespace/name" of an Object metric, and the
	// metric selector as Go's %+v prints it.
	Namespace, Object, Selector string
	// BadSelector is why the metric's own label selector cannot be parsed;
	// such a metric fails at every sync.
	BadSelector string
}

// Source is a metric's type.
type Source uint8

// The values of metrics[].type.
const (
	SourceResource Source = iota
	SourceContainerResource
	SourcePods
	SourceObject
	SourceExternal
	// SourceUnknown is a type that the controller does not know; it fails at
	// every sync. Metric.Name is then the type as written.
	SourceUnknown
)

// Target is the kind of target that decides.
type Target uint8

// The kinds of target. TargetNone is an Object metric whose target.type does
// not match the field that is set: the API accepts it, every sync fails on it.
const (
	TargetUtilization Target = iota
	TargetAverageValue
	TargetValue
	TargetNone
)
