package tune_test

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/examples/checkout/synthetic"
	"github.com/elasticctl/elasticctl/internal/tune"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// The bench world: what a request costs, what a pod uses besides, requests and
// may use, in thousandths of a core; a pod is Ready after 30 s, metrics-server
// scrapes every 15 s, and nothing waits. The autoscaler is Kubernetes' default.
const (
	benchCost    = 3.12
	benchIdle    = 8
	benchRequest = 100
	benchLimit   = 100
)

// benchWorld is the bench world under a load of requests per second.
func benchWorld(rates []float64, step time.Duration, kind sim.PipelineKind) *sim.World {
	c := hpa.DefaultController()
	values, mean := make([]int64, len(rates)), 0.0
	for i, r := range rates {
		values[i] = int64(math.Round(r * benchCost))
		mean += r * benchCost / float64(len(rates))
	}
	w := &sim.World{
		Duration: time.Duration(len(rates)) * step,
		Autoscaler: hpa.Spec{
			Reference: "Deployment/default/web", Min: 2, Max: int32(max(10, math.Ceil(3*mean/(0.8*benchRequest)))), Controller: c,
			ToleranceUp: c.Tolerance, ToleranceDown: c.Tolerance,
			Metrics: []hpa.Metric{{
				Source: hpa.SourceResource, Target: hpa.TargetUtilization, Goal: 80, CPU: true, Name: "cpu", Resource: "cpu",
				Proposal: "cpu resource utilization (percentage of request)",
			}},
		},
		Pods: sim.Pods{
			InitialAge: time.Hour, Ready: 30 * time.Second,
			Containers: []sim.Container{{Name: "app", Requests: []sim.Quantity{{Resource: "cpu", Milli: benchRequest}}}},
		},
		Pipeline: sim.Pipeline{Kind: kind, Resolution: 15 * time.Second},
		Demand: []sim.Demand{{
			Source: hpa.SourceResource, Name: "cpu", Container: "app", Scale: 1, Step: step, Values: values,
			Idle: benchIdle, NotReady: benchIdle, Capacity: benchLimit - benchIdle,
		}},
	}
	if kind == sim.PipelineIdeal {
		w.Pipeline = sim.Pipeline{Window: time.Minute}
	}
	w.Pods.Initial = int32(max(2, math.Ceil(float64(values[0])/(0.8*benchRequest))))
	return w
}

// month is the made-up month of examples/checkout, tiled to some days: requests
// per second every 15 s, from a Monday on.
func month(tb testing.TB, days int) []float64 {
	tb.Helper()
	r, err := synthetic.Generate(synthetic.Default())
	if err != nil {
		tb.Fatal(err)
	}
	var rates []float64
	for _, s := range r.Series {
		if s.Labels["__name__"] != "load_requests_sent_total" {
			continue
		}
		for i := 1; i < len(s.Values); i++ {
			rates = append(rates, (s.Values[i]-s.Values[i-1])/15)
		}
	}
	rates = append(rates, rates[len(rates)-1])
	const perDay = 24 * 60 * 4
	var out []float64
	for i := range days * perDay {
		out = append(out, rates[i%len(rates)])
	}
	return out
}

// traces is where recorded traces lie that are not part of this repository; what
// needs them is skipped without.
const traces = "ELASTICCTL_TRACES"

// trace reads the counts of a CSV file of that directory, from a first line on
// whose time begins as given, as rates per second.
func trace(tb testing.TB, file, from string, n int, step time.Duration) []float64 {
	tb.Helper()
	dir := os.Getenv(traces)
	if dir == "" {
		tb.Skip(traces + " is not set")
	}
	f, err := os.Open(filepath.Join(dir, file))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(file, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			tb.Fatal(err)
		}
	}
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	var out []float64
	for _, row := range rows[1:] {
		if len(out) == 0 && !strings.HasPrefix(row[0], from) {
			continue
		}
		v, err := strconv.ParseFloat(row[1], 64)
		if err != nil {
			tb.Fatal(err)
		}
		if out = append(out, v/step.Seconds()); len(out) == n {
			break
		}
	}
	return out
}

// benchSpace is the space of the benchmarks: 137,700 candidates.
const benchSpace = "target.cpu=40..90/1,min=2..6,up.window=0s..120s/15s,down.window=60s..900s/15s,down.percent=10..100/10"

func benchProblem(tb testing.TB, w *sim.World, text string) *tune.Problem {
	tb.Helper()
	b := tune.Base{World: w, Start: time.Date(2026, 10, 5, 0, 0, 0, 0, time.UTC), Zone: time.UTC}
	return &tune.Problem{Base: b, Space: space(tb, &b, text), X: term(tb, "replicaHours"), Y: term(tb, "saturatedMinutes")}
}

// BenchmarkSearch searches ten thousand candidates of 30 days at 15 s on all cores,
// in the world that is assumed where nothing is said (resource), and with metrics that
// know everything (ideal): how many candidates and syncs are dealt with a second, and
// what share of the syncs nobody had to look at.
func BenchmarkSearch(b *testing.B) {
	const candidates = 10_000
	search := func(rates []float64, step time.Duration, kind sim.PipelineKind) func(*testing.B) {
		return func(b *testing.B) {
			p := benchProblem(b, benchWorld(rates, step, kind), benchSpace)
			var found *tune.Found
			n := 0
			for b.Loop() {
				found = p.Search(context.Background(), tune.Options{Candidates: candidates, Seed: 1})
				n += len(found.Points)
			}
			each := b.Elapsed().Seconds() / float64(n)
			syncs := float64(p.World.Duration) / float64(15*time.Second)
			b.ReportMetric(each*candidates, "s/10k")
			b.ReportMetric(1/each, "candidates/s")
			b.ReportMetric(syncs/each, "syncs/s")
			b.ReportMetric(100*skipped(p, found), "%skipped")
		}
	}
	rates := month(b, 30)
	b.Run("month/resource", search(rates, 15*time.Second, sim.PipelineResource))
	b.Run("month/ideal", search(rates, 15*time.Second, sim.PipelineIdeal))
	b.Run("worldcup98/resource", func(b *testing.B) {
		search(trace(b, "worldcup98-requests-per-minute.csv.gz", "1998-06-10", 30*1440, time.Minute), time.Minute, sim.PipelineResource)(b)
	})
	b.Run("worldcup98/ideal", func(b *testing.B) {
		search(trace(b, "worldcup98-requests-per-minute.csv.gz", "1998-06-10", 30*1440, time.Minute), time.Minute, sim.PipelineIdeal)(b)
	})
}

// skipped is the share of the syncs that are skipped, of every hundredth candidate.
func skipped(p *tune.Problem, found *tune.Found) float64 {
	var some, all int64
	prepared := p.World.Prepare()
	for i := 0; i < len(found.Points); i += 100 {
		w, _ := p.Space.World(&p.Base, found.Points[i].Candidate)
		n, syncs := prepared.Skipped(&w)
		some, all = some+n, all+syncs
	}
	return float64(some) / float64(all)
}
