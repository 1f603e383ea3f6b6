package report

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Table writes several replays side by side, one column each.
func Table(w io.Writer, replays []*Replay, o Options) error {
	t := table.NewWriter()
	t.SetStyle(plainTable())
	header := table.Row{""}
	var configs []table.ColumnConfig
	for i, r := range replays {
		header = append(header, r.label())
		configs = append(configs, table.ColumnConfig{Number: i + 2, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.AppendHeader(header)
	t.SetColumnConfigs(configs)
	for i := range tableFacts(replays[0], replays) {
		row, told := table.Row{}, false
		for j, r := range replays {
			f := tableFacts(r, replays)[i]
			if j == 0 {
				row = append(row, f.name)
			}
			row, told = append(row, cmp.Or(f.value, "-")), told || f.value != ""
		}
		if told {
			t.AppendRow(row)
		}
	}
	var b strings.Builder
	if samePeriod(replays) {
		b.WriteString(period(replays[0]) + "\n\n")
	}
	b.WriteString(trimLines(t.Render()) + "\n")
	writeBroken(&b, replays, o.Width)
	writeTableNotes(&b, replays, o.Width)
	_, err := io.WriteString(w, b.String())
	return err
}

// plainTable is a table of a header, a line and rows.
func plainTable() table.Style {
	style := table.StyleLight
	style.Options = table.OptionsNoBordersAndSeparators
	style.Options.SeparateHeader = true
	style.Format.Header = text.FormatDefault
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	return style
}

// writeTableNotes writes each note once, and whose it is where not all have it.
func writeTableNotes(b *strings.Builder, replays []*Replay, width int) {
	var order []string
	holders := map[string][]string{}
	for _, r := range replays {
		for _, n := range r.Notes {
			if holders[n] == nil {
				order = append(order, n)
			}
			holders[n] = append(holders[n], r.label())
		}
	}
	for i, n := range order {
		if i == 0 {
			b.WriteByte('\n')
		}
		if len(holders[n]) < len(replays) {
			n = strings.Join(holders[n], ", ") + ": " + n
		}
		wrapText(b, "", n, width)
	}
}

// samePeriod says whether all replays are of the same time.
func samePeriod(replays []*Replay) bool {
	return !slices.ContainsFunc(replays, func(r *Replay) bool { return period(r) != period(replays[0]) })
}

// tableFacts are a replay's facts, with placeholders where others have more.
func tableFacts(r *Replay, all []*Replay) []fact {
	var list []fact
	if !samePeriod(all) {
		start := "-"
		if !r.Start.IsZero() {
			start = instant(r.Start, 0)
		}
		list = append(list, fact{name: "start", value: start}, fact{name: "duration", value: span(r.World.Duration)})
	}
	list = append(list, facts(r)...)
	if more := recordedFacts(r); more != nil {
		list = append(list, more...)
	} else {
		list = append(list, fact{name: "recorded replicas"}, fact{name: "time at same count"}, fact{name: "mean difference"})
	}
	return append(list, budgetFacts(r, all)...)
}

// writeBroken writes what broke, and when.
func writeBroken(b *strings.Builder, replays []*Replay, width int) {
	for i, line := range brokenOf(replays) {
		if i == 0 {
			b.WriteByte('\n')
		}
		wrapText(b, "", line, width)
	}
}

// brokenOf says which budgets replays broke.
func brokenOf(replays []*Replay) []string {
	var lines []string
	for _, r := range replays {
		lines = append(lines, Broken(r)...)
	}
	return lines
}

// trimLines removes the blanks that end lines.
func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
