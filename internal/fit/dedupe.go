package fit

import (
	"math"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
)

// scrapeLabels say who scraped, and how, not what was scraped. Series that
// differ in these alone are one.
func scrapeLabels() []model.LabelName {
	return []model.LabelName{
		"replica", "prometheus_replica", "__replica__", "prometheus", "cluster_replica", // one of a pair of servers
		"job", "endpoint", "service", "metrics_path", // one of two scrape configurations
	}
}

// dedupe makes one series of those recorded twice. It looks only at series that
// name their pod or instance: without these, a label "replica" may well be the
// pod. Of the duplicates the one with the most samples counts, the first of
// equals; the others fill its gaps.
func dedupe(set []series.Series) []series.Series {
	var out []series.Series
	index := map[model.Fingerprint]int{}
	for _, s := range set {
		if s.Labels["pod"] == "" && s.Labels["instance"] == "" {
			out = append(out, s)
			continue
		}
		id := s.Labels.Clone()
		for _, l := range scrapeLabels() {
			delete(id, l)
		}
		key := id.Fingerprint()
		i, again := index[key]
		switch {
		case !again:
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
