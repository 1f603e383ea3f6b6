//go:build linux

package main

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestTheScriptLastsFortyMinutesAndLeavesRoomForEachChange(t *testing.T) {
	s := fortyMinutes()
	if s.length() != 40*time.Minute {
		t.Errorf("it lasts %s", s.length())
	}
	for i, c := range s.Changes {
		if c.Pods < 1 || c.At >= s.length() {
			t.Errorf("%s: %d pods", c.At, c.Pods)
		}
		if i > 0 && c.At-s.Changes[i-1].At < time.Minute {
			t.Errorf("%s: less than a minute after the change before", c.At)
		}
	}
	short := s.scaled(.05)
	if short.length() != 2*time.Minute || short.Changes[1].At != s.Changes[1].At/20 {
		t.Errorf("scaled: %s, first change at %s", short.length(), short.Changes[1].At)
	}
}

func TestTheRateFollowsTheRamps(t *testing.T) {
	s := script{Load: []ramp{{time.Minute, 10, 20, ""}, {time.Minute, 5, 5, ""}}}
	for at, want := range map[time.Duration]float64{0: 10, 30 * time.Second: 15, time.Minute: 5, 2 * time.Minute: 0} {
		if got := s.rate(at); got != want {
			t.Errorf("at %s: %v, want %v", at, got, want)
		}
	}
}

func TestArrivalsArePoissonWithTheScriptsRate(t *testing.T) {
	s := script{Load: []ramp{{time.Minute, 200, 200, ""}, {time.Minute, 100, 0, ""}}}
	plan := s.arrivals(7)
	if !slices.IsSortedFunc(plan, func(a, b arrival) int { return int(a.at - b.at) }) {
		t.Error("not in order")
	}
	flat := 0
	quotes := 0
	perSecond := make([]float64, 60)
	for _, a := range plan {
		if a.at < time.Minute {
			flat++
			perSecond[int(a.at.Seconds())]++
		}
		if a.quote {
			quotes++
		}
	}
	// 12,000 and 3,000 expected: five standard deviations either way.
	if math.Abs(float64(flat)-12000) > 550 || math.Abs(float64(len(plan)-flat)-3000) > 275 {
		t.Errorf("%d arrivals on the plateau, %d on the ramp", flat, len(plan)-flat)
	}
	if share := float64(quotes) / float64(len(plan)); math.Abs(share-quoteShare) > .02 {
		t.Errorf("%.2f of them quotes", share)
	}
	// A Poisson count has the variance of its mean; regular arrivals would have none.
	variance := 0.0
	for _, n := range perSecond {
		variance += (n - 200) * (n - 200) / 60
	}
	if variance < 100 || variance > 400 {
		t.Errorf("variance per second %.0f, want about 200", variance)
	}
	if !slices.Equal(plan, s.arrivals(7)) || slices.Equal(plan, s.arrivals(8)) {
		t.Error("arrivals do not follow the seed")
	}
}

func TestCPUListsAreRead(t *testing.T) {
	for in, want := range map[string][]int{"0": {0}, "0,2-4": {0, 2, 3, 4}, "1-1": {1}} {
		if got, err := parseCPUs(in); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "a", "3-1", "-1", "0,", "0-99999"} {
		if got, err := parseCPUs(in); err == nil {
			t.Errorf("%q gives %v", in, got)
		}
	}
}

func FuzzParseCPUs(f *testing.F) {
	for _, s := range []string{"0", "0,2-4", "3-1", "", "0-1023"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		cpus, err := parseCPUs(s)
		if err == nil && (len(cpus) == 0 || slices.Min(cpus) < 0 || slices.Max(cpus) > 1023) {
			t.Errorf("%q gives %v", s, cpus)
		}
	})
}

