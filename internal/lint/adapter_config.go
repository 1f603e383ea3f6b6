package lint

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// adapterConfig are about prometheus-adapter's configuration by itself.
var adapterConfig = []Rule{
	{
		ID: "pa-invalid", Severity: Error, Tier: Default,
		What: "prometheus-adapter does not start with a rule",
		Why:  "It ends with an error at its start, and until then the old configuration served: no metric of it is served any more.",
		How: "Rules are checked as the adapter checks them when it reads its configuration: regular expressions, filters, and a name that is clear. The " +
			"configuration is found in files of its own, in ConfigMaps under a key that ends in .yaml, and in values of its Helm chart.",
		Sources: []string{
			"https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/pkg/naming/metric_namer.go",
			"https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/docs/config.md",
		},
		check: paInvalid,
	},
	{
		ID: "pa-promql-invalid", Severity: Error, Tier: Default,
		What: "a query of prometheus-adapter is not PromQL once it is expanded",
		Why:  "Prometheus refuses the query: the metric is listed and has no values, or is not found at all.",
		How: "seriesQuery must be a selector of series. metricsQuery, and the queries of resource rules, are expanded with a series, matchers and a label to group by, " +
			"and parsed by Prometheus's own parser. Templates that do more than write these are passed over.",
		Sources: []string{
			"https://github.com/kubernetes-sigs/prometheus-adapter/issues/150",
			"https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/pkg/naming/metrics_query.go",
		},
		check: paPromQLInvalid,
	},
	{
		ID: "pa-name-captures", Severity: Error, Tier: Default,
		What: "a rule's name.as uses a capture that name.matches does not have",
		Why:  "What is not there is written as nothing: every series gets the same wrong name. $1_per_second is the classic, which asks for a capture named 1_per_second.",
		How:  "name.as is read as Go's regexp reads a template; each capture in it must be in name.matches.",
		Sources: []string{
			"https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/docs/config.md",
			"https://pkg.go.dev/regexp#Regexp.Expand",
		},
		check: paNameCaptures,
	},
	{
		ID: "pa-rule-overlap", Severity: Warning, Tier: Default,
		What: "two rules of prometheus-adapter serve one metric",
		Why:  "The adapter expects rules to exclude each other. Of two, one is used for each question, and nobody chose which.",
		How:  "Two rules of one configuration give the same name to series, for a resource that both know, with different queries. Rules whose series have no fixed names are passed over.",
		Sources: []string{
			"https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/docs/config.md",
		},
		check: paRuleOverlap,
	},
	{
		ID: "pa-counter-no-rate", Severity: Error, Tier: Default,
		What: "prometheus-adapter serves a counter as it is, not its rate",
		Why:  "A counter only grows. What scales on it goes to its maximum and stays, and falls back when pods restart.",
		How: "A series whose name ends in _total reaches the value of metricsQuery through sums, averages and factors alone, without rate, irate, increase or another function, " +
			"offset or comparison.",
		Sources: []string{
			"https://github.com/pytorch/serve/issues/3286",
			"https://github.com/kubernetes/kubernetes/issues/57365",
		},
		check: paCounterNoRate,
	},
	{
		ID: "pa-no-groupby", Severity: Error, Tier: Default,
		What: "the query of a metric of objects loses the label that tells the objects apart",
		Why:  "The adapter asks about many pods at once, and finds each one's value by its label. Without it there is no value for any: the autoscaler has no metrics.",
		How: "metricsQuery of a rule for custom metrics is expanded and parsed. No label that the rule maps to a resource is left on its value, such as after sum() " +
			"without by. A label written by hand instead of <<.GroupBy>> is as good.",
		Sources: []string{
			"https://github.com/kubernetes-sigs/prometheus-adapter/issues/464",
			"https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/docs/config.md",
		},
		check: paNoGroupBy,
	},
	{
		ID: "pa-no-labelmatchers", Severity: Warning, Tier: Recommended,
		What: "the query of a metric of objects does not ask for the objects in question",
		Why: "The query returns every pod of every namespace. Pods of the same name in two namespaces, as those of StatefulSets, are added up, the autoscaler's own selector is not " +
			"heeded, and Prometheus works for nothing.",
		How: "metricsQuery of a rule for custom metrics is expanded and parsed, and no selector has what <<.LabelMatchers>> or <<.LabelValuesByName>> expands to. That it does find the pods " +
			"of a Deployment is why this is a warning. Rules for external metrics may do without.",
		Sources: []string{
			"https://github.com/kubernetes-sigs/prometheus-adapter/issues/255",
			"https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/docs/config.md",
		},
		check: paNoLabelMatchers,
	},
	{
		ID: "pa-static-selector-lost", Severity: Warning, Tier: Recommended,
		What: "a rule finds series by a label that its query does not ask for",
		Why:  "seriesQuery only says which series there are. The value is what metricsQuery selects, which is also the series that the label was to leave out.",
		How: "A matcher of seriesQuery, other than for the name, for a label that merely exists, or for one that is mapped to a resource, is on a label that no selector of " +
			"metricsQuery asks for.",
		Sources: []string{
			"https://github.com/kubernetes-sigs/prometheus-adapter/issues/279",
		},
		check: paStaticSelectorLost,
	},
}

