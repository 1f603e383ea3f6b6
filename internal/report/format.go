package report

import (
	"math"
	"strconv"
	"time"
)

// span prints a length of time in its two greatest units, rounded: "2d 4h",
// "1h 30m", "45s", "1.5s".
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < 0:
		return "-" + span(-d)
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + "s"
	case d.Round(time.Second) < time.Hour:
		return twoUnits(d.Round(time.Second), time.Minute, "m", time.Second, "s")
	case d.Round(time.Minute) < day:
		return twoUnits(d.Round(time.Minute), time.Hour, "h", time.Minute, "m")
	}
	return twoUnits(d.Round(time.Hour), day, "d", time.Hour, "h")
}

// twoUnits prints d in two units, the second one only if there is any of it.
func twoUnits(d, great time.Duration, greatName string, small time.Duration, smallName string) string {
	s := strconv.FormatInt(int64(d/great), 10) + greatName
	if rest := d % great / small; rest > 0 {
		s += " " + strconv.FormatInt(int64(rest), 10) + smallName
	}
	return s
}

// share prints a part of a whole in percent.
func share(part, whole float64) string {
	if whole <= 0 {
		return "0%"
	}
	return percent(part / whole)
}

// percent prints a ratio in percent. What is neither nothing nor everything
// never prints as one of these.
func percent(ratio float64) string {
	p := 100 * ratio
	switch {
	case p == 0 || p == 100:
		return fixed(p, 0) + "%"
	case p > 0 && p < 0.1:
		return "<0.1%"
	case p > 99.9 && p < 100:
		return ">99.9%"
	}
	return fixed(p, 1) + "%"
}

// fixed prints a number with so many decimals.
func fixed(v float64, decimals int) string {
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

// plural is a count with its noun: "1 sync", "3 syncs".
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.FormatInt(n, 10) + " " + noun + "s"
}

// amount prints a value of a resource or a metric: bytes with binary prefixes,
// everything else with decimal ones from 10,000 on.
func amount(v float64, bytes bool) string {
	base, prefixes := 1000.0, []string{"", "k", "M", "G", "T", "P", "E"}
	if bytes {
		base, prefixes = 1024, []string{"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"}
	}
	i := 0
	for i+1 < len(prefixes) && math.Abs(v) >= base && (bytes || math.Abs(v) >= 10_000 || i > 0) {
		v /= base
		i++
	}
	return strconv.FormatFloat(v, 'g', 4, 64) + prefixes[i]
}
