package tune

import "time"

// Day is a day on the clock of the service's time zone, 23, 24 or 25 hours.
type Day struct {
	From, To time.Duration
	// Weekday is of its beginning, -1 where the date is not known.
	Weekday time.Weekday
}

// days are the whole days within [0, duration), in order. Where the start is
// not known they count from it.
func (b *Base) days(duration time.Duration) []Day {
	const length = 24 * time.Hour
	var list []Day
	if b.Start.IsZero() {
		for from := time.Duration(0); from+length <= duration; from += length {
			list = append(list, Day{from, from + length, -1})
		}
		return list
	}
	local := b.Start.In(b.Zone)
	midnight := func(i int) time.Time {
		return time.Date(local.Year(), local.Month(), local.Day()+i, 0, 0, 0, 0, b.Zone)
	}
	for i := 0; ; i++ {
		from, to := midnight(i), midnight(i+1)
		if to.Sub(b.Start) > duration {
			return list
		}
		if !from.Before(b.Start) {
			list = append(list, Day{from.Sub(b.Start), to.Sub(b.Start), from.Weekday()})
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
