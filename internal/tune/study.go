package tune

import (
	"context"
	"math"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// Study is a search and everything that says how sure its result is.
type Study struct {
	Problem
	Options Options
	// Rough says that what is recommended has to stand bad weather.
	Rough bool
	// Validate says that it is tuned on earlier days and scored on later ones.
	Validate bool
	// Other is today's world at the other end of what is not known of the load; nil
	// where all is known.
	Other *sim.World
	// Error is how far the replay of today's autoscaler is from the recorded
	// replica-hours, as a ratio; HasError says that this is known.
	Error    float64
	HasError bool
	// Stage is told when a part that takes long begins; may be nil.
	Stage func(what string)
}

// Report is what a study came to.
type Report struct {
	Study *Study
	// Today is today's autoscaler.
	Today Point
	*Found
	Choice Choice
	// Days is how many whole days there are; Cost is the relative difference in X
	// over them, and HasCost says that there are two at least. They are the days
	// that the choice was tuned on.
	Days    int
	Cost    Interval
	HasCost bool
	Changes []Change
	Steps   []Step
	Rivals  []Rival
	// Foresight is the lower bound for as much Y as Choice.Limit, as a point.
	Foresight     Foresight
	ForesightX    float64
	HasForesightX bool
	Validation    Validation
	// Ends is the choice at the other end of what is not known.
	Ends Ends
}

// Ends is what today's autoscaler and the choice come to at the other end of what is
// not known of the load.
type Ends struct {
	// Known says that there is another end, and a choice. Holds says that the choice is
	// better there, too: it keeps the budgets, has no more of Y than is allowed, and
	// less of X.
	Known, Holds bool
	Today, Pick  Point
}

// ends looks at the other end.
func (s *Study) ends(c *Choice) (e Ends) {
	if s.Other == nil || c.Candidate == nil || c.Verdict != Better {
		return e
	}
	other := s.Problem
	other.Base.World = s.Other
	e.Known = true
	e.Today = other.run(s.Other.Autoscaler, s.Other.Pods.Initial)
	w, wrong := other.Space.World(&other.Base, c.Candidate)
	score := w.Run(nil)
	e.Pick = other.judge(&score, c.Candidate)
	limit, budget := other.limit(&e.Today)
	if budget {
		limit = math.Max(limit, e.Today.Y)
	}
	cheaper := e.Pick.X < e.Today.X || e.Today.Miss > 0
	e.Holds = wrong == "" && e.Pick.Miss == 0 && e.Pick.Y <= limit && cheaper
	return e
}

func (s *Study) begin(what string) {
	if s.Stage != nil {
		s.Stage(what)
	}
}

// Run searches, chooses and validates. Where ctx is done early, what was found
// until then is reported, without what would have come after.
func (s *Study) Run(ctx context.Context) *Report {
	r := &Report{Study: s}
	s.begin("search")
	r.Today = s.run(s.Base.World.Autoscaler, s.Base.World.Pods.Initial)
	r.Found = s.Search(ctx, s.Options)
	r.Choice = s.choose(ctx, &s.Problem, r.Found, &r.Today, s.Rough && !r.Interrupted)
	if ctx.Err() != nil {
		// Bad weather was not looked at, or not to its end.
		r.Interrupted = true
		r.Choice = s.choose(ctx, &s.Problem, r.Found, &r.Today, false)
		r.Validation.Refused = "the search was interrupted"
		return r
	}
	s.begin("comparison")
	r.Rivals = s.rivals(r.Choice.Limit)
	s.foresee(r)
	if c := r.Choice.Candidate; c != nil {
		s.explain(r, c)
		r.Ends = s.ends(&r.Choice)
	}
	if !s.Validate {
		r.Validation.Refused = "it was not asked for"
		return r
	}
	r.Validation = s.validate(ctx)
	r.Interrupted = ctx.Err() != nil
	return r
}

// explain says what the choice's changes are worth, and what lies beside it.
func (s *Study) explain(r *Report, c Candidate) {
	seed := s.Options.Seed
	w, _ := s.Space.World(&s.Base, c)
	days := s.days(w.Duration)
	if r.Days = len(days); r.Days > 1 {
		x, _ := s.daily(s.Base.World, &w, days)
		r.Cost, r.HasCost = x.Ratio(seed), true
	}
	r.Changes = s.changes(c, seed)
	r.Steps = s.steps(c)
}

// foresee finds the lower bound, where the objectives are what it speaks of.
func (s *Study) foresee(r *Report) {
	switch {
	case s.Y.Name != "saturatedMinutes":
		r.Foresight.Why = "it is one for saturated minutes"
		return
	case s.X.Name != "replicaHours" && s.X.Name != "cost":
		r.Foresight.Why = "it is one of replica-hours"
		return
	}
	for i := range s.Space.Params {
		if s.Space.Params[i].Kind == KindRequest {
			r.Foresight.Why = "candidates differ in what a pod costs"
			return
		}
	}
	r.Foresight = foresee(s.Base.World, time.Duration(math.Ceil(r.Choice.Limit*60_000))*time.Millisecond)
	least := zeroScore(r.Foresight.PodMillis, s.Base.World.PodHourPrice)
	r.ForesightX, _ = s.X.Of(&least)
	r.HasForesightX = r.Foresight.Known
}
