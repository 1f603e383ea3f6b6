package tune

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Off is the value of a policy that there is none of.
const Off = -1

// unit is what the values of a parameter are written in. All are kept as whole
// numbers.
type unit struct {
	// noun and example are for messages.
	noun, example string
	low, high     int64
	// parse reads a value; ok is false where it is none.
	parse func(text string) (v int64, ok bool)
	text  func(v int64) string
	// steps are the distances that values may have by default, ascending; none
	// for what is only enumerated.
	steps []int64
}

// The greatest numbers of pods, and what the API server accepts of times.
const (
	mostPods      = 1_000_000
	longestWindow = 3600
	longestPeriod = 1800
	mostMilli     = math.MaxInt64 / 1_000_000
)

func percentUnit() unit {
	return unit{
		noun: "a percentage", example: "60, or 60%", low: 1, high: 100_000,
		parse: func(t string) (int64, bool) { return whole(strings.TrimSuffix(t, "%")) },
		text:  func(v int64) string { return strconv.FormatInt(v, 10) + "%" },
		steps: decimalSteps(),
	}
}

func quantityUnit() unit {
	return unit{
		noun: "a quantity", example: "100m, 38 or 64Mi", low: 1, high: mostMilli,
		parse: quantity, text: quantityText, steps: decimalSteps(),
	}
}

func podsUnit(low int64) unit {
	return unit{
		noun: "a number of pods", example: "4", low: low, high: mostPods,
		parse: whole, text: func(v int64) string { return strconv.FormatInt(v, 10) }, steps: decimalSteps(),
	}
}

func secondsUnit(low, high int64) unit {
	return unit{
		noun: "a time in whole seconds", example: "60s or 5m", low: low, high: high,
		parse: seconds, text: secondsText,
		steps: []int64{1, 5, 10, 15, 30, 60, 120, 300, 600},
	}
}

// policyUnit is of a policy's value: how many pods, or how many percent.
func policyUnit(percent bool) unit {
	u := podsUnit(1)
	if percent {
		u = percentUnit()
		u.high = math.MaxInt32
	}
	parse, text := u.parse, u.text
	u.noun, u.example = u.noun+", or off", u.example+", or off"
	u.parse = func(t string) (int64, bool) {
		if t == "off" {
			return Off, true
		}
		return parse(t)
	}
	u.text = func(v int64) string {
		if v == Off {
			return "off"
		}
		return text(v)
	}
	return u
}

func toleranceUnit() unit {
	return unit{
		noun: "a tolerance", example: "0.05, or 5%", low: 0, high: 1000,
		parse: thousandths, steps: decimalSteps(),
		text: func(v int64) string { return strconv.FormatFloat(float64(v)/10, 'f', -1, 64) + "%" },
	}
}

// selectUnit is of selectPolicy, in the order of hpa.SelectPolicy.
func selectUnit() unit {
	return wordUnit("max", "min", "disabled")
}

// wordUnit is one of some words, kept as its index.
func wordUnit(words ...string) unit {
	return unit{
		noun: "one of " + strings.Join(words, ", "), example: words[0], low: 0, high: int64(len(words) - 1),
		parse: func(t string) (int64, bool) {
			for i, w := range words {
				if w == t {
					return int64(i), true
				}
			}
			return 0, false
		},
		text: func(v int64) string { return words[v] },
	}
}

// decimalSteps are 1, 2 and 5 times the powers of ten.
func decimalSteps() []int64 {
	var list []int64
	for p := int64(1); p <= mostMilli/10; p *= 10 {
		list = append(list, p, 2*p, 5*p)
	}
	return list
}

// whole reads decimal digits.
func whole(t string) (int64, bool) {
	if t == "" || strings.ContainsFunc(t, func(r rune) bool { return r < '0' || r > '9' }) {
		return 0, false
	}
	v, err := strconv.ParseInt(t, 10, 64)
	return v, err == nil && v <= mostMilli
}

// decimal reads digits with a point or without, in units of 10^-places; what
// does not come out even is no such number.
func decimal(t string, places int) (int64, bool) {
	before, after, point := strings.Cut(t, ".")
	if point && after == "" || len(after) > 18 || len(before) > 18 {
		return 0, false
	}
	for len(after) > places && after[len(after)-1] == '0' {
		after = after[:len(after)-1]
	}
	if len(after) > places {
		return 0, false
	}
	return whole(before + after + strings.Repeat("0", places-len(after)))
}

// thousandths reads a ratio, "0.05", or a share, "5%".
func thousandths(t string) (int64, bool) {
	if p, ok := strings.CutSuffix(t, "%"); ok {
		return decimal(p, 1)
	}
	return decimal(t, 3)
}

