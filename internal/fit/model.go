package fit

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// Model is how a pod's use answers to what it is asked for:
//
//	use = idle + cost × requests per second
//
// It is learned from pods that serve undisturbed: not starting, not in a rollout,
// not saturated.
type Model struct {
	// Driver is the metric that counts what pods are asked for; empty: none is
	// recorded, so Cost means nothing.
	Driver string
	// Method says how Idle was found.
	Method Method
	// Idle is what a pod uses without load, in cores; Cost what one request per
	// second adds to it, which is core-seconds per request.
	Idle, Cost Estimate
	// Window is the time that one observation of a pod is averaged over, Windows
	// how many were learned from. The others were left out.
	Window                                                time.Duration
	Windows, Starting, Rolling, Saturated, NoValue, Total int
	// Error is the median of |use − model| ÷ use over the windows.
	Error float64
	// Least is the least that any settled pod used in a window, in cores.
	Least float64
	// Limit is the CPU limit of the container to be replayed, in cores; 0: none
	// known.
	Limit float64
	// Capacity is what one pod can be asked for per second before its CPU is at
	// its limit; 0: not known.
	Capacity Estimate
	// Signs say that pods had no room left, Understated for how long any sign
	// showed: more may have arrived then. Rebuilt says that requests were counted,
	// so what they would have cost stands in.
	Signs       []Sign
	Understated time.Duration
	Rebuilt     bool
	// CountsShed says that Driver counts what is turned away as well: it shows what
	// arrives, also where not all is served.
	CountsShed bool
	// Latency is how long requests take; Bend is where it bends, looked for where no
	// cpu limit says what a pod can serve.
	Latency *Latency
	Bend    Bend
	// Imbalance is how unequal the shares of pods were.
	Imbalance Imbalance
	// Births is how many pods were born within the recording, StartUp what one
	// of them used to start, in core-seconds, on average. It is not load.
	Births  int
	StartUp float64
	// HeldOut says how well the first half tells the second.
	HeldOut HeldOut
	// Segments are stretches of time, each fitted by itself; nil where there is
	// only one. Changed says that they surely differ: then each counts for its own
	// time, and Idle, Cost and Capacity are the newest's.
	Segments []Segment
	Changed  bool
}

// Method is how a model was found.
type Method uint8

const (
	// Range means that nothing identifies what is idle; it lies between the ends of
	// Idle.
	Range Method = iota
	// Regression is that of use on requests per second, over pods and time.
	Regression
	// Jumps are those of the total use where the number of pods changes.
	Jumps
	// Given means by hand.
	Given
)

// leastWindow is the shortest time to average over: two scrapes of different
// series do not see the same requests, and a window of few scrapes blurs what
// each cost.
const leastWindow = 30 * time.Second

const (
	// enoughWindows is how many observations a regression takes.
	enoughWindows = 20
	// narrow is how wide the interval of idle may be, as a share of mean use, for
	// idle to count as identified.
	narrow = 0.25
)

// learner fits a model to the use of pods.
type learner struct {
	finder
	opt   Want
	table []*podUse
	model Model
	// drive is the total of what was asked for, step by step; nil without driver.
	drive *Demand
	begin []int // the segments' first steps
	lines []fitted
	per   int // steps in a window
	// capped is the CPU limit that the recorded pods had, in cores; 0: none known.
	capped float64
	// meanLoad is what a pod is asked for per second, on average.
	meanLoad float64
}

// learn fits the model of a CPU demand. It is nil where the recording does not
// tell pods apart.
func (l *Load) learn(rec *series.Recording, i int, wants []Want, own *owners, born map[podKey]int64) *learner {
	d := &l.Demands[i]
	if !wants[i].Resource || wants[i].Name != "cpu" || wants[i].Role != sim.RoleLoad || d.Kind == Expression || d.Average {
		return nil
	}
	table := tableOf(d.used, d.Kind, l.Grid, l.Lookback)
	if table == nil {
		return nil
	}
	f := learner{
		finder: finder{rec: rec, pods: map[podKey]bool{}, born: born, grid: l.Grid, lookback: l.Lookback, container: d.Container},
		opt:    wants[i], table: table,
	}
	for _, p := range table {
		f.pods[p.key] = true
	}
	f.per = int((max(leastWindow, l.Grid.Step) + l.Grid.Step - 1) / l.Grid.Step)
	f.model.Window = time.Duration(f.per) * l.Grid.Step
	f.driver(l, i, own)
	f.states(own)
	f.fit()
	f.addShed()
	f.latency()
	f.imbalance()
	return &f
}

