package lint_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// scaled is a ScaledObject whose spec is in line 4, of fields and triggers.
func scaled(name, spec, triggers string) string {
	return fmt.Sprintf("apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: %s, namespace: shop}\nspec: {scaleTargetRef: {name: web}, %striggers: [%s]}\n", name, spec, triggers)
}

const cpu = `{type: cpu, metricType: Utilization, metadata: {value: "70"}}`

// asks is a prometheus trigger, in line 7.
func asks(query string) string {
	return "\n  {type: prometheus, metadata: {serverAddress: 'http://p:9090', threshold: '1', ignoreNullValues: 'false',\n  query:\n  '" + strings.ReplaceAll(query, "'", "''") + "'}}"
}

// broken are the rules without the positions.
func broken(found []string) []string {
	list := []string{}
	for _, f := range found {
		list = append(list, strings.Fields(f)[0])
	}
	return list
}

func TestScaledObjectsAreReadWithAllTheirFields(t *testing.T) {
	expect(t, found(t, "keda-", true, `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web, namespace: shop, annotations: {autoscaling.keda.sh/paused: "false"}}
spec:
  scaleTargetRef: {apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: web, envSourceContainerName: app}
  pollingInterval: 30
  cooldownPeriod: 300
  initialCooldownPeriod: 0
  idleReplicaCount: 0
  minReplicaCount: 1
  maxReplicaCount: 100
  fallback: {failureThreshold: 3, replicas: 6, behavior: static}
  advanced:
    restoreToOriginalReplicaCount: true
    horizontalPodAutoscalerConfig:
      name: web
      behavior: {scaleDown: {stabilizationWindowSeconds: 300, policies: [{type: Percent, value: 100, periodSeconds: 15}]}}
    scalingModifiers: {target: "2", activationTarget: "3", metricType: AverageValue, formula: "(a + b)/2"}
  triggers:
  - {type: kafka, name: a, useCachedMetrics: true, metadata: {lagThreshold: "5"}, authenticationRef: {name: kafka, kind: ClusterTriggerAuthentication}, metricType: Value}
  - {type: cron, name: b, metadata: {timezone: UTC, start: 0 8 * * *, end: 0 18 * * *, desiredReplicas: "6"}}
status:
  conditions: [{type: Ready, status: "True"}]
  externalMetricNames: [s0-kafka]
  scaleTargetGVKR: {group: apps, version: v1, kind: Deployment, resource: deployments}
---
apiVersion: keda.sh/v1alpha1
kind: ClusterTriggerAuthentication
metadata: {name: kafka}
spec: {podIdentity: {provider: aws}, secretTargetRef: [{parameter: a, name: b, key: c}]}
status: {scaledobjects: web}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledJob
metadata: {name: job, namespace: shop}
spec:
  jobTargetRef: {template: {spec: {containers: [{name: app, image: app}]}}}
  pollingInterval: 30
  successfulJobsHistoryLimit: 5
  failedJobsHistoryLimit: 5
  envSourceContainerName: app
  minReplicaCount: 0
  maxReplicaCount: 100
  rolloutStrategy: gradual
  rollout: {strategy: gradual, propagationPolicy: foreground}
  scalingStrategy: {strategy: custom, customScalingQueueLengthDeduction: 1, customScalingRunningJobPercentage: "0.5", pendingPodConditions: [Ready], multipleScalersCalculation: max}
  triggers: [{type: rabbitmq, metadata: {queueName: a}}]
status: {Paused: "False"}
`))
	expect(t, found(t, "keda-", true, scaled("web", "minReplicaCount: 1, maxReplicas: 3, ", cpu)), "manifest-field 4:57 error")
	expect(t, found(t, "keda-", true, scaled("web", "minReplicaCount: 1, ", "{type: cron, metadata: {desiredReplicas: 6}}")), "keda-max-default-100 4:7 info", "manifest-field 4:109 error")
}

func TestScaledObjectsScaleLikeAutoscalers(t *testing.T) {
	so := scaled("web", "minReplicaCount: 2, maxReplicaCount: 10, ", cpu)
	expect(t, broken(found(t, "hpa-", true, so)), "hpa-target-missing")
	expect(t, broken(found(t, "hpa-", true, so, strings.Replace(deployment("web", "shop", ""), "spec: {", "spec: {replicas: 3, ", 1))), "hpa-replicas-set")
	expect(t, broken(found(t, "hpa-target", true, so, deployment("web", "ops", ""))), "hpa-target-other-namespace")
	expect(t, broken(found(t, "hpa-target", true, strings.Replace(so, "name: web}, min", "kind: StatefulSet, name: web}, min", 1), deployment("web", "shop", ""))), "hpa-target-missing")
	expect(t, found(t, "keda-d", true, so, scaled("second", "minReplicaCount: 2, maxReplicaCount: 10, ", cpu), deployment("web", "shop", "")), "keda-duplicate-target 9:31 error")
	expect(t, found(t, "keda-d", true, so, strings.Replace(scaled("second", "minReplicaCount: 2, ", cpu), "name: web}", "name: web, kind: StatefulSet}", 1)))
}

