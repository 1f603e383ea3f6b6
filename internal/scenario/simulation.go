// Package scenario turns what a user gives to a replay (kind: Simulation files,
// manifests, specs, recordings, flags) into a resolved world and autoscaler,
// ready to run.
package scenario

import (
	"encoding/json"
	"errors"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/elasticctl/elasticctl/pkg/gen"
)

// The identity of a simulation file.
const (
	APIVersion = "elasticctl.dev/v1alpha1"
	Kind       = "Simulation"
)

// Simulation is one replay: an autoscaler, its world and what happens to it.
// Every duration is a text like 15s, 5m, 2h or 1d.
type Simulation struct {
	// APIVersion is elasticctl.dev/v1alpha1.
	APIVersion string `json:"apiVersion"`
	// Kind is Simulation.
	Kind     string   `json:"kind"`
	Metadata Metadata `json:"metadata,omitempty"`
	Spec     Spec     `json:"spec"`
}

// Metadata names a simulation.
type Metadata struct {
	// Name appears in reports. Default: the file's name.
	Name string `json:"name,omitempty"`
}

// Spec is the body of a simulation file.
type Spec struct {
	// Start is the wall-clock time of t=0, RFC 3339. Default: the recording's.
	Start string `json:"start,omitempty"`
	// Duration bounds the replay: syncs happen in [0, duration). Default: as
	// long as the demand.
	Duration string `json:"duration,omitempty"`

	// Seed is what luck begins with: another one draws other delays. Default: 0.
	Seed *int64 `json:"seed,omitempty"`
	// OpenLoop replays recorded values as they are, those of pods for each
	// simulated pod, however many there are: the load does not answer to the
	// autoscaler. Every output says so. Default: false.
	OpenLoop bool `json:"openLoop,omitempty"`

	Autoscaler Autoscaler  `json:"autoscaler"`
	Controller *Controller `json:"controller,omitempty"`
	Pods       *Pods       `json:"pods,omitempty"`
	// Nodes are the machines that the pods run on. Default: there is always room.
	Nodes    *Nodes    `json:"nodes,omitempty"`
	Pipeline *Pipeline `json:"pipeline,omitempty"`
	Demand   []Demand  `json:"demand,omitempty"`
	Faults   []Fault   `json:"faults,omitempty"`
	// Prices turn replica-hours into a cost. Default: no cost is shown.
	Prices *Prices `json:"prices,omitempty"`
	// Budgets are limits on the score, each a term, a comparison and a number,
	// such as "saturatedMinutes <= 5". A broken one makes simulate exit with 3.
	Budgets []string `json:"budgets,omitempty"`
	// Search is what tune searches, by parameter: a range or choices, such as
	// "target.cpu: 40..80"; "timeZone: Europe/Berlin" is the service's time zone.
	// Default: targets, min, windows and tolerances.
	Search map[string]gen.Scalar `json:"search,omitempty"`
	// SLO is an objective on latency. Default: none.
	SLO *SLO `json:"slo,omitempty"`
	// Latency is how long requests take, by hand. Default: as learned from the
	// recording.
	Latency *Latency `json:"latency,omitempty"`
}

// Autoscaler says where the HorizontalPodAutoscaler comes from; exactly one
// field is given.
type Autoscaler struct {
	// Manifest is a file, or several, with the HPA and, if need be, the
	// workload that it scales; relative to the simulation file.
	Manifest Paths `json:"manifest,omitempty"`
	// Objects are the same objects inline.
	Objects []json.RawMessage `json:"objects,omitempty"`
	// Service is the file of an ElasticService, relative to the simulation
	// file; its generated objects are replayed.
	Service string `json:"service,omitempty"`
}

// Paths is one path or a list of them.
type Paths []string

// UnmarshalJSON accepts a text or a list of texts.
func (p *Paths) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*p = Paths{one}
		return nil
	}
	var many []string
	if json.Unmarshal(data, &many) != nil {
		return errors.New("must be a path or a list of paths")
	}
	*p = many
	return nil
}

