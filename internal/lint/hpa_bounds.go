package lint

import (
	"fmt"
	"strings"
)

// hpaBounds are about minReplicas and maxReplicas.
var hpaBounds = []Rule{
	{
		ID: "hpa-min-eq-max", Severity: Warning, Tier: Recommended,
		What: "minReplicas equals maxReplicas",
		Why:  "The autoscaler never scales. Its condition ScalingLimited stays true, and alerts about an autoscaler at its maximum fire for ever.",
		How:  "spec.minReplicas, or its default 1, equals spec.maxReplicas.",
		Sources: []string{
			"https://github.com/FairwindsOps/polaris/tree/master/pkg/config/checks",
			"https://github.com/kubernetes-sigs/kubernetes-mixin/issues/1293",
		},
		check: hpaMinEqMax,
	},
	{
		ID: "hpa-min-low", Severity: Warning, Tier: Recommended,
		What: "minReplicas is below 2",
		Why:  "At low load one pod is all there is: its restart, its node's drain or its rollout is an outage.",
		How:  "spec.minReplicas is below the least, or not written, and spec.maxReplicas is more. 0 is taken for a wish. lint.limits.minReplicas in .elasticctl.yaml is the least, 2 by default.",
		Sources: []string{
			"https://github.com/zegl/kube-score/issues/581",
		},
		check: hpaMinLow,
	},
	{
		ID: "hpa-max-ceiling", Severity: Warning, Tier: Default,
		What: "maxReplicas is above the limit that the team has agreed on",
		Why:  "What a runaway metric costs, and what databases and quotas have to bear, is bounded by maxReplicas alone.",
		How:  "spec.maxReplicas is compared with lint.limits.maxReplicas in .elasticctl.yaml. Without that there is no limit, so that who hears of it has asked to: a warning, in the default tier.",
		Sources: []string{
			"https://github.com/stackrox/kube-linter/issues/608",
		},
		check: hpaMaxCeiling,
	},
}

// minName and maxName are what the bounds are called in a scaler's kind:
// minReplicas, or minReplicaCount.
func (s *scaler) minName() string { return strings.TrimPrefix(s.minPath, "spec.") }
func (s *scaler) maxName() string { return strings.TrimPrefix(s.maxPath, "spec.") }

func hpaMinEqMax(c *checker) {
	for _, s := range c.scalers {
		if s.min == s.max {
			c.report(s.object, s.maxPath, fmt.Sprintf("%s and %s are both %d: nothing is ever scaled", s.minName(), s.maxName(), s.max),
				fmt.Sprintf("raise %s, or remove the autoscaler and set the workload's replicas", s.maxName()))
		}
	}
}

func hpaMinLow(c *checker) {
	least := c.options.Settings.limits().MinReplicas
	for _, s := range c.scalers {
		// 0 is asked for on purpose, and other rules see to it.
		if s.min == 0 || s.min >= least || s.max <= s.min {
			continue
		}
		message := fmt.Sprintf("%s is %d", s.minName(), s.min)
		if !s.minSet {
			message = fmt.Sprintf("%s is not set, and its default is %d", s.minName(), s.min)
		}
		if s.min == 1 {
			message += ": at low load there is a single pod"
		}
		c.report(s.object, s.minPath, message, fmt.Sprintf("write %s: %d or more", s.minName(), least))
	}
}

func hpaMaxCeiling(c *checker) {
	most := c.options.Settings.limits().MaxReplicas
	for _, s := range c.scalers {
		if most > 0 && s.max > most {
			c.report(s.object, s.maxPath, fmt.Sprintf("%s is %d, and the limit agreed on is %d", s.maxName(), s.max, most),
				fmt.Sprintf("write %s: %d or less, or raise lint.limits.maxReplicas in .elasticctl.yaml for all", s.maxName(), most))
		}
	}
}
