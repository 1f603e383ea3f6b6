package tune

import (
	"math"
	"slices"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// Foresight is the least that serving a load can take: pods by somebody who
// knows the future, and how long a pod takes to start, and has no bounds and no
// syncs to wait for.
type Foresight struct {
	// PodMillis is a lower bound of pod-milliseconds.
	PodMillis int64
	// Known is false where no bound is computed; Why says why.
	Known bool
	Why   string
}

// mostWork bounds the steps of one pass: needs × pods.
const mostWork = 200_000_000

// foresee is the bound for a world whose demands may exceed what pods can carry
// for no longer than saturated.
//
// The exact minimum over all courses would weigh every minute of saturation
// against every other; instead a minute gets a price, the cheapest course at that
// price is found exactly, and what the price earned for the minutes allowed is
// taken off again. Whatever the price, the result is below the minimum (Lagrange
// duality), and the highest of some prices is taken.
func foresee(w *sim.World, saturated time.Duration) Foresight {
	switch {
	case len(w.Faults) > 0:
		return Foresight{Why: "faults happen"}
	case w.Follow != nil:
		return Foresight{Why: "a course is followed"}
	}
	list := needs(w)
	most := int64(0)
	for _, n := range list {
		most = max(most, n.pods)
	}
	if int64(len(list))*(most+1) > mostWork {
		return Foresight{Why: "too many pods over too long a time"}
	}
	c := course{needs: list, startup: millis(startup(&w.Pods)), cost: make([]float64, most+1), short: make([]float64, most+1)}
	allowed := millis(saturated)
	best := 0.0
	if allowed == 0 {
		best, _ = c.cheapest(math.Inf(1))
		return Foresight{PodMillis: int64(best), Known: true}
	}
	low, high := 0.0, 1.0
	try := func(price float64) (short float64) {
		cost, short := c.cheapest(price)
		best = math.Max(best, cost-price*allowed)
		return short
	}
	for try(high) > allowed && high < 1e12 {
		low, high = high, 4*high
	}
	for range 30 {
		middle := (low + high) / 2
		if try(middle) > allowed {
			low = middle
		} else {
			high = middle
		}
	}
	// A part in 10^9 for what float64 may have rounded up.
	return Foresight{PodMillis: int64(best * (1 - 1e-9)), Known: true}
}

// startup is the least time that a pod takes to start.
func startup(p *sim.Pods) time.Duration {
	least := func(list []time.Duration, constant time.Duration) time.Duration {
		if len(list) == 0 {
			return constant
		}
		return slices.Min(list)
	}
	return max(least(p.Spread.Pending, p.Pending), least(p.Spread.Ready, p.Ready))
}

func millis(d time.Duration) float64 { return float64(d.Milliseconds()) }

// course finds cheapest courses of serving pods. cost and short are, by how many
// pods serve now, the least cost until now and the saturated time of that course.
type course struct {
	needs       []need
	startup     float64
	cost, short []float64
}

// cheapest is the course of least cost: pod-milliseconds, those of pods that
// start among them, and a price for each saturated millisecond. The pods at the
// start come without starting.
func (c *course) cheapest(price float64) (cost, short float64) {
	clear(c.cost)
	clear(c.short)
	from := time.Duration(0)
	for _, n := range c.needs {
		c.change()
		length := millis(n.until) - millis(from)
		from = n.until
		for pods := range c.cost {
			c.cost[pods] += length * float64(pods)
			if int64(pods) < n.pods && length > 0 {
				c.cost[pods] += price * length
				c.short[pods] += length
			}
		}
	}
	best := 0
	for pods := range c.cost {
		if c.cost[pods] < c.cost[best] {
			best = pods
		}
	}
	return c.cost[best], c.short[best]
}

// change lets the number of pods change: down for nothing, up for the time that
// pods take to start.
func (c *course) change() {
	for pods := len(c.cost) - 2; pods >= 0; pods-- {
		if c.cost[pods+1] < c.cost[pods] {
			c.cost[pods], c.short[pods] = c.cost[pods+1], c.short[pods+1]
		}
	}
	for pods := 1; pods < len(c.cost); pods++ {
		if started := c.cost[pods-1] + c.startup; started < c.cost[pods] {
			c.cost[pods], c.short[pods] = started, c.short[pods-1]
		}
	}
}

// zeroScore is a score of nothing but pods and their price.
func zeroScore(podMillis int64, price float64) sim.Score {
	return sim.Score{ReplicaMillis: podMillis, PodHourPrice: price}
}
