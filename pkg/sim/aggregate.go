package sim

import (
	"math"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// Aggregate is what an Object or External metric tells of what single pods
// report, as PromQL aggregates series that name their pod.
type Aggregate uint8

// The aggregates. The pods that count are those that would report a Pods metric
// of the same demand; where there is none, the metric is absent.
const (
	// AggregateNone: the metric knows nothing of single pods.
	AggregateNone Aggregate = iota
	// AggregateSum, AggregateAvg, AggregateMax and AggregateMin are of the pods'
	// values, rounded down to milli-units.
	AggregateSum
	AggregateAvg
	AggregateMax
	AggregateMin
	// AggregateCount is how many pods report, in whole units.
	AggregateCount
	// AggregateQuantile is the Demand.Quantile of the pods' values, with
	// PromQL's interpolation between two ranks, rounded down to milli-units.
	AggregateQuantile
)

// String is the aggregate's name in PromQL.
func (a Aggregate) String() string {
	return [...]string{"", "sum", "avg", "max", "min", "count", "quantile"}[a]
}

// Million is the quantile 1 in Demand.Quantile, which counts millionths.
const Million = 1_000_000

// invalidAggregate says what of a demand does not go with its aggregate.
func (d *Demand) invalidAggregate() string {
	own := d.Source == hpa.SourceResource || d.Source == hpa.SourcePods
	switch {
	case d.Aggregate > AggregateQuantile:
		return "there is no such aggregate"
	case d.Aggregate != AggregateNone && own:
		return "only Object and External metrics aggregate what pods report"
	case d.Aggregate != AggregateNone && (d.Role == RoleBacklog || d.Role == RoleExogenous):
		return "a backlog or an exogenous value is nothing that pods report"
	case d.Aggregate != AggregateQuantile && d.Quantile != 0:
		return "only a quantile has a rank"
	case d.Quantile < 0 || d.Quantile > Million:
		return "the quantile is not within 0 and 1"
	}
	return ""
}

// bunch is how many pods report one value of a demand, in its unit.
type bunch struct{ value, pods int64 }

// bunches are the values that pods report of one demand, least first. Of a load
// there are at most four: two shares, which differ by one, what is idle, and what
// pods report that are not Ready. It is the one place that knows how unequal pods
// are.
type bunches struct {
	list [4]bunch
	n    int
}

// add sorts some pods' value in.
func (b *bunches) add(value, pods int64) {
	if pods <= 0 {
		return
	}
	at := b.n
	for at > 0 && b.list[at-1].value >= value {
		at--
	}
	if at < b.n && b.list[at].value == value {
		b.list[at].pods += pods
		return
	}
	copy(b.list[at+1:], b.list[at:b.n])
	b.list[at] = bunch{value, pods}
	b.n++
}

// bunches are what the pods report of demand i at this instant.
func (o *observer) bunches(i int) bunches {
	d, f := &o.w.Demand[i], &o.flow[i]
	var b bunches
	for j := range o.rows {
		r := &o.rows[j]
		switch {
		case r.report == reportsNothing || r.report == reportsNotReady && d.NotReadyNone:
		case d.Role == RolePerPod:
			b.add(f.total, r.pods)
		case r.report == reportsNotReady:
			b.add(d.NotReady, r.pods)
		case r.report == reportsIdle:
			b.add(d.Idle, r.pods)
		default:
			more := r.more(f.rest)
			b.add(f.share+d.Idle, r.pods-more)
			b.add(f.share+d.Idle+1, more)
		}
	}
	return b
}

// value is the value of demand i in milli-units, if it has one.
func (o *observer) value(i int) (milli int64, ok bool) {
	switch {
	case o.scraper.prometheus.on():
		return o.scraper.prometheus.value(i, o.scraper.fleet.groups)
	case o.w.Demand[i].Aggregate != AggregateNone:
		return o.aggregate(i)
	}
	return o.flow[i].total * o.w.Demand[i].Scale, true
}

// aggregate is the metric of demand i in milli-units; ok is false where no pod
// reports.
func (o *observer) aggregate(i int) (milli int64, ok bool) {
	d := &o.w.Demand[i]
	b := o.bunches(i)
	if b.n == 0 {
		return 0, false
	}
	switch d.Aggregate {
	case AggregateMax:
		return b.list[b.n-1].value * d.Scale, true
	case AggregateMin:
		return b.list[0].value * d.Scale, true
	case AggregateQuantile:
		return b.quantile(d.Quantile, d.Scale), true
	case AggregateSum, AggregateAvg, AggregateCount, AggregateNone:
	}
	var sum Amount
	var pods int64
	for _, one := range b.list[:b.n] {
		sum = sum.Plus(work(one.value*d.Scale, one.pods))
		pods += one.pods
	}
	switch {
	case d.Aggregate == AggregateCount:
		return pods * 1000, true
	case d.Aggregate == AggregateAvg:
		milli, _ = sum.over(pods)
		return milli, true
	case sum.Hi > 0 || sum.Lo > math.MaxInt64:
		return math.MaxInt64, true
	}
	return int64(sum.Lo), true
}

// quantile is promql.quantile over all pods, in integers: the rank is
// φ × (pods − 1), and between two pods lies a straight line.
func (b *bunches) quantile(millionths, scale int64) int64 {
	last := int64(-1)
	for _, one := range b.list[:b.n] {
		last += one.pods
	}
	rank, weight := work(last, millionths).over(Million)
	low, high := b.at(rank)*scale, b.at(min(rank+1, last))*scale
	part, _ := work(high-low, weight).over(Million)
	return low + part
}

// at is the value of the pod with a rank, from 0.
func (b *bunches) at(rank int64) int64 {
	i := 0
	for ; rank >= b.list[i].pods; i++ {
		rank -= b.list[i].pods
	}
	return b.list[i].value
}
