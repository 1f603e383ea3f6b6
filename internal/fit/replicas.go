package fit

import (
	"cmp"
	"math"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
)

// Replicas is the recorded number of pods in each step.
type Replicas struct {
	// From says what it was read from: a metric's name, or "pods that report …".
	From   string
	Values []int32
	// Null marks steps without a value; nil means that there is none.
	Null []bool
}

func (r *Replicas) null(k int) bool { return r.Null != nil && r.Null[k] }

// counts are the series that tell a workload's pod count, best first. A level is
// the count itself; otherwise each series is one pod, counted where it is not 0.
func counts() []struct {
	selector, from string
	level          bool
	by             model.LabelName
} {
	return []struct {
		selector, from string
		level          bool
		by             model.LabelName
	}{
		{"kube_deployment_status_replicas", "kube_deployment_status_replicas", true, ""},
		{"kube_horizontalpodautoscaler_status_current_replicas", "kube_horizontalpodautoscaler_status_current_replicas", true, ""},
		{`kube_pod_status_ready{condition="true"}`, `kube_pod_status_ready{condition="true"}`, false, "pod"},
		{"up", "up", false, "instance"},
	}
}

// replicas reads the pod count from the first source that tells it for this
// workload, in its namespace, and no other; else it counts the pods that report
// the first metric.
func replicas(rec *series.Recording, l *Load, o *owners) *Replicas {
	var used []series.Series
	for i := range l.Demands {
		if l.Demands[i].Kind != Expression {
			used = append(used, l.Demands[i].used...)
		}
	}
	for _, c := range counts() {
		sel, err := series.ParseSelector(c.selector)
		if err != nil {
			continue
		}
		set := dedupe(inNamespace(rec.Select(sel), o.namespace))
		if c.level {
			set = o.levels(set)
			if len(set) == 1 {
				return count(c.from, set, l, true)
			}
			continue
		}
		if set = ofWorkload(set, used, c.by); len(set) > 0 {
			return count(c.from, set, l, false)
		}
	}
	if len(l.Demands) == 0 || l.Demands[0].Kind == Expression {
		return nil
	}
	return reporting(&l.Demands[0], l)
}

// ofWorkload keeps the series whose pod or instance the demand came from. Where
// nothing connects the two, it keeps them if they are of one job and namespace.
func ofWorkload(set, used []series.Series, by model.LabelName) []series.Series {
	mine := map[model.LabelValue]bool{}
	for _, v := range values(used, by) {
		mine[model.LabelValue(v)] = true
	}
	if len(mine) == 0 {
		if len(values(set, "job")) > 1 || len(values(set, "namespace")) > 1 {
			return nil
		}
		return set
	}
	var out []series.Series
	for _, s := range set {
		if mine[s.Labels[by]] {
			out = append(out, s)
		}
	}
	return out
}

// count sums levels, or series that are not zero.
func count(from string, set []series.Series, l *Load, level bool) *Replicas {
	sum, known := make([]float64, l.Grid.N), make([]bool, l.Grid.N)
	one := newTally(l.Grid, l.Lookback)
	for i := range set {
		one.reset()
		one.levels(&set[i])
		for k, v := range one.sum {
			if !level && v != 0 {
				v = 1
			}
			sum[k] += v
			known[k] = known[k] || one.known[k]
		}
	}
	return newReplicas(from, sum, known)
}

// reporting counts the distinct pods, or else instances, that report a metric.
func reporting(d *Demand, l *Load) *Replicas {
	pods := map[model.LabelValue][]*series.Series{}
	for i := range d.used {
		s := &d.used[i]
		pod := cmp.Or(s.Labels["pod"], s.Labels["instance"])
		if pod == "" {
			return nil
		}
		pods[pod] = append(pods[pod], s)
	}
	sum, known := make([]float64, l.Grid.N), make([]bool, l.Grid.N)
	one := newTally(l.Grid, l.Lookback)
	for _, own := range pods { // in any order: whole numbers add up the same
		one.reset()
		for _, s := range own {
			one.levels(s)
		}
		for k, here := range one.known {
			if here {
				sum[k]++
				known[k] = true
			}
		}
	}
	return newReplicas("pods that report "+d.From, sum, known)
}

func newReplicas(from string, sum []float64, known []bool) *Replicas {
	r := &Replicas{From: from, Values: make([]int32, len(sum))}
	for k, v := range sum {
		if known[k] && v >= 0 && v <= math.MaxInt32 {
			r.Values[k] = int32(math.Round(v))
			continue
		}
		if r.Null == nil {
			r.Null = make([]bool, len(sum))
		}
		r.Null[k] = true
	}
	return r
}
