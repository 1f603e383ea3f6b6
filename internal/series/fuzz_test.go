package series

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
)

// element is a series as encoding/json sees it. Unlike it, its keys are told
// apart by case.
type element struct {
	Metric map[string]string
	Values []samplePair
}

func (e *element) UnmarshalJSON(b []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(b, &fields); err != nil {
		return err
	}
	for key, into := range map[string]any{"metric": &e.Metric, "values": &e.Values} {
		if raw, ok := fields[key]; ok {
			if err := json.Unmarshal(raw, into); err != nil {
				return err
			}
		}
	}
	return nil
}

// samplePair reads [time, "value"] with encoding/json, the time by
// Prometheus's own model, the value by strconv.
type samplePair struct {
	t int64
	v float64
}

func (p *samplePair) UnmarshalJSON(b []byte) error {
	var t model.Time
	var v string
	if err := json.Unmarshal(b, &[2]any{&t, &v}); err != nil {
		return err
	}
	f, err := strconv.ParseFloat(v, 64)
	p.t, p.v = int64(t), f
	return err
}

// FuzzReadAPI holds the scanner against encoding/json: what it reads as one
// array of series, encoding/json reads with equal samples.
func FuzzReadAPI(f *testing.F) {
	for _, s := range []string{
		`[{"metric":{"__name__":"x"},"values":[[1,"1"],[16.781,"2.5"],[17.0,"NaN"],[18.12,"+Inf"],[19,"1e-3"]]}]`,
		"[ {\"metric\" : {\"a\":\"\\u00e9\"} , \"values\" : [ [ 1 , \"-0.30000000000000004\" ] ] , \"x\" : [ {} , true , null ] } ]",
		`[{"metric":{},"values":[[1.123456,"12345678901234567890.5"]]},{"metric":{"a":"b"},"values":[[1,"0x1p-2"]]}]`,
		`[{"metric":{},"values":[[1,"1"`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 || data[0] != '[' {
			return
		}
		b := newBuilder(defaultLimits())
		if readAPI(input{name: "f", r: bytes.NewReader(data)}, b) != nil {
			return
		}
		var docs [][]element
		for d := json.NewDecoder(bytes.NewReader(data)); d.More(); {
			var doc []element
			if err := d.Decode(&doc); err != nil {
				return // several answers, not all of them arrays, or one that only we can read
			}
			docs = append(docs, doc)
		}
		if len(docs) != 1 {
			return
		}
		want := map[string]element{}
		for _, e := range docs[0] {
			m := model.Metric{"__name__": "f"}
			for k, v := range e.Metric {
				if v != "" {
					m[model.LabelName(k)] = model.LabelValue(v)
				}
			}
			if _, twice := want[metricKey(m)]; twice {
				return
			}
			if len(e.Values) > 0 {
				want[metricKey(m)] = e
			}
		}
		if len(want) != len(b.series) {
			t.Fatalf("%d series, encoding/json has %d", len(b.series), len(want))
		}
		for _, s := range b.series {
			compare(t, s, want[metricKey(s.Labels)].Values)
		}
	})
}

func compare(t *testing.T, s Series, want []samplePair) {
	t.Helper()
	if len(want) != len(s.Times) {
		t.Fatalf("%s: %d samples, encoding/json has %d", s.Labels, len(s.Times), len(want))
	}
	for i, p := range want {
		if math.IsNaN(p.v) {
			p.v = Stale()
		}
		if p.t != s.Times[i] || math.Float64bits(p.v) != math.Float64bits(s.Values[i]) {
			t.Fatalf("%s: sample %d is %d %v, encoding/json has %d %v", s.Labels, i, s.Times[i], s.Values[i], p.t, p.v)
		}
	}
}

// FuzzRead feeds anything to every reader: no panic, and what is read is in
// order, has one kind of NaN, and survives a round trip.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		matrix(`{"metric":{"__name__":"x"},"values":[[1,"1"],[16.781,"NaN"]]}`), pack(f, "t,x\n1,2\n"),
		"time,x\n2026-11-20T14:00:00Z,1\n", "sep=;\nTime;{a=\"b\"};c\n1700000000;1;\n1700000015;;null\n", "\xef\xbb\xbft\tx\n1\t2\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data string) {
		rec, err := ReadFrom("f", strings.NewReader(data))
		if err != nil {
			return
		}
		for _, s := range rec.Series {
			for i := range s.Times {
				if i > 0 && s.Times[i] <= s.Times[i-1] || s.Times[i] < 0 || s.Times[i] > maxMillis {
					t.Fatalf("%s: times %v", s.Labels, s.Times)
				}
				if math.IsNaN(s.Values[i]) && math.Float64bits(s.Values[i]) != staleNaN {
					t.Fatalf("%s: a NaN that is not the stale marker", s.Labels)
				}
			}
		}
		var b bytes.Buffer
		if err := Write(&b, rec.Series); err != nil {
			t.Fatal(err)
		}
		again, err := ReadFrom("f", &b)
		if err != nil {
			t.Fatal(err)
		}
		if show(again.Series) != show(rec.Series) {
			t.Fatal("the round trip changed the series")
		}
	})
}

func FuzzParseSelector(f *testing.F) {
	for _, s := range []string{"up", `up{pod=~"a.*",job!="x"}`, "{'a b'=`c`}", `{"up"}`, `x{a="\u00e9\x00"}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		sel, err := ParseSelector(s)
		if err == nil && len(sel.Matchers) == 0 {
			t.Fatal("a selector without matchers")
		}
		if err == nil {
			sel.Matches(model.Metric{"__name__": "up", "pod": "a"})
		}
	})
}
