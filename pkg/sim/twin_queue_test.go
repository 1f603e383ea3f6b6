package sim_test

import (
	"math/big"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// twinWork is one demand's work in the twin: a fluid followed from one turn to
// the next in rational time, in the demand's unit × milliseconds.
type twinWork struct {
	d                             *sim.Demand
	queued, arrived, served, shed *big.Rat
	exceeded, waiting             time.Duration
	first                         time.Duration
}

func newTwinWork(d *sim.Demand) *twinWork {
	k := &twinWork{d: d, queued: new(big.Rat), arrived: new(big.Rat), served: new(big.Rat), shed: new(big.Rat), first: -1}
	if d.Role == sim.RoleBacklog {
		k.queued.SetInt64(d.Initial)
		k.queued.Mul(k.queued, rat(1000))
		k.arrived.Set(k.queued)
	}
	return k
}

func rat(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

// capable is what the serving pods can do, pod by pod; nil if that is unlimited.
func (t *twin) capable(d *sim.Demand) *big.Rat {
	sum := new(big.Rat)
	for _, p := range t.pods {
		if !p.serving() {
			continue
		}
		if d.Capacity == 0 {
			return nil
		}
		sum.Add(sum, rat(t.carries(d)))
	}
	return sum
}

// room is how much may wait; nil if that is unlimited.
func (t *twin) room(d *sim.Demand) *big.Rat {
	if d.Role == sim.RoleBacklog {
		return nil
	}
	c := t.capable(d)
	if c == nil {
		return new(big.Rat)
	}
	return c.Mul(c, rat(int64(d.Wait/time.Millisecond)))
}

// spill sheds what does not fit any more, of every demand that is known now.
func (t *twin) spill(now time.Duration) {
	for _, k := range t.work {
		_, known := t.value(k.d, now)
		room := t.room(k.d)
		if known && room != nil && k.queued.Cmp(room) > 0 {
			k.shed.Add(k.shed, new(big.Rat).Sub(k.queued, room))
			k.queued.Set(room)
		}
	}
}

// doing is what the pods do of a demand right now.
func (t *twin) doing(k *twinWork, now time.Duration) *big.Rat {
	v, _ := t.value(k.d, now)
	arriving, capable := rat(v), t.capable(k.d)
	if capable == nil || k.queued.Sign() == 0 && arriving.Cmp(capable) <= 0 {
		return arriving
	}
	return capable
}

// flowOn lets work arrive, wait and be done from one instant to the next,
// between which pods and steps stay as they are.
func (t *twin) flowOn(from, to time.Duration) {
	for _, k := range t.work {
		begin, end := from.Milliseconds(), to.Milliseconds()
		for at := rat(begin); at.Cmp(rat(end)) < 0; {
			at = t.turn(k, from, at, end)
		}
	}
	if to >= t.w.Duration && t.score.Flows == nil {
		t.settleFlows()
	}
}

// turn goes to where the work next behaves otherwise, or to the end.
func (t *twin) turn(k *twinWork, now time.Duration, at *big.Rat, end int64) *big.Rat {
	v, known := t.value(k.d, now)
	arriving, doing, room := rat(v), t.doing(k, now), t.room(k.d)
	if !known {
		arriving, doing = new(big.Rat), new(big.Rat)
	}
	growing := new(big.Rat).Sub(arriving, doing)
	shedding := new(big.Rat)
	length := new(big.Rat).Sub(rat(end), at)
	if growing.Sign() > 0 && room != nil {
		left := new(big.Rat).Sub(room, k.queued)
		if left.Sign() == 0 {
			growing, shedding = shedding, growing
		} else if full := left.Quo(left, growing); full.Cmp(length) < 0 {
			length = full
		}
	}
	if growing.Sign() < 0 {
		empty := new(big.Rat).Quo(k.queued, new(big.Rat).Neg(growing))
		if empty.Cmp(length) < 0 {
			length = empty
		}
	}
	waiting := k.queued.Sign() > 0 || growing.Sign() > 0
	if known && arriving.Cmp(doing) > 0 {
		k.exceeded += time.Duration(millisTouched(at, length)) * time.Millisecond
	} else if c := t.capable(k.d); known && c != nil && arriving.Cmp(c) > 0 {
		panic("more arrives than the pods can do, and they do it")
	}
	if waiting {
		k.waiting += time.Duration(millisTouched(at, length)) * time.Millisecond
	}
	if (waiting && k.queued.Sign() > 0 || known && arriving.Cmp(doing) > 0) && k.first < 0 {
		k.first = time.Duration(floorOf(at)) * time.Millisecond
	}
	for _, change := range []struct{ of, by *big.Rat }{{k.arrived, arriving}, {k.served, doing}, {k.shed, shedding}, {k.queued, growing}} {
		change.of.Add(change.of, new(big.Rat).Mul(change.by, length))
	}
	return new(big.Rat).Add(at, length)
}

// millisTouched is how many whole milliseconds that were not begun before at
// begin in the length after it.
func millisTouched(at, length *big.Rat) int64 {
	return ceilOf(new(big.Rat).Add(at, length)) - ceilOf(at)
}

func floorOf(r *big.Rat) int64 { return new(big.Int).Div(r.Num(), r.Denom()).Int64() }

func ceilOf(r *big.Rat) int64 { return -floorOf(new(big.Rat).Neg(r)) }

// settleFlows writes down what became of all work.
func (t *twin) settleFlows() {
	t.score.Flows = make([]sim.Flow, len(t.w.Demand))
	for i, k := range t.work {
		t.score.Flows[i] = sim.Flow{
			Queues:  true,
			Arrived: amountOf(k.arrived), Served: amountOf(k.served), Shed: amountOf(k.shed), Queued: amountOf(k.queued),
			Exceeded: k.exceeded, Waiting: k.waiting, First: k.first,
		}
	}
}

// amountOf is a whole number of unit × milliseconds.
func amountOf(r *big.Rat) sim.Amount {
	if !r.IsInt() {
		panic("an amount of work is not whole: " + r.String())
	}
	lo := new(big.Int).And(r.Num(), new(big.Int).SetUint64(1<<64-1))
	return sim.Amount{Hi: new(big.Int).Rsh(r.Num(), 64).Uint64(), Lo: lo.Uint64()}
}