func TestBoundsOfScaledObjects(t *testing.T) {
	for spec, want := range map[string][]string{
		"minReplicaCount: 2, maxReplicaCount: 2, ":                                                                           {"keda-fallback"},
		"minReplicaCount: 101, ":                                                                                             {"keda-fallback", "keda-max-default-100", "keda-min-gt-max"},
		"minReplicaCount: 2, maxReplicaCount: 9, idleReplicaCount: 0, ":                                                      {"keda-fallback"},
		"minReplicaCount: 2, maxReplicaCount: 9, idleReplicaCount: 1, ":                                                      {"keda-fallback", "keda-idle"},
		"maxReplicaCount: 9, idleReplicaCount: 0, ":                                                                          {"keda-fallback", "keda-idle"},
		"minReplicaCount: 2, maxReplicaCount: 9, cooldownPeriod: 9, pollingInterval: 9, idleReplicaCount: 0, ":               {"keda-fallback"},
		"minReplicaCount: 2, maxReplicaCount: 9, pollingInterval: 0, ":                                                       {"keda-fallback", "keda-invalid", "keda-polling-ignored"},
		"minReplicaCount: 0, maxReplicaCount: 0, ":                                                                           {"keda-fallback", "keda-invalid"},
		"minReplicaCount: 0, maxReplicaCount: 9, fallback: {failureThreshold: -1, replicas: 1}, ":                            {"keda-invalid"},
		"minReplicaCount: 0, maxReplicaCount: 9, fallback: {failureThreshold: 1, replicas: 1, behavior: scalingModifiers}, ": {"keda-invalid"},
	} {
		t.Run(spec, func(t *testing.T) {
			got := broken(found(t, "keda-", true, scaled("web", spec, asks("sum(a)"))))
			slices.Sort(got)
			expect(t, got, want...)
		})
	}
	only := "minReplicaCount: 1, maxReplicaCount: 9, fallback: {failureThreshold: 1, replicas: 1}, "
	expect(t, broken(found(t, "keda-", true, scaled("web", only, cpu))), "keda-invalid")
	window := "maxReplicaCount: 9, minReplicaCount: 0, fallback: {failureThreshold: 1, replicas: 1}, advanced: {horizontalPodAutoscalerConfig: {behavior: {scaleDown: {stabilizationWindowSeconds: %d}}}}, "
	expect(t, broken(found(t, "keda-", true, scaled("web", fmt.Sprintf(window, 300), asks("sum(a)")))))
	expect(t, broken(found(t, "keda-", true, scaled("web", fmt.Sprintf(window, 301), asks("sum(a)")))), "keda-cooldown-bypasses-behavior")
}

func TestElementsOfQueries(t *testing.T) {
	const many, all = "keda-query-multi-element", "keda-query-unaggregated"
	for query, want := range map[string][]string{
		`sum(rate(a[2m]))`:                            nil,
		`sum by (pod) (rate(a[2m]))`:                  {many},
		`sum by (job) (rate(a{job="web"}[2m]))`:       nil,
		`sum by (job) (rate(a{job=~"web|api"}[2m]))`:  {many},
		`sum(sum by (pod) (a))`:                       nil,
		`max(sum by (pod) (a)) by (service)`:          nil, // it has gone already
		`sum without (pod) (a)`:                       {all},
		`rate(a[2m])`:                                 {all},
		`a`:                                           {all},
		`topk(1, a)`:                                  nil,
		`topk(3, a)`:                                  {all},
		`count_values("v", a)`:                        {all},
		`sum(a) / sum(b)`:                             nil,
		`sum(a) / on() group_right() b`:               {all},
		`sum by (pod) (a) / on(pod) sum by (pod) (b)`: {many},
		`sum(a) or vector(0)`:                         nil,
		`sum by (pod) (a) or vector(0)`:               {many},
		`vector(0) unless a`:                          nil,
		`a and on() vector(1)`:                        {all},
		`absent(a)`:                                   nil,
		`time()`:                                      nil,
		`ceil(sum(a))`:                                nil,
		`histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m])))`: nil,
		`max_over_time(sum(a)[5m:1m])`:                              nil,
		`max_over_time(a[5m:1m])`:                                   {all},
		`-a`:                                                        {all},
		`42`:                                                        nil,
		`a[5m]`:                                                     {"keda-query-range-vector"},
		`"a"`:                                                       {"keda-query-range-vector"},
		`sum(a`:                                                     {"keda-query-invalid"},
		`rate(a)`:                                                   {"keda-query-invalid"},
		`mad_over_time(a[5m]) + 1`:                                  {all},
		`{{ .Values.query }}`:                                       nil,
		strings.Repeat("-", 1<<20):                                  nil,
	} {
		t.Run(query[:min(len(query), 40)], func(t *testing.T) {
			expect(t, broken(found(t, "keda-query", true, scaled("web", "minReplicaCount: 1, ", asks(query)))), want...)
		})
	}
	other := strings.Replace(scaled("web", "minReplicaCount: 1, ", asks("rate(a)")), "http://p:9090", "http://vmselect.monitoring:8481/select/0/prometheus", 1)
	expect(t, found(t, "keda-query", true, other))
}

