package lint

import (
	"fmt"
)

// kedaReplicas are about a ScaledObject's bounds and periods.
var kedaReplicas = []Rule{
	{
		ID: "keda-min-gt-max", Severity: Error, Tier: Default,
		What: "minReplicaCount is greater than maxReplicaCount",
		Why:  "The API server refuses the object.",
		How:  "spec.minReplicaCount is compared with spec.maxReplicaCount, or its default 100.",
		Sources: []string{
			"https://github.com/kedacore/keda/blob/main/apis/keda/v1alpha1/scaledobject_types.go",
		},
		check: kedaMinGtMax,
	},
	{
		ID: "keda-idle", Severity: Error, Tier: Default,
		What: "idleReplicaCount is not below minReplicaCount, or is not 0",
		Why:  "KEDA's webhook refuses one that is not below the minimum. Of those that are, only 0 works: a HorizontalPodAutoscaler takes any other up to its minimum again.",
		How:  "spec.idleReplicaCount is compared with spec.minReplicaCount, or its default 0, and with 0.",
		Sources: []string{
			"https://github.com/kedacore/keda/blob/main/apis/keda/v1alpha1/scaledobject_types.go",
			"https://github.com/kedacore/keda-docs/blob/main/content/docs/2.21/reference/scaledobject-spec.md",
		},
		check: kedaIdle,
	},
	{
		ID: "keda-zero-cpu-only", Severity: Error, Tier: Default,
		What: "minReplicaCount is 0 with cpu and memory triggers only",
		Why:  "KEDA's webhook refuses the object. At zero pods there is no cpu to measure, so nothing would wake the workload.",
		How:  "spec.minReplicaCount is 0 or not written, and all triggers are of type cpu or memory.",
		Sources: []string{
			"https://github.com/kedacore/keda/blob/main/apis/keda/v1alpha1/scaledobject_webhook.go",
		},
		check: kedaZeroCPUOnly,
	},
	{
		ID: "keda-min-default-zero", Severity: Warning, Tier: Recommended,
		What: "minReplicaCount is not set for a workload behind a Service",
		Why:  "Its default is 0: when the triggers are quiet there is no pod, and who calls the Service gets an error until one has started.",
		How:  "spec.minReplicaCount is not written, and a Service among the inputs selects the target's pods. A 0 that is written is taken for a wish.",
		Sources: []string{
			"https://github.com/kedacore/keda-docs/blob/main/content/docs/2.21/reference/scaledobject-spec.md",
		},
		check: kedaMinDefaultZero,
	},
	{
		ID: "keda-max-default-100", Severity: Info, Tier: All,
		What: "maxReplicaCount is not set",
		Why:  "Its default is 100, which may be more than the cluster, a database or the budget bears.",
		How:  "spec.maxReplicaCount is not written.",
		Sources: []string{
			"https://github.com/kedacore/keda-docs/blob/main/content/docs/2.21/reference/scaledobject-spec.md",
		},
		check: kedaMaxDefault,
	},
	{
		ID: "keda-cooldown-ignored", Severity: Warning, Tier: Recommended,
		What: "cooldownPeriod is set where nothing is scaled to zero",
		Why: "The period is what KEDA waits before it scales to zero, or to the idle count. Above that the HorizontalPodAutoscaler scales, and its stabilization window is what slows " +
			"it down: whoever set the period expects something that does not happen.",
		How: "spec.cooldownPeriod is written, spec.minReplicaCount is above 0, and there is no idleReplicaCount.",
		Sources: []string{
			"https://github.com/kedacore/keda/issues/6844",
			"https://github.com/kedacore/keda/issues/737",
		},
		check: kedaCooldownIgnored,
	},
	{
		ID: "keda-polling-ignored", Severity: Info, Tier: All,
		What: "pollingInterval is set where it changes nothing about scaling",
		Why:  "KEDA polls to wake a workload from zero. Above that the HorizontalPodAutoscaler asks, at its own pace, 15 seconds unless the cluster says otherwise.",
		How:  "spec.pollingInterval is written, spec.minReplicaCount is above 0, there is no idleReplicaCount, no trigger has useCachedMetrics, and there are no scalingModifiers.",
		Sources: []string{
			"https://github.com/kedacore/keda/blob/main/apis/keda/v1alpha1/scaledobject_webhook.go",
		},
		check: kedaPollingIgnored,
	},
	{
		ID: "keda-cooldown-bypasses-behavior", Severity: Warning, Tier: Recommended,
		What: "the cooldown period is shorter than the stabilization window for scaling down",
		Why: "When all triggers are quiet for the cooldown period KEDA itself scales to zero, from however many pods there are, and asks no behavior. The window that was to keep them does " +
			"not.",
		How: "spec.minReplicaCount is 0 or idleReplicaCount is set, and spec.cooldownPeriod, or its default of 300 seconds, is less than " +
			"stabilizationWindowSeconds of the behavior's scaleDown.",
		Sources: []string{
			"https://github.com/kedacore/keda/issues/7770",
		},
		check: kedaCooldownBypasses,
	},
}

