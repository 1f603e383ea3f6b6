package lint_test

import (
	"fmt"
	"strings"
	"testing"
)

// protect is a PodDisruptionBudget of the pods labelled app: web.
func protect(spec string) string {
	return "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\nspec: {selector: {matchLabels: {app: web}}, unhealthyPodEvictionPolicy: AlwaysAllow" + spec + "}"
}

func TestBudgetsThatBlock(t *testing.T) {
	fixed := func(replicas int) string {
		return run("Deployment", fmt.Sprintf("  replicas: %d", replicas), onePod)
	}
	web := run("Deployment", "", onePod)
	wide := strings.Replace(scale(), "minReplicas: 2\n  maxReplicas: 10", "minReplicas: 0\n  maxReplicas: 3", 1)
	try(t, []lintCase{
		{name: "of autoscaled pods", rule: "pdb-blocks-all", manifests: []string{scale(), web, protect(", maxUnavailable: 0%")}, want: []string{"error: maxUnavailable: 0% never"}},
		{name: "of nobody known", rule: "pdb-blocks-all", manifests: []string{protect(", minAvailable: 100%")}, want: []string{"warning: minAvailable: 100% never"}},
		{name: "all of a fixed number", rule: "pdb-blocks-all", manifests: []string{fixed(1), protect(", minAvailable: 1")}, want: []string{"warning: minAvailable: 1 of 1 replicas"}},
		{name: "some of a fixed number", rule: "pdb-blocks-all", manifests: []string{fixed(2), protect(", minAvailable: 1")}},
		{name: "one percent lets one go", rule: "pdb-blocks-all", manifests: []string{scale(), web, protect(", maxUnavailable: 1%")}},
		{name: "neither field", rule: "pdb-policy-none-or-both", manifests: []string{protect("")}, want: []string{"error: neither"}},
		{name: "more than the minimum", rule: "pdb-min-ge-hpa-min", manifests: []string{scale(), web, protect(", minAvailable: 4")}, want: []string{"error: minAvailable is 4, and web scales from 2 to 10: up to 4 pods none may be evicted"}},
		{name: "more than the maximum", rule: "pdb-min-ge-hpa-min", manifests: []string{scale(), web, protect(", minAvailable: 40")}, want: []string{"error: up to 10 pods none"}},
		{name: "from zero, at the first pod", rule: "pdb-min-ge-hpa-min", manifests: []string{wide, web, protect(", minAvailable: 1")}, want: []string{"error: web scales from 0 to 3: at the minimum of 1"}},
		{name: "below the minimum", rule: "pdb-min-ge-hpa-min", manifests: []string{scale(), web, protect(", minAvailable: 1")}},
		{name: "of two workloads together", rule: "pdb-min-ge-hpa-min", manifests: []string{scale(), web, strings.Replace(web, "{name: web}", "{name: more}", 1), protect(", minAvailable: 2")}},
	})
}

func TestPercentagesRoundAsTheControllerRounds(t *testing.T) {
	const rule = "pdb-percent-rounding"
	web := run("Deployment", "", onePod)
	narrow := strings.Replace(scale(), "maxReplicas: 10", "maxReplicas: 3", 1)
	try(t, []lintCase{
		{name: "50 % of 2 is 1", rule: rule, manifests: []string{scale(), web, protect(", minAvailable: 50%")}},
		{name: "51 % of 2 is 2", rule: rule, manifests: []string{scale(), web, protect(", minAvailable: 51%")}, want: []string{"warning: 51% of 2 pods rounds up to all of them"}},
		{name: "at every count", rule: rule, manifests: []string{narrow, web, protect(", minAvailable: 80%")}, want: []string{"error: 80% of 2 to 3 pods"}},
		{name: "99 % lets one go from 100 on", rule: rule, manifests: []string{strings.Replace(scale(), "maxReplicas: 10", "maxReplicas: 2000000000", 1), web, protect(", minAvailable: 99%")}, want: []string{"warning: 99% of 2 to 99 pods"}},
		{name: "of a fixed number", rule: rule, manifests: []string{run("Deployment", "  replicas: 3", onePod), protect(", minAvailable: 67%")}, want: []string{"error: 67% of 3 pods"}},
		{name: "maxUnavailable lets one go", rule: rule, manifests: []string{scale(), web, protect(", maxUnavailable: 1%")}},
		{name: "a fixed number beside a wide range", rule: "pdb-fixed-count", manifests: []string{scale(), web, protect(", minAvailable: 1")}, want: []string{"info: at 10 pods 9 of them"}},
		{name: "most of it", rule: "pdb-fixed-count", manifests: []string{scale(), web, protect(", minAvailable: 5")}},
	})
}

func TestBudgetsAndTheirPods(t *testing.T) {
	web := run("Deployment", "", onePod)
	budget := func(name, selector string) string {
		return "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: " + name + "}\nspec: {maxUnavailable: 1" + selector + "}"
	}
	exists := ", selector: {matchExpressions: [{key: app, operator: Exists}]}"
	try(t, []lintCase{
		{name: "by an expression", rule: "pdb-overlap", manifests: []string{web, protect(", maxUnavailable: 1"), budget("all", exists)}, want: []string{"error: the pods of Deployment web are also those of PodDisruptionBudget web"}},
		{name: "over two workloads, once", rule: "pdb-overlap", manifests: []string{web, strings.Replace(web, "{name: web}", "{name: more}", 1), protect(", maxUnavailable: 1"), budget("all", exists)}, want: []string{"error: Deployment web"}},
		{name: "in different namespaces", rule: "pdb-overlap", manifests: []string{web, protect(", maxUnavailable: 1"), strings.Replace(budget("all", exists), "{name: all}", "{name: all, namespace: other}", 1)}},
		{name: "an empty selector selects all", rule: "pdb-no-match", manifests: []string{web, budget("all", ", selector: {}")}},
		{name: "none selects nothing", rule: "pdb-no-match", manifests: []string{web, budget("all", "")}, want: []string{"warning: without a selector it is about no pod"}},
		{name: "a StatefulSet's pods", rule: "pdb-no-match", manifests: []string{run("StatefulSet", "  serviceName: web", onePod), protect(", maxUnavailable: 1")}},
		{name: "an autoscaler without one", rule: "pdb-missing", manifests: []string{scale(), web}, want: []string{"warning: web scales Deployment web to 10 pods"}},
		{name: "a workload that nothing scales", rule: "pdb-missing", manifests: []string{web}},
	})
}
