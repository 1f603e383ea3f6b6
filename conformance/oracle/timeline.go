package oracle

import (
	"fmt"
	"math/big"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Tick is one sync as simulate -o jsonl prints it.
type Tick struct {
	T              float64     `json:"t"`
	SpecReplicas   int32       `json:"specReplicas"`
	StatusReplicas int32       `json:"statusReplicas"`
	Pods           Counts      `json:"pods"`
	Metrics        []Metric    `json:"metrics,omitempty"`
	Proposed       *int32      `json:"proposed,omitempty"`
	By             string      `json:"by,omitempty"`
	Desired        int32       `json:"desired"`
	ScaledTo       *int32      `json:"scaledTo,omitempty"`
	Conditions     []Condition `json:"conditions,omitempty"`
	Events         []Event     `json:"events,omitempty"`
	Error          string      `json:"error,omitempty"`
}

// Counts are pods by standing.
type Counts struct {
	Ready       int `json:"ready"`
	NotReady    int `json:"notReady"`
	Pending     int `json:"pending"`
	Terminating int `json:"terminating"`
	Failed      int `json:"failed"`
}

// Metric is one entry of status.currentMetrics; a failed metric has no type.
type Metric struct {
	Type        string `json:"type"`
	Name        string `json:"name,omitempty"`
	Utilization *int32 `json:"utilization,omitempty"`
	Average     *int64 `json:"average,omitempty"`
	Value       *int64 `json:"value,omitempty"`
}

// Condition is one of the HPA's conditions.
type Condition struct {
	Type    string `json:"type"`
	Status  string `json:"status"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// Event is one event of a sync.
type Event struct {
	Type    string `json:"type"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// status copies what the HPA's status says.
func (t *Tick) status(s *autoscalingv2.HorizontalPodAutoscalerStatus) {
	t.Desired = s.DesiredReplicas
	for _, m := range s.CurrentMetrics {
		t.Metrics = append(t.Metrics, metricOf(&m))
	}
	for _, c := range s.Conditions {
		t.Conditions = append(t.Conditions, Condition{string(c.Type), string(c.Status), c.Reason, c.Message})
	}
}

func metricOf(m *autoscalingv2.MetricStatus) Metric {
	out := Metric{Type: string(m.Type)}
	var v autoscalingv2.MetricValueStatus
	switch m.Type {
	case autoscalingv2.ResourceMetricSourceType:
		out.Name, v = string(m.Resource.Name), m.Resource.Current
	case autoscalingv2.ContainerResourceMetricSourceType:
		out.Name, v = m.ContainerResource.Container+"/"+string(m.ContainerResource.Name), m.ContainerResource.Current
	case autoscalingv2.PodsMetricSourceType:
		out.Name, v = m.Pods.Metric.Name, m.Pods.Current
	case autoscalingv2.ObjectMetricSourceType:
		out.Name, v = m.Object.Metric.Name, m.Object.Current
	case autoscalingv2.ExternalMetricSourceType:
		out.Name, v = m.External.Metric.Name, m.External.Current
	default:
		return out
	}
	out.Utilization = v.AverageUtilization
	if v.AverageValue != nil {
		n := milli(v.AverageValue)
		out.Average = &n
	}
	if v.Value != nil {
		n := milli(v.Value)
		out.Value = &n
	}
	return out
}

// milli is a quantity in milli-units. MilliValue alone does not do: it calls the
// least of all 0 once that has been through its text, as an edit takes it.
func milli(q *resource.Quantity) int64 {
	exact := q.DeepCopy()
	dec := exact.AsDec()
	if beyond := int64(dec.Scale()) - 3; beyond >= 0 {
		unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(beyond), nil)
		n, rest := new(big.Int).QuoRem(dec.UnscaledBig(), unit, new(big.Int))
		if rest.Sign() == 0 && n.IsInt64() {
			return n.Int64()
		}
	}
	return q.MilliValue()
}

func seconds(d time.Duration) float64 { return d.Seconds() }

// String is for test failures.
func (c Counts) String() string {
	return fmt.Sprintf("%d ready, %d not ready, %d pending, %d terminating, %d failed", c.Ready, c.NotReady, c.Pending, c.Terminating, c.Failed)
}
