package hpa

import "math"

// Approximate is unscaled × 10^exponent as upstream turns a quantity into a
// float: a spec's tolerance of "300m" is 300 × 0.001 and not 300 / 1000, which
// differ in the last bit for some values and so flip a ratio that lies exactly
// on the edge. Unscaled and exponent are those of the canonical form.
func Approximate(unscaled int64, exponent int) float64 {
	// quantity.go: AsApproximateFloat64
	return float64(unscaled) * math.Pow10(exponent)
}

// toInt32 converts as the controller's machine code does on amd64, where most
// clusters run it: toward zero, and the lowest integer for whatever does not
// fit and for NaN. Go leaves those cases to the platform; elasticctl must give
// the same bytes everywhere.
func toInt32(f float64) int32 {
	if fits32(f) {
		return int32(f)
	}
	return math.MinInt32
}

// toInt64 is toInt32 for int64.
func toInt64(f float64) int64 {
	if fits64(f) {
		return int64(f)
	}
	return math.MinInt64
}

// fits32 says whether a number, cut toward zero, is an int32.
func fits32(f float64) bool { return f > -1<<31-1 && f < 1<<31 }

// fits64 is fits32 for int64; there are no fractions so far out.
func fits64(f float64) bool { return f >= -1<<63 && f < 1<<63 }
