//go:build linux

// Command recording makes the committed recording of examples/checkout: a real
// Prometheus scrapes real instances of the service, each with the CPU cap of a
// container, while a script changes their number and the load on them. All
// traffic stays on loopback.
//
//	go run ./examples/checkout/recording --out testdata/recordings/checkout
//
// It takes 40 minutes of real time, needs Linux and the right to create CPU
// control groups, and stops and removes whatever it started, also when it is
// interrupted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	out        string
	prometheus string
	cpus       string
	seed       uint64
	scale      float64
	interval   time.Duration
	cores      float64
	cgroups    string
	keep       string
}

func main() {
	o, err := parseOptions(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "recording:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := o.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "recording:", err)
		stop()
		os.Exit(1)
	}
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	fs := flag.NewFlagSet("recording", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&o.out, "out", "testdata/recordings/checkout", "directory of the result, replaced as a whole")
	fs.StringVar(&o.prometheus, "prometheus", os.Getenv("PROMETHEUS"), "a prometheus binary; default: bin/prometheus, built if absent")
	fs.StringVar(&o.cpus, "cpus", "", "run everything on these CPUs, as 0,2-3; default: all")
	fs.Uint64Var(&o.seed, "seed", 1, "of the arrivals and the names of the pods")
	fs.Float64Var(&o.scale, "scale", 1, "length of the script against its 40 minutes; below 1 to try things out")
	fs.DurationVar(&o.interval, "interval", 5*time.Second, "scrape interval and step, in whole seconds")
	fs.Float64Var(&o.cores, "cores", 0.1, "CPU limit, and request, of a pod")
	fs.StringVar(&o.cgroups, "cgroups", "/sys/fs/cgroup", "where control groups are mounted")
	fs.StringVar(&o.keep, "keep", "", "keep Prometheus' data and log in this directory")
	if err := fs.Parse(args); err != nil {
		return options{}, err
	}
	switch {
	case fs.NArg() > 0:
		return options{}, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	case !(o.scale > 0 && o.scale <= 100):
		return options{}, fmt.Errorf("--scale %v: want a positive number, at most 100", o.scale)
	case o.interval < time.Second || o.interval%time.Second != 0:
		return options{}, fmt.Errorf("--interval %s: want whole seconds, at least 1s", o.interval)
	case !(o.cores >= 0.01 && o.cores <= 1):
		return options{}, fmt.Errorf("--cores %v: want 0.01 to 1", o.cores)
	}
	return o, nil
}

// run makes the recording, or nothing at all.
func (o options) run(ctx context.Context) error {
	cpus, err := o.affinity()
	if err != nil {
		return err
	}
	dir, clean, err := o.workDir()
	if err != nil {
		return err
	}
	defer clean()
	service := filepath.Join(dir, "checkout")
	if err := goTool(ctx, nil, "build", "-trimpath", "-o", service, "./examples/checkout"); err != nil {
		return err
	}
	prometheus, err := o.prometheusBinary(ctx)
	if err != nil {
		return err
	}
	stage, err := newStage(ctx, o, dir, service)
	if err != nil {
		return err
	}
	defer stage.close()
	if err := stage.record(prometheus, cpus); err != nil {
		return err
	}
	stage.close()
	return replaceDir(stage.result, o.out)
}

// workDir is where everything happens until the result is complete.
func (o options) workDir() (dir string, clean func(), err error) {
	if o.keep != "" {
		dir, err = filepath.Abs(o.keep)
		return dir, func() {}, errors.Join(err, os.MkdirAll(dir, 0o755))
	}
	dir, err = os.MkdirTemp("", "checkout-recording-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

// affinity binds the process to the CPUs asked for and returns the CPUs in use.
func (o options) affinity() ([]int, error) {
	if o.cpus == "" {
		return allCPUs()
	}
	cpus, err := parseCPUs(o.cpus)
	if err != nil {
		return nil, fmt.Errorf("--cpus: %w", err)
	}
	return cpus, pinTo(cpus)
}

// allCPUs are the machine's, whatever this process may use of them.
func allCPUs() ([]int, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(parseStat(string(text)))), nil
}

// prometheusModule is what is recorded with.
const prometheusModule = "github.com/prometheus/prometheus/cmd/prometheus@v0.316.0"

func (o options) prometheusBinary(ctx context.Context) (string, error) {
	if o.prometheus != "" {
		return o.prometheus, nil
	}
	bin, err := filepath.Abs("bin")
	if err != nil {
		return "", err
	}
	program := filepath.Join(bin, "prometheus")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	// Without this tag it does not build: one of the service discoveries has a dependency that cannot be had.
	return program, goTool(ctx, []string{"GOBIN=" + bin}, "install", "-tags", "remove_all_sd", prometheusModule)
}

func goTool(ctx context.Context, env []string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(append(os.Environ(), "CGO_ENABLED=0"), env...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go %s: %w", args[0], err)
	}
	return nil
}

// replaceDir puts the files in place of the directory's: they are complete
// when they appear, or the old ones stay.
func replaceDir(files map[string][]byte, dir string) (err error) {
	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(parent, ".recording-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	fresh, old := filepath.Join(tmp, "new"), filepath.Join(tmp, "old")
	if err := os.Mkdir(fresh, 0o755); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(fresh, name), text, 0o644); err != nil {
			return err
		}
	}
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(fresh, dir); err != nil {
		return errors.Join(err, os.Rename(old, dir))
	}
	return nil
}

// groupName is the recording's own control group; the process id keeps two
// recordings apart.
func groupName() string { return "checkout-recording-" + strconv.Itoa(os.Getpid()) }
