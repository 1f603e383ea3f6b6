package series

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
)

func TestValueIsTheLastSampleWithinTheLookback(t *testing.T) {
	s := Series{Times: []int64{0, 15_000, 30_000, 400_000}, Values: []float64{1, 2, Stale(), 4}}
	for _, tc := range []struct {
		t    int64
		want float64
		ok   bool
	}{
		{-1, 0, false},
		{0, 1, true},
		{14_999, 1, true},
		{15_000, 2, true},
		{29_999, 2, true},
		{30_000, 0, false}, // ended by the stale marker
		{399_999, 0, false},
		{400_000, 4, true},
		{699_999, 4, true},
		{700_000, 0, false}, // exactly five minutes old is too old
	} {
		if got, ok := s.At(tc.t, Lookback); got != tc.want || ok != tc.ok {
			t.Errorf("At(%d) = %v, %v", tc.t, got, ok)
		}
	}
}

func TestResampleEqualsAt(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		var s Series
		for at := int64(0); len(s.Times) < 50; at += 1 + r.Int64N(60_000) {
			v := r.Float64()
			if r.IntN(10) == 0 {
				v = Stale()
			}
			s.Times, s.Values = append(s.Times, at), append(s.Values, v)
		}
		g := Grid{Start: r.Int64N(100_000) - 50_000, Step: time.Duration(1+r.IntN(40_000)) * time.Millisecond, N: 100}
		lookback := time.Duration(1+r.IntN(90_000)) * time.Millisecond
		values, present := s.Resample(g, lookback)
		for k := range values {
			v, ok := s.At(g.Start+int64(k)*g.Step.Milliseconds(), lookback)
			if v != values[k] || ok != present[k] {
				t.Fatalf("instant %d: %v, %v; At has %v, %v", k, values[k], present[k], v, ok)
			}
		}
	}
}

func TestGapsAreListed(t *testing.T) {
	s := Series{
		Times:  []int64{0, 300_000, 600_001, 700_000, 710_000, 720_000, 730_000},
		Values: []float64{1, 1, 1, Stale(), Stale(), 1, 1},
	}
	want := []Gap{{300_000, 600_001}, {700_000, 720_000}}
	if diff := cmp.Diff(want, s.Gaps(Lookback)); diff != "" {
		t.Error(diff)
	}
}

func TestStepIsTheMedianDistance(t *testing.T) {
	for _, tc := range []struct {
		times []int64
		want  time.Duration
	}{
		{nil, 0},
		{[]int64{5}, 0},
		{[]int64{0, 15_000, 30_000, 90_000}, 15 * time.Second},
		{[]int64{0, 14_990, 30_010, 44_980}, 15 * time.Second}, // jitter
		{[]int64{0, 500, 1000}, 500 * time.Millisecond},
		{[]int64{0, 100, 200}, 100 * time.Millisecond},
	} {
		if got := (&Series{Times: tc.times}).Step(); got != tc.want {
			t.Errorf("%v: %v", tc.times, got)
		}
	}
	if step, mixed := Step([]Series{{Times: []int64{0, 60_000}}, {}, {Times: []int64{0, 15_000}}}); step != 15*time.Second || !mixed {
		t.Errorf("got %v, %v", step, mixed)
	}
}

func TestSelect(t *testing.T) {
	rec := &Recording{}
	for _, m := range []model.Metric{
		{"__name__": "up", "pod": "a"},
		{"__name__": "up", "pod": "b", "job": "x"},
		{"__name__": "x:y"},
		{"__name__": "metric.with dots", "a.b": "1"},
	} {
		rec.Series = append(rec.Series, Series{Labels: m})
	}
	for _, tc := range []struct {
		sel  string
		want []int
	}{
		{"up", []int{0, 1}},
		{` up { pod = "a" , } `, []int{0}},
		{`up{pod!="a"}`, []int{1}},
		{`up{job=""}`, []int{0}},
		{`up{pod=~"a|b"}`, []int{0, 1}},
		{`up{pod=~"."}`, []int{0, 1}},
		{`up{pod!~"a.*"}`, []int{1}},
		{`{__name__=~"u"}`, nil}, // anchored
		{`{job='x'}`, []int{1}},
		{"{job=`x`}", []int{1}},
		{`x:y`, []int{2}},
		{`{"metric.with dots", "a.b"="1"}`, []int{3}},
		{`{pod="\x61"}`, []int{0}},
	} {
		sel, err := ParseSelector(tc.sel)
		if err != nil {
			t.Errorf("%s: %v", tc.sel, err)
			continue
		}
		var want []Series
		for _, i := range tc.want {
			want = append(want, rec.Series[i])
		}
		if diff := cmp.Diff(want, rec.Select(sel)); diff != "" {
			t.Errorf("%s: %s", tc.sel, diff)
		}
	}
}

func TestBadSelectorsNameTheColumn(t *testing.T) {
	for _, tc := range []struct{ sel, want string }{
		{"", "column 1: want a metric name or '{'"},
		{"{}", "column 3: an empty selector matches everything"},
		{"up[5m]", "column 3: want the end of the selector"},
		{"rate(up)", "column 5: want the end of the selector"},
		{"up{pod}", "column 7: want =, !=, =~ or !~"},
		{"up{pod=a}", "column 8: want a string in quotes"},
		{`up{pod="a"`, "column 11: want ',' or '}'"},
		{`up{pod="a}`, "column 8: a string without its closing quote"},
		{`up{pod="\q"}`, "column 8: a string with an escape"},
		{`up{pod=~"("}`, "missing closing )"},
		{`up{="a"}`, "column 4: want a string in quotes"},
	} {
		if _, err := ParseSelector(tc.sel); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %s", tc.sel, err, tc.want)
		}
	}
}

func TestWriteAndReadAreInverse(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var set []Series
	for _, m := range []model.Metric{{"__name__": "a", "pod": "x\"\\\n\u2028<é>"}, {"__name__": "b"}} {
		s := Series{Labels: m, Source: "f"}
		for at := int64(0); len(s.Times) < 500; at += 1 + r.Int64N(2000) {
			v := math.Float64frombits(r.Uint64())
			if math.IsNaN(v) || r.IntN(20) == 0 {
				v = Stale()
			}
			if r.IntN(20) == 0 {
				v = math.Inf(1 - 2*r.IntN(2))
			}
			s.Times, s.Values = append(s.Times, at), append(s.Values, v)
		}
		set = append(set, s)
	}
	var b bytes.Buffer
	if err := Write(&b, set); err != nil {
		t.Fatal(err)
	}
	rec, err := ReadFrom("f", &b)
	if err != nil {
		t.Fatal(err)
	}
	bits := cmp.Comparer(func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
	if diff := cmp.Diff(set, rec.Series, bits); diff != "" {
		t.Error(diff)
	}
}
