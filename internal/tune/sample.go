package tune

import (
	"context"
	"math/rand/v2"
	"slices"
)

// sampleShare is the part of the candidates that fill the space evenly; the
// others are looked for around the front. docs/tune.md has the measurements
// behind it.
const sampleShare = 0.3

// sample fills the space, and then looks around the front.
func (s *search) sample(ctx context.Context) {
	points := newSobol(len(s.Space.Params), s.Seed)
	s.offer(s.today())
	even := max(batch, int(sampleShare*float64(s.Candidates)))
	for len(s.found.Points) < min(even, s.Candidates) {
		if !s.spread(points, batch) {
			break
		}
		if !s.replay(ctx) {
			return
		}
	}
	rng := rand.New(rand.NewPCG(s.Seed, 1))
	for len(s.found.Points) < s.Candidates {
		s.around(rng)
		if len(s.next) < batch/4 {
			s.spread(points, batch/4-len(s.next))
		}
		if len(s.next) == 0 || !s.replay(ctx) {
			return
		}
	}
}

// today is the candidate nearest to today's autoscaler.
func (s *search) today() Candidate {
	c := make(Candidate, len(s.Space.Params))
	for i := range s.Space.Params {
		p := &s.Space.Params[i]
		v, known := p.today(s.Base.World)
		if !known {
			continue
		}
		for j, w := range p.Values {
			if abs(w-v) < abs(p.Values[c[i]]-v) {
				c[i] = uint16(j)
			}
		}
	}
	return c
}

func abs(v int64) int64 { return max(v, -v) }

// spread offers points of the sequence until some were taken; it gives up where
// the space seems to have no more.
func (s *search) spread(points *sobol, want int) (some bool) {
	c := make(Candidate, len(s.Space.Params))
	taken := 0
	for tries := 0; tries < 100*batch && taken < want && s.room() > 0; tries++ {
		for d, u := range points.next() {
			c[d] = uint16(uint64(u) * uint64(len(s.Space.Params[d].Values)) >> 32)
		}
		if s.offer(c) {
			taken++
		}
	}
	return len(s.next) > 0
}

// around offers neighbours of the front: first those one step away in one
// parameter, then in two, then farther ones and mixtures of two that lie side by
// side.
func (s *search) around(rng *rand.Rand) {
	centres := s.centres()
	if len(centres) == 0 {
		return
	}
	s.beside(centres)
	s.diagonal(centres)
	for tries := 0; tries < 20*batch && s.room() > 0; tries++ {
		at := rng.IntN(len(centres))
		c := slices.Clone(centres[at])
		if tries%3 == 0 && at+1 < len(centres) {
			for d := range c {
				if rng.IntN(2) == 0 {
					c[d] = centres[at+1][d]
				}
			}
		}
		// One parameter or two move, rarely far.
		for range 1 + rng.IntN(2) {
			d := rng.IntN(len(c))
			n := len(s.Space.Params[d].Values)
			far := 1 + rng.IntN(1+rng.IntN(max(1, n/2)))
			if rng.IntN(2) == 0 {
				far = -far
			}
			c[d] = uint16(min(max(int(c[d])+far, 0), n-1))
		}
		s.offer(c)
	}
}

// beside offers what is one step away from the front in one parameter.
func (s *search) beside(centres []Candidate) {
	for _, centre := range centres {
		for d := range centre {
			for _, step := range []int{-1, 1} {
				v := int(centre[d]) + step
				if v < 0 || v >= len(s.Space.Params[d].Values) || s.room() == 0 {
					continue
				}
				c := slices.Clone(centre)
				c[d] = uint16(v)
				s.offer(c)
			}
		}
	}
}

// diagonal offers what is one step away from the front in two parameters.
func (s *search) diagonal(centres []Candidate) {
	for _, centre := range centres {
		for d := range centre {
			for e := range d {
				for _, step := range [][2]int{{-1, -1}, {-1, 1}, {1, -1}, {1, 1}} {
					v, w := int(centre[d])+step[0], int(centre[e])+step[1]
					if v < 0 || w < 0 || v >= len(s.Space.Params[d].Values) || w >= len(s.Space.Params[e].Values) || s.room() == 0 {
						continue
					}
					c := slices.Clone(centre)
					c[d], c[e] = uint16(v), uint16(w)
					s.offer(c)
				}
			}
		}
	}
}

// mostCentres bounds the candidates that are looked around at a time.
const mostCentres = 64

// centres are the candidates on the front, evenly along it; where no candidate
// keeps the budgets, those that miss them least.
func (s *search) centres() []Candidate {
	f := &s.found
	list := f.Front
	if len(list) == 0 {
		list = f.nearest(8)
	}
	step := max(1, (len(list)+mostCentres-1)/mostCentres)
	var out []Candidate
	for i := 0; i < len(list); i += step {
		out = append(out, f.Points[list[i]].Candidate)
	}
	return out
}

// nearest are the points that miss budgets least.
func (f *Found) nearest(n int) []int {
	all := make([]int, len(f.Points))
	for i := range all {
		all[i] = i
	}
	slices.SortStableFunc(all, func(a, b int) int {
		p, q := &f.Points[a], &f.Points[b]
		switch {
		case p.Miss < q.Miss || p.Miss == q.Miss && p.X < q.X:
			return -1
		case p.Miss > q.Miss || p.X > q.X:
			return 1
		}
		return 0
	})
	return all[:min(n, len(all))]
}
