package fit

import (
	"math"
	"time"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
)

// births returns when pods were created, in milliseconds since the epoch, as
// kube-state-metrics says, else when their first container started.
func births(rec *series.Recording) map[podKey]int64 {
	born := map[podKey]int64{}
	for _, name := range []model.LabelValue{"kube_pod_created", "kube_pod_start_time", "container_start_time_seconds"} {
		found := map[podKey]int64{}
		for i := range rec.Series {
			s := &rec.Series[i]
			key := keyOf(s.Labels)
			if s.Labels[model.MetricNameLabel] != name || key.pod == "" || len(s.Values) == 0 {
				continue
			}
			v := s.Values[0] * 1000
			if !(v > 0 && v < 1e15) {
				continue
			}
			if old, again := found[key]; !again || int64(v) < old {
				found[key] = int64(v)
			}
		}
		for key, v := range found {
			if _, known := born[key]; !known {
				born[key] = v
			}
		}
	}
	return born
}

// fromZero gives counters that began within the recording the zero from which
// they began: at their pod's birth, or, where the pod was already scraped, at the
// scrape before. Without it the first gain of each is lost.
//
// A series whose pod lost another one at that scrape may go on under new labels:
// nothing is known of where it began.
func fromZero(set []series.Series, born map[podKey]int64, lookback time.Duration) {
	begin, _ := series.Bounds(set)
	pods := map[podKey][]int{}
	for i := range set {
		if key := keyOf(set[i].Labels); key.pod != "" && len(set[i].Times) > 0 {
			pods[key] = append(pods[key], i)
		}
	}
	for key, own := range pods {
		at, known := born[key]
		if !known {
			at = never
		}
		var zeros []int64
		for _, i := range own {
			zeros = append(zeros, beginning(set, own, i, at))
		}
		for n, i := range own {
			s := &set[i]
			if t := zeros[n]; t >= begin && t < s.Times[0] && s.Times[0]-t <= lookback.Milliseconds() && !math.IsNaN(s.Values[0]) {
				s.Times, s.Values = append([]int64{t}, s.Times...), append([]float64{0}, s.Values...)
			}
		}
	}
}

// never is before all recordings.
const never = math.MinInt64

// beginning is when a series of a pod was zero, never for unknown.
func beginning(set []series.Series, own []int, i int, born int64) int64 {
	first, before := set[i].Times[0], int64(never)
	for _, j := range own {
		at := after(set[j].Times, first)
		if at > 0 && set[j].Times[at-1] < first {
			return never // another one ended, or is scraped at other times
		}
		if at > 1 {
			before = max(before, set[j].Times[at-2])
		}
	}
	if before == never {
		return born
	}
	return before
}
