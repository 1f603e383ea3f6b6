package tune

import "math"

// Claim is whether a report proves that its choice is better than today's
// autoscaler, and if not, what is lacking first.
type Claim uint8

// The claims.
const (
	// Proven: on held-out days it costs less, with an interval that excludes zero,
	// at no more Y than today; and by more than the replay's own error.
	Proven Claim = iota
	// NoChoice: nothing but today's autoscaler is recommended.
	NoChoice
	// NotHeldOut: nothing was held out, or fewer than two days.
	NotHeldOut
	// Noise: the interval includes "no better".
	Noise
	// MoreY: it had more of Y on the held-out days than today's autoscaler, and
	// more than a budget allows.
	MoreY
	// BelowError: it saves less than the replay's own error against what was
	// recorded.
	BelowError
	// OneEnd: at the other end of what is not known of the load it is not better.
	OneEnd
)

// Claim says what the report proves. Where today's autoscaler breaks a budget
// that the choice keeps, less Y counts as better as well as less X.
func (r *Report) Claim() Claim {
	v := &r.Validation
	switch {
	case r.Choice.Candidate == nil || r.Choice.Verdict == NothingKeeps:
		return NoChoice
	case v.Refused != "" || !v.Known:
		return NotHeldOut
	case r.Ends.Known && !r.Ends.Holds:
		return OneEnd
	case r.Today.Miss > 0 && v.Extra.High < 0:
		return Proven
	case v.Cost.High >= 0:
		return Noise
	}
	if today, pick := v.Y.totals(); pick > math.Max(today, r.share()) {
		return MoreY
	}
	if s := r.Study; s.HasError && -v.Cost.Estimate <= s.Error {
		return BelowError
	}
	return Proven
}

// share is how much of Y a budget allows on the held-out days: as much of its
// limit as they are of the whole; 0 without such a budget.
func (r *Report) share() float64 {
	limit, budget := r.Study.limit(&r.Today)
	if !budget {
		return 0
	}
	held := 0.0
	for _, d := range r.Validation.X.Days {
		held += float64(d.To - d.From)
	}
	return limit * held / float64(r.Study.Base.World.Duration)
}
