//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// What the recording calls things, as a cluster would.
const (
	namespace  = "shop"
	deployment = "checkout"
	container  = "app"
)

// podSpec is how a pod is run.
type podSpec struct {
	program     string        // the service's binary
	args        []string      // its flags, without addresses
	cores       float64       // CPU limit, and request
	memory      int64         // memory limit and request, bytes; declared only, as the cap is on CPU
	termination time.Duration // SIGTERM to SIGKILL
}

// pod is one process of the service, treated as the kubelet treats a pod.
type pod struct {
	name    string
	owner   string // its ReplicaSet
	created time.Time
	outer   group // the pod's group, without processes of its own
	inner   group // its container's group, below it
	proc    *process

	http, metrics string // addresses; set before listening is closed
	listening     chan struct{}
	ready         atomic.Bool // as probed
	terminating   atomic.Bool
	serves        atomic.Bool // is an endpoint of the Service
}

// startPod makes the groups, caps the CPU and starts the process in them.
func startPod(parent group, spec podSpec, name, owner string) (*pod, error) {
	p := &pod{name: name, owner: owner, created: time.Now(), listening: make(chan struct{})}
	var err error
	if p.outer, err = parent.make("pod-"+name, true); err != nil {
		return nil, err
	}
	if p.inner, err = p.outer.make(container, false); err != nil {
		return nil, err
	}
	if err := errors.Join(p.outer.weigh(int(spec.cores*1024)), p.inner.capCPU(spec.cores)); err != nil {
		return nil, err
	}
	args := append([]string{"--http-addr=127.0.0.1:0", "--metrics-addr=127.0.0.1:0"}, spec.args...)
	p.proc, err = start(p.inner, p.readLog, spec.program, args...)
	return p, err
}

// readLog takes the addresses from the service's first line; of the rest it
// passes on what is not ordinary.
func (p *pod) readLog(line string) {
	var entry struct{ Msg, Level, HTTP, Metrics string }
	if json.Unmarshal([]byte(line), &entry) == nil && entry.Level == "INFO" {
		if entry.Msg == "listening" {
			p.http, p.metrics = entry.HTTP, entry.Metrics
			close(p.listening)
		}
		return
	}
	fmt.Fprintf(os.Stderr, "%s: %s\n", p.name, line)
}

// probeTimeout is generous: a pod at its CPU limit answers late, and a Service
// without any endpoint helps nobody.
const probeTimeout = 5 * time.Second

// probe asks for readiness every second, as the kubelet does: one success
// makes ready, three failures make not ready.
func (p *pod) probe(ctx context.Context) {
	client := &http.Client{Timeout: probeTimeout, Transport: &http.Transport{DisableKeepAlives: true}}
	failures := 0
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if p.readyNow(client) {
			failures = 0
			p.ready.Store(true)
			p.serves.Store(!p.terminating.Load())
		} else if failures++; failures >= 3 {
			p.ready.Store(false)
			p.serves.Store(false)
		}
		select {
		case <-tick.C:
		case <-p.proc.exited:
			p.ready.Store(false)
			p.serves.Store(false)
			return
		case <-ctx.Done():
			return
		}
	}
}

func (p *pod) readyNow(client *http.Client) bool {
	select {
	case <-p.listening:
	default:
		return false
	}
	resp, err := client.Get("http://" + p.http + "/readyz")
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// endpointLag is how long the Service goes on sending requests to a pod that
// is being deleted: endpoints are updated by others, not by the pod.
const endpointLag = time.Second

// terminate removes the pod as a cluster does: SIGTERM at once, while the
// Service hears of it a little later; after the grace period SIGKILL. It
// reports whether the pod ended by itself and without an error.
func (p *pod) terminate(grace time.Duration) bool {
	lag := time.AfterFunc(endpointLag, func() { p.serves.Store(false) })
	defer lag.Stop()
	_ = p.proc.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.proc.exited:
	case <-time.After(grace):
		p.proc.stop(0)
	}
	p.serves.Store(false)
	return p.proc.err == nil
}

// discard removes the groups of a pod that has ended.
func (p *pod) discard() error {
	if err := p.inner.remove(); err != nil {
		return err
	}
	return p.outer.remove()
}

// residentBytes is the memory of the pod's process. One process is the whole
// container, so this is its working set but for page cache and kernel memory.
func (p *pod) residentBytes() (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.proc.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0, fmt.Errorf("statm of %s: %q", p.name, text)
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize()), err
}
