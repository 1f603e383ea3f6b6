package sim_test

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// dice rolls random worlds.
type dice struct{ *rand.Rand }

func newDice(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 0))} }

func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

// span is a time in [0, to), mostly whole seconds, mostly on a grid of 5 s.
func (d dice) span(to time.Duration) time.Duration {
	t := time.Duration(d.Int64N(int64(max(to, 1))))
	switch d.IntN(10) {
	case 0:
		return t.Truncate(time.Millisecond)
	case 1, 2:
		return t.Truncate(time.Second)
	}
	return t.Truncate(5 * time.Second)
}

func pick[T any](d dice, of ...T) T { return of[d.IntN(len(of))] }

// world rolls one world: small, and busy.
func (d dice) world() *sim.World {
	c := d.controller()
	w := &sim.World{
		Duration: time.Duration(5+d.IntN(60)) * c.SyncPeriod,
		Pods: sim.Pods{
			Initial:    int32(d.IntN(9)),
			InitialAge: pick(d, 0, time.Hour, d.span(10*time.Minute)),
			Pending:    pick(d, 0, d.span(30*time.Second), d.span(time.Minute)),
			Ready:      pick(d, 0, 30*time.Second, d.span(2*time.Minute)),
		},
		Pipeline: sim.Pipeline{
			Window: pick(d, 0, 30*time.Second, time.Minute),
			Age:    pick(d, 0, 0, d.span(40*time.Second)),
		},
	}
	if d.chance(30) {
		w.SyncLatency = pick(d, time.Second, 200*time.Millisecond, d.span(20*time.Second))
	}
	w.PodHourPrice = pick(d, 0, 0.25)
	if d.chance(30) {
		w.Pods.MetricsDelay = d.span(90 * time.Second)
	}
	if d.chance(50) {
		w.Pods.Termination = d.span(2 * time.Minute)
	}
	if d.chance(50) {
		w.Pods.Rolling = d.rolling()
	}
	w.Pods.Containers = d.containers()
	w.Demand = d.demands(w)
	w.Autoscaler = d.autoscaler(w, c)
	for range pick(d, 0, 1, 3, 8) {
		w.Faults = append(w.Faults, d.fault(w))
	}
	return w
}

func (d dice) controller() hpa.Controller {
	c := hpa.DefaultController()
	c.SyncPeriod = pick(d, 15*time.Second, 15*time.Second, 10*time.Second, 7*time.Second, 31500*time.Millisecond)
	if d.chance(60) {
		c.DownscaleStabilization = pick(d, 0, d.span(2*time.Minute))
		c.CPUInitializationPeriod = d.span(5 * time.Minute)
		c.InitialReadinessDelay = d.span(6 * time.Minute)
		c.Tolerance = float64(d.IntN(20)) / 100
	}
	if d.chance(20) {
		c.Profile, _ = hpa.ProfileFor(pick(d, "1.23", "1.27", "1.32", "1.36"), nil)
	}
	return c
}

func (d dice) containers() []sim.Container {
	all := []sim.Container{
		{Name: "app", Requests: []sim.Quantity{{Resource: "cpu", Milli: 500}, {Resource: "memory", Milli: 256_000}}},
		{Name: "proxy", Requests: []sim.Quantity{{Resource: "cpu", Milli: 100}}},
	}
	if d.chance(5) {
		all[0].Requests = all[0].Requests[1:]
	}
	return all[:1+d.IntN(2)]
}

