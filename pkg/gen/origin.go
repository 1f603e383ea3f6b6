package gen

import (
	"strconv"
	"strings"
)

// Origin returns the field path in the spec of what decides about a field of a
// generated object, such as spec.scaling.min for the spec.minReplicas of a
// HorizontalPodAutoscaler. What has a default need not be written there: a reader
// looks at the nearest field around it that is. What no field decides is decided by
// the spec as a whole, "spec". The spec must have been defaulted and be valid.
func (s *ElasticService) Origin(kind, path string) string {
	if origin, ok := originAmong(sharedOrigins, path); ok {
		return s.labelled(kind, origin)
	}
	if origin, ok := originAmong(originsOf(kind), path); ok {
		return s.entry(origin)
	}
	return "spec"
}

// An origin says where what stands at and below a path comes from. The first whose
// path leads to the one in question counts. In to, "*" stands for all that follows
// the path, "@NAME" for what has to be looked up in the spec by an index.
type origin struct{ path, to string }

var sharedOrigins = []origin{
	{"metadata.labels", "metadata.labels*"},
	{"metadata", "metadata*"},
	{"apiVersion", "spec"},
	{"kind", "spec"},
}

// originsOf are those of the objects of a kind.
func originsOf(kind string) []origin {
	switch kind {
	case "Service":
		return []origin{{"spec.selector", "metadata.name"}, {"spec.ports[0]", "spec.ports.http"}, {"spec.ports[1]", "spec.ports.metrics"}, {"spec.ports", "spec.ports"}}
	case "Deployment":
		return deploymentOrigins
	case "PodDisruptionBudget":
		return []origin{{"spec.maxUnavailable", "spec.availability.maxUnavailable"}, {"spec.selector", "metadata.name"}, {"spec", "spec.availability"}}
	case "ServiceMonitor":
		return []origin{
			{"spec.selector", "metadata.name"},
			{"spec.jobLabel", "metadata.name"},
			{"spec.endpoints[0].port", "spec.ports.metrics"},
			{"spec.endpoints[0].path", "spec.monitoring.path"},
			{"spec.endpoints[0].interval", "spec.monitoring.interval"},
			{"spec", "spec.monitoring"},
		}
	case "PrometheusRule":
		return []origin{{"spec.groups[0].name", "metadata.name"}, {"spec.groups[0].rules", "@rule*"}, {"spec", "spec.slo"}}
	case "HorizontalPodAutoscaler":
		return []origin{
			{"spec.scaleTargetRef", "metadata.name"},
			{"spec.minReplicas", "spec.scaling.min"},
			{"spec.maxReplicas", "spec.scaling.max"},
			{"spec.metrics", "@metric*"},
			{"spec.behavior", "@behavior*"},
			{"spec", "spec.scaling"},
		}
	case "ScaledObject":
		return []origin{
			{"spec.scaleTargetRef", "metadata.name"},
			{"spec.minReplicaCount", "spec.scaling.min"},
			{"spec.maxReplicaCount", "spec.scaling.max"},
			{"spec.pollingInterval", "spec.scaling.keda.pollingInterval"},
			{"spec.cooldownPeriod", "spec.scaling.keda.cooldownPeriod"},
			{"spec.fallback.replicas", "spec.scaling.min"},
			{"spec.advanced.horizontalPodAutoscalerConfig.behavior", "@behavior*"},
			{"spec.triggers", "@trigger*"},
			{"spec", "spec.scaling"},
		}
	}
	return nil
}

var deploymentOrigins = []origin{
	{"spec.selector", "metadata.name"},
	{"spec.template.metadata.labels", "metadata.labels*"},
	{"spec.template.spec.terminationGracePeriodSeconds", "spec.shutdown.grace"},
	{"spec.template.spec.topologySpreadConstraints", "@spread*"},
	{"spec.template.spec.containers[0].image", "spec.image"},
	{"spec.template.spec.containers[0].args", "spec.args*"},
	{"spec.template.spec.containers[0].env", "@env*"},
	{"spec.template.spec.containers[0].ports[0]", "spec.ports.http"},
	{"spec.template.spec.containers[0].ports[1]", "spec.ports.metrics"},
	{"spec.template.spec.containers[0].ports", "spec.ports"},
	{"spec.template.spec.containers[0].resources", "spec.resources*"},
	{"spec.template.spec.containers[0].startupProbe", "@spec.probes.startup*"},
	{"spec.template.spec.containers[0].readinessProbe", "@spec.probes.readiness*"},
	{"spec.template.spec.containers[0].livenessProbe", "@spec.probes.liveness*"},
	{"spec.template.spec.containers[0].lifecycle", "spec.shutdown.preStop"},
}

