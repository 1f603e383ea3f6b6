package tune_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/internal/tune"
)

// TestEveryChangeEarnsItsPlace: with today's value in the place of any changed one,
// the recommended setting costs visibly more, or has more of what is limited.
func TestEveryChangeEarnsItsPlace(t *testing.T) {
	s := study(t, "target.cpu=40..90/5,min=1|3,max=9..12,up.window=0s|60s,up.pods=3|4|off,down.window=120s|300s|600s", "saturatedMinutes <= 400")
	s.World.Autoscaler.Metrics[0].Goal, s.Validate = 40, false
	r := s.Run(context.Background())
	if r.Choice.Candidate == nil || len(r.Changes) == 0 {
		t.Fatalf("%+v", r.Choice)
	}
	kept := 0
	for _, v := range r.Choice.Candidate {
		if v == tune.Kept {
			kept++
		}
	}
	if kept == 0 || kept == len(r.Choice.Candidate) {
		t.Errorf("%d of %d parameters stay as today", kept, len(r.Choice.Candidate))
	}
	for _, c := range r.Changes {
		if c.Back.Miss == 0 && c.Back.Y <= r.Choice.Y && (c.Worth.High >= 0 || c.Worth.Estimate > -0.0005) {
			t.Errorf("%s %s to %s is worth %+v; saturated minutes %v without, %v with", c.Name, c.From, c.To, c.Worth, c.Back.Y, r.Choice.Y)
		}
	}
	again := *s
	if b := again.Run(context.Background()); !slices.Equal(b.Choice.Candidate, r.Choice.Candidate) {
		t.Errorf("%v, then %v", r.Choice.Candidate, b.Choice.Candidate)
	}
}

// TestASavingThatCannotBeSeenIsNone: the only thing to change is a bound that is
// reached for minutes of four days.
func TestASavingThatCannotBeSeenIsNone(t *testing.T) {
	s := study(t, "max=8..10", "saturatedMinutes <= 100000")
	s.World.Autoscaler.Max, s.Validate = 10, false
	values := s.World.Demand[0].Values
	for i := range values {
		values[i] = 800
	}
	for i := 1000; i < 1010; i++ {
		values[i] = 6000
	}
	r := s.Run(context.Background())
	if best := slices.MinFunc(r.Points, func(a, b tune.Point) int { return int(a.X*1e6 - b.X*1e6) }); best.X >= r.Today.X {
		t.Fatalf("nothing is saved: %+v, today %+v", best, r.Today)
	}
	if c := &r.Choice; c.Verdict != tune.NothingCheaper || !c.Slight || c.Candidate != nil || c.X != r.Today.X {
		t.Errorf("%+v", c)
	}
}

func TestWhatIsKeptIsAsToday(t *testing.T) {
	b := base()
	s := space(t, b, "target.cpu=40..90/5,min=1..4,up.pods=3|off,up.percent=50,down.window=120s,metrics=cpu|cpu+rps,request.cpu=100m..200m")
	c := make(tune.Candidate, len(s.Params))
	for i := range c {
		c[i] = tune.Kept
	}
	w, wrong := s.World(b, c)
	if wrong != "" || w.Autoscaler.HasBehavior || len(w.Autoscaler.Metrics) != 2 || w.Autoscaler.Min != 2 || w.Autoscaler.Metrics[0].Goal != 60 {
		t.Errorf("%s: %+v", wrong, w.Autoscaler)
	}
	if text := s.Text(c); text != "" {
		t.Errorf("%q", text)
	}
	// One policy changes, the other of its direction stays.
	c[3] = 0
	w, _ = s.World(b, c)
	if p := w.Autoscaler.Up.Policies; len(p) != 2 || p[0].Value != 4 || p[1].Value != 50 {
		t.Errorf("policies %+v", p)
	}
}

func TestADayThatLacksAStepIsAWholeOne(t *testing.T) {
	s := wasteful(t)
	s.Validate = false
	s.World.Duration -= time.Minute // the steps are that long
	if r := s.Run(context.Background()); r.Days != 4 {
		t.Errorf("%d days", r.Days)
	}
	s.World.Duration -= time.Minute
	if r := s.Run(context.Background()); r.Days != 3 {
		t.Errorf("%d days, of which one lacks two minutes", r.Days)
	}
}

func TestTheOtherEndOfALoadMayTurnAChoiceDown(t *testing.T) {
	s := wasteful(t)
	same := *s.World
	s.Other = &same
	r := s.Run(context.Background())
	if e := &r.Ends; !e.Known || !e.Holds || e.Today.X != r.Today.X || e.Pick.X != r.Choice.X {
		t.Errorf("at the same end: %+v", e)
	}
	if c := r.Claim(); c != tune.Proven {
		t.Errorf("claim %d", c)
	}
	busy := *s.World
	busy.Demand = slices.Clone(busy.Demand)
	d := &busy.Demand[0]
	d.Values = slices.Clone(d.Values)
	for i := range d.Values {
		d.Values[i] = d.Values[i] * 3 / 2
	}
	s.Other = &busy
	r = s.Run(context.Background())
	if e := &r.Ends; !e.Known || e.Holds || e.Pick.Y <= 400 {
		t.Errorf("at a busier end: %+v", e)
	}
	if c := r.Claim(); c != tune.OneEnd {
		t.Errorf("claim %d", c)
	}
}

// TestAChangeGoesNoFartherThanItNeeds: the bound that is searched is never reached.
func TestAChangeGoesNoFartherThanItNeeds(t *testing.T) {
	s := wasteful(t)
	s.Validate, s.World.Autoscaler.Max = false, 30
	s.World.Autoscaler.Min = 6
	s.Space = space(t, &s.Base, "min=1..6,target.cpu=40..60/5,max=20..30/5")
	r := s.Run(context.Background())
	c := r.Choice.Candidate
	if c == nil || c[2] != tune.Kept {
		t.Fatalf("%+v", r.Choice)
	}
	for i := range 2 {
		if c[i] == tune.Kept {
			continue
		}
		step := -1 // towards today's
		if i == 0 {
			step = 1
		}
		if next := int(c[i]) + step; next >= 0 && next < len(s.Space.Params[i].Values) {
			other := slices.Clone(c)
			other[i] = uint16(next)
			w, _ := s.Space.World(&s.Base, other)
			score := w.Run(nil)
			if x, _ := s.X.Of(&score); x <= r.Choice.X {
				t.Errorf("%s: %v nearer to today's, %v chosen", s.Space.Params[i].Name, x, r.Choice.X)
			}
		}
	}
}
