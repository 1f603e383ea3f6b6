package sim_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// sameAhead compares a run that skips, and a sprint where the world is one for it, with
// one that does neither, and returns how many syncs were skipped, of how many.
func sameAhead(t *testing.T, what any, w *sim.World) (skipped, syncs int64) {
	t.Helper()
	if err := w.Validate(); err != nil {
		t.Fatalf("world %v: %v", what, err)
	}
	want, steps, _ := w.RunAhead(false)
	got, writes, skipped := w.RunAhead(true)
	same(t, what, "skipping", written{got, writes}, written{want, steps})
	if got, writes, _, ok := w.Prepare().Sprint(w); ok {
		same(t, what, "sprinting", written{got, writes}, written{want, steps})
	}
	return skipped, want.Syncs
}

// written is what a run came to.
type written struct {
	score  sim.Score
	writes []sim.Write
}

func same(t *testing.T, what any, how string, got, want written) {
	t.Helper()
	i := 0
	for i < len(got.writes) && i < len(want.writes) && got.writes[i] == want.writes[i] {
		i++
	}
	if i < len(got.writes) || i < len(want.writes) {
		t.Fatalf("world %v: of %d writes, %d %s, number %d differs:\n %v\n %v", what, len(want.writes), len(got.writes), how, i, want.writes[i:min(i+3, len(want.writes))], got.writes[i:min(i+3, len(got.writes))])
	}
	if !reflect.DeepEqual(got.score, want.score) {
		t.Fatalf("world %v:\n %s %+v\n stepping %+v", what, how, got.score, want.score)
	}
}

func TestSkippingChangesNothingInRandomWorlds(t *testing.T) {
	var skipped, syncs int64
	for seed := range uint64(4 * randomWorlds) {
		d := newDice(seed)
		w := d.world()
		if d.chance(50) {
			w = d.scraped(w)
		}
		if d.chance(40) {
			d.hosted(w)
		}
		a, b := sameAhead(t, seed, askedFor(w, seed))
		skipped, syncs = skipped+a, syncs+b
	}
	t.Logf("%d of %d syncs skipped", skipped, syncs)
}

func TestSkippingChangesNothingInAMonth(t *testing.T) {
	for name, w := range map[string]*sim.World{"ideal": daily(30), "resource": month(30), "flat": flat(), "busy": busy()} {
		skipped, syncs := sameAhead(t, name, w)
		t.Logf("%s: %d of %d syncs skipped", name, skipped, syncs)
		if skipped < syncs*3/4 {
			t.Errorf("%s: %d of %d syncs skipped", name, skipped, syncs)
		}
	}
}

// calm rolls a world of which much can be foreseen: long, on one metric, with
// steps of whole syncs and few faults; noise, jumps and drifts of its demand meet
// every edge of what moves the autoscaler.
func (d dice) calm() *sim.World {
	w := d.world()
	for w.Autoscaler.Metrics[0].Source == hpa.SourceUnknown || !fed(w, &w.Autoscaler.Metrics[0]) {
		w = d.world()
	}
	s, c := &w.Autoscaler, &w.Autoscaler.Controller
	c.SyncPeriod, w.SyncLatency = pick(d, 15*time.Second, 15*time.Second, 10*time.Second, 5*time.Second), 0
	if d.chance(20) {
		w.SyncLatency = c.SyncPeriod
	}
	period := c.SyncPeriod + w.SyncLatency
	if d.chance(70) {
		s.Metrics = s.Metrics[:1]
	}
	s.Max += int32(pick(d, 0, 10, 40))
	c.DownscaleStabilization, c.CPUInitializationPeriod = pick(d, 0, time.Minute, 5*time.Minute), pick(d, 0, time.Minute, 5*time.Minute)
	w.Pods.MetricsDelay, w.Pods.Ready = pick(d, 0, 0, 40*time.Second), pick(d, 0, 30*time.Second, d.span(time.Minute))
	w.Pods.Termination = pick(d, 0, 0, 30*time.Second)
	w.Duration = time.Duration(50+d.IntN(600))*period + pick(d, 0, 0, d.span(period))
	w.Faults = slices.DeleteFunc(w.Faults, func(f sim.Fault) bool { return f.Kind == sim.FaultEditAutoscaler })
	for i := range w.Faults {
		f := &w.Faults[i]
		if f.At = d.span(w.Duration); f.For == 0 {
			f.For = time.Minute
		}
	}
	if d.chance(60) {
		w.Faults = nil
	}
	if d.chance(20) {
		d.unlike(w)
	}
	if d.chance(60) {
		w = d.scraped(w)
		w.Pipeline.Resolution = max(10*time.Second, pick(d, period, 15*time.Second, 30*time.Second))
		w.Pipeline.Age = pick(d, 0, 0, 3*time.Second, w.Pipeline.Resolution/2)
	}
	for i := range w.Demand {
		d.calmDemand(w, &w.Demand[i])
	}
	return w
}

