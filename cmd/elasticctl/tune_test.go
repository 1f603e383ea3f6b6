package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// command runs a command line and returns what it wrote.
func command(t *testing.T, want int, args ...string) (out, errs string) {
	t.Helper()
	var o, e strings.Builder
	if code := run(args, streams{in: strings.NewReader(""), out: &o, err: &e}); code != want {
		t.Fatalf("%v: exit code %d, want %d\n%s%s", args, code, want, o.String(), e.String())
	}
	return o.String(), e.String()
}

// copied puts files of the repository, and others by their text, into a new
// directory.
func copied(t *testing.T, files []string, texts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join("../..", f))
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(f)] = string(data)
	}
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const inlineHPA = `apiVersion: elasticctl.dev/v1alpha1
kind: Simulation
metadata: {name: inline}
spec:
  autoscaler:
    objects:
    - apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: web}
      spec:
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
        minReplicas: 4   # a comment that stays
        maxReplicas: 10
        metrics:
        - {type: Pods, pods: {metric: {name: rps}, target: {type: AverageValue, averageValue: "60"}}}
        - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 40}}}
        behavior:
          scaleDown:
            policies:
            - {type: Pods, value: 1, periodSeconds: 60}
            - type: Percent
              value: 10
              periodSeconds: 60
  pods: {containers: [{name: app, requests: {cpu: 500m}}], capacity: {rps: 150}}
  demand:
  - {metric: {type: Pods, name: rps}, unit: base, step: 5m, values: [150, 200, 250, 500, 900, 300, 200, 100, 100, 100, 400, 100]}
  - {metric: {type: Resource, name: cpu}, step: 5m, values: [500, 700, 700, 1500, 2700, 900, 600, 300, 300, 300, 1200, 300]}
`

const oldHPA = `apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 4
  maxReplicas: 10
  targetCPUUtilizationPercentage: 40
`

const oldSimulation = `apiVersion: elasticctl.dev/v1alpha1
kind: Simulation
metadata: {name: old}
spec:
  autoscaler: {manifest: old-hpa.yaml}
  pods: {containers: [{name: app, requests: {cpu: 500m}, limits: {cpu: 600m}}]}
  demand:
  - {metric: {type: Resource, name: cpu}, step: 5m, values: [500, 700, 700, 1500, 2700, 900, 600, 300, 300, 300, 1200, 300]}
`

// tuneResult is what the tests read of tune -o json.
type tuneResult struct {
	Recommended *struct {
		Setting map[string]string
		X, Y    float64
	}
	Verdict string
}

// TestSimulateOfTheWrittenSettingReproducesThePromisedScore tunes copies of
// files in place, and replays them.
func TestSimulateOfTheWrittenSettingReproducesThePromisedScore(t *testing.T) {
	recording, err := filepath.Abs("../../testdata/recordings/checkout")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		files  []string
		texts  map[string]string
		file   string
		search string
		more   []string
		// fair says that bad weather is not looked at.
		fair  bool
		wrote string
		// keeps are lines that stay as they are.
		keeps []string
	}{
		{
			name: "an HPA", files: []string{"testdata/tune/shop.yaml", "testdata/tune/shop-hpa.yaml"}, texts: map[string]string{}, file: "shop.yaml",
			search: "target.cpu=55..70/5,min=2|3,up.window=0s|120s,down.window=300s,down.percent=off|20,down.pods=2|4,down.period=30s|60s,up.tolerance=5%|10%",
			wrote:  "shop-hpa.yaml", keeps: []string{"# Everything but the target was once copied from somewhere.", "  maxReplicas: 14"},
		},
		{
			name: "an HPA and requests of the simulation file", files: []string{"testdata/tune/shop.yaml", "testdata/tune/shop-hpa.yaml"}, texts: map[string]string{}, file: "shop.yaml",
			search: "request.cpu=350m..500m/50m,target.cpu=50..90/10,max=16", more: []string{"--price", "coreHour=0.031"},
			wrote: "shop.yaml", keeps: []string{"  start: 2026-11-16T00:00:00Z"},
		},
		{
			name: "an inline object", texts: map[string]string{"inline.yaml": inlineHPA}, file: "inline.yaml",
			search: "target.rps=60..110/10,metrics=rps|rps+cpu,min=1..4,down.pods=off|2,down.percent=20|50,down.select=max|min",
			wrote:  "inline.yaml", keeps: []string{"kind: Simulation"},
		},
		{
			name: "autoscaling/v1", texts: map[string]string{"old.yaml": oldSimulation, "old-hpa.yaml": oldHPA}, file: "old.yaml",
			search: "target.cpu=40..90/10,min=1..4", wrote: "old-hpa.yaml", keeps: []string{"apiVersion: autoscaling/v1"},
		},
		{
			name: "a service spec", files: []string{"examples/checkout/service.yaml"}, texts: map[string]string{}, file: "service.yaml",
			search: "target.cpu=60..80/10,target.http_requests_per_second=20|24,min=2|3,down.window=60s,request.cpu=80m|100m",
			more:   []string{"--recording", recording, "--price", "coreHour=1"}, fair: true, wrote: "service.yaml", keeps: []string{"  dependencies:"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := copied(t, c.files, c.texts)
			file := filepath.Join(dir, c.file)
			args := append([]string{"-f", file}, c.more...)
			out, errs := command(t, exitClean, append([]string{"tune", "--search", c.search, "--candidates", "300", "--validate=false", "-o", "json", "--write", fmt.Sprintf("--rehearse=%t", !c.fair)}, args...)...)
			var tuned tuneResult
			if err := json.Unmarshal([]byte(out), &tuned); err != nil {
				t.Fatal(err)
			}
			if tuned.Recommended == nil {
				t.Fatalf("nothing is recommended: %s", tuned.Verdict)
			}
			if !strings.Contains(errs, filepath.Join(dir, c.wrote)+": written\n") {
				t.Errorf("stderr %q does not tell of %s", errs, c.wrote)
			}
			out, _ = command(t, exitClean, append([]string{"simulate", "-o", "json"}, args...)...)
			var replayed struct {
				Replays []struct {
					Score struct {
						ReplicaHours, SaturatedMinutes float64
						Cost                           *float64
					}
				}
			}
			if err := json.Unmarshal([]byte(out), &replayed); err != nil {
				t.Fatal(err)
			}
			score := replayed.Replays[0].Score
			x := score.ReplicaHours
			if score.Cost != nil {
				x = *score.Cost
			}
			if x != tuned.Recommended.X || score.SaturatedMinutes != tuned.Recommended.Y {
				t.Errorf("%v promised %v, %v; replayed %v, %v", tuned.Recommended.Setting, tuned.Recommended.X, tuned.Recommended.Y, x, score.SaturatedMinutes)
			}
			text, err := os.ReadFile(filepath.Join(dir, c.wrote))
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range c.keeps {
				if !strings.Contains(string(text), line+"\n") {
					t.Errorf("%s lost the line %q:\n%s", c.wrote, line, text)
				}
			}
			left, err := filepath.Glob(filepath.Join(dir, ".elasticctl-*"))
			if err != nil || len(left) > 0 {
				t.Errorf("temporary files are left: %v, %v", left, err)
			}
		})
	}
}

