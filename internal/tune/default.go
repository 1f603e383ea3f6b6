package tune

import (
	"slices"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// defaultSpace is what is searched when nothing is said: the targets, the
// minimum from today's on, both stabilization windows, and tolerances where the
// version has them. Max stays, for it is
// a limit on what may be spent; so does a minimum's reason, which no recording
// shows.
func defaultSpace(b *Base) *Space {
	s := &Space{}
	spec := &b.World.Autoscaler
	for i := range spec.Metrics {
		if p, ok := defaultTarget(&spec.Metrics[i], i); ok && len(s.Params) < maxParams-5 {
			s.Params = append(s.Params, p)
		}
	}
	least := Param{Kind: KindMin, Name: "min", unit: podsUnit(0)}
	for v := spec.Min; v <= min(spec.Max, spec.Min+4); v++ {
		least.Values = append(least.Values, int64(v))
	}
	s.Params = append(s.Params, least,
		Param{Kind: KindWindow, Name: "up.window", Up: true, Values: []int64{0, 30, 60}, unit: secondsUnit(0, longestWindow)},
		Param{Kind: KindWindow, Name: "down.window", Values: []int64{60, 120, 180, 300, 600, 900}, unit: secondsUnit(0, longestWindow)},
	)
	if !spec.Controller.Profile.ConfigurableTolerance {
		return s
	}
	for _, up := range []bool{true, false} {
		p := Param{Kind: KindTolerance, Name: "down.tolerance", Up: up, Values: []int64{50, 100}, unit: toleranceUnit()}
		if up {
			p.Name = "up.tolerance"
		}
		v, _ := p.today(b.World)
		p.Values = with(p.Values, v)
		s.Params = append(s.Params, p)
	}
	return s
}

// with is a list of ascending values and one that may be among them.
func with(list []int64, v int64) []int64 {
	at, known := slices.BinarySearch(list, v)
	if known {
		return list
	}
	return slices.Insert(list, at, v)
}

// defaultTarget are the targets tried of a metric: 40 to 90 % of a request, or
// half to one and a half of today's amount, and today's.
func defaultTarget(m *hpa.Metric, i int) (Param, bool) {
	p := Param{Kind: KindTarget, Name: "target." + m.Name, Metric: i, unit: quantityUnit()}
	switch m.Target {
	case hpa.TargetUtilization:
		p.unit = percentUnit()
		for v := int64(40); v <= 90; v += 5 {
			p.Values = append(p.Values, v)
		}
	case hpa.TargetAverageValue, hpa.TargetValue:
		for tenths := int64(5); tenths <= 15; tenths++ {
			if v := roundTo3(m.Goal * tenths / 10); len(p.Values) == 0 || v > p.Values[len(p.Values)-1] {
				p.Values = append(p.Values, max(1, v))
			}
		}
	case hpa.TargetNone:
		return p, false
	}
	p.Values = with(p.Values, m.Goal)
	return p, true
}

// roundTo3 keeps three digits of a number.
func roundTo3(v int64) int64 {
	power := int64(1)
	for v/power >= 1000 {
		power *= 10
	}
	return v / power * power
}