// Controller holds the flags of kube-controller-manager that bear on
// decisions, with its defaults.
type Controller struct {
	// KubernetesVersion selects the controller's behaviour. Default: the newest
	// version known.
	KubernetesVersion string `json:"kubernetesVersion,omitempty"`
	// SyncPeriod is the time from one sync to the next. Default: 15s.
	SyncPeriod string `json:"syncPeriod,omitempty"`
	// SyncLatency is how long after its start a sync decides; the next one
	// starts syncPeriod after that. Default: 0s.
	SyncLatency string `json:"syncLatency,omitempty"`
	// DownscaleStabilization is the scale-down window of an HPA that sets none.
	// Default: 5m.
	DownscaleStabilization string `json:"downscaleStabilization,omitempty"`
	// Tolerance is a ratio. Default: 0.1.
	Tolerance *float64 `json:"tolerance,omitempty"`
	// CPUInitializationPeriod is the age up to which CPU of a pod is looked at
	// with care. Default: 5m.
	CPUInitializationPeriod string `json:"cpuInitializationPeriod,omitempty"`
	// InitialReadinessDelay is the time in which a change of readiness counts
	// as the pod's first. Default: 30s.
	InitialReadinessDelay string `json:"initialReadinessDelay,omitempty"`
	// FeatureGates override the version's defaults, by name.
	FeatureGates map[string]bool `json:"featureGates,omitempty"`
}

// Pods describes the pods of the workload.
type Pods struct {
	// Initial is spec.replicas at t=0; it may lie outside the HPA's bounds.
	// Default: the recorded count, else the workload's replicas, else the HPA's
	// minReplicas, but at least 1.
	Initial *int64 `json:"initial,omitempty"`
	// InitialAge is the age of the initial pods at t=0. Default: 1h.
	InitialAge string `json:"initialAge,omitempty"`
	// Pending is the time from creation to Running: a length, a list of lengths
	// that are as likely, or quantiles. Default: as recorded, else 0s.
	Pending *Delay `json:"pending,omitempty"`
	// Ready is the time from creation to Ready, in the same forms. Default: as
	// recorded, else 30s.
	Ready *Delay `json:"ready,omitempty"`
	// MetricsDelay is the age before which a pod has no metric, in the same forms.
	// Default: 0s.
	MetricsDelay *Delay `json:"metricsDelay,omitempty"`
	// Termination is how long a deleted pod lingers, in the same forms. Default:
	// 0s.
	Termination *Delay `json:"termination,omitempty"`
	// MinReady is for how long a pod has to be Ready until it counts as available in
	// a rollout, whole seconds. Default: the Deployment's minReadySeconds, else 0s.
	MinReady string `json:"minReady,omitempty"`
	// Imbalance is the busiest pod's share of the load over the mean, 1 to 1000.
	// Default: 1, all get the same.
	Imbalance *float64 `json:"imbalance,omitempty"`
	// Containers are those of the pod template. Default: the workload's.
	Containers []Container `json:"containers,omitempty"`
	// Capacity is what one ready pod can serve, by the demand's name
	// ("cpu", "app/cpu", "http_requests"), in the demand's unit. Absent means
	// unlimited, but for the cpu of containers with a limit: that limit, less
	// what the pod uses when idle.
	Capacity map[string]int64 `json:"capacity,omitempty"`
}

// Container is one container of the pod template.
type Container struct {
	// Name is the container's name.
	Name string `json:"name"`
	// Requests are resource quantities; a resource not listed has no request.
	Requests map[string]resource.Quantity `json:"requests,omitempty"`
	// Limits are resource quantities. A cpu limit, less idle, is the capacity of
	// a cpu demand for which none is given.
	Limits map[string]resource.Quantity `json:"limits,omitempty"`
}

