package scenario

import (
	"strings"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

const realityFiles = `
-- hpa.yaml --
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 6
  metrics:
  - type: Pods
    pods:
      metric: {name: rps}
      target: {type: AverageValue, averageValue: 100}
-- rec.csv --
time,rps,kube_deployment_spec_replicas,HEADER
1700000100,100,2,ROW0
1700000115,100,2,ROW1
1700000130,100,3,ROW2
`

// backtested loads the files with further columns in the recording.
func backtested(t *testing.T, header string, rows ...string) *Backtest {
	t.Helper()
	text := strings.ReplaceAll(realityFiles, "HEADER", header)
	for i, row := range rows {
		text = strings.ReplaceAll(text, "ROW"+string(rune('0'+i)), row)
	}
	files(t, text)
	return load(t, Request{Files: []string{"hpa.yaml"}, Recordings: []string{"rec.csv"}}).Backtest
}

// plain is the archive without further columns.
func plain(text string) string {
	return strings.NewReplacer("HEADER", "y", "ROW0", "1", "ROW1", "1", "ROW2", "1").Replace(text)
}

const inForce = `kube_horizontalpodautoscaler_spec_max_replicas,kube_horizontalpodautoscaler_spec_min_replicas,` +
	`"kube_horizontalpodautoscaler_spec_target_metric{metric_name=""rps"",metric_target_type=""average""}"`

func TestTheAutoscalerInForceIsTheRecordedOne(t *testing.T) {
	b := backtested(t, inForce, "9,1,50.5", "9,1,50.5", "12,1,40")
	a := &b.World.Autoscaler
	if a.Min != 1 || a.Max != 9 || a.Metrics[0].Goal != 50_500 {
		t.Errorf("at the start: %d to %d at %d", a.Min, a.Max, a.Metrics[0].Goal)
	}
	if len(b.World.Faults) != 1 {
		t.Fatalf("edits %+v", b.World.Faults)
	}
	f := &b.World.Faults[0]
	if f.Kind != sim.FaultEditAutoscaler || f.At != 30*time.Second || f.Autoscaler.Max != 12 || f.Autoscaler.Metrics[0].Goal != 40_000 || f.Autoscaler.Min != 1 {
		t.Errorf("edit at %v: %+v", f.At, f.Autoscaler)
	}
	if err := b.World.Validate(); err != nil {
		t.Error(err)
	}
}

func TestWithoutARecordedAutoscalerTheOneGivenStandsIn(t *testing.T) {
	b := backtested(t, "y", "1", "1", "1")
	if a := &b.World.Autoscaler; a.Min != 2 || a.Max != 6 || len(b.World.Faults) > 0 {
		t.Errorf("%+v", a)
	}
	wantNote(t, b, "HPA: the one given; the recording has no kube_horizontalpodautoscaler_spec_* series")
	if b.From != "kube_deployment_spec_replicas" || len(b.Recorded.Replicas) != 3 || b.Recorded.Replicas[1] != (sim.Point{T: 30 * time.Second, N: 3}) {
		t.Errorf("%s: %v", b.From, b.Recorded.Replicas)
	}
}

func TestWhatTheRecordedAutoscalerHasOtherwiseIsTold(t *testing.T) {
	b := backtested(t, strings.ReplaceAll(inForce, "rps", "queue"), "9,1,5", "9,1,5", "9,1,5")
	wantNote(t, b, "the recorded HPA scaled on queue (average), which the HPA given does not")
	wantNote(t, b, "the recorded HPA has no target for rps: that of the HPA given stands in")
	if goal := b.World.Autoscaler.Metrics[0].Goal; goal != 100_000 {
		t.Errorf("goal %d", goal)
	}
}

func TestARecordedAutoscalerThatNoClusterAcceptsIsPassedOver(t *testing.T) {
	b := backtested(t, inForce, "0,1,50", "4,5,50", "5,5,0")
	if a := &b.World.Autoscaler; a.Min != 2 || a.Max != 6 || len(b.World.Faults) > 0 {
		t.Errorf("%d to %d, %d edits", a.Min, a.Max, len(b.World.Faults))
	}
	wantNote(t, b, "the HPA recorded at +0s is none that a cluster accepts")
	wantNote(t, b, "the HPA recorded at +30s is none that a cluster accepts")
}

func TestWithoutACountAtTheStartThereIsNoBacktest(t *testing.T) {
	files(t, plain(strings.ReplaceAll(realityFiles, "00100,100,2", "00100,100,")))
	if b := load(t, Request{Files: []string{"hpa.yaml"}, Recordings: []string{"rec.csv"}}).Backtest; b != nil {
		t.Errorf("%+v", b)
	}
}

func TestFaultsOfTheFileAreNoPartOfTheBacktest(t *testing.T) {
	files(t, plain(realityFiles)+`
-- sim.yaml --
apiVersion: elasticctl.dev/v1alpha1
kind: Simulation
spec:
  autoscaler: {manifest: hpa.yaml}
  pods: {containers: [{name: app}]}
  demand:
  - {metric: {type: Pods, name: rps}, recording: rec.csv}
  faults:
  - {at: 10s, setReplicas: 5}
`)
	r := load(t, Request{Files: []string{"sim.yaml"}})
	if r.Backtest == nil || len(r.World.Faults) != 1 || len(r.Backtest.World.Faults) != 0 {
		t.Errorf("%+v", r.Backtest)
	}
}

func wantNote(t *testing.T, b *Backtest, note string) {
	t.Helper()
	for _, n := range b.Notes {
		if strings.HasPrefix(n, note) {
			return
		}
	}
	t.Errorf("no note %q among %q", note, b.Notes)
}
