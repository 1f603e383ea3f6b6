package scenario

import (
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// FuzzSimulation: whatever a simulation file says, it is read or refused with a
// position, never a panic; and what is read is within the bounds of a replay.
func FuzzSimulation(f *testing.F) {
	for _, m := range mistakes() {
		f.Add(head + m.body)
	}
	f.Add(head + "  demand: [{metric: {type: Pods, name: x}, capacity: 3, wait: 2s, values: [1, 9]}]\n  pipeline: {kind: resource, resolution: 30s, age: 5s}\n")
	f.Add(head + "  demand: [{metric: {type: Pods, name: x}, capacity: 3, wait: 2s, values: [1, 9]}]\n  pipeline: {kind: prometheus, interval: 10s, window: 45s, age: 5s}\n")
	f.Add(head + "  demand: [{metric: {type: External, name: x}, role: backlog, capacity: 3, initial: 7, values: [1, null]}]\n")
	f.Add(head + "  demand: [{metric: {type: Pods, name: x}, idle: 3, notReady: none, values: [1, null]}]\n  faults: [{at: 1m, surge: 1}]\n")
	f.Add(head + "  openLoop: true\n  demand: [{metric: {type: External, name: x}, aggregate: quantile(0.9), idle: 3, values: [1, null]}]\n")
	f.Add(head + "  demand: [{metric: {type: Pods, name: x}, recording: x.csv, kind: counter, window: 5m, downsampled: 1h}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		docs, err := yamlpos.Parse("sim.yaml", []byte(text))
		if err != nil {
			return
		}
		for _, d := range docs {
			c, _, set, err := readSimulation(d)
			if err != nil {
				continue
			}
			for _, d := range set.demand {
				if len(d.Null) != 0 && len(d.Null) != len(d.Values) {
					t.Errorf("%d nulls for %d values", len(d.Null), len(d.Values))
				}
				for _, v := range append(d.Values, d.Idle, d.NotReady, d.Capacity) {
					if v > maxMilli/d.Scale || v < -maxMilli/d.Scale {
						t.Errorf("value %d at scale %d", v, d.Scale)
					}
				}
			}
			if set.controller.SyncPeriod < minSyncPeriod || set.duration > MaxDuration || set.duration < 0 {
				t.Errorf("period %s, duration %s", set.controller.SyncPeriod, set.duration)
			}
			if err := checkSyncs(set.duration, set.controller.SyncPeriod+set.latency); err != nil {
				t.Error(err)
			}
			if c.err() != nil {
				t.Error("problems beside no error")
			}
		}
	})
}

// FuzzParseDuration: what is read is within its bounds; Go's own parser agrees
// where both read a text.
func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"15s", "1h30m", "1.5h", "7d", "2w1d", "0", "-1s", "", "1e9s", "99999999999999w", "1..2s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDuration(s)
		if err != nil {
			return
		}
		if d < 0 || d > MaxDuration {
			t.Errorf("%q is %s", s, d)
		}
		if other, err := time.ParseDuration(s); err == nil && max(d-other, other-d) > time.Microsecond {
			t.Errorf("%q is %s, Go says %s", s, d, other)
		}
	})
}
