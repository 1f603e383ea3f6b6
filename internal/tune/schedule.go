package tune

import (
	"strconv"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// Schedule is a time that comes back on some days of the week, on the clock of
// the service's time zone: from From to To, or past midnight where To is not
// after From.
type Schedule struct {
	// Days are the weekdays on which it begins, a bit each from Sunday on.
	Days uint8
	// From and To are minutes since midnight.
	From, To int
}

const scheduleHint = "write floor[Mon-Fri 08:00-20:00], floor[Sat,Sun 10:00-18:00] or floor[08:00-20:00]"

// floor reads a scheduled floor, whose schedule begins at a byte of its name.
func (b *Base) floor(e *Entry, at int) (Param, *SearchError) {
	p := Param{Kind: KindFloor, Name: e.name.text, unit: podsUnit(1)}
	inner, closed := strings.CutSuffix(e.name.text[at+1:], "]")
	if !closed {
		return p, e.fail(e.name.at, "the schedule has no end", scheduleHint)
	}
	s, ok := parseSchedule(inner)
	if !ok {
		return p, e.fail(e.name.at, strconv.Quote(clip(inner))+" is no schedule", scheduleHint)
	}
	if b.Start.IsZero() {
		return p, e.fail(e.name.at, "it is not known on which day the load begins", "give --start, or spec.start")
	}
	p.Schedule = s
	var err *SearchError
	p.Values, err = p.unit.grid(e)
	return p, err
}

// parseSchedule reads "Mon-Fri 08:00-20:00".
func parseSchedule(text string) (Schedule, bool) {
	s := Schedule{Days: 1<<7 - 1}
	fields := strings.Fields(text)
	if len(fields) == 2 {
		days, ok := weekdays(fields[0])
		if !ok {
			return s, false
		}
		s.Days, fields = days, fields[1:]
	}
	if len(fields) != 1 {
		return s, false
	}
	from, to, found := strings.Cut(fields[0], "-")
	var ok1, ok2 bool
	s.From, ok1 = clockTime(from)
	s.To, ok2 = clockTime(to)
	return s, found && ok1 && ok2 && s.From != s.To && s.From < 24*60
}

// weekdays reads "Mon-Fri" or "Sat,Sun".
func weekdays(text string) (set uint8, ok bool) {
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, ok1 := weekday(first)
		to, ok2 := weekday(last)
		if !ok1 || !ok2 {
			return 0, false
		}
		for d := from; ; d = (d + 1) % 7 {
			set |= 1 << d
			if d == to {
				break
			}
		}
	}
	return set, true
}

func weekday(text string) (time.Weekday, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if text == d.String()[:3] {
			return d, true
		}
	}
	return 0, false
}

// clockTime reads "08:00", up to "24:00", in minutes.
func clockTime(text string) (int, bool) {
	h, m, found := strings.Cut(text, ":")
	hours, ok1 := whole(h)
	minutes, ok2 := whole(m)
	ok := found && ok1 && ok2 && len(h) == 2 && len(m) == 2 && minutes < 60 && hours*60+minutes <= 24*60
	return int(hours*60 + minutes), ok
}

// Cron are the beginning and the end of the schedule as cron writes them.
func (s Schedule) Cron() (start, end string) {
	shift := 0
	if s.To >= 24*60 || s.To < s.From {
		shift = 1
	}
	at := func(minutes, shift int) string {
		var days []string
		for d := range 7 {
			if s.Days&(1<<((d+7-shift)%7)) != 0 {
				days = append(days, strconv.Itoa(d))
			}
		}
		on := strings.Join(days, ",")
		if len(days) == 7 {
			on = "*"
		}
		return strconv.Itoa(minutes%60) + " " + strconv.Itoa(minutes/60%24) + " * * " + on
	}
	return at(s.From, 0), at(s.To, shift)
}

// Within are the times in [0, duration) in which the schedule holds, in order.
// A clock time that a day lacks, because clocks were put forward then, is the
// instant that many minutes after midnight would have been without that.
func (s Schedule) Within(start time.Time, zone *time.Location, duration time.Duration) []sim.Span {
	var list []sim.Span
	local := start.In(zone)
	length := s.To - s.From
	if length < 0 {
		length += 24 * 60
	}
	// From the day before on, whose time may reach past midnight.
	for i := -1; ; i++ {
		day := time.Date(local.Year(), local.Month(), local.Day()+i, 0, 0, 0, 0, zone)
		from := time.Date(day.Year(), day.Month(), day.Day(), 0, s.From, 0, 0, zone).Sub(start)
		to := time.Date(day.Year(), day.Month(), day.Day(), 0, s.From+length, 0, 0, zone).Sub(start)
		if from >= duration {
			return list
		}
		if s.Days&(1<<day.Weekday()) == 0 || to <= 0 {
			continue
		}
		list = append(list, sim.Span{From: max(0, from), To: min(to, duration)})
	}
}
