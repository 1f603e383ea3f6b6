package sim_test

import (
	"fmt"
	"math"
	"sort"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// twin is the world a second time, from the rules alone: one object per pod,
// maps, everything recomputed whenever it is asked for. It is slow and has no
// structure in common with the world; only the controller's step is the same.
type twin struct {
	w    *sim.World
	spec *hpa.Spec
	st   *hpa.State

	replicas, surge int32
	pods            []*twinPod // in the order of creation
	born            int
	on              map[int]bool // lasting faults under way

	score sim.Score
	times map[int32]time.Duration
	last  string // direction of the last write
}

type twinPod struct {
	id      int
	born    time.Duration
	running bool
	ready   bool
	changed time.Duration // when Ready last changed
	heldBy  int           // fault, -1 for none
	failed  bool
	deleted bool
	gone    time.Duration
}

func (p *twinPod) live() bool    { return !p.failed && !p.deleted }
func (p *twinPod) serving() bool { return p.live() && p.ready }

// standing is the word for a pod in Counts.
func (p *twinPod) standing() string {
	switch {
	case p.failed:
		return "failed"
	case p.deleted:
		return "terminating"
	case !p.running:
		return "pending"
	case !p.ready:
		return "notReady"
	}
	return "ready"
}

// twinTick is what the twin compares.
type twinTick struct {
	T, At         time.Duration
	Spec, Status  int32
	Pods          sim.Counts
	Seen          map[seenKey]seen
	Problems      string
	Decision      hpa.Decision
	AutoscalerMax int32
}

func newTwin(w *sim.World) *twin {
	t := &twin{
		w: w, spec: &w.Autoscaler, st: hpa.NewState(0, 0), replicas: w.Pods.Initial,
		on: map[int]bool{}, times: map[int32]time.Duration{},
	}
	for range w.Pods.Initial {
		t.add(-w.Pods.InitialAge)
	}
	for _, p := range t.pods {
		t.age(p, -time.Nanosecond)
	}
	for _, d := range w.Demand {
		t.score.HasCapacity = t.score.HasCapacity || d.Capacity > 0
	}
	return t
}

func (t *twin) add(now time.Duration) {
	t.pods = append(t.pods, &twinPod{id: t.born, born: now, changed: now, heldBy: -1})
	t.born++
}

func (t *twin) runsAt(p *twinPod) time.Duration { return p.born + t.w.Pods.Pending }

func (t *twin) readyAt(p *twinPod) time.Duration {
	if t.w.Pods.Ready < t.w.Pods.Pending {
		return p.born + t.w.Pods.Pending
	}
	return p.born + t.w.Pods.Ready
}

// age makes one pod's own transitions up to now.
func (t *twin) age(p *twinPod, now time.Duration) {
	if p.failed {
		return
	}
	if !p.running && t.runsAt(p) <= now {
		p.running = true
	}
	if p.running && !p.ready && p.heldBy < 0 && t.readyAt(p) <= now {
		p.ready, p.changed = true, t.readyAt(p)
	}
}

func (t *twin) agePods(now time.Duration) {
	var left []*twinPod
	for _, p := range t.pods {
		t.age(p, now)
		if p.deleted && p.gone <= now {
			continue
		}
		left = append(left, p)
	}
	t.pods = left
}

func (t *twin) alive() []*twinPod {
	var live []*twinPod
	for _, p := range t.pods {
		if p.live() {
			live = append(live, p)
		}
	}
	return live
}

// workload creates or deletes pods until as many live as are asked for.
func (t *twin) workload(now time.Duration) {
	want := int(t.replicas)
	if want > 0 {
		want += int(t.surge)
	}
	for len(t.alive()) < want {
		t.add(now)
	}
	for len(t.alive()) > want {
		victim := t.victim()
		victim.deleted, victim.gone = true, now+t.w.Pods.Termination
		if t.w.Pods.Termination == 0 {
			t.forget(victim)
		}
	}
}

func (t *twin) victim() *twinPod {
	order := map[string]int{"pending": 0, "notReady": 1, "ready": 2}
	var worst *twinPod
	for _, p := range t.alive() {
		if worst == nil || order[p.standing()] <= order[worst.standing()] {
			worst = p
		}
	}
	return worst
}

func (t *twin) forget(victim *twinPod) {
	for i, p := range t.pods {
		if p == victim {
			t.pods = append(t.pods[:i:i], t.pods[i+1:]...)
			return
		}
	}
}

// ranked are the live pods at a fault's ranks.
func (t *twin) ranked(f *sim.Fault) map[*twinPod]bool {
	picked, live := map[*twinPod]bool{}, t.alive()
	for _, rank := range f.Ranks {
		if rank < len(live) {
			picked[live[rank]] = true
		}
	}
	return picked
}

// faultsAt does what begins or ends at an instant, in file order. edited says
// that the autoscaler was replaced.
func (t *twin) faultsAt(now time.Duration) {
	for i := range t.w.Faults {
		f := &t.w.Faults[i]
		if f.At == now {
			t.begin(i, f, now)
		}
		if f.Kind.Lasting() && f.For > 0 && f.At+f.For == now {
			t.finish(i, now)
		}
	}
}

func (t *twin) begin(i int, f *sim.Fault, now time.Duration) {
	switch f.Kind {
	case sim.FaultMetricsUnavailable, sim.FaultPodsWithoutMetrics, sim.FaultScaleReadFails, sim.FaultScaleWriteFails:
		t.on[i] = true
	case sim.FaultPodsNotReady:
		for p := range t.ranked(f) {
			if p.ready {
				p.ready, p.changed, p.heldBy = false, now, i
			}
		}
	case sim.FaultSetReplicas:
		t.replicas = f.Replicas
	case sim.FaultSurge:
		t.surge = f.Replicas
	case sim.FaultEvictPods:
		for p := range t.ranked(f) {
			p.failed, p.ready, p.heldBy = true, false, -1
		}
	case sim.FaultEditAutoscaler:
		t.spec = f.Autoscaler
	}
	t.workload(now)
}

func (t *twin) finish(i int, now time.Duration) {
	delete(t.on, i)
	for _, p := range t.pods {
		if p.heldBy == i {
			p.ready, p.changed, p.heldBy = true, now, -1
		}
	}
}

// under says whether some fault of a kind that matches is under way.
func (t *twin) under(kind sim.FaultKind, api sim.APISet) bool {
	for i := range t.on {
		if f := &t.w.Faults[i]; f.Kind == kind && (api == 0 || f.APIs&api != 0) {
			return true
		}
	}
	return false
}

// blinded are the live pods that a fault robs of their metrics, right now.
func (t *twin) blinded() map[*twinPod]bool {
	all := map[*twinPod]bool{}
	for i := range t.on {
		if f := &t.w.Faults[i]; f.Kind == sim.FaultPodsWithoutMetrics {
			for p := range t.ranked(f) {
				all[p] = true
			}
		}
	}
	return all
}

func (t *twin) value(d *sim.Demand, now time.Duration) (int64, bool) {
	i := int(math.Floor(float64(now / d.Step)))
	if i > len(d.Values)-1 {
		i = len(d.Values) - 1
	}
	return d.Values[i], d.Null == nil || !d.Null[i]
}

// usage is what one pod reports of one demand's metric in milli-units.
func (t *twin) usage(p *twinPod, d *sim.Demand, now time.Duration) (int64, bool) {
	total, present := t.value(d, now)
	if !present || !p.running || p.failed || now-p.born < t.w.Pods.MetricsDelay || t.blinded()[p] {
		return 0, false
	}
	if p.deleted {
		return 0, true
	}
	if !p.ready {
		return d.NotReady * d.Scale, !d.NotReadyNone
	}
	var serving []*twinPod
	for _, q := range t.pods {
		if q.serving() {
			serving = append(serving, q)
		}
	}
	n := int64(len(serving))
	share := total / n
	for i, q := range serving {
		if q == p && int64(i) < total%n {
			share++
		}
	}
	return share * d.Scale, true
}

// podMetrics is the resource API's item for a pod: container → resource →
// milli-units. Nil where the pod is not listed.
func (t *twin) podMetrics(p *twinPod, now time.Duration) map[string]map[string]int64 {
	item, samples := map[string]map[string]int64{}, 0
	for _, c := range t.w.Pods.Containers {
		usage, series := map[string]int64{}, map[string]bool{}
		for i := range t.w.Demand {
			d := &t.w.Demand[i]
			if d.Source != hpa.SourceResource || d.Container != c.Name {
				continue
			}
			series[d.Name] = true
			if v, ok := t.usage(p, d, now); ok {
				usage[d.Name] = v
				samples++
			}
		}
		for _, implied := range []string{"cpu", "memory"} {
			if !series[implied] {
				usage[implied] = 0
			}
		}
		item[c.Name] = usage
	}
	if samples == 0 {
		return nil
	}
	return item
}

// resourceValue is what upstream's client makes of a pod's item.
func resourceValue(item map[string]map[string]int64, m *hpa.Metric) (int64, bool) {
	if m.Source == hpa.SourceContainerResource {
		v, ok := item[m.Container][m.Resource]
		return v, ok
	}
	var sum int64
	for _, usage := range item {
		v, ok := usage[m.Resource]
		if !ok {
			return 0, false
		}
		sum += v
	}
	return sum, len(item) > 0
}

// request is what a pod requests for a metric, or why it has none.
func (t *twin) request(p *twinPod, m *hpa.Metric) (milli int64, problem string) {
	if m.Source != hpa.SourceResource && m.Source != hpa.SourceContainerResource {
		return 0, ""
	}
	found := false
	for _, c := range t.w.Pods.Containers {
		if m.Source == hpa.SourceContainerResource && c.Name != m.Container {
			continue
		}
		found = true
		has := false
		for _, q := range c.Requests {
			if q.Resource == m.Resource {
				has = true
				milli += q.Milli
			}
		}
		if !has && problem == "" {
			problem = fmt.Sprintf("missing request for %s in container %s of Pod web-%d", m.Resource, c.Name, p.id)
		}
	}
	if !found && m.Source == hpa.SourceContainerResource && t.w.Autoscaler.Controller.Profile.RequiresContainer {
		problem = fmt.Sprintf("container %s not found in Pod web-%d", m.Container, p.id)
	}
	if m.Target != hpa.TargetUtilization {
		problem = ""
	}
	return milli, problem
}

func floorSeconds(t time.Duration) time.Duration {
	return time.Duration(math.Floor(t.Seconds())) * time.Second
}

func (t *twin) observe(now time.Duration) *hpa.Observation {
	o := &hpa.Observation{Now: now, SpecReplicas: t.replicas, StatusReplicas: int32(len(t.alive()))}
	const refused = "the server is currently unable to handle the request"
	if t.under(sim.FaultScaleReadFails, 0) {
		o.ScaleReadError = refused
	}
	if t.under(sim.FaultScaleWriteFails, 0) {
		o.ScaleWriteError = refused
	}
	for _, p := range t.pods {
		g := hpa.Group{
			Pods: 1, Terminating: p.deleted, Ready: hpa.ReadyFalse, Started: true,
			Start: floorSeconds(p.born), Transition: floorSeconds(p.changed),
		}
		switch {
		case p.failed:
			g.Phase = hpa.PhaseFailed
		case !p.running:
			g.Phase = hpa.PhasePending
		}
		if p.ready {
			g.Ready = hpa.ReadyTrue
		}
		o.Groups = append(o.Groups, g)
	}
	apis := map[hpa.Source]sim.APISet{
		hpa.SourceResource: sim.APIResource, hpa.SourceContainerResource: sim.APIResource,
		hpa.SourcePods: sim.APICustom, hpa.SourceObject: sim.APICustom, hpa.SourceExternal: sim.APIExternal,
	}
	for i := range t.spec.Metrics {
		m := &t.spec.Metrics[i]
		r := hpa.Reading{}
		if t.under(sim.FaultMetricsUnavailable, apis[m.Source]) {
			r.Error = refused
		} else {
			t.read(m, &r, now)
		}
		o.Readings = append(o.Readings, r)
	}
	return o
}

func (t *twin) read(m *hpa.Metric, r *hpa.Reading, now time.Duration) {
	var series []*sim.Demand
	for i := range t.w.Demand {
		if d := &t.w.Demand[i]; d.Source == m.Source && d.Name == m.Name {
			series = append(series, d)
		}
	}
	if m.Source != hpa.SourceResource && m.Source != hpa.SourceContainerResource {
		bad := len(series) == 0
		for _, d := range series {
			v, ok := t.value(d, now)
			bad = bad || !ok
			r.Values = append(r.Values, v*d.Scale)
		}
		if bad {
			r.Values, r.Error = nil, "the server could not find the requested metric"
			return
		}
		if m.Source != hpa.SourcePods {
			return
		}
		r.Values = nil
	}
	listed := 0
	for _, p := range t.pods {
		s := hpa.Sample{Timestamp: floorSeconds(now - t.w.Pipeline.Age), Window: t.w.Pipeline.Window}
		s.Request, s.NoRequest = t.request(p, m)
		var ok bool
		if m.Source == hpa.SourcePods {
			s.Sum, ok = t.usage(p, series[0], now)
			if ok {
				listed++
			}
		} else if item := t.podMetrics(p, now); item != nil {
			listed++
			s.Sum, ok = resourceValue(item, m)
			_, has := item[m.Container]
			if m.Source == hpa.SourceContainerResource && !has && r.NoContainer == "" && !t.spec.Controller.Profile.MissesContainer {
				r.NoContainer = fmt.Sprintf("default/web-%d", p.id)
			}
		}
		if ok {
			s.Pods = 1
		} else {
			s.Sum = 0
		}
		r.Samples = append(r.Samples, s)
	}
	r.Empty = listed == 0
}

// syncs are the decision instants from now on, ascending: the cadence's next
// and every edit's.
type twinSyncs struct {
	regular time.Duration // start of the next one of the cadence
	edits   map[time.Duration]bool
}

func (t *twin) syncs() *twinSyncs {
	s := &twinSyncs{edits: map[time.Duration]bool{}}
	c := &t.w.Autoscaler.Controller
	if !c.Profile.SyncsOnCreation {
		s.regular = c.SyncPeriod
	}
	for i := range t.w.Faults {
		if f := &t.w.Faults[i]; f.Kind == sim.FaultEditAutoscaler && c.Profile.SyncsOnEdit && f.At < t.w.Duration {
			s.edits[f.At+t.w.SyncLatency] = true
		}
	}
	return s
}

// instants are all times after now at which something may happen.
func (t *twin) instants(now time.Duration, s *twinSyncs) []time.Duration {
	var all []time.Duration
	later := func(at time.Duration) {
		if at > now {
			all = append(all, at)
		}
	}
	if s.regular < t.w.Duration {
		later(s.regular + t.w.SyncLatency)
	}
	for at := range s.edits {
		later(at)
	}
	for i := range t.w.Faults {
		later(t.w.Faults[i].At)
		later(t.w.Faults[i].At + t.w.Faults[i].For)
	}
	for _, p := range t.pods {
		later(t.runsAt(p))
		later(t.readyAt(p))
		later(p.gone)
	}
	for i := range t.w.Demand {
		d := &t.w.Demand[i]
		later((now/d.Step + 1) * d.Step)
	}
	later(t.w.Duration)
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	return all
}

// pass scores the time from one instant to the next.
func (t *twin) pass(from, to time.Duration) {
	if to = min(to, t.w.Duration); to <= from {
		return
	}
	s := &t.score
	s.ReplicaMillis += int64(len(t.alive())) * (to.Milliseconds() - from.Milliseconds())
	t.times[t.replicas] += to - from
	if t.replicas >= t.spec.Max {
		s.AtMax += to - from
	}
	if t.replicas <= t.spec.Min {
		s.AtMin += to - from
	}
	var serving int64
	for _, p := range t.pods {
		if p.serving() {
			serving++
		}
	}
	over := false
	for i := range t.w.Demand {
		d := &t.w.Demand[i]
		v, ok := t.value(d, from)
		over = over || ok && d.Capacity > 0 && v > d.Capacity*serving
	}
	if over {
		s.Saturated += to - from
	}
}

func (t *twin) sync(now time.Duration) twinTick {
	o := t.observe(now)
	tick := twinTick{T: now - t.w.SyncLatency, At: now, Spec: t.replicas, Status: o.StatusReplicas}
	counts := map[string]int32{}
	for _, p := range t.pods {
		counts[p.standing()]++
	}
	tick.Pods = sim.Counts{
		Ready: counts["ready"], NotReady: counts["notReady"], Pending: counts["pending"],
		Terminating: counts["terminating"], Failed: counts["failed"],
	}
	tick.Seen, tick.Problems = told(o, t.spec)
	tick.AutoscalerMax = t.spec.Max
	d := t.spec.Step(t.st, o)
	tick.Decision = d
	t.score.Syncs++
	if d.Failure.Failed() {
		t.score.FailedSyncs++
	}
	if !d.Scaled {
		return tick
	}
	way := "down"
	if d.Desired > d.Current {
		way = "up"
		t.score.ScaleUps++
	} else {
		t.score.ScaleDowns++
	}
	if t.last != "" && t.last != way {
		t.score.DirectionChanges++
	}
	t.last = way
	return tick
}

// run replays the world.
func (t *twin) run(visit func(twinTick)) sim.Score {
	syncs, now := t.syncs(), time.Duration(0)
	for {
		t.faultsAt(now)
		t.agePods(now)
		regular := syncs.regular < t.w.Duration && syncs.regular+t.w.SyncLatency == now
		if regular || syncs.edits[now] {
			tick := t.sync(now)
			visit(tick)
			if tick.Decision.Scaled {
				t.replicas = tick.Decision.Desired
				t.workload(now)
				t.agePods(now)
			}
		}
		if regular {
			syncs.regular = now + t.w.Autoscaler.Controller.SyncPeriod
		}
		delete(syncs.edits, now)
		if now >= t.w.Duration && syncs.regular >= t.w.Duration && len(syncs.edits) == 0 {
			break
		}
		next := t.instants(now, syncs)[0]
		t.pass(now, next)
		now = next
	}
	t.score.Duration = t.w.Duration
	for n, d := range t.times {
		t.score.TimeAt = append(t.score.TimeAt, sim.ReplicaTime{Replicas: n, Time: d})
	}
	sort.Slice(t.score.TimeAt, func(i, j int) bool { return t.score.TimeAt[i].Replicas < t.score.TimeAt[j].Replicas })
	return t.score
}

// seenKey is everything by which the controller can tell pods apart. A start
// time matters only through the two questions asked of it, a Ready transition
// only to pods that are not Ready or are initialising.
type seenKey struct {
	phase                      hpa.Phase
	terminating                bool
	ready                      hpa.Readiness
	started                    bool
	initialising, neverReady   bool
	initialStart, lastChanging time.Duration
}

// seen is how many such pods there are, and what they report per metric.
type seen struct {
	pods    int32
	reports [4]hpa.Sample
}

// told reduces an observation to what it tells the controller.
func told(o *hpa.Observation, s *hpa.Spec) (map[seenKey]seen, string) {
	all := map[seenKey]seen{}
	for i, g := range o.Groups {
		k := seenKey{phase: g.Phase, terminating: g.Terminating, started: g.Started}
		if g.Phase != hpa.PhaseFailed {
			k.ready = g.Ready
			k.initialising = g.Start+s.Controller.CPUInitializationPeriod > o.Now
			k.neverReady = g.Start+s.Controller.InitialReadinessDelay > g.Transition
			if k.initialising {
				k.initialStart = g.Start
			}
			if k.initialising || g.Ready != hpa.ReadyTrue {
				k.lastChanging = g.Transition
			} else {
				k.neverReady = false // asked only of pods that are not Ready
			}
		}
		v := all[k]
		v.pods += g.Pods
		for j, r := range o.Readings {
			if len(r.Samples) == 0 {
				continue
			}
			sum := &v.reports[j]
			sum.Pods += r.Samples[i].Pods
			sum.Sum += r.Samples[i].Sum
			sum.Timestamp, sum.Window, sum.Request = r.Samples[i].Timestamp, r.Samples[i].Window, r.Samples[i].Request
		}
		all[k] = v
	}
	problems := fmt.Sprint(o.Now, o.SpecReplicas, o.StatusReplicas, o.ScaleReadError, o.ScaleWriteError)
	for _, r := range o.Readings {
		problems += fmt.Sprint(" | ", r.Error, r.Empty, r.NoContainer, len(r.Values), r.Values)
		if len(r.Samples) > 0 {
			problems += r.Samples[0].NoRequest
		}
	}
	return all, problems
}
