package manifest

import (
	_ "embed"
	"reflect"
	"strings"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// The fields of a HorizontalPodAutoscaler of autoscaling/v2beta2, as its types had
// them in Kubernetes 1.33.
//
//go:embed testdata/autoscaling_v2beta2.txt
var oldFields string

// TestEveryFieldOfTheOldAPIIsInTheNewOne backs that the API version can be changed
// alone: what was a field there is one here.
func TestEveryFieldOfTheOldAPIIsInTheNewOne(t *testing.T) {
	lines := strings.Fields(oldFields)
	if len(lines) != 48 {
		t.Fatalf("%d fields", len(lines))
	}
	for _, path := range lines {
		at := reflect.TypeFor[autoscalingv2.HorizontalPodAutoscaler]()
		for _, name := range strings.Split(strings.TrimPrefix(path, "."), ".") {
			name, list := strings.CutSuffix(name, "[]")
			field, ok := fieldNamed(at, name)
			if !ok {
				t.Fatalf("%s is gone", path)
			}
			if at = field; list {
				at = at.Elem()
			}
			for at.Kind() == reflect.Pointer {
				at = at.Elem()
			}
		}
	}
}

func fieldNamed(t reflect.Type, name string) (reflect.Type, bool) {
	for i := range t.NumField() {
		if tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); tag == name {
			f := t.Field(i).Type
			for f.Kind() == reflect.Pointer {
				f = f.Elem()
			}
			return f, true
		}
	}
	return nil, false
}

func TestAnAPIVersionIsChangedOnlyWhereTheObjectStaysTheSame(t *testing.T) {
	for _, tc := range []struct{ manifest, want string }{
		{"apiVersion: autoscaling/v2beta2\nkind: HorizontalPodAutoscaler\n", "autoscaling/v2"},
		{"apiVersion: autoscaling/v2beta1\nkind: HorizontalPodAutoscaler\n", ""},
		{"apiVersion: extensions/v1beta1\nkind: HorizontalPodAutoscaler\n", ""},
		{"apiVersion: apps/v1beta2\nkind: Deployment\n", "apps/v1"},
		{"apiVersion: apps/v1beta1\nkind: Deployment\n", ""},
		{"apiVersion: extensions/v1beta1\nkind: Deployment\n", ""},
		{"apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nspec: {selector: {matchLabels: {app: web}}}\n", "policy/v1"},
		{"apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nspec: {selector: {matchExpressions: [{key: app, operator: Exists}]}}\n", "policy/v1"},
		{"apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nspec: {selector: {}}\n", ""},
		{"apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nspec: {maxUnavailable: 1}\n", ""},
		{"apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscalar\n", "HorizontalPodAutoscaler"},
		{"apiVersion: autoscaling/v2\nkind: HPA\n", ""},
	} {
		docs, err := yamlpos.Parse("f", []byte(tc.manifest))
		if err != nil {
			t.Fatal(err)
		}
		p := checkHeader(docs[0], docs[0].Header())
		switch {
		case p == nil:
			t.Errorf("%q: nothing is wrong", tc.manifest)
		case p.Edit == nil && tc.want != "", p.Edit != nil && p.Edit.Value != tc.want:
			t.Errorf("%q: %+v, want %q", tc.manifest, p.Edit, tc.want)
		}
	}
}
