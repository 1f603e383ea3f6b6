package report

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// outcomeJSON is what a replay came to, as -o json writes it.
type outcomeJSON struct {
	Summary  summaryJSON   `json:"summary"`
	Score    scoreJSON     `json:"score"`
	Budgets  []verdictJSON `json:"budgets,omitempty"`
	OtherEnd *otherJSON    `json:"otherEnd,omitempty"`
}

func outcome(r *Replay) outcomeJSON {
	return outcomeJSON{summarize(r), scoreJSON{&r.Score}, verdictsJSON(r), otherEnd(r)}
}

// otherEnd is a replay at the other end of what is not known; nil where all is.
func otherEnd(r *Replay) *otherJSON {
	if r.Other == nil {
		return nil
	}
	return &otherJSON{summarize(r.Other), scoreJSON{&r.Other.Score}}
}

// rehearsalJSON is a replay with its rehearsals.
type rehearsalJSON struct {
	Name     string          `json:"name"`
	OpenLoop bool            `json:"openLoop,omitempty"`
	Start    string          `json:"start,omitempty"`
	Notes    []string        `json:"notes"`
	AsItIs   outcomeJSON     `json:"asItIs"`
	List     []rehearsedJSON `json:"rehearsals"`
}

// rehearsedJSON is one rehearsal. Times are in seconds; without forSeconds it is
// to the end.
type rehearsedJSON struct {
	Name       string   `json:"name"`
	AtSeconds  float64  `json:"atSeconds"`
	ForSeconds *float64 `json:"forSeconds,omitempty"`
	outcomeJSON
}

// RehearsalsJSON writes rehearsals as one JSON document.
func RehearsalsJSON(w io.Writer, list []Rehearsal) error {
	out := struct {
		Replays []rehearsalJSON `json:"replays"`
	}{[]rehearsalJSON{}}
	for i := range list {
		r := list[i].Base
		one := rehearsalJSON{Name: r.Name, OpenLoop: r.OpenLoop, Notes: append([]string{}, r.Notes...), AsItIs: outcome(r), List: []rehearsedJSON{}}
		if !r.Start.IsZero() {
			one.Start = r.Start.UTC().Format(time.RFC3339Nano)
		}
		for _, h := range list[i].List {
			one.List = append(one.List, rehearsedJSON{h.Name, h.At.Seconds(), orNull(h.For.Seconds(), h.For > 0), outcome(h.Replay)})
		}
		out.Replays = append(out.Replays, one)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

// RehearsalsCSV writes a row for each rehearsal, and for each end of what is not
// known: when it happens, every term of the score, empty where it is not known, and
// of each budget whether it is kept or broken.
func RehearsalsCSV(w io.Writer, list []Rehearsal) error {
	t := rehearsedCSV{w: csv.NewWriter(w), open: slices.ContainsFunc(list, func(r Rehearsal) bool { return r.Base.OpenLoop })}
	header := []string{"replay", "rehearsal", "end", "atSeconds", "forSeconds"}
	for _, term := range sim.Terms() {
		header = append(header, term.Name)
	}
	if t.open {
		header = append(header, "openLoop")
	}
	var all []*Replay
	for i := range list {
		all = append(all, list[i].Base)
	}
	t.budgets = budgetTexts(all)
	t.write(append(header, t.budgets...))
	for i := range list {
		name := list[i].Base.Name
		t.row(name, &Rehearsed{Replay: list[i].Base}, asItIs)
		for j := range list[i].List {
			h := &list[i].List[j]
			t.row(name, h, h.Name)
		}
	}
	t.w.Flush()
	return t.w.Error()
}

// rehearsedCSV writes rows of rehearsals.
type rehearsedCSV struct {
	w    *csv.Writer
	open bool
	// budgets are those of any replay.
	budgets []string
}

// write leaves errors to Flush, where the csv.Writer tells the first.
func (t *rehearsedCSV) write(row []string) { _ = t.w.Write(row) }

// row writes a rehearsal at each end of what is not known.
func (t *rehearsedCSV) row(replay string, h *Rehearsed, name string) {
	ends := []*Replay{h.Replay}
	if h.Other != nil {
		ends = append(ends, h.Other)
	}
	for i, r := range ends {
		end := [...]string{"", "other"}[i]
		length := ""
		if h.For > 0 {
			length = shortest(h.For.Seconds())
		}
		row := []string{replay, name, end, shortest(h.At.Seconds()), length}
		for _, term := range sim.Terms() {
			v, known := term.Of(&r.Score)
			if row = append(row, ""); known {
				row[len(row)-1] = shortest(v)
			}
		}
		if t.open {
			row = append(row, strconv.FormatBool(r.OpenLoop))
		}
		for _, text := range t.budgets {
			row = append(row, verdictWord(r, text))
		}
		t.write(row)
	}
}

// shortest prints a number with the digits that tell it from others.
func shortest(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
