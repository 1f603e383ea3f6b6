package hpa

import (
	"testing"
	"time"
)

// lab is one autoscaler and what it sees, for tests that turn one knob at a
// time: cpu at 100 % of a request of 100 milli-units, so that a pod's value is
// its utilization.
type lab struct {
	*testing.T
	spec *Spec
	st   *State
	o    *Observation
}

const labNow = 1000 * time.Hour

func newLab(t *testing.T) *lab {
	c := DefaultController()
	return &lab{
		T:  t,
		st: NewState(4, 16),
		spec: &Spec{
			Reference: "Deployment/shop/web", Min: 1, Max: 100,
			Metrics:     []Metric{cpuMetric()},
			ToleranceUp: c.Tolerance, ToleranceDown: c.Tolerance, Controller: c,
		},
		o: &Observation{Now: labNow},
	}
}

func cpuMetric() Metric {
	return Metric{
		Source: SourceResource, Target: TargetUtilization, Goal: 100, CPU: true, Name: "cpu", Resource: "cpu",
		Proposal: "cpu resource utilization (percentage of request)",
	}
}

func podsMetric() Metric {
	return Metric{Source: SourcePods, Target: TargetAverageValue, Goal: 100, Name: "rps", Proposal: "pods metric rps"}
}

func objectMetric(target Target) Metric {
	return Metric{
		Source: SourceObject, Target: target, Goal: 100, Name: "hits", Proposal: "Service metric hits",
		Namespace: "shop", Object: "Service shop/web", Selector: "nil",
	}
}

func externalMetric(target Target) Metric {
	return Metric{
		Source: SourceExternal, Target: target, Goal: 100, Name: "queue", Proposal: "external metric queue(nil)",
		Namespace: "shop", Selector: "nil",
	}
}

// version makes the controller that of an older Kubernetes.
func (l *lab) version(v string) *lab {
	p, err := ProfileFor(v, nil)
	if err != nil {
		l.Fatal(err)
	}
	l.spec.Controller.Profile = p
	return l
}

// behavior gives the autoscaler rules: no windows, and policies that do not
// bind.
func (l *lab) behavior() *lab {
	free := Rules{Policies: []Policy{{Type: PolicyPods, Value: 1 << 20, Period: time.Minute}}}
	l.spec.HasBehavior, l.spec.Up, l.spec.Down = true, free, free
	return l
}

// scale sets spec and status replicas.
func (l *lab) scale(n int32) *lab {
	l.o.SpecReplicas, l.o.StatusReplicas = n, n
	return l
}

// readyGroup are n pods that have been serving for an hour.
func readyGroup(n int32) Group {
	return Group{Pods: n, Started: true, Start: labNow - time.Hour, Transition: labNow - time.Hour}
}

// add puts a group of pods that each report value for every metric.
func (l *lab) add(g Group, reporting int32, value int64) *lab {
	l.o.Groups = append(l.o.Groups, g)
	for len(l.o.Readings) < len(l.spec.Metrics) {
		l.o.Readings = append(l.o.Readings, Reading{})
	}
	for i := range l.o.Readings {
		l.o.Readings[i].Samples = append(l.o.Readings[i].Samples, Sample{
			Pods: reporting, Sum: value * int64(reporting), Request: 100, Timestamp: l.o.Now, Window: time.Minute,
		})
	}
	return l
}

// ready adds n pods that have been serving for an hour and report value.
func (l *lab) ready(n int32, value int64) *lab { return l.add(readyGroup(n), n, value) }

// pending adds n pods that do not run yet.
func (l *lab) pending(n int32) *lab { return l.add(Group{Pods: n, Phase: PhasePending}, 0, 0) }

// missing adds n serving pods without metrics.
func (l *lab) missing(n int32) *lab { return l.add(readyGroup(n), 0, 0) }

// values sets what an Object or External metric reads.
func (l *lab) values(v ...int64) *lab {
	l.o.Readings = []Reading{{Values: v}}
	return l
}

// proposes asserts what the first metric asks for.
func (l *lab) proposes(want int32) {
	l.Helper()
	var status MetricStatus
	got, p := l.spec.ask(l.o, &status, &Working{})
	if p.cause != causeNone {
		l.Errorf("no proposal: %s", p.message())
	}
	check(l.T, "proposal", got, want)
}

// step is one sync.
func (l *lab) step() Decision { return l.spec.Step(l.st, l.o) }

// condition is what one condition says, "True ReadyForNewScale".
func (l *lab) condition(d *Decision, kind ConditionType) string {
	for i := range d.Conditions {
		if d.Conditions[i].Type == kind {
			c := conditionTriple(&d.Conditions[i])
			return c[1] + " " + c[2]
		}
	}
	return ""
}

// ask is what the first metric of the spec comes to: replicas, or its problem.
func (s *Spec) ask(o *Observation, status *MetricStatus, w *Working) (int32, problem) {
	q := question{spec: s, metric: &s.Metrics[0], observation: o, working: w}
	replicas, c := q.ask(0, status)
	if c != causeNone {
		return 0, q.problem(c)
	}
	return replicas, problem{}
}
