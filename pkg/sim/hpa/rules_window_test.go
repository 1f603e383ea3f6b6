package hpa

import (
	"slices"
	"testing"
	"time"
)

const window = 5 * time.Minute

func recs(pairs ...any) (out []recommendation) {
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, recommendation{int32(pairs[i].(int)), labNow - pairs[i+1].(time.Duration)})
	}
	return out
}

func checkSlice[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

func TestStabilizationWithoutBehavior(t *testing.T) {
	now := recs(3, time.Duration(0))[0]
	for _, row := range []struct {
		name    string
		history []recommendation
		want    int32
		reason  Reason
		after   []recommendation
	}{
		{"nothing remembered", nil, 3, ReasonReadyForNewScale, recs(3, time.Duration(0))},
		{
			"exactly one window old counts", recs(9, window), 9, ReasonScaleDownStabilized,
			recs(9, window, 3, time.Duration(0)),
		},
		{"older does not, and is overwritten", recs(9, window+1), 3, ReasonReadyForNewScale, recs(3, time.Duration(0))},
		{
			"the last old one is overwritten", recs(9, window+1, 7, window+2, 5, window), 5, ReasonScaleDownStabilized,
			[]recommendation{{9, labNow - window - 1}, now, {5, labNow - window}},
		},
		{
			"going up is not delayed", recs(1, time.Minute), 3, ReasonReadyForNewScale,
			recs(1, time.Minute, 3, time.Duration(0)),
		},
		{
			"the same is ready", recs(3, time.Minute), 3, ReasonReadyForNewScale,
			recs(3, time.Minute, 3, time.Duration(0)),
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			l := newLab(t)
			l.st.recommendations = slices.Clone(row.history)
			got, reason := l.spec.stabilize(l.st, labNow, 3)
			check(t, "replicas", got, row.want)
			check(t, "reason", reason, row.reason)
			checkSlice(t, "history", l.st.recommendations, row.after)
		})
	}
}

func TestStabilizationWithBehavior(t *testing.T) {
	const up, down = time.Minute, 5 * time.Minute
	for _, row := range []struct {
		name              string
		current, proposed int32
		history           []recommendation
		want              int32
		reason            Reason
		overwrites        int
	}{
		{"up: exactly one window old no longer counts", 5, 8, recs(6, up), 8, ReasonReadyForNewScale, -1},
		{"up: a little younger counts", 5, 8, recs(6, up-1), 6, ReasonScaleUpStabilized, -1},
		{"up: below the current count means staying", 5, 8, recs(2, up-1), 5, ReasonScaleUpStabilized, -1},
		{"down: exactly one window old no longer counts", 5, 2, recs(4, down), 2, ReasonReadyForNewScale, -1},
		{"down: a little younger counts", 5, 2, recs(4, down-1), 4, ReasonScaleDownStabilized, -1},
		{"down: above the current count means staying", 5, 2, recs(9, down-1), 5, ReasonScaleDownStabilized, -1},
		{"the same count", 5, 5, recs(9, down-1, 1, up-1), 5, ReasonReadyForNewScale, -1},
		{"the windows cross: down wins over up", 5, 5, nil, 5, ReasonReadyForNewScale, -1},
		{"out of one window only is kept", 5, 5, recs(9, up+1), 5, ReasonReadyForNewScale, -1},
		{"exactly one window old is kept", 5, 5, recs(9, down), 5, ReasonReadyForNewScale, -1},
		{"out of both is overwritten", 5, 5, recs(9, down+1), 5, ReasonReadyForNewScale, 0},
		{"the last one out of both is", 5, 5, recs(9, down+1, 8, down+1, 7, down), 5, ReasonReadyForNewScale, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			l := newLab(t).behavior()
			l.spec.Up.Stabilization, l.spec.Down.Stabilization = up, down
			l.st.recommendations = slices.Clone(row.history)
			got, reason := l.spec.stabilizeByRules(l.st, labNow, row.current, row.proposed)
			check(t, "replicas", got, row.want)
			check(t, "reason", reason, row.reason)
			after := slices.Clone(row.history)
			if row.overwrites >= 0 {
				after[row.overwrites] = recommendation{row.proposed, labNow}
			} else {
				after = append(after, recommendation{row.proposed, labNow})
			}
			checkSlice(t, "history", l.st.recommendations, after)
		})
	}
	// Out of the down window but within a longer up window is kept, too.
	l := newLab(t).behavior()
	l.spec.Up.Stabilization, l.spec.Down.Stabilization = down, up
	l.st.recommendations = recs(9, up+1)
	l.spec.stabilizeByRules(l.st, labNow, 5, 5)
	check(t, "entries", len(l.st.recommendations), 2)
}

