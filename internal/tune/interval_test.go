package tune

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// week is n days from a weekday on.
func week(n int, first time.Weekday) []Day {
	list := make([]Day, n)
	for i := range list {
		list[i] = Day{From: time.Duration(i) * 24 * time.Hour, To: time.Duration(i+1) * 24 * time.Hour, Weekday: (first + time.Weekday(i)) % 7}
	}
	return list
}

func TestDaysAreThoseOfTheTimeZone(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip("no time zones here")
	}
	// Clocks go forward on 2026-03-08 and back on 2026-11-01.
	for _, c := range []struct {
		start time.Time
		hours []float64
	}{
		{time.Date(2026, 3, 6, 12, 0, 0, 0, zone), []float64{24, 23, 24}},
		{time.Date(2026, 10, 31, 0, 0, 0, 0, zone), []float64{24, 25, 24}},
	} {
		b := Base{World: &sim.World{}, Start: c.start.UTC(), Zone: zone}
		list := b.days(5 * 24 * time.Hour)
		for i, want := range c.hours {
			d := list[i]
			at := c.start.Add(d.From)
			if got := (d.To - d.From).Hours(); got != want || at.Hour() != 0 || at.Weekday() != d.Weekday {
				t.Errorf("day %d: %v hours from %s, %s", i, got, at, d.Weekday)
			}
		}
		if last := list[len(list)-1]; last.To > 5*24*time.Hour {
			t.Errorf("the last day ends at %s", last.To)
		}
	}
	unknown := Base{World: &sim.World{}, Zone: time.UTC}
	if list := unknown.days(49 * time.Hour); len(list) != 2 || list[1].Weekday != -1 || list[1].To != 48*time.Hour {
		t.Errorf("without a date: %v", list)
	}
}

func TestStrataAreTheFinestThatHaveTwoDaysEach(t *testing.T) {
	for _, c := range []struct {
		days []Day
		want Strata
		n    int
	}{
		{week(14, time.Monday), ByWeekday, 7},
		{week(13, time.Monday), ByWeekend, 2},
		{week(7, time.Wednesday), ByWeekend, 2},
		{week(6, time.Monday), Together, 1}, // one day of a weekend
		{week(4, time.Monday), ByWeekend, 1},
		{[]Day{{Weekday: -1}, {Weekday: -1}}, Together, 1},
	} {
		if groups, got := stratify(c.days); got != c.want || len(groups) != c.n {
			t.Errorf("%d days: strata %d, %d groups; want %d, %d", len(c.days), got, len(groups), c.want, c.n)
		}
	}
}

func TestAnIntervalIsAsWideAsTheDaysDiffer(t *testing.T) {
	p := Paired{Days: week(28, time.Monday)}
	rng := rand.New(rand.NewPCG(1, 1))
	var squares float64
	for i := range p.Days {
		// Weekends differ a lot, which strata take out; the rest is noise.
		level := 100.0
		if i%7 > 4 {
			level = 40
		}
		noise := rng.NormFloat64()
		p.Today, p.Pick = append(p.Today, level), append(p.Pick, level*0.9+noise)
		squares += noise * noise
	}
	got := p.Mean(1)
	spread := math.Sqrt(squares/28) / math.Sqrt(28)
	if width := (got.High - got.Low) / 2; width < 1.5*spread || width > 2.5*spread {
		t.Errorf("half the interval is %v, want about %v", width, 1.96*spread)
	}
	ratio := p.Ratio(1)
	if today, pick := p.totals(); ratio.Estimate != (pick-today)/today || ratio.Low >= ratio.Estimate || ratio.High <= ratio.Estimate || ratio.High >= 0 {
		t.Errorf("ratio %+v", ratio)
	}
	if again := p.Ratio(1); again != ratio {
		t.Error("the same seed gave another interval")
	}
	same := Paired{Days: p.Days, Today: p.Today, Pick: p.Today}
	if none := same.Ratio(1); none != (Interval{}) {
		t.Errorf("no difference gives %+v", none)
	}
}

// TestIntervalsHoldWhatTheyPromise draws many short recordings and counts how
// often the interval holds the true mean.
func TestIntervalsHoldWhatTheyPromise(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const tries = 300
	held := 0
	for range tries {
		p := Paired{Days: week(14, time.Monday)}
		for range p.Days {
			p.Today, p.Pick = append(p.Today, 0), append(p.Pick, 3+rng.NormFloat64())
		}
		if got := p.Mean(rng.Uint64()); got.Low <= 3 && 3 <= got.High {
			held++
		}
	}
	if share := float64(held) / tries; share < 0.85 {
		t.Errorf("%.1f %% of the intervals of 14 days hold the truth", 100*share)
	}
}

func TestDaysAreDividedInWholeWeeks(t *testing.T) {
	for n, want := range map[int][][2]int{
		2:  {{1, 2}},
		3:  {{2, 3}},
		13: {{7, 13}},
		14: {{7, 14}},
		20: {{7, 20}},
		21: {{14, 21}},
		28: {{14, 21}, {21, 28}},
		30: {{14, 21}, {21, 30}},
		84: {{42, 49}, {49, 63}, {63, 70}, {70, 84}},
	} {
		got := divide(week(n, time.Monday))
		if len(got) != len(want) {
			t.Errorf("%d days: %v, want %v", n, got, want)
			continue
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%d days: %v, want %v", n, got, want)
			}
		}
	}
}
