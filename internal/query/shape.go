package query

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/elasticctl/elasticctl/internal/series"
)

// Shape is how an expression's value comes from what single pods report:
//
//	Factor × Op(Operand)
//
// where Operand has a series for each pod, in proportion to its share of the load.
type Shape struct {
	// Op is sum, avg, max, min, count or quantile; "" where nothing in the
	// expression is the pods' own. The mean may be written sum(x) / count(y). What
	// keeps a series for each pod, or adds several sums up, is a sum of itself.
	Op string
	// Rank is the φ of a quantile.
	Rank float64
	// Factor is positive, Operand a PromQL expression.
	Factor  float64
	Operand string
	// Grouped are the labels of a by or without clause.
	Grouped bool
}

// Bend is the part of an expression because of which its value does not follow
// from the pods' shares of the load.
type Bend struct {
	Kind BendKind
	// Part is the aggregation, function or operator, At where it begins, as
	// line:column.
	Part, At string
}

// BendKind says what kind of part it is.
type BendKind uint8

// The kinds of bends.
const (
	// BendLatency is a quantile or a mean of a histogram.
	BendLatency BendKind = iota
	// BendAggregate is an aggregation over pods that is not the outermost, or
	// another than those of a Shape.
	BendAggregate
	// BendRatio is a product or quotient of two things that change.
	BendRatio
	// BendFunction is a function or operator that is not linear.
	BendFunction
)

// Shape finds out how an expression comes from what pods report. own says of the
// series of a selector whether they are the pods' own. bend is nil where the Shape
// tells all. The error is an *Error.
func (d *DB) Shape(expr string, g series.Grid, own func([]model.Metric) bool) (shape Shape, bend *Bend, err error) {
	if err := Check(expr); err != nil {
		return Shape{}, nil, err
	}
	e, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		return Shape{}, nil, &Error{Expr: expr, Err: err}
	}
	s := shaper{db: d, text: expr, grid: g, own: own}
	s.latency(e)
	if s.bend == nil && s.touches(e) {
		shape = s.top(e, 1)
	}
	return shape, s.bend, s.err
}

// shaper looks through one expression.
type shaper struct {
	db   *DB
	text string
	grid series.Grid
	own  func([]model.Metric) bool
	bend *Bend
	err  error
}

// bent notes the first bend.
func (s *shaper) bent(kind BendKind, part string, at parser.Node) {
	if s.bend != nil {
		return
	}
	start := min(int(at.PositionRange().Start), len(s.text))
	before := s.text[:start]
	line := 1 + strings.Count(before, "\n")
	s.bend = &Bend{Kind: kind, Part: part, At: fmt.Sprintf("%d:%d", line, start-strings.LastIndexByte(before, '\n'))}
}

// latency looks for what histograms tell.
func (s *shaper) latency(e parser.Expr) {
	parser.Inspect(e, func(node parser.Node, _ []parser.Node) error {
		if call, ok := node.(*parser.Call); ok && slices.Contains([]string{"histogram_quantile", "histogram_avg", "histogram_fraction"}, call.Func.Name) {
			s.bent(BendLatency, call.Func.Name, call)
		}
		return nil
	})
}

// touches says whether an expression reads anything of the pods' own.
func (s *shaper) touches(e parser.Expr) bool {
	found := false
	parser.Inspect(e, func(node parser.Node, _ []parser.Node) error {
		if v, ok := node.(*parser.VectorSelector); ok && !found {
			found = s.own(s.db.store.labelled(v.LabelMatchers))
		}
		return nil
	})
	return found
}

// top takes the outermost aggregation off.
func (s *shaper) top(e parser.Expr, factor float64) Shape {
	switch n := e.(type) {
	case *parser.ParenExpr:
		return s.top(n.Expr, factor)
	case *parser.BinaryExpr:
		if inner, c, ok := scaled(n); ok && factor*c > 0 {
			return s.top(inner, factor*c)
		}
		if sum, each, ok := s.meanOf(n); ok {
			s.linear(sum.Expr)
			return Shape{Op: "avg", Factor: factor / each, Operand: sum.Expr.String(), Grouped: grouped(sum)}
		}
	case *parser.AggregateExpr:
		op := n.Op.String()
		if keepsPods(n) || !slices.Contains([]string{"avg", "max", "min", "count", "quantile"}, op) {
			break
		}
		operand := n.Expr
		if total, ok := bare(operand).(*parser.AggregateExpr); ok && total.Op == parser.SUM && !grouped(total) && op != "count" {
			return s.top(total, factor) // of one series
		}
		if s.drops(operand) {
			break
		}
		if op == "count" {
			operand = uncompared(operand)
		}
		s.linear(operand)
		rank, known := constant(n.Param)
		if op == "quantile" && !known {
			s.bent(BendAggregate, op, n)
		}
		return Shape{Op: op, Rank: rank, Factor: factor, Operand: operand.String(), Grouped: grouped(n)}
	}
	s.linear(e)
	return Shape{Op: "sum", Factor: factor, Operand: e.String()}
}

