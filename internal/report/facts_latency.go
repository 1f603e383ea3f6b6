package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// latencyFacts say how long requests are predicted to take.
func latencyFacts(r *Replay) []fact {
	list := []fact{{name: "latency p50"}, {name: "latency p95"}, {name: "latency p99"}}
	first, l := &list[0], &r.Score.Latency
	if l.Of == nil || l.Of.Model == nil {
		if r.Uncalibrated != "" {
			first.name, first.value, first.detail = "latency", "unknown", "not calibrated: "+r.Uncalibrated
		}
		return list
	}
	for i, share := range [...]float64{0.5, 0.95, 0.99} {
		least, most, ok := l.Quantile(share)
		if list[i].value = "-"; ok {
			list[i].value = between(least, most)
		}
	}
	first.detail = "predicted, of requests that are served, by " + demandName(&r.World.Demand[l.Of.Demand])
	switch {
	case r.LatencyByHand:
		first.detail += "; the model is as given, not calibrated"
	default:
		first.detail += " (--model)"
	}
	if untold := l.Untold(); untold > 0 {
		list[2].detail = fmt.Sprintf("not calibrated for the %s of requests that meet pods at more than %s of capacity", few(untold), thousands(l.Of.Model.To))
	}
	return list
}

// between prints a latency that lies between two: as one where they hardly differ.
func between(least, most time.Duration) string {
	switch {
	case most == sim.Unbounded:
		return "≥ " + latencyText(least)
	case float64(most) <= 1.1*float64(least):
		return latencyText(most)
	}
	low, high := latencyText(least), latencyText(most)
	if number, ok := strings.CutSuffix(low, "ms"); ok && strings.HasSuffix(high, "ms") {
		low = number
	}
	return low + " to " + high
}

// latencyText prints a latency with three digits at most.
func latencyText(d time.Duration) string {
	if d < time.Second {
		return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'g', 3, 64) + "ms"
	}
	return strconv.FormatFloat(d.Seconds(), 'g', 3, 64) + "s"
}

// few prints a share in percent, however small.
func few(share float64) string {
	if share > 0.999 && share < 1 {
		return ">99.9%"
	}
	return strconv.FormatFloat(100*share, 'g', 2, 64) + "%"
}

// thousands prints thousandths in percent.
func thousands(n int64) string { return strconv.FormatFloat(float64(n)/10, 'f', -1, 64) + "%" }

// sloFact says how many requests are predicted to miss the objective.
func sloFact(r *Replay) fact {
	f := fact{name: "SLO misses"}
	l := &r.Score.Latency
	least, most, ok := l.Misses()
	if !ok {
		return f
	}
	slo := l.Of.SLO
	spare := 1 - float64(slo.Objective)/sim.Million
	f.value, f.bad = few(least), most > spare
	f.detail = fmt.Sprintf("of requests take longer than %s, or are shed; the objective of %s leaves %s", latencyText(slo.Latency), few(1-spare), few(spare))
	if l.Of.Model == nil {
		f.value = "≥ " + f.value
		f.detail += "; only what is shed is known, for latency is not calibrated"
		return f
	}
	if few(most) != few(least) {
		f.value += " to " + few(most)
		f.detail += "; what is not calibrated may miss it or not"
	}
	low, high, _ := l.MissTime()
	f.detail += "; more miss it for " + span(low)
	if high.Round(time.Second) != low.Round(time.Second) {
		f.detail += " to " + span(high)
	}
	return f
}
