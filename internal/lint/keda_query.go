package lint

import (
	"errors"
	"fmt"
	"strconv"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/prometheus/prometheus/promql/parser"
)

// kedaQueries are about the queries of prometheus triggers.
var kedaQueries = []Rule{
	{
		ID: "keda-query-invalid", Severity: Error, Tier: Default,
		What: "a trigger's query is not PromQL",
		Why:  "Prometheus refuses the query: KEDA gets no value, and nothing is scaled but by the fallback.",
		How:  "The query of a prometheus trigger is parsed by Prometheus's own parser, experimental functions allowed. A server whose address names VictoriaMetrics speaks more than PromQL and is passed over.",
		Sources: []string{
			"https://github.com/kedacore/keda/blob/main/pkg/scalers/prometheus_scaler.go",
		},
		check: kedaQueryInvalid,
	},
	{
		ID: "keda-query-range-vector", Severity: Error, Tier: Default,
		What: "a trigger's query has a range of values, or a text, as its value",
		Why:  "KEDA wants one number and reads none from what it gets: the trigger fails, or counts as 0.",
		How:  "The query's value is a range vector, as of http_requests_total[2m], or a string.",
		Sources: []string{
			"https://github.com/kedacore/keda/issues/5527",
		},
		check: kedaQueryRangeVector,
	},
	{
		ID: "keda-query-multi-element", Severity: Error, Tier: Default,
		What: "a trigger's query returns one value for each value of a label",
		Why:  "KEDA wants one value. Of several it takes none: the trigger fails with \"returned multiple elements\" as soon as there is a second pod.",
		How:  "The query groups by a label (or joins what does) that its selectors do not ask to have one value. A query that is not aggregated at all is another rule's.",
		Sources: []string{
			"https://github.com/kedacore/keda/blob/main/pkg/scalers/prometheus_scaler.go",
		},
		check: func(c *checker) { c.manyElements(perLabel) },
	},
	{
		ID: "keda-query-unaggregated", Severity: Warning, Tier: Recommended,
		What: "a trigger's query is not aggregated",
		Why:  "It has one value for each series that matches. While that is one, all is well; with the second, such as of a second pod, KEDA gets an error and scales nothing.",
		How: "No aggregation without labels makes the query's value a single one. A gauge of a queue that a single exporter reports is one, which is why this is advice: sum() or max() around " +
			"it costs nothing.",
		Sources: []string{
			"https://github.com/kedacore/keda/blob/main/pkg/scalers/prometheus_scaler.go",
		},
		check: func(c *checker) { c.manyElements(perSeries) },
	},
	{
		ID: "keda-ignore-null", Severity: Warning, Tier: Recommended,
		What: "a trigger takes an empty answer for 0",
		Why: "ignoreNullValues is true unless told otherwise. When the series are gone, because a target was renamed or the monitoring lost it, the load seems to be 0, and the workload is " +
			"scaled in while it is busy.",
		How: "ignoreNullValues of a prometheus trigger is not \"false\". A query that ends in or vector(0), which says 0 itself, is passed over.",
		Sources: []string{
			"https://github.com/kedacore/keda/issues/3065",
			"https://github.com/kedacore/keda-docs/issues/1812",
		},
		check: kedaIgnoreNull,
	},
	{
		ID: "keda-average-divided", Severity: Warning, Tier: Recommended,
		What: "a trigger divides by the number of pods what its query has averaged already",
		Why:  "With AverageValue, the default, the value is taken for a total and divided by the replicas. An average over pods, divided once more, asks for too few.",
		How:  "The outermost aggregation of the query is avg without labels, and metricType is AverageValue or not written.",
		Sources: []string{
			"https://github.com/kedacore/keda/issues/5781",
			"https://github.com/kedacore/keda/issues/1881",
		},
		check: kedaAverageDivided,
	},
	{
		ID: "keda-rate-window", Severity: Error, Tier: Default,
		What: "a trigger takes a rate over less than two scrapes",
		Why:  "A rate needs two samples. Over a shorter window there often is one: the answer is empty, which counts as no load.",
		How: "The window of rate, irate or increase is held against twice the interval at which monitors among the inputs scrape the Service that the selector names in its service or job " +
			"label. Series that name no Service are passed over.",
		Sources: []string{
			"https://github.com/prometheus/prometheus/issues/8001",
			"https://cloudflare.github.io/pint/checks/promql/rate.html",
		},
		check: kedaRateWindow,
	},
}

