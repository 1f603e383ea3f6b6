package lint_test

import (
	"strings"
	"testing"
)

const service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}"

// one is a Deployment with one container, and more of it.
func one(container, pod string) string {
	if pod != "" {
		pod = "\n      " + pod
	}
	return run("Deployment", "", `      containers: [{name: app, image: "x:1", `+container+`}]`+pod)
}

func TestProbesOfWorkloads(t *testing.T) {
	const ready = "readinessProbe: {tcpSocket: {port: 80}}"
	try(t, []lintCase{
		{name: "no Service, no traffic", rule: "wl-readiness-missing", manifests: []string{one("", "")}},
		{name: "a Service", rule: "wl-readiness-missing", manifests: []string{one("", ""), service}, want: []string{"error: Service web sends requests"}},
		{name: "a Service in another namespace", rule: "wl-readiness-missing", manifests: []string{one("", ""), strings.Replace(service, "{name: web}", "{name: web, namespace: other}", 1)}},
		{name: "one container of several is enough", rule: "wl-readiness-missing", manifests: []string{run("Deployment", "", twoPod+"\n      - {name: more, image: \"x:1\", "+ready+"}"), service}},
		{name: "a sidecar's is enough", rule: "wl-readiness-missing", manifests: []string{one("", `initContainers: [{name: p, image: "x:1", restartPolicy: Always, `+ready+"}]"), service}},
		{name: "the same and more patient", rule: "wl-probes-identical", manifests: []string{one(ready+", livenessProbe: {tcpSocket: {port: 80}, failureThreshold: 6}", "")}},
		{name: "the same and hastier", rule: "wl-probes-identical", manifests: []string{one(ready+", livenessProbe: {tcpSocket: {port: 80}, periodSeconds: 5}", "")}, want: []string{"warning: is restarted after 15s of what makes it not ready after 30s"}},
		{name: "another container's port", rule: "wl-probe-port-unknown", manifests: []string{run("Deployment", "", "      containers:\n      - {name: a, image: \"x:1\", readinessProbe: {httpGet: {port: http}}}\n      - {name: b, image: \"x:1\", ports: [{name: http, containerPort: 80}]}")}, want: []string{"error: container a declares no port named \"http\""}},
		{name: "a number", rule: "wl-probe-port-unknown", manifests: []string{one(ready, "")}},
		{name: "exactly the period", rule: "wl-startup-vs-cpu-init", manifests: []string{scale(), one("startupProbe: {httpGet: {port: 80}, periodSeconds: 10, failureThreshold: 30}", "")}},
		{name: "and the delay", rule: "wl-startup-vs-cpu-init", manifests: []string{scale(), one("startupProbe: {httpGet: {port: 80}, initialDelaySeconds: 5, periodSeconds: 10, failureThreshold: 30}", "")}, want: []string{"warning: may take 5m5s to start"}},
		{name: "a late readiness probe", rule: "wl-startup-vs-cpu-init", manifests: []string{scale(), one("readinessProbe: {httpGet: {port: 80}, initialDelaySeconds: 600}", "")}, want: []string{"warning: may take 10m to start"}},
		{name: "without cpu", rule: "wl-startup-vs-cpu-init", manifests: []string{scale("  metrics: [{type: Pods, pods: {metric: {name: requests}, target: {type: AverageValue, averageValue: 100}}}]"), one("readinessProbe: {httpGet: {port: 80}, initialDelaySeconds: 600}", "")}},
	})
}

