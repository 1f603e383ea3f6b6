package sim_test

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"sort"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/query"
	"github.com/elasticctl/elasticctl/internal/series"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// twinMetric is what Prometheus stored of one demand: a series of each pod that it
// ever scraped, or of one target.
type twinMetric struct {
	pods   map[int]*series.Series
	target *series.Series
	// count and arrived are the one target's.
	count   *twinCount
	arrived int64
	// answered are the last answers, at an instant.
	at      time.Duration
	byPod   map[int]float64
	answers int
}

// twinCount is a counter that a process exposes.
type twinCount struct {
	// done is what was accounted for, in the demand's unit × 10⁻⁶ × milliseconds.
	done int64
	// quanta is the counter.
	quanta *big.Int
}

// epoch is t=0 in the twin's Prometheus.
const epoch = 1_700_000_000_000

func (t *twin) asks() bool { return t.w.Pipeline.Kind == sim.PipelinePrometheus }

// firstAsked is the first scrape of Prometheus that the twin lives through.
func (t *twin) firstAsked() time.Duration {
	p := &t.w.Pipeline
	within := (p.Window + p.Interval - 1) / p.Interval
	return -(within + 1) * p.Interval
}

func ofPods(d *sim.Demand) bool {
	return d.Source == hpa.SourcePods || d.Aggregate != sim.AggregateNone
}

// asked are all demands that Prometheus knows.
func (t *twin) asked() []*sim.Demand {
	var all []*sim.Demand
	for i := range t.w.Demand {
		if d := &t.w.Demand[i]; t.asks() && d.Source != hpa.SourceResource {
			all = append(all, d)
		}
	}
	return all
}

// counters are those that every pod counts for itself.
func (t *twin) counters() []*sim.Demand {
	var all []*sim.Demand
	for _, d := range t.asked() {
		if ofPods(d) && d.Role == sim.RoleLoad {
			all = append(all, d)
		}
	}
	return all
}

// countLong makes all that counts now have counted for long.
func (t *twin) countLong() {
	t.known = map[*sim.Demand]*twinMetric{}
	for _, d := range t.asked() {
		t.known[d] = &twinMetric{pods: map[int]*series.Series{}, count: newTwinCount(1 << 52), at: -1}
	}
	for _, p := range t.pods {
		if p.running {
			p.counts = map[*sim.Demand]*twinCount{}
			for _, d := range t.counters() {
				p.counts[d] = newTwinCount(1 << 52)
			}
		}
	}
}

func newTwinCount(quanta int64) *twinCount { return &twinCount{quanta: big.NewInt(quanta)} }

// arrive lets what is no pod's own be counted where it arrives.
func (t *twin) arrive(step time.Duration, millis int64) {
	for _, d := range t.asked() {
		if v, known := t.value(d, step); known && d.Role == sim.RoleLoad && !ofPods(d) {
			t.known[d].arrived += v * 1_000_000 * millis
		}
	}
}

// scraped is the counter at a scrape: it has grown by whole quanta of the base
// unit, 2⁻¹⁶ of one where the demand is in thousandths, 2⁻⁷ where it is in units.
func (c *twinCount) scraped(done int64, d *sim.Demand) float64 {
	halvings := 17 - bits.Len64(uint64(d.Scale))
	grown := new(big.Int).Mul(big.NewInt(done-c.done), big.NewInt(d.Scale<<halvings))
	grown.Div(grown, big.NewInt(1_000_000_000_000))
	c.done = done
	c.quanta.Add(c.quanta, grown)
	value, exact := new(big.Rat).SetFrac(c.quanta, new(big.Int).Lsh(big.NewInt(1), uint(halvings))).Float64()
	if !exact {
		panic("a counter that is no float64")
	}
	return value
}

// sample is a scrape by Prometheus: a sample of each pod that is found, a stale
// marker for each that no more is.
func (t *twin) sample(now time.Duration) {
	for i := range t.w.Demand {
		d := &t.w.Demand[i]
		m := t.known[d]
		if m == nil {
			continue
		}
		_, known := t.value(d, max(now, 0))
		if !ofPods(d) {
			if d.Role == sim.RoleResponse {
				_, here := t.answersOfAll(d, max(now, 0))
				known = known && here
			}
			if m.target == nil {
				m.target = &series.Series{Labels: model.Metric{model.MetricNameLabel: "m"}}
			}
			v := t.targetValue(i, m, now)
			put(m.target, now, v, known)
			continue
		}
		found := map[int]bool{}
		for _, p := range t.pods {
			v, ok := t.podValue(p, d, now)
			if found[p.id] = ok && known; !found[p.id] {
				continue
			}
			if m.pods[p.id] == nil {
				name := model.LabelValue("web-" + strconv.Itoa(p.id))
				m.pods[p.id] = &series.Series{Labels: model.Metric{model.MetricNameLabel: "m", "pod": name}}
			}
			put(m.pods[p.id], now, v, true)
		}
		for id, s := range m.pods {
			if !found[id] {
				put(s, now, 0, false)
			}
		}
	}
}