// eachRule calls a function for the rules of all adapters.
func (c *checker) eachRule(do func(r *adapterRule)) {
	for _, a := range c.adapters {
		for _, r := range a.custom {
			do(r)
		}
		for _, r := range a.externals {
			do(r)
		}
	}
}

// in is the path of a field of the rule.
func (r *adapterRule) in(field string) string { return r.path + "." + field }

// title names a rule in a message.
func (r *adapterRule) title() string {
	if name := r.likely(); exactName(r.matchers) == name {
		return "the rule for " + name
	}
	return "the rule " + r.path
}

func paInvalid(c *checker) {
	c.eachRule(func(r *adapterRule) {
		for _, f := range r.invalid {
			c.report(r.object, r.in(f.field), f.text, f.fix)
		}
	})
}

func paPromQLInvalid(c *checker) {
	c.eachRule(func(r *adapterRule) {
		if _, err := promSelector(r.SeriesQuery); err != nil && !errors.Is(err, errLong) {
			text, _ := syntaxError(err)
			c.report(r.object, r.in("seriesQuery"), "seriesQuery is no selector of series: "+text, `write one, such as http_requests_total{namespace!="",pod!=""}`)
		}
		c.reportQuery(r.object, r.in("metricsQuery"), r.queryErr)
	})
	for _, a := range c.adapters {
		if a.resource == nil {
			continue
		}
		for _, one := range []struct {
			name string
			*adapterResourceQuery
		}{{"cpu", &a.resource.CPU}, {"memory", &a.resource.Memory}} {
			at := joined(a.resourcePath, one.name)
			c.reportQuery(a.object, at+".containerQuery", one.check(one.ContainerQuery))
			c.reportQuery(a.object, at+".nodeQuery", one.check(one.NodeQuery))
		}
	}
}

// check expands and parses a query of a resource rule.
func (q *adapterResourceQuery) check(text string) error {
	if text == "" {
		return nil
	}
	expanded, uses, err := expandQuery(text, map[string]string{
		"Series": "some_series", "LabelMatchers": `some_label="x"`, "GroupBy": "some_label", "LabelValuesByName": "x", "GroupBySlice": "some_label",
	})
	if err != nil || uses[opaque] {
		return err
	}
	_, err = promQL(expanded)
	return err
}

func (c *checker) reportQuery(o *object, at string, err error) {
	if err != nil && !errors.Is(err, errLong) {
		text, _ := syntaxError(err)
		c.report(o, at, "the query is not PromQL once it is expanded: "+text,
			"mend it, as sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>) is written")
	}
}

func paNameCaptures(c *checker) {
	c.eachRule(func(r *adapterRule) {
		if r.matches == nil {
			return
		}
		for _, name := range captures(r.Name.As) {
			if hasCapture(r.matches, name) {
				continue
			}
			message := fmt.Sprintf("there is no capture %q in matches, so it is written as nothing", name)
			fix := "write a capture of matches, as ${1}"
			if digits := strings.TrimLeft(name, "0123456789"); digits != name && digits != "" {
				number := strings.TrimSuffix(name, digits)
				fix = fmt.Sprintf("write ${%s}%s", number, digits)
			} else if r.Name.Matches == "" {
				fix = "write matches too, with a capture in parentheses"
			}
			c.report(r.object, r.in("name.as"), message, fix).see(r.object, r.in("name.matches"), "matches")
		}
	})
}

func paRuleOverlap(c *checker) {
	for _, a := range c.adapters {
		c.overlaps(a.custom)
		c.overlaps(a.externals)
	}
}

