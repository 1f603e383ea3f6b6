package report

import (
	"bytes"
	"flag"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

var update = flag.Bool("update", false, "rewrite the goldens in testdata")

// golden compares output with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got; rewrite with -update):\n%s", path, diff)
	}
}

// cpuSpec is an HPA of 2 to 10 replicas at 50 % of a request of 500m.
func cpuSpec() hpa.Spec {
	c := hpa.DefaultController()
	return hpa.Spec{
		Reference: "Deployment/default/web", Min: 2, Max: 10,
		Metrics: []hpa.Metric{{
			Source: hpa.SourceResource, Target: hpa.TargetUtilization, Goal: 50, CPU: true,
			Name: "cpu", Resource: "cpu", Proposal: "cpu resource utilization (percentage of request)", Namespace: "default",
		}},
		ToleranceUp: c.Tolerance, ToleranceDown: c.Tolerance, Controller: c,
	}
}

// wave is a world of one hour: a wave of load with one spike of a single
// sample, and a gap.
func wave() sim.World {
	values, null := make([]int64, 240), make([]bool, 240)
	for i := range values {
		values[i] = int64(900 - 600*math.Cos(float64(i)/240*4*math.Pi))
		null[i] = i >= 200 && i < 212
	}
	values[97] = 4200
	return sim.World{
		Duration:   time.Hour,
		Autoscaler: cpuSpec(),
		Pods: sim.Pods{
			Initial: 3, InitialAge: time.Hour, Ready: 30 * time.Second,
			Containers: []sim.Container{{Name: "app", Requests: []sim.Quantity{{Resource: "cpu", Milli: 500}}}},
		},
		Pipeline: sim.Pipeline{Window: time.Minute},
		Demand: []sim.Demand{{
			Source: hpa.SourceResource, Name: "cpu", Container: "app", Scale: 1, Step: 15 * time.Second, Values: values, Null: null,
		}},
	}
}

// run replays a world as the command does.
func run(t *testing.T, name string, w *sim.World, visit func(*sim.Tick) bool) *Replay {
	t.Helper()
	if err := w.Validate(); err != nil {
		t.Fatal(err)
	}
	var trace sim.Trace
	score := w.Run(func(tick *sim.Tick) bool {
		trace.Add(tick)
		return visit == nil || visit(tick)
	})
	return &Replay{Name: name, World: w, Score: score, Trace: &trace}
}

// friday is the start of the replays that have one.
func friday() time.Time { return time.Date(2026, 11, 20, 18, 3, 20, 0, time.UTC) }

// recorded is a replica count that follows the wave late, unknown for a while.
func recorded() []sim.Point {
	return []sim.Point{
		{N: 3},
		{T: 10 * time.Minute, N: 7},
		{T: 25 * time.Minute, N: 4},
		{T: 30 * time.Minute, N: sim.Unknown},
		{T: 35 * time.Minute, N: 6},
		{T: 50 * time.Minute, N: 5},
	}
}

func TestSummaryShowsCostServiceAndPlots(t *testing.T) {
	w := wave()
	w.Demand[0].Capacity = 450
	r := run(t, "web", &w, nil)
	r.Start = friday()
	r.Notes = []string{"cpu demand: the sum over 6 pods of rate(container_cpu_usage_seconds_total[1m]), which had no samples for 3m (5 % of the time)"}
	r.Recorded = recorded()
	r.Difference = sim.Compare(r.Trace.Replicas, r.Recorded, w.Duration)
	var out bytes.Buffer
	if err := Summary(&out, r, Options{Width: 80}); err != nil {
		t.Fatal(err)
	}
	golden(t, "summary.txt", out.Bytes())
}

func TestSummaryWithoutStartAndCapacity(t *testing.T) {
	w := wave()
	var out bytes.Buffer
	if err := Summary(&out, run(t, "web", &w, nil), Options{Width: 64}); err != nil {
		t.Fatal(err)
	}
	golden(t, "summary-plain.txt", out.Bytes())
}

func TestColourAddsNothingButSequences(t *testing.T) {
	w := wave()
	r := run(t, "web", &w, nil)
	r.Recorded = recorded()
	var plainOut, colourOut bytes.Buffer
	if err := Summary(&plainOut, r, Options{Width: 80}); err != nil {
		t.Fatal(err)
	}
	if err := Summary(&colourOut, r, Options{Width: 80, Colour: true}); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(plainOut.Bytes(), colourOut.Bytes()) {
		t.Error("no colour was written")
	}
	if diff := cmp.Diff(plainOut.String(), stripSequences(colourOut.String())); diff != "" {
		t.Errorf("colour changed the text:\n%s", diff)
	}
}

// stripSequences removes terminal sequences.
func stripSequences(s string) string {
	var out []rune
	in := false
	for _, r := range s {
		switch {
		case r == '\x1b':
			in = true
		case in:
			in = r != 'm'
		default:
			out = append(out, r)
		}
	}
	return string(out)
}

func TestTableComparesSideBySide(t *testing.T) {
	a, b := wave(), wave()
	b.Autoscaler.Metrics[0].Goal, b.Autoscaler.Max = 80, 5
	first, second := run(t, "at 50 %", &a, nil), run(t, "at 80 %", &b, nil)
	first.Notes = []string{"cpu demand: as recorded", "started with 3 pods"}
	second.Notes = []string{"cpu demand: as recorded"}
	first.Recorded = recorded()
	first.Difference = sim.Compare(first.Trace.Replicas, first.Recorded, a.Duration)
	var out bytes.Buffer
	if err := Table(&out, []*Replay{first, second}, Options{Width: 80}); err != nil {
		t.Fatal(err)
	}
	golden(t, "table.txt", out.Bytes())
}

