package report

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// samples is a step function of one value a second.
func samples(values ...float64) curve {
	c := curve{values: values}
	for i := range values {
		c.times = append(c.times, time.Duration(i)*time.Second)
	}
	return c
}

// TestEnvelopeKeepsEveryExtreme holds the envelope of random step functions
// against the plain definition, at widths below and above the samples' number.
func TestEnvelopeKeepsEveryExtreme(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		values := make([]float64, 1+random.IntN(300))
		for i := range values {
			values[i] = float64(random.IntN(100))
			if random.IntN(20) == 0 {
				values[i] = math.NaN()
			}
		}
		c, n := samples(values...), 1+random.IntN(200)
		duration := time.Duration(len(values)) * time.Second
		lo, hi := c.envelope(n, duration)
		for i, v := range values {
			if x := columnOf(c.times[i], n, duration); !math.IsNaN(v) && !(lo[x] <= v && v <= hi[x]) {
				t.Fatalf("value %v of sample %d of %d lies outside [%v, %v] of column %d of %d", v, i, len(values), lo[x], hi[x], x, n)
			}
		}
		for x := range n {
			if math.IsNaN(hi[x]) != math.IsNaN(lo[x]) || hi[x] < lo[x] {
				t.Fatalf("column %d is [%v, %v]", x, lo[x], hi[x])
			}
		}
	}
}

func TestSpikeOfOneSampleInAMonthIsDrawn(t *testing.T) {
	values := make([]float64, 161_280)
	for i := range values {
		values[i] = 1
	}
	values[70_001] = 100
	c := samples(values...)
	c.name, c.style = "load", styleArea
	ch := chart{duration: time.Duration(len(values)) * time.Second, width: 80, ticks: 4, curves: []curve{c}, label: func(v float64) string { return amount(v, false) }, margin: 3}
	var out bytes.Buffer
	if err := ch.render(&out); err != nil {
		t.Fatal(err)
	}
	top := strings.Split(out.String(), "\n")[1]
	if !strings.HasPrefix(top, "100 ┤") || !strings.ContainsFunc(top, func(r rune) bool { return r > 0x2800 && r <= 0x28ff }) {
		t.Errorf("no dot at the top:\n%s", out.String())
	}
}

func TestNoLineIsWiderThanTheChart(t *testing.T) {
	for width := 40; width <= 200; width += 7 {
		w := wave()
		r := run(t, "web", &w, nil)
		r.Start, r.Recorded = friday(), recorded()
		var out bytes.Buffer
		if err := Summary(&out, r, Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			line = strings.TrimSuffix(line, "\n")
			if n := utf8.RuneCountInString(line); n > width && strings.Contains(line, " ") && width >= 64 {
				t.Errorf("width %d: a line of %d: %q", width, n, line)
			}
			if strings.TrimRight(line, " ") != line {
				t.Errorf("width %d: blanks at the end of %q", width, line)
			}
		}
	}
}

func TestAxisMarksAreRound(t *testing.T) {
	tests := []struct {
		top   float64
		whole bool
		want  string
	}{
		{0, false, "0 0.25 0.5 0.75 1"},
		{0.9, false, "0 0.25 0.5 0.75 1"},
		{1, true, "0 1"},
		{3, true, "0 1 2 3"},
		{6.1, false, "0 2 4 6 8"},
		{10, true, "0 5 10"},
		{11, true, "0 5 10 15"},
		{4200, false, "0 2000 4000 6000"},
		{1e6, false, "0 250k 500k 750k 1M"},
	}
	for _, tt := range tests {
		c := chart{ticks: 4, whole: tt.whole, curves: []curve{samples(tt.top)}, label: func(v float64) string { return amount(v, false) }}
		var got []string
		for _, y := range c.yTicks() {
			got = append(got, y.label)
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("marks up to %v: %s, want %s", tt.top, s, tt.want)
		}
	}
}

func TestTimeMarksAreRoundClockTimes(t *testing.T) {
	monday := time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name     string
		start    time.Time
		duration time.Duration
		want     string
	}{
		{"offsets", time.Time{}, time.Hour, "0s 10m 20m 30m 40m 50m 1h"},
		{"minutes", monday.Add(18*time.Hour + 3*time.Minute), 40 * time.Minute, "18:10 18:20 18:30 18:40"},
		{"over midnight", monday.Add(22 * time.Hour), 6 * time.Hour, "22:00 23:00 Nov 17 01:00 02:00 03:00 04:00"},
		{"weeks begin on Mondays", monday.Add(-time.Hour), 22 * 24 * time.Hour, "Nov 16 Nov 23 Nov 30 Dec 7"},
		{"one second", time.Time{}, time.Second, "0s 1s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, m := range timeTicks(tt.start, tt.duration, 76) {
				got = append(got, m.label)
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("marks %s, want %s", s, tt.want)
			}
		})
	}
}

func TestSpansAndSharesReadWell(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 1500 * time.Millisecond: "1.5s", 59 * time.Second: "59s", 90 * time.Second: "1m 30s",
		3600*time.Second - time.Millisecond: "1h", 2 * time.Hour: "2h", 26 * time.Hour: "1d 2h",
		28*24*time.Hour - 15*time.Second: "28d", -time.Minute: "-1m",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%d) = %q, want %q", d, got, want)
		}
	}
	for ratio, want := range map[float64]string{
		0: "0%", 1: "100%", 0.5: "50.0%", 0.0001: "<0.1%", 0.99999: ">99.9%", 1.5: "150.0%",
	} {
		if got := percent(ratio); got != want {
			t.Errorf("percent(%v) = %q, want %q", ratio, got, want)
		}
	}
	for _, tt := range []struct {
		v     float64
		bytes bool
		want  string
	}{{0, false, "0"}, {1.5, false, "1.5"}, {9999, false, "9999"}, {12345, false, "12.35k"}, {2048, true, "2Ki"}, {1.5 * (1 << 30), true, "1.5Gi"}} {
		if got := amount(tt.v, tt.bytes); got != tt.want {
			t.Errorf("amount(%v) = %q, want %q", tt.v, got, tt.want)
		}
	}
}

func TestNearlyEqualCostsAreTheSame(t *testing.T) {
	for _, tt := range []struct {
		hours, other float64
		want         string
	}{
		{5, 10, "x takes 10.00: 50.0% less"},
		{10, 5, "x takes 5.00: 100% more"},
		{0.33333, 0.33334, "x takes 0.33: the same"},
		{0, 0, "x takes 0.00"},
	} {
		if got := against("x", tt.hours, tt.other); got != tt.want {
			t.Errorf("against(%v, %v) = %q, want %q", tt.hours, tt.other, got, tt.want)
		}
	}
}
