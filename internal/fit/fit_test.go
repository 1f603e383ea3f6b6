package fit

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// every makes a series of one sample every 15 s from start seconds on; NaN is
// the stale marker, -1 a sample left out.
func every(sel string, start int64, vs ...float64) series.Series {
	parsed, err := series.ParseSelector(sel)
	if err != nil {
		panic(err)
	}
	s := series.Series{Labels: model.Metric{}}
	for _, m := range parsed.Matchers {
		s.Labels[model.LabelName(m.Label)] = model.LabelValue(m.Value)
	}
	for i, v := range vs {
		if v == -1 {
			continue
		}
		if math.IsNaN(v) {
			v = series.Stale()
		}
		s.Times, s.Values = append(s.Times, (start+int64(i)*15)*1000), append(s.Values, v)
	}
	return s
}

func recording(set ...series.Series) *series.Recording { return &series.Recording{Series: set} }

var nan = math.NaN()

func cpu() Want    { return resource("cpu", "") }
func memory() Want { return resource("memory", "") }

func resource(name, container string) Want {
	return Want{Demand: sim.Demand{Source: hpa.SourceResource, Name: name, Container: container}, Resource: true}
}

func pods(name string) Want {
	return Want{Demand: sim.Demand{Source: hpa.SourcePods, Name: name}}
}

func expression(name, expr string, total ...series.Series) Want {
	w := pods(name)
	w.Expr, w.Total = expr, total
	return w
}

const none = int64(-1)

// steps returns the values with null steps as none.
func steps(d *Demand) []int64 {
	out := append([]int64(nil), d.Values...)
	for k := range out {
		if d.null(k) {
			out[k] = none
		}
	}
	return out
}

