package lint_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/elasticctl/elasticctl/internal/lint"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// A directory that kustomize builds from holds patches, which are no objects.
func TestPatchesOfKustomizeAreNoObjects(t *testing.T) {
	dir := tree(t, map[string]string{
		"base/web.yaml":           "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n",
		"base/kustomization.yaml": "resources: [web.yaml]\n",
		"prod/kustomization.yaml": "kind: Kustomization\npatches:\n- path: big.yaml\n- path: json.yaml\n- patch: |-\n    - op: remove\npatchesStrategicMerge: [gone/less.yaml]\n",
		"prod/big.yaml":           "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: lots}\n",
		"prod/json.yaml":          "- {op: remove, path: /spec}\n",
		"prod/gone/less.yaml":     "kind: Deployment\n",
		"prod/marked.yaml":        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {$patch: replace}\n",
	})
	r, err := lint.Check(&lint.Input{Paths: []string{dir}}, lint.Options{Profile: hpa.LatestProfile(), Complete: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) > 0 || r.Objects != 1 {
		t.Errorf("%d objects, %+v", r.Objects, r.Findings)
	}
	var skipped []string
	for _, s := range r.Skipped {
		name, err := filepath.Rel(dir, s.File)
		if err != nil || !s.Quiet {
			t.Errorf("%+v: %v", s, err)
		}
		skipped = append(skipped, filepath.ToSlash(name))
	}
	slices.Sort(skipped)
	want := []string{
		"base/kustomization.yaml", "prod/big.yaml", "prod/gone/less.yaml", "prod/json.yaml", "prod/json.yaml", "prod/kustomization.yaml", "prod/marked.yaml",
	}
	if !slices.Equal(skipped, want) {
		t.Errorf("passed over %q, want %q", skipped, want)
	}
}

// What a kustomization gives its objects labels for need not have a selector of
// its own; what stands elsewhere must. A chart's own description is no object.
func TestKustomizeGivesSelectors(t *testing.T) {
	const bare = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: %s}\nspec: {template: {spec: {containers: [{name: app, image: web}]}}}\n"
	dir := tree(t, map[string]string{
		"Chart.yaml":                 "apiVersion: v2\nname: web\nversion: 1.0.0\n",
		"labelled/web.yaml":          fmt.Sprintf(bare, "one"),
		"labelled/kustomization.yml": "commonLabels: {app: web}\nresources: [web.yaml]\n",
		"plain/web.yaml":             fmt.Sprintf(bare, "two"),
		"plain/kustomization.yaml":   "resources: [web.yaml]\n",
	})
	r, err := lint.Check(&lint.Input{Paths: []string{dir}}, lint.Options{Profile: hpa.LatestProfile()})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) != 1 || r.Findings[0].Message != "Deployment two has no selector" {
		t.Errorf("%+v", r.Findings)
	}
}
