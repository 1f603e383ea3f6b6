package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/internal/scenario"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// stepping is a clock that moves by a step whenever it is looked at.
func stepping(step time.Duration) func() time.Time {
	now := time.Unix(0, 0)
	return func() time.Time {
		now = now.Add(step)
		return now
	}
}

// screen is what a terminal shows of the last line, and the lines it has shown.
type screen struct {
	cells []rune
	seen  []string
}

func (s *screen) Write(p []byte) (int, error) {
	at := 0
	for _, r := range string(p) {
		if r == '\r' {
			at = 0
			continue
		}
		for at >= len(s.cells) {
			s.cells = append(s.cells, ' ')
		}
		s.cells[at] = r
		at++
	}
	s.seen = append(s.seen, s.text())
	return len(p), nil
}

func (s *screen) text() string { return strings.TrimRight(string(s.cells), " ") }

func TestProgressAppearsAfterASecondAndIsErased(t *testing.T) {
	var s screen
	now := time.Unix(0, 0)
	p := startProgress(&s, func() time.Time { return now }, 80)
	for _, step := range []struct {
		after time.Duration
		read  int64
		want  string
	}{
		{999 * time.Millisecond, 10_000_000, ""},
		{time.Millisecond, 127_720_000, "reading recording.json.gz: 412 MB, 31 %"},
		{99 * time.Millisecond, 200_000_000, "reading recording.json.gz: 412 MB, 31 %"},
		{time.Millisecond, 411_999_999, "reading recording.json.gz: 412 MB, 99 %"},
		{time.Minute, 500_000_000, "reading recording.json.gz: 412 MB, 100 %"},
	} {
		now = now.Add(step.after)
		p.reading("/data/recording.json.gz", step.read, 412_000_000)
		if got := s.text(); got != step.want {
			t.Errorf("after %s: %q, want %q", step.after, got, step.want)
		}
	}
	p.stage("evaluating sum(rate(jobs_total[1m]))")
	if got := s.text(); got != "evaluating sum(rate(jobs_total[1m]))" {
		t.Errorf("what begins is not shown at once: %q", got)
	}
	now = now.Add(time.Second)
	p.reading("-", 999, 0)
	if got := s.text(); got != "reading -: 999 B" {
		t.Errorf("a shorter line leaves some of the longer one: %q", got)
	}
	p.erase()
	if got := s.text(); got != "" {
		t.Errorf("after it was erased: %q", got)
	}
	writes := len(s.seen)
	p.erase()
	if len(s.seen) != writes {
		t.Error("what is not there is erased again")
	}
}

func TestStagesOfShortWorkAreNotShown(t *testing.T) {
	var s screen
	p := startProgress(&s, stepping(progressAfter/2), 80)
	p.stage("evaluating a")
	if len(s.seen) > 0 {
		t.Errorf("before a second has passed: %q", s.seen)
	}
	if p.stage("evaluating b"); s.text() != "evaluating b" {
		t.Errorf("after a second: %q", s.text())
	}
}

