package sim

import (
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// What a simulated API server answers when it fails, in Kubernetes' own words.
const (
	unavailable = "the server is currently unable to handle the request"
	notServed   = "the server could not find the requested metric"
)

// The metrics APIs as indices.
const (
	apiResource = iota
	apiCustom
	apiExternal
	apiCount
)

// column is how one of an autoscaler's metrics is read from the world.
type column struct {
	source hpa.Source
	api    int
	// demands are indices of the demands that feed it: one per container with
	// a series, or one per External series.
	demands []int
	// unread says that a container considered never reports the resource.
	unread bool
	// request is what one pod requests of the resource.
	request int64
	// lacks is why a pod has no request, up to the pod's name; text is the
	// whole of it for pod number textOf.
	lacks  string
	text   string
	textOf int64
	// foreign says that no pod has the container named and that this matters;
	// without is then "namespace/pod" of pod number withoutOf.
	foreign   bool
	without   string
	withoutOf int64
}

// newColumns resolves an autoscaler's metrics against the world.
func newColumns(w *World, s *hpa.Spec) []column {
	columns := make([]column, len(s.Metrics))
	for i := range s.Metrics {
		m, c := &s.Metrics[i], &columns[i]
		c.source, c.textOf, c.withoutOf = m.Source, -1, -1
		for j := range w.Demand {
			if feeds(&w.Demand[j], m) {
				c.demands = append(c.demands, j)
			}
		}
		switch m.Source {
		case hpa.SourceResource, hpa.SourceContainerResource:
			c.api = apiResource
			c.containers(w, m)
		case hpa.SourcePods, hpa.SourceObject:
			c.api = apiCustom
		case hpa.SourceExternal:
			c.api = apiExternal
		case hpa.SourceUnknown:
			c.unread = true
		}
	}
	return columns
}

// feeds says whether a demand is what a metric measures.
func feeds(d *Demand, m *hpa.Metric) bool {
	switch m.Source {
	case hpa.SourceResource:
		return d.Source == hpa.SourceResource && d.Name == m.Resource
	case hpa.SourceContainerResource:
		return d.Source == hpa.SourceResource && d.Name == m.Resource && d.Container == m.Container
	default:
		return d.Source == m.Source && d.Name == m.Name
	}
}

// containers looks at all containers, or at the one that the metric names: what
// they request, and whether all of them report.
func (c *column) containers(w *World, m *hpa.Metric) {
	named, found := m.Source == hpa.SourceContainerResource, 0
	for i := range w.Pods.Containers {
		container := &w.Pods.Containers[i]
		if named && container.Name != m.Container {
			continue
		}
		found++
		request, ok := container.request(m.Resource)
		c.request += request
		if !ok && c.lacks == "" {
			c.lacks = "missing request for " + m.Resource + " in container " + container.Name + " of Pod "
		}
	}
	// One without a series uses nothing of cpu and memory, and has no other
	// resource.
	c.unread = found == 0 || len(c.demands) < found && m.Resource != "cpu" && m.Resource != "memory"
	p := &w.Autoscaler.Controller.Profile
	c.foreign = named && found == 0 && !p.MissesContainer
	if named && found == 0 && p.RequiresContainer {
		c.lacks = "container " + m.Container + " not found in Pod "
	}
	if m.Target != hpa.TargetUtilization {
		c.lacks = ""
	}
}

func (c *Container) request(resource string) (milli int64, ok bool) {
	for _, q := range c.Requests {
		if q.Resource == resource {
			return q.Milli, true
		}
	}
	return 0, false
}

// row is what the metrics APIs know of one group at one sync.
type row struct {
	// pods are those that report, out of those that would but for a fault.
	pods int64
	// first is the index of the first pod among the serving ones, and dark are
	// the indices of the silent pods in the group, ascending.
	first int64
	base  int64
	dark  []int64
	// report is what the group's pods report.
	report report
	// listed says whether the resource API lists its pods, point which of their
	// points it reads where they are scraped.
	listed bool
	point  point
}

// report is the kind of value that a group's pods report.
type report uint8

const (
	reportsNothing report = iota
	reportsIdle
	reportsNotReady
	reportsShare
	reportKinds
)

// observer builds observations.
type observer struct {
	w       *World
	obs     hpa.Observation
	rows    []row
	flow    []flow
	scraper *scraper
	// seen is the fleet's version that obs.Groups shows.
	seen int64
	// namespace and prefix are what pods' names begin with.
	namespace, prefix string
}

func (o *observer) prepare(w *World, metrics int) {
	o.w, o.seen = w, -1
	o.namespace, o.prefix = podNames(w.Autoscaler.Reference)
	o.flow = make([]flow, len(w.Demand))
	o.obs.Readings = make([]hpa.Reading, metrics)
	for i := range o.obs.Readings {
		r := &o.obs.Readings[i]
		r.Samples, r.Values = make([]hpa.Sample, 0, 16), make([]int64, 0, len(w.Demand))
	}
}

// pods brings the observed groups and what they report up to now.
func (o *observer) pods(f *fleet, dark []int64, now time.Duration) {
	if o.seen != f.version {
		o.seen = f.version
		o.obs.Groups = o.obs.Groups[:0]
		for i := range f.groups {
			o.obs.Groups = append(o.obs.Groups, observed(&f.groups[i]))
		}
	}
	o.rows = o.rows[:0]
	var rank, serving int64
	for i := range f.groups {
		g := &f.groups[i]
		r := row{pods: g.pods, first: serving, report: o.reports(g, now)}
		if g.live() {
			r.base = rank
			rank += g.pods
			r.dark, dark = cut(dark, rank)
			r.pods -= int64(len(r.dark))
		}
		if g.serving() {
			serving += g.pods
		}
		if r.pods == 0 {
			r.report = reportsNothing
		}
		o.rows = append(o.rows, r)
	}
}

// cut splits ascending ranks into those below limit and the rest.
func cut(ranks []int64, limit int64) (below, rest []int64) {
	n := 0
	for n < len(ranks) && ranks[n] < limit {
		n++
	}
	return ranks[:n], ranks[n:]
}

func (o *observer) reports(g *group, now time.Duration) report {
	switch {
	case g.phase != hpa.PhaseRunning || now-g.born < g.metrics:
		return reportsNothing
	case g.terminating:
		return reportsIdle
	case !g.ready:
		return reportsNotReady
	}
	return reportsShare
}

// observed is a group as the controller reads it.
func observed(g *group) hpa.Group {
	o := hpa.Group{
		Pods: clamp(g.pods), Phase: g.phase, Terminating: g.terminating, Ready: hpa.ReadyFalse,
		Started: true, Start: seconds(g.born), Transition: seconds(g.transition),
	}
	if g.ready {
		o.Ready = hpa.ReadyTrue
	}
	return o
}

// demand takes every demand from the queues, which stand at now, and finds out
// which pods the resource API lists: those with a sample of some series.
func (o *observer) demand(s *queues, now time.Duration) {
	o.scraper.prometheus.look(now)
	var listed [reportKinds]bool
	for i := range o.w.Demand {
		d := &o.w.Demand[i]
		o.flow[i] = s.flow(i, now)
		if d.Source != hpa.SourceResource || o.flow[i].null {
			continue
		}
		listed[reportsIdle], listed[reportsShare] = true, true
		listed[reportsNotReady] = listed[reportsNotReady] || !d.NotReadyNone
	}
	for i := range o.rows {
		r := &o.rows[i]
		r.listed = listed[r.report]
		if o.scraper.on() {
			r.point = o.scraper.point(&o.scraper.fleet.groups[i], now)
			r.listed = r.report != reportsNothing && r.point.seen
		}
	}
}

// read fills in what its API says about one metric.
func (o *observer) read(c *column, down bool, reading *hpa.Reading) {
	reading.Error, reading.NoContainer, reading.Empty = "", "", false
	reading.Samples, reading.Values = reading.Samples[:0], reading.Values[:0]
	switch {
	case down:
		reading.Error = unavailable
	case c.api == apiResource:
		o.perPod(c, reading)
	case !o.served(c):
		reading.Error = notServed
	case c.source == hpa.SourcePods:
		o.perPod(c, reading)
	default:
		o.values(c, reading)
	}
}

// values fills in the values of a metric that is not the pods' own: what it
// measures, or an aggregate of what the pods report. One series without a value
// leaves the metric without any.
func (o *observer) values(c *column, reading *hpa.Reading) {
	for _, i := range c.demands {
		v, ok := o.value(i)
		if !ok {
			reading.Values, reading.Error = reading.Values[:0], notServed
			return
		}
		reading.Values = append(reading.Values, v)
	}
}

// zero makes every value of a reading 0.
func zero(reading *hpa.Reading) {
	for i := range reading.Samples {
		reading.Samples[i].Sum = 0
	}
	clear(reading.Values)
}

// served says whether every series of a metric has a value at this instant, unless
// Prometheus is asked what it had before.
func (o *observer) served(c *column) bool {
	for _, i := range c.demands {
		if o.flow[i].null && !o.scraper.prometheus.on() {
			return false
		}
	}
	return len(c.demands) > 0
}

// perPod fills in the samples of a metric that each pod has of its own.
func (o *observer) perPod(c *column, reading *hpa.Reading) {
	reading.Empty = true
	stamp := seconds(o.obs.Now - o.w.Pipeline.Age)
	for i := range o.rows {
		r := &o.rows[i]
		s := hpa.Sample{Timestamp: stamp, Window: o.w.Pipeline.Window, Request: c.request, NoRequest: c.text}
		listed, values := r.report != reportsNothing, false
		switch {
		case c.api != apiResource && o.scraper.prometheus.on():
			values = listed && o.asked(c, r, i, &s)
		case c.api != apiResource:
			values = listed && o.sum(c, r, &s.Sum)
		case !o.scraper.on():
			listed = r.listed
			values = listed && o.sum(c, r, &s.Sum)
		default:
			listed = r.listed
			values = listed && o.scraped(c, r, i, &s)
		}
		if values {
			s.Pods = clamp(r.pods)
		}
		// The custom API lists a pod for this metric or not at all; the resource
		// API may list it with nothing but another resource.
		if c.api == apiResource && listed || s.Pods > 0 {
			reading.Empty = false
		}
		reading.Samples = append(reading.Samples, s)
	}
}

// sum adds up what the pods of a row report; false if they report nothing.
func (o *observer) sum(c *column, r *row, sum *int64) bool {
	if c.unread {
		return false
	}
	var total int64
	for _, i := range c.demands {
		d, f := &o.w.Demand[i], &o.flow[i]
		switch {
		case f.null || r.report == reportsNotReady && d.NotReadyNone:
			return false
		case d.Role == RolePerPod:
			total += r.pods * f.total * d.Scale
		case r.report == reportsNotReady:
			total += r.pods * d.NotReady * d.Scale
		case r.report == reportsIdle:
			total += r.pods * d.Idle * d.Scale
		case r.report == reportsShare:
			total += (r.pods*(f.share+d.Idle) + r.more(f.rest)) * d.Scale
		}
	}
	*sum = total
	return true
}

// scraped fills in what metrics-server knows of a group; false if it knows
// nothing of the column's resource.
func (o *observer) scraped(c *column, r *row, group int, s *hpa.Sample) bool {
	s.Timestamp, s.Window = seconds(r.point.at), r.point.window
	if c.unread {
		return false
	}
	g := &o.scraper.fleet.groups[group]
	for _, i := range c.demands {
		s.Sum += r.pods * o.scraper.milli(i, g, r.point)
	}
	return true
}

// more is how many of a row's reporting pods are among the rest oldest serving
// ones, which carry one unit more.
func (r *row) more(rest int64) int64 {
	all := r.pods + int64(len(r.dark))
	n := min(max(rest-r.first, 0), all)
	for _, rank := range r.dark {
		if r.first+rank-r.base < rest {
			n--
		}
	}
	return n
}
