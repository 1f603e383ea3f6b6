package report

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// Format is a format for programs.
type Format uint8

// The formats for programs.
const (
	// JSON is one document with ticks and summaries of every replay.
	JSON Format = iota
	// JSONL is one object per sync and line.
	JSONL
	// CSV is a header and one row per sync.
	CSV
)

// Timeline writes the ticks of replays for programs, as they come, in constant
// memory: Begin a replay, give Tick to its run, End it; Close after the last.
type Timeline struct {
	w       io.Writer
	format  Format
	several bool
	replays int
	ticks   int
	json    tickJSON
	csv     *tickCSV
	err     error

	// OpenLoop says that some replay is an open loop, so that CSV needs a column for
	// it. It is set before the first Begin.
	OpenLoop bool
}

// NewTimeline returns a Timeline for replays of these worlds, in this order.
func NewTimeline(w io.Writer, format Format, worlds []*sim.World) *Timeline {
	t := &Timeline{w: w, format: format, several: len(worlds) > 1}
	switch format {
	case CSV:
		t.csv = newTickCSV(w, metricColumns(worlds))
	case JSON:
		t.write(`{"replays":[`)
	case JSONL:
	}
	return t
}

// Begin starts the next replay, of which it needs the name, the start, the notes
// and whether it is an open loop.
func (t *Timeline) Begin(r *Replay) {
	name, start, notes := r.Name, r.Start, r.Notes
	label := ""
	if t.several {
		label = name
	}
	t.ticks = 0
	switch t.format {
	case CSV:
		t.csv.start, t.csv.replay, t.csv.openLoop = start, label, r.OpenLoop
		t.head()
	case JSONL:
		t.json = tickJSON{w: t.w, start: start, replay: label, openLoop: r.OpenLoop}
	case JSON:
		t.json = tickJSON{w: t.w, start: start}
		if t.replays > 0 {
			t.write(",")
		}
		t.write("\n{")
		t.property("name", name)
		if r.OpenLoop {
			t.write(`,"openLoop":true`)
		}
		if !start.IsZero() {
			t.write(",")
			t.property("start", start.UTC().Format(time.RFC3339Nano))
		}
		t.write(",")
		t.property("notes", append([]string{}, notes...))
		t.write(`,"ticks":[`)
	}
	t.replays++
}

// head writes CSV's names of columns, once.
func (t *Timeline) head() {
	if t.replays == 0 {
		t.csv.stamped = t.OpenLoop
		t.fail(t.csv.header(t.several))
	}
}

// Tick writes one sync. It returns false once writing has failed.
func (t *Timeline) Tick(tick *sim.Tick) bool {
	if t.format == CSV {
		t.fail(t.csv.tick(tick))
		return t.err == nil
	}
	if t.format == JSON {
		t.json.buf = append(appendComma(t.json.buf, t.ticks), '\n')
	}
	t.json.tick(tick)
	if t.format == JSONL {
		t.json.buf = append(t.json.buf, '\n')
	}
	t.json.room()
	t.fail(t.json.err)
	t.ticks++
	return t.err == nil
}

// End completes a replay.
func (t *Timeline) End(r *Replay) {
	if t.format == CSV {
		return
	}
	t.json.flush()
	t.fail(t.json.err)
	if t.format == JSON {
		t.write("\n],")
		t.property("summary", summarize(r))
		t.write(",")
		t.property("score", scoreJSON{&r.Score})
		if l := latencyOf(r); l != nil {
			t.write(",")
			t.property("latency", l)
		}
		if len(r.Verdicts) > 0 {
			t.write(",")
			t.property("budgets", verdictsJSON(r))
		}
		if r.Other != nil {
			t.write(",")
			t.property("otherEnd", otherEnd(r))
		}
		if len(r.Models) > 0 {
			t.write(",")
			t.property("models", modelsJSON(r.Models))
		}
		t.write("}")
	}
}

// Close completes the output and returns what went wrong with it.
func (t *Timeline) Close() error {
	switch t.format {
	case CSV:
		t.csv.w.Flush()
		t.fail(t.csv.w.Error())
	case JSON:
		t.write("\n]}\n")
	case JSONL:
	}
	return t.err
}

// property writes "name":value.
func (t *Timeline) property(name string, value any) {
	var data strings.Builder
	enc := json.NewEncoder(&data)
	enc.SetEscapeHTML(false)
	t.fail(enc.Encode(value))
	t.write(`"` + name + `":` + strings.TrimSuffix(data.String(), "\n"))
}

func (t *Timeline) write(s string) {
	if t.err == nil {
		_, t.err = io.WriteString(t.w, s)
	}
}

func (t *Timeline) fail(err error) { t.err = errors.Join(t.err, err) }

// summaryJSON is a replay's score as -o json writes it. Times are in seconds.
type summaryJSON struct {
	DurationSeconds  float64         `json:"durationSeconds"`
	Syncs            int64           `json:"syncs"`
	FailedSyncs      int64           `json:"failedSyncs"`
	Replicas         replicasJSON    `json:"replicas"`
	ReplicaHours     float64         `json:"replicaHours"`
	AtMaxSeconds     float64         `json:"atMaxSeconds"`
	AtMinSeconds     float64         `json:"atMinSeconds"`
	SaturatedSeconds *float64        `json:"saturatedSeconds"` // null: capacity unknown
	SaturatedAtLeast bool            `json:"saturatedAtLeast,omitempty"`
	ScaleUps         int64           `json:"scaleUps"`
	ScaleDowns       int64           `json:"scaleDowns"`
	DirectionChanges int64           `json:"directionChanges"`
	Lag              *lagJSON        `json:"lag,omitempty"` // absent: no metric can tell
	Recorded         *recordedResult `json:"recorded,omitempty"`
	Backtest         *backtestJSON   `json:"backtest,omitempty"`
}

type replicasJSON struct {
	Min    int32 `json:"min"`
	Median int32 `json:"median"`
	Max    int32 `json:"max"`
}

// recordedResult is the replay against what was recorded.
type recordedResult struct {
	ComparedSeconds float64 `json:"comparedSeconds"`
	EqualShare      float64 `json:"equalShare"`
	MeanAbsolute    float64 `json:"meanAbsolute"`
	Worst           int32   `json:"worst"`
	WorstAtSeconds  float64 `json:"worstAtSeconds"`
}

// summarize puts a score into the shape of -o json.
func summarize(r *Replay) summaryJSON {
	s := &r.Score
	out := summaryJSON{
		DurationSeconds: s.Duration.Seconds(), Syncs: s.Syncs, FailedSyncs: s.FailedSyncs,
		Replicas:     replicasJSON{s.Min(), s.Median(), s.Max()},
		ReplicaHours: s.ReplicaHours(), AtMaxSeconds: s.AtMax.Seconds(), AtMinSeconds: s.AtMin.Seconds(),
		ScaleUps: s.ScaleUps, ScaleDowns: s.ScaleDowns, DirectionChanges: s.DirectionChanges,
		Lag: lag(&r.Lag), Backtest: backtested(r),
	}
	if s.HasCapacity {
		saturated := s.Saturated.Seconds()
		out.SaturatedSeconds, out.SaturatedAtLeast = &saturated, r.atLeast()
	}
	if d := r.Difference; r.Recorded != nil && d.Compared > 0 {
		out.Recorded = &recordedResult{
			ComparedSeconds: d.Compared.Seconds(), EqualShare: d.EqualShare(), MeanAbsolute: d.MeanAbsolute(),
			Worst: d.Worst, WorstAtSeconds: d.WorstAt.Seconds(),
		}
	}
	return out
}
