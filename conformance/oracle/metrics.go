package oracle

import (
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/testing"
	customv1beta2 "k8s.io/metrics/pkg/apis/custom_metrics/v1beta2"
	externalv1beta1 "k8s.io/metrics/pkg/apis/external_metrics/v1beta1"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"
	customfake "k8s.io/metrics/pkg/client/custom_metrics/fake"
)

var (
	// errAPI is what an API that a fault has taken away answers.
	errAPI = errors.New("the server is currently unable to handle the request")
	// errNoMetric is what a metrics API answers where there is no series, or
	// none at this step.
	errNoMetric = errors.New("the server could not find the requested metric")
)

// value is the demand of a series now; ok is false for a null step.
func (w *world) value(d *Demand) (int64, bool) { return w.valueAt(d, w.now) }

// valueAt is the demand of a series at an instant.
func (w *world) valueAt(d *Demand, at time.Duration) (int64, bool) {
	if len(d.Values) == 0 {
		return 0, false
	}
	i := len(d.Values) - 1
	i = min(i, int(at/orDefault(d.Step, 15*time.Second)))
	if d.Values[i] == nil {
		return 0, false
	}
	return w.driven(d, *d.Values[i], at), true
}

// quantity is an amount in the series' unit as the metrics API writes it.
func (d *Demand) quantity(v int64) resource.Quantity {
	if d.Unit == "base" {
		return *resource.NewQuantity(v, resource.DecimalSI)
	}
	return *resource.NewMilliQuantity(v, resource.DecimalSI)
}

// reports is what one pod says of one series now: nothing, or a value.
func (w *world) reports(d *Demand, p *pod) (resource.Quantity, bool) {
	total, ok := w.value(d)
	if !ok || !p.running || p.failed {
		return resource.Quantity{}, false
	}
	switch {
	case d.Role == "perPod":
		return d.quantity(total), p.ready || p.deleted || !d.notReadyNone
	case p.deleted:
		return d.quantity(d.Idle), true
	case !p.ready:
		return d.quantity(d.notReady), !d.notReadyNone
	}
	return d.quantity(w.share(w.doing(d, total), p) + d.Idle), true
}

// share is a serving pod's part of a total: integer division over the serving
// pods, the remainder one each to the oldest.
func (w *world) share(total int64, of *pod) int64 {
	var serving []*pod
	for _, p := range w.pods {
		if p.serving() {
			serving = append(serving, p)
		}
	}
	n := int64(len(serving))
	share := total / n
	for rank, p := range serving {
		if p == of && int64(rank) < total%n {
			share++
		}
	}
	return share
}

// hidden says whether a pod has no metric of its own now.
func (w *world) hidden(p *pod, silenced map[*pod]bool) bool {
	return silenced[p] || w.now-p.created < w.spec.Pods.MetricsDelay.Duration
}

func (w *world) sampleTime() metav1.Time {
	return w.wholeSecond(w.now - w.spec.Pipeline.Age.Duration)
}

func (w *world) window() time.Duration {
	return orDefault(w.spec.Pipeline.Window, time.Minute)
}

// resourceMetrics answers the resource metrics API: all pods that report a
// sample, each with all its containers.
func (w *world) resourceMetrics(testing.Action) (bool, runtime.Object, error) {
	if w.unavailable("resource") {
		return true, nil, errAPI
	}
	list := &metricsv1beta1.PodMetricsList{}
	silenced := w.silenced()
	for _, p := range w.pods {
		if w.hidden(p, silenced) {
			continue
		}
		if m, ok := w.podMetrics(p); ok {
			list.Items = append(list.Items, m)
		}
	}
	for i := range list.Items {
		for _, c := range list.Items[i].Containers {
			for name := range c.Usage {
				if w.readsZero("resource") {
					c.Usage[name] = resource.Quantity{}
				}
			}
		}
	}
	return true, list, nil
}

// podMetrics is one pod's entry; a pod without any sample is not listed, and an
// implied zero is no sample.
func (w *world) podMetrics(p *pod) (metricsv1beta1.PodMetrics, bool) {
	m := metricsv1beta1.PodMetrics{
		ObjectMeta: metav1.ObjectMeta{Name: p.name, Namespace: w.namespace, Labels: podLabels()},
		Timestamp:  w.sampleTime(),
		Window:     metav1.Duration{Duration: w.window()},
	}
	sampled := false
	for _, c := range w.spec.Pods.Containers {
		usage, some := w.containerUsage(p, c.Name)
		sampled = sampled || some
		m.Containers = append(m.Containers, metricsv1beta1.ContainerMetrics{Name: c.Name, Usage: usage})
	}
	return m, sampled
}

