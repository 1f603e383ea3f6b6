package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/elasticctl/elasticctl/internal/tune"
)

// writeChanges writes what each difference from today is worth by itself.
func (t *Tuned) writeChanges(b *strings.Builder, o Options) {
	if len(t.Changes) == 0 {
		return
	}
	b.WriteString("\nwhat changes, and what each change is worth beside the others\n\n")
	out := rightTable(table.Row{"", "today", "then", t.noun(&t.Study.X), t.noun(&t.Study.Y)})
	for _, c := range t.Changes {
		worth := "-"
		switch {
		case c.Back.X == 0:
		case c.Days > 1:
			worth = t.change(c.Worth)
		default:
			worth = signedPercent((t.Choice.X - c.Back.X) / c.Back.X)
		}
		out.AppendRow(table.Row{c.Name, c.From, c.To, worth, t.fromTo(c.Back.Y, t.Choice.Y)})
	}
	b.WriteString(trimLines(out.Render()) + "\n")
	wrapText(b, "", "each against the recommended setting with today's value in its place", o.Width)
}

// writeValidation writes how settings fared on days that they were not tuned
// on.
func (t *Tuned) writeValidation(b *strings.Builder, o Options) {
	v := &t.Validation
	b.WriteString("\nheld-out days\n")
	if v.Refused != "" {
		wrapText(b, "  ", "none: "+v.Refused, o.Width)
		return
	}
	b.WriteByte('\n')
	out := rightTable(table.Row{"", t.noun(&t.Study.X) + " today", "tuned", "", t.noun(&t.Study.Y) + " today", "tuned"})
	row := func(name string, p tune.Pair) {
		change := "-"
		if p.TodayX > 0 {
			change = signedPercent((p.PickX - p.TodayX) / p.TodayX)
		}
		out.AppendRow(table.Row{name, t.x(p.TodayX), t.x(p.PickX), change, t.y(p.TodayY), t.y(p.PickY)})
	}
	for _, f := range v.Folds {
		row("tuned on days 1 to "+strconv.Itoa(f.Train), f.Trained)
		row(fmt.Sprintf("  scored on days %d to %d", f.Train+1, f.Train+len(f.Test)), f.Tested)
	}
	b.WriteString(trimLines(out.Render()) + "\n")
	for _, f := range v.Folds {
		wrapText(b, "", fmt.Sprintf("on days 1 to %d: %s", f.Train, t.setting(f.Pick.Candidate)), o.Width)
	}
	if !v.Known {
		return
	}
	strata := [...]string{tune.ByWeekday: "by weekday", tune.ByWeekend: "by working day and weekend", tune.Together: "all together"}[v.Strata]
	wrapText(b, "", fmt.Sprintf("%s: %s, and %s of %s a day; 95 %% of %s drawn %s", plural(int64(len(v.X.Days)), "held-out day"), t.change(v.Cost),
		signedMinutes(t, v.Extra), t.noun(&t.Study.Y), "days", strata), o.Width)
}

// signedMinutes writes a difference in Y with its interval.
func signedMinutes(t *Tuned, i tune.Interval) string {
	one := func(v float64) string {
		sign := "+"
		if v < 0 {
			sign = "-"
		}
		if v == 0 {
			sign = "±"
		}
		return sign + t.y(math.Abs(v))
	}
	return fmt.Sprintf("%s (%s to %s)", one(i.Estimate), one(i.Low), one(i.High))
}

// writeWeather writes what bad weather does to today's and to the choice.
func (t *Tuned) writeWeather(b *strings.Builder, o Options) {
	c := &t.Choice
	if len(c.Rehearsed) == 0 {
		return
	}
	b.WriteString("\nbad weather\n\n")
	out := rightTable(table.Row{"", t.noun(&t.Study.X) + " today", "recommended", t.noun(&t.Study.Y) + " today", "recommended"})
	out.AppendRow(table.Row{asItIs, t.x(t.Today.X), t.x(c.X), t.y(t.Today.Y), t.y(c.Y)})
	for i, r := range c.Rehearsed {
		out.AppendRow(table.Row{r.Name, t.x(c.TodayRehearsed[i].X), t.x(r.X), t.y(c.TodayRehearsed[i].Y), t.y(r.Y)})
	}
	b.WriteString(trimLines(out.Render()) + "\n")
	wrapText(b, "", "throughout; the outage around the peak", o.Width)
}