// originAmong finds the first that leads to a path.
func originAmong(list []origin, path string) (to string, ok bool) {
	for _, o := range list {
		rest, found := strings.CutPrefix(path, o.path)
		if !found || rest != "" && rest[0] != '.' && rest[0] != '[' {
			continue
		}
		if to, open := strings.CutSuffix(o.to, "*"); open {
			return to + rest, true
		}
		return o.to, true
	}
	return "", false
}

// labelled tells apart the labels of an object that come from elsewhere than
// metadata.labels.
func (s *ElasticService) labelled(kind, origin string) string {
	key, ok := strings.CutPrefix(origin, "metadata.labels")
	key = strings.Trim(key, `.[]"`)
	switch {
	case !ok || key == "":
		return origin
	case key == labelName:
		return "metadata.name"
	case kind == "ServiceMonitor" || kind == "PrometheusRule":
		if _, ok := s.Spec.Monitoring.Labels[key]; ok {
			return "spec.monitoring.labels" + origin[len("metadata.labels"):]
		}
	}
	return origin
}

// entry looks up what an index means in the spec.
func (s *ElasticService) entry(origin string) string {
	what, ok := strings.CutPrefix(origin, "@")
	if !ok {
		return origin
	}
	if strings.HasPrefix(what, "spec.probes") {
		return probeOrigin(what)
	}
	name, rest := what, ""
	if i := strings.IndexAny(what, ".["); i >= 0 {
		name, rest = what[:i], what[i:]
	}
	if name == "behavior" {
		return s.behaviorOrigin(rest)
	}
	index, rest, ok := indexed(rest)
	switch {
	case name == "env" && ok:
		return s.envOrigin(index, rest)
	case name == "rule" && ok:
		return s.ruleOrigin(index)
	case name == "spread" && ok:
		return "spec.availability.spread[" + strconv.Itoa(index) + "]"
	case name == "spread":
		return "spec.availability.spread"
	case name == "env":
		return "spec.env"
	case name == "rule":
		return "spec.slo"
	case !ok:
		return "spec.scaling.metrics"
	case index >= len(s.Spec.Scaling.Metrics):
		return "spec.scaling.highLoad"
	case name == "trigger":
		return s.triggerOrigin(index, rest)
	}
	return s.metricOrigin(index, rest)
}

// indexed takes an index off the beginning of a path.
func indexed(path string) (index int, rest string, ok bool) {
	text, rest, found := strings.Cut(strings.TrimPrefix(path, "["), "]")
	index, err := strconv.Atoi(text)
	return index, rest, found && err == nil && index >= 0 && strings.HasPrefix(path, "[")
}

// probeOrigin is where a field of a probe comes from.
func probeOrigin(path string) string {
	for _, o := range []origin{
		{".httpGet.path", ".path"}, {".httpGet.port", ".port"}, {".periodSeconds", ".period"}, {".timeoutSeconds", ".timeout"}, {".failureThreshold", ".failures"},
	} {
		if probe, found := strings.CutSuffix(path, o.path); found {
			return probe + o.to
		}
	}
	probe, _, _ := strings.Cut(strings.TrimPrefix(path, "spec.probes."), ".")
	return "spec.probes." + probe
}

// behaviorOrigin is where a field of the behavior comes from: a tolerance that a
// direction does not have itself is that of both.
func (s *ElasticService) behaviorOrigin(rest string) string {
	own := s.Spec.Scaling.Behavior
	for _, direction := range []string{".scaleUp", ".scaleDown"} {
		if rest != direction+".tolerance" {
			continue
		}
		has := own != nil && (direction == ".scaleUp" && own.ScaleUp != nil && own.ScaleUp.Tolerance != nil ||
			direction == ".scaleDown" && own.ScaleDown != nil && own.ScaleDown.Tolerance != nil)
		if !has {
			return "spec.scaling.tolerance"
		}
	}
	return "spec.scaling.behavior" + rest
}

