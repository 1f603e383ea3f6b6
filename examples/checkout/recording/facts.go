//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// facts is facts.yaml: what is known of a recording besides its series. It is
// not JSON, so that the directory can be given to elasticctl as it is.
type facts struct {
	Seed        uint64    `json:"seed"`
	Scale       float64   `json:"scale"`       // length of the script against 40 minutes
	Step        string    `json:"step"`        // scrape interval, and step of the answers
	Start       int64     `json:"start"`       // Unix seconds of the first step
	ScriptStart int64     `json:"scriptStart"` // Unix milliseconds of the script's 0:00
	End         int64     `json:"end"`         // Unix seconds of the last step
	CPUCap      string    `json:"cpuCap"`      // the kernel interface used
	CPULimit    float64   `json:"cpuLimit"`    // CPUs per pod
	Prometheus  string    `json:"prometheus"`
	Go          string    `json:"go"`
	CPUModel    string    `json:"cpuModel"`
	CPUs        int       `json:"cpus"`     // of the machine
	CPUsUsed    int       `json:"cpusUsed"` // that everything ran on
	Load        loadFacts `json:"load"`
	Busy        busyFacts `json:"busy"`
	Script      []row     `json:"script"`
}

// loadFacts is what became of the requests.
type loadFacts struct {
	Planned      int     `json:"planned"`
	Sent         int64   `json:"sent"`
	OK           int64   `json:"ok"`
	Shed         int64   `json:"shed"`
	Lost         int64   `json:"lost"`
	UncleanPods  int     `json:"uncleanPods"`  // that had to be killed or ended with an error
	LateP99Milli float64 `json:"lateP99Milli"` // how late requests were sent, ms
	LateMaxMilli float64 `json:"lateMaxMilli"`
}

// busyFacts is how busy the CPUs in use were, as shares of 1.
type busyFacts struct {
	Mean      float64 `json:"mean"`
	MaxMinute float64 `json:"maxMinute"` // the busiest 60 s
	Above70   float64 `json:"above70"`   // share of the minutes (one begins every 5 s) that were busier than 0.7
	// Own is the recording's part of it: pods, Prometheus, load generator.
	OwnMean      float64 `json:"ownMean"`
	OwnMaxMinute float64 `json:"ownMaxMinute"`
}

// row is a line of the script's table.
type row struct {
	At      string  `json:"at"`      // m:ss
	Seconds float64 `json:"seconds"` // the same
	Load    string  `json:"load,omitempty"`
	Pods    int     `json:"pods,omitempty"`
	Rollout bool    `json:"rollout,omitempty"`
	Note    string  `json:"note,omitempty"`
}

// table is the script in order of time.
func (s script) table() []row {
	var out []row
	at := time.Duration(0)
	for _, r := range s.Load {
		load := fmt.Sprintf("%g", r.From)
		if r.To != r.From {
			load += fmt.Sprintf(" → %g", r.To)
		}
		out = append(out, row{At: clock(at), Seconds: at.Seconds(), Load: load, Note: r.Note})
		at += r.For
	}
	for _, c := range s.Changes {
		out = append(out, row{At: clock(c.At), Seconds: c.At.Seconds(), Pods: c.Pods, Rollout: c.Rollout, Note: c.Note})
	}
	slices.SortStableFunc(out, func(a, b row) int { return int(a.Seconds*1000) - int(b.Seconds*1000) })
	return out
}

func (s *stage) loadFacts() loadFacts {
	g := s.load
	return loadFacts{
		Planned: g.planned, Sent: g.sent.Load(), OK: g.ok.Load(), Shed: g.shed.Load(), Lost: g.lost.Load(),
		UncleanPods:  s.fleet.uncleanPods(),
		LateP99Milli: float64(g.lateness(.99).Microseconds()) / 1000,
		LateMaxMilli: float64(g.lateness(1).Microseconds()) / 1000,
	}
}

func (f *fleet) uncleanPods() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.unclean
}

// cpuWatch measures how busy CPUs are.
type cpuWatch struct {
	cancel context.CancelFunc
	done   chan busyFacts
}

// cpuPoint is a reading of the CPUs in use.
type cpuPoint struct {
	busy, all int64 // ticks
	own       time.Duration
	at        time.Time
}

// watchCPUs reads /proc/stat and the recording's own control group every five
// seconds until it is stopped.
func watchCPUs(ctx context.Context, cpus []int, own group) *cpuWatch {
	ctx, cancel := context.WithCancel(ctx)
	w := &cpuWatch{cancel, make(chan busyFacts, 1)}
	read := func() cpuPoint {
		u, _ := own.usage() // on failure it stays 0, which the README then shows
		busy, all := busyTicks(cpus)
		return cpuPoint{busy, all, u.cpu, time.Now()}
	}
	go func() {
		points := []cpuPoint{read()}
		tick := time.NewTicker(5 * time.Second)
		defer tick.Stop()
		for ctx.Err() == nil {
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
			points = append(points, read())
		}
		w.done <- busyOf(points, len(cpus))
	}()
	return w
}

func (w *cpuWatch) stop() busyFacts {
	w.cancel()
	return <-w.done
}