func TestGracePeriods(t *testing.T) {
	const rule = "wl-grace-prestop"
	hook := func(command string) string { return "lifecycle: {preStop: {exec: {command: " + command + "}}}" }
	try(t, []lintCase{
		{name: "the default of 30 seconds", rule: rule, manifests: []string{one(hook("[sleep, '30']"), "")}, want: []string{"error: killed after 30s, and container app sleeps 30s"}},
		{name: "in a shell", rule: rule, manifests: []string{one(hook(`[/bin/sh, -c, "sleep 45 && nginx -s quit"]`), "")}, want: []string{"error: sleeps 45s"}},
		{name: "no sleep at all", rule: rule, manifests: []string{one(hook(`[/bin/sleepless, "45"]`), "")}},
		{name: "half a minute of a minute", rule: rule, manifests: []string{one(hook("[sleep, '30']"), "terminationGracePeriodSeconds: 60")}},
		{name: "the program's own timeout", rule: rule, manifests: []string{one(`env: [{name: HTTP_SHUTDOWN_TIMEOUT, value: 1m}]`, "")}, want: []string{"error: container app may take 1m to stop (HTTP_SHUTDOWN_TIMEOUT)"}},
		{name: "just as long as the grace", rule: rule, manifests: []string{one(`env: [{name: SHUTDOWN_TIMEOUT, value: 30s}]`, "")}},
		{name: "in seconds", rule: rule, manifests: []string{one(`env: [{name: SHUTDOWN_TIMEOUT_SECONDS, value: "60"}]`, "")}, want: []string{"error: 1m to stop (SHUTDOWN_TIMEOUT_SECONDS)"}},
		{name: "a number without a unit says nothing", rule: rule, manifests: []string{one(`env: [{name: SHUTDOWN_TIMEOUT, value: "60"}]`, "")}},
		{name: "a sidecar", rule: rule, manifests: []string{one("", `initContainers: [{name: p, image: "x:1", restartPolicy: Always, lifecycle: {preStop: {sleep: {seconds: 40}}}}]`)}, want: []string{"error: container p sleeps 40s"}},
		{name: "a job that takes its time is none of ours", rule: "wl-grace-too-long", manifests: []string{one("", "terminationGracePeriodSeconds: 7200")}},
	})
}

func TestSelectorsAndStrategies(t *testing.T) {
	daemons := func(surge string) string {
		return run("DaemonSet", "  updateStrategy: {rollingUpdate: {maxUnavailable: 0"+surge+"}}", onePod)
	}
	controller := "apiVersion: v1\nkind: ReplicationController\nmetadata: {name: web}\nspec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app, image: \"x:1\"}]}}}"
	selector := func(s string) string {
		return strings.Replace(run("Deployment", "", onePod), "{matchLabels: {app: web}}", s, 1)
	}
	try(t, []lintCase{
		{name: "by an expression", rule: "wl-selector-mismatch", manifests: []string{selector("{matchExpressions: [{key: app, operator: In, values: [site]}]}")}, want: []string{"error: the selector app in (site) does not match"}},
		{name: "by one that matches", rule: "wl-selector-mismatch", manifests: []string{selector("{matchExpressions: [{key: app, operator: In, values: [site, web]}]}")}},
		{name: "by one that is none", rule: "wl-selector-mismatch", manifests: []string{selector("{matchExpressions: [{key: app, operator: Is}]}")}, want: []string{`error: "Is" is not a valid label selector operator`}},
		{name: "an empty one", rule: "wl-selector-mismatch", manifests: []string{selector("{}")}, want: []string{"error: Deployment web has no selector"}},
		{name: "a ReplicationController has a default", rule: "wl-selector-mismatch", manifests: []string{controller}},
		{name: "a DaemonSet's surge is 0 by default", rule: "wl-surge-zero", manifests: []string{daemons("")}, want: []string{"error: neither a pod more"}},
		{name: "a DaemonSet with a surge", rule: "wl-surge-zero", manifests: []string{daemons(", maxSurge: 1")}},
		{name: "in percent", rule: "wl-surge-zero", manifests: []string{run("Deployment", "  strategy: {rollingUpdate: {maxSurge: 0%, maxUnavailable: 0%}}", onePod)}, want: []string{"error: neither a pod more"}},
		{name: "one percent", rule: "wl-surge-zero", manifests: []string{run("Deployment", "  strategy: {rollingUpdate: {maxSurge: 1%, maxUnavailable: 0}}", onePod)}},
		{name: "without an autoscaler", rule: "wl-recreate-strategy", manifests: []string{run("Deployment", "  strategy: {type: Recreate}", onePod)}},
		{name: "the default", rule: "sts-orderedready-hpa", manifests: []string{strings.Replace(scale(), "Deployment", "StatefulSet", 1), run("StatefulSet", "  serviceName: web", onePod)}, want: []string{"warning: one by one between the 2 and 10"}},
	})
}

