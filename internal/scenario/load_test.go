package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// files writes the files of a txtar archive into a directory, which becomes the
// working directory.
func files(t *testing.T, archive string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, f := range txtar.Parse([]byte(archive)).Files {
		if err := os.MkdirAll(filepath.Dir(f.Name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.Name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// load resolves a request for one replay.
func load(t *testing.T, r Request) *Replay {
	t.Helper()
	replays, err := Load(r)
	if err != nil {
		t.Fatal(err)
	}
	if len(replays) != 1 {
		t.Fatalf("%d replays, want 1", len(replays))
	}
	return replays[0]
}

// The manifests of a web service with a sidecar, and what was recorded of it.
const web = `
-- web/deployment.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: app
        image: web:1
        resources: {requests: {cpu: 500m}, limits: {cpu: 2}}
      - name: proxy
        image: proxy:1
        resources: {requests: {cpu: 100m}}
-- web/hpa.yaml --
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 10
  metrics:
  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}
-- cpu.csv --
time,"container_cpu_usage_seconds_total{pod=""a"",container=""app""}","container_cpu_usage_seconds_total{pod=""b"",container=""app""}"
2026-11-20T18:00:00Z,0,0
2026-11-20T18:00:30Z,15,30
2026-11-20T18:01:00Z,30,60
2026-11-20T18:01:30Z,60,90
-- use.csv --
time,"container_memory_working_set_bytes{pod=""a"",container=""app""}","container_memory_working_set_bytes{pod=""a"",container=""proxy""}",process_cpu_seconds_total
2026-11-20T18:00:00Z,1000,10,0
2026-11-20T18:00:30Z,2000,20,30
2026-11-20T18:01:00Z,3000,30,60
`

func TestDemandOfManifestsComesFromTheRecording(t *testing.T) {
	files(t, web)
	r := load(t, Request{Files: []string{"web"}, Recordings: []string{"cpu.csv"}})
	want := []sim.Demand{{
		Source: hpa.SourceResource, Name: "cpu", Container: "app", Scale: 1,
		Step: 30 * time.Second, Values: []int64{1500, 1500, 2000}, Capacity: 2000,
	}}
	if diff := cmp.Diff(want, r.World.Demand); diff != "" {
		t.Errorf("demand (-want +got):\n%s", diff)
	}
	wantPods := sim.Pods{
		Initial: 2, InitialAge: time.Hour, Ready: 30 * time.Second,
		Containers: []sim.Container{
			{Name: "app", Requests: []sim.Quantity{{Resource: "cpu", Milli: 500}}},
			{Name: "proxy", Requests: []sim.Quantity{{Resource: "cpu", Milli: 100}}},
		},
	}
	if diff := cmp.Diff(wantPods, r.World.Pods); diff != "" {
		t.Errorf("pods (-want +got):\n%s", diff)
	}
	wantNotes := []string{
		"not in the recording, so they use nothing: containers proxy",
		`demand of app/cpu, role load: increase per second of container_cpu_usage_seconds_total{container!="",container!="POD"}, summed over 2 series, every 30s`,
		"2 pods recorded: none is known to be Deployment web's, so all count",
		"load model of app/cpu: what is idle and what is load cannot be told apart; idle lies between 0 and 500m a pod, and what depends on it is given for both ends (--model)",
		`recorded replicas: pods that report container_cpu_usage_seconds_total{container!="",container!="POD"}`,
		"capacity: a ready pod serves at most 2 cores, the cpu limit of container app",
		"replicas at the start: 2, as recorded",
	}
	if diff := cmp.Diff(wantNotes, r.Notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if r.Name != "web" || !r.Start.Equal(time.Date(2026, 11, 20, 18, 0, 0, 0, time.UTC)) || r.World.Duration != 90*time.Second {
		t.Errorf("%s from %s for %s", r.Name, r.Start, r.World.Duration)
	}
}

func TestRequestReplacesWhatWasFound(t *testing.T) {
	files(t, web)
	seven, ready := int32(7), 5*time.Second
	r := load(t, Request{
		Files: []string{"web"}, Recordings: []string{"cpu.csv"}, Initial: &seven, Ready: &ready,
		Start: time.Date(2026, 11, 20, 18, 0, 42, 0, time.UTC), Duration: 45 * time.Second, Versions: []string{"1.30"},
	})
	if r.World.Pods.Initial != 7 || r.World.Pods.Ready != ready || r.World.Duration != 45*time.Second {
		t.Errorf("initial %d, ready %s, duration %s", r.World.Pods.Initial, r.World.Pods.Ready, r.World.Duration)
	}
	// t=0 is the beginning of the step that the start falls into.
	if got := r.Start.Format(time.TimeOnly); got != "18:00:30" || len(r.World.Demand[0].Values) != 2 {
		t.Errorf("start %s, values %v", got, r.World.Demand[0].Values)
	}
	if v := r.World.Autoscaler.Controller.Profile.Version; v != "1.30" {
		t.Errorf("version %s", v)
	}
}

func TestQueryGivesTheDemandOfAllContainersToOne(t *testing.T) {
	files(t, web)
	r := load(t, Request{
		Files: []string{"web"}, Recordings: []string{"use.csv"},
		Demand: []Query{{"cpu", "sum(rate(process_cpu_seconds_total[1m]))"}},
	})
	if n := len(r.World.Demand); n != 1 {
		t.Fatalf("%d demands, want 1: two would count all of it twice", n)
	}
	if r.World.Demand[0].Container != "app" || !strings.Contains(strings.Join(r.Notes, "\n"), "counts as container app's") {
		t.Errorf("container %s, notes %q", r.World.Demand[0].Container, r.Notes)
	}
}

func TestWithoutContainerLabelsAllUseIsTheFirstContainers(t *testing.T) {
	files(t, web+`
-- plain.csv --
time,"process_cpu_seconds_total{pod=""a""}"
2026-11-20T18:00:00Z,0
2026-11-20T18:00:30Z,30
`)
	r := load(t, Request{Files: []string{"web"}, Recordings: []string{"plain.csv"}})
	if d := r.World.Demand; len(d) != 1 || d[0].Container != "app" || d[0].Values[0] != 1000 {
		t.Errorf("demand %+v", d)
	}
}

// simulation is a simulation file of the manifests above.
const simulation = `
-- sims/sim.yaml --
apiVersion: elasticctl.dev/v1alpha1
kind: Simulation
spec:
  autoscaler: {manifest: [../web/hpa.yaml, ../web/deployment.yaml]}
  demand:
  - metric: {type: Resource, name: cpu, container: proxy}
    step: 1m
    values: [100, 200]
  - metric: {type: Resource, name: memory, container: app}
    recording: ../use.csv
    select: 'container_memory_working_set_bytes{container="app"}'
    notReady: 5000000
    capacity: 4000000
  - metric: {type: External, name: jobs}
    unit: base
    recording: ../use.csv
    query: container_memory_working_set_bytes{container="proxy"} / 10
  faults:
  - {at: 2m, editAutoscaler: {behavior: {scaleUp: {stabilizationWindowSeconds: 60}}}}
  - {at: 1m, editAutoscaler: {minReplicas: 4, metrics: [{type: External, external: {metric: {name: jobs}, target: {type: Value, value: 3}}}]}}
  - {at: 3m, editAutoscaler: {behavior: null, maxReplicas: 12}}
`

func TestSimulationFileFindsFilesBesideIt(t *testing.T) {
	files(t, web+simulation)
	r := load(t, Request{Files: []string{"sims/sim.yaml"}})
	want := []sim.Demand{
		{Source: hpa.SourceResource, Name: "cpu", Container: "proxy", Scale: 1, Step: time.Minute, Values: []int64{100, 200}},
		{Source: hpa.SourceResource, Name: "memory", Container: "app", Scale: 1000, Step: 30 * time.Second, Values: []int64{1000, 2000, 3000}, NotReady: 5000, Capacity: 4000},
		{Source: hpa.SourceExternal, Name: "jobs", Scale: 1, Step: 30 * time.Second, Values: []int64{1000, 2000, 3000}},
	}
	if diff := cmp.Diff(want, r.World.Demand); diff != "" {
		t.Errorf("demand (-want +got):\n%s", diff)
	}
	if r.Name != "sim" || r.World.Pods.Initial != 1 {
		t.Errorf("%s with %d pods", r.Name, r.World.Pods.Initial)
	}
}

func TestEditsAddUpInOrderOfTime(t *testing.T) {
	files(t, web+simulation)
	w := load(t, Request{Files: []string{"sims/sim.yaml"}}).World
	type edit struct {
		At       time.Duration
		Min, Max int32
		Metrics  []string
		Behavior bool
		Window   time.Duration
	}
	var got []edit
	for _, f := range w.Faults {
		e := edit{f.At, f.Autoscaler.Min, f.Autoscaler.Max, nil, f.Autoscaler.HasBehavior, f.Autoscaler.Up.Stabilization}
		for _, m := range f.Autoscaler.Metrics {
			e.Metrics = append(e.Metrics, m.Name)
		}
		got = append(got, e)
	}
	want := []edit{
		{time.Minute, 4, 10, []string{"jobs"}, false, 0},
		{2 * time.Minute, 4, 10, []string{"jobs"}, true, time.Minute},
		{3 * time.Minute, 4, 12, []string{"jobs"}, false, 0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("edits (-want +got):\n%s", diff)
	}
	if w.Autoscaler.Min != 2 || w.Autoscaler.Metrics[0].Name != "cpu" {
		t.Errorf("the edits changed the autoscaler they start from: %+v", w.Autoscaler)
	}
}

func TestServiceSpecKnowsWhereItsMetricsAre(t *testing.T) {
	files(t, `
-- service.yaml --
apiVersion: elasticctl.dev/v1alpha1
kind: ElasticService
metadata: {name: shop}
spec:
  image: shop:1
  scaling:
    metrics:
    - rps: {target: 10, counter: requests_served_total, name: served}
-- rec.csv --
time,"requests_served_total{pod=""a""}","requests_served_total{pod=""b""}"
2026-11-20T18:00:00Z,0,0
2026-11-20T18:00:15Z,150,300
`)
	r := load(t, Request{Files: []string{"service.yaml"}, Recordings: []string{"rec.csv"}})
	want := []sim.Demand{{Source: hpa.SourcePods, Name: "served", Scale: 1, Step: 15 * time.Second, Values: []int64{30_000}}}
	if diff := cmp.Diff(want, r.World.Demand); diff != "" {
		t.Errorf("demand (-want +got):\n%s", diff)
	}
	if r.World.Autoscaler.Reference != "Deployment/default/shop" {
		t.Errorf("reference %s", r.World.Autoscaler.Reference)
	}
}

func TestMoreReplicasThanAnyClusterHoldsAreRefused(t *testing.T) {
	files(t, web+simulation)
	refuse := func(name, old, instead, want string) {
		t.Helper()
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(strings.Replace(string(data), old, instead, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(Request{Files: []string{"sims/sim.yaml"}}); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	refuse("sims/sim.yaml", "maxReplicas: 12", "maxReplicas: 2000000000",
		"sims/sim.yaml:21:60: 2000000000 pods cannot be replayed; write at most 1000000")
	refuse("web/hpa.yaml", "maxReplicas: 10", "maxReplicas: 1000001",
		"web/hpa.yaml:7:16: 1000001 pods cannot be replayed; write at most 1000000")
}
