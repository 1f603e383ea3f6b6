package fit

import (
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
)

// ScrapeInterval tells how often series of one job were scraped, and how that is
// known; 0 where it does not show. Samples as scraped are as far apart as the
// scrapes. Those of query_range all lie on one grid, whatever the scrapes: there
// it shows in counters that change only every so often, if those of several
// metrics agree.
func ScrapeInterval(set []*series.Series) (each time.Duration, how string) {
	var steps, treads []time.Duration
	slow := map[model.LabelValue]bool{}
	counters := 0
	for _, s := range set {
		step := s.Step()
		if step == 0 {
			continue
		}
		steps = append(steps, step)
		if kindOf(string(s.Labels[model.MetricNameLabel]), &series.Recording{}) != Counter {
			continue
		}
		counters++
		if tread, _ := stairs(s); tread > 0 {
			treads = append(treads, time.Duration(tread)*time.Millisecond)
			slow[s.Labels[model.MetricNameLabel]] = true
		}
	}
	if len(steps) == 0 {
		return 0, ""
	}
	slices.Sort(steps)
	slices.Sort(treads)
	if step := steps[len(steps)/2]; !onGrid(set, step) {
		return step, fmt.Sprintf("so far apart are the samples of %d series", len(steps))
	}
	const agreeing = 3
	if len(slow) < agreeing || 2*len(treads) < counters {
		return 0, ""
	}
	each = treads[len(treads)/2]
	for _, tread := range treads {
		if 10*max(tread-each, each-tread) > each {
			return 0, ""
		}
	}
	return each, fmt.Sprintf("so far apart do %d counters change", len(treads))
}

// onGrid says whether all samples lie on one grid, or on two where a recording was
// resumed: each target is scraped at an instant of its own.
func onGrid(set []*series.Series, step time.Duration) bool {
	const most = 2
	phases := map[int64]bool{}
	for _, s := range set {
		for _, t := range s.Times {
			if phases[t%step.Milliseconds()] = true; len(phases) > most {
				return false
			}
		}
	}
	return true
}
