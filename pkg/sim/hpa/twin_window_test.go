package hpa

import (
	"math"
	"slices"
)

func (w *twin) normalize(p int32) int32 {
	var stable, limited int32
	var why, limit string
	if w.spec.HasBehavior {
		stable, why = w.stableByRules(p)
		limited, limit = w.limitByRules(stable)
	} else {
		stable, why = w.stable(p)
		limited, limit = w.limit(stable)
	}
	stableText := map[string]string{
		"ReadyForNewScale":    "recommended size matches current size",
		"ScaleUpStabilized":   "recent recommendations were lower than current one, applying the lowest recent recommendation",
		"ScaleDownStabilized": "recent recommendations were higher than current one, applying the highest recent recommendation",
	}
	limitText := map[string]string{
		"DesiredWithinRange": "the desired count is within the acceptable range",
		"TooFewReplicas":     "the desired replica count is less than the minimum replica count",
		"TooManyReplicas":    "the desired replica count is more than the maximum replica count",
		"ScaleUpLimit":       "the desired replica count is increasing faster than the maximum scale rate",
		"ScaleDownLimit":     "the desired replica count is decreasing faster than the maximum scale rate",
	}
	w.condition("AbleToScale", "True", why, "%s", stableText[why])
	status := "False"
	if limited != stable {
		status = "True"
	}
	w.condition("ScalingLimited", status, limit, "%s", limitText[limit])
	return limited
}

func (w *twin) keep(p int32, old []int) {
	if len(old) > 0 {
		w.recs[old[len(old)-1]] = twinRec{p, w.now}
		return
	}
	w.recs = append(w.recs, twinRec{p, w.now})
}

func (w *twin) stable(p int32) (int32, string) {
	all, old := []int32{p}, []int(nil)
	for i, r := range w.recs {
		if w.now-r.at > w.spec.Controller.DownscaleStabilization {
			old = append(old, i)
		} else {
			all = append(all, r.replicas)
		}
	}
	w.keep(p, old)
	if best := slices.Max(all); best != p {
		return best, "ScaleDownStabilized"
	}
	return p, "ReadyForNewScale"
}

func (w *twin) stableByRules(p int32) (int32, string) {
	ups, downs, old := []int32{p}, []int32{p}, []int(nil)
	for i, r := range w.recs {
		age := w.now - r.at
		if age < w.spec.Up.Stabilization {
			ups = append(ups, r.replicas)
		}
		if age < w.spec.Down.Stabilization {
			downs = append(downs, r.replicas)
		}
		if age > w.spec.Up.Stabilization && age > w.spec.Down.Stabilization {
			old = append(old, i)
		}
	}
	w.keep(p, old)
	stable := min(max(w.cur, slices.Min(ups)), slices.Max(downs))
	switch {
	case stable == p:
		return stable, "ReadyForNewScale"
	case p < w.cur:
		return stable, "ScaleDownStabilized"
	default:
		return stable, "ScaleUpStabilized"
	}
}

func (w *twin) limit(p int32) (int32, string) {
	growth := twinInt32(math.Max(2*float64(w.cur), 4))
	top, why := growth, "ScaleUpLimit"
	if w.spec.Max <= growth {
		top, why = w.spec.Max, "TooManyReplicas"
	}
	if p < w.spec.Min {
		return w.spec.Min, "TooFewReplicas"
	}
	if p > top {
		return top, why
	}
	return p, "DesiredWithinRange"
}

func (w *twin) limitByRules(p int32) (int32, string) {
	if p > w.cur {
		limit := max(w.cur, w.allowed(w.spec.Up, +1))
		if w.spec.Max > limit && p > limit {
			return limit, "ScaleUpLimit"
		}
		if w.spec.Max <= limit && p > w.spec.Max {
			return w.spec.Max, "TooManyReplicas"
		}
	}
	if p < w.cur {
		limit := min(w.cur, w.allowed(w.spec.Down, -1))
		if w.spec.Min < limit && p < limit {
			return limit, "ScaleDownLimit"
		}
		if w.spec.Min >= limit && p < w.spec.Min {
			return w.spec.Min, "TooFewReplicas"
		}
	}
	return p, "DesiredWithinRange"
}

// allowed is how far the policies of one direction let the count go.
func (w *twin) allowed(rules Rules, direction int32) int32 {
	if rules.Select == SelectDisabled {
		return w.cur
	}
	var all []int32
	for _, policy := range rules.Policies {
		start := w.cur
		for _, e := range w.ups {
			if w.now-e.at < policy.Period && (direction > 0 || w.minor >= 26) {
				start -= e.change
			}
		}
		for _, e := range w.downs {
			if w.now-e.at < policy.Period && (direction < 0 || w.minor >= 26) {
				start += e.change
			}
		}
		switch {
		case policy.Type == PolicyPods:
			all = append(all, start+direction*policy.Value)
		case direction > 0:
			all = append(all, twinInt32(math.Ceil(float64(start)*(1+float64(policy.Value)/100))))
		default:
			all = append(all, twinInt32(math.Trunc(float64(start)*(1-float64(policy.Value)/100))))
		}
	}
	if (rules.Select == SelectMin) == (direction > 0) {
		return slices.Min(all)
	}
	return slices.Max(all)
}

// twinInt32 and twinInt64 convert as amd64 does.
func twinInt32(f float64) int32 {
	if math.IsNaN(f) || math.Trunc(f) > math.MaxInt32 || math.Trunc(f) < math.MinInt32 {
		return math.MinInt32
	}
	return int32(f)
}

func twinInt64(f float64) int64 {
	if math.IsNaN(f) || f >= 0x1p63 || f < -0x1p63 {
		return math.MinInt64
	}
	return int64(f)
}
