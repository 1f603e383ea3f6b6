package fit

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
)

// scraped is a series of n samples from a time in milliseconds, with the values of
// a function.
func scraped(labels model.Metric, from int64, every time.Duration, of func(i int) float64) *series.Series {
	s := &series.Series{Labels: labels}
	for i := range 60 {
		s.Times, s.Values = append(s.Times, from+int64(i)*every.Milliseconds()), append(s.Values, of(i))
	}
	return s
}

func TestScrapeIntervalTellsScrapesFromQueries(t *testing.T) {
	counter := func(pod, k int) model.Metric {
		return model.Metric{"__name__": model.LabelValue(fmt.Sprintf("c%d_total", k)), "pod": model.LabelValue(fmt.Sprint(pod))}
	}
	var raw, grid, stairs, gauges []*series.Series
	for pod := range 3 {
		for k := range 3 {
			grows := func(i int) float64 { return float64(i * (k + 1)) }
			raw = append(raw, scraped(counter(pod, k), int64(1000*pod*7+13), 30*time.Second, grows))
			grid = append(grid, scraped(counter(pod, k), 0, 15*time.Second, grows))
			stairs = append(stairs, scraped(counter(pod, k), 0, 15*time.Second, func(i int) float64 { return grows((i + pod) / 4) }))
			gauges = append(gauges, scraped(model.Metric{"__name__": "g", "pod": model.LabelValue(fmt.Sprint(pod, k))}, 0, 15*time.Second, grows))
		}
	}
	for _, tc := range []struct {
		name string
		set  []*series.Series
		want time.Duration
	}{
		{"as scraped", raw, 30 * time.Second},
		{"asked for as often as scraped", grid, 0},
		{"asked for more often than scraped", stairs, time.Minute},
		{"gauges on a grid", gauges, 0},
		{"counters of one metric", stairs[:1], 0},
		{"nothing", nil, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, _ := ScrapeInterval(tc.set); got != tc.want {
				t.Errorf("%v, want %v", got, tc.want)
			}
		})
	}
}

func TestDoublesAreOfOnePodAndSayTheSame(t *testing.T) {
	of := func(job, pod string) model.Metric {
		return model.Metric{"__name__": "x_total", "job": model.LabelValue(job), "pod": model.LabelValue(pod)}
	}
	grows := func(by float64) func(int) float64 { return func(i int) float64 { return by * float64(i) } }
	set := []series.Series{
		*scraped(of("a", "p"), 0, time.Minute, grows(2)),
		*scraped(of("a", "q"), 0, time.Minute, grows(2)),
		*scraped(of("b", "p"), 4000, time.Minute, grows(2)),
		*scraped(of("c", "p"), 0, time.Minute, grows(3)),
		*scraped(of("a", ""), 0, time.Minute, grows(2)),
		*scraped(of("b", ""), 0, time.Minute, grows(2)),
	}
	if got := fmt.Sprint(Doubles(set)); got != "[[0 2]]" {
		t.Error(got)
	}
}
