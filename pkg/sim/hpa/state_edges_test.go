package hpa

import (
	"testing"
	"time"
)

func TestAnEmptyStateCanBeReset(t *testing.T) {
	st := NewState(0, 0)
	st.Reset()
	check(t, "equal", st.Equal(NewState(0, 0)), true)
}

func TestEqualIsTheSameFromBothSides(t *testing.T) {
	for name, change := range map[string]func(*State){
		"current": func(st *State) { st.current++ },
		"desired": func(st *State) { st.desired++ },
	} {
		a, b := NewState(1, 1), NewState(1, 1)
		change(b)
		check(t, name, a.Equal(b), false)
		check(t, name+" from the other side", b.Equal(a), false)
	}
}

func TestConditionsOfOneMessageDifferInTheirReason(t *testing.T) {
	a, b := NewState(1, 1), NewState(1, 1)
	p := problem{cause: causeSelectorAmbiguous, text: "somebody's words"}
	a.set(Condition{Type: ScalingActive, Reason: ReasonAmbiguousSelector, problem: p})
	b.set(Condition{Type: ScalingActive, Reason: ReasonInvalidSelector, problem: p})
	check(t, "message", a.conditions[0].Message(), b.conditions[0].Message())
	check(t, "equal", a.Equal(b), false)
}

func TestAsManyPoliciesAsAStateIsSizedForCostNothing(t *testing.T) {
	l := newLab(t).behavior().scale(3).ready(3, 200)
	for len(l.spec.Up.Policies) < 8 {
		l.spec.Up.Policies = append(l.spec.Up.Policies, Policy{PolicyPods, 1, time.Minute})
	}
	fresh := make([]*State, 12)
	for i := range fresh {
		fresh[i] = NewState(1, 4)
	}
	n := 0
	allocs := testing.AllocsPerRun(len(fresh)-1, func() {
		l.spec.Step(fresh[n], l.o)
		n++
	})
	check(t, "allocations", allocs, 0)
}

func TestTheControllersDefaults(t *testing.T) {
	check(t, "controller", DefaultController(), Controller{
		SyncPeriod: 15_000_000_000, DownscaleStabilization: 300_000_000_000, Tolerance: 0.1,
		CPUInitializationPeriod: 300_000_000_000, InitialReadinessDelay: 30_000_000_000, Profile: LatestProfile(),
	})
}
