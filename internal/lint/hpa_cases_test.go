package lint_test

import (
	"strings"
	"testing"
)

func TestTargetsOfOtherGroupsAndVersions(t *testing.T) {
	target := func(apiVersion, kind string) string {
		return strings.Replace(scale(), "{apiVersion: apps/v1, kind: Deployment, name: web}", "{apiVersion: "+apiVersion+", kind: "+kind+", name: web}", 1)
	}
	try(t, []lintCase{
		{name: "the core group is refused", rule: "hpa-target-apiversion", manifests: []string{target("v1", "Deployment")}, want: []string{"error: must specify API group"}},
		{name: "before 1.34 it is accepted and not found", rule: "hpa-target-apiversion", version: "1.33", manifests: []string{target("v1", "Deployment")}, want: []string{"error: apiVersion is v1, and no Deployment"}},
		{name: "the version plays no part", rule: "hpa-target-apiversion", manifests: []string{target("apps/v1beta1", "Deployment")}},
		{name: "a controller of the core group", rule: "hpa-target-apiversion", manifests: []string{target("v1", "ReplicationController")}},
		{name: "somebody's own StatefulSet", rule: "hpa-target-apiversion", manifests: []string{target("apps.kruise.io/v1beta1", "StatefulSet")}},
		{name: "and is not looked for among Deployments", rule: "hpa-target-missing", manifests: []string{target("extensions/v1beta1", "Deployment"), run("Deployment", "", onePod)}},
		{name: "a job", rule: "hpa-target-not-scalable", manifests: []string{target("batch/v1", "Job")}, want: []string{"error: a Job cannot be scaled"}},
		{name: "somebody's own Job", rule: "hpa-target-not-scalable", manifests: []string{target("batch.example.com/v1", "Job")}},
		{name: "a ReplicaSet by itself", rule: "hpa-targets-replicaset", manifests: []string{target("apps/v1", "ReplicaSet"), run("ReplicaSet", "", onePod)}},
		{
			name: "a ReplicaSet with an owner", rule: "hpa-targets-replicaset",
			manifests: []string{target("apps/v1", "ReplicaSet"), strings.Replace(run("ReplicaSet", "", onePod), "{name: web}", "{name: web, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: site, uid: u}]}", 1)},
			want:      []string{"warning: belongs to Deployment site"},
		},
	})
}

func TestRolloutsAreScaleTargets(t *testing.T) {
	rollout := func(spec string) string {
		return "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: web}\nspec:\n  strategy: {canary: {steps: [{setWeight: 20}, {pause: {}}]}}\n" + spec
	}
	own := rollout("  replicas: 3\n  selector: {matchLabels: {app: web}}\n  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app, image: \"x:1\"}]}}")
	borrowed := rollout("  replicas: 3\n  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web, scaleDown: onsuccess}")
	scaled := strings.Replace(scale(), "apps/v1, kind: Deployment", "argoproj.io/v1alpha1, kind: Rollout", 1)
	try(t, []lintCase{
		{name: "with a template", rule: "hpa-target-missing", manifests: []string{scaled, own}},
		{name: "with a template", rule: "hpa-utilization-no-request", manifests: []string{scaled, own}, want: []string{"error: container app requests no cpu"}},
		{name: "its replicas", rule: "hpa-replicas-set", manifests: []string{scaled, own}, want: []string{"error: replicas: 3"}},
		{name: "with a Deployment's template", rule: "hpa-utilization-no-request", manifests: []string{scaled, borrowed, run("Deployment", "  replicas: 0", `      containers: [{name: app, image: "x:1"}]`)}, want: []string{"error: container app requests no cpu"}},
		{name: "its replicas count, not the Deployment's", rule: "hpa-replicas-set", manifests: []string{scaled, borrowed, run("Deployment", "  replicas: 0", onePod)}, want: []string{"error: replicas: 3"}},
		{name: "the Deployment's replicas are none", rule: "hpa-replicas-zero", manifests: []string{scaled, borrowed, run("Deployment", "  replicas: 0", onePod)}},
		{name: "the Rollout is the right target", rule: "hpa-rollout-workloadref", manifests: []string{scaled, borrowed, run("Deployment", "", onePod)}},
		{name: "a misspelt field", rule: "manifest-field", manifests: []string{rollout("  replica: 3")}, want: []string{"error: unknown field"}},
	})
}

