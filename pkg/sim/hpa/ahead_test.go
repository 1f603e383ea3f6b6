package hpa

import (
	"testing"
	"time"
)

// sole runs the scenario of a seed, up to the first edit of its spec, with a
// State that tells everything and one that serves this Spec alone.
func sole(t *testing.T, seed uint64, visit func(c *scenario, full, sole *State, o *Observation)) {
	c := newScenario(t, seed)
	spec := c.spec
	full, sole := NewState(3, 8), NewSoleState(3, 8)
	for n := range syncs {
		w := c.next()
		if c.spec != spec {
			return
		}
		o := w.observe(c.generator, 1+n%3)
		visit(c, full, sole, o)
		d, short := spec.Step(full, o), spec.Step(sole, o)
		d.Basis, short.Basis = nil, nil
		if got, want := decided(&short), decided(&d); got != want {
			t.Fatalf("seed %d, sync %d: sole\n%s, not\n%s", seed, n, got, want)
		}
		if d.Scaled {
			c.replicas = d.Desired
		}
	}
}

func TestASoleStateDecidesAsOneThatRemembersAll(t *testing.T) {
	steps := 0
	for seed := range uint64(scenarios) {
		sole(t, seed, func(*scenario, *State, *State, *Observation) { steps++ })
	}
	if steps < scenarios*10 {
		t.Errorf("only %d steps", steps)
	}
}

// TestAStepIsAProposalAndWhatFollows: where a count lies within the bounds and the
// scale can be had, Propose and Conclude come to what Step does.
func TestAStepIsAProposalAndWhatFollows(t *testing.T) {
	parted := 0
	for seed := range uint64(scenarios) {
		apart := NewSoleState(3, 8)
		sole(t, seed, func(c *scenario, _, st *State, o *Observation) {
			s, n := c.spec, o.SpecReplicas
			asked, ok := s.Propose(NewTerseState(3, 0), o)
			before, after := *o, st.Clone()
			if !ok || n < max(1, s.Min) || n > s.Max || o.ScaleReadError != "" || o.ScaleWriteError != "" {
				s.Step(apart, &before)
				return
			}
			parted++
			d := s.Step(after, &before)
			if got := s.Conclude(apart, o.Now, n, asked); got != d.Desired {
				t.Fatalf("seed %d: concludes %d of %d, a step %d", seed, got, asked, d.Desired)
			}
			if !apart.Equal(after) {
				t.Fatalf("seed %d: it remembers %+v, after a step %+v", seed, apart, after)
			}
		})
	}
	if parted < scenarios*5 {
		t.Errorf("only %d syncs", parted)
	}
}

