package scenario

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/internal/fit"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// shop is a recording of two pods whose load swings: 20m idle and 4m a request,
// and an HPA on both.
func shop(limit string) string {
	var b strings.Builder
	b.WriteString(`
-- shop.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: app, image: "web:1", resources: {requests: {cpu: 200m}` + limit + `}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 10
  metrics:
  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}
  - {type: Pods, pods: {metric: {name: http_requests_per_second}, target: {type: AverageValue, averageValue: "20"}}}
-- shop.csv --
time`)
	for _, metric := range []string{"container_cpu_usage_seconds_total", "http_requests_total"} {
		for _, pod := range []string{"web-7d4b9-x2x2x", "web-7d4b9-y3y3y"} {
			fmt.Fprintf(&b, `,"%s{pod=""%s"",container=""app""}"`, metric, pod)
		}
	}
	cpu, requests := 0.0, 0.0
	for k := range 200 {
		fmt.Fprintf(&b, "\n%s,%.6f,%.6f,%.6f,%.6f", time.Date(2026, 11, 20, 18, 0, 15*k, 0, time.UTC).Format(time.RFC3339), cpu, cpu, requests, requests)
		rate := 20 + 15*math.Sin(float64(k)/20)
		cpu, requests = cpu+15*(0.02+0.004*rate), requests+15*rate
	}
	return b.String() + "\n"
}

func replayed(t *testing.T, r Request) (*Replay, *sim.Demand, *sim.Demand) {
	t.Helper()
	r.Files, r.Recordings = []string{"shop.yaml"}, []string{"shop.csv"}
	one := load(t, r)
	return one, &one.World.Demand[0], &one.World.Demand[1]
}

func TestAModelGivesIdleUseAndCapacitiesThatAgree(t *testing.T) {
	files(t, shop(`, limits: {cpu: 500m}`))
	r, cpu, rps := replayed(t, Request{})
	if cpu.Idle != 20 || cpu.NotReady != 20 || cpu.Capacity != 480 || rps.Capacity != 120_000 || rps.Idle != 0 {
		t.Errorf("cpu %d idle, %d not ready, %d at most; requests %d at most", cpu.Idle, cpu.NotReady, cpu.Capacity, rps.Capacity)
	}
	if want := int64(2 * 4 * 20); math.Abs(float64(cpu.Values[0]-want)) > 2 {
		t.Errorf("load %d, want %d", cpu.Values[0], want)
	}
	if len(r.Models) != 1 || r.Models[0].Demand != "app/cpu" || r.Models[0].Method != fit.Regression || r.Other != nil {
		t.Errorf("%+v", r.Models)
	}
	const note = "capacity: a ready pod serves at most 120 of http_requests_total per second, what its cpu limit leaves at 4m each"
	if !slices.Contains(r.Notes, note) {
		t.Errorf("notes %q", r.Notes)
	}
}

func TestNumbersGivenByHandReplaceTheModels(t *testing.T) {
	files(t, shop(`, limits: {cpu: 500m}`))
	_, cpu, rps := replayed(t, Request{Idle: []Override{{"cpu", 0.1}}, Cost: []Override{{"app/cpu", 0.002}}})
	if cpu.Idle != 100 || cpu.Capacity != 400 || rps.Capacity != 200_000 {
		t.Errorf("cpu %d idle, %d at most; requests %d at most", cpu.Idle, cpu.Capacity, rps.Capacity)
	}
	_, cpu, rps = replayed(t, Request{Capacity: []Override{{"cpu", 0.3}, {"http_requests_per_second", 38}}})
	if cpu.Capacity != 300 || rps.Capacity != 38_000 {
		t.Errorf("%d and %d at most", cpu.Capacity, rps.Capacity)
	}
	if _, err := Load(Request{Files: []string{"shop.yaml"}, Recordings: []string{"shop.csv"}, Capacity: []Override{{"cpu", 0}}}); err == nil || err.Error() != "--capacity app/cpu: a capacity of 0 serves nothing" {
		t.Error(err)
	}
}

