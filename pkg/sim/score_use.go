package sim

import (
	"math"
	"math/bits"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// Use is how much was used of what a changing number of pods had to offer. Time
// in which the use is not known counts nowhere.
type Use struct {
	// Each is what one pod offers: its capacity in a demand's unit, or its
	// request in milli-cores. 0 means that it is not known.
	Each int64
	// Used is ∫ used dt, in that unit × milliseconds; PodMillis is ∫ pods dt, in
	// pod-milliseconds.
	Used      Amount
	PodMillis int64
	// Millionths is ∫ used ÷ (Each × pods) dt in millionths × milliseconds, over
	// Millis, the time with any pod. Its summands, one for each stretch of a
	// constant number of pods, are rounded down.
	Millionths Amount
	Millis     int64
}

// Utilization is ∫ used dt ÷ ∫ offered dt: an instant counts by its pods. ok is
// false where nothing was offered.
func (u *Use) Utilization() (ratio float64, ok bool) {
	return quotient(u.Used.Float64(), float64(u.Each)*float64(u.PodMillis))
}

// MeanUtilization is the mean over time of used ÷ offered: every instant with a
// pod counts the same. ok is false where there is none.
func (u *Use) MeanUtilization() (ratio float64, ok bool) {
	return quotient(u.Millionths.Float64(), 1_000_000*float64(u.Millis))
}

// SlackHours is ∫ (offered - used) dt ÷ Each: what was not used, in hours of
// one pod. It is below 0 where more was used than offered.
func (u *Use) SlackHours() float64 {
	if u.Each <= 0 {
		return 0
	}
	return (float64(u.PodMillis) - u.Used.Float64()/float64(u.Each)) / 3_600_000
}

func quotient(part, whole float64) (ratio float64, ok bool) {
	if whole <= 0 {
		return 0, false
	}
	return part / whole, true
}

// Load is how a demand that pods serve (Demand.Queues) used what they can: its
// Flow.Served of capacity × serving pods.
type Load struct {
	// Demand is its index in World.Demand.
	Demand int
	Use
}

// stretch is the use while the number of pods stays the same.
type stretch struct {
	// since is all that was used before it, millis how long it lasted.
	since  Amount
	millis int64
}

// end adds a stretch with so many pods to a use, of which total was used until
// now.
func (s *stretch) end(u *Use, total Amount, pods int64) {
	u.PodMillis += pods * s.millis
	if pods > 0 && s.millis > 0 {
		u.Millionths = u.Millionths.Plus(total.minus(s.since).millionths(u.Each, pods))
		u.Millis += s.millis
	}
	*s = stretch{since: total}
}

// times is a × n; n is not negative.
func (a Amount) times(n int64) Amount {
	carry, lo := bits.Mul64(a.Lo, uint64(n))
	return Amount{Hi: a.Hi*uint64(n) + carry, Lo: lo}
}

// millionths is ⌊a × 1,000,000 ÷ (each × pods)⌋.
func (a Amount) millionths(each, pods int64) Amount {
	offered := work(each, pods)
	if offered.Hi > 0 {
		offered.Lo = math.MaxUint64
	}
	a = a.times(1_000_000)
	lo, _ := bits.Div64(a.Hi%offered.Lo, a.Lo, offered.Lo)
	return Amount{Hi: a.Hi / offered.Lo, Lo: lo}
}

// gauge is one scored demand under way.
type gauge struct {
	demand *Demand
	index  int
	// step is the step in force and until when it is; value is what it asks for,
	// not below 0.
	step  int
	until time.Duration
	value int64
	null  bool
	// factor is the traffic factor in force, in thousandths.
	factor int64
	// limited says that it has a capacity, load is its index in Score.Loads, -1
	// if it is none; cpu says that it counts against the pods' requests.
	limited, cpu bool
	load         int
	// own is what each serving pod uses of cpu besides what it serves, in
	// milli-cores.
	own int64
	// ceiling is what the serving pods can carry, before what those could that
	// served until this instant.
	ceiling, before int64
	stretch         stretch
}

// prepare sets up the demands that are scored: those with a capacity, and use of
// cpu where pods request some.
func (m *meter) prepare(w *World) {
	s, request := m.score, w.cpuRequest()
	for i := range w.Demand {
		d := &w.Demand[i]
		g := gauge{demand: d, index: i, step: -1, load: -1, factor: Thousand, limited: d.Capacity > 0 && d.Role != RoleResponse, cpu: request > 0 && d.cpu()}
		if !g.limited && !g.cpu {
			continue
		}
		s.HasCapacity = s.HasCapacity || g.limited
		if g.limited && d.Queues() {
			g.load = len(s.Loads)
			s.Loads = append(s.Loads, Load{Demand: i, Use: Use{Each: d.Capacity}})
		}
		if g.cpu {
			s.CPU.Each = request
		}
		g.next()
		m.gauges = append(m.gauges, g)
	}
	m.serve(m.level.serving)
	m.settle()
}

// next takes the next step.
func (g *gauge) next() {
	g.step++
	d := g.demand
	g.until = never
	if g.step+1 < len(d.Values) {
		g.until = time.Duration(g.step+1) * d.Step
	}
	g.drive()
	g.null = d.Null != nil && d.Null[g.step]
	if !g.cpu {
		return
	}
	if g.own = d.Idle * d.Scale; d.Role == RolePerPod {
		g.own = g.value * d.Scale
	}
}

// drive makes the value in force what the traffic makes of the step.
func (g *gauge) drive() {
	g.value = max(g.demand.Values[g.step], 0)
	if g.demand.grows() {
		g.value = times(g.value, g.factor)
	}
}

// drive makes a traffic factor hold from now on.
func (m *meter) drive(factor int64) {
	for i := range m.gauges {
		m.gauges[i].factor = factor
		m.gauges[i].drive()
	}
}

// serve says that so many pods serve from now on.
func (m *meter) serve(pods int64) {
	for i := range m.gauges {
		g := &m.gauges[i]
		g.before, g.ceiling = g.ceiling, g.demand.ceiling(pods)
	}
	m.fresh = true
}

// ceiling is up to which value some serving pods carry a demand.
func (d *Demand) ceiling(pods int64) int64 {
	switch {
	case d.Role != RolePerPod:
		return d.capacity(pods)
	case pods > 0 && d.Capacity > 0:
		return d.Capacity
	}
	return math.MaxInt64
}

// settle says that the serving pods are those of before.
func (m *meter) settle() {
	for i := range m.gauges {
		m.gauges[i].before = m.gauges[i].ceiling
	}
	m.fresh = false
}

// hold scores [from, to), of so many milliseconds, in which nothing changes.
func (m *meter) hold(from, to time.Duration, millis int64) {
	var short shortage
	cpu := false
	for i := range m.gauges {
		g := &m.gauges[i]
		if g.null {
			continue
		}
		if g.limited {
			short.see(g)
		}
		g.stretch.millis += millis
		if g.cpu {
			cpu = true
		}
		if g.own > 0 {
			m.own = m.own.Plus(work(g.own, m.level.serving*millis))
		}
	}
	m.spike.hold(m.score, short, from, to)
	if cpu {
		m.cpu.millis += millis
	}
}

// step takes the steps that begin at an instant.
func (m *meter) step(now time.Duration) {
	if m.fresh {
		m.settle()
	}
	for i := range m.gauges {
		if g := &m.gauges[i]; g.until == now {
			g.next()
		}
	}
}

// endLoads ends the stretch with so many serving pods, where the queues stand at
// its end.
func (m *meter) endLoads(serving int64) {
	for i := range m.gauges {
		if g := &m.gauges[i]; g.load >= 0 {
			u := &m.score.Loads[g.load].Use
			u.Used = m.queues.served(g.index)
			g.stretch.end(u, u.Used, serving)
		}
	}
}

// endCPU ends the stretch with so many live pods, where the queues stand at its
// end.
func (m *meter) endCPU(live int64) {
	u := &m.score.CPU
	if u.Each == 0 {
		return
	}
	u.Used = m.own
	for i := range m.gauges {
		if g := &m.gauges[i]; g.cpu {
			u.Used = u.Used.Plus(m.queues.served(g.index).times(g.demand.Scale))
		}
	}
	m.cpu.end(u, u.Used, live)
}

// served is what pods served of a demand as far as it is scored.
func (s *queues) served(i int) Amount {
	if s.closed {
		return s.score.Flows[i].Served
	}
	return s.list[i].flow.Served
}

// cpu says whether a demand is use of cpu.
func (d *Demand) cpu() bool { return d.Source == hpa.SourceResource && d.Name == "cpu" }

// cpuRequest is what one pod requests of cpu, in milli-cores.
func (w *World) cpuRequest() int64 {
	var sum int64
	for i := range w.Pods.Containers {
		milli, _ := w.Pods.Containers[i].request("cpu")
		sum += milli
	}
	return sum
}
