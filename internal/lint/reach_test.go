package lint_test

import (
	"fmt"
	"strings"
	"testing"
)

// on is an autoscaler whose only metric has a target, with more in its spec.
func on(resource, target string, more ...string) string {
	metric := fmt.Sprintf("  metrics: [{type: Resource, resource: {name: %s, target: %s}}]", resource, target)
	return scale(append([]string{metric}, more...)...)
}

// share is on with a utilization.
func share(resource string, percent int, more ...string) string {
	return on(resource, fmt.Sprintf("{type: Utilization, averageUtilization: %d}", percent), more...)
}

// pods is a Deployment of one container with these resources.
func pods(resources string) string {
	return run("Deployment", "", `      containers: [{name: app, image: "x:1", resources: {`+resources+`}}]`)
}

func TestUnreachableTargetsAreThoseOfTheController(t *testing.T) {
	const rule = "hpa-target-unreachable"
	tolerant := `  behavior: {scaleUp: {tolerance: "0.01"}}`
	try(t, []lintCase{
		{name: "91 % of a pod that is full at 100 %", rule: rule, manifests: []string{share("cpu", 91), pods("limits: {cpu: 1}")}, want: []string{"error: cpu can reach 100 % of the request (limit 1, request 1), and pods are added from 101 % on (target 91 %)"}},
		{name: "90 % is just within reach", rule: rule, manifests: []string{share("cpu", 90), pods("limits: {cpu: 1}")}},
		{name: "a tolerance of its own", rule: rule, manifests: []string{share("cpu", 95, tolerant), pods("limits: {cpu: 1}")}},
		{name: "which an older version drops", rule: rule, version: "1.34", manifests: []string{share("cpu", 95, tolerant), pods("limits: {cpu: 1}")}, want: []string{"error: pods are added from 105 % on"}},
		{name: "exactly at the edge of the tolerance", rule: rule, manifests: []string{share("cpu", 100), pods("requests: {cpu: 1}, limits: {cpu: 1100m}")}, want: []string{"error: cpu can reach 110 %"}},
		{name: "which acted up to 1.32", rule: rule, version: "1.32", manifests: []string{share("cpu", 100), pods("requests: {cpu: 1}, limits: {cpu: 1100m}")}},
		{name: "a limit above the request", rule: rule, manifests: []string{share("cpu", 150), pods("requests: {cpu: 1}, limits: {cpu: 2}")}},
		{name: "without a limit", rule: rule, manifests: []string{share("cpu", 500), pods("requests: {cpu: 1}")}},
		{name: "memory", rule: rule, manifests: []string{share("memory", 95), pods("limits: {memory: 1Gi}")}, want: []string{"error: memory can reach 100 % of the request (limit 1Gi, request 1Gi)"}},
		{name: "an amount", rule: rule, manifests: []string{on("cpu", "{type: AverageValue, averageValue: 950m}"), pods("limits: {cpu: 1}")}, want: []string{"error: pods can use 1 of cpu at most, their limit, and pods are added from 1046m on (target 950m)"}},
		{name: "an amount needs no request of anybody", rule: rule, manifests: []string{on("cpu", "{type: AverageValue, averageValue: 2}"), run("Deployment", "", `      containers: [{name: app, image: "x:1", resources: {limits: {cpu: 1}}}]`)}, want: []string{"error: pods can use 1 of cpu"}},
		{name: "two containers together", rule: rule, manifests: []string{share("cpu", 140), run("Deployment", "", twoPod)}, want: []string{"error: cpu can reach 150 %"}},
		{name: "two containers, one of them unbounded", rule: rule, manifests: []string{share("cpu", 140), run("Deployment", "", twoPod+"\n      - {name: more, image: \"x:1\", resources: {requests: {cpu: 1}}}")}},
		{name: "a limit of the whole pod", rule: rule, manifests: []string{share("cpu", 95), run("Deployment", "", "      resources: {requests: {cpu: 1}, limits: {cpu: 1}}\n"+`      containers: [{name: app, image: "x:1"}]`)}, want: []string{"error: cpu can reach 100 %"}},
		{name: "of an object that is refused nothing is said", rule: rule, manifests: []string{share("cpu", 0), pods("limits: {cpu: 1}")}},
	})
}

