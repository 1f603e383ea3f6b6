//go:build linux

package main

import (
	"math"
	"math/rand/v2"
	"time"
)

// ramp is a piece of the load: from rate From to rate To, linearly.
type ramp struct {
	For  time.Duration // how long it lasts
	From float64       // requests/s at its start
	To   float64       // requests/s at its end
	Note string
}

// change is something done to the pods.
type change struct {
	At      time.Duration
	Pods    int  // spec.replicas from now on
	Rollout bool // replace every pod: a new template
	Note    string
}

// script is what happens while the recording runs: load and pods follow their
// own plans, sometimes together and sometimes against each other, so that load
// per pod varies and what one request costs can be told from what a pod costs.
type script struct {
	Load    []ramp
	Changes []change
}

// fortyMinutes is the committed recording's script, for pods of 0.1 CPU.
func fortyMinutes() script {
	m := time.Minute
	return script{
		Load: []ramp{
			{3 * m, 36, 36, "plateau"},
			{3 * m, 36, 90, "ramp"},
			{3 * m, 90, 90, "plateau, near the capacity of 3 pods"},
			{90 * time.Second, 90, 130, "ramp"},
			{150 * time.Second, 130, 130, "plateau"},
			{2 * m, 130, 54, "ramp down"},
			{3 * m, 54, 54, "plateau"},
			{1 * m, 140, 140, "spike, beyond the capacity of 3 pods"},
			{3 * m, 63, 63, "plateau"},
			{3 * m, 63, 27, "ramp down"},
			{2 * m, 27, 27, "plateau"},
			{3 * m, 27, 96, "ramp, outgrowing 2 pods"},
			{3 * m, 96, 96, "plateau"},
			{45 * time.Second, 210, 210, "spike, beyond the capacity of 5 pods"},
			{135 * time.Second, 105, 105, "plateau"},
			{2 * m, 105, 45, "ramp down"},
			{2 * m, 45, 45, "plateau"},
		},
		Changes: []change{
			{0, 3, false, "start"},
			{7 * m, 4, false, "late for the ramp"},
			{8*m + 30*time.Second, 5, false, "ahead of the next"},
			{10*m + 30*time.Second, 6, false, ""},
			{14 * m, 5, false, "with the load"},
			{16 * m, 3, false, "with the load"},
			{20 * m, 5, false, "against the load: the spike is over"},
			{24 * m, 2, false, "with the load"},
			{29*m + 15*time.Second, 4, false, "late: 2 pods are overloaded"},
			{31 * m, 4, true, "a new template, pod by pod"},
			{32*m + 30*time.Second, 5, false, "ahead of the spike"},
			{35 * m, 4, false, "against the load: it stays"},
			{37*m + 30*time.Second, 3, false, "with the load"},
		},
	}
}

// scaled is the same script in another time, for trying things out.
func (s script) scaled(by float64) script {
	out := script{}
	for _, r := range s.Load {
		r.For = time.Duration(float64(r.For) * by)
		out.Load = append(out.Load, r)
	}
	for _, c := range s.Changes {
		c.At = time.Duration(float64(c.At) * by)
		out.Changes = append(out.Changes, c)
	}
	return out
}

func (s script) length() time.Duration {
	var total time.Duration
	for _, r := range s.Load {
		total += r.For
	}
	return total
}

// rate is the planned load at t, in requests/s.
func (s script) rate(t time.Duration) float64 {
	for _, r := range s.Load {
		if t < r.For {
			return r.From + (r.To-r.From)*float64(t)/float64(r.For)
		}
		t -= r.For
	}
	return 0
}

// arrival is one planned request.
type arrival struct {
	at    time.Duration // from the start
	quote bool          // GET /quote instead of POST /checkout
	pick  uint32        // which of the ready pods, modulo their number
	sku   int64
}

// quoteShare is how many of the requests are quotes.
const quoteShare = 0.3

// arrivals is a Poisson process with the script's rate: open loop, so that
// slow answers do not slow down who asks. It is drawn at the highest rate and
// thinned; the same seed gives the same arrivals.
func (s script) arrivals(seed uint64) []arrival {
	rng := rand.New(rand.NewPCG(seed, 1))
	peak := 0.0
	for _, r := range s.Load {
		peak = max(peak, r.From, r.To)
	}
	var out []arrival
	end := s.length().Seconds()
	for t := 0.0; ; {
		t -= math.Log(1-rng.Float64()) / peak
		if t >= end {
			return out
		}
		a := arrival{
			at:    time.Duration(t * float64(time.Second)),
			quote: rng.Float64() < quoteShare,
			pick:  rng.Uint32(),
			sku:   rng.Int64N(1000) + 1,
		}
		if rng.Float64()*peak < s.rate(a.at) {
			out = append(out, a)
		}
	}
}
