package sim_test

import (
	"fmt"
	"math"
	"math/big"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// under says whether some fault of a kind that matches is under way.
func (t *twin) under(kind sim.FaultKind, api sim.APISet) bool {
	for i := range t.on {
		if f := &t.w.Faults[i]; f.Kind == kind && (api == 0 || f.APIs&api != 0) {
			return true
		}
	}
	return false
}

// blinded are the live pods that a fault robs of their metrics, right now.
func (t *twin) blinded() map[*twinPod]bool {
	all := map[*twinPod]bool{}
	for i := range t.on {
		if f := &t.w.Faults[i]; f.Kind == sim.FaultPodsWithoutMetrics {
			for p := range t.ranked(f) {
				all[p] = true
			}
		}
	}
	return all
}

func (t *twin) value(d *sim.Demand, now time.Duration) (int64, bool) {
	if d.Role == sim.RoleResponse {
		_, known := t.value(&t.w.Demand[t.w.Latency.Demand], now)
		return 0, known
	}
	i := int(now / d.Step)
	if i > len(d.Values)-1 {
		i = len(d.Values) - 1
	}
	v := d.Values[i]
	if f := t.inForce(sim.FaultTraffic, now); f != nil && (d.Role == sim.RoleLoad || d.Role == sim.RoleBacklog) {
		all := new(big.Int).Mul(big.NewInt(v), big.NewInt(f.Factor))
		v = all.Quo(all, big.NewInt(1000)).Int64()
	}
	return v, d.Null == nil || !d.Null[i]
}

// usage is what one pod reports of one demand's metric in milli-units.
func (t *twin) usage(p *twinPod, d *sim.Demand, now time.Duration) (int64, bool) {
	total, present := t.value(d, now)
	if !present || !p.running || p.failed || now-p.born < p.silent || t.blinded()[p] {
		return 0, false
	}
	if d.Role == sim.RolePerPod {
		return total * d.Scale, p.ready || p.deleted || !d.NotReadyNone
	}
	if p.deleted {
		return d.Idle * d.Scale, true
	}
	if !p.ready {
		return d.NotReady * d.Scale, !d.NotReadyNone
	}
	if d.Role == sim.RoleResponse {
		return floorOf(t.responds(d, now)), true
	}
	var serving []*twinPod
	for _, q := range t.pods {
		if q.serving() {
			serving = append(serving, q)
		}
	}
	n := int64(len(serving))
	for _, k := range t.work {
		if k.d == d {
			total = floorOf(t.doing(k, now))
		}
	}
	share := total / n
	for i, q := range serving {
		if q == p && int64(i) < total%n {
			share++
		}
	}
	return (share + d.Idle) * d.Scale, true
}

// podMetrics is the resource API's item for a pod: container → resource →
// milli-units. Nil where the pod is not listed.
func (t *twin) podMetrics(p *twinPod, now time.Duration) map[string]map[string]int64 {
	item, samples := map[string]map[string]int64{}, 0
	for _, c := range t.w.Pods.Containers {
		usage, series := map[string]int64{}, map[string]bool{}
		for i := range t.w.Demand {
			d := &t.w.Demand[i]
			if d.Source != hpa.SourceResource || d.Container != c.Name {
				continue
			}
			series[d.Name] = true
			if v, ok := t.usage(p, d, now); ok {
				usage[d.Name] = v
				samples++
			}
		}
		for _, implied := range []string{"cpu", "memory"} {
			if !series[implied] {
				usage[implied] = 0
			}
		}
		item[c.Name] = usage
	}
	if samples == 0 {
		return nil
	}
	return item
}

// item is what the resource API says of a pod; it says when it was sampled.
func (t *twin) item(p *twinPod, s *hpa.Sample, now time.Duration) map[string]map[string]int64 {
	if !t.scrapes() {
		return t.podMetrics(p, now)
	}
	item, at, window := t.scraped(p, now)
	s.Timestamp, s.Window = floorSeconds(at), window
	return item
}

// resourceValue is what upstream's client makes of a pod's item.
func resourceValue(item map[string]map[string]int64, m *hpa.Metric) (int64, bool) {
	if m.Source == hpa.SourceContainerResource {
		v, ok := item[m.Container][m.Resource]
		return v, ok
	}
	var sum int64
	for _, usage := range item {
		v, ok := usage[m.Resource]
		if !ok {
			return 0, false
		}
		sum += v
	}
	return sum, len(item) > 0
}

// request is what a pod requests for a metric, or why it has none.
func (t *twin) request(p *twinPod, m *hpa.Metric) (milli int64, problem string) {
	if m.Source != hpa.SourceResource && m.Source != hpa.SourceContainerResource {
		return 0, ""
	}
	found := false
	for _, c := range t.w.Pods.Containers {
		if m.Source == hpa.SourceContainerResource && c.Name != m.Container {
			continue
		}
		found = true
		has := false
		for _, q := range c.Requests {
			if q.Resource == m.Resource {
				has = true
				milli += q.Milli
			}
		}
		if !has && problem == "" {
			problem = fmt.Sprintf("missing request for %s in container %s of Pod web-%d", m.Resource, c.Name, p.id)
		}
	}
	if !found && m.Source == hpa.SourceContainerResource && t.w.Autoscaler.Controller.Profile.RequiresContainer {
		problem = fmt.Sprintf("container %s not found in Pod web-%d", m.Container, p.id)
	}
	if m.Target != hpa.TargetUtilization {
		problem = ""
	}
	return milli, problem
}

func floorSeconds(t time.Duration) time.Duration {
	return time.Duration(math.Floor(t.Seconds())) * time.Second
}

func (t *twin) observe(now time.Duration) *hpa.Observation {
	o := &hpa.Observation{Now: now, SpecReplicas: t.replicas, StatusReplicas: int32(len(t.alive()))}
	const refused = "the server is currently unable to handle the request"
	if t.under(sim.FaultScaleReadFails, 0) {
		o.ScaleReadError = refused
	}
	if t.under(sim.FaultScaleWriteFails, 0) {
		o.ScaleWriteError = refused
	}
	for _, p := range t.pods {
		g := hpa.Group{
			Pods: 1, Terminating: p.deleted, Ready: hpa.ReadyFalse, Started: true,
			Start: floorSeconds(p.born), Transition: floorSeconds(p.changed),
		}
		switch {
		case p.failed:
			g.Phase = hpa.PhaseFailed
		case !p.running:
			g.Phase = hpa.PhasePending
		}
		if p.ready {
			g.Ready = hpa.ReadyTrue
		}
		o.Groups = append(o.Groups, g)
	}
	apis := map[hpa.Source]sim.APISet{
		hpa.SourceResource: sim.APIResource, hpa.SourceContainerResource: sim.APIResource,
		hpa.SourcePods: sim.APICustom, hpa.SourceObject: sim.APICustom, hpa.SourceExternal: sim.APIExternal,
	}
	for i := range t.spec.Metrics {
		m := &t.spec.Metrics[i]
		r := hpa.Reading{}
		if t.under(sim.FaultMetricsUnavailable, apis[m.Source]) {
			r.Error = refused
		} else {
			t.read(m, &r, now)
		}
		if t.under(sim.FaultMetricsReadZero, apis[m.Source]) {
			for j := range r.Values {
				r.Values[j] = 0
			}
			for j := range r.Samples {
				r.Samples[j].Sum = 0
			}
		}
		o.Readings = append(o.Readings, r)
	}
	return o
}

func (t *twin) read(m *hpa.Metric, r *hpa.Reading, now time.Duration) {
	var series []*sim.Demand
	for i := range t.w.Demand {
		if d := &t.w.Demand[i]; d.Source == m.Source && d.Name == m.Name {
			series = append(series, d)
		}
	}
	if m.Source != hpa.SourceResource && m.Source != hpa.SourceContainerResource {
		if t.asks() {
			t.ask(m.Source, series, r, now)
			return
		}
		bad := len(series) == 0
		for _, d := range series {
			v, ok := t.value(d, now)
			for _, k := range t.work {
				if k.d == d {
					v = floorOf(new(big.Rat).Quo(k.queued, rat(1000)))
				}
			}
			if d.Role == sim.RoleResponse {
				var here bool
				v, here = t.answersOfAll(d, now)
				ok = ok && here
			}
			bad = bad || !ok
			if v *= d.Scale; d.Aggregate != sim.AggregateNone {
				v, ok = t.aggregate(d, now)
				bad = bad || !ok
			}
			r.Values = append(r.Values, v)
		}
		if bad {
			r.Values, r.Error = nil, "the server could not find the requested metric"
			return
		}
		if m.Source != hpa.SourcePods {
			return
		}
		r.Values = nil
	}
	listed := 0
	for _, p := range t.pods {
		s := hpa.Sample{Timestamp: floorSeconds(now - t.w.Pipeline.Age), Window: t.w.Pipeline.Window}
		s.Request, s.NoRequest = t.request(p, m)
		var ok bool
		if m.Source == hpa.SourcePods {
			s.Sum, ok = t.usage(p, series[0], now)
			if ok {
				listed++
			}
		} else if item := t.item(p, &s, now); item != nil {
			listed++
			s.Sum, ok = resourceValue(item, m)
			_, has := item[m.Container]
			if m.Source == hpa.SourceContainerResource && !has && r.NoContainer == "" && !t.spec.Controller.Profile.MissesContainer {
				r.NoContainer = fmt.Sprintf("default/web-%d", p.id)
			}
		}
		if ok {
			s.Pods = 1
		} else {
			s.Sum = 0
		}
		r.Samples = append(r.Samples, s)
	}
	r.Empty = listed == 0
}
