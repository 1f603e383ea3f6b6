package scenario

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/internal/fit"
	"github.com/elasticctl/elasticctl/internal/series"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// piece is demand that one recording gives, at one step.
type piece struct {
	rec   *series.Recording
	paths string
	step  time.Duration
	// demands are indexes of the settings' demands, one for each want.
	demands []int
	wants   []fit.Want
	load    *fit.Load
}

// recorded fills in the demands that recordings give.
func (b *builder) recorded() error {
	if err := b.fromRequest(); err != nil {
		return err
	}
	if err := b.roles(); err != nil {
		return err
	}
	if err := b.responses(); err != nil {
		return err
	}
	pieces, err := b.group()
	if err != nil || len(pieces) == 0 {
		return err
	}
	for _, p := range pieces {
		b.request.begin("adding up " + filepath.Base(p.paths))
		if p.load, err = fit.FromRecording(p.rec, p.wants, fit.Options{Step: p.step, Namespace: b.request.Namespace, Workload: b.workload()}); err != nil {
			return b.about(p, err)
		}
	}
	start, err := b.commonStart(pieces)
	if err != nil {
		return err
	}
	b.out.Start = time.UnixMilli(start).UTC()
	b.startups(pieces[0])
	for _, p := range pieces {
		if err := b.take(p, start); err != nil {
			return err
		}
	}
	b.pieces = pieces
	return nil
}

// workload is what the autoscaler scales.
func (b *builder) workload() fit.Workload {
	h := b.target.hpa.V2
	return fit.Workload{Kind: h.Spec.ScaleTargetRef.Kind, Name: h.Spec.ScaleTargetRef.Name, Namespace: h.Namespace}
}

// about says which recording an error is about, and where it was asked for.
func (b *builder) about(p *piece, err error) error {
	path := ""
	var of *fit.Error
	for i, at := range p.demands {
		if d := &b.set.demand[at]; i == 0 || errors.As(err, &of) && of.Metric == d.Name {
			path = d.path
		}
	}
	if b.check.doc == nil || path == "" {
		return fmt.Errorf("%s: %w", p.paths, err)
	}
	return fmt.Errorf("%s: %s: %w", b.check.doc.At(path), p.paths, err)
}

// fromRequest adds a demand for each metric that the recordings of the command
// line are to give: those that have none yet.
func (b *builder) fromRequest() error {
	queries := map[string]string{}
	for _, q := range b.request.Demand {
		queries[q.Name] = q.Expr
	}
	if len(b.request.Recordings) == 0 {
		if len(queries) > 0 {
			return fmt.Errorf("--demand %s: there is no recording to evaluate it over; give --recording", b.request.Demand[0].Name)
		}
		if b.check.doc == nil {
			return b.fail("", "there is no load to replay", "give a recording with --recording, or write a simulation file")
		}
		return nil
	}
	rec, err := b.request.read(b.request.Recordings)
	if err != nil {
		return err
	}
	used := b.usedContainers(rec)
	for _, m := range b.metrics() {
		list := b.wanted(&m, used)
		query, selector := queries[m.Name], ""
		if query == "" {
			query, selector = b.target.queries[m.Name], b.target.selectors[m.Name]
		}
		if query != "" && len(list) > 1 {
			b.note("all of %s counts as container %s's", query, list[0].Container)
			list = list[:1]
		}
		for _, d := range list {
			d.recording, d.query, d.selector = requested, query, selector
			b.set.demand = append(b.set.demand, d)
		}
	}
	return b.unusedQueries()
}

// requested stands for the recordings of the command line.
const requested = "\x00"

// unusedQueries refuses a --demand that names no metric of the autoscaler.
func (b *builder) unusedQueries() error {
	var names []string
	for _, m := range b.metrics() {
		names = append(names, m.Name)
	}
	for _, q := range b.request.Demand {
		if !slices.Contains(names, q.Name) {
			return fmt.Errorf("--demand %s: %s has no such metric; it has %s", q.Name, b.out.Name, strings.Join(names, ", "))
		}
	}
	return nil
}

