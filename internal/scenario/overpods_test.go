package scenario

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// busy is a simulation file of web, which scales on a metric named busiest of a
// type; rest is what its demand says besides the metric. The recording has two of
// its pods, one of another's, and a queue.
func busy(kind, rest string) string {
	metric := map[string]string{
		"External": "{type: External, external: {metric: {name: busiest}, target: {type: Value, value: 10}}}",
		"Pods":     "{type: Pods, pods: {metric: {name: busiest}, target: {type: AverageValue, averageValue: 10}}}",
	}[kind]
	return `
-- sim.yaml --
apiVersion: elasticctl.dev/v1alpha1
kind: Simulation
spec:
  pods: {initial: 2}
  autoscaler:
    objects:
    - apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: web, namespace: shop}
      spec:
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
        maxReplicas: 10
        metrics:
        - ` + metric + `
  demand:
  - {metric: {type: ` + kind + `, name: busiest}, ` + rest + `}
-- pods.csv --
time,"rps{pod=""web-7d4b9-x2x2x""}","rps{pod=""web-7d4b9-y3y3y""}","rps{pod=""cart-5f6c8-x2x2x""}","request{pod=""web-7d4b9-x2x2x""}","request{pod=""web-7d4b9-y3y3y""}","queue{pod=""rabbit-0""}",mean,"lat{quantile=""0.9"",pod=""web-7d4b9-x2x2x""}",in_flight
2026-11-20T18:00:00Z,8,4,100,2,2,7,6,1,1
2026-11-20T18:00:15Z,9,7,100,2,2,8,8,1,1
2026-11-20T18:00:30Z,10,6,100,2,2,9,8,1,1
`
}

func TestAnAggregateOfRecordedPodsIsOneOfSimulatedPods(t *testing.T) {
	const web = `rps{pod=~"web.*"}`
	for _, tt := range []struct {
		query    string
		want     sim.Aggregate
		quantile int64
		values   []int64
		note     string
	}{
		{"max(" + web + ")", sim.AggregateMax, 0, []int64{12_000, 16_000, 16_000}, "busiest is max over the simulated pods, which share the load evenly here, and rarely do in truth"},
		{"avg(" + web + ") * 100", sim.AggregateAvg, 0, []int64{1_200_000, 1_600_000, 1_600_000}, "busiest is avg over the simulated pods"},
		{"sum(" + web + ") / count(" + web + ")", sim.AggregateAvg, 0, []int64{12_000, 16_000, 16_000}, "busiest is avg over the simulated pods"},
		{"sum(" + web + `) / sum(request)`, sim.AggregateAvg, 0, []int64{6000, 8000, 8000}, "busiest is avg over the simulated pods"},
		{"quantile(0.9, " + web + ")", sim.AggregateQuantile, 900_000, []int64{12_000, 16_000, 16_000}, "busiest is quantile(0.9) over the simulated pods, which share the load evenly here, and rarely do in truth"},
		{"count(" + web + ")", sim.AggregateCount, 0, []int64{12_000, 16_000, 16_000}, "busiest is count over the simulated pods"},
		{"sum(" + web + ")", sim.AggregateSum, 0, []int64{12_000, 16_000, 16_000}, ""},
		{"sum by (pod) (" + web + ")", sim.AggregateSum, 0, []int64{12_000, 16_000, 16_000}, ""},
		{"max(queue)", sim.AggregateNone, 0, []int64{7000, 8000, 9000}, "max(queue): nothing in it is known to come from pods of Deployment web, so it is replayed as recorded, whatever they do"},
		{"queue + 1", sim.AggregateNone, 0, []int64{8000, 9000, 10_000}, "role of busiest: load, so queue is as recorded whatever the pods do; if they work it off, write role: backlog with what arrives"},
		{"mean", sim.AggregateNone, 0, []int64{6000, 8000, 8000}, ""},
	} {
		files(t, busy("External", "recording: pods.csv, query: '"+tt.query+"'"))
		r := load(t, Request{Files: []string{"sim.yaml"}})
		d := r.World.Demand[0]
		if diff := cmp.Diff(tt.values, d.Values); diff != "" || d.Aggregate != tt.want || d.Quantile != tt.quantile {
			t.Errorf("%s: %v %d, values (-want +got):\n%s", tt.query, d.Aggregate, d.Quantile, diff)
		}
		if notes := "\n" + strings.Join(r.Notes, "\n") + "\n"; !strings.Contains(notes, "\n"+tt.note) {
			t.Errorf("%s: notes %s", tt.query, notes)
		}
	}
}

