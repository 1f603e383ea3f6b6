package scenario

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/fit"
	"github.com/elasticctl/elasticctl/internal/query"
	"github.com/elasticctl/elasticctl/internal/series"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// ownMetric says whether each pod has a value of its own, though the metric may
// tell only an aggregate of them.
func ownMetric(d *sim.Demand) bool {
	return d.Source == hpa.SourceResource || d.Source == hpa.SourcePods || d.Aggregate != sim.AggregateNone
}

// asked is an expression being evaluated for a demand.
type asked struct {
	b    *builder
	p    *piece
	d    *demand
	db   *query.DB
	grid series.Grid
	// expr is what gives the demand, times factor; average says that it is a mean
	// over the pods.
	expr    string
	factor  float64
	average bool
}

// evaluate puts the values of a demand's expression into a want. What the
// expression aggregates over pods is evaluated before that, so that the simulated
// pods can be aggregated in their place.
func (b *builder) evaluate(p *piece, d *demand, w *fit.Want) error {
	grid, err := fit.QueryGrid(p.rec, p.step)
	if err != nil {
		return b.about(p, err)
	}
	once, copies := fit.Once(p.rec.Series)
	if copies > 0 {
		b.note("%s are copies that a second server made, and are not counted twice", seriesText(copies))
	}
	q := asked{b: b, p: p, d: d, grid: grid, expr: d.query, factor: 1, db: query.Open(once, fit.Lookback(p.rec.Series))}
	b.request.begin("evaluating " + d.query)
	if err := q.shape(); err != nil {
		return err
	}
	total, warnings, err := q.db.Range(context.Background(), q.expr, grid)
	if err != nil {
		return q.bad(err)
	}
	for _, text := range warnings {
		b.note("%s", text)
	}
	w.Demand, w.Shared, w.Average = d.Demand, !ownMetric(&d.Demand), q.average
	w.Expr, w.Total, w.Window = q.expr, scaled(total, q.factor), query.Window(q.expr)
	if q.factor != 1 {
		w.Expr += fmt.Sprintf(" * %.9g", q.factor)
	}
	return nil
}

// scaled multiplies values.
func scaled(set []series.Series, factor float64) []series.Series {
	if factor == 1 {
		return set
	}
	for i := range set {
		for j, v := range set[i].Values {
			if !math.IsNaN(v) { // which NaN it is matters
				set[i].Values[j] = v * factor
			}
		}
	}
	return set
}

// bad reports an expression that cannot be evaluated where it was written.
func (q *asked) bad(err error) error {
	if q.d.path == "" {
		return fmt.Errorf("--demand %s: %w", q.d.Name, err)
	}
	return q.refuse(err.Error(), "write PromQL that has a value at each instant, such as sum(rate(http_requests_total[1m]))")
}

// refuse reports an expression where it was written.
func (q *asked) refuse(text, hint string) error {
	if q.d.path != "" {
		return q.b.fail(q.d.path+".query", text, hint)
	}
	return fmt.Errorf("--demand %s: %s; %s", q.d.Name, text, hint)
}

// shape decides what is to be evaluated in the place of an expression.
func (q *asked) shape() error {
	if q.b.openLoop() {
		return q.opened()
	}
	if q.d.Role != sim.RoleLoad {
		return nil // one pod's value, what arrives, or what nobody changes
	}
	if err := q.levels(); err != nil {
		return err
	}
	pods := q.d.Source == hpa.SourceResource || q.d.Source == hpa.SourcePods
	own := every
	mine := fit.PodsOf(q.p.rec, fit.Options{Namespace: q.b.request.Namespace, Workload: q.b.workload()})
	if !pods {
		own = func(set []model.Metric) bool { n, _ := mine.Count(set); return n > 0 }
	}
	shape, bend, err := q.db.Shape(q.d.query, q.grid, own)
	switch {
	case err != nil:
		return q.bad(err)
	case bend != nil && !(pods && bend.Kind == query.BendFunction): // that is taken at its word
		return q.bent(bend)
	case shape.Op == "":
		q.strange()
		return nil
	case pods:
		return q.total(&shape)
	case shape.Op == "sum" && q.d.Aggregate == sim.AggregateNone:
		q.d.Aggregate = sim.AggregateSum
		return nil
	case shape.Op == "sum":
		return nil // the total, whatever the metric tells of it
	}
	return q.aggregate(&shape, mine)
}

// every takes all series for the pods' own.
func every([]model.Metric) bool { return true }

