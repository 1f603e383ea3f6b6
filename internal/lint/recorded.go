package lint

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/fit"
	"github.com/elasticctl/elasticctl/internal/series"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// recorded is a recording beside the manifests: which of its series are whose.
// The columns are the recording's own; what is kept besides grows with the number
// of series and not with their samples.
type recorded struct {
	rec *series.Recording
	// pods are the recorded pods by namespace, in order of the recording.
	pods map[string][]*recordedPod
	// labels are the names of labels that occur.
	labels map[string]bool
	// own are the pods of workloads that somebody scales.
	own map[*workload][]*recordedPod
	// uses are the series that autoscalers scale on.
	uses []use
}

// recordedPod is a pod: the series that it reported itself, and those that others
// did about it.
type recordedPod struct {
	name            string
	reported, about []*series.Series
}

// joinRecording joins a recording with the objects.
func (x *index) joinRecording(rec *series.Recording) {
	r := &recorded{rec: rec, pods: map[string][]*recordedPod{}, labels: map[string]bool{}, own: map[*workload][]*recordedPod{}}
	r.findPods()
	for _, s := range x.scalers {
		w := s.workload
		if w == nil || r.own[w] != nil {
			continue
		}
		all := slices.Concat(r.pods[w.Namespace], r.pods[""])
		if len(all) == 0 {
			continue
		}
		whose := fit.PodsOf(rec, r.options(w))
		for _, p := range all {
			if own, _ := whose.Count([]model.Metric{p.labels()}); own > 0 {
				r.own[w] = append(r.own[w], p)
			}
		}
	}
	x.recorded = r
	r.uses = x.findUses()
}

// findPods finds the pods that series name.
func (r *recorded) findPods() {
	type key struct{ namespace, pod string }
	known := map[key]*recordedPod{}
	for i := range r.rec.Series {
		s := &r.rec.Series[i]
		for name := range s.Labels {
			r.labels[string(name)] = true
		}
		at := key{string(s.Labels["namespace"]), string(s.Labels["pod"])}
		others := aboutOthers(nameOf(s))
		if pod := string(s.Labels["exported_pod"]); pod != "" {
			at, others = key{cmp.Or(string(s.Labels["exported_namespace"]), at.namespace), pod}, true
		}
		if at.pod == "" || len(s.Times) == 0 {
			continue
		}
		p := known[at]
		if p == nil {
			p = &recordedPod{name: at.pod}
			known[at] = p
			r.pods[at.namespace] = append(r.pods[at.namespace], p)
		}
		if others {
			p.about = append(p.about, s)
		} else {
			p.reported = append(p.reported, s)
		}
	}
}

// labels are those of one of the pod's series.
func (p *recordedPod) labels() model.Metric {
	return slices.Concat(p.about, p.reported)[0].Labels
}

// named are the pod's series of a metric.
func (p *recordedPod) named(name string) []*series.Series {
	var list []*series.Series
	for _, s := range slices.Concat(p.about, p.reported) {
		if nameOf(s) == name {
			list = append(list, s)
		}
	}
	return list
}

// options ask fit for a workload's pods.
func (r *recorded) options(w *workload) fit.Options {
	return fit.Options{Namespace: w.Namespace, Workload: fit.Workload{Kind: w.Kind, Name: w.Name, Namespace: w.Namespace}}
}

// aboutOthers says whether a metric is one of exporters that speak of pods which
// are not their own: kube-state-metrics, cAdvisor.
func aboutOthers(name string) bool {
	return strings.HasPrefix(name, "kube_") || strings.HasPrefix(name, "container_")
}

func nameOf(s *series.Series) string { return string(s.Labels[model.MetricNameLabel]) }

// named are the series of a metric; a recording is in order of their names.
func (r *recorded) named(name string) []series.Series {
	all := r.rec.Series
	from := sort.Search(len(all), func(i int) bool { return nameOf(&all[i]) >= name })
	to := from
	for to < len(all) && nameOf(&all[to]) == name {
		to++
	}
	return all[from:to]
}

// reported are the series that a workload's pods reported themselves.
func (r *recorded) reported(w *workload) []*series.Series {
	var list []*series.Series
	for _, p := range r.own[w] {
		list = append(list, p.reported...)
	}
	return list
}

func between(from, to int64) time.Duration { return time.Duration(to-from) * time.Millisecond }

// at is a time in a message.
func at(ms int64) string { return series.Timestamp(ms) }

