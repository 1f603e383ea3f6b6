package series

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
	first, point := i, -1
	var m uint64
	for ; i < len(b); i++ {
		c := b[i] - '0'
		if c <= 9 {
			m = m*10 + uint64(c)
			continue
		}
		if b[i] != '.' || point >= 0 {
			break
		}
		point = i
	}
	digits, frac := i-first, 0
	if point >= 0 {
		digits--
		frac = i - point - 1
	}
	if digits < 1 || digits > 19 || i+1 >= len(b) || b[i] != '"' || b[i+1] != ']' {
		return 0, 0, 0
	}
	return t, ratio(m, frac, neg), i + 2
}

// seconds reads the time of a sample after its bracket, as milliseconds, and
// returns the index behind it; 0 means that it is another form.
func seconds(b []byte) (t int64, i int) {
	i = 1
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		t = t*10 + int64(b[i]-'0')
	}
	if i == 1 || i > 12 {
		return 0, 0
	}
	t *= 1000
	if i < len(b) && b[i] == '.' {
		first := i + 1
		unit := int64(100)
		for i = first; i < len(b) && b[i]-'0' <= 9; i++ {
			t += unit * int64(b[i]-'0')
			unit /= 10
		}
		if i == first || i > first+3 {
			return 0, 0
		}
	}
	return t, i
}
