package sim

import (
	"cmp"
	"math/bits"
)

// Amount is an amount of work, exact and never negative: a demand's unit ×
// milliseconds. Where values are thousandths of a request per second, 1,000,000
// of it are one request.
type Amount struct {
	// Hi and Lo are the upper and the lower 64 bits.
	Hi, Lo uint64
}

// Float64 is a as a floating-point number, rounded.
func (a Amount) Float64() float64 {
	// The conversion keeps a compiler from fusing the two operations, which
	// would round otherwise than elsewhere.
	return float64(float64(a.Hi)*(1<<64)) + float64(a.Lo)
}

// Compare returns -1, 0 or 1 as a is less than, equal to or greater than b.
func (a Amount) Compare(b Amount) int {
	return cmp.Or(cmp.Compare(a.Hi, b.Hi), cmp.Compare(a.Lo, b.Lo))
}

// Plus is a + b.
func (a Amount) Plus(b Amount) Amount {
	lo, carry := bits.Add64(a.Lo, b.Lo, 0)
	hi, _ := bits.Add64(a.Hi, b.Hi, carry)
	return Amount{hi, lo}
}

// minus is a - b, where b is at most a.
func (a Amount) minus(b Amount) Amount {
	lo, borrow := bits.Sub64(a.Lo, b.Lo, 0)
	hi, _ := bits.Sub64(a.Hi, b.Hi, borrow)
	return Amount{hi, lo}
}

// work is what a rate does in some milliseconds; neither is negative.
func work(rate, millis int64) Amount {
	hi, lo := bits.Mul64(uint64(rate), uint64(millis))
	return Amount{hi, lo}
}

// over is a ÷ b, rounded down, and what remains; the quotient must fit an int64
// and b be positive.
func (a Amount) over(b int64) (quotient, rest int64) {
	q, r := bits.Div64(a.Hi, a.Lo, uint64(b))
	return int64(q), int64(r)
}
