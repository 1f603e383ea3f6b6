package hpa

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// generator makes random autoscalers and what they observe. It draws from small
// alphabets whose members lie on each other's edges, so that windows, ages,
// tolerances and limits meet exactly, and often.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 37))} }

func pick[T any](g generator, values ...T) T { return values[g.IntN(len(values))] }

func (g generator) chance(percent int) bool { return g.IntN(100) < percent }

func (g generator) seconds(values ...int) time.Duration {
	return time.Duration(pick(g, values...)) * time.Second
}

func (g generator) profile(t testing.TB) Profile {
	minor := latestMinor
	if g.chance(50) {
		minor = oldestMinor + g.IntN(latestMinor-oldestMinor+1)
	}
	gates := map[string]bool{}
	if g.chance(30) {
		gates["HPAScaleToZero"] = g.chance(70)
	}
	if g.chance(10) && minor < 30 {
		gates["HPAContainerMetrics"] = g.chance(50)
	}
	p, err := ProfileFor(fmt.Sprint("1.", minor), gates)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (g generator) spec(p Profile) *Spec {
	s := &Spec{Reference: "Deployment/shop/web", Controller: DefaultController()}
	c := &s.Controller
	c.Profile = p
	c.Tolerance = pick(g, 0, 0.05, 0.1, 0.1, 0.1, 0.2)
	c.DownscaleStabilization = g.seconds(0, 15, 30, 60, 75, 300)
	c.CPUInitializationPeriod = g.seconds(0, 30, 60, 300)
	c.InitialReadinessDelay = g.seconds(0, 15, 30)
	s.Min = pick[int32](g, 0, 0, 1, 1, 2, 3, 5)
	s.Max = max(1, s.Min+pick[int32](g, 0, 1, 5, 10, 100, 1000))
	for range 1 + g.IntN(3) {
		s.Metrics = append(s.Metrics, g.metric())
	}
	s.ToleranceUp, s.ToleranceDown = c.Tolerance, c.Tolerance
	if !g.chance(60) {
		return s
	}
	s.HasBehavior = true
	s.Up, s.Down = g.rules(), g.rules()
	if p.ConfigurableTolerance && g.chance(40) {
		s.ToleranceUp = Approximate(pick[int64](g, 0, 59, 100, 118, 122, 200, 243, 300), -3)
		s.ToleranceDown = Approximate(pick[int64](g, 0, 59, 61, 100, 176, 300, 1000), -3)
	}
	return s
}

func (g generator) metric() Metric {
	m := Metric{
		Source: Source(g.IntN(5)), Target: TargetAverageValue, Goal: pick[int64](g, 1, 7, 100, 1000, 1500),
		Namespace: "shop", Selector: "nil", Object: "Service shop/web",
	}
	switch m.Source {
	case SourceResource, SourceContainerResource:
		m.Resource = pick(g, "cpu", "cpu", "memory")
		m.CPU, m.Container, m.Name = m.Resource == "cpu", "app", m.Resource
		if g.chance(70) {
			m.Target, m.Goal = TargetUtilization, pick[int64](g, 1, 50, 80, 100, 150)
		}
		if g.chance(2) {
			m.Target = TargetNone
		}
	default:
		m.Name = pick(g, "requests", "queue")
		if m.Source != SourcePods && g.chance(50) {
			m.Target = TargetValue
		}
		if m.Source != SourcePods && g.chance(3) {
			m.Target = TargetNone
		}
		if g.chance(3) {
			m.BadSelector = `"In" needs values`
		}
	}
	if g.chance(1) {
		m.Source, m.Name = SourceUnknown, "Mystery"
	}
	m.Proposal = fmt.Sprint(m.Source, " ", m.Name, " ", m.Target)
	return m
}

func (g generator) rules() Rules {
	r := Rules{
		Stabilization: g.seconds(0, 0, 15, 30, 60, 75, 300),
		Select:        pick(g, SelectMax, SelectMax, SelectMin, SelectDisabled),
	}
	for range 1 + g.IntN(3) {
		r.Policies = append(r.Policies, Policy{
			Type:   PolicyType(g.IntN(2)),
			Value:  pick[int32](g, 1, 2, 4, 10, 30, 50, 90, 100, 400),
			Period: g.seconds(1, 15, 30, 60, 75),
		})
	}
	return r
}

// world is one sync's input, as the twin wants it.
type world struct {
	pods     []twinPod
	readings []twinReading
	// times are those of each pod's samples.
	times map[string]twinSample
	base  Observation
}

// world makes pods that stand in all the ways there are, most of them ready.
func (g generator) world(s *Spec, now time.Duration, replicas int32) *world {
	w := &world{times: map[string]twinSample{}}
	w.base = Observation{Now: now, SpecReplicas: replicas, StatusReplicas: max(0, replicas+pick[int32](g, 0, 0, 0, 1, -1))}
	g.faults(&w.base)
	healthy := g.chance(50)
	n := int(min(replicas, 30))
	if g.chance(10) {
		n = g.IntN(5)
	}
	for i := range n {
		w.pods = append(w.pods, g.pod(fmt.Sprint("web-", i), now, healthy, len(s.Metrics)))
		w.times[w.pods[i].name] = twinSample{
			timestamp: now - g.seconds(0, 0, 15, 30), window: g.seconds(15, 30, 60),
		}
	}
	for i := range s.Metrics {
		w.readings = append(w.readings, g.reading(w, s, i, healthy))
	}
	return w
}

func (g generator) faults(o *Observation) {
	if g.chance(2) {
		o.ScaleReadError = "the server is busy"
	}
	if g.chance(5) {
		o.ScaleWriteError = "conflict"
	}
	if g.chance(2) {
		o.SelectorError, o.SelectorText = SelectorError(1+g.IntN(3)), "as somebody said"
	}
}

func (g generator) pod(name string, now time.Duration, healthy bool, metrics int) twinPod {
	p := twinPod{name: name, phase: "Running", ready: "True", started: true, start: now - time.Hour, transition: now - time.Hour}
	if !healthy {
		p.phase = pick(g, "Running", "Running", "Running", "Pending", "Succeeded", "Failed")
		p.ready = pick(g, "True", "True", "True", "False", "False", "Unknown", "")
		p.deleted = g.chance(10)
		p.started = !g.chance(5)
		p.start = now - g.seconds(0, 15, 30, 60, 75, 300, 301)
		p.transition = p.start + g.seconds(0, 14, 15, 30, 31, 45)
	}
	for range metrics {
		request, why := pick[int64](g, 100, 500, 1000, 3), ""
		if g.chance(1) && !healthy {
			request, why = 0, "missing request for cpu in container app of Pod "+name
		}
		p.requests, p.noRequest = append(p.requests, request), append(p.noRequest, why)
	}
	return p
}

// reading aims at a load of a few round multiples of the target.
func (g generator) reading(w *world, s *Spec, i int, healthy bool) twinReading {
	m := &s.Metrics[i]
	r := twinReading{samples: map[string]twinSample{}}
	if g.chance(5) {
		r.err = "the server is currently unable to handle the request"
		return r
	}
	load := pick(g, 0, 0, 0, 0.3, 0.5, 0.89, 0.9, 0.939, 0.94, 0.95, 1, 1, 1, 1.05, 1.059, 1.06, 1.1, 1.11, 1.122, 1.5, 2, 3, 10)
	jitter := func() int64 { return pick[int64](g, 0, 0, 0, 0, 0, 1, -1) }
	switch m.Source {
	case SourceObject:
		r.values = []int64{g.value(m.Goal*int64(w.base.StatusReplicas), load) + jitter()}
	case SourceExternal:
		for range g.IntN(4) {
			r.values = append(r.values, g.value(m.Goal*int64(w.base.StatusReplicas)/2, load)+jitter())
		}
	default:
		r.empty = g.chance(3)
		if g.chance(5) {
			r.noContainer = "shop/web-0"
		}
		for _, p := range w.pods {
			if !healthy && g.chance(20) || p.phase == "Pending" {
				continue
			}
			base := m.Goal
			if m.Target == TargetUtilization {
				base = p.requests[i] * m.Goal / 100
			}
			sample := w.times[p.name]
			sample.value = g.value(base, load) + jitter()
			r.samples[p.name] = sample
		}
		if g.chance(5) {
			r.samples["gone"] = twinSample{value: m.Goal * 2}
		}
	}
	return r
}

// value is base × load, now and then absurd.
func (g generator) value(base int64, load float64) int64 {
	if g.IntN(400) == 0 {
		return pick[int64](g, math.MaxInt64, math.MinInt64, 1<<62, -1, -5000, 1<<53+1)
	}
	return int64(float64(base) * load)
}

// standing is what makes pods one group.
type standing struct {
	phase, ready      string
	deleted, started  bool
	start, transition time.Duration
	times             twinSample
	requests          [3]int64
	noRequest         [3]string
	split             int
}

// observe puts pods of the same standing into groups, spread over as many as
// split says.
func (w *world) observe(g generator, split int) *Observation {
	o := w.base
	o.Readings = make([]Reading, len(w.readings))
	index := map[standing]int{}
	for _, p := range w.pods {
		key := standing{p.phase, p.ready, p.deleted, p.started, p.start, p.transition, w.times[p.name], [3]int64{}, [3]string{}, g.IntN(split)}
		copy(key.requests[:], p.requests)
		copy(key.noRequest[:], p.noRequest)
		at, known := index[key]
		if !known {
			at = len(o.Groups)
			index[key] = at
			o.Groups = append(o.Groups, p.group())
			for i := range o.Readings {
				o.Readings[i].Samples = append(o.Readings[i].Samples, Sample{
					Request: p.requests[i], NoRequest: p.noRequest[i],
					Timestamp: key.times.timestamp, Window: key.times.window,
				})
			}
		}
		o.Groups[at].Pods++
		for i := range o.Readings {
			if v, ok := w.readings[i].samples[p.name]; ok {
				o.Readings[i].Samples[at].Pods++
				o.Readings[i].Samples[at].Sum += v.value
			}
		}
	}
	o.Groups = append(o.Groups, Group{Pods: 1, Unlisted: true})
	for i := range o.Readings {
		r, from := &o.Readings[i], &w.readings[i]
		r.Error, r.NoContainer, r.Empty, r.Values = from.err, from.noContainer, from.empty, from.values
		stray := Sample{}
		if v, ok := from.samples["gone"]; ok {
			stray.Pods, stray.Sum = 1, v.value
		}
		r.Samples = append(r.Samples, stray)
	}
	return &o
}

func (p *twinPod) group() Group {
	return Group{
		Phase:       map[string]Phase{"Running": PhaseRunning, "Pending": PhasePending, "Succeeded": PhaseSucceeded, "Failed": PhaseFailed}[p.phase],
		Terminating: p.deleted, Started: p.started, Start: p.start, Transition: p.transition,
		Ready: map[string]Readiness{"True": ReadyTrue, "False": ReadyFalse, "Unknown": ReadyUnknown, "": ReadyAbsent}[p.ready],
	}
}
