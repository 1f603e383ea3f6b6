package series

import "encoding/binary"

// pairMax is more than the longest sample that pair reads.
const pairMax = 64

// pair reads [seconds,"value"] at the beginning of b, the way Prometheus writes
// it: no white space, at most three decimals of a second, a value of at most 19
// digits without exponent. It returns the time in milliseconds, the value and
// how many bytes it took; 0 means that it is another form, or cut off.
func pair(b []byte) (t int64, v float64, n int) {
	if len(b) < 8 || b[0] != '[' {
		return 0, 0, 0
	}
	t, i := seconds(b)
	if i == 0 || i+3 >= len(b) || b[i] != ',' || b[i+1] != '"' {
		return 0, 0, 0
	}
	i += 2
	neg := b[i] == '-'
	if neg {
		i++
	}
	m, end := digits(b, i, 0)
	count, frac := end-i, 0
	if end < len(b) && b[end] == '.' {
		i = end + 1
		m, end = digits(b, i, m)
		frac = end - i
		count += frac
	}
	if count < 1 || count > 19 || end+1 >= len(b) || b[end] != '"' || b[end+1] != ']' {
		return 0, 0, 0
	}
	return t, ratio(m, frac, neg), end + 2
}

// seconds reads the time of a sample after its bracket, as milliseconds, and
// returns the index behind it; 0 means that it is another form.
func seconds(b []byte) (t int64, end int) {
	m, end := digits(b, 1, 0)
	if end == 1 || end > 12 {
		return 0, 0
	}
	t = int64(m) * 1000
	if end < len(b) && b[end] == '.' {
		first := end + 1
		unit := int64(100)
		for end = first; end < len(b) && b[end]-'0' <= 9; end++ {
			t += unit * int64(b[end]-'0')
			unit /= 10
		}
		if end == first || end > first+3 {
			return 0, 0
		}
	}
	return t, end
}

// digits reads decimal digits from b[i] on, continues the number m with them,
// and returns the index behind them. More than 19 digits overflow: the caller
// counts.
func digits(b []byte, i int, m uint64) (uint64, int) {
	for i+8 <= len(b) {
		x := binary.LittleEndian.Uint64(b[i:])
		if !eightDigits(x) {
			break
		}
		m = m*1e8 + eight(x)
		i += 8
	}
	for ; i < len(b); i++ {
		c := b[i] - '0'
		if c > 9 {
			break
		}
		m = m*10 + uint64(c)
	}
	return m, i
}

// eightDigits reports whether all eight bytes of x are decimal digits: each has
// the upper half 3, also when 6 is added to it, which takes ':' to '?' to 4.
func eightDigits(x uint64) bool {
	const upper, three, six = 0xf0f0f0f0f0f0f0f0, 0x3030303030303030, 0x0606060606060606
	return x&upper == three && (x+six)&upper == three
}

// eight returns the number that eight digits spell, the first one in the lowest
// byte. It adds neighbours up pairwise: to two digits, then to four, then eight.
func eight(x uint64) uint64 {
	x -= 0x3030303030303030
	x = x*10 + x>>8 // every second byte is a number of two digits
	const bytes02 = 0x000000ff000000ff
	return (x&bytes02*(100+1_000_000<<32) + x>>16&bytes02*(1+10_000<<32)) >> 32
}
