package fit

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
)

func TestOnlyTheWorkloadsPodsCount(t *testing.T) {
	owner := func(pod, kind, name string) series.Series {
		return every(`kube_pod_owner{namespace="shop",pod="`+pod+`",owner_kind="`+kind+`",owner_name="`+name+`"}`, 0, 1, 1)
	}
	use := func(labels string, cores float64) series.Series {
		return every(`process_cpu_seconds_total{`+labels+`}`, 0, 0, 15*cores)
	}
	web := Workload{Kind: "Deployment", Name: "web", Namespace: "shop"}
	for _, tc := range []struct {
		name string
		of   Workload
		rec  *series.Recording
		text string
		load int64
	}{
		{"by their owners", web, recording(
			use(`namespace="shop",pod="web-7d4b9-x2x2x"`, 1), use(`namespace="shop",pod="odd"`, 2), use(`namespace="shop",pod="web-api-7d4b9-x2x2x"`, 4),
			owner("web-7d4b9-x2x2x", "ReplicaSet", "web-7d4b9"), owner("odd", "ReplicaSet", "web-7d4b9"), owner("web-api-7d4b9-x2x2x", "ReplicaSet", "web-api-7d4b9"),
		), "2 pods of Deployment web, by kube_pod_owner; one pod of others left out", 3000},
		{"a ReplicaSet of any name, by its own owner", web, recording(
			use(`namespace="shop",pod="a"`, 1), use(`namespace="shop",pod="b"`, 2),
			owner("a", "ReplicaSet", "strange"), owner("b", "ReplicaSet", "web-7d4b9"),
			every(`kube_replicaset_owner{namespace="shop",replicaset="strange",owner_kind="Deployment",owner_name="web"}`, 0, 1, 1),
			every(`kube_replicaset_owner{namespace="shop",replicaset="web-7d4b9",owner_kind="Deployment",owner_name="other"}`, 0, 1, 1),
		), "one pod of Deployment web, by kube_pod_owner; one pod of others left out", 1000},
		{"by their owners, under labels that a server renamed", web, recording(
			use(`namespace="shop",pod="a"`, 1), use(`namespace="shop",pod="b"`, 2),
			every(`kube_pod_owner{namespace="monitoring",pod="ksm-0",exported_namespace="shop",exported_pod="a",owner_kind="ReplicaSet",owner_name="web-7d4b9"}`, 0, 1, 1),
		), "one pod of Deployment web, by kube_pod_owner; one pod of others left out", 1000},
		{"a pod too short-lived for its owner to be recorded, by its name", web, recording(
			use(`namespace="shop",pod="web-7d4b9-x2x2x"`, 1), use(`namespace="shop",pod="web-7d4b9-y3y3y"`, 2), use(`namespace="shop",pod="cart-7d4b9-x2x2x"`, 4),
			owner("web-7d4b9-x2x2x", "ReplicaSet", "web-7d4b9"),
		), "2 pods of Deployment web, by kube_pod_owner; one pod of others left out", 3000},
		{"a StatefulSet's", Workload{Kind: "StatefulSet", Name: "db"}, recording(
			use(`pod="db-0"`, 1), use(`pod="db-1"`, 2), use(`pod="db-admin-0"`, 4),
		), "2 pods of StatefulSet db, by their names; one pod of others left out", 3000},
		{"by a label", web, recording(
			use(`pod="a",app="web"`, 1), use(`pod="b",app="web"`, 2), use(`pod="c",app="cart"`, 4),
		), "2 pods of Deployment web, by the label app; one pod of others left out", 3000},
		{"by their names", web, recording(
			use(`pod="web-7d4b9-x2x2x"`, 1), use(`pod="web-7d4b9-api-x2x2x"`, 4),
		), "one pod of Deployment web, by their names; one pod of others left out", 1000},
		{"of its own namespace", web, recording(
			use(`namespace="shop",pod="web-7d4b9-x2x2x"`, 1), use(`namespace="staging",pod="web-7d4b9-x2x2x"`, 4),
		), "one pod of Deployment web, by their names; only namespace shop counts", 1000},
		{"all, where none is known to be the workload's", web, recording(
			use(`pod="a"`, 1), use(`pod="b"`, 2),
		), "2 pods recorded: none is known to be Deployment web's, so all count", 3000},
		{"all, where no workload is asked for", Workload{}, recording(use(`pod="a"`, 1), use(`pod="b"`, 2)), "", 3000},
		{"all, where no pod is named", web, recording(use(`instance="a"`, 1)), "", 1000},
	} {
		t.Run(tc.name, func(t *testing.T) {
			load, err := FromRecording(tc.rec, []Want{cpu()}, Options{Workload: tc.of})
			if err != nil {
				t.Fatal(err)
			}
			d := &load.Demands[0]
			if diff := cmp.Diff([]int64{tc.load}, steps(d)); diff != "" || d.Owner != tc.text {
				t.Errorf("%s\nsays %q", diff, d.Owner)
			}
		})
	}
}

