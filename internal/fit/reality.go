package fit

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// Subject names the workload and the autoscaler that a recording is asked about.
type Subject struct {
	Namespace, Workload, Autoscaler string
	// Only leaves out what is recorded of other namespaces; empty means none.
	Only string
}

// Reality is what a recording tells of a workload's scale, and of the
// autoscaler that was in force.
type Reality struct {
	// Recorded is in times from t=0.
	sim.Recorded
	// From names the series that gave the replica count.
	From string
	// InForce is the recorded autoscaler's spec; nil where it was not recorded.
	InForce *InForce
	// Notes say what was ambiguous.
	Notes []string
}

// InForce is an autoscaler's spec over time, as kube-state-metrics tells it. It
// does not tell behavior.
type InForce struct {
	Name     string
	Min, Max []sim.Point
	Targets  []Target
}

// Target is one metric's target over time. KSM does not say the metric's type,
// only its name.
type Target struct {
	Metric string
	// Type is utilization (in percent), average or value (in base units).
	Type   string
	Levels []Level
}

// Level is a value that holds from T on; NaN where it is not known.
type Level struct {
	T time.Duration
	V float64
}

// Observe reads what was recorded of a subject from t=0 on, which is at start,
// in milliseconds since the epoch, and falls on the load's grid. It returns nil
// where no replica count is known.
func Observe(rec *series.Recording, l *Load, start int64, who Subject) *Reality {
	from := int((start - l.Grid.Start) / l.Grid.Step.Milliseconds())
	o := &observed{
		rec: rec, who: who, lookback: l.Lookback,
		grid: series.Grid{Start: start, Step: l.Grid.Step, N: l.Grid.N - from},
	}
	if o.grid.N <= 0 || !o.scale(l, from) {
		return nil
	}
	o.autoscaler()
	o.rollouts()
	return &o.out
}

// observed is an observation in the making.
type observed struct {
	rec      *series.Recording
	who      Subject
	grid     series.Grid
	lookback time.Duration
	out      Reality
}

// workloads are the series that tell spec.replicas, and the label that names the
// workload.
func workloads() []struct{ name, label string } {
	return []struct{ name, label string }{
		{"kube_deployment_spec_replicas", "deployment"},
		{"kube_statefulset_replicas", "statefulset"},
		{"kube_replicaset_spec_replicas", "replicaset"},
	}
}

// scale finds spec.replicas: from the workload, else from the autoscaler, which
// reads it at its syncs, else the pod count.
func (o *observed) scale(l *Load, from int) bool {
	for _, w := range workloads() {
		if s := o.one(o.named(w.name, ""), model.LabelName(w.label), o.who.Workload); s != nil {
			o.take(s)
			return true
		}
	}
	if s := o.ofAutoscaler("status_current_replicas", ""); s != nil {
		o.take(s)
		return true
	}
	r := l.Replicas
	if r == nil || from >= len(r.Values) {
		return false
	}
	o.out.From, o.out.Step = r.From, l.Grid.Step
	for i := range o.grid.N {
		n := r.Values[from+i]
		if r.Null != nil && r.Null[from+i] {
			n = sim.Unknown
		}
		o.out.Replicas = extend(o.out.Replicas, time.Duration(i)*o.grid.Step, n)
	}
	o.out.Replicas = extend(o.out.Replicas, time.Duration(o.grid.N)*o.grid.Step, sim.Unknown)
	return true
}

// take makes a series the replica count.
func (o *observed) take(s *series.Series) {
	o.out.From = string(s.Labels[model.MetricNameLabel])
	o.out.Step = max(s.Step(), o.grid.Step)
	o.out.Replicas = o.counts(s)
}

// named are the recorded series of a name with matchers, without duplicates.
func (o *observed) named(name, matchers string) []series.Series {
	sel, err := series.ParseSelector(name + matchers)
	if err != nil {
		return nil
	}
	found := slices.DeleteFunc(o.rec.Select(sel), func(s series.Series) bool { return !InNamespace(&s, o.who.Only) })
	if o.who.Namespace != "" && len(values(found, "namespace")) > 1 {
		found = slices.DeleteFunc(found, func(s series.Series) bool {
			return string(s.Labels["namespace"]) != o.who.Namespace
		})
	}
	return oneEach(found)
}

