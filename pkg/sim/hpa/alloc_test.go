package hpa

import (
	"fmt"
	"testing"
	"time"
)

// groupsFor is a workload as a simulated world shows it: nearly all pods alike,
// a few that start, a few that go.
func groupsFor(pods int32) []Group {
	starting, terminating := readyGroup(pods/10), readyGroup(pods/20)
	starting.Ready, starting.Start, starting.Transition = ReadyFalse, labNow-time.Minute, labNow-time.Minute
	terminating.Terminating = true
	pending := Group{Pods: pods / 20, Phase: PhasePending}
	return []Group{readyGroup(pods - starting.Pods - terminating.Pods - pending.Pods), starting, terminating, pending}
}

// observe puts a load per pod on every metric.
func (l *lab) observe(groups []Group, load int64) {
	l.o.Groups, l.o.Readings = groups, nil
	var pods int32
	for _, g := range groups {
		pods += g.Pods
	}
	for _, m := range l.spec.Metrics {
		r := Reading{Values: []int64{load * int64(pods)}}
		if m.Source < SourceObject {
			r = Reading{}
			for _, g := range groups {
				s := Sample{Pods: g.Pods, Sum: load * int64(g.Pods), Request: 100, Timestamp: labNow, Window: time.Minute}
				if g.Phase == PhasePending {
					s = Sample{Request: 100}
				}
				r.Samples = append(r.Samples, s)
			}
		}
		l.o.Readings = append(l.o.Readings, r)
	}
}

