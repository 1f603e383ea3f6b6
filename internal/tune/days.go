package tune

import "time"

// Day is a day on the clock of the service's time zone, 23, 24 or 25 hours.
type Day struct {
	From, To time.Duration
	// Weekday is of its beginning, -1 where the date is not known.
	Weekday time.Weekday
}

// slack is how much a day may lack at the beginning or the end of the load and be a
// whole one: a step, for of what is counted the last one, or the first, is not known.
func (b *Base) slack() time.Duration {
	const most = 15 * time.Minute
	step := time.Duration(0)
	for i := range b.World.Demand {
		step = max(step, b.World.Demand[i].Step)
	}
	return min(step, most)
}

// days are the whole days within [0, duration), in order, but for slack. Where the
// start is not known they count from it.
func (b *Base) days(duration time.Duration) []Day {
	const length = 24 * time.Hour
	var list []Day
	if b.Start.IsZero() {
		for from := time.Duration(0); from+length <= duration+b.slack(); from += length {
			list = append(list, Day{from, min(from+length, duration), -1})
		}
		return list
	}
	local := b.Start.In(b.Zone)
	midnight := func(i int) time.Time {
		return time.Date(local.Year(), local.Month(), local.Day()+i, 0, 0, 0, 0, b.Zone)
	}
	for i := 0; ; i++ {
		from, to := midnight(i), midnight(i+1)
		if to.Sub(b.Start) > duration+b.slack() {
			return list
		}
		if !from.Before(b.Start.Add(-b.slack())) {
			list = append(list, Day{max(0, from.Sub(b.Start)), min(to.Sub(b.Start), duration), from.Weekday()})
		}
	}
}

// bounds are the beginnings of days that follow each other, and the end of the
// last.
func bounds(days []Day) []time.Duration {
	list := []time.Duration{days[0].From}
	for _, d := range days {
		list = append(list, d.To)
	}
	return list
}
