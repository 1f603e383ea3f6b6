package tune

import (
	"math"
	"slices"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// today is the value that a parameter has in a world; known is false where it
// has none, or several. Behavior that is absent counts as its defaults.
func (p *Param) today(w *sim.World) (v int64, known bool) {
	spec := &w.Autoscaler
	switch p.Kind {
	case KindTarget:
		return spec.Metrics[p.Metric].Goal, true
	case KindMin:
		return int64(spec.Min), true
	case KindMax:
		return int64(spec.Max), true
	case KindRequest:
		return cpuOf(&w.Pods.Containers[p.Container]), true
	case KindMetrics:
		at := slices.IndexFunc(p.Sets, func(set []int) bool { return len(set) == len(spec.Metrics) })
		return int64(at), at >= 0
	case KindFloor:
		return 0, false
	case KindWindow, KindPods, KindPercent, KindPeriod, KindSelect, KindTolerance:
	}
	return p.ruleToday(spec)
}

// ruleToday is the value that a parameter of a direction's rules has.
func (p *Param) ruleToday(spec *hpa.Spec) (v int64, known bool) {
	up, down := spec.Up, spec.Down
	if !spec.HasBehavior {
		up, down = defaultRules(&spec.Controller)
	}
	rules, tolerance := &down, spec.ToleranceDown
	if p.Up {
		rules, tolerance = &up, spec.ToleranceUp
	}
	switch p.Kind {
	case KindWindow:
		return int64(rules.Stabilization / time.Second), true
	case KindSelect:
		return int64(rules.Select), true
	case KindTolerance:
		return int64(math.Round(tolerance * 1000)), true
	case KindPods:
		return policyToday(rules.Policies, hpa.PolicyPods)
	case KindPercent:
		return policyToday(rules.Policies, hpa.PolicyPercent)
	case KindPeriod:
		for _, policy := range rules.Policies {
			if policy.Period != rules.Policies[0].Period {
				return 0, false
			}
		}
		return int64(rules.Policies[0].Period / time.Second), len(rules.Policies) > 0
	case KindTarget, KindMin, KindMax, KindRequest, KindFloor, KindMetrics:
	}
	return 0, false
}

// policyToday is the value of the only policy of a type, Off where there is
// none.
func policyToday(list []hpa.Policy, kind hpa.PolicyType) (v int64, known bool) {
	v, known = Off, true
	for _, policy := range list {
		if policy.Type != kind {
			continue
		}
		if v != Off {
			known = false
		}
		v = int64(policy.Value)
	}
	return v, known
}
