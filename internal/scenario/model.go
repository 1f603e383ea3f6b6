package scenario

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/elasticctl/elasticctl/internal/fit"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// Override is a number of a demand that the user knows better.
type Override struct {
	// Name is the demand's, such as cpu, app/cpu or http_requests_per_second.
	Name string
	// Value is in base units: cores, bytes, per second.
	Value float64
}

// ParseOverride reads NAME=QUANTITY, such as cpu=5m.
func ParseOverride(text string) (Override, error) {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" || value == "" {
		return Override{}, fmt.Errorf("%q: write NAME=QUANTITY, the metric's name and a number such as 5m or 38", clip(text))
	}
	q, err := resource.ParseQuantity(value)
	if err != nil {
		return Override{}, fmt.Errorf("%q is not a quantity; write a number such as 5m or 38", clip(value))
	}
	v := q.AsApproximateFloat64()
	if !(v >= 0 && v <= maxMilli/1000) {
		return Override{}, fmt.Errorf("%q: write a number from 0 to %d", clip(value), int64(maxMilli/1000))
	}
	return Override{name, v}, nil
}

// Model is what was learned of one demand.
type Model struct {
	// Demand is its name, Unit that of what pods use.
	Demand string
	*fit.Model
}

// overridden finds what the user knows of a demand.
func overridden(list []Override, d *sim.Demand) *float64 {
	for i := range list {
		if list[i].Name == d.Name || list[i].Name == demandName(d) {
			return &list[i].Value
		}
	}
	return nil
}

// unusedOverrides refuses those that name no demand.
func (b *builder) unusedOverrides() error {
	for _, flag := range []struct {
		name string
		list []Override
	}{{"--idle", b.request.Idle}, {"--cost", b.request.Cost}, {"--capacity", b.request.Capacity}} {
		for _, o := range flag.list {
			var names []string
			found := false
			for i := range b.set.demand {
				name := demandName(&b.set.demand[i].Demand)
				names = append(names, name)
				found = found || o.Name == name || o.Name == b.set.demand[i].Name
			}
			if !found {
				return fmt.Errorf("%s %s: %s has no such demand; it has %s", flag.name, o.Name, b.out.Name, strings.Join(names, ", "))
			}
		}
	}
	return nil
}

// preset puts what the command line says of idle pods into a demand.
func (b *builder) preset(d *demand) {
	if v := overridden(b.request.Idle, &d.Demand); v != nil {
		d.Idle = int64(math.Round(*v * 1000 / float64(d.scale())))
		if !b.has(d, "notReady") {
			d.NotReady = d.Idle
		}
	}
}

// inferRole settles how a recorded demand answers to the pods, where nobody said.
func (b *builder) inferRole(d *demand) {
	b.questionRole(d)
	said := b.openLoop() || b.roleSaid(d) || b.has(d, "idle") || b.has(d, "notReady") || overridden(b.request.Idle, &d.Demand) != nil
	if said || d.Source != hpa.SourceResource || d.Name != "memory" {
		return
	}
	d.Role = sim.RolePerPod
	scaled := slices.ContainsFunc(b.metrics(), func(m hpa.Metric) bool { return d.Feeds(&m) })
	text := "role of " + demandName(&d.Demand) + ": perPod, each pod has what the recorded ones had on average, however many they are"
	if scaled {
		text += "; scaling on it runs to a bound, for more pods do not lower it"
	}
	b.note("%s", text)
}

// questionRole says so where a metric's name speaks against its role.
func (b *builder) questionRole(d *demand) {
	if b.roleSaid(d) || b.openLoop() || d.Source == hpa.SourceResource {
		return
	}
	switch {
	case d.query != "" && fit.Response(model.Metric{model.MetricNameLabel: model.LabelValue(d.Name)}) != "":
		b.note("role of %s: load; but its name says that it follows from how busy the pods are, and then other pods would have changed it", d.Name)
	case strings.Contains(strings.ToLower(d.Name), "high_load"):
		b.note("role of %s: load, shared by the pods; but it tells how busy they were, and other pods would have changed it", d.Name)
	case d.Source != hpa.SourcePods && speaksOfWaiting(d.Name):
		b.note("role of %s: load, so it is as recorded whatever the pods do; if they work it off, write role: backlog with what arrives", d.Name)
	}
}

// speaksOfWaiting says whether a name is that of a queue.
func speaksOfWaiting(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"queue", "backlog", "lag", "depth", "pending"}, func(w string) bool { return strings.Contains(name, w) })
}

