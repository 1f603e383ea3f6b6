package fit

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/elasticctl/elasticctl/internal/series"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// observe reads what a recording of six steps from 0 s tells of Deployment web
// and its autoscaler web.
func observe(t *testing.T, set ...series.Series) *Reality {
	t.Helper()
	rec := recording(append(set, every(`x`, 0, 1, 1, 1, 1, 1, 1))...)
	load, err := FromRecording(rec, []Want{pods("x")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return Observe(rec, load, load.Grid.Start, Subject{Namespace: "shop", Workload: "web", Autoscaler: "web"})
}

const step = 15 * time.Second

func TestTheRecordedScaleIsThatOfTheWorkload(t *testing.T) {
	end := sim.Point{T: 6 * step, N: sim.Unknown}
	for _, tt := range []struct {
		name string
		set  []series.Series
		from string
		want []sim.Point
	}{
		{"its own of several", []series.Series{
			every(`kube_deployment_spec_replicas{deployment="api"}`, 0, 9, 9, 9, 9, 9, 9),
			every(`kube_deployment_spec_replicas{deployment="web"}`, 0, 2, 2, 3, 3, 3, 3),
		}, "kube_deployment_spec_replicas", []sim.Point{{T: 0, N: 2}, {T: 2 * step, N: 3}, end}},
		{"of its namespace", []series.Series{
			every(`kube_deployment_spec_replicas{deployment="web",namespace="other"}`, 0, 9, 9, 9, 9, 9, 9),
			every(`kube_deployment_spec_replicas{deployment="web",namespace="shop"}`, 0, 2, 2, 2, 2, 2, 2),
		}, "kube_deployment_spec_replicas", []sim.Point{{T: 0, N: 2}, end}},
		{"the only one, whatever it is called", []series.Series{
			every(`kube_statefulset_replicas{statefulset="db"}`, 0, 2, -1, -1, nan, 4, 4),
		}, "kube_statefulset_replicas", []sim.Point{{T: 0, N: 2}, {T: 3 * step, N: sim.Unknown}, {T: 4 * step, N: 4}, end}},
		{"scraped twice", []series.Series{
			every(`kube_deployment_spec_replicas{deployment="web",replica="a",instance="1"}`, 0, 2, 2, 2, 2, 2, 2),
			every(`kube_deployment_spec_replicas{deployment="web",replica="b",instance="2"}`, 0, 2, 2, 2, 2, 2, 2),
		}, "kube_deployment_spec_replicas", []sim.Point{{T: 0, N: 2}, end}},
		{"none of several, but the autoscaler's", []series.Series{
			every(`kube_deployment_spec_replicas{deployment="api"}`, 0, 9, 9, 9, 9, 9, 9),
			every(`kube_deployment_spec_replicas{deployment="db"}`, 0, 9, 9, 9, 9, 9, 9),
			every(`kube_horizontalpodautoscaler_status_current_replicas{horizontalpodautoscaler="web"}`, 0, 4, 4, 4, 4, 4, 4),
		}, "kube_horizontalpodautoscaler_status_current_replicas", []sim.Point{{T: 0, N: 4}, end}},
		{"the pods themselves", []series.Series{every(`up{instance="a"}`, 0, 1, 1, 1, 1, 1, 1)}, "up", []sim.Point{{T: 0, N: 1}, end}},
	} {
		r := observe(t, tt.set...)
		if r == nil {
			t.Errorf("%s: nothing", tt.name)
			continue
		}
		if r.From != tt.from || r.Step != step || !cmp.Equal(r.Replicas, tt.want) {
			t.Errorf("%s: %s every %v: %v; want %s: %v", tt.name, r.From, r.Step, r.Replicas, tt.from, tt.want)
		}
	}
	if r := observe(t); r != nil {
		t.Errorf("no count: %+v", r)
	}
}

func TestTheScaleIsNoFinerThanItsOwnScrapes(t *testing.T) {
	r := observe(t, every(`kube_deployment_spec_replicas{deployment="web"}`, 0, 2, -1, -1, -1, 3, -1))
	if want := []sim.Point{{T: 0, N: 2}, {T: 4 * step, N: 3}, {T: 6 * step, N: sim.Unknown}}; r.Step != time.Minute || !cmp.Equal(r.Replicas, want) {
		t.Errorf("every %v: %v", r.Step, r.Replicas)
	}
}

func TestTheAutoscalerInForceIsReadOverTime(t *testing.T) {
	replicas := every(`kube_deployment_spec_replicas{deployment="web"}`, 0, 2, 2, 2, 2, 2, 2)
	const name = `{horizontalpodautoscaler="web"}`
	r := observe(
		t, replicas,
		every(`kube_horizontalpodautoscaler_spec_min_replicas`+name, 0, 1, 1, 1, 2, 2, 2),
		every(`kube_horizontalpodautoscaler_spec_max_replicas`+name, 0, 5, 5, 5, 5, 5, 5),
		every(`kube_horizontalpodautoscaler_spec_target_metric{horizontalpodautoscaler="web",metric_name="cpu",metric_target_type="utilization"}`, 0, 80, 80, 60, 60, 60, 60),
		every(`kube_horizontalpodautoscaler_status_desired_replicas`+name, 0, 2, 2, 3, 3, 3, 3),
		every(`kube_horizontalpodautoscaler_status_condition{horizontalpodautoscaler="web",condition="ScalingActive",status="true"}`, 0, 1, 0, 0, 1, 1, 1),
		every(`kube_horizontalpodautoscaler_status_condition{horizontalpodautoscaler="web",condition="ScalingActive",status="false"}`, 0, 0, 1, 1, 0, 0, 0),
	)
	end := sim.Point{T: 6 * step, N: sim.Unknown}
	want := &InForce{
		Name: "web", Min: []sim.Point{{T: 0, N: 1}, {T: 3 * step, N: 2}, end}, Max: []sim.Point{{T: 0, N: 5}, end},
		Targets: []Target{{Metric: "cpu", Type: "utilization", Levels: []Level{{0, 80}, {2 * step, 60}, {6 * step, math.NaN()}}}},
	}
	if diff := cmp.Diff(want, r.InForce, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("in force (-want +got):\n%s", diff)
	}
	if want := []sim.Point{{T: 0, N: 2}, {T: 2 * step, N: 3}, end}; !cmp.Equal(r.Wanted, want) {
		t.Errorf("wanted %v", r.Wanted)
	}
	if want := []sim.Span{{From: step, To: 3 * step}}; !cmp.Equal(r.Blind, want) {
		t.Errorf("blind %v", r.Blind)
	}
}

func TestAnAutoscalerOfAnotherNameCountsWhereItIsTheOnlyOne(t *testing.T) {
	replicas := every(`kube_deployment_spec_replicas{deployment="web"}`, 0, 2, 2, 2, 2, 2, 2)
	one := every(`kube_horizontalpodautoscaler_spec_max_replicas{horizontalpodautoscaler="old"}`, 0, 5, 5, 5, 5, 5, 5)
	two := every(`kube_horizontalpodautoscaler_spec_max_replicas{horizontalpodautoscaler="older"}`, 0, 5, 5, 5, 5, 5, 5)
	if r := observe(t, replicas, one); r.InForce == nil || r.InForce.Name != "old" || len(r.Notes) > 0 {
		t.Errorf("one: %+v", r)
	}
	r := observe(t, replicas, one, two)
	if r.InForce != nil || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "2 autoscalers, old, older, none of which is called web") {
		t.Errorf("two: %+v", r)
	}
}

func TestRolloutsAreTimesOfSeveralTemplates(t *testing.T) {
	replicas := every(`kube_deployment_spec_replicas{deployment="web"}`, 0, 2, 2, 2, 2, 2, 2)
	owner := func(pod, set string, start int64, n int) series.Series {
		return every(`kube_pod_owner{owner_kind="ReplicaSet",owner_name="`+set+`",pod="`+pod+`"}`, start, make([]float64, n)...)
	}
	for _, tt := range []struct {
		name string
		set  []series.Series
		want []sim.Span
	}{
		{"one template", []series.Series{owner("a", "web-1", 0, 6), owner("b", "web-1", 15, 4)}, nil},
		{"one after the other", []series.Series{owner("a", "web-1", 0, 3), owner("b", "web-2", 45, 3)}, nil},
		{"pod by pod", []series.Series{
			owner("a", "web-1", 0, 3), owner("b", "web-1", 0, 4), owner("c", "web-2", 30, 4), owner("d", "web-2", 45, 3),
		}, []sim.Span{{From: 2 * step, To: 4 * step}}},
		{"another workload's", []series.Series{owner("a", "web-1", 0, 6), owner("b", "api-2", 0, 6)}, nil},
		{"fewer updated than there are", []series.Series{
			every(`kube_deployment_status_replicas{deployment="web"}`, 0, 2, 3, 3, 2, 2, 2),
			every(`kube_deployment_status_replicas_updated{deployment="web"}`, 0, 2, 1, 2, 2, 2, 2),
		}, []sim.Span{{From: step, To: 3 * step}}},
	} {
		r := observe(t, append(tt.set, replicas)...)
		if diff := cmp.Diff(tt.want, r.Rollouts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
