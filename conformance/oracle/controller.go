//go:build !kubernetes_1_27

package oracle

import (
	"context"
	"errors"
	"testing"
	"time"

	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	autoscalinginformers "k8s.io/client-go/informers/autoscaling/v2"
	coreinformers "k8s.io/client-go/informers/core/v1"
	"k8s.io/component-base/featuregate"
	featuregatetesting "k8s.io/component-base/featuregate/testing"
	"k8s.io/kubernetes/pkg/controller/podautoscaler"
	"k8s.io/kubernetes/pkg/controller/podautoscaler/metrics"
)

// What this file says is all that depends on the version of Kubernetes that
// the package is compiled against: 1.33 and later here.

// newController builds the controller by its exported constructor.
func newController(
	ctx context.Context, c *cluster, k *Controller,
	hpas autoscalinginformers.HorizontalPodAutoscalerInformer, pods coreinformers.PodInformer,
) *podautoscaler.HorizontalController {
	return podautoscaler.NewHorizontalController(
		ctx, c.client.CoreV1(), c.scales, c.client.AutoscalingV2(), restMapper(c.hpa),
		metrics.NewRESTMetricsClient(c.metrics.MetricsV1beta1(), c.custom, c.external),
		hpas, pods,
		orDefault(k.SyncPeriod, 15*time.Second),
		orDefault(k.DownscaleStabilization, 5*time.Minute),
		tolerance(k),
		orDefault(k.CPUInitializationPeriod, 5*time.Minute),
		orDefault(k.InitialReadinessDelay, 30*time.Second),
	)
}

// quit ends what outlives the controller's Run: nothing.
func quit(*podautoscaler.HorizontalController) {}

// listen sends the errors that reconciles return to the recorder.
func listen(r *recorder) (stop func()) {
	handlers := utilruntime.ErrorHandlers
	utilruntime.ErrorHandlers = []utilruntime.ErrorHandler{
		func(_ context.Context, err error, msg string, _ ...any) {
			if err == nil {
				err = errors.New(msg)
			}
			r.failed(err)
		},
	}
	return func() { utilruntime.ErrorHandlers = handlers }
}

func setGates(t *testing.T, k *Controller) {
	for name, on := range k.FeatureGates {
		featuregatetesting.SetFeatureGateDuringTest(t, utilfeature.DefaultFeatureGate, featuregate.Feature(name), on)
	}
}
