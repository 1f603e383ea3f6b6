package report

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

func TestTheLagIsToldStageByStage(t *testing.T) {
	stage := func(count int64, sum, worst time.Duration) sim.Stage {
		return sim.Stage{Count: count, Sum: sum * time.Second, Worst: worst * time.Second}
	}
	for _, tt := range []struct {
		lag           sim.Lag
		value, detail string
	}{
		{sim.Lag{}, "", ""},
		{sim.Lag{Known: true}, "none", "demand never asked for more than the replicas there were"},
		{sim.Lag{Known: true, Needs: 1, Passed: 1}, "not met", "what demand asked for never became ready: 1 passed before it was answered"},
		{
			sim.Lag{
				Known: true, Needs: 1, Met: 1, Sync: stage(1, 10, 10), Metrics: stage(1, 0, 0), Decision: stage(1, 0, 0),
				Start: stage(1, 30, 30), Total: stage(1, 40, 40),
			},
			"40s", "from demand to ready pods, once: next sync 10s, metrics 0s, decision 0s, start-up 30s",
		},
		{
			sim.Lag{
				Known: true, Needs: 6, Met: 3, Withdrawn: 1, Open: 2, Sync: stage(5, 22, 14), Metrics: stage(4, 60, 30),
				Decision: stage(4, 0, 0), Start: stage(3, 90, 30), Total: stage(3, 160, 75),
			},
			"53.3s", "from demand to ready pods, mean of 3 (1m 15s at worst): next sync 4.4s (14s at worst), metrics 15s (30s at worst), " +
				"decision 0s, start-up 30s, 1 withdrawn before its pods were ready, 2 open at the end",
		},
	} {
		f := lagFact(&Replay{Lag: tt.lag})
		if diff := cmp.Diff([]string{tt.value, tt.detail}, []string{f.value, f.detail}); diff != "" {
			t.Errorf("lag (-want +got):\n%s", diff)
		}
	}
}
