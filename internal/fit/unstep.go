package fit

import (
	"math"
	"slices"
	"time"

	"github.com/elasticctl/elasticctl/internal/series"
)

// unstep undoes the stairs of a counter that was recorded more often than it was
// updated: a query_range at 15 s over scrapes of 30 s, or a kubelet that
// refreshes its figures only so often. Read as it stands, such a counter gains
// nothing in one step and twice as much in the next. The repetitions go; a
// counter that stands still for longer than it takes to refresh has really
// gained nothing. It returns the interval of the updates, 0 where there are no
// stairs; stairs wider than the look-back stay, for that much may happen between
// two jobs.
func unstep(s series.Series) (series.Series, time.Duration) {
	tread, step := stairs(&s)
	if tread == 0 || tread > series.Lookback.Milliseconds() {
		return s, time.Duration(tread) * time.Millisecond
	}
	return unrepeated(s, tread+step/2), time.Duration(tread) * time.Millisecond
}

// unstepAt is unstep where the interval of the updates is known, in milliseconds.
func unstepAt(s series.Series, tread int64) series.Series {
	return unrepeated(s, tread+s.Step().Milliseconds()/2)
}

// unrepeated leaves out the repetitions of a value within some milliseconds.
func unrepeated(s series.Series, tread int64) series.Series {
	out := series.Series{Labels: s.Labels, Source: s.Source}
	last := 0 // the sample kept last
	for i, v := range s.Values {
		if i > 0 && v == s.Values[last] && s.Times[i]-s.Times[last] <= tread {
			continue
		}
		out.Times, out.Values = append(out.Times, s.Times[i]), append(out.Values, v)
		last = i
	}
	return out
}

// stairs returns how far apart a counter's changes are, if they come as
// regularly as scrapes do and not with every sample, and the interval of the
// samples, both in milliseconds. Nine in ten changes must be a multiple of the
// median distance apart, and six in ten the distance itself: what changes by
// chance does not keep to that.
func stairs(s *series.Series) (tread, step int64) {
	var apart []int64
	last := int64(-1)
	for i := 1; i < len(s.Values); i++ {
		if s.Values[i] == s.Values[i-1] || math.IsNaN(s.Values[i]) || math.IsNaN(s.Values[i-1]) {
			continue
		}
		if last >= 0 {
			apart = append(apart, s.Times[i]-last)
		}
		last = s.Times[i]
	}
	const enough = 10
	step = s.Step().Milliseconds()
	if len(apart) < enough || step == 0 {
		return 0, 0
	}
	slices.Sort(apart)
	tread = apart[len(apart)/2]
	if 2*tread < 3*step {
		return 0, 0
	}
	once, multiple := 0, 0
	for _, d := range apart {
		k := (d + tread/2) / tread
		if k > 0 && 2*max(d-k*tread, k*tread-d) <= step {
			multiple++
			if k == 1 {
				once++
			}
		}
	}
	if 10*multiple < 9*len(apart) || 10*once < 6*len(apart) {
		return 0, 0
	}
	return tread, step
}
