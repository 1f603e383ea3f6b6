package fit

import (
	"math"
	"slices"

	"github.com/elasticctl/elasticctl/internal/series"
)

// line is what pods use when idle, and what requests cost, in a step.
type line func(step int) (idle, cost float64)

// arrived leaves of the recorded use what is load, and puts in what was not
// served: for each step
//
//	load = Σ over settled pods (use − idle) + Σ over starting ones min(use − idle, what settled ones have on average)
//
// where no term is below zero and a pod that was not Ready has none. Where pods
// had no room left and requests are counted, it is at least cost × requests.
func (f *learner) arrived(d *Demand, line line) (load []float64, startUp float64) {
	mean := f.settledLoad(line)
	taken := make([]float64, f.grid.N)
	whole := make([]float64, f.grid.N) // the greatest part of the step that any pod is known for
	full := make([]bool, f.grid.N)
	for _, p := range f.table {
		for i, use := range p.use {
			k := p.from + i
			idle, _ := line(k)
			if math.IsNaN(use) {
				taken[k] += idle // bridged: see tally.bridge
				continue
			}
			own := max(0, use-idle)
			switch {
			case p.state[i]&unready != 0:
				own = 0
			case p.state[i]&starting != 0 && mean[k] >= 0:
				own = min(own, mean[k])
			}
			taken[k] += (use - own) * p.cover[i]
			if p.state[i]&starting != 0 {
				if p.state[i]&unready == 0 && mean[k] >= 0 {
					own = mean[k] // what it used less than others it did not use to start
				}
				startUp += (use - idle - own) * p.cover[i] * f.grid.Step.Seconds()
			}
			whole[k] = max(whole[k], p.cover[i])
			full[k] = full[k] || p.state[i]&saturated != 0
		}
	}
	load = make([]float64, f.grid.N)
	for k := range load {
		if whole[k] > 0 {
			taken[k] /= whole[k]
		}
		load[k] = max(0, d.sum[k]-taken[k])
		if full[k] && f.drive != nil && !f.drive.null(k) {
			_, cost := line(k)
			load[k] = max(load[k], cost*f.drive.sum[k])
		}
	}
	return load, startUp
}

// settledLoad is what pods that are not starting use besides idle, on average,
// in each step; negative where there is none.
func (f *learner) settledLoad(line line) []float64 {
	sum, n := make([]float64, f.grid.N), make([]float64, f.grid.N)
	for _, p := range f.table {
		for i, use := range p.use {
			if p.state[i]&starting == 0 && p.cover[i] > 0 {
				idle, _ := line(p.from + i)
				sum[p.from+i] += max(0, use-idle) * p.cover[i]
				n[p.from+i] += p.cover[i]
			}
		}
	}
	for k := range sum {
		if n[k] == 0 {
			sum[k] = -1
			continue
		}
		sum[k] /= n[k]
	}
	return sum
}

// answer replaces the recorded total of a demand by its load.
func (f *learner) answer(d *Demand) {
	m := &f.model
	var startUp float64
	total := d.sum
	d.sum, startUp = f.arrived(d, f.lineAt)
	if m.Births > 0 {
		m.StartUp = max(0, startUp/float64(m.Births))
	}
	m.Rebuilt = m.Understated > 0 && f.drive != nil && m.Cost.Value > 0
	if m.Method == Range && m.Idle.High > m.Idle.Low {
		high := *d
		high.sum = total
		d.high, _ = f.arrived(&high, func(int) (float64, float64) { return m.Idle.High, m.Cost.Low })
	}
	d.Model = m
}

// addShed completes what was asked for by what was turned away, where another
// metric counts that.
//
// A status that says so settles whether the driver counts it itself. Else it does
// if, while requests were turned away, it counts more than the CPU can have
// served: by more than half of those turned away.
func (f *learner) addShed() {
	m := &f.model
	if f.drive == nil || f.refused == nil {
		return
	}
	if m.CountsShed = slices.ContainsFunc(f.drive.used, func(s series.Series) bool { return turnedAway(s.Labels) }); m.CountsShed {
		return
	}
	index := byKey(f.refused)
	counted, served, shed := 0.0, 0.0, 0.0
	extra := make([]float64, f.grid.N)
	for _, p := range f.table {
		for i, units := range p.units {
			v, _ := index[p.key].value(p.from + i)
			idle, cost := f.lineAt(p.from + i)
			extra[p.from+i] += v
			if v > 0 && cost > 0 && !math.IsNaN(units) && !math.IsNaN(p.use[i]) {
				counted, served, shed = counted+units, served+(p.use[i]-idle)/cost, shed+v
			}
		}
	}
	if m.CountsShed = counted > served+shed/2; m.CountsShed || shed == 0 {
		return
	}
	for k, v := range extra {
		f.drive.sum[k] += v
	}
	f.drive.Notes = append(f.drive.Notes, "requests that were shed are not among those of "+f.drive.From+": they are added")
}
