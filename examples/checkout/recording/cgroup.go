//go:build linux

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// cfsPeriod is the length of a CPU quota's period, as the kubelet sets it.
const cfsPeriod = 100 * time.Millisecond

// errNoCap means that this machine offers no way to cap the CPU of a process.
var errNoCap = errors.New("no CPU cap available: the recording needs either the cpu controller of cgroup v2 " +
	"(cpu.max) or that of cgroup v1 (cpu.cfs_quota_us) with the right to create groups; run it as root on the host")

// hierarchy is a kind of CPU control groups: where groups are made, and how
// they are read and capped.
type hierarchy struct {
	name string
	// roots are the directories in which a group of the same name is made:
	// one with v2, and one or two (cpu, cpuacct) with v1.
	cpu, acct string
	v2        bool
}

// findHierarchy picks cgroup v2 when it has a cpu controller, else v1.
func findHierarchy(root string) (hierarchy, error) {
	controllers, err := os.ReadFile(filepath.Join(root, "cgroup.controllers"))
	if err == nil && hasWord(string(controllers), "cpu") {
		// The kubelet does the same: children get only the controllers that are passed on.
		if err := os.WriteFile(filepath.Join(root, "cgroup.subtree_control"), []byte("+cpu"), 0o644); err != nil {
			return hierarchy{}, fmt.Errorf("%w (%w)", errNoCap, err)
		}
		return hierarchy{name: "cgroup v2 cpu.max", cpu: root, acct: root, v2: true}, nil
	}
	v1 := hierarchy{name: "cgroup v1 cpu.cfs_quota_us", cpu: filepath.Join(root, "cpu"), acct: filepath.Join(root, "cpuacct")}
	if _, err := os.Stat(filepath.Join(v1.cpu, "cgroup.procs")); err != nil {
		return hierarchy{}, errNoCap
	}
	if _, err := os.Stat(filepath.Join(v1.acct, "cpuacct.usage")); err != nil {
		return hierarchy{}, fmt.Errorf("%w (no cpuacct.usage beside it)", errNoCap)
	}
	return v1, nil
}

func hasWord(s, word string) bool {
	for _, w := range strings.Fields(s) {
		if w == word {
			return true
		}
	}
	return false
}

// group is one control group.
type group struct {
	h    hierarchy
	path string // below the hierarchy's roots
}

// make creates a group below g. delegate says that it gets groups of its own
// instead of processes.
func (g group) make(name string, delegate bool) (group, error) {
	child := group{g.h, filepath.Join(g.path, name)}
	for _, dir := range child.dirs() {
		if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return group{}, fmt.Errorf("%w (%w)", errNoCap, err)
		}
	}
	if delegate && g.h.v2 {
		return child, child.write("cgroup.subtree_control", "+cpu")
	}
	return child, nil
}

// dirs are the group's directories, one per hierarchy.
func (g group) dirs() []string {
	cpu, acct := filepath.Join(g.h.cpu, g.path), filepath.Join(g.h.acct, g.path)
	if resolved(g.h.cpu) == resolved(g.h.acct) {
		return []string{cpu}
	}
	return []string{cpu, acct}
}

// resolved follows links: cpu and cpuacct are often one mount of two names.
func resolved(dir string) string {
	if r, err := filepath.EvalSymlinks(dir); err == nil {
		return r
	}
	return dir
}

// procs are the files that a process writes its id to, to enter the group.
func (g group) procs() []string {
	var out []string
	for _, d := range g.dirs() {
		out = append(out, filepath.Join(d, "cgroup.procs"))
	}
	return out
}

// capCPU limits the group to a share of one CPU, as a container's CPU limit does.
func (g group) capCPU(cores float64) error {
	quota := strconv.FormatInt(int64(cores*float64(cfsPeriod.Microseconds())), 10)
	period := strconv.FormatInt(cfsPeriod.Microseconds(), 10)
	if g.h.v2 {
		return g.write("cpu.max", quota+" "+period)
	}
	if err := g.write("cpu.cfs_period_us", period); err != nil {
		return err
	}
	return g.write("cpu.cfs_quota_us", quota)
}

// weigh gives the group this weight against its siblings, in cgroup v1 shares
// (1024 is the default).
func (g group) weigh(shares int) error {
	if g.h.v2 {
		return g.write("cpu.weight", strconv.Itoa(max(1, min(10000, shares*100/1024))))
	}
	return g.write("cpu.shares", strconv.Itoa(shares))
}

func (g group) write(file, value string) error {
	if err := os.WriteFile(filepath.Join(g.h.cpu, g.path, file), []byte(value), 0o644); err != nil {
		return fmt.Errorf("%w (%w)", errNoCap, err)
	}
	return nil
}

// usage is what the kernel knows of a group.
type usage struct {
	cpu              time.Duration // CPU time used
	periods          int64         // quota periods in which it ran
	throttledPeriods int64         // of them, those that used the quota up
	throttled        time.Duration // time spent throttled
}

func (g group) usage() (usage, error) {
	stat, err := keyValues(filepath.Join(g.h.cpu, g.path, "cpu.stat"))
	if err != nil {
		return usage{}, err
	}
	u := usage{periods: stat["nr_periods"], throttledPeriods: stat["nr_throttled"]}
	if g.h.v2 {
		u.cpu = time.Duration(stat["usage_usec"]) * time.Microsecond
		u.throttled = time.Duration(stat["throttled_usec"]) * time.Microsecond
		return u, nil
	}
	u.throttled = time.Duration(stat["throttled_time"])
	text, err := os.ReadFile(filepath.Join(g.h.acct, g.path, "cpuacct.usage"))
	if err != nil {
		return usage{}, err
	}
	ns, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	u.cpu = time.Duration(ns)
	return u, err
}

// keyValues reads a file of lines "key number".
func keyValues(file string) (map[string]int64, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for line := range strings.Lines(string(text)) {
		var key string
		var value int64
		if _, err := fmt.Sscan(line, &key, &value); err == nil {
			out[key] = value
		}
	}
	return out, nil
}

// remove deletes the group. The kernel refuses while a process is in it, also
// for a moment after its end: it is tried for two seconds.
func (g group) remove() error {
	var err error
	for _, dir := range g.dirs() {
		for range 200 {
			err = os.Remove(dir)
			if err == nil || errors.Is(err, fs.ErrNotExist) {
				err = nil
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// enter moves the calling process into the group.
func (g group) enter() error {
	for _, file := range g.procs() {
		if err := os.WriteFile(file, []byte(strconv.Itoa(os.Getpid())), 0o644); err != nil {
			return err
		}
	}
	return nil
}
