package lint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/elasticctl/elasticctl/internal/fit"
	"github.com/elasticctl/elasticctl/internal/series"
)

// dataScrape hold what monitors say against how their pods were scraped.
var dataScrape = []Rule{
	{
		ID: "data-interval-measured", Severity: Warning, Tier: Default, Recorded: true,
		What: "pods were scraped less often than their monitor says",
		Why:  "Rates are taken over windows that were chosen for the interval that is written. With fewer samples in them they are empty at times, and always late.",
		How: "The series that a monitor's endpoint had scraped from the pods of an autoscaled workload are found by pod and, where several endpoints scrape the pods, by the label endpoint. Their real spacing is " +
			"that of their samples, where these are as scraped: not on one grid, as an answer of query_range is; on a grid it is how far apart counters change, if those of three metrics agree on it. " +
			"It is reported from one and a half times the interval on. Pods that are scraped more often than is written harm nothing and are passed over.",
		Sources: []string{
			"https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config",
			"https://github.com/prometheus-operator/kube-prometheus/issues/1231",
		},
		check: dataIntervalMeasured,
	},
	{
		ID: "sm-sample-limit", Severity: Error, Tier: Default, Recorded: true,
		What: "a monitor's sampleLimit is below what a scrape of the pods returned",
		Why:  "Prometheus drops the whole scrape, and up is 0: there is no metric of the pod at all.",
		How: "sampleLimit of a ServiceMonitor or PodMonitor is held against the highest scrape_samples_post_metric_relabeling of the autoscaled pods that it scrapes; without that, against how many series one " +
			"of them had recorded of one job at one time, which is no more than it returned. It is an error, because what was recorded fails with certainty.",
		Sources: []string{
			"https://github.com/prometheus-operator/prometheus-operator/blob/main/pkg/prometheus/promcfg.go",
			"https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config",
		},
		check: smSampleLimit,
	},
}

// scrapedBy are the series that a scrape had from a workload's pods, pod by pod; none
// where that cannot be told from other scrapes.
func (c *checker) scrapedBy(w *workload, by *scrape) [][]*series.Series {
	several := slices.ContainsFunc(w.scrapes, func(s scrape) bool { return s.endpoint != by.endpoint })
	var pods [][]*series.Series
	for _, p := range c.recorded.own[w] {
		var own []*series.Series
		for _, s := range p.reported {
			endpoint := string(s.Labels["endpoint"])
			named := by.endpoint.names != nil && by.endpoint.port != "" && by.endpoint.names.MatchString(endpoint)
			if !several || endpoint != "" && named {
				own = append(own, s)
			}
		}
		if len(own) > 0 {
			pods = append(pods, own)
		}
	}
	return pods
}

// eachScrape calls a function for each endpoint by which an autoscaled workload is
// scraped, with what it had from the pods.
func (c *checker) eachScrape(do func(w *workload, by *scrape, pods [][]*series.Series)) {
	for _, w := range c.workloads {
		if w.scaler() == nil {
			continue
		}
		for i := range w.scrapes {
			by := &w.scrapes[i]
			if pods := c.scrapedBy(w, by); len(pods) > 0 {
				do(w, by, pods)
			} else {
				c.unchecked(by.monitor.object, by.endpoint.path, "the recording has nothing of what it scrapes from the pods of "+w.Name)
			}
		}
	}
}

func dataIntervalMeasured(c *checker) {
	seen := map[*endpoint]bool{}
	c.eachScrape(func(w *workload, by *scrape, pods [][]*series.Series) {
		declared := by.each()
		if declared == 0 || seen[by.endpoint] {
			return
		}
		seen[by.endpoint] = true
		object, path := by.monitor.object, by.endpoint.path+".interval"
		if by.endpoint.interval == "" {
			object, path = by.monitor.servers[0].object, "spec.scrapeInterval"
		}
		measured, how := fit.ScrapeInterval(slices.Concat(pods...))
		if measured == 0 {
			c.unchecked(object, path, "how often the pods of "+w.Name+" were scraped does not show in the recording")
			return
		}
		if 2*measured < 3*declared {
			return
		}
		f := c.report(object, path, fmt.Sprintf("the pods of %s were scraped every %s, not every %s: %s", w.Name, promText(measured), promText(declared), how),
			"see what else scrapes them, or overrides the interval; or write what is true, and choose the windows of rates by it")
		if object != by.monitor.object {
			f.see(by.monitor.object, by.endpoint.path, "the monitor")
		}
	})
}

// sampleLimit is the most samples that a scrape may have; 0 is no limit.
func (m *monitor) sampleLimit() int64 {
	var limit *int64
	switch t := m.Typed.(type) {
	case *monitoringv1.ServiceMonitor:
		limit = t.Spec.SampleLimit
	case *monitoringv1.PodMonitor:
		limit = t.Spec.SampleLimit
	}
	if limit == nil {
		return 0
	}
	return *limit
}

func smSampleLimit(c *checker) {
	seen := map[*monitor]bool{}
	c.eachScrape(func(w *workload, by *scrape, pods [][]*series.Series) {
		limit := by.monitor.sampleLimit()
		if limit == 0 || seen[by.monitor] {
			return
		}
		most, pod, when := int64(0), "", int64(0)
		for _, own := range pods {
			if n, t := samples(own); n > most {
				most, pod, when = n, string(own[0].Labels["pod"]), t
			}
		}
		if most <= limit {
			return
		}
		seen[by.monitor] = true
		c.report(by.monitor.object, "spec.sampleLimit", fmt.Sprintf("a scrape of pod %s of %s returned %d samples at %s: with a limit of %d all of them are dropped", pod, w.Name, most, at(when), limit),
			"write "+strconv.FormatInt(2*most, 10)+", to leave room; or drop series that nobody uses in metricRelabelings")
	})
}

// samples is how many samples a scrape of a pod had at most, or how many series are
// recorded of one at a time, and when.
func samples(own []*series.Series) (n, when int64) {
	targets := map[string][]*series.Series{}
	for _, s := range own {
		name := nameOf(s)
		if name == "scrape_samples_post_metric_relabeling" {
			for i, v := range s.Values {
				if v > float64(n) && v < 1<<53 {
					n, when = int64(v), s.Times[i]
				}
			}
			continue
		}
		if name != "up" && !strings.HasPrefix(name, "scrape_") {
			target := string(s.Labels["instance"] + "\x00" + s.Labels["job"] + "\x00" + s.Labels["endpoint"])
			targets[target] = append(targets[target], s)
		}
	}
	if n > 0 {
		return n, when
	}
	for _, set := range targets {
		last := slices.MaxFunc(set, func(a, b *series.Series) int { return len(a.Times) - len(b.Times) })
		t := last.Times[len(last.Times)/2]
		here := int64(0)
		for _, s := range set {
			if _, there := s.At(t, series.Lookback); there {
				here++
			}
		}
		if here > n || here == n && t < when {
			n, when = here, t
		}
	}
	return n, when
}
