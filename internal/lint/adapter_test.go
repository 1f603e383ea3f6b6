package lint_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/elasticctl/elasticctl/internal/lint"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// asking is an autoscaler of seven lines that asks for a metric.
func asking(kind, metric string) string {
	rest := map[string]string{
		"pods":     "target: {type: AverageValue, averageValue: 1}",
		"object":   "describedObject: {apiVersion: v1, kind: Service, name: web}, target: {type: Value, value: 1}",
		"external": "target: {type: AverageValue, averageValue: 1}",
	}[kind]
	return "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: shop}\nspec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  maxReplicas: 3\n" +
		"  metrics: [{type: " + strings.ToUpper(kind[:1]) + kind[1:] + ", " + kind + ": {metric: {name: " + metric + "}, " + rest + "}}]\n"
}

const (
	series    = `seriesQuery: 'http_requests_total{namespace!="",pod!=""}', `
	resources = `resources: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}}}, `
	perSecond = `name: {matches: ^(.*)_total$, as: '${1}_per_second'}, `
	query     = `metricsQuery: 'sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)'`
)

// config is a ConfigMap with the adapter's configuration; its text begins in
// line 5.
func config(text string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: adapter, namespace: monitoring}\ndata:\n  config.yaml: |\n    " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n    ") + "\n"
}

func TestMetricsAreHeldAgainstTheAdaptersRules(t *testing.T) {
	whole := config("rules:\n- {" + series + resources + perSecond + query + "}\n")
	part := "rules:\n- {" + series + resources + perSecond + query + "}\n"
	chart := func(more string) string {
		return "rules:\n" + more + "  custom:\n  - {" + series + resources + perSecond + query + "}\n"
	}
	for name, tc := range map[string]struct {
		metric, adapter string
		want            []string
	}{
		"served":                        {"http_requests_per_second", whole, nil},
		"not served":                    {"http_requests", whole, []string{"pa-metric-unmatched 7:48 error"}},
		"perhaps served by other rules": {"http_requests", part, nil},
		"served by a part":              {"http_requests_per_second", part, nil},
		"a chart's own rules":           {"http_requests", chart(""), nil},
		"a chart without them":          {"http_requests", chart("  default: false\n"), []string{"pa-metric-unmatched 7:48 error"}},
		"a chart below another":         {"http_requests", "prometheus-adapter:\n  " + strings.ReplaceAll(strings.TrimSpace(chart("  default: false\n")), "\n", "\n  ") + "\n", []string{"pa-metric-unmatched 7:48 error"}},
		"nobody's rules":                {"http_requests", "other: 1\n", nil},
		"a name of the shape":           {"jobs_per_second", config(`rules: [{seriesQuery: '{__name__=~"^.*_total$",pod!=""}', ` + resources + perSecond + query + "}]"), nil},
		"a name of another shape": {
			"jobs", config(`rules: [{seriesQuery: '{__name__=~"^.*_total$",pod!=""}', ` + resources + perSecond + query + "}]"), []string{"pa-metric-unmatched 7:48 error"},
		},
		"the series' own name":         {"http_requests_total", config("rules: [{" + series + resources + query + "}]"), nil},
		"the only capture":             {"http", config("rules: [{" + series + resources + "name: {matches: ^(.*)_requests_total$}, " + query + "}]"), nil},
		"a filter":                     {"http_requests_per_second", config("rules: [{" + series + "seriesFilters: [{isNot: ^http_}], " + resources + perSecond + query + "}]"), []string{"pa-metric-unmatched 7:48 error"}},
		"one of several names":         {"b_per_second", config(`rules: [{seriesQuery: '{__name__=~"a_total|b_total"}', ` + resources + perSecond + query + "}]"), nil},
		"none of several names":        {"c_per_second", config(`rules: [{seriesQuery: '{__name__=~"a_total|b_total"}', ` + resources + perSecond + query + "}]"), []string{"pa-metric-unmatched 7:48 error"}},
		"a rule that cannot be read":   {"http_requests", config("rules: [{" + series + resources + "name: {matches: '('}, " + query + "}]"), []string{"pa-invalid 14:171 error"}},
		"served to others":             {"http_requests_per_second", config("externalRules: [{" + series + resources + perSecond + query + "}]"), []string{"pa-kind-mismatch 7:20 error"}},
		"no label for pods":            {"http_requests_per_second", config("rules: [{" + series + "resources: {overrides: {namespace: {resource: namespaces}, svc: {resource: services}}}, " + perSecond + query + "}]"), []string{"pa-label-missing 14:96 error"}},
		"no label for namespaces":      {"http_requests_per_second", config("rules: [{" + series + "resources: {overrides: {pod: {resource: pods}}}, " + perSecond + query + "}]"), []string{"pa-label-missing 14:96 error"}},
		"labels by a template":         {"http_requests_per_second", config("rules: [{" + series + "resources: {template: <<.Resource>>}, " + perSecond + query + "}]"), nil},
		"no labels at all":             {"http_requests_per_second", config("rules: [{" + series + perSecond + query + "}]"), []string{"pa-label-missing 14:13 error"}},
		"another key of the ConfigMap": {"http_requests", strings.Replace(whole, "config.yaml", "adapter.yml", 1), []string{"pa-metric-unmatched 7:48 error"}},
		"a key that is no YAML":        {"http_requests", strings.Replace(whole, "config.yaml", "README.md", 1), nil},
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, found(t, "pa-", strings.HasPrefix(name, "a chart"), asking("pods", tc.metric), tc.adapter), tc.want...)
		})
	}
}

