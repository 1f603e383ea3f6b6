package gen

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
)

// valueError is a value that cannot be read, and how to mend it.
type valueError struct{ text, hint string }

func (e valueError) Error() string { return e.text }

// Hint says how to mend the value.
func (e valueError) Hint() string { return e.hint }

const durationHint = `write a number with a unit, such as "30s" or "2m"`

// Duration is a length of time as people write it: "15s", "2m", "1h30m".
type Duration time.Duration

// UnmarshalJSON reads a string that time.ParseDuration understands.
func (d *Duration) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return valueError{fmt.Sprintf("%s is not a duration", data), durationHint}
	}
	v, err := time.ParseDuration(text)
	if err != nil {
		return valueError{fmt.Sprintf("%q is not a duration", text), durationHint}
	}
	if v < 0 {
		return valueError{fmt.Sprintf("%q is negative", text), durationHint}
	}
	*d = Duration(v)
	return nil
}

// MarshalJSON writes the shortest form.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// String is the shortest form that reads back: "2m", not "2m0s".
func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// promQL is the duration as PromQL and the Prometheus operator write it: units
// in order, each once, nothing below a millisecond.
func (d Duration) promQL() string {
	ms := time.Duration(d).Milliseconds()
	if ms == 0 {
		return "0s"
	}
	var b strings.Builder
	for _, u := range []struct {
		ms   int64
		name string
	}{{3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}} {
		if n := ms / u.ms; n > 0 {
			b.WriteString(strconv.FormatInt(n, 10) + u.name)
			ms -= n * u.ms
		}
	}
	return b.String()
}

// seconds is the duration in whole seconds, rounded down.
func (d Duration) seconds() int64 { return int64(time.Duration(d) / time.Second) }

// whole says whether the duration is a whole number of seconds.
func (d Duration) whole() bool { return time.Duration(d)%time.Second == 0 }

// Scalar is a value that may be written as a number or as text ("60%", 300m,
// 100). What it means is decided where it is used.
type Scalar string

// UnmarshalJSON reads a string or a number, nothing else.
func (s *Scalar) UnmarshalJSON(data []byte) error {
	var v any
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return err
	}
	switch v := v.(type) {
	case string:
		*s = Scalar(v)
	case json.Number:
		*s = Scalar(v.String())
	default:
		return valueError{fmt.Sprintf("%s is neither a number nor a text", data), `write a number or a text such as "60%"`}
	}
	return nil
}

// MarshalJSON writes a number where the text is one, so that 100 stays 100.
func (s Scalar) MarshalJSON() ([]byte, error) {
	if json.Valid([]byte(s)) && s != "" && strings.ContainsRune("-0123456789", rune(s[0])) {
		return []byte(s), nil
	}
	return json.Marshal(string(s))
}

// errNoPercent is a value that does not end in a percent sign.
var errNoPercent = errors.New("not a percentage")

// percent reads "60%" or "99.9%".
func (s Scalar) percent() (float64, error) {
	number, ok := strings.CutSuffix(string(s), "%")
	if !ok {
		return 0, errNoPercent
	}
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || strings.ContainsAny(number, "xXpP_+") {
		return 0, fmt.Errorf("%q is not a percentage", string(s))
	}
	return v, nil
}

// quantity reads a Kubernetes quantity: 100, 300m, 200Mi. Exponents of three
// digits are refused: apimachinery writes such numbers out, digit by digit.
func (s Scalar) quantity() (resource.Quantity, error) {
	_, exponent, _ := strings.Cut(strings.ToLower(string(s)), "e")
	if len(strings.TrimLeft(exponent, "+-0")) > 2 || len(s) > 64 {
		return resource.Quantity{}, resource.ErrFormatWrong
	}
	return resource.ParseQuantity(string(s))
}
