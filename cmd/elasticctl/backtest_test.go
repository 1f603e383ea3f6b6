package main

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/internal/scenario"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// The recordings of testdata/backtest are what an exact controller would have
// left behind: half an hour at 15 s, from a Sunday midnight.
const (
	backtestSteps = 120
	backtestStep  = 15 * time.Second
	backtestStart = 1_700_000_100
)

// backtestLoad is the load in requests per second at step i: plateaus, a ramp
// that reaches max, and a way down in two stages.
func backtestLoad(i int) int64 {
	switch {
	case i < 16:
		return 180
	case i < 24:
		return 390
	case i < 40:
		return 430 // within the tolerance of 4 pods, and enough for 5
	case i < 60:
		return 430 + 25*int64(i-40)
	case i < 84:
		return 560
	}
	return 260
}

// maxEdit is when the recorded HPA's maxReplicas goes from 6 to 8.
const maxEdit = 50 * backtestStep

// backtestRecordings are what happened in each of them, besides load.
func backtestRecordings() map[string][]sim.Fault {
	return map[string][]sim.Fault{
		"exact.csv":   nil,
		"manual.csv":  {{Kind: sim.FaultSetReplicas, At: 28*backtestStep + 7*time.Second, Replicas: 5}},
		"rollout.csv": {{Kind: sim.FaultSurge, At: 28*backtestStep + time.Second, For: 2 * time.Minute, Replicas: 2}},
		"outage.csv":  {{Kind: sim.FaultMetricsUnavailable, At: 12 * backtestStep, For: 5 * time.Minute, APIs: sim.APICustom}},
	}
}

// TestBacktestRecordingsAreWhatAnExactControllerLeaves regenerates the
// recordings from runs of the world itself; -update rewrites them.
func TestBacktestRecordingsAreWhatAnExactControllerLeaves(t *testing.T) {
	for name, faults := range backtestRecordings() {
		path := filepath.Join("..", "..", "testdata", "backtest", name)
		want := backtestRecording(t, faults)
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the world does today; see whether that is right, then run with -update", path)
		}
	}
}

// backtestRecording runs the world and writes what Prometheus would have
// recorded of it.
func backtestRecording(t *testing.T, faults []sim.Fault) []byte {
	t.Helper()
	w := backtestWorld(t)
	edited := w.Autoscaler
	edited.Max = 8
	w.Faults = append([]sim.Fault{{Kind: sim.FaultEditAutoscaler, At: maxEdit, Autoscaler: &edited}}, faults...)
	slices.SortStableFunc(w.Faults, func(a, b sim.Fault) int { return int(a.At - b.At) })
	rows := make([][]string, 1, backtestSteps+1)
	const of = `{namespace="default",horizontalpodautoscaler="web"}`
	rows[0] = []string{
		"time", "http_requests", `kube_deployment_spec_replicas{namespace="default",deployment="web"}`,
		`kube_deployment_status_replicas{namespace="default",deployment="web"}`,
		`kube_deployment_status_replicas_updated{namespace="default",deployment="web"}`,
		"kube_horizontalpodautoscaler_spec_min_replicas" + of, "kube_horizontalpodautoscaler_spec_max_replicas" + of,
		`kube_horizontalpodautoscaler_spec_target_metric{namespace="default",horizontalpodautoscaler="web",metric_name="http_requests",metric_target_type="average"}`,
		"kube_horizontalpodautoscaler_status_desired_replicas" + of,
		`kube_horizontalpodautoscaler_status_condition{namespace="default",horizontalpodautoscaler="web",condition="ScalingActive",status="false"}`,
	}
	w.Run(func(tick *sim.Tick) bool {
		if tick.T%backtestStep != 0 || len(rows) > 1 && tick.T < time.Duration(len(rows)-1)*backtestStep {
			return true // of two syncs at one instant, the first was recorded
		}
		rows = append(rows, backtestRow(w, tick))
		return true
	})
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	if err := out.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// backtestRow is one scrape, just after a sync.
func backtestRow(w *sim.World, tick *sim.Tick) []string {
	d := &tick.Decision
	replicas := tick.SpecReplicas
	if d.Scaled {
		replicas = d.Desired
	}
	var old int32
	for _, f := range w.Faults {
		if f.Kind == sim.FaultSurge && f.At <= tick.T && tick.T < f.At+f.For {
			old = f.Replicas
		}
	}
	row := []string{strconv.FormatInt(backtestStart+int64(tick.T/time.Second), 10)}
	inactive := int32(0)
	for _, c := range d.Conditions {
		if c.Type == hpa.ScalingActive && !c.Status {
			inactive = 1
		}
	}
	for _, n := range []int32{
		int32(backtestLoad(int(tick.T / backtestStep))), replicas, replicas + old, replicas,
		tick.Spec.Min, tick.Spec.Max, int32(tick.Spec.Metrics[0].Goal / 1000), d.StatusDesired, inactive,
	} {
		row = append(row, strconv.Itoa(int(n)))
	}
	return row
}

// backtestWorld is the world of testdata/backtest/hpa.yaml under the load.
func backtestWorld(t *testing.T) *sim.World {
	t.Helper()
	load := "time,http_requests\n"
	for i := range backtestSteps {
		load += strconv.Itoa(backtestStart+i*15) + "," + strconv.FormatInt(backtestLoad(i), 10) + "\n"
	}
	path := filepath.Join(t.TempDir(), "load.csv")
	if err := os.WriteFile(path, []byte(load), 0o644); err != nil {
		t.Fatal(err)
	}
	initial := int32(2)
	replays, err := scenario.Load(scenario.Request{
		Files: []string{"../../testdata/backtest/hpa.yaml"}, Recordings: []string{path}, Initial: &initial,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &replays[0].World
}
