package random

import (
	"maps"
	"slices"
	"time"
)

// faults makes up what happens to the world; hpa is the autoscaler's spec at
// the start, which edits change as they come.
func (s *scenario) faults(hpa object) []any {
	type fault struct {
		at time.Duration
		object
	}
	var all []fault
	for range s.between(0, 14) {
		at := s.instant()
		all = append(all, fault{at, object{"at": at.String()}})
	}
	slices.SortStableFunc(all, func(a, b fault) int { return int(a.at - b.at) })
	hpa = maps.Clone(hpa) // as edits have left it
	out := []any{}
	for _, f := range all {
		s.fault(f.object, f.at, hpa)
		out = append(out, f.object)
	}
	if s.chance(20) {
		out = append(out, object{"at": s.instant().String(), "setReplicas": s.between(1, s.max)})
	}
	if s.chance(30) {
		s.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
		out = s.withoutEdits(out)
	}
	return out
}

// withoutEdits drops the edits of a list that is not in time order, for each
// was made up for the autoscaler that the one before it left.
func (s *scenario) withoutEdits(all []any) []any {
	return slices.DeleteFunc(all, func(f any) bool { return f.(object)["editAutoscaler"] != nil })
}

// instant is a time in the run, more often than not the very instant of a sync.
func (s *scenario) instant() time.Duration {
	i := s.IntN(s.syncs)
	at := time.Duration(i)*(s.period+s.latency) + s.latency
	if s.chance(50) {
		at += time.Duration(1+s.IntN(int(s.period/time.Millisecond)-1)) * time.Millisecond
	}
	return at
}

func (s *scenario) fault(f object, at time.Duration, hpa object) {
	lasting := s.seconds(1, pick(s, 20, 120, 900))
	switch s.IntN(9) {
	case 0:
		f["metricsUnavailable"] = pick(s, []string{"resource"}, []string{"custom"}, []string{"external"}, []string{"resource", "custom", "external"})
		f["for"] = s.seconds(1, pick(s, 20, 120))
	case 1:
		f["podsWithoutMetrics"] = s.ranks()
		s.forSome(f, lasting)
	case 2:
		f["scaleReadFails"] = true
		f["for"] = s.seconds(1, 60)
	case 3:
		f["scaleWriteFails"] = true
		f["for"] = s.seconds(1, pick(s, 20, 300))
	case 4:
		s.byHand(f)
	case 5:
		f["surge"] = s.between(0, 4)
	case 6:
		f["evictPods"] = s.ranks()
	case 7:
		f["podsNotReady"] = s.ranks()
		s.forSome(f, lasting)
	default:
		s.edit(f, at, hpa)
	}
}

// byHand is somebody's kubectl scale, seldom to zero, where an HPA would stay.
func (s *scenario) byHand(f object) {
	f["setReplicas"] = s.between(1, s.max+5)
	if s.chance(15) {
		f["setReplicas"] = 0
	}
}

func (s *scenario) forSome(f object, lasting string) {
	if s.chance(90) {
		f["for"] = lasting
	}
}

func (s *scenario) ranks() []int {
	out := []int{}
	for range s.between(1, 3) {
		out = append(out, s.IntN(6))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// edit changes the autoscaler, off the instant of any sync; where syncs take
// time an edit would race with them, so there somebody scales by hand instead.
func (s *scenario) edit(f object, at time.Duration, hpa object) {
	if s.latency > 0 || at%s.period == 0 {
		s.byHand(f)
		return
	}
	e := object{}
	if s.chance(40) {
		e["metrics"] = s.metrics()
		hpa["metrics"] = e["metrics"]
	}
	if s.chance(50) || e["metrics"] != nil {
		s.bounds(hpa)
		e["minReplicas"], e["maxReplicas"] = hpa["minReplicas"], hpa["maxReplicas"]
	}
	if s.chance(40) || len(e) == 0 {
		e["behavior"] = nil
		if b := s.behavior(); b != nil {
			e["behavior"] = b
		}
	}
	f["editAutoscaler"] = e
}
