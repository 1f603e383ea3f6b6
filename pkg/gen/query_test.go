package gen

import (
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
)

// TestQueriesParse has Prometheus's own parser read every query: of alerts, of
// triggers, and of adapter rules as the adapter fills them in.
func TestQueriesParse(t *testing.T) {
	fill := strings.NewReplacer("<<.Series>>", "series", "<<.LabelMatchers>>", `namespace="shop",pod=~"a|b"`, "<<.GroupBy>>", "pod")
	each(t, func(t *testing.T, _ *ElasticService, w written) {
		var queries []string
		for _, r := range w.rules {
			queries = append(queries, r.SeriesQuery, fill.Replace(r.MetricsQuery))
		}
		if w.rule != nil {
			for _, r := range w.rule.Spec.Groups[0].Rules {
				queries = append(queries, r.Expr.StrVal)
			}
		}
		if w.scaled != nil {
			for _, trigger := range w.scaled.Spec.Triggers {
				if q := trigger.Metadata["query"]; q != "" {
					queries = append(queries, q)
				}
			}
		}
		p := parser.NewParser(parser.Options{})
		for _, q := range queries {
			expr, err := p.ParseExpr(q)
			if err != nil {
				t.Errorf("%s: %v", q, err)
				continue
			}
			if expr.Type() != parser.ValueTypeVector {
				t.Errorf("%s is a %s", q, expr.Type())
			}
		}
	})
}

// TestPracticesAreVisible finds every practice of docs/spec.md ("Which practice
// is where") in what is generated from the full spec.
func TestPracticesAreVisible(t *testing.T) {
	all := func(dir string) string {
		s := load(t, "../../testdata/gen/"+dir+"/service.yaml")
		files, err := s.Files(YAML)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, f := range files {
			b.Write(f.Data)
		}
		rules, err := AdapterRules(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := WriteAdapterRules(&b, rules, AdapterYAML); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	full, minimal := all("full"), all("minimal")
	for _, row := range []struct {
		practice string
		in       string
		signs    []string
	}{
		{"metrics on a port of their own", full, []string{"containerPort: 9090", "kind: ServiceMonitor", "port: metrics"}},
		{"the status as it was sent", full, []string{`code=~"5.."`}},
		{"scale on CPU", full, []string{"averageUtilization: 60", "cpu: 750m"}},
		{"scale on memory", full, []string{"averageUtilization: 75", "GOMEMLIMIT"}},
		{"scale on requests", full, []string{"name: orders_rate", "rate(<<.Series>>"}},
		{"two to ten", minimal, []string{"minReplicas: 2", "maxReplicas: 10", "autoscaling/v2"}},
		{"image, Deployment, probes", full, []string{"orders@sha256", "startupProbe", "readinessProbe", "livenessProbe"}},
		{"bounded concurrency", full, []string{"ORDERS_MAX_IN_FLIGHT", "AtConcurrencyLimit"}},
		{"pools", full, []string{"ORDERS_DB_POOL_SIZE", "REDIS_CONNECTIONS"}},
		{"graceful shutdown", full, []string{"sleep:", "terminationGracePeriodSeconds: 90", "ORDERS_SHUTDOWN"}},
		{"the service's own signal", full, []string{"ORDERS_HIGH_LOAD", "name: orders_high_load", "alert: HighLoad"}},
	} {
		for _, sign := range row.signs {
			if !strings.Contains(row.in, sign) {
				t.Errorf("%s: %q is not in what is generated", row.practice, sign)
			}
		}
	}
}
