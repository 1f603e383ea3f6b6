package scenario

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/internal/fit"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// latency settles whose requests are looked at, how long they take and what is
// asked of them.
func (b *builder) latency() error {
	of, from := b.set.sloOf, "spec.slo.of"
	if of == "" && b.set.byHand != nil {
		of, from = b.set.byHand.Of, "spec.latency.of"
	}
	at, err := b.requestsOf(of, from)
	if err != nil || at < 0 {
		return err
	}
	l := &sim.Latency{Demand: at, SLO: b.set.slo}
	learned := b.learnedLatency(at)
	if l.Model, err = b.latencyModel(at, learned); err != nil {
		return err
	}
	l.Request = b.requestOf(at, learned)
	if l.Model != nil || l.SLO != nil {
		b.out.World.Latency = l
	}
	if m := b.modelOf(at); l.SLO != nil || m != nil && m.Latency != nil {
		b.out.Uncalibrated = b.uncalibrated
	}
	return nil
}

// requestsOf finds the demand whose requests are meant: by name, else the one that
// latency was learned for, else the only one that pods serve up to a capacity.
// Below 0 there is none, and nobody asked.
func (b *builder) requestsOf(name, path string) (int, error) {
	var served []int
	var names []string
	for i := range b.out.World.Demand {
		if d := &b.out.World.Demand[i]; d.Role == sim.RoleLoad && d.Queues() && d.Capacity > 0 {
			served, names = append(served, i), append(names, demandName(d))
		}
	}
	if name == "" {
		return b.onlyRequests(served, names)
	}
	for i, at := range served {
		if names[i] == name || b.out.World.Demand[at].Name == name {
			return at, nil
		}
	}
	for _, at := range served {
		if m := b.modelOf(at); m != nil && m.Cost.Value > 0 && b.drivenBy(m, name) {
			b.note("requests of %s: counted by the %s that they cost, the same for each", name, demandName(&b.out.World.Demand[at]))
			return at, nil
		}
	}
	hint := "give a demand a capacity: demand[].capacity, --capacity, or a cpu limit"
	if names != nil {
		hint = "write " + orList(names)
	}
	return -1, b.failAt(path, fmt.Sprintf("no load of the name %q is served by the pods up to a capacity", clip(name)), hint)
}

// failAt reports a problem at a field, or where the file does not have it, of a
// flag.
func (b *builder) failAt(path, text, hint string) error {
	if b.check.doc != nil && b.check.doc.Has(path) {
		return b.fail(path, text, hint)
	}
	flag := "--" + strings.Split(path, ".")[1]
	return fmt.Errorf("%s: %s: %s; %s", flag, b.out.Name, text, hint)
}

func (b *builder) onlyRequests(served []int, names []string) (int, error) {
	for _, at := range served {
		if m := b.modelOf(at); m != nil && m.Latency != nil && m.Latency.From != "" {
			return at, nil
		}
	}
	path := "spec.slo"
	if b.set.slo == nil {
		path = "spec.latency"
	}
	asked := b.set.slo != nil || b.set.byHand != nil || b.responds() != nil
	switch {
	case len(served) == 1:
		return served[0], nil
	case !asked:
		return -1, nil
	case len(served) == 0:
		return -1, b.failAt(path, "no load is served by the pods up to a capacity, so nothing tells how busy they are", "give a demand a capacity: demand[].capacity, --capacity, or a cpu limit")
	}
	return -1, b.failAt(path, "it is not said whose requests are meant", "add of: "+orList(names))
}

// modelOf is the load model that tells how busy pods are with a demand: its own,
// or that which it drives.
func (b *builder) modelOf(at int) *fit.Model {
	d := &b.out.World.Demand[at]
	for i := range b.out.Models {
		m := &b.out.Models[i]
		if m.Demand == demandName(d) || d.Name != "cpu" && b.drivenBy(m.Model, d.Name) {
			return m.Model
		}
	}
	return nil
}

// drivenBy says whether a demand of a name counts what drives a model.
func (b *builder) drivenBy(m *fit.Model, name string) bool {
	for _, p := range b.pieces {
		for j, at := range p.demands {
			if b.set.demand[at].Name == name && p.load.Demands[j].From == m.Driver && m.Driver != "" {
				return true
			}
		}
	}
	return name == m.Driver && name != ""
}

// sameCapacity is how far the capacity of pods may be from the recorded one for
// what was learned of latency to hold.
const sameCapacity = 0.05