func TestWithoutALimitNothingSaysWhatAPodServes(t *testing.T) {
	files(t, shop(""))
	if _, cpu, rps := replayed(t, Request{}); cpu.Capacity != 0 || rps.Capacity != 0 || cpu.Idle != 20 {
		t.Errorf("cpu %d idle, %d at most; requests %d at most", cpu.Idle, cpu.Capacity, rps.Capacity)
	}
}

func TestTheOtherEndOfARangeIsAWorldOfItsOwn(t *testing.T) {
	files(t, web)
	r := load(t, Request{Files: []string{"web"}, Recordings: []string{"cpu.csv"}})
	if r.Other == nil {
		t.Fatal("there is none")
	}
	// Two pods use 1.5, 1.5 and 2 cores, the one that uses least 0.5.
	low, high := r.World.Demand[0], r.Other.Demand[0]
	if low.Idle != 0 || high.Idle != 500 || !slices.Equal(low.Values, []int64{1500, 1500, 2000}) || !slices.Equal(high.Values, []int64{500, 500, 1000}) {
		t.Errorf("idle %d: %v; idle %d: %v", low.Idle, low.Values, high.Idle, high.Values)
	}
	if low.Capacity != 2000 || high.Capacity != 1500 || high.NotReady != 500 {
		t.Errorf("capacities %d and %d, not ready %d", low.Capacity, high.Capacity, high.NotReady)
	}
}

func TestStartUpIsUsedAnewBeforeAPodIsReady(t *testing.T) {
	m := &fit.Model{StartUp: 3, Limit: 0.5, Idle: fit.Estimate{Value: 0.02}}
	for _, tc := range []struct {
		pending, ready time.Duration
		want           int64
	}{{0, 30 * time.Second, 100}, {20 * time.Second, 30 * time.Second, 300}, {0, time.Second, 480}, {5 * time.Second, 5 * time.Second, 0}} {
		b := &builder{set: settings{pods: sim.Pods{Pending: tc.pending, Ready: tc.ready}}}
		if got := b.startUp(&demand{Demand: sim.Demand{Scale: 1}}, m); got != tc.want {
			t.Errorf("running for %s before it is ready: %d, want %d", tc.ready-tc.pending, got, tc.want)
		}
	}
}

func FuzzParseOverride(f *testing.F) {
	for _, s := range []string{"cpu=5m", "app/cpu=0.1", "x=1Gi", "=1", "cpu=", "cpu=-1", "cpu=1e999", "cpu=NaN", "a=b=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		o, err := ParseOverride(text)
		if err == nil && (o.Name == "" || !(o.Value >= 0) || math.IsInf(o.Value, 0)) {
			t.Errorf("%q: %+v", text, o)
		}
	})
}

func TestNamesThatSpeakAgainstARoleAreQuestioned(t *testing.T) {
	for name, tc := range map[string]struct {
		source hpa.Source
		want   string
	}{
		"http_request_duration_p99": {hpa.SourcePods, "role of http_request_duration_p99: load; but its name says that it follows from how busy the pods are, and then other pods would have changed it"},
		"jobs_queue_length":         {hpa.SourceExternal, "role of jobs_queue_length: load, so it is as recorded whatever the pods do; if they work it off, write role: backlog with what arrives"},
		"orders_high_load":          {hpa.SourcePods, "role of orders_high_load: load, shared by the pods; but it tells how busy they were, and other pods would have changed it"},
		"http_requests":             {hpa.SourcePods, ""},
		"requests_per_second":       {hpa.SourceObject, ""},
	} {
		b := &builder{request: &Request{}, check: &checker{}, out: &Replay{}}
		b.inferRole(&demand{query: "sum(x)", Demand: sim.Demand{Source: tc.source, Name: name}})
		if got := strings.Join(b.out.Notes, "\n"); got != tc.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
