package scenario

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/internal/fit"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// roleSaid says whether somebody said how a demand answers to the pods.
func (b *builder) roleSaid(d *demand) bool {
	return d.roleGiven || b.has(d, "role") || b.has(d, "response")
}

// responds is the first demand that follows from how busy the pods are, nil where
// there is none.
func (b *builder) responds() *demand {
	for i := range b.set.demand {
		if d := &b.set.demand[i]; d.Role == sim.RoleResponse {
			return d
		}
	}
	return nil
}

// responding sees that every response can be computed, and says how.
func (b *builder) responding() error {
	first := b.responds()
	if first == nil {
		return nil
	}
	l := b.out.World.Latency
	switch {
	case b.openLoop():
		return b.failOf(first, "role", demandName(&first.Demand)+" is computed from how busy the pods are, and an open loop replays recorded values", "remove its role, or do without openLoop")
	case l == nil || l.Model == nil:
		why := b.uncalibrated
		if why == "" {
			why = "nothing tells how long requests take"
		}
		return b.unanswered("latency is not calibrated: "+why, "say how long requests take: --latency service=20ms,servers=4 (docs/latency.md)")
	}
	of := demandName(&b.out.World.Demand[l.Demand])
	for i := range b.out.World.Demand {
		d := &b.set.demand[i]
		r := &d.Response
		switch {
		case d.Role != sim.RoleResponse:
			continue
		case r.Kind == sim.ResponseInFlight && l.Request <= 0:
			return b.failAt("spec.latency", fmt.Sprintf("what a request costs of %s is not known, so how many are in flight (%s) is not either", of, d.Name), "add cost, in core-seconds, such as cost: 0.003")
		case r.Kind != sim.ResponseInFlight && b.set.pipeline.Kind == sim.PipelinePrometheus:
			return b.failOf(d, "role", d.Name+" is a latency, which Prometheus tells of a whole window; that is not modelled", "write pipeline.kind: resource, whose other metrics are those of the instant")
		}
		over := ""
		if d.Aggregate != sim.AggregateNone {
			over = ", " + aggregateText(&d.Demand) + " over pods,"
		}
		b.note("role of %s: response, %s%s by %s; it is computed from the simulated pods, whatever was recorded of it", d.Name, responseText(r), over, of)
		b.reached(&b.out.World.Demand[i])
	}
	return nil
}

// unanswered says that the first response cannot be computed.
func (b *builder) unanswered(why, hint string) error {
	d := b.responds()
	kind := responseText(&d.Response)
	return b.failOf(d, "role", fmt.Sprintf("%s is %s, which follows from how busy the pods are, and %s", demandName(&d.Demand), kind, why),
		hint+"; or "+fit.InsteadOf(kindOf(&d.Response)))
}

func kindOf(r *sim.Response) string {
	if r.Kind == sim.ResponseInFlight {
		return fit.KindInFlight
	}
	return fit.KindLatency
}

// failOf reports a problem of a demand: at its field, or where there is none of the
// metric.
func (b *builder) failOf(d *demand, field, text, hint string) error {
	if d.path == "" {
		return fmt.Errorf("demand for %s: %s; %s", d.Name, text, hint)
	}
	return b.fail(d.path+"."+field, text, hint)
}

// responseText says what a response is.
func responseText(r *sim.Response) string {
	unit := ""
	switch {
	case r.Unit == time.Millisecond:
		unit = " in milliseconds"
	case r.Unit == time.Microsecond:
		unit = " in microseconds"
	}
	switch r.Kind {
	case sim.ResponseMean:
		return "the mean latency" + unit
	case sim.ResponseQuantile:
		return "the latency p" + strconv.FormatFloat(float64(r.Quantile)/10_000, 'f', -1, 64) + unit
	case sim.ResponseInFlight:
	}
	return fit.KindInFlight
}

