package series

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
)

// apiReader reads answers of Prometheus's HTTP API whose result is a matrix:
// query_range, and query with a range vector. The envelope may be missing: the
// data object alone, or the bare array that promtool prints, are read too, and
// several answers may follow one another in a file.
type apiReader struct {
	*scanner
	b *builder

	// What the answer at hand said so far.
	answer struct {
		status, errorType, message, resultType string
		hasResult                              bool
	}
	// The series at hand.
	labels  model.Metric
	times   []int64
	values  []float64
	unnamed bool
}

const (
	hintRange  = "fetch a range: query_range, or query with a range vector such as metric[1h]"
	hintRecord = "fetch it again"
)

func looksLikeAPI(head []byte) bool {
	s := strings.TrimLeft(string(head), " \t\r\n")
	if s == "" || s[0] != '{' && s[0] != '[' {
		return false
	}
	s = strings.TrimLeft(s[1:], " \t\r\n")
	return s == "" || strings.ContainsRune(`"{}[]`, rune(s[0])) || s[0] >= '0' && s[0] <= '9'
}

// answerKeys are the keys that an answer, or the data object of one, can begin
// with.
var answerKeys = regexp.MustCompile(`^\s*\{\s*"(status|data|resultType|result|warnings|infos|errorType|error|isPartial|stats|trace)"`)

