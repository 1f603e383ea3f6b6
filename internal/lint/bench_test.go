package lint_test

import (
	"fmt"
	"testing"

	"github.com/elasticctl/elasticctl/internal/lint"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// BenchmarkCheck lints fleets of three sizes: ns/object tells whether the time
// grows as they do.
func BenchmarkCheck(b *testing.B) {
	for _, objects := range []int{1_000, 10_000, 50_000} {
		b.Run(fmt.Sprintf("objects=%d", objects), func(b *testing.B) {
			dir := fleet(b, objects)
			b.ReportAllocs()
			for b.Loop() {
				r, err := lint.Check(&lint.Input{Paths: []string{dir}}, lint.Options{Profile: hpa.LatestProfile()})
				if err != nil || r.Objects != objects || len(r.Findings) != objects/perService/50 {
					b.Fatalf("%v: %d objects, %d findings", err, r.Objects, len(r.Findings))
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*objects), "ns/object")
		})
	}
}
