package fit

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/elasticctl/elasticctl/internal/series"
)

// born are a pod's birth and its readiness at scrapes 15 s apart from 600 on.
func born(pod string, created float64, ready ...float64) []series.Series {
	at := make([]float64, len(ready))
	for i, v := range ready {
		at[i] = created
		if v == -1 {
			at[i] = -1
		}
	}
	return []series.Series{
		every(fmt.Sprintf(`kube_pod_created{pod=%q}`, pod), 600, at...),
		every(fmt.Sprintf(`kube_pod_status_ready{pod=%q,condition="true"}`, pod), 600, ready...),
	}
}

func TestStartsAreThoseOfPodsBornWithinTheRecording(t *testing.T) {
	var set []series.Series
	for _, pod := range [][]series.Series{
		born("old", 590, 0, 1, 1, 1, 1),
		born("web-a", 610, -1, 0, 0, 1, 1),                      // between 630 and 645
		born("web-b", 612, -1, 1, 1, 1, 1),                      // between 612 and 615
		born("web-c", 620, -1, -1, 0, nan, 1),                   // between 630 and 660
		born("web-d", 650, -1, -1, -1, -1, 0),                   // never
		born("web-e", 610, -1, 0, 1, 0, 1),                      // between 615 and 630; ceased and came back
		{every(`kube_pod_created{pod="web-f"}`, 600, 600, 600)}, // nothing known
	} {
		set = append(set, pod...)
	}
	got := StartsOf(recording(set...), Options{})
	want := &Startups{Born: 6, Unready: 2, Ready: Taken{
		From: `kube_pod_status_ready{condition="true"}`, Within: 30 * time.Second,
		Times: []time.Duration{1500 * time.Millisecond, 12500 * time.Millisecond, 25 * time.Second, 27500 * time.Millisecond},
	}}
	// web-c: from 630 to 660, 645 − 620 = 25; web-a: 637.5 − 610; web-e: 622.5 − 610.
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got.Ready.Median() != 12500*time.Millisecond || got.Ready.Worst() != 27500*time.Millisecond {
		t.Errorf("median %v, worst %v", got.Ready.Median(), got.Ready.Worst())
	}
}

func TestAToldInstantCountsBeforeOneThatWasSeen(t *testing.T) {
	set := born("a", 610, -1, 0, 0, 1, 1)
	set = append(set, every("y", 600, 1),
		every(`kube_pod_status_ready_time{pod="a"}`, 600, -1, -1, -1, 634, 640),
		every(`container_start_time_seconds{pod="a",container="app"}`, 600, -1, 616, 616, 616, 616),
		every(`container_start_time_seconds{pod="a",container="app",id="again"}`, 600, -1, -1, -1, 640, 640),
		every(`container_start_time_seconds{pod="a",container="proxy"}`, 600, -1, 621, 621, 621, 621),
		every(`container_start_time_seconds{pod="a",container="POD"}`, 600, -1, 612, 612, 612, 612),
		every(`kube_pod_status_phase{pod="a",phase="Running"}`, 600, -1, 0, 1, 1, 1),
	)
	got := StartsOf(recording(set...), Options{})
	want := &Startups{
		Born:    1,
		Running: Taken{From: "container_start_time_seconds", Times: []time.Duration{11 * time.Second}},
		Ready:   Taken{From: "kube_pod_status_ready_time", Times: []time.Duration{24 * time.Second}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestThePhaseTellsWhenPodsRanWhereContainersDoNot(t *testing.T) {
	set := append(born("a", 610, -1, 0, 0, 1, 1), every("y", 600, 1), every(`kube_pod_status_phase{pod="a",phase="Running"}`, 600, -1, 0, 1, 1, 1),
		every(`kube_pod_status_phase{pod="a",phase="Pending"}`, 600, -1, 1, 0, 0, 0))
	got := StartsOf(recording(set...), Options{}).Running
	want := Taken{From: `kube_pod_status_phase{phase="Running"}`, Within: 15 * time.Second, Times: []time.Duration{12500 * time.Millisecond}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestStartsAreThoseOfTheWorkloadsPodsAndNamespace(t *testing.T) {
	of := func(namespace, pod string) []series.Series {
		return []series.Series{
			every(fmt.Sprintf(`kube_pod_created{namespace=%q,pod=%q}`, namespace, pod), 600, -1, 610),
			every(fmt.Sprintf(`kube_pod_status_ready{namespace=%q,pod=%q,condition="true"}`, namespace, pod), 600, -1, 1),
		}
	}
	var set []series.Series
	for _, s := range [][]series.Series{
		of("shop", "web-6d4cf56db6-abcde"), of("shop", "api-6d4cf56db6-abcde"), of("test", "web-6d4cf56db6-fghij"), {every("y", 600, 1, 1)},
	} {
		set = append(set, s...)
	}
	web := Workload{Kind: "Deployment", Name: "web", Namespace: "shop"}
	if got := StartsOf(recording(set...), Options{Workload: web, Namespace: "shop"}); got.Born != 1 || len(got.Ready.Times) != 1 {
		t.Errorf("of web in shop: %+v", got)
	}
	if got := StartsOf(recording(every("y", 600, 1, 1)), Options{Workload: web}); got != nil {
		t.Errorf("of nothing recorded: %+v", got)
	}
}