// calmDemand makes a demand one of whole syncs, and of noise around a level that
// jumps or drifts.
func (d dice) calmDemand(w *sim.World, o *sim.Demand) {
	period := w.Autoscaler.Controller.SyncPeriod + w.SyncLatency
	o.Step = period * time.Duration(pick(d, 1, 1, 2, 4))
	if w.Pipeline.Kind == sim.PipelineResource && o.Step%w.Pipeline.Resolution != 0 {
		o.Step = period / time.Second * w.Pipeline.Resolution
	}
	if o.Role == sim.RoleBacklog && d.chance(80) {
		o.Role, o.Initial = sim.RoleExogenous, 0
	}
	if o.Wait > 0 && d.chance(50) {
		o.Wait = 0
	}
	n := 1 + d.IntN(int(w.Duration/o.Step)+3)
	most := max(1, slices.Max(o.Values))
	level, noise, drift := d.Int64N(most+1), pick(d, 0, most/50, most/10, most/3), pick(d, 0, most/100, most/20)
	o.Values, o.Null = o.Values[:0:0], nil
	for range n {
		switch d.IntN(40) {
		case 0:
			level = d.Int64N(most + 1)
		case 1:
			drift = -drift
		}
		level = min(max(0, level+drift), most)
		o.Values = append(o.Values, level+d.Int64N(noise+1))
	}
	if d.chance(15) {
		o.Null = make([]bool, n)
		for range d.IntN(4) {
			o.Null[d.IntN(n)] = true
		}
	}
}

func TestSkippingChangesNothingInCalmWorlds(t *testing.T) {
	var skipped, syncs, several int64
	for seed := range uint64(2 * randomWorlds) {
		w := askedFor(newDice(seed).calm(), seed)
		a, b := sameAhead(t, seed, w)
		skipped, syncs = skipped+a, syncs+b
		if len(w.Autoscaler.Metrics) > 1 {
			several += a
		}
	}
	t.Logf("%d of %d syncs skipped, %d of them on several metrics", skipped, syncs, several)
	if skipped < syncs/3 || several < syncs/50 {
		t.Errorf("%d of %d syncs skipped, %d of them on several metrics", skipped, syncs, several)
	}
}

// lively is a calm world whose pods do nothing but start, of one load of cpu.
func (d dice) lively() *sim.World {
	w := d.calm()
	w.Faults, w.SyncLatency, w.Nodes = nil, 0, sim.Nodes{}
	p, s := &w.Pods, &w.Autoscaler
	p.Pending, p.MetricsDelay, p.Termination, p.Spread = 0, 0, 0, sim.Spread{}
	p.Initial, p.InitialAge, s.Min = max(1, p.Initial), time.Hour, max(1, s.Min)
	s.Max = max(s.Min, s.Max)
	p.Ready = pick(d, 0, 10*time.Second, 30*time.Second, d.span(2*time.Minute).Truncate(time.Millisecond))
	s.Metrics = []hpa.Metric{cpu()}
	s.Metrics[0].Goal = 20 + d.Int64N(100)
	p.Containers = []sim.Container{{Name: "app", Requests: []sim.Quantity{{Resource: "cpu", Milli: 1 + d.Int64N(500)}}}}
	o := cpuDemand("app", 0)
	o.Idle, o.NotReady, o.Capacity = d.Int64N(30), d.Int64N(60), pick(d, 0, d.Int64N(400))
	o.Values = make([]int64, 1+d.IntN(500))
	for i := range o.Values {
		o.Values[i] = d.Int64N(4000)
	}
	w.Demand = []sim.Demand{o}
	if d.chance(70) {
		w.Pipeline = sim.Pipeline{Kind: sim.PipelineResource, Resolution: 15 * time.Second}
	}
	d.calmDemand(w, &w.Demand[0])
	w.Demand[0].Null = nil
	if d.chance(30) {
		w.Faults = append(w.Faults, sim.Fault{Kind: sim.FaultTraffic, Factor: d.Int64N(2500)})
	}
	if d.chance(20) {
		w.Faults = append(w.Faults, sim.Fault{Kind: sim.FaultSlowStart, Factor: sim.Thousand * int64(1+d.IntN(3))})
	}
	return w
}

