package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// Backtest is an autoscaler beside the replica count that was recorded.
type Backtest struct {
	sim.Backtest
	// From names the series that gave the recorded count, Notes say which
	// autoscaler was tried and what is not known of it.
	From  string
	Notes []string
}

// maxPartings bounds how many partings a summary lists.
const maxPartings = 5

// writeBacktest writes how the recorded and the simulated count compare.
func writeBacktest(b *strings.Builder, r *Replay, o Options, paint painter) {
	t := r.Backtest
	b.WriteString("\nrecorded against simulated\n")
	wrapText(b, "  ", "spec.replicas as recorded: "+t.From, o.Width)
	for _, n := range t.Notes {
		wrapText(b, "  ", n, o.Width)
	}
	for _, n := range verdict(&t.Skill) {
		wrapText(b, "  ", n, o.Width)
	}
	b.WriteByte('\n')
	writeFacts(b, bothEnds(r, backtestFacts), o.Width, paint)
	lines, others := partingLines(r), []string(nil)
	if r.Other != nil && r.Other.Backtest != nil {
		others = partingLines(r.Other)
	}
	if r.Other == nil || slices.Equal(lines, others) {
		writeLines(b, "", lines, o.Width)
		return
	}
	writeLines(b, "partings, where all use is load:", lines, o.Width)
	writeLines(b, "partings, where as much as can be is idle:", others, o.Width)
}

// writeLines writes lines under a title, or that there are none under it.
func writeLines(b *strings.Builder, title string, lines []string, width int) {
	if title != "" {
		if len(lines) == 0 {
			title += " none"
		}
		wrapText(b, "  ", title, width)
	}
	for _, l := range lines {
		wrapText(b, "  ", l, width)
	}
}

// verdict says what the skill means where it does not speak for itself.
func verdict(s *sim.Skill) []string {
	v, ok := s.Value()
	switch {
	case !ok:
		return []string{"The recorded count never changes where it could be foreseen, so it says nothing about how exact the replay is."}
	case v <= 0:
		return []string{"The recorded count does not follow this HPA: from the recorded state, its decisions foresee the next count no better than \"no change\" does. " +
			"Another HPA, a script or a person may have set it, or the metrics reached the controller later than here; the recording cannot tell which, " +
			"so what follows is a distance and no measure of how exact the replay is."}
	}
	return nil
}

// backtestFacts are the lines of the comparison.
func backtestFacts(r *Replay) []fact {
	if r.Backtest == nil {
		return nil
	}
	f, d := &r.Backtest.Free, &r.Backtest.Free.Difference
	list := []fact{skillFact(&r.Backtest.Skill)}
	if d.Compared <= 0 {
		return list
	}
	return append(
		list,
		fact{name: "time at same count", value: percent(d.EqualShare()), detail: "free run, from the recorded count at the start; known for " + span(d.Compared)},
		errorFact(r, d),
		eventsFact(f),
		costFact(f),
		fact{name: "parted", value: plural(int64(len(f.Partings)), "time"), detail: "for longer than " + span(sim.Tolerance)},
	)
}

func skillFact(s *sim.Skill) fact {
	f := fact{name: "one-step skill", value: "none"}
	if v, ok := s.Value(); ok {
		f.value, f.bad = fixed(v, 2), v <= 0
		f.detail = fmt.Sprintf("1 - %d / %d pods: the error of each decision against the count %s later, over that of \"no change\"; ", s.Error, s.Still, span(s.Horizon))
	}
	f.detail += fmt.Sprintf("%d of %s exact, %d moves where none was recorded", s.Exact, plural(s.Changes, "change"), s.Idle)
	if s.Blind > 0 {
		f.detail += fmt.Sprintf("; %s not judged, at which the recorded HPA had no metrics", plural(s.Blind, "sync"))
	}
	return f
}

func errorFact(r *Replay, d *sim.Difference) fact {
	f := fact{name: "mean replica error", value: fixed(d.MeanAbsolute(), 2), detail: "pods, absolute"}
	if d.Worst > 0 {
		f.detail += fmt.Sprintf("; worst %d, first at %s", d.Worst, instant(r.Start, d.WorstAt))
	}
	return f
}

func eventsFact(f *sim.FreeRun) fact {
	out := fact{name: "events matched", value: fmt.Sprintf("%d of %d", f.Matched, f.RecordedEvents)}
	out.detail = fmt.Sprintf("simulated %d; same direction, within %s, one to one", f.SimulatedEvents, span(sim.Tolerance))
	switch {
	case f.Matched == 0:
	case f.Lag > 0:
		out.detail += "; the recorded ones come " + span(f.Lag) + " later (median)"
	case f.Lag < 0:
		out.detail += "; the recorded ones come " + span(-f.Lag) + " earlier (median)"
	}
	return out
}

func costFact(f *sim.FreeRun) fact {
	simulated, recorded := hours(f.SimulatedMillis), hours(f.RecordedMillis)
	return fact{
		name: "replica-hours", value: signed(simulated - recorded),
		detail: fmt.Sprintf("simulated %s, recorded %s", fixed(simulated, 2), fixed(recorded, 2)),
	}
}

// hours turns pod-milliseconds into replica-hours.
func hours(millis int64) float64 { return float64(millis) / 3_600_000 }

// signed prints a difference with its sign, a tiny one without.
func signed(v float64) string {
	s := fixed(v, 2)
	switch {
	case s == "-0.00" || s == "0.00":
		return "0.00"
	case v > 0:
		return "+" + s
	}
	return s
}

