package scenario

import (
	"fmt"
	"math"
	"slices"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/elasticctl/elasticctl/internal/manifest"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// A setting is an autoscaler, and the requests of pods, that is wanted in the
// place of a replay's own. Wanted, an hpa.Spec, is that of the replay with other
// targets, bounds, rules and tolerances, and at times with fewer metrics.

// kept are the indices of today's metrics that a wanted autoscaler still has, in
// its order.
func kept(today, wanted *hpa.Spec) []int {
	var list []int
	from := 0
	for i := range wanted.Metrics {
		m := &wanted.Metrics[i]
		at := slices.IndexFunc(today.Metrics[from:], func(o hpa.Metric) bool {
			return o.Source == m.Source && o.Name == m.Name && o.Selector == m.Selector && o.Object == m.Object
		})
		if at < 0 {
			return nil
		}
		from += at + 1
		list = append(list, from-1)
	}
	return list
}

// floored refuses what no field of an HPA says.
func floored(w *sim.World) error {
	if slices.ContainsFunc(w.Faults, func(f sim.Fault) bool { return f.Kind == sim.FaultEditAutoscaler }) {
		return fmt.Errorf("the recommended setting has a floor that follows the clock, and an HPA has no field for that: " +
			"something has to set minReplicas at these times, such as a CronJob or KEDA's cron scaler")
	}
	return nil
}

// Object is the replay's HPA with a wanted setting in it, every default written
// out.
func (r *Replay) Object(wanted *sim.World) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	if err := floored(wanted); err != nil {
		return nil, err
	}
	today, spec := &r.World.Autoscaler, &wanted.Autoscaler
	v2 := r.Tuning.HPA.V2.DeepCopy()
	manifest.Default(v2)
	least := spec.Min
	v2.Spec.MinReplicas, v2.Spec.MaxReplicas = &least, spec.Max
	var metrics []autoscalingv2.MetricSpec
	for i, at := range kept(today, spec) {
		m := *v2.Spec.Metrics[at].DeepCopy()
		if goal := spec.Metrics[i].Goal; goal != today.Metrics[at].Goal {
			setGoal(manifest.TargetOf(&m), goal)
		}
		metrics = append(metrics, m)
	}
	v2.Spec.Metrics = metrics
	if spec.HasBehavior {
		v2.Spec.Behavior = behavior(v2.Spec.Behavior, today, spec)
	}
	manifest.Default(v2)
	got := manifest.Translate(v2, today.Controller)
	if !same(&got, spec) {
		return nil, fmt.Errorf("the setting cannot be written as an HPA of %s: what is read back is another one", r.Name)
	}
	return v2, nil
}

// targetField is the field of a target that decides.
func targetField(t *autoscalingv2.MetricTarget) string {
	switch {
	case t.AverageUtilization != nil && t.AverageValue == nil:
		return "averageUtilization"
	case t.Type == autoscalingv2.ValueMetricType && t.Value != nil:
		return "value"
	}
	return "averageValue"
}

// setGoal puts a goal, in percent or thousandths, into a target.
func setGoal(t *autoscalingv2.MetricTarget, goal int64) {
	q := resource.NewMilliQuantity(goal, resource.DecimalSI)
	switch targetField(t) {
	case "averageUtilization":
		percent := int32(goal)
		t.AverageUtilization = &percent
	case "value":
		t.Value = q
	default:
		t.AverageValue = q
	}
}

// behavior is spec.behavior for some rules.
func behavior(old *autoscalingv2.HorizontalPodAutoscalerBehavior, today, spec *hpa.Spec) *autoscalingv2.HorizontalPodAutoscalerBehavior {
	if old == nil {
		old = &autoscalingv2.HorizontalPodAutoscalerBehavior{}
	}
	return &autoscalingv2.HorizontalPodAutoscalerBehavior{
		ScaleUp:   scalingRules(old.ScaleUp, &spec.Up, today.ToleranceUp, spec.ToleranceUp),
		ScaleDown: scalingRules(old.ScaleDown, &spec.Down, today.ToleranceDown, spec.ToleranceDown),
	}
}

func scalingRules(old *autoscalingv2.HPAScalingRules, r *hpa.Rules, was, is float64) *autoscalingv2.HPAScalingRules {
	window := int32(r.Stabilization / time.Second)
	choice := selectWord(r.Select)
	out := &autoscalingv2.HPAScalingRules{StabilizationWindowSeconds: &window, SelectPolicy: &choice}
	if old != nil {
		out.Tolerance = old.Tolerance
	}
	if is != was {
		out.Tolerance = resource.NewMilliQuantity(milliTolerance(is), resource.DecimalSI)
	}
	for _, p := range r.Policies {
		out.Policies = append(out.Policies, autoscalingv2.HPAScalingPolicy{
			Type: policyWord(p.Type), Value: p.Value, PeriodSeconds: int32(p.Period / time.Second),
		})
	}
	return out
}

func milliTolerance(v float64) int64 { return int64(math.Round(v * 1000)) }

func selectWord(s hpa.SelectPolicy) autoscalingv2.ScalingPolicySelect {
	switch s {
	case hpa.SelectMin:
		return autoscalingv2.MinChangePolicySelect
	case hpa.SelectDisabled:
		return autoscalingv2.DisabledPolicySelect
	case hpa.SelectMax:
	}
	return autoscalingv2.MaxChangePolicySelect
}

func policyWord(t hpa.PolicyType) autoscalingv2.HPAScalingPolicyType {
	if t == hpa.PolicyPercent {
		return autoscalingv2.PercentScalingPolicy
	}
	return autoscalingv2.PodsScalingPolicy
}

// same says whether two autoscalers decide alike: the order of policies does not
// matter.
func same(a, b *hpa.Spec) bool {
	rules := func(x, y *hpa.Rules) bool {
		p, q := slices.Clone(x.Policies), slices.Clone(y.Policies)
		order := func(a, b hpa.Policy) int {
			return int(a.Type)<<33 - int(b.Type)<<33 + int(a.Value) - int(b.Value)
		}
		slices.SortStableFunc(p, order)
		slices.SortStableFunc(q, order)
		return x.Stabilization == y.Stabilization && x.Select == y.Select && slices.Equal(p, q)
	}
	return a.Min == b.Min && a.Max == b.Max && slices.Equal(a.Metrics, b.Metrics) && a.HasBehavior == b.HasBehavior &&
		(!a.HasBehavior || rules(&a.Up, &b.Up) && rules(&a.Down, &b.Down)) &&
		a.ToleranceUp == b.ToleranceUp && a.ToleranceDown == b.ToleranceDown
}
