package sim

import (
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// scraper is metrics-server (sigs.k8s.io/metrics-server, pkg/storage): it scrapes
// every container each resolution, keeps the last two points of each, and answers
// with cpu as the rate between them and memory as it stood at the last.
type scraper struct {
	w      *World
	fleet  *fleet
	queues *queues
	// next is the next scrape, of metrics-server or of Prometheus; points is that of
	// the former. now is up to when the lives are right.
	next, points, now time.Duration
	// series are the indices of the demands of which lives know the use, the first
	// own of them metrics-server's; place is where each is among them, and so in
	// every life; seen is what of a queue's work was already accounted for.
	series []int
	own    int
	place  []int
	seen   []uint64
	// blind says of the last scrapes that they found nothing.
	blind [scrapes]bool
	// prometheus scrapes the same pods.
	prometheus prometheus
}

// freshContainer is the age from which a container's first point has a rate of
// its own: upstream's freshContainerMinMetricsResolution.
const freshContainer = 10 * time.Second

func (s *scraper) on() bool { return s.w.Pipeline.Kind != PipelineIdeal }

// prepare sets up the lives, before the fleet is founded.
func (s *scraper) prepare(w *World, f *fleet, q *queues) {
	s.w, s.fleet, s.queues, s.next = w, f, q, never
	if !s.on() {
		return
	}
	s.place = make([]int, len(w.Demand))
	for i := range w.Demand {
		if d := &w.Demand[i]; d.Source == hpa.SourceResource {
			s.place[i] = len(s.series)
			s.series = append(s.series, i)
			q.list[i].scraped, q.list[i].counts = true, d.Name == "cpu"
		}
	}
	s.own = len(s.series)
	f.history = (scrapes + 1) * w.Pipeline.Resolution
	s.series = append(s.series, s.prometheus.prepare(w, f, q, s.own)...)
	f.lives.series = max(1, len(s.series))
	f.lives.begin(-1)
	s.seen = make([]uint64, len(s.series))
}

// recall lives through the scrapes before t=0, as if things had always been so:
// the first step's values, and the pods that were there.
func (s *scraper) recall() {
	if !s.on() {
		return
	}
	r := s.w.Pipeline.Resolution
	s.now = -scrapes * r
	if s.prometheus.on() {
		s.now = min(s.now, -time.Duration(s.prometheus.depth)*s.w.Pipeline.Interval)
	}
	s.points = -(-s.now / r) * r
	s.fleet.transition(s.now)
	if s.prometheus.on() {
		s.prometheus.begin(s.fleet.groups, s.now)
	}
	s.next = min(s.points, s.prometheus.next)
	for at := s.now; at < 0; at = min(s.next, s.fleet.due) {
		s.pass(at)
		s.fleet.transition(at)
		s.queues.serve(0, s.fleet.serving)
		s.scrape(at)
	}
	s.pass(0)
}

// pass accounts for what pods used until now, at which nothing has changed yet.
func (s *scraper) pass(now time.Duration) {
	if !s.on() || now <= s.now {
		return
	}
	passed := millis(now) - millis(s.now)
	if now > 0 {
		s.queues.advance(now)
	}
	for i, demand := range s.series {
		q := &s.queues.list[demand]
		did := q.each - s.seen[i]
		if s.seen[i] = q.each; now <= 0 {
			did = q.steady() * uint64(passed)
		}
		if q.counts {
			s.use(i, did, passed)
		}
	}
	s.now = now
}

// millis is an instant in whole milliseconds, rounded down, also before 0.
func millis(t time.Duration) int64 {
	if t < 0 {
		return -(-t + time.Millisecond - 1).Milliseconds()
	}
	return t.Milliseconds()
}

// use lets the pods of all groups use a series for some milliseconds, in which
// each that serves did so much.
func (s *scraper) use(series int, did uint64, passed int64) {
	d := &s.w.Demand[s.series[series]]
	parts := s.queues.list[s.series[series]].parts
	idle := uint64(d.Idle * parts * passed)
	served := did + idle
	l := &s.fleet.lives
	l.of(0)[series].now += served
	for i := range s.fleet.groups {
		g := &s.fleet.groups[i]
		switch {
		case g.life == 0 || g.phase != hpa.PhaseRunning:
		case d.Role == RolePerPod || g.serving():
			l.of(g.life)[series].now += served
		case g.terminating:
			l.of(g.life)[series].now += idle
		case !d.NotReadyNone:
			l.of(g.life)[series].now += uint64(d.NotReady * parts * passed)
		}
	}
}

// scrape takes the points of all containers, if it is time. The instant's
// transitions are over, its sync is not.
func (s *scraper) scrape(now time.Duration) {
	if now != s.next {
		return
	}
	if now >= 0 {
		s.queues.settle(now)
	}
	if now == s.points {
		s.points += s.w.Pipeline.Resolution
		s.takeAll()
	}
	if now == s.prometheus.next && s.prometheus.scrape(s.fleet.groups, now) {
		s.fleet.settle()
	}
	s.next = min(s.points, s.prometheus.next)
}

// takeAll takes metrics-server's points.
func (s *scraper) takeAll() {
	copy(s.blind[1:], s.blind[:])
	s.blind[0] = false
	for _, i := range s.series[:s.own] {
		s.blind[0] = s.blind[0] || s.queues.list[i].null
	}
	s.take(0, nil)
	for i := range s.fleet.groups {
		if g := &s.fleet.groups[i]; g.life > 0 {
			s.take(g.life, g)
		}
	}
}

// take takes the point of one life; no group is one that serves.
func (s *scraper) take(life int, g *group) {
	uses := s.fleet.lives.of(life)
	for i, demand := range s.series[:s.own] {
		u, q := &uses[i], &s.queues.list[demand]
		if q.counts {
			copy(u.at[1:], u.at[:])
			u.at[0] = u.now
			continue
		}
		copy(u.gauge[1:], u.gauge[:])
		u.gauge[0] = q.holds(g)
	}
}

// holds is what a pod holds of a gauge now, in whole base units; no group is one
// that serves.
func (q *queue) holds(g *group) int64 {
	d, own := q.d, q.d.Idle
	switch {
	case g != nil && g.phase != hpa.PhaseRunning:
		return 0
	case d.Role == RolePerPod:
		own = q.value
	case g == nil || g.serving():
		if q.pods > 0 {
			total := work(q.rate(), d.Scale).Plus(work(d.Idle*d.Scale, q.pods))
			each, _ := total.over(1000 * q.pods)
			return each
		}
	case !g.terminating:
		own = d.NotReady
	}
	return own * d.Scale / 1000
}

// point is which points of a group's containers are read at a sync.
type point struct {
	// at is when the last one was taken, window how long before it the other
	// one, and seen whether there are two.
	at, window time.Duration
	seen       bool
	// last is the place of the last one among the scrapes kept; first says that
	// the other one is the container's start.
	last  int
	first bool
}

// point finds a group's points, as upstream's podStorage.Store keeps them.
func (s *scraper) point(g *group, now time.Duration) point {
	r := s.w.Pipeline.Resolution
	p := point{at: now - now%r, window: r}
	if now-p.at < s.w.Pipeline.Age {
		p.at, p.last = p.at-r, 1
	}
	start := g.born + g.pending
	age := p.at - start
	switch {
	case g.phase != hpa.PhaseRunning || s.blind[p.last]:
	case age > 0 && age < r && age >= freshContainer:
		p.seen, p.first, p.window = true, true, age
	default:
		p.seen = start < p.at-r && !s.blind[p.last+1]
	}
	return p
}

// milli is what is read of one demand at a group's points, in milli-units.
func (s *scraper) milli(demand int, g *group, p point) int64 {
	u := &s.fleet.lives.of(g.life)[s.place[demand]]
	d := &s.w.Demand[demand]
	if d.Name != "cpu" {
		return u.gauge[p.last] * 1000
	}
	used := u.at[p.last]
	if !p.first {
		used -= u.at[p.last+1]
	}
	return nanoRate(used*uint64(d.Scale), p.window)
}

// nanoRate is upstream's resourceUsage: from nano-units × milliseconds to a rate
// in whole nano-units, which a Quantity then rounds up to milli-units.
func nanoRate(used uint64, window time.Duration) int64 {
	nano := uint64(float64(used/1000) / window.Seconds())
	return int64((nano + 999_999) / 1_000_000)
}