// overlaps reports the rules of a list that serve a metric that an earlier one
// serves.
func (c *checker) overlaps(list []*adapterRule) {
	first := map[string]*adapterRule{}
	for _, r := range list {
		for _, name := range slices.Sorted(maps.Keys(r.names())) {
			before := first[name]
			if before == nil {
				first[name] = r
				continue
			}
			if before.MetricsQuery == r.MetricsQuery && before.SeriesQuery == r.SeriesQuery || !r.external && !shareResource(before, r) {
				continue
			}
			c.report(r.object, r.in("name.as"), fmt.Sprintf("another rule serves %s already", name),
				"give one of them another name, or keep the series apart with seriesFilters").see(before.object, before.in("name.as"), "the other rule")
		}
	}
}

// names are the names that a rule serves.
func (r *adapterRule) names() map[string]bool {
	names := map[string]bool{}
	for _, name := range r.serves {
		names[name] = true
	}
	return names
}

// shareResource says whether two rules know a resource that both have a label
// for, besides namespaces.
func shareResource(a, b *adapterRule) bool {
	if a.Resources.Template != "" || b.Resources.Template != "" {
		return true
	}
	for _, resource := range a.Resources.Overrides {
		name := strings.TrimSuffix(strings.ToLower(resource.Resource), "s")
		if name != "namespace" && b.label(name) != "" {
			return true
		}
	}
	return false
}

func paCounterNoRate(c *checker) {
	c.eachRule(func(r *adapterRule) {
		if r.query == nil {
			return
		}
		if counter := rawCounter(r.query); counter != nil {
			c.report(r.object, r.in("metricsQuery"), fmt.Sprintf("%s is a counter, which only grows, and the query takes it as it is", counter.Name),
				"write its rate: sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)")
		}
	})
}

func paNoGroupBy(c *checker) {
	c.eachRule(func(r *adapterRule) {
		if r.query == nil || r.external || keepsLabel(r.query, r.groupLabel()) {
			return
		}
		others := slices.Collect(maps.Keys(r.Resources.Overrides))
		if r.Resources.Template != "" {
			others = append(others, groupings(r.query)...)
		}
		if slices.ContainsFunc(others, func(label string) bool {
			return !sameResource(r.Resources.Overrides[label].Resource, "namespace") && keepsLabel(r.query, label)
		}) {
			return
		}
		c.report(r.object, r.in("metricsQuery"), fmt.Sprintf("the value of the query has no label that tells the objects apart, such as %s", r.groupLabel()),
			"add by (<<.GroupBy>>) to the outermost aggregation")
	})
}

// groupings are all labels that an expression groups by anywhere.
func groupings(e parser.Expr) []string {
	var list []string
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		if a, ok := n.(*parser.AggregateExpr); ok && !a.Without {
			list = append(list, a.Grouping...)
		}
		return nil
	})
	return list
}

func paNoLabelMatchers(c *checker) {
	c.eachRule(func(r *adapterRule) {
		if r.external || r.query == nil || r.asksFor() {
			return
		}
		c.report(r.object, r.in("metricsQuery"), "the query does not ask for the objects in question, so it is about those of all namespaces",
			"write <<.LabelMatchers>> among the matchers: <<.Series>>{<<.LabelMatchers>>}")
	})
}

func paStaticSelectorLost(c *checker) {
	c.eachRule(func(r *adapterRule) {
		if r.query == nil {
			return
		}
		for _, m := range r.matchers {
			if m.Name == model.MetricNameLabel || exists(m) || r.mapped(m.Name) || asks(r.query, m.Name) {
				continue
			}
			c.report(r.object, r.in("metricsQuery"), fmt.Sprintf("seriesQuery selects by %s, and the query does not", m),
				fmt.Sprintf("add %s to its matchers", m)).see(r.object, r.in("seriesQuery"), "seriesQuery")
		}
	})
}

// exists says whether a matcher merely asks for a label to be there.
func exists(m *labels.Matcher) bool {
	return m.Type == labels.MatchNotEqual && m.Value == "" || m.Type == labels.MatchRegexp && (m.Value == ".+" || m.Value == "^.+$")
}

// mapped says whether a label stands for a resource, which the matchers that the
// adapter adds ask for.
func (r *adapterRule) mapped(label string) bool {
	_, override := r.Resources.Overrides[label]
	return override || r.Resources.Template != "" && (label == r.label("namespace") || label == r.label("pod"))
}

// asks says whether any selector of an expression asks for a label.
func asks(e parser.Expr, label string) bool {
	return slices.ContainsFunc(selections(e), func(s selection) bool {
		return slices.ContainsFunc(s.LabelMatchers, func(m *labels.Matcher) bool { return m.Name == label })
	})
}
