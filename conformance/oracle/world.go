package oracle

import (
	"slices"
	"strconv"
	"time"
)

const selector = "app=web"

// podLabels are what selector selects.
func podLabels() map[string]string { return map[string]string{"app": "web"} }

// pod is one pod; times are from the start.
type pod struct {
	name       string
	created    time.Duration
	running    bool
	ready      bool
	everReady  bool // has passed creation + ready
	transition time.Duration
	failed     bool
	deleted    bool
	gone       time.Duration // when a deleted pod vanishes
	heldUntil  time.Duration // end of a podsNotReady fault
	held       bool          // made not ready by a fault
	heldForEnd bool          // … until the end
	homeless   bool          // no node takes it
	startup    time.Duration // creation → Ready
}

func (p *pod) live() bool    { return !p.deleted && !p.failed }
func (p *pod) serving() bool { return p.live() && p.running && p.ready }

// world is everything outside the controller.
type world struct {
	spec      *Spec
	namespace string
	epoch     time.Time // wall clock of t=0
	now       time.Duration
	replicas  int32 // the scale's spec.replicas
	surge     int32
	pods      []*pod // in order of creation
	born      int
	order     []int // faults by time, in file order at one instant
	next      int   // first fault of order not yet applied
	queues    map[*Demand]*queue
	flowed    time.Duration // up to when the queues are right

	onEdit func(edit *Fault)
}

// newWorld is a simulation's world as it stands right before t=0: replicas pods
// of a workload in a namespace.
func newWorld(s *Spec, epoch time.Time, namespace string, replicas int32) *world {
	w := &world{spec: s, epoch: epoch, namespace: namespace, replicas: replicas, onEdit: func(*Fault) {}}
	for i := range s.Faults {
		w.order = append(w.order, i)
	}
	slices.SortStableFunc(w.order, func(a, b int) int {
		return int(s.Faults[a].At.Duration - s.Faults[b].At.Duration)
	})
	w.now = -orDefault(s.Pods.InitialAge, time.Hour)
	w.newQueues()
	w.reconcilePods()
	w.advance(-1)
	return w
}

// advance brings the world to an instant: at each instant on the way the faults
// in file order, then the pods' transitions; work flows in between.
func (w *world) advance(to time.Duration) {
	for {
		at, ok := w.nextInstant(to)
		if !ok {
			break
		}
		w.flow(at)
		w.now = at
		w.applyFaults()
		w.transitions()
	}
	w.flow(to)
	w.now = to
}

// nextInstant is the next instant, at most to, at which something happens that
// has not happened yet.
func (w *world) nextInstant(to time.Duration) (time.Duration, bool) {
	best, found := to, false
	consider := func(t time.Duration) {
		if t <= best {
			best, found = t, true
		}
	}
	if w.next < len(w.order) {
		consider(w.spec.Faults[w.order[w.next]].At.Duration)
	}
	if w.surge > 0 {
		if end, ok := w.surgeEnd(); ok {
			consider(end)
		}
	}
	for _, p := range w.pods {
		if t, ok := w.dueAt(p); ok {
			consider(t)
		}
	}
	if t, ok := w.nextNode(); ok {
		consider(t)
	}
	return best, found
}

// surgeEnd is when the surge in force ends by itself.
func (w *world) surgeEnd() (time.Duration, bool) {
	for i := w.next - 1; i >= 0; i-- {
		f := &w.spec.Faults[w.order[i]]
		if f.Surge == nil {
			continue
		}
		if f.For == nil {
			return 0, false
		}
		return f.At.Duration + f.For.Duration, true
	}
	return 0, false
}

// dueAt is when a pod's next transition is due.
func (w *world) dueAt(p *pod) (time.Duration, bool) {
	var due []time.Duration
	if p.deleted {
		due = append(due, p.gone)
	}
	if !p.failed && !p.homeless {
		switch {
		case !p.running:
			due = append(due, p.created+w.spec.Pods.Pending.Duration)
		case !p.everReady:
			due = append(due, p.created+p.startup)
		case p.held && !p.heldForEnd:
			due = append(due, p.heldUntil)
		}
	}
	if len(due) == 0 {
		return 0, false
	}
	return slices.Min(due), true
}

// transitions lets every pod take the transitions that are due.
func (w *world) transitions() {
	if w.surge > 0 {
		if end, ok := w.surgeEnd(); ok && end <= w.now {
			w.surge = 0
			w.reconcilePods()
		}
	}
	w.house()
	for _, p := range slices.Clone(w.pods) {
		for {
			due, ok := w.dueAt(p)
			if !ok || due > w.now || !slices.Contains(w.pods, p) {
				break
			}
			w.transition(p)
		}
	}
}