// Pipeline is how metrics reach the controller.
type Pipeline struct {
	// Kind is ideal (a sync sees the world of its instant), resource
	// (metrics-server scrapes cpu and memory) or prometheus (and Prometheus all
	// other metrics). Default: ideal.
	Kind string `json:"kind,omitempty"`
	// Window is the window of a resource sample (ideal, default 60s) or that of
	// rate() (prometheus, default four intervals).
	Window string `json:"window,omitempty"`
	// Age is how old a sample is when it is read; of a scrape, how long after it it
	// can be read. Default: 0s.
	Age string `json:"age,omitempty"`
	// Resolution is the time from one scrape of metrics-server to the next
	// (resource, prometheus), 10s to 15m. Default: 15s.
	Resolution string `json:"resolution,omitempty"`
	// Interval is the time from one scrape of Prometheus to the next (prometheus),
	// 1s to 2m. Default: 15s.
	Interval string `json:"interval,omitempty"`
}

// Demand is the total load over time that feeds one metric. It has values or
// a recording.
type Demand struct {
	Metric Metric `json:"metric"`
	// Role is how the demand answers to the pods: load (a total that they
	// share), perPod (each has the value), backlog (values arrive, pods complete
	// capacity, the metric is what waits), exogenous (the value as it is), response
	// (computed from how busy the pods are: it has no values). Default: load; of a
	// recording what its series are.
	Role string `json:"role,omitempty"`
	// Response is what a response tells of the requests that latency is about:
	// inFlight (how many are in a pod), mean or a quantile such as p99 (how long they
	// take). Default: as the metric's name says.
	Response string `json:"response,omitempty"`
	// Aggregate says that an Object or External metric is what PromQL makes of the
	// pods' values: sum, avg, max, min, count, or quantile(0.9). The values are the
	// load that the pods share, as of a Pods metric. Default: what query says.
	Aggregate string `json:"aggregate,omitempty"`
	// Unit is milli (values are thousandths of the base unit) or base (whole
	// units). Default: milli.
	Unit string `json:"unit,omitempty"`
	// NotReady is all that Running pods that are not Ready report: a value in
	// unit, or none. It means nothing for Object and External. Default: idle.
	NotReady *NotReady `json:"notReady,omitempty"`
	// Step is the length of one value. Default: 15s.
	Step string `json:"step,omitempty"`
	// Values are the totals, one per step; the last is held, null is absent.
	Values []*int64 `json:"values,omitempty"`
	// Recording is a file or a directory of recorded series, relative to the
	// simulation file.
	Recording string `json:"recording,omitempty"`
	// Select picks series of the recording by name and labels, as in PromQL:
	// http_requests_total{code!="500"}. Their sum is the demand. Default: by
	// the metric's name.
	Select string `json:"select,omitempty"`
	// Query is a PromQL expression over the recording whose result is the
	// demand.
	Query string `json:"query,omitempty"`
	// Kind is how recorded values are read: counter (they only grow, and start anew
	// from zero) or gauge. Default: as the series' name says. A query says it itself.
	Kind string `json:"kind,omitempty"`
	// Window is the time that each recorded value is a mean over. Default: as the
	// query or the recording rule's name says.
	Window string `json:"window,omitempty"`
	// Downsampled is how far apart the values are that the store has kept, such as
	// 5m or 1h, though it may have answered more often. Default: found where
	// values change only so often.
	Downsampled string `json:"downsampled,omitempty"`
	// Idle is what each Running pod uses besides its share of the load, in unit.
	// Only Resource and Pods metrics have it. What the recorded pods used so is
	// taken out of a recorded total, but not out of a query's result. Default: 0.
	Idle *int64 `json:"idle,omitempty"`
	// Capacity is what one ready pod can serve, in unit, besides idle. Default:
	// see pods.capacity. A backlog needs one: what a pod completes per second. Of
	// requests in flight it is how many a pod admits; default: any number.
	Capacity *int64 `json:"capacity,omitempty"`
	// Wait bounds the load that waits when more arrives than the ready pods can
	// serve: what they serve in this time. The rest is shed. Default: 0s.
	Wait string `json:"wait,omitempty"`
	// Initial is the backlog at t=0, in unit. Default: 0.
	Initial *int64 `json:"initial,omitempty"`
}

