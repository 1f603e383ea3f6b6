//go:build linux

package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// promServer is a Prometheus that this tool started.
type promServer struct {
	proc    *process
	url     string
	version string
}

const promConfig = `global:
  scrape_interval: %[1]s
  scrape_timeout: %[2]s
scrape_configs:
- job_name: checkout
  file_sd_configs: [{files: [%[3]q], refresh_interval: 5s}]
- job_name: kubelet
  metrics_path: /metrics/cadvisor
  honor_labels: true
  static_configs: [{targets: [%[4]q]}]
- job_name: kube-state-metrics
  metrics_path: /metrics/state
  honor_labels: true
  static_configs: [{targets: [%[4]q]}]
- job_name: node-exporter
  metrics_path: /metrics/node
  static_configs: [{targets: [%[4]q]}]
- job_name: load-generator
  metrics_path: /metrics/load
  static_configs: [{targets: [%[4]q]}]
`

// writePromConfig writes the configuration and an empty list of pods.
func writePromConfig(dir, cluster string, interval time.Duration) error {
	targets := filepath.Join(dir, "targets.json")
	text := fmt.Sprintf(promConfig, interval, interval*4/5, targets, cluster)
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(text), 0o644),
		os.WriteFile(targets, []byte("[]"), 0o644))
}

// startPrometheus runs it with its configuration and data in dir, and waits until it is ready.
func startPrometheus(ctx context.Context, g group, program, dir string) (*promServer, error) {
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "prometheus.log"))
	if err != nil {
		return nil, err
	}
	s := &promServer{url: "http://" + addr, version: versionOf(program)}
	s.proc, err = start(g, func(line string) { _, _ = fmt.Fprintln(log, line) }, program,
		"--config.file="+filepath.Join(dir, "prometheus.yml"), "--web.listen-address="+addr,
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--log.level=warn")
	if err != nil {
		return nil, err
	}
	for range 300 {
		if _, err = s.get(ctx, "/-/ready", nil); err == nil {
			return s, nil
		}
		select {
		case <-s.proc.exited:
			err = errors.New("it ended")
		case <-ctx.Done():
			err = ctx.Err()
		case <-time.After(100 * time.Millisecond):
			continue
		}
		break
	}
	s.proc.stop(0)
	tail, _ := os.ReadFile(log.Name())
	return nil, fmt.Errorf("prometheus did not become ready: %w\n%s", err, tail)
}

// freeAddress is a loopback address that was free a moment ago.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (s *promServer) get(ctx context.Context, path string, query url.Values) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path+"?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s: %s", path, resp.Status, strings.TrimSpace(string(body)))
	}
	return body, err
}

// versionOf is the module version a Go binary was built from.
func versionOf(program string) string {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return "of unknown version"
	}
	return info.Main.Version
}

// exported are the series of the recording: a file each.
func exported() []string {
	return []string{
		"up",
		"http_requests_total", "http_requests_shed_total",
		"http_requests_in_flight", "http_requests_in_flight_limit",
		"http_request_duration_seconds_bucket", "http_request_duration_seconds_sum", "http_request_duration_seconds_count",
		"process_cpu_seconds_total", "process_resident_memory_bytes",
		"container_cpu_usage_seconds_total", "container_cpu_cfs_periods_total",
		"container_cpu_cfs_throttled_periods_total", "container_cpu_cfs_throttled_seconds_total",
		"container_memory_working_set_bytes", "container_start_time_seconds",
		"kube_pod_created", "kube_pod_owner", "kube_pod_status_ready",
		"kube_pod_container_resource_requests", "kube_pod_container_resource_limits",
		"kube_deployment_spec_replicas", "kube_deployment_status_replicas", "kube_deployment_status_replicas_ready",
		"node_cpu_seconds_total",
		"load_requests_sent_total", "load_requests_total",
	}
}

// span is the time that is exported, in whole steps.
type span struct {
	start, end time.Time
	step       time.Duration
}

// export asks for one metric over the span and returns the server's answer as
// it is, after a look at whether it is one.
func (s *promServer) export(ctx context.Context, metric string, over span) ([]byte, error) {
	body, err := s.get(ctx, "/api/v1/query_range", url.Values{
		"query": {metric},
		"start": {strconv.FormatInt(over.start.Unix(), 10)},
		"end":   {strconv.FormatInt(over.end.Unix(), 10)},
		"step":  {over.step.String()},
	})
	if err != nil {
		return nil, err
	}
	var answer struct {
		Status   string
		Warnings []string
		Data     struct{ Result []json.RawMessage }
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("%s: %w", metric, err)
	}
	if answer.Status != "success" || len(answer.Warnings) > 0 || len(answer.Data.Result) == 0 {
		return nil, fmt.Errorf("%s: status %s, %d series, warnings %q", metric, answer.Status, len(answer.Data.Result), answer.Warnings)
	}
	return body, nil
}

// compress is gzip without name and time, so that equal input gives equal output.
func compress(text []byte) ([]byte, error) {
	var buf bytes.Buffer
	w, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
