package scenario

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/elasticctl/elasticctl/pkg/gen"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

const (
	// maxSyncs bounds the syncs of one replay.
	maxSyncs = 10_000_000
	// minSyncPeriod and maxWindow bound what the controller has to remember.
	minSyncPeriod = 100 * time.Millisecond
	maxWindow     = 24 * time.Hour
	// maxPods bounds the pods that a file can ask for.
	maxPods = 1_000_000
)

// settings are everything about a replay but its autoscaler, its workload and
// its recorded demand, every default applied.
type settings struct {
	name string
	// start is the wall-clock time of t=0; zero: the recording's.
	start time.Time
	// duration is 0 for: as long as the demand.
	duration   time.Duration
	latency    time.Duration
	controller hpa.Controller
	gates      map[string]bool
	// initial is nil for: found from the recording, the workload or the HPA.
	initial *int32
	pods    sim.Pods
	// pendingGiven and readyGiven say that somebody wrote these delays.
	pendingGiven, readyGiven bool
	// nodes is nil where there is always room.
	nodes *nodeSettings
	// containers are nil for: the workload's.
	containers []container
	capacity   map[string]int64
	pipeline   sim.Pipeline
	demand     []demand
	faults     []fault
	openLoop   bool
	// prices is nil where none is given.
	prices  *Prices
	budgets []budget
	// search are the parameters that tune searches.
	search map[string]gen.Scalar
	// slo and byHand are nil where none is given.
	slo    *sim.SLO
	sloOf  string
	byHand *byHand
}

// container is a container of the pod template with its limits.
type container struct {
	sim.Container
	limits []sim.Quantity
}

// defaults are the settings of a simulation file that sets nothing.
func defaults() settings {
	return settings{
		controller: hpa.DefaultController(),
		pods:       sim.Pods{InitialAge: time.Hour, Ready: 30 * time.Second},
		pipeline:   sim.Pipeline{Window: time.Minute},
	}
}

// settings resolves the file but for its autoscaler.
func (c *checker) settings(s *Simulation) settings {
	set := defaults()
	set.name = s.Metadata.Name
	set.start = c.start(s.Spec.Start)
	set.openLoop = s.Spec.OpenLoop
	set.duration = c.positive("spec.duration", s.Spec.Duration, 0)
	set.pods.Spread.Seed = c.seed("spec.seed", s.Spec.Seed)
	if s.Spec.Controller != nil {
		c.controller(s.Spec.Controller, &set)
	}
	if s.Spec.Pods != nil {
		c.podSettings(s.Spec.Pods, &set)
	}
	if s.Spec.Nodes != nil {
		set.nodes = c.nodes(s.Spec.Nodes)
	}
	if s.Spec.Pipeline != nil {
		c.pipeline(s.Spec.Pipeline, &set)
	}
	c.demands(s.Spec.Demand, &set)
	c.scraped(&set)
	set.faults = c.faults(s.Spec.Faults)
	c.prices(s.Spec.Prices, &set)
	set.budgets = c.budgets(s.Spec.Budgets)
	set.search = s.Spec.Search
	c.latencies(&s.Spec, &set)
	c.syncs(&set)
	return set
}

// seed reads what luck begins with.
func (c *checker) seed(path string, n *int64) uint64 {
	switch {
	case n == nil:
		return 0
	case *n < 0:
		c.add(path, fmt.Sprintf("%d is no seed", *n), "write a whole number from 0")
		return 0
	}
	return uint64(*n)
}

// start reads the wall-clock time of t=0.
func (c *checker) start(text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		c.add("spec.start", fmt.Sprintf("%q is not a time", clip(text)), "write RFC 3339, such as 2026-11-20T18:00:00Z")
	}
	return t.UTC()
}

// syncs refuses a replay of absurd length.
func (c *checker) syncs(set *settings) {
	if err := checkSyncs(set.duration, set.controller.SyncPeriod+set.latency); err != nil {
		c.add("spec.duration", err.Error(), "shorten the duration or lengthen controller.syncPeriod")
	}
}

// checkSyncs refuses a replay of absurd length.
func checkSyncs(duration, period time.Duration) error {
	if period > 0 && duration/period > maxSyncs {
		return fmt.Errorf("%d syncs are more than the %d that one replay may have", duration/period, maxSyncs)
	}
	return nil
}

// controller reads spec.controller.
func (c *checker) controller(k *Controller, set *settings) {
	const at = "spec.controller."
	out := &set.controller
	out.SyncPeriod = c.positive(at+"syncPeriod", k.SyncPeriod, out.SyncPeriod)
	if out.SyncPeriod < minSyncPeriod {
		c.add(at+"syncPeriod", fmt.Sprintf("%s is too short", lengthText(out.SyncPeriod)), "the shortest sync period that is replayed is "+lengthText(minSyncPeriod))
	}
	set.latency = c.duration(at+"syncLatency", k.SyncLatency, 0)
	out.DownscaleStabilization = c.duration(at+"downscaleStabilization", k.DownscaleStabilization, out.DownscaleStabilization)
	if out.DownscaleStabilization > maxWindow {
		c.add(at+"downscaleStabilization", fmt.Sprintf("%s is too long", lengthText(out.DownscaleStabilization)), "the longest window that is replayed is "+lengthText(maxWindow))
	}
	out.CPUInitializationPeriod = c.duration(at+"cpuInitializationPeriod", k.CPUInitializationPeriod, out.CPUInitializationPeriod)
	out.InitialReadinessDelay = c.duration(at+"initialReadinessDelay", k.InitialReadinessDelay, out.InitialReadinessDelay)
	if k.Tolerance != nil {
		out.Tolerance = *k.Tolerance
		if !(out.Tolerance >= 0) || math.IsInf(out.Tolerance, 0) {
			c.add(at+"tolerance", "the tolerance cannot be negative", "write a ratio, such as 0.1 for 10 %")
		}
	}
	set.gates = k.FeatureGates
	version := k.KubernetesVersion
	if version == "" {
		version = out.Profile.Version
	}
	profile, err := set.profile(version)
	if err != nil {
		path := at + "kubernetesVersion"
		if _, gateless := hpa.ProfileFor(version, nil); gateless == nil {
			path = at + "featureGates"
		}
		c.add(path, err.Error(), "")
		return
	}
	out.Profile = profile
}