// otherJSON says whether a file begins like a JSON object that is no answer of
// Prometheus's API: a program's settings, or facts that lie beside a recording.
func otherJSON(head []byte) bool {
	return looksLikeAPI(head) && bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{")) && !answerKeys.Match(head)
}

func readAPI(in input, b *builder) error {
	a := &apiReader{scanner: newScanner(in.name, in.r, b.lim), b: b}
	for a.space() != 0 {
		a.top()
	}
	if a.unnamed {
		b.note("%s: series without a name are called %s, after the file", in.name, fileMetric(in.name))
	}
	return a.err
}

// top takes one answer.
func (a *apiReader) top() {
	a.answer.status, a.answer.errorType, a.answer.message, a.answer.resultType, a.answer.hasResult = "", "", "", "", false
	first := a.space()
	line, col := a.line, int(a.offset()-a.lineStart)+1
	switch first {
	case '{':
		a.object("the answer", a.field)
	case '[':
		a.result()
	default:
		a.unexpected(first, "'{' or '[', the beginning of an answer")
	}
	if a.err != nil {
		return
	}
	switch {
	case a.answer.status == "error":
		a.err = &Error{
			File: a.name, Line: line, Col: col, Hint: "mend the query and fetch it again",
			Text: "Prometheus answered with an error: " + a.answer.errorType + ": " + a.answer.message,
		}
	case !a.answer.hasResult:
		a.err = &Error{File: a.name, Line: line, Col: col, Hint: hintFormats(), Text: "this JSON is not an answer of Prometheus: it has no result"}
	}
}

// field takes the value of one key of the answer or of its data.
func (a *apiReader) field(key string) {
	switch key {
	case "status":
		a.answer.status = a.str("status")
	case "errorType":
		a.answer.errorType = a.str("errorType")
	case "error":
		a.answer.message = a.str("error")
	case "warnings", "infos":
		a.warnings(key)
	case "data":
		if a.space() == '{' {
			a.object("data", a.dataField)
			return
		}
		a.skip("data", 1)
	default:
		a.dataField(key)
	}
}

func (a *apiReader) dataField(key string) {
	switch key {
	case "resultType":
		a.space()
		at := a.offset()
		a.answer.resultType = a.str("resultType")
		a.checkType(at)
	case "result":
		a.result()
	default:
		a.skip(strconv.Quote(key), 1)
	}
}

func (a *apiReader) checkType(at int64) {
	switch t := a.answer.resultType; t {
	case "matrix":
	case "vector", "scalar", "string":
		a.failAt(at, "the result is a "+t+": one instant, not a recording", hintRange)
	default:
		a.failAt(at, fmt.Sprintf("the result is of type %q, not a matrix", t), hintRange)
	}
}

// warnings keeps what the server said beside its answer.
func (a *apiReader) warnings(key string) {
	if a.space() != '[' {
		a.skip(key, 1)
		return
	}
	a.list(key, func() {
		if text := a.str(key); a.err == nil {
			a.b.note("%s: Prometheus said: %s", a.name, text)
		}
	})
}

func (a *apiReader) result() {
	if a.answer.hasResult {
		a.fail("a second result in one answer", "")
		return
	}
	a.answer.hasResult = true
	a.list("the result", func() {
		if c := a.space(); c != '{' && c != 0 {
			a.fail("the result holds no series: it is a scalar or a string", hintRange)
			return
		}
		a.series()
	})
}

// series takes one element of the result and hands it to the builder.
func (a *apiReader) series() {
	at, line, lineStart := a.offset(), a.line, a.lineStart
	a.labels, a.times, a.values = nil, a.times[:0], a.values[:0]
	hasValues := false
	a.object("a series", func(key string) {
		switch {
		case key == "metric" && a.labels == nil:
			a.metric()
		case key == "values" && !hasValues:
			hasValues = true
			a.list("values", a.sample)
		case key == "value":
			a.fail(a.label()+" has one value: an instant, not a recording", hintRange)
		case key == "histogram" || key == "histograms":
			a.fail(a.label()+" is a native histogram; only numbers are read",
				"record what you need of it: histogram_count(rate(…)), histogram_quantile(…)")
		case key == "metric" || key == "values":
			a.fail(fmt.Sprintf("%q twice in one series", key), "")
		default:
			a.skip(strconv.Quote(key), 1)
		}
	})
	if a.err != nil || len(a.times) == 0 {
		return
	}
	if a.labels[model.MetricNameLabel] == "" {
		if a.labels == nil {
			a.labels = model.Metric{}
		}
		a.labels[model.MetricNameLabel], a.unnamed = model.LabelValue(fileMetric(a.name)), true
	}
	if err := a.b.add(Series{Labels: a.labels, Times: a.times, Values: a.values, Source: a.name}); err != nil {
		a.line, a.lineStart = line, lineStart
		var e *Error
		if errors.As(err, &e) {
			a.failAt(at, e.Text, e.Hint)
		}
	}
}

// label names the series at hand as well as it is known.
func (a *apiReader) label() string {
	if len(a.labels) == 0 {
		return "a series"
	}
	return a.labels.String()
}

func (a *apiReader) metric() {
	a.labels = model.Metric{}
	a.object("metric", func(name string) {
		value := a.str("the value of a label")
		if a.err != nil {
			return
		}
		_, twice := a.labels[model.LabelName(name)]
		switch {
		case name == "":
			a.fail("a label without a name", "")
		case twice:
			a.fail(fmt.Sprintf("label %q twice in one series", name), "")
		case !a.b.charge(int64(labelSize + len(name) + len(value))):
			a.fail(a.b.full(), hintSmaller)
		case value != "": // an empty label is an absent one
			a.labels[model.LabelName(name)] = model.LabelValue(value)
		}
	})
}

// sample takes [time, "value"], and those that follow it without white space.
func (a *apiReader) sample() {
	for a.err == nil {
		if a.end-a.pos < pairMax {
			a.fill()
		}
		at := a.offset()
		t, v, n := pair(a.buf[a.pos:a.end])
		if n > 0 {
			a.pos += n
		} else {
			t, v = a.slowSample()
		}
		a.keep(at, t, v)
		if a.pos+1 >= a.end || a.buf[a.pos] != ',' || a.buf[a.pos+1] != '[' {
			return
		}
		a.pos++
	}
}

// keep appends a sample that begins at an offset.
func (a *apiReader) keep(at, t int64, v float64) {
	switch k := len(a.times); {
	case a.err != nil:
		return
	case k > 0 && t <= a.times[k-1]:
		text, hint := outOfOrder(a.times[k-1], t)
		a.failAt(at, a.label()+": "+text, hint)
	case !a.b.charge(sampleSize):
		a.fail(a.b.full(), hintSmaller)
	}
	if math.IsNaN(v) {
		v = Stale()
	}
	a.times = append(a.times, t)
	a.values = append(a.values, v)
}

// slowSample reads what pair does not: white space, exponents, NaN, long
// numbers, and everything that is wrong.
func (a *apiReader) slowSample() (t int64, v float64) {
	const what = "a sample"
	if !a.next('[', what) {
		return 0, 0
	}
	a.space()
	at := a.offset()
	number := string(a.number(what))
	t, ok := unixMillis(number)
	if a.err == nil && !ok {
		a.failAt(at, fmt.Sprintf("%q is not a time: want seconds since 1970, before the year 10000", number), hintRecord)
	}
	if !a.next(',', what) {
		return 0, 0
	}
	a.space()
	at = a.offset()
	text := a.str(what)
	if a.err != nil {
		return 0, 0
	}
	v, err := parseFloat([]byte(text))
	switch {
	case errors.Is(err, strconv.ErrRange):
		a.failAt(at, "the value "+text+" is too large for a float64", "")
	case err != nil:
		a.failAt(at, fmt.Sprintf("%q is not a value", text), hintRecord)
	}
	a.next(']', what)
	return t, v
}

// maxMillis is the end of the year 9999.
const maxMillis = 253402300799999

// unixMillis reads seconds since 1970, digits[.digits], as milliseconds; digits
// past the third are cut, as Prometheus's own client does.
func unixMillis(s string) (int64, bool) {
	whole, frac, point := strings.Cut(s, ".")
	if whole == "" || len(whole) > 12 || point && frac == "" || strings.Trim(whole+frac, "0123456789") != "" {
		return 0, false
	}
	ms, err := strconv.ParseInt(whole+(frac + "000")[:3], 10, 64)
	return ms, err == nil && ms <= maxMillis
}

// fileMetric makes a metric's name of a file's.
func fileMetric(file string) string {
	base, _, _ := strings.Cut(filepath.Base(file), ".")
	if strings.Trim(base, "-_") == "" {
		return "value"
	}
	return sanitise(base)
}

// sanitise makes a valid metric name: what is not a letter, a digit, '_' or
// ':' becomes '_'.
func sanitise(s string) string {
	b := []byte(s)
	for i, c := range b {
		letter := c == '_' || c == ':' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (c < '0' || c > '9') {
			b[i] = '_'
		}
	}
	if len(b) == 0 || b[0] >= '0' && b[0] <= '9' {
		return "_" + string(b)
	}
	return string(b)
}