func kedaQueryInvalid(c *checker) {
	for _, q := range c.queries {
		if q.err != nil && !errors.Is(q.err, errLong) {
			message, fix := notPromQL("the query", q.err)
			c.report(q.object, q.path+".metadata.query", message, fix)
		}
	}
}

func kedaQueryRangeVector(c *checker) {
	for _, q := range c.queries {
		if q.expr == nil {
			continue
		}
		switch q.expr.Type() {
		case parser.ValueTypeMatrix:
			c.report(q.object, q.path+".metadata.query", "the query's value is a range vector, not one number", "take a rate of it, and sum that: sum(rate(…[2m]))")
		case parser.ValueTypeString:
			c.report(q.object, q.path+".metadata.query", "the query's value is a text, not a number", "remove the quotes")
		default:
		}
	}
}

// manyElements reports the queries whose value has several elements for one
// reason.
func (c *checker) manyElements(reason elements) {
	for _, q := range c.queries {
		if q.expr == nil || q.expr.Type() != parser.ValueTypeVector {
			continue
		}
		many, label := howMany(q.expr, "")
		if many != reason {
			continue
		}
		message := "the query is not aggregated: it has a value for each series that matches"
		if many == perLabel {
			message = fmt.Sprintf("the query has a value for each %s, and KEDA takes one only", label)
		}
		c.report(q.object, q.path+".metadata.query", message, "aggregate it: sum(…) without by")
	}
}

func kedaIgnoreNull(c *checker) {
	for _, q := range c.queries {
		value, written := q.trigger.Metadata["ignoreNullValues"]
		if off, err := strconv.ParseBool(value); written && err == nil && !off || q.expr != nil && neverEmpty(q.expr) {
			continue
		}
		c.report(q.object, q.path+".metadata.ignoreNullValues", "an empty answer counts as 0, so the workload is scaled in when its series are lost",
			`write ignoreNullValues: "false"`)
	}
}

// neverEmpty says whether an expression has a value whatever the series.
func neverEmpty(e parser.Expr) bool {
	switch e := unparen(e).(type) {
	case *parser.NumberLiteral:
		return true
	case *parser.Call:
		return e.Func.Name == "vector"
	case *parser.BinaryExpr:
		if e.Op == parser.LOR {
			return neverEmpty(e.LHS) || neverEmpty(e.RHS)
		}
		return !e.Op.IsSetOperator() && !e.Op.IsComparisonOperator() && neverEmpty(e.LHS) && neverEmpty(e.RHS)
	case *parser.AggregateExpr:
		return neverEmpty(e.Expr)
	}
	return false
}

func kedaAverageDivided(c *checker) {
	for _, q := range c.queries {
		if q.expr == nil || q.trigger.MetricType != "" && q.trigger.MetricType != autoscalingv2.AverageValueMetricType {
			continue
		}
		if a, ok := unparen(q.expr).(*parser.AggregateExpr); ok && a.Op == parser.AVG && len(a.Grouping) == 0 && !a.Without {
			c.report(q.object, q.path+".metadata.query", "the query is an average, and metricType AverageValue divides it by the number of pods",
				"write sum in place of avg, or metricType: Value")
		}
	}
}

func kedaRateWindow(c *checker) {
	for _, q := range c.queries {
		if q.expr == nil {
			continue
		}
		if short := c.shortRate(q.expr); short != nil {
			c.reportShort(q.object, q.path+".metadata.query", short)
		}
	}
}
