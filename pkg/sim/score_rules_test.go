package sim_test

import (
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// change is somebody setting spec.replicas.
type change struct {
	at       time.Duration
	replicas int32
}

// scaledByHand is still of n pods for two hours, with changes.
func scaledByHand(n int32, changes ...change) *sim.World {
	w := still(n)
	w.Duration = 2 * time.Hour
	for _, c := range changes {
		w.Faults = append(w.Faults, sim.Fault{Kind: sim.FaultSetReplicas, At: c.at, Replicas: c.replicas})
	}
	return w
}

func TestThrashIsWhatUndoesARecentChangeOfTheSameReplica(t *testing.T) {
	const m = time.Minute
	for _, tt := range []struct {
		name    string
		changes []change
		want    int64
	}{
		{"nothing", nil, 0},
		{"up in steps", []change{{1 * m, 5}, {2 * m, 9}, {3 * m, 50}}, 0},
		{"down in steps", []change{{1 * m, 3}, {2 * m, 2}, {3 * m, 1}}, 0},
		{"up, and down later", []change{{1 * m, 50}, {61 * m, 4}}, 0},
		{"up, three minutes later down by less", []change{{1 * m, 7}, {4 * m, 5}}, 2},
		{"and up again", []change{{1 * m, 7}, {4 * m, 5}, {6 * m, 7}}, 4},
		{"down, and up beyond", []change{{1 * m, 2}, {4 * m, 9}}, 2},
		{"just within the window", []change{{1 * m, 7}, {11*m - time.Nanosecond, 4}}, 3},
		{"just past the window", []change{{1 * m, 7}, {11 * m, 4}}, 0},
		{"only the recent ones of two steps", []change{{1 * m, 6}, {8 * m, 9}, {12 * m, 4}}, 3},
		{"below what came", []change{{1 * m, 6}, {2 * m, 1}}, 2},
		{"what went long ago comes back", []change{{1 * m, 2}, {30 * m, 6}, {31 * m, 2}, {32 * m, 3}}, 5},
		{"back and forth", []change{{1 * m, 5}, {2 * m, 4}, {3 * m, 5}, {4 * m, 4}, {5 * m, 5}}, 4},
		{"set twice at one instant", []change{{1 * m, 9}, {1 * m, 5}, {2 * m, 4}}, 1},
		{"at the start", []change{{0, 9}, {1 * m, 4}}, 5},
		{"at the end", []change{{119 * m, 9}, {120 * m, 4}}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if s := scaledByHand(4, tt.changes...).Run(nil); s.Thrash != tt.want {
				t.Errorf("thrash %d, want %d", s.Thrash, tt.want)
			}
		})
	}
}

func TestSpikesBeginWithDemandAndEndWithCapacity(t *testing.T) {
	const m = time.Minute
	type spikes struct {
		spikes, ebbed int64
		all, longest  time.Duration
		saturated     time.Duration
	}
	for _, tt := range []struct {
		name    string
		values  []int64 // a minute each, of which a pod carries 100
		null    int     // which of them is null
		changes []change
		want    spikes
	}{
		{"demand within capacity", []int64{200, 200}, -1, nil, spikes{}},
		{"pods come", []int64{200, 300, 300, 300, 100}, -1, []change{{90 * second, 3}}, spikes{1, 0, m, m, m}},
		{"demand falls", []int64{200, 300, 200}, -1, nil, spikes{1, 1, m, m, m}},
		{"both at one instant", []int64{200, 300, 200}, -1, []change{{90 * second, 3}}, spikes{1, 1, m, m, m}},
		{"from the start", []int64{300, 200}, -1, nil, spikes{1, 1, m, m, m}},
		{"to the end", []int64{200, 300}, -1, nil, spikes{1, 0, 119 * m, 119 * m, 119 * m}},
		{"it grows further", []int64{200, 300, 500, 200}, -1, nil, spikes{1, 1, 2 * m, 2 * m, 2 * m}},
		{"two", []int64{300, 200, 300, 300, 200}, -1, nil, spikes{2, 2, 3 * m, 2 * m, 3 * m}},
		{"pods go", []int64{200}, -1, []change{{m, 1}, {2 * m, 2}}, spikes{saturated: m + 30*second}},
		{"pods go, then demand grows", []int64{200, 200, 300, 100}, -1, []change{{m, 1}}, spikes{saturated: 2 * m}},
		{"pods go as demand grows beyond both", []int64{200, 300, 100}, -1, []change{{m, 1}}, spikes{1, 1, m, m, m}},
		{"pods go as demand grows", []int64{100, 200, 100}, -1, []change{{m, 1}}, spikes{saturated: m}},
		{"a gap ends it", []int64{300, 300, 300, 100}, 1, nil, spikes{2, 2, 2 * m, m, 2 * m}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := scaledByHand(2, tt.changes...)
			w.Pods.Ready = 30 * second
			d := &w.Demand[0]
			d.Step, d.Values, d.Capacity = m, tt.values, 100
			if tt.null >= 0 {
				d.Null = make([]bool, len(d.Values))
				d.Null[tt.null] = true
			}
			s := w.Run(nil)
			if got := (spikes{s.Spikes, s.Ebbed, s.SpikeTime, s.LongestSpike, s.Saturated}); got != tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
			if mean := s.MeanSpike(); s.Spikes > 0 && mean != s.SpikeTime/time.Duration(s.Spikes) || s.Spikes == 0 && mean != 0 {
				t.Errorf("mean %v of %+v", mean, tt.want)
			}
		})
	}
}

// TestUseOfTinyRequestsIsCounted: a pod that requests a thousandth of a core and
// uses a hundred, for ten years.
func TestUseOfTinyRequestsIsCounted(t *testing.T) {
	w := onCPU(1, 100_000)
	w.Duration, w.Autoscaler.Controller.SyncPeriod = 10*365*24*time.Hour, 24*time.Hour
	w.Pods.Containers[0].Requests[0].Milli = 1
	s := w.Run(nil)
	whole, _ := s.CPU.Utilization()
	mean, _ := s.CPU.MeanUtilization()
	if whole != 100_000 || mean != 100_000 {
		t.Errorf("utilization %v, mean %v, want 100000", whole, mean)
	}
}
