package series

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
)

const answers = "../../testdata/series/prometheus"

// TestRealAnswersReadAsPrometheusOwnClientReadsThem compares every sample of
// every answer with what Prometheus's model makes of it.
func TestRealAnswersReadAsPrometheusOwnClientReadsThem(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(answers, "r*-*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, filepath.Join(answers, "raw.json"), filepath.Join(answers, "special.json"), filepath.Join(answers, "info.json")) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var answer struct {
			Data struct {
				Result model.Matrix `json:"result"`
			} `json:"data"`
		}
		if err := json.Unmarshal(data, &answer); err != nil {
			t.Fatal(err)
		}
		b := newBuilder(defaultLimits())
		if err := b.read(file, bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		for i, s := range b.series {
			want := answer.Data.Result[i]
			if want.Metric["__name__"] == "" {
				want.Metric["__name__"] = model.LabelValue(fileMetric(file))
			}
			got := &model.SampleStream{Metric: s.Labels}
			for k, at := range s.Times {
				got.Values = append(got.Values, model.SamplePair{Timestamp: model.Time(at), Value: model.SampleValue(s.Values[k])})
			}
			// String tells every two floats apart, and all NaNs are one.
			if diff := cmp.Diff(want.String(), got.String()); diff != "" {
				t.Errorf("%s: %s", file, diff)
			}
		}
		if len(b.series) == 0 || len(b.series) != len(answer.Data.Result) {
			t.Errorf("%s: %d series, want %d", file, len(b.series), len(answer.Data.Result))
		}
	}
}

func TestRealAnswersThatAreNoRecordings(t *testing.T) {
	for _, tc := range []struct{ file, want string }{
		{"error.json", `:1:1: Prometheus answered with an error: bad_data: invalid parameter "query": 1:15: parse error: unclosed left parenthesis; mend the query`},
		{"error-resolution.json", ":1:1: Prometheus answered with an error: bad_data: exceeded maximum resolution of 11,000 points per timeseries"},
		{"vector.json", ":1:42: the result is a vector: one instant, not a recording; fetch a range"},
		{"scalar.json", ":1:42: the result is a scalar: one instant"},
		{"string.json", ":1:42: the result is a string: one instant"},
		{"histogram.json", `prometheus_http_request_duration_seconds{handler="/metrics", instance="127.0.0.1:19095", job="prometheus"} is a native histogram`},
		{"empty.json", ": no samples; the query matched nothing"},
	} {
		_, err := Read(filepath.Join(answers, tc.file))
		if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.HasPrefix(err.Error(), filepath.Join(answers, tc.file)+":") {
			t.Errorf("%s: got %v, want %s", tc.file, err, tc.want)
		}
	}
}

func TestTheServersRemarksAreKept(t *testing.T) {
	rec, err := Read(filepath.Join(answers, "info.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(rec.Notes) != 2 || !strings.Contains(rec.Notes[0], `Prometheus said: PromQL info: metric might not be a counter`) {
		t.Errorf("%q", rec.Notes)
	}
}
