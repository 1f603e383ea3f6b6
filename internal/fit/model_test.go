package fit

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
)

// shop makes up a recording: pods that use idle and cost for each request, every
// 15 s, with noise of a few percent.
type shop struct {
	idle, limit float64
	// cost is in core-seconds per request, load in requests per second of all
	// pods, pods how many there are, all by step.
	cost, load func(k int) float64
	pods       func(k int) int
	// startUp is what a pod uses in its first two steps besides, each.
	startUp float64
	// template names what pods born in a step are made from.
	template func(k int) string
	steps    int
	noise    float64
	// shed says that requests beyond the limit are turned away, and counted.
	shed bool
}

// pod is one pod's life.
type shopPod struct {
	name, template string
	born, died     int
}

// lives are the pods' lives: the newest goes first, and all of an old template
// within the step after a new one.
func (w *shop) lives() []shopPod {
	var out []shopPod
	var alive []int
	for k := range w.steps {
		t := "web-1"
		if w.template != nil {
			t = w.template(k)
		}
		for len(alive) > w.pods(k) {
			out[alive[len(alive)-1]].died = k
			alive = alive[:len(alive)-1]
		}
		for i, a := range alive {
			if out[a].template != t {
				out[a].died = k + 1
				out = append(out, shopPod{fmt.Sprintf("%s-%05d", t, len(out)), t, k, w.steps})
				alive[i] = len(out) - 1
			}
		}
		for len(alive) < w.pods(k) {
			out = append(out, shopPod{fmt.Sprintf("%s-%05d", t, len(out)), t, k, w.steps})
			alive = append(alive, len(out)-1)
		}
	}
	return out
}

const shopStart = 1_700_000_010

// recording is what Prometheus would have of it.
func (w *shop) recording() *series.Recording {
	r := rand.New(rand.NewPCG(7, 8))
	lives := w.lives()
	rec := &series.Recording{}
	serving := make([]float64, w.steps)
	for _, p := range lives {
		for k := p.born; k < p.died; k++ {
			serving[k]++
		}
	}
	for _, p := range lives {
		name := func(metric string) model.Metric {
			return model.Metric{"__name__": model.LabelValue(metric), "pod": model.LabelValue(p.name), "container": "app"}
		}
		cpu, requests, shed := series.Series{Labels: name("container_cpu_usage_seconds_total")}, series.Series{Labels: name("http_requests_total")}, series.Series{Labels: name("http_requests_shed_total")}
		owner := series.Series{Labels: model.Metric{"__name__": "kube_pod_owner", "pod": model.LabelValue(p.name), "owner_kind": "ReplicaSet", "owner_name": model.LabelValue(p.template)}}
		born := series.Series{Labels: model.Metric{"__name__": "kube_pod_created", "pod": model.LabelValue(p.name)}}
		used, served, refused := 0.0, 0.0, 0.0
		for k := p.born; k <= p.died; k++ {
			t := int64(shopStart+15*k) * 1000
			for _, s := range []*series.Series{&cpu, &requests, &shed, &owner, &born} {
				s.Times = append(s.Times, t)
			}
			cpu.Values, requests.Values, shed.Values = append(cpu.Values, used), append(requests.Values, served), append(shed.Values, refused)
			birth := float64(shopStart + 15*p.born)
			if p.born == 0 {
				birth -= 3600
			}
			owner.Values, born.Values = append(owner.Values, 1), append(born.Values, birth)
			if k == p.died {
				break
			}
			asked := w.load(k) / serving[k] * (1 + w.noise*r.NormFloat64())
			use := w.idle + w.cost(k)*asked*(1+w.noise*r.NormFloat64())
			if k-p.born < 2 && p.born > 0 {
				use += w.startUp
			}
			if w.limit > 0 && use > w.limit {
				if w.shed {
					most := (w.limit - w.idle) / w.cost(k)
					refused += 15 * max(0, asked-most)
					asked = min(asked, most)
				}
				use = w.limit
			}
			used, served = used+15*use, served+15*asked
		}
		rec.Series = append(rec.Series, cpu, requests, owner, born)
		if w.shed {
			rec.Series = append(rec.Series, shed)
		}
	}
	return rec
}

// web is a shop of three hours whose load swings and whose pods do not follow.
func web() shop {
	return shop{
		idle: 0.02, steps: 720, noise: 0.03,
		cost: func(int) float64 { return 0.004 },
		load: func(k int) float64 { return 150 + 100*math.Sin(float64(k)/40) },
		pods: func(k int) int { return 4 + k/200%2 },
	}
}

// learned is the model of a shop's CPU, and its demand.
func learned(t *testing.T, rec *series.Recording, w Want) (*Model, *Demand) {
	t.Helper()
	load, err := FromRecording(rec, []Want{w}, Options{Workload: Workload{Kind: "Deployment", Name: "web"}})
	if err != nil {
		t.Fatal(err)
	}
	d := &load.Demands[0]
	if d.Model == nil {
		t.Fatal("no model")
	}
	return d.Model, d
}