func TestBusyIsWhatTheKernelCountsLessIdleAndWaiting(t *testing.T) {
	text := "cpu  9 9 9 9 9 9 9 9\ncpu0 1 2 3 40 5 6 7 8 0 0\ncpu1 10 20 30 400 50 60 70 80 0 0\nintr 5\n"
	stat := parseStat(text)
	if len(stat) != 2 || !slices.Equal(stat[0], []int64{1, 2, 3, 40, 5, 6, 7, 8}) {
		t.Fatalf("%v", stat)
	}
	var points []cpuPoint
	start := time.Unix(0, 0)
	for i := range int64(25) { // two minutes: half busy, then all busy
		p := cpuPoint{busy: i * 250, all: i * 500, own: time.Duration(i) * time.Second, at: start.Add(time.Duration(i) * 5 * time.Second)}
		if i > 12 {
			p.busy, p.own = 3000+(i-12)*500, 12*time.Second+time.Duration(i-12)*4*time.Second
		}
		points = append(points, p)
	}
	want := busyFacts{Mean: .75, MaxMinute: 1, Above70: .615, OwnMean: .5, OwnMaxMinute: .8}
	if got := busyOf(points, 1); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// tree makes files under a new directory, as a stand-in for the kernel's.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func read(t *testing.T, parts ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestBothKindsOfControlGroupsCapAndCount(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		after map[string]string // below the root
		stat  map[string]string // written into the group, as the kernel would
	}{
		{
			"cgroup v2 cpu.max",
			map[string]string{"cgroup.controllers": "cpuset cpu io\n"},
			map[string]string{"cgroup.subtree_control": "+cpu", "a/cgroup.subtree_control": "+cpu", "a/b/cpu.max": "10000 100000", "a/b/cpu.weight": "9"},
			map[string]string{"a/b/cpu.stat": "usage_usec 1500000\nnr_periods 20\nnr_throttled 3\nthrottled_usec 250000\n"},
		},
		{
			"cgroup v1 cpu.cfs_quota_us",
			map[string]string{"cpu/cgroup.procs": "", "cpuacct/cpuacct.usage": "0"},
			map[string]string{"cpu/a/b/cpu.cfs_quota_us": "10000", "cpu/a/b/cpu.cfs_period_us": "100000", "cpu/a/b/cpu.shares": "102"},
			map[string]string{
				"cpu/a/b/cpu.stat":          "nr_periods 20\nnr_throttled 3\nthrottled_time 250000000\n",
				"cpuacct/a/b/cpuacct.usage": "1500000000\n",
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root := tree(t, tt.files)
			h, err := findHierarchy(root)
			if err != nil || h.name != tt.name {
				t.Fatalf("found %q, %v", h.name, err)
			}
			a, err := group{h: h}.make("a", true)
			if err != nil {
				t.Fatal(err)
			}
			b, err := a.make("b", false)
			if err := errors.Join(err, b.capCPU(.1), b.weigh(102)); err != nil {
				t.Fatal(err)
			}
			for file, want := range tt.after {
				if got := read(t, root, file); got != want {
					t.Errorf("%s is %q, want %q", file, got, want)
				}
			}
			for file, text := range tt.stat {
				if err := os.WriteFile(filepath.Join(root, file), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want := usage{1500 * time.Millisecond, 20, 3, 250 * time.Millisecond}
			if got, err := b.usage(); err != nil || got != want {
				t.Errorf("usage %+v, %v; want %+v", got, err, want)
			}
		})
	}
}

func TestAMachineWithoutCPUCapsIsRefused(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"nothing":           nil,
		"v2 without cpu":    {"cgroup.controllers": "memory cpuset"},
		"v1 without usage":  {"cpu/cgroup.procs": ""},
		"unified, v1 empty": {"unified/cgroup.controllers": "cpu"},
	} {
		if _, err := findHierarchy(tree(t, files)); !errors.Is(err, errNoCap) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAProcessStartsInItsGroupAndIsStopped(t *testing.T) {
	root := tree(t, map[string]string{"cpu/cgroup.procs": "", "cpuacct/cpuacct.usage": "0"})
	h, err := findHierarchy(root)
	if err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 1)
	p, err := start(group{h: h}, func(s string) { lines <- s }, "/bin/sh", "-c", "echo here >&2; exec sleep 600")
	if err != nil {
		t.Fatal(err)
	}
	if got := <-lines; got != "here" {
		t.Errorf("stderr %q", got)
	}
	for _, file := range []string{"cpu/cgroup.procs", "cpuacct/cgroup.procs"} {
		if got := strings.TrimSpace(read(t, root, file)); got != strconv.Itoa(p.cmd.Process.Pid) {
			t.Errorf("%s holds %s, the process is %d", file, got, p.cmd.Process.Pid)
		}
	}
	p.stop(time.Minute)
	if p.err == nil {
		t.Error("a process ended by SIGTERM has no error")
	}
}

func TestTheResultReplacesTheDirectoryAsAWhole(t *testing.T) {
	root := tree(t, map[string]string{"out/old": "old"})
	out := filepath.Join(root, "out")
	if err := replaceDir(map[string][]byte{"new": []byte("new")}, out); err != nil {
		t.Fatal(err)
	}
	if got := read(t, out, "new"); got != "new" {
		t.Errorf("new holds %q", got)
	}
	if _, err := os.Stat(filepath.Join(out, "old")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("old is still there: %v", err)
	}
	if err := replaceDir(map[string][]byte{"no/such/dir": nil}, out); err == nil {
		t.Error("a file that cannot be written is no error")
	}
	entries, err := os.ReadDir(root)
	if err != nil || len(entries) != 1 || read(t, out, "new") != "new" {
		t.Errorf("after a failure: %v, %v", entries, err)
	}
}

func TestAnAnswerThatIsNoneIsNotExported(t *testing.T) {
	for body, want := range map[string]string{
		`{"status":"error","error":"no"}`:                                               "status error",
		`{"status":"success","data":{"result":[]}}`:                                     "0 series",
		`{"status":"success","warnings":["partial"],"data":{"result":[{"values":[]}]}}`: "partial",
		`{"status":`: "unexpected end",
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }))
		_, err := (&promServer{url: s.URL}).export(t.Context(), "up", span{time.Unix(0, 0), time.Unix(60, 0), time.Second})
		s.Close()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestWrongFlagsAreRefused(t *testing.T) {
	for _, args := range []string{"--scale=0", "--scale=NaN", "--interval=1500ms", "--cores=2", "x"} {
		if _, err := parseOptions([]string{args}, io.Discard); err == nil {
			t.Errorf("%s is accepted", args)
		}
	}
}

func TestVictimsAreUnreadyFirstThenNewest(t *testing.T) {
	f := newFleet(context.Background(), group{}, podSpec{}, "", 1)
	for i, ready := range []bool{true, false, true} {
		p := &pod{name: strconv.Itoa(i)}
		p.ready.Store(ready)
		f.pods = append(f.pods, p)
	}
	for _, want := range []string{"1", "2", "0"} {
		v := f.victim()
		if v.name != want {
			t.Errorf("victim %s, want %s", v.name, want)
		}
		v.terminating.Store(true)
	}
	if f.pick(3) != nil {
		t.Error("a pod that does not serve was picked")
	}
}