func TestAWindowThatGrowsRemembersAgain(t *testing.T) {
	l := newLab(t).behavior()
	l.st.recommendations = recs(9, 4*time.Minute)
	l.spec.Down.Stabilization = time.Minute
	got, _ := l.spec.stabilizeByRules(l.st, labNow, 5, 5)
	check(t, "with a short window", got, 5)
	l = newLab(t).behavior()
	// Both are out of a window of a minute; only the last is overwritten.
	l.st.recommendations = recs(9, 4*time.Minute, 7, 3*time.Minute)
	l.spec.Down.Stabilization = time.Minute
	l.spec.stabilizeByRules(l.st, labNow, 9, 2)
	l.spec.Down.Stabilization = 5 * time.Minute
	got, _ = l.spec.stabilizeByRules(l.st, labNow, 9, 2)
	check(t, "with a longer one", got, 9)
}

func TestHistoryBeginsWithTheCurrentCount(t *testing.T) {
	for name, prepare := range map[string]func(*lab){
		"paused":        func(l *lab) { l.scale(0) },
		"blocked":       func(l *lab) { l.o.Readings = []Reading{{Error: "busy"}} },
		"above max":     func(l *lab) { l.scale(200) },
		"below min":     func(l *lab) { l.spec.Min = 4 },
		"no selector":   func(l *lab) { l.o.SelectorError = SelectorMissing },
		"write failure": func(l *lab) { l.scale(200); l.o.ScaleWriteError = "conflict" },
	} {
		l := newLab(t).scale(3).ready(3, 100)
		prepare(l)
		l.step()
		checkSlice(t, name, l.st.recommendations, []recommendation{{l.o.SpecReplicas, labNow}})
		l.o.Now += time.Second
		l.step()
		check(t, name+": later", len(l.st.recommendations), 1)
	}
	l := newLab(t).scale(3).ready(3, 100)
	l.o.ScaleReadError = "busy"
	l.step()
	check(t, "unreadable", len(l.st.recommendations), 0)
}

func TestAFailedWriteKeepsItsRecommendation(t *testing.T) {
	l := newLab(t).behavior().scale(3).ready(3, 200)
	l.o.ScaleWriteError = "conflict"
	l.step()
	checkSlice(t, "history", l.st.recommendations, []recommendation{{3, labNow}, {6, labNow}})
	check(t, "events", len(l.st.ups), 0)
}

func TestScaleEvents(t *testing.T) {
	const short, long = 15 * time.Second, time.Minute
	rules := Rules{Policies: []Policy{{Period: short}, {Period: long}, {Period: short}}}
	event := func(change int32, age time.Duration, outdated bool) scaleEvent {
		return scaleEvent{change, outdated, labNow - age}
	}
	now := event(4, 0, false)
	for _, row := range []struct {
		name          string
		before, after []scaleEvent
	}{
		{"the first", nil, []scaleEvent{now}},
		{"exactly the longest period old is kept", []scaleEvent{event(1, long, false)}, []scaleEvent{event(1, long, false), now}},
		{"older is overwritten", []scaleEvent{event(1, long+1, false)}, []scaleEvent{now}},
		{
			"the last old one is, the others are marked",
			[]scaleEvent{event(1, long+1, false), event(2, long+1, false), event(3, 0, false)},
			[]scaleEvent{event(1, long+1, true), now, event(3, 0, false)},
		},
		{"a mark stays", []scaleEvent{event(1, 0, true)}, []scaleEvent{now}},
	} {
		for _, up := range []bool{true, false} {
			t.Run(row.name, func(t *testing.T) {
				s := &Spec{HasBehavior: true, Up: rules, Down: rules}
				st := NewState(1, 4)
				list, other, to := &st.ups, &st.downs, int32(9)
				if !up {
					list, other, to = &st.downs, &st.ups, 1
				}
				*list = slices.Clone(row.before)
				s.remember(st, labNow, 5, to)
				checkSlice(t, "events", *list, row.after)
				check(t, "events of the other direction", len(*other), 0)
				before := len(*list)
				s.HasBehavior = false
				s.remember(st, labNow, 5, to)
				check(t, "events without behavior", len(*list), before)
			})
		}
	}
}

func TestJumpsIntoBoundsAreEventsToo(t *testing.T) {
	l := newLab(t).behavior().scale(120).ready(120, 100)
	l.spec.Up.Select, l.spec.Down.Select = SelectDisabled, SelectDisabled
	l.step()
	checkSlice(t, "downs", l.st.downs, []scaleEvent{{20, false, labNow}})
	l = newLab(t).behavior().scale(2).ready(2, 100)
	l.spec.Min, l.spec.Up.Select = 6, SelectDisabled
	l.step()
	checkSlice(t, "ups", l.st.ups, []scaleEvent{{4, false, labNow}})
}