// oneEach drops what only another replica of Prometheus, or another scrape,
// tells apart. These are series of kube-state-metrics, whose instance is its own.
func oneEach(set []series.Series) []series.Series {
	var out []series.Series
	seen := map[model.Fingerprint]bool{}
	for _, s := range set {
		id := s.Labels.Clone()
		for _, l := range append(scrapeLabels(), "instance") {
			delete(id, l)
		}
		if key := id.Fingerprint(); !seen[key] {
			seen[key] = true
			out = append(out, s)
		}
	}
	return out
}

// one is the series whose label has a value, or the only one there is.
func (o *observed) one(set []series.Series, label model.LabelName, value string) *series.Series {
	if i := slices.IndexFunc(set, func(s series.Series) bool { return string(s.Labels[label]) == value }); i >= 0 {
		return &set[i]
	}
	if len(set) == 1 {
		return &set[0]
	}
	return nil
}

// ofAutoscaler is a series kube_horizontalpodautoscaler_… of the subject's
// autoscaler, or of the only one there is.
func (o *observed) ofAutoscaler(name, matchers string) *series.Series {
	return o.one(o.named("kube_horizontalpodautoscaler_"+name, matchers), "horizontalpodautoscaler", o.who.Autoscaler)
}

// autoscaler reads the recorded autoscaler's spec and status.
func (o *observed) autoscaler() {
	if s := o.ofAutoscaler("status_desired_replicas", ""); s != nil {
		o.out.Wanted = o.counts(s)
	}
	if s := o.ofAutoscaler("status_condition", `{condition="ScalingActive",status="false"}`); s != nil {
		o.out.Blind = o.where(s, func(v float64) bool { return v > 0 })
	}
	most := o.named("kube_horizontalpodautoscaler_spec_max_replicas", "")
	s := o.one(most, "horizontalpodautoscaler", o.who.Autoscaler)
	if s == nil {
		if len(most) > 1 {
			o.note("the recording has %d autoscalers, %s, none of which is called %s", len(most),
				strings.Join(values(most, "horizontalpodautoscaler"), ", "), o.who.Autoscaler)
		}
		return
	}
	in := &InForce{Name: string(s.Labels["horizontalpodautoscaler"]), Max: o.counts(s)}
	if s := o.ofAutoscaler("spec_min_replicas", ""); s != nil {
		in.Min = o.counts(s)
	}
	for _, s := range o.named("kube_horizontalpodautoscaler_spec_target_metric", fmt.Sprintf("{horizontalpodautoscaler=%q}", in.Name)) {
		in.Targets = append(in.Targets, Target{
			Metric: string(s.Labels["metric_name"]), Type: string(s.Labels["metric_target_type"]), Levels: o.levels(&s),
		})
	}
	o.out.InForce = in
}

func (o *observed) note(format string, args ...any) {
	o.out.Notes = append(o.out.Notes, fmt.Sprintf(format, args...))
}

// rollouts finds when pods of several templates lived: of several ReplicaSets,
// or fewer of the newest template than in all.
func (o *observed) rollouts() {
	o.out.Rollouts = o.severalOwners()
	for _, kind := range []string{"deployment", "statefulset"} {
		label := model.LabelName(kind)
		all := o.one(o.named("kube_"+kind+"_status_replicas", ""), label, o.who.Workload)
		updated := o.one(o.named("kube_"+kind+"_status_replicas_updated", ""), label, o.who.Workload)
		if all == nil || updated == nil {
			continue
		}
		rest := newTally(o.grid, o.lookback)
		rest.levels(all)
		others := newTally(o.grid, o.lookback)
		others.levels(updated)
		o.out.Rollouts = append(o.out.Rollouts, o.spans(func(k int) bool {
			return rest.known[k] && others.known[k] && others.sum[k] < rest.sum[k]
		})...)
	}
	o.out.Rollouts = unite(o.out.Rollouts)
}

