package fit

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// FuzzFromRecording feeds any CSV file: no panic, and a demand is as long as its
// grid and never below zero.
func FuzzFromRecording(f *testing.F) {
	for _, s := range []string{
		"t,kube_deployment_spec_replicas,kube_horizontalpodautoscaler_spec_max_replicas,x\n0,1,2,3\n15,,1e99,3\n30,-1,NaN,3\n",
		"t,cpu,x_total\n0,1,2\n15,2,3\n30,NaN,1\n", "t,x\n0,1\n100000,2\n", "t,{pod=\"a\"},x\n0.5,1e300,-1\n15,+Inf,\n",
	} {
		f.Add(s, uint16(15))
	}
	f.Fuzz(func(t *testing.T, data string, step uint16) {
		rec, err := series.ReadFrom("f", strings.NewReader(data))
		if err != nil {
			return
		}
		for _, name := range rec.Names() {
			load, err := FromRecording(rec, []Want{pods(name)}, Options{Step: time.Duration(step) * time.Second})
			if err != nil {
				continue
			}
			d := load.Demands[0]
			if len(d.Values) != load.Grid.N || d.Null != nil && len(d.Null) != load.Grid.N {
				t.Fatalf("%d values, %d nulls, %d steps", len(d.Values), len(d.Null), load.Grid.N)
			}
			for _, v := range d.Values {
				if v < 0 || v > math.MaxInt64/d.Scale {
					t.Fatalf("a value of %d at scale %d", v, d.Scale)
				}
			}
			r := Observe(rec, load, load.Grid.Start, Subject{})
			if r == nil {
				continue
			}
			for i, p := range r.Replicas {
				if p.N < sim.Unknown || p.T < 0 || i > 0 && p.T <= r.Replicas[i-1].T {
					t.Fatalf("replicas %v", r.Replicas)
				}
			}
		}
	})
}

// FuzzLearn feeds any CSV file to the load model: no panic, and what it says is
// finite, not below zero, and in order.
func FuzzLearn(f *testing.F) {
	for _, s := range []string{
		"t,\"container_cpu_usage_seconds_total{pod=\"\"a\"\",container=\"\"c\"\"}\",\"http_requests_total{pod=\"\"a\"\"}\"\n0,0,0\n15,1,5\n30,3,9\n45,4,9\n60,8,20\n",
		"t,\"process_cpu_seconds_total{instance=\"\"a\"\"}\",\"http_requests_shed_total{instance=\"\"a\"\"}\"\n0,0,0\n15,1,5\n30,0.5,9\n300,4,9\n",
		"t,\"process_cpu_seconds_total{pod=\"\"w-1-aaaaa\"\"}\",\"kube_pod_created{pod=\"\"w-1-aaaaa\"\"}\",\"kube_pod_status_ready{pod=\"\"w-1-aaaaa\"\",condition=\"\"true\"\"}\"\n0,0,,0\n15,1,14,0\n30,2,14,1\n45,3,14,0\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data string) {
		rec, err := series.ReadFrom("f", strings.NewReader(data))
		if err != nil {
			return
		}
		want := cpu()
		want.Limit = 0.5
		load, err := FromRecording(rec, []Want{want}, Options{Workload: Workload{Kind: "Deployment", Name: "w"}})
		if err != nil || load.Demands[0].Model == nil {
			return
		}
		d := &load.Demands[0]
		m := d.Model
		for _, v := range []float64{m.Idle.Value, m.Cost.Value, m.Capacity.Value, m.Error, m.HeldOut.Error, m.StartUp, m.Least} {
			if !(v >= 0) || math.IsInf(v, 0) {
				t.Fatalf("%+v", m)
			}
		}
		if m.Idle.Low > m.Idle.High || m.Cost.Low > m.Cost.High || m.Capacity.Low > m.Capacity.High || m.Windows > m.Total {
			t.Fatalf("%+v", m)
		}
		for k, v := range d.Values {
			if v < 0 || d.High != nil && d.High[k] < 0 {
				t.Fatalf("step %d: %d, %v", k, v, d.High)
			}
		}
	})
}

func BenchmarkDemandOfAMonth(b *testing.B) {
	var rec series.Recording
	r := rand.New(rand.NewPCG(3, 4))
	for pod := range 20 {
		s := series.Series{Labels: model.Metric{"__name__": "x_total", "pod": model.LabelValue(rune('a' + pod))}}
		v := 0.0
		for k := range int64(172_800) {
			v += r.Float64()
			s.Times, s.Values = append(s.Times, k*15_000+int64(pod)*700), append(s.Values, v)
		}
		rec.Series = append(rec.Series, s)
	}
	for b.Loop() {
		if _, err := FromRecording(&rec, []Want{pods("x")}, Options{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(20*172_800), "ns/sample")
}
