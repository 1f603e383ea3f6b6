package series

import (
	"math"
	"math/bits"
	"strconv"
)

// pow10 holds the powers of ten that fit into 64 bits.
var pow10 = [...]uint64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// parseFloat is strconv.ParseFloat(string(b), 64), bit for bit, and quicker for
// what Prometheus writes: at most 19 digits, no exponent. A value out of range
// is an error.
func parseFloat(b []byte) (float64, error) {
	if m, frac, neg, ok := decimal(b); ok {
		return ratio(m, frac, neg), nil
	}
	return strconv.ParseFloat(string(b), 64)
}

// decimal reads [-]digits[.digits] of 1 to 19 digits: the value is m/10^frac.
func decimal(b []byte) (m uint64, frac int, neg, ok bool) {
	i := 0
	if i < len(b) && b[i] == '-' {
		neg, i = true, 1
	}
	m, end := digits(b, i, 0)
	count := end - i
	if end < len(b) && b[end] == '.' {
		i = end + 1
		m, end = digits(b, i, m)
		frac = end - i
		count += frac
	}
	return m, frac, neg, end == len(b) && count >= 1 && count < len(pow10)
}

// ratio returns m/10^frac, rounded to the nearest float64, halves to even. frac
// is at most 19.
func ratio(m uint64, frac int, neg bool) float64 {
	var f float64
	switch {
	case frac == 0:
		f = float64(m) // the conversion rounds to even
	case m>>53 == 0:
		f = float64(m) / float64(pow10[frac]) // both exact up to 10^19: one rounding (Clinger)
	default:
		f = divide(m, pow10[frac])
	}
	if neg {
		return -f
	}
	return f
}

// divide returns m/d for m, d > 0, rounded once, halves to even.
//
// Both are shifted until their top bit is set; the quotient of m·2^63 and d then
// has 63 or 64 bits, and the remainder says whether anything follows. Between
// 10^-19 and 2^64 no result is subnormal or too large.
func divide(m, d uint64) float64 {
	lm, ld := bits.LeadingZeros64(m), bits.LeadingZeros64(d)
	m, d = m<<lm, d<<ld
	q, r := bits.Div64(m>>1, m<<63, d)
	exp := ld - lm - 63 // the value is q·2^exp
	lz := bits.LeadingZeros64(q)
	q <<= lz
	exp -= lz
	const drop = 64 - 53
	rest := q & (1<<drop - 1)
	q >>= drop
	const half = 1 << (drop - 1)
	if rest > half || rest == half && (r != 0 || q&1 == 1) {
		q++ // 2^53 after a carry: the sum below carries into the exponent
	}
	return math.Float64frombits(uint64(exp+drop+52+1023-1)<<52 + q)
}