// states marks what must not be learned from.
func (f *learner) states(own *owners) {
	ready := readiness(f.rec)
	own.templates(f.table)
	for _, p := range f.table {
		at, known := f.born[p.key]
		if p.start(f.grid, at, known, ready[p.key]) {
			f.model.Births++
		}
	}
	f.begin = rollouts(f.table, f.grid)
	recorded := f.limitOf()
	f.model.Limit = cmp.Or(f.opt.Limit, recorded)
	f.capped = cmp.Or(recorded, f.opt.Limit)
	f.model.Signs = f.saturation(f.table, f.capped)
	some := make([]bool, f.grid.N)
	for _, p := range f.table {
		for i, s := range p.state {
			if k := p.from + i; s&saturated != 0 && !some[k] {
				some[k] = true
				f.model.Understated += f.grid.Step
			}
		}
	}
}

// drivers are the usual names of what a service is asked for, best first.
func drivers() []string {
	return []string{
		"http_requests_total", "http_server_requests_seconds_count", "http_server_request_duration_seconds_count",
		"http_request_duration_seconds_count", "grpc_server_started_total", "grpc_server_handled_total", "requests_total",
	}
}

// driver finds what the pods were asked for: another demand of theirs that is
// counted, else a counter of a usual name.
func (f *learner) driver(l *Load, cpu int, own *owners) {
	for i := range l.Demands {
		d := &l.Demands[i]
		if i != cpu && d.Kind == Counter && d.Source != f.opt.Source && f.drives(d.used) {
			f.drive = d
			break
		}
	}
	for _, name := range drivers() {
		if f.drive != nil {
			break
		}
		set, _ := own.keep(f.rec.Select(series.Selector{Matchers: []series.Matcher{{Label: model.MetricNameLabel, Value: name}}}))
		if set = dedupe(set); f.drives(set) {
			d := &Demand{From: name, Kind: Counter, used: set}
			d.Name = name
			d.refreshed(f.opt.Declared.Downsampled)
			fromZero(d.used, f.born, f.lookback)
			if d.total(f.grid, f.lookback) == nil {
				f.drive = d
			}
		}
	}
	if f.drive != nil {
		f.model.Driver = f.drive.From
		asked(f.table, tableOf(f.drive.used, Counter, f.grid, f.lookback))
	}
}

// drives says whether series are of the same pods as the use is.
func (f *learner) drives(set []series.Series) bool {
	return slices.ContainsFunc(set, func(s series.Series) bool { return f.pods[podOrInstance(&s)] })
}

// point is what one pod did in one window.
type point struct {
	window int
	x, y   float64
}

// points are the windows that can be learned from.
func (f *learner) points() []point {
	var out []point
	m := &f.model
	m.Least = math.Inf(1)
	for _, p := range f.table {
		for w := (p.from + f.per - 1) / f.per; (w+1)*f.per <= p.until(); w++ {
			m.Total++
			q, ok := f.window(p, w)
			if !ok {
				continue
			}
			m.Windows++
			m.Least = min(m.Least, q.y)
			out = append(out, q)
		}
	}
	if len(out) == 0 {
		m.Least = 0
	}
	return out
}

// window averages one pod's steps, unless something disturbs.
func (f *learner) window(p *podUse, w int) (q point, ok bool) {
	m := &f.model
	var all state
	known := true
	for i := w*f.per - p.from; i < (w+1)*f.per-p.from; i++ {
		all |= p.state[i]
		known = known && p.cover[i] > 0.99
		q.y += p.use[i] / float64(f.per)
		if p.units != nil {
			q.x += p.units[i] / float64(f.per)
		}
	}
	switch {
	case all&rolling != 0:
		m.Rolling++
	case all&(starting|unready) != 0:
		m.Starting++
	case all&saturated != 0:
		m.Saturated++
	case !known || math.IsNaN(q.x) || math.IsNaN(q.y):
		m.NoValue++
	default:
		q.window = w
		return q, true
	}
	return q, false
}

