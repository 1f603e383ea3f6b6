package query

import (
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Answer is what an expression tells of the requests that pods answer, where it
// has one of the usual forms:
//
//	Factor × Op(what single pods tell)
type Answer struct {
	Kind AnswerKind
	// Rank is the φ of AnswerQuantile.
	Rank float64
	// Metric is the name that is read, without _bucket, _sum or _count.
	Metric string
	// Factor is positive.
	Factor float64
	// Op is the aggregation over pods: sum, avg, max, min, count or quantile, of
	// which OpRank is the φ; "" where there is none.
	Op     string
	OpRank float64
	// PerPod says that below Op each pod has a value of its own; else it is one of
	// all their requests.
	PerPod bool
	// Window is the time that the expression looks back over.
	Window time.Duration
	// Labels are those of the series that it reads.
	Labels []model.Metric
}

// AnswerKind says what an Answer is.
type AnswerKind uint8

// The kinds of answers.
const (
	// AnswerGauge is a series as it stands.
	AnswerGauge AnswerKind = iota
	// AnswerQuantile is histogram_quantile of the rates of buckets.
	AnswerQuantile
	// AnswerMean is the rate of a _sum ÷ that of its _count.
	AnswerMean
)

// Answer reads an expression as one; ok is false where it has no such form.
func (d *DB) Answer(expr string) (a Answer, ok bool) {
	e, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		return a, false
	}
	a.Factor = 1
	if ok = a.read(e) && a.Factor > 0; !ok {
		return a, false
	}
	a.Window = Window(expr)
	parser.Inspect(e, func(node parser.Node, _ []parser.Node) error {
		if v, is := node.(*parser.VectorSelector); is {
			a.Labels = append(a.Labels, d.store.labelled(v.LabelMatchers)...)
		}
		return nil
	})
	return a, true
}

// read takes numbers and the aggregation over pods off.
func (a *Answer) read(e parser.Expr) bool {
	switch n := bare(e).(type) {
	case *parser.BinaryExpr:
		if inner, c, ok := scaled(n); ok {
			a.Factor *= c
			return a.read(inner)
		}
		return a.mean(n)
	case *parser.AggregateExpr:
		if a.Op != "" || keepsPods(n) || grouped(n) || !slices.Contains([]string{"sum", "avg", "max", "min", "count", "quantile"}, n.Op.String()) {
			return false
		}
		a.Op = n.Op.String()
		if a.Op == "quantile" {
			var known bool
			if a.OpRank, known = constant(n.Param); !known {
				return false
			}
		}
		return a.read(n.Expr) && a.PerPod
	case *parser.Call:
		return n.Func.Name == "histogram_quantile" && len(n.Args) == 2 && a.quantile(n)
	case *parser.VectorSelector:
		a.Kind, a.Metric, a.PerPod = AnswerGauge, nameOf(n), true
		return a.Metric != ""
	}
	return false
}

// quantile reads histogram_quantile(φ, [sum by (le)] (rate(NAME_bucket[…]))).
func (a *Answer) quantile(n *parser.Call) bool {
	rank, known := constant(n.Args[0])
	name, perPod, ok := ratesOf(n.Args[1], "le")
	base, isBuckets := strings.CutSuffix(name, "_bucket")
	a.Kind, a.Rank, a.Metric, a.PerPod = AnswerQuantile, rank, base, perPod
	return known && ok && isBuckets && rank > 0 && rank < 1
}

// mean reads [sum] (rate(NAME_sum[…])) / [sum] (rate(NAME_count[…])).
func (a *Answer) mean(n *parser.BinaryExpr) bool {
	took, perPod, ok := ratesOf(n.LHS, "")
	count, same, okToo := ratesOf(n.RHS, "")
	base, isSum := strings.CutSuffix(took, "_sum")
	a.Kind, a.Metric, a.PerPod = AnswerMean, base, perPod
	return n.Op == parser.DIV && ok && okToo && isSum && perPod == same && count == base+"_count"
}

// ratesOf reads the rates of one metric's series, which are not added up, or such
// that label stays, if it is one. perPod says that each pod keeps its own.
func ratesOf(e parser.Expr, label string) (name string, perPod, ok bool) {
	perPod = true
	if n, is := bare(e).(*parser.AggregateExpr); is {
		stays := label == "" || slices.Contains(n.Grouping, label) != n.Without
		if n.Op != parser.SUM || !stays {
			return "", false, false
		}
		perPod, e = keepsPods(n), n.Expr
	}
	call, is := bare(e).(*parser.Call)
	if !is || len(call.Args) != 1 || !slices.Contains([]string{"rate", "irate", "increase"}, call.Func.Name) {
		return "", false, false
	}
	m, is := bare(call.Args[0]).(*parser.MatrixSelector)
	if !is {
		return "", false, false
	}
	v, is := m.VectorSelector.(*parser.VectorSelector)
	if !is {
		return "", false, false
	}
	return nameOf(v), perPod, true
}

// nameOf is the name that a selector is bound to, "" where it is none.
func nameOf(v *parser.VectorSelector) string {
	for _, m := range v.LabelMatchers {
		if m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual {
			return m.Value
		}
	}
	return ""
}
