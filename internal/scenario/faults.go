package scenario

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// fault is one entry of spec.faults; an edit of the autoscaler is not resolved
// yet.
type fault struct {
	sim.Fault
	edit *Edit
	// rollout is what a rollout says of its rules, which the workload has else.
	rollout *Rollout
	path    string
}

// faults reads spec.faults and puts them in order of time.
func (c *checker) faults(list []Fault) []fault {
	var out []fault
	for i := range list {
		path := "spec.faults[" + strconv.Itoa(i) + "]"
		if f, ok := c.fault(path, &list[i]); ok {
			out = append(out, f)
		}
	}
	sortFaults(out)
	return out
}

// sortFaults puts faults in order of time; those at one instant keep theirs.
func sortFaults(list []fault) {
	slices.SortStableFunc(list, func(a, b fault) int { return cmp.Compare(a.At, b.At) })
}

// faultKinds are the fields of which a fault has exactly one.
func faultKinds() []string {
	return []string{
		"metricsUnavailable", "podsWithoutMetrics", "scaleReadFails", "scaleWriteFails",
		"setReplicas", "surge", "evictPods", "podsNotReady", "trafficFactor", "metricsReadZero", "readyFactor", "nodeShortage", "rollout",
		"editAutoscaler",
	}
}

// fault reads one entry; ok is false where nothing can be made of it.
func (c *checker) fault(path string, in *Fault) (out fault, ok bool) {
	var given []string
	for _, k := range faultKinds() {
		if c.doc.Has(path + "." + k) {
			given = append(given, k)
		}
	}
	switch {
	case len(given) == 0:
		c.add(path, "nothing is said to happen", "add one of "+strings.Join(faultKinds(), ", "))
		return out, false
	case len(given) > 1:
		c.add(path, "several things are said to happen: "+strings.Join(given, ", "), "make each a fault of its own")
		return out, false
	}
	out.path = path
	if in.At == "" {
		c.add(path, "it is not said when it happens", "add at: 10m, a time from the start")
	}
	out.At = c.duration(path+".at", in.At, 0)
	c.faultKind(path+"."+given[0], given[0], in, &out)
	c.faultFor(path+".for", in, &out)
	return out, true
}

// faultFor reads how long a fault lasts.
func (c *checker) faultFor(path string, in *Fault, out *fault) {
	if !c.doc.Has(path) {
		return
	}
	if !out.Kind.Lasting() {
		c.add(path, "what happens at an instant does not last", "remove it")
		return
	}
	out.For = c.positive(path, in.For, time.Second)
}

// faultKind reads what happens.
func (c *checker) faultKind(path, kind string, in *Fault, out *fault) {
	switch kind {
	case "metricsUnavailable":
		out.Kind, out.APIs = sim.FaultMetricsUnavailable, c.apis(path, in.MetricsUnavailable)
	case "podsWithoutMetrics":
		out.Kind, out.Ranks = sim.FaultPodsWithoutMetrics, c.ranks(path, in.PodsWithoutMetrics)
	case "scaleReadFails":
		out.Kind = sim.FaultScaleReadFails
		c.onlyTrue(path, in.ScaleReadFails)
	case "scaleWriteFails":
		out.Kind = sim.FaultScaleWriteFails
		c.onlyTrue(path, in.ScaleWriteFails)
	case "setReplicas":
		out.Kind, out.Replicas = sim.FaultSetReplicas, c.count(path, in.SetReplicas)
	case "surge":
		out.Kind, out.Replicas = sim.FaultSurge, c.count(path, in.Surge)
	case "evictPods":
		out.Kind, out.Ranks = sim.FaultEvictPods, c.ranks(path, in.EvictPods)
	case "podsNotReady":
		out.Kind, out.Ranks = sim.FaultPodsNotReady, c.ranks(path, in.PodsNotReady)
	case "trafficFactor":
		out.Kind, out.Factor = sim.FaultTraffic, c.factor(path, in.TrafficFactor, 0)
	case "metricsReadZero":
		out.Kind, out.APIs = sim.FaultMetricsReadZero, c.apis(path, in.MetricsReadZero)
	case "readyFactor":
		out.Kind, out.Factor = sim.FaultSlowStart, c.factor(path, in.ReadyFactor, 1)
	case "nodeShortage":
		out.Kind = sim.FaultNodeShortage
		c.onlyTrue(path, in.NodeShortage)
	case "rollout":
		out.Kind, out.rollout = sim.FaultRollout, in.Rollout
		if in.Rollout == nil {
			c.add(path, "it is not said how pods are replaced", "write true for the workload's own strategy, or {maxSurge: 25%, maxUnavailable: 25%}")
		} else {
			c.rollout(path, out)
		}
	case "editAutoscaler":
		out.Kind, out.edit = sim.FaultEditAutoscaler, in.EditAutoscaler
		if in.EditAutoscaler == nil || !c.editsSomething(path) {
			c.add(path, "the edit changes nothing", "give minReplicas, maxReplicas, metrics or behavior")
			out.edit = nil
		}
	}
}

// editsSomething says whether an edit has any field.
func (c *checker) editsSomething(path string) bool {
	for _, field := range []string{"minReplicas", "maxReplicas", "metrics", "behavior"} {
		if c.doc.Has(path + "." + field) {
			return true
		}
	}
	return false
}

// count demands a number of pods.
func (c *checker) count(path string, n *int64) int32 {
	if n == nil {
		c.add(path, "a number of pods is missing", "write a number")
		return 0
	}
	return c.pods(path, *n)
}

// factor reads a factor in thousandths.
func (c *checker) factor(path string, f *float64, least int) int64 {
	if f == nil {
		c.add(path, "a factor is missing", "write a number, such as 1.2")
		return sim.Thousand
	}
	if !(*f >= float64(least) && *f <= sim.MaxFactor/sim.Thousand) {
		c.add(path, fmt.Sprintf("%g is no factor", *f), fmt.Sprintf("write %d to %d", least, sim.MaxFactor/sim.Thousand))
		return sim.Thousand
	}
	thousandths := math.Round(*f * sim.Thousand)
	if math.Abs(*f*sim.Thousand-thousandths) > 1e-6 {
		c.add(path, fmt.Sprintf("%g has more than three decimals", *f), "write "+strconv.FormatFloat(thousandths/sim.Thousand, 'g', -1, 64))
	}
	return int64(thousandths)
}

// onlyTrue refuses a switch that is off: such a fault would do nothing.
func (c *checker) onlyTrue(path string, b *bool) {
	if b == nil || !*b {
		c.add(path, "a fault that is switched off does nothing", "write true, or remove the fault")
	}
}

// apis reads the names of metrics APIs.
func (c *checker) apis(path string, names []string) sim.APISet {
	var set sim.APISet
	if len(names) == 0 {
		c.add(path, "no metrics API is given", "list resource, custom or external")
	}
	for i, n := range names {
		at := path + "[" + strconv.Itoa(i) + "]"
		var one sim.APISet
		switch n {
		case "resource":
			one = sim.APIResource
		case "custom":
			one = sim.APICustom
		case "external":
			one = sim.APIExternal
		default:
			c.add(at, fmt.Sprintf("unknown metrics API %q", clip(n)), "write resource (cpu and memory), custom (Pods and Object metrics) or external"+nearest(n, []string{"resource", "custom", "external"}))
		}
		if set&one != 0 {
			c.add(at, n+" is given twice", "remove one")
		}
		set |= one
	}
	return set
}
