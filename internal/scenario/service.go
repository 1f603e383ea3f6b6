package scenario

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/elasticctl/elasticctl/internal/manifest"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/gen"
)

// serviceTargets generates the objects of the service specs in a set, as
// "elasticctl generate -n NAMESPACE" does, and finds their autoscalers. It lends
// the other objects to rest, so that further autoscalers can be tried on the same
// workload.
func serviceTargets(set, rest *manifest.Set, namespace string) ([]*target, error) {
	docs, wrong := specs(set)
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	var all []*target
	for _, doc := range docs {
		s, err := replayable(doc, namespace)
		if err != nil {
			return nil, err
		}
		objects := generated(s, doc)
		targets, err := targetsOf(objects)
		if err != nil {
			return nil, err
		}
		lend(rest, objects)
		for _, t := range targets {
			t.queries, t.selectors = sources(s)
			t.search = s.Spec.Scaling.Search
		}
		all = append(all, targets...)
	}
	return all, nil
}

// lend adds what is generated, but for autoscalers, to the objects that were
// read; where both have an object, the one that was read counts.
func lend(rest, generated *manifest.Set) {
	for _, g := range generated.Objects {
		known := slices.ContainsFunc(rest.Objects, func(o *manifest.Object) bool {
			return o.Kind == g.Kind && o.Name == g.Name && o.Namespace == g.Namespace
		})
		if g.Kind != "HorizontalPodAutoscaler" && !known {
			rest.Objects = append(rest.Objects, g)
		}
	}
}

// replayable reads one service spec for a replay; what is only unwise is no
// matter there.
func replayable(doc *yamlpos.Document, namespace string) (*gen.ElasticService, error) {
	s, wrong, _ := readService(doc, namespace)
	if len(wrong) > 0 {
		return nil, wrong
	}
	if s.Spec.Scaling.MetricsVia == gen.ViaKEDA {
		return nil, doc.Problem("spec.scaling.metricsVia", "not supported yet: a ScaledObject, which KEDA turns into an HPA", "write adapter to replay the HPA that would be generated then")
	}
	return s, nil
}

// generated are the objects of a service as if they had been read; what is
// wrong with them is said about the spec.
func generated(s *gen.ElasticService, doc *yamlpos.Document) *manifest.Set {
	namespace := s.Metadata.Namespace
	if namespace == "" {
		namespace = metav1.NamespaceDefault
	}
	set := &manifest.Set{}
	for _, o := range s.Objects() {
		object, ok := o.Value.(metav1.Object)
		if !ok {
			continue
		}
		object.SetNamespace(namespace)
		version := ""
		if r, ok := o.Value.(runtime.Object); ok {
			version = r.GetObjectKind().GroupVersionKind().GroupVersion().String()
		}
		set.Objects = append(set.Objects, &manifest.Object{
			Doc: doc, APIVersion: version, Kind: o.Kind, Namespace: namespace, Name: o.Name, Typed: o.Value,
		})
	}
	return set
}

// sources say how the service's own metrics are found in a recording: a rate by
// its counter, a query by its expression.
func sources(s *gen.ElasticService) (queries, selectors map[string]string) {
	queries, selectors = map[string]string{}, map[string]string{}
	for _, m := range s.Spec.Scaling.Metrics {
		if m.Query != nil {
			queries[m.Query.Name] = m.Query.PromQL
		}
		if m.RPS == nil {
			continue
		}
		selectors[m.RPS.MetricName()] = m.RPS.Counter
	}
	return queries, selectors
}
