package synthetic

import (
	"math"
	"math/rand/v2"
	"time"
)

// What one request costs, in CPU seconds, and what a pod costs besides, in CPU
// seconds per second: the line fitted to testdata/recordings/checkout at 9 to
// 30 requests/s per pod (a test holds them to it). A request costs less in a
// busy pod than in a quiet one, so a pod without any uses less than the line says.
const (
	measuredCost = 0.00312
	measuredIdle = 0.0077
)

// world is the state of a recording being made up.
type world struct {
	Config
	rng      *rand.Rand
	out      *Recording
	pods     []*pod
	template string
	mood     float64 // slow noise of the load, an AR(1) process of its logarithm
	replicas Series
	demand   Series
}

// pod is one pod's counters.
type pod struct {
	name             string
	served, shed     float64
	cpu              float64
	first            int
	okSeries, noFull []float64 // http_requests_total by status: 200, 503
	cpuSeries        []float64
}

// step moves the world to sample i: what came since sample i-1 is shared
// among the pods, and their counters are read.
func (w *world) step(i int) {
	t := time.Duration(i) * w.Step
	w.deploy(i, w.Start.Add(t))
	seconds := w.Step.Seconds()
	// Slow noise: a tenth of the load, forgotten within half an hour.
	keep := math.Exp(-seconds / 1800)
	w.mood = keep*w.mood + .1*math.Sqrt(1-keep*keep)*w.rng.NormFloat64()
	rate := w.PeakRate * shape(w.Start.Add(t)) * factor(t) * math.Exp(w.mood)
	sent := 0.0
	for _, p := range w.pods {
		n := w.poisson(rate * seconds / float64(len(w.pods)))
		sent += n
		w.serve(p, n, seconds)
	}
	last := 0.0
	if i > 0 {
		last = w.demand.Values[i-1]
	}
	w.demand.Values = append(w.demand.Values, last+sent)
	w.replicas.Values = append(w.replicas.Values, float64(len(w.pods)))
}

// serve lets a pod answer n requests within the time, as far as its CPU goes.
func (w *world) serve(p *pod, n, seconds float64) {
	cost := w.CostPerRequest * max(.5, 1+.03*w.rng.NormFloat64())
	fits := math.Floor((w.CPULimit - w.IdleCPU) * seconds / cost)
	served := min(n, fits)
	p.served += served
	p.shed += n - served
	p.cpu += w.IdleCPU*seconds + served*cost
	p.okSeries = append(p.okSeries, p.served)
	p.noFull = append(p.noFull, p.shed)
	p.cpuSeries = append(p.cpuSeries, math.Round(p.cpu*1e9)/1e9)
}

// deploy keeps the number of pods that the hour asks for, and replaces all of
// them on Tuesdays at 09:00.
func (w *world) deploy(i int, at time.Time) {
	sinceMidnight := at.Sub(at.Truncate(24 * time.Hour))
	if i == 0 || (at.Weekday() == time.Tuesday && sinceMidnight >= 9*time.Hour && sinceMidnight < 9*time.Hour+w.Step) {
		for _, p := range w.pods {
			w.retire(p)
		}
		w.pods, w.template = nil, w.randomName(9)
	}
	want := w.NightPods
	if h := sinceMidnight.Hours(); h >= 7 && h < 23 {
		want = w.DayPods
	}
	for len(w.pods) < want {
		w.pods = append(w.pods, &pod{name: "checkout-" + w.template + "-" + w.randomName(5), first: i})
	}
	for len(w.pods) > want {
		w.retire(w.pods[len(w.pods)-1])
		w.pods = w.pods[:len(w.pods)-1]
	}
}

// retire writes down the series of a pod that is gone.
func (w *world) retire(p *pod) {
	add := func(values []float64, name string, more ...string) {
		l := labels(name, append(more, "pod", p.name, "container", "app")...)
		w.out.Series = append(w.out.Series, Series{Labels: l, First: p.first, Values: values})
	}
	add(p.okSeries, "http_requests_total", "path", "/checkout", "method", "POST", "status", "200")
	add(p.noFull, "http_requests_total", "path", "/checkout", "method", "POST", "status", "503")
	add(p.cpuSeries, "container_cpu_usage_seconds_total", "cpu", "total")
}

func (w *world) randomName(n int) string {
	const alphabet = "bcdfghjklmnpqrstvwxz2456789"
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[w.rng.IntN(len(alphabet))]
	}
	return string(out)
}

// poisson draws a count: exactly below a mean of 30, and by the normal
// distribution of the same mean and variance above.
func (w *world) poisson(mean float64) float64 {
	if mean >= 30 {
		return max(0, math.Round(mean+math.Sqrt(mean)*w.rng.NormFloat64()))
	}
	n, product, end := 0.0, w.rng.Float64(), math.Exp(-mean)
	for product > end {
		n++
		product *= w.rng.Float64()
	}
	return n
}
