package report

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// worldDice rolls small, busy worlds for sentences about them.
type worldDice struct{ *rand.Rand }

func oneOf[T any](d worldDice, of ...T) T { return of[d.IntN(len(of))] }

func (d worldDice) world(t *testing.T) *sim.World {
	w := wave()
	c := hpa.DefaultController()
	c.DownscaleStabilization = oneOf(d, 0, time.Minute, 5*time.Minute)
	p, err := hpa.ProfileFor(oneOf(d, "1.23", "1.30", "1.36", "1.37", "1.37"), nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Profile = p
	w.Duration = 10 * time.Minute
	w.Autoscaler = d.spec(c)
	w.Pods.Initial, w.Pods.InitialAge = int32(d.IntN(12)), oneOf(d, time.Minute, time.Hour)
	w.Pods.Termination, w.Pods.MetricsDelay = oneOf(d, 0, 40*time.Second), oneOf(d, 0, 45*time.Second)
	w.Demand = []sim.Demand{
		{Source: hpa.SourceResource, Name: "cpu", Container: "app", Scale: 1},
		{Source: hpa.SourcePods, Name: "rps", Scale: 1},
		{Source: hpa.SourceObject, Name: "hits", Scale: 1},
		{Source: hpa.SourceExternal, Name: "queue", Scale: 1000},
	}
	for i := range w.Demand {
		d.load(&w.Demand[i])
	}
	for range d.IntN(6) {
		w.Faults = append(w.Faults, d.fault(c))
	}
	if err := w.Validate(); err != nil {
		t.Fatal(err)
	}
	return &w
}

func (d worldDice) load(of *sim.Demand) {
	of.Step = 15 * time.Second
	level := int64(0)
	for range 40 {
		if d.IntN(4) == 0 {
			level = int64(d.IntN(3000))
		}
		of.Values, of.Null = append(of.Values, level), append(of.Null, d.IntN(30) == 0)
	}
}

func (d worldDice) spec(c hpa.Controller) hpa.Spec {
	s := cpuSpec()
	s.Controller, s.Min = c, int32(d.IntN(4))
	s.Max = s.Min + 1 + int32(d.IntN(12))
	all := []hpa.Metric{
		s.Metrics[0],
		{Source: hpa.SourceResource, Target: hpa.TargetAverageValue, Goal: 200, CPU: true, Name: "cpu", Resource: "cpu"},
		{Source: hpa.SourcePods, Target: hpa.TargetAverageValue, Goal: 150, Name: "rps"},
		{Source: hpa.SourceObject, Target: hpa.TargetValue, Goal: 900, Name: "hits", Object: "Ingress default/front"},
		{Source: hpa.SourceObject, Target: hpa.TargetAverageValue, Goal: 300, Name: "hits", Object: "Ingress default/front"},
		{Source: hpa.SourceExternal, Target: hpa.TargetAverageValue, Goal: 300_000, Name: "queue"},
	}
	d.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	s.Metrics = all[:oneOf(d, 1, 1, 1, 2, 3)]
	if d.IntN(3) > 0 {
		s.HasBehavior, s.Up, s.Down = true, d.rules(), d.rules()
	}
	return s
}

func (d worldDice) rules() hpa.Rules {
	r := hpa.Rules{
		Stabilization: oneOf(d, 0, 30*time.Second, 2*time.Minute),
		Select:        oneOf(d, hpa.SelectMax, hpa.SelectMax, hpa.SelectMin, hpa.SelectDisabled),
	}
	for range 1 + d.IntN(2) {
		r.Policies = append(r.Policies, hpa.Policy{
			Type: oneOf(d, hpa.PolicyPods, hpa.PolicyPercent), Value: int32(1 + d.IntN(40)), Period: oneOf(d, 15*time.Second, time.Minute),
		})
	}
	return r
}

func (d worldDice) fault(c hpa.Controller) sim.Fault {
	edit := d.spec(c)
	return sim.Fault{
		Kind: sim.FaultKind(d.IntN(int(sim.FaultEditAutoscaler) + 1)), At: time.Duration(d.IntN(600)) * time.Second,
		For: time.Minute, APIs: oneOf(d, sim.APIResource, sim.APICustom), Ranks: []int{0, 2},
		Replicas: int32(d.IntN(12)), Autoscaler: &edit,
	}
}

// past is what the windows remember, kept by the test itself.
type past struct{ made map[time.Duration][]int32 }

func (p *past) add(t *sim.Tick) {
	d := &t.Decision
	if len(p.made) == 0 && d.Branch != hpa.BranchUnreadable {
		p.made[t.At] = append(p.made[t.At], d.Current)
	}
	if d.HasProposal {
		p.made[t.At] = append(p.made[t.At], max(0, d.Proposed))
	}
}

// TestWhyAgreesWithTheDecision reads the numbers of each sentence back.
func TestWhyAgreesWithTheDecision(t *testing.T) {
	beginnings := map[string]int{}
	for seed := range uint64(200) {
		w := worldDice{rand.New(rand.NewPCG(seed, 4))}.world(t)
		p := past{made: map[time.Duration][]int32{}}
		w.Run(func(tick *sim.Tick) bool {
			p.add(tick)
			text := why(tick)
			beginnings[strings.SplitN(text, " ", 2)[0]]++
			checkWhy(t, tick, text, &p)
			return !t.Failed()
		})
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	for _, word := range []string{"up", "down", "stays", "held", "jumps", "paused", "cannot"} {
		if beginnings[word] < 50 {
			t.Errorf("only %d sentences begin with %q: %v", beginnings[word], word, beginnings)
		}
	}
}

func checkWhy(t *testing.T, tick *sim.Tick, text string, p *past) {
	d := &tick.Decision
	fail := func(what string) { t.Errorf("at %v: %s: %q\n%+v", tick.T, what, text, *d) }
	if text == "" || strings.ContainsAny(text, "\n\r") || strings.Contains(text, "NaN") || strings.Contains(text, "  ") {
		fail("no sentence")
	}
	checkWhyOutcome(d, text, fail)
	if !d.HasProposal {
		return
	}
	if m := match(text, `(?:wants|which alone gives|asks for status.replicas) (-?\d+)`); m != nil && m[1] != number(d.Proposed) {
		fail("not the proposal")
	}
	stabilized := d.Stabilized != max(0, d.Proposed)
	m := match(text, `(\d+) was recommended (\S+) ago, inside the (\S+) window|the history begins with (\d+), inside`)
	if stabilized != (m != nil) {
		fail("the window")
	}
	if m != nil {
		checkWhyWindow(tick, m, p, fail)
	}
	checkWhyLimit(tick, text, fail)
}

// checkWhyOutcome compares how the sentence begins with what was done.
func checkWhyOutcome(d *hpa.Decision, text string, fail func(string)) {
	if m := match(text, `^(up|down|jumps) from (\d+) to (?:max |min )?(\d+): `); (m != nil) != d.Scaled {
		fail("says that the scale was written, or not")
	} else if m != nil && (m[2] != number(d.Current) || m[3] != number(d.Desired) || m[1] == "up" && d.Desired <= d.Current || m[1] == "down" && d.Desired >= d.Current) {
		fail("another change")
	}
	if m := match(text, `^(?:stays|held) at (\d+): `); m != nil && (m[1] != number(d.Desired) || d.Desired != d.Current) {
		fail("another count")
	}
	if strings.HasPrefix(text, "cannot ") != d.Failure.Blocked() {
		fail("says that it cannot act, or not")
	}
	if strings.HasPrefix(text, "paused ") != (d.Branch == hpa.BranchPaused) {
		fail("says that it is paused, or not")
	}
}

// checkWhyWindow compares the recommendation named with what the test saw.
func checkWhyWindow(tick *sim.Tick, m []string, p *past, fail func(string)) {
	d := &tick.Decision
	value, at := m[1]+m[4], tick.At
	if m[2] != "" {
		age, err := time.ParseDuration(m[2])
		if err != nil {
			fail(err.Error())
			return
		}
		window, _ := time.ParseDuration(m[3])
		if age > window || age == window && tick.Spec.HasBehavior {
			fail("older than the window")
		}
		at = tick.At - age
	}
	n, _ := strconv.Atoi(value)
	if !slices.Contains(p.made[at], int32(n)) {
		fail("nobody recommended that")
	}
	if low, high := min(d.Proposed, int32(n)), max(d.Proposed, int32(n)); d.Stabilized < low || d.Stabilized > high {
		fail("not between the proposal and what held it")
	}
}

// checkWhyLimit compares the bound named with the decision.
func checkWhyLimit(tick *sim.Tick, text string, fail func(string)) {
	d, s := &tick.Decision, tick.Spec
	named := ""
	for _, bound := range []struct{ text, value string }{
		{"; min is " + number(s.Min), number(s.Min)},
		{"; max is " + number(s.Max), number(s.Max)},
		{"without behavior at most double, or 4", "4"},
		{"without behavior at most double", number(2 * d.Current)},
		{"is disabled", number(d.Current)},
		{"allows no change", number(d.Current)},
	} {
		if named == "" && strings.Contains(text, bound.text) {
			named = bound.value
		}
	}
	if m := match(text, `allows (?:at most|no fewer than) (\d+)`); m != nil {
		named = m[1]
	}
	switch limited := d.Limited != d.Stabilized; {
	case limited != (named != ""):
		fail("limited or not")
	case limited && named != number(d.Limited):
		fail("another limit")
	}
	if strings.Contains(text, "from zero it goes to min") != (d.Desired != d.Limited) {
		fail("the way out of zero")
	}
}

func match(text, expression string) []string {
	return regexp.MustCompile(expression).FindStringSubmatch(text)
}
