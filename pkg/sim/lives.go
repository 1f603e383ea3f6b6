package sim

import "slices"

// lives are what pods used of each series since they run, and how that stood at
// the last scrapes. A group's pods have lived alike, so that a group has one
// life; life 0 is that of a pod which has always served.
type lives struct {
	// series is how many series a life has; 0 where nobody scrapes.
	series int
	// use holds the lives one after another, each with one use a series.
	use  []use
	free []int
}

// scrapes is how many of a pod's last scrapes are kept: the rate that is read
// may end at the last but one, and begins one before that.
const scrapes = 3

// use is what a pod used of one series.
type use struct {
	// now is what it used up to now, in the series' unit × 10⁻⁶ × milliseconds,
	// modulo 2⁶⁴.
	now uint64
	// at is the same at the last scrapes, the latest first, and gauge what the pod
	// held then, in whole base units.
	at    [scrapes]uint64
	gauge [scrapes]int64
}

// of are a life's uses, one a series.
func (l *lives) of(life int) []use { return l.use[life*l.series : (life+1)*l.series] }

// begin makes a life that is a copy of another, or nothing yet where from is
// negative.
func (l *lives) begin(from int) int {
	if l.series == 0 {
		return 0
	}
	life := len(l.use) / l.series
	if n := len(l.free); n > 0 {
		life, l.free = l.free[n-1], l.free[:n-1]
	} else {
		l.use = append(l.use, make([]use, l.series)...)
	}
	if from < 0 {
		clear(l.of(life))
	} else {
		copy(l.of(life), l.of(from))
	}
	return life
}

// end forgets a life.
func (l *lives) end(life int) {
	if life > 0 {
		l.free = append(l.free, life)
	}
}

// same says whether two lives are alike.
func (l *lives) same(a, b int) bool { return slices.Equal(l.of(a), l.of(b)) }
