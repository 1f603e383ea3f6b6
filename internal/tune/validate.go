package tune

import (
	"context"
	"slices"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// Validation is how settings fared on days that they were not tuned on.
type Validation struct {
	// Refused says why there is none.
	Refused string
	Folds   []Fold
	// X and Y are the held-out days of all folds, each day once.
	X, Y Paired
	// Cost is the relative difference in X, Extra the difference in Y a day, with
	// intervals; both only where two days were held out.
	Cost, Extra Interval
	Known       bool
	Strata      Strata
}

// Fold is one division of the recording into earlier and later days.
type Fold struct {
	// Train is how long the settings were tuned on, in days, Test the days that
	// they were scored on.
	Train int
	Test  []Day
	// Pick is what was chosen on the earlier days, its Candidate nil for today's
	// autoscaler. Trained and Tested are what it and today's came to on the
	// earlier and the later days.
	Pick            Choice
	Trained, Tested Pair
}

// Pair is what today's autoscaler and another one came to.
type Pair struct {
	TodayX, TodayY, PickX, PickY float64
}

// divide divides days into earlier and later ones: where there are two weeks, in
// whole weeks, at most four times, half of them or more to tune on; else once,
// in halves.
func divide(days []Day) (folds [][2]int) {
	n := len(days)
	if n < 14 {
		return [][2]int{{(n + 1) / 2, n}}
	}
	weeks := n / 7
	first := (weeks + 1) / 2
	blocks := min(weeks-first, 4)
	for i := range blocks {
		from, to := first+(weeks-first)*i/blocks, first+(weeks-first)*(i+1)/blocks
		end := 7 * to
		if i == blocks-1 {
			end = n
		}
		folds = append(folds, [2]int{7 * from, end})
	}
	return folds
}

// validate tunes on earlier days and scores on later ones.
func (s *Study) validate(ctx context.Context) Validation {
	p := &s.Problem
	days := p.days(p.Base.World.Duration)
	if len(days) < 2 {
		return Validation{Refused: "there are fewer than two whole days, so no later day is left to score on"}
	}
	var v Validation
	folds := divide(days)
	for i, f := range folds {
		fold := s.fold(ctx, days, f, "fold "+number(i+1)+" of "+number(len(folds)))
		if ctx.Err() != nil {
			return Validation{Refused: "it was interrupted"}
		}
		x, y := p.daily(p.Base.World, s.world(&fold.Pick), fold.Test)
		fold.Tested = pair(&x, &y)
		join(&v.X, &x)
		join(&v.Y, &y)
		v.Folds = append(v.Folds, fold)
	}
	if len(v.X.Days) > 1 {
		v.Cost, v.Extra, v.Known = v.X.Ratio(s.Options.Seed), v.Y.Mean(s.Options.Seed), true
		_, v.Strata = stratify(v.X.Days)
	}
	return v
}

// fold tunes on the days before one of them.
func (s *Study) fold(ctx context.Context, days []Day, f [2]int, stage string) Fold {
	train := s.Problem
	w := *train.Base.World
	w.Duration = days[f[0]].From
	w.Faults = before(w.Faults, w.Duration)
	train.Base.World, train.Budgets = &w, prorated(s.Budgets, float64(w.Duration)/float64(s.Base.World.Duration))
	today := train.run(w.Autoscaler, w.Pods.Initial)
	s.begin(stage)
	found := train.Search(ctx, s.Options)
	choice := s.choose(ctx, &train, found, &today, s.Rough)
	if choice.Verdict == NothingKeeps {
		choice.Point = today // a setting that breaks a budget is no recommendation
	}
	return Fold{
		Train: f[0], Test: days[f[0]:f[1]], Pick: choice,
		Trained: Pair{TodayX: today.X, TodayY: today.Y, PickX: choice.X, PickY: choice.Y},
	}
}

// prorated are budgets for a part of the time: a limit on a sum allows that part
// of it.
func prorated(list []sim.Budget, share float64) []sim.Budget {
	out := slices.Clone(list)
	for i := range out {
		if out[i].Term.Grows && out[i].Term.Name != "spikeSeconds" {
			out[i].Limit *= share
		}
	}
	return out
}

// before are the faults that happen before an end.
func before(faults []sim.Fault, end time.Duration) []sim.Fault {
	n := 0
	for n < len(faults) && faults[n].At < end {
		n++
	}
	return faults[:n:n]
}

// world is the whole world with a choice in it.
func (s *Study) world(c *Choice) *sim.World {
	if c.Candidate == nil {
		return s.Base.World
	}
	w, _ := s.Space.World(&s.Base, c.Candidate)
	return &w
}

func pair(x, y *Paired) (p Pair) {
	p.TodayX, p.PickX = x.totals()
	p.TodayY, p.PickY = y.totals()
	return p
}

// join adds days behind others.
func join(all, more *Paired) {
	all.Days = append(all.Days, more.Days...)
	all.Today = append(all.Today, more.Today...)
	all.Pick = append(all.Pick, more.Pick...)
}
