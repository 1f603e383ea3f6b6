package tune

import (
	"context"
	"math"
	"runtime"
	"slices"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// Problem is what a search looks for: candidates of Space with little X and
// little Y that keep Budgets.
type Problem struct {
	Base
	Space   *Space
	X, Y    sim.Term
	Budgets []sim.Budget
}

// Options say how to search. Results depend on Candidates and Seed alone.
type Options struct {
	// Candidates is how many candidates are replayed at most; a space that has no
	// more is searched exhaustively.
	Candidates int
	Seed       uint64
	// Workers is how many replays run at the same time, 0 for one a core.
	Workers int
	// Progress is told, by the goroutine that called, how many candidates have
	// been replayed, of at most how many; may be nil.
	Progress func(done, most int)
}

// Found is what a search found.
type Found struct {
	// Points are the candidates that were replayed, in the order in which they
	// were chosen; Front are the indices of those that keep all budgets and that
	// no other beats, in order of X.
	Points []Point
	Front  []int
	// Exhaustive says that every candidate was replayed, or counted in what
	// follows: Equivalent to another one, Screened because a bound shows that the
	// front beats it, or Wrong because no API server would accept it.
	Exhaustive                  bool
	Equivalent, Screened, Wrong int64
	// Interrupted says that the search, or what followed it in a study, did not
	// come to its end.
	Interrupted bool
}

// batch is how many candidates are chosen at a time. Choices depend on all
// batches before, and never on the order in which replays end.
const batch = 64

// Search replays candidates until it has replayed enough, or all, or ctx is
// done.
func (p *Problem) Search(ctx context.Context, o Options) *Found {
	s := p.newSearch(o)
	if p.Space.Size() <= int64(o.Candidates) {
		s.exhaust(ctx)
	} else {
		s.sample(ctx)
	}
	s.found.Interrupted = ctx.Err() != nil
	return &s.found
}

func (p *Problem) newSearch(o Options) *search {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	return &search{
		Problem: p, Options: o, seen: map[string]bool{}, prepared: p.Base.World.Prepare(),
		bound: newBound(p), tried: map[string]bool{},
	}
}

// search is a search under way.
type search struct {
	*Problem
	Options
	prepared *sim.Prepared
	bound    bound
	found    Found
	// seen are the keys of the worlds that were chosen, tried the candidates that
	// were looked at.
	seen, tried map[string]bool
	// next are the candidates to be replayed next, and their worlds.
	next   []Candidate
	worlds []sim.World
}

// offer takes a candidate into the next batch, unless it need not be replayed.
func (s *search) offer(c Candidate) (taken bool) {
	name := string(c.bytes())
	if s.tried[name] {
		return false
	}
	s.tried[name] = true
	return s.take(c)
}

// take is offer for a candidate that was not looked at before.
func (s *search) take(c Candidate) bool {
	w, wrong := s.Space.World(&s.Base, c)
	if wrong != "" {
		s.found.Wrong++
		return false
	}
	key := s.Space.key(&w)
	if s.seen[key] {
		s.found.Equivalent++
		return false
	}
	s.seen[key] = true
	if s.beaten(s.bound.of(&w)) {
		s.found.Screened++
		return false
	}
	s.next, s.worlds = append(s.next, slices.Clone(c)), append(s.worlds, w)
	return true
}

// beaten says whether a point on the front beats a point.
func (s *search) beaten(p Point) bool {
	front := s.found.Front
	at, _ := slices.BinarySearchFunc(front, p.X, func(j int, x float64) int {
		if s.found.Points[j].X <= x {
			return -1
		}
		return 1
	})
	return at > 0 && s.found.Points[front[at-1]].Y <= p.Y
}

// room is how many candidates the next batch may still take.
func (s *search) room() int {
	return min(batch, s.Candidates-len(s.found.Points)) - len(s.next)
}

// exhaust replays the whole space.
func (s *search) exhaust(ctx context.Context) {
	for i := range s.Space.Size() {
		s.take(s.Space.At(i))
		if s.room() == 0 && !s.replay(ctx) {
			return
		}
	}
	s.found.Exhaustive = s.replay(ctx)
}

// replay replays the next batch; ok is false where it was interrupted. What was
// replayed until then counts.
func (s *search) replay(ctx context.Context) (ok bool) {
	points, done := s.scores(ctx)
	for i := range points {
		if !done[i] {
			continue
		}
		s.found.Points = append(s.found.Points, points[i])
		s.found.Front = enter(s.found.Front, s.found.Points, len(s.found.Points)-1)
	}
	s.next, s.worlds = s.next[:0], s.worlds[:0]
	return ctx.Err() == nil
}

// scores replays the worlds of a batch on all cores.
func (s *search) scores(ctx context.Context) (points []Point, done []bool) {
	n := len(s.next)
	points, done = make([]Point, n), make([]bool, n)
	jobs, ready := make(chan int, n), make(chan int, n)
	for i := range n {
		jobs <- i
	}
	close(jobs)
	workers := min(s.Workers, n)
	for range workers {
		go func() {
			for i := range jobs {
				if ctx.Err() == nil {
					points[i] = s.score(&s.worlds[i], s.next[i])
					done[i] = true
				}
				ready <- i
			}
		}()
	}
	before := len(s.found.Points)
	for i := range n {
		<-ready
		if s.Progress != nil && ctx.Err() == nil {
			s.Progress(before+i+1, s.Candidates)
		}
	}
	return points, done
}

// score replays one candidate.
func (s *search) score(w *sim.World, c Candidate) Point {
	score := s.prepared.Run(w)
	return s.judge(&score, c)
}

// judge makes a score a point.
func (p *Problem) judge(score *sim.Score, c Candidate) Point {
	out := Point{Candidate: c}
	out.X, _ = p.X.Of(score)
	out.Y, _ = p.Y.Of(score)
	for i := range p.Budgets {
		if miss := missOf(&p.Budgets[i], score); miss > out.Miss {
			out.Miss, out.Worst = miss, i
		}
	}
	return out
}

// missOf is by how much a score misses a budget, as a share of its limit.
func missOf(b *sim.Budget, score *sim.Score) float64 {
	v, known := b.Term.Of(score)
	switch {
	case !known:
		return math.Inf(1)
	case b.Holds(v):
		return 0
	}
	miss := math.Abs(v - b.Limit)
	if b.Limit != 0 {
		miss /= math.Abs(b.Limit)
	}
	return math.Max(miss, math.SmallestNonzeroFloat64) // v may be the limit itself
}

// bytes are a candidate as a key.
func (c Candidate) bytes() []byte {
	out := make([]byte, 0, 2*len(c))
	for _, v := range c {
		out = append(out, byte(v), byte(v>>8))
	}
	return out
}

// bound tells how little the objectives of a candidate can be, without a
// replay.
type bound struct {
	problem *Problem
	// short is for how long so many serving pods are too few.
	short []time.Duration
	// holds says that live pods follow spec.replicas, and nothing else.
	holds bool
	first time.Duration
}

func newBound(p *Problem) bound {
	w := p.Base.World
	c := &w.Autoscaler.Controller
	return bound{
		problem: p,
		short:   shortfall(needs(w)),
		holds:   len(w.Faults) == 0 && w.Pods.Initial > 0 && w.Follow == nil,
		first:   min(w.Duration, c.Profile.FirstSync(c.SyncPeriod)+w.SyncLatency),
	}
}

// of is a point that the candidate's own cannot beat. From the first sync on
// there are never fewer pods than min, for the controller mends that before it
// looks at metrics, and never more than max.
func (b *bound) of(w *sim.World) Point {
	if !b.holds || len(w.Faults) > 0 {
		return Point{X: math.Inf(-1), Y: math.Inf(-1)}
	}
	least := sim.Score{
		ReplicaMillis: int64(w.Pods.Initial)*b.first.Milliseconds() + int64(w.Autoscaler.Min)*(w.Duration.Milliseconds()-b.first.Milliseconds()-1),
		PodHourPrice:  w.PodHourPrice,
		HasCapacity:   true,
	}
	if most := int(max(w.Autoscaler.Max, w.Pods.Initial)); most < len(b.short) {
		least.Saturated = b.short[most]
	}
	var p Point
	p.X, _ = b.problem.X.Of(&least)
	p.Y, _ = b.problem.Y.Of(&least)
	return p
}