// severalOwners are the times in which pods of more than one ReplicaSet of the
// workload were recorded.
func (o *observed) severalOwners() []sim.Span {
	lives := map[string][]sim.Span{}
	for _, s := range o.named("kube_pod_owner", `{owner_kind="ReplicaSet"}`) {
		owner := string(s.Labels["owner_name"])
		if len(s.Times) == 0 || o.who.Workload != "" && !strings.HasPrefix(owner, o.who.Workload+"-") {
			continue
		}
		from := time.Duration(s.Times[0]-o.grid.Start) * time.Millisecond
		to := time.Duration(s.Times[len(s.Times)-1]-o.grid.Start)*time.Millisecond + s.Step()
		lives[owner] = append(lives[owner], sim.Span{From: from, To: to})
	}
	type edge struct {
		at    time.Duration
		alive int
	}
	var edges []edge
	for _, spans := range lives {
		for _, s := range unite(spans) {
			edges = append(edges, edge{s.From, 1}, edge{s.To, -1})
		}
	}
	// At one instant those that end first: they do not overlap.
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Or(cmp.Compare(a.at, b.at), a.alive-b.alive) })
	var out []sim.Span
	alive, end := 0, time.Duration(o.grid.N)*o.grid.Step
	for i, e := range edges {
		alive += e.alive
		if alive > 1 {
			if s := (sim.Span{From: max(e.at, 0), To: min(edges[i+1].at, end)}); s.From < s.To {
				out = append(out, s)
			}
		}
	}
	return unite(out)
}

// unite sorts spans and joins those that touch.
func unite(spans []sim.Span) []sim.Span {
	slices.SortFunc(spans, func(a, b sim.Span) int { return cmp.Compare(a.From, b.From) })
	var out []sim.Span
	for _, s := range spans {
		if n := len(out); n > 0 && s.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}

// where are the times in which a gauge is recorded and meets a condition.
func (o *observed) where(s *series.Series, is func(float64) bool) []sim.Span {
	t := newTally(o.grid, o.lookback)
	t.levels(s)
	return o.spans(func(k int) bool { return t.known[k] && is(t.sum[k]) })
}

// spans are the steps that meet a condition, joined.
func (o *observed) spans(is func(k int) bool) []sim.Span {
	var out []sim.Span
	for k := range o.grid.N {
		if !is(k) {
			continue
		}
		s := sim.Span{From: time.Duration(k) * o.grid.Step, To: time.Duration(k+1) * o.grid.Step}
		if n := len(out); n > 0 && out[n-1].To == s.From {
			out[n-1].To = s.To
			continue
		}
		out = append(out, s)
	}
	return out
}

// levels reads a gauge at each step, kept where it changes.
func (o *observed) levels(s *series.Series) []Level {
	t := newTally(o.grid, o.lookback)
	t.levels(s)
	var out []Level
	add := func(k int, v float64) {
		if n := len(out); n > 0 && (out[n-1].V == v || math.IsNaN(out[n-1].V) && math.IsNaN(v)) {
			return
		}
		out = append(out, Level{time.Duration(k) * o.grid.Step, v})
	}
	for k := range o.grid.N {
		if t.known[k] {
			add(k, t.sum[k])
		} else {
			add(k, math.NaN())
		}
	}
	add(o.grid.N, math.NaN())
	return out
}

// counts reads a gauge as a count.
func (o *observed) counts(s *series.Series) []sim.Point {
	var out []sim.Point
	for _, l := range o.levels(s) {
		n := sim.Unknown
		if l.V >= 0 && l.V <= math.MaxInt32 {
			n = int32(math.Round(l.V))
		}
		out = extend(out, l.T, n)
	}
	return out
}

// extend adds a count where it differs from the last one.
func extend(points []sim.Point, t time.Duration, n int32) []sim.Point {
	if last := len(points) - 1; last >= 0 && points[last].N == n {
		return points
	}
	return append(points, sim.Point{T: t, N: n})
}
