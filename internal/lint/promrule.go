package lint

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
)

// alertRules are about PrometheusRules.
var alertRules = []Rule{
	{
		ID: "rule-syntax", Severity: Error, Tier: Default,
		What: "a rule that Prometheus cannot load",
		Why:  "The operator leaves out the whole PrometheusRule, all its groups: no alert of it fires, and no series of it is recorded.",
		How: "Each expr is parsed by Prometheus's own parser, experimental functions allowed. A rule has either alert or record, the name of a recorded series is one, only alerts have for " +
			"and annotations, and the groups of one object have different names.",
		Sources: []string{
			"https://github.com/prometheus-operator/prometheus-operator/issues/3147",
			"https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/",
		},
		check: ruleSyntax,
	},
	{
		ID: "rule-labels-not-selected", Severity: Warning, Tier: Default,
		What: "no Prometheus among the inputs selects the PrometheusRule",
		Why:  "The operator leaves it out, and says so nowhere: no alert of it fires. The labels that count are those of the object, not those of its groups.",
		How: "The object's labels and namespace are held against the ruleSelector and ruleNamespaceSelector of every Prometheus and ThanosRuler among the inputs. A namespace's labels are those of the Namespace " +
			"among the inputs; one that is not known is taken for selected.",
		Sources: []string{
			"https://github.com/prometheus-operator/prometheus-operator/issues/3767",
			"https://github.com/prometheus-operator/prometheus-operator/issues/2878",
			"https://github.com/prometheus-community/helm-charts/issues/5008",
		},
		check: ruleNotSelected,
	},
	{
		ID: "rule-rate-window", Severity: Warning, Tier: Default,
		What: "a rule takes a rate over less than two scrapes",
		Why:  "A rate needs two samples. Over a shorter window there often is one: the alert does not fire, and the recorded series has gaps.",
		How: "The window of rate, irate or increase is held against twice the interval at which monitors among the inputs scrape the Service that the selector names in its service or job label. " +
			"Series that name no Service are passed over.",
		Sources: []string{
			"https://cloudflare.github.io/pint/checks/promql/rate.html",
		},
		check: ruleRateWindow,
	},
	{
		ID: "rule-counter-compare", Severity: Warning, Tier: Recommended,
		What: "an alert compares a counter itself with a number",
		Why:  "A counter only grows, until a pod restarts: once past the number the alert fires for ever.",
		How: "A series whose name ends in _total reaches a comparison with a number other than 0 through sums, averages and factors alone. Comparisons with 0 ask whether anything ever happened, " +
			"which may be meant.",
		Sources: []string{
			"https://cloudflare.github.io/pint/checks/promql/counter.html",
		},
		check: ruleCounterCompare,
	},
	{
		ID: "rule-duplicate", Severity: Warning, Tier: Recommended,
		What: "one rule stands twice",
		Why:  "An alert fires twice. Of a recorded series the second sample of each evaluation is refused or, with another expression, takes turns with the first.",
		How:  "Within one PrometheusRule two alerts have the same name, labels and expression, or two recordings the same name and labels. Labels of groups count.",
		Sources: []string{
			"https://cloudflare.github.io/pint/checks/rule/duplicate.html",
		},
		check: ruleDuplicate,
	},
	{
		ID: "rule-group-interval", Severity: Warning, Tier: Recommended,
		What: "a group of rules is evaluated less often than every five minutes",
		Why:  "Prometheus looks back five minutes for a sample. What is recorded less often has gaps, and alerts on it come and go.",
		How:  "spec.groups[].interval is longer than 5m.",
		Sources: []string{
			"https://cloudflare.github.io/pint/checks/group/interval.html",
		},
		check: ruleGroupInterval,
	},
	{
		ID: "rule-hpa-maxed-false-positive", Severity: Info, Tier: Recommended,
		What: "an alert on an autoscaler at its maximum fires where minimum and maximum are one",
		Why:  "An autoscaler whose minimum is its maximum is always there, and one that wants no more than its maximum is well. Neither is worth a page.",
		How: "The expression compares kube_horizontalpodautoscaler_status_current_replicas, or desired, with kube_horizontalpodautoscaler_spec_max_replicas, and asks neither for spec_min_replicas " +
			"nor for the condition ScalingLimited.",
		Sources: []string{
			"https://github.com/kubernetes-sigs/kubernetes-mixin/issues/1293",
			"https://github.com/kubernetes-sigs/kubernetes-mixin/issues/1193",
			"https://github.com/prometheus-community/helm-charts/issues/7278",
		},
		check: ruleHPAMaxed,
	},
}

