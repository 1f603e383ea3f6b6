package report

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

func TestAVerdictIsGivenWhereTheSkillDoesNotSpeakForItself(t *testing.T) {
	for _, tt := range []struct {
		skill sim.Skill
		want  string
	}{
		{sim.Skill{Still: 4, Error: 1}, ""},
		{sim.Skill{Still: 4, Error: 4}, "does not follow this HPA"},
		{sim.Skill{Still: 4, Error: 40}, "does not follow this HPA"},
		{sim.Skill{Error: 3}, "never changes"},
	} {
		got := strings.Join(verdict(&tt.skill), " ")
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%+v: %q, want %q", tt.skill, got, tt.want)
		}
	}
}

func TestPartingsAreTheLongestInOrderOfTime(t *testing.T) {
	r := &Replay{Backtest: &Backtest{}}
	for i := range 7 {
		from := time.Duration(i) * time.Hour
		r.Backtest.Free.Partings = append(r.Backtest.Free.Partings, sim.Parting{
			Span: sim.Span{From: from, To: from + time.Duration(2+i%3)*time.Minute}, Recorded: 2, Simulated: 3, Worst: 1,
			Cause: sim.Cause(i % 6), Moved: i == 6, Event: sim.Change{T: from, From: 1, To: 2},
		})
	}
	got := strings.Join(partingLines(r), "\n")
	want := `+1h for 3m: recorded 2, simulated 3, at most 1 apart: metrics were missing
+2h for 4m: recorded 2, simulated 3, at most 1 apart: a rollout was under way
+4h for 3m: recorded 2, simulated 3, at most 1 apart: the HPA's max was reached, the recorded count lies above it
+5h for 4m: recorded 2, simulated 3, at most 1 apart: the HPA's min was reached, the recorded count lies below it
+0s for 2m: recorded 2, simulated 3, at most 1 apart: the recorded count moved and the simulated one did not; the recording does not tell why
and 2 shorter`
	lines := strings.Split(want, "\n")
	want = strings.Join(append([]string{lines[4]}, append(lines[:4:4], lines[5])...), "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	moved, manual := r.Backtest.Free.Partings[6], r.Backtest.Free.Partings[3]
	if text := causeText(r, &moved); !strings.HasPrefix(text, "the HPA scaled and the recorded count did not") {
		t.Errorf("moved: %s", text)
	}
	if text := causeText(r, &manual); !strings.HasPrefix(text, "set from 1 to 2 at +3h, ") {
		t.Errorf("manual: %s", text)
	}
}

// TestPartingsOfBothEndsAreTold where they differ.
func TestPartingsOfBothEndsAreTold(t *testing.T) {
	end := func(worst ...int32) *Replay {
		r := &Replay{Backtest: &Backtest{}}
		for _, n := range worst {
			r.Backtest.Free.Partings = append(r.Backtest.Free.Partings, sim.Parting{Span: sim.Span{To: 2 * time.Minute}, Recorded: 2, Simulated: 3, Worst: n})
		}
		return r
	}
	told := func(one, other *Replay) string {
		var b strings.Builder
		one.Other = other
		writeBacktest(&b, one, Options{Width: 120}, painter(false))
		_, after, _ := strings.Cut(b.String(), "apart:")
		return strings.Join(strings.Fields(b.String()[len(b.String())-len(after):]), " ")
	}
	if got := told(end(1), end(1)); strings.Contains(got, "partings") {
		t.Errorf("the same twice: %s", got)
	}
	if got := told(end(1), end(2, 3)); !strings.Contains(got, "partings, where as much as can be is idle: +0s for 2m: recorded 2, simulated 3, at most 2 apart") {
		t.Errorf("other ones: %s", got)
	}
	if got := told(end(1), end()); !strings.HasSuffix(got, "partings, where as much as can be is idle: none") {
		t.Errorf("none: %s", got)
	}
}

func TestALagIsToldWithItsDirection(t *testing.T) {
	for lag, want := range map[time.Duration]string{
		0: "one to one", 15 * time.Second: "come 15s later (median)", -15 * time.Second: "come 15s earlier (median)",
	} {
		if got := eventsFact(&sim.FreeRun{Matched: 1, Lag: lag}).detail; !strings.HasSuffix(got, want) {
			t.Errorf("%v: %s", lag, got)
		}
	}
}

// TestDocsListEveryFieldOfABacktest holds docs/backtest.md against the types.
func TestDocsListEveryFieldOfABacktest(t *testing.T) {
	doc, err := os.ReadFile("../../docs/backtest.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(doc), "## In JSON")
	for _, typ := range []reflect.Type{
		reflect.TypeFor[backtestJSON](), reflect.TypeFor[skillJSON](), reflect.TypeFor[freeJSON](), reflect.TypeFor[partingJSON](),
	} {
		for f := range typ.Fields() {
			name := f.Tag.Get("json")
			if !regexp.MustCompile("`(freeRun\\.)?" + name + "(\\[\\])?`").MatchString(section) {
				t.Errorf("docs/backtest.md does not document %s", name)
			}
		}
	}
	for c := range sim.CauseMin + 1 {
		if !strings.Contains(section, "`"+causeName(c)+"`") {
			t.Errorf("docs/backtest.md does not document cause %s", causeName(c))
		}
	}
}
