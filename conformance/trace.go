package conformance

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/elasticctl/elasticctl/conformance/oracle"
)

// Trace writes a timeline for a reader, one line a sync. Pods are r ready, n not
// ready, p pending, t terminating, f failed; conditions come in the HPA's order,
// + where they are True and - where they are False.
func Trace(ticks []oracle.Tick) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "t\tspec\tstatus\tpods\tmetrics\tproposed\tdesired\tscaled\tconditions\tevents")
	for i := range ticks {
		t := &ticks[i]
		fmt.Fprintf(w, "%v\t%d\t%d\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n", t.T, t.SpecReplicas, t.StatusReplicas,
			podsText(t.Pods), orDash(metricsText(t.Metrics)), proposedText(t), t.Desired, number(t.ScaledTo),
			orDash(conditionsText(t.Conditions)), eventsText(t.Events))
	}
	w.Flush()
	lines := strings.Split(text.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func number(n *int32) string {
	if n == nil {
		return "-"
	}
	return strconv.Itoa(int(*n))
}

func podsText(c oracle.Counts) string {
	var out []string
	for _, x := range []struct {
		n    int
		mark string
	}{{c.Ready, "r"}, {c.NotReady, "n"}, {c.Pending, "p"}, {c.Terminating, "t"}, {c.Failed, "f"}} {
		if x.n > 0 {
			out = append(out, strconv.Itoa(x.n)+x.mark)
		}
	}
	return orDash(strings.Join(out, " "))
}

func metricsText(metrics []oracle.Metric) string {
	var out []string
	for _, m := range metrics {
		text := "failed"
		if m.Type != "" {
			text = m.Name
		}
		if m.Utilization != nil {
			text += fmt.Sprintf(" %d%%", *m.Utilization)
		}
		if m.Average != nil {
			text += fmt.Sprintf(" avg %dm", *m.Average)
		}
		if m.Value != nil {
			text += fmt.Sprintf(" value %dm", *m.Value)
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// proposedText is the proposal and the metric that made it.
func proposedText(t *oracle.Tick) string {
	if t.Proposed == nil {
		return "-"
	}
	return number(t.Proposed) + " by " + strings.TrimSuffix(t.By, " (percentage of request)")
}

func conditionsText(conditions []oracle.Condition) string {
	var out []string
	for _, c := range conditions {
		mark := map[string]string{"True": "+", "False": "-"}[c.Status]
		out = append(out, mark+c.Reason)
	}
	return strings.Join(out, " ")
}

// eventsText is the reasons of the events; a rescale says why.
func eventsText(events []oracle.Event) string {
	var out []string
	for _, e := range events {
		text := e.Reason
		if _, why, ok := strings.Cut(e.Message, "reason: "); ok && e.Reason == "SuccessfulRescale" {
			text += " (" + strings.Replace(why, " (percentage of request)", "", 1) + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}