// quantity reads a Kubernetes quantity in thousandths.
func quantity(t string) (int64, bool) {
	digits := strings.TrimRight(t, "mkKMGTi")
	v, ok := decimal(digits, 3)
	if !ok {
		return 0, false
	}
	times := int64(1)
	switch t[len(digits):] {
	case "":
	case "m":
		if v%1000 != 0 {
			return 0, false
		}
		return v / 1000, true
	case "k":
		times = 1e3
	case "M":
		times = 1e6
	case "G":
		times = 1e9
	case "T":
		times = 1e12
	case "Ki":
		times = 1 << 10
	case "Mi":
		times = 1 << 20
	case "Gi":
		times = 1 << 30
	case "Ti":
		times = 1 << 40
	default:
		return 0, false
	}
	return v * times, v <= mostMilli/times
}

// quantityText writes thousandths as Kubernetes does, with the greatest suffix
// that leaves a whole number.
func quantityText(v int64) string {
	if v%1000 != 0 {
		return strconv.FormatInt(v, 10) + "m"
	}
	v /= 1000
	for _, s := range []struct {
		name string
		size int64
	}{{"Ti", 1 << 40}, {"Gi", 1 << 30}, {"Mi", 1 << 20}} {
		if v >= s.size && v%s.size == 0 {
			return strconv.FormatInt(v/s.size, 10) + s.name
		}
	}
	return strconv.FormatInt(v, 10)
}

// seconds reads a time such as 90s, 5m or 1h30m, in whole seconds.
func seconds(t string) (int64, bool) {
	d, err := time.ParseDuration(t)
	if err != nil || d < 0 || d%time.Second != 0 {
		return 0, false
	}
	return int64(d / time.Second), true
}

// secondsText writes seconds in the shortest way: 5m, 90s, 1h30m.
func secondsText(v int64) string {
	if v == 0 || v%60 != 0 {
		return strconv.FormatInt(v, 10) + "s"
	}
	if v%3600 == 0 {
		return strconv.FormatInt(v/3600, 10) + "h"
	}
	return strconv.FormatInt(v/60, 10) + "m"
}

// read reads one value of an entry.
func (u *unit) read(e *Entry, w word) (int64, *SearchError) {
	v, ok := u.parse(w.text)
	switch {
	case !ok:
		return 0, e.fail(w.at, strconv.Quote(clip(w.text))+" is not "+u.noun, "write "+u.example)
	case v != Off && (v < u.low || v > u.high):
		return 0, e.fail(w.at, clip(w.text)+" is outside of "+u.text(u.low)+" to "+u.text(u.high), "write a value within")
	}
	return v, nil
}

// grid are the values of an entry, ascending.
func (u *unit) grid(e *Entry) ([]int64, *SearchError) {
	if len(e.choices) > 0 {
		return u.enumerated(e)
	}
	if u.steps == nil {
		return nil, e.fail(e.low.at, "these values have no order", "write ONE|OTHER, such as "+u.example)
	}
	low, err := u.read(e, e.low)
	if err != nil {
		return nil, err
	}
	high, err := u.read(e, e.high)
	if err != nil {
		return nil, err
	}
	switch {
	case low == Off || high == Off:
		return nil, e.fail(e.low.at, "off is no end of a range", "write it beside other values: off|10|20")
	case low > high:
		return nil, e.fail(e.low.at, "the range is empty: "+u.text(low)+" is above "+u.text(high), "write "+e.high.text+".."+e.low.text)
	}
	step := u.step(high - low)
	if e.step.text != "" {
		v, ok := u.parse(e.step.text)
		if !ok || v < 1 {
			return nil, e.fail(e.step.at, strconv.Quote(clip(e.step.text))+" is no step", "write a positive distance, such as "+u.text(max(step, 1)))
		}
		step = v
	}
	if (high-low)/step >= maxValues {
		return nil, e.fail(e.step.at, "more than "+number(maxValues)+" values", "write a longer step: LOW..HIGH/STEP")
	}
	var list []int64
	for v := low; v < high; v += step {
		list = append(list, v)
	}
	return append(list, high), nil
}

// mostByDefault is how many distances a range without a step is cut into at
// most.
const mostByDefault = 40

// step is the least default distance that cuts a range finely enough.
func (u *unit) step(length int64) int64 {
	for _, s := range u.steps {
		if length/s <= mostByDefault {
			return s
		}
	}
	return u.steps[len(u.steps)-1]
}

// enumerated are the values that stand one by one.
func (u *unit) enumerated(e *Entry) ([]int64, *SearchError) {
	var list []int64
	for _, w := range e.choices {
		v, err := u.read(e, w)
		if err != nil {
			return nil, err
		}
		at := 0
		for at < len(list) && list[at] < v {
			at++
		}
		if at < len(list) && list[at] == v {
			return nil, e.fail(w.at, w.text+" is given twice", "remove one")
		}
		list = append(list[:at], append([]int64{v}, list[at:]...)...)
	}
	return list, nil
}

// number writes a whole number.
func number[T ~int | ~int32 | ~int64](v T) string { return strconv.FormatInt(int64(v), 10) }
