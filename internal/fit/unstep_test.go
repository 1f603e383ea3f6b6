package fit

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
)

// sampled reads a counter that is refreshed every refresh seconds, at phase, in
// steps of 15 s: the newest of its values not later than the step.
func sampled(n, refresh, phase int64, count func(second int64) float64) series.Series {
	s := series.Series{Labels: model.Metric{"__name__": "x_total", "pod": "a"}}
	for k := range n {
		at := 600 + 15*k
		fresh := (at-phase)/refresh*refresh + phase
		s.Times, s.Values = append(s.Times, 1000*at), append(s.Values, count(fresh))
	}
	return s
}

func TestStairsAreUndone(t *testing.T) {
	steady := func(second int64) float64 { return 2 * float64(second) }
	for _, tc := range []struct {
		name    string
		counter series.Series
		step    time.Duration
		want    int64
	}{
		{"updated with every sample", sampled(40, 15, 4, steady), 15 * time.Second, 2000},
		{"updated with every second sample", sampled(40, 30, 4, steady), 30 * time.Second, 2000},
		{"updated with every fourth sample", sampled(100, 60, 4, steady), time.Minute, 2000},
	} {
		t.Run(tc.name, func(t *testing.T) {
			load, err := FromRecording(recording(tc.counter), []Want{pods("x")}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			d := &load.Demands[0]
			for k, v := range steps(d) {
				// The first tread may have begun before the recording.
				if v != tc.want && k > 0 || d.Step != tc.step {
					t.Fatalf("every %v: %v", d.Step, steps(d))
				}
			}
			if noted := len(d.Notes) > 0 && strings.Contains(d.Notes[0], "updated only every "+tc.step.String()); noted != (tc.step > 15*time.Second) {
				t.Errorf("notes %q", d.Notes)
			}
		})
	}
}

func TestWhatStandsStillForLongerIsIdle(t *testing.T) {
	// 2 a second, but nothing from 900 s to 1200 s.
	s := sampled(80, 30, 0, func(second int64) float64 { return 2 * float64(second-min(max(second-900, 0), 300)) })
	load, err := FromRecording(recording(s), []Want{pods("x")}, Options{Step: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	got := steps(&load.Demands[0])
	var want []int64
	for k := range got {
		v := int64(2000)
		if at := 600 + 30*k; at >= 900 && at < 1200 {
			v = 0
		}
		want = append(want, v)
	}
	// What comes after the silence is spread over the last, unfinished tread of it.
	if diff := cmp.Diff(want[:19], got[:19]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want[22:], got[22:]); diff != "" {
		t.Error(diff)
	}
}

func TestWhatChangesByChanceIsNotStairs(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, chance := range []float64{0.05, 0.2, 0.3, 0.4, 0.5, 0.7, 0.95, 1} {
		for range 50 {
			v := 0.0
			s := sampled(500, 15, 0, func(int64) float64 {
				if r.Float64() < chance {
					v++
				}
				return v
			})
			if _, tread := unstep(s); tread != 0 {
				t.Fatalf("chance %v: taken for stairs of %v", chance, tread)
			}
		}
	}
}

func TestAStoreThatKeptLessSaysSoOrIsSaidTo(t *testing.T) {
	steady := func(second int64) float64 { return 2 * float64(second) }
	hourly := sampled(960, 3600, 0, steady) // 4 h
	want := pods("x")
	load, err := FromRecording(recording(hourly), []Want{want}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if notes := load.Demands[0].Notes; len(notes) > 0 {
		t.Errorf("after three changes: %q", notes)
	}
	ten := sampled(480, 600, 0, steady) // 2 h
	if load, err = FromRecording(recording(ten), []Want{want}, Options{}); err != nil || len(load.Demands[0].Notes) != 1 ||
		load.Demands[0].Notes[0] != "1 of 1 series of x_total gain something only every 10m0s: where the store has kept no more of them, say --downsampled 10m0s" {
		t.Errorf("notes %q, error %v", load.Demands[0].Notes, err)
	}
	want.Declared.Downsampled = time.Hour
	load, err = FromRecording(recording(hourly), []Want{want}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := &load.Demands[0]
	for k, v := range steps(d) {
		if v != 2000 && k > 0 {
			t.Fatalf("step %d of %v: %v", k, d.Step, steps(d))
		}
	}
	if d.Interval != time.Hour || len(d.Notes) > 0 {
		t.Errorf("every %v, notes %q", d.Interval, d.Notes)
	}
	// A gauge's values stand as they are; how often it is known shows.
	gauge := sampled(400, 300, 0, func(second int64) float64 { return float64(second % 7) })
	gauge.Labels["__name__"] = "x"
	if load, err = FromRecording(recording(gauge), []Want{pods("x")}, Options{}); err != nil {
		t.Fatal(err)
	}
	if d := &load.Demands[0]; d.Kind != Gauge || d.Step != 15*time.Second || d.Interval != 5*time.Minute || d.Known != 5*time.Minute {
		t.Errorf("kind %v, every %v, known every %v, interval %v", d.Kind, d.Step, d.Known, d.Interval)
	}
	// Not where it changes by chance.
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range gauge.Values {
		gauge.Values[i] = float64(rnd.IntN(3))
	}
	if load, err = FromRecording(recording(gauge), []Want{pods("x")}, Options{}); err != nil || load.Demands[0].Interval != 15*time.Second {
		t.Errorf("interval %v, error %v", load.Demands[0].Interval, err)
	}
}

func TestWhatIsDeclaredOfASeriesCounts(t *testing.T) {
	s := series.Series{Labels: model.Metric{"__name__": "x", "pod": "a"}, Times: []int64{0, 15_000, 30_000, 45_000}, Values: []float64{0, 30, 90, 120}}
	want := pods("x")
	want.Declared = Declared{Counter: true, Window: 2 * time.Minute}
	load, err := FromRecording(recording(s), []Want{want}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := &load.Demands[0]
	if diff := cmp.Diff([]int64{2000, 4000, 2000}, d.Values); diff != "" || d.Window != 2*time.Minute || d.Kind != Counter {
		t.Errorf("a mean over %v, values (-want +got):\n%s", d.Window, diff)
	}
	s.Labels["__name__"] = "x_total"
	want.Declared = Declared{Gauge: true}
	if load, err = FromRecording(recording(s), []Want{want}, Options{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{0, 30_000, 90_000, 120_000}, load.Demands[0].Values); diff != "" {
		t.Errorf("values of a gauge (-want +got):\n%s", diff)
	}
}
