package sim

import "time"

// Write is a write of the scale.
type Write struct {
	At       time.Duration
	From, To int32
}

// RunAhead is Run(nil), or the same step by step, with its writes and how many
// syncs it skipped.
func (w *World) RunAhead(skip bool) (s Score, writes []Write, skipped int64) {
	r := newRun(w, true)
	if skip {
		r.ahead = newAhead(r.w, r)
	}
	r.ahead.wrote = func(at time.Duration, from, to int32) { writes = append(writes, Write{at, from, to}) }
	r.loop(nil)
	return r.score, writes, r.ahead.skipped
}

// Sprint is RunAhead of a world whose pods do nothing but start; ok is false where it
// is none.
func (p *Prepared) Sprint(w *World) (s Score, writes []Write, skipped int64, ok bool) {
	sprint := p.sprint(w)
	if sprint == nil {
		return Score{}, nil, 0, false
	}
	r := sprint.r
	r.ahead.wrote = func(at time.Duration, from, to int32) { writes = append(writes, Write{at, from, to}) }
	ok = sprint.run()
	return r.score, writes, r.ahead.skipped, ok
}
