package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// Summary writes one replay for a person: what it was, what it cost, how well
// it served, and its plots.
func Summary(w io.Writer, r *Replay, o Options) error {
	paint := painter(o.Colour)
	var b strings.Builder
	b.WriteString(title(r) + "\n")
	for _, n := range r.Notes {
		wrapText(&b, "  ", n, o.Width)
	}
	list := facts(r)
	if r.Backtest != nil {
		writeBacktest(&b, r, o, paint)
	} else {
		list = append(list, recordedFacts(r)...)
	}
	b.WriteByte('\n')
	list = slices.DeleteFunc(list, func(f fact) bool { return f.value == "" })
	writeFacts(&b, list, o.Width, paint)
	writeBudgets(&b, r, o.Width, paint)
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	for _, c := range charts(r, o, paint) {
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
		if err := c.render(w); err != nil {
			return err
		}
	}
	return notPlotted(w, r)
}

// notPlotted names the demands for which there was no room.
func notPlotted(w io.Writer, r *Replay) error {
	var names []string
	for i := range r.World.Demand {
		if i >= maxLoadCharts {
			names = append(names, demandTitle(&r.World.Demand[i]))
		}
	}
	if len(names) == 0 {
		return nil
	}
	_, err := io.WriteString(w, "\nnot plotted: "+strings.Join(names, "; ")+"\n")
	return err
}

// title says what was replayed.
func title(r *Replay) string {
	return r.label() + ": " + period(r) + ", " + plural(r.Score.Syncs, "sync") + ", Kubernetes " + r.World.Autoscaler.Controller.Profile.Version
}

// period says how long a replay lasted, and when.
func period(r *Replay) string {
	s := span(r.World.Duration)
	if !r.Start.IsZero() {
		s += " from " + r.Start.UTC().Format("2006-01-02 15:04:05 UTC")
	}
	return s
}

// writeFacts aligns names and values; details are wrapped beside them.
func writeFacts(b *strings.Builder, facts []fact, width int, paint painter) {
	var names, values int
	for _, f := range facts {
		names = max(names, utf8.RuneCountInString(f.name))
		values = max(values, utf8.RuneCountInString(f.value))
	}
	for _, f := range facts {
		colour := plain
		if f.bad {
			colour = orange
		}
		b.WriteString(f.name + strings.Repeat(" ", names-utf8.RuneCountInString(f.name)+2))
		b.WriteString(paint.wrap(colour, pad(f.value, values)))
		if f.detail != "" {
			lines := wrapLines(f.detail, width-names-values-5)
			b.WriteString("   " + lines[0])
			for _, l := range lines[1:] {
				b.WriteString("\n" + strings.Repeat(" ", names+values+5) + l)
			}
		}
		b.WriteByte('\n')
	}
}

// wrapText writes a paragraph, its further lines indented more.
func wrapText(b *strings.Builder, indent, text string, width int) {
	for i, l := range wrapLines(text, width-len(indent)-2) {
		b.WriteString(indent)
		if i > 0 {
			b.WriteString("  ")
		}
		b.WriteString(l + "\n")
	}
}

