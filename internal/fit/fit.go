// Package fit turns recorded series into demand: total load over time, told
// apart from the pods that carried it.
//
//  1. Each metric is looked for among the recorded series (choose.go), by a
//     selector the user gave or by the usual names, in order.
//  2. What was recorded twice, by two Prometheus replicas or by two scrape
//     configurations, becomes one series (dedupe.go).
//  3. A counter that was recorded more often than it was updated loses its
//     repetitions (unstep.go).
//  4. A grid of steps is laid over the time that all metrics share.
//  5. Counters become increments and increments rates; gauges are read at the
//     beginning of each step; both are summed over the pods (demand.go).
//  6. The recorded pod count is read from the series that tells it best
//     (replicas.go).
package fit

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/internal/series"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// Want is a metric whose demand is asked for.
type Want struct {
	// Demand is what is known of it: Source, Name, Container (may be empty),
	// Idle, NotReady, Capacity. Scale, Step, Values and Null are filled in.
	sim.Demand
	// Resource says that Name is a resource of a container, such as cpu, and not
	// the name of a metric.
	Resource bool
	// Shared says that the metric is not the pods' own: an Object or External
	// metric, which somebody in another namespace may export.
	Shared bool
	// Select chooses the recorded series; nil means those with the usual names.
	Select *series.Selector
	// Expr is set when Total is: the values of that expression, in base units
	// (cores, bytes, per second), to be summed over its series.
	Expr  string
	Total []series.Series
	// Average says that Total is the mean over the pods: the recorded pod count
	// makes it a total.
	Average bool
	// Window is the time that each value of Total is a mean over; 0: an instant.
	Window time.Duration
	// Declared is what the user says of how the series were recorded.
	Declared Declared
	// AsIs says that the user knows what the series are: also those that follow
	// from how busy the pods were (Response) are taken then.
	AsIs bool
	// Limit is the CPU limit in cores of the container to be replayed; 0: the
	// recorded one.
	Limit float64
	// Idle and Cost are what is known of the Model by hand; nil: learn it.
	Idle, Cost *float64
}

// Declared is what the user says of how series were recorded; zero: nothing.
type Declared struct {
	// Counter and Gauge say how values are read, whatever the metric's name.
	Counter, Gauge bool
	// Window is the time that each value is a mean over.
	Window time.Duration
	// Downsampled is how far apart the values are that the store has kept, which
	// may answer more often than that.
	Downsampled time.Duration
}

// Options say how to read a recording.
type Options struct {
	// Step is the length of a step; 0 is the interval of the chosen series.
	Step time.Duration
	// Lookback is the longest silence that is bridged; 0 is what Lookback says.
	Lookback time.Duration
	// Namespace is that of the workload, "" for any. What its pods report is read
	// from series of this namespace, or else of none at all. Where what is shared
	// was exported in several, this one counts. Expressions choose for themselves.
	Namespace string
	// Workload is whose pods count.
	Workload Workload
}

// Load is what a recording asked of its pods, on one grid of steps.
type Load struct {
	// Grid starts at t=0 of a replay; step i is [Start+i·Step, Start+(i+1)·Step).
	Grid     series.Grid
	Lookback time.Duration
	// Demands are in the order of the wants.
	Demands []Demand
	// Replicas is the recorded pod count; nil where the recording has none.
	Replicas *Replicas
	// Notes are facts about the whole, such as time that was cut off.
	Notes []string
}

// Demand is the demand for one metric, and where it comes from.
type Demand struct {
	sim.Demand
	// From is the selector or expression that gave it.
	From string
	Kind Kind
	// Series is how many series were summed, Duplicates how many more said the
	// same.
	Series, Duplicates int
	// Owner says whose pods they are of, and how that is known; may be empty.
	Owner string
	// Silent is how many series were silent for longer than the look-back while
	// others were not, Bridged how long in all.
	Silent  int
	Bridged time.Duration
	// Interval is how often it was recorded, at best; Window the time that each
	// recorded value is a mean over, 0 for an instant or a counter.
	Interval, Window time.Duration
	// Known is how far apart the values are that the store has kept, where it
	// answered more often than that; 0: it did not.
	Known time.Duration
	// Resets is how often a counter started anew.
	Resets int
	// Nulls is how many steps have no value.
	Nulls int
	Notes []string
	// Average says that what was recorded is a mean over the pods, which was
	// multiplied by their recorded number.
	Average bool

	// Model is how a pod's use answers to what it is asked for; nil where it was
	// not learned. Values are then the load alone, without Model.Idle.Value for
	// each pod. High are those without Model.Idle.High where Model is a Range.
	Model *Model
	High  []int64

	used      []series.Series
	sum, high []float64
}

// Kind is how recorded values are read.
type Kind uint8

// The kinds of series: a gauge is summed, a counter becomes a rate per second,
// an expression is summed as it is.
const (
	Gauge Kind = iota
	Counter
	Expression
)

// Once returns series without the copies that a second server of a pair made, and
// how many these were: an expression would count them twice.
func Once(set []series.Series) (once []series.Series, copies int) {
	once = merge(set, serverLabels(), func(a, _ *series.Series) bool {
		return a.Labels["pod"] != "" || a.Labels["instance"] != ""
	})
	return once, len(set) - len(once)
}

