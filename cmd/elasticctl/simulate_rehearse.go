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
		base, list := rehearse(r, i, len(replays), p)
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

// rehearse runs replay i of n as it is, and with each of the standard rehearsals.
func rehearse(r *scenario.Replay, i, n int, p *progress) (base *render.Replay, list []render.Rehearsed) {
	all := r.World.Rehearsals()
	each, done := len(all)+1, 0
	run := func(r *scenario.Replay) *render.Replay {
		visit := p.replaying(i*each+done, n*each, r.World.Duration, func(*sim.Tick) bool { return true })
		done++
		return replay(r, visit)
	}
	base = run(r)
	for _, one := range all {
		changed := *r
		changed.Name, changed.World = one.Name, one.World
		list = append(list, render.Rehearsed{At: one.At, For: one.For, Replay: run(&changed)})
	}
	return base, list
}
