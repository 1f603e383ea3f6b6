package lint

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// maxQuery is the longest expression that is looked at, in bytes: what parses
// and walks expressions recurses.
const maxQuery = 32 << 10

var errLong = errors.New("too long to be looked at")

// promQL parses an expression, also one of a newer Prometheus.
func promQL(expr string) (parser.Expr, error) {
	if len(expr) > maxQuery {
		return nil, errLong
	}
	p := parser.NewParser(parser.Options{EnableExperimentalFunctions: true, EnableBinopFillModifiers: true})
	return p.ParseExpr(expr)
}

// promSelector parses a selector of series.
func promSelector(expr string) ([]*labels.Matcher, error) {
	e, err := promQL(expr)
	if err != nil {
		return nil, err
	}
	if v, ok := unparen(e).(*parser.VectorSelector); ok {
		return v.LabelMatchers, nil
	}
	return nil, errors.New("not a selector of series")
}

// syntaxError is what is wrong with an expression, in one line, and where: in
// characters of the expression from 1; 0 where it is not known.
func syntaxError(err error) (text string, at int) {
	var all parser.ParseErrors
	if errors.As(err, &all) && len(all) > 0 {
		query, start := all[0].Query, int(all[0].PositionRange.Start)
		if start >= 0 && start <= len(query) {
			at = 1 + utf8.RuneCountInString(query[:start])
		}
		err = all[0].Err
	}
	text, _, _ = strings.Cut(err.Error(), "\n")
	return text, at
}

// notPromQL says what is wrong with an expression that is written as it is.
func notPromQL(what string, err error) (message, fix string) {
	text, at := syntaxError(err)
	message, fix = what+" is not PromQL: "+text, "mend it; Prometheus's page for queries shows where it fails"
	if at > 0 {
		message += fmt.Sprintf(", at its character %d", at)
	}
	return message, fix
}

func unparen(e parser.Expr) parser.Expr {
	for {
		switch p := e.(type) {
		case *parser.ParenExpr:
			e = p.Expr
		case *parser.StepInvariantExpr:
			e = p.Expr
		default:
			return e
		}
	}
}

// selection is a selector in an expression.
type selection struct {
	*parser.VectorSelector
	// window is that of the range that it selects; 0 for an instant.
	window time.Duration
	// function is what takes that range: rate.
	function string
}

// selections are the selectors of an expression.
func selections(e parser.Expr) []selection {
	var list []selection
	parser.Inspect(e, func(n parser.Node, above []parser.Node) error {
		v, ok := n.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		one := selection{VectorSelector: v}
		if m, ok := ancestor(above, 1).(*parser.MatrixSelector); ok {
			one.window = m.Range
			if call, ok := ancestor(above, 2).(*parser.Call); ok {
				one.function = call.Func.Name
			}
		}
		list = append(list, one)
		return nil
	})
	return list
}

// ancestor is the n-th node above another one, nil where there is none.
func ancestor(above []parser.Node, n int) parser.Node {
	if n > len(above) {
		return nil
	}
	return above[len(above)-n]
}

// increments are the functions that say how much a counter grew.
func increments() []string { return []string{"rate", "irate", "increase"} }

// name is the metric's name that a selector asks for; "" where that is not one.
func (s *selection) name() string { return exactName(s.LabelMatchers) }

func exactName(matchers []*labels.Matcher) string {
	return equal(matchers, model.MetricNameLabel)
}

// equal is the value that matchers ask a label to have; "" where they do not say
// one.
func equal(matchers []*labels.Matcher, label string) string {
	for _, m := range matchers {
		if m.Name == label && m.Type == labels.MatchEqual {
			return m.Value
		}
	}
	return ""
}

// isCounter says whether a metric is a counter by its name.
func isCounter(name string) bool { return strings.HasSuffix(name, "_total") }

// rawCounter finds a counter whose value itself, as it grows for ever, makes the
// value of an expression; nil for none. Differences and comparisons made by hand
// are passed over.
func rawCounter(e parser.Expr) *parser.VectorSelector {
	if s := bareSelector(e); s != nil && isCounter(exactName(s.LabelMatchers)) {
		return s
	}
	return nil
}

// bareSelector finds the series whose values, at most added up and scaled, are the
// value of an expression; nil for none.
func bareSelector(e parser.Expr) *parser.VectorSelector {
	switch e := unparen(e).(type) {
	case *parser.VectorSelector:
		if e.OriginalOffset == 0 {
			return e
		}
	case *parser.AggregateExpr:
		switch e.Op {
		case parser.SUM, parser.AVG, parser.MAX, parser.MIN, parser.TOPK, parser.BOTTOMK:
			return bareSelector(e.Expr)
		}
	case *parser.BinaryExpr:
		if e.Op == parser.MUL || e.Op == parser.DIV || e.Op == parser.ADD {
			_, left := unparen(e.LHS).(*parser.NumberLiteral)
			_, right := unparen(e.RHS).(*parser.NumberLiteral)
			if right {
				return bareSelector(e.LHS)
			}
			if left && e.Op != parser.DIV {
				return bareSelector(e.RHS)
			}
		}
	}
	return nil
}

