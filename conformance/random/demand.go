package random

import (
	"math"
	"time"
)

// series adds a demand series unless there is one already (an External metric
// may have several). goal is what one pod is meant to carry, in milli-units.
func (s *scenario) series(source, name, container string, goal int) {
	s.add(source, name, container, goal, true)
}

// ratio adds a demand series for a target that is compared with the total: load
// around the target, not a multiple of it.
func (s *scenario) ratio(source, name string, goal int) {
	s.add(source, name, "", goal, false)
}

// add adds a series; perPod says that goal is one pod's.
func (s *scenario) add(source, name, container string, goal int, perPod bool) {
	key := source + "/" + name + "/" + container
	if s.known[key] && (source != "External" || s.chance(70)) {
		return
	}
	s.known[key] = true
	metric := object{"type": source, "name": name}
	if container != "" && (len(s.containers) > 1 || s.chance(50)) {
		metric["container"] = container
	}
	d := object{"metric": metric}
	if s.chance(30) && goal >= 50_000 {
		d["unit"] = "base"
		goal /= 1000
	}
	step := pick(s, s.period, s.period, s.period, s.period, 2*s.period, 37*time.Second)
	if step != defaultStep || s.chance(70) {
		d["step"] = step.String()
	}
	load := goal
	if source != "Object" && source != "External" {
		load -= s.unserved(d, goal)
	}
	d["values"] = s.walk(load, perPod, step)
	s.role(d, container, goal, step)
	s.demand = append(s.demand, d)
}

// role makes up how a series answers to the pods, and what they can do of it.
func (s *scenario) role(d object, container string, goal int, step time.Duration) {
	metric := d["metric"].(object)
	own := metric["type"] == "Resource" || metric["type"] == "Pods"
	idle, _ := d["idle"].(int)
	limit := s.limits[container]
	limited := limit > 0 && metric["name"] == "cpu" && metric["type"] == "Resource"
	switch {
	case own && s.chance(4):
		d["role"] = "perPod"
		d["values"] = s.walk(goal, false, step)
		delete(d, "idle")
		if d["notReady"] != "none" {
			delete(d, "notReady")
		}
		return
	case !own && s.chance(12):
		capacity := max(1, goal/pick(s, 5, 20, 60))
		d["role"], d["capacity"] = "backlog", capacity
		d["values"] = s.walk(capacity, true, step)
		if s.chance(60) {
			d["initial"] = goal * s.between(0, s.highest+2)
		}
		return
	case !own && s.chance(10):
		d["role"] = "exogenous"
	case limited && idle >= limit:
		delete(d, "idle")
		idle = 0
	case limited && s.chance(80): // the limit is the capacity
	case s.chance(20):
		d["capacity"] = max(1, (goal-idle)*pick(s, 3, 4, 5, 8)/3)
		if limited {
			d["capacity"] = max(1, (limit-idle)*s.between(1, 3)/3)
		}
	}
	if own && (limited || d["capacity"] != nil) && s.chance(60) {
		wait := pick(s, "0s", "500ms", "1s", "2500ms", "10s", "1m", "7m")
		if metric["name"] != "memory" { // bytes × milliseconds are too many for the oracle
			d["wait"] = wait
		}
	}
	if d["capacity"] != nil && metric["type"] == "Pods" && s.chance(50) {
		s.capacity[metric["name"].(string)] = d["capacity"]
		delete(d, "capacity")
	}
}

// defaultStep is the length of a value where none is given.
const defaultStep = 15 * time.Second

// unserved makes up what pods report besides their share, and what those report
// that are not ready. It returns how much of a pod's goal is not for load.
func (s *scenario) unserved(d object, goal int) int {
	idle := 0
	if s.chance(30) {
		idle = pick(s, 0, goal/50, goal/10, goal/3, goal*9/10)
		d["idle"] = idle
		if s.chance(10) { // more than the goal: pods that no load is needed to fill
			d["idle"], idle = goal*2, 0
		}
	}
	if s.chance(50) {
		d["notReady"] = pick[any](s, 0, "none", "none", goal/3, goal*2)
	}
	return idle
}

// walk makes up load: plateaus, ramps, spikes, and values close to where a
// count of pods would stand exactly on its target or on the edge of tolerance.
func (s *scenario) walk(goal int, perPod bool, step time.Duration) []any {
	n := int(time.Duration(s.syncs)*(s.period+s.latency)/step) + 1
	level := s.ratioLevel
	if perPod {
		level = s.podLevel
	}
	nulls := s.chance(40)
	from := level()
	var out []any
	for len(out) < n {
		to := level()
		length := s.between(1, pick(s, 1, 1, 2, 2, 3, 5, 9))
		if nulls && s.chance(6) {
			for range length {
				out = append(out, nil)
			}
			continue
		}
		for i := 1; i <= length; i++ {
			at := to
			if length > 5 { // a ramp
				at = from + (to-from)*float64(i)/float64(length)
			}
			out = append(out, int64(math.Round(at*float64(goal)*s.jitter())))
		}
		from = to
	}
	return out[:n]
}

// podLevel is a new level of load, as the number of pods that carry it: within
// the bounds more often than not, or they alone would decide.
func (s *scenario) podLevel() float64 {
	lo, hi := s.lowest, s.highest
	if s.zero && s.chance(40) {
		return 0
	}
	switch s.IntN(12) {
	case 0:
		return float64(lo) / 2
	case 1:
		return float64(hi) * pick(s, 1.1, 1.5, 3)
	case 2, 3:
		return float64(s.between(lo, hi)) * pick(s, 1.1, 0.9, 1.2, 0.8, 1.05)
	case 4, 5, 6:
		return float64(s.between(lo, hi))
	case 7: // far below, so that policies bind on the way
		return float64(lo) + 0.2*s.Float64()*float64(hi-lo)
	default:
		return float64(lo) + s.Float64()*float64(hi-lo)
	}
}

// ratioLevel is a new level of load in multiples of its target. The count is
// multiplied by it in every sync, so it must turn often.
func (s *scenario) ratioLevel() float64 {
	if s.zero && s.chance(40) {
		return 0
	}
	return pick(s, 0.3, 0.5, 0.5, 0.6, 0.7, 0.8, 0.89, 0.9, 1, 1.1, 1.11, 1.3, 1.5, 2, 2, 3, 0.4+s.Float64())
}

func (s *scenario) jitter() float64 {
	if s.chance(60) {
		return 1
	}
	return 0.95 + s.Float64()/10
}