// partingLines name the longest partings in order of time, and how many more
// there are.
func partingLines(r *Replay) []string {
	all := r.Backtest.Free.Partings
	longest := slices.Clone(all)
	slices.SortStableFunc(longest, func(a, b sim.Parting) int { return cmp.Compare(b.To-b.From, a.To-a.From) })
	longest = longest[:min(len(longest), maxPartings)]
	slices.SortFunc(longest, func(a, b sim.Parting) int { return cmp.Compare(a.From, b.From) })
	var lines []string
	for i := range longest {
		lines = append(lines, partingLine(r, &longest[i]))
	}
	if rest := len(all) - len(longest); rest > 0 {
		lines = append(lines, "and "+strconv.Itoa(rest)+" shorter")
	}
	return lines
}

func partingLine(r *Replay, p *sim.Parting) string {
	return fmt.Sprintf("%s for %s: recorded %d, simulated %d, at most %d apart: %s",
		instant(r.Start, p.From), span(p.To-p.From), p.Recorded, p.Simulated, p.Worst, causeText(r, p))
}

// causeText names a likely cause.
func causeText(r *Replay, p *sim.Parting) string {
	switch p.Cause {
	case sim.CauseMetrics:
		return "metrics were missing"
	case sim.CauseRollout:
		return "a rollout was under way"
	case sim.CauseManual:
		return fmt.Sprintf("set from %d to %d at %s, which this HPA would not have decided then: by hand, or by another tool", p.Event.From, p.Event.To, instant(r.Start, p.Event.T))
	case sim.CauseMax:
		return "the HPA's max was reached, the recorded count lies above it"
	case sim.CauseMin:
		return "the HPA's min was reached, the recorded count lies below it"
	case sim.CauseUnknown:
	}
	if p.Moved {
		return "the HPA scaled and the recorded count did not; the recording does not tell why"
	}
	return "the recorded count moved and the simulated one did not; the recording does not tell why"
}

// causeName is a cause in -o json.
func causeName(c sim.Cause) string {
	switch c {
	case sim.CauseMetrics:
		return "metrics"
	case sim.CauseRollout:
		return "rollout"
	case sim.CauseManual:
		return "manual"
	case sim.CauseMax:
		return "max"
	case sim.CauseMin:
		return "min"
	case sim.CauseUnknown:
	}
	return "unknown"
}

// backtestJSON is a backtest as -o json writes it. Times are in seconds.
type backtestJSON struct {
	From  string    `json:"from"`
	Notes []string  `json:"notes"`
	Skill skillJSON `json:"skill"`
	Free  freeJSON  `json:"freeRun"`
}

type skillJSON struct {
	Value          *float64 `json:"value"` // null: nothing to foresee
	HorizonSeconds float64  `json:"horizonSeconds"`
	Syncs          int64    `json:"syncs"`
	Changes        int64    `json:"changes"`
	Blind          int64    `json:"blind"`
	Exact          int64    `json:"exact"`
	Idle           int64    `json:"idle"`
	ErrorPods      int64    `json:"errorPods"`
	StillPods      int64    `json:"stillPods"`
}

type freeJSON struct {
	ComparedSeconds       float64       `json:"comparedSeconds"`
	EqualShare            float64       `json:"equalShare"`
	MeanAbsolute          float64       `json:"meanAbsolute"`
	Worst                 int32         `json:"worst"`
	WorstAtSeconds        float64       `json:"worstAtSeconds"`
	SimulatedReplicaHours float64       `json:"simulatedReplicaHours"`
	RecordedReplicaHours  float64       `json:"recordedReplicaHours"`
	SimulatedEvents       int64         `json:"simulatedEvents"`
	RecordedEvents        int64         `json:"recordedEvents"`
	MatchedEvents         int64         `json:"matchedEvents"`
	LagSeconds            float64       `json:"lagSeconds"`
	Partings              []partingJSON `json:"partings"`
}

type partingJSON struct {
	FromSeconds float64 `json:"fromSeconds"`
	ToSeconds   float64 `json:"toSeconds"`
	Recorded    int32   `json:"recorded"`
	Simulated   int32   `json:"simulated"`
	Worst       int32   `json:"worst"`
	Cause       string  `json:"cause"`
}

// backtested puts a backtest into the shape of -o json; nil where there is none.
func backtested(r *Replay) *backtestJSON {
	t := r.Backtest
	if t == nil {
		return nil
	}
	s, f := &t.Skill, &t.Free
	out := &backtestJSON{From: t.From, Notes: append([]string{}, t.Notes...)}
	out.Skill = skillJSON{
		HorizonSeconds: s.Horizon.Seconds(), Syncs: s.Syncs, Changes: s.Changes, Blind: s.Blind, Exact: s.Exact, Idle: s.Idle,
		ErrorPods: s.Error, StillPods: s.Still,
	}
	if v, ok := s.Value(); ok {
		out.Skill.Value = &v
	}
	d := &f.Difference
	out.Free = freeJSON{
		ComparedSeconds: d.Compared.Seconds(), EqualShare: d.EqualShare(), MeanAbsolute: d.MeanAbsolute(),
		Worst: d.Worst, WorstAtSeconds: d.WorstAt.Seconds(),
		SimulatedReplicaHours: hours(f.SimulatedMillis), RecordedReplicaHours: hours(f.RecordedMillis),
		SimulatedEvents: f.SimulatedEvents, RecordedEvents: f.RecordedEvents, MatchedEvents: f.Matched,
		LagSeconds: f.Lag.Seconds(), Partings: []partingJSON{},
	}
	for _, p := range f.Partings {
		out.Free.Partings = append(out.Free.Partings, partingJSON{
			FromSeconds: p.From.Seconds(), ToSeconds: p.To.Seconds(),
			Recorded: p.Recorded, Simulated: p.Simulated, Worst: p.Worst, Cause: causeName(p.Cause),
		})
	}
	return out
}
