package lint

import (
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/elasticctl/elasticctl/internal/manifest"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// growth is how an autoscaler grows when twice its maximum is asked for at once.
type growth struct {
	// reached is after how long it is at its maximum; 0 where it is not in time.
	reached time.Duration
	// at are the replicas after each sync, the first a sync period after the
	// demand came: it missed the one before by a moment.
	at []int32
}

// after is the replicas at a time after the demand came.
func (g *growth) after(d, period time.Duration) int32 {
	if len(g.at) == 0 {
		return 0
	}
	return g.at[min(max(int(d/period)-1, 0), len(g.at)-1)]
}

// grow lets the controller of the version scale an autoscaler from its minimum,
// for a time.
func (c *checker) grow(h *autoscalingv2.HorizontalPodAutoscaler, within time.Duration) growth {
	controller := c.controller()
	spec := manifest.Translate(h, controller)
	// A total that pods share has neither readiness nor unready pods in it.
	const goal = 1000
	spec.Metrics = []hpa.Metric{{Source: hpa.SourceExternal, Target: hpa.TargetAverageValue, Goal: goal, Name: "demand"}}
	replicas := max(spec.Min, 1)
	state := hpa.NewTerseState(1, int(time.Hour/controller.SyncPeriod)+2)
	g := growth{}
	values := []int64{int64(replicas) * goal}
	o := hpa.Observation{Readings: []hpa.Reading{{Values: values}}}
	// The first sync sees the minimum at work, so that windows have something to
	// remember.
	for now := time.Duration(0); now <= within; now += controller.SyncPeriod {
		o.Now, o.SpecReplicas, o.StatusReplicas = now, replicas, replicas
		d := spec.Step(state, &o)
		if d.Scaled {
			replicas = d.Desired
		}
		if now > 0 {
			g.at = append(g.at, replicas)
		}
		if replicas >= spec.Max {
			g.reached = max(now, controller.SyncPeriod)
			return g
		}
		values[0] = 2 * int64(spec.Max) * goal
	}
	return g
}