// wrapLines breaks a text at blanks; a word longer than a line stays whole.
func wrapLines(text string, width int) []string {
	width = max(width, 24)
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := &lines[len(lines)-1]
		switch n := utf8.RuneCountInString(*last); {
		case n == 0:
			*last = word
		case n+1+utf8.RuneCountInString(word) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}

// maxLoadCharts bounds how many demands are plotted.
const maxLoadCharts = 3

// charts are the plots of one replay: each demand against what the ready pods
// carry, then the replicas.
func charts(r *Replay, o Options, paint painter) []chart {
	var all []chart
	for i := range r.World.Demand {
		if len(all) == maxLoadCharts {
			break
		}
		if r.World.Demand[i].Role != sim.RoleResponse { // which has no load
			all = append(all, loadChart(r, &r.World.Demand[i]))
		}
	}
	all = append(all, replicaChart(r))
	margin := 0
	for i := range all {
		all[i].title = Label(all[i].title, r.OpenLoop)
		all[i].duration, all[i].start, all[i].width, all[i].paint = r.World.Duration, r.Start, o.Width, paint
		margin = max(margin, all[i].labelWidth())
	}
	for i := range all {
		all[i].margin = margin // so that the time axes lie below each other
	}
	return all
}

// replicaChart shows spec.replicas, and beside it the recorded count.
func replicaChart(r *Replay) chart {
	c := chart{title: "replicas", ticks: 3, whole: true, label: func(v float64) string { return amount(v, false) }}
	if r.Recorded != nil {
		c.curves = append(c.curves, pointCurve("recorded", styleDots, faint, r.Recorded, 1))
	}
	c.curves = append(c.curves, pointCurve("simulated", styleLine, green, r.Trace.Replicas, 1))
	return c
}

// loadChart shows a demand against what the ready pods can serve, or, where
// that is not known, against what they carry at the autoscaler's target.
func loadChart(r *Replay, d *sim.Demand) chart {
	bytes := d.Source == hpa.SourceResource && d.Name == "memory"
	c := chart{title: demandTitle(d), ticks: 4, label: func(v float64) string { return amount(v, bytes) }}
	c.curves = append(c.curves, drivenCurve(r.World, d))
	if d.Capacity > 0 {
		perPod := float64(r.World.Carries(d)) * float64(d.Scale) / 1000
		if d.Role == sim.RolePerPod {
			c.curves = append(c.curves, pointCurve("capacity of a pod", styleLine, orange, []sim.Point{{N: 1}}, perPod))
			return c
		}
		c.curves = append(c.curves, pointCurve("capacity of ready pods", styleLine, orange, r.Trace.Ready, perPod))
		return c
	}
	if cv := targetCurve(r, d); len(cv.values) > 0 {
		c.curves = append(c.curves, cv)
	}
	return c
}

// targetCurve is what the ready pods carry when the autoscaler, as edited by
// then, is content. It is empty where that can never be told.
func targetCurve(r *Replay, d *sim.Demand) curve {
	cv := curve{name: "ready pods at " + targetText(r, d), style: styleLine, colour: orange}
	if d.Role == sim.RolePerPod {
		cv.name = "a pod at " + targetText(r, d)
	}
	edits := slices.DeleteFunc(slices.Clone(r.World.Faults), func(f sim.Fault) bool { return f.Autoscaler == nil })
	perPod, known := r.World.AtTarget(&r.World.Autoscaler, d)
	ever, pods := known, int32(0)
	add := func(t time.Duration) {
		v := float64(pods) * float64(perPod) / 1000
		if d.Role == sim.RolePerPod {
			v = float64(perPod) / 1000
		}
		if !known {
			v = math.NaN()
		}
		cv.times, cv.values, ever = append(cv.times, t), append(cv.values, v), ever || known
	}
	for i := 0; i < len(r.Trace.Ready) || len(edits) > 0; {
		if len(edits) > 0 && (i == len(r.Trace.Ready) || edits[0].At < r.Trace.Ready[i].T) {
			perPod, known = r.World.AtTarget(edits[0].Autoscaler, d)
			add(edits[0].At)
			edits = edits[1:]
			continue
		}
		pods = r.Trace.Ready[i].N
		add(r.Trace.Ready[i].T)
		i++
	}
	if !ever {
		return curve{}
	}
	return cv
}

// targetText names a utilization target, which people know by its percentage.
func targetText(r *Replay, d *sim.Demand) string {
	for _, m := range r.World.Autoscaler.Metrics {
		if m.Target == hpa.TargetUtilization && d.Source == hpa.SourceResource && m.Resource == d.Name {
			return fmt.Sprintf("target (%d%%)", m.Goal)
		}
	}
	return "target"
}

// demandTitle names a demand and its unit.
func demandTitle(d *sim.Demand) string {
	name := d.Name
	if d.Container != "" {
		name += " of " + d.Container
	}
	switch {
	case d.Source == hpa.SourceResource && d.Name == "cpu":
		return name + ", cores"
	case d.Source == hpa.SourceResource && d.Name == "memory":
		return name + ", bytes"
	case d.Role == sim.RoleBacklog:
		return name + ", arrivals per second"
	case d.Aggregate != sim.AggregateNone && d.Aggregate != sim.AggregateSum:
		return name + ", load (" + d.Aggregate.String() + " over pods)"
	}
	return name
}

// demandCurve is the total demand in base units.
func demandCurve(d *sim.Demand) curve {
	cv := curve{name: "load", style: styleArea, colour: blue}
	switch d.Role {
	case sim.RolePerPod:
		cv.name = "each pod"
	case sim.RoleExogenous:
		cv.name = "value"
	case sim.RoleLoad, sim.RoleBacklog, sim.RoleResponse:
	}
	cv.times = make([]time.Duration, len(d.Values))
	cv.values = make([]float64, len(d.Values))
	for i, v := range d.Values {
		cv.times[i] = time.Duration(i) * d.Step
		cv.values[i] = float64(v) * float64(d.Scale) / 1000
		if d.Null != nil && d.Null[i] {
			cv.values[i] = math.NaN()
		}
	}
	return cv
}

// drivenCurve is the total demand as faults of traffic make it.
func drivenCurve(w *sim.World, d *sim.Demand) curve {
	cv, traffic := demandCurve(d), w.Traffic()
	if len(traffic) == 1 || d.Role != sim.RoleLoad && d.Role != sim.RoleBacklog {
		return cv
	}
	out := curve{name: cv.name, style: cv.style, colour: cv.colour}
	value, factor := math.NaN(), 1.0
	for i, j := 0, 0; i < len(cv.times) || j < len(traffic); {
		var at time.Duration
		if j == len(traffic) || i < len(cv.times) && cv.times[i] <= traffic[j].T {
			at, value = cv.times[i], cv.values[i]
			i++
		} else {
			at, factor = traffic[j].T, float64(traffic[j].N)/sim.Thousand
			j++
		}
		out.times, out.values = append(out.times, at), append(out.values, value*factor)
	}
	return out
}

// pointCurve is a count over time, times what each carries.
func pointCurve(name string, s style, c colour, points []sim.Point, each float64) curve {
	cv := curve{name: name, style: s, colour: c}
	for _, p := range points {
		v := float64(p.N) * each
		if p.N == sim.Unknown {
			v = math.NaN()
		}
		cv.times, cv.values = append(cv.times, p.T), append(cv.values, v)
	}
	return cv
}