// put writes a sample, or a stale marker where there was one before.
func put(s *series.Series, now time.Duration, v float64, present bool) {
	if !present {
		if n := len(s.Values); n == 0 || math.IsNaN(s.Values[n-1]) {
			return
		}
		v = series.Stale()
	}
	s.Times, s.Values = append(s.Times, epoch+milliFloor(now)), append(s.Values, v)
}

// targetValue is what the one target of a demand exposes.
func (t *twin) targetValue(i int, m *twinMetric, now time.Duration) float64 {
	d := &t.w.Demand[i]
	v, _ := t.value(d, max(now, 0))
	switch d.Role {
	case sim.RoleLoad:
		if t.rateOver(d) > 0 {
			return m.count.scraped(m.arrived, d)
		}
	case sim.RoleBacklog:
		v = floorOf(new(big.Rat).Quo(t.work[i].queued, rat(1000)))
	case sim.RoleResponse:
		v, _ = t.answersOfAll(d, max(now, 0))
	case sim.RolePerPod, sim.RoleExogenous:
	}
	return float64(v*d.Scale) / 1000
}

// podValue is what a pod exposes, if it does.
func (t *twin) podValue(p *twinPod, d *sim.Demand, now time.Duration) (float64, bool) {
	if !p.running || p.failed {
		return 0, false
	}
	v, _ := t.value(d, max(now, 0))
	if d.Role == sim.RoleResponse && !p.deleted {
		if v = d.NotReady; p.ready {
			v = floorOf(t.responds(d, max(now, 0)))
		}
	}
	value := float64(v*d.Scale) / 1000
	if d.Role == sim.RoleLoad {
		if p.counts == nil {
			p.counts = map[*sim.Demand]*twinCount{}
		}
		if p.counts[d] == nil {
			p.counts[d] = newTwinCount(0)
		}
		value = p.counts[d].scraped(p.used[d], d)
	}
	return value, now-p.born >= p.silent && (p.ready || p.deleted || !d.NotReadyNone)
}

// engine is Prometheus' own.
func (t *twin) engine() *query.DB {
	if t.db == nil {
		t.db = query.Open(nil, 0)
	}
	return t.db
}

// rateOver is over what a demand's rate is read; 0 if its values are read.
func (t *twin) rateOver(d *sim.Demand) time.Duration {
	p := &t.w.Pipeline
	switch {
	case d.Role != sim.RoleLoad:
		return 0
	case ofPods(d):
		return p.Window
	case p.Window-d.Averaged < 2*p.Interval+p.Age:
		return 0
	}
	return p.Window - d.Averaged
}

// evaluate asks Prometheus' own engine, which sees the samples that can be read.
func (t *twin) evaluate(d *sim.Demand, format string, now time.Duration) []series.Series {
	m := t.known[d]
	at := epoch + milliFloor(now)
	var set []series.Series
	visible := func(s *series.Series) {
		first := sort.Search(len(s.Times), func(i int) bool {
			return s.Times[i] > at-(5*time.Minute+t.w.Pipeline.Window).Milliseconds()
		})
		last := sort.Search(len(s.Times), func(i int) bool {
			return time.Duration(s.Times[i]-epoch)*time.Millisecond+t.w.Pipeline.Age > now
		})
		if first < last {
			set = append(set, series.Series{Labels: s.Labels, Times: s.Times[first:last], Values: s.Values[first:last]})
		}
	}
	for _, s := range m.pods {
		visible(s)
	}
	if m.target != nil {
		visible(m.target)
	}
	selector := "m"
	if window := t.rateOver(d); window > 0 {
		selector = fmt.Sprintf("rate(m[%dms])", window.Milliseconds())
	}
	m.answers++
	out, _, err := t.engine().Of(set).Range(context.Background(), fmt.Sprintf(format, selector), series.Grid{Start: at, Step: time.Second, N: 1})
	if err != nil {
		panic(err)
	}
	return out
}

// rates are the engine's answers by pod.
func (t *twin) rates(d *sim.Demand, now time.Duration) map[int]float64 {
	m := t.known[d]
	if m.at == now {
		return m.byPod
	}
	m.at, m.byPod = now, map[int]float64{}
	for _, s := range t.evaluate(d, "%s", now) {
		id, err := strconv.Atoi(string(s.Labels["pod"])[len("web-"):])
		if err != nil {
			panic(err)
		}
		m.byPod[id] = s.Values[0]
	}
	return m.byPod
}

