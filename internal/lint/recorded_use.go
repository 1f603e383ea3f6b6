package lint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/elasticctl/elasticctl/internal/series"
)

// use is one selection of series that an autoscaler scales on: by a metric that
// prometheus-adapter serves, or by the query of a trigger.
type use struct {
	selection
	// expr is the whole expression, metric what findings call it.
	expr   parser.Expr
	metric string
	// object and path are where it is asked for, in what is written.
	object *object
	path   string
	// asked and rule are the adapter's; both are nil for a trigger.
	asked *asked
	rule  *adapterRule
	// workload is whose pods report it; nil where that is not said.
	workload *workload
	// named are the series of its name, set those of them that it selects.
	named, set []*series.Series
	// unknown is why nothing can be said of it.
	unknown string
}

// findUses finds what autoscalers scale on.
func (x *index) findUses() []use {
	var list []use
	for _, a := range x.asked {
		list = append(list, x.adapterUses(a)...)
	}
	for _, q := range x.queries {
		one := use{object: q.object, path: q.path + ".metadata.query", metric: "the query"}
		if q.expr == nil {
			one.unknown = "the query could not be read"
			list = append(list, one)
			continue
		}
		one.expr = q.expr
		for _, s := range selections(q.expr) {
			one.selection = s
			list = append(list, x.recorded.find(one))
		}
	}
	return list
}

// adapterUses are the series behind a metric that prometheus-adapter serves.
func (x *index) adapterUses(a *asked) []use {
	one := use{object: a.scaler.object, path: a.scaler.written.Written(a.path), metric: a.name, asked: a}
	if a.resource == "pod" {
		one.workload = a.scaler.workload
	}
	unknown := func(why string) []use {
		one.unknown = why
		return []use{one}
	}
	if len(a.rules) != 1 || len(a.perhaps) > 0 {
		return unknown("no rule of prometheus-adapter among the files says which series " + a.name + " is")
	}
	one.rule = a.rules[0]
	matchers, ok := x.matchersFor(a, one.rule)
	if !ok {
		return unknown("the recording has nothing of namespace " + a.scaler.Namespace)
	}
	var list []use
	for _, name := range one.rule.seriesOf(a.name) {
		text, uses, err := expandQuery(one.rule.MetricsQuery, map[string]string{
			"Series": name, "LabelMatchers": matchers, "GroupBy": one.rule.groupLabel(), "LabelValuesByName": "", "GroupBySlice": one.rule.groupLabel(),
		})
		if err != nil || uses[opaque] {
			return unknown("the rule's metricsQuery is more than a template of series and labels")
		}
		if one.expr, err = promQL(text); err != nil {
			return unknown("the rule's metricsQuery is not PromQL")
		}
		for _, s := range selections(one.expr) {
			if s.name() == name { // which must also be among those of seriesQuery
				s.VectorSelector = &parser.VectorSelector{Name: s.Name, LabelMatchers: append(slices.Clone(s.LabelMatchers), one.rule.matchers...), OriginalOffset: s.OriginalOffset}
			}
			one.selection = s
			list = append(list, x.recorded.find(one))
		}
	}
	return list
}

// matchersFor are the matchers that the adapter asks with, but for those of pods'
// names; ok is false where the recording is of other namespaces.
func (x *index) matchersFor(a *asked, r *adapterRule) (text string, ok bool) {
	var list []string
	add := func(label, value string) { list = append(list, label+"="+strconv.Quote(value)) }
	namespaced := !a.external || r.Resources.Namespaced == nil || *r.Resources.Namespaced
	if label := r.label("namespace"); namespaced && label != "" {
		if set := x.recorded.rec.Series; x.recorded.labels[label] && !slices.ContainsFunc(set, func(s series.Series) bool {
			return string(s.Labels[model.LabelName(label)]) == a.scaler.Namespace
		}) {
			return "", false
		}
		add(label, a.scaler.Namespace)
	}
	if a.selector != nil {
		for label, value := range a.selector.MatchLabels {
			add(label, value)
		}
	}
	slices.Sort(list)
	return strings.Join(list, ","), true
}

// find finds what a use selects.
func (r *recorded) find(u use) use {
	name := u.name()
	if name == "" {
		u.unknown = "a selector names no metric"
		return u
	}
	u.named = pointers(r.named(name))
	for _, s := range u.named {
		if len(s.Times) > 0 && u.failing(s.Labels) == nil {
			u.set = append(u.set, s)
		}
	}
	return u
}

// failing is the first matcher that labels do not meet; nil for none.
func (u *use) failing(set model.Metric) *labels.Matcher {
	for _, m := range u.LabelMatchers {
		if !m.Matches(string(set[model.LabelName(m.Name)])) {
			return m
		}
	}
	return nil
}

// bare says whether the value of an expression is the selection's own, at most
// added up and scaled.
func (u *use) bare() bool { return u.window == 0 && bareSelector(u.expr) != nil }

// isRate says whether the selection is taken for a counter.
func (u *use) isRate() bool { return slices.Contains(increments(), u.function) }

// sums says whether series that differ in the labels given are added up: the
// innermost aggregation around the selection is a sum that does not keep them.
func (u *use) sums(differ []string) bool {
	sums := false
	parser.Inspect(u.expr, func(n parser.Node, above []parser.Node) error {
		if v, ok := n.(*parser.VectorSelector); !ok || exactName(v.LabelMatchers) != u.name() {
			return nil
		}
		for i := len(above) - 1; i >= 0; i-- {
			if a, ok := above[i].(*parser.AggregateExpr); ok {
				kept := slices.ContainsFunc(differ, func(label string) bool { return slices.Contains(a.Grouping, label) != a.Without })
				sums = sums || (a.Op == parser.SUM || a.Op == parser.COUNT) && !kept
				break
			}
		}
		return nil
	})
	return sums
}

// total is a selector of what the expression adds up, the series themselves or
// their rates; "" where it is another one.
func (u *use) total() string {
	e := unparen(u.expr)
	if a, ok := e.(*parser.AggregateExpr); ok && a.Op == parser.SUM {
		e = unparen(a.Expr)
	}
	if call, ok := e.(*parser.Call); ok && (call.Func.Name == "rate" || call.Func.Name == "irate") && len(call.Args) == 1 {
		m, ok := unparen(call.Args[0]).(*parser.MatrixSelector)
		if !ok {
			return ""
		}
		e = m.VectorSelector
	}
	v, ok := e.(*parser.VectorSelector)
	if !ok || v.OriginalOffset != 0 || v.Timestamp != nil || exactName(v.LabelMatchers) != u.name() {
		return ""
	}
	var list []string
	for _, m := range u.LabelMatchers {
		if m.Name != model.MetricNameLabel && !slices.Contains(list, m.String()) {
			list = append(list, m.String())
		}
	}
	return u.name() + "{" + strings.Join(list, ",") + "}"
}

// what names the series in a message.
func (u *use) what() string {
	if u.rule == nil {
		return u.name()
	}
	return fmt.Sprintf("%s (served as %s)", u.name(), u.metric)
}