// usedContainers are the containers whose use of resources the recording tells.
// Where it does not tell containers apart, all use is the first one's.
func (b *builder) usedContainers(rec *series.Recording) []string {
	var names []string
	for _, c := range b.set.containers {
		names = append(names, c.Name)
	}
	used, idle := b.containersIn(rec)
	switch {
	case len(names) <= 1 || !b.usesResources():
		return names
	case len(used) == 0:
		b.note("the recording does not tell containers apart: all use of resources counts as container %s's", names[0])
		return names[:1]
	case len(idle) > 0:
		b.note("not in the recording, so they use nothing: containers %s", strings.Join(idle, ", "))
	}
	return used
}

// containersIn are the containers that some series name, and the others.
func (b *builder) containersIn(rec *series.Recording) (used, idle []string) {
	for _, c := range b.set.containers {
		labelled := func(s series.Series) bool {
			return string(s.Labels["container"]) == c.Name && fit.InNamespace(&s, b.request.Namespace)
		}
		if slices.ContainsFunc(rec.Series, labelled) {
			used = append(used, c.Name)
		} else {
			idle = append(idle, c.Name)
		}
	}
	return used, idle
}

// wanted are the demands that a metric needs and that are not there: one, or
// for a resource of all containers one for each that is used.
func (b *builder) wanted(m *hpa.Metric, used []string) []demand {
	d := demand{Demand: sim.Demand{Source: m.Source, Name: m.Name}}
	containers := []string{""}
	switch m.Source {
	case hpa.SourceResource:
		d.Name, containers = m.Resource, used
	case hpa.SourceContainerResource:
		d.Source, d.Name, containers = hpa.SourceResource, m.Resource, []string{m.Container}
	case hpa.SourcePods, hpa.SourceObject, hpa.SourceExternal, hpa.SourceUnknown:
	}
	var list []demand
	for _, c := range containers {
		d.Container = c
		known := func(o demand) bool { return o.Source == d.Source && o.Name == d.Name && o.Container == c }
		if !slices.ContainsFunc(b.set.demand, known) {
			list = append(list, d)
		}
	}
	return list
}

// group groups the recorded demands by recording and step.
func (b *builder) group() ([]*piece, error) {
	var pieces []*piece
	for i := range b.set.demand {
		d := &b.set.demand[i]
		if d.recording == "" {
			continue
		}
		paths := b.request.Recordings
		if d.recording != requested {
			paths = []string{b.relative(d.recording)}
		}
		rec, err := b.request.read(paths)
		if err != nil {
			return nil, err
		}
		if err := b.open(d); err != nil {
			return nil, err
		}
		b.inferRole(d)
		b.preset(d)
		at := slices.IndexFunc(pieces, func(p *piece) bool { return p.rec == rec && p.step == d.Step })
		if at < 0 {
			at = len(pieces)
			pieces = append(pieces, &piece{rec: rec, paths: strings.Join(paths, ", "), step: d.Step})
		}
		want, err := b.want(pieces[at], d)
		if err != nil {
			return nil, err
		}
		pieces[at].demands, pieces[at].wants = append(pieces[at].demands, i), append(pieces[at].wants, want)
	}
	return pieces, nil
}

// relative resolves a path that stands in the simulation file.
func (b *builder) relative(path string) string { return b.check.relative(path) }

// relative resolves a path that stands in the simulation file.
func (c *checker) relative(path string) string {
	if filepath.IsAbs(path) || c.doc == nil {
		return path
	}
	return filepath.Join(filepath.Dir(c.doc.File), path)
}

// read reads recordings, each once.
func (r *Request) read(paths []string) (*series.Recording, error) {
	key := strings.Join(paths, "\x00")
	if rec := r.cache[key]; rec != nil {
		return rec, nil
	}
	rec, err := series.ReadWatched(r.Progress, paths...)
	if err != nil {
		return nil, err
	}
	if r.cache == nil {
		r.cache = map[string]*series.Recording{}
	}
	r.cache[key] = rec
	return rec, nil
}

// want says what a demand needs of its recording.
func (b *builder) want(p *piece, d *demand) (fit.Want, error) {
	w := fit.Want{
		Demand: d.Demand, Resource: d.Source == hpa.SourceResource,
		Shared: !ownMetric(&d.Demand),
	}
	if d.selector != "" {
		s, err := series.ParseSelector(d.selector)
		if err != nil {
			return w, b.fail(d.path+".select", fmt.Sprintf("%q cannot be read: %v", clip(d.selector), err), `write a name and labels, such as http_requests_total{code!="500"}`)
		}
		w.Select = &s
	}
	if w.Declared = d.declared; w.Declared.Downsampled == 0 {
		w.Declared.Downsampled = b.request.Downsampled
	}
	w.AsIs = b.openLoop() || b.roleSaid(d)
	b.known(&w, d)
	if d.query == "" {
		return w, nil
	}
	return w, b.evaluate(p, d, &w)
}