// lasted is a length of time in a message.
func lasted(d time.Duration) string {
	switch {
	case d >= time.Hour:
		d = d.Round(time.Minute)
	case d >= time.Minute:
		d = d.Round(time.Second)
	}
	return duration(d)
}

// unchecked notes that a rule could not look at a field, and why.
func (c *checker) unchecked(o *object, path, reason string) {
	c.report(o, path, reason, "").unchecked = true
}

// uncheckedAt is unchecked at a field path of autoscaling/v2.
func (c *checker) uncheckedAt(s *scaler, path, reason string) {
	c.at(s, path, reason, "").unchecked = true
}

// autoscaler is what kube-state-metrics said of an autoscaler; nil where the
// recording does not name it. Without workloads' own series fit reads the replicas
// from the autoscaler's status.
func (r *recorded) autoscaler(s *scaler) *autoscaled {
	const prefix = "kube_horizontalpodautoscaler_"
	name := s.Name
	if so, ok := s.Typed.(*scaledObject); ok {
		name, _ = so.hpaName()
	}
	all := r.rec.Series
	from := sort.Search(len(all), func(i int) bool { return nameOf(&all[i]) >= prefix })
	own := &series.Recording{}
	for i := from; i < len(all) && strings.HasPrefix(nameOf(&all[i]), prefix); i++ {
		if l := all[i].Labels; string(l["horizontalpodautoscaler"]) == name && string(l["namespace"]) == s.Namespace {
			own.Series = append(own.Series, all[i])
		}
	}
	if len(own.Series) == 0 {
		return nil
	}
	grid, err := fit.QueryGrid(own, 0)
	if err != nil {
		return nil
	}
	load := &fit.Load{Grid: grid, Lookback: fit.Lookback(own.Series)}
	reality := fit.Observe(own, load, grid.Start, fit.Subject{Namespace: s.Namespace, Autoscaler: name})
	if reality == nil {
		return nil
	}
	return &autoscaled{reality, grid.Start}
}

// autoscaled is an autoscaler's recorded course.
type autoscaled struct {
	*fit.Reality
	// start is when its times count from, in milliseconds since the epoch.
	start int64
}

// stretch is a time in which the replicas did not change.
type stretch struct {
	from, to time.Duration
	replicas int32
}

// stretches are the times in which the replicas are known.
func (a *autoscaled) stretches() []stretch {
	var list []stretch
	for i := 0; i+1 < len(a.Replicas); i++ {
		if p := a.Replicas[i]; p.N >= 0 {
			list = append(list, stretch{p.T, a.Replicas[i+1].T, p.N})
		}
	}
	return list
}

// most is maxReplicas as it was in force at a time; ok is false where that is not
// known.
func (a *autoscaled) most(t time.Duration) (n int32, ok bool) {
	if a.InForce == nil {
		return 0, false
	}
	for _, p := range a.InForce.Max {
		if p.T > t {
			break
		}
		n = p.N
	}
	return n, n > 0
}

// noAutoscaler is why nothing can be said of an autoscaler's course.
func noAutoscaler(s *scaler) string {
	return fmt.Sprintf("the recording has no kube_horizontalpodautoscaler_status_current_replicas of %s %s/%s", s.Kind, s.Namespace, s.Name)
}

// pointers are the places of series in a slice.
func pointers(set []series.Series) []*series.Series {
	list := make([]*series.Series, len(set))
	for i := range set {
		list[i] = &set[i]
	}
	return list
}

// values are the values that series have of a label, in order.
func valuesOf(set []*series.Series, label string) []string {
	var list []string
	for _, s := range set {
		if v := string(s.Labels[model.LabelName(label)]); v != "" {
			list = append(list, v)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// take adds findings. Where something could not be checked, it is skipped: once
// for all the rules that say the same.
func (r *Result) take(list []Finding, s *set) {
	type key struct {
		yamlpos.Position
		reason string
	}
	var skipped []Finding
	rules := map[key][]string{}
	for i := range list {
		f := &list[i]
		if !f.unchecked {
			r.Findings = append(r.Findings, *f)
			continue
		}
		k := key{f.Position, f.Message}
		if rules[k] == nil {
			skipped = append(skipped, *f)
		}
		if !slices.Contains(rules[k], f.Rule) {
			rules[k] = append(rules[k], f.Rule)
		}
	}
	sortFindings(skipped, s)
	for i := range skipped {
		f := &skipped[i]
		names := strings.Join(rules[key{f.Position, f.Message}], ", ")
		r.Skipped = append(r.Skipped, Skipped{Position: f.Position, Reason: names + ": " + f.Message, Quiet: true})
	}
}