func TestSprintsComeToWhatSteppingDoes(t *testing.T) {
	const worlds = 2 * randomWorlds
	n := 0
	for seed := range uint64(worlds) {
		w := newDice(seed).lively()
		sameAhead(t, seed, w)
		if _, _, _, ok := w.Prepare().Sprint(w); ok {
			n++
		}
	}
	t.Logf("%d of %d worlds sprinted", n, worlds)
	if n < worlds/2 {
		t.Errorf("%d of %d worlds sprinted", n, worlds)
	}
}

// FuzzSprints compares sprinting with stepping.
func FuzzSprints(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { sameAhead(t, seed, newDice(seed).lively()) })
}

// FuzzSkipping compares skipping with stepping in calm worlds of any seed.
func FuzzSkipping(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { sameAhead(t, seed, askedFor(newDice(seed).calm(), seed)) })
}

// TestSkippingKnowsEveryFieldOfAWorld lists the fields that decide what happens in
// a world. Whoever adds one makes run.settled, run.sprint and their helpers heed it, or
// newAhead or run.sprints refuse it, before adding it here; then sameAhead's worlds should vary it.
func TestSkippingKnowsEveryFieldOfAWorld(t *testing.T) {
	for _, tt := range []struct {
		of   any
		want string
	}{
		{sim.World{}, "Duration SyncLatency Autoscaler Pods Nodes Pipeline Demand Faults Follow Latency PodHourPrice"},
		{sim.Pods{}, "Initial InitialAge Pending Ready MetricsDelay Termination Spread Rolling MinReady Containers Imbalance"},
		{sim.Nodes{}, "PodsPerNode Initial Headroom Max Startup Idle"},
		{sim.Pipeline{}, "Kind Window Age Resolution Interval"},
		{sim.Demand{}, "Source Name Container Role Scale Idle NotReady NotReadyNone Step Values Null Capacity Wait Initial Aggregate Quantile Averaged Response"},
		{sim.Response{}, "Kind Quantile Unit"},
		{sim.Latency{}, "Demand Model Request SLO"},
		{sim.Fault{}, "Kind At For APIs Ranks Factor Replicas Rolling Autoscaler"},
		{hpa.Spec{}, "Reference Min Max Metrics HasBehavior Up Down ToleranceUp ToleranceDown Controller"},
		{hpa.Rules{}, "Stabilization Select Policies"},
		{hpa.Controller{}, "SyncPeriod DownscaleStabilization Tolerance CPUInitializationPeriod InitialReadinessDelay Profile"},
	} {
		var fields []string
		for i := range reflect.TypeOf(tt.of).NumField() {
			fields = append(fields, reflect.TypeOf(tt.of).Field(i).Name)
		}
		if got := strings.Join(fields, " "); got != tt.want {
			t.Errorf("%T has fields %s; skipping knows %s", tt.of, got, tt.want)
		}
	}
	w := still(1)
	w.Faults = []sim.Fault{{Kind: sim.FaultRollout + 1}}
	if w.Validate() == nil {
		t.Errorf("there are kinds of fault that skipping does not know")
	}
}
