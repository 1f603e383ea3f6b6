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

	// told is how many metrics Prometheus reads of each pod. Of a life there is a
	// count of each, and the samples of its last scrapes, depth of them.
	told, depth int
	count       []count
	samples     []uint64
	// great says whether a life's counts are so great that it can be told from
	// life 0 no more; nil: every life's.
	great func(life int) bool
	// gone are pods that are no more, whose samples a query may still find, if
	// somebody asks for them (mourns).
	mourns bool
	gone   []ghost
}

// ghost is a number of pods of one life that are gone, until so many more scrapes
// have not found them.
type ghost struct {
	life, left int
	pods       int64
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

func (l *lives) countsOf(life int) []count { return l.count[life*l.told : (life+1)*l.told] }

// samplesOf are a life's samples of one metric.
func (l *lives) samplesOf(life, metric int) []uint64 {
	first := (life*l.told + metric) * l.depth
	return l.samples[first : first+l.depth]
}

// allSamplesOf are a life's samples of all metrics.
func (l *lives) allSamplesOf(life int) []uint64 {
	return l.samples[life*l.told*l.depth : (life+1)*l.told*l.depth]
}

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
		l.count = append(l.count, make([]count, l.told)...)
		l.samples = append(l.samples, make([]uint64, l.told*l.depth)...)
	}
	if from >= 0 {
		copy(l.of(life), l.of(from))
		copy(l.countsOf(life), l.countsOf(from))
		copy(l.allSamplesOf(life), l.allSamplesOf(from))
		return life
	}
	clear(l.of(life))
	clear(l.countsOf(life))
	for i := range l.allSamplesOf(life) {
		l.allSamplesOf(life)[i] = absent
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
func (l *lives) same(a, b int) bool {
	return a == b || slices.Equal(l.of(a), l.of(b)) && slices.Equal(l.countsOf(a), l.countsOf(b)) &&
		slices.Equal(l.allSamplesOf(a), l.allSamplesOf(b))
}

// always says that pods have served for so long that nothing else matters, and
// returns the life of such pods, if what Prometheus counts allows it.
func (l *lives) always(life int) int {
	if life > 0 && (l.told == 0 || l.great(life)) {
		l.end(life)
		return 0
	}
	return life
}

// bury remembers n pods of a life that ends.
func (l *lives) bury(life int, n int64) {
	if !l.mourns || n == 0 {
		return
	}
	for i := range l.gone {
		if g := &l.gone[i]; slices.Equal(l.allSamplesOf(g.life), l.allSamplesOf(life)) {
			g.pods += n
			return
		}
	}
	l.gone = append(l.gone, ghost{life: l.begin(life), left: l.depth, pods: n})
}

// fade lets a scrape not find the pods that are gone; its samples are at a place.
func (l *lives) fade(place int) {
	kept := l.gone[:0]
	for _, g := range l.gone {
		if g.left--; g.left == 0 {
			l.end(g.life)
			continue
		}
		for metric := range l.told {
			l.samplesOf(g.life, metric)[place] = absent
		}
		kept = append(kept, g)
	}
	l.gone = kept
}
