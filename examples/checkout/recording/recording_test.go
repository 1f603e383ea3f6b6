package main

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/elasticctl/elasticctl/examples/checkout/synthetic"
)

const recorded = "../../../testdata/recordings/checkout"

// point is one sample: Unix seconds and a value.
type point struct{ t, v float64 }

// UnmarshalJSON reads [seconds, "value"].
func (p *point) UnmarshalJSON(text []byte) error {
	var pair [2]any
	if err := json.Unmarshal(text, &pair); err != nil {
		return err
	}
	t, ok1 := pair[0].(float64)
	s, ok2 := pair[1].(string)
	if !ok1 || !ok2 {
		return fmt.Errorf("sample %s", text)
	}
	v, err := strconv.ParseFloat(s, 64)
	*p = point{t, v}
	return err
}

type recordedSeries struct {
	Metric map[string]string
	Values []point
}

// at is the value at a step, and whether there is one.
func (s recordedSeries) at(t float64) (float64, bool) {
	i, found := slices.BinarySearchFunc(s.Values, t, func(p point, t float64) int { return int(p.t - t) })
	if !found {
		return 0, false
	}
	return s.Values[i].v, true
}

// load reads one metric's file with nothing but the standard library.
func load(t *testing.T, metric string) []recordedSeries {
	t.Helper()
	f, err := os.Open(filepath.Join(recorded, metric+".json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Status string
		Data   struct {
			ResultType string
			Result     []recordedSeries
		}
	}
	if err := json.NewDecoder(z).Decode(&answer); err != nil {
		t.Fatalf("%s: %v", metric, err)
	}
	if answer.Status != "success" || answer.Data.ResultType != "matrix" || len(answer.Data.Result) == 0 {
		t.Fatalf("%s: status %q, type %q, %d series", metric, answer.Status, answer.Data.ResultType, len(answer.Data.Result))
	}
	return answer.Data.Result
}

// recordedFacts is the part of facts.yaml that is tested.
type recordedFacts struct {
	Scale       float64
	Step        string
	Start, End  int64
	ScriptStart int64
	CPULimit    float64
	Load        struct{ Planned, Sent, OK, Shed, Lost, UncleanPods int }
	Busy        struct{ MaxMinute, OwnMaxMinute float64 }
}

func loadRecordedFacts(t *testing.T) recordedFacts {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(recorded, "facts.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var f recordedFacts
	if err := yaml.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f recordedFacts) step(t *testing.T) float64 {
	t.Helper()
	d, err := time.ParseDuration(f.Step)
	if err != nil {
		t.Fatal(err)
	}
	return d.Seconds()
}

func recordedMetrics(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(recorded, "*.json.gz"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	var out []string
	for _, f := range files {
		out = append(out, strings.TrimSuffix(filepath.Base(f), ".json.gz"))
	}
	return out
}

func TestTheRecordingDecodesOnItsGridAndCountersRise(t *testing.T) {
	f := loadRecordedFacts(t)
	step := f.step(t)
	if f.Scale != 1 || f.End-f.Start < 40*60 {
		t.Errorf("it is %d s long", f.End-f.Start)
	}
	for _, metric := range recordedMetrics(t) {
		counter := regexp.MustCompile(`_(total|count|sum|bucket)$`).MatchString(metric)
		rises := false
		for _, s := range load(t, metric) {
			if s.Metric["__name__"] != metric || len(s.Values) == 0 {
				t.Errorf("%s: series %v with %d samples", metric, s.Metric, len(s.Values))
			}
			for i, p := range s.Values {
				if p.t < float64(f.Start) || p.t > float64(f.End) || math.Mod(p.t-float64(f.Start), step) != 0 {
					t.Fatalf("%s: a sample at %v, off the grid", metric, p.t)
				}
				if math.IsNaN(p.v) || math.IsInf(p.v, 0) || p.v < 0 {
					t.Fatalf("%s: value %v", metric, p.v)
				}
				if i > 0 && p.t <= s.Values[i-1].t {
					t.Fatalf("%s: %v after %v", metric, p.t, s.Values[i-1].t)
				}
				if i > 0 && counter && p.v < s.Values[i-1].v {
					t.Fatalf("%s %v falls at %v", metric, s.Metric, p.t)
				}
				rises = rises || i > 0 && p.v > s.Values[i-1].v
			}
		}
		if counter && !rises {
			t.Errorf("%s never rises", metric)
		}
	}
}

// readmeChange is a row of the README's script that changes the pods.
type readmeChange struct {
	at      float64 // seconds
	pods    float64
	rollout bool
}

func readmeChanges(t *testing.T) []readmeChange {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(recorded, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var out []readmeChange
	for _, m := range regexp.MustCompile(`(?m)^\| (\d+):(\d+) \|[^|]*\| (\d+)(, rollout)? \|`).FindAllStringSubmatch(string(text), -1) {
		minutes, _ := strconv.ParseFloat(m[1], 64) // digits, as matched
		seconds, _ := strconv.ParseFloat(m[2], 64)
		pods, _ := strconv.ParseFloat(m[3], 64)
		out = append(out, readmeChange{minutes*60 + seconds, pods, m[4] != ""})
	}
	if len(out) < 10 {
		t.Fatalf("the README's script changes the pods %d times", len(out))
	}
	return out
}

// having counts the pods whose series has that value at a step.
func having(series []recordedSeries, at float64, ok func(v float64, metric map[string]string) bool) float64 {
	n := 0.0
	for _, s := range series {
		if v, found := s.at(at); found && ok(v, s.Metric) {
			n++
		}
	}
	return n
}

func TestPodsComeAndGoAsTheReadmeSays(t *testing.T) {
	f := loadRecordedFacts(t)
	changes := readmeChanges(t)
	replicas := load(t, "kube_deployment_spec_replicas")[0]
	ready := load(t, "kube_pod_status_ready")
	requests := load(t, "http_requests_total")
	isReady := func(v float64, m map[string]string) bool { return v == 1 && m["condition"] == "true" }
	isOnePerPod := func(_ float64, m map[string]string) bool { return m["path"] == "/quote" && m["status"] == "200" }
	for i, c := range changes {
		end := float64(f.End)
		if i+1 < len(changes) {
			end = float64(f.ScriptStart)/1000 + changes[i+1].at
		}
		step := f.step(t)
		before := float64(f.Start) + math.Floor((end-float64(f.Start))/step)*step
		// What a scrape has seen can be a scrape old, so the first step to hold the change is the second after it.
		from := math.Ceil((float64(f.ScriptStart)/1000+c.at-float64(f.Start))/step)*step + float64(f.Start) + step
		for at := max(from, float64(f.Start)); at <= before; at += step {
			if v, _ := replicas.at(at); v != c.pods {
				t.Errorf("minute %.1f: spec.replicas %v, the README says %v", c.at/60, v, c.pods)
				break
			}
		}
		if n := having(ready, before, isReady); n != c.pods {
			t.Errorf("minute %.1f: %v pods were ready at the end, the README says %v", c.at/60, n, c.pods)
		}
		// Stale markers: what is gone must not linger for the look-back of five minutes.
		if n := having(requests, before, isOnePerPod); n != c.pods {
			t.Errorf("minute %.1f: %v pods have request counters at the end, want %v", c.at/60, n, c.pods)
		}
	}
}

func TestARolloutReplacesEveryPod(t *testing.T) {
	f := loadRecordedFacts(t)
	owners := map[string]bool{}
	last := map[string]bool{}
	for _, s := range load(t, "kube_pod_owner") {
		owners[s.Metric["owner_name"]] = true
		if !strings.HasPrefix(s.Metric["pod"], s.Metric["owner_name"]+"-") {
			t.Errorf("pod %s of %s", s.Metric["pod"], s.Metric["owner_name"])
		}
		if _, alive := s.at(float64(f.End)); alive {
			last[s.Metric["owner_name"]] = true
		}
	}
	if len(owners) != 2 || len(last) != 1 {
		t.Errorf("ReplicaSets %v, at the end %v; want two, and one", owners, last)
	}
}

func TestNoRequestWasLostInTheRecording(t *testing.T) {
	f := loadRecordedFacts(t)
	l := f.Load
	if l.Lost != 0 || l.UncleanPods != 0 || l.Sent != l.Planned || l.OK+l.Shed != l.Sent || l.Shed == 0 {
		t.Errorf("%+v", l)
	}
	text, err := os.ReadFile(filepath.Join(recorded, "README.md"))
	if err != nil || !strings.Contains(string(text), "**lost 0**") {
		t.Errorf("the README does not say so: %v", err)
	}
	for _, s := range load(t, "load_requests_total") {
		want := map[string]int{"ok": l.OK, "shed": l.Shed, "lost": 0}[s.Metric["outcome"]]
		if last := s.Values[len(s.Values)-1].v; last != float64(want) {
			t.Errorf("%s: %v recorded, facts.yaml says %d", s.Metric["outcome"], last, want)
		}
	}
	// The pods' own count of what they answered, from their last scrape each.
	answered := map[string]float64{}
	for _, s := range load(t, "http_requests_total") {
		answered[s.Metric["status"]] += s.Values[len(s.Values)-1].v
	}
	if d := answered["200"] - float64(l.OK); math.Abs(d) > .002*float64(l.OK) {
		t.Errorf("pods counted %v answers, clients %d", answered["200"], l.OK)
	}
	if d := answered["503"] - float64(l.Shed); math.Abs(d) > .02*float64(l.Shed) {
		t.Errorf("pods counted %v shed, clients %d", answered["503"], l.Shed)
	}
}

func TestTheMachineWasNotTheLimit(t *testing.T) {
	if b := loadRecordedFacts(t).Busy; b.MaxMinute >= .7 {
		t.Errorf("the machine's CPUs were busy for %.0f %% of the busiest minute", b.MaxMinute*100)
	}
}

func TestOverloadIsInTheRecording(t *testing.T) {
	f := loadRecordedFacts(t)
	cpu := load(t, "container_cpu_usage_seconds_total")
	atLimit := 0
	for _, s := range cpu {
		for i := 12; i < len(s.Values); i++ {
			use := (s.Values[i].v - s.Values[i-12].v) / (s.Values[i].t - s.Values[i-12].t)
			if use > 1.02*f.CPULimit {
				t.Errorf("%s used %.3f CPU for a minute, its limit is %v", s.Metric["pod"], use, f.CPULimit)
			}
			if use > .95*f.CPULimit {
				atLimit++
			}
		}
	}
	if atLimit == 0 {
		t.Error("no pod was at its CPU limit for a minute")
	}
}

// fitCost is the least-squares line of CPU per second over requests per second
// and pod, both of a minute, where nothing was shed: what a request costs, and
// what a pod costs besides.
func fitCost(t *testing.T) (perRequest, idle float64) {
	t.Helper()
	const window = 60
	served, shed := map[string]map[float64]float64{}, map[string]map[float64]float64{}
	for _, s := range load(t, "http_requests_total") {
		into := served
		if s.Metric["status"] != "200" {
			into = shed
		}
		pod := s.Metric["pod"]
		if into[pod] == nil {
			into[pod] = map[float64]float64{}
		}
		for _, p := range s.Values {
			into[pod][p.t] += p.v
		}
	}
	var n, sx, sy, sxx, sxy float64
	for _, s := range load(t, "container_cpu_usage_seconds_total") {
		pod := s.Metric["pod"]
		for _, p := range s.Values {
			before, ok1 := s.at(p.t - window)
			now, ok2 := served[pod][p.t]
			then, ok3 := served[pod][p.t-window]
			young := p.t-window < s.Values[0].t+30 // start-up costs CPU without requests
			if !ok1 || !ok2 || !ok3 || young || math.Mod(p.t, window) != 0 || shed[pod][p.t] != shed[pod][p.t-window] {
				continue
			}
			x, y := (now-then)/window, (p.v-before)/window
			n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
		}
	}
	if n < 50 {
		t.Fatalf("only %v minutes of pods without shedding", n)
	}
	perRequest = (n*sxy - sx*sy) / (n*sxx - sx*sx)
	return perRequest, (sy - perRequest*sx) / n
}

func TestTheSyntheticCostIsTheMeasuredOne(t *testing.T) {
	perRequest, idle := fitCost(t)
	c := synthetic.Default()
	if math.Abs(c.CostPerRequest-perRequest) > .02*perRequest || math.Abs(c.IdleCPU-idle) > .1*idle {
		t.Errorf("synthetic: %v CPU s per request and %v idle; measured: %.6f and %.6f", c.CostPerRequest, c.IdleCPU, perRequest, idle)
	}
}