// Metric names the metric that a demand feeds.
type Metric struct {
	// Type is Resource, Pods, Object or External. A Resource demand feeds
	// Resource and ContainerResource metrics alike.
	Type string `json:"type"`
	// Name is the resource's or the metric's name.
	Name string `json:"name"`
	// Container is the container that a Resource demand belongs to. Default:
	// the only container.
	Container string `json:"container,omitempty"`
}

// NotReady is a whole number or none.
type NotReady struct {
	Value int64
	None  bool
}

// UnmarshalJSON accepts a whole number or the word none.
func (n *NotReady) UnmarshalJSON(data []byte) error {
	if string(data) == `"none"` {
		*n = NotReady{None: true}
		return nil
	}
	if err := json.Unmarshal(data, &n.Value); err != nil {
		return errors.New("must be a whole number or none")
	}
	return nil
}

// MarshalJSON is the inverse of UnmarshalJSON.
func (n NotReady) MarshalJSON() ([]byte, error) {
	if n.None {
		return []byte(`"none"`), nil
	}
	return json.Marshal(n.Value)
}

// Fault is something that happens to the world; exactly one of its kinds is
// given.
type Fault struct {
	// At is when it happens, from the start.
	At string `json:"at"`
	// For makes it an interval [at, at+for). Default: to the end.
	For string `json:"for,omitempty"`
	// MetricsUnavailable lists metrics APIs that answer with an error:
	// resource, custom, external.
	MetricsUnavailable []string `json:"metricsUnavailable,omitempty"`
	// PodsWithoutMetrics are ranks among live pods, oldest first, from 0; found
	// anew at every sync.
	PodsWithoutMetrics []int `json:"podsWithoutMetrics,omitempty"`
	// ScaleReadFails makes reading the scale fail; only true means anything.
	ScaleReadFails *bool `json:"scaleReadFails,omitempty"`
	// ScaleWriteFails makes writing the scale fail; only true means anything.
	ScaleWriteFails *bool `json:"scaleWriteFails,omitempty"`
	// SetReplicas is somebody running kubectl scale.
	SetReplicas *int64 `json:"setReplicas,omitempty"`
	// Surge is how many pods more than asked the workload keeps; 0 ends it.
	Surge *int64 `json:"surge,omitempty"`
	// EvictPods are ranks of pods that become Failed and are replaced.
	EvictPods []int `json:"evictPods,omitempty"`
	// PodsNotReady are ranks of pods that cease to be Ready.
	PodsNotReady []int `json:"podsNotReady,omitempty"`
	// TrafficFactor is by how much load and arrivals are multiplied, at most three
	// decimals; a later one replaces it.
	TrafficFactor *float64 `json:"trafficFactor,omitempty"`
	// MetricsReadZero lists metrics APIs all of whose values are 0: resource,
	// custom, external.
	MetricsReadZero []string `json:"metricsReadZero,omitempty"`
	// ReadyFactor is by how much the time to Ready of pods created meanwhile is
	// multiplied, 1 at least; a later one replaces it.
	ReadyFactor *float64 `json:"readyFactor,omitempty"`
	// NodeShortage keeps pods created meanwhile Pending until it ends; only true
	// means anything.
	NodeShortage *bool `json:"nodeShortage,omitempty"`
	// Rollout replaces all pods as a Deployment's rolling update does: true, by the
	// workload's strategy, or {maxSurge, maxUnavailable} in its place.
	Rollout *Rollout `json:"rollout,omitempty"`
	// EditAutoscaler replaces fields of the HPA.
	EditAutoscaler *Edit `json:"editAutoscaler,omitempty"`
}

// Edit is a change of the HPA: only the fields present are replaced, behavior
// as a whole, defaulted anew. Edits add up.
type Edit struct {
	MinReplicas *int32 `json:"minReplicas,omitempty"`
	MaxReplicas *int32 `json:"maxReplicas,omitempty"`
	// Metrics are autoscaling/v2 metrics.
	Metrics []autoscalingv2.MetricSpec `json:"metrics,omitempty"`
	// Behavior is an autoscaling/v2 behavior; null removes it.
	Behavior *autoscalingv2.HorizontalPodAutoscalerBehavior `json:"behavior,omitempty"`
}