func TestOverlappingSelectors(t *testing.T) {
	job := "apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate}\nspec: {template: {metadata: {labels: {app: web}}, spec: {restartPolicy: Never, containers: [{name: m, image: \"x:1\"}]}}}"
	try(t, []lintCase{
		{name: "a job's pods", rule: "hpa-overlapping-selectors", manifests: []string{scale(), run("Deployment", "", onePod), job}, want: []string{"warning: the pods of Job migrate"}},
		{name: "a job in another namespace", rule: "hpa-overlapping-selectors", manifests: []string{scale(), run("Deployment", "", onePod), strings.Replace(job, "{name: migrate}", "{name: migrate, namespace: jobs}", 1)}},
		{
			name: "what a cluster prints", rule: "hpa-overlapping-selectors",
			manifests: []string{scale(), run("Deployment", "", onePod), strings.Replace(run("ReplicaSet", "", onePod), "{name: web}", "{name: web-1, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: u}]}", 1)},
		},
		{name: "a test of a chart", rule: "hpa-overlapping-selectors", manifests: []string{scale(), run("Deployment", "", onePod), "apiVersion: v1\nkind: Pod\nmetadata: {name: t, labels: {app: web}, annotations: {helm.sh/hook: test}}\nspec: {containers: [{name: t, image: \"x:1\"}]}"}},
		{name: "an object that is given twice", rule: "hpa-overlapping-selectors", manifests: []string{scale(), run("Deployment", "", onePod), run("Deployment", "", onePod)}},
		{name: "an autoscaler that is given twice", rule: "hpa-duplicate-target", manifests: []string{scale(), scale()}},
		{name: "a patch without its request", rule: "hpa-utilization-no-request", manifests: []string{scale(), run("Deployment", "", onePod), run("Deployment", "", "      containers: [{name: app, env: [{name: A, value: b}]}]")}},
		{
			name: "by expressions", rule: "hpa-overlapping-selectors",
			manifests: []string{scale(), strings.Replace(run("Deployment", "", onePod), "{matchLabels: {app: web}}", "{matchExpressions: [{key: app, operator: Exists}]}", 1), job},
			want:      []string{"warning: the pods of Job migrate"},
		},
	})
}

func TestVerticalAutoscalersBesideHorizontalOnes(t *testing.T) {
	vpa := func(mode, policies string) string {
		return "apiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler\nmetadata: {name: web}\nspec:\n  targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  updatePolicy: {updateMode: " + mode + "}\n  resourcePolicy: {containerPolicies: " + policies + "}"
	}
	found := []string{"error: sets the cpu requests"}
	average := scale("  metrics: [{type: Resource, resource: {name: cpu, target: {type: AverageValue, averageValue: 300m}}}]")
	one := scale("  metrics: [{type: ContainerResource, containerResource: {name: cpu, container: app, target: {type: Utilization, averageUtilization: 60}}}]")
	try(t, []lintCase{
		{name: "by default", rule: "hpa-vpa-same-resource", manifests: []string{scale(), vpa("Auto", "[]")}, want: found},
		{name: "at creation only", rule: "hpa-vpa-same-resource", manifests: []string{scale(), vpa("Initial", "[]")}, want: found},
		{name: "that only recommends", rule: "hpa-vpa-same-resource", manifests: []string{scale(), vpa(`"Off"`, "[]")}},
		{name: "on another resource", rule: "hpa-vpa-same-resource", manifests: []string{scale(), vpa("Auto", `[{containerName: "*", controlledResources: [memory]}]`)}},
		{name: "a target that is no share", rule: "hpa-vpa-same-resource", manifests: []string{average, vpa("Auto", "[]")}},
		{name: "in another container", rule: "hpa-vpa-same-resource", manifests: []string{one, vpa("Auto", `[{containerName: app, mode: "Off"}]`)}},
		{name: "in one of the containers", rule: "hpa-vpa-same-resource", manifests: []string{scale(), run("Deployment", "", twoPod), vpa("Auto", `[{containerName: app, mode: "Off"}]`)}, want: found},
		{name: "in none of the containers", rule: "hpa-vpa-same-resource", manifests: []string{scale(), run("Deployment", "", twoPod), vpa("Auto", `[{containerName: "*", mode: "Off"}]`)}},
		{name: "in another namespace", rule: "hpa-vpa-same-resource", manifests: []string{scale(), strings.Replace(vpa("Auto", "[]"), "{name: web}", "{name: web, namespace: other}", 1)}},
	})
}

