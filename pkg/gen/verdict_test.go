package gen

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/elasticctl/elasticctl/internal/manifest"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// verdict is an HPA and what the API server said of it.
type verdict struct {
	Name   string
	HPA    autoscalingv2.HorizontalPodAutoscaler
	Errors []struct{ Field string }
	Off    bool `json:"scaleToZeroGateOff"`
}

// TestScalingAgreesWithTheAPIServer writes the recorded HPAs as specs, bounds,
// metrics and behavior, and demands the API server's verdict.
func TestScalingAgreesWithTheAPIServer(t *testing.T) {
	data, err := os.ReadFile("../../testdata/validation/hpa_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []verdict }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	// The one rule that the API server lacks: such an HPA fails at every sync.
	stricter := []string{"object type Value with averageValue only"}
	asked := 0
	for _, c := range file.Cases {
		s, ok := specOf(c)
		if !ok {
			continue
		}
		asked++
		problems := s.Validate()
		want := len(c.Errors) > 0 || slices.Contains(stricter, c.Name)
		if got := len(problems) > 0; got != want {
			t.Errorf("%s: refused: %v, want %v; %v", c.Name, got, want, problems)
		}
	}
	if asked < 70 {
		t.Errorf("only %d cases were asked", asked)
	}
}

// specOf is the spec that would generate an HPA; not ok for a verdict on what a
// spec does not say (the target, the HPA's own name) or on another cluster.
func specOf(c verdict) (*ElasticService, bool) {
	for _, e := range c.Errors {
		if strings.HasPrefix(e.Field, "spec.scaleTargetRef") || strings.HasPrefix(e.Field, "metadata") {
			return nil, false
		}
	}
	scaling := Scaling{Min: c.HPA.Spec.MinReplicas, Max: &c.HPA.Spec.MaxReplicas, Behavior: c.HPA.Spec.Behavior, MetricsVia: ViaNone}
	scaling.Min = or(scaling.Min, 1)
	for _, m := range c.HPA.Spec.Metrics {
		metric := fullMetric(m)
		if m.Type == "" && m.Resource == nil {
			return nil, false
		}
		scaling.Metrics = append(scaling.Metrics, metric)
	}
	s := &ElasticService{
		APIVersion: APIVersion, Kind: Kind, Metadata: Metadata{Name: "web"},
		Spec: ServiceSpec{Image: "web:1", Scaling: scaling},
	}
	s.Default()
	return s, !c.Off
}

// TestGeneratedAutoscalersAreValid asks the other implementation of the API
// server's rules, the one that reads manifests.
func TestGeneratedAutoscalersAreValid(t *testing.T) {
	rules := manifest.RulesOf(hpa.LatestProfile())
	each(t, func(t *testing.T, s *ElasticService, w written) {
		if w.hpa == nil {
			return
		}
		if s.Metadata.Namespace == "" {
			w.hpa.Namespace = "default" // what kubectl would do
		}
		for _, v := range manifest.Validate(w.hpa, rules) {
			t.Errorf("%+v", v)
		}
	})
}
