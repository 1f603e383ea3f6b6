package scenario

import (
	"fmt"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/internal/fit"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// role reads how a demand answers to the pods, and refuses what does not go
// with that.
func (c *checker) role(path string, in *Demand, out *demand) {
	own := ownMetric(&out.Demand)
	at := path + ".role"
	role := c.oneOf(at, in.Role, "load", "perPod", "backlog", "response", "exogenous")
	if in.Response != "" && in.Role != "" && role != "response" {
		c.add(path+".response", "only a response tells of requests", "write role: response, or remove it")
		return
	}
	if in.Response != "" || role == "response" {
		c.response(path, in, out)
		return
	}
	text, hint := out.answers(role)
	if text != "" {
		c.add(at, text, hint)
		return
	}
	if role == "perPod" && own {
		c.ownValue(path, in)
	}
}

// answers makes a demand answer to the pods in one way, but as a response; text
// says why it cannot.
func (d *demand) answers(role string) (text, hint string) {
	own, out := ownMetric(&d.Demand), sim.RoleLoad
	switch role {
	case "perPod":
		out = sim.RolePerPod
		if !own {
			text = aMetric(d.Source) + " is not the pods' own, so no pod has a value for itself"
		}
	case "backlog":
		out = sim.RoleBacklog
		if own {
			text = aMetric(d.Source) + " is the pods' own: it is no backlog"
		}
	case "exogenous":
		out = sim.RoleExogenous
		if own {
			text = aMetric(d.Source) + " is the pods' own, so it answers to them"
		}
	}
	if text == "" {
		d.Role = out
		return "", ""
	}
	hint = "write " + orList(rolesOf(own))
	if d.Aggregate != sim.AggregateNone {
		hint += ", or remove aggregate"
	}
	return text, hint
}

// rolesOf are the roles of metrics that are the pods' own, and of others.
func rolesOf(own bool) []string {
	if own {
		return []string{"load", "perPod"}
	}
	return []string{"load", "backlog", "exogenous"}
}

// aMetric names a kind of metric: "an Object metric".
func aMetric(s hpa.Source) string {
	if strings.ContainsAny(s.String()[:1], "AEIOU") {
		return "an " + s.String() + " metric"
	}
	return "a " + s.String() + " metric"
}

// ownValue refuses, beside a value that each pod has for itself, further ones.
func (c *checker) ownValue(path string, in *Demand) {
	const text = "what each pod has for itself is all it has, also when idle or not Ready"
	if in.Idle != nil {
		c.add(path+".idle", text, "remove it")
	}
	if in.NotReady != nil && !in.NotReady.None {
		c.add(path+".notReady", text, "remove it, or write none")
	}
}

// queue reads what a demand that pods serve has: how long it may wait, and how
// much waits at the start.
func (c *checker) queue(path string, in *Demand, out *demand) {
	out.Wait = c.duration(path+".wait", in.Wait, 0)
	switch {
	case in.Wait == "":
	case out.Role != sim.RoleLoad || !out.Queues():
		c.add(path+".wait", "this demand does not wait for a bounded time", "remove it; only load of a Resource or Pods metric does")
	case out.Wait%time.Millisecond != 0:
		c.add(path+".wait", fmt.Sprintf("%q is no whole number of milliseconds", clip(in.Wait)), "write one, such as 500ms")
	}
	if in.Initial == nil {
		return
	}
	if out.Role != sim.RoleBacklog {
		c.add(path+".initial", "only a backlog has an initial one", "remove it, or write role: backlog")
		return
	}
	out.Initial = c.amount(path+".initial", *in.Initial, out)
}

// serves sees that what a demand's queue needs is known: what a pod can do. An
// absent capacity may come from the pods' or from a cpu limit.
func (b *builder) serves(d *demand) error {
	switch {
	case d.Capacity > 0:
		return nil
	case d.Role == sim.RoleBacklog:
		hint := "add capacity: what one ready pod completes per second, in unit"
		if d.path == "" {
			hint = fmt.Sprintf("say what one ready pod completes per second: --capacity %s=NUMBER", d.Name)
		}
		return b.fail(d.path, "it is not known how fast the pods work off the backlog of "+demandName(&d.Demand), hint)
	case d.Wait > 0:
		return b.fail(d.path+".wait", "it is not known what the pods can do of "+demandName(&d.Demand)+", so nothing waits", "add capacity: what one ready pod can serve, in unit")
	}
	return nil
}

// adaptRole makes recorded values those of the demand's role. An expression is
// taken at its word.
func (b *builder) adaptRole(d *demand, got *fit.Demand, pods *fit.Replicas, from int) error {
	switch {
	case d.Role == sim.RoleBacklog:
		return b.arrivals(d, got)
	case partedValue(d, got):
		return b.ownShare(d, pods, from)
	}
	return nil
}

// arrivals sees that what was recorded for a backlog is what arrived.
func (b *builder) arrivals(d *demand, got *fit.Demand) error {
	if got.Kind == fit.Gauge {
		return b.fail(d.path, got.From+" is how much waited, which other pods would have changed",
			"write query: what arrives per second, such as sum(rate(jobs_created_total[1m])), or completions and growth: sum(rate(jobs_done_total[1m])) + sum(deriv(jobs_waiting[1m]))")
	}
	b.note("%s is what arrives per second; the metric is what waits", got.From)
	return nil
}

// ownShare leaves of a recorded total what each pod had in the mean.
func (b *builder) ownShare(d *demand, pods *fit.Replicas, from int) error {
	if pods == nil {
		return b.fail(d.path+".role", "it is not known how many pods were recorded, so what each had is not either", "write query: an expression that is one pod's value, such as avg(NAME)")
	}
	counts := held(pods)[from:]
	own := make([]int64, len(d.Values))
	null := make([]bool, len(d.Values))
	for i, v := range d.Values {
		switch {
		case d.Null != nil && d.Null[i] || counts[i] <= 0:
			null[i] = true
		default:
			own[i] = v / counts[i]
		}
	}
	d.Values, d.Null = own, null
	b.note("demand of %s: each pod has the mean of the recorded ones (counted by %s)", demandName(&d.Demand), pods.From)
	return nil
}
