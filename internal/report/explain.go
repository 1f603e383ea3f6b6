package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// Explain writes one sync stage by stage, with the numbers of each formula.
// Name and start are the replay's; the tick is rendered before Explain returns.
func Explain(w io.Writer, name string, start time.Time, t *sim.Tick) error {
	var e explanation
	clock := ""
	if !start.IsZero() {
		clock = start.Add(t.T).UTC().Format("2006-01-02 15:04:05") + " UTC, "
	}
	e.line("%s: the sync at %s+%s", name, clock, brief(t.T))
	e.line("%s", why(t))
	e.observed(t)
	for i := range t.Decision.Basis.Workings {
		e.metric(t, i)
	}
	if t.Decision.HasProposal {
		e.normalised(t)
	}
	e.written(t)
	_, err := io.WriteString(w, e.b.String())
	return err
}

// explanation is a text of stages.
type explanation struct{ b strings.Builder }

// stage begins one with a headline.
func (e *explanation) stage(format string, args ...any) {
	e.b.WriteByte('\n')
	e.line(format, args...)
}

func (e *explanation) line(format string, args ...any) { fmt.Fprintf(&e.b, format+"\n", args...) }

// step is a line within a stage.
func (e *explanation) step(format string, args ...any) { e.line("  "+format, args...) }

func (e *explanation) observed(t *sim.Tick) {
	e.stage("observed")
	e.step("spec.replicas %d, status.replicas %d; min %d, max %d", t.SpecReplicas, t.StatusReplicas, t.Spec.Min, t.Spec.Max)
	p := &t.Pods
	e.step("pods: %d ready, %d not ready, %d pending, %d terminating, %d failed", p.Ready, p.NotReady, p.Pending, p.Terminating, p.Failed)
}

// metric is one metric's way to its answer.
func (e *explanation) metric(t *sim.Tick, i int) {
	m, w := &t.Spec.Metrics[i], &t.Decision.Basis.Workings[i]
	e.stage("metric %d of %d: %s, target %s", i+1, len(t.Spec.Metrics), metricName(m), goalText(m))
	if w.Rule == hpa.RuleNone {
		e.step("failed: %s", oneLine(w.Problem()))
		return
	}
	if m.Source == hpa.SourceObject || m.Source == hpa.SourceExternal {
		e.total(t, m, w)
	} else {
		e.perPod(t, m, w)
	}
	switch w.Rule {
	case hpa.RuleWithin, hpa.RuleFilledWithin:
		e.step("within tolerance: stays at %d", w.Replicas)
	case hpa.RuleTurned:
		e.step("on the other side of 1 than before: stays at %d", w.Replicas)
	case hpa.RuleAgainst:
		e.step("ceil(%s × %d) = %d would go the other way: stays at %d", ratioText(w.Second.Ratio), w.Second.Metrics, w.Count, w.Replicas)
	case hpa.RuleReady:
		e.step("replicas = ceil(%s × %d ready) = %d", ratioText(w.First.Ratio), w.Ready, w.Count)
	case hpa.RuleFilled:
		e.step("replicas = ceil(%s × %d) = %d", ratioText(w.Second.Ratio), w.Second.Metrics, w.Count)
	case hpa.RuleFromZero:
		e.step("from zero, replicas = ceil(%s) = %d", ratioText(w.First.Ratio), w.Count)
	case hpa.RuleShare:
		e.step("replicas = ceil(%s / %s) = %d", milliText(m, w.Total), milliText(m, m.Goal), w.Count)
	case hpa.RuleNone:
	}
}

func (e *explanation) perPod(t *sim.Tick, m *hpa.Metric, w *hpa.Working) {
	e.step("pods: %d counted, %d unready, %d without metrics, %d ignored", w.Ready, w.Unready, w.Missing, w.Ignored)
	if w.Stray > 0 {
		e.step("metrics without a pod: %d", w.Stray)
	}
	e.pass(t.Spec, m, &w.First)
	if !w.UnreadyIdle && !w.MissingIdle && !w.MissingStand {
		return
	}
	e.step("so that they hold the change back: with %s", filledText(t.Spec, m, w))
	e.pass(t.Spec, m, &w.Second)
}

// pass is one comparison with the target.
func (e *explanation) pass(s *hpa.Spec, m *hpa.Metric, p *hpa.Pass) {
	if byRequest(m) {
		e.step("utilization = trunc(100 × %s / %s) = %d%%", sumText(m, p.Sum), sumText(m, p.Requests), p.Utilization)
		e.ratio(s, strconv.Itoa(int(p.Utilization)), strconv.FormatInt(m.Goal, 10), p.Ratio)
		return
	}
	e.step("average = trunc(%s / %d) = %s", sumText(m, p.Sum), p.Metrics, milliText(m, p.Average))
	e.ratio(s, milliText(m, p.Average), milliText(m, m.Goal), p.Ratio)
}

