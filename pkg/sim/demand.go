package sim

import (
	"math"
	"time"
)

// never is an instant that no world reaches.
const never = time.Duration(math.MaxInt64)

// at is the demand's value at t ≥ 0, whether it is absent, and the instant at
// which the next step begins.
func (d *Demand) at(t time.Duration) (value int64, null bool, until time.Duration) {
	i := int64(t / d.Step)
	if last := int64(len(d.Values)) - 1; i >= last {
		i, until = last, never
	} else {
		until = time.Duration(i+1) * d.Step
	}
	return d.Values[i], d.Null != nil && d.Null[i], until
}

// flow is one demand at one instant, split over the serving pods.
type flow struct {
	null  bool
	total int64
	// Each serving pod carries share; the rest oldest ones carry one more.
	share, rest int64
}

// seconds rounds a time down to the whole second, as the API's times are.
func seconds(t time.Duration) time.Duration {
	r := t % time.Second
	if r < 0 {
		r += time.Second
	}
	return t - r
}
