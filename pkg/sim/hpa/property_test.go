package hpa

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// describe renders everything a sync did and remembers, so that two of them can
// be compared and shown.
func describe(d *Decision, st *State) string {
	var b strings.Builder
	fmt.Fprintf(&b, "status: current %d desired %d\n", d.StatusReplicas, d.StatusDesired)
	if d.HasProposal {
		fmt.Fprintf(&b, "proposed %d\n", d.Proposed)
	}
	if d.Scaled {
		fmt.Fprintf(&b, "scaled to %d\n", d.Desired)
	}
	fmt.Fprintf(&b, "error: %v %s\n", d.Failure.Failed(), d.Failure.Error())
	for _, m := range d.Metrics {
		if !m.Valid {
			fmt.Fprintf(&b, "metric: none\n")
			continue
		}
		fmt.Fprintf(&b, "metric: %s %s %v:%d %v:%d %v:%d\n", m.Source, m.Name,
			m.HasUtilization, m.Utilization, m.HasAverage, m.Average, m.HasValue, m.Value)
	}
	for i := range d.Conditions {
		c := conditionTriple(&d.Conditions[i])
		fmt.Fprintf(&b, "condition: %s %s %s: %s\n", c[0], c[1], c[2], d.Conditions[i].Message())
	}
	for i := range d.Events {
		kind := "Warning"
		if d.Events[i].Normal {
			kind = "Normal"
		}
		fmt.Fprintf(&b, "event: %s %s: %s\n", kind, d.Events[i].Reason, d.Events[i].Message())
	}
	fmt.Fprintf(&b, "recommendations: %v\nups: %v\ndowns: %v\n", st.recommendations, st.ups, st.downs)
	return b.String()
}

// describe is the same of the twin.
func (w *twin) describe() string {
	var b strings.Builder
	fmt.Fprintf(&b, "status: current %d desired %d\n", w.current, w.desired)
	if w.out.proposal != nil {
		fmt.Fprintf(&b, "proposed %d\n", *w.out.proposal)
	}
	if w.out.scaledTo != nil {
		fmt.Fprintf(&b, "scaled to %d\n", *w.out.scaledTo)
	}
	fmt.Fprintf(&b, "error: %v %s\n", w.out.err != "", w.out.err)
	for _, m := range w.metrics {
		if m.source == "" {
			fmt.Fprintf(&b, "metric: none\n")
			continue
		}
		fmt.Fprintf(&b, "metric: %s %s %v:%d %v:%d %v:%d\n", m.source, m.name,
			m.hasUtilization, m.utilization, m.hasAverage, m.average, m.hasValue, m.value)
	}
	for _, c := range w.conditions {
		fmt.Fprintf(&b, "condition: %s %s %s: %s\n", c.kind, c.status, c.reason, c.message)
	}
	for _, e := range w.out.events {
		fmt.Fprintf(&b, "event: %s\n", e)
	}
	recs, ups, downs := []recommendation{}, []scaleEvent{}, []scaleEvent{}
	for _, r := range w.recs {
		recs = append(recs, recommendation(r))
	}
	for _, e := range w.ups {
		ups = append(ups, scaleEvent{e.change, e.outdated, e.at})
	}
	for _, e := range w.downs {
		downs = append(downs, scaleEvent{e.change, e.outdated, e.at})
	}
	fmt.Fprintf(&b, "recommendations: %v\nups: %v\ndowns: %v\n", recs, ups, downs)
	return b.String()
}

// scenario is one random autoscaler's life: its replicas follow what it
// decides, somebody else scales now and then, and its spec is edited.
type scenario struct {
	generator
	profile  Profile
	spec     *Spec
	now      time.Duration
	replicas int32
	twin     twin
}

func newScenario(t testing.TB, seed uint64) *scenario {
	g := newGenerator(seed)
	p := g.profile(t)
	s := g.spec(p)
	return &scenario{
		generator: g, profile: p, spec: s, now: time.Hour,
		replicas: pick(g, s.Min, s.Max, s.Min+1, s.Min+3, 0, s.Max+1),
	}
}

// next advances to the next sync and returns what is seen there.
func (c *scenario) next() *world {
	c.now += c.seconds(15, 15, 15, 15, 15, 14, 16, 30, 0)
	if c.chance(3) {
		c.spec = c.generator.spec(c.profile)
	}
	if c.chance(3) {
		c.replicas = max(0, c.replicas+pick[int32](c.generator, -3, -1, 1, 4))
	}
	if c.chance(1) {
		c.replicas = 0
	}
	if c.replicas == 0 && c.chance(25) {
		c.replicas = 2
	}
	return c.world(c.spec, c.now, c.replicas)
}

// mirror is the same sync by the twin.
func (c *scenario) mirror(w *world) string {
	v := &c.twin
	v.spec, v.now, v.pods, v.readings = c.spec, w.base.Now, w.pods, w.readings
	v.cur, v.stat = w.base.SpecReplicas, w.base.StatusReplicas
	v.zeroGate, v.containerOff = c.profile.ScaleToZero, !c.profile.ContainerResource
	v.minor, _ = strconv.Atoi(strings.TrimPrefix(c.profile.Version, "1."))
	v.sync(&w.base)
	return v.describe()
}

// How many scenarios of how many syncs a run takes.
const (
	scenarios = 400
	syncs     = 50
)

