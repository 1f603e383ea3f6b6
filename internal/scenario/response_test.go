package scenario

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// answering is busy beside a load of which it is known how long requests take.
func answering(kind, rest string) string {
	return strings.NewReplacer(
		"  pods: {initial: 2}\n", "  pods: {initial: 2}\n  latency: {service: 20ms}\n",
		"  demand:\n", "  demand:\n  - {metric: {type: Pods, name: rps}, unit: base, capacity: 50, step: 15s, values: [40, 80]}\n",
	).Replace(busy(kind, rest)) + `
-- more.csv --
time,"took{pod=""web-7d4b9-x2x2x"",quantile=""0.9""}","took{pod=""web-7d4b9-x2x2x"",quantile=""0.5""}","in_flight{pod=""cart-5f6c8-x2x2x""}",requests_inflight,requests_inflight_limit,latency
2026-11-20T18:00:00Z,1,1,1,1,8,1
2026-11-20T18:00:15Z,1,1,1,1,8,1
`
}

// TestWhatFollowsFromHowBusyPodsAreIsFound by names, labels and expressions.
func TestWhatFollowsFromHowBusyPodsAreIsFound(t *testing.T) {
	inFlight := sim.Response{Kind: sim.ResponseInFlight}
	quantile := func(millionths int64, unit time.Duration) sim.Response {
		return sim.Response{Kind: sim.ResponseQuantile, Quantile: millionths, Unit: unit}
	}
	for _, tt := range []struct {
		kind, rest string
		want       sim.Response
		over       sim.Aggregate
		capacity   int64
	}{
		{"Pods", "response: inFlight", inFlight, 0, 0},
		{"Pods", "role: response, response: p99.9", quantile(999_000, time.Second), 0, 0},
		{"External", "response: mean, aggregate: max", sim.Response{Kind: sim.ResponseMean, Unit: time.Second}, sim.AggregateMax, 0},
		{"Pods", "response: inFlight, capacity: 12, unit: base", inFlight, 0, 12_000},
		{"Pods", "recording: pods.csv, query: in_flight", inFlight, 0, 0},
		{"Pods", "recording: pods.csv, select: in_flight", inFlight, 0, 0},
		{"Pods", "recording: pods.csv, query: avg(in_flight)", inFlight, 0, 0},
		{"External", "recording: pods.csv, query: in_flight", inFlight, sim.AggregateSum, 0},
		{"External", "recording: pods.csv, query: 'quantile(0.9, in_flight)'", inFlight, sim.AggregateQuantile, 0},
		{"External", "recording: more.csv, query: sum(requests_inflight)", inFlight, sim.AggregateSum, 8000},
		{"Pods", "recording: more.csv, select: requests_inflight", inFlight, 0, 8000},
		{"External", "recording: pods.csv, query: max(lat)", quantile(900_000, time.Second), sim.AggregateMax, 0},
		{"Pods", "recording: more.csv, select: 'took{quantile=\"0.5\"}'", quantile(500_000, time.Second), 0, 0},
		{"External", "recording: pods.csv, query: 'histogram_quantile(0.99, sum by (le) (rate(queue_bucket[5m]))) * 1000'", quantile(990_000, time.Millisecond), 0, 0},
		{"External", "recording: pods.csv, query: 'sum(rate(wait_duration_milliseconds_sum[5m])) / sum(rate(wait_duration_milliseconds_count[5m]))'", sim.Response{Kind: sim.ResponseMean, Unit: time.Millisecond}, 0, 0},
	} {
		files(t, answering(tt.kind, tt.rest))
		r, err := Load(Request{Files: []string{"sim.yaml"}})
		if err != nil {
			t.Errorf("%s %s: %v", tt.kind, tt.rest, err)
			continue
		}
		d := r[0].World.Demand[1]
		if d.Role != sim.RoleResponse || d.Response != tt.want || d.Aggregate != tt.over || d.Capacity != tt.capacity || d.Scale != 1 {
			t.Errorf("%s %s: %+v", tt.kind, tt.rest, d)
		}
		if notes := strings.Join(r[0].Notes, "\n"); !strings.Contains(notes, "role of busiest: response, ") {
			t.Errorf("%s %s: notes %s", tt.kind, tt.rest, notes)
		}
	}
}

