package random

import (
	"math"
	"time"
)

// series adds a demand series unless there is one already (an External metric
// may have several). goal is what one pod is meant to carry, in milli-units.
func (s *scenario) series(source, name, container string, goal int) {
	key := source + "/" + name + "/" + container
	if s.known[key] && (source != "External" || s.chance(50)) {
		return
	}
	s.known[key] = true
	s.add(source, name, container, goal, s.max)
}

// ratio adds a demand series for a target that is compared with the total: load
// around the target, not a multiple of it.
func (s *scenario) ratio(source, name string, goal int) {
	key := source + "/" + name + "/"
	if s.known[key] && source != "External" {
		return
	}
	s.known[key] = true
	s.add(source, name, "", goal, 0)
}

// add adds a series that moves between 0 and most times its goal; most 0 means
// that it stays around the goal.
func (s *scenario) add(source, name, container string, goal, most int) {
	metric := object{"type": source, "name": name}
	if container != "" {
		metric["container"] = container
	}
	d := object{"metric": metric}
	base := s.chance(30) && goal >= 50_000
	if base {
		d["unit"] = "base"
		goal /= 1000
	}
	step := pick(s, s.period, s.period, s.period, 2*s.period, 3*s.period, 37*time.Second)
	d["step"] = step.String()
	d["values"] = s.walk(goal, most, step)
	if source != "Object" && source != "External" && s.chance(50) {
		d["notReady"] = pick[any](s, 0, "none", goal/3, goal*2)
	}
	s.demand = append(s.demand, d)
}

// walk makes up load: plateaus, ramps, spikes, and values close to where a
// count of pods would stand exactly on its target or on the edge of tolerance.
func (s *scenario) walk(goal, most int, step time.Duration) []any {
	n := int(time.Duration(s.syncs)*(s.period+s.latency)/step) + 1
	nulls := s.chance(25)
	level := s.level(most)
	var out []any
	for len(out) < n {
		to := s.level(most)
		length := s.between(1, pick(s, 1, 2, 4, 12))
		for i := 1; i <= length && len(out) < n; i++ {
			at := to
			if length > 6 { // a ramp
				at = level + (to-level)*float64(i)/float64(length)
			}
			if nulls && s.chance(3) {
				out = append(out, nil)
				continue
			}
			out = append(out, int64(math.Round(at*float64(goal)*s.jitter())))
		}
		level = to
	}
	return out
}

// level is a new level of load, in multiples of the goal.
func (s *scenario) level(most int) float64 {
	if most == 0 {
		return pick(s, 0, 0.2, 0.3, 0.5, 0.6, 0.89, 0.9, 1, 1.1, 1.11, 1.5, 2, 3, 0.4+s.Float64())
	}
	switch s.IntN(12) {
	case 0:
		return 0
	case 1, 2, 3:
		return float64(s.between(0, most))
	case 4, 5:
		return float64(s.between(1, most)) * pick(s, 1.1, 0.9, 1.2, 0.8, 1.05)
	case 6:
		return float64(most) * pick(s, 1.5, 3)
	default:
		return s.Float64() * float64(most)
	}
}

func (s *scenario) jitter() float64 {
	if s.chance(60) {
		return 1
	}
	return 0.95 + s.Float64()/10
}
