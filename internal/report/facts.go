package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// fact is one line of a summary: what a replay was, cost or served. Without a
// value there is nothing to say of it.
type fact struct {
	name, value string
	// detail completes the value where there is room for it.
	detail string
	// bad marks what deserves attention.
	bad bool
}

// atLeast says whether the demand may have been higher than it is known to be.
func (r *Replay) atLeast() bool { return r.Coarse > 0 || r.Understated > 0 }

// facts are the lines of a replay's summary, the same ones for every replay.
func facts(r *Replay) []fact { return bothEnds(r, certain) }

// bothEnds gives what depends on something that is known only as a range for
// both ends of it.
func bothEnds(r *Replay, of func(*Replay) []fact) []fact {
	list := of(r)
	if r.Other == nil || list == nil {
		return list
	}
	for i, other := range of(r.Other) {
		if f := &list[i]; f.value != other.value {
			f.value += " to " + other.value
			f.bad = f.bad || other.bad
		}
	}
	return list
}

// certain are the facts of one replay alone.
func certain(r *Replay) []fact {
	return slices.Concat([]fact{
		replicasFact(r),
		hoursFact(r),
		moneyFact(r),
		requestsFact(r),
		capacityFact(r),
		boundFact("at max", r.Score.AtMax, r),
		boundFact("at min", r.Score.AtMin, r),
		saturatedFact(r),
		servedFact(r),
	}, latencyFacts(r), []fact{
		sloFact(r),
		responseFact(r),
		spikesFact(r),
		lagFact(r),
		nodesFact(r),
		rolloutFact(r),
		scaleFact(r),
		{name: "direction changes", value: strconv.FormatInt(r.Score.DirectionChanges, 10), detail: "a scale event that reverses the one before"},
		thrashFact(r),
		failedFact(r),
	})
}

func replicasFact(r *Replay) fact {
	a := &r.World.Autoscaler
	return fact{
		name:   "replicas min/median/max",
		value:  fmt.Sprintf("%d / %d / %d", r.Score.Min(), r.Score.Median(), r.Score.Max()),
		detail: fmt.Sprintf("the HPA allows %d to %d", a.Min, a.Max),
	}
}

// hoursFact compares the cost with a fleet that always has the peak's size,
// and with one at maxReplicas.
func hoursFact(r *Replay) fact {
	hours := r.Score.ReplicaHours()
	f := fact{name: "replica-hours", value: fixed(hours, 2)}
	peak := r.Score.Max()
	f.detail = against("a fixed "+strconv.Itoa(int(peak))+" (its peak)", hours, float64(peak)*r.Score.Duration.Hours())
	if a := r.World.Autoscaler.Max; a != peak {
		f.detail += "; " + against(fmt.Sprintf("%d (max)", a), hours, float64(a)*r.Score.Duration.Hours())
	}
	return f
}

// against compares a cost with another: "a fixed 10 (its peak) takes 6.67: 49%
// less".
func against(what string, hours, other float64) string {
	text := what + " takes " + fixed(other, 2)
	change := percent(math.Abs(hours/other - 1))
	switch {
	case other <= 0:
		return text
	case math.Abs(hours-other) < 0.005:
		return text + ": the same"
	case hours < other:
		return text + ": " + change + " less"
	}
	return text + ": " + change + " more"
}

func boundFact(name string, d time.Duration, r *Replay) fact {
	return fact{name: "time " + name, value: span(d), detail: ofTime(d, r.Score.Duration), bad: name == "at max" && d > 0}
}

// ofTime is a length of time as a share of the whole.
func ofTime(d, whole time.Duration) string {
	return share(d.Seconds(), whole.Seconds()) + " of the time"
}

func saturatedFact(r *Replay) fact {
	if !r.Score.HasCapacity {
		return fact{name: "time saturated", value: "unknown", detail: "capacity unknown: say what one pod can serve in demand[].capacity"}
	}
	f := fact{name: "time saturated", value: span(r.Score.Saturated), bad: r.Score.Saturated > 0}
	f.detail = ofTime(r.Score.Saturated, r.Score.Duration) + ", demand above what the ready pods can serve"
	if r.atLeast() {
		f.value = "≥ " + f.value
	}
	if r.Coarse > 0 {
		f.detail += "; peaks shorter than " + span(r.Coarse) + " do not show in the recording"
	}
	if r.Understated > 0 {
		f.detail += "; the recording was saturated for " + span(r.Understated) + ", so more may have arrived"
	}
	return f
}

