package scenario

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// working is a simulation file of workers that scale on jobs; rest is what the
// demand of jobs says besides the metric.
func working(rest string) string {
	return web + `
-- sim.yaml --
apiVersion: elasticctl.dev/v1alpha1
kind: Simulation
spec:
  autoscaler:
    objects:
    - apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: worker}
      spec:
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: worker}
        maxReplicas: 10
        metrics:
        - {type: External, external: {metric: {name: jobs}, target: {type: AverageValue, averageValue: 10}}}
  demand:
  - {metric: {type: External, name: jobs}, ` + rest + `}
-- jobs.csv --
time,jobs_total,jobs
2026-11-20T18:00:00Z,0,50
2026-11-20T18:00:30Z,30,60
2026-11-20T18:01:00Z,90,40
`
}

func TestRolesReachTheWorld(t *testing.T) {
	for rest, want := range map[string]sim.Demand{
		"values: [1]":                  {Values: []int64{1}},
		"role: exogenous, values: [1]": {Role: sim.RoleExogenous, Values: []int64{1}},
		"role: backlog, unit: base, capacity: 2, initial: 7, values: [1]": {
			Role: sim.RoleBacklog, Scale: 1000, Capacity: 2, Initial: 7, Values: []int64{1},
		},
	} {
		files(t, working(rest))
		want.Source, want.Name, want.Step, want.Scale = hpa.SourceExternal, "jobs", 15*time.Second, max(1, want.Scale)
		if diff := cmp.Diff([]sim.Demand{want}, load(t, Request{Files: []string{"sim.yaml"}}).World.Demand); diff != "" {
			t.Errorf("%s: demand (-want +got):\n%s", rest, diff)
		}
	}
}

func TestARecordedBacklogIsReplayedFromWhatArrived(t *testing.T) {
	files(t, working("role: backlog, capacity: 2000, initial: 50000, recording: jobs.csv, select: jobs_total"))
	r := load(t, Request{Files: []string{"sim.yaml"}})
	d := r.World.Demand[0]
	if diff := cmp.Diff([]int64{1000, 2000}, d.Values[:2]); diff != "" || d.Capacity != 2000 || d.Initial != 50_000 {
		t.Errorf("capacity %d, initial %d, arrivals (-want +got):\n%s", d.Capacity, d.Initial, diff)
	}
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "jobs_total is what arrives per second; the metric is what waits") {
		t.Errorf("notes %s", notes)
	}
}

func TestWhatASimulationCannotKnowOfItsQueueIsRefused(t *testing.T) {
	const hint = "; write query: what arrives per second, such as sum(rate(jobs_created_total[1m])), or completions and growth: sum(rate(jobs_done_total[1m])) + sum(deriv(jobs_waiting[1m]))"
	for _, tt := range []struct{ file, want string }{
		{working("role: backlog, values: [1]"), "it is not known how fast the pods work off the backlog of jobs; add capacity: what one ready pod completes per second, in unit"},
		{working("role: backlog, capacity: 1, recording: jobs.csv, select: jobs"), "jobs is how much waited, which other pods would have changed" + hint},
		{idling("values: [1], wait: 1s}\n  - {metric: {type: Pods, name: rps}, wait: 1s, values: [1]"), "it is not known what the pods can do of rps, so nothing waits; add capacity: what one ready pod can serve, in unit"},
	} {
		files(t, tt.file)
		if _, err := Load(Request{Files: []string{"sim.yaml"}}); err == nil || !strings.HasSuffix(err.Error(), ": "+tt.want) || !strings.HasPrefix(err.Error(), "sim.yaml:") {
			t.Errorf("error %v, want sim.yaml: …: %s", err, tt.want)
		}
	}
}

func TestARecordedValueOfEachPodIsTheMean(t *testing.T) {
	// The two recorded pods use 1.5, 1.5 and 2 cores.
	files(t, idling("role: perPod, recording: cpu.csv"))
	r := load(t, Request{Files: []string{"sim.yaml"}})
	if diff := cmp.Diff([]int64{750, 750, 1000}, r.World.Demand[0].Values); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "demand of app/cpu: each pod has the mean of the recorded ones") {
		t.Errorf("notes %s", notes)
	}
	files(t, idling("role: perPod, recording: cpu.csv, query: 'avg(rate(container_cpu_usage_seconds_total[1m]))'"))
	if notes := strings.Join(load(t, Request{Files: []string{"sim.yaml"}}).Notes, "\n"); strings.Contains(notes, "the mean") {
		t.Errorf("an expression was not taken at its word: %s", notes)
	}
	files(t, idling("role: perPod, recording: whole.csv")+`
-- whole.csv --
time,process_cpu_seconds_total
2026-11-20T18:00:00Z,0
2026-11-20T18:00:30Z,15
2026-11-20T18:01:00Z,30
`)
	const want = "it is not known how many pods were recorded, so what each had is not either; write query: an expression that is one pod's value, such as avg(NAME)"
	if _, err := Load(Request{Files: []string{"sim.yaml"}}); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("error %v, want %s", err, want)
	}
}