func TestHighTargetsCountTheTolerance(t *testing.T) {
	try(t, []lintCase{
		{name: "90 %", rule: "hpa-target-100", manifests: []string{share("cpu", 90)}},
		{name: "91 %", rule: "hpa-target-100", manifests: []string{share("cpu", 91)}, want: []string{"warning: pods are added from 101 % of the request on, with a target of 91 %"}},
		{name: "100 % with no tolerance", rule: "hpa-target-100", manifests: []string{share("cpu", 100, `  behavior: {scaleUp: {tolerance: "0"}}`)}, want: []string{"warning: from 101 %"}},
		{name: "95 % with little", rule: "hpa-target-100", manifests: []string{share("cpu", 95, `  behavior: {scaleUp: {tolerance: "0.01"}}`)}},
		{name: "more than the whole is meant", rule: "hpa-target-100", manifests: []string{share("cpu", 150)}},
		{name: "what cannot be reached has a rule of its own", rule: "hpa-target-100", manifests: []string{share("cpu", 95), pods("limits: {cpu: 1}")}},
	})
}

func TestDeadZonesAreCountedInPods(t *testing.T) {
	const rule = "hpa-tolerance-dead-zone"
	large := func(more string) string {
		return "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  minReplicas: 2\n  maxReplicas: 200\n" + more
	}
	try(t, []lintCase{
		{name: "the default", rule: rule, manifests: []string{large("")}, want: []string{"info: at 200 pods, 88 % against a target of 80 % adds nothing, though it is the work of 20 pods more"}},
		{name: "a small one", rule: rule, manifests: []string{large(`  behavior: {scaleUp: {tolerance: "0.02"}}`)}},
		{name: "a large one, where it is written", rule: rule, manifests: []string{large(`  behavior: {scaleUp: {tolerance: "0.5"}}`)}, want: []string{"info: 120 % against a target of 80 % adds nothing, though it is the work of 100 pods more"}},
		{name: "where nothing can be done about it", rule: rule, version: "1.32", manifests: []string{large("")}},
		{name: "of a total", rule: rule, manifests: []string{large("  metrics: [{type: External, external: {metric: {name: jobs}, target: {type: AverageValue, averageValue: 10}}}]")}},
		{name: "of a rate", rule: rule, manifests: []string{large("  metrics: [{type: Pods, pods: {metric: {name: requests}, target: {type: AverageValue, averageValue: 100}}}]")}, want: []string{"info: at 200 pods, 110 against a target of 100"}},
	})
}

func TestGrowthIsThatOfTheController(t *testing.T) {
	const rule = "hpa-scaleup-too-slow"
	behavior := func(up string) string { return scale("  behavior: {scaleUp: {" + up + "}}") }
	try(t, []lintCase{
		{name: "the default policies", rule: rule, manifests: []string{behavior("")}},
		{name: "one pod a minute", rule: rule, manifests: []string{behavior("policies: [{type: Pods, value: 1, periodSeconds: 60}]")}},
		{name: "one pod in two minutes", rule: rule, manifests: []string{behavior("policies: [{type: Pods, value: 1, periodSeconds: 120}]")}, want: []string{"warning: from 2 to 10 pods takes 14m15s: a minute after a jump there are 3, after ten minutes 7"}},
		{name: "one pod in half an hour", rule: rule, manifests: []string{behavior("policies: [{type: Pods, value: 1, periodSeconds: 1800}]")}, want: []string{"warning: takes more than an hour"}},
		{name: "a window alone", rule: rule, manifests: []string{behavior("stabilizationWindowSeconds: 600")}, want: []string{"warning: takes 10m15s: a minute after a jump there are 2, after ten minutes 6"}},
		{name: "the greater of two", rule: rule, manifests: []string{behavior("policies: [{type: Pods, value: 1, periodSeconds: 1800}, {type: Percent, value: 100, periodSeconds: 60}]")}},
		{name: "the smaller of two", rule: rule, manifests: []string{behavior("selectPolicy: Min, policies: [{type: Pods, value: 1, periodSeconds: 1800}, {type: Percent, value: 100, periodSeconds: 60}]")}, want: []string{"warning: takes more than an hour"}},
		{name: "switched off", rule: rule, manifests: []string{behavior("selectPolicy: Disabled")}},
		{name: "nowhere to go", rule: rule, manifests: []string{strings.Replace(behavior("policies: [{type: Pods, value: 1, periodSeconds: 1800}]"), "minReplicas: 2", "minReplicas: 10", 1)}},
		{name: "two policies replace the default knowingly", rule: "hpa-behavior-replaces-defaults", manifests: []string{behavior("policies: [{type: Pods, value: 1, periodSeconds: 60}, {type: Percent, value: 10, periodSeconds: 60}]")}},
		{name: "one that is as fast", rule: "hpa-behavior-replaces-defaults", manifests: []string{behavior("policies: [{type: Pods, value: 8, periodSeconds: 15}]")}},
	})
}
