package sim_test

import (
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// TestLuckIsASplitMix64 holds the twin's generator, and by that the world's, to
// the outputs that are published for seed 1234567.
func TestLuckIsASplitMix64(t *testing.T) {
	for i, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821} {
		if got := splitMixes(big.NewInt(1234567), i+1).Uint64(); got != want {
			t.Errorf("output %d: %d, want %d", i+1, got, want)
		}
	}
}

// starts are the times to Ready of the pods of a world, by their start.
func startsOf(t *testing.T, w *sim.World) map[time.Duration]time.Duration {
	t.Helper()
	took := map[time.Duration]time.Duration{}
	for _, tick := range replay(t, w) {
		for _, g := range tick.Observation.Groups {
			if g.Pods == 1 && g.Ready == hpa.ReadyTrue && g.Start >= 0 {
				took[g.Start] = g.Transition - g.Start
			}
		}
	}
	return took
}

func TestThePodOfANumberHasTheSameLuckWhateverElseHappens(t *testing.T) {
	base := func(seed uint64, at ...time.Duration) *sim.World {
		w := still(3)
		w.Duration = 3 * time.Minute
		w.Pods.Spread = sim.Spread{Seed: seed, Ready: []time.Duration{second, 4 * second, 9 * second, 16 * second, 25 * second}}
		for i, when := range at {
			w.Faults = append(w.Faults, setReplicas(when, 4+int32(i)))
		}
		return w
	}
	at := []time.Duration{2 * second, 20 * second, 33 * second, 47 * second, 61 * second, 76 * second}
	early, late := base(5, at...), base(5)
	for i, when := range at {
		late.Faults = append(late.Faults, setReplicas(when+7*second, 4+int32(i)))
	}
	late.Pods.Pending, late.Pods.Termination = 500*time.Millisecond, time.Minute
	a, b, c := startsOf(t, early), startsOf(t, late), startsOf(t, base(6, at...))
	distinct, same := map[time.Duration]bool{}, true
	for _, when := range at {
		if a[when] == 0 || a[when] != b[when+7*second] {
			t.Errorf("the pod of %v takes %v, and %v when it is born later", when, a[when], b[when+7*second])
		}
		distinct[a[when]] = true
		same = same && a[when] == c[when]
	}
	if len(distinct) < 3 || same {
		t.Errorf("times to Ready %v, with another seed %v", a, c)
	}
}

func TestEachEntryOfAListIsAsLikely(t *testing.T) {
	w := still(1)
	w.Autoscaler.Max = 6001
	w.Faults = []sim.Fault{setReplicas(0, 6001)}
	w.Pods.Spread.Ready = []time.Duration{second, 20 * second, 35 * second}
	for start, share := range map[time.Duration]float64{15 * second: 1, 30 * second: 2, 45 * second: 3} {
		got := float64(at(t, replay(t, w), start).Pods.Ready - 1)
		if want := share * 2000; got < want-150 || got > want+150 {
			t.Errorf("at %v: %v Ready, want about %v", start, got, want)
		}
	}
}

// TestAListOfOneEntryIsTheConstant: all four delays, in any world.
func TestAListOfOneEntryIsTheConstant(t *testing.T) {
	for seed := range uint64(100) {
		w := newDice(seed).world()
		if seed%2 == 1 {
			w = newDice(seed).scraped(w)
		}
		listed := *w
		one := func(d *time.Duration) []time.Duration {
			list := []time.Duration{*d}
			*d = 77 * second
			return list
		}
		p := &listed.Pods
		p.Spread = sim.Spread{
			Seed: seed, Pending: one(&p.Pending), Ready: one(&p.Ready),
			MetricsDelay: one(&p.MetricsDelay), Termination: one(&p.Termination),
		}
		if a, b := outcomeOf(w), outcomeOf(&listed); !slices.Equal(a.counts, b.counts) || !slices.Equal(a.scales, b.scales) || a.score.ReplicaMillis != b.score.ReplicaMillis {
			t.Fatalf("world %d: a list of one entry is not the constant", seed)
		}
	}
}

func TestWhoRunsLastIsReadyLast(t *testing.T) {
	w := still(1)
	w.Faults = []sim.Fault{setReplicas(0, 101)}
	w.Pods.Spread = sim.Spread{Pending: []time.Duration{second, 20 * second}, Ready: []time.Duration{10 * second, 25 * second}}
	for start, tick := range replay(t, w) {
		if p := tick.Pods; start == 1 && (p.NotReady != 0 || p.Pending < 30 || p.Ready < 30) {
			t.Errorf("at 15s: %+v, want those that run Ready and the others Pending", p)
		}
	}
}

func TestTerminationIsDrawnInTheOrderOfDeletion(t *testing.T) {
	list := []time.Duration{0, 10 * second, 25 * second, 40 * second}
	lingers := func(created int32) (counts []int32) {
		w := still(9)
		w.Pods.Ready = 0
		w.Pods.Spread = sim.Spread{Seed: 3, Termination: list}
		w.Faults = []sim.Fault{setReplicas(0, 9+created), setReplicas(second, 1+created)}
		for _, tick := range replay(t, w) {
			counts = append(counts, tick.Pods.Terminating)
		}
		return counts
	}
	few, many := lingers(0), lingers(5)
	if few[1] == 0 || few[3] >= few[1] || !slices.Equal(few, many) {
		t.Errorf("terminating at each sync: %v, and %v of pods created otherwise", few, many)
	}
}
