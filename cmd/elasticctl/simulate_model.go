package main

import (
	"io"

	render "github.com/elasticctl/elasticctl/internal/report"
	"github.com/elasticctl/elasticctl/internal/scenario"
)

// overrides reads the flags that put numbers into the load model, and what is said
// of latency.
func (f *simulateFlags) overrides(r *scenario.Request) error {
	if err := f.latencies(r); err != nil {
		return err
	}
	for _, text := range f.roles {
		role, err := scenario.ParseRole(text)
		if err != nil {
			return usagef("--role %w", err)
		}
		r.Roles = append(r.Roles, role)
	}
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
		list = append(list, &render.Replay{Name: r.Name, Models: models(r), World: &r.World})
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

// latencies reads what is asked of latency, and what is known of it by hand.
func (f *simulateFlags) latencies(r *scenario.Request) error {
	if f.imbalance != 0 && !(f.imbalance >= 1 && f.imbalance <= 1000) {
		return usagef("--imbalance %v: write the busiest pod's share over the mean, 1 to 1000", f.imbalance)
	}
	r.Imbalance = f.imbalance
	var err error
	if f.slo != "" {
		if r.SLO, err = scenario.ParseSLO(f.slo); err != nil {
			return usagef("--slo: %w", err)
		}
	}
	if f.latency != "" {
		if r.Latency, err = scenario.ParseLatency(f.latency); err != nil {
			return usagef("--latency: %w", err)
		}
	}
	return nil
}
