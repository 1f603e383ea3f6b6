package hpa

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestValidateOnTheEdges takes every bound from both sides; an empty want is a
// Spec that is fine.
func TestValidateOnTheEdges(t *testing.T) {
	metric := func(m Metric, change func(*Metric)) func(*Spec) {
		change(&m)
		return func(s *Spec) { s.Metrics = []Metric{m} }
	}
	for _, row := range []struct {
		name, want string
		change     func(*Spec)
	}{
		{"min 0", "", func(s *Spec) { s.Min = 0 }},
		{"max 1", "", func(s *Spec) { s.Max = 1 }},
		{"min is max", "", func(s *Spec) { s.Min, s.Max = 7, 7 }},
		{"no tolerance", "", func(s *Spec) { s.ToleranceUp, s.ToleranceDown = 0, 0 }},
		{"tolerance up a little less than none", "scaling up is negative", func(s *Spec) { s.ToleranceUp = -math.SmallestNonzeroFloat64 }},
		{"tolerance down a little less than none", "scaling down is negative", func(s *Spec) { s.ToleranceDown = -math.SmallestNonzeroFloat64 }},
		{"goal 1", "", metric(cpuMetric(), func(m *Metric) { m.Goal = 1 })},
		{"goal -1", "target is not above 0", metric(cpuMetric(), func(m *Metric) { m.Goal = -1 })},
		{"the largest percentage", "", metric(cpuMetric(), func(m *Metric) { m.Goal = math.MaxInt32 })},
		{"an average beyond 32 bits", "", metric(podsMetric(), func(m *Metric) { m.Goal = 1 << 31 })},
		{"no target, no goal", "", metric(objectMetric(TargetNone), func(m *Metric) { m.Goal = 0 })},
		{"unknown, no goal", "", metric(Metric{Source: SourceUnknown}, func(*Metric) {})},
		{"utilization of a container", "", metric(cpuMetric(), func(m *Metric) { m.Source = SourceContainerResource })},
		{"value of an External metric", "", metric(externalMetric(TargetValue), func(*Metric) {})},
		{"value of a Pods metric", "kind of target", metric(podsMetric(), func(m *Metric) { m.Target = TargetValue })},
		{"windows", "", func(s *Spec) { s.Up.Stabilization, s.Down.Stabilization = time.Second, time.Hour }},
		{"a negative window", "scaling up: the stabilization window", func(s *Spec) { s.Up.Stabilization = -1 }},
		{"disabled", "", func(s *Spec) { s.Up.Select, s.Down.Select = SelectDisabled, SelectDisabled }},
		{"the least policy", "", func(s *Spec) { s.Up.Policies[0] = Policy{PolicyPercent, 1, time.Second} }},
		{"a negative period", "has a period", func(s *Spec) { s.Up.Policies[0].Period = -time.Second }},
	} {
		s := newLab(t).behavior().spec
		s.Up.Policies = slices.Clone(s.Up.Policies)
		row.change(s)
		switch err := s.Validate(); {
		case row.want == "" && err != nil:
			t.Errorf("%s: %v", row.name, err)
		case row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)):
			t.Errorf("%s: %v, want %s", row.name, err, row.want)
		}
	}
}
