package tune_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/internal/tune"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// study is four days on cpu alone, with a sync every two minutes and pods that
// take as long to start; every day is a little busier than the one before.
func study(t testing.TB, text string, budgets ...string) *tune.Study {
	t.Helper()
	p := problem(t, text, budgets...)
	w := p.World
	w.Autoscaler.Controller.SyncPeriod, w.Duration, w.Pods.Ready = 2*time.Minute, 4*24*time.Hour, 2*time.Minute
	d := &w.Demand[0]
	d.Step = time.Minute
	day := d.Values
	d.Values = nil
	for i := range int64(4) {
		for j, v := range day {
			if j%61 == 0 {
				v += 400 // a rise that nothing announces
			}
			d.Values = append(d.Values, v*(10+i)/10)
		}
	}
	return &tune.Study{Problem: *p, Options: tune.Options{Candidates: 200, Seed: 1}, Rough: true, Validate: true}
}

// wasteful is a study of an autoscaler that could do better.
func wasteful(t testing.TB) *tune.Study {
	t.Helper()
	s := study(t, few, "saturatedMinutes <= 400")
	s.World.Autoscaler.Metrics[0].Goal = 40
	return s
}

const few = "target.cpu=40..90/5,down.window=120s|300s|600s"

func TestHeldOutDaysAreUnknownToTheSearch(t *testing.T) {
	a, b := wasteful(t), wasteful(t)
	values := b.World.Demand[0].Values
	for i := 2 * 1440; i < len(values); i++ {
		values[i] = values[i]*2 - 100
	}
	one, other := a.Run(context.Background()).Validation, b.Run(context.Background()).Validation
	if len(one.Folds) != 1 || one.Refused != "" || len(one.X.Days) != 2 || !one.Known {
		t.Fatalf("%+v", one)
	}
	f, g := &one.Folds[0], &other.Folds[0]
	if !slices.Equal(f.Pick.Candidate, g.Pick.Candidate) || f.Trained != g.Trained || f.Pick.Candidate == nil {
		t.Errorf("what was chosen on days 1 and 2 depends on days 3 and 4: %+v, %+v", f.Pick.Candidate, g.Pick.Candidate)
	}
	if f.Tested == g.Tested {
		t.Error("the later days are scored the same whatever they are")
	}
}

func TestTheScoresOfDaysAddUpToThatOfTheReplay(t *testing.T) {
	s := wasteful(t)
	r := s.Run(context.Background())
	if r.Choice.Candidate == nil || r.Days != 4 {
		t.Fatalf("%+v", r.Choice)
	}
	want := (r.Choice.X - r.Today.X) / r.Today.X
	if math.Abs(r.Cost.Estimate-want) > 1e-9 || r.Cost.Low > want || r.Cost.High < want {
		t.Errorf("difference over days %+v, of the whole %v", r.Cost, want)
	}
}

func TestASettingThatWinsInGoodWeatherOnlyIsPassedOver(t *testing.T) {
	rough := study(t, "target.cpu=40..95/5,max=4..10", "saturatedMinutes <= 400")
	fair := *rough
	fair.Rough, fair.Validate, rough.Validate = false, false, false
	a, b := fair.Run(context.Background()), rough.Run(context.Background())
	if len(b.Choice.Ruled) == 0 || b.Choice.X <= a.Choice.X || b.Choice.Verdict != tune.Better {
		t.Fatalf("fair %v, rough %v, passed over %d", a.Choice.Point, b.Choice.Point, len(b.Choice.Ruled))
	}
	first := b.Choice.Ruled[0]
	if first.X > a.Choice.X || first.Point.Y > 400 || first.Y <= first.Allowed {
		t.Errorf("the first that was passed over: %+v", first)
	}
	if len(b.Choice.Rehearsed) != 3 {
		t.Fatalf("%d rehearsals", len(b.Choice.Rehearsed))
	}
	for i, r := range b.Choice.Rehearsed {
		today := b.Choice.TodayRehearsed[i]
		if r.Y > math.Max(today.Y, 400) {
			t.Errorf("%s: %v saturated minutes, today's %v", r.Name, r.Y, today.Y)
		}
		w, _ := rough.Space.World(&rough.Base, b.Choice.Candidate)
		if r.Name == "traffic x1.2" {
			w.Faults = []sim.Fault{{Kind: sim.FaultTraffic, Factor: 1200}}
			if s := w.Run(nil); s.ReplicaHours() != r.X {
				t.Errorf("%s: %v replica-hours, by hand %v", r.Name, r.X, s.ReplicaHours())
			}
		}
	}
}

func TestRivalsAreWhatTheySay(t *testing.T) {
	s := study(t, few)
	s.Validate = false
	values := s.World.Demand[0].Values
	for i := range values {
		values[i] = 1300 // so that each of 5 pods uses 260 of 500 at a target of 60 %
	}
	r := s.Run(context.Background())
	got := map[string]tune.Rival{}
	for _, one := range r.Rivals {
		got[one.Name] = one
	}
	// 2 pods at first, for a few minutes; then 5.
	for name, want := range map[string]string{
		"Kubernetes default": "cpu 80%, no behavior, today's bounds",
		"fixed replicas":     "3 pods, always", // 3 × 450 ≥ 1300
		"Crane's rule":       "cpu 52%, max 15",
		"Tortoise's rule":    "cpu 108%",
	} {
		if one := got[name]; one.Text != want || one.Why != "" || one.X == 0 {
			t.Errorf("%s: %+v, want %s", name, one, want)
		}
	}
	if !r.HasForesightX || r.ForesightX > 3*96 || r.ForesightX < 2.9*96 {
		t.Errorf("foresight %v, of a load that takes 3 pods for 96 hours", r.ForesightX)
	}
}