func TestObjectAndExternalMetrics(t *testing.T) {
	const lost = "pa-static-selector-lost"
	services := "resources: {overrides: {namespace: {resource: namespace}, service: {resource: service}}}, "
	expect(t, found(t, "pa-", false, asking("object", "http_requests_per_second"), config("rules: [{"+series+services+perSecond+query+"}]")))
	expect(t, found(t, "pa-", false, asking("object", "http_requests_per_second"), config("rules: [{"+series+resources+perSecond+query+"}]")), "pa-label-missing 14:96 error")
	external := func(resources string) string {
		return config(`externalRules: [{seriesQuery: 'queue_depth{namespace="queues"}', ` + resources + `metricsQuery: 'sum(<<.Series>>{<<.LabelMatchers>>})'}]`)
	}
	expect(t, found(t, "pa-", false, asking("external", "queue_depth"), external("resources: {namespaced: false}, ")), lost+" 14:116 warning")
	expect(t, found(t, "pa-", false, asking("external", "queue_depth"), external("")), "pa-external-namespaced 14:21 error", lost+" 14:84 warning")
	expect(t, found(t, "pa-", false, asking("external", "queue_depth"), external("resources: {overrides: {namespace: {resource: namespace}}}, ")), "pa-external-namespaced 14:81 error")
	expect(t, found(t, "pa-", false, asking("external", "queue"), external("resources: {namespaced: false}, ")), "pa-metric-unmatched 7:56 error", lost+" 14:116 warning")
	expect(t, found(t, "pa-", false, asking("external", "queue"), config("rules: [{"+series+resources+perSecond+query+"}]"))) // somebody else's, such as KEDA's
	expect(t, found(t, "pa-", false, asking("external", "http_requests_per_second"), config("rules: [{"+series+resources+perSecond+query+"}]")), "pa-kind-mismatch 7:20 error")
}

