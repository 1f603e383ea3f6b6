package lint

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/gen"
)

// kedaTriggers are about triggers and what is made of them, queries aside.
var kedaTriggers = []Rule{
	{
		ID: "keda-invalid", Severity: Error, Tier: Default,
		What: "KEDA refuses the ScaledObject or ScaledJob for another reason",
		Why:  "The API server or KEDA's webhook refuses the object, and what is in the cluster stays as it was.",
		Fix:  "a misspelt behavior of the fallback or kind of an authenticationRef is written as KEDA's API has it.",
		How: "The limits of KEDA's schema and webhook, 2.21, which have no rule of their own: there is a target and a trigger, periods and counts are in their ranges, values " +
			"of fallback.behavior, authenticationRef.kind and scalingModifiers.metricType are known, and a fallback has a trigger that is not cpu or memory.",
		Sources: []string{
			"https://github.com/kedacore/keda/blob/main/apis/keda/v1alpha1/scaledobject_types.go",
			"https://github.com/kedacore/keda/blob/main/apis/keda/v1alpha1/scaledobject_webhook.go",
		},
		check: kedaInvalid,
	},
	{
		ID: "keda-trigger-name-dup", Severity: Error, Tier: Default,
		What: "two triggers have one name",
		Why:  "KEDA's webhook refuses the object.",
		How:  "spec.triggers[].name, where written, is compared with the others of the ScaledObject or ScaledJob.",
		Sources: []string{
			"https://github.com/kedacore/keda/blob/main/apis/keda/v1alpha1/scaletriggers_types.go",
		},
		check: kedaTriggerNameDup,
	},
	{
		ID: "keda-cached-unsupported", Severity: Error, Tier: Default,
		What: "useCachedMetrics on a cpu, memory or cron trigger",
		Why:  "KEDA's webhook refuses the object: there is nothing to cache.",
		Fix:  "useCachedMetrics is removed: KEDA refuses it there.",
		How:  "useCachedMetrics is true for a trigger of one of these types.",
		Sources: []string{
			"https://github.com/kedacore/keda/blob/main/apis/keda/v1alpha1/scaletriggers_types.go",
		},
		check: kedaCachedUnsupported,
	},
	{
		ID: "keda-metrictype-invalid", Severity: Error, Tier: Default,
		What: "a trigger's metricType does not go with its type",
		Why:  "KEDA cannot make the scaler: the ScaledObject is not ready, and nothing is scaled.",
		How:  "A cpu or memory trigger must have Utilization or AverageValue; any other may have AverageValue or Value, or none. metadata.type counts for cpu and memory until another rule asks to replace it.",
		Sources: []string{
			"https://github.com/kedacore/keda/blob/main/pkg/scalers/cpu_memory_scaler.go",
			"https://github.com/kedacore/keda/blob/main/pkg/scalers/scaler.go",
		},
		check: kedaMetricTypeInvalid,
	},
	{
		ID: "keda-cpu-metadata-type", Severity: Error, Tier: Default,
		What: "a cpu or memory trigger says its type of metric in metadata.type",
		Why:  "KEDA 2.18 removed it: the ScaledObject is not ready, and nothing is scaled.",
		Fix:  "metadata.type becomes metricType, unless that is there and says something else.",
		How:  "metadata.type is written for a trigger of type cpu or memory.",
		Sources: []string{
			"https://github.com/kedacore/keda/issues/6698",
			"https://github.com/kedacore/keda/issues/3580",
		},
		check: kedaCPUMetadataType,
	},
	{
		ID: "keda-threshold-nonnumeric", Severity: Error, Tier: Default,
		What: "a trigger's threshold or value is missing, or is not a number",
		Why:  "KEDA cannot make the scaler: the ScaledObject is not ready, and nothing is scaled. A unit such as r/s is not part of a number.",
		Fix:  "the unit of a rate per second, or the percent sign of a share, is removed.",
		How: "threshold and activationThreshold of a prometheus trigger are read as KEDA reads them, with strconv.ParseFloat; value of a cpu or memory trigger as a whole number for " +
			"a Utilization, as a quantity for an AverageValue. What an environment variable gives (thresholdFromEnv) is not known.",
		Sources: []string{
			"https://github.com/kedacore/keda/blob/main/pkg/scalers/prometheus_scaler.go",
			"https://github.com/kedacore/keda/blob/main/pkg/scalers/cpu_memory_scaler.go",
		},
		check: kedaThreshold,
	},
	{
		ID: "keda-modifiers", Severity: Error, Tier: Default,
		What: "scalingModifiers that KEDA cannot use",
		Why:  "KEDA's webhook refuses the object.",
		How: "A formula needs a target, a number above 0, and a target a formula. Every name in the formula must be that of a trigger, cpu and memory excepted. Formulas with more than names, " +
			"numbers, operators and calls are not looked into.",
		Sources: []string{
			"https://github.com/kedacore/keda/blob/main/apis/keda/v1alpha1/scaledobject_webhook.go",
		},
		check: kedaModifiers,
	},
	{
		ID: "keda-fallback", Severity: Warning, Tier: Recommended,
		What: "a trigger asks somebody who may not answer, and there is no fallback",
		Why:  "While Prometheus or a queue is away, the autoscaler keeps the pods that it has: a restart of the monitoring during a peak is a peak without scaling.",
		How:  "There is no spec.fallback, and a trigger that is not cpu, memory, cron, kubernetes-workload or kubernetes-resource.",
		Sources: []string{
			"https://github.com/kedacore/keda-docs/blob/main/content/docs/2.21/reference/scaledobject-spec.md",
		},
		check: kedaFallback,
	},
	{
		ID: "keda-server-localhost", Severity: Warning, Tier: Default,
		What: "a trigger's serverAddress is one that KEDA cannot reach",
		Why:  "KEDA's operator asks, from its own pod: localhost is that pod, and an address without http:// is none.",
		How:  "serverAddress of a prometheus trigger names localhost or a loopback address, or has no scheme.",
		Sources: []string{
			"https://github.com/kedacore/keda/issues/1856",
		},
		check: kedaServerLocalhost,
	},
}

