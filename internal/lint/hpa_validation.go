package lint

import (
	"strings"

	"github.com/elasticctl/elasticctl/internal/manifest"
)

// hpaValidation are the rules of the API server for autoscalers. Validation runs
// once; each rule takes what is its own.
var hpaValidation = []Rule{
	{
		ID: "hpa-min-gt-max", Severity: Error, Tier: Default,
		What: "minReplicas is greater than maxReplicas",
		Why:  "The API server refuses the object.",
		How:  "spec.minReplicas, or its default 1, is compared with spec.maxReplicas as the API server does.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/apis/autoscaling/validation/validation.go",
		},
		check: violations,
	},
	{
		ID: "hpa-min-zero", Severity: Error, Tier: Default,
		What: "minReplicas is 0 where that needs a feature gate, or a metric that exists without pods",
		Why:  "The API server refuses the object. At zero pods there is no cpu to measure, so nothing would wake the workload.",
		How:  "spec.minReplicas is compared with what the version of Kubernetes allows (--kubernetes-version): 0 from 1.37 on, where the gate HPAScaleToZero is on by default, and with an Object or an External metric.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/apis/autoscaling/validation/validation.go",
			"https://github.com/kubernetes/kubernetes/pull/139648",
		},
		check: violations,
	},
	{
		ID: "hpa-behavior-range", Severity: Error, Tier: Default,
		What: "a behavior's window, period, value or tolerance is outside what the API allows",
		Why:  "The API server refuses the object.",
		Fix:  "a misspelt selectPolicy or type of a policy is written as the API has it, such as Max for max.",
		How:  "Windows are 0 to 3600 seconds, periods 1 to 1800, values and tolerances not negative, select policies and types those of the API, and there is a policy.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/apis/autoscaling/validation/validation.go",
		},
		check: violations,
	},
	{
		ID: "hpa-external-both-values", Severity: Error, Tier: Default,
		What: "an External metric has both a value and an averageValue",
		Why:  "The API server refuses the object.",
		How:  "An External metric's target has both fields.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/apis/autoscaling/validation/validation.go",
		},
		check: violations,
	},
	{
		ID: "hpa-metric-name-invalid", Severity: Error, Tier: Default,
		What: "a metric's name cannot be part of a URL's path",
		Why:  "The API server refuses the object: the controller asks for the metric by its name in a path.",
		How:  "Names of metrics are checked as the API server checks them: not empty, not \".\" or \"..\", without / and %.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/apis/autoscaling/validation/validation.go",
		},
		check: violations,
	},
	{
		ID: "hpa-invalid", Severity: Error, Tier: Default,
		What: "the API server refuses the HorizontalPodAutoscaler for another reason",
		Why:  "The object is not created, and what is in the cluster stays as it was.",
		Fix:  "a type of a metric or of its target that is missing or misspelt is written, where the one field that is set says which it is.",
		How:  "The API server's validation of 1.37 is applied to the object with its defaults; what has a rule of its own is reported there.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/apis/autoscaling/validation/validation.go",
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/apis/autoscaling/v2/defaults.go",
		},
		check: violations,
	},
}

// violations reports what the API server's validation finds that is of the rule.
func violations(c *checker) {
	for _, s := range c.hpas {
		said := map[string]bool{}
		for i := range s.violations {
			v := &s.violations[i]
			if ruleOfViolation(v) != c.rule.ID || s.follows(v) || said[v.Error.Error()] {
				continue
			}
			said[v.Error.Error()] = true
			f := c.at(s, v.Field, v.Error.Error(), v.Hint)
			if v.Field == "spec.scaleTargetRef.apiVersion" {
				v.Write = servedIn(s.target.Kind)
			}
			if v.Write != "" {
				f.write(v.Write)
			}
		}
	}
}

// follows says whether a violation is only that of a bound which is missing or
// could not be read, and which is reported itself.
func (s *scaler) follows(v *manifest.Violation) bool {
	switch ruleOfViolation(v) {
	case "hpa-min-gt-max":
		return s.max == 0 || s.doubtful(s.minPath)
	case "hpa-min-zero":
		return s.doubtful(s.minPath)
	default:
		return false
	}
}

// ruleOfViolation says which rule a violation breaks.
func ruleOfViolation(v *manifest.Violation) string {
	name := v.Field[strings.LastIndexByte(v.Field, '.')+1:]
	switch {
	case v.Field == "spec.scaleTargetRef.apiVersion":
		return "hpa-target-apiversion"
	case v.Field == "spec.maxReplicas" && strings.Contains(v.Detail, "minReplicas"):
		return "hpa-min-gt-max"
	case v.Field == "spec.minReplicas" || v.Field == "spec.metrics" && strings.Contains(v.Detail, "zero replicas"):
		return "hpa-min-zero"
	case strings.HasPrefix(v.Field, "spec.behavior"):
		return "hpa-behavior-range"
	case strings.Contains(v.Field, ".external.target") && strings.Contains(v.Detail, "may not set both"):
		return "hpa-external-both-values"
	case name == "name" && strings.HasPrefix(v.Field, "spec.metrics["):
		return "hpa-metric-name-invalid"
	}
	return "hpa-invalid"
}
