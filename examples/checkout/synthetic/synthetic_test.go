package synthetic

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
)

func generate(t *testing.T, c Config) *Recording {
	t.Helper()
	r, err := Generate(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// rates are the requests/s sent in each step.
func rates(t *testing.T, r *Recording) []float64 {
	t.Helper()
	for _, s := range r.Series {
		if s.Labels["__name__"] == "load_requests_sent_total" {
			out := make([]float64, len(s.Values))
			for i := 1; i < len(out); i++ {
				out[i] = (s.Values[i] - s.Values[i-1]) / r.Step.Seconds()
			}
			return out
		}
	}
	t.Fatal("no load_requests_sent_total")
	return nil
}

// mean is the mean rate over d from t on.
func mean(r *Recording, rates []float64, t, d time.Duration) float64 {
	sum := 0.0
	from, to := int(t/r.Step), int((t+d)/r.Step)
	for _, v := range rates[from:to] {
		sum += v
	}
	return sum / float64(to-from)
}

func TestFourWeeksHaveDaysWeeksAndTwoIncidents(t *testing.T) {
	r := generate(t, Default())
	if r.Steps != 28*24*240 {
		t.Fatalf("%d steps, want 28 days of 15 s", r.Steps)
	}
	rate := rates(t, r)
	day := 24 * time.Hour
	at := func(d int, h float64) float64 {
		return mean(r, rate, time.Duration(d)*day+time.Duration(h*float64(time.Hour)), time.Hour)
	}
	if night, noon := at(3, 3.5), at(3, 11.5); night > noon/3 {
		t.Errorf("night %.0f/s, noon %.0f/s: no shape of the day", night, noon)
	}
	friday, sunday := 0.0, 0.0
	for week := range 4 {
		friday += mean(r, rate, time.Duration(7*week+4)*day, day)
		sunday += mean(r, rate, time.Duration(7*week+6)*day, day)
	}
	if sunday > friday*.85 {
		t.Errorf("Sundays %.0f/s, Fridays %.0f/s: no shape of the week", sunday/4, friday/4)
	}
	sale, outage := Incidents()[0], Incidents()[1]
	before, during := mean(r, rate, sale.From-10*time.Minute, 10*time.Minute), mean(r, rate, sale.From+5*time.Minute, 20*time.Minute)
	if during < 2*before {
		t.Errorf("sale: %.0f/s before, %.0f/s during", before, during)
	}
	before, during = mean(r, rate, outage.From-10*time.Minute, 10*time.Minute), mean(r, rate, outage.From, 25*time.Minute)
	after := mean(r, rate, outage.From+25*time.Minute, 2*time.Minute)
	if during > .1*before || after < 1.4*before {
		t.Errorf("outage: %.0f/s before, %.0f/s during, %.0f/s after", before, during, after)
	}
}

func TestEverySeriesSaysThatItIsSynthetic(t *testing.T) {
	c := Default()
	c.Days = 2
	for _, s := range generate(t, c).Series {
		if s.Labels["synthetic"] != "true" {
			t.Errorf("%v does not", s.Labels)
		}
	}
}

func TestWhatArrivesIsServedOrShedAndCPUStaysWithinItsLimit(t *testing.T) {
	c := Default()
	c.Days = 10
	r := generate(t, c)
	rate := rates(t, r)
	total := rates(t, r)[0]
	for _, v := range rate {
		total += v * c.Step.Seconds()
	}
	answered, shed := 0.0, 0.0
	for _, s := range r.Series {
		last := s.Values[len(s.Values)-1]
		switch s.Labels["__name__"] + s.Labels["status"] {
		case "http_requests_total200":
			answered += last
		case "http_requests_total503":
			shed += last
		case "container_cpu_usage_seconds_total":
			checkCPU(t, c, s)
		}
	}
	// The first sample's requests are in the counters, not in a rate.
	if first := answered + shed - total; first < 0 || first > c.PeakRate*c.Step.Seconds() {
		t.Errorf("%.0f served + %.0f shed, %.0f sent after the first sample", answered, shed, total)
	}
	if shed == 0 || shed > answered/50 {
		t.Errorf("%.0f shed of %.0f: the sale should overload the pods, and little else", shed, answered)
	}
}

func checkCPU(t *testing.T, c Config, s Series) {
	t.Helper()
	for i := 1; i < len(s.Values); i++ {
		if use := (s.Values[i] - s.Values[i-1]) / c.Step.Seconds(); use < c.IdleCPU-1e-9 || use > c.CPULimit+1e-9 {
			t.Fatalf("%s uses %v CPU at step %d", s.Labels["pod"], use, s.First+i)
		}
	}
}

func TestPodsComeAndGo(t *testing.T) {
	c := Default()
	c.Days = 3 // Monday to Wednesday: two nights, one deployment
	r := generate(t, c)
	alive := make([]float64, r.Steps)
	var replicas []float64
	for _, s := range r.Series {
		switch s.Labels["__name__"] {
		case "container_cpu_usage_seconds_total":
			for i := range s.Values {
				alive[s.First+i]++
			}
		case "kube_deployment_spec_replicas":
			replicas = s.Values
		}
	}
	for i := range alive {
		if alive[i] != replicas[i] {
			t.Fatalf("step %d: %v pods have series, %v replicas", i, alive[i], replicas[i])
		}
	}
	if replicas[0] != float64(c.NightPods) || replicas[12*240] != float64(c.DayPods) {
		t.Errorf("replicas at midnight %v, at noon %v", replicas[0], replicas[12*240])
	}
}

func TestTheSameSeedGivesTheSameBytes(t *testing.T) {
	c := Default()
	c.Days = 1
	text := func(seed uint64) string {
		c.Seed = seed
		var b bytes.Buffer
		r := generate(t, c)
		for _, name := range r.Names() {
			if err := r.WriteJSON(&b, name); err != nil {
				t.Fatal(err)
			}
		}
		return b.String()
	}
	one := text(1)
	if again := text(1); again != one {
		t.Error("one seed, two recordings")
	}
	if text(2) == one {
		t.Error("two seeds, one recording")
	}
}

func TestTheJSONIsAQueryRangeAnswer(t *testing.T) {
	c := Default()
	c.Days = 1
	r := generate(t, c)
	var b bytes.Buffer
	if err := r.WriteJSON(&b, "http_requests_total"); err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Status string
		Data   struct {
			ResultType string
			Result     []struct {
				Metric map[string]string
				Values [][2]json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	if answer.Status != "success" || answer.Data.ResultType != "matrix" || len(answer.Data.Result) == 0 {
		t.Fatalf("status %q, type %q, %d series", answer.Status, answer.Data.ResultType, len(answer.Data.Result))
	}
	for _, s := range answer.Data.Result {
		first := string(s.Values[0][0])
		if len(first) != 10 || s.Metric["pod"] == "" || s.Values[0][1][0] != '"' {
			t.Fatalf("%v begins with %s %s", s.Metric, first, s.Values[0][1])
		}
	}
}

func TestBadConfigurationIsRefused(t *testing.T) {
	for _, tt := range []struct {
		spoil func(*Config)
		want  string
	}{
		{func(c *Config) { c.Days = 0 }, "Days"},
		{func(c *Config) { c.Step = 1500 * time.Millisecond }, "Step"},
		{func(c *Config) { c.PeakRate = math.NaN() }, "PeakRate"},
		{func(c *Config) { c.CPULimit = 0 }, "CPULimit"},
		{func(c *Config) { c.NightPods = 0 }, "NightPods"},
	} {
		c := Default()
		tt.spoil(&c)
		if _, err := Generate(c); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.want, err)
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		if _, err := Generate(Default()); err != nil {
			b.Fatal(err)
		}
	}
}
