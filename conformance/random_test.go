package conformance

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/conformance/oracle"
	"github.com/elasticctl/elasticctl/conformance/random"
)

var (
	scenarios = flag.Int("scenarios", 300, "random scenarios to run")
	seed      = flag.Uint64("seed", 1, "seed of the first random scenario")
	syncs     = flag.Int("syncs", 600, "syncs of the longest random scenario")
	program   = flag.String("elasticctl", "", "the program to compare; built from this checkout if empty")
	keep      = flag.String("keep", "", "directory for scenarios that differ")
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

// TestRandomScenarios replays random scenarios through the real controller and
// through elasticctl, and demands that no sync differs in anything.
func TestRandomScenarios(t *testing.T) {
	binary := theProgram(t)
	var c Coverage
	var real, ours time.Duration
	different := 0
	for i := range *scenarios {
		n := *seed + uint64(i)
		t.Run(fmt.Sprintf("seed=%d", n), func(t *testing.T) {
			text := random.Scenario(n, *syncs)
			s, err := oracle.Parse(text)
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			began := time.Now()
			want := oracle.Run(t, s)
			real += time.Since(began)
			began = time.Now()
			got, err := Replay(binary, text)
			ours += time.Since(began)
			c.Add(want)
			if err != nil {
				keepScenario(t, n, text)
				t.Fatal(err)
			}
			if d := Diff(want, got); d != "" {
				different++
				keepScenario(t, n, text)
				t.Error(d)
			}
		})
	}
	c.Print(os.Stdout)
	fmt.Printf("%d scenarios from seed %d, %d syncs compared, %d scenarios differ\n", *scenarios, *seed, c.Syncs, different)
	fmt.Printf("the controller: %.0f syncs/s; elasticctl, start-up of the process included: %.0f syncs/s\n",
		float64(c.Syncs)/real.Seconds(), float64(c.Syncs)/ours.Seconds())
}

func keepScenario(t *testing.T, n uint64, text []byte) {
	t.Helper()
	if *keep == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*keep, fmt.Sprintf("seed-%d.yaml", n)), text, 0o644); err != nil {
		t.Error(err)
	}
}