func TestStepAgreesWithTheNaiveTwin(t *testing.T) {
	counts := map[string]int{}
	for seed := range uint64(scenarios) {
		c := newScenario(t, seed)
		st := NewState(3, 8)
		for n := range syncs {
			w := c.next()
			want := c.mirror(w)
			d := c.spec.Step(st, w.observe(c.generator, 1+n%3))
			if got := describe(&d, st); got != want {
				t.Fatalf("seed %d, sync %d, Kubernetes %s\n--- Step\n%s--- twin\n%s", seed, n, c.profile.Version, got, want)
			}
			count(counts, &d)
			if d.Scaled {
				c.replicas = d.Desired
			}
		}
	}
	// A run that idles proves little.
	for _, what := range []string{
		"scaled", "branch 0", "branch 1", "branch 2", "branch 3", "branch 4", "branch 5",
		"ReadyForNewScale", "ScaleUpStabilized", "ScaleDownStabilized", "DesiredWithinRange",
		"TooFewReplicas", "TooManyReplicas", "ScaleUpLimit", "ScaleDownLimit", "partial", "from zero", "to zero",
	} {
		if counts[what] < 20 {
			t.Errorf("only %d syncs with %s", counts[what], what)
		}
	}
	t.Logf("%d syncs: %v", scenarios*syncs, counts)
}

func count(counts map[string]int, d *Decision) {
	counts[fmt.Sprint("branch ", d.Branch)]++
	counts[d.StabilizedReason.String()]++
	counts[d.LimitedReason.String()]++
	for what, is := range map[string]bool{
		"scaled": d.Scaled, "partial": d.HasProposal && d.Failure.Failed(),
		"from zero": d.Scaled && d.Current == 0, "to zero": d.Scaled && d.Desired == 0,
	} {
		if is {
			counts[what]++
		}
	}
}

func TestGroupingPodsDifferentlyChangesNothing(t *testing.T) {
	for seed := range uint64(scenarios / 4) {
		c := newScenario(t, 10_000+seed)
		one, many := NewState(3, 8), NewState(0, 0)
		for n := range syncs {
			w := c.next()
			d := c.spec.Step(one, w.observe(c.generator, 1))
			e := c.spec.Step(many, w.observe(c.generator, 64))
			if got, want := describe(&e, many), describe(&d, one); got != want {
				t.Fatalf("seed %d, sync %d\n--- a group for nearly each pod\n%s--- few groups\n%s", seed, n, got, want)
			}
			if !one.Equal(many) {
				t.Fatalf("seed %d, sync %d: the states differ", seed, n)
			}
			if d.Scaled {
				c.replicas = d.Desired
			}
		}
	}
}

// elsewhere is another life of the same autoscaler, on a clock that is shifted.
type elsewhere struct {
	by time.Duration
	st *State
}

// step is a sync there, described as if it were here.
func (w *elsewhere) step(s *Spec, o *Observation) string {
	d := s.Step(w.st, atAnotherTime(o, w.by))
	back := w.st.Clone()
	for i := range back.recommendations {
		back.recommendations[i].at -= w.by
	}
	for i := range back.ups {
		back.ups[i].at -= w.by
	}
	for i := range back.downs {
		back.downs[i].at -= w.by
	}
	return describe(&d, back)
}

func TestShiftInTimeChangesNothing(t *testing.T) {
	const shift = -12345*time.Hour - 678*time.Millisecond
	for seed := range uint64(scenarios / 4) {
		c := newScenario(t, 20_000+seed)
		here, there := NewState(3, 8), elsewhere{shift, NewState(3, 8)}
		for n := range syncs {
			o := c.next().observe(c.generator, 1)
			d := c.spec.Step(here, o)
			if got, want := there.step(c.spec, o), describe(&d, here); got != want {
				t.Fatalf("seed %d, sync %d\n--- shifted\n%s--- here\n%s", seed, n, got, want)
			}
			if d.Scaled {
				c.replicas = d.Desired
			}
		}
	}
}

// atAnotherTime is the observation at another time.
func atAnotherTime(o *Observation, by time.Duration) *Observation {
	c := *o
	c.Now += by
	c.Groups = append([]Group(nil), o.Groups...)
	for i := range c.Groups {
		c.Groups[i].Start += by
		c.Groups[i].Transition += by
	}
	c.Readings = append([]Reading(nil), o.Readings...)
	for i := range c.Readings {
		c.Readings[i].Samples = append([]Sample(nil), o.Readings[i].Samples...)
		for j := range c.Readings[i].Samples {
			c.Readings[i].Samples[j].Timestamp += by
		}
	}
	return &c
}

// leaves says whether a sync wrote a count outside of the bounds in force.
// Upstream does so nowhere; to zero only where min is zero.
func (s *Spec) leaves(d *Decision) bool {
	return d.Scaled && (d.Desired < s.Min || d.Desired > s.Max)
}

func TestWhatIsWrittenLiesWithinTheBounds(t *testing.T) {
	for seed := range uint64(scenarios / 2) {
		c := newScenario(t, 30_000+seed)
		st := NewState(3, 8)
		for n := range syncs {
			d := c.spec.Step(st, c.next().observe(c.generator, 1))
			if c.spec.leaves(&d) {
				t.Fatalf("seed %d, sync %d: wrote %d, outside %d to %d", seed, n, d.Desired, c.spec.Min, c.spec.Max)
			}
			if d.Scaled {
				c.replicas = d.Desired
			}
		}
	}
}
