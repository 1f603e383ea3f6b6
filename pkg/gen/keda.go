package gen

import (
	"strconv"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ScaledObject is KEDA's keda.sh/v1alpha1 ScaledObject, without
// its status. KEDA's own package is not used: it brings a whole client.
type ScaledObject struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              ScaledObjectSpec `json:"spec"`
}

// ScaledObjectSpec is the spec of a ScaledObject.
type ScaledObjectSpec struct {
	ScaleTargetRef        ScaledObjectTarget    `json:"scaleTargetRef"`
	PollingInterval       *int32                `json:"pollingInterval,omitempty"`
	InitialCooldownPeriod *int32                `json:"initialCooldownPeriod,omitempty"`
	CooldownPeriod        *int32                `json:"cooldownPeriod,omitempty"`
	IdleReplicaCount      *int32                `json:"idleReplicaCount,omitempty"`
	MinReplicaCount       *int32                `json:"minReplicaCount,omitempty"`
	MaxReplicaCount       *int32                `json:"maxReplicaCount,omitempty"`
	Advanced              *ScaledObjectAdvanced `json:"advanced,omitempty"`
	Triggers              []ScaledObjectTrigger `json:"triggers"`
	Fallback              *ScaledObjectFallback `json:"fallback,omitempty"`
}

// ScaledObjectTarget names what is scaled.
type ScaledObjectTarget struct {
	APIVersion             string `json:"apiVersion,omitempty"`
	Kind                   string `json:"kind,omitempty"`
	Name                   string `json:"name"`
	EnvSourceContainerName string `json:"envSourceContainerName,omitempty"`
}

// ScaledObjectAdvanced holds what goes into the HPA that KEDA makes.
type ScaledObjectAdvanced struct {
	HorizontalPodAutoscalerConfig *ScaledObjectHPA       `json:"horizontalPodAutoscalerConfig,omitempty"`
	RestoreToOriginalReplicaCount bool                   `json:"restoreToOriginalReplicaCount,omitempty"`
	ScalingModifiers              *ScaledObjectModifiers `json:"scalingModifiers,omitempty"`
}

// ScaledObjectHPA configures the HPA that KEDA makes.
type ScaledObjectHPA struct {
	Behavior *autoscalingv2.HorizontalPodAutoscalerBehavior `json:"behavior,omitempty"`
	Name     string                                         `json:"name,omitempty"`
}

// ScaledObjectModifiers combine several triggers into one metric.
type ScaledObjectModifiers struct {
	Formula          string                         `json:"formula,omitempty"`
	Target           string                         `json:"target,omitempty"`
	ActivationTarget string                         `json:"activationTarget,omitempty"`
	MetricType       autoscalingv2.MetricTargetType `json:"metricType,omitempty"`
}

// ScaledObjectTrigger is one reason to scale.
type ScaledObjectTrigger struct {
	Type              string                         `json:"type"`
	Name              string                         `json:"name,omitempty"`
	UseCachedMetrics  bool                           `json:"useCachedMetrics,omitempty"`
	Metadata          map[string]string              `json:"metadata"`
	AuthenticationRef *ScaledObjectAuth              `json:"authenticationRef,omitempty"`
	MetricType        autoscalingv2.MetricTargetType `json:"metricType,omitempty"`
}

// ScaledObjectAuth names a TriggerAuthentication.
type ScaledObjectAuth struct {
	Name string `json:"name"`
	Kind string `json:"kind,omitempty"`
}

// ScaledObjectFallback is what KEDA does while a trigger cannot be read.
type ScaledObjectFallback struct {
	FailureThreshold int32  `json:"failureThreshold"`
	Replicas         int32  `json:"replicas"`
	Behavior         string `json:"behavior,omitempty"`
}

