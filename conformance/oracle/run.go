package oracle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/informers"
	autoscalinginformers "k8s.io/client-go/informers/autoscaling/v2"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

// Version is the version of Kubernetes whose controller this is.
const Version = "1.37"

// recorder collects the ticks of one run.
type recorder struct {
	mu    sync.Mutex
	epoch time.Time
	ticks []Tick
	open  bool
	err   error
}

// since is the time since the start.
func (r *recorder) since() time.Duration { return time.Since(r.epoch) }

func (r *recorder) start(t Tick) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ticks = append(r.ticks, t)
	r.open = true
}

// finish completes the last tick with the HPA's status after it.
func (r *recorder) finish(s *autoscalingv2.HorizontalPodAutoscalerStatus) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open {
		r.ticks[len(r.ticks)-1].status(s)
		r.open = false
	}
}

func (r *recorder) last(change func(*Tick)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.open {
		r.err = errors.Join(r.err, errors.New("the controller spoke outside of a sync"))
		return
	}
	change(&r.ticks[len(r.ticks)-1])
}

func (r *recorder) proposed(n int32, by string) {
	r.last(func(t *Tick) { t.Proposed, t.By = &n, by })
}
func (r *recorder) event(e Event)  { r.last(func(t *Tick) { t.Events = append(t.Events, e) }) }
func (r *recorder) scaled(n int32) { r.last(func(t *Tick) { t.ScaledTo = &n }) }
func (r *recorder) fail(err error) { r.mu.Lock(); defer r.mu.Unlock(); r.err = errors.Join(r.err, err) }

// failed is what a reconcile returned.
func (r *recorder) failed(err error) { r.last(func(t *Tick) { t.Error = err.Error() }) }

// Run replays a simulation through the real controller. It must be called from
// a test of its own, for the virtual clock is the testing package's; runs must
// not overlap, for the controller's feature gates and error handlers are the
// process's.
func Run(t *testing.T, s *Simulation) []Tick {
	t.Helper()
	setGates(t, &s.Spec.Controller)
	hpa, err := s.autoscaler()
	if err != nil {
		t.Fatal(err)
	}
	replicas, err := s.initial(hpa)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{}
	defer listen(r)()
	synctest.Test(t, func(t *testing.T) { run(t, s, hpa, replicas, r) })
	if r.err != nil {
		t.Fatal(r.err)
	}
	// While the last sync takes its time, one more may have started.
	return slices.DeleteFunc(r.ticks, func(t Tick) bool { return t.T >= s.Spec.Duration.Seconds() })
}

// run is one bubble: start the controller, create the HPA, let time pass.
func run(t *testing.T, s *Simulation, hpa *autoscalingv2.HorizontalPodAutoscaler, replicas int32, r *recorder) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ctx = klog.NewContext(ctx, logr.New(logSink{r}))
	const settle = 10 * time.Second // informers and workers start before t=0
	r.epoch = time.Now().Add(settle)
	c := newCluster(newWorld(&s.Spec, r.epoch, hpa.Namespace, replicas), hpa, s.Spec.Controller.SyncLatency.Duration, r)
	stop := start(ctx, c, &s.Spec.Controller)
	time.Sleep(settle)
	c.createHPA()
	wait(c, s)
	synctest.Wait()
	c.mu.Lock()
	r.finish(&c.hpa.Status)
	c.mu.Unlock()
	cancel()
	stop()
	synctest.Wait()
}

// wait lets the simulation's time pass, stopping where an edit of the
// autoscaler must happen on its own.
func wait(c *cluster, s *Simulation) {
	end := s.Spec.Duration.Duration - time.Nanosecond + c.latency
	for _, i := range c.world.order {
		f := &s.Spec.Faults[i]
		if f.EditAutoscaler == nil || f.At.Duration > end {
			continue
		}
		time.Sleep(f.At.Duration - c.record.since())
		c.advance(nil)
		c.forget()
	}
	for left := end - c.record.since(); left > 0; left = end - c.record.since() {
		time.Sleep(min(left, time.Hour))
		c.forget()
	}
}

// never is a period that no simulation lasts. A period of 0 would make older
// versions wait on a channel of the process, outside the bubble, and then no
// virtual time passes.
const never = 100 * 365 * 24 * time.Hour

// start builds the controller by its exported constructor and runs it.
func start(ctx context.Context, c *cluster, k *Controller) (stop func()) {
	factory := informers.NewSharedInformerFactory(c.client, never)
	pods := factory.Core().V1().Pods()
	c.pods = pods.Informer().GetIndexer()
	controller := newController(ctx, c, k, noResync{factory.Autoscaling().V2().HorizontalPodAutoscalers()}, pods)
	factory.Start(ctx.Done())
	var wg sync.WaitGroup
	wg.Go(func() { controller.Run(ctx, 5) })
	return func() { wg.Wait(); factory.Shutdown(); quit(controller) }
}

func tolerance(k *Controller) float64 {
	if k.Tolerance == nil {
		return 0.1
	}
	return *k.Tolerance
}

// restMapper knows the kind that the HPA scales.
func restMapper(hpa *autoscalingv2.HorizontalPodAutoscaler) meta.RESTMapper {
	ref := hpa.Spec.ScaleTargetRef
	gv, err := schema.ParseGroupVersion(ref.APIVersion)
	if err != nil {
		panic(fmt.Sprintf("the simulation's scaleTargetRef: %v", err))
	}
	m := meta.NewDefaultRESTMapper([]schema.GroupVersion{gv})
	m.Add(gv.WithKind(ref.Kind), meta.RESTScopeNamespace)
	return m
}

// noResync hands out the HPA informer without the periodic resync, whose phase
// against the syncs the simulation file does not say. Resyncs only repeat
// requests that stand in the queue already.
type noResync struct {
	autoscalinginformers.HorizontalPodAutoscalerInformer
}

func (n noResync) Informer() cache.SharedIndexInformer {
	return noResyncInformer{n.HorizontalPodAutoscalerInformer.Informer()}
}

type noResyncInformer struct{ cache.SharedIndexInformer }

func (n noResyncInformer) AddEventHandlerWithResyncPeriod(h cache.ResourceEventHandler, _ time.Duration) (cache.ResourceEventHandlerRegistration, error) {
	return n.SharedIndexInformer.AddEventHandlerWithResyncPeriod(h, 0)
}
