// Package query evaluates PromQL over recorded series. It is the one place that
// links Prometheus's engine: what an expression means is what Prometheus says.
package query

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/elasticctl/elasticctl/internal/series"
)

// maxSamples is how many samples a query may hold in memory at a time, as the
// server's --query.max-samples.
const maxSamples = 50_000_000

// maxSteps is how many instants a query may ask for: two years at 15 s.
const maxSteps = 5_000_000

// timeout ends an expression that would run for ever.
const timeout = 10 * time.Minute

// DB answers queries over series. It holds on to their columns and does not
// change them.
type DB struct {
	engine *promql.Engine
	store  store
}

// Open makes a DB of series with distinct labels. lookback is how old a sample
// may be and still count at an instant; 0 means series.Lookback.
func Open(set []series.Series, lookback time.Duration) *DB {
	if lookback == 0 {
		lookback = series.Lookback
	}
	return &DB{
		engine: promql.NewEngine(promql.EngineOpts{
			MaxSamples:               maxSamples,
			Timeout:                  timeout,
			LookbackDelta:            lookback,
			NoStepSubqueryIntervalFn: func(int64) int64 { return time.Minute.Milliseconds() },
			EnableAtModifier:         true,
			EnableNegativeOffset:     true,
			Parser:                   parser.NewParser(parser.Options{}),
		}),
		store: newStore(set),
	}
}

// Of makes a DB of other series with d's engine, which costs little.
func (d *DB) Of(set []series.Series) *DB { return &DB{engine: d.engine, store: newStore(set)} }

// Check parses an expression. The error names line and column.
func Check(expr string) error {
	e, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		return &Error{Expr: expr, Err: err}
	}
	if t := e.Type(); t != parser.ValueTypeVector && t != parser.ValueTypeScalar {
		return &Error{Expr: expr, Err: fmt.Errorf("it is a %s: a value at each instant is wanted, such as rate(x[1m])", parser.DocumentedType(t))}
	}
	return nil
}

// Over returns the aggregation that an expression's value is at last, such as
// sum, avg or max, and whether it keeps one of the labels; "" where it is none.
// Arithmetic with numbers does not count; histogram_quantile is one.
func Over(expr string, kept ...string) (op string, keeps bool) {
	e, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		return "", false
	}
	for {
		switch n := e.(type) {
		case *parser.ParenExpr:
			e = n.Expr
		case *parser.UnaryExpr:
			e = n.Expr
		case *parser.BinaryExpr:
			if n.RHS.Type() == parser.ValueTypeScalar {
				e = n.LHS
			} else if n.LHS.Type() == parser.ValueTypeScalar {
				e = n.RHS
			} else {
				return "", false
			}
		case *parser.AggregateExpr:
			named := slices.ContainsFunc(kept, func(l string) bool { return slices.Contains(n.Grouping, l) })
			return n.Op.String(), named != n.Without
		case *parser.Call:
			if n.Func.Name == "histogram_quantile" {
				return n.Func.Name, false
			}
			return "", false
		default:
			return "", false
		}
	}
}

// Window returns the longest time that an expression looks back over, as in
// rate(x[5m]); 0 where it does not.
func Window(expr string) (longest time.Duration) {
	e, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		return 0
	}
	parser.Inspect(e, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.MatrixSelector:
			longest = max(longest, n.Range)
		case *parser.SubqueryExpr:
			longest = max(longest, n.Range)
		}
		return nil
	})
	return longest
}

// Error is an expression that cannot be evaluated.
type Error struct {
	Expr string
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("expression %q: %v", e.Expr, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// Range evaluates an expression at each instant of the grid, as query_range
// does. An instant at which a series has no value has no sample; a scalar is
// one series without labels. Warnings are the engine's. The error is an *Error.
func (d *DB) Range(ctx context.Context, expr string, g series.Grid) (out []series.Series, warnings []string, err error) {
	if err := Check(expr); err != nil {
		return nil, nil, err
	}
	if g.N < 1 || g.N > maxSteps || g.Step < time.Millisecond {
		return nil, nil, &Error{Expr: expr, Err: fmt.Errorf("%d instants %v apart: want 1 to %d, at least 1ms apart", g.N, g.Step, maxSteps)}
	}
	start := time.UnixMilli(g.Start)
	end := start.Add(time.Duration(g.N-1) * g.Step)
	q, err := d.engine.NewRangeQuery(ctx, d.store, nil, expr, start, end, g.Step)
	if err != nil {
		return nil, nil, &Error{Expr: expr, Err: err}
	}
	defer q.Close()
	res := q.Exec(ctx)
	matrix, err := res.Matrix()
	if err != nil {
		return nil, nil, &Error{Expr: expr, Err: err}
	}
	for _, s := range matrix {
		if len(s.Histograms) > 0 {
			return nil, nil, &Error{Expr: expr, Err: errors.New("the result holds native histograms; only numbers are read")}
		}
		out = append(out, column(s))
	}
	warn, infos := res.Warnings.AsStrings(expr, 10, 10)
	return out, append(warn, infos...), nil
}

// column copies a result into columns. A NaN is the end of a series, as in every
// recording.
func column(s promql.Series) series.Series {
	out := series.Series{
		Labels: model.Metric{},
		Times:  make([]int64, len(s.Floats)),
		Values: make([]float64, len(s.Floats)),
	}
	s.Metric.Range(func(l labels.Label) { out.Labels[model.LabelName(l.Name)] = model.LabelValue(l.Value) })
	for i, p := range s.Floats {
		out.Times[i], out.Values[i] = p.T, p.F
		if math.IsNaN(p.F) {
			out.Values[i] = series.Stale()
		}
	}
	return out
}
