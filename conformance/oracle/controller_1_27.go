//go:build kubernetes_1_27

package oracle

import (
	"context"
	"reflect"
	"testing"
	"time"
	"unsafe"

	"github.com/go-logr/logr"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	autoscalinginformers "k8s.io/client-go/informers/autoscaling/v2"
	coreinformers "k8s.io/client-go/informers/core/v1"
	"k8s.io/component-base/featuregate"
	featuregatetesting "k8s.io/component-base/featuregate/testing"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/podautoscaler"
	"k8s.io/kubernetes/pkg/controller/podautoscaler/metrics"
)

// containerMetrics is the gate that this version hands to the constructor.
const containerMetrics = "HPAContainerMetrics"

// newController builds the controller by its exported constructor.
func newController(
	_ context.Context, c *cluster, k *Controller,
	hpas autoscalinginformers.HorizontalPodAutoscalerInformer, pods coreinformers.PodInformer,
) *podautoscaler.HorizontalController {
	return podautoscaler.NewHorizontalController(
		c.client.CoreV1(), c.scales, c.client.AutoscalingV2(), restMapper(c.hpa),
		metrics.NewRESTMetricsClient(c.metrics.MetricsV1beta1(), c.custom, c.external),
		hpas, pods,
		orDefault(k.SyncPeriod, 15*time.Second),
		orDefault(k.DownscaleStabilization, 5*time.Minute),
		tolerance(k),
		orDefault(k.CPUInitializationPeriod, 5*time.Minute),
		orDefault(k.InitialReadinessDelay, 30*time.Second),
		utilfeature.DefaultFeatureGate.Enabled(containerMetrics),
	)
}

// quit ends the event broadcaster, which this version leaves running when the
// controller stops and keeps to itself, and waits for the work queue's half-second
// ticker to notice that the queue is shut down.
func quit(c *podautoscaler.HorizontalController) {
	field := reflect.ValueOf(c).Elem().FieldByName("eventRecorder")
	recorder := reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Interface()
	recorder.(interface{ Shutdown() }).Shutdown()
	time.Sleep(time.Second)
}

// listen sends the errors that reconciles return to the recorder, and the
// process's log, where this version tells of events.
func listen(r *recorder) (stop func()) {
	handlers := utilruntime.ErrorHandlers
	utilruntime.ErrorHandlers = []func(error){r.failed}
	klog.SetLogger(logr.New(logSink{r}))
	return func() {
		utilruntime.ErrorHandlers = handlers
		klog.ClearLogger()
	}
}

func setGates(t *testing.T, k *Controller) {
	for name, on := range k.FeatureGates {
		t.Cleanup(featuregatetesting.SetFeatureGateDuringTest(t, utilfeature.DefaultFeatureGate, featuregate.Feature(name), on))
	}
}