// short is a world of five syncs: a rise, a gap and a fall.
func short() sim.World {
	w := wave()
	w.Duration = 75 * time.Second
	w.Demand[0].Values, w.Demand[0].Null = []int64{750, 2100, 2100, 0, 300}, []bool{false, false, false, true, false}
	return w
}

func TestTimelineFormats(t *testing.T) {
	for _, tt := range []struct {
		golden string
		format Format
		start  time.Time
		worlds int
	}{
		{"ticks.jsonl", JSONL, friday(), 1},
		{"ticks-two.jsonl", JSONL, time.Time{}, 2},
		{"ticks.json", JSON, friday(), 2},
		{"ticks.csv", CSV, friday(), 1},
		{"ticks-two.csv", CSV, time.Time{}, 2},
	} {
		t.Run(tt.golden, func(t *testing.T) {
			var worlds []*sim.World
			for range tt.worlds {
				w := short()
				worlds = append(worlds, &w)
			}
			var out bytes.Buffer
			timeline := NewTimeline(&out, tt.format, worlds)
			for i, w := range worlds {
				name := []string{"first", "second"}[i]
				timeline.Begin(&Replay{Name: name, Start: tt.start, Notes: []string{`a "note"`}})
				r := run(t, name, w, timeline.Tick)
				timeline.End(r)
			}
			if err := timeline.Close(); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.golden, out.Bytes())
		})
	}
}

func TestTableOfDifferentTimesSaysWhen(t *testing.T) {
	a, b := wave(), short()
	first, second := run(t, "hour", &a, nil), run(t, "minute", &b, nil)
	second.Start = friday()
	var out bytes.Buffer
	if err := Table(&out, []*Replay{first, second}, Options{Width: 80}); err != nil {
		t.Fatal(err)
	}
	golden(t, "table-times.txt", out.Bytes())
}

func TestTargetLineFollowsEdits(t *testing.T) {
	w := wave()
	high, queue := cpuSpec(), cpuSpec()
	high.Metrics[0].Goal = 80
	queue.Metrics = []hpa.Metric{{Source: hpa.SourceExternal, Target: hpa.TargetValue, Goal: 5, Name: "queue"}}
	w.Faults = []sim.Fault{
		{Kind: sim.FaultEditAutoscaler, At: 10 * time.Second, Autoscaler: &high},
		{Kind: sim.FaultSurge, At: 15 * time.Second},
		{Kind: sim.FaultEditAutoscaler, At: 40 * time.Second, Autoscaler: &queue},
	}
	r := &Replay{World: &w, Trace: &sim.Trace{Ready: []sim.Point{{N: 2}, {T: 30 * time.Second, N: 4}}}}
	got := targetCurve(r, &w.Demand[0])
	wantTimes := []time.Duration{0, 10 * time.Second, 30 * time.Second, 40 * time.Second}
	wantValues := []float64{2 * 0.25, 2 * 0.4, 4 * 0.4, math.NaN()}
	if diff := cmp.Diff(wantTimes, got.times) + cmp.Diff(wantValues, got.values, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("target line (-want +got):\n%s", diff)
	}
	w.Autoscaler, w.Faults = queue, nil
	if none := targetCurve(r, &w.Demand[0]); len(none.values) > 0 {
		t.Errorf("a target line where no target speaks of a pod: %v", none.values)
	}
}

func TestDemandsWithoutRoomAreNamed(t *testing.T) {
	w := wave()
	for _, name := range []string{"a", "b", "c", "d"} {
		w.Demand = append(w.Demand, sim.Demand{Source: hpa.SourceExternal, Name: name, Scale: 1, Step: time.Minute, Values: []int64{1}})
	}
	var out bytes.Buffer
	if err := Summary(&out, run(t, "web", &w, nil), Options{Width: 80}); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasSuffix(out.Bytes(), []byte("\nnot plotted: c; d\n")) {
		t.Errorf("the summary ends with %q", out.Bytes()[out.Len()-40:])
	}
}

// judged replays a world with budgets.
func judged(t *testing.T, name string, w *sim.World, budgets ...string) *Replay {
	t.Helper()
	r := run(t, name, w, nil)
	var list []sim.Budget
	for _, text := range budgets {
		b, err := sim.ParseBudget(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, b)
	}
	r.Verdicts = w.Judge(&r.Score, list)
	return r
}

func TestBudgetsAreShownKeptOrBroken(t *testing.T) {
	w := wave()
	w.Demand[0].Capacity, w.PodHourPrice = 450, 0.05
	first := judged(t, "at 50 %", &w,
		"saturatedMinutes <= 10s", "replicaHours <= 120", "requestUtilization >= 40%", "spikeSeconds < 15", "cost <= 0.2", "thrash == 0")
	first.Start = friday()
	cheap := wave()
	cheap.Demand[0].Capacity, cheap.Autoscaler.Metrics[0].Goal = 450, 80
	second := judged(t, "at 80 %", &cheap, "replicaHours <= 120", "atMaxMinutes <= 1h")
	second.Start = friday()
	var out bytes.Buffer
	for _, write := range []func() error{
		func() error { return Summary(&out, first, Options{Width: 80}) },
		func() error { return Table(&out, []*Replay{first, second}, Options{Width: 80}) },
	} {
		if err := write(); err != nil {
			t.Fatal(err)
		}
		out.WriteString("\n=====\n\n")
	}
	for _, r := range []*Replay{first, second} {
		timeline := NewTimeline(&out, JSON, []*sim.World{r.World})
		timeline.Begin(r)
		timeline.End(r)
		if err := timeline.Close(); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "budgets.txt", out.Bytes())
}