func kedaInvalid(c *checker) {
	for _, k := range c.kedas {
		bad := func(path, message, fix string) *found { return c.report(k.object, path, message, fix) }
		if len(k.triggers) == 0 {
			bad("spec.triggers", "there is no trigger", "add one")
		}
		for i := range k.triggers {
			at := fmt.Sprintf("spec.triggers[%d]", i)
			if t := &k.triggers[i]; t.Type == "" {
				bad(at+".type", "the trigger has no type", "write one, such as prometheus")
			} else if a := t.AuthenticationRef; a != nil && a.Kind != "" && a.Kind != "TriggerAuthentication" && a.Kind != "ClusterTriggerAuthentication" {
				bad(at+".authenticationRef.kind", fmt.Sprintf("unknown kind %q", a.Kind), "write TriggerAuthentication or ClusterTriggerAuthentication").
					surely(a.Kind, []string{"TriggerAuthentication", "ClusterTriggerAuthentication"})
			}
		}
		if k.so != nil {
			k.so.invalid(bad)
		}
	}
}

// invalid reports what the schema and the webhook refuse in a ScaledObject.
func (so *scaledObject) invalid(bad func(path, message, fix string) *found) {
	spec := &so.Spec
	if spec.ScaleTargetRef.Name == "" {
		bad("spec.scaleTargetRef.name", "there is no scale target", "write the name of the workload")
	}
	for _, f := range []struct {
		name  string
		value *int32
		least int32
	}{
		{"pollingInterval", spec.PollingInterval, 1},
		{"initialCooldownPeriod", spec.InitialCooldownPeriod, 0},
		{"cooldownPeriod", spec.CooldownPeriod, 0},
		{"idleReplicaCount", spec.IdleReplicaCount, 0},
		{"minReplicaCount", spec.MinReplicaCount, 0},
		{"maxReplicaCount", spec.MaxReplicaCount, 1},
	} {
		if f.value != nil && *f.value < f.least {
			bad("spec."+f.name, fmt.Sprintf("%s is %d", f.name, *f.value), fmt.Sprintf("write %d or more", f.least))
		}
	}
	if m := so.modifiers(); m != nil && m.MetricType != "" && m.MetricType != autoscalingv2.AverageValueMetricType && m.MetricType != autoscalingv2.ValueMetricType {
		bad("spec.advanced.scalingModifiers.metricType", fmt.Sprintf("metricType: %s does not go with scalingModifiers", m.MetricType), "write AverageValue or Value")
	}
	so.invalidFallback(bad)
}