// TestWhatCannotBeComputedIsRefused though it follows from how busy the pods are.
func TestWhatCannotBeComputedIsRefused(t *testing.T) {
	for _, tt := range []struct{ kind, rest, want string }{
		{"Pods", "recording: more.csv, select: took", "took is latency: it follows from how busy the pods were"},       // two quantiles
		{"Pods", "recording: more.csv, select: latency", "latency is latency: it follows from how busy the pods were"}, // which?
		{"External", "recording: more.csv, query: 'sum(in_flight)'", "in_flight is requests in flight"},                // another's
		{"Pods", "recording: pods.csv, query: in_flight * 2", "in_flight is requests in flight"},
		{"Pods", "recording: pods.csv, query: max(in_flight)", "in_flight is requests in flight"},
		{"External", "recording: pods.csv, query: 'lat'", "lat is latency"}, // which the controller would add up
		{"Pods", "recording: pods.csv, select: in_flight, idle: 3", "in_flight is requests in flight"},
		{"External", "recording: pods.csv, query: 'sum(rate(queue_sum[5m])) / sum(rate(queue_count[5m]))'", "no value in the recording"},
	} {
		files(t, answering(tt.kind, tt.rest))
		if _, err := Load(Request{Files: []string{"sim.yaml"}}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %s: error %v, want %s", tt.kind, tt.rest, err, tt.want)
		}
	}
	files(t, strings.Replace(answering("Pods", "response: p99"), "initial: 2}\n", "initial: 2}\n  pipeline: {kind: prometheus}\n", 1))
	const windowed = "busiest is a latency, which Prometheus tells of a whole window; that is not modelled; write pipeline.kind: resource, whose other metrics are those of the instant"
	if _, err := Load(Request{Files: []string{"sim.yaml"}}); err == nil || !strings.HasSuffix(err.Error(), windowed) {
		t.Errorf("error %v", err)
	}
	files(t, answering("Pods", "response: p99"))
	if _, err := Load(Request{Files: []string{"sim.yaml"}, OpenLoop: true}); err == nil {
		t.Error("an open loop computes")
	}
	files(t, strings.Replace(answering("Pods", "response: p99"), "  latency: {service: 20ms}\n", "", 1))
	const unknown = "busiest is the latency p99, which follows from how busy the pods are, and latency is not calibrated: it is learned from recorded latency buckets, with the cpu of pods; say how long requests take: --latency service=20ms,servers=4"
	if _, err := Load(Request{Files: []string{"sim.yaml"}}); err == nil || !strings.Contains(err.Error(), unknown) {
		t.Errorf("error %v", err)
	}
}

// TestTheCommandLineSaysRoles of demands that the recordings give, and of those of
// files.
func TestTheCommandLineSaysRoles(t *testing.T) {
	files(t, answering("Pods", "recording: pods.csv, select: in_flight"))
	ask := func(roles ...string) ([]*Replay, error) {
		r := Request{Files: []string{"sim.yaml"}}
		for _, text := range roles {
			role, err := ParseRole(text)
			if err != nil {
				t.Fatal(err)
			}
			r.Roles = append(r.Roles, role)
		}
		return Load(r)
	}
	for text, want := range map[string]sim.Demand{
		"busiest=load":     {Role: sim.RoleLoad},
		"busiest=inFlight": {Role: sim.RoleResponse},
		"busiest=p95":      {Role: sim.RoleResponse, Response: sim.Response{Kind: sim.ResponseQuantile, Quantile: 950_000, Unit: time.Second}},
	} {
		r, err := ask(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := r[0].World.Demand[1]
		if diff := cmp.Diff(want, sim.Demand{Role: got.Role, Response: got.Response}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for text, want := range map[string]string{
		"busiest=exogenous": "--role busiest=exogenous: a Pods metric is the pods' own, so it answers to them; write load or perPod",
		"busiest=response":  "--role busiest=response: it is not said what it tells of the requests; write inFlight, mean or a quantile such as p99 in place of response",
		"rps=p99":           "--role rps=p99: it is computed, and the file has values of it; remove them",
		"none=load":         "--role none: sim has no such demand; it has rps, busiest",
	} {
		if _, err := ask(text); err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", text, err, want)
		}
	}
	files(t, working("recording: jobs.csv, select: jobs_total"))
	if _, err := ask("jobs=backlog"); err == nil || !strings.Contains(err.Error(), "it is not known how fast the pods work off the backlog of jobs") {
		t.Errorf("error %v", err)
	}
	r := Request{Files: []string{"sim.yaml"}, Roles: []Role{{"jobs", "backlog"}}, Capacity: []Override{{"jobs", 2}}}
	if d := load(t, r).World.Demand[0]; d.Role != sim.RoleBacklog || d.Capacity != 2000 || d.Source != hpa.SourceExternal {
		t.Errorf("%+v", d)
	}
}

func FuzzParseRole(f *testing.F) {
	for _, s := range []string{"x=load", "x=p99", "app/memory=perPod", "=load", "x=", "x=p", "x=p0", "x=p100", "x=p99.99", "x=pNaN", "x=p1e1", "x=inFlight", "a=b=load"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		role, err := ParseRole(text)
		if err != nil {
			return
		}
		d := demand{Demand: sim.Demand{Source: hpa.SourcePods, Name: "x", Scale: 1}}
		role.take(&d)
		if r := &d.Response; r.Kind == sim.ResponseQuantile && (r.Quantile <= 0 || r.Quantile >= sim.Million) {
			t.Errorf("%q: %+v", text, r)
		}
	})
}

func FuzzParseSLO(f *testing.F) {
	for _, s := range []string{"latency=300ms,objective=99%", "latency=1s,objective=99.9,of=rps", "objective=0.99", "latency=,objective=99", "latency=1s", "objective=NaN,latency=1s", "latency=1s,latency=2s", "x=1", "objective=1e400%,latency=1s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSLO(text)
		if err != nil {
			return
		}
		if slo, wrong := s.check(); len(wrong) > 0 || slo.Latency <= 0 || slo.Objective <= 0 || slo.Objective >= sim.Million {
			t.Errorf("%q: %+v, %v", text, slo, wrong)
		}
	})
}

func FuzzParseLatency(f *testing.F) {
	for _, s := range []string{"service=20ms", "service=20ms,servers=4,variability=1,upTo=95%,cost=0.003,of=cpu", "servers=0", "servers=NaN", "service=1ns", "cost=-1", "upTo=101", "upTo=Inf", "service=20ms,service=1s", "variability=1e300"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseLatency(text)
		if err != nil {
			return
		}
		if hand, wrong := l.check(); len(wrong) > 0 || hand.service < 0 || hand.Servers != nil && !(*hand.Servers >= 1) {
			t.Errorf("%q: %+v, %v", text, hand, wrong)
		}
	})
}
