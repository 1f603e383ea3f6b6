package sim

import (
	"math/bits"
	"time"
)

// Thousand is the factor 1 in Fault.Factor, which counts thousandths; MaxFactor
// is the greatest, 1000.
const (
	Thousand  = 1000
	MaxFactor = 1000 * Thousand
)

// times is a value times a factor in thousandths, rounded toward zero. The result
// must fit an int64.
func times(value, thousandths int64) int64 {
	if thousandths == Thousand {
		return value
	}
	negative := value < 0
	if negative {
		value = -value
	}
	hi, lo := bits.Mul64(uint64(value), uint64(thousandths))
	q, _ := bits.Div64(hi, lo, Thousand)
	if negative {
		return -int64(q)
	}
	return int64(q)
}

// grows says whether a traffic factor makes this demand another.
func (d *Demand) grows() bool { return d.Role == RoleLoad || d.Role == RoleBacklog }

// traffic is the factor that holds for the load, of the fault source.
type traffic struct {
	factor int64
	source int
}

// turn begins or ends a traffic factor. A later one replaces it, so its end is
// none.
func (t *traffic) turn(w *World, e edge) (turned bool) {
	switch {
	case !e.end:
		t.factor, t.source = w.Faults[e.fault].Factor, e.fault
	case t.source != e.fault:
		return false
	default:
		t.factor = Thousand
	}
	return true
}

// drives begins or ends a traffic factor on the world.
func (r *run) drives(e edge, now time.Duration) {
	if r.traffic.turn(r.w, e) {
		r.queues.drive(now, r.traffic.factor)
	}
}

// drive makes a factor hold from now on.
func (s *queues) drive(now time.Duration, factor int64) {
	s.advance(now)
	for i := range s.list {
		if q := &s.list[i]; q.d.grows() {
			q.factor = factor
			q.value = times(q.d.Values[q.index], factor)
		}
	}
}

// Traffic is the traffic factor over time, in thousandths: each holds from its T
// until the next. It begins at 0.
func (w *World) Traffic() []Point {
	var t timeline
	t.plan(w.Faults)
	now := traffic{factor: Thousand}
	line := []Point{{N: Thousand}}
	for _, e := range t.edges {
		if w.Faults[e.fault].Kind == FaultTraffic && now.turn(w, e) {
			line = extend(line, e.at, int32(now.factor))
		}
	}
	return line
}

// peak is the greatest traffic factor of a world, at least 1, in thousandths.
func (w *World) peak() int64 {
	most := int64(Thousand)
	for i := range w.Faults {
		if w.Faults[i].Kind == FaultTraffic {
			most = max(most, w.Faults[i].Factor)
		}
	}
	return most
}
