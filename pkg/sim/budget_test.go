package sim_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

func TestParseBudget(t *testing.T) {
	for text, want := range map[string]struct {
		term  string
		op    sim.Op
		limit float64
		text  string
	}{
		"saturatedMinutes <= 5":            {"saturatedMinutes", sim.AtMost, 5, "saturatedMinutes <= 5"},
		"saturatedMinutes<=5":              {"saturatedMinutes", sim.AtMost, 5, "saturatedMinutes<=5"},
		"  thrash \t==  0 ":                {"thrash", sim.Equal, 0, "thrash == 0"},
		"saturatedMinutes < 90s":           {"saturatedMinutes", sim.Below, 1.5, "saturatedMinutes < 90s"},
		"saturatedMinutes <= 1.5 h":        {"saturatedMinutes", sim.AtMost, 90, "saturatedMinutes <= 1.5 h"},
		"spikeSeconds <= 2m":               {"spikeSeconds", sim.AtMost, 120, "spikeSeconds <= 2m"},
		"spikeSeconds <= 100":              {"spikeSeconds", sim.AtMost, 100, "spikeSeconds <= 100"},
		"requestUtilization >= 40%":        {"requestUtilization", sim.AtLeast, 0.4, "requestUtilization >= 40%"},
		"requestUtilization > 0.7 %":       {"requestUtilization", sim.Above, 0.007, "requestUtilization > 0.7 %"},
		"replicaHours <= 0120.50":          {"replicaHours", sim.AtMost, 120.5, "replicaHours <= 0120.50"},
		"cost <= 12":                       {"cost", sim.AtMost, 12, "cost <= 12"},
		"scaleEvents <= 9007199254740993":  {"scaleEvents", sim.AtMost, 9007199254740992, "scaleEvents <= 9007199254740993"},
		"meanCapacityUtilization < 0.8000": {"meanCapacityUtilization", sim.Below, 0.8, "meanCapacityUtilization < 0.8000"},
	} {
		b, err := sim.ParseBudget(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if b.Term.Name != want.term || b.Op != want.op || b.Limit != want.limit || b.Text != want.text {
			t.Errorf("%q is %s %s %v (%q), want %+v", text, b.Term.Name, b.Op, b.Limit, b.Text, want)
		}
	}
}

func TestWhatIsNoBudgetIsRefusedWithItsPlace(t *testing.T) {
	long := strings.Repeat("9", 150)
	for text, want := range map[string]string{
		"":                           `"", character 1: it does not begin with a term; write a term, a comparison and a number, such as saturatedMinutes <= 5`,
		"5 >= thrash":                `"5 >= thrash", character 1: there is no term "5"; docs/score.md lists them`,
		"<= 5":                       `"<= 5", character 1: it does not begin with a term; write a term, a comparison and a number, such as saturatedMinutes <= 5`,
		"Thrash <= 5":                `"Thrash <= 5", character 1: there is no term "Thrash"; docs/score.md lists them`,
		"saturated_minutes <= 5":     `"saturated_minutes <= 5", character 1: there is no term "saturated_minutes"; docs/score.md lists them`,
		"thrash":                     `"thrash", character 7: the comparison is missing; write <=, <, >=, > or ==`,
		"thrash = 5":                 `"thrash = 5", character 8: there is no comparison "="; write <=, <, >=, > or ==`,
		"thrash =< 5":                `"thrash =< 5", character 8: there is no comparison "=<"; write <=, <, >=, > or ==`,
		"thrash != 5":                `"thrash != 5", character 8: there is no comparison "!="; write <=, <, >=, > or ==`,
		"thrash ≤ 5":                 `"thrash ≤ 5", character 8: the comparison is missing; write <=, <, >=, > or ==`,
		"thrash <=":                  `"thrash <=", character 10: the limit is no number; write digits, such as 5 or 0.1`,
		"thrash <= -1":               `"thrash <= -1", character 11: the limit is no number; write digits, such as 5 or 0.1`,
		"thrash <= .5":               `"thrash <= .5", character 11: the limit is no number; write digits, such as 5 or 0.1`,
		"thrash <= 5.":               `"thrash <= 5.", character 13: digits are missing after the point; write 5 or 5.0`,
		"thrash <= NaN":              `"thrash <= NaN", character 11: the limit is no number; write digits, such as 5 or 0.1`,
		"thrash <= 1e3":              `"thrash <= 1e3", character 12: "e3" is no unit of thrash; write a number, without a unit`,
		"thrash <= 5%":               `"thrash <= 5%", character 12: "%" is no unit of thrash; write a number, without a unit`,
		"thrash <= 5 6":              `"thrash <= 5 6", character 13: "6" is no unit of thrash; write a number, without a unit`,
		"saturatedMinutes <= 5 days": `"saturatedMinutes <= 5 days", character 23: "days" is no unit of saturatedMinutes; write a number of minutes, or one with s, m or h`,
		"spikeSeconds <= 5ms":        `"spikeSeconds <= 5ms", character 18: "ms" is no unit of spikeSeconds; write a number of seconds, or one with s, m or h`,
		"requestUtilization >= 4m":   `"requestUtilization >= 4m", character 24: "m" is no unit of requestUtilization; write a ratio such as 0.4, or a share such as 40%`,
		"replicaHours <= 3h":         `"replicaHours <= 3h", character 18: "h" is no unit of replicaHours; write a number of pod-hours, without a unit`,
		"cost <= 3€":                 `"cost <= 3€", character 10: "€" is no unit of cost; write an amount in the price's currency, without a unit`,
		"cost <= " + long + long:     `"cost <= ` + long[:32] + `…", character 1: it is too long; write a term, a comparison and a number, such as saturatedMinutes <= 5`,
		"thrash <= 5, spikes <= 2":   `"thrash <= 5, spikes <= 2", character 12: ", spikes <= 2" is no unit of thrash; write a number, without a unit`,
	} {
		_, err := sim.ParseBudget(text)
		if err == nil || err.Error() != want {
			t.Errorf("%q:\n got  %v\n want %s", text, err, want)
		}
	}
}

func TestUnknownTermsAreNamedForAHint(t *testing.T) {
	_, err := sim.ParseBudget("saturatedMinute <= 5")
	var e *sim.BudgetError
	if !errors.As(err, &e) || e.Term != "saturatedMinute" || e.Character() != 1 {
		t.Errorf("%+v", err)
	}
}

// FuzzParseBudget: a text is a budget or refused at a place within it; a budget
// reads the same once more, and its own limit keeps it or breaks it.
func FuzzParseBudget(f *testing.F) {
	for _, s := range []string{"saturatedMinutes <= 5", "thrash==0", "requestUtilization >= 0.1 %", "cost < 1.5", "spikeSeconds > 2h", "x", "thrash <= ", "\xff <= 1", "thrash <= 1é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, err := sim.ParseBudget(text)
		if err != nil {
			var e *sim.BudgetError
			if !errors.As(err, &e) || e.At < 0 || e.At > len(text) || e.What == "" || e.Hint == "" {
				t.Errorf("%q: %#v", text, err)
			}
			return
		}
		if !(b.Limit >= 0) || b.Limit > 1e300 {
			t.Errorf("%q: limit %v", text, b.Limit)
		}
		if b.Holds(b.Limit) != (b.Op == sim.AtMost || b.Op == sim.AtLeast || b.Op == sim.Equal) {
			t.Errorf("%q: holds %v at its limit", text, b.Holds(b.Limit))
		}
		again, err := sim.ParseBudget(b.Text)
		if err != nil || again.Term.Name != b.Term.Name || again.Op != b.Op || again.Limit != b.Limit || again.Text != b.Text {
			t.Errorf("%q: once more %+v, %v", text, again, err)
		}
	})
}

