package hpa

import (
	"math"
	"testing"
	"time"
)

func TestLimitsWithoutBehavior(t *testing.T) {
	for _, row := range []struct {
		current, desired, min, max, want int32
		reason                           Reason
	}{
		{1, 4, 1, 100, 4, ReasonDesiredWithinRange},
		{1, 5, 1, 100, 4, ReasonScaleUpLimit},
		{2, 5, 1, 100, 4, ReasonScaleUpLimit},
		{3, 7, 1, 100, 6, ReasonScaleUpLimit},
		{3, 6, 1, 100, 6, ReasonDesiredWithinRange},
		{3, 7, 1, 6, 6, ReasonTooManyReplicas},
		{3, 7, 1, 7, 6, ReasonScaleUpLimit},
		{3, 7, 1, 5, 5, ReasonTooManyReplicas},
		{9, 1, 2, 100, 2, ReasonTooFewReplicas},
		{9, 2, 2, 100, 2, ReasonDesiredWithinRange},
		{9, 1, 1, 100, 1, ReasonDesiredWithinRange},
		// From zero min comes before the limit on growth.
		{0, 0, 9, 100, 9, ReasonTooFewReplicas},
		{0, 5, 0, 100, 4, ReasonScaleUpLimit},
		// Twice the count overflows into the lowest integer.
		{1 << 30, math.MaxInt32, 1, math.MaxInt32, math.MinInt32, ReasonScaleUpLimit},
	} {
		s := &Spec{Min: row.min, Max: row.max, Controller: DefaultController()}
		got, reason := s.limit(NewState(1, 1), row.current, row.desired)
		check(t, "replicas", got, row.want)
		check(t, "reason", reason, row.reason)
	}
}

func TestLimitsWithBehavior(t *testing.T) {
	pods := func(n int32) Rules { return Rules{Policies: []Policy{{PolicyPods, n, time.Minute}}} }
	for _, row := range []struct {
		name                       string
		current, desired, min, max int32
		step, want                 int32
		reason                     Reason
	}{
		{"up to the limit", 5, 8, 1, 100, 3, 8, ReasonDesiredWithinRange},
		{"up past the limit", 5, 9, 1, 100, 3, 8, ReasonScaleUpLimit},
		{"up past a limit that is max", 5, 9, 1, 8, 3, 8, ReasonTooManyReplicas},
		{"up past a limit one below max", 5, 10, 1, 9, 3, 8, ReasonScaleUpLimit},
		{"up past max", 5, 9, 1, 7, 3, 7, ReasonTooManyReplicas},
		{"down to the limit", 5, 2, 1, 100, 3, 2, ReasonDesiredWithinRange},
		{"down past the limit", 5, 1, 1, 100, 3, 2, ReasonScaleDownLimit},
		{"down past a limit that is min", 5, 1, 2, 100, 3, 2, ReasonTooFewReplicas},
		{"down past a limit one above min", 5, 0, 1, 100, 3, 2, ReasonScaleDownLimit},
		{"down past min", 5, 1, 3, 100, 3, 3, ReasonTooFewReplicas},
		{"staying, whatever the bounds", 5, 5, 7, 3, 3, 5, ReasonDesiredWithinRange},
		{"up does not look at min", 5, 6, 9, 100, 3, 6, ReasonDesiredWithinRange},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := &Spec{Min: row.min, Max: row.max, HasBehavior: true, Up: pods(row.step), Down: pods(row.step), Controller: DefaultController()}
			got, reason := s.limitByRules(NewState(1, 4), labNow, row.current, row.desired)
			check(t, "replicas", got, row.want)
			check(t, "reason", reason, row.reason)
		})
	}
}

