package fit

import (
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
)

const (
	// atLimit is the share of its limit at which a container's CPU counts as
	// used up: the kernel hands it out in slices.
	atLimit = 0.95
	// mostlyThrottled is the share of a step's periods in which a container was
	// stopped at which it wanted more than it got. Bursts are stopped in many
	// periods long before, and catch up.
	mostlyThrottled = 0.9
	// tolerated is the share of requests that may be turned away for reasons of
	// their own, such as a client's quota.
	tolerated = 0.01
)

// Sign is one way in which a recording tells that pods had no room left.
type Sign struct {
	// Text says what was seen.
	Text string
	// Time is how long some pod showed it.
	Time time.Duration
}

// finder looks for further series of the pods at hand.
type finder struct {
	rec       *series.Recording
	pods      map[podKey]bool
	born      map[podKey]int64
	grid      series.Grid
	lookback  time.Duration
	container string
	// refused is what each pod turned away per second, as saturation found it.
	refused []*podUse
}

// table is what each pod had of the series whose metric is accepted.
func (f *finder) table(kind Kind, accept func(name string, labels model.Metric) bool) []*podUse {
	var set []series.Series
	for _, s := range f.rec.Series {
		name := string(s.Labels[model.MetricNameLabel])
		c := s.Labels["container"]
		other := strings.HasPrefix(name, "container_") && f.container != "" && c != "" && string(c) != f.container
		if f.pods[podOrInstance(&s)] && !other && accept(name, s.Labels) {
			set = append(set, s)
		}
	}
	set = dedupe(containerRows(set))
	if kind == Counter {
		fromZero(set, f.born, f.lookback)
	}
	return tableOf(set, kind, f.grid, f.lookback)
}

// metric is what each pod had of one metric.
func (f *finder) metric(kind Kind, name string) []*podUse {
	return f.table(kind, func(n string, _ model.Metric) bool { return n == name })
}

// saturation marks the steps in which a pod had no room left, and says by which
// signs and for how long.
func (f *finder) saturation(table []*podUse, limit float64) []Sign {
	var signs []Sign
	add := func(text string, hits func(p *podUse, i int) bool) {
		if t := f.sign(table, hits); t > 0 {
			signs = append(signs, Sign{text, t})
		}
	}
	if limit > 0 {
		add("CPU at its limit", func(p *podUse, i int) bool { return p.use[i] >= atLimit*limit })
	}
	periods, throttled := f.metric(Counter, "container_cpu_cfs_periods_total"), f.metric(Counter, "container_cpu_cfs_throttled_periods_total")
	add("CPU throttled", both(throttled, periods, func(stopped, all float64) bool { return all > 0 && stopped >= mostlyThrottled*all }))
	for _, name := range f.rec.Names() {
		if base, ok := strings.CutSuffix(name, "_limit"); ok && strings.Contains(name, "in_flight") && slices.Contains(f.rec.Names(), base) {
			add("requests in flight at their limit", both(f.metric(Gauge, base), f.metric(Gauge, name), func(now, most float64) bool { return most > 0 && now >= most }))
		}
	}
	f.refused = f.shed()
	refused := byKey(f.refused)
	add("requests shed", func(p *podUse, i int) bool {
		v, _ := refused[p.key].value(p.from + i)
		return v > 0 && (p.units == nil || !(v <= tolerated*p.units[i]))
	})
	return signs
}

// sign marks the steps in which a sign shows, and returns how long some pod
// showed it.
func (f *finder) sign(table []*podUse, hits func(p *podUse, i int) bool) time.Duration {
	seen := make([]bool, f.grid.N)
	n := 0
	for _, p := range table {
		for i := range p.use {
			if !hits(p, i) {
				continue
			}
			p.state[i] |= saturated
			if k := p.from + i; !seen[k] {
				seen[k] = true
				n++
			}
		}
	}
	return time.Duration(n) * f.grid.Step
}

// both looks at two further metrics of a pod's step.
func both(a, b []*podUse, hits func(a, b float64) bool) func(p *podUse, i int) bool {
	first, second := byKey(a), byKey(b)
	return func(p *podUse, i int) bool {
		va, ok := first[p.key].value(p.from + i)
		if !ok {
			return false
		}
		vb, ok := second[p.key].value(p.from + i)
		return ok && hits(va, vb)
	}
}

func byKey(table []*podUse) map[podKey]*podUse {
	index := map[podKey]*podUse{}
	for _, p := range table {
		index[p.key] = p
	}
	return index
}

// value is what a pod had in a step of the grid, if that is known.
func (p *podUse) value(step int) (float64, bool) {
	if p == nil {
		return 0, false
	}
	i, ok := p.at(step)
	return valueOr(p.use, i, ok)
}

func valueOr(v []float64, i int, ok bool) (float64, bool) {
	if !ok || v[i] != v[i] { // NaN
		return 0, false
	}
	return v[i], true
}

// shed is what each pod turned away per second: counters of that name, else
// answers that say so.
func (f *finder) shed() []*podUse {
	own := f.table(Counter, func(name string, _ model.Metric) bool {
		return strings.HasSuffix(name, "_shed_total") || strings.HasSuffix(name, "_rejected_total")
	})
	if len(own) > 0 {
		return own
	}
	return f.table(Counter, func(name string, l model.Metric) bool {
		return strings.HasSuffix(name, "_requests_total") && turnedAway(l)
	})
}

// turnedAway says whether a series counts requests that were shed: 429 Too Many
// Requests, 503 Service Unavailable.
func turnedAway(l model.Metric) bool {
	for _, label := range []model.LabelName{"status", "code", "status_code", "response_code", "http_status_code", "http_response_status_code"} {
		if v := l[label]; v == "429" || v == "503" {
			return true
		}
	}
	return false
}

// limitOf is the containers' recorded CPU limit, 0 where it is not recorded or
// differs.
func (f *finder) limitOf() float64 {
	limit := 0.0
	for i := range f.rec.Series {
		s := &f.rec.Series[i]
		l := s.Labels
		cpu := l[model.MetricNameLabel] == "kube_pod_container_resource_limits" && l["resource"] == "cpu"
		if !cpu || len(s.Values) == 0 || f.container != "" && string(l["container"]) != f.container || !f.pods[keyOf(l)] {
			continue
		}
		if v := s.Values[len(s.Values)-1]; limit != 0 && v != limit {
			return 0
		} else if v > 0 {
			limit = v
		}
	}
	return limit
}
