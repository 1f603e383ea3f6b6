package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Rehearsed is a replay in which something happened besides.
type Rehearsed struct {
	// At and For say when; For 0 is to the end.
	At, For time.Duration
	*Replay
}

// Rehearsal is a replay as it is, and what each rehearsal makes of it.
type Rehearsal struct {
	Base *Replay
	List []Rehearsed
}

// rehearsedFacts are the facts that a rehearsal is told by, and their columns'
// headers.
func rehearsedFacts() []struct{ fact, header string } {
	return []struct{ fact, header string }{
		{"replicas min/median/max", "replicas"},
		{"replica-hours", "hours"},
		{"time at max", "at max"},
		{"time saturated", "saturated"},
		{"load not served", "not served"},
		{"scale events", "events"},
		{"failed syncs", "failed"},
	}
}

// Rehearsals writes a replay as it is and what each rehearsal makes of it, one
// row each.
func Rehearsals(w io.Writer, all *Rehearsal, o Options) error {
	base, list := all.Base, all.List
	t := table.NewWriter()
	t.SetStyle(plainTable())
	header := table.Row{""}
	var configs []table.ColumnConfig
	for i, f := range rehearsedFacts() {
		header = append(header, f.header)
		configs = append(configs, table.ColumnConfig{Number: i + 2, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	if len(base.Verdicts) > 0 {
		header = append(header, "budgets")
		configs = append(configs, table.ColumnConfig{Number: len(header), Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.AppendHeader(header)
	t.SetColumnConfigs(configs)
	t.AppendRow(rehearsedRow(asItIs, base))
	for _, r := range list {
		t.AppendRow(rehearsedRow(r.Name, r.Replay))
	}
	var b strings.Builder
	b.WriteString(title(base) + "\n")
	for _, n := range base.Notes {
		wrapText(&b, "  ", n, o.Width)
	}
	b.WriteString("\n" + trimLines(t.Render()) + "\n\n")
	width := 0
	for _, r := range list {
		width = max(width, len(r.Name))
	}
	for _, r := range list {
		b.WriteString(r.Name + strings.Repeat(" ", width-len(r.Name)+2) + rehearsedWhen(base, &r) + "\n")
	}
	b.WriteByte('\n')
	wrapText(&b, "", "replicas: min / median / max; hours: replica-hours; failed: failed syncs", o.Width)
	broken := slices.Concat([]string{""}, Broken(base))
	for _, r := range list {
		broken = append(broken, Broken(r.Replay)...)
	}
	for i, line := range broken {
		if i > 0 || len(broken) > 1 {
			wrapText(&b, "", line, o.Width)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// asItIs names the replay without a rehearsal.
const asItIs = "as it is"

// rehearsedWhen says when something happens.
func rehearsedWhen(base *Replay, r *Rehearsed) string {
	if r.For == 0 {
		return "throughout"
	}
	return "from " + instant(base.Start, r.At) + " on, for " + span(r.For)
}

// rehearsedRow is one replay's row.
func rehearsedRow(name string, r *Replay) table.Row {
	row, all := table.Row{name}, facts(r)
	for _, f := range rehearsedFacts() {
		value := "-"
		if i := slices.IndexFunc(all, func(g fact) bool { return g.name == f.fact }); i >= 0 {
			value = all[i].value
		}
		row = append(row, value)
	}
	if len(r.Verdicts) == 0 {
		return row
	}
	kept := 0
	for i := range r.Verdicts {
		if r.Verdicts[i].Kept {
			kept++
		}
	}
	return append(row, fmt.Sprintf("%d of %d kept", kept, len(r.Verdicts)))
}
