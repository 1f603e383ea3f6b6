package report

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"time"

	"github.com/elasticctl/elasticctl/internal/tune"
)

// What tune -o json writes; docs/tune.md tells the fields.
type (
	tunedJSON struct {
		Name        string         `json:"name"`
		Start       *time.Time     `json:"start"`
		Notes       []string       `json:"notes"`
		Objectives  [2]string      `json:"objectives"`
		Search      []paramJSON    `json:"search"`
		Replayed    int            `json:"replayed"`
		Exhaustive  bool           `json:"exhaustive"`
		Interrupted bool           `json:"interrupted"`
		Equivalent  int64          `json:"equivalent"`
		Screened    int64          `json:"screened"`
		Invalid     int64          `json:"invalid"`
		Verdict     string         `json:"verdict"`
		Claim       string         `json:"claim"`
		Limit       float64        `json:"limit"`
		Today       pointJSON      `json:"today"`
		Recommended *pointJSON     `json:"recommended"`
		Difference  *intervalJSON  `json:"difference"`
		OtherEnd    *endJSON       `json:"otherEnd"`
		ReplayError *float64       `json:"replayError"`
		Changes     []changeJSON   `json:"changes"`
		Validation  validationJSON `json:"validation"`
		BadWeather  []weatherJSON  `json:"badWeather"`
		OnlyFair    []ruledJSON    `json:"onlyInGoodWeather"`
		Compared    []rivalJSON    `json:"compared"`
		Foresight   *float64       `json:"foresight"`
		Beside      []besideJSON   `json:"beside"`
		Front       []pointJSON    `json:"front"`
		Ranking     []pointJSON    `json:"ranking"`
	}
	endJSON struct {
		Holds       bool      `json:"holds"`
		Today       pointJSON `json:"today"`
		Recommended pointJSON `json:"recommended"`
	}
	paramJSON struct {
		Name   string   `json:"name"`
		Values []string `json:"values"`
	}
	pointJSON struct {
		Setting map[string]string `json:"setting,omitempty"`
		X       float64           `json:"x"`
		Y       float64           `json:"y"`
		Miss    float64           `json:"miss"`
	}
	intervalJSON struct {
		Estimate float64 `json:"estimate"`
		Low      float64 `json:"low"`
		High     float64 `json:"high"`
	}
	changeJSON struct {
		Name  string        `json:"name"`
		From  string        `json:"from"`
		To    string        `json:"to"`
		Back  pointJSON     `json:"withToday"`
		Worth *intervalJSON `json:"worth"`
	}
	validationJSON struct {
		Refused string        `json:"refused,omitempty"`
		Folds   []foldJSON    `json:"folds"`
		Days    int           `json:"days"`
		X       *intervalJSON `json:"x"`
		Y       *intervalJSON `json:"yPerDay"`
		Strata  string        `json:"strata,omitempty"`
	}
	foldJSON struct {
		TrainDays int               `json:"trainDays"`
		TestDays  int               `json:"testDays"`
		Setting   map[string]string `json:"setting"`
		Trained   pairJSON          `json:"trained"`
		Tested    pairJSON          `json:"tested"`
	}
	pairJSON struct {
		TodayX float64 `json:"todayX"`
		TodayY float64 `json:"todayY"`
		X      float64 `json:"x"`
		Y      float64 `json:"y"`
	}
	weatherJSON struct {
		Name string `json:"name"`
		pairJSON
	}
	ruledJSON struct {
		pointJSON
		Rehearsal string  `json:"rehearsal"`
		RoughY    float64 `json:"roughY"`
		Allowed   float64 `json:"allowed"`
	}
	rivalJSON struct {
		Name    string   `json:"name"`
		Setting string   `json:"setting,omitempty"`
		X       *float64 `json:"x"`
		Y       *float64 `json:"y"`
		Why     string   `json:"why,omitempty"`
	}
	besideJSON struct {
		Name    string     `json:"name"`
		Value   string     `json:"value"`
		Point   *pointJSON `json:"point"`
		Invalid bool       `json:"invalid,omitempty"`
	}
)

// The words for what was found, in the order of their types.
func verdictWords() []string {
	return []string{"better", "nothingCheaper", "onlyInGoodWeather", "nothingKeepsTheBudgets"}
}

func claimWords() []string {
	return []string{"proven", "noChoice", "notHeldOut", "noise", "moreSaturated", "belowReplayError", "oneEndOnly"}
}

func strataWords() []string { return []string{"weekday", "weekend", "together"} }

