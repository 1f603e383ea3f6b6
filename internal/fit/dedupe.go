package fit

import (
	"math"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
)

// serverLabels name the one of a pair of servers that scraped. Series that
// differ in these alone are one.
func serverLabels() []model.LabelName {
	return []model.LabelName{"replica", "prometheus_replica", "__replica__", "prometheus", "cluster_replica"}
}

// scrapeLabels say how something was scraped. Series that differ in these as
// well are one if they also say the same.
func scrapeLabels() []model.LabelName {
	return append(serverLabels(), "job", "endpoint", "service", "metrics_path")
}

// placeLabels say where something was scraped: not twice at one place, but a
// container may answer on two ports, and a kubelet be known by two names.
func placeLabels() []model.LabelName {
	return append(scrapeLabels(), "instance", "node", "kubernetes_io_hostname", "host")
}

// dedupe makes one series of those recorded twice. It looks only at series that
// name their pod or instance: without these, a label "replica" may well be the
// pod. Of the duplicates the one with the most samples counts, the first of
// equals; the others fill its gaps.
func dedupe(set []series.Series) []series.Series {
	named := func(s *series.Series) bool { return s.Labels["pod"] != "" || s.Labels["instance"] != "" }
	set = merge(set, serverLabels(), func(a, _ *series.Series) bool { return named(a) })
	set = merge(set, scrapeLabels(), func(a, b *series.Series) bool { return named(a) && agree(a, b) })
	return merge(set, placeLabels(), func(a, b *series.Series) bool {
		return a.Labels["pod"] != "" && a.Labels["container"] != "" && agree(a, b)
	})
}

// merge makes one series of those that differ in the ignored labels alone, and
// that same says are the same.
func merge(set []series.Series, ignore []model.LabelName, same func(a, b *series.Series) bool) []series.Series {
	var out []series.Series
	index := map[model.Fingerprint]int{}
	for _, s := range set {
		id := s.Labels.Clone()
		for _, l := range ignore {
			delete(id, l)
		}
		key := id.Fingerprint()
		i, again := index[key]
		switch {
		case !again || !same(&out[i], &s):
			index[key] = len(out)
			out = append(out, s)
		case len(s.Times) > len(out[i].Times):
			out[i] = splice(s, out[i])
		default:
			out[i] = splice(out[i], s)
		}
	}
	return out
}

// agree says whether two series tell the same: over the time they share, which
// is most of the shorter one, their values stay within 2 % of what they reach.
// Two scrapes of one counter differ by what it gains between them.
func agree(a, b *series.Series) bool {
	const samples = 200
	from, to := max(a.Times[0], b.Times[0]), min(a.Times[len(a.Times)-1], b.Times[len(b.Times)-1])
	shorter := min(a.Times[len(a.Times)-1]-a.Times[0], b.Times[len(b.Times)-1]-b.Times[0])
	if to <= from || 2*(to-from) < shorter {
		return false
	}
	reach, apart := 0.0, 0.0
	for i := range int64(samples) {
		t := from + (to-from)*i/(samples-1)
		va, vb := between(a, t), between(b, t)
		if math.IsNaN(va) || math.IsNaN(vb) {
			continue
		}
		reach = max(reach, math.Abs(va), math.Abs(vb))
		apart = max(apart, math.Abs(va-vb))
	}
	return apart <= 0.02*reach
}

// between is a series' value at a time, on the line between its two samples
// around it.
func between(s *series.Series, t int64) float64 {
	i := after(s.Times, t)
	if i == 0 || i == len(s.Times) {
		if i > 0 && s.Times[i-1] == t {
			return s.Values[i-1]
		}
		return math.NaN()
	}
	t0, t1 := s.Times[i-1], s.Times[i]
	return s.Values[i-1] + (s.Values[i]-s.Values[i-1])*float64(t-t0)/float64(t1-t0)
}

// after is the index of the first time later than t.
func after(times []int64, t int64) int {
	lo, hi := 0, len(times)
	for lo < hi {
		if mid := int(uint(lo+hi) >> 1); times[mid] <= t {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// containerRows leaves out what repeats the rows of containers: cAdvisor's rows
// of pod sandboxes (POD), of whole pods (container="") whose containers have
// rows of their own, and of single CPUs beside cpu="total".
func containerRows(set []series.Series) []series.Series {
	split, totals := map[podKey]bool{}, map[podKey]bool{}
	for i := range set {
		l := set[i].Labels
		if c := l["container"]; c != "" && c != "POD" {
			split[keyOf(l)] = true
		}
		if l["cpu"] == "total" {
			totals[keyOf(l)] = true
		}
	}
	var out []series.Series
	for _, s := range set {
		key, container, cpu := keyOf(s.Labels), s.Labels["container"], s.Labels["cpu"]
		whole := container == "POD" || container == "" && split[key]
		if whole || totals[key] && cpu != "" && cpu != "total" {
			continue
		}
		out = append(out, s)
	}
	return out
}

// splice fills the silences of a that are longer than two of its steps, and the
// time before and after it, with the samples of b.
func splice(a, b series.Series) series.Series {
	hole := 2 * a.Step().Milliseconds()
	out := series.Series{Labels: a.Labels, Source: a.Source}
	last, j := int64(math.MinInt64), 0
	for i := 0; i <= len(a.Times); i++ {
		next := int64(math.MaxInt64)
		if i < len(a.Times) {
			next = a.Times[i]
		}
		for ; j < len(b.Times) && b.Times[j] < next; j++ {
			open := last == math.MinInt64 || next == math.MaxInt64 || next-last > hole
			if open && b.Times[j] > last {
				out.Times, out.Values = append(out.Times, b.Times[j]), append(out.Values, b.Values[j])
			}
		}
		if i < len(a.Times) {
			out.Times, out.Values = append(out.Times, next), append(out.Values, a.Values[i])
			last = next
		}
	}
	return out
}
