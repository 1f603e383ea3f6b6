package lint

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// adapterRule is one rule of prometheus-adapter, worked out.
type adapterRule struct {
	*object
	*adapterRuleSpec
	adapter *adapterSpec
	path    string
	// external says that it serves external metrics, not those of objects.
	external bool
	// invalid is why the adapter does not start with it, at a field of it.
	invalid []flaw
	// matchers are those of seriesQuery, names which series pass matches and the
	// filters.
	matchers []*labels.Matcher
	matches  *regexp.Regexp
	filters  []filter
	as       string
	// serves are the names that it gives to the series that seriesQuery names, by
	// series; exact says that there are no others, else shape has whatever it may
	// give.
	serves map[string]string
	exact  bool
	shape  *regexp.Regexp
	// query is metricsQuery for a pod, expanded; nil where it is not to be known.
	query    parser.Expr
	queryErr error
	uses     map[string]bool
}

// filter is one of a rule's seriesFilters.
type filter struct {
	*regexp.Regexp
	is bool
}

// flaw is something wrong with a field.
type flaw struct{ field, text, fix string }

func (r *adapterRule) flaw(field, text, fix string) {
	r.invalid = append(r.invalid, flaw{field, text, fix})
}

// newAdapterRule works a rule out, as the adapter does when it starts
// (pkg/naming: NamersFromConfig).
func newAdapterRule(o *object, a *adapterSpec, list *adapterList, i int) *adapterRule {
	r := &adapterRule{
		object: o, adapter: a, adapterRuleSpec: &list.rules[i], path: fmt.Sprintf("%s[%d]", list.path, i), external: list == &a.external,
	}
	r.compile()
	if matchers, err := promSelector(r.SeriesQuery); err == nil {
		r.matchers = matchers
	}
	if len(r.invalid) == 0 {
		r.nameSeries()
	}
	r.expand()
	return r
}

// compile compiles the expressions that name series.
func (r *adapterRule) compile() {
	expression := func(field, text string) *regexp.Regexp {
		re, err := regexp.Compile(text)
		if err != nil {
			reason := err.Error()
			var wrong *syntax.Error
			if errors.As(err, &wrong) {
				reason = wrong.Code.String()
			}
			r.flaw(field, fmt.Sprintf("%q is no regular expression: %s", text, reason), "mend it, in the syntax of Go's regexp")
		}
		return re
	}
	for i, f := range r.SeriesFilters {
		at := fmt.Sprintf("seriesFilters[%d]", i)
		switch {
		case f.Is != "" && f.IsNot != "":
			r.flaw(at, "a filter has both is and isNot", "make them two filters")
		case f.Is == "" && f.IsNot == "":
			r.flaw(at, "a filter has neither is nor isNot", "write one of them, or remove the filter")
		case f.Is != "":
			r.filters = append(r.filters, filter{expression(at+".is", f.Is), true})
		default:
			r.filters = append(r.filters, filter{expression(at+".isNot", f.IsNot), false})
		}
	}
	r.matches, r.as = regexp.MustCompile(".*"), r.Name.As
	if r.Name.Matches != "" {
		r.matches = expression("name.matches", r.Name.Matches)
	}
	if r.as != "" || r.matches == nil {
		return
	}
	switch r.matches.NumSubexp() {
	case 0:
		r.as = "$0"
	case 1:
		r.as = "$1"
	default:
		r.flaw("name.matches", fmt.Sprintf("matches has %d captures, and nothing says which of them is the name", r.matches.NumSubexp()), "write name.as")
	}
}

// nameSeries finds out which names the rule serves.
func (r *adapterRule) nameSeries() {
	r.serves = map[string]string{}
	for _, m := range r.matchers {
		if m.Name != model.MetricNameLabel {
			continue
		}
		names := m.SetMatches()
		if m.Type == labels.MatchEqual {
			names = []string{m.Value}
		}
		if m.Type != labels.MatchEqual && m.Type != labels.MatchRegexp || len(names) == 0 {
			continue
		}
		r.exact = true
		for _, series := range names {
			if name, ok := r.serve(series); ok {
				r.serves[series] = name
			}
		}
	}
	if !r.exact {
		r.shape = shapeOf(r.as)
	}
}

// serve is the name under which a series is served.
func (r *adapterRule) serve(series string) (name string, ok bool) {
	for _, f := range r.filters {
		if f.MatchString(series) != f.is {
			return "", false
		}
	}
	at := r.matches.FindStringSubmatchIndex(series)
	if at == nil {
		return "", false
	}
	return string(r.matches.ExpandString(nil, r.as, series, at)), true
}

// gives says whether the rule may serve a metric, and whether that is certain of
// the name, not of any.
func (r *adapterRule) gives(metric string) (may, certain bool) {
	if len(r.invalid) > 0 || r.matchers == nil {
		return true, false
	}
	if r.exact {
		for _, name := range r.serves {
			if name == metric {
				return true, true
			}
		}
		return false, false
	}
	return r.shape.MatchString(metric), false
}