func TestRoomForPods(t *testing.T) {
	quota := func(hard, more string) string {
		return "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: team}\nspec: {hard: {" + hard + "}" + more + "}"
	}
	node := func(name string) string { return "apiVersion: v1\nkind: Node\nmetadata: {name: " + name + "}" }
	hard := run("Deployment", "", onePod+"\n      affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}}]}}")
	var nodes []string
	for _, name := range strings.Split("abcdefghij", "") {
		nodes = append(nodes, node(name))
	}
	try(t, []lintCase{
		{name: "just enough", rule: "wl-quota-at-max", manifests: []string{scale(), run("Deployment", "", onePod), quota("cpu: 5, requests.memory: 2560Mi, pods: 10", "")}},
		{name: "memory", rule: "wl-quota-at-max", manifests: []string{scale(), run("Deployment", "", onePod), quota("requests.memory: 1Gi", "")}, want: []string{"warning: 10 pods need 2560Mi of requests.memory, and ResourceQuota team allows 1Gi: no more than 4 fit"}},
		{name: "pods", rule: "wl-quota-at-max", manifests: []string{scale(), run("Deployment", "", onePod), quota("pods: 8, count/pods: 9", "")}, want: []string{"warning: no more than 9 fit", "warning: no more than 8 fit"}},
		{name: "a sidecar and the overhead", rule: "wl-quota-at-max", manifests: []string{scale(), run("Deployment", "", onePod+"\n      overhead: {cpu: 250m}\n      initContainers: [{name: p, image: \"x:1\", restartPolicy: Always, resources: {requests: {cpu: 250m}}}]"), quota("cpu: 9", "")}, want: []string{"warning: 10 pods need 10 of cpu"}},
		{name: "of some pods only", rule: "wl-quota-at-max", manifests: []string{scale(), run("Deployment", "", onePod), quota("cpu: 1", ", scopes: [BestEffort]")}},
		{name: "of another namespace", rule: "wl-quota-at-max", manifests: []string{scale(), run("Deployment", "", onePod), strings.Replace(quota("cpu: 1", ""), "{name: team}", "{name: team, namespace: other}", 1)}},
		{name: "nodes are not known", rule: "wl-anti-affinity-hard", manifests: []string{scale(), hard}, want: []string{"warning: up to 10 pods, and each needs a node of its own"}},
		{name: "too few nodes", rule: "wl-anti-affinity-hard", manifests: append([]string{scale(), hard}, nodes[:3]...), want: []string{"warning: and there are 3"}},
		{name: "enough nodes", rule: "wl-anti-affinity-hard", manifests: append([]string{scale(), hard}, nodes...)},
		{name: "against others", rule: "wl-anti-affinity-hard", manifests: []string{scale(), strings.Replace(hard, "labelSelector: {matchLabels: {app: web}}", "labelSelector: {matchLabels: {app: db}}", 1)}},
		{name: "spread by anti-affinity", rule: "wl-topology-spread", manifests: []string{scale(), hard}},
		{name: "by nothing", rule: "wl-topology-spread", manifests: []string{scale(), run("Deployment", "", onePod)}, want: []string{"warning: nothing spreads the up to 10 pods"}},
		{name: "a constraint without a selector", rule: "wl-topology-spread", manifests: []string{scale(), run("Deployment", "", onePod+"\n      topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway}]")}, want: []string{"warning: the constraint counts pods with"}},
	})
}

