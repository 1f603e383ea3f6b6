package gen

import (
	"fmt"
	"io"
	"slices"

	"sigs.k8s.io/yaml"
)

// AdapterRule is one rule of prometheus-adapter's configuration, as far as
// elasticctl writes it.
type AdapterRule struct {
	SeriesQuery  string           `json:"seriesQuery"`
	Resources    AdapterResources `json:"resources"`
	Name         AdapterName      `json:"name"`
	MetricsQuery string           `json:"metricsQuery"`
}

// AdapterResources says which label is which Kubernetes resource.
type AdapterResources struct {
	Overrides map[string]AdapterResource `json:"overrides"`
}

// AdapterResource is a Kubernetes resource.
type AdapterResource struct {
	Resource string `json:"resource"`
}

// AdapterName says under which name a series is served.
type AdapterName struct {
	Matches string `json:"matches"`
	As      string `json:"as"`
}

// AdapterRules are the prometheus-adapter rules that serve the pod metrics of
// the given services, each once: services that share a counter and a window
// share a rule. Two rules that would serve different things under one name are
// an error. Services that are not scaled through the adapter add nothing.
func AdapterRules(services ...*ElasticService) ([]AdapterRule, error) {
	rules := []AdapterRule{}
	for _, s := range services {
		if s.Spec.Scaling.MetricsVia != ViaAdapter {
			continue
		}
		for _, r := range s.adapterRules() {
			i := slices.IndexFunc(rules, func(have AdapterRule) bool { return have.Name.As == r.Name.As })
			switch {
			case i < 0:
				rules = append(rules, r)
			case rules[i].MetricsQuery != r.MetricsQuery || rules[i].SeriesQuery != r.SeriesQuery:
				return nil, fmt.Errorf("service %s and another want different rules under the name %s; give one of them another rps.name", s.Metadata.Name, r.Name.As)
			}
		}
	}
	return rules, nil
}

func (s *ElasticService) adapterRules() []AdapterRule {
	var rules []AdapterRule
	for _, m := range s.Spec.Scaling.Metrics {
		if r := m.RPS; r != nil {
			rules = append(rules, podRule(r.Counter, r.MetricName(), "sum(rate(<<.Series>>{<<.LabelMatchers>>}["+r.Window.promQL()+"])) by (<<.GroupBy>>)"))
		}
	}
	if h := s.Spec.Scaling.HighLoad; h != nil {
		rules = append(rules, podRule(h.Gauge, h.Gauge, "max(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)"))
	}
	return rules
}

// podRule serves a series of pods under another name. The adapter itself adds
// the matchers for the namespace and the pods it is asked about, so the rule
// serves every service that exposes the series.
func podRule(series, name, query string) AdapterRule {
	return AdapterRule{
		SeriesQuery: series + `{namespace!="",pod!=""}`,
		Resources: AdapterResources{Overrides: map[string]AdapterResource{
			"namespace": {Resource: "namespace"},
			"pod":       {Resource: "pod"},
		}},
		Name:         AdapterName{Matches: "^" + series + "$", As: name},
		MetricsQuery: query,
	}
}

// AdapterFormat is where adapter rules go.
type AdapterFormat string

// The formats of WriteAdapterRules.
const (
	// AdapterYAML is prometheus-adapter's own configuration file.
	AdapterYAML AdapterFormat = "yaml"
	// AdapterHelmValues are values of the prometheus-adapter Helm chart.
	AdapterHelmValues AdapterFormat = "helm-values"
)

const adapterNote = `# A fragment for prometheus-adapter's configuration: merge it with the rules
# that are there. Applied on its own it would replace them.
`

// WriteAdapterRules writes a fragment of prometheus-adapter's configuration.
func WriteAdapterRules(w io.Writer, rules []AdapterRule, format AdapterFormat) error {
	var fragment any = map[string]any{"rules": rules}
	if format == AdapterHelmValues {
		fragment = map[string]any{"rules": map[string]any{"custom": rules}}
	}
	text, err := yaml.Marshal(fragment)
	if err != nil {
		return err
	}
	_, err = w.Write(append([]byte(adapterNote), text...))
	return err
}