// promRule is a rule of a PrometheusRule, with where it stands and its
// expression, nil where that does not parse.
type promRule struct {
	*object
	*monitoringv1.Rule
	path string
	expr parser.Expr
	err  error
}

// rulesIn are the rules of a PrometheusRule.
func rulesIn(o *object, file *monitoringv1.PrometheusRule) []promRule {
	var list []promRule
	for i := range file.Spec.Groups {
		group := &file.Spec.Groups[i]
		for j := range group.Rules {
			r := promRule{object: o, Rule: &group.Rules[j], path: fmt.Sprintf("spec.groups[%d].rules[%d]", i, j)}
			if r.expr, r.err = promQL(r.Expr.String()); r.err != nil {
				r.expr = nil
			}
			list = append(list, r)
		}
	}
	return list
}

// eachExpr calls a function for each rule whose expression parses.
func (c *checker) eachExpr(do func(r *promRule)) {
	for i := range c.promRules {
		if r := &c.promRules[i]; r.expr != nil {
			do(r)
		}
	}
}

func ruleSyntax(c *checker) {
	for i := range c.promRules {
		r := &c.promRules[i]
		if r.err != nil && !errors.Is(r.err, errLong) {
			message, fix := notPromQL("the expression", r.err)
			c.report(r.object, r.path+".expr", message, fix)
		}
		c.ruleForm(r)
	}
	for _, f := range c.ruleFiles {
		first := map[string]int{}
		for i := range f.spec.Spec.Groups {
			name := f.spec.Spec.Groups[i].Name
			if before, ok := first[name]; ok {
				c.report(f.object, fmt.Sprintf("spec.groups[%d].name", i), fmt.Sprintf("another group is named %s too", name), "choose another name").
					see(f.object, fmt.Sprintf("spec.groups[%d].name", before), "the other group")
				continue
			}
			first[name] = i
		}
	}
}

// ruleForm reports what a rule must not be, besides its expression.
func (c *checker) ruleForm(r *promRule) {
	o, path := r.object, r.path
	switch {
	case r.Record != "" && r.Alert != "":
		c.report(o, path+".record", "a rule has both alert and record", "make it two rules")
	case r.Record == "" && r.Alert == "":
		c.report(o, path, "a rule has neither alert nor record", "write alert, with its name")
	case r.Record == "":
	case !model.UTF8Validation.IsValidMetricName(r.Record) || strings.ContainsAny(r.Record, "{}"):
		c.report(o, path+".record", fmt.Sprintf("%q is no name of a metric", r.Record), "write letters, digits, _ and :")
	case r.For != nil && promDuration(string(*r.For)) > 0:
		c.report(o, path+".for", "a recording has for, which only an alert has", "remove it")
	case len(r.Annotations) > 0:
		c.report(o, path+".annotations", "a recording has annotations, which only an alert has", "remove them")
	}
}

func ruleNotSelected(c *checker) {
	for _, f := range c.ruleFiles {
		if s, choice := c.unselected(f.object, f.spec.Labels, true); s != nil {
			c.reportLabels(f.object, s, choice)
		} else if s, choice := c.unselected(f.object, f.spec.Labels, false); s != nil {
			c.reportNamespace(f.object, s, choice)
		}
	}
}

func ruleRateWindow(c *checker) {
	c.eachExpr(func(r *promRule) {
		if short := c.shortRate(r.expr); short != nil {
			c.reportShort(r.object, r.path+".expr", short)
		}
	})
}

