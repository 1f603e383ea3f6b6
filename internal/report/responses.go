package report

import (
	"strings"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// responses are the demands of a world that follow from how busy the pods are.
func responses(w *sim.World) (list []*sim.Demand) {
	if w == nil {
		return nil
	}
	for i := range w.Demand {
		if d := &w.Demand[i]; d.Role == sim.RoleResponse {
			list = append(list, d)
		}
	}
	return list
}

// responseFact says for how long metrics were computed beyond where the model of
// latency is known to hold.
func responseFact(r *Replay) fact {
	f := fact{name: "metrics beyond"}
	list := responses(r.World)
	if len(list) == 0 {
		return f
	}
	var names []string
	for _, d := range list {
		names = append(names, d.Name)
	}
	beyond, to := r.Score.Latency.UntoldTime(), thousands(r.World.Latency.Model.To)
	f.value, f.bad = span(beyond), beyond > 0
	f.detail = "pods were at more than " + to + " of capacity, beyond what is known of latency: " + strings.Join(names, ", ") +
		" then counted as at " + to + ", or as what waited makes it, if that is more"
	return f
}

// writeResponses tells what a pod answers by how busy it is.
func writeResponses(b *strings.Builder, r *Replay, o Options) {
	list := responses(r.World)
	if len(list) == 0 {
		return
	}
	m := r.World.Latency.Model
	b.WriteByte('\n')
	wrapText(b, "", "computed of each pod, by use of capacity; known for "+thousands(m.From)+" to "+thousands(m.To), o.Width)
	b.WriteByte('\n')
	rows := [][]string{{""}}
	for _, d := range list {
		rows[0] = append(rows[0], d.Name)
	}
	for level := int64(100); ; level += 100 {
		level = min(level, m.To)
		row := []string{thousands(level)}
		for _, d := range list {
			row = append(row, digits(float64(r.World.Responds(d, level))/1000))
		}
		rows = append(rows, row)
		if level == m.To {
			break
		}
	}
	writeColumns(b, rows)
}

// writeColumns sets cells below each other, to the right.
func writeColumns(b *strings.Builder, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len(cell))
		}
	}
	for _, row := range rows {
		for i, cell := range row {
			b.WriteString(strings.Repeat(" ", widths[i]-len(cell)+3*min(i, 1)) + cell)
		}
		b.WriteByte('\n')
	}
}
