package hpa

import "math"

// Approximate is unscaled × 10^exponent as upstream turns a quantity into a
// float: a spec's tolerance of "300m" is 300 × 0.001 and not 300 / 1000, which
// differ in the last bit for some values and so flip a ratio that lies exactly
// on the edge. Unscaled and exponent are those of the canonical form.
func Approximate(unscaled int64, exponent int) float64 {
	// quantity.go: AsApproximateFloat64
	if exponent == 0 {
		return float64(unscaled)
	}
	return float64(unscaled) * math.Pow10(exponent)
}

// toInt32 converts as the controller's machine code does on amd64, where most
// clusters run it: toward zero, and the lowest integer for whatever does not
// fit and for NaN. Go leaves those cases to the platform; elasticctl must give
// the same bytes everywhere.
func toInt32(f float64) int32 {
	if f > math.MinInt32-1 && f < math.MaxInt32+1 {
		return int32(f)
	}
	return math.MinInt32
}

// toInt64 is toInt32 for int64. Both bounds are exact in float64.
func toInt64(f float64) int64 {
	if f >= math.MinInt64 && f < math.MaxInt64+1 {
		return int64(f)
	}
	return math.MinInt64
}
