package scenario

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// head begins every simulation file of these tests; it has four lines.
const head = `apiVersion: elasticctl.dev/v1alpha1
kind: Simulation
spec:
  autoscaler: {service: service.yaml}
`

// read parses and checks a simulation file of one document.
func read(t *testing.T, text string) (settings, error) {
	t.Helper()
	docs, err := yamlpos.Parse("sim.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	_, _, set, err := readSimulation(docs[0])
	return set, err
}

func TestEveryFieldReachesTheSettings(t *testing.T) {
	got, err := read(t, head+`  start: 2026-11-20T19:00:00+01:00
  duration: 1h30m
  seed: 11
  controller:
    kubernetesVersion: "1.30"
    syncPeriod: 20s
    syncLatency: 200ms
    downscaleStabilization: 3m
    tolerance: 0.05
    cpuInitializationPeriod: 2m
    initialReadinessDelay: 10s
    featureGates: {HPAScaleToZero: true}
  pods:
    initial: 7
    initialAge: 2h
    pending: 5s
    ready: 40s
    metricsDelay: [15s, 5s]
    termination: {p0: 10s, p100: 110s}
    containers:
    - name: app
      requests: {memory: 1Mi, cpu: 0.5}
      limits: {cpu: "1"}
    capacity: {jobs: 9}
  nodes: {podsPerNode: 4, initial: 3, headroom: 2, max: 9, startup: 90s, removeAfter: 5m}
  pipeline: {kind: ideal, window: 30s, age: 7s}
  demand:
  - metric: {type: Resource, name: cpu, container: app}
    role: load
    notReady: none
    step: 1m
    values: [1500, null, 1800]
    idle: 90
    capacity: 400
    wait: 250ms
  - {metric: {type: External, name: jobs}, role: backlog, initial: 50, unit: base, notReady: 3, recording: rec.json, select: 'jobs{q="a"}'}
  faults:
  - {at: 40m, for: 5m, metricsUnavailable: [resource, external]}
  - {at: 10m, podsWithoutMetrics: [0, 2]}
  - {at: 20m, for: 30s, scaleReadFails: true}
  - {at: 20m, scaleWriteFails: true}
  - {at: 30m, setReplicas: 7}
  - {at: 0s, surge: 2}
  - {at: 41m, evictPods: [1]}
  - {at: 45m, for: 60s, podsNotReady: [0]}
  - {at: 46m, for: 2m, trafficFactor: 1.2}
  - {at: 47m, metricsReadZero: [custom]}
  - {at: 48m, for: 1h, readyFactor: 2.5}
  - {at: 49m, for: 10m, nodeShortage: true}
  - {at: 50m, rollout: {maxSurge: 50%, maxUnavailable: 1}}
`)
	if err != nil {
		t.Fatal(err)
	}
	profile, err := hpa.ProfileFor("1.30", map[string]bool{"HPAScaleToZero": true})
	if err != nil {
		t.Fatal(err)
	}
	seven := int32(7)
	var middles []time.Duration // of a hundred slices
	for k := range time.Duration(100) {
		middles = append(middles, 10500*time.Millisecond+k*time.Second)
	}
	want := settings{
		name: "sim", start: time.Date(2026, 11, 20, 18, 0, 0, 0, time.UTC), duration: 90 * time.Minute,
		latency: 200 * time.Millisecond,
		controller: hpa.Controller{
			SyncPeriod: 20 * time.Second, DownscaleStabilization: 3 * time.Minute, Tolerance: 0.05,
			CPUInitializationPeriod: 2 * time.Minute, InitialReadinessDelay: 10 * time.Second, Profile: profile,
		},
		gates:   map[string]bool{"HPAScaleToZero": true},
		initial: &seven,
		pods: sim.Pods{
			InitialAge: 2 * time.Hour, Pending: 5 * time.Second, Ready: 40 * time.Second,
			Spread: sim.Spread{Seed: 11, MetricsDelay: []time.Duration{5 * time.Second, 15 * time.Second}, Termination: middles},
		},
		pendingGiven: true, readyGiven: true,
		nodes: &nodeSettings{
			Nodes:        sim.Nodes{PodsPerNode: 4, Initial: 3, Headroom: 2, Max: 9, Startup: 90 * time.Second, Idle: 5 * time.Minute},
			initialGiven: true,
		},
		containers: []container{{
			Container: sim.Container{Name: "app", Requests: []sim.Quantity{{Resource: "cpu", Milli: 500}, {Resource: "memory", Milli: 1 << 20 * 1000}}},
			limits:    []sim.Quantity{{Resource: "cpu", Milli: 1000}},
		}},
		capacity: map[string]int64{"jobs": 9},
		pipeline: sim.Pipeline{Window: 30 * time.Second, Age: 7 * time.Second},
		demand: []demand{
			{
				path: "spec.demand[0]",
				Demand: sim.Demand{
					Source: hpa.SourceResource, Name: "cpu", Container: "app", Scale: 1, Idle: 90, NotReadyNone: true,
					Step: time.Minute, Values: []int64{1500, 0, 1800}, Null: []bool{false, true, false}, Capacity: 400, Wait: 250 * time.Millisecond,
				},
			},
			{
				path: "spec.demand[1]", base: true, recording: "rec.json", selector: `jobs{q="a"}`,
				Demand: sim.Demand{Source: hpa.SourceExternal, Name: "jobs", Role: sim.RoleBacklog, Scale: 1000, NotReady: 3, Capacity: 9, Initial: 50},
			},
		},
		faults: []fault{
			{path: "spec.faults[5]", Fault: sim.Fault{Kind: sim.FaultSurge, Replicas: 2}},
			{path: "spec.faults[1]", Fault: sim.Fault{Kind: sim.FaultPodsWithoutMetrics, At: 10 * time.Minute, Ranks: []int{0, 2}}},
			{path: "spec.faults[2]", Fault: sim.Fault{Kind: sim.FaultScaleReadFails, At: 20 * time.Minute, For: 30 * time.Second}},
			{path: "spec.faults[3]", Fault: sim.Fault{Kind: sim.FaultScaleWriteFails, At: 20 * time.Minute}},
			{path: "spec.faults[4]", Fault: sim.Fault{Kind: sim.FaultSetReplicas, At: 30 * time.Minute, Replicas: 7}},
			{path: "spec.faults[0]", Fault: sim.Fault{Kind: sim.FaultMetricsUnavailable, At: 40 * time.Minute, For: 5 * time.Minute, APIs: sim.APIResource | sim.APIExternal}},
			{path: "spec.faults[6]", Fault: sim.Fault{Kind: sim.FaultEvictPods, At: 41 * time.Minute, Ranks: []int{1}}},
			{path: "spec.faults[7]", Fault: sim.Fault{Kind: sim.FaultPodsNotReady, At: 45 * time.Minute, For: time.Minute, Ranks: []int{0}}},
			{path: "spec.faults[8]", Fault: sim.Fault{Kind: sim.FaultTraffic, At: 46 * time.Minute, For: 2 * time.Minute, Factor: 1200}},
			{path: "spec.faults[9]", Fault: sim.Fault{Kind: sim.FaultMetricsReadZero, At: 47 * time.Minute, APIs: sim.APICustom}},
			{path: "spec.faults[10]", Fault: sim.Fault{Kind: sim.FaultSlowStart, At: 48 * time.Minute, For: time.Hour, Factor: 2500}},
			{path: "spec.faults[11]", Fault: sim.Fault{Kind: sim.FaultNodeShortage, At: 49 * time.Minute, For: 10 * time.Minute}},
			{path: "spec.faults[12]", Fault: sim.Fault{Kind: sim.FaultRollout, At: 50 * time.Minute}, rollout: &Rollout{MaxSurge: ptr(intstr.FromString("50%")), MaxUnavailable: ptr(intstr.FromInt32(1))}},
		},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(settings{}, nodeSettings{}, container{}, demand{}, fault{}, hpa.Profile{})); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestDefaultsAreThoseOfTheDocs(t *testing.T) {
	got, err := read(t, head+"  demand:\n  - {metric: {type: Pods, name: rps}, values: [1]}\n")
	if err != nil {
		t.Fatal(err)
	}
	want := settings{
		name: "sim", controller: hpa.DefaultController(),
		pods:     sim.Pods{InitialAge: time.Hour, Ready: 30 * time.Second},
		pipeline: sim.Pipeline{Window: time.Minute},
		demand: []demand{{
			path:   "spec.demand[0]",
			Demand: sim.Demand{Source: hpa.SourcePods, Name: "rps", Scale: 1, Step: 15 * time.Second, Values: []int64{1}},
		}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(settings{}, nodeSettings{}, container{}, demand{}, fault{}, hpa.Profile{})); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestPipelinesHaveTheirDefaults(t *testing.T) {
	for text, want := range map[string]sim.Pipeline{
		"{}":               {Window: time.Minute},
		"{kind: resource}": {Kind: sim.PipelineResource, Resolution: 15 * time.Second},
		"{kind: prometheus}": {
			Kind: sim.PipelinePrometheus, Resolution: 15 * time.Second, Interval: 15 * time.Second, Window: time.Minute,
		},
		"{kind: prometheus, interval: 30s, resolution: 1m, age: 2s}": {
			Kind: sim.PipelinePrometheus, Age: 2 * time.Second, Resolution: time.Minute, Interval: 30 * time.Second, Window: 2 * time.Minute,
		},
		"{kind: resource, resolution: 1m, age: 5s}": {Kind: sim.PipelineResource, Resolution: time.Minute, Age: 5 * time.Second},
	} {
		set, err := read(t, head+"  pipeline: "+text+"\n")
		if err != nil || set.pipeline != want {
			t.Errorf("%s: %+v, %v; want %+v", text, set.pipeline, err, want)
		}
	}
}

func TestPodsThatAreNotReadyReportWhatIdleOnesUseUnlessSomethingElseIsSaid(t *testing.T) {
	for text, want := range map[string]sim.Demand{
		"":                        {},
		"idle: 7":                 {Idle: 7, NotReady: 7},
		"idle: 7, notReady: 0":    {Idle: 7},
		"idle: 7, notReady: 9":    {Idle: 7, NotReady: 9},
		"idle: 7, notReady: none": {Idle: 7, NotReadyNone: true},
		"notReady: 9":             {NotReady: 9},
	} {
		set, err := read(t, head+"  demand:\n  - {metric: {type: Pods, name: rps}, values: [1], "+text+"}\n")
		if err != nil {
			t.Fatal(err)
		}
		d := set.demand[0].Demand
		if got := (sim.Demand{Idle: d.Idle, NotReady: d.NotReady, NotReadyNone: d.NotReadyNone}); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func ptr[T any](v T) *T { return &v }

// mistakes are bodies of spec with the error that each must give; the first
// line of a body is the file's line 5.
func mistakes() []struct{ name, body, want string } {
	const cpu = "  demand:\n  - {metric: {type: Resource, name: cpu}, "
	const external = "  demand:\n  - {metric: {type: External, name: jobs}, "
	return []struct{ name, body, want string }{
		{"unknown field", "  pod: {}\n", `sim.yaml:5:3: unknown field "pod"; did you mean "pods"?`},
		{"number for a duration", "  duration: 60\n", `sim.yaml:5:13: spec.duration: expected a text, found the number 60; quote it: "60"`},
		{"duration without a unit", "  duration: \"60\"\n", `sim.yaml:5:13: "60" is not a length of time; write a number and a unit, such as 15s, 5m, 1h30m or 7d`},
		{"negative duration", "  duration: -5m\n", `sim.yaml:5:13: "-5m" is negative; write a number and a unit, such as 15s, 5m, 1h30m or 7d`},
		{"zero duration", "  duration: 0s\n", `sim.yaml:5:13: "0s" must be longer than zero; write a number and a unit, such as 15s, 5m, 1h30m or 7d`},
		{"absurd duration", "  duration: 20000w\n", `sim.yaml:5:13: "20000w" is longer than ten years; write a number and a unit, such as 15s, 5m, 1h30m or 7d`},
		{"too many syncs", "  duration: 3000d\n  controller: {syncPeriod: 1s}\n", "sim.yaml:5:13: 259200000 syncs are more than the 10000000 that one replay may have; shorten the duration or lengthen controller.syncPeriod"},
		{"no time", "  start: yesterday\n", `sim.yaml:5:10: "yesterday" is not a time; write RFC 3339, such as 2026-11-20T18:00:00Z`},
		{"budget on nothing", "  budgets: [saturatedMinute <= 5]\n", `sim.yaml:5:13: character 1: there is no term "saturatedMinute"; docs/score.md lists them; did you mean saturatedMinutes?`},
		{"budget without a number", "  budgets: [thrash <= 5, thrash <= few]\n", "sim.yaml:5:26: character 11: the limit is no number; write digits, such as 5 or 0.1"},
		{"budget in another unit", "  budgets: [saturatedMinutes <= 5%]\n", `sim.yaml:5:13: character 22: "%" is no unit of saturatedMinutes; write a number of minutes, or one with s, m or h`},
		{"prices of nothing", "  prices: {}\n", "sim.yaml:5:11: no price is given; give podHour, or coreHour and gibHour"},
		{"price of zero", "  prices: {podHour: 0}\n", "sim.yaml:5:21: 0 is no price; write a positive number, or leave it out"},
		{"price twice", "  prices: {podHour: 1, coreHour: 1}\n", "sim.yaml:5:21: a pod has a price of its own or that of what it requests, not both; remove podHour, or coreHour and gibHour"},
		{"price of something else", "  prices: {nodeHour: 1}\n", `sim.yaml:5:12: unknown field "nodeHour"; did you mean "podHour"?`},
		{"sync period of nothing", "  controller: {syncPeriod: 1ms}\n", "sim.yaml:5:28: 1ms is too short; the shortest sync period that is replayed is 100ms"},
		{"endless window", "  controller: {downscaleStabilization: 2d}\n", "sim.yaml:5:40: 48h is too long; the longest window that is replayed is 24h"},
		{"negative tolerance", "  controller: {tolerance: -0.1}\n", "sim.yaml:5:27: the tolerance cannot be negative; write a ratio, such as 0.1 for 10 %"},
		{"tolerance that is no number", "  controller: {tolerance: .nan}\n", "sim.yaml:5:27: spec.controller.tolerance: expected a finite number, found the number .nan"},
		{"version in the future", "  controller: {kubernetesVersion: \"1.99\"}\n", `sim.yaml:5:35: unknown Kubernetes version "1.99": known are 1.23 to 1.37`},
		{"unknown gate", "  controller: {featureGates: {HPAMagic: true}}\n", `sim.yaml:5:30: unknown feature gate "HPAMagic" for Kubernetes 1.37: those that concern the HPA are HPAConfigurableTolerance, HPAGeneration, HPAOptimizedSelectorStore, HPAScaleToZero, PodLevelResources, StaleControllerConsistencyHPA`},
		{"negative pods", "  pods: {initial: -1}\n", "sim.yaml:5:19: -1 pods cannot be replayed; write 0 to 1000000"},
		{"ready before it runs", "  pods: {pending: 20s, ready: 10s}\n", "sim.yaml:5:31: a pod is Ready 10s after its creation, before it runs at 20s; make ready at least as long as pending: both count from creation"},
		{"ready before it runs, with some luck", "  pods: {pending: [1s, 20s], ready: [10s, 19s, 30s]}\n", "sim.yaml:5:37: a pod is Ready 19s after its creation, before it runs at 20s; make ready at least as long as pending: both count from creation"},
		{"delay of nothing", "  pods: {ready: []}\n", "sim.yaml:5:17: a list of 0 lengths of time; write 1 to 1000"},
		{"delays of which one is none", "  pods: {ready: [10s, soon]}\n", `sim.yaml:5:23: "soon" is not a length of time; write a number and a unit, such as 15s, 5m, 1h30m or 7d`},
		{"negative delay", "  pods: {termination: [-10s]}\n", `sim.yaml:5:24: "-10s" is negative; write a number and a unit, such as 15s, 5m, 1h30m or 7d`},
		{"delay that is a number", "  pods: {ready: 30}\n", "sim.yaml:5:17: spec.pods.ready: must be a length of time, a list of them, or quantiles such as {p50: 12s, p100: 1m}"},
		{"delay that is null", "  pods: {ready: null}\n", "sim.yaml:5:10: a length of time is missing; write a length of time, a list of them, or quantiles such as {p50: 12s, p90: 20s, p100: 1m}"},
		{"no quantile", "  pods: {ready: {}}\n", "sim.yaml:5:17: no quantile is given; write a length of time, a list of them, or quantiles such as {p50: 12s, p90: 20s, p100: 1m}"},
		{"unknown quantile", "  pods: {ready: {p101: 10s}}\n", `sim.yaml:5:24: "p101" is no quantile; write p0 to p100, such as p50 or p99.9`},
		{"quantile of no length", "  pods: {ready: {p50: fast}}\n", `sim.yaml:5:23: "fast" is not a length of time; write a number and a unit, such as 15s, 5m, 1h30m or 7d`},
		{"quantiles that fall", "  pods: {ready: {p50: 20s, p99.5: 10s}}\n", "sim.yaml:5:17: the quantile of p50 is 20s, and that of p99.5 is 10s; give each once, and none that is shorter than a lower one"},
		{"quantile twice", "  pods: {ready: {p50: 20s, p50.0: 20s}}\n", "sim.yaml:5:17: the quantile of p50 is 20s, and that of p50 is 20s; give each once, and none that is shorter than a lower one"},
		{"negative seed", "  seed: -1\n", "sim.yaml:5:9: -1 is no seed; write a whole number from 0"},
		{"nodes for nobody", "  nodes: {}\n", "sim.yaml:5:10: 0 pods fit on a node; write podsPerNode: 8, how many of the workload's pods fit on one"},
		{"nodes for fewer than nobody", "  nodes: {podsPerNode: -1}\n", "sim.yaml:5:24: -1 pods fit on a node; write podsPerNode: 8, how many of the workload's pods fit on one"},
		{"no node allowed", "  nodes: {podsPerNode: 4, max: 0}\n", "sim.yaml:5:32: no node may be there; write a positive number, or remove it: absent means no bound"},
		{"negative headroom", "  nodes: {podsPerNode: 4, headroom: -1}\n", "sim.yaml:5:37: -1 pods cannot be replayed; write 0 to 1000000"},
		{"container without a name", "  pods: {containers: [{requests: {cpu: 1}}]}\n", "sim.yaml:5:23: the container has no name; write name: app"},
		{"container twice", "  pods: {containers: [{name: a}, {name: a}]}\n", `sim.yaml:5:41: container "a" is given twice; remove one`},
		{"not a quantity", "  pods: {containers: [{name: a, requests: {cpu: 100r}}]}\n", `sim.yaml:5:49: spec.pods.containers[0].requests.cpu: not a quantity: "100r"; a quantity is a number, optionally with one of the suffixes n u m k M G T P E Ki Mi Gi Ti Pi Ei`},
		{"negative request", "  pods: {containers: [{name: a, requests: {cpu: -1}}]}\n", "sim.yaml:5:49: -1 of cpu cannot be requested; write a positive quantity, such as 500m or 256Mi"},
		{"capacity of no demand", "  pods: {capacity: {cpu: 3}}\n", `sim.yaml:5:26: no demand is named "cpu"; name a demand's metric, such as cpu, app/cpu or http_requests`},
		{"rate of less than two scrapes", "  pipeline: {kind: prometheus, window: 29s}\n", "sim.yaml:5:40: a rate over 29s may hold less than two scrapes (one every 15s), and is then none; write 1m, four scrapes, or leave it out"},
		{"rate of two scrapes that are read late", "  pipeline: {kind: prometheus, window: 30s, age: 1s}\n", "sim.yaml:5:40: a rate over 30s may hold less than two scrapes (one every 15s), and is then none; write 1m, four scrapes, or leave it out"},
		{"rate of too many scrapes", "  pipeline: {kind: prometheus, window: 1d}\n", "sim.yaml:5:40: a rate over 24h holds more than 1000 scrapes (one every 15s); shorten it"},
		{"interval too short", "  pipeline: {kind: prometheus, interval: 500ms}\n", "sim.yaml:5:42: Prometheus cannot scrape every 500ms; write 1s to 2m: it forgets a value after 5m"},
		{"interval too long", "  pipeline: {kind: prometheus, interval: 3m}\n", "sim.yaml:5:42: Prometheus cannot scrape every 3m; write 1s to 2m: it forgets a value after 5m"},
		{"scrapes of Prometheus read too late", "  pipeline: {kind: prometheus, interval: 10s, age: 12s}\n", "sim.yaml:5:52: a scrape that can be read 12s after it was made is read after the next one; write less than the interval, 10s"},
		{"resolution beside Prometheus", "  pipeline: {kind: prometheus, resolution: 5s}\n", "sim.yaml:5:44: metrics-server does not scrape every 5s; write 10s to 15m"},
		{"pods that are silent to metrics-server", "  pipeline: {kind: prometheus}\n  demand: [{metric: {type: Resource, name: cpu}, notReady: none, values: [1]}]\n", "sim.yaml:6:60: metrics-server tells of every running pod, also of those that are not Ready; remove it, or write a value"},
		{"window of a scrape", "  pipeline: {kind: resource, window: 15s}\n", "sim.yaml:5:38: the window of a scraped sample is the time between two scrapes; remove it; resolution says how far they are apart"},
		{"scrapes too dense", "  pipeline: {kind: resource, resolution: 5s}\n", "sim.yaml:5:42: metrics-server does not scrape every 5s; write 10s to 15m"},
		{"scrapes too seldom", "  pipeline: {kind: resource, resolution: 1h}\n", "sim.yaml:5:42: metrics-server does not scrape every 1h; write 10s to 15m"},
		{"scrapes read too late", "  pipeline: {kind: resource, age: 15s}\n", "sim.yaml:5:35: a scrape that can be read 15s after it was made is read after the next one; write less than the resolution, 15s"},
		{"resource that nobody scrapes", "  pipeline: {kind: resource}\n  demand: [{metric: {type: Resource, name: gpu}, values: [1]}]\n", "sim.yaml:6:44: metrics-server tells nothing of gpu; remove it; only cpu and memory are scraped"},
		{"scraped pods that are silent", "  pipeline: {kind: resource}\n  demand: [{metric: {type: Resource, name: cpu}, notReady: none, values: [1]}]\n", "sim.yaml:6:60: metrics-server tells of every running pod, also of those that are not Ready; remove it, or write a value"},
		{"unknown pipeline", "  pipeline: {kind: Ideal}\n", `sim.yaml:5:20: unknown value "Ideal"; write ideal, resource or prometheus; did you mean ideal?`},
		{"pipeline's resolution", "  pipeline: {resolution: 15s}\n", "sim.yaml:5:26: only metrics-server scrapes with a resolution; remove it, or write kind: resource"},
		{"pipeline's interval", "  pipeline: {interval: 15s}\n", "sim.yaml:5:24: only Prometheus scrapes with an interval; remove it, or write kind: prometheus"},
		{"metric without a type", "  demand: [{metric: {name: cpu}, values: [1]}]\n", "sim.yaml:5:21: the metric has no type; write type: Resource, Pods, Object or External"},
		{"metric without a name", "  demand: [{metric: {type: Pods}, values: [1]}]\n", "sim.yaml:5:21: the metric has no name; write name: cpu, or the name of the metric in the HPA"},
		{"unknown metric type", "  demand: [{metric: {type: resource, name: cpu}, values: [1]}]\n", `sim.yaml:5:28: unknown value "resource"; write Resource, Pods, Object or External; did you mean Resource?`},
		{"container metric", "  demand: [{metric: {type: ContainerResource, name: cpu}, values: [1]}]\n", "sim.yaml:5:28: a demand has no type ContainerResource; write Resource with container: it feeds Resource and ContainerResource metrics alike"},
		{"container of a Pods metric", "  demand: [{metric: {type: Pods, name: x, container: app}, values: [1]}]\n", "sim.yaml:5:54: only a Resource metric belongs to a container; remove it"},
		{"demand twice", cpu + "values: [1]}\n  - {metric: {type: Resource, name: cpu}, values: [2]}\n", "sim.yaml:7:14: the demand of cpu is given twice; remove one; only External metrics may have several series"},
		{"role of no name", cpu + "role: pod, values: [1]}\n", `sim.yaml:6:49: unknown value "pod"; write load, perPod, backlog, response or exogenous`},
		{"role response", cpu + "role: response}\n", "sim.yaml:6:49: a resource is used, it is no response; write load or perPod"},
		{"response of no name", external + "role: response}\n", "sim.yaml:6:50: it is not said what jobs tells of the requests; add response: inFlight, mean or a quantile such as p99"},
		{"response with values", external + "response: p99, values: [1]}\n", "sim.yaml:6:67: a response is computed from the load that latency is about; it has none of its own; remove it"},
		{"unknown response", external + "role: response, response: p100}\n", `sim.yaml:6:70: unknown response "p100"; write inFlight, mean or a quantile such as p99`},
		{"response of a load", external + "role: load, response: p99, values: [1]}\n", "sim.yaml:6:66: only a response tells of requests; write role: response, or remove it"},
		{"admitted latency", external + "response: mean, capacity: 3}\n", "sim.yaml:6:70: only requests in flight are admitted up to a capacity; remove it"},
		{"backlog of the pods", cpu + "role: backlog, values: [1]}\n", "sim.yaml:6:49: a Resource metric is the pods' own: it is no backlog; write load or perPod"},
		{"exogenous use of the pods", cpu + "role: exogenous, values: [1]}\n", "sim.yaml:6:49: a Resource metric is the pods' own, so it answers to them; write load or perPod"},
		{"own value of something external", external + "role: perPod, values: [1]}\n", "sim.yaml:6:50: an External metric is not the pods' own, so no pod has a value for itself; write load, backlog or exogenous"},
		{"own value and idle", cpu + "role: perPod, idle: 0, values: [1]}\n", "sim.yaml:6:63: what each pod has for itself is all it has, also when idle or not Ready; remove it"},
		{"own value and not ready", cpu + "role: perPod, notReady: 0, values: [1]}\n", "sim.yaml:6:67: what each pod has for itself is all it has, also when idle or not Ready; remove it, or write none"},
		{"wait of a backlog", external + "role: backlog, wait: 1s, values: [1]}\n", "sim.yaml:6:65: this demand does not wait for a bounded time; remove it; only load of a Resource or Pods metric does"},
		{"wait at the ingress", external + "wait: 1s, values: [1]}\n", "sim.yaml:6:50: this demand does not wait for a bounded time; remove it; only load of a Resource or Pods metric does"},
		{"wait of microseconds", cpu + "wait: 0.0005s, values: [1]}\n", `sim.yaml:6:49: "0.0005s" is no whole number of milliseconds; write one, such as 500ms`},
		{"initial load", cpu + "initial: 3, values: [1]}\n", "sim.yaml:6:52: only a backlog has an initial one; remove it, or write role: backlog"},
		{"negative initial backlog", external + "role: backlog, initial: -3, values: [1]}\n", "sim.yaml:6:68: -3 is negative; load is zero or more"},
		{"negative arrivals", external + "role: backlog, values: [-3]}\n", "sim.yaml:6:68: -3 is negative; load is zero or more"},
		{"negative idle", cpu + "idle: -5, values: [1]}\n", "sim.yaml:6:49: -5 is negative; load is zero or more"},
		{"huge idle", cpu + "unit: base, idle: 9000000000000000, values: [1]}\n", "sim.yaml:6:61: 9000000000000000 is too large; the greatest value is 9223372036854"},
		{"fractional idle", cpu + "idle: 0.5, values: [1]}\n", "sim.yaml:6:49: spec.demand[0].idle: expected an integer, found the number 0.5"},
		{"idle of an object", "  demand: [{metric: {type: Object, name: hits}, idle: 0, values: [1]}]\n", "sim.yaml:5:55: an Object metric has no pods that could be idle; remove it; only Resource and Pods metrics are the pods' own, and aggregates over pods"},
		{"idle of something external", "  demand: [{metric: {type: External, name: jobs}, idle: 5, values: [1]}]\n", "sim.yaml:5:57: an External metric has no pods that could be idle; remove it; only Resource and Pods metrics are the pods' own, and aggregates over pods"},
		{"unknown unit", cpu + "unit: cores, values: [1]}\n", `sim.yaml:6:49: unknown value "cores"; write milli or base`},
		{"notReady of words", cpu + "notReady: nothing, values: [1]}\n", "sim.yaml:6:53: spec.demand[0].notReady: must be a whole number or none"},
		{"step of nothing", cpu + "step: 0s, values: [1]}\n", `sim.yaml:6:49: "0s" must be longer than zero; write a number and a unit, such as 15s, 5m, 1h30m or 7d`},
		{"no values", cpu + "values: []}\n", "sim.yaml:6:51: the demand has no values; list one total per step"},
		{"neither values nor recording", "  demand: [{metric: {type: Resource, name: cpu}}]\n", "sim.yaml:5:12: the demand has neither values nor a recording; list values, or name a recording"},
		{"values and recording", cpu + "values: [1], recording: x}\n", "sim.yaml:6:67: a demand has values or a recording, not both; remove one"},
		{"select and query", cpu + "recording: x, select: a, query: b}\n", "sim.yaml:6:75: a demand has select or query, not both; remove one"},
		{"select without recording", cpu + "select: a}\n", "sim.yaml:6:5: select and query need a recording; add recording: FILE"},
		{"negative value", cpu + "values: [1, -5]}\n", "sim.yaml:6:55: -5 is negative; load is zero or more"},
		{"fractional value", cpu + "values: [1.5]}\n", "sim.yaml:6:52: spec.demand[0].values[0]: expected an integer, found the number 1.5"},
		{"huge value", cpu + "unit: base, values: [9000000000000000]}\n", "sim.yaml:6:64: 9000000000000000 is too large; the greatest value is 9223372036854"},
		{"capacity of nothing", cpu + "values: [1], capacity: 0}\n", "sim.yaml:6:66: a capacity of 0 serves nothing; write what one ready pod can serve, or remove it: absent means unlimited"},
		{"fault of no kind", "  faults: [{at: 1m}]\n", "sim.yaml:5:12: nothing is said to happen; add one of metricsUnavailable, podsWithoutMetrics, scaleReadFails, scaleWriteFails, setReplicas, surge, evictPods, podsNotReady, trafficFactor, metricsReadZero, readyFactor, nodeShortage, rollout, editAutoscaler"},
		{"fault of two kinds", "  faults: [{at: 1m, surge: 1, setReplicas: 2}]\n", "sim.yaml:5:12: several things are said to happen: setReplicas, surge; make each a fault of its own"},
		{"fault without a time", "  faults: [{surge: 1}]\n", "sim.yaml:5:12: it is not said when it happens; add at: 10m, a time from the start"},
		{"fault before the start", "  faults: [{at: -1m, surge: 1}]\n", `sim.yaml:5:17: "-1m" is negative; write a number and a unit, such as 15s, 5m, 1h30m or 7d`},
		{"instant that lasts", "  faults: [{at: 1m, for: 1m, setReplicas: 1}]\n", "sim.yaml:5:26: what happens at an instant does not last; remove it"},
		{"fault that is off", "  faults: [{at: 1m, scaleReadFails: false}]\n", "sim.yaml:5:37: a fault that is switched off does nothing; write true, or remove the fault"},
		{"unknown metrics API", "  faults: [{at: 1m, metricsUnavailable: [Resource]}]\n", `sim.yaml:5:42: unknown metrics API "Resource"; write resource (cpu and memory), custom (Pods and Object metrics) or external; did you mean resource?`},
		{"no metrics API", "  faults: [{at: 1m, metricsUnavailable: []}]\n", "sim.yaml:5:41: no metrics API is given; list resource, custom or external"},
		{"negative rank", "  faults: [{at: 1m, evictPods: [-1]}]\n", "sim.yaml:5:33: -1 is not a rank; ranks count live pods from 0, the oldest"},
		{"rank twice", "  faults: [{at: 1m, evictPods: [1, 1]}]\n", "sim.yaml:5:36: rank 1 is given twice; remove one"},
		{"factor below zero", "  faults: [{at: 1m, trafficFactor: -0.5}]\n", "sim.yaml:5:36: -0.5 is no factor; write 0 to 1000"},
		{"factor beyond all", "  faults: [{at: 1m, trafficFactor: 1001}]\n", "sim.yaml:5:36: 1001 is no factor; write 0 to 1000"},
		{"factor too fine", "  faults: [{at: 1m, trafficFactor: 1.2345}]\n", "sim.yaml:5:36: 1.2345 has more than three decimals; write 1.235"},
		{"start that is fast", "  faults: [{at: 1m, readyFactor: 0.5}]\n", "sim.yaml:5:34: 0.5 is no factor; write 1 to 1000"},
		{"factor of nothing", "  faults: [{at: 1m, trafficFactor: null}]\n", "sim.yaml:5:21: a factor is missing; write a number, such as 1.2"},
		{"shortage that is none", "  faults: [{at: 1m, nodeShortage: false}]\n", "sim.yaml:5:35: a fault that is switched off does nothing; write true, or remove the fault"},
		{"unknown API that reads zero", "  faults: [{at: 1m, metricsReadZero: [cpu]}]\n", `sim.yaml:5:39: unknown metrics API "cpu"; write resource (cpu and memory), custom (Pods and Object metrics) or external`},
		{"rollout that is off", "  faults: [{at: 1m, rollout: false}]\n", "sim.yaml:5:30: spec.faults[0].rollout: must be true, or {maxSurge: 25%, maxUnavailable: 25%} with numbers of pods or percent"},
		{"rollout of nothing", "  faults: [{at: 1m, rollout: null}]\n", "sim.yaml:5:21: it is not said how pods are replaced; write true for the workload's own strategy, or {maxSurge: 25%, maxUnavailable: 25%}"},
		{"rollout by another rule", "  faults: [{at: 1m, rollout: {surge: 1}}]\n", "sim.yaml:5:30: spec.faults[0].rollout: must be true, or {maxSurge: 25%, maxUnavailable: 25%} with numbers of pods or percent"},
		{"surge of no share", "  faults: [{at: 1m, rollout: {maxSurge: many}}]\n", `sim.yaml:5:41: "many" is no share of the pods; write a number of pods, or percent such as 25%`},
		{"more unavailable than all", "  faults: [{at: 1m, rollout: {maxUnavailable: 101%}}]\n", `sim.yaml:5:47: "101%" is no share of the pods; write a number of pods, or percent such as 25%`},
		{"rollout without room", "  faults: [{at: 1m, rollout: {maxSurge: 0, maxUnavailable: 0%}}]\n", "sim.yaml:5:30: no pod can be replaced without one more or one fewer; raise maxSurge or maxUnavailable"},
		{"empty edit", "  faults: [{at: 1m, editAutoscaler: {}}]\n", "sim.yaml:5:37: the edit changes nothing; give minReplicas, maxReplicas, metrics or behavior"},
	}
}

func TestMistakesAreReportedWithPositionAndHint(t *testing.T) {
	for _, tt := range mistakes() {
		t.Run(tt.name, func(t *testing.T) {
			_, err := read(t, head+tt.body)
			if err == nil {
				t.Fatalf("no error, want %q", tt.want)
			}
			if got := err.Error(); got != tt.want {
				t.Errorf("error\n %s\nwant\n %s", got, tt.want)
			}
		})
	}
}

func TestAllMistakesOfAFileAreReportedInOrder(t *testing.T) {
	_, err := read(t, head+"  faults: [{at: 1m}]\n  pods: {initial: -1}\n  budgets: [x]\n")
	if err == nil {
		t.Fatal("no error")
	}
	var lines []string
	for _, l := range strings.Split(err.Error(), "\n") {
		lines = append(lines, l[:len("sim.yaml:5")])
	}
	if diff := cmp.Diff([]string{"sim.yaml:5", "sim.yaml:6", "sim.yaml:7"}, lines); diff != "" {
		t.Errorf("positions (-want +got):\n%s", diff)
	}
}

func TestParseDuration(t *testing.T) {
	good := map[string]time.Duration{
		"0": 0, "0s": 0, "15s": 15 * time.Second, "1h30m": 90 * time.Minute, "1.5h": 90 * time.Minute,
		"7d": 7 * 24 * time.Hour, "2w1d": 15 * 24 * time.Hour, "250ms": 250 * time.Millisecond, "3653d": MaxDuration,
	}
	for text, want := range good {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-", "s", "15", "15 s", "-1s", "1y", "1..5s", "1e3s", "inf", "NaN", "3654d", "99999999999999999999w", "5m-3s"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("ParseDuration(%q) = %v, want an error", text, got)
		}
	}
}
