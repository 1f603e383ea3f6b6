package lint

import (
	"fmt"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/elasticctl/elasticctl/internal/manifest"
)

const (
	// slowGrowth is how long the way from minReplicas to maxReplicas may take, and
	// watched how long it is watched.
	slowGrowth = 10 * time.Minute
	watched    = time.Hour
	// longUpWindow is the longest scaleUp window that is not remarked on,
	// shortDownWindow the shortest of scaleDown; in seconds.
	longUpWindow    = 120
	shortDownWindow = 60
)

// hpaBehavior are about spec.behavior.
var hpaBehavior = []Rule{
	{
		ID: "hpa-scaleup-too-slow", Severity: Warning, Tier: Recommended,
		What: "the scaleUp policies take more than 10 minutes from minReplicas to maxReplicas",
		Why:  "When the load is suddenly there, the policies decide how long the pods that are there carry it alone.",
		How:  "The controller of the version is run on the object, sync by sync, from minReplicas, with a demand of twice maxReplicas from the second sync on. Windows count; the start of pods does not.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/controller/podautoscaler/horizontal.go",
		},
		check: hpaScaleUpTooSlow,
	},
	{
		ID: "hpa-behavior-replaces-defaults", Severity: Info, Tier: All,
		What: "the only scaleUp policy takes the place of both default ones and is slower",
		Why:  "A list of policies is not merged with the default: 4 pods or 100 %, whichever is more, every 15 seconds. Whoever adds one policy to be faster at one end may lose the other.",
		How:  "behavior.scaleUp.policies has one entry, and a minute after a jump of the demand the controller has fewer pods with it than with the default policies.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/issues/102633",
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/apis/autoscaling/v2/defaults.go",
		},
		check: hpaBehaviorReplacesDefaults,
	},
	{
		ID: "hpa-selectpolicy-disabled", Severity: Warning, Tier: Recommended,
		What: "selectPolicy: Disabled switches one direction off",
		Why:  "With scaleDown disabled the workload keeps the pods of its highest peak for ever, with scaleUp disabled it never gets any. What was meant for an incident is easily left in the manifest.",
		How:  "behavior.scaleUp.selectPolicy or behavior.scaleDown.selectPolicy is Disabled.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/issues/122059",
			"https://github.com/kedacore/keda/issues/3755",
		},
		check: hpaSelectPolicyDisabled,
	},
	{
		ID: "hpa-selectpolicy-noop", Severity: Info, Tier: All,
		What:  "selectPolicy chooses among one policy",
		Why:   "It has no effect, and who reads it looks for the others.",
		Fix:   "selectPolicy is removed: it changes nothing.",
		How:   "selectPolicy is written as Max or Min, and the list of policies is written with one entry.",
		check: hpaSelectPolicyNoop,
	},
	{
		ID: "hpa-scaleup-window-large", Severity: Warning, Tier: Recommended,
		What: "the scaleUp window is longer than 2 minutes",
		Why:  "Pods are added only when the metric has asked for them all through the window. A peak that is shorter is not seen at all, a longer one is answered that much later.",
		How:  "behavior.scaleUp.stabilizationWindowSeconds is above 120.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/issues/96671",
		},
		check: hpaScaleUpWindowLarge,
	},
	{
		ID: "hpa-scaledown-window-short", Severity: Warning, Tier: Recommended,
		What: "the scaleDown window is shorter than a minute",
		Why: "A metric lags its cause by a scrape, a rate's window and a sync. A window shorter than that follows every dip of the metric down, " +
			"and the next rise finds the pods gone: the workload flaps.",
		How: "behavior.scaleDown.stabilizationWindowSeconds is below 60 and scaleDown is not disabled. Without it the controller's flag holds, 5 minutes by default. A replay of a recording tells what a window does: elasticctl simulate.",
		Sources: []string{
			"https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#flapping",
		},
		check: hpaScaleDownWindowShort,
	},
	{
		ID: "hpa-tolerance-unsupported", Severity: Warning, Tier: Default,
		What: "behavior sets a tolerance that this version of Kubernetes drops",
		Why:  "The API server removes the field in silence while its feature gate is off, and the controller's own tolerance of 10 % holds.",
		How:  "behavior.scaleUp.tolerance or behavior.scaleDown.tolerance is written, and the version (--kubernetes-version) is older than 1.35, where the gate HPAConfigurableTolerance is on by default.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/features/kube_features.go",
			"https://github.com/kubernetes/enhancements/tree/master/keps/sig-autoscaling/4951-configurable-hpa-tolerance",
		},
		check: hpaToleranceUnsupported,
	},
}

// direction is what is written of one direction of behavior.
type direction struct {
	*autoscalingv2.HPAScalingRules
	path string
	up   bool
}

// directions are what is written of a scaler's behavior.
func (s *scaler) directions() []direction {
	b := s.written.V2.Spec.Behavior
	if b == nil {
		return nil
	}
	var list []direction
	if b.ScaleUp != nil {
		list = append(list, direction{b.ScaleUp, "spec.behavior.scaleUp", true})
	}
	if b.ScaleDown != nil {
		list = append(list, direction{b.ScaleDown, "spec.behavior.scaleDown", false})
	}
	return list
}

