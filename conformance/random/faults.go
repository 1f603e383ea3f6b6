package random

import (
	"maps"
	"slices"
	"time"
)

// timed is a fault and its time.
type timed struct {
	at time.Duration
	object
}

// faults makes up what happens to the world; hpa is the autoscaler's spec at
// the start, which edits change as they come.
func (s *scenario) faults(hpa object) []any {
	var all []timed
	for range s.syncs/12 + s.IntN(s.syncs/8) {
		at := s.instant()
		all = append(all, timed{at, object{"at": at.String()}})
	}
	slices.SortStableFunc(all, func(a, b timed) int { return int(a.at - b.at) })
	hpa = maps.Clone(hpa) // as edits have left it
	out := []any{}
	for _, f := range all {
		s.fault(f.object, f.at, hpa)
		out = append(out, f.object)
		if f.object["setReplicas"] == 0 && s.chance(95) { // or the rest of the run is a pause
			back := f.at + time.Duration(s.between(1, 6))*s.period
			out = append(out, object{"at": back.String(), "setReplicas": s.between(1, s.max)})
		}
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

// instant is a time in the run, often the very instant of a sync.
func (s *scenario) instant() time.Duration {
	i := s.IntN(s.syncs)
	at := time.Duration(i)*(s.period+s.latency) + s.latency
	if s.chance(60) {
		at += time.Duration(1+s.IntN(int(s.period/time.Millisecond)-1)) * time.Millisecond
	}
	return at
}

// lasting is the length of a fault that covers a few syncs.
func (s *scenario) lasting(syncs int) string {
	d := time.Duration(s.between(1, syncs)) * s.period
	if s.chance(50) {
		d = max(time.Second, d-time.Duration(s.IntN(int(s.period/time.Millisecond)))*time.Millisecond)
	}
	return d.String()
}

func (s *scenario) fault(f object, at time.Duration, hpa object) {
	kind := s.IntN(25)
	if s.dark && s.chance(60) {
		kind = 4
	}
	switch kind {
	case 0, 1, 2, 3:
		f["metricsUnavailable"] = s.apis(hpa)
		f["for"] = s.lasting(5)
	case 4, 5:
		f["podsWithoutMetrics"] = s.ranks()
		s.forSome(f, pick(s, 2, 4, 20))
	case 6:
		f["scaleReadFails"] = true
		f["for"] = s.lasting(3)
	case 7, 8:
		f["scaleWriteFails"] = true
		f["for"] = s.lasting(6)
	case 9, 10, 11, 12:
		s.byHand(f, hpa)
	case 13:
		f["surge"] = s.between(0, 3)
		if s.chance(50) {
			f["for"] = s.lasting(6)
		}
	case 14:
		f["evictPods"] = s.ranks()
	case 15, 16:
		f["podsNotReady"] = s.ranks()
		s.forSome(f, pick(s, 2, 4, 20))
	case 20, 21:
		f["trafficFactor"] = pick(s, 0, 0.001, 0.5, 0.999, 1, 1.2, 1.333, 2, 5.125)
		s.forSome(f, pick(s, 2, 4, 20))
	case 22:
		f["metricsReadZero"] = s.apis(hpa)
		s.forSome(f, pick(s, 2, 4, 20))
	case 23:
		f["readyFactor"] = pick(s, 1, 1.001, 1.5, 3, 7.25)
		s.forSome(f, pick(s, 2, 4, 20))
	case 24:
		f["nodeShortage"] = true
		s.forSome(f, pick(s, 2, 4, 20))
	default:
		s.edit(f, at, hpa)
	}
}

// apis are the metrics APIs that fail: one that the autoscaler asks, or all.
func (s *scenario) apis(hpa object) []string {
	if s.chance(15) {
		return []string{"resource", "custom", "external"}
	}
	api := map[string]string{"Resource": "resource", "ContainerResource": "resource", "Pods": "custom", "Object": "custom", "External": "external"}
	metrics := hpa["metrics"].([]any)
	return []string{api[metrics[s.IntN(len(metrics))].(object)["type"].(string)]}
}

// byHand is somebody's kubectl scale: above max, below min, within, and seldom
// to zero, where an HPA would stay.
func (s *scenario) byHand(f object, hpa object) {
	lowest, highest := hpa["minReplicas"].(int), hpa["maxReplicas"].(int)
	switch {
	case s.chance(35):
		f["setReplicas"] = highest + s.between(1, 5)
	case s.chance(75) && lowest > 1:
		f["setReplicas"] = s.between(1, lowest-1)
	case s.chance(20):
		f["setReplicas"] = 0
	default:
		f["setReplicas"] = s.between(1, highest)
	}
}

// forSome gives a fault an end, now and then none.
func (s *scenario) forSome(f object, syncs int) {
	if s.chance(98) {
		f["for"] = s.lasting(syncs)
	}
}

func (s *scenario) ranks() []int {
	out := []int{}
	for range s.between(1, pick(s, 3, 6)) {
		out = append(out, s.IntN(6))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// edit changes the autoscaler, off the instant of any sync; where syncs take
// time an edit would race with them, so there somebody scales by hand instead.
func (s *scenario) edit(f object, at time.Duration, hpa object) {
	if s.latency > 0 || at%s.period == 0 {
		s.byHand(f, hpa)
		return
	}
	e := object{}
	if s.chance(25) && !s.dark {
		e["metrics"] = s.metrics()
		hpa["metrics"] = e["metrics"]
	}
	if s.chance(60) || e["metrics"] != nil {
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
