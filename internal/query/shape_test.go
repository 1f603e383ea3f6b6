package query

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
)

// shop is a recording of two pods and of a queue that is not theirs.
func shop() *DB {
	of := func(name, pod string, values ...float64) series.Series {
		return every(model.Metric{"__name__": model.LabelValue(name), "pod": model.LabelValue(pod), "namespace": "shop"}, values...)
	}
	return Open([]series.Series{
		of("x_total", "web-1", 0, 30, 60), of("x_total", "web-2", 0, 15, 30),
		of("y", "web-1", 1, 2, 3), of("y", "web-2", 4, 5, 6),
		of("request", "web-1", 0.5, 0.5, 0.5), of("request", "web-2", 0.5, 0.5, 0.5),
		of("up", "web-1", 1, 1, 1), of("up", "web-2", 1, 1, 1),
		of("queue", "rabbit-0", 7, 8, 9), of("consumers", "rabbit-0", 7, 8, 9),
	}, 0)
}

// ofWeb says that pods named web-… are the workload's.
func ofWeb(set []model.Metric) bool {
	for _, l := range set {
		if strings.HasPrefix(string(l["pod"]), "web-") {
			return true
		}
	}
	return false
}

func TestTheShapeOfAnExpressionOverPods(t *testing.T) {
	for _, tc := range []struct{ expr, want string }{
		{"avg(rate(x_total[1m]))", "1 × avg(rate(x_total[1m]))"},
		{"1000 * max(y) / 2", "500 × max(y)"},
		{"(min by (namespace) (y)) * (60 * 2)", "120 × min(y) in groups"},
		{"quantile(0.9, y)", "1 × quantile(y) at 0.9"},
		{"count(up == 1)", "1 × count(up)"},
		{"sum(y)", "1 × sum(sum(y))"},
		{"sum(y) + sum(rate(x_total[1m])) / 2", "1 × sum(sum(y) + sum(rate(x_total[1m])) / 2)"},
		{"max by (pod) (y)", "1 × sum(max by (pod) (y))"},
		{"rate(x_total[1m])", "1 × sum(rate(x_total[1m]))"},
		{"max(sum by (pod) (rate(x_total[1m])))", "1 × max(sum by (pod) (rate(x_total[1m])))"},
		{"max(rate(x_total[1m]) / on (pod) request)", "1 × max(rate(x_total[1m]) / on (pod) request)"},
		{"sum(y) / count(up)", "1 × avg(y)"},
		{"sum(y) / count(up == 1)", "1 × avg(y)"},
		{"sum(y) / sum(request) * 100", "200 × avg(y)"},
		{"sum(y) * sum(queue)", "1 × sum(sum(y) * sum(queue))"},
		{"sum(y and on (pod) up)", "1 × sum(sum(y and on (pod) up))"},
		{"avg(avg_over_time(y[1m:15s]))", "1 × avg(avg_over_time(y[1m:15s]))"},
		{"max(sum(y))", "1 × sum(sum(y))"},
		// Nothing of the pods' own.
		{"max(queue)", ""},
		{"topk(1, queue) ^ 2 / queue", ""},
		{"3 + time()", ""},
	} {
		shape, bend, err := shop().Shape(tc.expr, series.Grid{Step: 15 * time.Second, N: 3}, ofWeb)
		if err != nil || bend != nil {
			t.Errorf("%s: bend %v, error %v", tc.expr, bend, err)
			continue
		}
		got := ""
		if shape.Op != "" {
			got = fmt.Sprintf("%v × %s(%s)", shape.Factor, shape.Op, shape.Operand)
		}
		if shape.Op == "quantile" {
			got += fmt.Sprintf(" at %v", shape.Rank)
		}
		if shape.Grouped {
			got += " in groups"
		}
		if got != tc.want {
			t.Errorf("%s: %s, want %s", tc.expr, got, tc.want)
		}
	}
}

func TestWhatDoesNotFollowFromThePodsSharesIsNamed(t *testing.T) {
	for _, tc := range []struct {
		expr string
		want Bend
	}{
		{"histogram_quantile(0.99, sum by (le) (rate(lat_bucket[1m])))", Bend{BendLatency, "histogram_quantile", "1:1"}},
		{"max(sum by (namespace) (y))", Bend{BendAggregate, "max", "1:1"}},
		{"topk(3, y)", Bend{BendAggregate, "topk", "1:1"}},
		{"sum(\n  stddev by (namespace) (y))", Bend{BendAggregate, "stddev", "2:3"}},
		{"max(y) + 5", Bend{BendAggregate, "max", "1:1"}},
		{"0 - max(y)", Bend{BendAggregate, "max", "1:5"}},
		{"max(y) / sum(y)", Bend{BendRatio, "/", "1:1"}},
		{"sum(y) / sum(x_total)", Bend{BendRatio, "/", "1:1"}},
		{"max(rate(x_total[1m]) / on (pod) y)", Bend{BendRatio, "/", "1:5"}},
		{"sum(queue) / count(up)", Bend{BendRatio, "/", "1:1"}},
		{"sum(y) / count(sum(up))", Bend{BendRatio, "/", "1:1"}},
		{"avg(y > 5)", Bend{BendFunction, ">", "1:5"}},
		{"avg(y) > 5", Bend{BendFunction, ">", "1:1"}},
		{"avg(y) ^ 2", Bend{BendFunction, "^", "1:1"}},
		{"max_over_time(avg(y)[5m:15s])", Bend{BendFunction, "max_over_time", "1:1"}},
		{"avg(clamp_max(y, 3))", Bend{BendFunction, "clamp_max", "1:5"}},
		{"count_values(\"v\", y)", Bend{BendAggregate, "count_values", "1:1"}},
		{"quantile(scalar(queue), y)", Bend{BendAggregate, "quantile", "1:1"}},
	} {
		_, bend, err := shop().Shape(tc.expr, series.Grid{Step: 15 * time.Second, N: 3}, ofWeb)
		if err != nil || bend == nil || *bend != tc.want {
			t.Errorf("%s: bend %v, error %v, want %v", tc.expr, bend, err, tc.want)
		}
	}
}

func FuzzShape(f *testing.F) {
	for _, s := range []string{"max(y)", "sum(y)/count(up)", "sum(y)/sum(request)", "1/0*avg(y)", "quantile(2, y)", "y @ 5 offset -1m", "-(-(y))", "sum(y[1m:])", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		shape, bend, err := shop().Shape(s, series.Grid{Step: 15 * time.Second, N: 3}, ofWeb)
		if err == nil && bend == nil && shape.Op != "" {
			if !(shape.Factor > 0) || Check(shape.Operand) != nil {
				t.Fatalf("%q: %+v", s, shape)
			}
		}
	})
}

func TestLevelsAreReadAsTheyStand(t *testing.T) {
	for expr, want := range map[string]string{
		"sum(rate(x_total[1m])) * max(queue)": "queue",
		"max_over_time(y[1m])":                "y y",
		"rate(sum(queue)[1m:15s])":            "",
		"y{":                                  "",
	} {
		var names []string
		for _, l := range shop().Levels(expr) {
			names = append(names, string(l["__name__"]))
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %q, want %q", expr, got, want)
		}
	}
}
