package report

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// writeBudgets writes how a replay fared against its budgets.
func writeBudgets(b *strings.Builder, r *Replay, width int, paint painter) {
	if len(r.Verdicts) == 0 {
		return
	}
	b.WriteString("\nbudgets\n")
	longest := 0
	for i := range r.Verdicts {
		longest = max(longest, utf8.RuneCountInString(r.Verdicts[i].Budget.Text))
	}
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		word, colour := "kept  ", plain
		if !v.Kept {
			word, colour = "broken", orange
		}
		indent := longest + 13
		lines := wrapLines(r.verdictText(v), width-indent)
		b.WriteString("  " + paint.wrap(colour, word) + "  " + v.Budget.Text + strings.Repeat(" ", longest-utf8.RuneCountInString(v.Budget.Text)) + "   " + strings.Join(lines, "\n"+strings.Repeat(" ", indent)) + "\n")
	}
}

// Broken says, in a line for each, which budgets a replay broke.
func Broken(r *Replay) []string {
	var lines []string
	for i := range r.Verdicts {
		if v := &r.Verdicts[i]; !v.Kept {
			lines = append(lines, r.label()+": budget "+v.Budget.Text+" is broken: "+r.verdictText(v))
		}
	}
	return lines
}

// verdictText is a term's value and, where its budget is broken, by how much and
// since when.
func (r *Replay) verdictText(v *sim.Verdict) string {
	t := &v.Budget.Term
	if !v.Known {
		return "not known: there was nothing to measure"
	}
	text := termValue(t, v.Value)
	if r.atLeastOf(t) {
		text = "≥ " + text
	}
	if v.Kept {
		return text
	}
	excess := termValue(t, v.Excess())
	if t.Unit == sim.UnitRatio {
		excess = significant(100*v.Excess()) + " points"
	}
	switch {
	case v.Value > v.Budget.Limit:
		text += ", " + excess + " too much"
	case v.Value < v.Budget.Limit:
		text += ", " + excess + " too little"
	}
	if v.HasFirst {
		return text + ", first at " + instant(r.Start, v.First.Truncate(time.Second))
	}
	return text + " over the whole replay"
}

// atLeastOf says whether a term may be greater than it is known to be.
func (r *Replay) atLeastOf(t *sim.Term) bool { return t.Name == "saturatedMinutes" && r.atLeast() }

// termValue prints a term in its unit.
func termValue(t *sim.Term, v float64) string {
	switch t.Unit {
	case sim.UnitRatio:
		return significant(100*v) + "%"
	case sim.UnitMinutes:
		return span(time.Duration(v * float64(time.Minute)).Round(time.Millisecond))
	case sim.UnitLatency:
		return latencyText(time.Duration(v * float64(time.Second)))
	case sim.UnitSeconds:
		return span(time.Duration(v * float64(time.Second)).Round(time.Millisecond))
	case sim.UnitCount, sim.UnitPodHours, sim.UnitNodeHours, sim.UnitMoney:
	}
	return significant(v)
}

// significant prints a number with up to four significant digits, and all of
// those before the point.
func significant(v float64) string {
	if v >= 1000 {
		return fixed(v, 0)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// budgetFacts are the rows of a table for the budgets of all replays.
func budgetFacts(r *Replay, all []*Replay) []fact {
	var facts []fact
	for _, text := range budgetTexts(all) {
		facts = append(facts, fact{name: text, value: verdictWord(r, text)})
	}
	return facts
}

// budgetTexts are the budgets of replays, each once.
func budgetTexts(all []*Replay) (texts []string) {
	for _, r := range all {
		for i := range r.Verdicts {
			if text := r.Verdicts[i].Budget.Text; !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
		}
	}
	return texts
}

// verdictWord says how a replay fared against one budget.
func verdictWord(r *Replay, text string) string {
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		switch {
		case v.Budget.Text != text:
		case v.Kept:
			return "kept"
		default:
			return "broken"
		}
	}
	return ""
}

// scoreJSON is every term of a score by its name, null where it is not known.
type scoreJSON struct{ *sim.Score }

// MarshalJSON writes the terms in their order.
func (s scoreJSON) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, t := range sim.Terms() {
		number, err := json.Marshal(orNull(t.Of(s.Score)))
		if err != nil {
			return nil, err
		}
		b = appendString(appendComma(b, i), t.Name)
		b = append(append(b, ':'), number...)
	}
	return append(b, '}'), nil
}

// orNull is a number, or nothing where it is not known.
func orNull(v float64, known bool) *float64 {
	if !known {
		return nil
	}
	return &v
}

// verdictJSON is how a replay fared against one budget, as -o json writes it.
type verdictJSON struct {
	Budget      string   `json:"budget"`
	Term        string   `json:"term"`
	Op          string   `json:"op"`
	Limit       float64  `json:"limit"`
	Value       *float64 `json:"value"` // null: not known
	AtLeast     bool     `json:"atLeast,omitempty"`
	Kept        bool     `json:"kept"`
	Excess      *float64 `json:"excess,omitempty"`
	FirstSecond *float64 `json:"firstBrokenSeconds,omitempty"`
}

// verdictsJSON puts verdicts into the shape of -o json.
func verdictsJSON(r *Replay) []verdictJSON {
	out := make([]verdictJSON, len(r.Verdicts))
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		out[i] = verdictJSON{
			Budget: v.Budget.Text, Term: v.Budget.Term.Name, Op: v.Budget.Op.String(), Limit: v.Budget.Limit,
			Value: orNull(v.Value, v.Known), AtLeast: r.atLeastOf(&v.Budget.Term), Kept: v.Kept,
			Excess:      orNull(v.Excess(), v.Known && !v.Kept),
			FirstSecond: orNull(v.First.Seconds(), v.HasFirst),
		}
	}
	return out
}