// without leaves out the series of a metric.
func without(rec *series.Recording, names ...model.LabelValue) *series.Recording {
	out := &series.Recording{}
	for _, s := range rec.Series {
		keep := true
		for _, n := range names {
			keep = keep && s.Labels["__name__"] != n
		}
		if keep {
			out.Series = append(out.Series, s)
		}
	}
	return out
}

func near(t *testing.T, what string, got, want, share float64) {
	t.Helper()
	if math.Abs(got-want) > share*want {
		t.Errorf("%s: %v, want %v within %v%%", what, got, want, 100*share)
	}
}

func TestTheModelOfPodsThatServeUndisturbed(t *testing.T) {
	w := web()
	m, d := learned(t, w.recording(), cpu())
	if m.Method != Regression || m.Driver != "http_requests_total" || m.Changed || m.Segments != nil {
		t.Errorf("%+v", m)
	}
	near(t, "idle", m.Idle.Value, 0.02, 0.15)
	near(t, "cost", m.Cost.Value, 0.004, 0.03)
	if m.Idle.Low > 0.02 || m.Idle.High < 0.02 || m.Cost.Low > 0.004 || m.Cost.High < 0.004 {
		t.Errorf("intervals miss the truth: %+v %+v", m.Idle, m.Cost)
	}
	for k := 1; k < len(d.Values)-1; k++ {
		if want := 1000 * w.cost(k) * w.load(k); math.Abs(float64(d.Values[k])-want) > 0.2*want+20 {
			t.Fatalf("step %d: load of %d, want %v", k, d.Values[k], want)
		}
	}
	again, _ := learned(t, w.recording(), cpu())
	if diff := cmp.Diff(m, again); diff != "" {
		t.Errorf("another model at another time: %s", diff)
	}
}

func TestDisturbedPodsTeachNothing(t *testing.T) {
	w := web()
	calm, _ := learned(t, w.recording(), cpu())
	w.pods = func(k int) int { return 3 + k/12%4 }
	w.startUp = 0.08
	w.limit = 0.33
	w.template = func(k int) string { return fmt.Sprintf("web-%d", 1+k/360) }
	limited := cpu()
	limited.Limit = w.limit
	m, _ := learned(t, w.recording(), limited)
	near(t, "idle", m.Idle.Value, calm.Idle.Value, 0.2)
	near(t, "cost", m.Cost.Value, calm.Cost.Value, 0.05)
	if m.Starting == 0 || m.Rolling == 0 || m.Saturated == 0 || m.Windows+m.Starting+m.Rolling+m.Saturated+m.NoValue != m.Total {
		t.Errorf("%+v", m)
	}
	near(t, "start-up", m.StartUp, 2*15*0.08, 0.15) // two steps
}

func TestStartUpIsNotLoad(t *testing.T) {
	w := web()
	w.pods = func(k int) int { return 3 + k/12%4 }
	_, calm := learned(t, w.recording(), cpu())
	w.startUp = 0.5
	_, d := learned(t, w.recording(), cpu())
	for k := range d.Values {
		if apart := math.Abs(float64(d.Values[k] - calm.Values[k])); apart > 60 {
			t.Errorf("step %d: load of %d, without start-up %d", k, d.Values[k], calm.Values[k])
		}
	}
}

func TestASteadyLoadPerPodIdentifiesNothing(t *testing.T) {
	w := web()
	w.noise = 0
	w.load = func(int) float64 { return 160 }
	w.pods = func(int) int { return 4 }
	for _, rec := range []*series.Recording{w.recording(), without(w.recording(), "http_requests_total")} {
		m, d := learned(t, rec, cpu())
		if m.Method != Range || m.Idle.Value != 0 || m.Idle.Low != 0 || m.Idle.High != m.Least || math.Abs(m.Least-0.18) > 1e-9 {
			t.Fatalf("%+v", m)
		}
		if len(d.High) != len(d.Values) {
			t.Fatalf("%d values, %d at the other end", len(d.Values), len(d.High))
		}
		for k := 1; k < len(d.Values)-1; k++ {
			if d.Values[k] < 600 || d.High[k] > 200 || d.High[k] < 0 {
				t.Fatalf("step %d: between %d and %d", k, d.High[k], d.Values[k])
			}
		}
	}
}

func TestJumpsOfTheTotalTellWhatIsIdle(t *testing.T) {
	w := web()
	w.noise, w.idle = 0.005, 0.08
	w.load = func(k int) float64 { return 150 + 30*math.Sin(float64(k)/120) }
	w.pods = func(k int) int { return 4 + 2*(k/30%2) }
	m, _ := learned(t, without(w.recording(), "http_requests_total"), cpu())
	if m.Method != Jumps || m.Cost.Value != 0 || m.Capacity.Value != 0 || m.Driver != "" {
		t.Errorf("%+v", m)
	}
	near(t, "idle", m.Idle.Value, 0.08, 0.1)
}