// envOrigin is where a variable comes from: the spec's own list, or what it tells
// the service.
func (s *ElasticService) envOrigin(index int, rest string) string {
	env := s.env()
	switch {
	case index < len(s.Spec.Env):
		return "spec.env[" + strconv.Itoa(index) + "]" + rest
	case index >= len(env):
		return "spec.env"
	}
	p, name, isName := &s.Spec, env[index].Name, rest == ".name"
	choose := func(at, nameAt, valueAt string) string {
		if isName {
			return at + nameAt
		}
		return at + valueAt
	}
	switch {
	case name == envMemoryLimit:
		return "spec.resources.limits.memory"
	case name == p.Shutdown.Env:
		return choose("spec.shutdown", ".env", ".timeout")
	case p.Concurrency != nil && name == p.Concurrency.Env:
		return choose("spec.concurrency", ".env", ".limit")
	case p.Scaling.HighLoad != nil && name == p.Scaling.HighLoad.Env:
		return choose("spec.scaling.highLoad", ".env", ".latency")
	}
	for i := range p.Dependencies {
		if d := &p.Dependencies[i]; d.env() == name {
			field := ".env"
			if d.Env == "" {
				field = ".name"
			}
			return choose("spec.dependencies["+strconv.Itoa(i)+"]", field, ".poolSize")
		}
	}
	return "spec.env"
}

// ruleOrigin is where an alert comes from.
func (s *ElasticService) ruleOrigin(index int) string {
	rule := s.prometheusRule()
	if rule == nil || index >= len(rule.Spec.Groups[0].Rules) {
		return "spec.slo"
	}
	switch rule.Spec.Groups[0].Rules[index].Alert {
	case "ErrorBudgetBurn":
		return "spec.slo.availability"
	case "LatencyBudgetBurn":
		return "spec.slo.latency"
	case "AtConcurrencyLimit":
		return "spec.concurrency.limit"
	case "AtMaxReplicas":
		return "spec.scaling.max"
	}
	return "spec.scaling.highLoad"
}

// metricOrigin is where a field of a metric of autoscaling/v2 comes from: the short
// form, or in the full one the same field.
func (s *ElasticService) metricOrigin(index int, rest string) string {
	at := "spec.scaling.metrics[" + strconv.Itoa(index) + "]"
	m := &s.Spec.Scaling.Metrics[index]
	target, name := strings.Contains(rest, ".target"), strings.HasSuffix(rest, ".metric.name")
	switch {
	case m.CPU != nil:
		return at + ".cpu"
	case m.Memory != nil:
		return at + ".memory"
	case m.RPS != nil && target:
		return at + ".rps.target"
	case m.RPS != nil && name && m.RPS.Name != "":
		return at + ".rps.name"
	case m.RPS != nil && name:
		return at + ".rps.counter"
	case m.RPS != nil:
		return at + ".rps"
	case m.Query != nil && target:
		return at + ".query.target"
	case m.Query != nil && name:
		return at + ".query.name"
	case m.Query != nil:
		return at + ".query"
	}
	return at + rest
}

// triggerOrigin is where a field of a trigger of KEDA comes from.
func (s *ElasticService) triggerOrigin(index int, rest string) string {
	switch {
	case rest == ".metadata.serverAddress":
		return "spec.scaling.keda.serverAddress"
	case strings.HasPrefix(rest, ".authenticationRef"):
		return "spec.scaling.keda.authenticationRef"
	}
	m := &s.Spec.Scaling.Metrics[index]
	switch rest {
	case ".metadata.threshold", ".metadata.value":
		rest = ".target"
	case ".name":
		rest = ".metric.name"
	case ".metadata.query":
		switch {
		case m.RPS != nil:
			return "spec.scaling.metrics[" + strconv.Itoa(index) + "].rps.window"
		case m.Query != nil:
			return "spec.scaling.metrics[" + strconv.Itoa(index) + "].query.promql"
		}
	}
	if m.full() {
		return "spec.scaling.metrics[" + strconv.Itoa(index) + "]"
	}
	return s.metricOrigin(index, rest)
}