func TestDemandIsTheSumOverThePods(t *testing.T) {
	for _, tc := range []struct {
		name  string
		want  Want
		rec   *series.Recording
		from  string
		scale int64
		steps []int64
	}{
		{
			"containers' CPU, without whole pods and sandboxes", cpu(), recording(
				every(`container_cpu_usage_seconds_total{pod="a",container="app"}`, 0, 0, 3, 9, 18),
				every(`container_cpu_usage_seconds_total{pod="b",container="app"}`, 0, 100, 103, 106, 109),
				every(`container_cpu_usage_seconds_total{pod="a",container=""}`, 0, 0, 300, 900, 1800),
				every(`container_cpu_usage_seconds_total{pod="a",container="POD"}`, 0, 0, 300, 900, 1800),
				every(`process_cpu_seconds_total{pod="a"}`, 0, 0, 30, 90, 180),
			), `container_cpu_usage_seconds_total{container!="",container!="POD"}`, 1, []int64{400, 600, 800},
		},
		{
			"single CPUs and their total", cpu(), recording(
				every(`container_cpu_usage_seconds_total{pod="a",container="app",cpu="total"}`, 0, 0, 6, 12),
				every(`container_cpu_usage_seconds_total{pod="a",container="app",cpu="cpu00"}`, 0, 0, 2, 4),
				every(`container_cpu_usage_seconds_total{pod="a",container="app",cpu="cpu01"}`, 0, 0, 4, 8),
			), `container_cpu_usage_seconds_total{container!="",container!="POD"}`, 1, []int64{400, 400},
		},
		{
			"one container of two", resource("cpu", "app"), recording(
				every(`container_cpu_usage_seconds_total{pod="a",container="app"}`, 0, 0, 3, 9),
				every(`container_cpu_usage_seconds_total{pod="a",container="sidecar"}`, 0, 0, 30, 90),
			), `container_cpu_usage_seconds_total{container!="",container!="POD"}`, 1, []int64{200, 400},
		},
		{
			"processes' CPU, a reset", cpu(), recording(every(`process_cpu_seconds_total{instance="a"}`, 0, 6, 12, 3, 9)),
			"process_cpu_seconds_total", 1,
			[]int64{400, 200, 400},
		},
		{
			"a stale marker does not break a counter", cpu(), recording(every(`process_cpu_seconds_total{instance="a"}`, 0, 0, nan, 6, 9)),
			"process_cpu_seconds_total", 1,
			[]int64{200, 200, 200},
		},
		{
			"a pod that comes and one that goes", cpu(), recording(
				every(`process_cpu_seconds_total{instance="a"}`, 0, 0, 3, 6, -1, -1),
				every(`process_cpu_seconds_total{instance="b"}`, 0, -1, -1, 7, 13, 19),
			), "process_cpu_seconds_total", 1, []int64{200, 200, 400, 400},
		},
		{
			"memory in bytes; a pod that is gone counts no more", memory(), recording(
				every(`container_memory_working_set_bytes{pod="a",container="app"}`, 0, 100, 100, 100, 100, 100),
				every(`container_memory_working_set_bytes{pod="b",container="app"}`, 0, 50, 50, -1, -1, -1),
				every(`container_memory_working_set_bytes{pod="c",container="app"}`, 0, 7, nan, -1, -1, 7),
			), `container_memory_working_set_bytes{container!="",container!="POD"}`, 1000, []int64{157, 150, 100, 100, 107},
		},
		{
			"a lost scrape is bridged", memory(), recording(every(`process_resident_memory_bytes{instance="a"}`, 0, 1, -1, 3, 4)),
			"process_resident_memory_bytes", 1000,
			[]int64{1, 1, 3, 4},
		},
		{
			"a gauge of the metric's own name", pods("queue_depth"), recording(every(`queue_depth{pod="a"}`, 0, 1, 2.0004), every(`queue_depth_total{pod="a"}`, 0, 1, 2)),
			"queue_depth", 1,
			[]int64{1000, 2000},
		},
		{
			"the counter behind a rate", pods("http_requests_per_second"), recording(every(`http_requests_total{pod="a"}`, 0, 0, 30, 75)),
			"http_requests_total", 1,
			[]int64{2000, 3000},
		},
		{
			"a histogram's count", pods("latency_count"), recording(every(`latency_count{pod="a"}`, 0, 0, 30, 75), every(`latency_sum{pod="a"}`, 0, 0, 1, 2)),
			"latency_count", 1,
			[]int64{2000, 3000},
		},
		{
			"a gauge called count", pods("worker_count"), recording(every(`worker_count{pod="a"}`, 0, 3, 4)),
			"worker_count", 1,
			[]int64{3000, 4000},
		},
		{
			"values too large for thousandths", pods("x"), recording(every(`x`, 0, 1e13, 2e13)),
			"x", 1000,
			[]int64{1e13, 2e13},
		},
		{
			"an expression", expression("rps", "sum by (pod) (y)", every(`{pod="a"}`, 0, 1.5, 2), every(`{pod="b"}`, 0, 1, 2)), recording(every("y", 0, 1, 2)),
			"sum by (pod) (y)", 1,
			[]int64{2500, 4000},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			load, err := FromRecording(tc.rec, []Want{tc.want}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			d := &load.Demands[0]
			if d.From != tc.from || d.Scale != tc.scale || d.Step != 15*time.Second {
				t.Errorf("from %s, scale %d, step %v", d.From, d.Scale, d.Step)
			}
			if diff := cmp.Diff(tc.steps, steps(d)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatWasRecordedTwiceCountsOnce(t *testing.T) {
	for _, tc := range []struct {
		name       string
		rec        *series.Recording
		duplicates int
		steps      []int64
	}{
		{"by two servers", recording(
			every(`x{pod="a",replica="r0"}`, 0, 1, 2, 3),
			every(`x{pod="a",replica="r1"}`, 0, 1, 2, 3),
			every(`x{pod="b",replica="r0"}`, 0, 10, 20, 30),
		), 1, []int64{11000, 22000, 33000}},
		{"by two scrape configurations", recording(
			every(`x{pod="a",job="svc",endpoint="http"}`, 0, 1, 2, 3),
			every(`x{pod="a",job="pods"}`, 0, 1, 2, 3),
		), 1, []int64{1000, 2000, 3000}},
		{"by two servers with a gap in each", recording(
			every(`x{pod="a",replica="r0"}`, 0, 1, 2, 3, -1, -1, -1, -1, 8, 9),
			every(`x{pod="a",replica="r1"}`, 0, -1, -1, 3, 4, 5, 6, 7),
		), 1, []int64{1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000}},
		{"through two ports of one container", recording(
			every(`x{pod="a",container="app",instance="a:8080"}`, 0, 1, 2, 3),
			every(`x{pod="a",container="app",instance="a:8081"}`, 0, 1, 2, 3),
		), 1, []int64{1000, 2000, 3000}},
		{"by a kubelet of two names", recording(
			every(`x{pod="a",container="app",job="kubelet",instance="10.0.0.1:10250",node="n1"}`, 0, 1, 2, 3),
			every(`x{pod="a",container="app",job="cadvisor",instance="n1"}`, 0, 1, 2, 3),
		), 1, []int64{1000, 2000, 3000}},
		{"two ports that say different things are two", recording(
			every(`x{pod="a",container="app",instance="a:8080"}`, 0, 1, 2, 3),
			every(`x{pod="a",container="app",instance="a:8081"}`, 0, 10, 20, 30),
		), 0, []int64{11000, 22000, 33000}},
		{"a label called service may be the metric's own", recording(
			every(`x{pod="a",service="buy"}`, 0, 1, 2, 3),
			every(`x{pod="a",service="sell"}`, 0, 10, 20, 30),
		), 0, []int64{11000, 22000, 33000}},
		{"replica names the pod", recording(
			every(`x{replica="r0"}`, 0, 1, 2, 3),
			every(`x{replica="r1"}`, 0, 1, 2, 3),
		), 0, []int64{2000, 4000, 6000}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			load, err := FromRecording(tc.rec, []Want{pods("x")}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			d := &load.Demands[0]
			if diff := cmp.Diff(tc.steps, steps(d)); diff != "" {
				t.Error(diff)
			}
			if d.Duplicates != tc.duplicates || d.Series+d.Duplicates != len(tc.rec.Series) {
				t.Errorf("%d series, %d duplicates", d.Series, d.Duplicates)
			}
		})
	}
}

// gap is a series silent for a time between two runs of samples.
func gap(sel string, silence int64) series.Series {
	s := every(sel, 0, 0, 15, 30)
	late := every(sel, 30+silence, 60, 75, 90)
	s.Times, s.Values = append(s.Times, late.Times...), append(s.Values, late.Values...)
	return s
}

func TestGapsLongerThanTheLookbackAreNull(t *testing.T) {
	for _, tc := range []struct {
		name    string
		metric  string
		silence int64
		nulls   int
	}{
		{"a gauge, five minutes", "x", 300, 0},
		{"a gauge, longer", "x", 315, 20},
		{"a counter, five minutes", "x_total", 300, 0},
		{"a counter, longer", "x_total", 315, 21},
	} {
		t.Run(tc.name, func(t *testing.T) {
			load, err := FromRecording(recording(gap(tc.metric+`{pod="a"}`, tc.silence)), []Want{pods(tc.metric)}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if d := load.Demands[0]; d.Nulls != tc.nulls {
				t.Errorf("%d null steps: %v", d.Nulls, steps(&d))
			}
		})
	}
}

func TestStepsAtTheEdgeOfAGapTakeTheKnownRate(t *testing.T) {
	// 1 a second up to 30 s and from 637 s on: only 8 s of its step are known.
	load, err := FromRecording(recording(gap(`x_total{pod="a"}`, 607)), []Want{pods("x")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := steps(&load.Demands[0])
	if got[41] != none || got[42] != 1000 || got[43] != 1000 {
		t.Errorf("around the end of the gap: %v", got[40:])
	}
}

// TestIncrementsAreConserved holds the sum of all steps against the sum of all
// gains, for scrapes of any phase and counters that start anew.
func TestIncrementsAreConserved(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var rec series.Recording
		want, resets := 0.0, 0
		edge := int64(100_000_000)
		for pod := range 4 {
			s := series.Series{Labels: model.Metric{"__name__": "x_total", "pod": model.LabelValue(rune('a' + pod))}}
			v := 0.0
			for at := r.Int64N(600_000); at < 3_000_000; at += 5_000 + r.Int64N(20_000) {
				gain := math.Floor(r.Float64() * 1000)
				if r.IntN(20) == 0 && len(s.Times) > 0 && gain < v {
					v, resets = 0, resets+1
				}
				if v += gain; len(s.Times) > 0 {
					want += gain
				}
				s.Times, s.Values = append(s.Times, at), append(s.Values, v)
			}
			rec.Series = append(rec.Series, s)
		}
		// A silent pair of samples stretches the grid beyond all others.
		rec.Series = append(rec.Series, every(`x_total{pod="z"}`, 0, 0, 0), every(`x_total{pod="y"}`, edge/1000, 0, 0))
		load, err := FromRecording(&rec, []Want{pods("x")}, Options{Step: time.Duration(1+r.IntN(40)) * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		d := &load.Demands[0]
		got := 0.0
		for _, v := range d.sum {
			got += v * d.Step.Seconds()
		}
		// Steps that only a part of is known of are scaled up: with pods that
		// overlap there are two of them at most, at the very beginning and end.
		if got < want-1e-6 || got > want*1.02 || d.Resets != resets {
			t.Fatalf("%v in all steps, %v gained; %d resets, want %d", got, want, d.Resets, resets)
		}
	}
}

func TestTheGridIsTheTimeAllMetricsShare(t *testing.T) {
	rec := recording(
		every(`process_cpu_seconds_total{instance="a"}`, 0, 0, 3, 6, 9, 12, 15, 18),
		every(`queue{instance="a"}`, 60, 1, 2, 3, 4),
	)
	load, err := FromRecording(rec, []Want{cpu(), pods("queue")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if load.Grid.Start != 60_000 || load.Grid.N != 2 {
		t.Errorf("grid %+v", load.Grid)
	}
	if got, want := strings.Join(load.Notes, "\n"), "1m30s cut off where not every metric is recorded: cpu from 1970-01-01T00:00:00Z to 1970-01-01T00:01:30Z, queue from 1970-01-01T00:01:00Z to 1970-01-01T00:02:00Z"; got != want {
		t.Errorf("notes: %s", got)
	}
}

func TestTheRecordedPodCount(t *testing.T) {
	cpuOf := func(pod string, vs ...float64) series.Series {
		return every(`process_cpu_seconds_total{job="shop",pod="`+pod+`",instance="`+pod+`:1"}`, 0, vs...)
	}
	base := []series.Series{cpuOf("a", 0, 1, 2, 3), cpuOf("b", -1, 0, 1, -1)}
	for _, tc := range []struct {
		name string
		more []series.Series
		from string
		want []int32
	}{
		{"pods that report", nil, "pods that report process_cpu_seconds_total", []int32{1, 2, 2}},
		{"up, of these instances only", []series.Series{
			every(`up{job="shop",instance="a:1"}`, 0, 1, 1, 1, 1), every(`up{job="shop",instance="b:1"}`, 0, 0, 1, 0, 0), every(`up{job="prometheus",instance="p:1"}`, 0, 1, 1, 1, 1),
		}, "up", []int32{1, 2, 1}},
		{"readiness before up", []series.Series{
			every(`up{job="shop",instance="a:1"}`, 0, 1, 1, 1, 1),
			every(`kube_pod_status_ready{pod="a",condition="true"}`, 0, 0, 1, 1, 1), every(`kube_pod_status_ready{pod="a",condition="false"}`, 0, 1, 0, 0, 0),
			every(`kube_pod_status_ready{pod="other",condition="true"}`, 0, 1, 1, 1, 1),
		}, `kube_pod_status_ready{condition="true"}`, []int32{0, 1, 1}},
		{"the deployment's status first", []series.Series{
			every(`up{job="shop",instance="a:1"}`, 0, 1, 1, 1, 1), every(`kube_deployment_status_replicas{deployment="shop"}`, 0, 5, 6, 7, 8),
		}, "kube_deployment_status_replicas", []int32{5, 6, 7}},
		{"not of several deployments", []series.Series{
			every(`kube_deployment_status_replicas{deployment="shop"}`, 0, 5, 6, 7, 8), every(`kube_deployment_status_replicas{deployment="cart"}`, 0, 5, 6, 7, 8),
		}, "pods that report process_cpu_seconds_total", []int32{1, 2, 2}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			load, err := FromRecording(recording(append(tc.more, base...)...), []Want{cpu()}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&Replicas{From: tc.from, Values: tc.want}, load.Replicas); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCoarseRecordingsHaveALongerLookback(t *testing.T) {
	s := every("x", 0, 1, 2, 3, 4)
	for i := range s.Times {
		s.Times[i] = int64(i) * 3_600_000
	}
	load, err := FromRecording(recording(s), []Want{pods("x")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{1000, 2000, 3000, 4000}, steps(&load.Demands[0])); diff != "" || load.Lookback != 2*time.Hour {
		t.Errorf("look-back %v %s", load.Lookback, diff)
	}
	grid, err := QueryGrid(recording(s), 0)
	if want := (series.Grid{Step: time.Hour, N: 4}); err != nil || grid != want {
		t.Errorf("grid %+v, %v", grid, err)
	}
}