func (d dice) demands(w *sim.World) []sim.Demand {
	var all []sim.Demand
	add := func(percent int, source hpa.Source, name, container string, scale, each int64) {
		if d.chance(percent) {
			all = append(all, d.demand(w, sim.Demand{Source: source, Name: name, Container: container, Scale: scale}, each))
		}
	}
	for _, c := range w.Pods.Containers {
		add(80, hpa.SourceResource, "cpu", c.Name, 1, 300)
		add(30, hpa.SourceResource, "memory", c.Name, 1000, 120)
		add(20, hpa.SourceResource, "gpu", c.Name, 1000, 1)
	}
	add(50, hpa.SourcePods, "rps", "", pick(d, int64(1), 1000), 100)
	add(40, hpa.SourceObject, "hits", "", 1, 100)
	add(40, hpa.SourceExternal, "queue", "", 1000, 100)
	add(30, hpa.SourceExternal, "queue", "", 1, 100)
	d.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// scraped makes a world one in which metrics-server scrapes.
func (d dice) scraped(w *sim.World) *sim.World {
	w.Pipeline.Kind = sim.PipelineResource
	w.Pipeline.Resolution = pick(d, 15*time.Second, 15*time.Second, 10*time.Second, time.Minute, 10*time.Second+d.span(20*time.Second))
	w.Pipeline.Age = pick(d, 0, 0, d.span(w.Pipeline.Resolution))
	w.Demand = slices.DeleteFunc(w.Demand, func(d sim.Demand) bool { return d.Source == hpa.SourceResource && d.Name == "gpu" })
	for i := range w.Demand {
		if o := &w.Demand[i]; o.Source == hpa.SourceResource {
			o.NotReadyNone = false
		}
	}
	return w
}

// unlike lets delays differ from pod to pod.
func (d dice) unlike(w *sim.World) {
	list := func(percent int, longest time.Duration) []time.Duration {
		if !d.chance(percent) {
			return nil
		}
		var all []time.Duration
		for range 1 + d.IntN(7) {
			all = append(all, d.span(longest))
		}
		slices.Sort(all)
		return all
	}
	w.Pods.Spread = sim.Spread{
		Seed: d.Uint64(), Pending: list(50, 40*time.Second), Ready: list(80, 2*time.Minute),
		MetricsDelay: list(30, 90*time.Second), Termination: list(50, 90*time.Second),
	}
	if d.chance(20) {
		w.Pods.Spread.Seed = uint64(d.IntN(3))
	}
}

// hosted gives most worlds nodes.
func (d dice) hosted(w *sim.World) {
	if !d.chance(70) {
		return
	}
	n := &w.Nodes
	n.PodsPerNode, n.Headroom = int32(1+d.IntN(4)), int32(pick(d, 0, 0, 1, d.IntN(6)))
	n.Initial = int32(n.NodesFor(int64(w.Pods.Initial))) + int32(pick(d, 0, 0, 1, d.IntN(5)))
	n.Startup, n.Idle = pick(d, 0, d.span(2*time.Minute), d.span(5*time.Minute)), pick(d, 0, d.span(time.Minute), d.span(5*time.Minute))
	if d.chance(30) {
		n.Max = n.Initial + int32(d.IntN(4))
	}
}

// demand rolls a series of which one pod should carry about each.
func (d dice) demand(w *sim.World, of sim.Demand, each int64) sim.Demand {
	of.Step = pick(d, 15*time.Second, 10*time.Second, time.Minute, time.Duration(1+d.IntN(60))*time.Second+pick(d, 0, 0, 500*time.Millisecond))
	if perPod := of.Source == hpa.SourceResource || of.Source == hpa.SourcePods || of.Aggregate != sim.AggregateNone; perPod && d.chance(40) {
		of.Idle = pick(d, each/5, each/2, each, d.Int64N(each+1))
	}
	of.NotReady, of.NotReadyNone = pick(d, 0, of.Idle, of.Idle, each/2), d.chance(20)
	if d.chance(40) {
		of.Capacity = each + d.Int64N(each+1)
	}
	n := 1 + d.IntN(int(w.Duration/of.Step)+3)
	level := each * d.Int64N(10)
	for range n {
		if d.chance(15) {
			level = each * d.Int64N(12)
		}
		of.Values = append(of.Values, level+d.Int64N(each+1))
	}
	if d.chance(20) {
		of.Null = make([]bool, n)
		for i := range of.Null {
			of.Null[i] = d.chance(10)
		}
	}
	return d.role(of, each)
}

// role rolls how a series answers to the pods.
func (d dice) role(of sim.Demand, each int64) sim.Demand {
	own := of.Source == hpa.SourceResource || of.Source == hpa.SourcePods || of.Aggregate != sim.AggregateNone
	switch {
	case own && d.chance(20):
		of.Role, of.Idle, of.NotReady = sim.RolePerPod, 0, 0
		for i := range of.Values {
			of.Values[i] /= 6
		}
	case own:
		if of.Capacity > 0 && d.chance(60) {
			of.Wait = pick(d, time.Second, d.span(5*time.Second), d.span(3*time.Minute)).Truncate(time.Millisecond)
		}
	case d.chance(35):
		of.Role, of.Capacity = sim.RoleBacklog, 1+d.Int64N(each)
		of.Initial = pick(d, 0, 0, d.Int64N(100*each))
		of.NotReady = 0
		for i := range of.Values {
			of.Values[i] /= pick(d, int64(2), 4)
		}
	case d.chance(20):
		of.Role = sim.RoleExogenous
	}
	return of
}

func (d dice) autoscaler(w *sim.World, c hpa.Controller) hpa.Spec {
	s := hpa.Spec{
		Reference: "Deployment/default/web", Min: int32(d.IntN(4)), Controller: c,
		ToleranceUp: c.Tolerance, ToleranceDown: c.Tolerance,
	}
	if s.Min == 0 && d.chance(70) {
		s.Min = 1
	}
	s.Max = max(s.Min, 1) + int32(d.IntN(15))
	for range pick(d, 1, 1, 2, 3) {
		m := d.metric()
		for range 20 {
			if fed(w, &m) || d.chance(2) {
				break
			}
			m = d.metric()
		}
		s.Metrics = append(s.Metrics, m)
	}
	if d.chance(60) {
		s.HasBehavior = true
		s.Up, s.Down = d.rules(), d.rules()
	}
	return s
}

// fed says whether some demand feeds a metric.
func fed(w *sim.World, m *hpa.Metric) bool {
	for i := range w.Demand {
		d := &w.Demand[i]
		switch m.Source {
		case hpa.SourceResource:
			if d.Source == m.Source && d.Name == m.Resource {
				return true
			}
		case hpa.SourceContainerResource:
			if d.Source == hpa.SourceResource && d.Name == m.Resource && d.Container == m.Container {
				return true
			}
		default:
			if d.Source == m.Source && d.Name == m.Name {
				return true
			}
		}
	}
	return false
}

func (d dice) metric() hpa.Metric {
	resource := pick(d, "cpu", "cpu", "cpu", "memory", "gpu")
	target, goal := hpa.TargetUtilization, int64(20+d.IntN(100))
	if resource != "cpu" || d.chance(30) {
		target, goal = hpa.TargetAverageValue, 300
	}
	switch d.IntN(6) {
	case 0:
		return hpa.Metric{Source: hpa.SourcePods, Name: "rps", Target: hpa.TargetAverageValue, Goal: 90, Proposal: "pods metric rps"}
	case 1:
		return hpa.Metric{
			Source: hpa.SourceObject, Name: "hits", Proposal: "Ingress metric hits",
			Target: pick(d, hpa.TargetValue, hpa.TargetAverageValue), Goal: 90,
		}
	case 2:
		return hpa.Metric{
			Source: hpa.SourceExternal, Name: "queue", Proposal: "external metric queue(nil)",
			Target: pick(d, hpa.TargetValue, hpa.TargetAverageValue), Goal: 90_000,
		}
	case 3:
		container := pick(d, "app", "app", "proxy")
		return hpa.Metric{
			Source: hpa.SourceContainerResource, Name: container + "/" + resource, Resource: resource, Container: container,
			CPU: resource == "cpu", Target: target, Goal: goal, Proposal: resource + " container resource",
		}
	}
	return hpa.Metric{
		Source: hpa.SourceResource, Name: resource, Resource: resource, CPU: resource == "cpu",
		Target: target, Goal: goal, Proposal: resource + " resource",
	}
}

func (d dice) rules() hpa.Rules {
	r := hpa.Rules{
		Stabilization: d.span(2 * time.Minute).Truncate(time.Second),
		Select:        pick(d, hpa.SelectMax, hpa.SelectMax, hpa.SelectMax, hpa.SelectMin, hpa.SelectMin, hpa.SelectDisabled),
	}
	if d.chance(50) {
		r.Stabilization = 0
	}
	for range 1 + d.IntN(2) {
		r.Policies = append(r.Policies, hpa.Policy{
			Type:   pick(d, hpa.PolicyPods, hpa.PolicyPercent),
			Value:  int32(1 + pick(d, d.IntN(5), d.IntN(120))),
			Period: pick(d, 15*time.Second, 15*time.Second, time.Minute, 3*time.Minute),
		})
	}
	return r
}

// rolling rolls rules of a rolling update.
func (d dice) rolling() sim.Rolling {
	share := func() sim.Share {
		if d.chance(50) {
			return sim.Share{N: int32(pick(d, 0, 25, 33, 100, d.IntN(120))), Percent: true}
		}
		return sim.Share{N: int32(d.IntN(4))}
	}
	return sim.Rolling{MaxSurge: share(), MaxUnavailable: share()}
}

func (d dice) fault(w *sim.World) sim.Fault {
	f := sim.Fault{
		Kind: sim.FaultKind(d.IntN(int(sim.FaultRollout) + 1)),
		At:   d.span(w.Duration + time.Minute),
	}
	if d.chance(50) {
		// On a sync's instant, or on another fault's.
		f.At = f.At.Truncate(w.Autoscaler.Controller.SyncPeriod + w.SyncLatency)
		if len(w.Faults) > 0 && d.chance(50) {
			last := w.Faults[len(w.Faults)-1]
			f.At = pick(d, last.At, last.At+last.For)
		}
	}
	if d.chance(80) {
		f.For = d.span(3 * time.Minute)
	}
	f.APIs = sim.APISet(1 + d.IntN(7))
	for range d.IntN(5) {
		f.Ranks = append(f.Ranks, d.IntN(10))
	}
	f.Factor = int64(pick(d, 0, 1, 333, 1000, 1001, 1200, 1999, 3000))
	if f.Kind == sim.FaultSlowStart {
		f.Factor += 1000
	}
	if f.Kind == sim.FaultRollout {
		f.Rolling = d.rolling()
	}
	f.Replicas = int32(d.IntN(10))
	if f.Kind == sim.FaultSurge {
		f.Replicas = int32(d.IntN(4))
	}
	if f.Kind == sim.FaultEditAutoscaler {
		s := d.autoscaler(w, w.Autoscaler.Controller)
		f.Autoscaler = &s
	}
	return f
}

// askedFor makes a world one whose pods may get unequal shares, and of which it may
// be asked how long requests take. Its dice are not those of the world, which stays
// what it is.
func askedFor(w *sim.World, seed uint64) *sim.World {
	d := newDice(^seed)
	if d.chance(30) {
		w.Pods.Imbalance = pick(d, 1000, 1200, 1001+d.Int64N(2000))
	}
	if w.Latency = d.latency(w); w.Latency != nil && w.Latency.Model != nil && d.chance(50) {
		d.respond(w)
	}
	if d.chance(40) {
		w.Pods.MinReady = pick(d, time.Second, 10*time.Second, d.span(2*time.Minute)).Truncate(time.Second)
	}
	return w
}

// respond lets autoscalers look at what follows from how busy the pods are.
func (d dice) respond(w *sim.World) {
	w.Latency.Request = pick(d, time.Second, 3300*time.Microsecond, 1000*time.Second)
	w.Latency.Model.Drain = pick(d, 20*time.Millisecond, time.Second)
	add := func(m hpa.Metric) {
		of := sim.Demand{Source: m.Source, Name: m.Name, Scale: 1, Role: sim.RoleResponse, NotReady: pick[int64](d, 0, 0, 500), NotReadyNone: d.chance(20)}
		if m.Source != hpa.SourcePods && d.chance(60) {
			of.Aggregate = sim.Aggregate(1 + d.IntN(int(sim.AggregateQuantile)))
		}
		if of.Aggregate == sim.AggregateQuantile {
			of.Quantile = d.Int64N(sim.Million)
		}
		r := &of.Response
		switch r.Unit = pick(d, time.Second, time.Millisecond); {
		case w.Pipeline.Kind == sim.PipelinePrometheus || d.chance(50):
			r.Unit, of.Capacity = 0, pick(d, 0, 0, 1+d.Int64N(100_000))
		case d.chance(50):
			r.Kind = sim.ResponseMean
		default:
			r.Kind, r.Quantile = sim.ResponseQuantile, pick[int64](d, 500_000, 950_000, 999_999)
		}
		m.Goal = pick[int64](d, 100, 1000, 20_000)
		w.Demand = append(w.Demand, of)
		w.Autoscaler.Metrics = append(w.Autoscaler.Metrics, m)
	}
	add(hpa.Metric{Source: hpa.SourcePods, Name: "busy", Proposal: "pods metric busy", Target: hpa.TargetAverageValue})
	add(hpa.Metric{Source: hpa.SourceObject, Name: "slow", Proposal: "Ingress metric slow", Target: hpa.TargetValue})
	if d.chance(50) {
		add(hpa.Metric{Source: hpa.SourceExternal, Name: "late", Proposal: "external metric late(nil)", Target: pick(d, hpa.TargetValue, hpa.TargetAverageValue)})
	}
	d.Shuffle(len(w.Autoscaler.Metrics), func(i, j int) {
		w.Autoscaler.Metrics[i], w.Autoscaler.Metrics[j] = w.Autoscaler.Metrics[j], w.Autoscaler.Metrics[i]
	})
}

// latency asks how long the requests of some demand take.
func (d dice) latency(w *sim.World) *sim.Latency {
	for i := range w.Demand {
		if o := &w.Demand[i]; o.Role != sim.RoleLoad || !o.Queues() || o.Capacity == 0 {
			continue
		}
		l := &sim.Latency{Demand: i, SLO: &sim.SLO{Latency: 300 * time.Millisecond, Objective: pick[int64](d, 500_000, 990_000)}}
		l.Model = &sim.LatencyModel{
			Service: []sim.Bucket{{Upper: 50 * time.Millisecond, Count: 90}, {Upper: time.Second, Count: 10}}, Over: pick[int64](d, 0, 0, 1),
			Servers: pick(d, 1.0, 4, 12.5), Drain: 20 * time.Millisecond, From: pick[int64](d, 0, 200), To: pick[int64](d, 700, 1000, 1000, 1000),
		}
		switch d.IntN(8) {
		case 0:
			l.Model = nil
		case 1:
			l.SLO = nil
		}
		return l
	}
	return nil
}
