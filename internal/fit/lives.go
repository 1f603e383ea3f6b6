package fit

import (
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
)

// settling is how long after it is Ready a pod still counts as starting: caches
// fill, connections and garbage collection find their pace.
const settling = 30 * time.Second

// readiness returns each pod's series of being Ready.
func readiness(rec *series.Recording) map[podKey]*series.Series {
	var set []series.Series
	for _, s := range rec.Series {
		if s.Labels[model.MetricNameLabel] == "kube_pod_status_ready" && s.Labels["condition"] == "true" {
			set = append(set, s)
		}
	}
	ready := map[podKey]*series.Series{}
	set = dedupe(set)
	for i := range set {
		ready[keyOf(set[i].Labels)] = &set[i]
	}
	return ready
}

// start marks the steps in which a pod that was born within the recording was
// starting, and returns whether it was.
func (p *podUse) start(g series.Grid, born int64, known bool, ready *series.Series) bool {
	step := g.Step.Milliseconds()
	begin := g.Start + int64(p.from)*step
	if !known {
		born = begin // as far as is known; only what came later is new
	}
	if born < g.Start || !known && p.from < 2 {
		return false
	}
	serves := born
	if ready != nil {
		serves = firstReady(ready, born)
	}
	until := serves + max(settling, 2*g.Step).Milliseconds()
	for i := range p.state {
		t := begin + int64(i)*step
		if t >= until {
			break
		}
		p.state[i] |= starting
		if ready != nil && t+step <= serves {
			p.state[i] |= unready
		}
	}
	return true
}

// firstReady is when a pod was last seen not Ready before it was first seen
// Ready; its birth where it was Ready as soon as it was seen. Between the two it
// may have served already. A pod that never was Ready is not, as long as it is
// seen.
func firstReady(ready *series.Series, born int64) int64 {
	last := born
	for i, t := range ready.Times {
		if ready.Values[i] == 1 {
			return last
		}
		last = max(last, t)
	}
	return last + 1
}

// templates fills in what each pod was made from: the ReplicaSet that owns it,
// else what its name says.
func (o *owners) templates(table []*podUse) {
	for _, p := range table {
		p.template = o.template[p.key]
		if p.template == "" && o.workload.Kind == "Deployment" && o.named.MatchString(p.key.pod) {
			p.template = p.key.pod[:strings.LastIndexByte(p.key.pod, '-')]
		}
	}
}

// rollouts marks the steps in which pods of more than one template lived, and
// those in which the last one's settled. It returns the step at which each
// template began to be alone: the beginnings of the segments, never empty.
func rollouts(table []*podUse, g series.Grid) []int {
	mixed := make([]bool, g.N)
	first := make([]int32, g.N) // the template of the step's first pod, counting from 1
	numbers := map[string]int32{}
	var begin []int
	for _, p := range table {
		number, known := numbers[p.template]
		if !known {
			number = int32(len(numbers) + 1)
			numbers[p.template] = number
		}
		for k := p.from; k < p.until(); k++ {
			if first[k] == 0 {
				first[k] = number
			}
			mixed[k] = mixed[k] || first[k] != number
		}
	}
	settle := int((max(settling, 2*g.Step) + g.Step - 1) / g.Step)
	left := 0
	begin = append(begin, 0)
	for k := range first {
		if mixed[k] {
			left = settle
			continue
		}
		if left == settle && k > 0 && begin[len(begin)-1] != k {
			begin = append(begin, k)
		}
		if left > 0 {
			mixed[k] = true
			left--
		}
	}
	for _, p := range table {
		for i := range p.state {
			if mixed[p.from+i] {
				p.state[i] |= rolling
			}
		}
	}
	return begin
}
