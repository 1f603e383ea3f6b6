package lint

import (
	"fmt"
	"strings"
)

// apiServices are about who serves the metrics APIs.
var apiServices = []Rule{
	{
		ID: "api-provider-conflict", Severity: Error, Tier: Default,
		What: "two APIServices claim one metrics API for different services",
		Why:  "An APIService has one name for an API, so the one applied last wins, and whatever the other served is gone. KEDA and prometheus-adapter both want external.metrics.k8s.io.",
		How:  "Two objects of kind APIService have the same name, one of *.metrics.k8s.io, and different services.",
		Sources: []string{
			"https://github.com/kedacore/keda/issues/470",
			"https://github.com/prometheus-operator/kube-prometheus/issues/2846",
		},
		check: apiProviderConflict,
	},
}

func apiProviderConflict(c *checker) {
	first := map[string]typed[*apiService]{}
	for _, s := range c.apiServices {
		if !strings.HasSuffix(s.Name, "metrics.k8s.io") || s.spec.Spec.Service == nil {
			continue
		}
		before, ok := first[s.Name]
		if !ok {
			first[s.Name] = s
			continue
		}
		if own, other := s.spec.provider(), before.spec.provider(); own != other {
			c.report(s.object, "spec.service", fmt.Sprintf("%s is served by %s here and by %s elsewhere", s.Name, own, other),
				"keep one: one provider serves the API of a cluster").see(before.object, "spec.service", "the other one")
		}
	}
}

// provider is the Service that an API is served by.
func (s *apiService) provider() string { return s.Spec.Service.Namespace + "/" + s.Spec.Service.Name }
