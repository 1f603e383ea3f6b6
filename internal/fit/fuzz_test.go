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
