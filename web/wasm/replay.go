package main

import (
	"errors"
	"math"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// settings are what a page may set: one autoscaler on cpu utilization, one kind
// of pod, one series of demand.
type settings [settingCount]float64

// The settings, by index.
const (
	// Replica counts.
	minReplicas = iota
	maxReplicas
	initial
	// target is in percent of request, which is in milli-cores, as is capacity,
	// what one pod can use at most (0: no limit).
	target
	request
	capacity
	// In seconds: the length of one value of the demand, the sync period,
	// creation to Ready, and the stabilization window of scale-downs.
	step
	sync
	ready
	stabilization
	settingCount
)

// settingNames are the settings' names in JavaScript.
func settingNames() [settingCount]string {
	return [...]string{
		"min", "max", "initial", "target", "request", "capacity", "step", "sync", "ready", "stabilization",
	}
}

// defaults are those of Kubernetes, for pods of half a core.
func defaults() settings {
	return settings{
		minReplicas: 1, maxReplicas: 10, initial: 1, target: 80, request: 500,
		step: 15, sync: 15, ready: 30, stabilization: 300,
	}
}

// columns is a timeline with one entry per sync.
type columns [columnCount][]float64

// The columns: when the sync started, in seconds; spec.replicas and the pods
// Ready, as it saw them.
const (
	columnTime = iota
	columnReplicas
	columnReady
	columnCount
)

// Limits of what one call may ask for: two years of syncs at 15 s, a day per
// step or delay.
const (
	maxSyncs   = 4 << 20
	maxSeconds = 86_400
)

// replay runs demand, in milli-cores for all pods together, through the
// autoscaler.
func replay(s *settings, demand []float64) (columns, sim.Score, error) {
	w, err := world(s, demand)
	if err != nil {
		return columns{}, sim.Score{}, err
	}
	var c columns
	score := w.Run(func(t *sim.Tick) bool {
		for i, v := range [...]float64{t.T.Seconds(), float64(t.SpecReplicas), float64(t.Pods.Ready)} {
			c[i] = append(c[i], v)
		}
		return true
	})
	return c, score, nil
}

func world(s *settings, demand []float64) (*sim.World, error) {
	for i, name := range settingNames() {
		if most := float64(math.MaxInt32); !(s[i] >= 0 && s[i] <= most) || i >= step && s[i] > maxSeconds {
			return nil, errors.New(name + " is not a number within its limits")
		}
	}
	values := make([]int64, len(demand))
	for i, v := range demand {
		if !(v >= 0 && v <= math.MaxInt32*1000) {
			return nil, errors.New("demand holds something that is not a number within its limits")
		}
		values[i] = int64(v)
	}
	w := &sim.World{
		Duration: s.seconds(step) * time.Duration(len(values)),
		Pods: sim.Pods{
			Initial: int32(s[initial]), InitialAge: time.Hour, Ready: s.seconds(ready),
			Containers: []sim.Container{{Name: "app", Requests: []sim.Quantity{{Resource: "cpu", Milli: int64(s[request])}}}},
		},
		Pipeline: sim.Pipeline{Window: time.Minute},
		Demand: []sim.Demand{{
			Source: hpa.SourceResource, Name: "cpu", Container: "app", Scale: 1,
			Step: s.seconds(step), Values: values, Capacity: int64(s[capacity]),
		}},
	}
	s.autoscaler(&w.Autoscaler)
	if err := w.Validate(); err != nil {
		return nil, err
	}
	if w.Duration/w.Autoscaler.Controller.SyncPeriod > maxSyncs {
		return nil, errors.New("more syncs than one call may ask for")
	}
	return w, nil
}

// autoscaler makes a an HPA with default behavior but for its scale-down window.
func (s *settings) autoscaler(a *hpa.Spec) {
	c := hpa.DefaultController()
	c.SyncPeriod = s.seconds(sync)
	a.Reference = "Deployment/default/app"
	a.Min, a.Max = int32(s[minReplicas]), int32(s[maxReplicas])
	a.Controller, a.ToleranceUp, a.ToleranceDown = c, c.Tolerance, c.Tolerance
	a.Metrics = []hpa.Metric{{
		Source: hpa.SourceResource, Name: "cpu", Resource: "cpu", CPU: true,
		Target: hpa.TargetUtilization, Goal: int64(s[target]),
		Proposal: "cpu resource utilization (percentage of request)",
	}}
	a.HasBehavior = true
	a.Up.Policies = []hpa.Policy{
		{Type: hpa.PolicyPods, Value: 4, Period: 15 * time.Second},
		{Type: hpa.PolicyPercent, Value: 100, Period: 15 * time.Second},
	}
	a.Down.Policies = a.Up.Policies[1:]
	a.Down.Stabilization = s.seconds(stabilization) / time.Second * time.Second
}

// seconds is a setting as a time, in whole milliseconds.
func (s *settings) seconds(i int) time.Duration {
	return time.Duration(s[i]*1000) * time.Millisecond
}
