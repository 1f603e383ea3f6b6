package main

import (
	"io"
	"strings"
	"time"

	render "github.com/elasticctl/elasticctl/internal/report"
	"github.com/elasticctl/elasticctl/internal/scenario"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// moment is a time within a replay, as --explain gives it: on the wall clock,
// or from the start.
type moment struct {
	text   string
	clock  time.Time
	offset time.Duration
}

// parseMoment reads RFC 3339, also without seconds or zone (which is UTC then),
// or a length of time.
func parseMoment(text string) (moment, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return moment{text: text, clock: t.UTC()}, nil
		}
	}
	d, err := scenario.ParseDuration(strings.TrimPrefix(text, "+"))
	if err != nil {
		return moment{}, usagef("--explain %q: write a time such as 2026-11-20T14:32, which is UTC, or one from the start such as 2h14m", text)
	}
	return moment{text: text, offset: d}, nil
}

// within is the moment as a time from the start of a replay.
func (m moment) within(r *scenario.Replay) (time.Duration, error) {
	at := m.offset
	if !m.clock.IsZero() {
		if r.Start.IsZero() {
			return 0, usagef("--explain %s: %s has no wall clock; write a time from its start, such as 2h14m", m.text, r.Name)
		}
		at = m.clock.Sub(r.Start)
	}
	if at >= 0 && at < r.World.Duration {
		return at, nil
	}
	from, to := "0s", r.World.Duration.String()
	if !m.clock.IsZero() {
		from, to = r.Start.UTC().Format(time.RFC3339), r.Start.Add(r.World.Duration).UTC().Format(time.RFC3339)
	}
	return 0, usagef("--explain %s: %s is replayed from %s to just before %s", m.text, r.Name, from, to)
}

// explain shows, for each replay, the last sync that started at or before the
// moment.
func explain(w io.Writer, replays []*scenario.Replay, m moment, p *progress) error {
	var b strings.Builder
	for i, r := range replays {
		at, err := m.within(r)
		if err != nil {
			return err
		}
		syncs := 0
		var first time.Duration
		r.World.Run(p.replaying(2*i, 2*len(replays), at, func(t *sim.Tick) bool {
			if syncs == 0 {
				first = t.T
			}
			if t.T > at {
				return false
			}
			syncs++
			return true
		}))
		if syncs == 0 {
			return usagef("--explain %s: the first sync of %s is %s after its start", m.text, r.Name, first)
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		r.World.Run(p.replaying(2*i+1, 2*len(replays), at, func(t *sim.Tick) bool {
			if syncs--; syncs == 0 {
				err = render.Explain(&b, render.Label(r.Name, r.OpenLoop), r.Start, t)
			}
			return syncs > 0
		}))
		if err != nil {
			return err
		}
	}
	p.erase()
	_, err := io.WriteString(w, b.String())
	return err
}