// keepsLabel says whether the elements of an expression's value certainly have lost
// (false) a label of its selectors.
func keepsLabel(e parser.Expr, label string) bool {
	switch e := unparen(e).(type) {
	case *parser.AggregateExpr:
		switch e.Op {
		case parser.TOPK, parser.BOTTOMK, parser.LIMITK, parser.LIMIT_RATIO:
			return keepsLabel(e.Expr, label)
		}
		if slices.Contains(e.Grouping, label) == e.Without {
			return false
		}
		return keepsLabel(e.Expr, label)
	case *parser.BinaryExpr:
		return keepsBinary(e, label)
	case *parser.Call:
		return keepsCall(e, label)
	case *parser.NumberLiteral:
		return false
	case *parser.UnaryExpr:
		return keepsLabel(e.Expr, label)
	case *parser.SubqueryExpr:
		return keepsLabel(e.Expr, label)
	}
	return true
}

func keepsBinary(e *parser.BinaryExpr, label string) bool {
	left, right := e.LHS.Type() == parser.ValueTypeVector, e.RHS.Type() == parser.ValueTypeVector
	switch {
	case left && right && e.Op.IsSetOperator():
		return keepsLabel(e.LHS, label) || keepsLabel(e.RHS, label)
	case left && right && e.VectorMatching != nil:
		m := e.VectorMatching
		switch {
		case m.Card == parser.CardManyToOne:
			return keepsLabel(e.LHS, label) || slices.Contains(m.Include, label)
		case m.Card == parser.CardOneToMany:
			return keepsLabel(e.RHS, label) || slices.Contains(m.Include, label)
		case slices.Contains(m.MatchingLabels, label) != m.On:
			return false
		}
		return keepsLabel(e.LHS, label)
	case left:
		return keepsLabel(e.LHS, label)
	case right:
		return keepsLabel(e.RHS, label)
	}
	return false
}

func keepsCall(e *parser.Call, label string) bool {
	switch e.Func.Name {
	case "vector", "scalar", "time", "absent", "absent_over_time":
		return false
	case "label_replace", "label_join", "info":
		return true
	}
	for _, arg := range e.Args {
		if t := arg.Type(); t == parser.ValueTypeVector || t == parser.ValueTypeMatrix {
			return keepsLabel(arg, label)
		}
	}
	return false
}

// elements says how many elements an expression's value may have.
type elements uint8

const (
	// single is one at most.
	single elements = iota
	// perSeries is as many as there are series that match.
	perSeries
	// perLabel is one for each value of a label that the expression groups by.
	perLabel
)

// howMany says how many elements an expression's value may have, and the label
// that it groups by. What is around it takes a label away, if lost is not empty.
func howMany(e parser.Expr, lost string) (elements, string) {
	switch e := unparen(e).(type) {
	case *parser.VectorSelector, *parser.MatrixSelector:
		return perSeries, ""
	case *parser.AggregateExpr:
		return howManyGroups(e, lost)
	case *parser.SubqueryExpr:
		return howMany(e.Expr, lost)
	case *parser.UnaryExpr:
		return howMany(e.Expr, lost)
	case *parser.BinaryExpr:
		return howManyMatched(e, lost)
	case *parser.Call:
		switch e.Func.Name {
		case "absent", "absent_over_time", "vector", "scalar", "time", "pi":
			return single, ""
		case "histogram_quantile", "histogram_fraction":
			lost = model.BucketLabel
		}
		for _, arg := range e.Args {
			if t := arg.Type(); t == parser.ValueTypeVector || t == parser.ValueTypeMatrix {
				return howMany(arg, lost)
			}
		}
	}
	return single, ""
}

func howManyMatched(e *parser.BinaryExpr, lost string) (elements, string) {
	left, l := howMany(e.LHS, lost)
	right, r := howMany(e.RHS, lost)
	vectors := e.LHS.Type() == parser.ValueTypeVector && e.RHS.Type() == parser.ValueTypeVector
	switch {
	case !vectors, e.Op == parser.LOR:
		if left >= right {
			return left, l
		}
		return right, r
	case e.Op.IsSetOperator(), e.VectorMatching != nil && e.VectorMatching.Card == parser.CardManyToOne:
		return left, l
	case e.VectorMatching != nil && e.VectorMatching.Card == parser.CardOneToMany, right < left:
		return right, r
	}
	return left, l
}

func howManyGroups(e *parser.AggregateExpr, lost string) (elements, string) {
	inner, label := howMany(e.Expr, lost)
	if inner == single {
		return single, ""
	}
	switch e.Op {
	case parser.TOPK, parser.BOTTOMK, parser.LIMITK:
		if n, ok := unparen(e.Param).(*parser.NumberLiteral); ok && n.Val <= 1 && len(e.Grouping) == 0 && !e.Without {
			return single, ""
		}
		return inner, label
	case parser.LIMIT_RATIO:
		return inner, label
	case parser.COUNT_VALUES:
		return perSeries, ""
	}
	if e.Without {
		return perSeries, ""
	}
	for _, label := range e.Grouping {
		if label != lost && !pinned(e.Expr, label) && keepsLabel(e.Expr, label) {
			return perLabel, label
		}
	}
	return single, ""
}

// pinned says whether all selectors of an expression ask for one value of a
// label.
func pinned(e parser.Expr, label string) bool {
	for _, s := range selections(e) {
		if !slices.ContainsFunc(s.LabelMatchers, func(m *labels.Matcher) bool { return m.Name == label && m.Type == labels.MatchEqual }) {
			return false
		}
	}
	return true
}