// lineAt is what holds in a step: the model's own line where segments do not
// differ, or the user said.
func (f *learner) lineAt(step int) (idle, cost float64) {
	m := &f.model
	if !m.Changed || m.Method != Regression {
		return m.Idle.Value, m.Cost.Value
	}
	n, exact := slices.BinarySearch(f.begin, step)
	if !exact {
		n--
	}
	return f.lines[n].idle.Value, f.lines[n].cost.Value
}

// fit finds idle and cost.
func (f *learner) fit() {
	m := &f.model
	points := f.points()
	mean := 0.0
	for _, q := range points {
		mean += q.y / float64(len(points))
	}
	found := false
	if f.drive != nil {
		found = f.regress(points, mean)
	}
	if !found {
		found = f.jumps(mean)
	}
	if !found {
		f.between(points)
	}
	f.byHand()
	m.Error = f.misfit(points)
	m.HeldOut = f.heldOut(points)
}

// between is what is known where idle is not identified: it is not below zero
// and not above the least that a pod used, and a mean pod at a mean load lies on
// the line.
func (f *learner) between(points []point) {
	m := &f.model
	m.Method, m.Idle = Range, Estimate{0, 0, m.Least}
	var all sums
	for _, q := range points {
		all.point(q.x, q.y)
	}
	if f.drive != nil && all.x > 0 {
		cost := func(idle float64) float64 { return (all.y - idle*all.n) / all.x }
		m.Cost = Estimate{cost(0), cost(m.Idle.High), cost(0)}
		low, high := carries(m.Limit, 0, m.Cost.Value), carries(m.Limit, m.Idle.High, m.Cost.Low)
		m.Capacity = Estimate{low, min(low, high), max(low, high)}
	}
}

// byHand puts in what the user knows.
func (f *learner) byHand() {
	m := &f.model
	if f.opt.Idle == nil && f.opt.Cost == nil {
		return
	}
	m.Changed = false // one line holds for all
	if v := f.opt.Idle; v != nil {
		m.Method, m.Idle = Given, Estimate{*v, *v, *v}
	}
	if v := f.opt.Cost; v != nil {
		m.Cost = Estimate{*v, *v, *v}
	}
	c := carries(m.Limit, m.Idle.Value, m.Cost.Value)
	m.Capacity = Estimate{c, c, c}
}

// regress fits a line to all windows and to each segment's. It is true where
// idle is identified.
func (f *learner) regress(points []point, mean float64) bool {
	m := &f.model
	windows := make([]sums, f.grid.N/f.per+1)
	for _, q := range points {
		windows[q.window].point(q.x, q.y)
	}
	f.meanLoad = meanX(windows)
	all, ok := estimate(blocksOf(windows), m.Limit)
	line := f.choose(f.segments(points), all)
	if !ok && !m.Changed || len(points) < enoughWindows || line.idle.High-line.idle.Low > narrow*mean {
		m.Segments, m.Changed = nil, false
		return false
	}
	m.Method, m.Idle, m.Cost, m.Capacity = Regression, line.idle, line.cost, line.capacity
	return true
}

func (f *learner) time(step int) int64 { return f.grid.Start + int64(step)*f.grid.Step.Milliseconds() }

// templateAt is what the pods of a step were made from.
func (f *learner) templateAt(step int) string {
	for _, p := range f.table {
		if _, ok := p.at(step); ok {
			return p.template
		}
	}
	return ""
}

// misfit is the median relative distance of the windows from the model.
func (f *learner) misfit(points []point) float64 {
	m := &f.model
	if m.Cost.Value == 0 {
		return 0
	}
	var apart []float64
	for _, q := range points {
		if q.y > 0 {
			idle, cost := f.lineAt(q.window * f.per)
			apart = append(apart, math.Abs(q.y-idle-cost*q.x)/q.y)
		}
	}
	if len(apart) == 0 {
		return 0
	}
	return median(apart)
}