func (so *scaledObject) invalidFallback(bad func(path, message, fix string) *found) {
	f := so.Spec.Fallback
	if f == nil {
		return
	}
	if f.FailureThreshold < 0 {
		bad("spec.fallback.failureThreshold", fmt.Sprintf("failureThreshold is %d", f.FailureThreshold), "write 0 or more")
	}
	if f.Replicas < 0 {
		bad("spec.fallback.replicas", fmt.Sprintf("replicas is %d", f.Replicas), "write 0 or more")
	}
	known := []string{"static", "currentReplicas", "currentReplicasIfHigher", "currentReplicasIfLower", "scalingModifiers"}
	if f.Behavior != "" && !slices.Contains(known, f.Behavior) {
		bad("spec.fallback.behavior", fmt.Sprintf("unknown behavior %q", f.Behavior), meant(f.Behavior, known, "write one of the known")).surely(f.Behavior, known)
	}
	if so.modifiers() == nil {
		if onlyResources(so.Spec.Triggers) {
			bad("spec.fallback", "a fallback needs a trigger that is not cpu or memory", "remove it: the HorizontalPodAutoscaler measures these itself")
		}
		if f.Behavior == "scalingModifiers" {
			bad("spec.fallback.behavior", "there are no scalingModifiers", "write a formula in advanced.scalingModifiers, or another behavior")
		}
	}
}

func kedaTriggerNameDup(c *checker) {
	for _, k := range c.kedas {
		first := map[string]int{}
		for i := range k.triggers {
			name := k.triggers[i].Name
			before, ok := first[name]
			switch {
			case name == "":
			case !ok:
				first[name] = i
			default:
				c.report(k.object, fmt.Sprintf("spec.triggers[%d].name", i), fmt.Sprintf("another trigger is named %s too", name), "choose another name").
					see(k.object, fmt.Sprintf("spec.triggers[%d].name", before), "the other trigger")
			}
		}
	}
}

func kedaCachedUnsupported(c *checker) {
	c.eachTrigger(func(k *keda, t *gen.ScaledObjectTrigger, path string) {
		if t.UseCachedMetrics && (isResource(t) || t.Type == "cron") {
			c.report(k.object, path+".useCachedMetrics", fmt.Sprintf("a %s trigger has no metrics to cache", t.Type), "remove useCachedMetrics").remove()
		}
	})
}

func kedaMetricTypeInvalid(c *checker) {
	c.eachTrigger(func(k *keda, t *gen.ScaledObjectTrigger, path string) {
		kind, fix := t.MetricType, "write AverageValue, or Value"
		known := []autoscalingv2.MetricTargetType{"", autoscalingv2.AverageValueMetricType, autoscalingv2.ValueMetricType}
		if isResource(t) {
			if k.so == nil || kind == "" && t.Metadata["type"] != "" {
				return
			}
			known, fix = []autoscalingv2.MetricTargetType{autoscalingv2.UtilizationMetricType, autoscalingv2.AverageValueMetricType}, "write Utilization or AverageValue"
		}
		if slices.Contains(known, kind) {
			return
		}
		message := fmt.Sprintf("metricType: %s does not go with a trigger of type %s", kind, t.Type)
		if kind == "" {
			message = fmt.Sprintf("a trigger of type %s needs a metricType", t.Type)
		}
		c.report(k.object, path+".metricType", message, fix)
	})
}

func kedaCPUMetadataType(c *checker) {
	c.eachTrigger(func(k *keda, t *gen.ScaledObjectTrigger, path string) {
		if kind, ok := t.Metadata["type"]; ok && isResource(t) {
			f := c.report(k.object, path+".metadata.type", "metadata.type went with KEDA 2.18", "remove it, and write metricType: "+kind+" beside metadata")
			f.moveMetricType(t, path)
		}
	})
}

func kedaThreshold(c *checker) {
	c.eachTrigger(func(k *keda, t *gen.ScaledObjectTrigger, path string) {
		number := func(field string, required bool, check func(string) bool, fix string) {
			value, ok := t.Metadata[field]
			_, fromEnv := t.Metadata[field+"FromEnv"]
			at := path + ".metadata." + field
			switch {
			case ok && value != "" && !check(value) && !strings.Contains(value, "{{"):
				f := c.report(k.object, at, fmt.Sprintf("%s: %q is not a number", field, value), fix)
				if sure := bareNumber(value, isResource(t)); sure != "" && check(sure) {
					f.write(sure)
				}
			case value == "" && !fromEnv && required:
				c.report(k.object, at, "the trigger has no "+field, "add it")
			}
		}
		switch {
		case t.Type == "prometheus":
			number("threshold", true, isFloat, "write the number alone, as \"100\"")
			number("activationThreshold", false, isFloat, "write the number alone, as \"5\"")
		case isResource(t) && t.MetricType == autoscalingv2.UtilizationMetricType:
			number("value", true, isInteger, "write the percentage alone, as \"70\"")
		case isResource(t) && t.MetricType == autoscalingv2.AverageValueMetricType:
			number("value", true, isQuantity, "write a quantity, as 500m or 200Mi")
		}
	})
}

