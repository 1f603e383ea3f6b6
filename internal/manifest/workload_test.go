package manifest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers:
      - {name: migrate, image: m, resources: {requests: {cpu: 4, memory: 1}}}
      - {name: mesh, image: m, restartPolicy: Always, resources: {requests: {cpu: 100m}}}
      - {name: late, image: m, resources: {requests: {cpu: 3950m}}}
      containers:
      - {name: app, image: a, resources: {requests: {cpu: 0.5, memory: 1Ki}, limits: {cpu: 1, example.com/gpu: 2}}}
      - {name: log, image: l, resources: {limits: {cpu: 250m}}}
      - {name: idle, image: i}
`

func TestWorkloadGivesContainersAsTheirPodsHaveThem(t *testing.T) {
	set, err := Parse("web.yaml", []byte(valid+"---\n"+web), "")
	if err != nil {
		t.Fatal(err)
	}
	list, err := set.Autoscalers()
	if err != nil {
		t.Fatal(err)
	}
	w, err := set.Workload(list[0])
	if err != nil {
		t.Fatal(err)
	}
	want := []Container{
		{
			Name:     "app",
			Requests: []Amount{{"cpu", 500}, {"example.com/gpu", 2000}, {"memory", 1024_000}},
			Limits:   []Amount{{"cpu", 1000}, {"example.com/gpu", 2000}},
		},
		{Name: "log", Requests: []Amount{{"cpu", 250}}, Limits: []Amount{{"cpu", 250}}},
		{Name: "idle"},
		{Name: "mesh", Sidecar: true, Requests: []Amount{{"cpu", 100}}},
	}
	if diff := cmp.Diff(want, w.Containers); diff != "" {
		t.Errorf("containers (-want +got):\n%s", diff)
	}
	if !w.HasReplicas || w.Replicas != 3 || w.Labels["app"] != "web" || w.PodRequests != nil || w.String() != "Deployment default/web" {
		t.Errorf("%+v", w)
	}
}

func TestPodLevelRequestsStandForTheWholePod(t *testing.T) {
	for _, c := range []struct {
		name, resources string
		want            []Amount
	}{
		{"none", "", nil},
		{"empty", "resources: {}", nil},
		{"request", "resources: {requests: {cpu: 2}}", []Amount{{"cpu", 2000}, {"example.com/gpu", 2000}, {"memory", 1024_000}}},
		// 3950m of the last init container beside 100m of the sidecar before it,
		// but 4 of the first one, which runs alone, is less.
		{"limit of what containers request", "resources: {limits: {cpu: 8}}", []Amount{{"cpu", 4050}, {"example.com/gpu", 2000}, {"memory", 1024_000}}},
		{
			"limit of what no container requests", "resources: {limits: {hugepages-2Mi: 4}}",
			[]Amount{{"cpu", 4050}, {"example.com/gpu", 2000}, {"hugepages-2Mi", 4000}, {"memory", 1024_000}},
		},
		{
			"overhead", "resources: {requests: {memory: 1Mi}}\n      overhead: {cpu: 10m}",
			[]Amount{{"cpu", 4060}, {"example.com/gpu", 2000}, {"memory", 1 << 20 * 1000}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			set, err := Parse("web.yaml", []byte(strings.Replace(web, "    spec:\n", "    spec:\n      "+c.resources+"\n", 1)), "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, workload(set.Objects[0]).PodRequests); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWorkloadSaysWhyThereIsNone(t *testing.T) {
	for _, c := range []struct{ name, hpa, others, want string }{
		{"not given", valid, "", "hpa.yaml:6:3: the scale target Deployment default/web is not among the objects read; pass its manifest too, with another -f"},
		{
			"other namespace", valid, strings.Replace(web, "name: web", "name: web, namespace: shop", 1),
			"hpa.yaml:6:3: the scale target Deployment default/web is not among the objects read; hpa.yaml:21:1 is in namespace shop: the autoscaler must be in the same one",
		},
		{
			"other group", strings.Replace(valid, "apps/v1", "example.com/v1", 1), web,
			"hpa.yaml:6:3: the scale target Deployment default/web is not among the objects read; write apiVersion: apps/v1",
		},
		{
			"other kind", strings.Replace(valid, "kind: Deployment", "kind: StatefulSet", 1), web,
			"hpa.yaml:6:3: the scale target StatefulSet default/web is not among the objects read; did you mean kind: Deployment?",
		},
		{
			"misspelt", strings.Replace(valid, "    name: web\n", "    name: wbe\n", 1), web,
			`hpa.yaml:6:3: the scale target Deployment default/wbe is not among the objects read; did you mean "web"?`,
		},
		{
			"twice", valid, web + "---\n" + web,
			"hpa.yaml:6:3: the scale target Deployment default/web is there twice: hpa.yaml:21:1 and hpa.yaml:39:1; pass one of them",
		},
		{
			"somebody's own kind", strings.Replace(strings.Replace(valid, "apps/v1", "argoproj.io/v1alpha1", 1), "kind: Deployment", "kind: Rollout", 1),
			"apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: web}\n",
			"hpa.yaml:6:3: the pods of Rollout default/web (argoproj.io/v1alpha1) are not known to elasticctl; " +
				"known are Deployment, StatefulSet, ReplicaSet and ReplicationController; give the containers by hand",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			set, err := Parse("hpa.yaml", []byte(c.hpa+"---\n"+c.others), "")
			if err != nil {
				t.Fatal(err)
			}
			list, err := set.Autoscalers()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := set.Workload(list[0]); err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestEveryKindWithAPodTemplateIsAWorkload(t *testing.T) {
	for _, kind := range []string{"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"} {
		data := strings.Replace(web, "kind: Deployment", "kind: "+kind, 1)
		if kind == "ReplicationController" {
			data = strings.Replace(strings.Replace(data, "apps/v1", "v1", 1), "{matchLabels: {app: web}}", "{app: web}", 1)
		}
		set, err := Parse("f", []byte(data), "")
		if err != nil {
			t.Fatal(err)
		}
		if w := workload(set.Objects[0]); w == nil || len(w.Containers) != 4 {
			t.Errorf("%s: %+v", kind, w)
		}
	}
}