// seriesOf are the series that the rule serves under a name, in order.
func (r *adapterRule) seriesOf(metric string) []string {
	var list []string
	for _, series := range slices.Sorted(maps.Keys(r.serves)) {
		if r.serves[series] == metric {
			list = append(list, series)
		}
	}
	return list
}

// shapeOf is what a template of regexp.Expand may make, whatever the captures.
func shapeOf(template string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString("^")
	for template != "" {
		before, after, found := strings.Cut(template, "$")
		b.WriteString(regexp.QuoteMeta(before))
		if !found {
			break
		}
		_, rest := capture(after)
		b.WriteString(".*")
		template = rest
	}
	b.WriteString("$")
	return regexp.MustCompile(b.String())
}

// captures are the names of the captures that a template uses, as regexp.Expand
// reads them.
func captures(template string) []string {
	var names []string
	for {
		_, after, found := strings.Cut(template, "$")
		if !found {
			return names
		}
		var name string
		if name, template = capture(after); name != "" {
			names = append(names, name)
		}
	}
}

// capture reads the name after a dollar sign; "" for none, or a second dollar.
func capture(after string) (name, rest string) {
	if rest, ok := strings.CutPrefix(after, "$"); ok {
		return "", rest
	}
	if inner, ok := strings.CutPrefix(after, "{"); ok {
		name, rest, _ = strings.Cut(inner, "}")
		return name, rest
	}
	end := strings.IndexFunc(after, func(c rune) bool { return c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	if end < 0 {
		end = len(after)
	}
	return after[:end], after[end:]
}

// hasCapture says whether an expression has a capture of a name or number.
func hasCapture(re *regexp.Regexp, name string) bool {
	if n, err := strconv.Atoi(name); err == nil {
		return n <= re.NumSubexp()
	}
	return slices.Contains(re.SubexpNames(), name)
}

// sample is the object that a query is expanded for.
const sample = "some-object"

// asksFor says whether an expanded query asks for the object in question.
func (r *adapterRule) asksFor() bool {
	return r.query != nil && slices.ContainsFunc(selections(r.query), func(s selection) bool {
		return slices.ContainsFunc(s.LabelMatchers, func(m *labels.Matcher) bool { return strings.Contains(m.Value, sample) })
	})
}

// expand expands metricsQuery as for a question about one pod.
func (r *adapterRule) expand() {
	series := r.likely()
	label := r.groupLabel()
	matchers := label + `="` + sample + `"`
	if namespace := r.label("namespace"); namespace != "" && namespace != label {
		matchers = namespace + `="` + sample + `",` + matchers
	}
	text, uses, err := expandQuery(r.MetricsQuery, map[string]string{
		"Series": series, "LabelMatchers": matchers, "GroupBy": label, "LabelValuesByName": sample, "GroupBySlice": label,
	})
	r.uses = uses
	switch {
	case err != nil:
		r.queryErr = err
	case uses[opaque]: // a template of more than these
	case strings.TrimSpace(text) == "":
		r.queryErr = fmt.Errorf("the query is empty")
	default:
		if r.query, r.queryErr = promQL(text); r.queryErr != nil {
			r.query = nil
		}
	}
}

// likely is the name of a series that the rule serves, or one like it.
func (r *adapterRule) likely() string {
	for _, m := range r.matchers {
		if m.Name != model.MetricNameLabel {
			continue
		}
		if m.Type == labels.MatchEqual {
			return m.Value
		}
		names := m.SetMatches()
		if len(names) == 0 {
			names = []string{strings.TrimSuffix(m.Value, "$")}
		}
		if m.Type == labels.MatchRegexp && !slices.ContainsFunc(names, func(name string) bool { return !isCounter(name) }) {
			return "some_total"
		}
	}
	return "some_series"
}

// label is the label that stands for a resource; "" for none.
func (m *adapterMapping) label(resource string) string {
	for _, label := range slices.Sorted(maps.Keys(m.Overrides)) {
		if sameResource(m.Overrides[label].Resource, resource) {
			return label
		}
	}
	if m.Template == "" {
		return ""
	}
	text, uses, err := expandQuery(m.Template, map[string]string{"Resource": resource, "Group": ""})
	if err != nil || uses[opaque] {
		return ""
	}
	return text
}

func (r *adapterRule) label(resource string) string { return r.Resources.label(resource) }

// sameResource compares the name of a resource, singular or plural, with a
// singular one.
func sameResource(name, singular string) bool {
	name = strings.ToLower(name)
	return name == singular || name == singular+"s" || name == singular+"es" || name == strings.TrimSuffix(singular, "y")+"ies"
}

// groupLabel is the label that a rule groups by: that of pods or else of the first
// other resource that it knows.
func (r *adapterRule) groupLabel() string {
	if label := r.label("pod"); label != "" {
		return label
	}
	for _, label := range slices.Sorted(maps.Keys(r.Resources.Overrides)) {
		if !sameResource(r.Resources.Overrides[label].Resource, "namespace") {
			return label
		}
	}
	if label := r.label("namespace"); label != "" {
		return label
	}
	return "some_label"
}
