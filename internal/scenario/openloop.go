package scenario

import (
	"fmt"

	"github.com/elasticctl/elasticctl/internal/fit"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// openLoop says whether recorded values are replayed as they are.
func (b *builder) openLoop() bool { return b.set.openLoop }

// mayOpen sees that there is something to replay as it was recorded.
func (b *builder) mayOpen() error {
	if !b.openLoop() {
		return nil
	}
	if len(b.request.Idle)+len(b.request.Cost) > 0 {
		return fmt.Errorf("--open-loop replays what pods were recorded to use; it does not go with --idle and --cost")
	}
	b.note("open loop: each simulated pod reports what the recorded ones did on average, however many it shares the load with, and other metrics are as recorded. " +
		"This tells what the autoscaler asks for at each recorded instant, not what would have come of it")
	return b.openInline()
}

// openInline refuses totals that are written down: of pods nothing is recorded.
func (b *builder) openInline() error {
	recorded := len(b.request.Recordings) > 0
	for i := range b.set.demand {
		d := &b.set.demand[i]
		if d.recording != "" {
			recorded = true
			continue
		}
		if d.Role == sim.RoleBacklog || d.Role == sim.RoleLoad && ownMetric(&d.Demand) {
			return b.fail(d.path, "an open loop replays what pods were recorded to report, and these values are a total for pods to share", "write role: perPod with the values of one pod, or exogenous with those of the metric")
		}
	}
	if !recorded {
		return b.fail("spec.openLoop", "an open loop replays a recording, and there is none", "give --recording, or demand[].recording")
	}
	return nil
}

// open makes a recorded demand one that does not answer to the pods.
func (b *builder) open(d *demand) error {
	if !b.openLoop() {
		return nil
	}
	const hint = "remove it, or do without openLoop"
	for _, field := range []string{"idle", "wait", "aggregate", "initial"} {
		if b.has(d, field) {
			return b.fail(d.path+"."+field, "an open loop replays recorded values as they are: nothing is shared, nothing waits", hint)
		}
	}
	own := ownMetric(&d.Demand)
	switch {
	case d.Role == sim.RoleBacklog || d.Role == sim.RoleLoad && b.roleSaid(d):
		return b.fail(d.path+".role", "an open loop replays recorded values as they are, whatever the pods do", hint)
	case own:
		d.Role, d.NotReady = sim.RolePerPod, 0
	default:
		d.Role = sim.RoleExogenous
	}
	return nil
}

// opened decides what an expression gives in an open loop: the value of one pod,
// or a total, of which each recorded pod had its part.
func (q *asked) opened() error {
	if !ownMetric(&q.d.Demand) || q.b.roleSaid(q.d) {
		return nil
	}
	shape, bend, err := q.db.Shape(q.d.query, q.grid, every)
	if err != nil {
		return q.bad(err)
	}
	q.d.parted = bend == nil && shape.Op == "sum"
	return nil
}

// partedValue says whether recorded values are a total of which each pod had its
// part.
func partedValue(d *demand, got *fit.Demand) bool {
	return d.Role == sim.RolePerPod && (got.Kind != fit.Expression || d.parted)
}
