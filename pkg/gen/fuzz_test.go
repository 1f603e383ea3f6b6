package gen

import (
	"os"
	"path/filepath"
	"testing"

	"sigs.k8s.io/yaml"
)

// FuzzSpec reads arbitrary specs. What is valid must generate, its objects must
// decode strictly, and what is inferred from them must be valid again.
func FuzzSpec(f *testing.F) {
	for _, dir := range cases(f) {
		data, err := os.ReadFile(filepath.Join(dir, "service.yaml"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := &ElasticService{}
		if len(data) > 1<<14 || yaml.UnmarshalStrict(data, s) != nil || hugeQuantities(data) {
			return
		}
		s.Default()
		if len(s.Validate()) > 0 {
			return
		}
		s.Advise()
		write(t, s)
		inferred, _ := Infer(existing(s.Objects()))
		text, err := inferred.Starter()
		if err != nil {
			t.Fatal(err)
		}
		parse(t, text)
	})
}

// hugeQuantities says whether a text may hold a quantity such as 1e999999,
// which the reader of files refuses before this package sees it.
func hugeQuantities(data []byte) bool {
	for i, b := range data {
		if (b == 'e' || b == 'E') && i+3 < len(data) && data[i+1] >= '0' && data[i+1] <= '9' {
			return true
		}
	}
	return false
}

// FuzzMetric reads the short forms of a metric: whatever is valid must become a
// metric of autoscaling/v2 that the API server's rules accept.
func FuzzMetric(f *testing.F) {
	for _, seed := range []string{"60%", "300m", "200Mi", "100", "100r/s", "1e9", "0.5", "-1", "1e999999999", "99999999999999999999", "%", "NaN%", "0x10%"} {
		f.Add(seed, seed, seed)
	}
	f.Fuzz(func(t *testing.T, cpu, memory, rps string) {
		c, m := Scalar(cpu), Scalar(memory)
		s := &ElasticService{
			APIVersion: APIVersion, Kind: Kind, Metadata: Metadata{Name: "x"},
			Spec: ServiceSpec{Image: "x", Scaling: Scaling{Metrics: []Metric{{CPU: &c}, {Memory: &m}, {RPS: &Rate{Target: Scalar(rps)}}}}},
		}
		s.Default()
		if len(s.Validate()) > 0 {
			return
		}
		for _, spec := range s.autoscaler().Spec.Metrics {
			var p problems
			p.metricSpec("metric", spec)
			if len(p) > 0 {
				t.Errorf("%q, %q, %q: %v", cpu, memory, rps, p)
			}
		}
	})
}

// FuzzDuration reads durations: what can be read is written in a form that reads
// the same.
func FuzzDuration(f *testing.F) {
	for _, seed := range []string{`"15s"`, `"1h30m"`, `"2m0s"`, `30`, `"-1s"`, `"1.5h"`, `null`, `"9999999h"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var d, again Duration
		if d.UnmarshalJSON([]byte(text)) != nil {
			return
		}
		out, err := d.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if err := again.UnmarshalJSON(out); err != nil || again != d {
			t.Errorf("%s is written as %s, which reads as %v, %v", text, out, again, err)
		}
	})
}
