package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/internal/fit"
)

// modelLatencyFacts say what was learned of how long requests take, and how that
// compares with what was recorded.
func modelLatencyFacts(m *Model) []fact {
	facts := []fact{}
	if m.Imbalance.Stretches > 0 {
		facts = append(facts, fact{
			name: "imbalance", value: fmt.Sprintf("%.2f", m.Imbalance.Ratio),
			detail: fmt.Sprintf("the busiest pod's load over the mean, in the middle of %d times in which the same pods served, %s in all", m.Imbalance.Stretches, span(m.Imbalance.Time)),
		})
	}
	if b := &m.Bend; b.Throughput > 0 {
		facts = append(facts, fact{
			name: "bend", value: digits(b.Throughput),
			detail: fmt.Sprintf("requests per second and pod, the most sustained before latency bends: beyond it the median rises from %s to %s", secondsText(b.Median), secondsText(b.Then)),
		})
	}
	l := m.Latency
	if l == nil {
		return facts
	}
	facts = append(facts, calibratedFact(l))
	if l.Model.Service == nil {
		return facts
	}
	facts = append(facts, parametersFact(l), misfitFact("latency misses", &l.Fit, "of the quantiles below"))
	return append(facts, misfitFact("held out", &l.HeldOut, "of what the first half alone foretells of the second"))
}

func calibratedFact(l *fit.Latency) fact {
	if l.Why != "" {
		return fact{name: "latency", value: "unknown", bad: true, detail: "not calibrated: " + l.Why}
	}
	return fact{
		name: "latency", value: "calibrated",
		detail: fmt.Sprintf("for pods at %s to %s of capacity, by %s: %s requests in %s of pods that nothing disturbs",
			thousands(l.Model.From), thousands(l.Model.To), l.From, fixed(l.Requests, 0), plural(int64(l.Windows), "window")),
	}
}

func parametersFact(l *fit.Latency) fact {
	return fact{
		name: "servers", value: digits(l.Model.Servers),
		detail: fmt.Sprintf("of a pod, with a variability of %s, at %s requests per second at capacity: a request waits with probability ρ^%s, %s ÷ (1 − ρ) on average then",
			digits(l.Variability), digits(l.Rate), digits(math.Sqrt(2*(l.Model.Servers+1))-1), latencyText(l.Model.Drain)),
	}
}

// writeLevels sets predicted quantiles beside the recorded ones.
func writeLevels(b *strings.Builder, l *fit.Latency) {
	if l == nil || l.Levels == nil {
		return
	}
	b.WriteString("\nlatency in ms, predicted (recorded), by use of capacity\n\n")
	rows := [][]string{{"", "p50", "p95", "p99", "requests"}}
	for i := range l.Levels {
		v := &l.Levels[i]
		row := []string{thousands(v.From) + " to " + thousands(v.To)}
		for q := range v.Recorded {
			row = append(row, inMillis(v.Predicted[q])+" ("+inMillis(v.Recorded[q])+")")
		}
		rows = append(rows, append(row, fixed(v.Requests, 0)))
	}
	writeColumns(b, rows)
}

// inMillis prints seconds in milliseconds, - where they are not known.
func inMillis(v float64) string {
	if math.IsNaN(v) {
		return "-"
	}
	return digits(1000 * v)
}

func misfitFact(name string, m *fit.Misfit, of string) fact {
	if m.Quantiles == 0 {
		return fact{name: name, value: "unknown", detail: "nothing could be compared"}
	}
	return fact{
		name: name, value: percent(m.Error), bad: m.Error > fit.MostError || m.Worst > fit.MostRatio,
		detail: fmt.Sprintf("median error %s, %s; the worst by a factor of %s. Calibrated means at most %s and %d", of, plural(int64(m.Quantiles), "quantile"), digits(m.Worst), percent(fit.MostError), fit.MostRatio),
	}
}

// secondsText prints seconds as a latency.
func secondsText(v float64) string {
	return latencyText(time.Duration(v * float64(time.Second)))
}
