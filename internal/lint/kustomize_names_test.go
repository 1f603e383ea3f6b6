package lint_test

import (
	"strings"
	"testing"

	"github.com/elasticctl/elasticctl/internal/lint"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

func TestKustomizeLeavesReferencesItDoesNotKnow(t *testing.T) {
	vpa := "apiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler\nmetadata: {name: web}\nspec: {targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, updatePolicy: {updateMode: \"Off\"}}"
	kustomization := func(fields string) string {
		return "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n" + fields
	}
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  int
	}{
		{"a VerticalPodAutoscaler", map[string]string{"kustomization.yaml": kustomization("nameSuffix: -v2\nresources: [./web.yaml, vpa.yaml]"), "web.yaml": run("Deployment", "", onePod), "vpa.yaml": vpa}, 1},
		{"of a base", map[string]string{"prod/kustomization.yaml": kustomization("namePrefix: prod-\nresources: [../base]"), "base/kustomization.yaml": kustomization("resources: [web.yaml, vpa.yaml]"), "base/web.yaml": run("Deployment", "", onePod), "base/vpa.yaml": vpa}, 1},
		{"bases in a circle", map[string]string{"a/kustomization.yaml": kustomization("namePrefix: a-\nresources: [../b]"), "b/kustomization.yaml": kustomization("resources: [../a]")}, 0},
		{"what kustomize knows", map[string]string{"kustomization.yaml": kustomization("namePrefix: dev-\nresources: [web.yaml, hpa.yaml]"), "web.yaml": run("Deployment", "", onePod), "hpa.yaml": scale()}, 0},
		{"what it was told", map[string]string{"kustomization.yaml": kustomization("namePrefix: dev-\nconfigurations: [names.yaml]\nresources: [web.yaml, vpa.yaml]"), "web.yaml": run("Deployment", "", onePod), "vpa.yaml": vpa}, 0},
		{"a workload that it does not rename", map[string]string{"dev/kustomization.yaml": kustomization("namePrefix: dev-\nresources: [vpa.yaml]"), "web.yaml": run("Deployment", "", onePod), "dev/vpa.yaml": vpa}, 0},
		{"no prefix", map[string]string{"kustomization.yaml": kustomization("resources: [web.yaml, vpa.yaml]"), "web.yaml": run("Deployment", "", onePod), "vpa.yaml": vpa}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := tree(t, tc.files)
			r, err := lint.Check(&lint.Input{Paths: []string{dir}}, lint.Options{Profile: hpa.LatestProfile()})
			if err != nil {
				t.Fatal(err)
			}
			found := 0
			for _, f := range r.Findings {
				if f.Rule == "kustomize-nameref" {
					found++
				}
				if strings.HasPrefix(f.Rule, "manifest-") {
					t.Errorf("%s: %s", f.Position, f.Message)
				}
			}
			if found != tc.want {
				t.Errorf("found %d, want %d", found, tc.want)
			}
		})
	}
}
