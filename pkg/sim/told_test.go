package sim_test

import (
	"fmt"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// seenKey is everything by which the controller can tell pods apart. A start
// time matters only through the two questions asked of it, a Ready transition
// only to pods that are not Ready or are initialising.
type seenKey struct {
	phase                      hpa.Phase
	terminating                bool
	ready                      hpa.Readiness
	started                    bool
	initialising, neverReady   bool
	initialStart, lastChanging time.Duration
}

// seen is how many such pods there are, and what they report per metric.
type seen struct {
	pods    int32
	reports [8]hpa.Sample
}

// told reduces an observation to what it tells the controller.
func told(o *hpa.Observation, s *hpa.Spec) (map[seenKey]seen, string) {
	all := map[seenKey]seen{}
	for i, g := range o.Groups {
		k := seenKey{phase: g.Phase, terminating: g.Terminating, started: g.Started}
		if g.Phase != hpa.PhaseFailed {
			k.ready = g.Ready
			k.initialising = g.Start+s.Controller.CPUInitializationPeriod > o.Now
			k.neverReady = g.Start+s.Controller.InitialReadinessDelay > g.Transition
			if k.initialising {
				k.initialStart = g.Start
			}
			if k.initialising || g.Ready != hpa.ReadyTrue {
				k.lastChanging = g.Transition
			} else {
				k.neverReady = false // asked only of pods that are not Ready
			}
		}
		v := all[k]
		v.pods += g.Pods
		for j, r := range o.Readings {
			if len(r.Samples) == 0 {
				continue
			}
			sum := &v.reports[j]
			sum.Pods += r.Samples[i].Pods
			sum.Sum += r.Samples[i].Sum
			// Times are summed up as well: the pods that one key holds may differ
			// in when they were sampled.
			n := time.Duration(r.Samples[i].Pods)
			sum.Timestamp += n * r.Samples[i].Timestamp
			sum.Window += n * r.Samples[i].Window
			sum.Request = r.Samples[i].Request
		}
		all[k] = v
	}
	problems := fmt.Sprint(o.Now, o.SpecReplicas, o.StatusReplicas, o.ScaleReadError, o.ScaleWriteError)
	for _, r := range o.Readings {
		problems += fmt.Sprint(" | ", r.Error, r.Empty, r.NoContainer, len(r.Values), r.Values)
		if len(r.Samples) > 0 {
			problems += r.Samples[0].NoRequest
		}
	}
	return all, problems
}
