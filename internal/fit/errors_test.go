package fit

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/internal/series"
)

func TestWhatCannotBeKnownIsAnError(t *testing.T) {
	sel, err := series.ParseSelector(`x{pod="c"}`)
	if err != nil {
		t.Fatal(err)
	}
	selected := pods("x")
	selected.Select = &sel
	huge := every("x", 0, 1, 2, 3)
	huge.Times = []int64{0, 1, 100_000_000_000}
	for _, tc := range []struct {
		name string
		want Want
		rec  *series.Recording
		text string
	}{
		{"no series", cpu(), recording(every("y", 0, 1, 2), every("x", 0, 1, 2)), `demand for cpu: the recording has no series for it, looked for container_cpu_usage_seconds_total{container!="",container!="POD"}, node_namespace_pod_container:container_cpu_usage_seconds_total:sum_irate{container!="",container!="POD"}, node_namespace_pod_container:container_cpu_usage_seconds_total:sum_rate5m{container!="",container!="POD"}, container_cpu_usage_seconds_total{container="",pod!=""}, process_cpu_seconds_total; it has x, y; name another with --demand cpu='EXPR'`},
		{"no series for a pods metric", pods("rps_per_second"), recording(every("x", 0, 1, 2)), "looked for rps_per_second, rps_total, rps_per_second_total; it has x; name another with --demand rps_per_second='EXPR'"},
		{"another resource", resource("gpu", ""), recording(every("x", 0, 1, 2)), "demand for gpu: the recording has no series for it; it has x"},
		{"a selector without series", selected, recording(every("x", 0, 1, 2)), `demand for x: the recording has no series x{pod="c"}; it has x`},
		{"an expression without values", expression("x", "y"), recording(every("x", 0, 1, 2)), `the expression "y" has no value in the recording; it has x`},
		{"an expression that is a counter", expression("x", "y_total", every("y_total", 0, 1, 2)), recording(every("x", 0, 1, 2)), `the expression "y_total" is a counter, which only grows; take its rate: rate(y_total[1m])`},
		{"several jobs", cpu(), recording(every(`process_cpu_seconds_total{job="prometheus",instance="p"}`, 0, 1, 2), every(`process_cpu_seconds_total{job="shop",instance="a"}`, 0, 1, 2)), `process_cpu_seconds_total has series of several workloads: job prometheus, shop; choose with --demand cpu='EXPR', using a matcher such as job="prometheus"`},
		{"no such container", resource("cpu", "web"), recording(every(`container_cpu_usage_seconds_total{container="app",pod="a"}`, 0, 1, 2), every(`container_cpu_usage_seconds_total{container="proxy",pod="a"}`, 0, 1, 2)), `has no container web; it has app, proxy`},
		{"infinite", pods("x"), recording(every(`x{pod="a"}`, 0, 1, math.Inf(1))), `x{pod="a"} is +Inf at 1970-01-01T00:00:15Z; demand has to be finite`},
		{"below zero", pods("x"), recording(every("x", 0, 1, -2, 3)), "x is below zero in step 1: -2; demand is load"},
		{"a counter below zero", pods("x_total"), recording(every("x_total", 0, 1, -2, 3)), "x_total is -2 at 1970-01-01T00:00:15Z: not a counter"},
		{"one sample", pods("x"), recording(every("x", 0, 1)), "no series has two samples: the step is unknown"},
		{"too large", pods("x"), recording(every("x", 0, 1, 1e300)), "x reaches 1e+300: too large to count"},
		{"only NaN", pods("x"), recording(every("x", 0, nan, nan)), "x has no value in any step"},
		{"too long", pods("x"), recording(huge), "are too many, 5000000 at most; are all times in one unit?"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := FromRecording(tc.rec, []Want{tc.want}, Options{})
			if err == nil || !strings.Contains(err.Error(), tc.text) {
				t.Errorf("got  %v\nwant %s", err, tc.text)
			}
		})
	}
	if _, err := FromRecording(recording(every(`process_cpu_seconds_total`, 0, 1, 2), every("x", 600, 1, 2)), []Want{cpu(), pods("x")}, Options{}); err == nil || !strings.Contains(err.Error(), "the metrics share no time: cpu from 1970-01-01T00:00:00Z to 1970-01-01T00:00:15Z, x from 1970-01-01T00:10:00Z to 1970-01-01T00:10:30Z") {
		t.Errorf("no time shared: %v", err)
	}
	if _, err := FromRecording(recording(every(`process_cpu_seconds_total`, 0, 1, 2)), []Want{cpu()}, Options{Step: time.Minute}); err == nil || !strings.Contains(err.Error(), "the recording is shorter than one step of 1m0s") {
		t.Errorf("shorter than a step: %v", err)
	}
}
