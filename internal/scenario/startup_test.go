package scenario

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestQuantilesLieOnStraightLinesBetweenThoseGiven(t *testing.T) {
	set, err := read(t, head+"  pods: {ready: {p90: 30s, p10: 10s, p99.9: 1m}}\n")
	if err != nil {
		t.Fatal(err)
	}
	list := set.pods.Spread.Ready
	if !slices.IsSorted(list) || len(list) != 100 {
		t.Fatalf("%d values: %v", len(list), list)
	}
	for place, want := range map[int]time.Duration{
		0: 10 * time.Second, 9: 10 * time.Second, 10: 10125 * time.Millisecond, // below p10, then a quarter second a percent
		50: 20125 * time.Millisecond, 89: 29875 * time.Millisecond,
		99: 58787878787, // 9.5 of 9.9 from p90 to p99.9
	} {
		if list[place] != want {
			t.Errorf("value %d: %v, want %v", place, list[place], want)
		}
	}
}

func TestLongTimesBetweenQuantilesDoNotOverflow(t *testing.T) {
	set, err := read(t, head+"  pods: {termination: {p0: 0s, p100: 3650d}}\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := set.pods.Spread.Termination[99]; got != 3650*24*time.Hour/1000*995 {
		t.Errorf("the longest of 100 draws is %v", got)
	}
}

func TestPodsStartAsRecordedOnesDidUnlessSomebodySaysOtherwise(t *testing.T) {
	const recording = "../../testdata/recordings/checkout"
	checkout := func(change func(*Request)) *Replay {
		r := Request{Files: []string{"../../examples/checkout/service.yaml"}, Recordings: []string{recording}}
		change(&r)
		return load(t, r)
	}
	found := checkout(func(*Request) {})
	pods := found.World.Pods
	if n := len(pods.Spread.Ready); n != 12 || pods.Spread.Ready[0] != 8500*time.Millisecond || pods.Spread.Ready[11] != 8500*time.Millisecond {
		t.Errorf("times to Ready %v", pods.Spread.Ready)
	}
	if found.Backtest == nil || !cmp.Equal(found.Backtest.World.Pods, pods) {
		t.Error("the backtest's pods start otherwise")
	}
	said := `creation to Ready: in place of 30s (--ready), each pod draws from what 12 pods born within the recording took: median 8.5s, worst 8.5s, by kube_pod_status_ready{condition="true"}; the scrapes around it are 5s apart, and it counts in their middle`
	if !slices.Contains(found.Notes, said) {
		t.Errorf("notes %q", found.Notes)
	}
	ready, seed := 45*time.Second, uint64(7)
	given := checkout(func(r *Request) { r.Ready, r.Seed = &ready, &seed }).World.Pods
	if given.Ready != ready || len(given.Spread.Ready)+len(given.Spread.Pending) > 0 || given.Spread.Seed != 7 {
		t.Errorf("pods with --ready 45s --seed 7: %+v", given)
	}
}

func TestTooFewBirthsLeaveTheDefault(t *testing.T) {
	files(t, strings.NewReplacer(
		"HEADER", `"kube_pod_created{pod=""a""}","kube_pod_status_ready{pod=""a"",condition=""true""}"`,
		"ROW0", ",", "ROW1", "1700000110,0", "ROW2", "1700000110,1",
	).Replace(realityFiles))
	r := load(t, Request{Files: []string{"hpa.yaml"}, Recordings: []string{"rec.csv"}})
	if p := r.World.Pods; p.Ready != 30*time.Second || len(p.Spread.Ready) > 0 {
		t.Errorf("pods %+v", p)
	}
	said := "creation to Ready: 30s, the default; only one pod of those born within the recording became Ready, fewer than 5"
	if !slices.Contains(r.Notes, said) {
		t.Errorf("notes %q", r.Notes)
	}
}
