package query

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/elasticctl/elasticctl/internal/series"
)

// every makes a series of one sample every 15 s from 0; NaN is the stale
// marker.
func every(labels model.Metric, values ...float64) series.Series {
	s := series.Series{Labels: labels, Values: values}
	for i := range values {
		s.Times = append(s.Times, int64(i)*15_000)
		if math.IsNaN(values[i]) {
			s.Values[i] = series.Stale()
		}
	}
	return s
}

func recorded() []series.Series {
	nan := math.NaN()
	return []series.Series{
		every(model.Metric{"__name__": "x_total", "pod": "b", "zone": "z"}, 5, 5, 5, 5, 5, 5, 5, 5, 5),
		// 3 a second; a reset after 60 s; the count starts anew at 0.
		every(model.Metric{"__name__": "x_total", "pod": "a", "zone": "z"}, 0, 45, 90, 135, 180, 45, 90, 135, 180),
		every(model.Metric{"__name__": "g", "pod": "a"}, 1, 2, nan, 4),
		every(model.Metric{"__name__": "g", "pod": "b"}, 10, 20, 30),
	}
}

// text prints a result: labels, then second=value.
func text(set []series.Series) string {
	var lines []string
	for _, s := range set {
		line := s.Labels.String()
		for i, t := range s.Times {
			line += fmt.Sprintf(" %d=%.9g", t/1000, s.Values[i])
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestRangeEqualsHandComputedValues(t *testing.T) {
	grid := func(from, step, n int) series.Grid {
		return series.Grid{Start: int64(from) * 1000, Step: time.Duration(step) * time.Second, N: n}
	}
	for _, tc := range []struct {
		name, expr string
		grid       series.Grid
		want       string
	}{
		// (0s,60s]: four samples, an increase of 135 over 45 s; extrapolated by
		// 15 s at the beginning, where the counter is not yet at zero: 180 in 60 s.
		{"rate of a full window", `rate(x_total{pod="a"}[1m])`, grid(60, 15, 1), `{pod="a", zone="z"} 60=3`},
		// (15s,75s]: 90, 135, 180, 45. After the reset all 45 count: 135 in 45 s.
		{"rate over a reset", `rate(x_total{pod="a"}[1m])`, grid(75, 15, 1), `{pod="a", zone="z"} 75=3`},
		// At 15 s (-45s,15s]: 0 and 45; the counter starts at 0, so it is not
		// extrapolated back: 45 in the window of 60 s.
		{"rate at the recording's beginning", `rate(x_total{pod="a"}[1m])`, grid(15, 15, 1), `{pod="a", zone="z"} 15=0.75`},
		{"rate of one sample", `rate(x_total{pod="a"}[1m])`, grid(0, 15, 1), ``},
		// At 150 s (90s,150s]: 105 and 120 remain, 45 in 15 s; extrapolated by 15 s
		// back and by half an interval ahead, 7.5 s: 45*37.5/15 = 112.5 in 60 s.
		{"rate at the recording's end", `rate(x_total{pod="a"}[1m])`, grid(150, 15, 1), `{pod="a", zone="z"} 150=1.875`},
		{"sum by", `sum by (zone) (rate(x_total[1m]))`, grid(60, 15, 3), `{zone="z"} 60=3 75=3 90=3`},
		{"a stale marker ends a series at once", `g`, grid(0, 15, 4), "g{pod=\"a\"} 0=1 15=2 45=4\ng{pod=\"b\"} 0=10 15=20 30=30 45=30"},
		{"sum leaves out what is stale", `sum(g)`, grid(15, 15, 3), `{} 15=22 30=30 45=34`},
		{"the last sample holds for less than five minutes", `g{pod="b"}`, grid(329, 1, 2), `g{pod="b"} 329=30`},
		{"NaN ends a result", `sum(g{pod="b"}) / 0 - sum(g{pod="b"}) / 0`, grid(0, 15, 1), `{} 0=NaN`},
		{"a scalar", `3`, grid(0, 15, 2), `{} 0=3 15=3`},
		{"nothing", `absent_metric`, grid(0, 15, 2), ``},
		{"a subquery without step", `max_over_time(g{pod="b"}[2m:])`, grid(60, 15, 1), `{pod="b"} 60=30`},
		{"offset", `g{pod="b"} offset 15s`, grid(15, 15, 1), `g{pod="b"} 15=10`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, _, err := Open(recorded(), 0).Range(context.Background(), tc.expr, tc.grid)
			if err != nil {
				t.Fatal(err)
			}
			if text(got) != tc.want {
				t.Errorf("got\n%s\nwant\n%s", text(got), tc.want)
			}
		})
	}
}

func TestBadExpressionsNameThePosition(t *testing.T) {
	for _, tc := range []struct{ expr, want string }{
		{"sum(rate(x[1m])", `expression "sum(rate(x[1m])": 1:16: parse error: unclosed left parenthesis`},
		{"rate(x)", `1:6: parse error: expected type range vector in call to function "rate"`},
		{"ratee(x[1m])", `1:1: parse error: unknown function with name "ratee"`},
		{"", "parse error: no expression found in input"},
		{"x[1m]", "it is a range vector: a value at each instant is wanted"},
		{`"x"`, "it is a string: a value at each instant is wanted"},
		{`sum(g) + on() g`, "many-to-many"},
	} {
		_, _, err := Open(recorded(), 0).Range(context.Background(), tc.expr, series.Grid{Step: time.Second, N: 1})
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %s", tc.expr, err, tc.want)
		}
	}
	var parse parser.ParseErrors
	if err := Check("sum("); !errors.As(err, &parse) || parse[0].PositionRange.Start == 0 {
		t.Errorf("the parser's position is lost: %v", err)
	}
}

func TestTooManyInstantsAreRefused(t *testing.T) {
	for _, g := range []series.Grid{{Step: time.Second}, {Step: time.Second, N: maxSteps + 1}, {N: 1}} {
		if _, _, err := Open(nil, 0).Range(context.Background(), "x", g); err == nil || !strings.Contains(err.Error(), "instants") {
			t.Errorf("%v: %v", g, err)
		}
	}
}

func TestLookbackCanBeLonger(t *testing.T) {
	got, _, err := Open(recorded(), time.Hour).Range(context.Background(), `g{pod="b"}`, series.Grid{Start: 3_000_000, Step: time.Second, N: 1})
	if err != nil || text(got) != `g{pod="b"} 3000=30` {
		t.Errorf("got %s, %v", text(got), err)
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{"sum(rate(x[1m]))", "x{", "1 +", "x[1m:]", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if err := Check(s); err == nil {
			if _, _, err := Open(nil, 0).Range(context.Background(), s, series.Grid{Step: time.Second, N: 1}); err != nil && strings.Contains(err.Error(), "parse error") {
				t.Fatal(err)
			}
		}
	})
}

func TestTheAggregationAnExpressionIsAtLast(t *testing.T) {
	for _, tc := range []struct {
		expr, op string
		keeps    bool
	}{
		{"sum(rate(x[1m]))", "sum", false},
		{"avg(x) * 1000", "avg", false},
		{"-(2 * max by (namespace) (x))", "max", false},
		{"max by (pod) (x)", "max", true},
		{"quantile without (pod) (0.9, x)", "quantile", false},
		{"max without (le) (x)", "max", true},
		{"histogram_quantile(0.9, sum by (le) (rate(x_bucket[1m])))", "histogram_quantile", false},
		{"sum(x) / count(x)", "", false},
		{"rate(x[1m])", "", false},
		{"x{", "", false},
	} {
		if op, keeps := Over(tc.expr, "pod", "instance"); op != tc.op || keeps != tc.keeps {
			t.Errorf("%s: %q, keeps the pod: %t", tc.expr, op, keeps)
		}
	}
}

func TestHowFarAnExpressionLooksBack(t *testing.T) {
	for expr, want := range map[string]time.Duration{
		"sum(rate(x[5m])) + sum(rate(y[1m]))": 5 * time.Minute,
		"max_over_time(sum(x)[10m:1m])":       10 * time.Minute,
		"sum(x offset 5m)":                    0,
		"x{":                                  0,
	} {
		if got := Window(expr); got != want {
			t.Errorf("%s: %v", expr, got)
		}
	}
}
