package scenario

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Delay is a length of time, or how it differs from pod to pod: a list of
// lengths, each as likely as any other, or quantiles by name, such as
// {p50: 12s, p90: 20s, p100: 1m}.
type Delay struct {
	One       string
	List      []string
	Quantiles map[string]string
}

// UnmarshalJSON accepts a text, a list of texts or an object of texts.
func (d *Delay) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &d.One) == nil || json.Unmarshal(data, &d.List) == nil || json.Unmarshal(data, &d.Quantiles) == nil {
		return nil
	}
	return errors.New("must be a length of time, a list of them, or quantiles such as {p50: 12s, p100: 1m}")
}

// MarshalJSON is the inverse of UnmarshalJSON.
func (d Delay) MarshalJSON() ([]byte, error) {
	switch {
	case d.List != nil:
		return json.Marshal(d.List)
	case d.Quantiles != nil:
		return json.Marshal(d.Quantiles)
	}
	return json.Marshal(d.One)
}

const (
	// maxDelays bounds a list of delays.
	maxDelays = 1000
	// quantileDraws is how many values quantiles become.
	quantileDraws = 100
	delayHint     = "write a length of time, a list of them, or quantiles such as {p50: 12s, p90: 20s, p100: 1m}"
)

// delay reads a length of time into one, or what it may be into list; what is
// absent leaves both.
func (c *checker) delay(path string, in *Delay, one *time.Duration, list *[]time.Duration) {
	switch {
	case in == nil && c.doc.Has(path):
		c.add(path, "a length of time is missing", delayHint)
	case in == nil:
	case in.Quantiles != nil:
		*list = c.quantiles(path, in.Quantiles)
	case in.List != nil:
		*list = c.delays(path, in.List)
	default:
		*one = c.duration(path, in.One, *one)
	}
}

// delays reads a list of lengths of time, and sorts it.
func (c *checker) delays(path string, texts []string) []time.Duration {
	if len(texts) == 0 || len(texts) > maxDelays {
		c.add(path, fmt.Sprintf("a list of %d lengths of time", len(texts)), fmt.Sprintf("write 1 to %d", maxDelays))
		return nil
	}
	list := make([]time.Duration, 0, len(texts))
	for i, text := range texts {
		at := path + "[" + strconv.Itoa(i) + "]"
		d, err := ParseDuration(text)
		if err != nil {
			c.add(at, err.Error(), durationHint)
		}
		list = append(list, d)
	}
	slices.Sort(list)
	return list
}

// quantile is a point of a distribution, at a share in ten-thousandths.
type quantile struct {
	share int64
	time  time.Duration
}

// quantiles reads quantiles and returns the middles of as many slices of the
// distribution, each as likely: straight lines between the quantiles, and the
// outermost ones beyond them.
func (c *checker) quantiles(path string, texts map[string]string) []time.Duration {
	var points []quantile
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		at := path + "." + name
		share, ok := shareOf(name)
		if !ok {
			c.add(at, fmt.Sprintf("%q is no quantile", clip(name)), "write p0 to p100, such as p50 or p99.9")
			continue
		}
		points = append(points, quantile{share, c.duration(at, texts[name], 0)})
	}
	if len(points) == 0 {
		if len(texts) == 0 {
			c.add(path, "no quantile is given", delayHint)
		}
		return nil
	}
	slices.SortFunc(points, func(a, b quantile) int { return int(a.share - b.share) })
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		if a.share == b.share || a.time > b.time {
			c.add(path, fmt.Sprintf("the quantile of %s is %s, and that of %s is %s", shareText(a.share), lengthText(a.time), shareText(b.share), lengthText(b.time)),
				"give each once, and none that is shorter than a lower one")
			return nil
		}
	}
	list := make([]time.Duration, quantileDraws)
	for k := range list {
		list[k] = between(points, int64(k)*fullShare/quantileDraws+fullShare/quantileDraws/2)
	}
	return list
}

// fullShare is 100 %.
const fullShare = 10_000

// between is the time at a share, on a straight line between the points around it.
func between(points []quantile, share int64) time.Duration {
	i, found := slices.BinarySearchFunc(points, share, func(p quantile, s int64) int { return int(p.share - s) })
	switch {
	case found || i == 0:
		return points[i].time
	case i == len(points):
		return points[i-1].time
	}
	a, b := points[i-1], points[i]
	high, low := bits.Mul64(uint64(b.time-a.time), uint64(share-a.share))
	more, _ := bits.Div64(high, low, uint64(b.share-a.share))
	return a.time + time.Duration(more)
}

// shareOf reads the name of a quantile, p0 to p100 with at most two decimals.
func shareOf(name string) (int64, bool) {
	number, ok := strings.CutPrefix(name, "p")
	whole, decimals, _ := strings.Cut(number, ".")
	if !ok || len(whole) > 3 || len(decimals) > 2 || strings.HasSuffix(number, ".") {
		return 0, false
	}
	n, err := strconv.ParseUint(whole+decimals+"00"[len(decimals):], 10, 32)
	return int64(n), err == nil && n <= fullShare && whole != ""
}

// shareText is the name of a quantile.
func shareText(share int64) string {
	return "p" + strconv.FormatFloat(float64(share)/100, 'f', -1, 64)
}

// drawnAt is the entry of a list that falls to a share of its length, given as a
// fraction of two whole numbers; the constant where the list is empty.
func drawnAt(list []time.Duration, constant time.Duration, part, whole int) time.Duration {
	if len(list) == 0 {
		return constant
	}
	return list[part*len(list)/whole]
}

// tooEarly finds a luck with which a pod is Ready before it runs.
func tooEarly(pending, ready []time.Duration, constantPending, constantReady time.Duration) (runs, isReady time.Duration, found bool) {
	parts := max(1, len(pending)) * max(1, len(ready))
	for k := range parts {
		p, r := drawnAt(pending, constantPending, k, parts), drawnAt(ready, constantReady, k, parts)
		if r < p {
			return p, r, true
		}
	}
	return 0, 0, false
}
