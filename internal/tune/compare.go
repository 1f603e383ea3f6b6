package tune

import (
	"math"
	"slices"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// Rival is a setting that what is found is compared with.
type Rival struct {
	Name string
	// Text says what the setting is, in the words of --search where it can.
	Text string
	Point
	// Why says why there is none; empty where there is.
	Why string
}

// rivals are the settings to compare with: Kubernetes' default, the best
// constant, and rules of thumb. limit is how much of Y the constant may have.
func (p *Problem) rivals(limit float64) []Rival {
	return append([]Rival{p.kubernetesDefault(), p.constant(limit)}, p.thumbs()...)
}

// run is the point of an autoscaler in today's world.
func (p *Problem) run(spec hpa.Spec, initial int32) Point {
	w := *p.Base.World
	w.Autoscaler, w.Pods.Initial = spec, initial
	s := w.Run(nil)
	return p.judge(&s, nil)
}

// cpuMetric is the metric of cpu utilization, -1 where there is none.
func (p *Problem) cpuMetric() int {
	return slices.IndexFunc(p.Base.World.Autoscaler.Metrics, func(m hpa.Metric) bool {
		return m.CPU && m.Target == hpa.TargetUtilization
	})
}

// onCPU is today's autoscaler on cpu alone, without behavior, at a target.
func (p *Problem) onCPU(target int64) hpa.Spec {
	spec := p.Base.World.Autoscaler
	c := &spec.Controller
	m := hpa.Metric{
		Source: hpa.SourceResource, Target: hpa.TargetUtilization, CPU: true, Name: "cpu", Resource: "cpu",
		Proposal: "cpu resource utilization (percentage of request)", Namespace: spec.Metrics[0].Namespace,
	}
	if at := p.cpuMetric(); at >= 0 {
		m = spec.Metrics[at]
	}
	m.Goal = target
	spec.Metrics = []hpa.Metric{m}
	spec.HasBehavior, spec.Up, spec.Down = false, hpa.Rules{}, hpa.Rules{}
	spec.ToleranceUp, spec.ToleranceDown = c.Tolerance, c.Tolerance
	return spec
}

// lacksCPU says why no autoscaler can scale on cpu utilization here.
func (p *Problem) lacksCPU() string {
	w := p.Base.World
	load := slices.ContainsFunc(w.Demand, func(d sim.Demand) bool { return d.Source == hpa.SourceResource && d.Name == "cpu" })
	switch {
	case !load:
		return "no cpu load is known"
	case cores(w) == 0:
		return "the pods request no cpu"
	}
	return ""
}

func (p *Problem) kubernetesDefault() Rival {
	const target = 80
	r := Rival{Name: "Kubernetes default", Text: "cpu 80%, no behavior, today's bounds", Why: p.lacksCPU()}
	if r.Why == "" {
		r.Point = p.run(p.onCPU(target), p.Base.World.Pods.Initial)
	}
	return r
}

// constant is the least number of fixed replicas with no more Y than a limit.
func (p *Problem) constant(limit float64) Rival {
	r := Rival{Name: "fixed replicas"}
	most := int32(1)
	for _, n := range needs(p.Base.World) {
		most = int32(min(max(int64(most), n.pods), mostPods))
	}
	fixed := func(n int32) Point {
		spec := p.Base.World.Autoscaler
		spec.Min, spec.Max = n, n
		return p.run(spec, n)
	}
	low, high := int32(1), most
	best := fixed(high)
	if best.Y > limit {
		r.Why = "no number of them stays within the limit"
		return r
	}
	for low < high {
		middle := low + (high-low)/2
		if q := fixed(middle); q.Y <= limit {
			high, best = middle, q
		} else {
			low = middle + 1
		}
	}
	r.Text, r.Point = number(high)+" pods, always", best
	return r
}

// thumbs are published rules of thumb, as far as they say a number.
func (p *Problem) thumbs() []Rival {
	crane := Rival{Name: "Crane's rule", Why: p.lacksCPU()}
	tortoise := Rival{Name: "Tortoise's rule", Why: crane.Why}
	at := p.cpuMetric()
	if tortoise.Why == "" && at < 0 {
		tortoise.Why = "today's autoscaler has no target for cpu utilization"
	}
	if crane.Why != "" {
		return []Rival{crane, tortoise}
	}
	u := p.usage()
	request := float64(cores(p.Base.World))
	// Crane: the 99th percentile of a pod's use over its request, between 30 and
	// 75 %; max: three times the pods that the 95th percentile of all use takes.
	target := int64(math.Round(min(max(100*u.each(0.99)/request, 30), 75)))
	spec := p.onCPU(target)
	spec.Max = max(spec.Min, int32(min(math.Ceil(3*u.all(0.95)/(request*float64(target)/100)), mostPods)))
	crane.Text = "cpu " + number(target) + "%, max " + number(spec.Max)
	crane.Point = p.run(spec, p.Base.World.Pods.Initial)
	if tortoise.Why == "" {
		// Tortoise: 100 less what the 90th percentile of a pod's use lies above
		// today's target; what no HPA can have is brought to 1 at least.
		goal := float64(p.Base.World.Autoscaler.Metrics[at].Goal)
		target = int64(math.Round(max(1, 100-(100*u.each(0.90)/request-goal))))
		tortoise.Text = "cpu " + number(target) + "%"
		tortoise.Point = p.run(p.onCPU(target), p.Base.World.Pods.Initial)
	}
	return []Rival{crane, tortoise}
}

// usage is what pods used of cpu under today's autoscaler, at each sync, in
// milli-cores: one pod on average, and all.
type usage struct{ ones, alls []float64 }

func (u *usage) each(q float64) float64 { return quantile(u.ones, q) }
func (u *usage) all(q float64) float64  { return quantile(u.alls, q) }

func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

// usage runs today's world over at most its last seven days, as far as the
// rules look back.
func (p *Problem) usage() usage {
	var u usage
	w := p.Base.World
	from := w.Duration - 7*24*time.Hour
	w.Run(func(t *sim.Tick) bool {
		if t.At < from || t.Pods.Ready == 0 {
			return true
		}
		all, known := 0.0, false
		for i := range w.Demand {
			d := &w.Demand[i]
			if d.Source != hpa.SourceResource || d.Name != "cpu" {
				continue
			}
			v, idle, ok := cpuAt(d, t.At, int64(t.Pods.Ready))
			all, known = all+float64(v+idle), known || ok
		}
		if known {
			u.alls, u.ones = append(u.alls, all), append(u.ones, all/float64(t.Pods.Ready))
		}
		return true
	})
	slices.Sort(u.alls)
	slices.Sort(u.ones)
	return u
}

// cpuAt is what so many ready pods use of a demand at an instant, in
// milli-cores: of a load what they can serve, and what they use besides.
func cpuAt(d *sim.Demand, t time.Duration, pods int64) (load, idle int64, known bool) {
	i := min(int(t/d.Step), len(d.Values)-1)
	if d.Null != nil && d.Null[i] {
		return 0, 0, false
	}
	load = d.Values[i]
	switch {
	case d.Role == sim.RolePerPod:
		load *= pods
	case d.Capacity > 0:
		load = min(load, d.Capacity*pods)
	}
	return load * d.Scale, d.Idle * d.Scale * pods, true
}