func TestASoleStateCanBeCopiedAndReset(t *testing.T) {
	for seed := range uint64(100) {
		sole(t, seed, func(c *scenario, _, st *State, o *Observation) {
			twin := st.Clone()
			a, b := *o, *o
			check(t, "equal", st.Equal(twin), true)
			check(t, "seeded", twin.Seeded(), st.Seeded())
			one, two := c.spec.Step(st.Clone(), &a), c.spec.Step(twin, &b)
			check(t, "clone's decision", decided(&two), decided(&one))
			twin.Reset()
			check(t, "as new", twin.Equal(NewSoleState(3, 8)), true)
			check(t, "still sole", twin.sole, true)
			one, two = c.spec.Step(NewSoleState(3, 8), &a), c.spec.Step(twin, &b)
			check(t, "decision after a reset", decided(&two), decided(&one))
		})
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func TestSoleStatesDifferByWhatTheyRemember(t *testing.T) {
	st := NewSoleState(1, -1)
	st.Recommend(5, 10)
	for _, change := range []func(*State){
		func(st *State) { st.highs.add(4, 11) },
		func(st *State) { st.lows.add(-6, 11) },
	} {
		other := st.Clone()
		check(t, "equal", st.Equal(other), true)
		change(other)
		check(t, "equal", st.Equal(other), false)
	}
}

func TestASoleStateRemembersPeaksAlone(t *testing.T) {
	st := NewSoleState(1, 4)
	for i, n := range []int32{7, 3, 5, 5, 2, 4, 4, 1} {
		st.Recommend(n, time.Duration(i))
	}
	// Peaks 7, 5, 4, 1; troughs 1.
	for _, tt := range []struct {
		n        int32
		from, to time.Duration
	}{{1, 7, 7}, {2, 6, 7}, {4, 6, 7}, {5, 3, 7}, {6, 0, 7}, {7, 0, 7}} {
		from, ok := st.LastFrom(tt.n)
		check(t, "last from", from, tt.from)
		check(t, "some", ok, true)
		to, ok := st.LastTo(tt.n)
		check(t, "last to", to, tt.to)
		check(t, "some", ok, true)
	}
	_, ok := st.LastFrom(8)
	check(t, "any from 8", ok, false)
	_, ok = st.LastTo(0)
	check(t, "any to 0", ok, false)
	check(t, "peaks", len(st.highs.list), 4)
	check(t, "troughs", len(st.lows.list), 1)
	check(t, "allocations", testing.AllocsPerRun(100, func() {
		for i := range 40 {
			st.highs.add(int32(1000-i), time.Duration(i))
			oldest, _ := st.highs.lastFrom(int32(1000 - max(0, i-3)))
			check(t, "oldest", oldest, time.Duration(max(0, i-3)))
			check(t, "highest", st.highs.since(time.Duration(i-2), 0), int32(1000-max(0, i-2)))
		}
		st.highs.add(2000, 0)
		st.highs.since(1, 0)
	}), 0)
}

// TestWhatIsSaidOfTheFutureComesTrue asks, at every sync, of instants to come what
// a proposal would lead to there, and compares it with what the stages after the
// metrics make of it.
func TestWhatIsSaidOfTheFutureComesTrue(t *testing.T) {
	counts, trial := map[string]int{}, NewState(3, 8)
	for seed := range uint64(scenarios / 10) {
		sole(t, seed, func(c *scenario, full, st *State, o *Observation) {
			s, n := c.spec, c.replicas
			if n < max(s.Min, 1) || n > s.Max || len(full.recommendations) == 0 {
				return
			}
			checkFirst(t, s, st, n, o.Now)
			for at := o.Now; at < o.Now+100*time.Second; at += 15 * time.Second {
				opens, can := s.Opens(st, true, n, at)
				falls, may := s.Opens(st, false, n, at)
				for _, p := range []int32{0, n - 1, n, n + 1, 2*n + 1} {
					d := Decision{Current: n}
					trial.CopyFrom(full)
					s.normalise(trial, &Observation{Now: at}, &d, p)
					want := "stay"
					low, held := st.LastTo(n)
					held = held && at < s.HoldsUp(low)
					above, over := st.LastFrom(n + 1)
					over = over && !s.HasBehavior && at < s.HoldsDown(above)
					high, kept := st.LastFrom(n)
					kept = kept && at < s.HoldsDown(high)
					switch {
					case can && at == opens && (over || p > n && !held):
						want = "rise"
					case may && at == falls && p < n && !kept:
						want = "fall"
					}
					got := map[bool]string{d.Desired > n: "rise", d.Desired < n: "fall"}[true]
					if got == "" {
						got = "stay"
					}
					if counts[got]++; got != want {
						t.Fatalf("seed %d at %v, from %d, proposed %d at %v: said %s, comes %s", seed, o.Now, n, p, at, want, got)
					}
				}
			}
		})
	}
	for _, what := range []string{"rise", "stay", "fall"} {
		if counts[what] < 100 {
			t.Errorf("%d times %s", counts[what], what)
		}
	}
}

// checkFirst holds the instants that Opens names against every second until then.
func checkFirst(t *testing.T, s *Spec, st *State, n int32, from time.Duration) {
	for _, up := range []bool{true, false} {
		first, ok := s.Opens(st, up, n, from)
		for at := from; at < from+80*time.Second && at != first; at += time.Second {
			if now, open := s.Opens(st, up, n, at); open && now == at {
				t.Fatalf("up %v, from %d: opens at %v already, not %v, %v", up, n, at, first, ok)
			}
		}
	}
}

// bounded is an autoscaler of 2 to 9 pods with behavior, whose policies add and
// remove one pod a minute and two in three.
func bounded() *Spec {
	one, two := Policy{Value: 1, Period: time.Minute}, Policy{Value: 2, Period: 3 * time.Minute}
	s := &Spec{Min: 2, Max: 9, HasBehavior: true, Controller: DefaultController()}
	s.Up = Rules{Stabilization: 45 * time.Second, Select: SelectMin, Policies: []Policy{one, two}}
	s.Down = Rules{Stabilization: 90 * time.Second, Select: SelectMin, Policies: []Policy{one, two}}
	return s
}

func TestWhatHoldsACountBack(t *testing.T) {
	s, legacy := bounded(), bounded()
	legacy.HasBehavior = false
	check(t, "up window", s.HoldsUp(7), 7+45*time.Second)
	check(t, "down window", s.HoldsDown(7), 7+90*time.Second)
	check(t, "up window without behavior", legacy.HoldsUp(7), 7)
	// There, a recommendation just as old as the window still counts.
	check(t, "down window without behavior", legacy.HoldsDown(7), 8+5*time.Minute)
	disabled := bounded()
	disabled.Up.Select, disabled.Down.Select = SelectDisabled, SelectDisabled
	silent := bounded()
	silent.Up.Select, silent.Down.Select, silent.HasBehavior = SelectDisabled, SelectDisabled, false
	for _, tt := range []struct {
		spec     *Spec
		n        int32
		up, down bool
	}{
		{s, 1, true, false},
		{s, 2, true, false},
		{s, 3, true, true},
		{s, 8, true, true},
		{s, 9, false, true},
		{s, 10, false, true},
		{legacy, 1, true, false},
		{legacy, 2, true, false},
		{legacy, 9, false, true},
		{legacy, 10, false, true},
		{silent, 5, true, true},
		{disabled, 5, false, false},
	} {
		for up, want := range map[bool]bool{true: tt.up, false: tt.down} {
			check(t, "leaves", tt.spec.Leaves(up, tt.n), want)
			at, ok := tt.spec.Opens(NewSoleState(1, 4), up, tt.n, 11)
			check(t, "opens", ok, want)
			check(t, "at once", at, map[bool]time.Duration{true: 11, false: 0}[want])
		}
	}
}

func TestWindowsEndToTheNanosecond(t *testing.T) {
	s := bounded()
	for since, want := range map[time.Duration]int32{-1: 5, 0: 5, 1: 7} {
		st := NewSoleState(1, 4)
		st.Recommend(7, since)
		_, down := s.extremes(st, s.Down.Stabilization, 5)
		check(t, "highest with behavior", down, want)
		st = NewSoleState(1, 4)
		st.Recommend(3, since)
		up, _ := s.extremes(st, s.Up.Stabilization, 5)
		check(t, "lowest with behavior", up, 5-(want-5))
		st = NewSoleState(1, 4)
		st.Recommend(7, since-1)
		check(t, "highest without", s.highest(st, s.Controller.DownscaleStabilization, 5), want)
	}
}

func TestWayOpensWhenTheFirstWriteAges(t *testing.T) {
	const m = time.Minute
	s, st := bounded(), NewSoleState(1, 4)
	// Two up at 10 and 11 minutes: the last leaves the short period at 12, and the
	// first the long one at 13.
	s.remember(st, 10*m, 3, 4)
	s.remember(st, 11*m, 4, 5)
	for _, tt := range []struct{ from, opens time.Duration }{
		{10 * m, 13 * m}, {11 * m, 13 * m}, {12 * m, 13 * m}, {13*m - 1, 13 * m}, {13 * m, 13 * m}, {14 * m, 14 * m},
	} {
		at, ok := s.Opens(st, true, 5, tt.from)
		check(t, "opens up", at, tt.opens)
		check(t, "some time", ok, true)
	}
	next, ok := st.ages(&s.Up, 10*m)
	check(t, "first to age", next, 11*m)
	check(t, "some", ok, true)
	next, _ = st.ages(&s.Up, 12*m)
	check(t, "next to age", next, 13*m)
	_, ok = st.ages(&s.Up, 14*m)
	check(t, "any left to age", ok, false)

	// Three down in one write: more than any policy allows, so the limit lies above
	// the count until it has aged.
	st = NewSoleState(1, 4)
	s.remember(st, 10*m, 9, 6)
	at, ok := s.Opens(st, false, 6, 10*m)
	check(t, "opens down", at, 13*m)
	check(t, "some time", ok, true)

	// One down: just what the first policy allows in a minute.
	st = NewSoleState(1, 4)
	s.remember(st, 10*m, 7, 6)
	at, _ = s.Opens(st, false, 6, 10*m)
	check(t, "opens down after one", at, 11*m)
	s.remember(st, 10*m+time.Second, 6, 7)
	next, _ = st.ages(&s.Down, 10*m)
	check(t, "first to age of both directions", next, 11*m)

	// What overflows opens no way.
	s.Up.Policies = []Policy{{Value: 1<<31 - 1, Period: m}}
	at, ok = s.Opens(NewSoleState(1, 4), true, 5, 10*m)
	check(t, "opens by an overflow", ok, false)
	check(t, "at", at, 0)
}

func TestAProposalOfSomeMetricsIsNone(t *testing.T) {
	l := newLab(t).behavior().scale(3).ready(3, 200)
	l.spec.Metrics = append(l.spec.Metrics, podsMetric())
	l.observe(groupsFor(40), 150)
	st := NewSoleState(2, 8)
	check(t, "seeded", st.Seeded(), false)
	_, ok := l.spec.Propose(st, l.o)
	check(t, "of both", ok, true)
	l.o.Readings[1].Error = "busy"
	_, ok = l.spec.Propose(st, l.o)
	check(t, "of one", ok, false)
	check(t, "still not seeded", st.Seeded(), false)
	l.spec.Step(st, l.o)
	check(t, "seeded by a step", st.Seeded(), true)
}

func TestProposingChangesNothing(t *testing.T) {
	for seed := range uint64(200) {
		sole(t, seed, func(c *scenario, _, st *State, o *Observation) {
			before := st.Clone()
			replicas, ok := c.spec.Propose(st, o)
			if !st.Equal(before) {
				t.Fatalf("seed %d: the state is another", seed)
			}
			d := c.spec.Step(before, o)
			if d.Branch == BranchMetrics && !d.Failure.Failed() && replicas != max(0, d.Proposed) {
				t.Fatalf("seed %d: proposes %d, %v; a step %d", seed, replicas, ok, d.Proposed)
			}
			if ok && (d.Branch == BranchNoMetrics || d.Failure.Failed() && !d.Scaled && d.HasProposal && o.ScaleWriteError == "") {
				t.Fatalf("seed %d: a step fails: %v", seed, d.Failure.Error())
			}
		})
	}
}
