package tune

// The sequence of Sobol fills a cube evenly, however many of its points are
// taken: the first 2^k points have exactly one coordinate in each of 2^k equal
// parts of every axis. Direction numbers are those of S. Joe and F. Y. Kuo,
// "Constructing Sobol sequences with better two-dimensional projections", SIAM
// J. Sci. Comput. 30 (2008), file new-joe-kuo-6.21201.

const sobolBits = 32

// direction is a primitive polynomial of the degree len(m), whose inner
// coefficients are the bits of a, and the first direction numbers.
type direction struct {
	a uint32
	m []uint32
}

// directions are those of the second dimension and those after it.
func directions() [maxParams - 1]direction {
	return [...]direction{
		{0, []uint32{1}},
		{1, []uint32{1, 3}},
		{1, []uint32{1, 3, 1}},
		{2, []uint32{1, 1, 1}},
		{1, []uint32{1, 1, 3, 3}},
		{4, []uint32{1, 3, 5, 13}},
		{2, []uint32{1, 1, 5, 5, 17}},
		{4, []uint32{1, 1, 5, 5, 5}},
		{7, []uint32{1, 1, 7, 11, 19}},
		{11, []uint32{1, 1, 5, 1, 1}},
		{13, []uint32{1, 1, 1, 3, 11}},
		{14, []uint32{1, 3, 5, 5, 31}},
		{1, []uint32{1, 3, 3, 9, 7, 49}},
		{13, []uint32{1, 1, 1, 15, 21, 21}},
		{16, []uint32{1, 3, 1, 13, 27, 49}},
		{19, []uint32{1, 1, 1, 15, 7, 5}},
		{22, []uint32{1, 3, 1, 15, 13, 25}},
		{25, []uint32{1, 1, 5, 5, 19, 61}},
		{1, []uint32{1, 3, 7, 11, 23, 15, 103}},
		{4, []uint32{1, 3, 7, 13, 13, 15, 69}},
	}
}

// sobol walks along the sequence, shifted by a seed: coordinates are xored with
// numbers that the seed gives, which keeps them even.
type sobol struct {
	v     [][sobolBits]uint32
	x     []uint32
	index uint32
}

func newSobol(dimensions int, seed uint64) *sobol {
	s := &sobol{v: make([][sobolBits]uint32, dimensions), x: make([]uint32, dimensions)}
	list := directions()
	for d := range s.v {
		v := &s.v[d]
		if d == 0 {
			for i := range v {
				v[i] = 1 << (sobolBits - 1 - i)
			}
		} else {
			list[d-1].fill(v)
		}
		s.x[d] = uint32(mix(seed+uint64(d)) >> 32)
	}
	return s
}

// fill computes direction numbers by the recurrence of the polynomial.
func (p *direction) fill(v *[sobolBits]uint32) {
	degree := len(p.m)
	for i := range v {
		if i < degree {
			v[i] = p.m[i] << (sobolBits - 1 - i)
			continue
		}
		v[i] = v[i-degree] ^ v[i-degree]>>degree
		for k := 1; k < degree; k++ {
			if p.a>>(degree-1-k)&1 == 1 {
				v[i] ^= v[i-k]
			}
		}
	}
}

// next is the next point, coordinates from 0 to 2^32-1. It is valid until the
// next call.
func (s *sobol) next() []uint32 {
	if s.index > 0 {
		c := 0 // the lowest bit of index-1 that is 0
		for n := s.index - 1; n&1 == 1; n >>= 1 {
			c++
		}
		for d := range s.x {
			s.x[d] ^= s.v[d][c]
		}
	}
	s.index++
	return s.x
}

// mix scrambles a number (the finisher of SplitMix64).
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
