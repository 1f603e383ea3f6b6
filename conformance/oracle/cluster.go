package oracle

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/fake"
	scalefake "k8s.io/client-go/scale/fake"
	"k8s.io/client-go/testing"
	"k8s.io/client-go/tools/cache"
	metricsfake "k8s.io/metrics/pkg/client/clientset/versioned/fake"
	customfake "k8s.io/metrics/pkg/client/custom_metrics/fake"
	externalfake "k8s.io/metrics/pkg/client/external_metrics/fake"
)

// cluster is the API server as the controller sees it: one HPA, one scale, the
// pods and the metrics APIs of a world.
type cluster struct {
	mu      sync.Mutex
	world   *world
	latency time.Duration
	record  *recorder

	hpa     *autoscalingv2.HorizontalPodAutoscaler
	version int
	watcher *watch.RaceFreeFakeWatcher
	pods    cache.Indexer

	// The instant of a failed write of the scale, after which some versions read
	// the scale again at once; that is no sync.
	failed time.Duration

	client   *fake.Clientset
	scales   *scalefake.FakeScaleClient
	metrics  *metricsfake.Clientset
	custom   *customfake.FakeCustomMetricsClient
	external *externalfake.FakeExternalMetricsClient
}

func newCluster(w *world, hpa *autoscalingv2.HorizontalPodAutoscaler, latency time.Duration, r *recorder) *cluster {
	c := &cluster{
		world: w, latency: latency, record: r, hpa: hpa, version: 1, failed: -1,
		watcher: watch.NewRaceFreeFake(),
		client:  &fake.Clientset{}, scales: &scalefake.FakeScaleClient{}, metrics: &metricsfake.Clientset{},
		custom: &customfake.FakeCustomMetricsClient{}, external: &externalfake.FakeExternalMetricsClient{},
	}
	c.client.AddReactor("list", "horizontalpodautoscalers", c.listHPAs)
	c.client.AddReactor("update", "horizontalpodautoscalers", c.updateStatus)
	c.client.AddWatchReactor("horizontalpodautoscalers", testing.DefaultWatchReactor(c.watcher, nil))
	c.client.AddReactor("list", "pods", listPods)
	c.client.AddWatchReactor("pods", testing.DefaultWatchReactor(watch.NewRaceFreeFake(), nil))
	c.scales.AddReactor("get", "*", c.getScale)
	c.scales.AddReactor("update", "*", c.updateScale)
	c.metrics.AddReactor("list", "*", c.locked(w.resourceMetrics))
	c.custom.AddReactor("get", "*", c.locked(w.customMetrics))
	c.external.AddReactor("list", "*", c.locked(w.externalMetrics))
	w.onEdit = c.edit
	return c
}

func (c *cluster) locked(f testing.ReactionFunc) testing.ReactionFunc {
	return func(a testing.Action) (bool, runtime.Object, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		return f(a)
	}
}

func listPods(testing.Action) (bool, runtime.Object, error) {
	return true, &corev1.PodList{ListMeta: metav1.ListMeta{ResourceVersion: "1"}}, nil
}

// listHPAs lists nothing: the HPA is created later, on the watch.
func (c *cluster) listHPAs(testing.Action) (bool, runtime.Object, error) {
	return true, &autoscalingv2.HorizontalPodAutoscalerList{ListMeta: metav1.ListMeta{ResourceVersion: "1"}}, nil
}

// createHPA lets the controller see the HPA.
func (c *cluster) createHPA() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hpa.UID, c.hpa.Generation = "hpa", 1
	c.stamp()
	c.watcher.Add(c.hpa.DeepCopy())
}

func (c *cluster) stamp() {
	c.version++
	c.hpa.ResourceVersion = strconv.Itoa(c.version)
}

// updateStatus is the controller's write of the HPA's status.
func (c *cluster) updateStatus(action testing.Action) (bool, runtime.Object, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	update := action.(testing.UpdateAction)
	if update.GetSubresource() != "status" {
		return true, nil, errors.New("the controller writes the status only")
	}
	c.hpa.Status = update.GetObject().(*autoscalingv2.HorizontalPodAutoscaler).DeepCopy().Status
	c.stamp()
	c.watcher.Modify(c.hpa.DeepCopy())
	return true, c.hpa.DeepCopy(), nil
}

// edit replaces fields of the HPA's spec, as somebody's kubectl apply would.
func (c *cluster) edit(f *Fault) {
	hpa, err := edited(c.hpa, f.EditAutoscaler)
	if err != nil {
		c.record.fail(err)
		return
	}
	c.record.finish(&c.hpa.Status) // as the last sync left it, not as the edit serves it again
	c.hpa = hpa
	c.hpa.Generation++
	c.stamp()
	c.watcher.Modify(c.hpa.DeepCopy())
}

// getScale starts a sync: it waits out the latency, brings the world to the
// instant of the decision, and shows it.
func (c *cluster) getScale(testing.Action) (bool, runtime.Object, error) {
	t := c.record.since()
	if t == c.failed {
		return true, nil, errAPI
	}
	time.Sleep(c.latency)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.record.finish(&c.hpa.Status)
	w := c.world
	w.advance(c.record.since())
	objects := make([]any, len(w.pods))
	for i, p := range w.pods {
		objects[i] = w.object(p)
	}
	if err := c.pods.Replace(objects, "1"); err != nil {
		c.record.fail(err)
	}
	live := int32(len(w.livePods()))
	c.record.start(Tick{T: seconds(t), SpecReplicas: w.replicas, StatusReplicas: live, Pods: w.counts()})
	if w.scaleFails(false) {
		return true, nil, errAPI
	}
	return true, &autoscalingv1.Scale{
		ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: w.namespace},
		Spec:       autoscalingv1.ScaleSpec{Replicas: w.replicas},
		Status:     autoscalingv1.ScaleStatus{Replicas: live, Selector: selector},
	}, nil
}

func (c *cluster) updateScale(action testing.Action) (bool, runtime.Object, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.world.scaleFails(true) {
		c.failed = c.record.since()
		return true, nil, errAPI
	}
	scale := action.(testing.UpdateAction).GetObject().(*autoscalingv1.Scale)
	c.world.scale(scale.Spec.Replicas)
	c.record.scaled(scale.Spec.Replicas)
	return true, scale, nil
}

// advance lets time-driven edits happen that no sync would bring about.
func (c *cluster) advance(context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.world.advance(c.record.since())
}

// forget drops the actions that the fakes have recorded, which would otherwise
// grow for ever. The scale's are left where its read takes time: the fake holds
// its lock meanwhile, and nobody may wait for a lock while virtual time passes.
func (c *cluster) forget() {
	if c.latency == 0 {
		c.scales.ClearActions()
	}
	c.client.ClearActions()
	c.metrics.ClearActions()
	c.custom.ClearActions()
	c.external.ClearActions()
}
