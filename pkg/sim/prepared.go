package sim

import "slices"

// Prepared is demand made ready for many runs: what of a replay depends on the
// demand alone is found out once, and shared. It is never changed, so runs may
// use it at the same time.
type Prepared struct {
	tables []table
	// times are those of each response, nil of other demands.
	times []taken
}

// Prepare looks at the demand of w, which must be one that Validate accepts.
// Its cost and its size are proportional to the number of values.
func (w *World) Prepare() *Prepared {
	p := &Prepared{tables: make([]table, len(w.Demand)), times: make([]taken, len(w.Demand))}
	for i := range w.Demand {
		p.tables[i] = newTable(w.Demand[i].Values)
		p.times[i] = w.timesOf(&w.Demand[i])
	}
	return p
}

// Run is w.Run(nil), faster. Everything may differ between the worlds that run
// on one Prepared: the autoscaler (targets, bounds, behavior, tolerances,
// metrics), the pods and what they request, the pipeline, faults, prices. A demand
// profits whose Values are the very slice that was prepared at its place; any
// other is replayed as Run would.
//
// The usual way is a copy of the world that was prepared, with another
// autoscaler:
//
//	candidate := world
//	candidate.Autoscaler = spec
//	score := prepared.Run(&candidate)
func (p *Prepared) Run(w *World) Score {
	return p.replay(w).score
}

// Skipped is how many of a world's syncs Run skips, for nothing could change at them,
// and how many there are.
func (p *Prepared) Skipped(w *World) (skipped, syncs int64) {
	r := p.replay(w)
	return r.ahead.skipped, r.score.Syncs
}

// replay is a run that is over.
func (p *Prepared) replay(w *World) *run {
	if s := p.sprint(w); s != nil && s.run() {
		return s.r
	}
	r := p.begin(w)
	r.loop(nil)
	return r
}

// begin sets a run up.
func (p *Prepared) begin(w *World) *run {
	r := newRun(w, true)
	for i := range r.queues.list[:min(len(r.queues.list), len(p.tables))] {
		q := &r.queues.list[i]
		if t := &p.tables[i]; t.of(w.Demand[i].Values) {
			q.table = t
		}
		if t := &p.times[i]; q.response != nil && t.of(q.response) {
			q.response.times = t.nanos
		}
	}
	r.ahead = newAhead(r.w, r)
	return r
}

// table sums up the values of a demand, a block at a time. Its zero value knows
// nothing.
type table struct {
	values []int64
	blocks []block
}

// block is what is known of so many values, and the sum of all before them.
type block struct {
	min, max int64
	before   Amount
}

const (
	// blockSize is a compromise: what a search passes over in a day against what it
	// looks at before and after.
	blockSize = 32
)

func newTable(values []int64) table {
	t := table{values: values, blocks: make([]block, 0, len(values)/blockSize+1)}
	var sum Amount
	for from := 0; from < len(values); from += blockSize {
		b := block{min: values[from], max: values[from], before: sum}
		for _, v := range values[from:min(from+blockSize, len(values))] {
			b.min, b.max, sum = min(b.min, v), max(b.max, v), sum.Plus(Amount{Lo: uint64(max(v, 0))})
		}
		t.blocks = append(t.blocks, b)
	}
	return t
}

// of says whether the table is that of some values.
func (t *table) of(values []int64) bool {
	return len(values) > 0 && len(t.values) == len(values) && &t.values[0] == &values[0]
}

// bounds are the least and the greatest of the values.
func (t *table) bounds(values []int64) (least, most int64) {
	if t == nil {
		return slices.Min(values), slices.Max(values)
	}
	least, most = t.blocks[0].min, t.blocks[0].max
	for _, b := range t.blocks {
		least, most = min(least, b.min), max(most, b.max)
	}
	return least, most
}

// within is the first value from i on, before past, that lies outside lo to hi;
// past if there is none. lo is at most hi.
func (t *table) within(values []int64, i, past int, lo, hi int64) int {
	width := uint64(hi) - uint64(lo)
	for i < past {
		end := past
		if t != nil {
			end = min(past, (i/blockSize+1)*blockSize)
			if b := &t.blocks[i/blockSize]; b.min >= lo && b.max <= hi {
				i = end
				continue
			}
		}
		for i < end && uint64(values[i])-uint64(lo) <= width {
			i++
		}
		if i < end {
			break
		}
	}
	return i
}

// sum adds up the values from first on, before past, of which none is negative.
func (t *table) sum(values []int64, first, past int) Amount {
	if t != nil && past-first > 2*blockSize {
		return t.until(values, past).minus(t.until(values, first))
	}
	var a Amount
	for _, v := range values[first:past] {
		a = a.Plus(Amount{Lo: uint64(v)})
	}
	return a
}

// until adds up the values before one.
func (t *table) until(values []int64, past int) Amount {
	b := past / blockSize
	if b == len(t.blocks) {
		b--
	}
	a := t.blocks[b].before
	for _, v := range values[b*blockSize : past] {
		a = a.Plus(Amount{Lo: uint64(v)})
	}
	return a
}
