//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// fleet is the Deployment, its pods, and the Service in front of them.
type fleet struct {
	ctx     context.Context // ends with the recording; pods are killed then
	parent  group
	spec    podSpec
	targets string // file_sd file for Prometheus

	mu       sync.Mutex
	rng      *rand.Rand // for names
	template string     // hash of the pod template
	desired  int        // spec.replicas
	pods     []*pod     // in order of creation; gone ones are removed
	unclean  int        // pods that did not end by themselves with exit code 0

	endpoints atomic.Pointer[[]*pod] // what was ready last
	ending    sync.WaitGroup
	failed    chan error // receives the first failure
}

func newFleet(ctx context.Context, parent group, spec podSpec, targets string, seed uint64) *fleet {
	f := &fleet{
		ctx: ctx, parent: parent, spec: spec, targets: targets,
		rng: rand.New(rand.NewPCG(seed, 2)), failed: make(chan error, 1),
	}
	f.template = f.randomName(9)
	f.endpoints.Store(&[]*pod{})
	return f
}

// randomName uses Kubernetes' alphabet: no vowels, no digits that look like letters.
func (f *fleet) randomName(n int) string {
	const alphabet = "bcdfghjklmnpqrstvwxz2456789"
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[f.rng.IntN(len(alphabet))]
	}
	return string(out)
}

func (f *fleet) fail(err error) {
	select {
	case f.failed <- err:
	default:
	}
}

// scale sets spec.replicas and starts or ends pods accordingly.
func (f *fleet) scale(n int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.desired = n
	for len(f.live()) < n {
		if _, err := f.add(); err != nil {
			return err
		}
	}
	for len(f.live()) > n {
		f.end(f.victim())
	}
	return nil
}

// rollout replaces every pod by one of a new template: one more first, then
// one of the old ones fewer, never below spec.replicas.
func (f *fleet) rollout() error {
	f.mu.Lock()
	f.template = f.randomName(9)
	old := f.live()
	f.mu.Unlock()
	for _, o := range old {
		f.mu.Lock()
		p, err := f.add()
		f.mu.Unlock()
		if err != nil {
			return err
		}
		if err := f.awaitReady(p); err != nil {
			return err
		}
		f.mu.Lock()
		f.end(o)
		f.mu.Unlock()
	}
	return nil
}

func (f *fleet) awaitReady(p *pod) error {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		if p.ready.Load() {
			return nil
		}
		select {
		case <-f.ctx.Done():
			return f.ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return fmt.Errorf("pod %s is not ready after a minute", p.name)
}

// live are the pods that are not being deleted. The caller holds the lock.
func (f *fleet) live() []*pod {
	var out []*pod
	for _, p := range f.pods {
		if !p.terminating.Load() {
			out = append(out, p)
		}
	}
	return out
}

// victim is the pod a scale-down takes: one that is not ready, else the newest.
func (f *fleet) victim() *pod {
	live := f.live()
	for _, p := range slices.Backward(live) {
		if !p.ready.Load() {
			return p
		}
	}
	return live[len(live)-1]
}

// add starts a pod. The caller holds the lock.
func (f *fleet) add() (*pod, error) {
	owner := deployment + "-" + f.template
	p, err := startPod(f.parent, f.spec, owner+"-"+f.randomName(5), owner)
	if err != nil {
		return nil, err
	}
	f.pods = append(f.pods, p)
	f.ending.Add(1)
	go p.probe(f.ctx)
	go f.watch(p)
	return p, nil
}

// watch publishes the pod when it listens and takes it off when it has ended.
func (f *fleet) watch(p *pod) {
	defer f.ending.Done()
	select {
	case <-p.listening:
		f.publish()
		<-p.proc.exited
	case <-p.proc.exited:
	}
	if !p.terminating.Load() && f.ctx.Err() == nil {
		f.fail(fmt.Errorf("pod %s ended unasked: %w", p.name, errors.Join(p.proc.err, errors.New("see its log above"))))
	}
	f.mu.Lock()
	f.pods = slices.DeleteFunc(f.pods, func(q *pod) bool { return q == p })
	f.mu.Unlock()
	f.publish()
	if err := p.discard(); err != nil {
		f.fail(err)
	}
}

// end deletes a pod; it goes on serving for a while. The caller holds the lock.
func (f *fleet) end(p *pod) {
	if p.terminating.Swap(true) {
		return // a second SIGTERM would cut it short
	}
	go func() {
		if !p.terminate(f.spec.termination) {
			f.mu.Lock()
			f.unclean++
			f.mu.Unlock()
		}
	}()
}

// stopAll ends every pod and waits until they and their groups are gone.
func (f *fleet) stopAll() {
	f.mu.Lock()
	pods := slices.Clone(f.pods)
	f.mu.Unlock()
	for _, p := range pods {
		p.terminating.Store(true)
		_ = p.proc.cmd.Process.Kill()
	}
	f.ending.Wait()
}

// snapshot is the pods as they are now, in order of creation, and spec.replicas.
func (f *fleet) snapshot() ([]*pod, int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.pods), f.desired
}

// pick is the pod that gets a request, any of the ready ones with equal
// chance, as kube-proxy picks for a new connection. It is nil when none is ready.
func (f *fleet) pick(n uint32) *pod {
	pods := *f.endpoints.Load()
	if len(pods) == 0 {
		return nil
	}
	return pods[int(n)%len(pods)]
}

// balance keeps the Service's endpoints up to date until ctx ends.
func (f *fleet) balance() {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		pods, _ := f.snapshot()
		pods = slices.DeleteFunc(pods, func(p *pod) bool { return !p.serves.Load() })
		f.endpoints.Store(&pods)
		select {
		case <-tick.C:
		case <-f.ctx.Done():
			return
		}
	}
}

// publish tells Prometheus what to scrape, in file_sd's form.
func (f *fleet) publish() {
	f.mu.Lock()
	defer f.mu.Unlock()
	type target struct {
		Targets []string          `json:"targets"`
		Labels  map[string]string `json:"labels"`
	}
	out := []target{}
	for _, p := range f.pods {
		select {
		case <-p.listening:
			out = append(out, target{[]string{p.metrics}, map[string]string{
				"namespace": namespace, "pod": p.name, "container": container,
			}})
		default:
		}
	}
	text, err := json.Marshal(out)
	if err == nil {
		err = writeAtomically(f.targets, text)
	}
	if err != nil {
		f.fail(err)
	}
}

// writeAtomically replaces a file in one step.
func writeAtomically(file string, text []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), ".tmp-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(text)
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}