// scaled takes a number off a product or a quotient.
func scaled(n *parser.BinaryExpr) (rest parser.Expr, factor float64, ok bool) {
	left, isLeft := constant(n.LHS)
	right, isRight := constant(n.RHS)
	switch {
	case n.Op == parser.MUL && isLeft && !isRight:
		return n.RHS, left, true
	case n.Op == parser.MUL && isRight && !isLeft:
		return n.LHS, right, true
	case n.Op == parser.DIV && isRight && !isLeft && right != 0:
		return n.LHS, 1 / right, true
	}
	return nil, 0, false
}

// constant is the value of an expression of numbers alone.
func constant(e parser.Expr) (float64, bool) {
	switch n := e.(type) {
	case *parser.NumberLiteral:
		return n.Val, true
	case *parser.ParenExpr:
		return constant(n.Expr)
	case *parser.UnaryExpr:
		v, ok := constant(n.Expr)
		if n.Op == parser.SUB {
			v = -v
		}
		return v, ok
	case *parser.BinaryExpr:
		a, okA := constant(n.LHS)
		b, okB := constant(n.RHS)
		switch n.Op {
		case parser.MUL:
			return a * b, okA && okB
		case parser.DIV:
			return a / b, okA && okB && b != 0
		case parser.ADD:
			return a + b, okA && okB
		case parser.SUB:
			return a - b, okA && okB
		}
	}
	return 0, false
}

// meanOf recognises the mean by hand: sum(x) / count(y), or sum(x) / sum(y) where
// each pod has the same y at all times, such as its request.
func (s *shaper) meanOf(n *parser.BinaryExpr) (sum *parser.AggregateExpr, each float64, ok bool) {
	sum, isSum := bare(n.LHS).(*parser.AggregateExpr)
	of, isOver := bare(n.RHS).(*parser.AggregateExpr)
	if n.Op != parser.DIV || !isSum || !isOver || sum.Op != parser.SUM || keepsPods(sum) || keepsPods(of) || !s.touches(sum) || !s.touches(of) {
		return nil, 0, false
	}
	switch of.Op {
	case parser.COUNT:
		return sum, 1, !s.drops(uncompared(of.Expr))
	case parser.SUM:
		each, ok = s.steady(of.Expr)
		return sum, each, ok && each > 0
	}
	return nil, 0, false
}

// drops says whether an expression has lost the series of single pods.
func (s *shaper) drops(e parser.Expr) bool {
	found := false
	parser.Inspect(e, func(node parser.Node, _ []parser.Node) error {
		if n, ok := node.(*parser.AggregateExpr); ok && !keepsPods(n) && s.touches(n) {
			found = true
		}
		return nil
	})
	return found
}

// bare takes parentheses off.
func bare(e parser.Expr) parser.Expr {
	for {
		p, ok := e.(*parser.ParenExpr)
		if !ok {
			return e
		}
		e = p.Expr
	}
}

// uncompared takes "== 1" off what is counted: up == 1.
func uncompared(e parser.Expr) parser.Expr {
	if n, ok := bare(e).(*parser.BinaryExpr); ok && n.Op == parser.EQLC && !n.ReturnBool {
		if v, ok := constant(n.RHS); ok && v == 1 {
			return n.LHS
		}
	}
	return e
}

// grouped says whether an aggregation may have several results.
func grouped(n *parser.AggregateExpr) bool { return len(n.Grouping) > 0 || n.Without }

