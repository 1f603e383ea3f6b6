package fit

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/examples/checkout/synthetic"
	"github.com/elasticctl/elasticctl/internal/series"
)

func checkout(t *testing.T) *series.Recording {
	t.Helper()
	rec, err := series.Read("../../testdata/recordings/checkout")
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func checkoutModel(t *testing.T, rec *series.Recording) *Model {
	t.Helper()
	load, err := FromRecording(rec, []Want{resource("cpu", "app")}, Options{Workload: Workload{Kind: "Deployment", Name: "checkout", Namespace: "shop"}})
	if err != nil {
		t.Fatal(err)
	}
	return load.Demands[0].Model
}

// TestTheFirstHalfOfTheRecordingTellsTheSecond is the promise of docs/model.md,
// twice: as the model reports it, and by another road, from the raw counters of
// the second half against a model that never saw them.
func TestTheFirstHalfOfTheRecordingTellsTheSecond(t *testing.T) {
	rec := checkout(t)
	m := checkoutModel(t, rec)
	if h := m.HeldOut; h.Changes < 5 || h.Pods < 15 || h.Error > 0.10 {
		t.Errorf("held out: %+v", h)
	}
	first, last := series.Bounds(rec.Series)
	half := first + (last-first)/2
	early := &series.Recording{}
	for _, s := range rec.Series {
		if n := after(s.Times, half); n > 0 {
			early.Series = append(early.Series, series.Series{Labels: s.Labels, Times: s.Times[:n], Values: s.Values[:n]})
		}
	}
	learned := checkoutModel(t, early)
	if learned.Method != Regression {
		t.Fatalf("the first half: %+v", learned)
	}
	var apart []float64
	changes := 0
	for _, at := range replicaChanges(rec, half) {
		errs := after60s(rec, at, learned)
		if len(errs) > 0 {
			changes++
		}
		apart = append(apart, errs...)
	}
	slices.Sort(apart)
	if changes < 4 || len(apart) < 12 {
		t.Fatalf("%d pods after %d changes", len(apart), changes)
	}
	mid := apart[len(apart)/2]
	if mid > 0.10 {
		t.Errorf("median error %.3f over %d pods after %d changes", mid, len(apart), changes)
	}
	doc, err := os.ReadFile("../../docs/model.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(doc)), " ")
	for _, want := range []string{
		fmt.Sprintf("%.1f %% over %d pods after %d changes", 100*m.HeldOut.Error, m.HeldOut.Pods, m.HeldOut.Changes),
		fmt.Sprintf("%.1f %% over %d pods after %d changes", 100*mid, len(apart), changes),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("docs/model.md does not say: %s", want)
		}
	}
}

// replicaChanges are the times later than from at which the deployment's
// replicas change, if nothing changes for 90 s after.
func replicaChanges(rec *series.Recording, from int64) []int64 {
	var all, out []int64
	for _, s := range rec.Series {
		if s.Labels["__name__"] != "kube_deployment_status_replicas" {
			continue
		}
		for i := 1; i < len(s.Times); i++ {
			if s.Values[i] != s.Values[i-1] {
				all = append(all, s.Times[i])
			}
		}
	}
	for i, at := range all {
		if at > from && (i+1 == len(all) || all[i+1]-at > 90_000) {
			out = append(out, at)
		}
	}
	return out
}

// after60s compares what each pod used from 30 s to 90 s after a change with what
// a model says of an even share of all requests, no more than the limit.
func after60s(rec *series.Recording, at int64, m *Model) (apart []float64) {
	from, to := at+30_000, at+90_000
	gained := func(s *series.Series) (float64, bool) {
		v := between(s, to) - between(s, from)
		return v / 60, !math.IsNaN(v)
	}
	requests := 0.0
	var uses []float64
	for i := range rec.Series {
		s := &rec.Series[i]
		v, ok := gained(s)
		switch name := s.Labels[model.MetricNameLabel]; {
		case !ok:
		case name == "http_requests_total":
			requests += v
		case name == "container_cpu_usage_seconds_total":
			uses = append(uses, v)
		}
	}
	for _, use := range uses {
		predicted := min(m.Limit, m.Idle.Value+m.Cost.Value*requests/float64(len(uses)))
		apart = append(apart, math.Abs(use-predicted)/use)
	}
	return apart
}

// TestTheModelOfTheMadeUpMonth holds the model against a recording whose truth is
// known, with nights, deployments and overload.
func TestTheModelOfTheMadeUpMonth(t *testing.T) {
	config := synthetic.Default()
	config.Days = 10
	made, err := synthetic.Generate(config)
	if err != nil {
		t.Fatal(err)
	}
	rec := &series.Recording{}
	for _, s := range made.Series {
		out := series.Series{Labels: model.Metric{}}
		for k, v := range s.Labels {
			out.Labels[model.LabelName(k)] = model.LabelValue(v)
		}
		for i, v := range s.Values {
			at := made.Start.Add(time.Duration(s.First+i) * made.Step)
			out.Times, out.Values = append(out.Times, at.UnixMilli()), append(out.Values, v)
		}
		rec.Series = append(rec.Series, out)
	}
	load, err := FromRecording(rec, []Want{func() Want { w := cpu(); w.Limit = config.CPULimit; return w }()}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	m := load.Demands[0].Model
	near(t, "idle", m.Idle.Value, config.IdleCPU, 0.1)
	near(t, "cost", m.Cost.Value, config.CostPerRequest, 0.02)
	near(t, "capacity", m.Capacity.Value, (config.CPULimit-config.IdleCPU)/config.CostPerRequest, 0.02)
	if m.Understated == 0 || !m.Rebuilt || m.HeldOut.Error > 0.05 {
		t.Errorf("%+v", m)
	}
}
