package series

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

func sameFloat(t *testing.T, s string) {
	t.Helper()
	got, gotErr := parseFloat([]byte(s))
	want, wantErr := strconv.ParseFloat(s, 64)
	if math.Float64bits(got) != math.Float64bits(want) || (gotErr == nil) != (wantErr == nil) {
		t.Errorf("parseFloat(%q) = %v, %v; strconv has %v, %v", s, got, gotErr, want, wantErr)
	}
}

func TestParseFloatEqualsStrconv(t *testing.T) {
	for _, s := range []string{
		"0", "-0", "0.0", "-0.000", "1", "-1", "007", "1.", ".5", "-.5", ".", "-", "", "1.2.3", "1e3", "1e999", "NaN", "+Inf", "-Inf", "+1",
		"0x10p-2", "1_000", " 1", "1 ", "0.1", "0.3", "0.30000000000000004", "9007199254740993", "9007199254740992.5", "9007199254740993.5",
		"9999999999999999999", "9999999999999999999.9", "99999999999999999999", "1.7976931348623157e308", "4.9e-324",
		"0.0000000000000000001", "0.9999999999999999999", "1234567890.123456789", "18014398509481985", "18014398509481983.00",
		"0.00000000000000000012",
	} {
		sameFloat(t, s)
	}
}

// TestParseFloatAtTies tries decimals that lie exactly between two floats, and
// their neighbours.
func TestParseFloatAtTies(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		odd := r.Uint64()>>10 | 1 // 54 bits or fewer: half of the odd ones are ties
		for _, s := range []string{
			strconv.FormatUint(odd, 10) + ".0", strconv.FormatUint(odd/4, 10) + ".5",
			strconv.FormatUint(odd/8, 10) + ".25", strconv.FormatUint(odd-1, 10) + ".9",
		} {
			sameFloat(t, s)
		}
		f := math.Float64frombits(r.Uint64())
		sameFloat(t, strconv.FormatFloat(f, 'g', -1, 64))
		sameFloat(t, strconv.FormatFloat(r.Float64()*100, 'f', -1, 64))
		sameFloat(t, strconv.FormatFloat(r.Float64(), 'f', r.IntN(19), 64))
	}
}

func FuzzParseFloat(f *testing.F) {
	for _, s := range []string{"1.5", "-0.30000000000000004", "9999999999999999999", "1e5", ".", "0000000000000000000001.5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { sameFloat(t, s) })
}
