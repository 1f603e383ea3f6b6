package lint

import (
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/elasticctl/elasticctl/internal/fit"
	"github.com/elasticctl/elasticctl/internal/series"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// dataMetric hold the series that autoscalers scale on against the recorded ones.
var dataMetric = []Rule{
	{
		ID: "data-metric-absent", Severity: Warning, Tier: Default, Recorded: true,
		What: "an autoscaler scales on series that the recording does not have",
		Why:  "Where Prometheus has no such series, the autoscaler has no metric: it does not scale, or takes nothing for no load.",
		How: "A Pods, Object or External metric is followed through the one rule of prometheus-adapter that serves it; a prometheus trigger of KEDA has its query. The recording has no series of that name, " +
			"and has others that the same pods, job or service reported; or it has the name, and none of its series has the label's value that is asked for. Labels that no series of the recording has, such " +
			"as a server's external ones, are not held against it, nor are namespaces that were not recorded. It is a warning because a recording may be an excerpt.",
		Sources: []string{"https://cloudflare.github.io/pint/checks/promql/series.html"},
		check:   dataMetricAbsent,
	},
	{
		ID: "data-metric-type", Severity: Warning, Tier: Default, Recorded: true,
		What: "an autoscaler takes a counter as it stands, or the rate of a gauge",
		Why: "What only ever grows asks for more and more pods, and never for fewer. A rate takes each fall of a gauge for a restart from zero, and adds up what was never counted: " +
			"a number that means nothing.",
		How: "The recorded values decide, not the name. What an expression takes as it stands grew 30 times at least, over an hour at least, and fell in none of its series; a name in _total is other rules'. " +
			"What it takes the rate, irate or increase of fell 10 times at least, in a tenth of its changes at least, to more than half of what it was, which a restart does not.",
		Sources: []string{
			"https://cloudflare.github.io/pint/checks/promql/rate.html",
			"https://cloudflare.github.io/pint/checks/promql/counter.html",
		},
		check: dataMetricType,
	},
	{
		ID: "data-labels-missing", Severity: Warning, Tier: Default, Recorded: true,
		What: "no recorded series of a metric has the label by which prometheus-adapter knows pods or namespaces",
		Why:  "The adapter asks for the label. No series has it, so no pod has the metric, and the autoscaler gets none.",
		How: "The rule that serves a Pods metric maps a label to pods, and one to namespaces, in overrides or by its template. The recording has series of the rule's name, and none of them has that label. " +
			"It is a warning because what records may have dropped labels.",
		Sources: []string{
			"https://github.com/kubernetes-sigs/prometheus-adapter/issues/112",
			"https://github.com/kubernetes-sigs/prometheus-adapter/issues/585",
		},
		check: dataLabelsMissing,
	},
	{
		ID: "data-double-series", Severity: Warning, Tier: Default, Recorded: true,
		What: "an autoscaler adds up series that were recorded twice of the same pod",
		Why:  "Two jobs, services or endpoints scrape the same pods. The sum is twice what there is, and so are the pods that are asked for.",
		How: "Two series that an autoscaler's expression selects differ in job, service, endpoint or metrics_path alone and have the same values, within 2 % of what they reach, over most of their time; the " +
			"expression is a sum that does not keep these labels. The copies of a second server of a pair, which differ in replica or prometheus_replica, are passed over. sm-double-scrape finds the same in the manifests, where they have both monitors.",
		Sources: []string{
			"https://github.com/grafana/loki/issues/1726",
			"https://github.com/seaweedfs/seaweedfs/issues/10836",
			"https://github.com/bitnami/charts/issues/24619",
		},
		check: dataDoubleSeries,
	},
	{
		ID: "data-sample-gap", Severity: Warning, Tier: Recommended, Recorded: true,
		What: "series that an autoscaler scales on were silent while their pods were there",
		Why:  "For that time the pod had no value. The controller takes such a pod for idle when it would add pods, and for busy when it would remove some: it scales less than it should, or not at all.",
		How: "A series had no sample for longer than the expression bears, which is the range that its rate is taken over, and else the 5 minutes that Prometheus looks back; other series of the same pod went " +
			"on for all of that time. A time in which the whole recording is silent is none.",
		Sources: []string{
			"https://prometheus.io/docs/prometheus/latest/querying/basics/#staleness",
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/controller/podautoscaler/replica_calculator.go",
		},
		check: dataSampleGap,
	},
}

// eachUse calls a function for each known use, and notes the others.
func (c *checker) eachUse(do func(u *use)) {
	for i := range c.recorded.uses {
		u := &c.recorded.uses[i]
		if u.unknown != "" {
			c.unchecked(u.object, u.path, u.unknown)
			continue
		}
		do(u)
	}
}

func dataMetricAbsent(c *checker) {
	c.eachUse(func(u *use) {
		switch {
		case len(u.set) > 0:
		case len(u.named) > 0:
			c.unmatched(u)
		case !c.covers(u):
			c.unchecked(u.object, u.path, "the recording has nothing of what reports "+u.name())
		default:
			fix := "name a series that there is"
			if near := yamlpos.Nearest(u.name(), c.recorded.rec.Names()); near != "" {
				fix = "did you mean " + near + "?"
			}
			c.report(u.object, u.path, fmt.Sprintf("the recording has no %s, and has other series of what reports it", u.what()), fix).seeRule(u)
		}
	})
}

// seeRule adds the rule of prometheus-adapter behind a use.
func (f *found) seeRule(u *use) {
	if u.rule != nil {
		f.see(u.rule.object, u.rule.in("seriesQuery"), "the rule of prometheus-adapter")
	}
}

// covers says whether what would report a use was recorded at all.
func (c *checker) covers(u *use) bool {
	if u.workload != nil {
		return len(c.recorded.reported(u.workload)) > 0
	}
	for _, label := range []string{"job", "service"} {
		value := equal(u.LabelMatchers, label)
		if value != "" && slices.ContainsFunc(c.recorded.rec.Series, func(s series.Series) bool { return string(s.Labels[model.LabelName(label)]) == value }) {
			return true
		}
	}
	return false
}

// unmatched reports a matcher that no series of the name meets.
func (c *checker) unmatched(u *use) {
	left := u.named
	for _, m := range u.LabelMatchers {
		met := slices.DeleteFunc(slices.Clone(left), func(s *series.Series) bool { return !m.Matches(string(s.Labels[model.LabelName(m.Name)])) })
		if len(met) > 0 {
			left = met
			continue
		}
		have := valuesOf(left, m.Name)
		if len(have) == 0 && (!c.recorded.labels[m.Name] || u.rule != nil) {
			return // an external label, or one that data-labels-missing is about
		}
		fix := fmt.Sprintf("none of them has a label %s: leave the matcher out", m.Name)
		if len(have) > 0 {
			fix = "recorded are " + some(have)
		}
		if m.Type == labels.MatchNotEqual || m.Type == labels.MatchNotRegexp {
			fix = "leave the matcher out"
		}
		c.report(u.object, u.path, fmt.Sprintf("no recorded series of %s has %s", u.name(), m), fix).seeRule(u)
		return
	}
}

// some lists values, but not too many.
func some(list []string) string {
	const most = 5
	text := ""
	for i, v := range list[:min(len(list), most)] {
		if i > 0 {
			text += ", "
		}
		text += v
	}
	if n := len(list) - most; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

// moves are how the values of series changed.
type moves struct {
	rises, falls int
	// kept are the falls to more than half of the value before.
	kept int
	// time is how long the longest of the series is.
	time time.Duration
}

func movesOf(set []*series.Series) moves {
	var m moves
	for _, s := range set {
		m.time = max(m.time, between(s.Times[0], s.Times[len(s.Times)-1]))
		for i := 1; i < len(s.Values); i++ {
			// A comparison with the stale marker is false.
			switch last, v := s.Values[i-1], s.Values[i]; {
			case v > last:
				m.rises++
			case v < last:
				m.falls++
				if v > last/2 {
					m.kept++
				}
			}
		}
	}
	return m
}

func dataMetricType(c *checker) {
	c.eachUse(func(u *use) {
		if len(u.set) == 0 {
			return
		}
		const grown, fallen = 30, 10
		m := movesOf(u.set)
		switch {
		case u.bare() && !isCounter(u.name()) && m.falls == 0 && m.rises >= grown && m.time >= time.Hour:
			c.report(u.object, u.path, fmt.Sprintf("%s rose %d times in %s and never fell, as a counter does: its value says nothing of the load now", u.what(), m.rises, lasted(m.time)),
				fmt.Sprintf("take its rate: rate(%s[2m])", u.name())).seeQuery(u)
		case u.isRate() && m.kept >= fallen && 10*m.kept >= m.rises+m.falls:
			c.report(u.object, u.path, fmt.Sprintf("%s fell %d times in %s and rose %d times, as a gauge does: its %s means nothing", u.what(), m.falls, lasted(m.time), m.rises, u.function),
				fmt.Sprintf("take it as it is, without %s, or avg_over_time for a mean", u.function)).seeQuery(u)
		}
	})
}

// seeQuery adds the query of prometheus-adapter behind a use.
func (f *found) seeQuery(u *use) {
	if u.rule != nil {
		f.see(u.rule.object, u.rule.in("metricsQuery"), "the rule of prometheus-adapter")
	}
}

func dataLabelsMissing(c *checker) {
	type key struct {
		rule  *adapterRule
		label string
	}
	seen := map[key]bool{}
	c.eachUse(func(u *use) {
		if u.rule == nil || u.asked.resource != "pod" || len(u.named) == 0 {
			return
		}
		for _, resource := range []string{"pod", "namespace"} {
			label := u.rule.label(resource)
			if label == "" || seen[key{u.rule, label}] || len(valuesOf(u.named, label)) > 0 {
				continue
			}
			seen[key{u.rule, label}] = true
			fix := fmt.Sprintf("map the label that they have to %ss, or have Prometheus add %s", resource, label)
			if other := "exported_" + label; len(valuesOf(u.named, other)) > 0 {
				fix = fmt.Sprintf("they have %s: map that to %ss", other, resource)
			} else if len(valuesOf(u.named, resource)) > 0 {
				fix = fmt.Sprintf("they have %s: map that to %ss", resource, resource)
			}
			c.report(u.object, u.path, fmt.Sprintf("none of the %d recorded series of %s has the label %s, by which prometheus-adapter knows %ss", len(u.named), u.name(), label, resource),
				fix).see(u.rule.object, u.rule.in("resources"), "the rule of prometheus-adapter")
		}
	})
}

func dataDoubleSeries(c *checker) {
	c.eachUse(func(u *use) {
		set := make([]series.Series, len(u.set))
		for i, s := range u.set {
			set[i] = *s
		}
		set, _ = fit.Once(set)
		pairs := fit.Doubles(set)
		if len(pairs) == 0 {
			return
		}
		a, b := &set[pairs[0][0]], &set[pairs[0][1]]
		differ := differing(a.Labels, b.Labels)
		if len(differ) == 0 || !u.sums(differ) {
			return
		}
		label := model.LabelName(differ[0])
		c.report(u.object, u.path, fmt.Sprintf("%d of %d recorded series of %s are there twice, such as those of pod %s with %s %s and %s: the sum counts them twice",
			2*len(pairs), len(set), u.name(), a.Labels["pod"], label, a.Labels[label], b.Labels[label]),
			fmt.Sprintf("ask for one: %s=%q; or let one monitor scrape the pods", label, a.Labels[label])).seeRule(u)
	})
}

// differing are the labels in which two sets differ, in order.
func differing(a, b model.Metric) []string {
	var list []string
	for name := range a {
		if a[name] != b[name] {
			list = append(list, string(name))
		}
	}
	for name := range b {
		if _, has := a[name]; !has {
			list = append(list, string(name))
		}
	}
	slices.Sort(list)
	slices.SortStableFunc(list, func(x, y string) int { return rank(x) - rank(y) })
	return list
}

// rank puts the label that people know first.
func rank(label string) int {
	if i := slices.Index([]string{"job", "service", "endpoint"}, label); i >= 0 {
		return i
	}
	return 3
}

func dataSampleGap(c *checker) {
	c.eachUse(func(u *use) {
		bears := u.window
		if bears == 0 {
			bears = series.Lookback
		}
		var longest series.Gap
		var of *series.Series
		gaps, pods := 0, map[model.LabelValue]bool{}
		for _, s := range u.set {
			for _, gap := range s.Gaps(max(bears, 3*s.Step())) {
				if !c.alive(s, gap) || between(gap.From, gap.To) <= bears {
					continue
				}
				gaps++
				pods[s.Labels["pod"]] = true
				if gap.To-gap.From > longest.To-longest.From {
					longest, of = gap, s
				}
			}
		}
		if gaps == 0 {
			return
		}
		more := ""
		if gaps > 1 {
			more = fmt.Sprintf("; %d such gaps in %d pods", gaps, len(pods))
		}
		c.report(u.object, u.path, fmt.Sprintf("%s of pod %s had no sample for %s from %s on, while other series of the pod went on%s",
			u.name(), of.Labels["pod"], lasted(between(longest.From, longest.To)), at(longest.From), more),
			"find out why scrapes failed: sample limits, timeouts, a busy pod").seeRule(u)
	})
}

// alive says whether other series of a series' pod went on through a gap: each
// quarter of it has samples of one.
func (c *checker) alive(of *series.Series, gap series.Gap) bool {
	namespace, pod := string(of.Labels["namespace"]), string(of.Labels["pod"])
	at := slices.IndexFunc(c.recorded.pods[namespace], func(p *recordedPod) bool { return p.name == pod })
	if at < 0 {
		return false
	}
	p := c.recorded.pods[namespace][at]
	return slices.ContainsFunc(slices.Concat(p.about, p.reported), func(s *series.Series) bool {
		if nameOf(s) == nameOf(of) {
			return false
		}
		for quarter := range int64(4) {
			from, to := gap.From+(gap.To-gap.From)*quarter/4, gap.From+(gap.To-gap.From)*(quarter+1)/4
			if _, there := s.At(to-1, between(from, to)); !there {
				return false
			}
		}
		return true
	})
}