func ruleCounterCompare(c *checker) {
	c.eachExpr(func(r *promRule) {
		if r.Alert == "" {
			return
		}
		parser.Inspect(r.expr, func(n parser.Node, _ []parser.Node) error {
			e, ok := n.(*parser.BinaryExpr)
			if !ok || !e.Op.IsComparisonOperator() {
				return nil
			}
			number, counted := unparen(e.RHS), e.LHS
			if _, ok := number.(*parser.NumberLiteral); !ok {
				number, counted = unparen(e.LHS), e.RHS
			}
			limit, ok := number.(*parser.NumberLiteral)
			if !ok || limit.Val == 0 {
				return nil
			}
			if counter := rawCounter(counted); counter != nil {
				c.report(r.object, r.path+".expr", fmt.Sprintf("%s is a counter, which only grows, and is compared with %s", counter.Name, limit), "compare its rate, or its increase over a while")
			}
			return nil
		})
	})
}

func ruleDuplicate(c *checker) {
	for _, f := range c.ruleFiles {
		first := map[string]string{}
		for i := range f.spec.Spec.Groups {
			group := &f.spec.Spec.Groups[i]
			for j := range group.Rules {
				r := &group.Rules[j]
				path := fmt.Sprintf("spec.groups[%d].rules[%d]", i, j)
				key := ruleKey(group, r)
				before, ok := first[key]
				if !ok {
					first[key] = path
					continue
				}
				kind, name := "alert", r.Alert
				if r.Record != "" {
					kind, name = "record", r.Record
				}
				c.report(f.object, path+"."+kind, fmt.Sprintf("%s stands twice with the same labels", name), "remove one, or give them different labels").
					see(f.object, before+"."+kind, "the other one")
			}
		}
	}
}

// ruleKey tells a rule from others: two with the same one are duplicates.
func ruleKey(group *monitoringv1.RuleGroup, r *monitoringv1.Rule) string {
	all := maps.Clone(group.Labels)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, r.Labels)
	var b strings.Builder
	fmt.Fprintf(&b, "%q %q", r.Record, r.Alert)
	if r.Alert != "" {
		fmt.Fprintf(&b, " %q", r.Expr.String())
	}
	for _, label := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, " %q=%q", label, all[label])
	}
	return b.String()
}

func ruleGroupInterval(c *checker) {
	const lookback = 5 * time.Minute
	for _, f := range c.ruleFiles {
		for i := range f.spec.Spec.Groups {
			group := &f.spec.Spec.Groups[i]
			if group.Interval != nil && promDuration(string(*group.Interval)) > lookback {
				c.report(f.object, fmt.Sprintf("spec.groups[%d].interval", i), fmt.Sprintf("the group is evaluated every %s, and a sample is looked back for over 5m", *group.Interval),
					"write interval: 5m or less")
			}
		}
	}
}

func ruleHPAMaxed(c *checker) {
	const prefix = "kube_horizontalpodautoscaler_"
	c.eachExpr(func(r *promRule) {
		if r.Alert == "" || !strings.Contains(r.Expr.String(), prefix+"spec_max_replicas") {
			return
		}
		for _, s := range selections(r.expr) {
			if s.name() == prefix+"spec_min_replicas" || s.name() == prefix+"status_condition" {
				return
			}
		}
		if comparesReplicas(r.expr, prefix) {
			c.report(r.object, r.path+".expr", "the alert fires for an autoscaler whose minimum is its maximum, too",
				"add: and on (namespace, horizontalpodautoscaler) "+prefix+`status_condition{condition="ScalingLimited",status="true"} == 1`)
		}
	})
}

// comparesReplicas says whether an expression compares an autoscaler's replicas
// with their maximum.
func comparesReplicas(e parser.Expr, prefix string) bool {
	found := false
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		b, ok := n.(*parser.BinaryExpr)
		if !ok || b.Op != parser.EQLC && b.Op != parser.GTE {
			return nil
		}
		names := map[string]bool{}
		for _, s := range selections(b) {
			names[strings.TrimPrefix(s.name(), prefix)] = true
		}
		if names["spec_max_replicas"] && (names["status_current_replicas"] || names["status_desired_replicas"]) {
			found = true
		}
		return nil
	})
	return found
}