func TestMetricsOfOtherObjectsBelongToNoPod(t *testing.T) {
	w := Want{Demand: pods("queue_depth").Demand, Shared: true}
	load, err := FromRecording(recording(
		every(`queue_depth{pod="broker-0"}`, 0, 1, 2), every(`queue_depth{pod="web-7d4b9-x2x2x"}`, 0, 1, 2),
	), []Want{w}, Options{Workload: Workload{Kind: "Deployment", Name: "web"}})
	if err != nil {
		t.Fatal(err)
	}
	if d := load.Demands[0]; d.Series != 2 || d.Owner != "" {
		t.Errorf("%d series, %q", d.Series, d.Owner)
	}
}

func TestTheCountOfThisWorkload(t *testing.T) {
	load, err := FromRecording(recording(
		every(`process_cpu_seconds_total{pod="web-7d4b9-x2x2x"}`, 0, 0, 1, 2),
		every(`kube_deployment_status_replicas{deployment="web"}`, 0, 5, 6, 7), every(`kube_deployment_status_replicas{deployment="cart"}`, 0, 1, 1, 1),
	), []Want{cpu()}, Options{Workload: Workload{Kind: "Deployment", Name: "web"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&Replicas{From: "kube_deployment_status_replicas", Values: []int32{5, 6}}, load.Replicas); diff != "" {
		t.Error(diff)
	}
}

func TestPodsOfLabelsAreCounted(t *testing.T) {
	pod := func(namespace, name string) model.Metric {
		return model.Metric{"namespace": model.LabelValue(namespace), "pod": model.LabelValue(name)}
	}
	web := PodsOf(&series.Recording{}, Options{Workload: Workload{Kind: "Deployment", Name: "web", Namespace: "shop"}})
	a, b, other := pod("shop", "web-7d4b9-aaaaa"), pod("shop", "web-7d4b9-bbbbb"), pod("shop", "cart-7d4b9-aaaaa")
	for _, tc := range []struct {
		name        string
		set         []model.Metric
		own, others int
	}{
		{"two series of a pod", []model.Metric{a, a, b}, 2, 0},
		{"and another's", []model.Metric{a, b, other}, 2, 1},
		{"the same name elsewhere", []model.Metric{a, pod("test", "web-7d4b9-aaaaa")}, 1, 1},
		{"elsewhere alone", []model.Metric{pod("", "web-7d4b9-aaaaa")}, 1, 0},
		{"nobody's", []model.Metric{other}, 0, 1},
		{"instances", []model.Metric{{"instance": "a:80"}, {"instance": "b:80"}}, 2, 0},
		{"one instance, perhaps an exporter", []model.Metric{{"instance": "a:80"}}, 0, 0},
		{"nothing", nil, 0, 0},
	} {
		if own, others := web.Count(tc.set); own != tc.own || others != tc.others {
			t.Errorf("%s: %d and %d, want %d and %d", tc.name, own, others, tc.own, tc.others)
		}
	}
}