// levels refuses an expression of what follows from how busy the pods were, unless
// the user says what it is, and questions one of what waits.
func (q *asked) levels() error {
	if q.b.roleSaid(q.d) {
		return nil
	}
	for _, l := range q.db.Levels(q.d.query) {
		name := string(l[model.MetricNameLabel])
		if kind := fit.Response(l); kind != "" {
			return q.refuse(fmt.Sprintf("expression %q: %s is %s: it follows from how busy the pods were, so other pods would have changed it", q.d.query, name, kind), fit.InsteadOf(kind))
		}
		if !ownMetric(&q.d.Demand) && speaksOfWaiting(name) && !speaksOfWaiting(q.d.Name) {
			q.b.noteOnce(fmt.Sprintf("role of %s: load, so %s is as recorded whatever the pods do; if they work it off, write role: backlog with what arrives", q.d.Name, name))
		}
	}
	return nil
}

// bent refuses what does not follow from the pods' shares of the load.
func (q *asked) bent(bend *query.Bend) error {
	at := fmt.Sprintf("expression %q, at %s: ", q.d.query, bend.At)
	const asIs = "; --open-loop replays it as recorded, whatever the pods do"
	const hint = "write sum, avg, max, min, count or quantile over the pods, as the outermost of all"
	switch bend.Kind {
	case query.BendLatency:
		return q.refuse(at+bend.Part+" tells latency, which follows from how busy the pods are, so that other pods would have changed it", fit.InsteadOf("latency"))
	case query.BendAggregate:
		return q.refuse(at+bend.Part+" over pods cannot be told of simulated ones here", hint+asIs)
	case query.BendRatio:
		return q.refuse(at+bend.Part+" of two values that both change with the pods does not tell how much arrived", "give the load alone, such as sum(…), avg(…) or sum(…) / count(…)"+asIs)
	case query.BendFunction:
	}
	return q.refuse(at+bend.Part+" of what pods report cannot be told of simulated ones", hint+asIs)
}

// strange says so where pods are aggregated that are not known to be the
// workload's.
func (q *asked) strange() {
	if op, keeps := query.Over(q.d.query, "pod", "instance"); op != "" && op != "sum" && !keeps {
		q.b.note("%s: nothing in it is known to come from pods of %s, so it is replayed as recorded, whatever they do", q.d.query, q.b.workload())
	}
}

// total makes a total of what an expression says of the pods of a metric that is
// theirs.
func (q *asked) total(shape *query.Shape) error {
	switch shape.Op {
	case "sum":
		return nil
	case "avg":
		set, _, err := q.db.Range(context.Background(), shape.Operand, q.grid)
		if err != nil {
			return q.bad(err)
		}
		if slices.ContainsFunc(set, namesNoPod) {
			q.average = true // of how many is another matter
			return nil
		}
		q.expr, q.factor = "sum("+shape.Operand+")", shape.Factor
		return nil
	}
	return q.refuse(fmt.Sprintf("expression %q: %s over pods does not tell how much arrived", q.d.query, shape.Op), "give the total, such as sum(…), or the mean, avg(…)")
}

// namesNoPod says whether a series is not known to be one pod's.
func namesNoPod(s series.Series) bool {
	return cmp.Or(s.Labels["pod"], s.Labels["exported_pod"], s.Labels["instance"]) == ""
}

// aggregate makes a metric what an expression makes of its pods, of the simulated
// ones.
func (q *asked) aggregate(shape *query.Shape, mine *fit.Pods) error {
	op, ok := aggregateOf(shape.Op)
	if q.d.Aggregate != sim.AggregateNone && (!ok || op != q.d.Aggregate) {
		return q.refuse(fmt.Sprintf("expression %q is %s over pods, and the demand's aggregate is %s", q.d.query, shape.Op, q.d.Aggregate), "give the total, such as sum(…), or remove aggregate")
	}
	if op == sim.AggregateQuantile && !(shape.Rank >= 0 && shape.Rank <= 1) {
		return q.refuse(fmt.Sprintf("expression %q: the quantile %v is not within 0 and 1", q.d.query, shape.Rank), "write one such as 0.9")
	}
	if shape.Grouped {
		set, _, err := q.db.Range(context.Background(), q.d.query, q.grid)
		if err != nil {
			return q.bad(err)
		}
		if len(set) > 1 {
			return q.refuse(fmt.Sprintf("expression %q has %d results, of groups of pods, and simulated pods are of one", q.d.query, len(set)), "remove the by or without clause, or choose one group with a matcher")
		}
	}
	set, _, err := q.db.Range(context.Background(), shape.Operand, q.grid)
	if err != nil {
		return q.bad(err)
	}
	var all []model.Metric
	for i := range set {
		all = append(all, set[i].Labels)
	}
	if own, others := mine.Count(all); others > 0 {
		return q.refuse(fmt.Sprintf("expression %q: %s over %d pods of %s and %d of others", q.d.query, shape.Op, own, q.b.workload(), others), "choose the workload's pods alone, with a matcher")
	}
	q.d.Aggregate, q.d.Quantile = op, int64(math.Round(shape.Rank*sim.Million))
	q.expr, q.factor = "sum("+shape.Operand+")", shape.Factor
	return nil
}
