package hpa

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestACloneLivesItsOwnLife(t *testing.T) {
	l := newLab(t).behavior().scale(3).ready(3, 200)
	l.step()
	c := l.st.Clone()
	check(t, "equal at first", c.Equal(l.st), true)
	l.o.Now += time.Minute
	d := l.spec.Step(c, l.o)
	want := describe(&d, c)
	check(t, "equal after a step of the clone", c.Equal(l.st), false)
	d = l.step()
	check(t, "the same step of the original", describe(&d, l.st), want)
	check(t, "equal again", c.Equal(l.st), true)
	c.Reset()
	check(t, "reset", c.Equal(NewState(0, 0)), true)
}

func TestStatesDifferInAnyMemory(t *testing.T) {
	grown := func() *State {
		l := newLab(t).behavior().scale(3).ready(3, 200)
		l.step()
		l.st.downs = append(l.st.downs, scaleEvent{1, false, 0})
		return l.st
	}
	for name, change := range map[string]func(*State){
		"current":         func(st *State) { st.current++ },
		"desired":         func(st *State) { st.desired++ },
		"metrics":         func(st *State) { st.metrics[0].Average++ },
		"recommendations": func(st *State) { st.recommendations[0].replicas++ },
		"ups":             func(st *State) { st.ups[0].outdated = true },
		"downs":           func(st *State) { st.downs[0].at++ },
		"condition type":  func(st *State) { st.conditions[0].Type = ScaledToZero },
		"status":          func(st *State) { st.conditions[0].Status = false },
		"reason":          func(st *State) { st.conditions[0].Reason = ReasonReadyForNewScale },
		"message":         func(st *State) { st.conditions[0].replicas++ },
	} {
		a, b := grown(), grown()
		check(t, name+" before", a.Equal(b), true)
		change(b)
		check(t, name+" after", a.Equal(b), false)
	}
}

func TestAStateOutlivesEditsOfTheSpec(t *testing.T) {
	l := newLab(t).behavior().scale(3).ready(3, 200)
	l.step()
	// Without behavior, and with other metrics: what the conditions said stays
	// what they said.
	old := l.spec
	edited := *old
	edited.HasBehavior, edited.Metrics = false, []Metric{objectMetric(TargetValue)}
	l.spec = &edited
	l.o.Now += time.Minute
	l.scale(200)
	d := l.step()
	i := slices.IndexFunc(d.Conditions, func(c Condition) bool { return c.Type == ScalingActive })
	check(t, "message", d.Conditions[i].Message(),
		"the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)")
	check(t, "no event without behavior", len(l.st.downs), 0)
	l.spec = old
	l.step()
	check(t, "an event with it", len(l.st.downs), 1)
}

func TestConditionsKeepTheOrderOfFirstUse(t *testing.T) {
	st := NewState(0, 0)
	st.set(Condition{Type: ScalingLimited, Reason: ReasonTooFewReplicas})
	st.set(Condition{Type: AbleToScale, Reason: ReasonFailedGetScale})
	st.set(Condition{Type: ScalingLimited, Status: true, Reason: ReasonTooManyReplicas})
	check(t, "conditions", len(st.conditions), 2)
	check(t, "first", st.conditions[0].Reason, ReasonTooManyReplicas)
	check(t, "holds", st.holds(ScalingLimited), true)
	check(t, "does not hold", st.holds(AbleToScale), false)
	check(t, "is not there", st.holds(ScaledToZero), false)
	st.remove(ScalingLimited)
	check(t, "first after removal", st.conditions[0].Type, AbleToScale)
}

func TestValidate(t *testing.T) {
	valid := func() *Spec { return newLab(t).behavior().spec }
	if err := valid().Validate(); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(*Spec){
		"min -1 is negative":        func(s *Spec) { s.Min = -1 },
		"max 0 is less than 1":      func(s *Spec) { s.Min, s.Max = 0, 0 },
		"max 4 is less than min 5":  func(s *Spec) { s.Min, s.Max = 5, 4 },
		"no metrics":                func(s *Spec) { s.Metrics = nil },
		"tolerance for scaling up":  func(s *Spec) { s.ToleranceUp = -0.1 },
		"tolerance for scaling dow": func(s *Spec) { s.ToleranceDown = nan() },
		"no profile":                func(s *Spec) { s.Controller.Profile = Profile{} },
		"metric 0 (cpu): its type or target does not exist": func(s *Spec) { s.Metrics[0].Source = 77 },
		"type or target does not exist":                     func(s *Spec) { s.Metrics[0].Target = 77 },
		"target is not above 0":                             func(s *Spec) { s.Metrics[0].Goal = 0 },
		"does not fit into 32 bits":                         func(s *Spec) { s.Metrics[0].Goal = 1 << 31 },
		"does not have this kind of target":                 func(s *Spec) { s.Metrics[0].Target = TargetValue },
		"metric 0 (rps): its type does not have":            func(s *Spec) { s.Metrics[0] = podsMetric(); s.Metrics[0].Target = TargetUtilization },
		"scaling up: the stabilization window":              func(s *Spec) { s.Up.Stabilization = -time.Second },
		"scaling down: the stabilization window":            func(s *Spec) { s.Down.Stabilization = time.Millisecond },
		"the select policy does not exist":                  func(s *Spec) { s.Down.Select = 9 },
		"scaling up: no policies":                           func(s *Spec) { s.Up.Policies = nil },
		"policy 0 has a type that does not exist":           func(s *Spec) { s.Up.Policies[0].Type = 9 },
		"policy 0 has a value below 1":                      func(s *Spec) { s.Up.Policies[0].Value = 0 },
		"period that is not a whole number of seconds":      func(s *Spec) { s.Up.Policies[0].Period = 0 },
		"policy 0 has a period":                             func(s *Spec) { s.Up.Policies[0].Period = 1500 * time.Millisecond },
	} {
		s := valid()
		s.Up.Policies = slices.Clone(s.Up.Policies)
		spoil(s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	s := valid()
	s.HasBehavior, s.Up, s.Down = false, Rules{}, Rules{}
	s.Metrics = append(s.Metrics, Metric{Source: SourceUnknown}, objectMetric(TargetNone), objectMetric(TargetValue))
	check(t, "without behavior, failing at every sync", s.Validate(), nil)
}

func nan() float64 { var zero float64; return zero / zero }

func TestATerseStateDecidesAndTellsNothing(t *testing.T) {
	l := newLab(t).behavior().scale(3).ready(3, 200)
	l.spec.Metrics = append(l.spec.Metrics, podsMetric())
	l.observe(groupsFor(40), 150)
	l.o.Readings[1].Error = "busy"
	st := NewTerseState(2, 8)
	for _, st := range []*State{st, st.Clone()} {
		d := l.spec.Step(st, l.o)
		check(t, "scaled", d.Scaled, true)
		check(t, "failed", d.Failure.Failed(), true)
		check(t, "noted", len(d.Metrics)+len(d.Events)+len(d.Basis.Workings)+len(d.Basis.Limits.Policies), 0)
		check(t, "conditions", len(d.Conditions) == 1 && d.Conditions[0].Type == ScaledToZero, true)
		check(t, "remembered", d.Basis.Windows.Remembered(), 0)
	}
	check(t, "allocations", testing.AllocsPerRun(10, func() { l.spec.Step(st, l.o) }), 0)
	st.Reset()
	d := l.spec.Step(st, l.o)
	check(t, "after a reset", len(d.Conditions), 1)
}