// budgets parses budgets that are right.
func budgets(t *testing.T, texts ...string) []sim.Budget {
	t.Helper()
	var list []sim.Budget
	for _, text := range texts {
		b, err := sim.ParseBudget(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, b)
	}
	return list
}

// TestBudgetsBreakWhenTheirTotalPassesTheLimit uses the ten ticks of
// TestScoreOfTenTicksByHand: saturated from 30 to 65, 75 to 80 and 90 to 150.
func TestBudgetsBreakWhenTheirTotalPassesTheLimit(t *testing.T) {
	const never = -time.Millisecond
	w := scoredTicks()
	score := w.Run(nil)
	for _, tt := range []struct {
		text   string
		kept   bool
		first  time.Duration
		excess float64
	}{
		{"saturatedMinutes <= 100s", true, never, 0},
		{"saturatedMinutes < 100s", false, 150 * time.Second, 0},
		{"saturatedMinutes <= 0.5", false, 60*time.Second + time.Millisecond, 70.0 / 60},
		{"saturatedMinutes < 0.5", false, 60 * time.Second, 70.0 / 60},
		{"saturatedMinutes <= 36s", false, 76*time.Second + time.Millisecond, 64.0 / 60},
		{"saturatedMinutes <= 41s", false, 91*time.Second + time.Millisecond, 59.0 / 60},
		{"saturatedMinutes == 0", false, 30*time.Second + time.Millisecond, 100.0 / 60},
		{"saturatedMinutes == 110s", false, never, 10.0 / 60},
		{"saturatedMinutes == 100s", true, never, 0},
		{"saturatedMinutes >= 2", false, never, 20.0 / 60},
		{"replicaHours <= 0.1", false, 130*time.Second + time.Millisecond, 20.0 / 3600},
		{"spikes <= 0", false, 30*time.Second + time.Millisecond, 1},
		{"spikeSeconds <= 20", false, 50*time.Second + time.Millisecond, 15},
		{"meanSpikeSeconds <= 20", false, never, 15},
		{"scaleEvents < 3", false, 90 * time.Second, 0},
		{"scaleUps < 1", false, 30 * time.Second, 0},
		{"thrash <= 3", false, 90 * time.Second, 1},
		{"thrash <= 1", false, 75 * time.Second, 3},
		{"failedSyncs == 0", false, 105 * time.Second, 1},
		{"atMaxMinutes <= 1", true, never, 0},
		{"capacityUtilization <= 40%", false, never, 168.0/380 - 0.4},
		{"unservedShare <= 15%", false, never, 3.0/19.8 - 0.15},
	} {
		v := w.Judge(&score, budgets(t, tt.text))[0]
		first := never
		if v.HasFirst {
			first = v.First
		}
		excess := 0.0
		if !v.Kept {
			excess = v.Excess()
		}
		if !v.Known || v.Kept != tt.kept || first != tt.first || excess < tt.excess-1e-9 || excess > tt.excess+1e-9 {
			t.Errorf("%s: known %v, kept %v, first %v, by %v; want kept %v, first %v, by %v",
				tt.text, v.Known, v.Kept, first, excess, tt.kept, tt.first, tt.excess)
		}
	}
}