func TestTheBestConstantIsTheLeastThatStaysWithinTheLimit(t *testing.T) {
	s := study(t, few, "saturatedMinutes <= 30")
	s.Validate, s.Rough = false, false
	r := s.Run(context.Background())
	best := 0
	for n := int32(1); n <= 12 && best == 0; n++ {
		w := *s.World
		w.Autoscaler.Min, w.Autoscaler.Max, w.Pods.Initial = n, n, n
		if score := w.Run(nil); score.Saturated <= 30*time.Minute {
			best = int(n)
		}
	}
	for _, one := range r.Rivals {
		if one.Name == "fixed replicas" && (one.X != float64(best)*96 || one.Y > 30) {
			t.Errorf("%+v, the least is %d", one, best)
		}
	}
}

func TestChangesAndStepsAreReplaysOfTheirOwn(t *testing.T) {
	s := wasteful(t)
	s.Validate = false
	r := s.Run(context.Background())
	c := r.Choice.Candidate
	if c == nil || len(r.Changes) == 0 || len(r.Steps) == 0 {
		t.Fatalf("%+v", r.Choice)
	}
	for _, change := range r.Changes {
		if change.Name != "target.cpu" {
			continue
		}
		w, _ := s.Space.World(&s.Base, c)
		w.Autoscaler.Metrics[0].Goal = 40
		if score := w.Run(nil); score.ReplicaHours() != change.Back.X || change.From != "40%" {
			t.Errorf("%+v, by hand %v", change, score.ReplicaHours())
		}
	}
	for _, step := range r.Steps {
		if !strings.HasPrefix(step.Name, "target") {
			continue
		}
		w, _ := s.Space.World(&s.Base, step.Candidate)
		if score := w.Run(nil); score.ReplicaHours() != step.X {
			t.Errorf("%+v, by hand %v", step, score.ReplicaHours())
		}
	}
}

func TestAClaimNeedsAllOfItsProof(t *testing.T) {
	proven := func() *tune.Report {
		s := study(t, few)
		return &tune.Report{
			Study: s, Today: tune.Point{X: 100, Y: 10}, Choice: tune.Choice{Point: tune.Point{Candidate: tune.Candidate{0, 0}}},
			Validation: tune.Validation{
				Known: true, Cost: tune.Interval{Estimate: -0.1, Low: -0.12, High: -0.08},
				X: tune.Paired{Days: make([]tune.Day, 2), Today: []float64{1, 1}, Pick: []float64{1, 1}},
				Y: tune.Paired{Days: make([]tune.Day, 2), Today: []float64{3, 0}, Pick: []float64{0, 3}},
			},
		}
	}
	for name, c := range map[string]struct {
		change func(*tune.Report)
		want   tune.Claim
	}{
		"all of it":              {func(*tune.Report) {}, tune.Proven},
		"today's stays":          {func(r *tune.Report) { r.Choice.Candidate = nil }, tune.NoChoice},
		"no day":                 {func(r *tune.Report) { r.Validation.Refused = "x" }, tune.NotHeldOut},
		"one day":                {func(r *tune.Report) { r.Validation.Known = false }, tune.NotHeldOut},
		"no better is possible":  {func(r *tune.Report) { r.Validation.Cost.High = 0 }, tune.Noise},
		"more saturated":         {func(r *tune.Report) { r.Validation.Y.Pick[0] = 0.5 }, tune.MoreY},
		"less than the error":    {func(r *tune.Report) { r.Study.Error, r.Study.HasError = 0.1, true }, tune.BelowError},
		"more than the error":    {func(r *tune.Report) { r.Study.Error, r.Study.HasError = 0.09, true }, tune.Proven},
		"a broken budget mended": {func(r *tune.Report) { r.Today.Miss, r.Validation.Extra.High, r.Validation.Cost.High = 1, -1, 1 }, tune.Proven},
	} {
		r := proven()
		c.change(r)
		if got := r.Claim(); got != c.want {
			t.Errorf("%s: claim %d, want %d", name, got, c.want)
		}
	}
}

func TestAnInterruptedStudySaysSoWhereverItWas(t *testing.T) {
	for _, stage := range []string{"search", "comparison", "fold 1 of 1"} {
		s := wasteful(t)
		ctx, cancel := context.WithCancel(t.Context())
		s.Stage = func(what string) {
			if what == stage {
				cancel()
			}
		}
		r := s.Run(ctx)
		if !r.Interrupted || r.Validation.Refused == "" || r.Claim() == tune.Proven {
			t.Errorf("%s: interrupted %t, validation %q", stage, r.Interrupted, r.Validation.Refused)
		}
		cancel()
	}
}
