package lint_test

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/lint"
	recordings "github.com/elasticctl/elasticctl/internal/series"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// A column is one recorded series: a selector of equal labels, the seconds
// between its samples, and its values; NaN is no sample.
type column struct {
	selector string
	every    int
	values   []float64
}

// record makes a recording of columns.
func record(t *testing.T, columns ...column) *recordings.Recording {
	t.Helper()
	var b strings.Builder
	rec := &recordings.Recording{}
	for _, c := range columns {
		sel, err := recordings.ParseSelector(c.selector)
		if err != nil {
			t.Fatal(err)
		}
		s := recordings.Series{Labels: model.Metric{}}
		for _, m := range sel.Matchers {
			s.Labels[model.LabelName(m.Label)] = model.LabelValue(m.Value)
		}
		for i, v := range c.values {
			if !math.IsNaN(v) {
				s.Times, s.Values = append(s.Times, int64(1795165200+i*c.every)*1000), append(s.Values, v)
			}
		}
		rec.Series = append(rec.Series, s)
	}
	// What is written and read again is in order, as a recording is.
	if err := recordings.Write(&b, rec.Series); err != nil {
		t.Fatal(err)
	}
	read, err := recordings.ReadFrom("made.json", strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// wave is n values of a function of their place.
func wave(n int, of func(i int) float64) []float64 {
	list := make([]float64, n)
	for i := range list {
		list[i] = of(i)
	}
	return list
}

func rising(step float64) func(int) float64 { return func(i int) float64 { return step * float64(i) } }

func constant(v float64) func(int) float64 { return func(int) float64 { return v } }

const (
	podOne = `namespace="shop",pod="web-5d9c7b6f4-abcde"`
	podTwo = `namespace="shop",pod="web-5d9c7b6f4-fghij"`
	hpaOne = `{namespace="shop",horizontalpodautoscaler="web"}`
)

// recordedShop is an autoscaler of pods whose metric jobs a rule serves from a
// query, and the Deployment.
func recordedShop(query string) string {
	return asking("pods", "jobs") + "---\n" + strings.Replace(run("Deployment", "", onePod), "{name: web}", "{name: web, namespace: shop}", 1) +
		"\n---\nrules: [{seriesQuery: 'jobs_total', " + resources + "name: {as: jobs}, metricsQuery: '" + query + "'}]\n"
}

// recordedScale is an autoscaler of cpu beside it.
func recordedScale(spec string) string {
	return strings.Replace(scale(spec), "{name: web}\nspec", "{name: web, namespace: shop}\nspec", 1) + "\n---\n" +
		strings.Replace(run("Deployment", "", onePod), "{name: web}", "{name: web, namespace: shop}", 1)
}

// said is what one rule says of manifests and a recording, and what it could not
// check.
func saidOf(t *testing.T, rule, manifests string, rec *recordings.Recording) (said, unchecked []string) {
	t.Helper()
	r, err := lint.Check(&lint.Input{Paths: []string{"-"}, Stdin: strings.NewReader(manifests)},
		lint.Options{Tier: lint.All, Profile: hpa.LatestProfile(), Recording: rec})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		if f.Rule == rule {
			said = append(said, f.Message)
		}
	}
	for _, s := range r.Skipped {
		if names, reason, found := strings.Cut(s.Reason, ": "); found && strings.Contains(names, rule) && s.Quiet {
			unchecked = append(unchecked, reason)
		}
	}
	return said, unchecked
}

func TestRecordedSeriesAreHeldAgainstTheManifests(t *testing.T) {
	const rate = "sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)"
	const raw = "sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)"
	keda := func(query string) string {
		return "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: web, namespace: shop}\nspec: {scaleTargetRef: {name: web}, triggers: [{type: prometheus, metadata: {serverAddress: 'http://p:9090', threshold: '1', query: '" + query + "'}}]}"
	}
	jobs := func(of func(int) float64) column { return column{`jobs_total{` + podOne + `}`, 60, wave(90, of)} }
	up := column{`up{` + podOne + `}`, 60, wave(90, constant(1))}
	used := func(of func(int) float64) column {
		return column{`container_cpu_usage_seconds_total{container="app",` + podOne + `}`, 3600, wave(26, of)}
	}
	replicas := func(of func(int) float64) column {
		return column{"kube_horizontalpodautoscaler_status_current_replicas" + hpaOne, 60, wave(180, of)}
	}
	highest := func(n float64) column {
		return column{"kube_horizontalpodautoscaler_spec_max_replicas" + hpaOne, 60, wave(180, constant(n))}
	}
	for _, tc := range []struct {
		rule, name, manifests string
		columns               []column
		want, unchecked       string
	}{
		{"data-metric-absent", "recorded", recordedShop(rate), []column{jobs(rising(5)), up}, "", ""},
		{"data-metric-absent", "absent beside others of the pod", recordedShop(rate), []column{up}, "no jobs_total (served as jobs)", ""},
		{"data-metric-absent", "nothing of these pods", recordedShop(rate), []column{{`up{namespace="shop",pod="other-5d9c7b6f4-abcde"}`, 60, wave(9, constant(1))}}, "", "nothing of what reports jobs_total"},
		{"data-metric-absent", "another namespace", recordedShop(rate), []column{{`up{namespace="test",pod="web-5d9c7b6f4-abcde"}`, 60, wave(9, constant(1))}}, "", "nothing of namespace shop"},
		{"data-metric-absent", "no rule is known", asking("pods", "jobs"), []column{up}, "", "no rule of prometheus-adapter"},
		{"data-metric-absent", "a label's value", keda(`sum(rate(jobs_total{job="web"}[2m]))`), []column{{`jobs_total{job="website",` + podOne + `}`, 60, wave(9, rising(1))}}, `no recorded series of jobs_total has job="web"`, ""},
		{"data-metric-absent", "an external label", keda(`sum(rate(jobs_total{cluster="eu"}[2m]))`), []column{jobs(rising(1))}, "", ""},
		{"data-metric-absent", "a job without the metric", keda(`sum(jobs{job="web"})`), []column{{`up{job="web",` + podOne + `}`, 60, wave(9, constant(1))}}, "no jobs, and has other series", ""},
		{"data-metric-absent", "a metric of somebody unknown", keda(`sum(jobs{queue="web"})`), []column{up}, "", "nothing of what reports jobs"},

		{"data-metric-type", "a counter's rate", recordedShop(rate), []column{jobs(rising(5))}, "", ""},
		{"data-metric-type", "a restarted counter's rate", recordedShop(rate), []column{jobs(func(i int) float64 { return float64(i % 5 * 10) })}, "", ""},
		{"data-metric-type", "a gauge's rate", recordedShop(rate), []column{jobs(func(i int) float64 { return 50 + float64(i*7%13) })}, "as a gauge does: its rate means nothing", ""},
		{"data-metric-type", "a counter by its name", recordedShop(raw), []column{jobs(rising(5))}, "", ""},
		{"data-metric-type", "a counter by its values", keda("sum(jobs) * 2"), []column{{`jobs{` + podOne + `}`, 60, wave(90, rising(3))}}, "rose 89 times in 1h29m and never fell", ""},
		{"data-metric-type", "a gauge", keda("sum(jobs) * 2"), []column{{`jobs{` + podOne + `}`, 60, wave(90, func(i int) float64 { return float64(i * 7 % 13) })}}, "", ""},
		{"data-metric-type", "a gauge that grew for a while", keda("sum(jobs)"), []column{{`jobs{` + podOne + `}`, 60, wave(30, rising(3))}}, "", ""},
		{"data-metric-type", "the age of something", keda("time() - max(jobs)"), []column{{`jobs{` + podOne + `}`, 60, wave(90, rising(60))}}, "", ""},

		{"data-labels-missing", "there", recordedShop(rate), []column{jobs(rising(5))}, "", ""},
		{"data-labels-missing", "renamed by a scrape", recordedShop(rate), []column{{`jobs_total{namespace="shop",pod="",exported_pod="web-5d9c7b6f4-abcde"}`, 60, wave(9, rising(5))}}, "has the label pod", ""},

		{"data-double-series", "one job", recordedShop(rate), []column{jobs(rising(5))}, "", ""},
		{"data-double-series", "two jobs", recordedShop(rate), []column{{`jobs_total{job="a",` + podOne + `}`, 60, wave(9, rising(5))}, {`jobs_total{job="b",` + podOne + `}`, 60, wave(9, rising(5))}}, "2 of 2 recorded series of jobs_total are there twice", ""},
		{"data-double-series", "two jobs of other values", recordedShop(rate), []column{{`jobs_total{job="a",` + podOne + `}`, 60, wave(9, rising(5))}, {`jobs_total{job="b",` + podOne + `}`, 60, wave(9, rising(9))}}, "", ""},
		{"data-double-series", "two servers", recordedShop(rate), []column{{`jobs_total{replica="a",` + podOne + `}`, 60, wave(9, rising(5))}, {`jobs_total{replica="b",` + podOne + `}`, 60, wave(9, rising(5))}}, "", ""},
		{"data-double-series", "kept apart", keda("max(sum by (job) (rate(jobs_total[2m])))"), []column{{`jobs_total{job="a",` + podOne + `}`, 60, wave(9, rising(5))}, {`jobs_total{job="b",` + podOne + `}`, 60, wave(9, rising(5))}}, "", ""},

		{"data-sample-gap", "none", recordedShop(rate), []column{jobs(rising(5)), up}, "", ""},
		{"data-sample-gap", "while the pod was there", recordedShop(rate), []column{jobs(silent(20, 40)), up}, "had no sample for 21m from 2026-11-20T09:19:00Z on", ""},
		{"data-sample-gap", "while nothing was recorded", recordedShop(rate), []column{jobs(silent(20, 40)), {up.selector, 60, wave(90, silent(20, 40))}}, "", ""},

		{"data-max-saturated", "below", recordedScale(""), []column{replicas(func(i int) float64 { return 3 + float64(i%5) })}, "", ""},
		{"data-max-saturated", "at it", recordedScale(""), []column{replicas(func(i int) float64 { return 4 + 6*float64(i/100) })}, "10 pods or more for 1h20m of the 3h recorded (44 %), from 2026-11-20T10:40:00Z on", ""},
		{"data-max-saturated", "as many by chance", recordedScale(""), []column{replicas(func(i int) float64 { return 4 + 6*float64(i/100) }), highest(20)}, "", ""},
		{"data-max-saturated", "raised since", recordedScale(""), []column{replicas(constant(8)), highest(8)}, "", ""},
		{"data-max-saturated", "not recorded", recordedScale(""), []column{up}, "", "no kube_horizontalpodautoscaler_status_current_replicas"},

		{"data-flapping", "up and down within the window", recordedScale(""), []column{replicas(func(i int) float64 { return 3 + float64(i/3%2) })}, "", ""},
		{"data-flapping", "with a short window", recordedScale("  behavior: {scaleDown: {stabilizationWindowSeconds: 30}}"), []column{replicas(func(i int) float64 { return 3 + float64(i/3%2) })}, "turned around 58 times in 3h within 10m of the change before", ""},
		{"data-flapping", "by the hour", recordedScale(""), []column{replicas(func(i int) float64 { return 3 + float64(i/30%2) })}, "", ""},

		{"data-target-never-reached", "not recorded, with a minimum of 3", strings.Replace(recordedScale(""), "minReplicas: 2", "minReplicas: 3", 1), []column{up}, "", "no series container_cpu_usage_seconds_total"},
		{"data-min-oversized", "not recorded, with a minimum of 3", strings.Replace(recordedScale(""), "minReplicas: 2", "minReplicas: 3", 1), []column{up}, "", "no series container_cpu_usage_seconds_total"},
		{"data-min-oversized", "an idle day", strings.Replace(recordedScale(""), "minReplicas: 2", "minReplicas: 3", 1), []column{used(rising(600))}, "minReplicas is 3, and the busiest time of the 25h recorded", ""},
		{"data-min-oversized", "a busy day", strings.Replace(recordedScale(""), "minReplicas: 2", "minReplicas: 3", 1), []column{used(rising(3600))}, "", ""},
	} {
		t.Run(tc.rule+"/"+tc.name, func(t *testing.T) {
			said, unchecked := saidOf(t, tc.rule, tc.manifests, record(t, tc.columns...))
			sayingOnly(t, "said", said, tc.want)
			sayingOnly(t, "could not be checked", unchecked, tc.unchecked)
		})
	}
}

// silent is a counter without samples from one place up to another.
func silent(from, to int) func(int) float64 {
	return func(i int) float64 {
		if i >= from && i < to {
			return math.NaN()
		}
		return float64(5 * i)
	}
}

// sayingOnly holds a list to one text that has a part, or to none.
func sayingOnly(t *testing.T, what string, list []string, part string) {
	t.Helper()
	if (part == "") != (len(list) == 0) || len(list) > 1 || part != "" && !strings.Contains(list[0], part) {
		t.Errorf("%s: %q, want %q", what, list, part)
	}
}

// TestTheExampleIsCleanBesideItsRecording: what generate makes of the example, and
// its other autoscaler, say nothing false of the recording that was made of it.
func TestTheExampleIsCleanBesideItsRecording(t *testing.T) {
	rec, err := recordings.Read("../../testdata/recordings/checkout")
	if err != nil {
		t.Fatal(err)
	}
	b := checkout(t)
	b.WriteString("---\nrules:\n- seriesQuery: http_requests_total{namespace!=\"\",pod!=\"\"}\n  " + strings.TrimSuffix(resources, ", ") +
		"\n  name: {matches: ^http_requests_total$, as: http_requests_per_second}\n  metricsQuery: sum(rate(<<.Series>>{<<.LabelMatchers>>}[1m])) by (<<.GroupBy>>)\n")
	dir := tree(t, map[string]string{"checkout.yaml": b.String()})
	r, err := lint.Check(&lint.Input{Paths: []string{filepath.Join(dir, "checkout.yaml")}}, lint.Options{Tier: lint.All, Profile: hpa.LatestProfile(), Recording: rec, Complete: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		t.Errorf("%s: %s: %s", f.Position, f.Rule, f.Message)
	}
	cpu, err := lint.Check(&lint.Input{Paths: []string{"../../examples/checkout/hpa-cpu.yaml"}}, lint.Options{Tier: lint.All, Profile: hpa.LatestProfile(), Recording: rec})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range cpu.Findings {
		if strings.HasPrefix(f.Rule, "data-") {
			t.Errorf("%s: %s: %s", f.Position, f.Rule, f.Message)
		}
	}
	// The same machinery sees what is wrong: the pods reported more than that.
	small := strings.Replace(b.String(), "kind: ServiceMonitor", "kind: ServiceMonitor # small", 1)
	small = strings.Replace(small, "  endpoints:\n", "  sampleLimit: 20\n  endpoints:\n", 1)
	if said, _ := saidOf(t, "sm-sample-limit", small, rec); len(said) != 1 {
		t.Errorf("a limit of 20 samples: %q", said)
	}
}

// TestWithoutARecordingNothingIsSaidOfIt: rules that need one do not run, and what
// suppresses them is not unused.
func TestWithoutARecordingNothingIsSaidOfIt(t *testing.T) {
	manifest := strings.Replace(recordedScale(""), "maxReplicas: 10", "maxReplicas: 10 # elasticctl:ignore data-max-saturated the database bears no more", 1)
	for _, rule := range []string{"data-max-saturated", "suppression-unused"} {
		if said, unchecked := saidOf(t, rule, manifest, nil); len(said)+len(unchecked) > 0 {
			t.Errorf("%s: %q, %q", rule, said, unchecked)
		}
	}
	rec := record(t, column{"kube_horizontalpodautoscaler_status_current_replicas" + hpaOne, 60, wave(90, constant(10))})
	if said, _ := saidOf(t, "data-max-saturated", manifest, rec); len(said) > 0 {
		t.Errorf("suppressed, and said: %q", said)
	}
}