func TestRequestsThatCostSomethingElseAreFittedAnew(t *testing.T) {
	for _, tc := range []struct {
		name     string
		template func(k int) string
	}{
		{"with a new template", func(k int) string { return fmt.Sprintf("web-%d", 1+k/360) }},
		{"with other traffic", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := web()
			w.cost = func(k int) float64 { return 0.004 + 0.002*float64(k/360) }
			w.template = tc.template
			m, d := learned(t, w.recording(), cpu())
			if !m.Changed || len(m.Segments) != 2 || !m.Segments[0].OK {
				t.Fatalf("%+v", m)
			}
			near(t, "the first cost", m.Segments[0].Cost.Value, 0.004, 0.05)
			near(t, "the newest cost", m.Cost.Value, 0.006, 0.05)
			if at := (m.Segments[1].From/1000 - shopStart) / 15; at < 355 || at > 375 {
				t.Errorf("changed at step %d", at)
			}
			for _, k := range []int{100, 600} {
				near(t, "load", float64(d.Values[k]), 1000*w.cost(k)*w.load(k), 0.1)
			}
		})
	}
	w := web()
	w.template = func(k int) string { return fmt.Sprintf("web-%d", 1+k/360) }
	if m, _ := learned(t, w.recording(), cpu()); m.Changed || len(m.Segments) != 2 || m.Segments[0].Template != "web-1" || m.Segments[1].Template != "web-2" {
		t.Errorf("a rollout of the same: %+v", m)
	}
}

func TestWhereTheRecordingWasSaturatedRequestsStandIn(t *testing.T) {
	w := web()
	w.limit, w.shed = 0.2, true
	w.load = func(k int) float64 {
		if k >= 300 && k < 320 {
			return 400
		}
		return 80 + 50*math.Sin(float64(k)/40)
	}
	limited := cpu()
	limited.Limit = 0.2
	m, d := learned(t, w.recording(), limited)
	near(t, "cost", m.Cost.Value, 0.004, 0.03)
	if m.Understated < 19*15*time.Second || m.Understated > 22*15*time.Second || !m.Rebuilt || len(m.Signs) != 2 {
		t.Errorf("%+v", m)
	}
	near(t, "rebuilt load", float64(d.Values[310]), 1600, 0.1)

	m, _ = learned(t, without(w.recording(), "http_requests_total", "http_requests_shed_total"), cpu())
	if m.Understated != 0 || m.Limit != 0 {
		t.Errorf("without a limit nothing tells: %+v", m)
	}
	m, d = learned(t, without(w.recording(), "http_requests_total", "http_requests_shed_total"), limited)
	if m.Understated < 19*15*time.Second || m.Rebuilt || d.Values[310] > 1000 {
		t.Errorf("nothing to rebuild it from: %d, %+v", d.Values[310], m)
	}
}

func TestAFewRequestsShedForReasonsOfTheirOwnAreNoSaturation(t *testing.T) {
	w := web()
	rec := w.recording()
	for _, s := range w.recording().Series {
		if s.Labels["__name__"] == "http_requests_total" {
			shed := series.Series{Labels: s.Labels.Clone(), Times: s.Times}
			shed.Labels["__name__"] = "http_requests_shed_total"
			for _, v := range s.Values {
				shed.Values = append(shed.Values, v/200)
			}
			rec.Series = append(rec.Series, shed)
		}
	}
	if m, _ := learned(t, rec, cpu()); m.Understated != 0 || m.Method != Regression {
		t.Errorf("%+v", m)
	}
}

func TestWhatIsKnownByHandIsNotLearned(t *testing.T) {
	w, idle, cost := web(), 0.05, 0.01
	want := cpu()
	want.Idle, want.Cost, want.Limit = &idle, &cost, 0.55
	m, d := learned(t, w.recording(), want)
	if m.Method != Given || m.Idle != (Estimate{idle, idle, idle}) || m.Cost.Value != cost || math.Abs(m.Capacity.Value-50) > 1e-9 {
		t.Errorf("%+v", m)
	}
	near(t, "load", float64(d.Values[100]), 1000*(4*0.02+0.004*w.load(100)-4*idle), 0.1)

	// Also where requests began to cost something else.
	w.cost = func(k int) float64 { return 0.004 + 0.002*float64(k/360) }
	want.Idle = nil
	if m, _ = learned(t, w.recording(), want); m.Changed || m.Method != Regression || m.Cost.Value != cost {
		t.Errorf("%+v", m)
	}
}

func TestPodsThatNobodyNamesHaveNoModel(t *testing.T) {
	load, err := FromRecording(recording(every("process_cpu_seconds_total", 0, 0, 1, 2)), []Want{cpu()}, Options{})
	if err != nil || load.Demands[0].Model != nil {
		t.Errorf("%v, %+v", err, load.Demands[0].Model)
	}
	load, err = FromRecording(recording(every(`process_cpu_seconds_total{instance="a"}`, 0, 0, 1, 2)), []Want{cpu()}, Options{})
	if err != nil || load.Demands[0].Model == nil || load.Demands[0].Model.Method != Range {
		t.Errorf("%v, %+v", err, load.Demands[0].Model)
	}
}