func TestEmptyAnswers(t *testing.T) {
	for query, want := range map[string][]string{
		"sum(a)":                     {"keda-ignore-null"},
		"sum(a) or vector(0)":        nil,
		"(sum(a) or vector(0)) * 2":  nil,
		"sum(a or vector(0))":        nil,
		"sum(a) and vector(0)":       {"keda-ignore-null"},
		"(sum(a) or vector(0)) > 10": {"keda-ignore-null"},
	} {
		t.Run(query, func(t *testing.T) {
			so := strings.Replace(scaled("web", "minReplicaCount: 1, ", asks(query)), "ignoreNullValues: 'false'", "a: b", 1)
			expect(t, broken(found(t, "keda-ignore", true, so)), want...)
		})
	}
}

func TestFormulas(t *testing.T) {
	triggers := "{type: kafka, name: a, metadata: {}}, {type: kafka, name: b, metadata: {}}, {type: cpu, name: c, metricType: Utilization, metadata: {value: '1'}}"
	for modifiers, want := range map[string][]string{
		`{formula: (a + b) / 2, target: "1"}`:                       nil,
		`{formula: "a > 1.5e3 ? a : max([a, b])", target: "1"}`:     nil,
		`{formula: "max(a, b) ** 2 and not (b in a)", target: "1"}`: nil,
		`{formula: "let x = a; x + y", target: "1"}`:                nil,
		`{formula: "count([a,b],{#>1}) > 1 ? x : y", target: "1"}`:  nil,
		`{formula: a + c, target: "1"}`:                             {"keda-modifiers"},
		`{formula: a + A, target: "1"}`:                             {"keda-modifiers"},
		`{formula: a}`:                                              {"keda-modifiers"},
		`{target: "1"}`:                                             {"keda-modifiers"},
		`{formula: a, target: "0"}`:                                 {"keda-modifiers"},
		`{formula: a, target: 1r}`:                                  {"keda-modifiers"},
		`{formula: a, target: "1", metricType: Utilization}`:        {"keda-invalid"},
		`{}`: nil,
	} {
		t.Run(modifiers, func(t *testing.T) {
			spec := "minReplicaCount: 1, maxReplicaCount: 9, fallback: {failureThreshold: 1, replicas: 1}, advanced: {scalingModifiers: " + modifiers + "}, "
			expect(t, broken(found(t, "keda-", true, scaled("web", spec, triggers))), want...)
		})
	}
}

