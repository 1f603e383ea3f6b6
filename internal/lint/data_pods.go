package lint

import (
	"fmt"
	"math"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/elasticctl/elasticctl/internal/fit"
	"github.com/elasticctl/elasticctl/internal/series"
)

// dataPods hold what autoscalers assume of pods against how these behaved.
var dataPods = []Rule{
	{
		ID: "data-startup-longer", Severity: Warning, Tier: Recommended, Recorded: true,
		What: "pods that scale on cpu took longer to become Ready than the controller allows for",
		Why: "For 5 minutes of a pod's life the controller leaves out what it used before it was Ready. A pod that becomes Ready later is counted with the cpu of its start, " +
			"and the controller adds pods for it, which start as slowly.",
		How: "An autoscaler has a Resource or ContainerResource metric on cpu. Of the target's pods that were created within the recording, as kube_pod_created tells, 3 at least became Ready, and the median time " +
			"from one to the other was more than 5 minutes (kube_pod_status_ready_time, else kube_pod_status_ready). The cluster may have set --horizontal-pod-autoscaler-cpu-initialization-period otherwise.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/issues/28692",
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/controller/podautoscaler/replica_calculator.go",
		},
		check: dataStartupLonger,
	},
	{
		ID: "data-memory-floor", Severity: Warning, Tier: Recommended, Recorded: true,
		What: "memory is the metric of pods whose memory did not fall when their load did",
		Why:  "What pods never give back keeps the autoscaler at the replicas of its highest peak: it adds, and never removes.",
		How: "An autoscaler has a Resource or ContainerResource metric on memory. Of each of the target's pods that was recorded for an hour at least, the 10 minutes with the least cpu after those with the most are looked at. Where that " +
			"was less than half, and container_memory_working_set_bytes was still within 5 % of its highest value before in all of these pods, 2 at least, it is said. Needs container_cpu_usage_seconds_total too.",
		Sources: []string{"https://www.williamcoulter.me/blog/memory_auto_scaling_is_lying_to_you", "https://github.com/kortix-ai/suna/issues/3497"},
		check:   dataMemoryFloor,
	},
}

// eachResource calls a function for each metric on a resource of an autoscaler
// whose pods are recorded, with where its name stands.
func (c *checker) eachResource(name corev1.ResourceName, do func(s *scaler, container, path string)) {
	for _, s := range c.hpas {
		for i := range s.hpa.Spec.Metrics {
			m := &s.hpa.Spec.Metrics[i]
			resource, container := resourceOf(m)
			if resource == nil || *resource != name {
				continue
			}
			path := sourcePath(m, i) + ".name"
			if s.workload == nil || len(c.recorded.own[s.workload]) == 0 {
				c.uncheckedAt(s, path, fmt.Sprintf("no recorded pods are known to be of %s %s", s.target.Kind, s.target.Name))
				continue
			}
			do(s, container, path)
		}
	}
}

func dataStartupLonger(c *checker) {
	const enough = 3
	allowed := c.controller().CPUInitializationPeriod
	c.eachResource(corev1.ResourceCPU, func(s *scaler, _, path string) {
		if !slices.ContainsFunc(c.recorded.own[s.workload], func(p *recordedPod) bool { return len(p.named("kube_pod_created")) > 0 }) {
			c.uncheckedAt(s, path, "the recording has no kube_pod_created of its pods")
			return
		}
		starts := fit.StartsOf(c.recorded.rec, c.recorded.options(s.workload))
		if starts == nil || len(starts.Ready.Times) < enough {
			c.uncheckedAt(s, path, fmt.Sprintf("fewer than %d pods were seen to become Ready", enough))
			return
		}
		median := starts.Ready.Median()
		if median-starts.Ready.Within/2 <= allowed {
			return
		}
		c.at(s, path, fmt.Sprintf("%d pods took %s to become Ready, the middle one of them, and %s at most; the controller leaves out the cpu of starting for %s",
			len(starts.Ready.Times), lasted(median), lasted(starts.Ready.Worst()), duration(allowed)),
			"have pods start faster, or scale on another metric").see(s.workload.object, s.workload.in("containers[0]"), "the pods")
	})
}

func dataMemoryFloor(c *checker) {
	c.eachResource(corev1.ResourceMemory, func(s *scaler, container, path string) {
		idled, kept := 0, 0
		var cpu, memory float64
		for _, p := range c.recorded.own[s.workload] {
			busy, left, ok := p.idled(container)
			if !ok {
				continue
			}
			idled++
			if left >= 0.95 {
				kept++
			}
			cpu, memory = max(cpu, busy), max(memory, 1-left)
		}
		switch {
		case idled < 2:
			c.uncheckedAt(s, path, "fewer than 2 pods were recorded for an hour with their cpu and memory, and idled after a peak")
		case kept == idled:
			c.at(s, path, fmt.Sprintf("the cpu of %d pods fell to %d %% of its peak or less, and their memory by %d %% at most: it stays where a peak left it", idled, int(math.Ceil(100*cpu)), int(math.Ceil(100*memory))),
				"scale on cpu or requests; or have the runtime give memory back, as GOMEMLIMIT does for Go")
		}
	})
}

// idled is the least of a pod's cpu after its peak, and its memory then, as shares
// of the highest before; ok is false where the pod did not fall below half.
func (p *recordedPod) idled(container string) (cpu, memory float64, ok bool) {
	use := p.container("container_cpu_usage_seconds_total", container)
	held := p.container("container_memory_working_set_bytes", container)
	if use == nil || held == nil || between(use.Times[0], use.Times[len(use.Times)-1]) < time.Hour {
		return 0, 0, false
	}
	const window = 10 * time.Minute
	grid := series.Grid{Start: use.Times[0], Step: window, N: int(between(use.Times[0], use.Times[len(use.Times)-1])/window) + 1}
	if grid.N > 1<<16 {
		return 0, 0, false
	}
	counts, known := use.Resample(grid, fit.Lookback([]series.Series{*use}))
	peak, least, when := 0.0, math.Inf(1), 0
	for k := 1; k < grid.N; k++ {
		gained := counts[k] - counts[k-1]
		switch {
		case !known[k] || !known[k-1] || gained < 0:
		case gained >= peak:
			peak, least, when = gained, math.Inf(1), 0
		case gained < least:
			least, when = gained, k
		}
	}
	if when == 0 || 2*least > peak {
		return 0, 0, false
	}
	then := grid.Start + int64(when)*window.Milliseconds()
	now, there := held.At(then, fit.Lookback([]series.Series{*held}))
	highest := 0.0
	for i, t := range held.Times {
		if t <= then && held.Values[i] > highest {
			highest = held.Values[i]
		}
	}
	if !there || highest <= 0 {
		return 0, 0, false
	}
	return least / peak, now / highest, true
}

// container is the pod's series of a metric of cAdvisor's, of a container; nil
// where it has none, or several.
func (p *recordedPod) container(name, container string) *series.Series {
	var found *series.Series
	for _, s := range p.named(name) {
		own := string(s.Labels["container"])
		if own == "" || own == "POD" || container != "" && own != container {
			continue
		}
		if found != nil {
			return nil
		}
		found = s
	}
	return found
}
