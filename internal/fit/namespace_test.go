package fit

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/elasticctl/elasticctl/internal/series"
)

func TestOfSeveralNamespacesTheOneAskedForCounts(t *testing.T) {
	used := func(namespace, pod string, vs ...float64) series.Series {
		return every(`container_memory_working_set_bytes{namespace="`+namespace+`",pod="`+pod+`",container="app"}`, 0, vs...)
	}
	status := func(namespace string, vs ...float64) series.Series {
		return every(`kube_deployment_status_replicas{namespace="`+namespace+`",deployment="shop"}`, 0, vs...)
	}
	rec := recording(
		used("prod", "a", 1000, 2000), used("prod", "b", 3000, 4000), used("staging", "a", 50_000, 50_000),
		status("prod", 2, 2), status("staging", 1, 1),
	)
	if _, err := FromRecording(rec, []Want{memory()}, Options{}); err == nil || !strings.HasSuffix(err.Error(),
		`has series of several workloads: namespace prod, staging; choose with -n prod, or with --demand memory='EXPR', using a matcher such as namespace="prod"`) {
		t.Errorf("without a namespace: %v", err)
	}
	for _, tc := range []struct {
		namespace string
		want      []int64
		replicas  []int32
		note      string
	}{
		{"prod", []int64{4000, 6000}, []int32{2, 2}, `1 of 3 series of container_memory_working_set_bytes{container!="",container!="POD"} are not of namespace prod and are left out`},
		{"staging", []int64{50_000, 50_000}, []int32{1, 1}, `2 of 3 series of container_memory_working_set_bytes{container!="",container!="POD"} are not of namespace staging and are left out`},
	} {
		load, err := FromRecording(rec, []Want{memory()}, Options{Namespace: tc.namespace})
		if err != nil {
			t.Fatal(err)
		}
		got := &load.Demands[0]
		if !slices.Equal(steps(got), tc.want) || !slices.Equal(got.Notes, []string{tc.note}) {
			t.Errorf("%s: %v, %q", tc.namespace, steps(got), got.Notes)
		}
		if diff := cmp.Diff(&Replicas{From: "kube_deployment_status_replicas", Values: tc.replicas}, load.Replicas); diff != "" {
			t.Errorf("%s: replicas (-want +got):\n%s", tc.namespace, diff)
		}
	}
	if n := len(rec.Series); n != 5 || rec.Series[2].Labels["namespace"] != "staging" {
		t.Error("the recording itself has changed")
	}
}

func TestWhatPodsReportIsOfTheirNamespaceOnly(t *testing.T) {
	shared := pods("queue")
	shared.Shared = true
	foreign := recording(every(`queue{namespace="rabbitmq"}`, 0, 1, 2))
	for _, tc := range []struct {
		name string
		want Want
		rec  *series.Recording
		text string // of the error; none where empty
	}{
		{"the pods' own, of another namespace", pods("queue"), foreign, "demand for queue: queue has no series of namespace shop; it has rabbitmq; choose another with -n, or series with --demand queue='EXPR'"},
		{"shared, of one other namespace", shared, foreign, ""},
		{"shared, of several others", shared, recording(every(`queue{namespace="a"}`, 0, 1, 2), every(`queue{namespace="b"}`, 0, 1, 2)), "queue has no series of namespace shop; it has a, b"},
		{"of no namespace", pods("queue"), recording(every(`queue{pod="a"}`, 0, 1, 2)), ""},
		{"an expression", expression("queue", "q", every(`q{namespace="rabbitmq"}`, 0, 1, 2)), foreign, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := FromRecording(tc.rec, []Want{tc.want}, Options{Namespace: "shop"})
			if tc.text == "" && err != nil || tc.text != "" && (err == nil || !strings.Contains(err.Error(), tc.text)) {
				t.Errorf("error: %v", err)
			}
		})
	}
}

func TestThePodCountOfAnotherNamespaceIsNotTaken(t *testing.T) {
	rec := recording(
		every(`process_resident_memory_bytes{namespace="shop",pod="a",instance="a:1"}`, 0, 1000, 1000),
		every(`kube_deployment_status_replicas{namespace="monitoring",exported_namespace="shop"}`, 0, 9, 9),
	)
	load, err := FromRecording(rec, []Want{memory()}, Options{Namespace: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	want := &Replicas{From: "pods that report process_resident_memory_bytes", Values: []int32{1, 1}}
	if diff := cmp.Diff(want, load.Replicas); diff != "" {
		t.Errorf("replicas (-want +got):\n%s", diff)
	}
}
