package series

import (
	"bytes"
	"compress/gzip"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
)

// show prints series in a short form: labels, then time in ms and value.
func show(set []Series) string {
	var b bytes.Buffer
	for _, s := range set {
		b.WriteString(s.Labels.String())
		for i, t := range s.Times {
			b.WriteString(" ")
			b.Write(appendValue(nil, float64(t)))
			b.WriteString("=")
			b.Write(appendValue(nil, s.Values[i]))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func matrix(elements string) string {
	return `{"status":"success","data":{"resultType":"matrix","result":[` + elements + `]}}`
}

func pack(t testing.TB, s string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, s); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReadFormats(t *testing.T) {
	const one = `{"metric":{"__name__":"x","pod":"a"},"values":[[1,"1"],[16.781,"2.5"]]}`
	const oneRead = `x{pod="a"} 1000=1 16781=2.5` + "\n"
	for _, tc := range []struct{ name, in, want string }{
		{"query_range", matrix(one), oneRead},
		{"spread over lines", "{\n \"status\" : \"success\" , \"data\":\t{ \"resultType\":\"matrix\",\r\n\"result\": [ { \"metric\" : {\"__name__\":\"x\", \"pod\":\"a\" } ,\n \"values\" : [ [ 1 , \"1\" ] , [ 16.781 , \"2.5\" ] ] } ] } }\n", oneRead},
		{"the data alone", `{"resultType":"matrix","result":[` + one + `]}`, oneRead},
		{"the bare array of promtool", "[" + one + "]", oneRead},
		{"result before its type", `{"data":{"result":[` + one + `],"resultType":"matrix"},"status":"success"}`, oneRead},
		{"values before labels", matrix(`{"values":[[1,"1"],[16.781,"2.5"]],"metric":{"__name__":"x","pod":"a"}}`), oneRead},
		{"two answers in one file", matrix(one) + "\n" + matrix(`{"metric":{"__name__":"x","pod":"a"},"values":[[16.781,"2.5"],[31,"3"]]}`), `x{pod="a"} 1000=1 16781=2.5 31000=3` + "\n"},
		{"unknown keys", `{"status":"success","stats":{"a":[1,-2.5e3,true,false,null,"x\n",{}]},"data":{"resultType":"matrix","result":[` + one + `]}}`, oneRead},
		{"packed", pack(t, matrix(one)), oneRead},
		{"values in every form", matrix(`{"metric":{"__name__":"x"},"values":[[1,"NaN"],[2,"+Inf"],[3,"-Inf"],[4,"1e3"],[5,"-0.5"],[6,"1.7976931348623157e308"],[7,"12345678901234567890"],[8.25,"0"],[9.1239,"0.30000000000000004"]]}`), "x 1000=NaN 2000=+Inf 3000=-Inf 4000=1000 5000=-0.5 6000=1.7976931348623157e+308 7000=12345678901234567000 8250=0 9123=0.30000000000000004\n"},
		{"escapes in labels", matrix(`{"metric":{"__name__":"x","path":"a\"b\\c\u00e9"},"values":[[1,"1"]]}`), `x{path="a\"b\\cé"} 1000=1` + "\n"},
		{"no name", matrix(`{"metric":{"pod":"a"},"values":[[1,"1"]]}`), `the_file{pod="a"} 1000=1` + "\n"},
		{"series in order", matrix(`{"metric":{"__name__":"y"},"values":[[1,"1"]]},{"metric":{"__name__":"x"},"values":[[1,"2"]]}`), "x 1000=2\ny 1000=1\n"},
		{"CSV", "time,x\n2026-11-20T14:00:00Z,1\n2026-11-20T15:00:15.5+01:00,2.5\n", "x 1795183200000=1 1795183215500=2.5\n"},
		{"CSV, no zone", "period,count\n1998-04-30 21:30:00,2\n1998-04-30 21:31:00,11\n", "count 893971800000=2 893971860000=11\n"},
		{"CSV, seconds", "t;a;b\n1700000000;1;2\n1700000015.5;3;4\n", "a 1700000000000=1 1700000015500=3\nb 1700000000000=2 1700000015500=4\n"},
		{"CSV, milliseconds", "t\tcpu usage (%)\n1700000000000\t1\n", "cpu_usage____ 1700000000000=1\n"},
		{"CSV of Grafana", "\xef\xbb\xbfsep=,\r\n\"Time\",\"{pod=\"\"a\"\"}\",\"rps{pod=\"\"b\"\", zone=\"\"z\"\"}\"\r\n\"2026-11-20 14:00:00\",1,\r\n\"2026-11-20 14:00:15\",NaN,3\r\n\"2026-11-20 14:00:30\",null,undefined\r\n", "rps{pod=\"b\", zone=\"z\"} 1795183215000=3 1795183230000=NaN\nvalue{pod=\"a\"} 1795183200000=1 1795183215000=NaN 1795183230000=NaN\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rec, err := ReadFrom("dir/the-file.json", strings.NewReader(tc.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, show(rec.Series)); diff != "" {
				t.Error(diff)
			}
			slow, err := ReadFrom("dir/the-file.json", iotest.OneByteReader(strings.NewReader(tc.in)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, show(slow.Series)); diff != "" {
				t.Errorf("byte by byte: %s", diff)
			}
		})
	}
}

func TestBadRecordingsAreRefusedWithAHint(t *testing.T) {
	const x = `{"metric":{"__name__":"x"},"values":`
	for _, tc := range []struct{ name, in, want string }{
		{"empty", "", "f: the file is empty; elasticctl reads Prometheus API JSON"},
		{"blank", " \n\n", "f: the file is empty; elasticctl reads Prometheus API JSON"},
		{"not a recording", "hello\n", "f:1:1: not a recording; elasticctl reads Prometheus API JSON (query_range, or query with a range vector), CSV (a header row"},
		{"prose", "# Traces, for measuring\n\nNot ours: read them, measure\n", "f:1:1: not a recording; elasticctl reads"},
		{"a manifest", "apiVersion: v1\nkind: Pod\n", "f:1:1: not a recording: this is a manifest; elasticctl reads"},
		{"a scrape", "# HELP x y, z\n", "f:1:1: not a recording: this is a scrape"},
		{"a web page", "<html>\n", "f:1:1: not a recording: this is a web page"},
		{"packed twice", pack(t, pack(t, "x")), "f:1:1: not a recording: this is packed with gzip twice"},
		{"another JSON of several lines", "{\n  \"name\": \"elasticctl\"\n}\n", "f:1:1: this JSON is not an answer of Prometheus"},
		{"another JSON", `{"name":"elasticctl"}`, "f:1:1: this JSON is not an answer of Prometheus: it has no result"},
		{"truncated in a value", matrix(x + `[[1,"1"],[2,"2"]]}`)[:100], `f:1:101: the JSON ends early, where '"' in a sample should follow; the file is truncated`},
		{"truncated between samples", `[` + x + `[[1,"1"],[2,"2"],`, `f:1:55: the JSON ends early, where '[' in a sample should follow; the file is truncated`},
		{"truncated at the end", strings.TrimSuffix(matrix(x+`[[1,"1"]]}`), "}}"), `f:1:108: the JSON ends early, where ',' or '}' in data should follow`},
		{"an error", `{"status":"error","errorType":"bad_data","error":"invalid parameter \"query\": 1:5: parse error"}`, `f:1:1: Prometheus answered with an error: bad_data: invalid parameter "query": 1:5: parse error; mend the query`},
		{"no series", matrix(""), "f: no samples; the query matched nothing"},
		{"no samples in a series", matrix(x + `[]}`), "f: no samples; the query matched nothing"},
		{"an instant vector", `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"x"},"value":[1,"1"]}]}}`, "f:1:42: the result is a vector: one instant, not a recording; fetch a range: query_range"},
		{"a scalar", `{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}`, "the result is a scalar: one instant"},
		{"an instant vector, type unknown", `[{"metric":{"__name__":"x"},"value":[1,"1"]}]`, "f:1:37: x has one value: an instant, not a recording"},
		{"a scalar, type unknown", `[1,"1"]`, "f:1:2: the result holds no series: it is a scalar or a string; fetch a range"},
		{"a native histogram", matrix(`{"metric":{"__name__":"h","pod":"a"},"histograms":[[1,{"count":"1"}]]}`), `h{pod="a"} is a native histogram; only numbers are read; record what you need of it`},
		{"unsorted", `[` + x + `[[16,"1"],[1,"2"]]}]`, "f:1:48: x: the sample of 1970-01-01T00:00:01Z comes after that of 1970-01-01T00:00:16Z; sort by time, oldest first"},
		{"duplicate time", `[` + x + `[[16,"1"],[16.0,"1"]]}]`, "f:1:48: x: two samples at 1970-01-01T00:00:16Z; keep one of them"},
		{"the same series twice", "[\n" + x + `[[16,"1"]]},` + "\n" + x + `[[16,"2"]]}]`, "f:3:1: x at 1970-01-01T00:00:16Z is 2 here and 1 in f; two recordings of one series must agree"},
		{"a label twice", `[{"metric":{"a":"1","a":"2"},"values":[]}]`, `label "a" twice in one series`},
		{"a label without name", `[{"metric":{"":"1"},"values":[]}]`, `a label without a name`},
		{"a label that is no string", `[{"metric":{"a":1},"values":[]}]`, `f:1:17: unexpected '1', want '"' in the value of a label`},
		{"invalid UTF-8", "[{\"metric\":{\"a\":\"\xff\"},\"values\":[]}]", "f:1:17: invalid UTF-8 in the value of a label"},
		{"too large", `[` + x + `[[16,"1e999"]]}]`, "f:1:43: the value 1e999 is too large for a float64"},
		{"not a value", `[` + x + `[[16,"one"]]}]`, `f:1:43: "one" is not a value`},
		{"a value without quotes", `[` + x + `[[16,1]]}]`, `f:1:43: unexpected '1', want '"' in a sample`},
		{"null", `[` + x + `[[16,null]]}]`, `f:1:43: unexpected 'n', want '"' in a sample`},
		{"milliseconds", `[` + x + `[[1700000000000,"1"]]}]`, `f:1:40: "1700000000000" is not a time: want seconds since 1970`},
		{"a time with an exponent", `[` + x + `[[1.7e9,"1"]]}]`, `f:1:40: "1.7e9" is not a time`},
		{"before 1970", `[` + x + `[[-1,"1"]]}]`, `f:1:40: "-1" is not a time`},
		{"something after the answer", matrix("") + "x", "f:1:64: unexpected 'x', want '{' or '[', the beginning of an answer"},
		{"a trailing comma", `[` + x + `[[16,"1"],]}]`, `unexpected ']' after a comma in values`},
		{"a broken atom", `{"x":nul}`, "f:1:9: unexpected '}', want null in"},
		{"a broken number", `{"x":-}`, `f:1:6: "-" is not a number in "x"`},
		{"deep", `{"x":` + strings.Repeat("[", 1000), `f:1:38: nested more than 32 deep in "x"; this is not an answer of Prometheus`},
		{"a long string", `{"x":"` + strings.Repeat("y", 100_000), `a string of more than 65536 bytes in "x"`},
		{"a long number", `{"x":` + strings.Repeat("1", 200_000), `a number without end in "x"`},
		{"gzip cut off", pack(t, matrix(x+`[[1,"1"]]}`))[:60], "f: the gzip data ends early; the file is truncated"},
		{"gzip damaged", pack(t, "x")[:20] + "........", "f: the gzip data is damaged: gzip: invalid checksum; fetch it again"},

		{"CSV: no rows", "time,x\n", "f: no samples"},
		{"CSV: no header", "1700000000,1\n1700000015,1\n", `f:1:1: the first row starts with a time, "1700000000"; a header row must name the columns`},
		{"CSV: not a time", "time,x\nyesterday,1\n", `f:2:1: "yesterday" is not a time; want RFC 3339`},
		{"CSV: microseconds", "time,x\n1700000000000000,1\n", `f:2:1: "1700000000000000" is not a time`},
		{"CSV: not a value", "time,x,y\n1700000000,1, 2 req/s\n", `f:2:15: "2 req/s" is not a value; want a number in base units; in Grafana, switch formatted data off`},
		{"CSV: not a value, after sep=", "sep=,\ntime,x,y\n1700000000,1,z\n", `f:3:14: "z" is not a value`},
		{"CSV: too large", "time,x\n1700000000,1e999\n", `f:2:12: "1e999" is not a value`},
		{"CSV: unsorted", "time,x\n1700000015,1\n1700000000,1\n", "f:3:1: the sample of 2023-11-14T22:13:20Z comes after that of 2023-11-14T22:13:35Z; sort by time, oldest first"},
		{"CSV: duplicate time", "time,x\n1700000015,1\n1700000015,1\n", "f:3:1: two samples at 2023-11-14T22:13:35Z; keep one of them"},
		{"CSV: the same column twice", "time,a b,a_b\n1,1,1\n", "f:1:10: columns 2 and 3 are both called a_b; give each its own name"},
		{"CSV: a column without name", "time,,b\n1,1,1\n", "f:1:6: column 2 has no name"},
		{"CSV: a short row", "time,a,b\n1,1\n", "f:2:1: the row has 2 columns, the header 3"},
		{"CSV: an open quote", "time,a\n1,\"2\n" + strings.Repeat("3,4\n", 100_000), "f: a row of more than 65536 bytes; is a quote left open?"},
		{"CSV: a stray quote", "time,a\n1,2\"2\n", `f:2:4: not CSV: bare " in non-quoted-field; quote it as`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rec, err := ReadFrom("f", strings.NewReader(tc.in))
			if err == nil {
				t.Fatalf("read %s", show(rec.Series))
			}
			if !strings.HasPrefix(err.Error(), tc.want) && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got  %s\nwant %s", err, tc.want)
			}
		})
	}
}

