package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/elasticctl/elasticctl/internal/tune"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// Tuned is what a search over settings came to.
type Tuned struct {
	Name  string
	Start time.Time
	Notes []string
	*tune.Report
	// Top is how many ranked settings are shown.
	Top int
}

// Tune writes what a search came to: what is recommended and why, how sure that
// is, what it is compared with, the front, and the ranking.
func Tune(w io.Writer, t *Tuned, o Options) error {
	var b strings.Builder
	paint := painter(o.Colour)
	b.WriteString(t.Name + ": " + span(t.Study.World.Duration))
	if !t.Start.IsZero() {
		b.WriteString(" from " + t.Start.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	b.WriteString(", Kubernetes " + t.Study.World.Autoscaler.Controller.Profile.Version + "\n")
	for _, n := range t.Notes {
		wrapText(&b, "  ", n, o.Width)
	}
	for _, n := range t.searched() {
		wrapText(&b, "  ", n, o.Width)
	}
	t.writeChoice(&b, o, paint)
	t.writeChanges(&b, o)
	t.writeValidation(&b, o)
	t.writeWeather(&b, o)
	t.writeRivals(&b, o)
	t.writeSteps(&b)
	t.writeRanking(&b, o)
	t.writeFront(&b, o, paint)
	_, err := io.WriteString(w, b.String())
	return err
}

// searched says what was searched, and how.
func (t *Tuned) searched() []string {
	var parts []string
	for i := range t.Study.Space.Params {
		p := &t.Study.Space.Params[i]
		first, last, n := p.Text(p.Values[0]), p.Text(p.Values[len(p.Values)-1]), len(p.Values)
		switch {
		case n == 1:
			parts = append(parts, p.Name+" "+first)
		case p.Kind == tune.KindMetrics || p.Kind == tune.KindSelect:
			parts = append(parts, p.Name+" "+first+" to "+last)
		default:
			parts = append(parts, fmt.Sprintf("%s %s to %s (%d)", p.Name, first, last, n))
		}
	}
	how := plural(int64(len(t.Points)), "candidate") + " replayed"
	switch {
	case t.Interrupted:
		how += ", then interrupted"
	case t.Exhaustive:
		how += ", all there are"
	default:
		how += fmt.Sprintf(" of %s, seed %d", size(t.Study.Space.Size()), t.Study.Options.Seed)
	}
	for _, cut := range []struct {
		n    int64
		text string
	}{{t.Equivalent, "the same as another"}, {t.Screened, "beaten without a replay"}, {t.Wrong, "not valid"}} {
		if cut.n > 0 {
			how += fmt.Sprintf("; %d %s", cut.n, cut.text)
		}
	}
	return []string{
		"searched: " + strings.Join(parts, ", "),
		how,
		fmt.Sprintf("objectives: little %s at little %s", t.noun(&t.Study.X), t.noun(&t.Study.Y)),
	}
}

// size writes how many candidates a space has.
func size(n int64) string {
	if n > 1e15 {
		return "more than 10^15"
	}
	return strconv.FormatInt(n, 10)
}

// noun names a term in a sentence.
func (t *Tuned) noun(term *sim.Term) string {
	switch term.Name {
	case "replicaHours":
		return "replica-hours"
	case "saturatedMinutes":
		return "saturated time"
	}
	return term.Name
}

// setting writes a candidate for people.
func (t *Tuned) setting(c tune.Candidate) string {
	if c == nil {
		return "today's"
	}
	var parts []string
	kept := ""
	for i := range t.Study.Space.Params {
		if c[i] == tune.Kept {
			kept = "; the rest as today"
			continue
		}
		p := &t.Study.Space.Params[i]
		parts = append(parts, p.Name+" "+p.Text(t.Study.Space.Value(c, i)))
	}
	return strings.Join(parts, ", ") + kept
}

func (t *Tuned) x(v float64) string { return termValue(&t.Study.X, v) }
func (t *Tuned) y(v float64) string { return termValue(&t.Study.Y, v) }

// fromTo writes two values of Y; where they differ by less than is usually shown, to the
// second.
func (t *Tuned) fromTo(from, to float64) string {
	a, b := t.y(from), t.y(to)
	if unit := t.Study.Y.Unit; a == b && from != to && unit == sim.UnitMinutes {
		exact := func(v float64) string {
			return time.Duration(v * float64(time.Minute)).Round(time.Second).String()
		}
		a, b = exact(from), exact(to)
	}
	return a + " → " + b
}

// writeChoice writes what is recommended, and why.
func (t *Tuned) writeChoice(b *strings.Builder, o Options, paint painter) {
	c := &t.Choice
	b.WriteByte('\n')
	colour := green
	head := "recommended: " + t.setting(c.Candidate)
	switch {
	case len(t.Points) == 0:
		head, colour = "nothing was replayed", orange
	case c.Verdict == tune.Better && t.Interrupted && len(c.Rehearsed) == 0:
		head, colour = "the best until the interrupt, in good weather: "+t.setting(c.Candidate), orange
	case c.Slight:
		head, colour = "keep today's autoscaler: what the best candidate saves of "+t.noun(&t.Study.X)+" cannot be told from nothing", plain
	case c.Verdict == tune.NothingCheaper:
		head, colour = "keep today's autoscaler: no candidate has less "+t.noun(&t.Study.X)+" at no more "+t.noun(&t.Study.Y), plain
	case c.Verdict == tune.OnlyFair:
		head, colour = "keep today's autoscaler: every candidate that saves something does so in good weather only", plain
	case c.Verdict == tune.NothingKeeps:
		head, colour = "no candidate keeps the budgets", orange
	}
	for i, l := range wrapLines(head, o.Width-4) {
		if i > 0 {
			b.WriteString("    ")
		}
		b.WriteString(paint.wrap(colour, l) + "\n")
	}
	for _, line := range t.reasons() {
		wrapText(b, "  ", line, o.Width)
	}
}

// reasons explain the choice.
func (t *Tuned) reasons() []string {
	c := &t.Choice
	var lines []string
	if c.Verdict == tune.NothingKeeps {
		worst := t.Study.Budgets[c.Worst].Text
		if c.Candidate == nil {
			return []string{fmt.Sprintf("today's autoscaler comes nearest: it misses %s by %s the limit", worst, missed(c.Miss))}
		}
		return []string{fmt.Sprintf("%s comes nearest: what stops it is %s, which it misses by %s the limit; %s %s, %s %s", t.setting(c.Candidate),
			worst, missed(c.Miss), t.noun(&t.Study.X), t.x(c.X), t.noun(&t.Study.Y), t.y(c.Y))}
	}
	if c.Candidate != nil {
		saves := fmt.Sprintf("%s %s → %s", t.noun(&t.Study.X), t.x(t.Today.X), t.x(c.X))
		if t.HasCost {
			saves += fmt.Sprintf(": %s on the %s that it was tuned on", t.change(t.Cost), plural(int64(t.Days), "whole day"))
		} else if t.Today.X > 0 {
			saves += ": " + signedPercent((c.X-t.Today.X)/t.Today.X)
		}
		lines = append(lines, saves, fmt.Sprintf("%s %s → %s", t.noun(&t.Study.Y), t.y(t.Today.Y), t.y(c.Y)))
	}
	if e := &t.Ends; e.Known {
		lines = append(lines, fmt.Sprintf("at the other end of what the recording leaves open: %s %s → %s, %s %s → %s", t.noun(&t.Study.X), t.x(e.Today.X), t.x(e.Pick.X),
			t.noun(&t.Study.Y), t.y(e.Today.Y), t.y(e.Pick.Y)))
		if !e.Holds {
			lines[len(lines)-1] += "; there today's autoscaler would stay"
		}
	}
	if n := len(c.Ruled); n > 0 {
		r := &c.Ruled[0]
		lines = append(lines, fmt.Sprintf("%s cheaper in good weather only; the cheapest, %s, has %s of %s under %s, where %s is allowed",
			plural(int64(n), "candidate"), t.setting(r.Candidate), t.y(r.Y), t.noun(&t.Study.Y), r.Rehearsal, t.y(r.Allowed)))
	}
	return append(lines, t.proof()...)
}

// missed is by how much a limit is missed.
func missed(share float64) string {
	const many = 10
	if share >= many {
		return significant(share) + " ×"
	}
	return percent(share) + " of"
}

// proof says what is proven, or what is lacking.
func (t *Tuned) proof() []string {
	var text string
	v := &t.Validation
	switch t.Claim() {
	case tune.NoChoice:
		return nil
	case tune.Proven:
		text = "better than today on days that it was not tuned on: " + t.change(v.Cost)
	case tune.NotHeldOut:
		if text = "not validated: " + v.Refused; v.Refused == "" {
			text = "not validated: only one day could be held out, which has no interval"
		}
	case tune.Noise:
		text = "not proven: on days that it was not tuned on the interval includes \"no better\": " + t.change(v.Cost)
	case tune.MoreY:
		text = "not proven: on days that it was not tuned on it has more " + t.noun(&t.Study.Y) + " than today"
	case tune.BelowError:
		text = fmt.Sprintf("not claimed: %s on days that it was not tuned on is less than the replay's own error of %s against the recorded replica-hours",
			t.change(v.Cost), percent(t.Study.Error))
	case tune.OneEnd:
		text = "not proven: at the other end of what the recording leaves open it is no better than today"
	}
	lines := []string{text}
	if t.Study.HasError && t.Claim() != tune.BelowError {
		lines = append(lines, "the replay's own error against the recorded replica-hours: "+percent(t.Study.Error))
	}
	return lines
}

// change writes a relative difference and its interval.
func (t *Tuned) change(i tune.Interval) string {
	return fmt.Sprintf("%s (%s to %s)", signedPercent(i.Estimate), signedPercent(i.Low), signedPercent(i.High))
}

// signedPercent writes a relative difference.
func signedPercent(v float64) string {
	s := fixed(100*v, 1) + "%"
	if s == "-0.0%" || s == "0.0%" {
		return "±0.0%"
	}
	if v > 0 {
		return "+" + s
	}
	return s
}

// rightTable is a plain table whose columns but the first are right-aligned.
func rightTable(header table.Row) table.Writer {
	t := table.NewWriter()
	t.SetStyle(plainTable())
	t.AppendHeader(header)
	var configs []table.ColumnConfig
	for i := 1; i < len(header); i++ {
		configs = append(configs, table.ColumnConfig{Number: i + 1, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(configs)
	return t
}
