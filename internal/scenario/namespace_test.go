package scenario

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/elasticctl/elasticctl/internal/manifest"
)

// twice is one service in two namespaces, and a recording of both.
const twice = `
-- all/prod.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: prod}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: app, image: "web:1", resources: {requests: {cpu: 500m}}}
      - {name: proxy, image: "proxy:1", resources: {requests: {cpu: 100m}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: prod}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 10
  metrics:
  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}
-- all/staging.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: staging}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: app, image: "web:1", resources: {requests: {cpu: 250m}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: staging}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 3
  metrics:
  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}
-- cpu.csv --
time,"container_cpu_usage_seconds_total{namespace=""prod"",pod=""a"",container=""app""}","container_cpu_usage_seconds_total{namespace=""staging"",pod=""b"",container=""app""}","container_cpu_usage_seconds_total{namespace=""staging"",pod=""b"",container=""proxy""}"
2026-11-20T18:00:00Z,0,0,0
2026-11-20T18:00:30Z,15,30,3
2026-11-20T18:01:00Z,30,60,6
-- sim.yaml --
apiVersion: elasticctl.dev/v1alpha1
kind: Simulation
spec:
  autoscaler: {manifest: all}
  demand:
  - metric: {type: Resource, name: cpu, container: app}
    values: [500]
`

func TestNamespaceSelectsAutoscalersAndTheirSeries(t *testing.T) {
	files(t, twice)
	r := load(t, Request{Files: []string{"all"}, Recordings: []string{"cpu.csv"}, Namespace: "prod"})
	if d := r.World.Demand; len(d) != 1 || d[0].Container != "app" || d[0].Values[0] != 500 {
		t.Errorf("demand %+v", d)
	}
	if got := r.World.Autoscaler.Reference; got != "Deployment/prod/web" {
		t.Errorf("reference %s", got)
	}
	// Without a namespace each autoscaler's own counts.
	both, err := Load(Request{Files: []string{"all"}, Recordings: []string{"cpu.csv"}})
	if err != nil || len(both) != 2 || both[0].World.Demand[0].Values[0] != 500 || both[1].World.Demand[0].Values[0] != 1000 {
		t.Errorf("without a namespace: %v", err)
	}
	_, err = Load(Request{Files: []string{"all"}, Recordings: []string{"cpu.csv"}, Namespace: "shop"})
	if want := "all: nothing to replay in namespace shop among Deployment prod/web, HorizontalPodAutoscaler prod/web, Deployment staging/web, HorizontalPodAutoscaler staging/web; " +
		"give a Simulation, a HorizontalPodAutoscaler or an ElasticService"; err == nil || err.Error() != want {
		t.Errorf("error %v\nwant  %s", err, want)
	}
}

func TestNamespaceSelectsInSimulationFilesToo(t *testing.T) {
	files(t, twice)
	if r := load(t, Request{Files: []string{"sim.yaml"}, Namespace: "staging"}); r.World.Autoscaler.Max != 3 {
		t.Errorf("max %d, want that of staging", r.World.Autoscaler.Max)
	}
	for namespace, want := range map[string]string{
		"":     "sim.yaml:4:26: there are 2 autoscalers, not one; a simulation replays one HorizontalPodAutoscaler; compare several with several files",
		"shop": "sim.yaml:4:26: there are 0 autoscalers in namespace shop, not one; a simulation replays one HorizontalPodAutoscaler; compare several with several files",
	} {
		if _, err := Load(Request{Files: []string{"sim.yaml"}, Namespace: namespace}); err == nil || err.Error() != want {
			t.Errorf("error %v\nwant  %s", err, want)
		}
	}
}

func TestObjectsWithoutANamespaceAreOfTheOneGiven(t *testing.T) {
	files(t, web+`
-- service.yaml --
apiVersion: elasticctl.dev/v1alpha1
kind: ElasticService
metadata: {name: web}
spec: {image: "web:1", slo: {availability: 99.9%}}
`)
	for _, f := range []string{"web", "service.yaml"} {
		r := load(t, Request{Files: []string{f}, Recordings: []string{"cpu.csv"}, Namespace: "shop"})
		if got := r.World.Autoscaler.Reference; got != "Deployment/shop/web" {
			t.Errorf("%s: reference %s", f, got)
		}
	}
}

const spec = "apiVersion: elasticctl.dev/v1alpha1\nkind: ElasticService\nmetadata: {name: web}\nspec: {image: \"web:1\"}\n"

func TestServiceSpecsStandBesideOtherObjects(t *testing.T) {
	files(t, `
-- dir/a.yaml --
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
---
`+spec+`
-- dir/sim.yaml --
apiVersion: elasticctl.dev/v1alpha1
kind: Simulation
-- dir/below/b.yaml --
`+spec)
	for _, tc := range []struct {
		opts manifest.Options
		want int
	}{{manifest.Options{}, 1}, {manifest.Options{Recursive: true}, 2}} {
		services, _, err := ReadServices([]string{"dir"}, tc.opts)
		if err != nil || len(services) != tc.want {
			t.Errorf("%+v: %d services, want %d: %v", tc.opts, len(services), tc.want, err)
		}
	}
}

func TestEveryPathHoldsAServiceSpec(t *testing.T) {
	files(t, `
-- ok.yaml --
`+spec+`
-- sim.yaml --
apiVersion: elasticctl.dev/v1alpha1
kind: Simulation
metadata: {name: friday}
-- two.yaml --
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b}
-- near.yaml --
apiVersion: elasticctl.dev/v1alpha1
kind: ElasticServise
`)
	const hint = "; a service spec has apiVersion: elasticctl.dev/v1alpha1 and kind: ElasticService; elasticctl init -f makes one from manifests"
	for path, want := range map[string]string{
		"sim.yaml":  "sim.yaml:2:7: Simulation is not a service spec" + hint,
		"two.yaml":  "two.yaml: no service spec among ConfigMap default/a, ConfigMap default/b" + hint,
		"near.yaml": `near.yaml:2:7: unknown kind "ElasticServise"; did you mean ElasticService?`,
	} {
		if _, _, err := ReadServices([]string{"ok.yaml", path}, manifest.Options{}); err == nil || err.Error() != want {
			t.Errorf("error %v\nwant  %s", err, want)
		}
	}
}

func TestAutoscalersOfOneNameAreToldByTheirNamespaces(t *testing.T) {
	files(t, twice)
	if r := load(t, Request{Files: []string{"all"}, Recordings: []string{"cpu.csv"}, Namespace: "prod"}); r.namespace != "prod" || r.Name != "web" {
		t.Errorf("%s of namespace %q", r.Name, r.namespace)
	}
	same := []*Replay{{Name: "a"}, {Name: "a"}, {Name: "b", namespace: "x"}, {Name: "b", namespace: "x"}, {Name: "b", namespace: "y"}, {Name: "c", namespace: "x"}}
	distinguish(same)
	var names []string
	for _, r := range same {
		names = append(names, r.Name)
	}
	if diff := cmp.Diff([]string{"a", "a #2", "x/b", "x/b #2", "y/b", "c"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}
