package scenario

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// MaxDuration bounds every length of time that is read: ten years.
const MaxDuration = 3653 * 24 * time.Hour

// durationHint says how a duration is written.
const durationHint = "write a number and a unit, such as 15s, 5m, 1h30m or 7d"

// ParseDuration reads a length of time: what Go writes (15s, 1h30m, 200ms),
// and d and w for days of 24 hours and weeks.
func ParseDuration(s string) (time.Duration, error) {
	rest, negative := strings.CutPrefix(s, "-")
	if rest == "0" {
		return 0, nil
	}
	if rest == "" {
		return 0, errors.New("a length of time is empty")
	}
	var total float64
	for rest != "" {
		number := strings.IndexFunc(rest, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
		if number <= 0 {
			return 0, fmt.Errorf("%q is not a length of time", clip(s))
		}
		v, err := strconv.ParseFloat(rest[:number], 64)
		if err != nil {
			return 0, fmt.Errorf("%q is not a length of time", clip(s))
		}
		rest = rest[number:]
		letters := strings.IndexFunc(rest, func(r rune) bool { return r == '.' || r >= '0' && r <= '9' })
		if letters < 0 {
			letters = len(rest)
		}
		unit := unitOf(rest[:letters])
		if unit == 0 {
			return 0, fmt.Errorf("%q has the unknown unit %q", clip(s), clip(rest[:letters]))
		}
		rest = rest[letters:]
		total += v * float64(unit)
	}
	if negative {
		return 0, fmt.Errorf("%q is negative", clip(s))
	}
	if total > float64(MaxDuration) {
		return 0, fmt.Errorf("%q is longer than ten years", clip(s))
	}
	return time.Duration(math.Round(total)), nil
}

// unitOf is the length of a unit; 0 where there is no such unit.
func unitOf(name string) time.Duration {
	switch name {
	case "w":
		return 7 * 24 * time.Hour
	case "d":
		return 24 * time.Hour
	case "h":
		return time.Hour
	case "m":
		return time.Minute
	case "s":
		return time.Second
	case "ms":
		return time.Millisecond
	}
	return 0
}

// clip shortens a text of the input for a message.
func clip(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