// known puts what is known by hand into a want.
func (b *builder) known(w *fit.Want, d *demand) {
	if d.Source != hpa.SourceResource || d.Name != "cpu" {
		return
	}
	w.Limit = float64(b.limit(d.Container, "cpu")) / 1000
	w.Idle, w.Cost = overridden(b.request.Idle, &d.Demand), overridden(b.request.Cost, &d.Demand)
	if w.Idle == nil && b.has(d, "idle") {
		v := float64(d.Idle*d.scale()) / 1000
		w.Idle = &v
	}
}

// has says whether the simulation file gives a field of a demand.
func (b *builder) has(d *demand, field string) bool {
	return b.check.doc != nil && d.path != "" && b.check.doc.Has(d.path+"."+field)
}

// adoptModel takes over what was learned of a demand, from a step on.
func (b *builder) adoptModel(d *demand, got *fit.Demand, from int) {
	m := got.Model
	b.out.Models = append(b.out.Models, Model{demandName(&d.Demand), m})
	d.Idle = d.units(m.Idle.Value)
	if !b.has(d, "notReady") {
		d.NotReady = d.Idle + b.startUp(d, m)
	}
	if got.High != nil {
		d.high = &otherEnd{values: got.High[from:], idle: d.units(m.Idle.High), notReady: d.NotReady}
		if !b.has(d, "notReady") {
			d.high.notReady = d.high.idle + b.startUp(d, m)
		}
	}
	b.describeModel(d, m)
	b.describeImbalance(d, m)
}

// units are base units as whole ones of the demand.
func (d *demand) units(v float64) int64 { return int64(math.Round(v * 1000 / float64(d.Scale))) }

// startUp is what a pod uses besides while it runs and is not Ready, so that in
// all that time it uses what the recorded ones did.
func (b *builder) startUp(d *demand, m *fit.Model) int64 {
	takes := b.set.startTakes().Seconds()
	if takes <= 0 {
		return 0
	}
	v := m.StartUp / takes
	if m.Limit > 0 {
		v = min(v, max(0, m.Limit-m.Idle.Value))
	}
	return d.units(v)
}

// describeModel says in a few words what was learned; --model says all.
func (b *builder) describeModel(d *demand, m *fit.Model) {
	name := demandName(&d.Demand)
	switch m.Method {
	case fit.Regression:
		b.note("load model of %s: a pod uses %s (%s to %s) and %s for each of %s per second (--model)", name,
			milli(m.Idle.Value), milli(m.Idle.Low), milli(m.Idle.High), milli(m.Cost.Value), m.Driver)
	case fit.Jumps:
		b.note("load model of %s: a pod uses %s (%s to %s) and its share of the load (--model)", name, milli(m.Idle.Value), milli(m.Idle.Low), milli(m.Idle.High))
	case fit.Given:
		b.note("load model of %s: a pod uses %s, as given, and its share of the load", name, milli(m.Idle.Value))
	case fit.Range:
		if m.Idle.High > 0 {
			b.note("load model of %s: what is idle and what is load cannot be told apart; idle lies between 0 and %s a pod, and what depends on it is given for both ends (--model)", name, milli(m.Idle.High))
		}
	}
	if m.Understated == 0 {
		return
	}
	then := "at least this arrived then"
	if m.Rebuilt {
		then = "what was asked for stands in, at what it costs"
	} else {
		b.out.Understated = max(b.out.Understated, m.Understated)
	}
	b.note("the recording was saturated for %s: %s; %s", lengthText(m.Understated), signs(m), then)
}

// signs lists how it shows that pods had no room left.
func signs(m *fit.Model) string {
	var parts []string
	for _, s := range m.Signs {
		parts = append(parts, s.Text+" "+lengthText(s.Time))
	}
	return strings.Join(parts, ", ")
}

// milli writes thousandths to three digits: "5.86m".
func milli(v float64) string { return strconv.FormatFloat(1000*v, 'g', 3, 64) + "m" }

// driven gives the demand that drives a model the capacity that CPU leaves it,
// where nobody gave one.
func (b *builder) driven(p *piece) {
	derived := map[int]bool{} // by another container's model
	for i := range p.load.Demands {
		m := p.load.Demands[i].Model
		if m == nil || m.Driver == "" || m.Capacity.Value == 0 {
			continue
		}
		for j, at := range p.demands {
			d, got := &b.set.demand[at], &p.load.Demands[j]
			if j == i || got.Kind != fit.Counter || got.From != m.Driver || d.Capacity != 0 && !derived[at] || d.Role != sim.RoleLoad || d.Source != hpa.SourcePods {
				continue
			}
			if m.CountsShed {
				b.note("%s counts what is shed as well: it shows what arrives, also where pods cannot serve it", m.Driver)
				continue
			}
			capacity := max(1, d.units(m.Capacity.Value))
			if derived[at] && capacity >= d.Capacity {
				continue
			}
			d.Capacity, derived[at] = capacity, true
			if m.Method == fit.Range {
				other := cmp.Or(m.Capacity.High, m.Capacity.Value)
				d.high = &otherEnd{values: d.Values, idle: d.Idle, notReady: d.NotReady, capacity: max(1, d.units(other))}
			}
			why := "what its cpu limit leaves at " + milli(m.Cost.Value) + " each"
			if m.Bend.Throughput > 0 {
				why = bendText(&m.Bend)
			}
			b.note("capacity: a ready pod serves at most %s of %s per second, %s", number3(m.Capacity.Value), m.Driver, why)
		}
	}
}

