package report

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// whyAsked is what the metric that won asks for, and by which numbers. Alone
// says that the window did not follow it.
func whyAsked(t *sim.Tick, alone bool) string {
	d := &t.Decision
	m, w := &t.Spec.Metrics[d.By], &d.Basis.Workings[d.By]
	name, most := metricName(m), ""
	if n := len(d.Basis.Workings) - failures(d.Basis.Workings); n > 1 {
		most = ", the most of " + strconv.Itoa(n) + " metrics"
	}
	figures, settled := whyFigures(t, m, w)
	switch {
	case alone && settled:
		return name + " " + figures + ", which alone gives " + number(w.Replicas)
	case alone:
		return name + " alone wants " + number(w.Replicas) + ", " + figures + most
	case settled:
		text := name + " " + figures
		if w.Replicas != d.Current {
			// A share of status.replicas stays at those.
			text += ", which asks for status.replicas " + number(w.Replicas)
		}
		return text
	default:
		if w.Rule == hpa.RuleFilled {
			figures += ","
		}
		return name + " " + figures + " wants " + number(w.Replicas) + most
	}
}

// whyFigures are a metric's comparisons with its target. Settled says that they
// themselves tell that nothing should change.
func whyFigures(t *sim.Tick, m *hpa.Metric, w *hpa.Working) (text string, settled bool) {
	at := "at " + figure(m, w, &w.First)
	first := at + " against " + goalText(m)
	second := strings.TrimSuffix(figure(m, w, &w.Second), ofRequests) + " with " + filledText(t.Spec, m, w)
	switch w.Rule {
	case hpa.RuleWithin:
		if w.First.Metrics == 0 && m.Target == hpa.TargetAverageValue {
			at += " over " + plural(int64(w.Replicas), "replica")
		}
		return at + " is " + nearText(t.Spec, m, w.First.Ratio), true
	case hpa.RuleFilledWithin:
		if !w.UnreadyIdle && !w.MissingIdle && !w.MissingStand {
			return at + " is " + nearText(t.Spec, m, w.First.Ratio), true
		}
		return first + ", but " + second + ", which is " + nearText(t.Spec, m, w.Second.Ratio), true
	case hpa.RuleTurned:
		return first + ", but " + second + ", on the other side of the target", true
	case hpa.RuleAgainst:
		return first + ", but " + second + ", which would take " + number(w.Count) + ", the other way", true
	case hpa.RuleFilled:
		return first + ", " + second, false
	case hpa.RuleReady:
		if m.Target == hpa.TargetValue {
			return first + " times " + plural(w.Ready, "ready pod"), false
		}
	case hpa.RuleFromZero, hpa.RuleShare, hpa.RuleNone:
	}
	return first, false
}

// nearText is a ratio within tolerance: "within 10% of 60%".
func nearText(s *hpa.Spec, m *hpa.Metric, ratio float64) string {
	if ratio == 1 {
		return "its target of " + goalText(m)
	}
	up, down := tolerances(s)
	if ratio > 1 {
		down = up
	}
	return "within " + strconv.FormatFloat(100*down, 'g', 6, 64) + "% of " + goalText(m)
}

// tolerances are those in force, in either direction.
func tolerances(s *hpa.Spec) (up, down float64) {
	if !s.Controller.Profile.ToleranceInterval {
		return s.Controller.Tolerance, s.Controller.Tolerance
	}
	return s.ToleranceUp, s.ToleranceDown
}

// filledText is what the second comparison filled in.
func filledText(s *hpa.Spec, m *hpa.Metric, w *hpa.Working) string {
	var parts []string
	if w.UnreadyIdle {
		parts = append(parts, strconv.FormatInt(w.Unready, 10)+" unready as idle")
	}
	switch {
	case w.MissingIdle:
		parts = append(parts, strconv.FormatInt(w.Missing, 10)+" without metrics as idle")
	case w.MissingStand:
		parts = append(parts, strconv.FormatInt(w.Missing, 10)+" without metrics as at "+standText(s, m))
	}
	return strings.Join(parts, " and ")
}

// standText is what stands in for the metric of a missing pod on the way down.
func standText(s *hpa.Spec, m *hpa.Metric) string {
	switch {
	case !byRequest(m):
		return "the target"
	case s.Controller.Profile.FillsToTarget:
		return number(max(100, int32(m.Goal))) + "%"
	}
	return "100%"
}

// ofRequests ends a share of the requests.
const ofRequests = " of requests"

// figure is what a comparison saw: "133% of requests", "25 per pod", "300".
func figure(m *hpa.Metric, w *hpa.Working, p *hpa.Pass) string {
	switch {
	case byRequest(m):
		return strconv.Itoa(int(p.Utilization)) + "%" + ofRequests
	case m.Source == hpa.SourceObject || m.Source == hpa.SourceExternal:
		return milliText(m, w.Total)
	default:
		return milliText(m, p.Average) + " per pod"
	}
}

// goalText is a metric's target, in the unit of figure.
func goalText(m *hpa.Metric) string {
	switch {
	case byRequest(m):
		return strconv.FormatInt(int64(int32(m.Goal)), 10) + "%"
	case m.Target == hpa.TargetAverageValue && (m.Source == hpa.SourceObject || m.Source == hpa.SourceExternal):
		return milliText(m, m.Goal) + " per pod"
	default:
		return milliText(m, m.Goal)
	}
}

// byRequest says whether a metric's target is a share of the requests.
func byRequest(m *hpa.Metric) bool {
	return m.Target == hpa.TargetUtilization && m.Source != hpa.SourcePods
}

// metricName is how a sentence calls a metric: "cpu", "cpu of container app".
func metricName(m *hpa.Metric) string {
	if m.Source == hpa.SourceContainerResource {
		return m.Resource + " of container " + m.Container
	}
	return m.Name
}

// milliText prints milli-units: memory in bytes with binary prefixes, cpu as a
// quantity, all else as a decimal number.
func milliText(m *hpa.Metric, milli int64) string {
	switch {
	case m.Resource == "memory":
		return amount(float64(milli)/1000, math.Abs(float64(milli)) >= 1024_000)
	case milli%1000 == 0:
		return strconv.FormatInt(milli/1000, 10)
	case m.CPU:
		return strconv.FormatInt(milli, 10) + "m"
	}
	sign, rest := "", milli%1000
	if milli < 0 {
		sign, rest = "-", -rest
	}
	whole := strings.TrimPrefix(strconv.FormatInt(milli/1000, 10), "-")
	return sign + whole + "." + strings.TrimRight(strconv.FormatInt(1000+rest, 10)[1:], "0")
}

// brief prints a length of time in one word: "4m45s", "5m", "1.5s".
func brief(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}