func write(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadDirectoryMergesItsFilesInOrder(t *testing.T) {
	dir := t.TempDir()
	x := func(samples string) string {
		return matrix(`{"metric":{"__name__":"x"},"values":[` + samples + `]}`)
	}
	write(t, dir, "b.json.gz", pack(t, x(`[30,"3"],[45,"4"]`)))
	write(t, dir, "a.json", x(`[15,"1"],[30,"3"]`))
	write(t, dir, "c.csv", "t,y\n15,7\n")
	write(t, dir, "none.json", matrix(""))
	write(t, dir, "README.md", "how it was made")
	write(t, dir, "facts.json", "{\n  \"by\": \"hand\"\n}\n")
	rec, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := show(rec.Series), "x 15000=1 30000=3 45000=4\ny 15000=7\n"; got != want {
		t.Errorf("got %s", got)
	}
	want := []string{
		filepath.Join(dir, "none.json") + " adds no series",
		"no recordings, left out of " + dir + ": README.md, facts.json",
	}
	if diff := cmp.Diff(want, rec.Notes); diff != "" {
		t.Error(diff)
	}

	conflict := write(t, t.TempDir(), "z.json", x(`[30,"5"]`))
	_, err = Read(dir, conflict)
	if err == nil || !strings.Contains(err.Error(), conflict+":1:61: x at 1970-01-01T00:00:30Z is 5 here and 3 in "+filepath.Join(dir, "a.json")) {
		t.Errorf("two files that disagree: %v", err)
	}
	if _, err := Read(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no recordings in this directory") {
		t.Errorf("an empty directory: %v", err)
	}
	if _, err := Read(filepath.Join(dir, "missing.json")); !os.IsNotExist(err) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestMergeLetsNumbersWinOverStaleMarkers(t *testing.T) {
	b := newBuilder(defaultLimits())
	m := model.Metric{"__name__": "x"}
	for _, s := range []Series{
		{Labels: m, Times: []int64{1, 2, 3}, Values: []float64{1, Stale(), 3}},
		{Labels: m, Times: []int64{0, 2, 3, 4}, Values: []float64{0, 2, Stale(), Stale()}},
	} {
		if err := b.add(s); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := show(b.series), "x 0=0 1=1 2=2 3=3 4=NaN\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, v := range b.series[0].Values {
		if math.IsNaN(v) && math.Float64bits(v) != math.Float64bits(Stale()) {
			t.Error("a NaN that is not the stale marker")
		}
	}
}

func TestServerWarningsAreNoted(t *testing.T) {
	rec, err := ReadFrom("f", strings.NewReader(`{"status":"success","warnings":["no store"],"data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"1"]]}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"f: Prometheus said: no store", "f: series without a name are called f, after the file"}
	if diff := cmp.Diff(want, rec.Notes); diff != "" {
		t.Error(diff)
	}
}

// endless repeats a text for ever, as a gzip bomb or a hostile server does.
type endless struct {
	start, text string
	n           int
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		if e.n < len(e.start) {
			p[i] = e.start[e.n]
		} else {
			p[i] = e.text[(e.n-len(e.start))%len(e.text)]
		}
		e.n++
	}
	return len(p), nil
}

func TestEndlessInputsStopAtALimit(t *testing.T) {
	lim := limits{unpacked: 4 << 20, memory: 1 << 20, token: 4 << 10, depth: 8}
	for _, tc := range []struct{ name, start, text, want string }{
		{"white space", "[", " \n", "the file holds more than 4 MiB"},
		{"digits", `[{"values":[[`, "1", "a number without end"},
		{"empty series", "[", `{"metric":{},"values":[]},`, "the file holds more than 4 MiB"},
		{"labels", `[{"metric":{"a0":"x"`, `,"a0":"x"`, `label "a0" twice`},
		{"escapes", `[{"metric":{"`, `\\`, "a string of more than 4096 bytes"},
		{"keys", "{", `"a":1,`, "the file holds more than 4 MiB"},
		{"columns", "t", ",a", "a row of more than 4096 bytes"},
		{"blank rows", "t,a\n1,1\n", "\n", "more than 4"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBuilder(lim)
			err := b.read("f", &endless{start: tc.start, text: tc.text})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

func TestTooManySamplesStopAtTheLimit(t *testing.T) {
	set := []Series{{Labels: model.Metric{"__name__": "x"}}}
	for i := range int64(1000) {
		set[0].Times, set[0].Values = append(set[0].Times, i*1000), append(set[0].Values, 0.5)
	}
	var b bytes.Buffer
	if err := Write(&b, set); err != nil {
		t.Fatal(err)
	}
	lim := defaultLimits()
	lim.memory = 8 << 10
	if err := newBuilder(lim).read("f", &b); err == nil || !strings.Contains(err.Error(), "the recording is too large") {
		t.Errorf("got %v", err)
	}
}

func TestGzipBombStopsAtTheLimit(t *testing.T) {
	lim := defaultLimits()
	lim.unpacked = 1 << 20
	bomb := pack(t, "["+strings.Repeat(" ", 8<<20))
	if len(bomb) > 64<<10 {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	if err := newBuilder(lim).read("f", strings.NewReader(bomb)); err == nil || !strings.Contains(err.Error(), "the file holds more than 1 MiB") {
		t.Errorf("got %v", err)
	}
}
