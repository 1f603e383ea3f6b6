package main

import (
	"time"

	render "github.com/elasticctl/elasticctl/internal/report"
	"github.com/elasticctl/elasticctl/internal/scenario"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// course runs replays one after the other, and shows how far all have come.
type course struct {
	p *progress
	// done of all runs are over.
	done, all int
}

// newCourse is a course of some replays, at both ends of what is not known, and
// of their backtests if these are to follow.
func newCourse(p *progress, replays []*scenario.Replay, backtests bool) *course {
	c := &course{p: p}
	for _, r := range replays {
		ends := 1
		if r.Other != nil {
			ends = 2
		}
		c.all += ends
		if backtests && r.Backtest != nil {
			c.all += 2 * ends
		}
	}
	return c
}

// unseen is a visitor that looks at nothing.
func unseen(*sim.Tick) bool { return true }

// run counts one run of a world.
func (c *course) run(w *sim.World, visit func(*sim.Tick) bool) func(*sim.Tick) bool {
	c.done++
	return c.p.replaying(c.done-1, c.all, w.Duration, visit)
}

// replay runs one replay, at the other end of what is not known as well, and shows
// the ticks of the first to visit.
func (c *course) replay(r *scenario.Replay, visit func(*sim.Tick) bool) *render.Replay {
	out := result(r, c.run(&r.World, visit))
	if r.Other != nil {
		other := *r
		other.World, other.Other, other.Models, other.Backtest = *r.Other, nil, nil, nil
		out.Other = result(&other, c.run(r.Other, unseen))
	}
	holdAtBothEnds(out)
	return out
}

// result runs one world of a replay.
func result(r *scenario.Replay, visit func(*sim.Tick) bool) *render.Replay {
	var trace sim.Trace
	score, lag := r.World.RunLag(func(t *sim.Tick) bool {
		trace.Add(t)
		return visit(t)
	})
	return &render.Replay{
		Name: r.Name, OpenLoop: r.OpenLoop, Start: r.Start, Notes: r.Notes, World: &r.World,
		Score: score, Lag: lag, Trace: &trace, Recorded: r.Recorded, Coarse: r.Coarse, Understated: r.Understated,
		Uncalibrated: r.Uncalibrated, LatencyByHand: r.LatencyByHand,
		Models:     models(r),
		Difference: sim.Compare(trace.Replicas, r.Recorded, score.Duration),
		Verdicts:   r.World.Judge(&score, r.Budgets),
	}
}

// backtest holds the autoscaler that was in force against what was recorded, at
// both ends of what is not known.
func (c *course) backtest(r *render.Replay, b *scenario.Backtest) {
	if b == nil {
		return
	}
	r.Backtest = c.held(b, &b.World)
	if r.Other != nil && b.Other != nil {
		r.Other.Backtest = c.held(b, b.Other)
	}
}

// held is one backtest, of two runs.
func (c *course) held(b *scenario.Backtest, w *sim.World) *render.Backtest {
	visit := c.run(w, unseen)
	first, at := true, time.Duration(-1)
	got := w.BacktestVisited(&b.Recorded, func(t *sim.Tick) {
		if first && t.At < at {
			first, visit = false, c.run(w, unseen)
		}
		at = t.At
		visit(t)
	})
	if first {
		c.done++
	}
	return &render.Backtest{Backtest: got, From: b.From, Notes: b.Notes}
}

// holdAtBothEnds lets a budget that is broken at the other end count as broken.
func holdAtBothEnds(r *render.Replay) {
	if r.Other == nil {
		return
	}
	for i := range r.Verdicts {
		if other := &r.Other.Verdicts[i]; r.Verdicts[i].Kept && !other.Kept {
			r.Verdicts[i] = *other
		}
	}
}