func isFloat(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

func isInteger(s string) bool {
	_, err := strconv.ParseInt(s, 10, 32)
	return err == nil
}

func isQuantity(s string) bool {
	if len(s) > 100 {
		return false
	}
	_, err := resource.ParseQuantity(s)
	return err == nil
}

func kedaModifiers(c *checker) {
	c.eachScaledObject(func(k *keda) {
		m := k.so.modifiers()
		if m == nil {
			return
		}
		const at = "spec.advanced.scalingModifiers"
		target, err := strconv.ParseFloat(m.Target, 64)
		switch {
		case m.Formula == "":
			c.report(k.object, at, "there is no formula", "write one over the triggers' names")
		case m.Target == "":
			c.report(k.object, at+".formula", "the formula has no target", "write target beside it")
		case err != nil || target <= 0:
			c.report(k.object, at+".target", fmt.Sprintf("target: %q is not a number above 0", m.Target), "write one")
		}
		c.formulaNames(k, m.Formula, at+".formula")
	})
}

// formulaNames reports the names in a formula that no trigger has.
func (c *checker) formulaNames(k *keda, formula, at string) {
	var names []string
	for i := range k.triggers {
		if t := &k.triggers[i]; t.Name != "" && !isResource(t) {
			names = append(names, t.Name)
		}
	}
	for _, name := range formulaNames(formula) {
		if !slices.Contains(names, name) {
			fix := "give a trigger that name, or write that of one that is not cpu or memory"
			if near := yamlpos.Nearest(name, names); near != "" {
				fix = fmt.Sprintf("did you mean %q?", near)
			}
			c.report(k.object, at, fmt.Sprintf("the formula has %s, and no trigger is named so", name), fix)
		}
	}
}

// formulaNames are the variables of a formula, each once; none of one that has
// more than names, numbers, operators and calls.
func formulaNames(formula string) []string {
	token := regexp.MustCompile(`[A-Za-z_]\w*|\d[\w.]*|\.\d\w*|[-+*/%<>=!&|?:(),^\s]+`)
	words := []string{"and", "or", "not", "in", "true", "false", "nil", "if", "else"}
	if rest := token.ReplaceAllString(formula, ""); rest != "" || slices.Contains(token.FindAllString(formula, -1), "let") {
		return nil
	}
	var names []string
	all := token.FindAllStringIndex(formula, -1)
	for i, at := range all {
		name := formula[at[0]:at[1]]
		called := i+1 < len(all) && strings.HasPrefix(strings.TrimSpace(formula[all[i+1][0]:all[i+1][1]]), "(")
		if c := name[0]; c != '_' && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') || called || slices.Contains(words, name) || slices.Contains(names, name) {
			continue
		}
		names = append(names, name)
	}
	return names
}

func kedaFallback(c *checker) {
	c.eachScaledObject(func(k *keda) {
		if k.so.Spec.Fallback != nil {
			return
		}
		for i := range k.triggers {
			if t := &k.triggers[i]; isExternal(t) {
				c.report(k.object, "spec.fallback", fmt.Sprintf("there is no fallback for when the %s trigger gets no answer", t.Type),
					"write fallback: {failureThreshold: 3, replicas: …, behavior: currentReplicasIfHigher}").see(k.object, fmt.Sprintf("spec.triggers[%d].type", i), "the trigger")
				return
			}
		}
	})
}

func kedaServerLocalhost(c *checker) {
	c.eachTrigger(func(k *keda, t *gen.ScaledObjectTrigger, path string) {
		address := t.Metadata["serverAddress"]
		if t.Type != "prometheus" || address == "" || strings.Contains(address, "{{") {
			return
		}
		at := path + ".metadata.serverAddress"
		if !strings.Contains(address, "://") {
			c.report(k.object, at, fmt.Sprintf("%s has no scheme", address), "write http:// before it")
			return
		}
		u, err := url.Parse(address)
		if err != nil {
			c.report(k.object, at, fmt.Sprintf("%s is no address", address), "write one such as http://prometheus.monitoring.svc:9090")
			return
		}
		if host := u.Hostname(); host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.") {
			c.report(k.object, at, fmt.Sprintf("%s is the pod of KEDA's operator itself", host), "write the address of Prometheus's Service, such as http://prometheus.monitoring.svc:9090")
		}
	})
}
