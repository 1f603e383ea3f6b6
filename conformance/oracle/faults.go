package oracle

import (
	"encoding/json"
	"math/big"
	"slices"
	"time"
)

// begun are the faults that have begun, in that order.
func (w *world) begun() []*Fault {
	var out []*Fault
	for _, i := range w.order[:w.next] {
		out = append(out, &w.spec.Faults[i])
	}
	return out
}

// factor is what the last fault with a factor of one kind says now; nil where
// none does.
func (w *world) factor(at time.Duration, of func(*Fault) *json.Number) *big.Rat {
	all := w.begun()
	for i := len(all) - 1; i >= 0; i-- {
		f := of(all[i])
		if f == nil {
			continue
		}
		if !all[i].active(at) {
			return nil
		}
		r, _ := new(big.Rat).SetString(f.String())
		return r
	}
	return nil
}

// driven is a value of a series as the traffic of an instant makes it.
func (w *world) driven(d *Demand, value int64, at time.Duration) int64 {
	if d.Role != "" && d.Role != "load" && d.Role != "backlog" {
		return value
	}
	f := w.factor(at, func(f *Fault) *json.Number { return f.TrafficFactor })
	if f == nil {
		return value
	}
	f.Mul(f, new(big.Rat).SetInt64(value))
	return new(big.Int).Quo(f.Num(), f.Denom()).Int64()
}

// startup is how long a pod created now takes to become Ready.
func (w *world) startup() time.Duration {
	delay := orDefault(w.spec.Pods.Ready, 30*time.Second)
	f := w.factor(w.now, func(f *Fault) *json.Number { return f.ReadyFactor })
	if f == nil {
		return delay
	}
	f.Mul(f, new(big.Rat).SetInt64(int64(delay)))
	return time.Duration(new(big.Int).Quo(f.Num(), f.Denom()).Int64())
}

// nodesShort says whether pods created now find no node.
func (w *world) nodesShort() bool {
	return slices.ContainsFunc(w.begun(), func(f *Fault) bool { return f.NodeShortage && f.active(w.now) })
}

// nextNode is the next end of a shortage for which some pod waits.
func (w *world) nextNode() (next time.Duration, ok bool) {
	if !slices.ContainsFunc(w.pods, func(p *pod) bool { return p.homeless }) {
		return 0, false
	}
	for _, f := range w.begun() {
		if !f.NodeShortage || f.For == nil {
			continue
		}
		if end := f.At.Duration + f.For.Duration; end > w.now && (!ok || end < next) {
			next, ok = end, true
		}
	}
	return next, ok
}

// house gives the pods that wait their nodes, if there are some again.
func (w *world) house() {
	if w.nodesShort() {
		return
	}
	for _, p := range w.pods {
		if p.homeless {
			p.homeless, p.created, p.transition = false, w.now, w.now
		}
	}
}

// readsZero says whether all that a metrics API tells is 0 now.
func (w *world) readsZero(api string) bool {
	for i := range w.spec.Faults {
		f := &w.spec.Faults[i]
		if slices.Contains(f.MetricsReadZero, api) && f.active(w.now) {
			return true
		}
	}
	return false
}
