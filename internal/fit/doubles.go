package fit

import (
	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
)

// Doubles returns the pairs of series that say the same of one pod, and differ
// only in how they were scraped: in job, service, endpoint or path. A pair is the
// places of a series and of the first one that it repeats.
func Doubles(set []series.Series) [][2]int {
	var pairs [][2]int
	first := map[model.Fingerprint][]int{}
	for i := range set {
		if set[i].Labels["pod"] == "" || len(set[i].Times) == 0 {
			continue
		}
		id := set[i].Labels.Clone()
		for _, l := range append(scrapeLabels(), "instance") {
			delete(id, l)
		}
		key, repeats := id.Fingerprint(), false
		for _, j := range first[key] {
			if agree(&set[j], &set[i]) {
				pairs, repeats = append(pairs, [2]int{j, i}), true
				break
			}
		}
		if !repeats {
			first[key] = append(first[key], i)
		}
	}
	return pairs
}