// total is the comparison of a metric of the whole workload.
func (e *explanation) total(t *sim.Tick, m *hpa.Metric, w *hpa.Working) {
	goal := milliText(m, m.Goal)
	if m.Target == hpa.TargetAverageValue {
		goal = "(" + goal + " × " + number(t.StatusReplicas) + ")"
	}
	e.ratio(t.Spec, milliText(m, w.Total), goal, w.First.Ratio)
}

func (e *explanation) ratio(s *hpa.Spec, value, goal string, ratio float64) {
	up, down := tolerances(s)
	tolerated := "are " + ratioText(1-down) + " to " + ratioText(1+up)
	if !s.Controller.Profile.ToleranceInterval {
		tolerated = "is |1 - ratio| ≤ " + ratioText(up)
	}
	e.step("ratio = %s / %s = %s; tolerated %s", value, goal, ratioText(ratio), tolerated)
}

// sumText prints a sum, of cpu always in milli-units, so that both sides of a
// division look alike.
func sumText(m *hpa.Metric, milli int64) string {
	if m.CPU {
		return strconv.FormatInt(milli, 10) + "m"
	}
	return milliText(m, milli)
}

// ratioText prints a ratio with what digits it has, six at most.
func ratioText(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

// normalised is what windows and limits made of the proposal.
func (e *explanation) normalised(t *sim.Tick) {
	d := &t.Decision
	e.stage("proposal: %d, by %s", d.Proposed, t.Spec.Metrics[d.By].Proposal)
	e.stage("windows")
	e.windows(t)
	e.step("stabilized: %d", d.Stabilized)
	e.stage("limits")
	e.limits(t)
	e.step("limited: %d (%s)", d.Limited, d.LimitedReason)
	if d.Desired != d.Limited {
		e.step("from zero at least min: %d", d.Desired)
	}
}

func (e *explanation) windows(t *sim.Tick) {
	s, now, w := t.Spec, t.Observation.Now, &t.Decision.Basis.Windows
	if s.HasBehavior {
		e.step("up: lowest of the last %s is %d; down: highest of the last %s is %d; an entry of just that age no longer counts",
			brief(s.Up.Stabilization), w.Lowest, brief(s.Down.Stabilization), w.Highest)
	} else {
		e.step("highest of the last %s is %d; an entry of just that age still counts", brief(s.Controller.DownscaleStabilization), w.Highest)
	}
	for i := range w.Remembered() {
		replicas, at := w.Recommendation(i)
		if w.Own(i) {
			continue
		}
		counts := "counts nowhere"
		switch up, down := s.CountsUp(at, now), s.CountsDown(at, now); {
		case up && down:
			counts = "counts up and down"
		case up:
			counts = "counts up"
		case down:
			counts = "counts down"
		}
		e.step("%d recommended %s ago: %s", replicas, brief(now-at), counts)
	}
}

func (e *explanation) limits(t *sim.Tick) {
	d, s := &t.Decision, t.Spec
	switch {
	case !s.HasBehavior:
		e.step("without behavior at most max(2 × %d, 4) = %d; min %d, max %d", d.Current, d.Basis.Limits.Limit, s.Min, s.Max)
	case d.Stabilized > d.Current:
		e.policies(t, &s.Up, "scaleUp", "max "+number(s.Max))
	case d.Stabilized < d.Current:
		e.policies(t, &s.Down, "scaleDown", "min "+number(s.Min))
	default:
		e.step("nothing to limit")
	}
}

// policies are what each policy of a direction allows.
func (e *explanation) policies(t *sim.Tick, rules *hpa.Rules, direction, bound string) {
	l := &t.Decision.Basis.Limits
	by := l.Decider(rules, direction == "scaleUp")
	for i := range l.Policies {
		a, p := &l.Policies[i], &rules.Policies[i]
		mark := ""
		if i == by {
			mark = ", which decides"
		}
		e.step("%s policy %s: start = %d - %d added + %d removed = %d, allows %d%s",
			direction, policyText(p), t.Decision.Current, a.Added, a.Removed, a.Start, a.Replicas, mark)
	}
	e.step("selectPolicy %s: %d; %s", selectText(rules.Select), l.Limit, bound)
}

// written is what came of it.
func (e *explanation) written(t *sim.Tick) {
	d := &t.Decision
	e.stage("written")
	if d.Scaled {
		e.step("spec.replicas %d", d.Desired)
	} else {
		e.step("nothing")
	}
	e.stage("conditions")
	for i := range d.Conditions {
		c := &d.Conditions[i]
		status := "False"
		if c.Status {
			status = "True"
		}
		e.step("%s %s %s: %s", c.Type, status, c.Reason, oneLine(c.Message()))
	}
	for i := range d.Events {
		if i == 0 {
			e.stage("events")
		}
		e.step("%s %s: %s", eventType(&d.Events[i]), d.Events[i].Reason, oneLine(d.Events[i].Message()))
	}
}
