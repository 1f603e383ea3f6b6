package report

import (
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Table writes several replays side by side, one column each.
func Table(w io.Writer, replays []*Replay, o Options) error {
	t := table.NewWriter()
	style := table.StyleLight
	style.Options = table.OptionsNoBordersAndSeparators
	style.Options.SeparateHeader = true
	style.Format.Header = text.FormatDefault
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	t.SetStyle(style)
	header := table.Row{""}
	var configs []table.ColumnConfig
	for i, r := range replays {
		header = append(header, r.Name)
		configs = append(configs, table.ColumnConfig{Number: i + 2, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.AppendHeader(header)
	t.SetColumnConfigs(configs)
	for i := range tableFacts(replays[0], replays) {
		var row table.Row
		for j, r := range replays {
			f := tableFacts(r, replays)[i]
			if j == 0 {
				row = append(row, f.name)
			}
			row = append(row, f.value)
		}
		t.AppendRow(row)
	}
	var b strings.Builder
	if samePeriod(replays) {
		b.WriteString(period(replays[0]) + "\n\n")
	}
	b.WriteString(trimLines(t.Render()) + "\n")
	writeTableNotes(&b, replays, o.Width)
	_, err := io.WriteString(w, b.String())
	return err
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
			holders[n] = append(holders[n], r.Name)
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
	if !slices.ContainsFunc(all, func(r *Replay) bool { return recordedFacts(r) != nil }) {
		return list
	}
	if more := recordedFacts(r); more != nil {
		return append(list, more...)
	}
	return append(list, fact{name: "recorded replicas", value: "-"}, fact{name: "time at same count", value: "-"}, fact{name: "mean difference", value: "-"})
}

// trimLines removes the blanks that end lines.
func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