// selects says whether a direction's selectPolicy is written as one of some.
func (d *direction) selects(policies ...autoscalingv2.ScalingPolicySelect) bool {
	for _, p := range policies {
		if d.SelectPolicy != nil && *d.SelectPolicy == p {
			return true
		}
	}
	return false
}

// behaviors calls a function for each direction that is written.
func (c *checker) behaviors(look func(s *scaler, d *direction)) {
	for _, s := range c.hpas {
		for _, d := range s.directions() {
			look(s, &d)
		}
	}
}

func hpaScaleUpTooSlow(c *checker) {
	c.behaviors(func(s *scaler, d *direction) {
		if !d.up || !s.sound() || d.selects(autoscalingv2.DisabledPolicySelect) {
			return
		}
		g := c.grow(s.hpa, watched)
		if g.reached > 0 && g.reached <= slowGrowth {
			return
		}
		path, period := d.path+".policies", c.controller().SyncPeriod
		if d.Policies == nil {
			path = d.path
		}
		took := "takes " + duration(g.reached)
		if g.reached == 0 {
			took = "takes more than an hour"
		}
		c.at(s, path, fmt.Sprintf("from %d to %d pods %s: a minute after a jump there are %d, after ten minutes %d",
			s.min, s.max, took, g.after(time.Minute, period), g.after(slowGrowth, period)),
			"allow more at a time, such as 100 % a minute beside a number of pods, with selectPolicy: Max")
	})
}

func hpaBehaviorReplacesDefaults(c *checker) {
	c.behaviors(func(s *scaler, d *direction) {
		if !d.up || !s.sound() || len(d.Policies) != 1 || d.selects(autoscalingv2.DisabledPolicySelect) {
			return
		}
		usual := s.written.V2.DeepCopy()
		usual.Spec.Behavior.ScaleUp.Policies = nil
		manifest.Default(usual)
		period := c.controller().SyncPeriod
		own, others := c.grow(s.hpa, time.Minute), c.grow(usual, time.Minute)
		if a, b := own.after(time.Minute, period), others.after(time.Minute, period); a < b {
			c.at(s, d.path+".policies", fmt.Sprintf("this policy replaces the default ones: a minute after a jump from %d there are %d pods instead of %d", max(s.min, 1), a, b),
				"if that is not meant, write the default ones too: {type: Pods, value: 4, periodSeconds: 15}, {type: Percent, value: 100, periodSeconds: 15}")
		}
	})
}

func hpaSelectPolicyDisabled(c *checker) {
	c.behaviors(func(s *scaler, d *direction) {
		if !d.selects(autoscalingv2.DisabledPolicySelect) {
			return
		}
		message := "nothing ever takes pods away: after a peak the workload stays as large as it was"
		if d.up {
			message = "no metric ever adds a pod, whatever the load"
		}
		c.at(s, d.path+".selectPolicy", message, "limit its pace with policies instead, if it is not meant to stand still")
	})
}

func hpaSelectPolicyNoop(c *checker) {
	c.behaviors(func(s *scaler, d *direction) {
		if len(d.Policies) == 1 && d.selects(autoscalingv2.MaxChangePolicySelect, autoscalingv2.MinChangePolicySelect) {
			c.at(s, d.path+".selectPolicy", fmt.Sprintf("selectPolicy: %s has a single policy to choose from", *d.SelectPolicy), "remove it, or add the other policy").remove()
		}
	})
}

func hpaScaleUpWindowLarge(c *checker) {
	c.behaviors(func(s *scaler, d *direction) {
		if w := d.StabilizationWindowSeconds; d.up && w != nil && *w > longUpWindow && !d.selects(autoscalingv2.DisabledPolicySelect) {
			c.at(s, d.path+".stabilizationWindowSeconds", fmt.Sprintf("pods are added %ds after they are first needed, and for no peak that is shorter", *w),
				"write 0 to 60; what protects from flapping is the window of scaleDown")
		}
	})
}

func hpaScaleDownWindowShort(c *checker) {
	c.behaviors(func(s *scaler, d *direction) {
		if w := d.StabilizationWindowSeconds; !d.up && w != nil && *w < shortDownWindow && !d.selects(autoscalingv2.DisabledPolicySelect) {
			c.at(s, d.path+".stabilizationWindowSeconds", fmt.Sprintf("a window of %ds follows every dip of the metric, and a metric lags by up to a minute", *w),
				"write 120 to 300, or leave it out for the controller's 300")
		}
	})
}

func hpaToleranceUnsupported(c *checker) {
	if c.options.Profile.ConfigurableTolerance {
		return
	}
	c.behaviors(func(s *scaler, d *direction) {
		if d.Tolerance != nil {
			c.at(s, d.path+".tolerance", fmt.Sprintf("Kubernetes %s drops the tolerance of %g: 0.1 holds", c.options.Profile.Version, d.Tolerance.AsApproximateFloat64()), "remove it, or upgrade to 1.35 or newer")
		}
	})
}
