package scenario

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// idling is a simulation file of the manifests of web, whose app container has
// a cpu limit of 2 cores; rest is what its only demand says besides the metric.
func idling(rest string) string {
	return web + `
-- sim.yaml --
apiVersion: elasticctl.dev/v1alpha1
kind: Simulation
spec:
  autoscaler: {manifest: [web/hpa.yaml, web/deployment.yaml]}
  demand:
  - {metric: {type: Resource, name: cpu, container: app}, ` + rest + `}
`
}

func TestWhatAPodUsesWhenIdleIsNotThereForTheLoad(t *testing.T) {
	for _, tt := range []struct {
		rest     string
		capacity int64
		note     string
	}{
		{"values: [1]", 2000, "capacity: a ready pod serves at most 2 cores, the cpu limit of container app"},
		{"values: [1], idle: 300", 1700, "capacity: a ready pod serves at most 1.7 cores, the cpu limit of container app less the 0.3 that it uses when idle"},
		{"values: [1], unit: base, idle: 1", 1, "capacity: a ready pod serves at most 1 cores, the cpu limit of container app less the 1 that it uses when idle"},
		{"values: [1], idle: 300, capacity: 1700", 1700, ""},
		{"values: [1], idle: 1990, capacity: 10", 10, ""},
		{"values: [1], role: perPod, capacity: 3000", 3000, ""},
	} {
		files(t, idling(tt.rest))
		r := load(t, Request{Files: []string{"sim.yaml"}})
		if got := r.World.Demand[0].Capacity; got != tt.capacity {
			t.Errorf("%s: capacity %d, want %d", tt.rest, got, tt.capacity)
		}
		if tt.note != "" && !slices.Contains(r.Notes, tt.note) {
			t.Errorf("%s: notes %q, want %q", tt.rest, r.Notes, tt.note)
		}
	}
	for rest, want := range map[string]string{
		"values: [1], idle: 2000":                                                           "sim.yaml:6:78: idle pods use 2 cores, and the cpu limit of container app is 2: nothing is left for the load; lower it, or raise the limit",
		"values: [1], unit: base, idle: 3":                                                  "sim.yaml:6:90: idle pods use 3 cores, and the cpu limit of container app is 2: nothing is left for the load; lower it, or raise the limit",
		"values: [1], idle: 300, capacity: 1701":                                            "sim.yaml:6:93: a busy pod would use 2.001 cores, and the cpu limit of container app is 2; lower it, raise the limit, or remove it: absent means what the limit leaves",
		"values: [1]}\n  pods: {capacity: {cpu: 2001}":                                      "sim.yaml:7:20: a busy pod would use 2.001 cores, and the cpu limit of container app is 2; lower it, raise the limit, or remove it: absent means what the limit leaves",
		"values: [1], unit: base}\n  pods: {containers: [{name: app, limits: {cpu: 500m}}]": "sim.yaml:6:78: whole cores cannot tell the 0.5 that the cpu limit of container app leaves for the load; write unit: milli",
	} {
		files(t, idling(rest))
		if _, err := Load(Request{Files: []string{"sim.yaml"}}); err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", rest, err, want)
		}
	}
}

func TestWhatRecordedPodsUsedWhenIdleIsNoLoad(t *testing.T) {
	// One recorded pod uses 0.5, 0.5 and 1 cores, the other 1 all the time.
	for _, tt := range []struct {
		rest string
		want []int64
		note string
	}{
		{"recording: cpu.csv, idle: 100", []int64{1300, 1300, 1800}, "load model of app/cpu: a pod uses 100m, as given, and its share of the load"},
		{"recording: cpu.csv, idle: 750", []int64{250, 250, 500}, ""},
		{"recording: cpu.csv, idle: 800", []int64{200, 200, 400}, ""},
		{"recording: cpu.csv, query: 'sum(rate(container_cpu_usage_seconds_total[1m]))', idle: 100", nil, ""},
	} {
		files(t, idling(tt.rest))
		r := load(t, Request{Files: []string{"sim.yaml"}})
		d, notes := r.World.Demand[0], strings.Join(r.Notes, "\n")
		if tt.want != nil {
			if diff := cmp.Diff(tt.want, d.Values); diff != "" {
				t.Errorf("%s: load (-want +got):\n%s", tt.rest, diff)
			}
		} else if strings.Contains(notes, "recorded pods used") {
			t.Errorf("%s: an expression was not taken at its word: %s", tt.rest, notes)
		}
		if !strings.Contains(notes, tt.note) || d.Idle == 0 || d.NotReady != d.Idle {
			t.Errorf("%s: idle %d, not ready %d, notes %q, want %q", tt.rest, d.Idle, d.NotReady, r.Notes, tt.note)
		}
	}
}

func TestIdleUseIsToldInTheRecordingsUnitAndStepByStep(t *testing.T) {
	files(t, web+`
-- sim.yaml --
apiVersion: elasticctl.dev/v1alpha1
kind: Simulation
spec:
  autoscaler: {manifest: [web/hpa.yaml, web/deployment.yaml]}
  duration: 2m
  demand:
  - {metric: {type: Resource, name: memory, container: app}, recording: memory.csv, idle: 100000, notReady: 50000}
-- memory.csv --
time,"container_memory_working_set_bytes{pod=""a"",container=""app""}","container_memory_working_set_bytes{pod=""b"",container=""app""}",kube_deployment_status_replicas
2026-11-20T18:00:00Z,1000,,
2026-11-20T18:00:30Z,1000,1000,2
2026-11-20T18:01:00Z,1000,1000,2
2026-11-20T18:01:30Z,1000,,1
2026-11-20T18:02:00Z,1000,,1
`)
	r := load(t, Request{Files: []string{"sim.yaml"}})
	want := sim.Demand{
		Source: hpa.SourceResource, Name: "memory", Container: "app", Scale: 1000, Step: 30 * time.Second,
		// Before the first count, the first one counts.
		Values: []int64{800, 1800, 1800, 900, 900}, Idle: 100, NotReady: 50,
	}
	if diff := cmp.Diff(want, r.World.Demand[0]); diff != "" {
		t.Errorf("demand (-want +got):\n%s", diff)
	}
}

func TestIdleUseOfPodsThatNobodyCountedIsRefused(t *testing.T) {
	files(t, idling("recording: whole.csv, idle: 100")+`
-- whole.csv --
time,process_cpu_seconds_total
2026-11-20T18:00:00Z,0
2026-11-20T18:00:30Z,15
2026-11-20T18:01:00Z,30
`)
	const want = "sim.yaml:6:87: it is not known how many pods were recorded, so what they used when idle cannot be told from load; write query: an expression that is the load alone"
	if _, err := Load(Request{Files: []string{"sim.yaml"}}); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
