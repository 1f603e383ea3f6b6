package fit

import (
	"math"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
)

// Startups are how long pods that were born within a recording took to start.
type Startups struct {
	// Born is how many there were, Unready how many of them were never seen Ready.
	Born, Unready int
	// Running and Ready are the times from creation on, of those of whom they are
	// known.
	Running, Ready Taken
}

// Taken is how long something took.
type Taken struct {
	// From is the metric that tells it; "" where none does.
	From string
	// Times are ascending.
	Times []time.Duration
	// Within is how far apart the two scrapes were, at most, between which it
	// happened, in the middle of which it counts; 0 where its instant is told, to
	// the second.
	Within time.Duration
}

// Median is the middle one of the times, the lower of two; 0 without any.
func (t *Taken) Median() time.Duration {
	if len(t.Times) == 0 {
		return 0
	}
	return t.Times[(len(t.Times)-1)/2]
}

// Worst is the longest of the times, 0 without any.
func (t *Taken) Worst() time.Duration {
	if len(t.Times) == 0 {
		return 0
	}
	return t.Times[len(t.Times)-1]
}

// StartsOf tells how the workload's pods started. Only those that were created
// within the recording count, as kube_pod_created says; it is nil where the
// recording does not have that metric. Running is when the last container started
// (container_start_time_seconds), else the phase; Ready is the condition's time
// where it was recorded, else when the condition was first seen true.
func StartsOf(rec *series.Recording, opt Options) *Startups {
	o := ownersOf(rec, opt)
	pick := func(match func(l model.Metric) bool) []series.Series {
		var set []series.Series
		for _, s := range rec.Series {
			if match(s.Labels) && len(s.Times) > 0 && keyOf(s.Labels).pod != "" {
				set = append(set, s)
			}
		}
		return dedupe(inNamespace(set, o.namespace))
	}
	created, _ := o.keep(pick(func(l model.Metric) bool { return l[model.MetricNameLabel] == "kube_pod_created" }))
	if len(created) == 0 {
		return nil
	}
	begin, _ := series.Bounds(rec.Series)
	born := map[podKey]int64{}
	for i := range created {
		if at, ok := instant(created[i].Values[0]); ok && at >= begin {
			born[keyOf(created[i].Labels)] = at
		}
	}
	out := &Startups{Born: len(born)}
	named := func(name model.LabelValue, label model.LabelName, value model.LabelValue) []series.Series {
		return pick(func(l model.Metric) bool { return l[model.MetricNameLabel] == name && l[label] == value })
	}
	out.Running = told("container_start_time_seconds", started(pick(func(l model.Metric) bool {
		return l[model.MetricNameLabel] == "container_start_time_seconds" && l["container"] != "" && l["container"] != "POD"
	})), born)
	if out.Running.From == "" {
		out.Running = seen(`kube_pod_status_phase{phase="Running"}`, named("kube_pod_status_phase", "phase", "Running"), born)
	}
	out.Ready = told("kube_pod_status_ready_time", firsts(named("kube_pod_status_ready_time", "", "")), born)
	if out.Ready.From == "" {
		out.Ready = seen(`kube_pod_status_ready{condition="true"}`, named("kube_pod_status_ready", "condition", "true"), born)
	}
	if out.Ready.From != "" {
		out.Unready = out.Born - len(out.Ready.Times)
	}
	return out
}

// instant is a time in seconds since the epoch in milliseconds.
func instant(seconds float64) (int64, bool) {
	v := seconds * 1000
	return int64(v), v > 0 && v < 1e15
}

// firsts are the instants that each pod's series told first.
func firsts(set []series.Series) map[podKey]int64 {
	at := map[podKey]int64{}
	for i := range set {
		key := keyOf(set[i].Labels)
		v, ok := instant(set[i].Values[0])
		if old, again := at[key]; ok && (!again || v < old) {
			at[key] = v
		}
	}
	return at
}

// started is when the last of each pod's containers started for the first time.
func started(set []series.Series) map[podKey]int64 {
	containers := map[string][]series.Series{}
	for _, s := range set {
		name := string(s.Labels["container"])
		containers[name] = append(containers[name], s)
	}
	last := map[podKey]int64{}
	for _, own := range containers {
		for key, at := range firsts(own) {
			last[key] = max(last[key], at)
		}
	}
	return last
}

// told are the times from birth to an instant that the recording tells.
func told(from string, at map[podKey]int64, born map[podKey]int64) Taken {
	t := Taken{}
	for key, birth := range born {
		if v, known := at[key]; known && v >= birth {
			t.From = from
			t.Times = append(t.Times, time.Duration(v-birth)*time.Millisecond)
		}
	}
	slices.Sort(t.Times)
	return t
}

// seen are the times from birth to the middle between the last scrape at which
// something was not so, or the birth, and the first at which it was.
func seen(from string, set []series.Series, born map[podKey]int64) Taken {
	t := Taken{}
	for i := range set {
		s := &set[i]
		birth, known := born[keyOf(s.Labels)]
		if !known {
			continue
		}
		t.From = from
		first := slices.IndexFunc(s.Values, func(v float64) bool { return v == 1 })
		if first < 0 || s.Times[first] < birth {
			continue
		}
		after := birth
		if before := lastKnown(s, first); before > birth {
			after = before
		}
		t.Within = max(t.Within, time.Duration(s.Times[first]-after)*time.Millisecond)
		t.Times = append(t.Times, time.Duration((s.Times[first]+after)/2-birth)*time.Millisecond)
	}
	slices.Sort(t.Times)
	return t
}

// lastKnown is when a series had its last value before one.
func lastKnown(s *series.Series, before int) int64 {
	for i := before - 1; i >= 0; i-- {
		if !math.IsNaN(s.Values[i]) {
			return s.Times[i]
		}
	}
	return math.MinInt64
}
