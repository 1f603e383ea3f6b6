package conformance

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"

	"github.com/elasticctl/elasticctl/conformance/oracle"
	"github.com/elasticctl/elasticctl/conformance/random"
)

var (
	scenarios = flag.Int("scenarios", whole, "random scenarios to run")
	seed      = flag.Uint64("seed", 1, "seed of the first random scenario")
	syncs     = flag.Int("syncs", 600, "syncs of the longest random scenario")
	program   = flag.String("elasticctl", "", "the program to compare; built from this checkout if empty")
	keep      = flag.String("keep", "random/testdata/kept", "directory for scenarios that differ")
)

// build compiles the elasticctl that is compared, once, to where git does not
// look; the go command does nothing where it is up to date.
var build = sync.OnceValues(func() (string, error) {
	binary, err := filepath.Abs("../bin/elasticctl-compared")
	if err != nil {
		return "", err
	}
	cmd := exec.Command("go", "build", "-o", binary, "./cmd/elasticctl")
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building elasticctl: %w\n%s", err, out)
	}
	return binary, nil
})

// theProgram is the elasticctl that is compared.
func theProgram(t *testing.T) string {
	t.Helper()
	if *program != "" {
		return *program
	}
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// TestMain silences the controller, which complains of every run's end.
func TestMain(m *testing.M) {
	flag.Parse()
	klog.SetLogger(logr.Discard())
	os.Exit(m.Run())
}

// TestKeptScenarios replays what once differed, as it was shrunk then.
func TestKeptScenarios(t *testing.T) {
	files, err := filepath.Glob("random/testdata/kept/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := compare(t, theProgram(t), text); d != "" {
				t.Error(d)
			}
		})
	}
}

// compare replays a simulation file on both sides and describes the first sync
// that differs.
func compare(t *testing.T, binary string, text []byte) string {
	t.Helper()
	s, err := oracle.Parse(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	got, err := Replay(binary, text)
	if err != nil {
		t.Fatal(err)
	}
	return Diff(oracle.Run(t, s), got)
}

// whole is how many random scenarios it takes to go through every branch often
// enough.
const (
	whole        = 300
	leastSyncs   = 1000 // in which every branch decides
	leastScaling = 20.0 // of 100 syncs
	shrunk       = 3    // scenarios that differ, of which each is made small
)

// TestRandomScenarios replays random scenarios through the real controller and
// through elasticctl, and demands that no sync differs in anything.
func TestRandomScenarios(t *testing.T) {
	r := runner{binary: theProgram(t)}
	for i := range *scenarios {
		n := *seed + uint64(i)
		t.Run(fmt.Sprintf("seed=%d", n), func(t *testing.T) { r.run(t, n) })
	}
	r.report(os.Stdout)
	if *scenarios < whole {
		return
	}
	if p := r.ScaledPercent(); p < leastScaling {
		t.Errorf("%.1f of 100 syncs scaled, want %v: such scenarios prove little", p, leastScaling)
	}
	for _, short := range r.Short(leastSyncs) {
		t.Errorf("%s, want %d", short, leastSyncs)
	}
}

// runner holds what a run of many scenarios adds up to.
type runner struct {
	Coverage
	binary               string
	real, ours, starting time.Duration
	different            int
}

// run compares one random scenario.
func (r *runner) run(t *testing.T, n uint64) {
	text := random.Scenario(n, *syncs)
	s, err := oracle.Parse(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	began := time.Now()
	want := oracle.Run(t, s)
	r.real += time.Since(began)
	began = time.Now()
	got, err := Replay(r.binary, text)
	r.ours += time.Since(began)
	r.starting += start(t, r.binary)
	r.Add(s, want)
	if err != nil {
		r.different++
		keepScenario(t, n, text)
		t.Fatal(err)
	}
	d := Diff(want, got)
	if d == "" {
		return
	}
	r.different++
	t.Errorf("seed %d: %s", n, d)
	if r.different <= shrunk {
		r.shrink(t, n, text, kind(d))
	}
}

// kind is which fields of a sync differ: a smaller scenario must fail as the
// larger one did, not in some other way.
func kind(diff string) string {
	var fields []string
	for line := range strings.Lines(diff) {
		if f := strings.Fields(line); f[0] == "!" && f[1] != "elasticctl" {
			fields = append(fields, f[1])
		}
	}
	return strings.Join(fields, " ")
}

// shrink makes a scenario that differs small, prints it and keeps it.
func (r *runner) shrink(t *testing.T, n uint64, text []byte, want string) {
	tried := 0
	small := random.Shrink(text, func(text []byte) bool {
		got, err := Replay(r.binary, text)
		if err != nil {
			return false
		}
		s, err := oracle.Parse(text)
		if err != nil {
			return false
		}
		tried++
		differs := false
		t.Run(fmt.Sprintf("smaller=%d", tried), func(t *testing.T) {
			d := Diff(oracle.Run(t, s), got)
			differs = d != "" && kind(d) == want
		})
		return differs
	})
	t.Logf("the smallest of %d scenarios that still differs:\n%s\n%s", tried, small, compare(t, r.binary, small))
	keepScenario(t, n, small)
}

// report prints what was gone through, how much agreed, and how fast each side
// was.
func (r *runner) report(w io.Writer) {
	r.Print(w)
	fmt.Fprintf(w, "%d scenarios from seed %d, %d syncs compared, %d scenarios differ\n", *scenarios, *seed, r.Syncs, r.different)
	perSecond := func(d time.Duration) float64 { return float64(r.Syncs) / max(d, time.Millisecond).Seconds() }
	times := func(d time.Duration) float64 { return r.real.Seconds() / max(d, time.Millisecond).Seconds() }
	fmt.Fprintf(w, "the controller %.0f syncs/s; elasticctl %.0f syncs/s, %.1f times as many; without the start of its processes %.0f syncs/s, %.1f times as many\n",
		perSecond(r.real), perSecond(r.ours), times(r.ours), perSecond(r.ours-r.starting), times(r.ours-r.starting))
}

// start measures a process of elasticctl that replays nothing.
func start(t *testing.T, binary string) time.Duration {
	t.Helper()
	began := time.Now()
	if out, err := exec.Command(binary, "version").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return time.Since(began)
}

// keepScenario writes a scenario to where every run replays it first.
func keepScenario(t *testing.T, n uint64, text []byte) {
	t.Helper()
	if err := os.MkdirAll(*keep, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*keep, fmt.Sprintf("seed-%d.yaml", n)), text, 0o644); err != nil {
		t.Error(err)
	}
}
