package sim

import (
	"math"
	"time"
)

// stride scores as many whole steps from an instant on as it can at once, until to
// at most, and returns until when it did, also in milliseconds. Where the pods that
// serve are those of before and traffic is as recorded, all but spikes is linear in
// time, and spikes depend on the only demand with a capacity.
func (m *meter) stride(from, to time.Duration, millis int64) (time.Duration, int64) {
	limited := m.strides(to)
	if limited < 0 {
		return from, millis
	}
	past := to
	if limited < len(m.gauges) {
		g := &m.gauges[limited]
		d := g.demand
		// The last step has no end; it is held like any other.
		last := d.index(to)
		if d.Null != nil {
			last = known(d.Null, g.step, last)
		}
		if g.step >= last || time.Duration(g.step)*d.Step != from {
			return from, millis
		}
		past = m.pastSpikes(g, last)
	}
	passed := past.Milliseconds() - millis
	cpu := false
	for i := range m.gauges {
		g := &m.gauges[i]
		g.stretch.millis += passed
		cpu = cpu || g.cpu
		if g.own > 0 {
			m.own = m.own.Plus(work(g.own, m.level.serving*passed))
		}
		if g.until <= past {
			g.step = g.demand.index(past) - 1
			g.next()
		}
	}
	if cpu {
		m.cpu.millis += passed
	}
	return past, millis + passed
}

// strides is the gauge on which spikes depend, len(m.gauges) where none does;
// below 0 where the time until to must be scored step by step.
func (m *meter) strides(to time.Duration) int {
	limited := len(m.gauges)
	if m.fresh || m.level.factor != Thousand {
		return -1
	}
	for i := range m.gauges {
		g := &m.gauges[i]
		switch {
		case g.cpu && g.demand.Role == RolePerPod, g.demand.Null != nil && !g.limited:
			return -1
		case !g.limited:
		case limited < len(m.gauges) || g.until > to-g.demand.Step:
			return -1
		default:
			limited = i
		}
	}
	return limited
}

// pastSpikes is hold of spikes for the steps of a gauge until one, where its ceiling
// is that of before and no other demand is limited. It returns when they end.
func (m *meter) pastSpikes(g *gauge, last int) time.Duration {
	k, d, table := &m.spike, g.demand, m.queues.list[g.index].table
	hold := func(over bool, first, past int) {
		if first < past {
			k.hold(m.score, shortage{short: over, risen: over, still: over}, time.Duration(first)*d.Step, time.Duration(past)*d.Step)
		}
	}
	for i := g.step; i < last; {
		from := i
		i = table.within(d.Values, i, last, math.MinInt64, g.ceiling)
		hold(false, from, i)
		from = i
		for i < last && d.Values[i] > g.ceiling {
			i++
		}
		hold(true, from, i)
	}
	return time.Duration(last) * d.Step
}