// Lookback returns how long a sample may stand for its series: five minutes, as
// in Prometheus, or twice the interval of series coarser than that.
func Lookback(set []series.Series) time.Duration {
	step, _ := series.Step(set)
	return max(series.Lookback, 2*step)
}

// QueryGrid returns the instants at which an expression over the whole recording
// is to be evaluated to become a Want's Total: from its first sample to its last,
// step apart; 0 means the recording's own step.
func QueryGrid(rec *series.Recording, step time.Duration) (series.Grid, error) {
	if step == 0 {
		step, _ = series.Step(rec.Series)
	}
	if step < time.Millisecond {
		return series.Grid{}, &Error{Text: "no series of the recording has two samples: its step is unknown", Hint: "record a longer time"}
	}
	first, last := series.Bounds(rec.Series)
	n := (last-first)/step.Milliseconds() + 1
	if n > maxSteps {
		return series.Grid{}, tooLong(n, step)
	}
	return series.Grid{Start: first, Step: step, N: int(n)}, nil
}

// maxSteps bounds a grid: two years at 15 s.
const maxSteps = 5_000_000

func tooLong(n int64, step time.Duration) error {
	return &Error{Text: fmt.Sprintf("%d steps of %v are too many, %d at most", n, step, maxSteps), Hint: "are all times in one unit? else choose a longer step"}
}

// Error is a demand that the recording cannot give. It prints as
// "metric: text; hint".
type Error struct {
	// Metric is the metric's name; may be empty.
	Metric     string
	Text, Hint string
}

func (e *Error) Error() string {
	s := e.Text
	if e.Metric != "" {
		s = "demand for " + e.Metric + ": " + s
	}
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// FromRecording derives the demand for each want. The error is an *Error.
func FromRecording(rec *series.Recording, wants []Want, opt Options) (*Load, error) {
	load := &Load{Lookback: opt.Lookback}
	own := ownersOf(rec, opt)
	born := births(rec)
	var all []series.Series
	for _, w := range wants {
		d, err := choose(rec, w, &own)
		if err != nil {
			return nil, err
		}
		load.Demands = append(load.Demands, d)
		all = append(all, d.used...)
	}
	if load.Lookback == 0 {
		load.Lookback = Lookback(all)
	}
	if err := load.lay(all, opt.Step); err != nil {
		return nil, err
	}
	for i := range load.Demands {
		d := &load.Demands[i]
		if d.Kind == Counter {
			fromZero(d.used, born, load.Lookback)
		}
		if err := d.total(load.Grid, load.Lookback); err != nil {
			return nil, err
		}
	}
	load.Replicas = replicas(rec, load, &own)
	for i := range load.Demands {
		if f := load.learn(rec, i, wants, &own, born); f != nil {
			f.answer(&load.Demands[i])
		}
	}
	for i := range load.Demands {
		d := &load.Demands[i]
		if d.Average {
			if err := d.timesPods(load.Replicas); err != nil {
				return nil, err
			}
		}
		if err := d.quantise(wants[i]); err != nil {
			return nil, err
		}
	}
	return load, nil
}

// lay finds the grid: as long as every demand is recorded. A gauge's last sample
// stands for one step more.
func (l *Load) lay(all []series.Series, step time.Duration) error {
	own, mixed := series.Step(all)
	if step == 0 {
		step = own
	}
	if mixed {
		l.Notes = append(l.Notes, fmt.Sprintf("series of different intervals are read at a step of %v", step))
	}
	if step < time.Millisecond {
		return &Error{Text: "no series has two samples: the step is unknown", Hint: "record a longer time, or give the step"}
	}
	begin, end := int64(math.MinInt64), int64(math.MaxInt64)
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	var spans []string
	for i := range l.Demands {
		d := &l.Demands[i]
		from, to := series.Bounds(d.used)
		if d.Kind != Counter {
			to += step.Milliseconds()
		}
		begin, end = max(begin, from), min(end, to)
		first, last = min(first, from), max(last, to)
		spans = append(spans, fmt.Sprintf("%s from %s to %s", d.Name, series.Timestamp(from), series.Timestamp(to)))
	}
	n := (end - begin) / step.Milliseconds()
	l.Grid = series.Grid{Start: begin, Step: step, N: int(min(n, maxSteps))}
	if end <= begin {
		return &Error{Text: "the metrics share no time: " + strings.Join(spans, ", "), Hint: "record them together"}
	}
	if n > maxSteps {
		return tooLong(n, step)
	}
	if n < 1 {
		return &Error{Text: fmt.Sprintf("the recording is shorter than one step of %v: %s", step, strings.Join(spans, ", ")), Hint: "record a longer time"}
	}
	if cut := begin - first + last - end; cut > 2*step.Milliseconds() {
		l.Notes = append(l.Notes, fmt.Sprintf("%v cut off where not every metric is recorded: %s", time.Duration(cut)*time.Millisecond, strings.Join(spans, ", ")))
	}
	return nil
}
