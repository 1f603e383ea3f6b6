package report

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/internal/fit"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// TestDocsListEveryFieldOfAModel holds docs/model.md against the type.
func TestDocsListEveryFieldOfAModel(t *testing.T) {
	doc, err := os.ReadFile("../../docs/model.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(doc), "## In JSON")
	var documented []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]+) \\|").FindAllStringSubmatch(table, -1) {
		for _, name := range strings.Split(row[1], ", ") {
			documented = append(documented, strings.Trim(name, "`"))
		}
	}
	var fields []string
	for f := range reflect.TypeFor[modelJSON]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields = append(fields, name)
	}
	slices.Sort(documented)
	slices.Sort(fields)
	if !slices.Equal(documented, fields) {
		t.Errorf("documented %v\nfields     %v", documented, fields)
	}
}

func TestAModelSaysHowItWasFound(t *testing.T) {
	idle := fit.Estimate{Value: 0.02, Low: 0.01, High: 0.03}
	for _, tc := range []struct {
		name  string
		model fit.Model
		lines []string
	}{
		{"jumps", fit.Model{Method: fit.Jumps, Idle: idle}, []string{
			"a pod uses idle + its share of the load", "idle                  20m   10m to 30m with 95% confidence, in cores, by how the total jumps",
			"start-up          unknown   no pod was born within the recording", "saturated              0s   no sign that pods had no room left",
		}},
		{"a range, with requests", fit.Model{Method: fit.Range, Driver: "x_total", Idle: fit.Estimate{High: 0.03}, Cost: fit.Estimate{Value: 0.004, Low: 0.003, High: 0.004}}, []string{
			"idle           0 to 30m   cores, not told apart from load: what a pod is asked for hardly varies", "cost                 4m   3m to 4m, in core-seconds for each of x_total",
			"capacity        unknown   no cpu limit is known",
		}},
		{"segments that differ", fit.Model{
			Method: fit.Regression, Driver: "x_total", Idle: idle, Changed: true,
			Segments: []fit.Segment{{Template: "web-1", Windows: 40, OK: true, Idle: idle, Cost: idle}, {From: 60_000, Windows: 3}},
		}, []string{
			"segment 1       20m + 20m   from 1970-01-01 00:00:00, template web-1, 40 windows; idle 10m to 30m, cost 10m to 30m; segments differ, so each counts for its own time",
			"segment 2         unknown   from 1970-01-01 00:01:00, 3 windows: too few", "held out          unknown   the number of pods does not change",
		}},
		{"saturation that nothing tells", fit.Model{Signs: []fit.Sign{{Text: "CPU at its limit", Time: time.Minute}}, Understated: time.Minute, NoValue: 2, Births: 1, StartUp: 0.5}, []string{
			"saturated              1m   CPU at its limit 1m; at least the recorded load arrived then", "left out: 2 not fully recorded", "core-seconds, mean of 1 birth;",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var b strings.Builder
			if err := Models(&b, []*Replay{{Name: "web", Models: []Model{{"app/cpu", &tc.model}}}}, Options{Width: 300}); err != nil {
				t.Fatal(err)
			}
			words := func(s string) string { return strings.Join(strings.Fields(s), " ") }
			for _, line := range tc.lines {
				if !strings.Contains(words(b.String()), words(line)) {
					t.Errorf("no %q in\n%s", line, b.String())
				}
			}
		})
	}
}

func TestWhatMayHaveBeenMoreSaysSo(t *testing.T) {
	r := &Replay{World: &sim.World{}, Score: sim.Score{HasCapacity: true, Duration: time.Hour, Saturated: time.Minute}, Trace: &sim.Trace{}, Understated: 90 * time.Second}
	if f := saturatedFact(r); f.value != "≥ 1m" || !strings.HasSuffix(f.detail, "; the recording was saturated for 1m 30s, so more may have arrived") {
		t.Errorf("%+v", f)
	}
	if s := summarize(r); !s.SaturatedAtLeast {
		t.Errorf("%+v", s)
	}
}