func TestAGivenAggregateIsOfTheTotal(t *testing.T) {
	for rest, want := range map[string]sim.Demand{
		"aggregate: max, values: [7], idle: 2":                                                  {Aggregate: sim.AggregateMax, Values: []int64{7}, Idle: 2, NotReady: 2, Scale: 1},
		"aggregate: quantile(0.95), values: [7]":                                                {Aggregate: sim.AggregateQuantile, Quantile: 950_000, Values: []int64{7}, Scale: 1},
		"aggregate: avg, role: perPod, values: [7]":                                             {Aggregate: sim.AggregateAvg, Role: sim.RolePerPod, Values: []int64{7}, Scale: 1},
		"aggregate: max, recording: pods.csv, select: rps, unit: base, capacity: 9":             {Aggregate: sim.AggregateMax, Values: []int64{12_000, 16_000, 16_000}, Capacity: 9000, Scale: 1},
		"aggregate: max, recording: pods.csv, query: 'sum(rps{pod=~\"web.*\"})'":                {Aggregate: sim.AggregateMax, Values: []int64{12_000, 16_000, 16_000}, Scale: 1},
		"aggregate: avg, recording: pods.csv, query: 'avg(rps{pod=~\"web.*\"})'":                {Aggregate: sim.AggregateAvg, Values: []int64{12_000, 16_000, 16_000}, Scale: 1},
		"role: load, recording: pods.csv, query: max(lat)":                                      {Aggregate: sim.AggregateMax, Values: []int64{1000, 1000, 1000}, Scale: 1},
		"role: exogenous, recording: pods.csv, query: 'max(rps) ^ 2'":                           {Role: sim.RoleExogenous, Values: []int64{10_000_000, 10_000_000, 10_000_000}, Scale: 1},
		"role: exogenous, recording: pods.csv, query: 'histogram_quantile(0.9, queue) or mean'": {Role: sim.RoleExogenous, Values: []int64{6000, 8000, 8000}, Scale: 1},
	} {
		files(t, busy("External", rest))
		got := load(t, Request{Files: []string{"sim.yaml"}}).World.Demand[0]
		want.Source, want.Name, want.Step = got.Source, got.Name, got.Step
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", rest, diff)
		}
	}
}

// TestTheMeanOfAPodsMetricIsOfThePodsThatItNames, whatever their recorded number.
func TestTheMeanOfAPodsMetricIsOfThePodsThatItNames(t *testing.T) {
	files(t, busy("Pods", `recording: pods.csv, query: 'avg(rps{pod=~"web.*"}) * 2'`))
	d := load(t, Request{Files: []string{"sim.yaml"}}).World.Demand[0]
	if diff := cmp.Diff([]int64{24_000, 32_000, 32_000}, d.Values); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func TestWhatCannotBeToldOfSimulatedPodsIsRefused(t *testing.T) {
	const (
		asIs    = "; --open-loop replays it as recorded, whatever the pods do"
		outer   = "write sum, avg, max, min, count or quantile over the pods, as the outermost of all"
		alone   = "give the load alone, such as sum(…), avg(…) or sum(…) / count(…)"
		latency = " tells latency, which follows from how busy the pods are, so that other pods would have changed it; scale on the load behind it, "
	)
	for _, tt := range []struct{ kind, query, want string }{
		{"External", "topk(3, rps)", `expression "topk(3, rps)", at 1:1: topk over pods cannot be told of simulated ones here; ` + outer + asIs},
		{"External", "max(rps) + 5", `expression "max(rps) + 5", at 1:1: max over pods cannot be told of simulated ones here; ` + outer + asIs},
		{"External", "avg(rps) > 5", `expression "avg(rps) > 5", at 1:1: > of what pods report cannot be told of simulated ones; ` + outer + asIs},
		{"External", "sum(rps) / sum(queue)", `sum(rps) / sum(queue)`},
		{"External", "max(rps) / sum(rps)", `expression "max(rps) / sum(rps)", at 1:1: / of two values that both change with the pods does not tell how much arrived; ` + alone + asIs},
		{"External", "histogram_quantile(0.9, queue)", `expression "histogram_quantile(0.9, queue)", at 1:1: histogram_quantile` + latency},
		{"External", "max(rps)", `expression "max(rps)": max over 2 pods of Deployment web and 1 of others; choose the workload's pods alone, with a matcher`},
		{"External", `max by (pod_group) (label_replace(rps, "pod_group", "$1", "pod", "(.*)"))`, ` has 3 results, of groups of pods, and simulated pods are of one; remove the by or without clause, or choose one group with a matcher`},
		{"External", "max(lat) * 1000", `busiest is the latency p90 in milliseconds, which follows from how busy the pods are, and no load is served by the pods up to a capacity, so nothing tells how busy they are; give another demand what a pod can serve of it: demand[].capacity`},
		{"External", "max(lat) + 1", `expression "max(lat) + 1": lat is latency: it follows from how busy the pods were, so other pods would have changed it; scale on the load behind it`},
		{"Pods", "avg_over_time(in_flight[1m])", "in_flight is requests in flight: it follows from how busy the pods were, so other pods would have changed it; scale on the load behind it, such as requests per second, with what a pod can do of it as capacity; where latency stays as it is they are load themselves: --role NAME=load; --open-loop"},
		{"External", "quantile(2, rps)", `expression "quantile(2, rps)": the quantile 2 is not within 0 and 1; write one such as 0.9`},
		{"Pods", "max(rps)", `expression "max(rps)": max over pods does not tell how much arrived; give the total, such as sum(…), or the mean, avg(…)`},
		{"Pods", "topk(3, rps)", `expression "topk(3, rps)", at 1:1: topk over pods cannot be told of simulated ones here; ` + outer},
		{"Pods", "sum(rps) / sum(queue)", `expression "sum(rps) / sum(queue)", at 1:1: / of two values that both change with the pods does not tell how much arrived; ` + alone},
		{"Pods", "histogram_quantile(0.9, queue)", `expression "histogram_quantile(0.9, queue)", at 1:1: histogram_quantile` + latency},
	} {
		files(t, busy(tt.kind, "recording: pods.csv, query: '"+tt.query+"'"))
		_, err := Load(Request{Files: []string{"sim.yaml"}})
		if tt.want == tt.query { // by what the pods do not have
			if err != nil {
				t.Errorf("%s: %v", tt.query, err)
			}
			continue
		}
		if err == nil || !strings.HasPrefix(err.Error(), "sim.yaml:") || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %s", tt.query, err, tt.want)
		}
	}
}

