package oracle

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install" // defaulting of autoscaling/v2
	"sigs.k8s.io/yaml"
)

// Simulation is a kind: Simulation file as the oracle reads it.
type Simulation struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Metadata   metav1.ObjectMeta `json:"metadata"`
	Spec       Spec              `json:"spec"`
}

// Spec is the simulation's specification.
type Spec struct {
	Duration   metav1.Duration `json:"duration"`
	Seed       uint64          `json:"seed"` // of what the oracle does not draw
	Autoscaler struct {
		Objects []json.RawMessage `json:"objects"`
	} `json:"autoscaler"`
	Controller Controller `json:"controller"`
	Pods       Pods       `json:"pods"`
	Pipeline   struct {
		Kind   string           `json:"kind"`
		Window *metav1.Duration `json:"window"`
		Age    metav1.Duration  `json:"age"`
	} `json:"pipeline"`
	Demand []Demand `json:"demand"`
	Faults []Fault  `json:"faults"`
}

// Controller holds kube-controller-manager's flags; nil means its default.
type Controller struct {
	KubernetesVersion       string           `json:"kubernetesVersion"`
	SyncPeriod              *metav1.Duration `json:"syncPeriod"`
	SyncLatency             metav1.Duration  `json:"syncLatency"`
	DownscaleStabilization  *metav1.Duration `json:"downscaleStabilization"`
	Tolerance               *float64         `json:"tolerance"`
	CPUInitializationPeriod *metav1.Duration `json:"cpuInitializationPeriod"`
	InitialReadinessDelay   *metav1.Duration `json:"initialReadinessDelay"`
	FeatureGates            map[string]bool  `json:"featureGates"`
}

// Pods describes the workload's pods.
type Pods struct {
	Initial      *int32             `json:"initial"`
	InitialAge   *metav1.Duration   `json:"initialAge"`
	Pending      metav1.Duration    `json:"pending"`
	Ready        *metav1.Duration   `json:"ready"`
	MetricsDelay metav1.Duration    `json:"metricsDelay"`
	Termination  metav1.Duration    `json:"termination"`
	Containers   []corev1.Container `json:"-"`
	RawContainer []struct {
		Name     string              `json:"name"`
		Requests corev1.ResourceList `json:"requests"`
		Limits   corev1.ResourceList `json:"limits"`
	} `json:"containers"`
	Capacity map[string]int64 `json:"capacity"`
}

// Demand is one demand series.
type Demand struct {
	Metric struct {
		Type      string `json:"type"`
		Name      string `json:"name"`
		Container string `json:"container"`
	} `json:"metric"`
	Unit     string           `json:"unit"`
	Idle     int64            `json:"idle"`
	NotReady json.RawMessage  `json:"notReady"`
	Step     *metav1.Duration `json:"step"`
	Values   []*int64         `json:"values"`
	Role     string           `json:"role"`
	Capacity int64            `json:"capacity"`
	Wait     metav1.Duration  `json:"wait"`
	Initial  int64            `json:"initial"`

	notReady     int64
	notReadyNone bool
}

// Fault is one entry of faults.
type Fault struct {
	At  metav1.Duration  `json:"at"`
	For *metav1.Duration `json:"for"`

	MetricsUnavailable []string                   `json:"metricsUnavailable"`
	PodsWithoutMetrics []int                      `json:"podsWithoutMetrics"`
	ScaleReadFails     bool                       `json:"scaleReadFails"`
	ScaleWriteFails    bool                       `json:"scaleWriteFails"`
	SetReplicas        *int32                     `json:"setReplicas"`
	Surge              *int32                     `json:"surge"`
	EvictPods          []int                      `json:"evictPods"`
	PodsNotReady       []int                      `json:"podsNotReady"`
	TrafficFactor      *json.Number               `json:"trafficFactor"`
	MetricsReadZero    []string                   `json:"metricsReadZero"`
	ReadyFactor        *json.Number               `json:"readyFactor"`
	NodeShortage       bool                       `json:"nodeShortage"`
	EditAutoscaler     map[string]json.RawMessage `json:"editAutoscaler"`
}

// active says whether the fault's interval [at, at+for) covers now.
func (f *Fault) active(now time.Duration) bool {
	if now < f.At.Duration {
		return false
	}
	return f.For == nil || now < f.At.Duration+f.For.Duration
}

// Parse reads a simulation file. The file must be one that elasticctl accepts;
// what is checked here is only what the oracle itself relies on.
func Parse(data []byte) (*Simulation, error) {
	if err := refuseUnmodelled(data); err != nil {
		return nil, err
	}
	s := new(Simulation)
	if err := yaml.UnmarshalStrict(data, s); err != nil {
		return nil, err
	}
	for i, c := range s.Spec.Pods.RawContainer {
		if c.Name == "" {
			return nil, fmt.Errorf("container %d has no name", i)
		}
		s.Spec.Pods.Containers = append(s.Spec.Pods.Containers, corev1.Container{
			Name:      c.Name,
			Resources: corev1.ResourceRequirements{Requests: c.Requests, Limits: c.Limits},
		})
	}
	for i := range s.Spec.Demand {
		if err := s.Spec.Demand[i].resolve(); err != nil {
			return nil, fmt.Errorf("demand %d: %w", i, err)
		}
	}
	return s, s.refuseRaces()
}

func (d *Demand) resolve() error {
	switch text := string(d.NotReady); text {
	case "", "null":
		d.notReady = d.Idle
	case `"none"`:
		d.notReadyNone = true
	default:
		return json.Unmarshal(d.NotReady, &d.notReady)
	}
	return nil
}