func TestRuntimes(t *testing.T) {
	memory := scale("  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}, {type: Resource, resource: {name: memory, target: {type: Utilization, averageUtilization: 80}}}]")
	limited := "resources: {limits: {cpu: 2}}, "
	try(t, []lintCase{
		{name: "beside cpu it is a guard", rule: "hpa-memory-metric", manifests: []string{memory, one("resources: {requests: {cpu: 1, memory: 1Gi}}", "")}},
		{name: "but not for Java", rule: "hpa-memory-metric", manifests: []string{memory, one("env: [{name: JAVA_TOOL_OPTIONS, value: -Xmx512m}]", "")}, want: []string{"warning: memory of container app does not fall again (JAVA_TOOL_OPTIONS)"}},
		{name: "nor where nothing is collected", rule: "hpa-memory-metric", manifests: []string{memory, one("env: [{name: GOGC, value: \"off\"}]", "")}, want: []string{"warning: (GOGC=off)"}},
		{name: "an image of Go's", rule: "hpa-go-gomemlimit", manifests: []string{memory, strings.Replace(one("", ""), `"x:1"`, "golang:1.26", 1)}, want: []string{"info: container app runs Go (image golang:1.26)"}},
		{name: "before 1.25", rule: "wl-gomaxprocs", manifests: []string{strings.Replace(one(limited, ""), `"x:1"`, "docker.io/library/golang:1.24.3-alpine", 1)}, want: []string{"info: Go 1.24 takes the node's processors"}},
		{name: "with it set", rule: "wl-gomaxprocs", manifests: []string{strings.Replace(one(limited+"env: [{name: GOMAXPROCS, value: '2'}]", ""), `"x:1"`, "golang:1.24", 1)}},
		{name: "without a limit", rule: "wl-gomaxprocs", manifests: []string{strings.Replace(one("", ""), `"x:1"`, "golang:1.24", 1)}},
		{name: "of no version", rule: "wl-gomaxprocs", manifests: []string{strings.Replace(one(limited, ""), `"x:1"`, "localhost:5000/golang@sha256:0", 1)}},
	})
}

func TestInjectedSidecars(t *testing.T) {
	annotated := func(annotations string) string {
		return strings.Replace(run("Deployment", "", onePod), "metadata: {labels: {app: web}}", "metadata: {labels: {app: web}, annotations: {"+annotations+"}}", 1)
	}
	const rule = "hpa-injected-sidecar"
	try(t, []lintCase{
		{name: "Dapr", rule: rule, manifests: []string{scale(), annotated(`dapr.io/enabled: "true"`)}, want: []string{"warning: Dapr adds a container without a cpu request"}},
		{name: "Dapr with a request", rule: rule, manifests: []string{scale(), annotated(`dapr.io/enabled: "true", dapr.io/sidecar-cpu-request: 100m`)}},
		{name: "Dapr with a limit", rule: rule, manifests: []string{scale(), annotated(`dapr.io/enabled: "true", dapr.io/sidecar-cpu-limit: 100m`)}},
		{name: "Istio has requests", rule: rule, manifests: []string{scale(), annotated(`sidecar.istio.io/inject: "true"`)}},
		{name: "until another one is set", rule: rule, manifests: []string{scale(), annotated(`sidecar.istio.io/inject: "true", sidecar.istio.io/proxyMemory: 128Mi`)}, want: []string{"warning: Istio adds a container without a cpu request"}},
		{name: "an amount needs no request", rule: rule, manifests: []string{on("cpu", "{type: AverageValue, averageValue: 300m}"), annotated(`dapr.io/enabled: "true"`)}},
	})
}

func TestQuantitiesThatAreHardlyMeant(t *testing.T) {
	const rule = "hpa-quantity-suspicious"
	rate := func(name, value string) string {
		return scale("  metrics: [{type: Pods, pods: {metric: {name: " + name + "}, target: {type: AverageValue, averageValue: " + value + "}}}]")
	}
	try(t, []lintCase{
		{name: "a share", rule: rule, manifests: []string{rate("pool_utilization", "800m")}},
		{name: "a thousandth of a request", rule: rule, manifests: []string{rate("http_requests", "100m")}, want: []string{"warning: 100m is 0.1"}},
		{name: "more than one", rule: rule, manifests: []string{rate("http_requests", "1500m")}},
		{name: "written as a fraction", rule: rule, manifests: []string{rate("http_requests", "0.1")}},
		{name: "finer than a thousandth", rule: rule, manifests: []string{rate("http_requests", "100u")}, want: []string{"warning: 100u is finer than a thousandth: the controller takes it for 1m"}},
		{name: "an overflow", rule: rule, manifests: []string{rate("bytes", "10P")}, want: []string{"warning: 10P is too large"}},
		{name: "millions of cores", rule: rule, manifests: []string{on("cpu", "{type: AverageValue, averageValue: 500M}")}, want: []string{"warning: 500M is 500000000 cores for each pod"}},
		{name: "half a byte", rule: rule, manifests: []string{on("memory", "{type: AverageValue, averageValue: 500m}")}, want: []string{"warning: 500m is 0.5 bytes for each pod"}},
		{name: "half a core", rule: rule, manifests: []string{on("cpu", "{type: AverageValue, averageValue: 500m}")}},
	})
}
