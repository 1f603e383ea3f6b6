package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/spf13/cobra"

	"github.com/elasticctl/elasticctl/internal/scenario"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// parseSimulate turns a command line into options.
func parseSimulate(args ...string) (simulateOptions, error) {
	var f simulateFlags
	cmd := &cobra.Command{}
	f.define(cmd)
	if err := cmd.ParseFlags(args); err != nil {
		return simulateOptions{}, usageError{err}
	}
	return f.options(cmd.Flags().Changed)
}

func TestSimulateFlagsBecomeOptions(t *testing.T) {
	zero, seven, ready := int32(0), int32(7), 45*time.Second
	core, gib := 0.04, 0.005
	tests := []struct {
		args string
		want simulateOptions
	}{
		{"-f a.yaml", simulateOptions{output: "text", color: "auto", request: scenario.Request{Files: []string{"a.yaml"}}}},
		{"-f a.yaml -f - --filename d -o jsonl --color never", simulateOptions{
			output: "jsonl", color: "never", request: scenario.Request{Files: []string{"a.yaml", "-", "d"}},
		}},
		{"-f a --recording r1 --recording r2 --demand rps=sum(rate(x{a=\"b\"}[1m])) --demand q=q,q", simulateOptions{
			output: "text", color: "auto", request: scenario.Request{
				Files: []string{"a"}, Recordings: []string{"r1", "r2"},
				Demand: []scenario.Query{{Name: "rps", Expr: `sum(rate(x{a="b"}[1m]))`}, {Name: "q", Expr: "q,q"}},
			},
		}},
		{"-f a --initial 7 --ready 45s --duration 2d --start 2026-11-20T19:00:00+01:00", simulateOptions{
			output: "text", color: "auto", request: scenario.Request{
				Files: []string{"a"}, Initial: &seven, Ready: &ready, Duration: 48 * time.Hour,
				Start: time.Date(2026, 11, 20, 18, 0, 0, 0, time.UTC),
			},
		}},
		{"-f a --price coreHour=0.04,gibHour=0.005 --budget thrash==0 --budget cost<=5", simulateOptions{
			output: "text", color: "auto", request: scenario.Request{
				Files: []string{"a"}, Prices: &scenario.Prices{CoreHour: &core, GiBHour: &gib},
				Budgets: []sim.Budget{{Text: "thrash==0"}, {Text: "cost<=5"}},
			},
		}},
		{"-f a --initial 0 --kubernetes-version 1.30,1.37 --kubernetes-version 1.25", simulateOptions{
			output: "text", color: "auto", request: scenario.Request{
				Files: []string{"a"}, Initial: &zero, Versions: []string{"1.30", "1.37", "1.25"},
			},
		}},
	}
	byText := cmp.Comparer(func(a, b sim.Budget) bool { return a.Text == b.Text })
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			got, err := parseSimulate(strings.Fields(tt.args)...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(simulateOptions{}), cmpopts.IgnoreUnexported(scenario.Request{}), byText); diff != "" {
				t.Errorf("options (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSimulateRefusesWhatItCannotUse(t *testing.T) {
	tests := []struct{ args, want string }{
		{"", "no file is given; say what to replay with -f"},
		{"-f a -o yaml", `-o "yaml": write text, json, jsonl or csv`},
		{"-f a --color red", `--color "red": write auto, always or never`},
		{"-f a --initial -1", "--initial -1: replicas cannot be negative"},
		{"-f a --demand rps", `--demand "rps": write NAME=EXPR, the metric's name in the HPA and PromQL over the recording`},
		{"-f a --demand =x", `--demand "=x": write NAME=EXPR, the metric's name in the HPA and PromQL over the recording`},
		{"-f a --ready soon", `--ready: "soon" is not a length of time; write 30s or 2m`},
		{"-f a --duration -1h", `--duration: "-1h" is negative; write 2h or 7d`},
		{"-f a --duration 0s", "--duration: it must be longer than zero"},
		{"-f a --start friday", `--start "friday": write RFC 3339, such as 2026-11-20T18:00:00Z`},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			_, err := parseSimulate(strings.Fields(tt.args)...)
			var usage usageError
			if !errors.As(err, &usage) || err.Error() != tt.want {
				t.Errorf("error %q, want usage error %q", err, tt.want)
			}
		})
	}
}