func (w *world) transition(p *pod) {
	switch {
	case p.deleted && p.gone <= w.now:
		w.pods = slices.DeleteFunc(w.pods, func(q *pod) bool { return q == p })
	case !p.running:
		p.running = true
	case !p.everReady:
		p.everReady, p.ready, p.transition = true, true, w.now
	case p.held:
		p.held, p.ready, p.transition = false, true, w.now
	}
}

// applyFaults applies the faults that start now, in file order.
func (w *world) applyFaults() {
	for w.next < len(w.order) {
		f := &w.spec.Faults[w.order[w.next]]
		if f.At.Duration != w.now {
			return
		}
		w.next++
		w.apply(f)
	}
}

func (w *world) apply(f *Fault) {
	switch {
	case f.SetReplicas != nil:
		w.replicas = *f.SetReplicas
	case f.Surge != nil:
		w.surge = *f.Surge
	case f.EvictPods != nil:
		for _, p := range w.ranked(f.EvictPods) {
			p.failed, p.ready, p.homeless = true, false, false
		}
	case f.PodsNotReady != nil:
		for _, p := range w.ranked(f.PodsNotReady) {
			w.hold(p, f)
		}
	case f.EditAutoscaler != nil:
		w.onEdit(f)
	}
	w.reconcilePods()
}

// hold makes a Ready pod not ready for the time of a fault.
func (w *world) hold(p *pod, f *Fault) {
	if !p.ready {
		return
	}
	p.held, p.ready, p.transition = true, false, w.now
	p.heldForEnd = f.For == nil
	if f.For != nil {
		p.heldUntil = f.At.Duration + f.For.Duration
	}
}

// livePods are the live pods, oldest first.
func (w *world) livePods() []*pod {
	var out []*pod
	for _, p := range w.pods {
		if p.live() {
			out = append(out, p)
		}
	}
	return out
}

// ranked are the live pods of these ranks, oldest first from 0.
func (w *world) ranked(ranks []int) []*pod {
	live := w.livePods()
	var out []*pod
	for rank, p := range live {
		if slices.Contains(ranks, rank) {
			out = append(out, p)
		}
	}
	return out
}

// scale writes spec.replicas.
func (w *world) scale(replicas int32) {
	w.replicas = replicas
	w.reconcilePods()
}

// reconcilePods creates and deletes pods until as many live as are asked for.
func (w *world) reconcilePods() {
	want := int(w.replicas)
	if want > 0 {
		want += int(w.surge)
	}
	live := w.livePods()
	for range want - len(live) {
		w.pods = append(w.pods, &pod{
			name: "web-" + strconv.Itoa(w.born), created: w.now, transition: w.now,
			homeless: w.nodesShort(), startup: w.startup(),
		})
		w.born++
	}
	if len(live) <= want {
		return
	}
	slices.SortStableFunc(live, victimsFirst)
	for _, p := range live[:len(live)-want] {
		p.deleted = true
		p.gone = w.now + w.spec.Pods.Termination.Duration
	}
	if w.spec.Pods.Termination.Duration == 0 {
		w.pods = slices.DeleteFunc(w.pods, func(p *pod) bool { return p.deleted && p.gone <= w.now })
	}
}

// counts are the pods by standing, each once.
func (w *world) counts() Counts {
	var c Counts
	for _, p := range w.pods {
		switch {
		case p.failed:
			c.Failed++
		case p.deleted:
			c.Terminating++
		case !p.running:
			c.Pending++
		case !p.ready:
			c.NotReady++
		default:
			c.Ready++
		}
	}
	return c
}

// unavailable says whether a metrics API answers with an error now.
func (w *world) unavailable(api string) bool {
	for i := range w.spec.Faults {
		f := &w.spec.Faults[i]
		if slices.Contains(f.MetricsUnavailable, api) && f.active(w.now) {
			return true
		}
	}
	return false
}

// scaleFails says whether reading (or writing) the scale fails now.
func (w *world) scaleFails(write bool) bool {
	for i := range w.spec.Faults {
		f := &w.spec.Faults[i]
		if (f.ScaleReadFails && !write || f.ScaleWriteFails && write) && f.active(w.now) {
			return true
		}
	}
	return false
}

// silenced are the pods whose metrics a fault hides now.
func (w *world) silenced() map[*pod]bool {
	out := map[*pod]bool{}
	for i := range w.spec.Faults {
		f := &w.spec.Faults[i]
		if f.PodsWithoutMetrics == nil || !f.active(w.now) {
			continue
		}
		for _, p := range w.ranked(f.PodsWithoutMetrics) {
			out[p] = true
		}
	}
	return out
}