// learnedLatency is what was learned of a demand's latency; nil, with the reason in
// uncalibrated, where it does not hold.
func (b *builder) learnedLatency(at int) *fit.Latency {
	d, m := &b.out.World.Demand[at], b.modelOf(at)
	if m == nil || m.Latency == nil {
		b.uncalibrated = "it is learned from recorded latency buckets, with the cpu of pods"
		return nil
	}
	l := m.Latency
	if b.uncalibrated = l.Why; l.Why != "" {
		return nil
	}
	recorded, own := l.Capacity, float64(d.Capacity*d.Scale)/1000
	if d.Name != "cpu" {
		recorded = l.Rate
	}
	if math.Abs(own-recorded) > sameCapacity*recorded {
		b.uncalibrated = fmt.Sprintf("a pod serves %s of %s here and %s in the recording", number3(own), demandName(d), number3(recorded))
		return nil
	}
	return l
}

func number3(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) }

// latencyModel is how long requests take: as learned, but for what is known by
// hand. It is nil where too little is known.
func (b *builder) latencyModel(at int, learned *fit.Latency) (*sim.LatencyModel, error) {
	hand := b.set.byHand
	var m sim.LatencyModel
	variability := 1.0
	switch {
	case learned != nil:
		m, variability = learned.Model, learned.Variability
	case hand == nil:
		return nil, nil
	case hand.service == 0:
		text := "nothing tells how long a request takes that does not wait: " + b.uncalibrated
		return nil, b.failAt("spec.latency", text, "add service, such as service: 20ms")
	default:
		m = sim.LatencyModel{Servers: 1, To: 950}
	}
	if hand == nil {
		return &m, nil
	}
	rate, err := b.rateOf(at, learned)
	if err != nil {
		return nil, err
	}
	if hand.service > 0 {
		m.Service, m.Over = exponential(hand.service)
	}
	if hand.Servers != nil {
		m.Servers = *hand.Servers
	}
	if hand.Variability != nil {
		variability = *hand.Variability
	}
	if hand.UpTo != nil {
		m.To = int64(math.Round(float64(*hand.UpTo) * 10))
		m.From = min(m.From, m.To)
	}
	m.Drain = time.Duration(variability / rate * float64(time.Second))
	b.uncalibrated = ""
	b.out.LatencyByHand = true
	return &m, nil
}

// requestOf is what one request is of a demand, in its unit × time; 0 where that is
// not known.
func (b *builder) requestOf(at int, learned *fit.Latency) time.Duration {
	d, m, cost := &b.out.World.Demand[at], b.modelOf(at), 0.0
	switch hand := b.set.byHand; {
	case hand != nil && hand.Cost != nil:
		cost = *hand.Cost
	case d.Name != "cpu":
		cost = 1
	case learned != nil && learned.Rate > 0:
		cost = learned.Capacity / learned.Rate
	case m != nil:
		cost = m.Cost.Value
	}
	return time.Duration(math.Round(min(cost*1000/float64(d.Scale)*float64(time.Second), 1e18)))
}

// rateOf is how many requests a busy pod completes per second.
func (b *builder) rateOf(at int, learned *fit.Latency) (float64, error) {
	d := &b.out.World.Demand[at]
	capacity, cost := float64(d.Capacity*d.Scale)/1000, 1.0
	m := b.modelOf(at)
	switch hand := b.set.byHand; {
	case hand.Cost != nil:
		cost = *hand.Cost
	case learned != nil:
		return learned.Rate, nil
	case d.Name != "cpu":
	case m != nil && m.Cost.Value > 0:
		cost = m.Cost.Value
	default:
		return 0, b.failAt("spec.latency", "what a request costs of "+demandName(d)+" is not known", "add cost, in core-seconds, such as cost: 0.003")
	}
	return capacity / cost, nil
}

// exponential is a service time of which nothing is known but its mean: it
// is exponential, told in twentieths of the mean.
func exponential(mean time.Duration) (buckets []sim.Bucket, over int64) {
	const all, parts, upTo = 1_000_000_000, 20, 12
	left := int64(all)
	for i := range parts * upTo {
		upper := float64(i+1) / parts
		beyond := int64(math.Round(all * math.Exp(-upper)))
		buckets = append(buckets, sim.Bucket{Upper: time.Duration(upper * float64(mean)), Count: left - beyond})
		left = beyond
	}
	return buckets, left
}
