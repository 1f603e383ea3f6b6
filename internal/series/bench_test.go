package series

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
)

// sampleFile is an answer as Prometheus gives it: two thirds of the values need
// all digits of a float64, a fifth of the series has times with milliseconds.
func sampleFile(b *testing.B) (data []byte, samples int) {
	b.Helper()
	r := rand.New(rand.NewPCG(7, 8))
	var set []Series
	for i := range 10 {
		s := Series{Labels: model.Metric{"__name__": "http_requests_total", "pod": model.LabelValue(fmt.Sprint("pod-", i))}}
		v := 0.0
		for k := range int64(20_000) {
			at := 1_700_000_000_000 + 15_000*k
			if i%5 == 0 {
				at += 781
			}
			if v += r.Float64() * 100; i%3 == 0 {
				v = float64(int64(v))
			}
			s.Times, s.Values = append(s.Times, at), append(s.Values, v)
		}
		samples += len(s.Times)
		set = append(set, s)
	}
	var buf bytes.Buffer
	if err := Write(&buf, set); err != nil {
		b.Fatal(err)
	}
	return buf.Bytes(), samples
}

func perSample(b *testing.B, size, samples int) {
	b.SetBytes(int64(size))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(samples), "ns/sample")
}

func BenchmarkReadAPI(b *testing.B) {
	data, samples := sampleFile(b)
	for b.Loop() {
		if _, err := ReadFrom("f", bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
	perSample(b, len(data), samples)
}

// BenchmarkEncodingJSON reads the same file as most Go programs would: with
// encoding/json into Prometheus's model.
func BenchmarkEncodingJSON(b *testing.B) {
	data, samples := sampleFile(b)
	for b.Loop() {
		var answer struct {
			Data struct {
				Result model.Matrix `json:"result"`
			} `json:"data"`
		}
		if err := json.Unmarshal(data, &answer); err != nil || len(answer.Data.Result) != 10 {
			b.Fatal(err)
		}
	}
	perSample(b, len(data), samples)
}

func BenchmarkReadCSV(b *testing.B) {
	var text strings.Builder
	text.WriteString("time,a,b,c\n")
	r := rand.New(rand.NewPCG(9, 10))
	const rows = 20_000
	for k := range int64(rows) {
		fmt.Fprintf(&text, "%s,%v,%v,%d\n", Timestamp(1_700_000_000_000+15_000*k), r.Float64(), r.Float64()*1e3, r.IntN(1000))
	}
	for b.Loop() {
		if _, err := ReadFrom("f", strings.NewReader(text.String())); err != nil {
			b.Fatal(err)
		}
	}
	perSample(b, text.Len(), 3*rows)
}