// profile is what a version of Kubernetes does with the feature gates set.
func (set *settings) profile(version string) (hpa.Profile, error) {
	return hpa.ProfileFor(version, set.gates)
}

// podSettings reads spec.pods.
func (c *checker) podSettings(p *Pods, set *settings) {
	const at = "spec.pods."
	if p.Initial != nil {
		n := c.pods(at+"initial", *p.Initial)
		set.initial = &n
	}
	out := &set.pods
	out.InitialAge = c.duration(at+"initialAge", p.InitialAge, out.InitialAge)
	spread := &out.Spread
	c.delay(at+"pending", p.Pending, &out.Pending, &spread.Pending)
	c.delay(at+"ready", p.Ready, &out.Ready, &spread.Ready)
	c.delay(at+"metricsDelay", p.MetricsDelay, &out.MetricsDelay, &spread.MetricsDelay)
	c.delay(at+"termination", p.Termination, &out.Termination, &spread.Termination)
	set.pendingGiven, set.readyGiven = p.Pending != nil, p.Ready != nil
	if runs, ready, found := tooEarly(spread.Pending, spread.Ready, out.Pending, out.Ready); found {
		path := at + "ready"
		if p.Ready == nil {
			path = at + "pending"
		}
		c.add(path, fmt.Sprintf("a pod is Ready %s after its creation, before it runs at %s", ready, runs), "make ready at least as long as pending: both count from creation")
	}
	if out.MinReady = c.duration(at+"minReady", p.MinReady, 0); out.MinReady%time.Second != 0 {
		c.add(at+"minReady", fmt.Sprintf("%q is no whole number of seconds, as minReadySeconds is", clip(p.MinReady)), "write one, such as 10s")
	}
	if p.Imbalance != nil {
		var ok bool
		if out.Imbalance, ok = imbalance(*p.Imbalance); !ok {
			c.add(at+"imbalance", number(*p.Imbalance)+" is not the busiest pod's share over the mean", "write 1 to 1000, such as 1.2")
		}
	}
	c.containers(p.Containers, set)
	for _, name := range sortedKeys(p.Capacity) {
		if p.Capacity[name] <= 0 {
			c.add(at+"capacity."+name, fmt.Sprintf("a capacity of %d serves nothing", p.Capacity[name]), "write what one ready pod can serve, or remove it: absent means unlimited")
		}
	}
	set.capacity = p.Capacity
}

// containers reads spec.pods.containers.
func (c *checker) containers(list []Container, set *settings) {
	seen := map[string]bool{}
	for i, in := range list {
		at := "spec.pods.containers[" + strconv.Itoa(i) + "]"
		switch {
		case in.Name == "":
			c.add(at, "the container has no name", "write name: app")
		case seen[in.Name]:
			c.add(at+".name", fmt.Sprintf("container %q is given twice", clip(in.Name)), "remove one")
		}
		seen[in.Name] = true
		set.containers = append(set.containers, container{
			Container: sim.Container{Name: in.Name, Requests: c.quantities(at+".requests", in.Requests)},
			limits:    c.quantities(at+".limits", in.Limits),
		})
	}
}

// quantities converts resource quantities to milli-units, in order of name.
func (c *checker) quantities(path string, list map[string]resource.Quantity) []sim.Quantity {
	var out []sim.Quantity
	for _, name := range sortedKeys(list) {
		q := list[name]
		milli, ok := milliOf(q)
		if !ok {
			c.add(path+"."+name, fmt.Sprintf("%s of %s cannot be requested", q.String(), name), "write a positive quantity, such as 500m or 256Mi")
			continue
		}
		out = append(out, sim.Quantity{Resource: name, Milli: milli})
	}
	return out
}

// milliOf converts a quantity; ok is false for negative and absurd ones.
func milliOf(q resource.Quantity) (milli int64, ok bool) {
	if q.Sign() < 0 || q.CmpInt64(maxMilli/1000) > 0 {
		return 0, false
	}
	return q.MilliValue(), true
}

// maxMilli bounds every amount, in milli-units: a thousandth of what an int64
// holds, so that sums over pods and percentages do not overflow.
const maxMilli = math.MaxInt64 / 1000

// sortedKeys are a map's keys in order.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// imbalance is the busiest pod's share over the mean in thousandths; ok is false
// where it is none.
func imbalance(v float64) (thousandths int64, ok bool) {
	if !(v >= 1 && v <= sim.MaxImbalance/sim.Balanced) {
		return 0, false
	}
	return int64(math.Round(v * sim.Balanced)), true
}