// writeRivals writes what the choice is compared with.
func (t *Tuned) writeRivals(b *strings.Builder, o Options) {
	if t.Rivals == nil {
		return
	}
	b.WriteString("\ncompared with\n\n")
	header := table.Row{"", t.noun(&t.Study.X), t.noun(&t.Study.Y)}
	if t.HasForesightX {
		header = append(header, "× foresight")
	}
	out := rightTable(header)
	add := func(name string, p *tune.Point) {
		row := table.Row{name, t.x(p.X), t.y(p.Y)}
		if t.HasForesightX {
			row = append(row, t.times(p.X))
		}
		out.AppendRow(row)
	}
	add("today", &t.Today)
	if t.Choice.Candidate != nil {
		add("recommended", &t.Choice.Point)
	}
	var missing []string
	for i := range t.Rivals {
		r := &t.Rivals[i]
		if r.Why != "" {
			missing = append(missing, "no "+r.Name+": "+r.Why)
			continue
		}
		add(r.Name+" ("+r.Text+")", &r.Point)
	}
	if t.HasForesightX {
		out.AppendRow(table.Row{"foresight", t.x(t.ForesightX), "at most " + t.y(t.Choice.Limit), "1.00"})
	} else {
		missing = append(missing, "no foresight: "+t.Foresight.Why)
	}
	b.WriteString(trimLines(out.Render()) + "\n")
	for _, m := range missing {
		wrapText(b, "", m, o.Width)
	}
	if t.HasForesightX {
		wrapText(b, "", "foresight: no pods could cost less that know the future and how long pods take to start, and have no bounds", o.Width)
		if t.Choice.Candidate != nil && t.ForesightX > 0 {
			wrapText(b, "", fmt.Sprintf("today pays %s × that bound, the recommended setting %s ×", t.times(t.Today.X), t.times(t.Choice.X)), o.Width)
		}
	}
}

// times writes a multiple of the lower bound.
func (t *Tuned) times(x float64) string {
	if t.ForesightX <= 0 {
		return "-"
	}
	return fixed(x/t.ForesightX, 2)
}

// writeSteps writes what lies beside the choice.
func (t *Tuned) writeSteps(b *strings.Builder) {
	if len(t.Steps) == 0 {
		return
	}
	b.WriteString("\nbeside the recommended setting, one step in one parameter\n\n")
	out := rightTable(table.Row{"", "", t.noun(&t.Study.X), "", t.noun(&t.Study.Y)})
	for _, s := range t.Steps {
		if s.Wrong {
			out.AppendRow(table.Row{s.Name, s.Text, "not valid", "", ""})
			continue
		}
		y := t.y(s.Y)
		if s.Miss > 0 {
			y += ", breaks " + t.Study.Budgets[s.Worst].Text
		}
		out.AppendRow(table.Row{s.Name, s.Text, t.x(s.X), signedPercent((s.X - t.Choice.X) / math.Max(t.Choice.X, math.SmallestNonzeroFloat64)), y})
	}
	b.WriteString(trimLines(out.Render()) + "\n")
}

// ranking are the points in the order of the ranking: those that keep the
// budgets and the limit by X, then by Y; then the others, those that miss less
// first.
func (t *Tuned) ranking() []int {
	list := make([]int, len(t.Points))
	for i := range list {
		list[i] = i
	}
	slices.SortStableFunc(list, func(i, j int) int {
		p, q := t.rank(i), t.rank(j)
		return slices.Compare(p[:], q[:])
	})
	return list
}

// rank is what a point is ranked by.
func (t *Tuned) rank(i int) [5]float64 {
	p := &t.Points[i]
	if p.Miss > 0 {
		return [5]float64{2, p.Miss, p.X, p.Y}
	}
	if over := p.Y - t.Choice.Limit; over > 0 {
		return [5]float64{1, over, p.X}
	}
	return [5]float64{0, p.X, p.Y}
}

// writeRanking writes the best candidates.
func (t *Tuned) writeRanking(b *strings.Builder, o Options) {
	if len(t.Points) == 0 || t.Top == 0 {
		return
	}
	b.WriteString("\nranking\n\n")
	header := table.Row{"", t.noun(&t.Study.X), t.noun(&t.Study.Y)}
	for i := range t.Study.Space.Params {
		header = append(header, t.Study.Space.Params[i].Name)
	}
	out := rightTable(header)
	list := t.ranking()
	for i, at := range list[:min(t.Top, len(list))] {
		p := &t.Points[at]
		row := table.Row{i + 1, t.x(p.X), t.y(p.Y)}
		for j := range t.Study.Space.Params {
			row = append(row, t.Study.Space.Params[j].Text(t.Study.Space.Value(p.Candidate, j)))
		}
		out.AppendRow(row)
	}
	b.WriteString(trimLines(out.Render()) + "\n")
	wrapText(b, "", fmt.Sprintf("by %s, those with at most %s of %s first; bad weather is looked at only for the choice", t.noun(&t.Study.X), t.y(t.Choice.Limit), t.noun(&t.Study.Y)), o.Width)
}