func TestABudgetOnWhatIsNotKnownIsNotKept(t *testing.T) {
	w := still(2)
	w.Pods.Containers = nil
	score := w.Run(nil)
	for _, v := range w.Judge(&score, budgets(t, "saturatedMinutes <= 5", "cost <= 5", "requestUtilization <= 1", "capacityUtilization >= 0", "replicaHours <= 5")) {
		if v.Kept != (v.Budget.Term.Name == "replicaHours") || v.Known != v.Kept || v.HasFirst {
			t.Errorf("%s: %+v", v.Budget.Text, v)
		}
		if missing := v.Budget.Term.Missing(w); (missing == "") != v.Known {
			t.Errorf("%s: missing %q", v.Budget.Text, missing)
		}
	}
}

// TestFirstIsTheFirstMillisecondThatBreaks replays random worlds until the
// millisecond told, and until the one before.
func TestFirstIsTheFirstMillisecondThatBreaks(t *testing.T) {
	passed := map[string]int{}
	for seed := range uint64(150) {
		w := newDice(seed).world()
		w.SyncLatency = 0 // a sync counts when it decides, not when it starts
		newDice(seed).hosted(w)
		w.PodHourPrice = 2
		score := w.Run(nil)
		var list []sim.Budget
		for _, term := range sim.Terms() {
			if value, known := term.Of(&score); known && term.Grows && value > 0 {
				share := float64(seed%7) / 7
				list = append(list, sim.Budget{Term: term, Op: sim.Op(seed % 2), Limit: value * share})
			}
		}
		for _, v := range w.Judge(&score, list) {
			name := v.Budget.Term.Name
			if v.Kept {
				if v.Budget.Limit != 0 {
					t.Fatalf("world %d: %s keeps a limit below its value", seed, name)
				}
				continue
			}
			if !v.HasFirst {
				t.Fatalf("world %d: it is not told when %s broke", seed, name)
			}
			passed[name]++
			until := func(end time.Duration) bool {
				part := *w
				part.Duration = end
				s := part.Run(nil)
				value, _ := v.Budget.Term.Of(&s)
				return v.Budget.Holds(value)
			}
			if v.First > 0 && !until(v.First-time.Millisecond) {
				t.Errorf("world %d: %s broke before %v", seed, name, v.First)
			}
			if until(v.First + time.Millisecond) {
				t.Errorf("world %d: %s did not break at %v", seed, name, v.First)
			}
		}
	}
	for _, term := range sim.Terms() {
		if term.Grows && passed[term.Name] < 5 {
			t.Errorf("%s broke %d times, want at least 5", term.Name, passed[term.Name])
		}
	}
}

func TestJudgingChangesNothing(t *testing.T) {
	w := scoredTicks()
	before := w.Run(nil)
	w.Judge(&before, budgets(t, "thrash <= 0", "saturatedMinutes <= 0"))
	if after := w.Run(nil); !reflect.DeepEqual(before, after) {
		t.Errorf("score\n before %+v\n after  %+v", before, after)
	}
}

// termNames are the names of all terms.
func termNames() []string {
	var names []string
	for _, term := range sim.Terms() {
		names = append(names, term.Name)
	}
	return names
}

func TestTermsHaveDistinctNames(t *testing.T) {
	names := termNames()
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("names repeat: %v", names)
	}
}
