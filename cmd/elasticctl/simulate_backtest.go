package main

import (
	render "github.com/elasticctl/elasticctl/internal/report"
	"github.com/elasticctl/elasticctl/internal/scenario"
)

// backtest holds the autoscaler that was in force against what was recorded.
func backtest(b *scenario.Backtest) *render.Backtest {
	if b == nil {
		return nil
	}
	return &render.Backtest{Backtest: b.World.Backtest(&b.Recorded), From: b.From, Notes: b.Notes}
}