func TestProgressFitsTheLineAndObeysNoFileName(t *testing.T) {
	for _, tc := range []struct{ name, want string }{
		{strings.Repeat("x", 100), "reading " + strings.Repeat("x", 31)},
		{"\x1b[2Jevil\n.csv", "reading ?[2Jevil?.csv: 2 kB, 50 %"},
		{strings.Repeat("録", 50), "reading " + strings.Repeat("録", 15)},
	} {
		var s screen
		p := startProgress(&s, stepping(time.Second), 40)
		p.reading(tc.name, 1000, 2000)
		if got := s.text(); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}

func TestProgressOfReplaysAddsUp(t *testing.T) {
	var s screen
	p := startProgress(&s, stepping(time.Second), 80)
	visited := 0
	visit := p.replaying(1, 2, time.Hour, func(*sim.Tick) bool { visited++; return visited < 3*syncsPerLook })
	for i := range 3 * syncsPerLook {
		if goOn := visit(&sim.Tick{T: 15 * time.Minute}); goOn != (i < 3*syncsPerLook-1) {
			t.Fatalf("sync %d: the visitor's answer is lost", i)
		}
	}
	if got := s.text(); got != "replaying: 62 %" || visited != 3*syncsPerLook || len(s.seen) != 3 {
		t.Errorf("%q after %d syncs, written %d times", got, visited, len(s.seen))
	}
}

// days is a simulation that reads a file of some size and has many syncs.
func days(t *testing.T) (file string) {
	t.Helper()
	dir := t.TempDir()
	var csv strings.Builder
	csv.WriteString("time,jobs\n")
	for i := range 10_000 {
		fmt.Fprintf(&csv, "%d,%d\n", 1_700_000_000+15*i, i%7)
	}
	file = filepath.Join(dir, "days.yaml")
	for name, text := range map[string]string{file: daysYAML, filepath.Join(dir, "jobs.csv"): csv.String()} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return file
}

const daysYAML = `apiVersion: elasticctl.dev/v1alpha1
kind: Simulation
spec:
  autoscaler:
    objects:
    - apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: worker}
      spec:
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: worker}
        maxReplicas: 9
        metrics:
        - {type: External, external: {metric: {name: jobs}, target: {type: AverageValue, averageValue: 1}}}
  demand:
  - {metric: {type: External, name: jobs}, recording: jobs.csv, query: sum(jobs)}
`

func TestProgressShowsReadingAndReplayingAndNothingElseChanges(t *testing.T) {
	file := days(t)
	for _, args := range []string{"", "-o jsonl", "-o json", "-o csv", "--explain 40h", "--kubernetes-version 1.30,1.37"} {
		o, err := parseSimulate(append([]string{"-f", file}, strings.Fields(args)...)...)
		if err != nil {
			t.Fatal(err)
		}
		var quiet, told, notes strings.Builder
		if err := o.show(streams{out: &quiet, err: &notes}, nil); err != nil {
			t.Fatal(err)
		}
		var s screen
		if err := o.show(streams{out: &told, err: &notes}, startProgress(&s, stepping(time.Second), 80)); err != nil {
			t.Fatal(err)
		}
		if quiet.String() != told.String() || quiet.Len() == 0 {
			t.Errorf("%q: progress changes what is written", args)
		}
		for _, want := range []string{`(?m)^reading jobs\.csv: 130 kB, 100 %$`, `(?m)^evaluating sum\(jobs\)$`, `(?m)^adding up jobs\.csv$`, `(?m)^replaying: [1-9]\d? %$`} {
			if !regexp.MustCompile(want).MatchString(strings.Join(s.seen, "\n")) {
				t.Errorf("%q: no %s among %q", args, want, s.seen)
			}
		}
		if got := s.text(); got != "" {
			t.Errorf("%q: %q is left on the terminal", args, got)
		}
	}
}

func TestProgressIsErasedBeforeAnError(t *testing.T) {
	file := days(t)
	if err := os.WriteFile(filepath.Join(filepath.Dir(file), "jobs.csv"), []byte("time,jobs\n1,1\n2,x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	o, err := parseSimulate("-f", file)
	if err != nil {
		t.Fatal(err)
	}
	var s screen
	var out strings.Builder
	if err := o.show(streams{out: &out, err: &out}, startProgress(&s, stepping(time.Second), 80)); err == nil || len(s.seen) < 2 || s.text() != "" {
		t.Errorf("error %v, terminal %q", err, s.seen)
	}
}

func TestNoProgressInAPipe(t *testing.T) {
	file := days(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	std := streams{out: &out, err: w, now: stepping(time.Minute)}
	if newProgress(std) != nil {
		t.Error("a pipe is taken for a terminal")
	}
	if code := run([]string{"simulate", "-f", file, "-o", "json"}, std); code != exitClean {
		t.Errorf("exit code %d", code)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	told := make([]byte, 1)
	if n, _ := r.Read(told); n > 0 {
		t.Error("something was written into the pipe")
	}
}

// TestProgressOfABacktestGoesOn: a replay of a recorded count is three runs, at
// both ends of what is not known six, and the share that is over never falls.
func TestProgressOfABacktestGoesOn(t *testing.T) {
	var s screen
	p := startProgress(&s, stepping(time.Second), 80)
	w := sim.World{
		Duration: 4 * syncsPerLook * 15 * time.Second,
		Pods:     sim.Pods{Initial: 2},
		Autoscaler: hpa.Spec{
			Reference: "Deployment/default/web", Min: 1, Max: 3, Controller: hpa.DefaultController(),
			Metrics: []hpa.Metric{{Source: hpa.SourceExternal, Name: "queue", Target: hpa.TargetValue, Goal: 1000}},
		},
		Demand: []sim.Demand{{Source: hpa.SourceExternal, Name: "queue", Scale: 1, Step: time.Minute, Values: []int64{1000}}},
	}
	r := scenario.Replay{Name: "web", World: w, Other: &w, Backtest: &scenario.Backtest{
		World: w, Other: &w, Recorded: sim.Recorded{Replicas: []sim.Point{{N: 2}}, Step: 15 * time.Second},
	}}
	c := newCourse(p, []*scenario.Replay{&r}, true)
	got := c.replay(&r, unseen)
	c.backtest(got, r.Backtest)
	if c.all != 6 || c.done != 6 || got.Backtest == nil || got.Other.Backtest == nil {
		t.Errorf("%d of %d runs, backtests %v and %v", c.done, c.all, got.Backtest, got.Other.Backtest)
	}
	last := -1
	for _, line := range s.seen {
		var percent int
		if n, _ := fmt.Sscanf(line, "replaying: %d %%", &percent); n == 1 {
			if percent < last {
				t.Errorf("%d %% after %d %%", percent, last)
			}
			last = percent
		}
	}
	if last < 90 {
		t.Errorf("the last that is shown is %d %%: %q", last, s.seen)
	}
}
