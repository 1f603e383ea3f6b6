package sim_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

func TestValidateNamesWhatIsWrong(t *testing.T) {
	edit := func(change func(*hpa.Spec)) func(*sim.World) {
		return func(w *sim.World) {
			s := w.Autoscaler
			change(&s)
			w.Faults = []sim.Fault{{Kind: sim.FaultEditAutoscaler, Autoscaler: &s}}
		}
	}
	for _, c := range []struct {
		want   string
		change func(*sim.World)
	}{
		{"duration: a time cannot be negative", func(w *sim.World) { w.Duration = -1 }},
		{"duration: a time cannot be longer than 50 years", func(w *sim.World) { w.Duration = 1 << 62 }},
		{"sync period: it is zero", func(w *sim.World) { w.Autoscaler.Controller.SyncPeriod = 0 }},
		{"sync latency: a time cannot be negative", func(w *sim.World) { w.SyncLatency = -time.Second }},
		{"pods' termination: a time cannot be negative", func(w *sim.World) { w.Pods.Termination = -1 }},
		{"pods: the initial replica count is negative", func(w *sim.World) { w.Pods.Initial = -1 }},
		{"price of a pod-hour: it is negative, or no finite number", func(w *sim.World) { w.PodHourPrice = math.NaN() }},
		{"price of a pod-hour: it is negative, or no finite number", func(w *sim.World) { w.PodHourPrice = -1 }},
		{"price of a pod-hour: it is negative, or no finite number", func(w *sim.World) { w.PodHourPrice = math.Inf(1) }},
		{"autoscaler: min is negative", func(w *sim.World) { w.Autoscaler.Min = -1 }},
		{"autoscaler: max is below min", func(w *sim.World) { w.Autoscaler.Max = 0 }},
		{"autoscaler: there is no metric", func(w *sim.World) { w.Autoscaler.Metrics = nil }},
		{"demand 0: the step is not", func(w *sim.World) { w.Demand[0].Step = 0 }},
		{"demand 0: there are no values", func(w *sim.World) { w.Demand[0].Values = nil }},
		{"demand 0: there are not as many null marks as values", func(w *sim.World) { w.Demand[0].Null = make([]bool, 2) }},
		{"demand 0: the scale is not positive", func(w *sim.World) { w.Demand[0].Scale = 0 }},
		{"demand 0: the capacity is negative", func(w *sim.World) { w.Demand[0].Capacity = -1 }},
		{"demand 0: what pods report", func(w *sim.World) { w.Demand[0].NotReady, w.Demand[0].Scale = 1<<62, 1000 }},
		{"demand 0: what pods use besides their share is negative", func(w *sim.World) { w.Demand[0].Idle = -1 }},
		{"demand 0: what pods use besides their share is negative or too great", func(w *sim.World) { w.Demand[0].Idle, w.Demand[0].Scale = 1<<60, 1000 }},
		{"demand 0: only Resource and Pods metrics", func(w *sim.World) { w.Demand[0].Source, w.Demand[0].Idle = hpa.SourceObject, 1 }},
		{"demand 0, value 0: it is negative or too great", func(w *sim.World) { w.Demand[0].Values[0], w.Demand[0].Idle = 1<<62, 1<<62 }},
		{"demand 0, value 0: it is negative or too great", func(w *sim.World) { w.Demand[0].Values[0] = -1 }},
		{"demand 0, value 0: it is negative or too great", func(w *sim.World) { w.Demand[0].Values[0], w.Demand[0].Scale = 1<<60, 1000 }},
		{"demand 0: there is no such role", func(w *sim.World) { w.Demand[0].Role = sim.RoleResponse + 1 }},
		{"demand 0: only Resource and Pods metrics are the pods' own, so that each", func(w *sim.World) { w.Demand[0].Source, w.Demand[0].Role = hpa.SourceObject, sim.RolePerPod }},
		{"demand 0: what each pod has for itself", func(w *sim.World) { w.Demand[0].Role, w.Demand[0].Idle = sim.RolePerPod, 1 }},
		{"demand 0: what each pod has for itself", func(w *sim.World) { w.Demand[0].Role, w.Demand[0].NotReady = sim.RolePerPod, 1 }},
		{"demand 0: only Object and External metrics can be", func(w *sim.World) { w.Demand[0].Role = sim.RoleExogenous }},
		{"demand 0: only Object and External metrics can be", func(w *sim.World) { w.Demand[0].Role = sim.RoleBacklog }},
		{"demand 0: the capacity is too great", func(w *sim.World) { w.Demand[0].Capacity, w.Demand[0].Scale = 1<<60, 1000 }},
		{"demand 0: only load of a Resource or Pods metric that has a capacity waits", func(w *sim.World) { w.Demand[0].Wait = second }},
		{"demand 0: only load of a Resource or Pods metric", func(w *sim.World) { *w = *jobs(); w.Demand[0].Wait = second }},
		{"demand 0: the wait is not", func(w *sim.World) { w.Demand[0].Capacity, w.Demand[0].Wait = 1, -second }},
		{"demand 0: the wait is not", func(w *sim.World) { w.Demand[0].Capacity, w.Demand[0].Wait = 1, 1500*time.Microsecond }},
		{"demand 0: only a backlog has an initial one", func(w *sim.World) { w.Demand[0].Initial = 1 }},
		{"demand 0: a backlog needs to know", func(w *sim.World) { *w = *jobs(); w.Demand[0].Capacity = 0 }},
		{"demand 0: the initial backlog is negative", func(w *sim.World) { *w = *jobs(); w.Demand[0].Initial = -1 }},
		{"demand 0: the backlog may grow beyond", func(w *sim.World) { *w = *jobs(); w.Demand[0].Values[0] = 1 << 60 }},
		{"demand 0: the backlog may grow beyond", func(w *sim.World) { *w = *jobs(); w.Demand[0].Initial = 1 << 62 }},
		{"demand 0, value 0: it is negative or too great", func(w *sim.World) { *w = *jobs(); w.Demand[0].Values[0] = -1 }},
		{"pipeline: there is no such kind", func(w *sim.World) { w.Pipeline.Kind = 3 }},
		{"pipeline: the resolution is not", func(w *sim.World) { w.Pipeline.Kind = sim.PipelineResource }},
		{"pipeline: the resolution is not", func(w *sim.World) { *w = *scraping(1, 1); w.Pipeline.Resolution = time.Hour }},
		{"pipeline: a scrape is not older", func(w *sim.World) { *w = *scraping(1, 1); w.Pipeline.Age = 15 * second }},
		{"demand 0: metrics-server tells nothing but", func(w *sim.World) { *w = *scraping(1, 1); w.Demand[0].Name = "gpu" }},
		{"demand 0: metrics-server tells of every", func(w *sim.World) { *w = *scraping(1, 1); w.Demand[0].NotReadyNone = true }},
		{"demand 0: more than ten thousand cores", func(w *sim.World) { *w = *scraping(1, 1e10+1) }},
		{"demand 0: more than ten thousand cores", func(w *sim.World) { *w = *scraping(1, 1); w.Demand[0].Capacity = 1e7 + 1 }},
		{"demand 0: a container's demand is of source Resource", func(w *sim.World) { w.Demand[0].Source = hpa.SourceContainerResource }},
		{"demand 0: there is no such source", func(w *sim.World) { w.Demand[0].Source = hpa.SourceUnknown }},
		{"demand 0: the pods have no such container", func(w *sim.World) { w.Demand[0].Source, w.Demand[0].Container = hpa.SourceResource, "web" }},
		{"demand 1: a series of that metric comes before", func(w *sim.World) { w.Demand = append(w.Demand, w.Demand[0]) }},
		{"fault 0: a time cannot be negative", func(w *sim.World) { w.Faults = []sim.Fault{{At: -1}} }},
		{"fault 0: a time cannot be longer", func(w *sim.World) { w.Faults = []sim.Fault{{For: 1 << 62}} }},
		{"fault 0: there is no such kind", func(w *sim.World) { w.Faults = []sim.Fault{{Kind: 99}} }},
		{"fault 0: a negative number of pods", func(w *sim.World) { w.Faults = []sim.Fault{setReplicas(0, -1)} }},
		{"fault 0: a negative rank", func(w *sim.World) { w.Faults = []sim.Fault{{Ranks: []int{0, -1}}} }},
		{"fault 0: there is no autoscaler", func(w *sim.World) { w.Faults = []sim.Fault{{Kind: sim.FaultEditAutoscaler}} }},
		{"fault 0: max is below min", edit(func(s *hpa.Spec) { s.Min = s.Max + 1 })},
		{"fault 0: an edit of the autoscaler cannot change its controller", edit(func(s *hpa.Spec) { s.Controller.Tolerance = 1 })},
	} {
		w := still(1)
		c.change(w)
		if err := w.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
	for _, w := range []*sim.World{still(1), jobs()} {
		if err := w.Validate(); err != nil {
			t.Errorf("a good world: %v", err)
		}
	}
}

// jobs is a world of one worker and a backlog.
func jobs() *sim.World {
	w := still(1)
	d := &w.Demand[0]
	d.Source, d.Role, d.Capacity, d.Scale = hpa.SourceExternal, sim.RoleBacklog, 10, 1000
	return w
}

// TestExtremeWorldsRun holds that what Validate accepts neither panics nor hangs.
func TestExtremeWorldsRun(t *testing.T) {
	const long = 50 * 365 * 24 * time.Hour
	for name, change := range map[string]func(*sim.World){
		"a world of 50 years": func(w *sim.World) {
			w.Duration, w.Autoscaler.Controller.SyncPeriod, w.SyncLatency = long, long/10, long
			w.Pods.InitialAge, w.Pods.Ready, w.Pods.Termination, w.Pods.MetricsDelay = long, long, long, long
			w.Autoscaler.Controller.CPUInitializationPeriod = long
			w.Faults = []sim.Fault{{Kind: sim.FaultPodsNotReady, At: long, For: long, Ranks: []int{0}}, setReplicas(long, 9)}
		},
		"as many pods as there can be": func(w *sim.World) {
			w.Pods.Initial, w.Autoscaler.Max = 1<<31-1, 1<<31-1
			w.Pods.Termination = time.Hour
			w.Demand[0].Values, w.Demand[0].Capacity = []int64{1 << 62}, 1<<62
			for i := range 20 {
				w.Faults = append(w.Faults,
					setReplicas(time.Duration(i)*second, int32(i%2)*(1<<31-1)),
					sim.Fault{Kind: sim.FaultSurge, At: time.Duration(i) * second, Replicas: 1<<31 - 1},
					sim.Fault{Kind: sim.FaultEvictPods, At: time.Duration(i) * second, Ranks: []int{0, 1 << 40}})
			}
		},
		"a backlog as great as there can be": func(w *sim.World) {
			*w = *jobs()
			w.SyncLatency = 30 * second
			w.Pods.Initial = 0
			w.Demand[0].Values = []int64{(1<<63 - 1) / 1000 / 90}
		},
		"all the cpu that is scraped": func(w *sim.World) {
			*w = *scraping(1, 1e10, 1e10)
			d := &w.Demand[0]
			d.Idle, d.NotReady, d.Capacity, d.Wait = 1e7, 1e7, 1e7, time.Hour
			w.Duration, w.Pipeline.Resolution = time.Hour, 15*time.Minute
			w.Faults = []sim.Fault{setReplicas(0, 1<<31-1), setReplicas(20*time.Minute, 0)}
		},
		"no pods at all":      func(w *sim.World) { w.Pods.Initial, w.Pods.Containers = 0, nil },
		"no demand":           func(w *sim.World) { w.Demand = nil },
		"a very short period": func(w *sim.World) { w.Duration, w.Autoscaler.Controller.SyncPeriod = 100, 1 },
	} {
		t.Run(name, func(t *testing.T) {
			w := still(1)
			change(w)
			if err := w.Validate(); err != nil {
				t.Fatal(err)
			}
			w.Run(func(*sim.Tick) bool { return true })
		})
	}
}