// commonStart is t=0 in milliseconds since the epoch: as asked for, else where
// the last of the recordings begins.
func (b *builder) commonStart(pieces []*piece) (int64, error) {
	begin, end := pieces[0].load.Grid.Start, gridEnd(pieces[0].load.Grid)
	for _, p := range pieces[1:] {
		begin, end = max(begin, p.load.Grid.Start), min(end, gridEnd(p.load.Grid))
	}
	span := fmt.Sprintf("the demand is recorded from %s to %s", series.Timestamp(begin), series.Timestamp(end))
	if begin >= end {
		return 0, b.fail("spec.demand", "the recordings share no time", "record them together")
	}
	if b.set.start.IsZero() {
		return begin, nil
	}
	start := b.set.start.UnixMilli()
	if start < begin || start >= end {
		if !b.request.Start.IsZero() {
			return 0, fmt.Errorf("--start %s is not in the recording; %s", series.Timestamp(start), span)
		}
		return 0, b.fail("spec.start", "the start "+series.Timestamp(start)+" is not in the recording", span)
	}
	// t=0 is the beginning of a step, so that no step is cut in two.
	step := pieces[0].load.Grid.Step.Milliseconds()
	return start - (start-pieces[0].load.Grid.Start)%step, nil
}

// gridEnd is the end of a grid's last step.
func gridEnd(g series.Grid) int64 { return g.Start + int64(g.N)*g.Step.Milliseconds() }

// take cuts a piece's demands and replica counts to begin at start.
func (b *builder) take(p *piece, start int64) error {
	grid := p.load.Grid
	from := int((start - grid.Start) / grid.Step.Milliseconds())
	for i, at := range p.demands {
		d, got := &b.set.demand[at], &p.load.Demands[i]
		b.describe(d, p, got)
		b.coarser(max(got.Interval, got.Window))
		d.adopt(got, from)
		b.averaged(d, got.Window)
		if err := b.adaptRole(d, got, p.load.Replicas, from); err != nil {
			return err
		}
		if got.Model != nil {
			b.adoptModel(d, got, from)
		} else if d.Idle > 0 && got.Kind != fit.Expression {
			if err := b.takeOutIdle(d, p.load.Replicas, from); err != nil {
				return err
			}
		}
	}
	b.driven(p)
	for _, n := range p.load.Notes {
		b.note("%s", n)
	}
	for _, n := range p.rec.Notes {
		b.note("%s", n)
	}
	if r := p.load.Replicas; r != nil && b.out.Recorded == nil {
		b.out.Recorded = recordedPoints(r, from, grid.Step)
		b.note("recorded replicas: %s", r.From)
	}
	return nil
}

// adopt takes over recorded values from a step on. What the file says in its
// own unit is converted to that of the values.
func (d *demand) adopt(got *fit.Demand, from int) {
	scale := d.scale()
	d.Step, d.Scale = got.Step, got.Scale
	d.Values = got.Values[from:]
	if got.Null != nil {
		d.Null = got.Null[from:]
	}
	d.NotReady, d.Idle, d.Initial = d.NotReady*scale/d.Scale, d.Idle*scale/d.Scale, d.Initial*scale/d.Scale
	if d.Capacity > 0 {
		d.Capacity = max(1, d.Capacity*scale/d.Scale)
	}
}

// recordedPoints turns a count per step into a timeline; after the last step
// nothing is known.
func recordedPoints(r *fit.Replicas, from int, step time.Duration) []sim.Point {
	var points []sim.Point
	for i := from; i < len(r.Values); i++ {
		n := r.Values[i]
		if r.Null != nil && r.Null[i] {
			n = sim.Unknown
		}
		if last := len(points) - 1; last < 0 || points[last].N != n {
			points = append(points, sim.Point{T: time.Duration(i-from) * step, N: n})
		}
	}
	return append(points, sim.Point{T: time.Duration(len(r.Values)-from) * step, N: sim.Unknown})
}
