package tune_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/internal/tune"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

func TestEveryParameterIsReadInItsUnits(t *testing.T) {
	for text, want := range map[string]string{
		"target.cpu=40..44":                    "target.cpu 40% 41% 42% 43% 44%",
		"target.cpu=40%..80%/20%":              "target.cpu 40% 60% 80%",
		"target.cpu=40..75/20":                 "target.cpu 40% 60% 75%",
		"target.rps = 50 | 100m | 1.5":         "target.rps 100m 1500m 50",
		"min=2..4":                             "min 2 3 4",
		"max=10..100/45":                       "max 10 55 100",
		"up.window=0s..2m/30s":                 "up.window 0s 30s 1m 90s 2m",
		"down.window=60s..600s/180s":           "down.window 1m 4m 7m 10m",
		"up.pods=off|4|8":                      "up.pods off 4 8",
		"down.percent=10..30/10":               "down.percent 10% 20% 30%",
		"down.period=15s|1m":                   "down.period 15s 1m",
		"down.select=min|disabled":             "down.select min disabled",
		"up.tolerance=0.05|10%|0":              "up.tolerance 0% 5% 10%",
		"down.tolerance=2.5%":                  "down.tolerance 2.5%",
		"request.cpu=100m..500m/200m":          "request.cpu 100m 300m 500m",
		"request.app.cpu=1":                    "request.app.cpu 1",
		"floor[Mon-Fri 08:00-20:00]=3|5":       "floor[Mon-Fri 08:00-20:00] 3 5",
		"floor[Sat,Sun 22:00-02:00]=3":         "floor[Sat,Sun 22:00-02:00] 3",
		"metrics=cpu|cpu+rps":                  "metrics cpu cpu+rps",
		"target.rps=64Mi|128Mi":                "target.rps 64Mi 128Mi",
		"down.window=1..600":                   "",
		"target.cpu=40..1000":                  "target.cpu 40% 90% 140% 190% 240% 290% 340% 390% 440% 490% 540% 590% 640% 690% 740% 790% 840% 890% 940% 990% 1000%",
		"target.cpu=55":                        "target.cpu 55%",
		"\n target.cpu = 40..41 , min = 3\t\n": "target.cpu 40% 41%",
	} {
		entries, err := tune.ParseSearch(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		s, err := tune.NewSpace(entries, base())
		if err != nil {
			if want != "" {
				t.Errorf("%s: %v", text, err)
			}
			continue
		}
		p := &s.Params[0]
		got := []string{p.Name}
		for _, v := range p.Values {
			got = append(got, p.Text(v))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %s, want %s", text, strings.Join(got, " "), want)
		}
	}
}

func TestWhatIsNoSpaceIsRefusedWithItsPlace(t *testing.T) {
	old := base()
	old.World.Autoscaler.Controller.Profile = profile(t, "1.30")
	for _, c := range []struct {
		text string
		base *tune.Base
		want string
	}{
		{"", nil, `character 1: a parameter is missing; write NAME=LOW..HIGH`},
		{"min=2..4,", nil, `character 10: a parameter is missing`},
		{"=2..4", nil, `character 1: a parameter has no name`},
		{"min", nil, `character 1: min has no values`},
		{"min=", nil, `character 5: a value is missing`},
		{"min=2|", nil, `character 7: a value is missing`},
		{"min=..4", nil, `character 5: the lower end of the range is missing`},
		{"min=2..", nil, `character 8: the upper end of the range is missing`},
		{"min=2...4", nil, `character 8: the upper end of the range is missing`},
		{"min=2..4/", nil, `character 10: the step is missing`},
		{"min=2..4|6", nil, `character 9: a range and choices do not go together`},
		{"min=2..4/0", nil, `character 10: "0" is no step; write a positive distance, such as 1`},
		{"min=6..2", nil, `character 5: the range is empty: 6 is above 2; write 2..6`},
		{"min=0..2", nil, `character 5: no pods at all; minReplicas 0 needs gate HPAScaleToZero and an Object or External metric`},
		{"min=2|2", nil, `character 7: 2 is given twice`},
		{"min=2,min=3", nil, `character 7: min is given twice`},
		{"min=two", nil, `character 5: "two" is not a number of pods; write 4`},
		{"min=2..1000001", nil, `character 8: 1000001 is outside of 1 to 1000000`},
		{"max=1..1000000/1", nil, `character 16: more than 1000 values; write a longer step`},
		{"min=11", nil, `character 1: the space is empty: min is at least 11, max at most 10; raise max, or lower min`},
		{"max=1", nil, `character 1: the space is empty: min is at least 2, max at most 1`},
		{"target=50", nil, `character 1: it is not said of which metric; the autoscaler has cpu, rps`},
		{"target.qps=50", nil, `character 1: the autoscaler has no metric "qps"; it has cpu, rps`},
		{"metrics=cpu|qps", nil, `character 13: the autoscaler has no metric "qps"; it has cpu, rps`},
		{"metrics=cpu..rps", nil, `character 9: metrics have no order`},
		{"metrics=cpu+rps|rps+cpu", nil, `character 17: rps+cpu is given twice`},
		{"target.cpu=50m", nil, `character 12: "50m" is not a percentage`},
		{"target.rps=0.0001", nil, `character 12: "0.0001" is not a quantity`},
		{"down.window=300", nil, `character 13: "300" is not a time in whole seconds; write 60s or 5m`},
		{"down.window=2h", nil, `character 13: 2h is outside of 0s to 1h`},
		{"down.windows=1m", nil, `character 1: there is no parameter "down.windows"; write down.window, .pods`},
		{"sideways.window=1m", nil, `character 1: there is no parameter "sideways.window"; write target.METRIC`},
		{"up.select=most", nil, `character 11: "most" is not one of max, min, disabled`},
		{"up.select=max..min", nil, `character 11: these values have no order`},
		{"up.pods=off..4", nil, `character 9: off is no end of a range`},
		{"min=3,up.pods=off", nil, `character 7: the space is empty: every candidate lacks a policy`},
		{"up.tolerance=5%", old, `character 1: Kubernetes 1.30 has no tolerance in behavior; it needs 1.35, or gate HPAConfigurableTolerance`},
		{"up.tolerance=0.0005", nil, `is not a tolerance`},
		{"request.memory=1", nil, `character 1: there is no parameter "request.memory"`},
		{"request.web.cpu=1", nil, `character 1: the pods have no container "web"`},
		{"floor[Mon-Fri 08:00-20:00 =3", nil, `character 1: the schedule has no end`},
		{"floor[Mo 08:00-20:00]=3", nil, `character 1: "Mo 08:00-20:00" is no schedule; write floor[Mon-Fri 08:00-20:00]`},
		{"floor[08:00-25:00]=3", nil, `is no schedule`},
		{strings.Repeat("min=2,", 3000), nil, `it is too long`},
	} {
		if c.base == nil {
			c.base = base()
		}
		entries, err := tune.ParseSearch(c.text)
		if err == nil {
			_, err = tune.NewSpace(entries, c.base)
		}
		var e *tune.SearchError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
}

func profile(t *testing.T, version string) hpa.Profile {
	t.Helper()
	p, err := hpa.ProfileFor(version, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAValueOfAFileIsReadByItself(t *testing.T) {
	e, err := tune.ParseEntry("target.cpu", "40..60/10")
	if err != nil {
		t.Fatal(err)
	}
	s, err := tune.NewSpace([]tune.Entry{e}, base())
	if err != nil || s.Size() != 3 {
		t.Errorf("%v, %v", s, err)
	}
	_, err = tune.ParseEntry("min", "2..")
	if err == nil || !strings.Contains(err.Error(), `"2..", character 4`) {
		t.Errorf("%v", err)
	}
}

func TestTheDefaultSpaceHoldsToday(t *testing.T) {
	b := base()
	b.World.Autoscaler.Metrics[0].Goal = 62
	b.World.Autoscaler.ToleranceUp = 0.07
	s, err := tune.NewSpace(nil, b)
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for i := range s.Params {
		named = append(named, s.Params[i].Name)
	}
	if got := strings.Join(named, " "); got != "target.cpu target.rps min up.window down.window up.tolerance down.tolerance" {
		t.Errorf("parameters %s", got)
	}
	for i, today := range []int64{62, 100_000, 2, 0, 300, 70, 100} {
		if !slices.Contains(s.Params[i].Values, today) || !slices.IsSorted(s.Params[i].Values) {
			t.Errorf("%s: %v lacks today's %d, or is not in order", s.Params[i].Name, s.Params[i].Values, today)
		}
	}
}

func TestTheDefaultSpaceHasWhatTheVersionHas(t *testing.T) {
	b := base()
	b.World.Autoscaler.Controller.Profile = profile(t, "1.30")
	s, err := tune.NewSpace(nil, b)
	if err != nil || len(s.Params) != 5 {
		t.Errorf("%d parameters, %v", len(s.Params), err)
	}
}

func TestAtCountsEveryCandidateOnce(t *testing.T) {
	s := space(t, base(), "target.cpu=40..44,min=2..4,down.select=max|min")
	if s.Size() != 30 {
		t.Fatalf("size %d", s.Size())
	}
	seen := map[string]bool{}
	for i := range s.Size() {
		seen[s.Text(s.At(i))] = true
	}
	if len(seen) != 30 || s.Text(s.At(1)) != "target.cpu=40%,min=2,down.select=min" {
		t.Errorf("%d candidates, second %s", len(seen), s.Text(s.At(1)))
	}
}

func TestACandidateIsAppliedToToday(t *testing.T) {
	b := base()
	s := space(t, b, "target.cpu=70,min=3,max=12,up.window=30s,up.pods=3,down.percent=20,down.period=45s,down.select=min,up.tolerance=0.05,request.cpu=250m,metrics=cpu")
	w, wrong := s.World(b, s.At(0))
	if wrong != "" {
		t.Fatal(wrong)
	}
	spec := &w.Autoscaler
	// The period is that of the Pods policy which behavior has by default.
	up := hpa.Rules{Stabilization: 30 * time.Second, Policies: []hpa.Policy{{Type: hpa.PolicyPods, Value: 3, Period: 15 * time.Second}}}
	down := hpa.Rules{
		Stabilization: 5 * time.Minute, Select: hpa.SelectMin,
		Policies: []hpa.Policy{{Type: hpa.PolicyPercent, Value: 20, Period: 45 * time.Second}},
	}
	if spec.Min != 3 || spec.Max != 12 || len(spec.Metrics) != 1 || spec.Metrics[0].Goal != 70 || !spec.HasBehavior ||
		!equalRules(spec.Up, up) || !equalRules(spec.Down, down) || spec.ToleranceUp != 0.05 || spec.ToleranceDown != 0.1 {
		t.Errorf("%+v", spec)
	}
	if w.Pods.Containers[0].Requests[0].Milli != 250 {
		t.Errorf("requests %v", w.Pods.Containers)
	}
	if b.World.Autoscaler.Metrics[0].Goal != 60 || b.World.Pods.Containers[0].Requests[0].Milli != 500 || b.World.Autoscaler.HasBehavior {
		t.Error("today's world was changed")
	}
	if err := w.Validate(); err != nil {
		t.Error(err)
	}
	if err := spec.Validate(); err != nil {
		t.Error(err)
	}
}

func equalRules(a, b hpa.Rules) bool {
	return a.Stabilization == b.Stabilization && a.Select == b.Select && slices.Equal(a.Policies, b.Policies)
}

func TestWithoutARuleBehaviorStaysAbsent(t *testing.T) {
	b := base()
	s := space(t, b, "target.cpu=70,min=3")
	if w, _ := s.World(b, s.At(0)); w.Autoscaler.HasBehavior {
		t.Error("a target and a bound made behavior")
	}
}

func TestCandidatesThatNoServerAcceptsAreWrong(t *testing.T) {
	for text, index := range map[string]int64{
		"min=8|12,max=10|20":                2, // 12 above 10
		"request.cpu=500m|1500m":            1, // above the limit of 1
		"up.pods=off|4,up.percent=off":      0,
		"floor[08:00-20:00]=11|12":          0,
		"down.percent=off|10,down.pods=off": 0,
	} {
		b := base()
		s := space(t, b, text)
		if _, wrong := s.World(b, s.At(index)); wrong == "" {
			t.Errorf("%s: %s is accepted", text, s.Text(s.At(index)))
		}
	}
}

func TestAFloorFollowsTheClockOfTheZoneThroughDST(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones here")
	}
	b := base()
	// Saturday before clocks go back (2026-10-25, 03:00 CEST), midnight in Berlin.
	b.Start, b.Zone = time.Date(2026, 10, 24, 0, 0, 0, 0, zone), zone
	b.World.Duration = 72 * time.Hour
	s := space(t, b, "floor[08:00-20:00]=5")
	w, _ := s.World(b, s.At(0))
	var got []time.Duration
	for _, f := range w.Faults {
		if f.Kind != sim.FaultEditAutoscaler || f.Autoscaler.Min != 5 && f.Autoscaler.Min != 2 {
			t.Errorf("fault %+v", f)
		}
		got = append(got, f.At/time.Hour)
	}
	// On Sunday, 25 hours long, eight o'clock is nine hours after midnight.
	if want := []time.Duration{8, 20, 24 + 9, 24 + 21, 49 + 8, 49 + 20}; !slices.Equal(got, want) {
		t.Errorf("edits at hours %v, want %v", got, want)
	}
	if w.Autoscaler.Min != 2 {
		t.Errorf("min at the start: %d", w.Autoscaler.Min)
	}
}

func TestANightShiftHoldsAcrossMidnightAndTheStart(t *testing.T) {
	b := base()
	s := space(t, b, "floor[Sun 22:00-02:00]=5") // the start is a Monday
	w, _ := s.World(b, s.At(0))
	if w.Autoscaler.Min != 5 || len(w.Faults) != 1 || w.Faults[0].At != 2*time.Hour || w.Faults[0].Autoscaler.Min != 2 {
		t.Errorf("min %d, faults %+v", w.Autoscaler.Min, w.Faults)
	}
}

func FuzzSearch(f *testing.F) {
	for _, text := range []string{
		"target.cpu=40..80,min=2..6,down.window=60s..600s", "metrics=cpu|cpu+rps,up.pods=off|4", "request.cpu=100m..500m/200m",
		"floor[Mon-Fri 08:00-20:00]=3|5", "up.tolerance=0.05..20%/1%", "target.rps=1Mi", "min=2..,", "a=|", "[,]=1..2/3", "max=99999999999999999999",
	} {
		f.Add(text)
	}
	b := base()
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := tune.ParseSearch(text)
		if err != nil {
			var e *tune.SearchError
			if !errors.As(err, &e) || e.At < 0 || e.At > len(e.Text) || e.Character() < 1 {
				t.Fatalf("%v", err)
			}
			return
		}
		s, err := tune.NewSpace(entries, b)
		if err != nil {
			return
		}
		for _, i := range []int64{0, s.Size() / 2, s.Size() - 1} {
			c := s.At(i)
			w, wrong := s.World(b, c)
			if wrong != "" {
				continue
			}
			if err := w.Validate(); err != nil {
				t.Fatalf("%s: %v", s.Text(c), err)
			}
			if err := w.Autoscaler.Validate(); err != nil {
				t.Fatalf("%s: %v", s.Text(c), err)
			}
			again, err := tune.ParseSearch(s.Text(c))
			if err != nil {
				t.Fatalf("%s is not read back: %v", s.Text(c), err)
			}
			if r, err := tune.NewSpace(again, b); err != nil || r.Size() != 1 {
				t.Fatalf("%s is not read back: %v", s.Text(c), err)
			}
		}
	})
}

func TestSchedulesAsCron(t *testing.T) {
	for text, want := range map[string][2]string{
		"floor[Mon-Fri 08:00-20:00]": {"0 8 * * 1,2,3,4,5", "0 20 * * 1,2,3,4,5"},
		"floor[22:30-06:15]":         {"30 22 * * *", "15 6 * * *"},
		"floor[Sat 18:00-24:00]":     {"0 18 * * 6", "0 0 * * 0"},
		"floor[Sat,Sun 20:00-02:00]": {"0 20 * * 0,6", "0 2 * * 0,1"},
	} {
		p := space(t, base(), text+"=4").Params[0]
		if start, end := p.Schedule.Cron(); start != want[0] || end != want[1] {
			t.Errorf("%s: %s, %s", text, start, end)
		}
	}
}