// scaledObject has KEDA scale the service. KEDA makes the HPA itself, named
// keda-hpa- and the name.
func (s *ElasticService) scaledObject() *ScaledObject {
	scaling := &s.Spec.Scaling
	target := s.scaleTarget()
	so := &ScaledObject{
		TypeMeta:   typeMeta("keda.sh/v1alpha1", "ScaledObject"),
		ObjectMeta: s.objectMeta(),
		Spec: ScaledObjectSpec{
			ScaleTargetRef:  ScaledObjectTarget{APIVersion: target.APIVersion, Kind: target.Kind, Name: target.Name},
			MinReplicaCount: scaling.Min,
			MaxReplicaCount: scaling.Max,
			Triggers:        s.triggers(),
		},
	}
	if b := scaling.behavior(); b != nil {
		so.Spec.Advanced = &ScaledObjectAdvanced{HorizontalPodAutoscalerConfig: &ScaledObjectHPA{Behavior: b}}
	}
	if *scaling.Min == 0 && scaling.KEDA != nil {
		so.Spec.PollingInterval = scaling.KEDA.PollingInterval.wholeSeconds()
		so.Spec.CooldownPeriod = scaling.KEDA.CooldownPeriod.wholeSeconds()
	}
	if scaling.asksPrometheus() {
		// Without an answer from Prometheus keep what there is, and have at
		// least the minimum: an outage of the monitoring must not be one of
		// the service.
		so.Spec.Fallback = &ScaledObjectFallback{FailureThreshold: 3, Replicas: max(*scaling.Min, 1), Behavior: "currentReplicasIfHigher"}
	}
	return so
}

// wholeSeconds is nil for nil.
func (d *Duration) wholeSeconds() *int32 {
	if d == nil {
		return nil
	}
	n := int32(d.seconds())
	return &n
}

// asksPrometheus says whether something is scaled by a Prometheus query.
func (s *Scaling) asksPrometheus() bool {
	for _, m := range s.Metrics {
		if m.RPS != nil || m.Query != nil {
			return true
		}
	}
	return s.HighLoad != nil
}

func (s *ElasticService) triggers() []ScaledObjectTrigger {
	var list []ScaledObjectTrigger
	for i := range s.Spec.Scaling.Metrics {
		list = append(list, s.trigger(&s.Spec.Scaling.Metrics[i]))
	}
	if h := s.Spec.Scaling.HighLoad; h != nil {
		query := "sum(max(" + h.Gauge + s.matchers() + ") by (pod))"
		list = append(list, s.prometheusTrigger(h.Gauge, query, highLoadTarget))
	}
	return list
}

func (s *ElasticService) trigger(m *Metric) ScaledObjectTrigger {
	switch {
	case m.RPS != nil:
		query := "sum(rate(" + m.RPS.Counter + s.matchers() + "[" + m.RPS.Window.promQL() + "]))"
		return s.prometheusTrigger(m.RPS.MetricName(), query, m.RPS.Target)
	case m.Query != nil:
		return s.prometheusTrigger(m.Query.Name, m.Query.PromQL, m.Query.Target)
	default:
		return resourceTrigger(m.spec())
	}
}

// prometheusTrigger divides the query's total over the pods. An empty answer is
// an error, not zero: KEDA would else take a lost target for an idle service.
func (s *ElasticService) prometheusTrigger(name, query string, target Scalar) ScaledObjectTrigger {
	q := mustQuantity(target)
	t := ScaledObjectTrigger{
		Type:       "prometheus",
		Name:       name,
		MetricType: autoscalingv2.AverageValueMetricType,
		Metadata: map[string]string{
			"serverAddress":    s.Spec.Scaling.KEDA.ServerAddress,
			"query":            query,
			"threshold":        strconv.FormatFloat(q.AsApproximateFloat64(), 'f', -1, 64),
			"ignoreNullValues": "false",
		},
	}
	if ref := s.Spec.Scaling.KEDA.AuthenticationRef; ref != "" {
		t.AuthenticationRef = &ScaledObjectAuth{Name: ref}
	}
	return t
}

// resourceTrigger is a CPU or memory trigger; Validate lets nothing else here.
func resourceTrigger(m autoscalingv2.MetricSpec) ScaledObjectTrigger {
	metadata := map[string]string{}
	var name corev1.ResourceName
	var target autoscalingv2.MetricTarget
	if c := m.ContainerResource; c != nil {
		name, target = c.Name, c.Target
		metadata["containerName"] = c.Container
	} else {
		name, target = m.Resource.Name, m.Resource.Target
	}
	t := ScaledObjectTrigger{Type: string(name), Metadata: metadata}
	if target.AverageUtilization != nil {
		t.MetricType = autoscalingv2.UtilizationMetricType
		metadata["value"] = strconv.Itoa(int(*target.AverageUtilization))
	} else {
		t.MetricType = autoscalingv2.AverageValueMetricType
		metadata["value"] = target.AverageValue.String()
	}
	return t
}