// reached says at what use of capacity a response comes to its target, or that it
// never does where latency is known.
func (b *builder) reached(d *sim.Demand) {
	w := &b.out.World
	for i := range w.Autoscaler.Metrics {
		m := &w.Autoscaler.Metrics[i]
		perPod := m.Target == hpa.TargetAverageValue && (d.Source == hpa.SourcePods || d.Response.Kind == sim.ResponseInFlight)
		if !d.Feeds(m) || !perPod && (m.Target != hpa.TargetValue || d.Response.Kind == sim.ResponseInFlight) {
			continue
		}
		to := w.Latency.Model.To
		if level := sort.Search(int(to)+1, func(level int) bool { return w.Responds(d, int64(level)) >= m.Goal }); level <= int(to) {
			b.note("%s comes to its target of %s at %s of capacity", d.Name, thousandthsText(m.Goal), percentText(int64(level)))
			return
		}
		b.note("%s does not come to its target of %s where latency is known: it is %s at %s of capacity, and counts as that above it until work waits or is shed. Know more by hand: --latency upTo=99%%",
			d.Name, thousandthsText(m.Goal), thousandthsText(w.Responds(d, to)), percentText(to))
		return
	}
}

// thousandthsText writes milli-units.
func thousandthsText(v int64) string { return strconv.FormatFloat(float64(v)/1000, 'f', -1, 64) }

// percentText writes thousandths of capacity in percent.
func percentText(v int64) string {
	return strings.TrimSuffix(strconv.FormatFloat(float64(v)/10, 'f', 1, 64), ".0") + "%"
}

// Role is how a demand answers to the pods, as the command line says.
type Role struct {
	// Name is the demand's, such as queue_length or app/memory.
	Name string
	role string
}

// ParseRole reads NAME=ROLE: load, perPod, backlog, exogenous, response, or which
// response it is: inFlight, mean, p99.
func ParseRole(text string) (Role, error) {
	name, role, ok := strings.Cut(text, "=")
	_, answers := parseResponse(role)
	if !ok || name == "" || !answers && !isRole(role) {
		return Role{}, fmt.Errorf("%q: write NAME=ROLE, the metric's name and load, perPod, backlog, exogenous or response, or which one: inFlight, mean or a quantile such as p99", clip(text))
	}
	return Role{name, role}, nil
}

func isRole(s string) bool {
	switch s {
	case "load", "perPod", "backlog", "exogenous", "response":
		return true
	}
	return false
}

// roles puts what the command line says into the demands.
func (b *builder) roles() error {
	for _, role := range b.request.Roles {
		var names []string
		found := false
		for i := range b.set.demand {
			d := &b.set.demand[i]
			names = append(names, demandName(&d.Demand))
			if role.Name != d.Name && role.Name != demandName(&d.Demand) {
				continue
			}
			found = true
			if role.responds() && slices.ContainsFunc(b.request.Demand, func(q Query) bool { return q.Name == d.Name }) {
				return fmt.Errorf("--role %s=%s: it is computed, so --demand gives nothing for it; remove one", role.Name, role.role)
			}
			if text, hint := role.take(d); text != "" {
				return fmt.Errorf("--role %s=%s: %s; %s", role.Name, role.role, text, hint)
			}
		}
		if !found {
			return fmt.Errorf("--role %s: %s has no such demand; it has %s", role.Name, b.out.Name, strings.Join(names, ", "))
		}
	}
	return nil
}

// responds says whether it is a response.
func (r *Role) responds() bool { return r.role == "response" || !isRole(r.role) }

// take makes a demand one of this role; text says why it cannot.
func (r *Role) take(d *demand) (text, hint string) {
	d.roleGiven = true
	if !r.responds() {
		if d.Role == sim.RoleResponse {
			return "the file says that it is a response, which has no values", "write its role there"
		}
		return d.answers(r.role)
	}
	if text, hint = respondsOf(d); text != "" {
		return text, hint
	}
	if d.Values != nil {
		return "it is computed, and the file has values of it", "remove them"
	}
	out, ok := parseResponse(r.role)
	if out = inUnitOf(out, d.Name); !ok {
		if out, ok = named(d.Name); !ok {
			return "it is not said what it tells of the requests", "write inFlight, mean or a quantile such as p99 in place of response"
		}
	}
	d.Role, d.Response, d.Scale, d.Step = sim.RoleResponse, out, 1, 0
	d.recording, d.query, d.selector = "", "", ""
	return "", ""
}