func kedaMinGtMax(c *checker) {
	c.eachScaledObject(func(k *keda) {
		if lowest, most := k.so.min(), k.so.max(); lowest > most {
			message := fmt.Sprintf("minReplicaCount is %d, maxReplicaCount %d", lowest, most)
			if k.so.Spec.MaxReplicaCount == nil {
				message = fmt.Sprintf("minReplicaCount is %d, and maxReplicaCount is not set: its default is %d", lowest, most)
			}
			c.report(k.object, "spec.minReplicaCount", message, "lower the minimum or raise the maximum")
		}
	})
}

func kedaIdle(c *checker) {
	c.eachScaledObject(func(k *keda) {
		idle := k.so.Spec.IdleReplicaCount
		switch {
		case idle == nil:
		case *idle >= k.so.min():
			c.report(k.object, "spec.idleReplicaCount", fmt.Sprintf("idleReplicaCount is %d, and must be below minReplicaCount, which is %d", *idle, k.so.min()),
				"write idleReplicaCount: 0 and a minReplicaCount above it, or remove it")
		case *idle > 0:
			c.report(k.object, "spec.idleReplicaCount", fmt.Sprintf("idleReplicaCount is %d, and only 0 works", *idle), "write idleReplicaCount: 0")
		}
	})
}

func kedaZeroCPUOnly(c *checker) {
	c.eachScaledObject(func(k *keda) {
		if k.so.min() != 0 || !onlyResources(k.triggers) {
			return
		}
		message := "minReplicaCount is 0, and there are only cpu and memory triggers"
		if k.so.Spec.MinReplicaCount == nil {
			message = "minReplicaCount is not set, its default is 0, and there are only cpu and memory triggers"
		}
		c.report(k.object, "spec.minReplicaCount", message, "write minReplicaCount: 1 or more, or add a trigger that can wake the workload")
	})
}

func kedaMinDefaultZero(c *checker) {
	for _, s := range c.scalers {
		so, ok := s.Typed.(*scaledObject)
		if !ok || so.Spec.MinReplicaCount != nil || s.workload == nil || len(s.workload.services) == 0 || onlyResources(so.Spec.Triggers) {
			continue
		}
		front := s.workload.services[0]
		c.report(s.object, "spec.minReplicaCount", fmt.Sprintf("minReplicaCount is not set, and its default is 0: at times nobody answers behind Service %s", front.Name),
			"write minReplicaCount: 2, or 0 if that is meant").see(front.object, "spec.selector", "the Service")
	}
}

func kedaMaxDefault(c *checker) {
	c.eachScaledObject(func(k *keda) {
		if k.so.Spec.MaxReplicaCount == nil {
			c.report(k.object, "spec.maxReplicaCount", fmt.Sprintf("maxReplicaCount is not set, and its default is %d", kedaMaxReplicas), "write maxReplicaCount")
		}
	})
}

// sleeps says whether KEDA itself ever scales, to zero or to the idle count.
func (so *scaledObject) sleeps() bool { return so.min() == 0 || so.Spec.IdleReplicaCount != nil }

func kedaCooldownIgnored(c *checker) {
	c.eachScaledObject(func(k *keda) {
		if period := k.so.Spec.CooldownPeriod; period != nil && !k.so.sleeps() {
			c.report(k.object, "spec.cooldownPeriod", fmt.Sprintf("cooldownPeriod: %d has no effect, because minReplicaCount is %d", *period, k.so.min()),
				"set behavior.scaleDown.stabilizationWindowSeconds in advanced.horizontalPodAutoscalerConfig, or remove it")
		}
	})
}

func kedaPollingIgnored(c *checker) {
	c.eachScaledObject(func(k *keda) {
		interval := k.so.Spec.PollingInterval
		if interval == nil || k.so.sleeps() || k.so.modifiers() != nil {
			return
		}
		for i := range k.triggers {
			if k.triggers[i].UseCachedMetrics {
				return
			}
		}
		c.report(k.object, "spec.pollingInterval", fmt.Sprintf("pollingInterval: %d has no effect on scaling, because minReplicaCount is %d", *interval, k.so.min()), "remove it")
	})
}

func kedaCooldownBypasses(c *checker) {
	c.eachScaledObject(func(k *keda) {
		a := k.so.Spec.Advanced
		if !k.so.sleeps() || a == nil || a.HorizontalPodAutoscalerConfig == nil || a.HorizontalPodAutoscalerConfig.Behavior == nil {
			return
		}
		down := a.HorizontalPodAutoscalerConfig.Behavior.ScaleDown
		if down == nil || down.StabilizationWindowSeconds == nil {
			return
		}
		cooldown, window := int32(kedaCooldown), *down.StabilizationWindowSeconds
		message := fmt.Sprintf("cooldownPeriod is not set, and its default is %d: KEDA scales to %s before the stabilization window of %d s is over", cooldown, k.so.rest(), window)
		if k.so.Spec.CooldownPeriod != nil {
			cooldown = *k.so.Spec.CooldownPeriod
			message = fmt.Sprintf("after %d s KEDA scales to %s, before the stabilization window of %d s is over", cooldown, k.so.rest(), window)
		}
		if cooldown >= window {
			return
		}
		c.report(k.object, "spec.cooldownPeriod", message, fmt.Sprintf("write cooldownPeriod: %d or more", window)).
			see(k.object, "spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown.stabilizationWindowSeconds", "the window")
	})
}

// rest says in words what KEDA scales to when all is quiet.
func (so *scaledObject) rest() string {
	if so.Spec.IdleReplicaCount != nil {
		return "the idle count"
	}
	return "zero"
}
