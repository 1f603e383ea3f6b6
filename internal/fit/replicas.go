package fit

import (
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
// workload and no other; else it counts the pods that report the first metric.
func replicas(rec *series.Recording, l *Load) *Replicas {
	var used []series.Series
	for i := range l.Demands {
		if l.Demands[i].Kind != Expression {
			used = append(used, l.Demands[i].used...)
		}
	}
	f := frame{l.Grid, l.Lookback}
	for _, c := range counts() {
		sel, err := series.ParseSelector(c.selector)
		if err != nil {
			continue
		}
		set := dedupe(rec.Select(sel))
		if c.level {
			if len(set) == 1 {
				return count(c.from, set, f, true)
			}
			continue
		}
		if set = ofWorkload(set, used, c.by); len(set) > 0 {
			return count(c.from, set, f, false)
		}
	}
	if len(l.Demands) == 0 || l.Demands[0].Kind == Expression {
		return nil
	}
	return reporting(&l.Demands[0], f)
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
func count(from string, set []series.Series, f frame, level bool) *Replicas {
	sum, known := make([]float64, f.grid.N), make([]bool, f.grid.N)
	for i := range set {
		one, here := make([]float64, f.grid.N), make([]bool, f.grid.N)
		addLevels(one, here, &set[i], f)
		for k := range one {
			if !level && one[k] != 0 {
				one[k] = 1
			}
			sum[k] += one[k]
			known[k] = known[k] || here[k]
		}
	}
	return newReplicas(from, sum, known)
}

// reporting counts the distinct pods, or else instances, that report a metric.
func reporting(d *Demand, f frame) *Replicas {
	sum, known := make([]float64, f.grid.N), make([]bool, f.grid.N)
	pods := map[model.LabelValue][]series.Series{}
	var order []model.LabelValue
	for _, s := range d.used {
		pod := s.Labels["pod"]
		if pod == "" {
			pod = s.Labels["instance"]
		}
		if pod == "" {
			return nil
		}
		if pods[pod] == nil {
			order = append(order, pod)
		}
		pods[pod] = append(pods[pod], s)
	}
	for _, pod := range order {
		here := make([]bool, f.grid.N)
		for i := range pods[pod] {
			addLevels(make([]float64, f.grid.N), here, &pods[pod][i], f)
		}
		for k, ok := range here {
			if ok {
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