// keepsPods says whether an aggregation keeps a series for each pod.
func keepsPods(n *parser.AggregateExpr) bool {
	names := []string{"pod", "exported_pod", "instance"}
	named := func(l string) bool { return slices.Contains(n.Grouping, l) }
	if n.Without {
		return !slices.ContainsFunc(names, named)
	}
	return slices.ContainsFunc(names, named)
}

// linear walks down what has to be in proportion to the pods' shares, and notes
// the first thing that is not.
func (s *shaper) linear(e parser.Expr) {
	if s.bend != nil || s.err != nil || !s.touches(e) {
		return
	}
	switch n := e.(type) {
	case *parser.ParenExpr:
		s.linear(n.Expr)
	case *parser.UnaryExpr:
		s.linear(n.Expr)
	case *parser.SubqueryExpr:
		s.linear(n.Expr)
	case *parser.VectorSelector, *parser.MatrixSelector:
	case *parser.AggregateExpr:
		if n.Op != parser.SUM && (!keepsPods(n) || !slices.Contains([]string{"avg", "max", "min"}, n.Op.String())) {
			s.bent(BendAggregate, n.Op.String(), n)
		}
		s.linear(n.Expr)
	case *parser.Call:
		if !slices.Contains(linearCalls(), n.Func.Name) {
			s.bent(BendFunction, n.Func.Name, n)
		}
		for _, arg := range n.Args {
			s.linear(arg)
		}
	case *parser.BinaryExpr:
		s.binary(n)
	default:
		s.bent(BendFunction, e.String(), e)
	}
}

// linearCalls are functions whose value is in proportion to that of their
// argument, as long as it stays the same.
func linearCalls() []string {
	return []string{
		"rate", "irate", "increase", "avg_over_time", "last_over_time", "first_over_time", "sum_over_time",
		"label_replace", "label_join", "sort", "sort_desc", "sort_by_label", "sort_by_label_desc", "scalar", "vector",
	}
}

// binary looks at an operator and what is beside it.
func (s *shaper) binary(n *parser.BinaryExpr) {
	left, right := s.touches(n.LHS), s.touches(n.RHS)
	switch n.Op {
	case parser.ADD, parser.SUB, parser.LAND, parser.LUNLESS:
	case parser.MUL, parser.DIV:
		// By what the pods do not have, or what never changes.
		if right && left {
			if _, same := s.steady(n.RHS); !same {
				s.bent(BendRatio, n.Op.String(), n)
			}
			s.linear(n.LHS)
			return
		}
		if n.Op == parser.DIV && right {
			s.bent(BendRatio, n.Op.String(), n)
		}
	default:
		s.bent(BendFunction, n.Op.String(), n)
	}
	s.linear(n.LHS)
	s.linear(n.RHS)
}

// steady is the one value that an expression has, of every pod at all times; ok
// is false where there are several, or none.
func (s *shaper) steady(e parser.Expr) (value float64, ok bool) {
	if s.drops(e) {
		return 0, false
	}
	set, _, err := s.db.Range(context.Background(), e.String(), s.grid)
	if err != nil {
		s.err = err
		return 0, false
	}
	for i := range set {
		for _, v := range set[i].Values {
			switch {
			case math.IsNaN(v): // a stale marker
			case ok && v != value:
				return 0, false
			default:
				value, ok = v, true
			}
		}
	}
	return value, ok
}

// Levels are the labels of the series that an expression reads as they stand, and
// not as a counter's increase.
func (d *DB) Levels(expr string) []model.Metric {
	e, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		return nil
	}
	var out []model.Metric
	parser.Inspect(e, func(node parser.Node, path []parser.Node) error {
		v, ok := node.(*parser.VectorSelector)
		grows := slices.ContainsFunc(path, func(n parser.Node) bool {
			call, ok := n.(*parser.Call)
			return ok && slices.Contains([]string{"rate", "irate", "increase"}, call.Func.Name)
		})
		if ok && !grows {
			out = append(out, d.store.labelled(v.LabelMatchers)...)
		}
		return nil
	})
	return out
}

// labelled are the labels of the series that a selector chooses.
func (st store) labelled(matchers []*labels.Matcher) []model.Metric {
	var out []model.Metric
	for _, e := range st.set {
		if !matches(e.labels, matchers) {
			continue
		}
		m := model.Metric{}
		e.labels.Range(func(l labels.Label) { m[model.LabelName(l.Name)] = model.LabelValue(l.Value) })
		out = append(out, m)
	}
	return out
}
