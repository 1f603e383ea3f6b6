package lint

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// workloadPool is about what the pods of workloads share.
var workloadPool = []Rule{
	{
		ID: "wl-connections", Severity: Error, Tier: Default,
		What: "the connection pools of all pods are larger than what they may open together",
		Why:  "At maxReplicas the pods exhaust the database that they share: the last ones wait for connections or crash, and scaling out makes it worse.",
		How: "limits.connections of the configuration says how many connections the pods that have an environment variable may open together. " +
			"The variable's number times maxReplicas, or replicas where nothing scales the workload, is added up over all workloads that have it. " +
			"A service spec says so itself: see spec-connections.",
		check: wlConnections,
	},
}

// pool is what the pods of a workload open.
type pool struct {
	workload   *workload
	path       string
	size, pods int64
}

func wlConnections(c *checker) {
	limits := c.options.Settings.limits().Connections
	for _, name := range slices.Sorted(maps.Keys(limits)) {
		pools, total := c.poolsOf(name), int64(0)
		for i := range pools {
			total += pools[i].size * pools[i].pods
		}
		limit := int64(limits[name])
		if total <= limit {
			continue
		}
		largest := &pools[0]
		fix := fmt.Sprintf("lower %s or maxReplicas, or have a pooler share the connections", name)
		if fits := (limit - total + largest.size*largest.pods) / largest.pods; fits > 0 {
			fix = fmt.Sprintf("write %d or less, or lower maxReplicas", fits)
		}
		f := c.report(largest.workload.object, largest.path,
			fmt.Sprintf("%d pods with %s: %d and all others that have it open %d connections, and %d are allowed", largest.pods, name, largest.size, total, limit), fix)
		if len(pools) == 1 {
			f.Message = fmt.Sprintf("%d pods with %s: %d open %d connections, and %d are allowed", largest.pods, name, largest.size, total, limit)
		}
		for _, other := range pools[1:] {
			f.see(other.workload.object, other.path, fmt.Sprintf("%d pods with %d each", other.pods, other.size))
		}
	}
}

// poolsOf are the pools whose size a variable holds, the largest of those that are
// looked at first.
func (c *checker) poolsOf(name string) []pool {
	var list []pool
	seen := map[ref]bool{}
	for _, w := range c.workloads {
		if seen[refTo(w.Object)] {
			continue
		}
		seen[refTo(w.Object)] = true
		for _, one := range allRunning(w) {
			for i := range one.Env {
				size, err := strconv.ParseInt(one.Env[i].Value, 10, 32)
				if one.Env[i].Name == name && err == nil && size > 0 {
					list = append(list, pool{w, w.in(fmt.Sprintf("%s.env[%d].value", one.path, i)), size, w.most()})
				}
			}
		}
	}
	slices.SortStableFunc(list, func(a, b pool) int {
		if a.workload.context != b.workload.context {
			return cmp.Compare(flag(a.workload.context), flag(b.workload.context))
		}
		return cmp.Compare(b.size*b.pods, a.size*a.pods)
	})
	return list
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// most is how many pods a workload has at most.
func (w *workload) most() int64 {
	switch s := w.scaler(); {
	case s != nil:
		return int64(max(s.max, 1))
	case w.replicas != nil:
		return int64(max(*w.replicas, 1))
	}
	return 1
}