// containerUsage is what one container uses, and whether any of it is a sample.
func (w *world) containerUsage(p *pod, container string) (corev1.ResourceList, bool) {
	usage := corev1.ResourceList{}
	known := map[corev1.ResourceName]bool{}
	sampled := false
	for i := range w.spec.Demand {
		d := &w.spec.Demand[i]
		if d.Metric.Type != "Resource" || w.containerOf(d) != container {
			continue
		}
		name := corev1.ResourceName(d.Metric.Name)
		known[name] = true
		if q, ok := w.reports(d, p); ok {
			usage[name] = q
			sampled = true
		}
	}
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		if !known[name] {
			usage[name] = resource.Quantity{}
		}
	}
	return usage, sampled
}

// containerOf is the container of a Resource series: the only one where none is
// named.
func (w *world) containerOf(d *Demand) string {
	if d.Metric.Container == "" && len(w.spec.Pods.Containers) == 1 {
		return w.spec.Pods.Containers[0].Name
	}
	return d.Metric.Container
}

// customMetrics answers the custom metrics API, for pods and for one object.
func (w *world) customMetrics(action testing.Action) (bool, runtime.Object, error) {
	if w.unavailable("custom") {
		return true, nil, errAPI
	}
	get := action.(customfake.GetForAction)
	kind := "Object"
	if get.GetName() == "*" {
		kind = "Pods"
	}
	d := w.series(kind, get.GetMetricName())
	if len(d) == 0 {
		return true, nil, errNoMetric
	}
	total, ok := w.value(d[0])
	if !ok {
		return true, nil, errNoMetric
	}
	if d[0].Role == "backlog" {
		total = w.backlog(d[0])
	}
	if w.readsZero("custom") {
		total = 0
	}
	if kind == "Object" {
		return true, &customv1beta2.MetricValueList{Items: []customv1beta2.MetricValue{{
			Timestamp: w.sampleTime(), Value: d[0].quantity(total),
		}}}, nil
	}
	return true, w.podsMetric(d[0]), nil
}

func (w *world) podsMetric(d *Demand) *customv1beta2.MetricValueList {
	list := &customv1beta2.MetricValueList{}
	silenced := w.silenced()
	for _, p := range w.pods {
		if w.hidden(p, silenced) {
			continue
		}
		if q, ok := w.reports(d, p); ok {
			if w.readsZero("custom") {
				q = resource.Quantity{}
			}
			list.Items = append(list.Items, customv1beta2.MetricValue{
				DescribedObject: corev1.ObjectReference{Kind: "Pod", Name: p.name, Namespace: w.namespace},
				Timestamp:       w.sampleTime(), Value: q,
			})
		}
	}
	return list
}

// externalMetrics answers the external metrics API: one value a series.
func (w *world) externalMetrics(action testing.Action) (bool, runtime.Object, error) {
	if w.unavailable("external") {
		return true, nil, errAPI
	}
	list := &externalv1beta1.ExternalMetricValueList{}
	all := w.series("External", action.GetResource().Resource)
	if len(all) == 0 {
		return true, nil, errNoMetric
	}
	for _, d := range all {
		v, ok := w.value(d)
		if !ok {
			return true, nil, errNoMetric
		}
		if d.Role == "backlog" {
			v = w.backlog(d)
		}
		if w.readsZero("external") {
			v = 0
		}
		list.Items = append(list.Items, externalv1beta1.ExternalMetricValue{
			MetricName: d.Metric.Name, Timestamp: w.sampleTime(), Value: d.quantity(v),
		})
	}
	return true, list, nil
}

// series are the demand series of one type and name, in file order.
func (w *world) series(kind, name string) []*Demand {
	var out []*Demand
	for i := range w.spec.Demand {
		if d := &w.spec.Demand[i]; d.Metric.Type == kind && d.Metric.Name == name {
			out = append(out, d)
		}
	}
	return out
}