func TestQueriesOfTheAdapter(t *testing.T) {
	for query, want := range map[string][]string{
		"sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)":       nil,
		"sum by (pod) (rate(<<.Series>>{<<.LabelMatchers>>}[2m]))":               nil,
		"sum without (pod) (rate(<<.Series>>{<<.LabelMatchers>>}[2m]))":          {"pa-no-groupby"},
		"sum without (path) (rate(<<.Series>>{<<.LabelMatchers>>}[2m]))":         nil,
		"sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m]))":                         {"pa-no-groupby"},
		"rate(<<.Series>>{<<.LabelMatchers>>}[2m])":                              nil,
		"100 * sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)": nil,
		"topk(1, rate(<<.Series>>{<<.LabelMatchers>>}[2m]))":                     nil,
		"vector(1)": {"pa-no-groupby", "pa-no-labelmatchers"},
		"sum(rate(a{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>) / sum(rate(b{<<.LabelMatchers>>}[2m]))":      nil,
		"sum(rate(a{<<.LabelMatchers>>}[2m])) / on() sum(rate(b{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)": {"pa-no-groupby"},
		"label_replace(sum(rate(a{<<.LabelMatchers>>}[2m])), 'pod', 'x', '', '')":                            nil,
		"sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)":                                             {"pa-counter-no-rate"},
		"avg(<<.Series>>{<<.LabelMatchers>>} * 60) by (<<.GroupBy>>)":                                        {"pa-counter-no-rate"},
		"sum(<<.Series>>{<<.LabelMatchers>>} - <<.Series>>{<<.LabelMatchers>>} offset 1m) by (<<.GroupBy>>)": nil,
		"count(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)":                                           nil,
		"sum(rate(<<.Series>>{namespace=\"x\"}[2m])) by (<<.GroupBy>>)":                                      {"pa-no-labelmatchers"},
		"sum(rate(<<.Series>>{pod=~\"<<index .LabelValuesByName \"pod\">>\"}[2m])) by (<<.GroupBy>>)":        nil,
		"sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<range .GroupBySlice>><<.>><<end>>)":            nil,
		"<<range 1000000000000>>x<<end>>":                                                                    nil,
		"sum(rate(<<.Serie>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)":                                    {"pa-promql-invalid"},
		"sum(rate(<<.Series>>{<<.LabelMatchers}[2m])) by (<<.GroupBy>>)":                                     {"pa-promql-invalid"},
		"sum(<<.Series>>":           {"pa-promql-invalid"},
		" ":                         {"pa-promql-invalid"},
		strings.Repeat("(", 40<<10): nil,
	} {
		t.Run(query[:min(len(query), 60)], func(t *testing.T) {
			text := "rules:\n- " + strings.TrimSuffix(series, ", ") + "\n  " + strings.TrimSuffix(resources, ", ") + "\n  metricsQuery: |-\n    " + query + "\n"
			var got []string
			for _, f := range found(t, "pa-", false, text) {
				got = append(got, strings.Fields(f)[0])
			}
			expect(t, got, want...)
		})
	}
}

func TestWhatTheAdapterDoesNotKnowIsFound(t *testing.T) {
	expect(t, found(t, "pa-", false, config("rules:\n- {"+series+resources+query+", nme: {}}")), "manifest-field 7:231 error")
	expect(t, found(t, "pa-", false, config("rules: [\n# seriesQuery: x\n")), "manifest-syntax 6:5 error")
	expect(t, found(t, "pa-", false, config("rules:\n- {"+series+"resources: 1}\n")), "manifest-field 7:78 error")
	expect(t, found(t, "pa-", false, config("# seriesQuery of {{ .Values.rules }}\nrules: [\n")))
	expect(t, found(t, "pa-", false, config("# seriesQuery of others\nrules: [{alert: x}]\n")))
	expect(t, found(t, "pa-", false, "resourceRules: {cpu: {containerQuery: 'sum(x{<<.LabelMatchers>>}', containerLabel: container}}\n"), "pa-promql-invalid 1:39 error")
}

func TestAliasesOfOneTextAreReadInBounds(t *testing.T) {
	text := "apiVersion: v1\nkind: List\nx: &text |\n  seriesQuery: [" + strings.Repeat("1,", 1000) + "]\nitems:\n"
	for range 2000 {
		text += "- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a.yaml: *text}}\n"
	}
	if got := found(t, "pa-", false, text); len(got) > 0 {
		t.Error(got)
	}
}

// TestGeneratedAdapterRulesServeWhatIsGenerated lints the goldens of generate
// with the rules that it writes for prometheus-adapter beside them.
func TestGeneratedAdapterRulesServeWhatIsGenerated(t *testing.T) {
	dirs, err := filepath.Glob("../../testdata/gen/*/out")
	if err != nil || len(dirs) == 0 {
		t.Fatal(dirs, err)
	}
	for _, dir := range dirs {
		for _, rules := range []string{"adapter-rules.yaml", "adapter-rules.helm-values"} {
			file := filepath.Join(filepath.Dir(dir), rules)
			if !isFile(file) {
				continue
			}
			r, err := lint.Check(&lint.Input{Paths: []string{dir, file}}, lint.Options{Tier: lint.All, Profile: hpa.LatestProfile()})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range r.Findings {
				t.Errorf("%s: %s [%s]", f.Position, f.Message, f.Rule)
			}
		}
	}
}

func isFile(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