// rolloutFact says how long pods were being replaced, where they were.
func rolloutFact(r *Replay) fact {
	n := 0
	for i := range r.World.Faults {
		if f := &r.World.Faults[i]; f.Kind == sim.FaultRollout && f.At < r.Score.Duration {
			n++
		}
	}
	if n == 0 {
		return fact{name: "rolling out"}
	}
	return fact{
		name: "rolling out", value: span(r.Score.Rolling),
		detail: ofTime(r.Score.Rolling, r.Score.Duration) + ", " + plural(int64(n), "rollout") + "; meanwhile there are pods of the surge besides",
	}
}

// nodesFact says how long pods had no node, where they might have had none.
func nodesFact(r *Replay) fact {
	s, given := &r.Score, r.World.Nodes.PodsPerNode > 0
	if !given && s.Homeless == 0 {
		return fact{name: "waiting for a node"}
	}
	f := fact{name: "waiting for a node", value: span(s.Homeless), bad: s.Homeless > 0}
	f.detail = ofTime(s.Homeless, s.Duration) + ", in which some pod had none"
	if given {
		f.detail += "; " + fixed(s.NodeHours(), 2) + " node-hours"
	}
	return f
}

func scaleFact(r *Replay) fact {
	s := &r.Score
	return fact{
		name:   "scale events",
		value:  strconv.FormatInt(s.ScaleUps+s.ScaleDowns, 10),
		detail: fmt.Sprintf("%d up, %d down", s.ScaleUps, s.ScaleDowns),
	}
}

func failedFact(r *Replay) fact {
	s := &r.Score
	f := fact{name: "failed syncs", value: strconv.FormatInt(s.FailedSyncs, 10), detail: "of " + strconv.FormatInt(s.Syncs, 10), bad: s.FailedSyncs > 0}
	main, ok := r.Trace.MainFailure()
	if !ok {
		return f
	}
	if main.Syncs < s.FailedSyncs {
		f.detail += fmt.Sprintf("; %d of them", main.Syncs)
	}
	f.detail += fmt.Sprintf(", first at %s: %s: %s", instant(r.Start, main.First), main.Reason, oneLine(main.Message))
	return f
}

// recordedFacts compare the replay with what was recorded.
func recordedFacts(r *Replay) []fact { return bothEnds(r, compared) }

func compared(r *Replay) []fact {
	d := r.Difference
	if r.Recorded == nil || d.Compared <= 0 {
		return nil
	}
	return []fact{
		{name: "recorded replicas", value: recordedRange(r.Recorded), detail: "known for " + span(d.Compared) + ", " + ofTime(d.Compared, r.Score.Duration)},
		{name: "time at same count", value: percent(d.EqualShare()), detail: "of that time"},
		{
			name: "mean difference", value: fixed(d.MeanAbsolute(), 2),
			detail: fmt.Sprintf("pods, absolute; most %d, first at %s", d.Worst, instant(r.Start, d.WorstAt)),
		},
	}
}

// recordedRange is the least and the greatest recorded count.
func recordedRange(points []sim.Point) string {
	least, most := sim.Unknown, sim.Unknown
	for _, p := range points {
		if p.N == sim.Unknown {
			continue
		}
		if least == sim.Unknown || p.N < least {
			least = p.N
		}
		most = max(most, p.N)
	}
	if least == most {
		return strconv.Itoa(int(most))
	}
	return fmt.Sprintf("%d to %d", least, most)
}

// instant prints a time of the replay: the clock where it is known, else the
// offset.
func instant(start time.Time, t time.Duration) string {
	if start.IsZero() {
		return "+" + span(t)
	}
	return start.Add(t).UTC().Format("2006-01-02 15:04:05")
}

// oneLine keeps a message from breaking a table.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
