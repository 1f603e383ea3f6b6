package lint_test

import (
	"fmt"
	"strings"
	"testing"
)

// Rules about what scales a workload, and not how, know ScaledObjects too.
func TestScaledObjectsAreAutoscalers(t *testing.T) {
	keda := func(least, most int) string {
		return fmt.Sprintf("apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: web}\nspec:\n  scaleTargetRef: {name: web}\n  minReplicaCount: %d\n  maxReplicaCount: %d\n  triggers: [{type: cpu, metricType: Utilization, metadata: {value: \"60\"}}]", least, most)
	}
	web := run("Deployment", "", onePod)
	try(t, []lintCase{
		{name: "beside a HorizontalPodAutoscaler", rule: "hpa-and-scaledobject", manifests: []string{keda(2, 10), web, scale()}, want: []string{"error: ScaledObject web scales Deployment web already"}},
		{name: "which is no duplicate", rule: "hpa-duplicate-target", manifests: []string{keda(2, 10), web, scale()}},
		{name: "of something else", rule: "hpa-and-scaledobject", manifests: []string{strings.Replace(keda(2, 10), "{name: web}\n  min", "{name: worker}\n  min", 1), web, scale()}},
		{name: "replicas", rule: "hpa-replicas-set", manifests: []string{keda(2, 10), run("Deployment", "  replicas: 3", onePod)}, want: []string{"error: replicas: 3"}},
		{name: "no replicas", rule: "hpa-replicas-zero", manifests: []string{keda(0, 10), run("Deployment", "  replicas: 0", onePod)}},
		{name: "the minimum", rule: "hpa-min-low", manifests: []string{keda(1, 10)}, want: []string{"warning: minReplicaCount is 1: at low load"}},
		{name: "nothing to scale", rule: "hpa-min-eq-max", manifests: []string{keda(3, 3)}, want: []string{"warning: minReplicaCount and maxReplicaCount are both 3"}},
		{name: "the budget", rule: "pdb-min-ge-hpa-min", manifests: []string{keda(2, 10), web, protect(", minAvailable: 2")}, want: []string{"error: web scales from 2 to 10"}},
		{name: "no budget", rule: "pdb-missing", manifests: []string{keda(2, 10), web}, want: []string{"warning: web scales Deployment web to 10"}},
		{name: "the quota", rule: "wl-quota-at-max", manifests: []string{keda(2, 10), web, "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: team}\nspec: {hard: {cpu: 4}}"}, want: []string{"warning: no more than 8 fit"}},
		{name: "a kind that cannot be scaled", rule: "hpa-target-not-scalable", manifests: []string{strings.Replace(keda(2, 10), "{name: web}\n  min", "{kind: DaemonSet, name: web}\n  min", 1)}, want: []string{"error: a DaemonSet"}},
	})
}
