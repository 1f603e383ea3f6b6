package tune

import "testing"

func TestSobolIsEvenOnEveryAxis(t *testing.T) {
	const k = 8
	for _, seed := range []uint64{0, 1, 99} {
		s := newSobol(maxParams, seed)
		var seen [maxParams][1 << k]int
		for range 1 << k {
			for d, u := range s.next() {
				seen[d][u>>(sobolBits-k)]++
			}
		}
		for d := range seen {
			for part, n := range seen[d] {
				if n != 1 {
					t.Fatalf("seed %d: %d of the first %d points are in part %d of axis %d", seed, n, 1<<k, part, d)
				}
			}
		}
	}
}

func TestSobolIsEvenInThePlane(t *testing.T) {
	s := newSobol(2, 5)
	var seen [16][16]int
	for range 256 {
		x := s.next()
		seen[x[0]>>28][x[1]>>28]++
	}
	for i := range seen {
		for j, n := range seen[i] {
			if n != 1 {
				t.Fatalf("%d points in square %d, %d", n, i, j)
			}
		}
	}
}
