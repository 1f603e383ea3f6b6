// Package older holds elasticctl against the HPA controllers of versions of
// Kubernetes before the newest.
//
// Each of those versions is a small module beside this package (v1_27, …). It
// compiles package oracle, and this one, against that version's API and
// controller: its go.mod replaces what the conformance module requires. What
// differs between the versions' constructors is a file of package oracle behind
// a build tag.
package older

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"

	"github.com/elasticctl/elasticctl/conformance"
	"github.com/elasticctl/elasticctl/conformance/oracle"
)

// Options say what Compare runs.
type Options struct {
	Scenarios, Syncs int
	Seed             uint64
	// Program is the elasticctl to compare; it is built if empty.
	Program string
	// Keep is a directory for the scenarios that differ, if any.
	Keep string
}

// Flags are the options as flags of a test.
func Flags() *Options {
	o := &Options{}
	flag.IntVar(&o.Scenarios, "scenarios", 20, "random scenarios to run")
	flag.IntVar(&o.Syncs, "syncs", 600, "syncs of the longest random scenario")
	flag.Uint64Var(&o.Seed, "seed", 1, "seed of the first random scenario")
	flag.StringVar(&o.Program, "elasticctl", "", "the program to compare; built from this checkout if empty")
	flag.StringVar(&o.Keep, "keep", "", "directory for scenarios that differ")
	return o
}

// Compare replays random scenarios through the controller that this binary is
// compiled with, that of Kubernetes 1.minor, and through elasticctl, and
// demands that no sync differs in anything. root is the repository.
func (o *Options) Compare(t *testing.T, minor int, root string) {
	t.Helper()
	klog.SetLogger(logr.Discard()) // informers tell of each run's start
	program := o.program(t, root)
	var c conformance.Coverage
	different := 0
	began := time.Now()
	for n := o.Seed; n < o.Seed+uint64(o.Scenarios); n++ {
		t.Run(fmt.Sprintf("seed=%d", n), func(t *testing.T) {
			text, err := Scenario(n, o.Syncs, minor)
			if err != nil {
				t.Fatal(err)
			}
			s, err := oracle.Parse(text)
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			want := oracle.Run(t, s)
			c.Add(s, want)
			got, err := conformance.Replay(program, text)
			if err != nil {
				o.keep(t, n, text)
				t.Fatal(err)
			}
			if d := conformance.Diff(want, got); d != "" {
				different++
				o.keep(t, n, text)
				t.Error(d)
			}
		})
	}
	c.Print(os.Stdout)
	fmt.Printf("Kubernetes 1.%d: %d scenarios from seed %d, %d syncs compared in %.0f s, %d scenarios differ\n",
		minor, o.Scenarios, o.Seed, c.Syncs, time.Since(began).Seconds(), different)
}

func (o *Options) program(t *testing.T, root string) string {
	t.Helper()
	if o.Program != "" {
		return o.Program
	}
	binary := filepath.Join(t.TempDir(), "elasticctl")
	cmd := exec.Command("go", "build", "-o", binary, "./cmd/elasticctl")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building elasticctl: %v\n%s", err, out)
	}
	return binary
}

func (o *Options) keep(t *testing.T, seed uint64, text []byte) {
	t.Helper()
	if o.Keep == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(o.Keep, fmt.Sprintf("seed-%d.yaml", seed)), text, 0o644); err != nil {
		t.Error(err)
	}
}
