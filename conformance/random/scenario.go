package random

import (
	"math/rand/v2"
	"strconv"
	"time"

	"sigs.k8s.io/yaml"
)

// object is a YAML mapping; keys are written in alphabetical order.
type object = map[string]any

// scenario is one simulation while it is being made up.
type scenario struct {
	*rand.Rand
	period, latency time.Duration
	syncs           int
	max             int  // highest maxReplicas of the run
	lowest, highest int  // where load moves, in pods
	zero            bool // a workload that goes to zero and back
	dark            bool // a workload whose pods are often silent
	containers      []string
	requests        map[string]int // "container/resource" → milli-cores or bytes
	limits          map[string]int // container → milli-cores; absent for none
	capacity        object         // of pods, by the name of a series
	demand          []any
	noZero          bool            // min 0 is refused
	known           map[string]bool // series that exist, by type/name/container
}

// Scenario returns the simulation file of a seed, with this many syncs at most.
func Scenario(seed uint64, syncs int) []byte {
	s := &scenario{Rand: rand.New(rand.NewPCG(seed, 37)), known: map[string]bool{}, requests: map[string]int{}, limits: map[string]int{}, capacity: object{}}
	s.syncs = max(20, syncs/2+s.IntN(syncs/2+1))
	out, err := yaml.Marshal(s.file(seed))
	if err != nil {
		panic(err) // what is made here can be marshalled
	}
	return out
}

func (s *scenario) file(seed uint64) object {
	s.max = s.between(6, pick(s, 8, 14, 30, 60))
	switch s.IntN(12) {
	case 0, 1:
		s.zero = true
	case 2, 3:
		s.dark = true
		s.max = min(s.max, 14)
	}
	controller := s.controller()
	pods := s.pods()
	hpa := s.autoscaler()
	faults := s.faults(hpa["spec"].(object))
	if len(s.capacity) > 0 {
		pods["capacity"] = s.capacity
	}
	return object{
		"apiVersion": "elasticctl.dev/v1alpha1",
		"kind":       "Simulation",
		"metadata":   object{"name": "random-" + strconv.FormatUint(seed, 10)},
		"spec": object{
			"duration":   s.duration(),
			"controller": controller,
			"pods":       pods,
			"autoscaler": object{"objects": []any{hpa}},
			"pipeline":   s.pipeline(),
			"faults":     faults,
			"demand":     s.demand,
		},
	}
}

func (s *scenario) duration() string {
	return (time.Duration(s.syncs) * (s.period + s.latency)).String()
}

// chance is true in p of 100 cases.
func (s *scenario) chance(p int) bool { return s.IntN(100) < p }

// between is a number from lo to hi, both included.
func (s *scenario) between(lo, hi int) int { return lo + s.IntN(hi-lo+1) }

func pick[T any](s *scenario, of ...T) T { return of[s.IntN(len(of))] }

// seconds is a duration of whole seconds, or now and then of a fraction more.
func (s *scenario) seconds(lo, hi int) string {
	d := time.Duration(s.between(lo, hi)) * time.Second
	if s.chance(25) {
		d += time.Duration(s.IntN(1000)) * time.Millisecond
	}
	return d.String()
}

func (s *scenario) controller() object {
	s.period = pick(s, 15*time.Second, 15*time.Second, 15*time.Second, 15*time.Second, 10*time.Second, 30*time.Second, 60*time.Second, 7*time.Second, 14500*time.Millisecond)
	s.latency = pick(s, 0, 0, 0, 0, 0, 200*time.Millisecond, time.Second, 3*time.Second)
	c := object{
		"kubernetesVersion": "1.37",
		"syncPeriod":        s.period.String(),
		"syncLatency":       s.latency.String(),
	}
	if s.chance(97) {
		c["downscaleStabilization"] = pick(s, "0s", "0s", "0s", "0s", "0s", "0s", "0s", "15s", "15s", "30s", "1m", "62500ms")
	}
	if s.chance(30) {
		c["tolerance"] = pick(s, 0, 0.01, 0.05, 0.061, 0.2, 0.122)
	}
	if s.chance(70) {
		c["cpuInitializationPeriod"] = pick(s, "0s", "0s", "30s", "1m", "10m", "45500ms")
	}
	if s.chance(30) {
		c["initialReadinessDelay"] = pick(s, "0s", "10s", "1m", "5m")
	}
	if s.chance(12) && !s.zero {
		s.noZero = true
		c["featureGates"] = object{"HPAScaleToZero": false}
	}
	return c
}

func (s *scenario) pipeline() object {
	p := object{"kind": "ideal"}
	if s.chance(80) {
		p["window"] = pick(s, "0s", "0s", "15s", "30s", "1m", "2m")
		p["age"] = pick(s, "0s", "0s", "5s", "12500ms", "30s", "1m")
	}
	return p
}

func (s *scenario) pods() object {
	pending := 0
	if s.chance(40) {
		pending = s.between(1, 30)
	}
	p := object{
		"initial":    s.between(1, s.max+1),
		"pending":    strconv.Itoa(pending) + "s",
		"ready":      s.seconds(pending, pending+pick(s, 0, 5, 20, 40, 90)),
		"containers": s.workload(),
	}
	switch {
	case s.chance(4):
		p["initial"] = 0
	case s.chance(10): // the autoscaler's minimum
		delete(p, "initial")
	}
	if s.chance(60) {
		p["initialAge"] = s.seconds(0, 600)
	}
	if s.chance(35) {
		p["metricsDelay"] = s.seconds(0, 45)
	}
	if s.chance(50) {
		p["termination"] = s.seconds(0, 60)
	}
	return p
}

// request is a quantity as written and as milli-cores or bytes.
type request struct {
	text   string
	amount int
}

var (
	cpus     = []request{{"500m", 500}, {"250m", 250}, {"1", 1000}, {"0.3", 300}, {"1.5", 1500}, {"100m", 100}, {"333m", 333}, {"2e0", 2000}}
	memories = []request{{"256Mi", 256 << 20}, {"1Gi", 1 << 30}, {"0.5Gi", 1 << 29}, {"100M", 100_000_000}, {"300000Ki", 300_000 << 10}}
)

// workload makes up the containers; now and then one of them has no request.
func (s *scenario) workload() []any {
	var out []any
	for i := range pick(s, 1, 1, 1, 2, 3) {
		name := []string{"app", "proxy", "agent"}[i]
		s.containers = append(s.containers, name)
		cpu, memory := pick(s, cpus...), pick(s, memories...)
		s.requests[name+"/cpu"], s.requests[name+"/memory"] = cpu.amount, memory.amount
		requests := object{"cpu": cpu.text, "memory": memory.text}
		if s.chance(1) {
			delete(requests, pick(s, "cpu", "memory"))
		}
		c := object{"name": name, "requests": requests}
		if s.chance(35) {
			s.limits[name] = cpu.amount * pick(s, 1, 2, 2, 4)
			c["limits"] = object{"cpu": strconv.Itoa(s.limits[name]) + "m", "memory": memory.text}
		}
		out = append(out, c)
	}
	return out
}
