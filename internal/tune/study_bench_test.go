package tune_test

import (
	"context"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/internal/tune"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// studySpace is the space in which the bench worlds are tuned: 226,800 candidates.
const studySpace = "target.cpu=60..94/1,min=2..6,up.window=0s|30s|60s,down.window=60s|120s|180s|300s|600s|900s,down.percent=10|25|50|100,up.tolerance=2%|5%|10%,down.tolerance=2%|5%|10%"

// BenchmarkStudy tunes the bench worlds beginning with Kubernetes' default (cpu
// 80 %, no behavior), and reports what that is worth on held-out days: the
// difference in replica-hours with its interval, in percent, saturated minutes of
// both, and multiples of the lower bound.
func BenchmarkStudy(b *testing.B) {
	study := func(rates []float64, step time.Duration, kind sim.PipelineKind) func(*testing.B) {
		return func(b *testing.B) {
			var r *tune.Report
			for b.Loop() {
				s := &tune.Study{
					Problem: *benchProblem(b, benchWorld(rates, step, kind), studySpace),
					Options: tune.Options{Candidates: 1000, Seed: 1}, Rough: true, Validate: true,
				}
				r = s.Run(context.Background())
			}
			v := &r.Validation
			var held tune.Pair
			for _, f := range v.Folds {
				held.TodayY += f.Tested.TodayY
				held.PickY += f.Tested.PickY
				b.Logf("days 1 to %d: %s, %d ruled out by bad weather; later %v → %v pod-hours, %v → %v saturated minutes", f.Train, pickText(r, &f.Pick), len(f.Pick.Ruled), f.Tested.TodayX, f.Tested.PickX, f.Tested.TodayY, f.Tested.PickY)
			}
			b.Logf("all: %s; %d ruled out; %v → %v pod-hours, %v → %v saturated minutes; claim %d", pickText(r, &r.Choice), len(r.Choice.Ruled), r.Today.X, r.Choice.X, r.Today.Y, r.Choice.Y, r.Claim())
			b.ReportMetric(100*v.Cost.Estimate, "held-%")
			b.ReportMetric(100*v.Cost.Low, "low-%")
			b.ReportMetric(100*v.Cost.High, "high-%")
			b.ReportMetric(held.TodayY, "sat-today")
			b.ReportMetric(held.PickY, "sat-tuned")
			b.ReportMetric(r.Today.X/r.ForesightX, "×today")
			b.ReportMetric(r.Choice.X/r.ForesightX, "×tuned")
		}
	}
	rates := month(b, 28)
	b.Run("month/resource", study(rates, 15*time.Second, sim.PipelineResource))
	b.Run("month/ideal", study(rates, 15*time.Second, sim.PipelineIdeal))
	b.Run("worldcup98/resource", func(b *testing.B) {
		study(trace(b, "worldcup98-requests-per-minute.csv.gz", "1998-06-10", 30*1440, time.Minute), time.Minute, sim.PipelineResource)(b)
	})
	b.Run("balancer/resource", func(b *testing.B) {
		rates := trace(b, "nab-elb-request-count.csv", "2014-04-11", 14*288-60, 5*time.Minute)
		for i := range rates {
			rates[i] *= 1000 // a balancer of two pods has nothing to tune
		}
		study(rates, 5*time.Minute, sim.PipelineResource)(b)
	})
}

func pickText(r *tune.Report, c *tune.Choice) string {
	if c.Candidate == nil {
		return "today's"
	}
	return r.Study.Space.Text(c.Candidate)
}