func TestMistakesAboutAggregatesAreReported(t *testing.T) {
	for rest, want := range map[string]string{
		"aggregate: median, values: [1]":                                                    `unknown aggregate "median"; write sum, avg, max, min, count or quantile(0.9)`,
		"aggregate: quantile, values: [1]":                                                  `unknown aggregate "quantile"; write sum`,
		"aggregate: max(0.9), values: [1]":                                                  `unknown aggregate "max(0.9)"; write sum`,
		"aggregate: quantile(90), values: [1]":                                              `"quantile(90)" is no quantile within 0 and 1; write sum`,
		"aggregate: quantile(NaN), values: [1]":                                             `"quantile(NaN)" is no quantile within 0 and 1; write sum`,
		"aggregate: max, role: exogenous, values: [1]":                                      "an External metric is the pods' own, so it answers to them; write load or perPod, or remove aggregate",
		"aggregate: max, values: [-1]":                                                      "-1 is negative; load is zero or more",
		"aggregate: max, recording: pods.csv, query: 'avg(rps{pod!=\"cart-5f6c8-x2x2x\"})'": "is avg over pods, and the demand's aggregate is max; give the total, such as sum(…), or remove aggregate",
	} {
		files(t, busy("External", rest))
		if _, err := Load(Request{Files: []string{"sim.yaml"}}); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "sim.yaml:") {
			t.Errorf("%s: error %v, want %s", rest, err, want)
		}
	}
	files(t, busy("Pods", "aggregate: max, values: [1]"))
	if _, err := Load(Request{Files: []string{"sim.yaml"}}); err == nil || !strings.HasSuffix(err.Error(), "a Pods metric is the pods' own: the controller averages it; remove it; only Object and External metrics aggregate over pods") {
		t.Errorf("error %v", err)
	}
}

// TestARecordedRateSaysWhatLagItHasAlready: Prometheus' rate is taken over what is
// left of its window, or not at all.
func TestARecordedRateSaysWhatLagItHasAlready(t *testing.T) {
	for _, tt := range []struct {
		query, pipeline, note string
		averaged              time.Duration
	}{
		{"rate(queue[30s])", "prometheus", "demand of busiest: values that are means over 30s already lag as much; their rate is taken over the 30s that are left", 30 * time.Second},
		{"rate(queue[1m])", "prometheus", "demand of busiest: values that are means over 1m already lag as much; they are read as they were at the last scrape", time.Minute},
		{"rate(queue[1m])", "resource", "", 0},
		{"queue", "prometheus", "", 0},
		{`sum(rate(rps{pod=~"web.*"}[1m]))`, "prometheus", "", 0}, // the pods'
	} {
		file := strings.Replace(busy("External", "step: 15s, recording: pods.csv, query: '"+tt.query+"'"), "pods: {initial: 2}", "pods: {initial: 2}\n  pipeline: {kind: "+tt.pipeline+"}", 1)
		files(t, file)
		r := load(t, Request{Files: []string{"sim.yaml"}})
		if got := r.World.Demand[0].Averaged; got != tt.averaged {
			t.Errorf("%s: averaged over %v, want %v", tt.query, got, tt.averaged)
		}
		notes := strings.Join(r.Notes, "\n")
		if told := strings.Contains(notes, "already lag"); told != (tt.note != "") || !strings.Contains(notes, tt.note) {
			t.Errorf("%s: notes\n%s\nwant %q", tt.query, notes, tt.note)
		}
	}
}
