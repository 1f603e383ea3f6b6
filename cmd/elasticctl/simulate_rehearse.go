package main

import (
	"io"

	render "github.com/elasticctl/elasticctl/internal/report"
	"github.com/elasticctl/elasticctl/internal/scenario"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// rehearsals shows what the standard rehearsals make of each replay. Budgets
// that the replays as they are break are findings; a rehearsal's are shown.
func (o simulateOptions) rehearsals(std streams, replays []*scenario.Replay, p *progress) error {
	options := render.Options{Width: terminalWidth(std.out), Colour: useColor(o.color, std.out)}
	var bases []*render.Replay
	for i, r := range replays {
		visit := p.replaying(i, len(replays), r.World.Duration, func(*sim.Tick) bool { return true })
		base := replay(r, visit)
		list := rehearse(r)
		p.erase()
		if i > 0 {
			if _, err := io.WriteString(std.out, "\n"); err != nil {
				return err
			}
		}
		if err := render.Rehearsals(std.out, base, list, options); err != nil {
			return err
		}
		bases = append(bases, base)
	}
	return o.judge(bases)
}

// rehearse runs the standard rehearsals of a replay.
func rehearse(r *scenario.Replay) []render.Rehearsed {
	var list []render.Rehearsed
	for _, one := range r.World.Rehearsals() {
		changed := *r
		changed.Name, changed.World = one.Name, one.World
		ran := replay(&changed, func(*sim.Tick) bool { return true })
		list = append(list, render.Rehearsed{At: one.At, For: one.For, Replay: ran})
	}
	return list
}
