//go:build linux

package main

import (
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// collector is a prometheus.Collector without fixed descriptions: pods come and go.
type collector func(chan<- prometheus.Metric)

// Describe sends nothing, which makes the collector an unchecked one.
func (collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c collector) Collect(ch chan<- prometheus.Metric) { c(ch) }

// sample is one line of an exposition: names and values of its labels alternate.
func sample(kind prometheus.ValueType, name string, value float64, labels ...string) prometheus.Metric {
	var names, values []string
	for i := 0; i < len(labels); i += 2 {
		names, values = append(names, labels[i]), append(values, labels[i+1])
	}
	return prometheus.MustNewConstMetric(prometheus.NewDesc(name, name, names, nil), kind, value, values...)
}

// serveCluster serves what a cluster would tell of the fleet besides the pods
// themselves: the kubelet's cAdvisor (from the real control groups),
// kube-state-metrics, node_exporter, and the load generator's own counts.
func serveCluster(f *fleet, g *generator) (addr string, stop func(), err error) {
	mux := http.NewServeMux()
	for path, c := range map[string]collector{
		"/metrics/cadvisor": func(ch chan<- prometheus.Metric) { collectContainers(f, ch) },
		"/metrics/state":    func(ch chan<- prometheus.Metric) { collectState(f, ch) },
		"/metrics/node":     collectNode,
		"/metrics/load":     func(ch chan<- prometheus.Metric) { collectLoad(g, ch) },
	} {
		r := prometheus.NewRegistry()
		r.MustRegister(c)
		mux.Handle(path, promhttp.HandlerFor(r, promhttp.HandlerOpts{}))
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go s.Serve(l) //nolint:errcheck // it ends with ErrServerClosed
	return l.Addr().String(), func() { _ = s.Close() }, nil
}

// collectContainers is /metrics/cadvisor: container rows only, without the
// pod's and the sandbox's own.
func collectContainers(f *fleet, ch chan<- prometheus.Metric) {
	pods, _ := f.snapshot()
	for _, p := range pods {
		u, err := p.inner.usage()
		if err != nil {
			continue // it has just ended
		}
		id := []string{"namespace", namespace, "pod", p.name, "container", container}
		counter := func(name string, v float64, more ...string) {
			ch <- sample(prometheus.CounterValue, name, v, append(more, id...)...)
		}
		counter("container_cpu_usage_seconds_total", u.cpu.Seconds(), "cpu", "total")
		counter("container_cpu_cfs_periods_total", float64(u.periods))
		counter("container_cpu_cfs_throttled_periods_total", float64(u.throttledPeriods))
		counter("container_cpu_cfs_throttled_seconds_total", u.throttled.Seconds())
		if b, err := p.residentBytes(); err == nil {
			ch <- sample(prometheus.GaugeValue, "container_memory_working_set_bytes", float64(b), id...)
		}
		ch <- sample(prometheus.GaugeValue, "container_start_time_seconds", float64(p.created.Unix()), id...)
	}
}

// collectState is kube-state-metrics, as far as autoscaling needs it.
func collectState(f *fleet, ch chan<- prometheus.Metric) {
	pods, desired := f.snapshot()
	gauge := func(name string, v float64, labels ...string) {
		ch <- sample(prometheus.GaugeValue, name, v, append([]string{"namespace", namespace}, labels...)...)
	}
	live, ready := 0, 0
	for _, p := range pods {
		isReady := p.ready.Load()
		if !p.terminating.Load() {
			live++
			if isReady {
				ready++
			}
		}
		gauge("kube_pod_created", float64(p.created.Unix()), "pod", p.name)
		gauge("kube_pod_owner", 1, "pod", p.name, "owner_kind", "ReplicaSet", "owner_name", p.owner, "owner_is_controller", "true")
		gauge("kube_pod_status_ready", oneIf(isReady), "pod", p.name, "condition", "true")
		gauge("kube_pod_status_ready", oneIf(!isReady), "pod", p.name, "condition", "false")
		gauge("kube_pod_status_ready", 0, "pod", p.name, "condition", "unknown")
		for _, kind := range []string{"requests", "limits"} {
			name := "kube_pod_container_resource_" + kind
			gauge(name, f.spec.cores, "pod", p.name, "container", container, "resource", "cpu", "unit", "core")
			gauge(name, float64(f.spec.memory), "pod", p.name, "container", container, "resource", "memory", "unit", "byte")
		}
	}
	gauge("kube_deployment_spec_replicas", float64(desired), "deployment", deployment)
	gauge("kube_deployment_status_replicas", float64(live), "deployment", deployment)
	gauge("kube_deployment_status_replicas_ready", float64(ready), "deployment", deployment)
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// collectNode is node_exporter's CPU time, from /proc/stat.
func collectNode(ch chan<- prometheus.Metric) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return
	}
	for cpu, ticks := range parseStat(string(text)) {
		for i, mode := range cpuModes() {
			ch <- sample(prometheus.CounterValue, "node_cpu_seconds_total", float64(ticks[i])/ticksPerSecond,
				"cpu", strconv.Itoa(cpu), "mode", mode)
		}
	}
}

// ticksPerSecond is USER_HZ, which Linux fixes at 100 for everything it reports.
const ticksPerSecond = 100

// cpuModes are the first columns of a cpu line in /proc/stat.
func cpuModes() []string {
	return []string{"user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"}
}

// parseStat reads the lines cpu0, cpu1, … of /proc/stat.
func parseStat(text string) map[int][]int64 {
	out := map[int][]int64{}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < len(cpuModes())+1 || !strings.HasPrefix(fields[0], "cpu") {
			continue
		}
		cpu, err := strconv.Atoi(fields[0][len("cpu"):])
		if err != nil {
			continue // the sum of all
		}
		var ticks []int64
		for i := range cpuModes() {
			n, _ := strconv.ParseInt(fields[i+1], 10, 64)
			ticks = append(ticks, n)
		}
		out[cpu] = ticks
	}
	return out
}

// collectLoad is what the load generator knows and the pods cannot: what was asked.
func collectLoad(g *generator, ch chan<- prometheus.Metric) {
	ch <- sample(prometheus.CounterValue, "load_requests_sent_total", float64(g.sent.Load()))
	ch <- sample(prometheus.CounterValue, "load_requests_total", float64(g.ok.Load()), "outcome", "ok")
	ch <- sample(prometheus.CounterValue, "load_requests_total", float64(g.shed.Load()), "outcome", "shed")
	ch <- sample(prometheus.CounterValue, "load_requests_total", float64(g.lost.Load()), "outcome", "lost")
}