// otherEnd is a demand at the other end of what is not known of it.
type otherEnd struct {
	values                   []int64
	idle, notReady, capacity int64
}

// overrideCapacity replaces capacities by those of the command line.
func (b *builder) overrideCapacity(d *demand) error {
	v := overridden(b.request.Capacity, &d.Demand)
	if v == nil {
		return nil
	}
	d.Capacity = int64(math.Round(*v * 1000 / float64(d.scale())))
	if d.high != nil {
		d.high.capacity = d.Capacity
	}
	if d.Capacity <= 0 {
		return fmt.Errorf("--capacity %s: a capacity of 0 serves nothing", demandName(&d.Demand))
	}
	if d.Role == sim.RoleResponse {
		b.note("a pod has at most %s requests in flight, as given; while it sheds, it has so many", number(*v))
		return nil
	}
	b.note("capacity: a ready pod serves at most %s of %s, as given", number(*v), demandName(&d.Demand))
	return nil
}

// bendCapacity gives a cpu demand that no limit bounds what pods used at the
// greatest throughput they sustained before latency bent.
func (b *builder) bendCapacity(d *demand) {
	for i := range b.out.Models {
		m := b.out.Models[i].Model
		if b.out.Models[i].Demand != demandName(&d.Demand) || m.Bend.Throughput*m.Cost.Value == 0 || d.Capacity > 0 || d.Role != sim.RoleLoad {
			continue
		}
		d.Capacity = max(1, d.units(m.Cost.Value*m.Bend.Throughput))
		b.note("capacity: a ready pod serves at most %s cores, its use at %s of %s per second, %s", cores(d.Capacity*d.scale()), number3(m.Bend.Throughput), m.Driver, bendText(&m.Bend))
	}
}

// bendText says how a capacity was read off recorded latency.
func bendText(v *fit.Bend) string {
	return fmt.Sprintf("the most that pods sustained before latency bent: beyond it the median rises from %s to %s", lengthText(seconds(v.Median)), lengthText(seconds(v.Then)))
}

func seconds(v float64) time.Duration {
	return time.Duration(v * float64(time.Second)).Round(10 * time.Microsecond)
}

// otherWorld is the world at the other end of what is not known of its demands.
func (b *builder) otherWorld() error {
	w := b.out.World
	w.Demand = slices.Clone(w.Demand)
	found := false
	for i := range b.set.demand {
		end := b.set.demand[i].high
		if end == nil {
			continue
		}
		found = true
		d := &w.Demand[i]
		before := d.Idle
		d.Values, d.Idle, d.NotReady = end.values, end.idle, end.notReady
		switch {
		case end.capacity > 0:
			d.Capacity = end.capacity
		case d.Capacity > 0: // what the limit leaves
			d.Capacity = max(1, d.Capacity+before-d.Idle)
		}
	}
	if !found {
		return nil
	}
	b.out.Other = &w
	return w.Validate()
}

// coarser notes an interval, or a window, of a recording that is coarser than a
// sync.
func (b *builder) coarser(interval time.Duration) {
	if interval > b.out.World.Autoscaler.Controller.SyncPeriod {
		b.out.Coarse = max(b.out.Coarse, interval)
	}
}

// unequal is from which imbalance on a summary speaks of it.
const unequal = 1.05

// describeImbalance says how unequal recorded pods were, and what that counts for.
func (b *builder) describeImbalance(d *demand, m *fit.Model) {
	v := &m.Imbalance
	own := b.set.pods.Imbalance
	if v.Stretches == 0 || v.Ratio < unequal && own <= sim.Balanced {
		return
	}
	counts := "here all get the same (--imbalance)"
	if own > sim.Balanced {
		counts = fmt.Sprintf("here it gets %s ×, as given", number(float64(own)/sim.Balanced))
	}
	b.note("the busiest pod got %.2f × the mean of %s, as recorded; %s", v.Ratio, demandName(&d.Demand), counts)
}
