package fit

import "math"

// HeldOut is how well the first half of a recording tells the second.
type HeldOut struct {
	// Changes is how many changes of the pod count were looked at, Pods how many
	// pods after them in all; 0: there was nothing to look at.
	Changes, Pods int
	// Error is the median of |use − predicted| ÷ use, over these pods.
	Error float64
}

// heldOut learns from the first half alone, and predicts what each pod uses after
// each change of the pod count in the second: as a replay would, from what all
// pods were asked for, divided evenly.
func (f *learner) heldOut(points []point) (h HeldOut) {
	half := f.grid.N / 2
	var first sums
	for _, q := range points {
		if (q.window+1)*f.per <= half {
			first.point(q.x, q.y)
		}
	}
	idle, cost, ok := first.line()
	if !ok || f.drive == nil || first.n < enoughWindows {
		return h
	}
	pods, use := f.fleet(unready | starting | rolling)
	long := max(1, int(jumpSpan/f.grid.Step))
	least := max(1, f.per)
	var apart []float64
	for _, run := range stretches(pods, use, least) {
		// Undisturbed pods of the same number just before are no change.
		if run.before < half || pods[run.before-1] == run.pods && !f.changed(run.before, pods) {
			continue
		}
		from, to := run.before, min(run.at, run.before+long)
		predicted, known := f.predict(from, to, run.pods, idle, cost)
		if !known {
			continue
		}
		h.Changes++
		for _, p := range f.table {
			if got, ok := p.mean(from, to); ok && got > 0 {
				apart = append(apart, math.Abs(got-predicted)/got)
			}
		}
	}
	if h.Pods = len(apart); h.Pods > 0 {
		h.Error = median(apart)
	}
	return h
}

// changed says whether the number of pods changed, or a pod came, while those
// before a step were disturbed.
func (f *learner) changed(step int, pods []int) bool {
	settle := int((max(settling, 2*f.grid.Step) + f.grid.Step - 1) / f.grid.Step)
	for k := max(1, step-2*settle); k <= step; k++ {
		if pods[k] != pods[k-1] {
			return true
		}
	}
	return false
}

// predict is what a model says that each of so many pods uses from one step to
// before another.
func (f *learner) predict(from, to, pods int, idle, cost float64) (use float64, ok bool) {
	asked := 0.0
	for k := from; k < to; k++ {
		if f.drive.null(k) {
			return 0, false
		}
		asked += f.drive.sum[k]
	}
	use = idle + cost*asked/float64(to-from)/float64(pods)
	if f.capped > 0 {
		use = min(use, f.capped)
	}
	return use, true
}

// mean is what a pod used on average from one step to before another, if it is
// known throughout.
func (p *podUse) mean(from, to int) (float64, bool) {
	if from < p.from || to > p.until() {
		return 0, false
	}
	sum := 0.0
	for k := from; k < to; k++ {
		sum += p.use[k-p.from]
	}
	return sum / float64(to-from), !math.IsNaN(sum)
}
