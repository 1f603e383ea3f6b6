package tune_test

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/elasticctl/elasticctl/internal/tune"
)

// rival is a method of searching, beside that of the package.
type rival func(l *lab, rng *rand.Rand, budget int) []tune.Point

// lab knows every candidate of a space, so that methods can be compared without
// replays.
type lab struct {
	p      *tune.Problem
	points map[string]tune.Point
	worst  [2]float64
	best   [2]float64
	front  [][2]float64
}

func newLab(tb testing.TB, text string) *lab {
	tb.Helper()
	l := &lab{p: problem(tb, text), points: map[string]tune.Point{}}
	found := l.p.Search(context.Background(), tune.Options{Candidates: 1 << 20})
	for _, point := range found.Points {
		l.points[l.p.Space.Text(point.Candidate)] = point
	}
	l.front = values(found)
	l.best = [2]float64{l.front[0][0], l.front[len(l.front)-1][1]}
	l.worst = [2]float64{l.front[len(l.front)-1][0], l.front[0][1]}
	return l
}

// at is a candidate's point; one that is equivalent to another is not known by
// its own name, and replayed.
func (l *lab) at(c tune.Candidate) tune.Point {
	name := l.p.Space.Text(c)
	point, known := l.points[name]
	if !known {
		w, _ := l.p.Space.World(&l.p.Base, c)
		s := w.Run(nil)
		point = tune.Point{Candidate: slices.Clone(c)}
		point.X, _ = l.p.X.Of(&s)
		point.Y, _ = l.p.Y.Of(&s)
		l.points[name] = point
	}
	return point
}

// measure is the share of the true front that points hold, and of the area that
// it dominates within its own frame.
func (l *lab) measure(points []tune.Point) (found, area float64) {
	front := plainFront(points)
	for _, v := range l.front {
		if slices.Contains(front, v) {
			found++
		}
	}
	return found / float64(len(l.front)), l.area(front) / l.area(l.front)
}

// area is what a front dominates up to the worst values of the true one.
func (l *lab) area(front [][2]float64) float64 {
	sum, y := 0.0, l.worst[1]
	for _, v := range front {
		if v[0] < l.worst[0] && v[1] < y {
			sum += (l.worst[0] - v[0]) * (y - v[1])
			y = v[1]
		}
	}
	return sum
}

func (l *lab) random(rng *rand.Rand) tune.Candidate {
	return l.p.Space.At(rng.Int64N(l.p.Space.Size()))
}

func randomly(l *lab, rng *rand.Rand, budget int) []tune.Point {
	var out []tune.Point
	for range budget {
		out = append(out, l.at(l.random(rng)))
	}
	return out
}

// evolution is NSGA-II without its crowding: generations of 60, parents by
// tournament on non-dominated rank, uniform crossover, mutation.
func evolution(l *lab, rng *rand.Rand, budget int) []tune.Point {
	const size = 60
	all := randomly(l, rng, size)
	parents := slices.Clone(all)
	for len(all) < budget {
		ranks := ranked(parents)
		pick := func() tune.Candidate {
			a, b := rng.IntN(len(parents)), rng.IntN(len(parents))
			if ranks[b] < ranks[a] {
				a = b
			}
			return parents[a].Candidate
		}
		var young []tune.Point
		for range min(size, budget-len(all)) {
			c, other := slices.Clone(pick()), pick()
			for d := range c {
				if rng.IntN(2) == 0 {
					c[d] = other[d]
				}
				if rng.IntN(len(c)) == 0 {
					n := len(l.p.Space.Params[d].Values)
					c[d] = uint16(min(max(int(c[d])+rng.IntN(7)-3, 0), n-1))
				}
			}
			young = append(young, l.at(c))
		}
		all = append(all, young...)
		parents = best(append(parents, young...), size)
	}
	return all
}

// ranked are non-dominated ranks: how many points beat each.
func ranked(points []tune.Point) []int {
	ranks := make([]int, len(points))
	for i, p := range points {
		for _, o := range points {
			if o.X <= p.X && o.Y <= p.Y && (o.X < p.X || o.Y < p.Y) {
				ranks[i]++
			}
		}
	}
	return ranks
}

// best are the points that the fewest beat, each candidate once.
func best(points []tune.Point, n int) []tune.Point {
	var once []tune.Point
	for _, p := range points {
		if !slices.ContainsFunc(once, func(o tune.Point) bool { return slices.Equal(o.Candidate, p.Candidate) }) {
			once = append(once, p)
		}
	}
	ranks := ranked(once)
	order := make([]int, len(once))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ranks[a], ranks[b]) })
	var out []tune.Point
	for _, i := range order[:min(n, len(order))] {
		out = append(out, once[i])
	}
	return out
}

// halving replays many candidates over a quarter of the time, and the third of
// them that the fewest beat over all of it.
func halving(l *lab, rng *rand.Rand, budget int) []tune.Point {
	// n/4 + n/3 replays are the budget.
	n := budget * 12 / 7
	var short []tune.Point
	for range n {
		c := l.random(rng)
		w, _ := l.p.Space.World(&l.p.Base, c)
		w.Duration /= 4
		s := w.Run(nil)
		point := tune.Point{Candidate: c}
		point.X, _ = l.p.X.Of(&s)
		point.Y, _ = l.p.Y.Of(&s)
		short = append(short, point)
	}
	var out []tune.Point
	for _, point := range best(short, n/3) {
		out = append(out, l.at(point.Candidate))
	}
	return out
}

// BenchmarkMethods compares methods on a space of 20,160 candidates whose true
// front is known: front-% of its points are found, area-% is dominated of what it
// dominates; means over five seeds. docs/tune.md has the table.
func BenchmarkMethods(b *testing.B) {
	l := newLab(b, "target.cpu=40..95/1,min=1..5,up.window=0s|60s|180s|300s,down.window=60s..1080s/60s")
	b.Logf("%d candidates, a front of %d", l.p.Space.Size(), len(l.front))
	methods := []struct {
		name string
		run  rival
	}{
		{"random", randomly},
		{"halving", halving},
		{"evolution", evolution},
		{"sobol+local", func(l *lab, rng *rand.Rand, budget int) []tune.Point {
			return l.p.Search(context.Background(), tune.Options{Candidates: budget, Seed: rng.Uint64()}).Points
		}},
	}
	for _, budget := range []int{300, 1000, 3000} {
		for _, m := range methods {
			b.Run(m.name+"/"+strconv.Itoa(budget), func(b *testing.B) {
				var found, area float64
				n := 0
				for b.Loop() {
					for seed := range uint64(5) {
						f, a := l.measure(m.run(l, rand.New(rand.NewPCG(seed, 9)), budget))
						found, area, n = found+f, area+a, n+1
					}
				}
				b.ReportMetric(100*found/float64(n), "front-%")
				b.ReportMetric(100*area/float64(n), "area-%")
			})
		}
	}
}
