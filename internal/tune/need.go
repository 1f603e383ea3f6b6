package tune

import (
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// need is how many pods have to serve until some instant, so that no demand
// exceeds what they can carry.
type need struct {
	until time.Duration
	pods  int64
}

// needs are those of a world over [0, Duration), in order of time: of each
// demand with a capacity value ÷ capacity, rounded up, and of several the
// greatest. What each pod has for itself asks for no number of pods.
func needs(w *sim.World) []need {
	var list []*sim.Demand
	for i := range w.Demand {
		if d := &w.Demand[i]; d.Capacity > 0 && d.Role != sim.RolePerPod && d.Role != sim.RoleResponse {
			list = append(list, d)
		}
	}
	at := make([]int, len(list))
	var out []need
	for now := time.Duration(0); now < w.Duration; {
		next, pods := w.Duration, int64(0)
		for i, d := range list {
			if at[i]+1 < len(d.Values) {
				next = min(next, time.Duration(at[i]+1)*d.Step)
			}
			v := d.Values[at[i]]
			if v > 0 && (d.Null == nil || !d.Null[at[i]]) {
				pods = max(pods, (v-1)/d.Capacity+1)
			}
		}
		for i, d := range list {
			if at[i]+1 < len(d.Values) && time.Duration(at[i]+1)*d.Step == next {
				at[i]++
			}
		}
		if n := len(out); n > 0 && out[n-1].pods == pods {
			out[n-1].until = next
		} else {
			out = append(out, need{next, pods})
		}
		now = next
	}
	return out
}

// shortfall is for how long more than so many pods have to serve, by the number
// of pods from 0 on: it ends with the first that is enough.
func shortfall(list []need) []time.Duration {
	most := int64(0)
	for _, n := range list {
		most = max(most, n.pods)
	}
	out := make([]time.Duration, most+1)
	from := time.Duration(0)
	for _, n := range list {
		if n.pods > 0 {
			out[n.pods-1] += n.until - from
		}
		from = n.until
	}
	for i := len(out) - 2; i >= 0; i-- {
		out[i] += out[i+1]
	}
	return out
}
