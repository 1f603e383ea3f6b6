package fit

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/elasticctl/elasticctl/internal/series"
)

func TestCountersThatBeginWithinTheRecordingBeginAtZero(t *testing.T) {
	a := every(`x_total{pod="a",code="200"}`, 600, 100, 115, 130, 145, 160)
	for _, tc := range []struct {
		name string
		more []series.Series
		want []int64
	}{
		{"a pod born between two scrapes", []series.Series{
			every(`x_total{pod="b",code="200"}`, 600, -1, -1, 30, 60, 90), every(`kube_pod_created{pod="b"}`, 600, -1, -1, 615, 615, 615),
		}, []int64{1000, 3000, 3000, 3000}},
		{"a pod whose birth is not recorded", []series.Series{
			every(`x_total{pod="b",code="200"}`, 600, -1, -1, 30, 60, 90),
		}, []int64{1000, 1000, 3000, 3000}},
		{"a pod older than the recording", []series.Series{
			every(`x_total{pod="b",code="200"}`, 615, 30, 60, 90, 120), every(`kube_pod_created{pod="b"}`, 615, 510, 510, 510, 510),
		}, []int64{1000, 3000, 3000, 3000}},
		{"a container that started, where pods are not told", []series.Series{
			every(`x_total{pod="b",code="200"}`, 600, -1, -1, 30, 60, 90), every(`container_start_time_seconds{pod="b",container="app"}`, 600, -1, -1, 615, 615, 615),
		}, []int64{1000, 3000, 3000, 3000}},
		{"a code that is new", []series.Series{every(`x_total{pod="a",code="500"}`, 600, -1, -1, -1, 15, 15)}, []int64{1000, 1000, 2000, 1000}},
		{"a pod of which all series changed their labels", []series.Series{
			every(`x_total{pod="c",version="1"}`, 600, 1000, 1015, -1, -1, -1), every(`x_total{pod="c",version="2"}`, 600, -1, -1, 1030, 1045, 1060),
		}, []int64{2000, 1000, 2000, 2000}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			load, err := FromRecording(recording(append([]series.Series{a}, tc.more...)...), []Want{pods("x")}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, steps(&load.Demands[0])); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// quietFor leaves out the samples of a time.
func quietFor(s series.Series, from, to int64) series.Series {
	out := series.Series{Labels: s.Labels}
	for i, at := range s.Times {
		if at <= 1000*from || at >= 1000*to {
			out.Times, out.Values = append(out.Times, at), append(out.Values, s.Values[i])
		}
	}
	return out
}

func TestAPodThatIsSilentWhileOthersAreNotIsNotLost(t *testing.T) {
	var up, level []float64
	for i := range 81 {
		up, level = append(up, float64(15*i)), append(level, 1)
	}
	for _, tc := range []struct {
		metric string
		values []float64
	}{{"x_total", up}, {"x", level}} {
		t.Run(tc.metric, func(t *testing.T) {
			load, err := FromRecording(recording(
				every(tc.metric+`{pod="a"}`, 0, tc.values...), quietFor(every(tc.metric+`{pod="b"}`, 0, tc.values...), 300, 900),
			), []Want{pods(tc.metric)}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			d := &load.Demands[0]
			for k, v := range steps(d) {
				if v != 2000 {
					t.Fatalf("step %d: %d", k, v)
				}
			}
			if d.Silent != 1 || d.Bridged < 9*time.Minute || d.Bridged > 10*time.Minute || d.Nulls != 0 {
				t.Errorf("%d silent for %v, %d null", d.Silent, d.Bridged, d.Nulls)
			}
		})
	}
}

func TestAMeanOverThePodsIsTimesTheirNumber(t *testing.T) {
	count := every(`kube_deployment_status_replicas{deployment="web"}`, 0, 2, 3, 4)
	mean := expression("rps", "avg(x)", every("y", 0, 10, 10, 10))
	mean.Average = true
	load, err := FromRecording(recording(count), []Want{mean}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{20000, 30000, 40000}, steps(&load.Demands[0])); diff != "" {
		t.Error(diff)
	}
	if _, err := FromRecording(recording(every("x", 0, 1, 2, 3)), []Want{mean}, Options{}); err == nil ||
		err.Error() != "demand for rps: avg(x) is a mean over the pods, and the recording does not tell how many there were; record kube_deployment_status_replicas with it, or give the total" {
		t.Error(err)
	}
	seen := every(`kube_horizontalpodautoscaler_status_target_metric{horizontalpodautoscaler="web",metric_name="cpu",metric_target_type="average"}`, 0, 0.5, 0.6, 0.7)
	load, err = FromRecording(recording(count, seen), []Want{cpu()}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{1000, 1800, 2800}, steps(&load.Demands[0])); diff != "" || !load.Demands[0].Average {
		t.Error(diff)
	}
}

func TestRowsOfWholePodsStandInForContainers(t *testing.T) {
	load, err := FromRecording(recording(
		every(`container_cpu_usage_seconds_total{pod="a",container=""}`, 0, 0, 15, 30),
		every(`container_cpu_usage_seconds_total{pod="a",container="POD"}`, 0, 0, 1, 2),
		every(`container_cpu_usage_seconds_total{container="",id="/kubepods"}`, 0, 0, 150, 300),
	), []Want{cpu()}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{1000, 1000}, steps(&load.Demands[0])); diff != "" {
		t.Error(diff)
	}
}

func TestARecordingRuleSaysWhatItIsAMeanOver(t *testing.T) {
	for name, want := range map[string]time.Duration{
		"node_namespace_pod_container:container_cpu_usage_seconds_total:sum_rate5m": 5 * time.Minute,
		"shop:requests:rate1m": time.Minute,
		"shop:requests:sum":    0,
		"requests_rate5m":      0,
		"shop:rate5m:sum":      0,
	} {
		load, err := FromRecording(recording(every(`{__name__="`+name+`",pod="a",container="c"}`, 0, 1, 2)), []Want{pods(name)}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := load.Demands[0].Window; got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