// sync is what the hand-made replay is checked by.
type sync struct {
	T            int64  `json:"t"`
	SpecReplicas int32  `json:"specReplicas"`
	Proposed     *int32 `json:"proposed"`
	Stabilized   *int32 `json:"stabilized"`
	Desired      int32  `json:"desired"`
	ScaledTo     *int32 `json:"scaledTo"`
	Pods         struct{ Ready, NotReady int32 }
	Metrics      []struct {
		Utilization int32
		Average     int64
	}
	Conditions []struct{ Reason string }
}

// TestTenSyncsByHand follows testdata/simulate/ten-syncs.yaml: an HPA of 2 to
// 10 replicas at 50 % of a request of 500m, no behavior, pods Ready after 30s,
// samples of a window of 60s. "Fresh" is a pod that became Ready less than a
// window ago: during its first 5 minutes its CPU counts as unready.
//
//	  0s  500m on 2 pods: 250 each, 50 %. Ratio 1: stay at 2.
//	 15s  560m on 2: 280, 56 %. Ratio 1.12 is outside 1.1: ceil(1.12*2) = 3.
//	 30s  600m on 2: 300, 60 %, ratio 1.2. The third pod is not ready; counted
//	      as 0 it gives 600/1500 = 40 %: 0.8 < 1 < 1.2, so stay at 3.
//	 45s  900m on 3, since the third is Ready now, yet fresh: 600/1000 = 60 %,
//	      with it as 0 600/1500 = 40 %: stay at 3.
//	 60s  1500m on 3: 1000/1000 = 100 %, ratio 2; with the fresh pod as 0
//	      1000/1500 = 66 % (truncated), ratio 1.32: ceil(1.32*3) = 4.
//	 75s  1500m on 3: 100 %; with the fresh third and the new fourth as 0
//	      1000/2000 = 50 %, ratio 1: stay at 4.
//	 90s  1500m on 4: 375 each, 75 %; two fresh: 750/2000 = 37 %, stay at 4.
//	105s  The third is not fresh any more, Ready at 45s + 60s: 1125/1500 = 75 %;
//	      with the fourth as 0 1125/2000 = 56 %, ratio 1.12: ceil(1.12*4) = 5.
//	120s  300m on 4: 75 each; three count: 225/1500 = 15 %, ratio 0.3, unready
//	      pods are left out on the way down: ceil(0.3*3) = 1. The highest
//	      recommendation of the last 5m is 5: stay at 5.
//	135s  No metric: nothing is decided, the replicas stay.
func TestTenSyncsByHand(t *testing.T) {
	var out, errs strings.Builder
	args := []string{"simulate", "-f", "../../testdata/simulate/ten-syncs.yaml", "-o", "jsonl"}
	if code := run(args, streams{in: strings.NewReader(""), out: &out, err: &errs}); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	type row struct {
		t                                  int64
		replicas, ready                    int32
		utilization                        int32
		average                            int64
		proposed, stabilized, desired, wro int32
		able                               string
	}
	const none = -1
	want := []row{
		{0, 2, 2, 50, 250, 2, 2, 2, none, "ReadyForNewScale"},
		{15, 2, 2, 56, 280, 3, 3, 3, 3, "SucceededRescale"},
		{30, 3, 2, 60, 300, 3, 3, 3, none, "ReadyForNewScale"},
		{45, 3, 3, 60, 300, 3, 3, 3, none, "ReadyForNewScale"},
		{60, 3, 3, 100, 500, 4, 4, 4, 4, "SucceededRescale"},
		{75, 4, 3, 100, 500, 4, 4, 4, none, "ReadyForNewScale"},
		{90, 4, 4, 75, 375, 4, 4, 4, none, "ReadyForNewScale"},
		{105, 4, 4, 75, 375, 5, 5, 5, 5, "SucceededRescale"},
		{120, 5, 4, 15, 75, 1, 5, 5, none, "ScaleDownStabilized"},
		{135, 5, 5, 0, 0, none, none, 5, none, "SucceededGetScale"},
	}
	value := func(p *int32) int32 {
		if p == nil {
			return none
		}
		return *p
	}
	var got []row
	for lines := bufio.NewScanner(strings.NewReader(out.String())); lines.Scan(); {
		var s sync
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		got = append(got, row{
			s.T, s.SpecReplicas, s.Pods.Ready, s.Metrics[0].Utilization, s.Metrics[0].Average,
			value(s.Proposed), value(s.Stabilized), s.Desired, value(s.ScaledTo), s.Conditions[0].Reason,
		})
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
		t.Errorf("syncs (-want +got):\n%s", diff)
	}
}