func TestTriggersOfEveryType(t *testing.T) {
	for trigger, want := range map[string][]string{
		`{type: cpu, metricType: Utilization, metadata: {value: "70"}}`:                                                     nil,
		`{type: cpu, metricType: Utilization, metadata: {value: 70%}}`:                                                      {"keda-threshold-nonnumeric"},
		`{type: cpu, metricType: AverageValue, metadata: {value: 500m}}`:                                                    nil,
		`{type: memory, metricType: AverageValue, metadata: {value: 500MB}}`:                                                {"keda-threshold-nonnumeric"},
		`{type: memory, metricType: AverageValue, metadata: {}}`:                                                            {"keda-threshold-nonnumeric"},
		`{type: cpu, metricType: Value, metadata: {value: "1"}}`:                                                            {"keda-metrictype-invalid"},
		`{type: cpu, metadata: {value: "1"}}`:                                                                               {"keda-metrictype-invalid"},
		`{type: cpu, metadata: {type: Utilization, value: "1"}}`:                                                            {"keda-cpu-metadata-type"},
		`{type: kafka, metricType: Utilization, metadata: {}}`:                                                              {"keda-metrictype-invalid"},
		`{type: kafka, metadata: {}}`:                                                                                       nil,
		`{metadata: {}}`:                                                                                                    {"keda-invalid"},
		`{type: kafka, metadata: {}, authenticationRef: {name: a, kind: Secret}}`:                                           {"keda-auth-ref-missing", "keda-invalid"},
		`{type: prometheus, metadata: {serverAddress: prometheus:9090, query: sum(a), threshold: "1"}}`:                     {"keda-server-localhost"},
		`{type: prometheus, metadata: {serverAddress: "http://127.0.0.1:9090", query: sum(a), threshold: "1"}}`:             {"keda-server-localhost"},
		`{type: prometheus, metadata: {serverAddress: "http://[::1]:9090", query: sum(a), threshold: "1"}}`:                 {"keda-server-localhost"},
		`{type: prometheus, metadata: {serverAddress: "https://localhosts.example", query: sum(a), threshold: "1"}}`:        nil,
		`{type: prometheus, metadata: {serverAddressFromEnv: A, query: sum(a), thresholdFromEnv: T}}`:                       nil,
		`{type: prometheus, metadata: {serverAddress: "http://p", query: sum(a)}}`:                                          {"keda-threshold-nonnumeric"},
		`{type: prometheus, metadata: {serverAddress: "http://p", query: sum(a), threshold: "1", activationThreshold: 5s}}`: {"keda-threshold-nonnumeric"},
	} {
		t.Run(trigger, func(t *testing.T) {
			got := broken(found(t, "keda-", true, scaled("web", "minReplicaCount: 1, maxReplicaCount: 9, ", trigger)))
			slices.Sort(got)
			got = without(got, "keda-fallback", "keda-ignore-null")
			expect(t, got, want...)
		})
	}
	expect(t, broken(found(t, "keda-i", true, scaled("web", "minReplicaCount: 1, ", ""))), "keda-invalid")
}

func TestAuthenticationsMayBeKeptElsewhere(t *testing.T) {
	so := scaled("web", "minReplicaCount: 1, ", "{type: kafka, metadata: {}, authenticationRef: {name: a}}")
	other := "apiVersion: keda.sh/v1alpha1\nkind: TriggerAuthentication\nmetadata: {name: b, namespace: shop}\nspec: {}\n"
	expect(t, found(t, "keda-auth", false, so))
	expect(t, found(t, "keda-auth", false, so, other), "keda-auth-ref-missing 4:122 info")
	expect(t, found(t, "keda-auth", true, so), "keda-auth-ref-missing 4:122 error")
	expect(t, found(t, "keda-auth", true, so, strings.Replace(other, "name: b", "name: a", 1)))
	expect(t, found(t, "keda-auth", true, so, strings.Replace(other, "name: b, namespace: shop", "name: a, namespace: ops", 1)), "keda-auth-ref-missing 4:122 error")
}

func TestRequestsThatTriggersNeed(t *testing.T) {
	const limits = "apiVersion: v1\nkind: LimitRange\nmetadata: {name: l, namespace: shop}\nspec: {limits: [{type: %s, defaultRequest: {cpu: 100m}}]}\n"
	so := scaled("web", "minReplicaCount: 1, ", cpu)
	deployment := func(container, pod string) string {
		return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {selector: {}, template: {spec: {" + pod + "containers: [{name: app, image: app, " + container + "}]}}}\n"
	}
	const missing = "keda-missing-request 9:"
	got := found(t, "keda-missing", true, so, deployment("tty: true", ""))
	if len(got) != 1 || !strings.HasPrefix(got[0], missing) {
		t.Error(got)
	}
	expect(t, broken(found(t, "keda-missing", true, so, deployment("resources: {requests: {cpu: 0}}", ""))), "keda-missing-request")
	expect(t, found(t, "keda-missing", true, so, deployment("resources: {limits: {cpu: 1}}", "")))
	expect(t, found(t, "keda-missing", true, so, deployment("tty: true", "resources: {requests: {cpu: 1}}, ")))
	expect(t, found(t, "keda-missing", true, so, deployment("tty: true", ""), fmt.Sprintf(limits, "Container")))
	expect(t, broken(found(t, "keda-missing", true, so, deployment("tty: true", ""), fmt.Sprintf(limits, "Pod"))), "keda-missing-request")
	other := strings.Replace(so, `{value: "70"}`, `{value: "70", containerName: other}`, 1)
	expect(t, found(t, "keda-missing", true, other, deployment("tty: true", "")))
}

// without leaves some texts out of a list.
func without(list []string, out ...string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return slices.Contains(out, s) })
}