func TestRequestsOfPodsAndContainers(t *testing.T) {
	pod := func(pod, container string) string {
		return "      resources: {" + pod + "}\n      containers: [{name: app, image: \"x:1\", resources: {" + container + "}}]"
	}
	missing := []string{"error: the pod has resources of its own and requests no cpu"}
	const rule = "hpa-podlevel-request-missing"
	sidecar := run("Deployment", "", onePod+"\n      initContainers: [{name: proxy, image: \"x:1\", restartPolicy: Always}, {name: setup, image: \"x:1\"}]")
	try(t, []lintCase{
		{name: "a pod-level request of another resource", rule: rule, manifests: []string{scale(), run("Deployment", "", pod("requests: {memory: 1Gi}", ""))}, want: missing},
		{name: "what the containers request counts", rule: rule, manifests: []string{scale(), run("Deployment", "", pod("requests: {memory: 1Gi}", "requests: {cpu: 1}"))}},
		{name: "a pod-level limit counts", rule: rule, manifests: []string{scale(), run("Deployment", "", pod("limits: {cpu: 1}", ""))}},
		{name: "before 1.34 containers are looked at", rule: rule, version: "1.33", manifests: []string{scale(), run("Deployment", "", pod("requests: {memory: 1Gi}", ""))}},
		{name: "before 1.34 containers are looked at", rule: "hpa-utilization-no-request", version: "1.33", manifests: []string{scale(), run("Deployment", "", pod("requests: {cpu: 1}", ""))}, want: []string{"error: container app requests no cpu"}},
		{name: "the pod requests it", rule: "hpa-utilization-no-request", manifests: []string{scale(), run("Deployment", "", pod("requests: {cpu: 1}", ""))}},
		{name: "a sidecar that keeps running", rule: "hpa-utilization-no-request", manifests: []string{scale(), sidecar}, want: []string{"error: container proxy requests no cpu"}},
		{name: "a LimitRange gives it", rule: "hpa-utilization-no-request", manifests: []string{scale(), sidecar, "apiVersion: v1\nkind: LimitRange\nmetadata: {name: usual}\nspec: {limits: [{type: Container, defaultRequest: {cpu: 100m}}]}"}},
		{name: "before 1.29 it does not count", rule: "hpa-utilization-no-request", version: "1.28", manifests: []string{scale(), sidecar}},
	})
}

func TestContainersThatMetricsName(t *testing.T) {
	metric := func(name string) string {
		return scale("  metrics: [{type: ContainerResource, containerResource: {name: cpu, container: " + name + ", target: {type: Utilization, averageUtilization: 60}}}]")
	}
	sidecar := run("Deployment", "", onePod+"\n      initContainers: [{name: proxy, image: \"x:1\", restartPolicy: Always}, {name: setup, image: \"x:1\"}]")
	const rule = "hpa-container-unknown"
	try(t, []lintCase{
		{name: "a sidecar", rule: rule, manifests: []string{metric("proxy"), sidecar}},
		{name: "an init container is gone by then", rule: rule, manifests: []string{metric("setup"), sidecar}, want: []string{"error: no container \"setup\""}},
		{name: "one that a mesh adds", rule: rule, manifests: []string{metric("istio-proxy"), sidecar}},
		{name: "of a workload that is not there", rule: rule, manifests: []string{metric("nobody")}},
		{name: "one container of two", rule: "hpa-prefer-container-resource", manifests: []string{metric("app"), run("Deployment", "", twoPod)}},
		{name: "two containers", rule: "hpa-prefer-container-resource", manifests: []string{scale(), run("Deployment", "", twoPod)}, want: []string{"info: 2 containers together: app, log"}},
		{name: "where the API has no container metrics", rule: "hpa-prefer-container-resource", version: "1.26", manifests: []string{scale(), run("Deployment", "", twoPod)}},
	})
}

func TestMetricsThatAreWrittenTwice(t *testing.T) {
	external := func(a, b string) string {
		return scale(`  metrics:
  - {type: External, external: {metric: {name: jobs, selector: {matchLabels: {queue: ` + a + `}}}, target: {type: AverageValue, averageValue: 10}}}
  - {type: External, external: {metric: {name: jobs, selector: {matchLabels: {queue: ` + b + `}}}, target: {type: AverageValue, averageValue: 20}}}`)
	}
	try(t, []lintCase{
		{name: "with one selector", rule: "hpa-duplicate-metric", manifests: []string{external("mail", "mail")}, want: []string{"warning: metrics[1] is the same metric as metrics[0]"}},
		{name: "with different selectors", rule: "hpa-duplicate-metric", manifests: []string{external("mail", "pdf")}},
	})
}

func TestOldAPIVersionsOfAutoscalers(t *testing.T) {
	v1 := func(annotations, more string) string {
		return "apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, annotations: {" + annotations + "}}\nspec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  minReplicas: 2\n  maxReplicas: 10\n" + more
	}
	hidden := `autoscaling.alpha.kubernetes.io/metrics: '[{"type":"Resource","resource":{"name":"cpus","targetAverageUtilization":60}}]'`
	try(t, []lintCase{
		{name: "without a target", rule: "hpa-no-metrics", manifests: []string{v1("", "")}, want: []string{"warning: no metric is named"}},
		{name: "with a metric in its annotation", rule: "hpa-no-metrics", manifests: []string{v1(hidden, "")}},
		{name: "whose metric is wrong", rule: "hpa-resource-name-unknown", manifests: []string{v1(hidden, "")}, want: []string{"error: not \"cpus\""}},
		{name: "with an annotation that does not parse", rule: "hpa-v1-hidden-annotations", manifests: []string{v1("autoscaling.alpha.kubernetes.io/metrics: '[', autoscaling.alpha.kubernetes.io/behavior: '{}'", "")}, want: []string{"warning: /metrics", "warning: /behavior"}},
		{name: "that no cluster has", rule: "manifest-kind", manifests: []string{strings.Replace(v1("", ""), "/v1", "/v3", 1)}, want: []string{"error: there is no HorizontalPodAutoscaler in autoscaling/v3"}},
	})
}