// answer is the engine's one answer for a metric that is not the pods' own.
func (t *twin) answer(d *sim.Demand, now time.Duration) (float64, bool) {
	format := "%s"
	switch d.Aggregate {
	case sim.AggregateNone:
	case sim.AggregateQuantile:
		format = fmt.Sprintf("quantile(%v, %%s)", float64(d.Quantile)/1e6)
	case sim.AggregateSum, sim.AggregateAvg, sim.AggregateMax, sim.AggregateMin, sim.AggregateCount:
		format = d.Aggregate.String() + "(%s)"
	}
	out := t.evaluate(d, format, now)
	if len(out) == 0 {
		return 0, false
	}
	value := out[0].Values[0]
	if d.Aggregate != sim.AggregateAvg {
		return value, true
	}
	// The engine adds up and divides in the order of the pods' names, each step
	// rounded. The mean itself is rounded once.
	sum := new(big.Rat)
	all := t.rates(d, now)
	for _, v := range all {
		sum.Add(sum, new(big.Rat).SetFloat64(v))
	}
	mean, _ := sum.Quo(sum, rat(int64(len(all)))).Float64()
	if math.Abs(mean-value) > 1e-14*math.Abs(mean) {
		panic(fmt.Sprintf("the mean of %v: the engine says %v", all, value))
	}
	return mean, true
}

// ask reads a metric as prometheus-adapter does.
func (t *twin) ask(source hpa.Source, demands []*sim.Demand, r *hpa.Reading, now time.Duration) {
	const unknown = "the server could not find the requested metric"
	if len(demands) == 0 {
		r.Error = unknown
		return
	}
	if source != hpa.SourcePods {
		for _, d := range demands {
			v, ok := t.answer(d, now)
			if !ok {
				r.Values, r.Error = nil, unknown
				return
			}
			r.Values = append(r.Values, int64(v*1000))
		}
		return
	}
	r.Empty = true
	blinded := t.blinded()
	for _, p := range t.pods {
		s := hpa.Sample{Timestamp: floorSeconds(now), Window: time.Minute}
		v, ok := t.rates(demands[0], now)[p.id]
		if ok && p.running && !p.failed && now-p.born >= p.silent && !blinded[p] {
			r.Empty, s.Pods, s.Sum = false, 1, int64(v*1000)
		}
		r.Samples = append(r.Samples, s)
	}
}

// asked makes a world one in which Prometheus scrapes as well.
func (d dice) asked(w *sim.World) *sim.World {
	w = d.scraped(w)
	p := &w.Pipeline
	p.Kind = sim.PipelinePrometheus
	p.Interval = pick(d, 15*time.Second, 15*time.Second, 10*time.Second, time.Minute, 7*time.Second, time.Second+d.span(20*time.Second).Truncate(time.Millisecond))
	p.Age = min(p.Age, p.Interval-time.Nanosecond)
	p.Window = pick(d, 2*p.Interval, 4*p.Interval, time.Minute, 5*time.Minute, 2*p.Interval+d.span(2*time.Minute).Truncate(time.Millisecond))
	p.Window = max(p.Window, 2*p.Interval+p.Age.Truncate(time.Millisecond)+time.Millisecond)
	for i := range w.Demand {
		w.Demand[i].Averaged = pick(d, 0, 0, p.Interval, p.Window-2*p.Interval-p.Age, p.Window)
		w.Demand[i].Averaged = w.Demand[i].Averaged.Truncate(time.Millisecond)
	}
	// So that what Prometheus tells is looked at.
	for range 3 {
		if m := d.metric(); m.Source != hpa.SourceResource && m.Source != hpa.SourceContainerResource && fed(w, &m) && len(w.Autoscaler.Metrics) < 4 {
			w.Autoscaler.Metrics = append(w.Autoscaler.Metrics, m)
		}
	}
	return w
}

// TestWorldThatPrometheusScrapesAgreesWithItsTwin replays random worlds twice. In
// the twin every pod counts for itself, samples are stored, and Prometheus' own
// engine answers.
func TestWorldThatPrometheusScrapesAgreesWithItsTwin(t *testing.T) {
	agrees(t, func(d dice) *sim.World {
		w := d.world()
		if d.chance(50) {
			w = d.aggregated(w)
			w.Autoscaler.Metrics = w.Autoscaler.Metrics[max(0, len(w.Autoscaler.Metrics)-4):]
		}
		if d.chance(20) {
			d.unlike(w)
		}
		return d.asked(w)
	})
}
