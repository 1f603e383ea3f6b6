//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// stage is everything a recording runs on.
type stage struct {
	opts   options
	dir    string // temporary
	script script
	ctx    context.Context
	cancel context.CancelFunc
	home   hierarchy
	root   group // of the whole recording
	tools  group // this process and Prometheus
	fleet  *fleet
	load   *generator
	closed sync.Once
	undo   []func() // in order of building; run backwards

	result map[string][]byte // file name → content
}

// newStage makes the control groups and moves this process into one of them.
// The groups get a large weight together, so that other work on the machine
// does not slow them down.
func newStage(ctx context.Context, o options, dir, service string) (s *stage, err error) {
	s = &stage{opts: o, dir: dir, script: fortyMinutes().scaled(o.scale), result: map[string][]byte{}}
	s.ctx, s.cancel = context.WithCancel(ctx)
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.home, err = findHierarchy(o.cgroups); err != nil {
		return nil, err
	}
	if s.root, err = (group{h: s.home}).make(groupName(), true); err != nil {
		return nil, err
	}
	s.undo = append(s.undo, func() { s.complain(s.root.remove()) })
	if s.tools, err = s.root.make("tools", false); err != nil {
		return nil, err
	}
	s.undo = append(s.undo, func() {
		s.complain(errors.Join(group{h: s.home}.enter(), s.tools.remove()))
	})
	if err = s.root.weigh(16 * 1024); err != nil {
		return nil, err
	}
	if err = s.tools.enter(); err != nil {
		return nil, err
	}
	spec := podSpec{
		program: service, cores: o.cores, memory: 64 << 20, termination: 40 * time.Second,
		args: []string{"--drain-delay=5s"},
	}
	s.fleet = newFleet(s.ctx, s.root, spec, filepath.Join(dir, "targets.json"), o.seed)
	s.load = newGenerator(s.fleet)
	return s, nil
}

func (s *stage) complain(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "recording: cleaning up:", err)
	}
}

// close stops what was started and removes what was made; it may be called twice.
func (s *stage) close() {
	s.closed.Do(func() {
		s.cancel()
		if s.fleet != nil {
			s.fleet.stopAll()
		}
		for _, undo := range slices.Backward(s.undo) {
			undo()
		}
	})
}

// settle is how long is recorded before and after the script.
const settle = 20 * time.Second

// record runs the script and fills the result.
func (s *stage) record(prometheus string, cpus []int) error {
	cluster, stop, err := serveCluster(s.fleet, s.load)
	if err != nil {
		return err
	}
	defer stop()
	if err := writePromConfig(s.dir, cluster, s.opts.interval); err != nil {
		return err
	}
	prom, err := startPrometheus(s.ctx, s.tools, prometheus, s.dir)
	if err != nil {
		return err
	}
	defer prom.proc.stop(10 * time.Second)
	go s.fleet.balance()

	plan := s.script.arrivals(s.opts.seed)
	s.load.planned = len(plan)
	busy := watchCPUs(s.ctx, cpus, s.root)
	begin, err := s.play(plan)
	if err != nil {
		return err
	}
	watched := busy.stop()
	over := span{begin.Add(-settle / 2).Truncate(s.opts.interval), time.Now().Truncate(s.opts.interval), s.opts.interval}
	if err := s.collect(prom, over); err != nil {
		return err
	}
	f := facts{
		Seed: s.opts.seed, Scale: s.opts.scale, Step: s.opts.interval.String(),
		Start: over.start.Unix(), ScriptStart: begin.UnixMilli(), End: over.end.Unix(),
		CPUCap: s.home.name, CPULimit: s.opts.cores, Prometheus: prom.version, Go: runtime.Version(),
		CPUModel: cpuModel(), CPUs: machineCPUs(), CPUsUsed: len(cpus),
		Load: s.loadFacts(), Busy: watched, Script: s.script.table(),
	}
	return s.describe(f)
}

// play starts the first pods, waits until they are ready, and follows the
// script. It returns when the script began.
func (s *stage) play(plan []arrival) (time.Time, error) {
	first := s.script.Changes[0]
	if err := s.fleet.scale(first.Pods); err != nil {
		return time.Time{}, err
	}
	pods, _ := s.fleet.snapshot()
	for _, p := range pods {
		if err := s.fleet.awaitReady(p); err != nil {
			return time.Time{}, err
		}
	}
	if err := s.pause(settle); err != nil {
		return time.Time{}, err
	}
	begin := time.Now()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.load.run(s.ctx, begin, plan)
	}()
	for _, c := range s.script.Changes[1:] {
		if err := s.pause(time.Until(begin.Add(c.At))); err != nil {
			return begin, err
		}
		fmt.Fprintf(os.Stderr, "%s: %d pods, rollout %t (%s); sent %d ok %d shed %d lost %d\n", clock(c.At), c.Pods, c.Rollout,
			c.Note, s.load.sent.Load(), s.load.ok.Load(), s.load.shed.Load(), s.load.lost.Load())
		if err := s.change(c); err != nil {
			return begin, err
		}
	}
	select {
	case <-done:
	case <-s.ctx.Done():
		return begin, s.ctx.Err()
	case err := <-s.fleet.failed:
		return begin, err
	}
	return begin, s.pause(settle)
}

func (s *stage) change(c change) error {
	if !c.Rollout {
		return s.fleet.scale(c.Pods)
	}
	go func() {
		if err := s.fleet.rollout(); err != nil {
			s.fleet.fail(err)
		}
	}()
	return nil
}

// pause waits, and fails as soon as something else does.
func (s *stage) pause(d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case err := <-s.fleet.failed:
		return err
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

// collect exports every metric, compressed.
func (s *stage) collect(prom *promServer, over span) error {
	for _, metric := range exported() {
		text, err := prom.export(s.ctx, metric, over)
		if err != nil {
			return err
		}
		packed, err := compress(text)
		if err != nil {
			return err
		}
		s.result[metric+".json.gz"] = packed
	}
	return nil
}

func clock(d time.Duration) string {
	return fmt.Sprintf("%d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}

func machineCPUs() int {
	all, err := allCPUs()
	if err != nil {
		return 0
	}
	return len(all)
}

func cpuModel() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
