package main

import (
	"io"

	render "github.com/elasticctl/elasticctl/internal/report"
	"github.com/elasticctl/elasticctl/internal/scenario"
)

// overrides reads the flags that put numbers into the load model.
func (f *simulateFlags) overrides(r *scenario.Request) error {
	for _, flag := range []struct {
		name string
		text []string
		into *[]scenario.Override
	}{{"--idle", f.idle, &r.Idle}, {"--cost", f.cost, &r.Cost}, {"--capacity", f.capacity, &r.Capacity}} {
		for _, text := range flag.text {
			o, err := scenario.ParseOverride(text)
			if err != nil {
				return usagef("%s: %w", flag.name, err)
			}
			*flag.into = append(*flag.into, o)
		}
	}
	return nil
}

// showModels writes what was learned of the demands of replays.
func showModels(w io.Writer, replays []*scenario.Replay, o render.Options) error {
	var list []*render.Replay
	for _, r := range replays {
		list = append(list, &render.Replay{Name: r.Name, Models: models(r)})
	}
	return render.Models(w, list, o)
}

// models are what was learned of a replay's demands.
func models(r *scenario.Replay) []render.Model {
	var list []render.Model
	for _, m := range r.Models {
		list = append(list, render.Model{Demand: m.Demand, Model: m.Model})
	}
	return list
}

// otherEnd runs a replay at the other end of what is not known of its demands.
func otherEnd(r *scenario.Replay) *render.Replay {
	if r.Other == nil {
		return nil
	}
	other := *r
	other.World, other.Other, other.Models, other.Backtest = *r.Other, nil, nil, nil
	return replay(&other, nil)
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
