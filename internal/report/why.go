package report

import (
	"strconv"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// why says in one sentence what a sync did, which stage decided it, and with
// which numbers: "held at 9: 9 was recommended 4m45s ago, inside the 5m window;
// cpu alone wants 4, at 27% of requests against 60%".
func why(t *sim.Tick) string {
	d := &t.Decision
	switch d.Branch {
	case hpa.BranchUnreadable:
		return "cannot act: the scale could not be read: " + oneLine(d.Failure.Cause())
	case hpa.BranchPaused:
		return "paused at zero: " + whyPaused(t)
	case hpa.BranchNoMetrics:
		return whyBlocked(t)
	case hpa.BranchAboveMax, hpa.BranchBelowMin, hpa.BranchMetrics:
	}
	if d.Desired != d.Current && !d.Scaled {
		return "cannot go from " + number(d.Current) + " to " + number(d.Desired) +
			": the scale could not be written: " + oneLine(d.Failure.Cause()) + "; " + whyDesired(t)
	}
	return whyOutcome(d) + ": " + whyDesired(t)
}

// whyOutcome is what became of the count.
func whyOutcome(d *hpa.Decision) string {
	switch {
	case d.Branch == hpa.BranchAboveMax:
		return "jumps from " + number(d.Current) + " to max " + number(d.Desired)
	case d.Branch == hpa.BranchBelowMin:
		return "jumps from " + number(d.Current) + " to min " + number(d.Desired)
	case d.Desired > d.Current:
		return "up from " + number(d.Current) + " to " + number(d.Desired)
	case d.Desired < d.Current:
		return "down from " + number(d.Current) + " to " + number(d.Desired)
	case max(0, d.Proposed) == d.Current:
		return "stays at " + number(d.Current)
	}
	return "held at " + number(d.Current)
}

// whyDesired is how the count came about that was to be written.
func whyDesired(t *sim.Tick) string {
	d := &t.Decision
	switch d.Branch {
	case hpa.BranchAboveMax:
		return number(d.Current) + " is above max; metrics, windows and policies are not asked"
	case hpa.BranchBelowMin:
		return number(d.Current) + " is below min; metrics, windows and policies are not asked"
	case hpa.BranchMetrics, hpa.BranchUnreadable, hpa.BranchPaused, hpa.BranchNoMetrics:
	}
	held, limited := whyHeld(t), whyLimited(t)
	text := whyAsked(t, held != "" && limited == "")
	switch {
	case held != "" && limited == "":
		text = held + "; " + text
	case held != "":
		text += "; " + held
	}
	if limited != "" {
		text += "; " + limited
	}
	return text + whyPartial(d)
}

// whyPaused is why a workload at zero stays there.
func whyPaused(t *sim.Tick) string {
	p := &t.Spec.Controller.Profile
	switch {
	case !p.RemembersZero:
		return "before Kubernetes 1.36 an HPA with min " + number(t.Spec.Min) + " leaves a workload that is at zero alone"
	case !p.ScaleToZero:
		return "without feature gate HPAScaleToZero no HPA leaves zero"
	}
	for i := range t.Decision.Conditions {
		if c := &t.Decision.Conditions[i]; c.Type == hpa.ScaledToZero && c.Status {
			return "the HPA went there itself, but with min 0 and no Object or External metric it cannot come back"
		}
	}
	return "it was not the HPA that went there, so it does not come back by itself"
}

// whyBlocked is why the metrics forbid acting.
func whyBlocked(t *sim.Tick) string {
	d := &t.Decision
	workings := d.Basis.Workings
	if len(workings) == 0 {
		return "cannot act: the pods cannot be told: " + oneLine(d.Failure.Cause())
	}
	failed, first, best := failures(workings), "", int32(0)
	for i := range workings {
		w := &workings[i]
		if w.Rule == hpa.RuleNone && first == "" {
			first = metricName(&t.Spec.Metrics[i]) + ": " + oneLine(w.Problem())
		}
		if w.Rule != hpa.RuleNone && (best == 0 || w.Replicas > best) {
			best = w.Replicas
		}
	}
	if failed == len(workings) {
		if failed == 1 {
			return "cannot act: the only metric failed, " + first
		}
		return "cannot act: all " + strconv.Itoa(failed) + " metrics failed, first " + first
	}
	return "cannot go down from " + number(d.Current) + ": " + strconv.Itoa(failed) + " of " + plural(int64(len(workings)), "metric") +
		" failed, first " + first + "; the rest wants " + number(best)
}

// whyPartial is what a failed metric meant where others were acted on.
func whyPartial(d *hpa.Decision) string {
	failed := failures(d.Basis.Workings)
	if failed == 0 {
		return ""
	}
	return "; " + strconv.Itoa(failed) + " of " + plural(int64(len(d.Basis.Workings)), "metric") + " failed, which forbids only going down"
}

// failures counts the metrics without an answer.
func failures(workings []hpa.Working) (n int) {
	for i := range workings {
		if workings[i].Rule == hpa.RuleNone {
			n++
		}
	}
	return n
}

// whyHeld is the window's part; empty where the proposal was followed.
func whyHeld(t *sim.Tick) string {
	now := t.Observation.Now
	replicas, at, window, ok := t.Spec.Holder(&t.Decision)
	if !ok {
		return ""
	}
	if at == now {
		return "the history begins with " + number(replicas) + ", inside the " + brief(window) + " window"
	}
	return number(replicas) + " was recommended " + brief(now-at) + " ago, inside the " + brief(window) + " window"
}

// whyLimited is the limits' part; empty where none decided.
func whyLimited(t *sim.Tick) string {
	d, s := &t.Decision, t.Spec
	text := ""
	if d.Limited != d.Stabilized {
		switch d.LimitedReason {
		case hpa.ReasonTooFewReplicas:
			text = "min is " + number(s.Min)
		case hpa.ReasonTooManyReplicas:
			text = "max is " + number(s.Max)
		case hpa.ReasonScaleUpLimit:
			text = whyGrowth(t)
		case hpa.ReasonScaleDownLimit:
			text = whyPolicy(t, &s.Down, "scaleDown", "no fewer than ")
		default:
		}
	}
	if d.Desired != d.Limited {
		if text != "" {
			text += "; "
		}
		text += "from zero it goes to min " + number(s.Min) + " at least"
	}
	return text
}

// whyGrowth is the limit on the way up.
func whyGrowth(t *sim.Tick) string {
	d := &t.Decision
	switch {
	case t.Spec.HasBehavior:
		return whyPolicy(t, &t.Spec.Up, "scaleUp", "at most ")
	case d.Limited == 4 && d.Current != 2:
		return "without behavior at most double, or 4"
	default:
		return "without behavior at most double"
	}
}

// whyPolicy is the limit by the policies of one direction.
func whyPolicy(t *sim.Tick, rules *hpa.Rules, direction, bound string) string {
	limits := &t.Decision.Basis.Limits
	by := limits.Decider(rules, direction == "scaleUp")
	if by < 0 {
		return direction + " is disabled"
	}
	a := &limits.Policies[by]
	text := direction + " policy " + policyText(&rules.Policies[by])
	if n := len(limits.Policies); n > 1 {
		text += " (" + selectText(rules.Select) + " of " + strconv.Itoa(n) + ")"
	}
	text += " allows "
	if a.Replicas != limits.Limit {
		// More has been done in the period than it allows.
		return text + "no change" + spent(a)
	}
	return text + bound + number(limits.Limit) + spent(a)
}

// spent is what the HPA changed in a policy's period.
func spent(a *hpa.Allowance) string {
	switch {
	case a.Added != 0 && a.Removed != 0:
		return ", with " + number(a.Added) + " added and " + number(a.Removed) + " removed in that time"
	case a.Added != 0:
		return ", with " + number(a.Added) + " added in that time"
	case a.Removed != 0:
		return ", with " + number(a.Removed) + " removed in that time"
	}
	return ""
}

// policyText is a policy: "4 pods per 15s".
func policyText(p *hpa.Policy) string {
	if p.Type == hpa.PolicyPercent {
		return number(p.Value) + "% per " + brief(p.Period)
	}
	return plural(int64(p.Value), "pod") + " per " + brief(p.Period)
}

// selectText is the API's word for a selectPolicy.
func selectText(s hpa.SelectPolicy) string {
	switch s {
	case hpa.SelectMin:
		return "Min"
	case hpa.SelectDisabled:
		return "Disabled"
	case hpa.SelectMax:
	}
	return "Max"
}
