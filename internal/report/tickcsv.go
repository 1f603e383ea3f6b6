package report

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// metricColumn is one column of a metric's value in CSV.
type metricColumn struct {
	source hpa.Source
	name   string
	field  string // utilization, average or value
}

// header is the column's name: "cpu utilization".
func (c metricColumn) header() string { return c.name + " " + c.field }

// metricColumns are the columns for every metric that any of the worlds'
// autoscalers has, edits included, in order of appearance.
func metricColumns(worlds []*sim.World) []metricColumn {
	var all []metricColumn
	for _, w := range worlds {
		specs := []*hpa.Spec{&w.Autoscaler}
		for i := range w.Faults {
			if a := w.Faults[i].Autoscaler; a != nil {
				specs = append(specs, a)
			}
		}
		for _, s := range specs {
			for _, m := range s.Metrics {
				for _, field := range fieldsOf(&m) {
					c := metricColumn{m.Source, m.Name, field}
					if !slices.Contains(all, c) {
						all = append(all, c)
					}
				}
			}
		}
	}
	return all
}

// fieldsOf are the fields that a metric's status has.
func fieldsOf(m *hpa.Metric) []string {
	switch m.Target {
	case hpa.TargetUtilization:
		return []string{"utilization", "average"}
	case hpa.TargetAverageValue:
		return []string{"average"}
	case hpa.TargetValue:
		return []string{"value"}
	case hpa.TargetNone:
	}
	return nil
}

// tickCSV renders ticks as CSV rows.
type tickCSV struct {
	w       *csv.Writer
	columns []metricColumn
	row     []string

	start time.Time
	// replay is the first cell of each row; empty where there is no such
	// column.
	replay string
	// stamped says that the last column tells open loops, openLoop that this
	// replay is one.
	stamped, openLoop bool
}

func newTickCSV(w io.Writer, columns []metricColumn) *tickCSV {
	return &tickCSV{w: csv.NewWriter(w), columns: columns}
}

// header writes the names of the columns; several says that the first one
// names the replay.
func (c *tickCSV) header(several bool) error {
	var row []string
	if several {
		row = append(row, "replay")
	}
	row = append(row, "t", "time", "specReplicas", "statusReplicas", "ready", "notReady", "pending", "terminating", "failed")
	for _, m := range c.columns {
		row = append(row, m.header())
	}
	row = append(row, "proposed", "by", "stabilized", "limited", "desired", "scaledTo", "conditions", "events", "error", "why")
	if c.stamped {
		row = append(row, "openLoop")
	}
	return c.w.Write(row)
}

// tick writes one row.
func (c *tickCSV) tick(t *sim.Tick) error {
	d := &t.Decision
	row := c.row[:0]
	if c.replay != "" {
		row = append(row, c.replay)
	}
	clock := ""
	if !c.start.IsZero() {
		clock = c.start.Add(t.T).UTC().Format(time.RFC3339Nano)
	}
	p := &t.Pods
	row = append(row, string(appendSeconds(nil, t.T)), clock, number(t.SpecReplicas), number(t.StatusReplicas),
		number(p.Ready), number(p.NotReady), number(p.Pending), number(p.Terminating), number(p.Failed))
	for _, m := range c.columns {
		row = append(row, m.cell(d.Metrics))
	}
	if d.HasProposal {
		row = append(row, number(d.Proposed), t.Spec.Metrics[d.By].Proposal, number(d.Stabilized), number(d.Limited))
	} else {
		row = append(row, "", "", "", "")
	}
	row = append(row, number(d.StatusDesired), scaledCell(d), conditionsCell(d.Conditions), eventsCell(d.Events), d.Failure.Error(), why(t))
	if c.stamped {
		row = append(row, strconv.FormatBool(c.openLoop))
	}
	c.row = row
	return c.w.Write(row)
}

// cell is the metric's value in this column, empty where it has none.
func (c metricColumn) cell(list []hpa.MetricStatus) string {
	for i := range list {
		m := &list[i]
		if !m.Valid || m.Source != c.source || m.Name != c.name {
			continue
		}
		switch {
		case c.field == "utilization" && m.HasUtilization:
			return number(m.Utilization)
		case c.field == "average" && m.HasAverage:
			return strconv.FormatInt(m.Average, 10)
		case c.field == "value" && m.HasValue:
			return strconv.FormatInt(m.Value, 10)
		}
	}
	return ""
}

func scaledCell(d *hpa.Decision) string {
	if !d.Scaled {
		return ""
	}
	return number(d.Desired)
}

// conditionsCell lists conditions as Type=Status/Reason.
func conditionsCell(list []hpa.Condition) string {
	var b strings.Builder
	for i := range list {
		if i > 0 {
			b.WriteByte(' ')
		}
		status := "=False/"
		if list[i].Status {
			status = "=True/"
		}
		b.WriteString(list[i].Type.String() + status + list[i].Reason.String())
	}
	return b.String()
}

// eventsCell lists events as Reason: message.
func eventsCell(list []hpa.Event) string {
	var parts []string
	for i := range list {
		parts = append(parts, list[i].Reason.String()+": "+list[i].Message())
	}
	return strings.Join(parts, "; ")
}

func number(n int32) string { return strconv.FormatInt(int64(n), 10) }