func allMetrics() map[string]Metric {
	usage, app := cpuMetric(), cpuMetric()
	usage.Target = TargetAverageValue
	app.Source, app.Container = SourceContainerResource, "app"
	bad := podsMetric()
	bad.BadSelector = "bad"
	return map[string]Metric{
		"Resource utilization": cpuMetric(), "Resource average": usage, "ContainerResource": app, "Pods": podsMetric(),
		"Object value": objectMetric(TargetValue), "Object average": objectMetric(TargetAverageValue),
		"External value": externalMetric(TargetValue), "External average": externalMetric(TargetAverageValue),
		"none": objectMetric(TargetNone), "bad selector": bad, "unknown": {Source: SourceUnknown},
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	for name, m := range allMetrics() {
		for _, behavior := range []bool{false, true} {
			for _, version := range []string{"1.23", "1.37"} {
				l := newLab(t).version(version)
				l.spec.Metrics = []Metric{m, m}
				if behavior {
					l.behavior()
					l.spec.Down.Stabilization = 5 * time.Minute
				}
				l.spec.Controller.DownscaleStabilization = 5 * time.Minute
				groups, n, replicas := groupsFor(60), 0, int32(60)
				l.observe(groups, 100)
				st := NewState(2, 24)
				sync := func() {
					n++
					l.o.Now += 15 * time.Second
					l.o.ScaleReadError, l.o.ScaleWriteError, l.o.SelectorError = "", "", SelectorOK
					l.o.SpecReplicas, l.o.StatusReplicas = replicas, replicas
					load := []int64{100, 300, 20}[n/3%3]
					for i := range l.o.Readings {
						for j := range l.o.Readings[i].Samples {
							l.o.Readings[i].Samples[j].Sum = load * int64(l.o.Readings[i].Samples[j].Pods)
						}
						for j := range l.o.Readings[i].Values {
							l.o.Readings[i].Values[j] = load * 60
						}
						l.o.Readings[i].Error = ""
					}
					switch n % 16 {
					case 5:
						l.o.ScaleReadError = "busy"
					case 7:
						l.o.ScaleWriteError = "busy"
					case 9:
						l.o.SelectorError = SelectorInvalid
					case 11:
						l.o.Readings[0].Error = "busy"
					case 13:
						l.o.SpecReplicas = 200
					case 15:
						l.o.SpecReplicas = 0
					}
					d := l.spec.Step(st, l.o)
					if d.Scaled {
						replicas = d.Desired
					}
				}
				for range 100 {
					sync()
				}
				if allocs := testing.AllocsPerRun(200, sync); allocs != 0 {
					t.Errorf("%s, behavior %v, %s: %v allocations per sync", name, behavior, version, allocs)
				}
			}
		}
	}
}

func TestAStateIsSizedFromTheStart(t *testing.T) {
	states := make([]*State, 12)
	for i := range states {
		states[i] = NewState(3, 3)
	}
	l := newLab(t).behavior().scale(3)
	l.spec.Metrics = []Metric{cpuMetric(), podsMetric(), objectMetric(TargetValue)}
	l.observe(groupsFor(40), 150)
	n := 0
	allocs := testing.AllocsPerRun(len(states)-1, func() {
		for i := range 2 {
			// Up once, then all metrics fail, then the selector does.
			l.o.SelectorError = SelectorOK
			l.spec.Step(states[n], l.o)
			for j := range l.o.Readings {
				l.o.Readings[j].Error = "busy"
			}
			l.spec.Step(states[n], l.o)
			l.o.SelectorError = SelectorInvalid
			l.spec.Step(states[n], l.o)
			for j := range l.o.Readings {
				l.o.Readings[j].Error = ""
			}
			l.o.Now += time.Duration(i)
		}
		n++
	})
	check(t, "allocations", allocs, 0)
	st := NewState(-1, -1)
	check(t, "no size", cap(st.metrics)+cap(st.recommendations), 0)
}

func TestACopyIntoAStateLargeEnoughAllocatesNothing(t *testing.T) {
	l := newLab(t).behavior().scale(3).ready(3, 200)
	l.step()
	c := NewState(4, 16)
	check(t, "allocations", testing.AllocsPerRun(100, func() { c.CopyFrom(l.st) }), 0)
}

func TestAStateThatOutgrowsItsSizeIsRight(t *testing.T) {
	large, small := newLab(t).behavior().scale(3).ready(3, 200), NewState(0, 0)
	large.spec.Metrics = append(large.spec.Metrics, podsMetric(), objectMetric(TargetValue))
	large.spec.Down.Stabilization = time.Hour
	large.observe(groupsFor(40), 150)
	for range 100 {
		large.o.Now += 15 * time.Second
		d, e := large.step(), large.spec.Step(small, large.o)
		check(t, "decision", describe(&e, small), describe(&d, large.st))
	}
}

// BenchmarkStep is one sync of a workload on one utilization metric with
// behavior and five minutes of history, with pods in the few groups a world
// gives and with every pod a group of its own.
func BenchmarkStep(b *testing.B) {
	for _, pods := range []int32{3, 50, 1000} {
		b.Run(fmt.Sprint("pods=", pods), func(b *testing.B) { benchmark(b, groupsFor(pods), pods) })
		b.Run(fmt.Sprint("alone/pods=", pods), func(b *testing.B) {
			groups := make([]Group, pods)
			for i := range groups {
				groups[i] = readyGroup(1)
			}
			benchmark(b, groups, pods)
		})
	}
}

func benchmark(b *testing.B, groups []Group, pods int32) {
	l := newLab(&testing.T{}).behavior().scale(pods)
	l.spec.Max, l.spec.Down.Stabilization = 2000, 5*time.Minute
	l.observe(groups, 100)
	for _, st := range []*State{NewState(1, 32), NewTerseState(1, 32)} {
		name := "full"
		if st.terse {
			name = "terse"
		}
		b.Run(name, func(b *testing.B) { l.again(b, st, pods) })
	}
}

// again syncs as often as the benchmark asks, with a load that rises and falls.
func (l *lab) again(b *testing.B, st *State, pods int32) {
	n, replicas := 0, pods
	samples := l.o.Readings[0].Samples
	b.ReportAllocs()
	for b.Loop() {
		n++
		load := int64(90 + n%40)
		for i := range min(4, len(samples)) {
			samples[i].Sum = load * int64(samples[i].Pods)
		}
		l.o.Now += 15 * time.Second
		l.o.SpecReplicas = replicas
		if d := l.spec.Step(st, l.o); d.Scaled && d.Desired > pods/2 && d.Desired < 2*pods {
			replicas = d.Desired
		}
	}
}