func TestPercentPoliciesAreBinaryFloats(t *testing.T) {
	percent := func(n int32) Rules { return Rules{Policies: []Policy{{PolicyPercent, n, time.Minute}}} }
	for _, row := range []struct{ current, percent, want int32 }{
		{50, 10, 56},
		{90, 10, 100},
		{100, 10, 111},
		{110, 10, 122},
		{170, 10, 188},
		{40, 10, 44},
		{1, 10, 2},
		{3, 100, 6},
		{7, 400, 35},
	} {
		s := &Spec{Up: percent(row.percent), Controller: DefaultController()}
		check(t, "up", s.upLimit(NewState(1, 1), labNow, row.current), row.want)
	}
	for _, row := range []struct{ current, percent, want int32 }{
		{100, 90, 9}, {50, 90, 4}, {90, 30, 62}, {170, 30, 118}, {180, 30, 125}, {100, 30, 70}, {3, 50, 1}, {1, 100, 0}, {3, 150, -1}, {5, 150, -2},
	} {
		s := &Spec{Down: percent(row.percent), Controller: DefaultController()}
		check(t, "down", s.downLimit(NewState(1, 1), labNow, row.current), row.want)
	}
}

func TestSelectPolicyChoosesAmongPolicies(t *testing.T) {
	two := []Policy{{PolicyPods, 3, time.Minute}, {PolicyPercent, 50, time.Minute}, {PolicyPods, 4, time.Minute}}
	for _, row := range []struct {
		policy   SelectPolicy
		up, down int32
	}{{SelectMax, 15, 5}, {SelectMin, 13, 7}, {SelectDisabled, 10, 10}} {
		s := &Spec{Up: Rules{Select: row.policy, Policies: two}, Down: Rules{Select: row.policy, Policies: two}, Controller: DefaultController()}
		check(t, "up", s.upLimit(NewState(1, 1), labNow, 10), row.up)
		check(t, "down", s.downLimit(NewState(1, 1), labNow, 10), row.down)
	}
	// Without policies nothing bounds Min, and everything Max.
	for _, row := range []struct {
		policy   SelectPolicy
		up, down int32
	}{{SelectMax, math.MinInt32, math.MaxInt32}, {SelectMin, math.MaxInt32, math.MinInt32}} {
		s := &Spec{Up: Rules{Select: row.policy}, Down: Rules{Select: row.policy}, Controller: DefaultController()}
		check(t, "up", s.upLimit(NewState(1, 1), labNow, 10), row.up)
		check(t, "down", s.downLimit(NewState(1, 1), labNow, 10), row.down)
	}
}

func TestPoliciesCountEventsOfBothDirections(t *testing.T) {
	st := NewState(1, 4)
	st.ups = []scaleEvent{{1, false, labNow - time.Minute + 1}, {10, true, labNow - time.Minute + 1}, {100, false, labNow - time.Minute}}
	st.downs = []scaleEvent{{2, false, labNow - time.Minute + 1}, {20, false, labNow - 2*time.Minute}}
	// Within a minute: 11 up, 2 down; within three: 111 up, 22 down.
	minute := Rules{Policies: []Policy{{PolicyPods, 5, time.Minute}}}
	longer := Rules{Policies: []Policy{{PolicyPods, 5, 3 * time.Minute}}}
	for _, row := range []struct {
		version  string
		rules    Rules
		up, down int32
	}{
		{"1.26", minute, 50 - 11 + 2 + 5, 50 - 11 + 2 - 5},
		{"1.26", longer, 50 - 111 + 22 + 5, 50 - 111 + 22 - 5},
		{"1.25", minute, 50 - 11 + 5, 50 + 2 - 5},
		{"1.25", longer, 50 - 111 + 5, 50 + 22 - 5},
	} {
		l := newLab(t).version(row.version)
		l.spec.Up, l.spec.Down = row.rules, row.rules
		check(t, "up, "+row.version, l.spec.upLimit(st, labNow, 50), row.up)
		check(t, "down, "+row.version, l.spec.downLimit(st, labNow, 50), row.down)
	}
	// An overdrawn budget means staying, not going back.
	l := newLab(t).behavior()
	l.spec.Up, l.spec.Down = minute, minute
	got, reason := l.spec.limitByRules(st, labNow, 50, 60)
	check(t, "overdrawn up", got, 50)
	check(t, "reason", reason, ReasonScaleUpLimit)
	st.ups, st.downs = st.downs, st.ups
	got, reason = l.spec.limitByRules(st, labNow, 50, 40)
	check(t, "overdrawn down", got, 50)
	check(t, "reason", reason, ReasonScaleDownLimit)
}
