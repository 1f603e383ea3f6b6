package tune

import (
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// defaultSpace is what is searched when nothing is said: the targets, the
// minimum from today's on, and both stabilization windows. Max stays, for it is
// a limit on what may be spent; so does a minimum's reason, which no recording
// shows.
func defaultSpace(b *Base) *Space {
	s := &Space{}
	spec := &b.World.Autoscaler
	for i := range spec.Metrics {
		if p, ok := defaultTarget(&spec.Metrics[i], i); ok && len(s.Params) < maxParams-3 {
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
	return s
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
	at := 0
	for at < len(p.Values) && p.Values[at] < m.Goal {
		at++
	}
	if at == len(p.Values) || p.Values[at] != m.Goal {
		p.Values = append(p.Values[:at], append([]int64{m.Goal}, p.Values[at:]...)...)
	}
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
