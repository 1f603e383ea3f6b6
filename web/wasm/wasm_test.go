//go:build !js

package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// build builds a program for the browser as a page's is built: without symbols.
func build(t *testing.T, program string) string {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("go is not on PATH")
	}
	out := filepath.Join(t.TempDir(), "elasticctl.wasm")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", out, program)
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOFLAGS=")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, text)
	}
	return out
}

// TestTheSimulatorIsLight holds the simulator to 0.84 MB of what a page has to
// load, of which Go's runtime and package time alone take 0.65. The page's own
// program may add what it costs to speak with JavaScript.
func TestTheSimulatorIsLight(t *testing.T) {
	for program, most := range map[string]int{"./testdata/core": 840_000, ".": 860_000} {
		data, err := os.ReadFile(build(t, program))
		if err != nil {
			t.Fatal(err)
		}
		packed := gzipped(t, data)
		t.Logf("%s: %d bytes, %d gzipped", program, len(data), packed)
		if packed > most {
			t.Errorf("%s: %d bytes gzipped, at most %d", program, packed, most)
		}
	}
}

func gzipped(t *testing.T, data []byte) int {
	t.Helper()
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Len()
}

// TestTheBrowserSeesWhatTheHostSees runs the program under Node.js, where there
// is one, and compares its timeline with this machine's.
func TestTheBrowserSeesWhatTheHostSees(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not on PATH")
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skip("go is not on PATH")
	}
	glue := filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js")
	if _, err := os.Stat(glue); err != nil {
		t.Skip("this Go has no wasm_exec.js")
	}
	out, err := exec.Command(node, filepath.Join("testdata", "call.js"), glue, build(t, ".")).CombinedOutput()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, out)
	}
	s := defaults()
	s[maxReplicas], s[initial], s[target] = 20, 2, 50
	c, score, err := replay(&s, ramp())
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintln(c[columnReplicas]) + fmt.Sprintln(c[columnReady]) +
		fmt.Sprintln(score.ReplicaHours(), score.ScaleUps) +
		"target is not a number within its limits\nmax is not a number\n" +
		"elasticctlReplay takes an object of settings and a Float64Array of demand\n"
	if string(out) != want {
		t.Errorf("the browser's\n%s\nthe host's\n%s", out, want)
	}
}

// ramp is an hour that climbs from 500 to 5,000 milli-cores and falls back.
func ramp() []float64 {
	demand := make([]float64, 240)
	for i := range demand {
		demand[i] = 500 + 4500*(1-math.Abs(float64(i)-120)/120)
	}
	return demand
}

func TestReplayFollowsTheDemand(t *testing.T) {
	s := defaults()
	s[maxReplicas], s[initial], s[target], s[capacity] = 20, 2, 50, 400
	c, score, err := replay(&s, ramp())
	if err != nil {
		t.Fatal(err)
	}
	replicas := c[columnReplicas]
	if len(replicas) != 240 || len(c[columnReady]) != 240 || len(c[columnTime]) != 240 || c[columnTime][1] != 15 {
		t.Fatalf("%d syncs, want 240 of 15 s", len(replicas))
	}
	// 5,000 milli-cores at half of 500 each are 20 pods.
	if top := slices.Max(replicas); top != 20 || replicas[0] != 2 || replicas[239] > 6 {
		t.Errorf("replicas %v, want from 2 to 20 and back", replicas)
	}
	if score.ScaleUps == 0 || score.ScaleDowns == 0 || !score.HasCapacity {
		t.Errorf("score %+v", score)
	}
}

func TestReplayRefusesWhatIsNotAWorld(t *testing.T) {
	for name, change := range map[string]func(*settings, []float64){
		"min":            func(s *settings, _ []float64) { s[minReplicas] = -1 },
		"max":            func(s *settings, _ []float64) { s[maxReplicas] = 0 },
		"target":         func(s *settings, _ []float64) { s[target] = math.NaN() },
		"request":        func(s *settings, _ []float64) { s[request] = math.Inf(1) },
		"sync period":    func(s *settings, _ []float64) { s[sync] = 0 },
		"step":           func(s *settings, _ []float64) { s[step] = 0 },
		"demand":         func(_ *settings, d []float64) { d[3] = math.NaN() },
		"more syncs":     func(s *settings, _ []float64) { s[step], s[sync] = 86_400, 0.001 },
		"initial is not": func(s *settings, _ []float64) { s[initial] = 1e300 },
	} {
		s, demand := defaults(), make([]float64, 100)
		change(&s, demand)
		if _, _, err := replay(&s, demand); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want an error about %q", err, name)
		}
	}
}
