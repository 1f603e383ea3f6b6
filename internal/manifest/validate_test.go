package manifest

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

// upstreamCases are objects with the verdict of the API server's own code.
type upstreamCases struct {
	Cases []struct {
		Name               string
		HPA                json.RawMessage
		Errors             []upstreamError
		DefaultedSpec      json.RawMessage
		ScaleToZeroGateOff bool
	}
}

type upstreamError struct{ Type, Field, Value, Detail string }

func TestVerdictsAndDefaultsAreTheAPIServers(t *testing.T) {
	data, err := os.ReadFile("../../testdata/validation/hpa_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var file upstreamCases
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) != 98 {
		t.Fatalf("%d cases, want 98", len(file.Cases))
	}
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			docs, err := yamlpos.Parse("case", c.HPA)
			if err != nil {
				t.Fatal(err)
			}
			var h autoscalingv2.HorizontalPodAutoscaler
			if err := docs[0].Decode(&h); err != nil {
				t.Fatal(err)
			}
			Default(&h)
			got := asUpstream(Validate(&h, Rules{ScaleToZero: !c.ScaleToZeroGateOff, TargetGroup: true}))
			for i, e := range c.Errors {
				// Upstream printed the address of a pointer.
				if strings.HasPrefix(e.Value, "0x") && i < len(got) {
					c.Errors[i].Value = got[i].Value
				}
			}
			if !slices.Equal(got, c.Errors) {
				t.Errorf("errors\ngot  %+v\nwant %+v", got, c.Errors)
			}
			if len(c.Errors) == 0 {
				compareJSON(t, h.Spec, c.DefaultedSpec)
			}
		})
	}
}

func asUpstream(found []Violation) []upstreamError {
	list := []upstreamError{}
	for _, v := range found {
		e := upstreamError{Type: string(v.Type), Field: v.Field, Detail: v.Detail}
		if s := fmt.Sprint(v.BadValue); s != "" && v.Type != "FieldValueRequired" && v.Type != "FieldValueForbidden" {
			e.Value = s
		}
		list = append(list, e)
	}
	return list
}

// compareJSON compares an object with JSON, both as maps.
func compareJSON(t *testing.T, got any, want []byte) {
	t.Helper()
	data, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var a, b any
	if err := json.Unmarshal(data, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(want, &b); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, b) {
		t.Errorf("defaulted\ngot  %s\nwant %s", data, want)
	}
}

func TestRulesFollowTheVersion(t *testing.T) {
	for version, want := range map[string]Rules{
		"1.23": {}, "1.33": {}, "1.34": {TargetGroup: true}, "1.36": {TargetGroup: true}, "1.37": {true, true},
	} {
		p, err := hpa.ProfileFor(version, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := RulesOf(p); got != want {
			t.Errorf("%s: %+v, want %+v", version, got, want)
		}
	}
}

func TestResourceNamesAreCheckedAsUpstreamDoes(t *testing.T) {
	for name, want := range map[string]int{
		"cpu": 0, "memory": 0, "ephemeral-storage": 0, "hugepages-2Mi": 0, "example.com/gpu": 0, "x.kubernetes.io/y": 0,
		"pods": 1, "requests.cpu": 1, "requests.example.com/gpu": 1, "bananas": 2, "a b": 2, "a/b/c": 2,
	} {
		h := object(t, strings.Replace(containerResource, "name: cpu", "name: "+name, 1))
		if got := Validate(h, Rules{true, true}); len(got) != want {
			t.Errorf("%s: %d errors, want %d: %v", name, len(got), want, asUpstream(got))
		}
	}
}

const containerResource = `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: default}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 3
  metrics:
  - type: ContainerResource
    containerResource: {name: cpu, container: app, target: {type: Utilization, averageUtilization: 60}}
`

// object reads, defaults and returns one autoscaling/v2 object.
func object(t *testing.T, data string) *autoscalingv2.HorizontalPodAutoscaler {
	t.Helper()
	h := autoscaler(t, data).V2
	Default(h)
	return h
}

// autoscaler reads the one autoscaler of a text.
func autoscaler(t *testing.T, data string) *HPA {
	t.Helper()
	set, err := Parse("hpa.yaml", []byte(data), "")
	if err != nil {
		t.Fatal(err)
	}
	list, err := set.Autoscalers()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 {
		t.Fatalf("%d autoscalers, want 1", len(list))
	}
	return list[0]
}
