package main

import (
	"io"
	"time"

	render "github.com/elasticctl/elasticctl/internal/report"
	"github.com/elasticctl/elasticctl/internal/scenario"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// rehearsals shows what the standard rehearsals make of each replay. Budgets
// that the replays as they are break are findings; a rehearsal's are shown.
func (o simulateOptions) rehearsals(std streams, replays []*scenario.Replay, p *progress) error {
	if o.output == "csv" {
		if err := writeNotes(std.err, replays); err != nil {
			return err
		}
	}
	c := newCourse(p, replays, false)
	c.all *= len(replays[0].World.Rehearsals()) + 1
	var list []render.Rehearsal
	var bases []*render.Replay
	for _, r := range replays {
		one := c.rehearse(r)
		list, bases = append(list, one), append(bases, one.Base)
	}
	p.erase()
	if err := o.writeRehearsals(std.out, list); err != nil {
		return err
	}
	return o.judge(bases)
}

// writeRehearsals writes rehearsals in the format asked for.
func (o simulateOptions) writeRehearsals(w io.Writer, list []render.Rehearsal) error {
	switch o.output {
	case "json":
		return render.RehearsalsJSON(w, list)
	case "csv":
		return render.RehearsalsCSV(w, list)
	}
	options := render.Options{Width: terminalWidth(w), Colour: useColor(o.color, w)}
	for i := range list {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if err := render.Rehearsals(w, &list[i], options); err != nil {
			return err
		}
	}
	return nil
}

// rehearse runs a replay as it is, and with each of the standard rehearsals, at
// both ends of what is not known.
func (c *course) rehearse(r *scenario.Replay) render.Rehearsal {
	out := render.Rehearsal{Base: c.replay(r, unseen)}
	for _, one := range r.World.Rehearsals() {
		changed := *r
		changed.Name, changed.World = one.Name, one.World
		if r.Other != nil {
			other := r.Other.With(one.Faults...)
			changed.Other = &other
		}
		h := render.Rehearsed{At: one.At, For: one.For, Replay: c.replay(&changed, unseen)}
		if one.Faults[0].Kind == sim.FaultRollout {
			h.For = max(time.Second, h.Score.Rolling-out.Base.Score.Rolling)
		}
		out.List = append(out.List, h)
	}
	return out
}
