package lint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
)

// statusRequests is how many requests have to agree on their status before that is
// strange.
const statusRequests = 10_000

// dataStatus hold what counters say of outcomes against what services do.
var dataStatus = []Rule{
	{
		ID: "data-status-constant", Severity: Info, Tier: Recommended, Recorded: true,
		What: "a counter of requests has one status only, whatever happened",
		Why: "Middleware that writes a constant, or reads the status before the handler has set it, counts failures as successes: an alert, an objective or a canary " +
			"that looks at the status sees none. Of a service that really never answers otherwise, the label says nothing.",
		How: fmt.Sprintf("What a monitor's endpoint had scraped from the pods of an autoscaled workload: counters in _total or _count with a label status, status_code, code, http_status or http_code. "+
			"All their series of the workload have the same value of it, and counted %d requests at least. A label that metricRelabelings drop is passed over, and so are numbers of gRPC, where all is often well.", statusRequests),
		Sources: []string{
			"https://prometheus.io/docs/practices/instrumentation/#failures",
			"https://pkg.go.dev/github.com/prometheus/client_golang/prometheus/promhttp#InstrumentHandlerCounter",
		},
		check: dataStatusConstant,
	},
}

// statusLabels are names of the label that says how a request ended.
func statusLabels() []string {
	return []string{"status", "status_code", "code", "http_status", "http_code"}
}

func dataStatusConstant(c *checker) {
	c.eachScrape(func(w *workload, by *scrape, pods [][]*series.Series) {
		counters := map[string][]*series.Series{}
		for _, s := range slices.Concat(pods...) {
			if name := nameOf(s); strings.HasSuffix(name, "_total") || strings.HasSuffix(name, "_count") {
				counters[name] = append(counters[name], s)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(counters)) {
			for _, label := range statusLabels() {
				if unlabels(by.endpoint.metricRelabel, label) < 0 {
					c.constant(w, by, label, counters[name])
				}
			}
		}
	})
}

// constant reports a counter whose series all have one status.
func (c *checker) constant(w *workload, by *scrape, label string, counter []*series.Series) {
	requests := 0.0
	for _, s := range counter {
		if status := s.Labels[model.LabelName(label)]; status == "" || status != counter[0].Labels[model.LabelName(label)] {
			return
		}
		requests += grown(s)
	}
	status := string(counter[0].Labels[model.LabelName(label)])
	if requests < statusRequests || status == "OK" || status == "0" {
		return
	}
	name := nameOf(counter[0])
	c.report(by.monitor.object, by.endpoint.path, fmt.Sprintf("all %.0f requests that %s counted of %s have %s=%q", requests, name, w.Name, label, status),
		"see that the code counts the status that was written, after the handler has written it")
}

// grown is how much a counter counted; what it stood at to begin with is not known.
func grown(s *series.Series) (sum float64) {
	for i := 1; i < len(s.Values); i++ {
		if step := s.Values[i] - s.Values[i-1]; step > 0 {
			sum += step
		} else if step < 0 && s.Values[i] > 0 {
			sum += s.Values[i] // it began anew
		}
	}
	return sum
}