// TuneJSON writes what a search came to for programs.
func TuneJSON(w io.Writer, t *Tuned) error {
	out := tunedJSON{
		Name: t.Name, Notes: append([]string{}, t.Notes...), Objectives: [2]string{t.Study.X.Name, t.Study.Y.Name},
		Replayed: len(t.Points), Exhaustive: t.Exhaustive, Interrupted: t.Interrupted,
		Equivalent: t.Equivalent, Screened: t.Screened, Invalid: t.Wrong,
		Verdict: verdictWords()[t.Choice.Verdict], Claim: claimWords()[t.Claim()], Limit: t.Choice.Limit,
		Today: t.point(&t.Today),
		// Lists without entries are lists all the same.
		Search: []paramJSON{}, Changes: []changeJSON{}, BadWeather: []weatherJSON{}, OnlyFair: []ruledJSON{},
		Compared: []rivalJSON{}, Beside: []besideJSON{}, Front: []pointJSON{}, Ranking: []pointJSON{},
	}
	if !t.Start.IsZero() {
		start := t.Start.UTC()
		out.Start = &start
	}
	for i := range t.Study.Space.Params {
		p := &t.Study.Space.Params[i]
		one := paramJSON{Name: p.Name}
		for _, v := range p.Values {
			one.Values = append(one.Values, p.Text(v))
		}
		out.Search = append(out.Search, one)
	}
	if t.Choice.Candidate != nil {
		p := t.point(&t.Choice.Point)
		out.Recommended = &p
	}
	if t.HasCost {
		out.Difference = interval(t.Cost)
	}
	if e := &t.Ends; e.Known {
		out.OtherEnd = &endJSON{e.Holds, t.point(&e.Today), t.point(&e.Pick)}
	}
	if t.Study.HasError {
		out.ReplayError = &t.Study.Error
	}
	t.explained(&out)
	out.Validation = t.validated()
	for _, i := range t.Report.Front {
		out.Front = append(out.Front, t.point(&t.Points[i]))
	}
	list := t.ranking()
	for _, i := range list[:min(t.Top, len(list))] {
		out.Ranking = append(out.Ranking, t.point(&t.Points[i]))
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(&out)
}

// explained fills in what surrounds the choice.
func (t *Tuned) explained(out *tunedJSON) {
	for _, c := range t.Changes {
		one := changeJSON{Name: c.Name, From: c.From, To: c.To, Back: t.point(&c.Back)}
		if c.Days > 1 {
			one.Worth = interval(c.Worth)
		}
		out.Changes = append(out.Changes, one)
	}
	for i, r := range t.Choice.Rehearsed {
		today := t.Choice.TodayRehearsed[i]
		out.BadWeather = append(out.BadWeather, weatherJSON{r.Name, pairJSON{today.X, today.Y, r.X, r.Y}})
	}
	for i := range t.Choice.Ruled {
		r := &t.Choice.Ruled[i]
		out.OnlyFair = append(out.OnlyFair, ruledJSON{t.point(&r.Point), r.Rehearsal, r.Y, r.Allowed})
	}
	for i := range t.Rivals {
		r := &t.Rivals[i]
		one := rivalJSON{Name: r.Name, Setting: r.Text, Why: r.Why}
		if r.Why == "" {
			one.X, one.Y = &r.X, &r.Y
		}
		out.Compared = append(out.Compared, one)
	}
	if t.HasForesightX {
		out.Foresight = &t.ForesightX
	}
	for i := range t.Steps {
		s := &t.Steps[i]
		one := besideJSON{Name: s.Name, Value: s.Text, Invalid: s.Wrong}
		if !s.Wrong {
			p := t.point(&s.Point)
			one.Point = &p
		}
		out.Beside = append(out.Beside, one)
	}
}

// validated is how settings fared on held-out days.
func (t *Tuned) validated() validationJSON {
	v := &t.Validation
	out := validationJSON{Refused: v.Refused, Days: len(v.X.Days), Folds: []foldJSON{}}
	for i := range v.Folds {
		f := &v.Folds[i]
		out.Folds = append(out.Folds, foldJSON{
			f.Train, len(f.Test), t.named(f.Pick.Candidate),
			pairJSON{f.Trained.TodayX, f.Trained.TodayY, f.Trained.PickX, f.Trained.PickY},
			pairJSON{f.Tested.TodayX, f.Tested.TodayY, f.Tested.PickX, f.Tested.PickY},
		})
	}
	if v.Known {
		out.X, out.Y, out.Strata = interval(v.Cost), interval(v.Extra), strataWords()[v.Strata]
	}
	return out
}

func interval(i tune.Interval) *intervalJSON { return &intervalJSON{i.Estimate, i.Low, i.High} }

// named is a candidate by parameter; nil for today's.
func (t *Tuned) named(c tune.Candidate) map[string]string {
	if c == nil {
		return nil
	}
	out := map[string]string{}
	for i := range t.Study.Space.Params {
		p := &t.Study.Space.Params[i]
		if c[i] == tune.Kept {
			out[p.Name] = t.Study.TodayText(i)
			continue
		}
		out[p.Name] = p.Text(t.Study.Space.Value(c, i))
	}
	return out
}

func (t *Tuned) point(p *tune.Point) pointJSON {
	return pointJSON{t.named(p.Candidate), p.X, p.Y, finite(p.Miss)}
}

// finite brings what JSON has no number for to the greatest it has.
func finite(v float64) float64 { return min(v, 1e308) }

// TuneCSV writes every setting that was replayed, best first.
func TuneCSV(w io.Writer, t *Tuned) error {
	out := csv.NewWriter(w)
	header := []string{"rank", t.Study.X.Name, t.Study.Y.Name, "miss", "front"}
	for i := range t.Study.Space.Params {
		header = append(header, t.Study.Space.Params[i].Name)
	}
	if err := out.Write(header); err != nil {
		return err
	}
	front := map[int]bool{}
	for _, i := range t.Report.Front {
		front[i] = true
	}
	for rank, i := range t.ranking() {
		p := &t.Points[i]
		row := []string{strconv.Itoa(rank + 1), exact(p.X), exact(p.Y), exact(p.Miss), strconv.FormatBool(front[i])}
		for j := range t.Study.Space.Params {
			row = append(row, t.Study.Space.Params[j].Text(t.Study.Space.Value(p.Candidate, j)))
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// exact writes a number so that it reads back the same.
func exact(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