func TestAnInterruptedTuneSaysSoAndWritesNothing(t *testing.T) {
	dir := copied(t, []string{"testdata/tune/shop.yaml", "testdata/tune/shop-hpa.yaml"}, map[string]string{})
	before, err := os.ReadFile(filepath.Join(dir, "shop-hpa.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	f := tuneFlags{candidates: 200, top: 3, zone: "UTC", validate: true, rehearse: true, write: true}
	f.output, f.color, f.files = "text", "never", []string{filepath.Join(dir, "shop.yaml")}
	o, err := f.options(func(string) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs strings.Builder
	err = o.run(ctx, streams{in: strings.NewReader(""), out: &out, err: &errs})
	if err == nil || report(&errs, err) != exitFailure || !strings.Contains(errs.String(), "interrupted: this is the best of") {
		t.Errorf("%v, %q", err, errs.String())
	}
	if !strings.Contains(out.String(), "then interrupted") || !strings.Contains(out.String(), "none: the search was interrupted") {
		t.Errorf("the report does not tell:\n%s", out.String())
	}
	after, err := os.ReadFile(filepath.Join(dir, "shop-hpa.yaml"))
	if err != nil || string(after) != string(before) {
		t.Errorf("the file has changed, %v", err)
	}
}

func TestAFileThatCannotBeWrittenStaysAsItIs(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "a.yaml"), filepath.Join(dir, "gone", "b.yaml")
	if err := os.WriteFile(first, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := writeAll([]string{first, second}, [][]byte{[]byte("new"), []byte("new")}); err == nil {
		t.Error("a file in a directory that does not exist was written")
	}
	if text, err := os.ReadFile(first); err != nil || string(text) != "old" {
		t.Errorf("%q, %v", text, err)
	}
	link := filepath.Join(dir, "link.yaml")
	if err := os.Symlink(first, link); err != nil {
		t.Skip("no links here")
	}
	if err := writeAll([]string{link}, [][]byte{[]byte("new")}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is no longer one: %v, %v", info.Mode(), err)
	}
	if info, err = os.Stat(first); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestProgressOfTuningTellsRateAndTimeLeft(t *testing.T) {
	got := tuningLine("search", 500, 2000, 2*time.Second)
	if got != "tuning: search, 500 of at most 2000 settings, 250 a second, 6s left" {
		t.Errorf("%q", got)
	}
	if got := tuningLine("fold 1 of 2", 0, 2000, 0); got != "tuning: fold 1 of 2, 0 of at most 2000 settings" {
		t.Errorf("%q", got)
	}
}