// busyOf turns points five seconds apart into shares.
func busyOf(points []cpuPoint, cpus int) busyFacts {
	total := func(a, b cpuPoint) float64 {
		return rounded(float64(b.busy-a.busy) / float64(max(1, b.all-a.all)))
	}
	own := func(a, b cpuPoint) float64 {
		return rounded((b.own - a.own).Seconds() / max(1e-3, b.at.Sub(a.at).Seconds()) / float64(cpus))
	}
	first, last := points[0], points[len(points)-1]
	f := busyFacts{Mean: total(first, last), OwnMean: own(first, last)}
	const minute = 12
	above := 0.0
	for i := minute; i < len(points); i++ {
		share := total(points[i-minute], points[i])
		f.MaxMinute = max(f.MaxMinute, share)
		f.OwnMaxMinute = max(f.OwnMaxMinute, own(points[i-minute], points[i]))
		if share > .7 {
			above++
		}
	}
	f.Above70 = rounded(above / float64(max(1, len(points)-minute)))
	return f
}

func rounded(x float64) float64 { return float64(int(x*1000+.5)) / 1000 }

// busyTicks are the ticks of the CPUs: busy ones, and all. Waiting for a disk
// is idle; time stolen by the hypervisor is busy, as nobody here can use it.
func busyTicks(cpus []int) (busy, all int64) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0
	}
	stat := parseStat(string(text))
	for _, cpu := range cpus {
		for i, ticks := range stat[cpu] {
			all += ticks
			if mode := cpuModes()[i]; mode != "idle" && mode != "iowait" {
				busy += ticks
			}
		}
	}
	return busy, all
}

// describe adds facts.yaml and README.md to the result.
func (s *stage) describe(f facts) error {
	text, err := yaml.Marshal(f)
	if err != nil {
		return err
	}
	s.result["facts.yaml"] = text
	s.result["README.md"] = []byte(f.readme(s.result))
	return nil
}

// readme is the recording's README.md.
func (f facts) readme(files map[string][]byte) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# A recording of examples/checkout\n\n"+
		"A real Prometheus %s scraped real instances of `examples/checkout` every %s, while a script changed the load and the number of\n"+
		"instances. `make recording` made it; `examples/checkout/recording` is how. The series were measured, nothing in them was computed or edited:\n"+
		"each `NAME.json.gz` is the server's own answer to `query_range` for that metric, with a step of %s.\n\n", f.Prometheus, f.Step, f.Step)
	f.writeSetting(&b)
	f.writeFigures(&b)
	f.writeScript(&b)
	b.WriteString("\n## Files\n\n| file | bytes |\n|---|---:|\n")
	var names []string
	total := 0
	for name := range files {
		names = append(names, name)
		total += len(files[name])
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&b, "| `%s` | %d |\n", name, len(files[name]))
	}
	fmt.Fprintf(&b, "| all | %d |\n", total)
	return b.String()
}

func (f facts) writeSetting(b *strings.Builder) {
	fmt.Fprintf(b, "## How\n\n"+
		"- **Pods** are processes of the service on loopback, each in a control group of its own, capped at %g CPU by %s\n"+
		"  (period 100 ms), as the kubelet caps a container with `limits.cpu: %dm`. Requests are declared equal to limits. Memory is declared (64Mi), not capped.\n"+
		"- **Machine**: %s, %d CPUs, of which everything ran on %d; %s.\n"+
		"- **Service**: requests go to one of the ready pods, each with equal chance, as kube-proxy picks for a new connection. Readiness is probed\n"+
		"  every second. A pod that is removed gets SIGTERM at once, while requests reach it for one more second; it leaves when it has answered them.\n"+
		"- **Load** is open loop: a Poisson process (seed %d) with the rate below, 70 %% `POST /checkout` and 30 %% `GET /quote` (a quarter of the work).\n"+
		"- **Other jobs**: `container_*` is read from the control groups, under cAdvisor's names; `container_memory_working_set_bytes` is the\n"+
		"  resident memory of the pod's one process. `kube_*` is what kube-state-metrics would say, `node_*` what node_exporter would,\n"+
		"  and `load_*` what the load generator sent: the demand, also where pods shed it.\n"+
		"- A pod's own series end when Prometheus learns that it is gone; for a scrape or two before, `up` may be 0.\n\n",
		f.CPULimit, f.CPUCap, int(f.CPULimit*1000+.5), f.CPUModel, f.CPUs, f.CPUsUsed, f.Go, f.Seed)
}

func (f facts) writeFigures(b *strings.Builder) {
	l := f.Load
	fmt.Fprintf(b, "## Measured\n\n"+
		"- Requests sent %d: answered %d, shed with 503 %d, **lost %d**. Pods that did not end cleanly: %d.\n"+
		"- Requests were sent late by %.1f ms at the 99th percentile, %.1f ms at most.\n"+
		"- The CPUs in use were busy for %.1f %% of the time, %.1f %% in the busiest minute; %.1f %% of the minutes\n"+
		"  were above 70 %%. The recording's own work was %.1f %%, at most %.1f %% in a minute; the rest was other work on the machine, which\n"+
		"  the recording's control group outweighs 16 to 1.\n\n",
		l.Sent, l.OK, l.Shed, l.Lost, l.UncleanPods, l.LateP99Milli, l.LateMaxMilli,
		f.Busy.Mean*100, f.Busy.MaxMinute*100, f.Busy.Above70*100, f.Busy.OwnMean*100, f.Busy.OwnMaxMinute*100)
}

func (f facts) writeScript(b *strings.Builder) {
	b.WriteString("## Script\n\nTimes are minutes:seconds from `scriptStart` in `facts.yaml`; load in requests/s; pods as `spec.replicas`.\n\n" +
		"| at | load | pods | |\n|---:|---|---|---|\n")
	for _, r := range f.Script {
		pods := ""
		if r.Pods > 0 {
			pods = fmt.Sprint(r.Pods)
		}
		if r.Rollout {
			pods += ", rollout"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", r.At, r.Load, pods, r.Note)
	}
}
