package sim_test

import (
	"math"
	"sort"
	"time"

	"github.com/elasticctl/elasticctl/internal/query"
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
	surging         int        // fault
	pods            []*twinPod // in the order of creation
	born, ended     int
	nodes           []*twinNode
	sets            []*twinSet // the Deployment's ReplicaSets, the new one last
	rules           sim.Rolling
	desired         int          // of the Deployment, when it last looked
	most            int          // pods that there might be then
	on              map[int]bool // lasting faults under way
	latest          map[sim.FaultKind]int

	work map[int]*twinWork // by demand, those that pods serve
	// stored is metrics-server's storage after each scrape.
	stored []twinBatches
	// known is what Prometheus stored of each demand.
	known map[*sim.Demand]*twinMetric
	db    *query.DB
	score sim.Score
	spans []*twinSpan // what is scored
	open  *twinSpan   // the last of them, under way
	early int64       // pods that served before t=0
	last  string      // direction of the last write
}

type twinPod struct {
	id      int
	set     *twinSet
	born    time.Duration
	running bool
	ready   bool
	// available: for long enough, when last looked at
	available bool
	changed   time.Duration // when Ready last changed
	held      bool
	until     time.Duration // end of the fault that holds it
	waits     bool          // for a node
	pending   time.Duration // from birth to Running
	starts    time.Duration // from birth to Ready, but for pending
	silent    time.Duration // age of its first metric
	failed    bool
	deleted   bool
	gone      time.Duration
	used      map[*sim.Demand]int64
	counts    map[*sim.Demand]*twinCount
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
		on: map[int]bool{}, latest: map[sim.FaultKind]int{}, work: map[int]*twinWork{},
	}
	for range w.Nodes.Initial {
		t.nodes = append(t.nodes, &twinNode{up: true})
	}
	t.sets, t.rules, t.desired = []*twinSet{{size: int(w.Pods.Initial)}}, w.Pods.Rolling, int(w.Pods.Initial)
	t.most = t.desired + t.maxSurge(t.desired)
	for range w.Pods.Initial {
		t.add(t.sets[0], -w.Pods.InitialAge)
	}
	for _, p := range t.pods {
		p.waits = false
	}
	t.house(0)
	for i := range w.Demand {
		d := &w.Demand[i]
		total := d.Source == hpa.SourceResource || d.Source == hpa.SourcePods || d.Aggregate != sim.AggregateNone
		if d.Role == sim.RoleBacklog || d.Role == sim.RoleLoad && total {
			t.work[i] = newTwinWork(d)
		}
	}
	if t.scrapes() {
		t.before()
	}
	for _, p := range t.pods {
		t.age(p, -time.Nanosecond)
	}
	t.early = t.serving()
	return t
}

func (t *twin) add(set *twinSet, now time.Duration) {
	spread := &t.w.Pods.Spread
	p := &twinPod{
		set: set, id: t.born, born: now, changed: now, waits: t.housed() || t.under(sim.FaultNodeShortage, 0),
		pending: t.draws(spread.Pending, t.w.Pods.Pending, t.born, 0),
		starts:  t.draws(spread.Ready, t.w.Pods.Ready, t.born, 0),
		silent:  t.draws(spread.MetricsDelay, t.w.Pods.MetricsDelay, t.born, 1),
	}
	if f := t.inForce(sim.FaultSlowStart, now); f != nil {
		usual := p.starts
		p.starts = usual / 1000 * time.Duration(f.Factor)
		p.starts += usual % 1000 * time.Duration(f.Factor) / 1000
	}
	t.pods = append(t.pods, p)
	t.born++
}

// inForce is the last fault of a kind that began, if it goes on.
func (t *twin) inForce(kind sim.FaultKind, now time.Duration) *sim.Fault {
	i, begun := t.latest[kind]
	if !begun {
		return nil
	}
	if f := &t.w.Faults[i]; f.For == 0 || now < f.At+f.For {
		return f
	}
	return nil
}

// noNode is when a pod runs that no node takes.
const noNode = time.Duration(math.MaxInt64)

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

// faultsAt does what begins at an instant, in file order, then what ends.
func (t *twin) faultsAt(now time.Duration) {
	for i := range t.w.Faults {
		f := &t.w.Faults[i]
		if f.At == now {
			t.begin(i, f, now)
		}
	}
	for i := range t.w.Faults {
		f := &t.w.Faults[i]
		if f.Kind.Lasting() && f.For > 0 && f.At+f.For == now {
			t.finish(i, now)
		}
	}
}

func (t *twin) begin(i int, f *sim.Fault, now time.Duration) {
	switch f.Kind {
	case sim.FaultMetricsUnavailable, sim.FaultPodsWithoutMetrics, sim.FaultScaleReadFails, sim.FaultScaleWriteFails,
		sim.FaultMetricsReadZero, sim.FaultNodeShortage:
		t.on[i] = true
	case sim.FaultTraffic, sim.FaultSlowStart:
		t.latest[f.Kind] = i
	case sim.FaultPodsNotReady:
		for p := range t.ranked(f) {
			if p.ready {
				p.ready, p.changed, p.held, p.until = false, now, true, math.MaxInt64
				if f.For > 0 {
					p.until = now + f.For
				}
			}
		}
	case sim.FaultRollout:
		t.rules = f.Rolling
		t.most = t.desired + t.maxSurge(t.desired)
		t.sets = append(t.sets, &twinSet{})
	case sim.FaultSetReplicas:
		t.replicas = f.Replicas
	case sim.FaultSurge:
		t.surge, t.surging = f.Replicas, i
	case sim.FaultEvictPods:
		for p := range t.ranked(f) {
			p.failed, p.ready, p.held, p.waits = true, false, false, false
		}
	case sim.FaultEditAutoscaler:
		t.spec = f.Autoscaler
	}
	t.workload(now)
}

func (t *twin) finish(i int, now time.Duration) {
	delete(t.on, i)
	if t.w.Faults[i].Kind == sim.FaultSurge && t.surging == i {
		t.surge = 0
		t.workload(now)
	}
	for _, p := range t.pods {
		if p.waits && !t.housed() && !t.under(sim.FaultNodeShortage, 0) {
			p.waits, p.born, p.changed = false, now, now
		}
	}
}

// twinSyncs are the decision instants from now on: the cadence's next
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
		if p.ready {
			later(t.availableAt(p))
		}
		later(p.gone)
		later(p.until)
	}
	for _, n := range t.nodes {
		later(n.due)
		if n.spare {
			later(n.since + t.w.Nodes.Idle)
		}
	}
	for i := range t.w.Demand {
		if d := &t.w.Demand[i]; d.Role != sim.RoleResponse {
			later((now/d.Step + 1) * d.Step)
		}
	}
	later(t.w.Duration)
	if t.scrapes() {
		later((now/t.w.Pipeline.Resolution + 1) * t.w.Pipeline.Resolution)
	}
	if t.asks() {
		later((now/t.w.Pipeline.Interval + 1) * t.w.Pipeline.Interval)
	}
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	return all
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
		t.spill(now)
		t.scrapeAll(now)
		regular := syncs.regular < t.w.Duration && syncs.regular+t.w.SyncLatency == now
		if regular || syncs.edits[now] {
			tick := t.sync(now)
			visit(tick)
			if tick.Decision.Scaled {
				t.replicas = tick.Decision.Desired
				t.workload(now)
				t.agePods(now)
				t.spill(now)
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
		t.useUp(now, next)
		t.flowOn(now, next)
		now = next
	}
	t.tally()
	return t.score
}