// refuseUnmodelled refuses by name what elasticctl replays and the oracle does
// not: delays that differ from pod to pod, nodes, rollouts, latency.
func refuseUnmodelled(data []byte) error {
	var loose struct {
		Spec struct {
			Pods   map[string]any `json:"pods"`
			Nodes  any            `json:"nodes"`
			Demand []struct {
				Role     string `json:"role"`
				Response string `json:"response"`
			} `json:"demand"`
			Faults []struct {
				Rollout any `json:"rollout"`
			} `json:"faults"`
		} `json:"spec"`
	}
	if err := yaml.Unmarshal(data, &loose); err != nil {
		return err
	}
	for _, name := range []string{"pending", "ready", "metricsDelay", "termination"} {
		switch loose.Spec.Pods[name].(type) {
		case []any, map[string]any:
			return fmt.Errorf("pods.%s: the oracle has no delays that differ from pod to pod", name)
		}
	}
	for i := range loose.Spec.Faults {
		if loose.Spec.Faults[i].Rollout != nil {
			return fmt.Errorf("fault %d: rollout: the oracle has no Deployment controller", i)
		}
	}
	for i, d := range loose.Spec.Demand {
		if d.Role == "response" || d.Response != "" {
			return fmt.Errorf("demand %d: the oracle does not know how long requests take", i)
		}
	}
	if loose.Spec.Nodes != nil {
		return errors.New("nodes: the oracle has room for every pod")
	}
	return nil
}

// refuseRaces refuses edits whose outcome upstream itself leaves to the
// scheduler: on the instant of a sync, or while a sync may be under way.
func (s *Simulation) refuseRaces() error {
	period := orDefault(s.Spec.Controller.SyncPeriod, 15*time.Second) + s.Spec.Controller.SyncLatency.Duration
	for _, f := range s.Spec.Faults {
		if f.EditAutoscaler == nil {
			continue
		}
		if s.Spec.Controller.SyncLatency.Duration > 0 {
			return fmt.Errorf("an edit of the autoscaler races with syncs that take time")
		}
		if f.At.Duration%period == 0 {
			return fmt.Errorf("the edit at %s races with the sync of that instant", f.At.Duration)
		}
	}
	return nil
}

// autoscaler returns the HPA among the simulation's objects, defaulted by the
// API server's own code.
func (s *Simulation) autoscaler() (*autoscalingv2.HorizontalPodAutoscaler, error) {
	for _, raw := range s.Spec.Autoscaler.Objects {
		var meta metav1.TypeMeta
		if err := json.Unmarshal(raw, &meta); err != nil {
			return nil, err
		}
		if meta.Kind != "HorizontalPodAutoscaler" {
			continue
		}
		hpa := new(autoscalingv2.HorizontalPodAutoscaler)
		if err := json.Unmarshal(raw, hpa); err != nil {
			return nil, err
		}
		return serve(hpa)
	}
	return nil, fmt.Errorf("no HorizontalPodAutoscaler among the objects")
}

// initial returns spec.replicas at t=0: as given, else the scale target's among
// the objects, else the HPA's minimum, but at least 1.
func (s *Simulation) initial(hpa *autoscalingv2.HorizontalPodAutoscaler) (int32, error) {
	if s.Spec.Pods.Initial != nil {
		return *s.Spec.Pods.Initial, nil
	}
	ref := hpa.Spec.ScaleTargetRef
	for _, raw := range s.Spec.Autoscaler.Objects {
		var o struct {
			metav1.TypeMeta   `json:",inline"`
			metav1.ObjectMeta `json:"metadata"`
			Spec              struct {
				Replicas *int32 `json:"replicas"`
			} `json:"spec"`
		}
		if err := json.Unmarshal(raw, &o); err != nil {
			return 0, err
		}
		if o.Namespace == "" {
			o.Namespace = metav1.NamespaceDefault
		}
		is := o.APIVersion == ref.APIVersion && o.Kind == ref.Kind && o.Name == ref.Name && o.Namespace == hpa.Namespace
		if is && o.Spec.Replicas != nil {
			return *o.Spec.Replicas, nil
		}
	}
	return max(1, *hpa.Spec.MinReplicas), nil
}

// edited returns the HPA with the fields of an edit replaced, and defaulted
// anew.
func edited(hpa *autoscalingv2.HorizontalPodAutoscaler, edit map[string]json.RawMessage) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	data, err := json.Marshal(hpa.Spec)
	if err != nil {
		return nil, err
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, err
	}
	for k, v := range edit {
		fields[k] = v
	}
	if data, err = json.Marshal(fields); err != nil {
		return nil, err
	}
	out := hpa.DeepCopy()
	out.Spec = autoscalingv2.HorizontalPodAutoscalerSpec{}
	if err := json.Unmarshal(data, &out.Spec); err != nil {
		return nil, err
	}
	return serve(out)
}

// serve returns the object as the API server would serve it: defaulted, and
// with quantities in canonical form.
func serve(hpa *autoscalingv2.HorizontalPodAutoscaler) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	if hpa.Namespace == "" {
		hpa.Namespace = metav1.NamespaceDefault
	}
	legacyscheme.Scheme.Default(hpa)
	data, err := json.Marshal(hpa)
	if err != nil {
		return nil, err
	}
	out := new(autoscalingv2.HorizontalPodAutoscaler)
	return out, json.Unmarshal(data, out)
}

func orDefault(d *metav1.Duration, otherwise time.Duration) time.Duration {
	if d == nil {
		return otherwise
	}
	return d.Duration
}
