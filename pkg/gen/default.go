package gen

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Default fills in everything that was left out. It changes nothing that was
// set, and calling it twice is calling it once.
func (s *ElasticService) Default() {
	p := &s.Spec
	p.Ports.HTTP = or(p.Ports.HTTP, 8080)
	p.Ports.Metrics = or(p.Ports.Metrics, 8081)
	p.Resources.defaults()
	p.Monitoring.defaults()
	p.Probes.Startup.defaults("/livez", time.Second, 60)
	p.Probes.Readiness.defaults("/readyz", 5*time.Second, 2)
	p.Probes.Liveness.defaults("/livez", 10*time.Second, 3)
	p.Shutdown.defaults()
	if p.Concurrency != nil {
		p.Concurrency.Env = orText(p.Concurrency.Env, "CONCURRENCY_LIMIT")
	}
	p.Scaling.defaults(p.Monitoring)
	if p.Availability.MaxUnavailable == nil {
		tenth := intstr.FromString("10%")
		p.Availability.MaxUnavailable = &tenth
	}
	if p.Availability.Spread == nil {
		p.Availability.Spread = []string{corev1.LabelHostname, corev1.LabelTopologyZone}
	}
}

// defaults make the memory limit equal to the request, so that a node never
// promises memory it has not got, and set no CPU limit: throttling shows as
// latency, and the share a pod is sure of is its request. A lone limit stands
// for the request too, as the API server has it.
func (r *Resources) defaults() {
	requests, limits := corev1.ResourceList{}, corev1.ResourceList{}
	for name, q := range r.Limits {
		limits[name] = q
		requests[name] = q
	}
	for name, q := range r.Requests {
		requests[name] = q
	}
	if _, ok := requests[corev1.ResourceCPU]; !ok {
		requests[corev1.ResourceCPU] = resource.MustParse("500m")
	}
	if _, ok := requests[corev1.ResourceMemory]; !ok {
		requests[corev1.ResourceMemory] = resource.MustParse("256Mi")
	}
	if _, ok := limits[corev1.ResourceMemory]; !ok {
		limits[corev1.ResourceMemory] = requests[corev1.ResourceMemory]
	}
	r.Requests, r.Limits = requests, limits
}

func (p *Probe) defaults(path string, period time.Duration, failures int32) {
	if p.Disabled {
		return
	}
	p.Path = orText(p.Path, path)
	p.Port = orText(p.Port, portHTTP)
	p.Period = or(p.Period, Duration(period))
	p.Timeout = or(p.Timeout, Duration(time.Second))
	p.Failures = or(p.Failures, failures)
}

func (s *Shutdown) defaults() {
	s.PreStop = or(s.PreStop, Duration(10*time.Second))
	s.Env = orText(s.Env, defaultShutdownEnv)
	s.Timeout = or(s.Timeout, Duration(30*time.Second))
	s.Grace = or(s.Grace, roundUp(*s.PreStop+*s.Timeout)+Duration(5*time.Second))
}

// roundUp makes whole seconds.
func roundUp(d Duration) Duration {
	if rest := d % Duration(time.Second); rest != 0 {
		return d - rest + Duration(time.Second)
	}
	return d
}

func (m *Monitoring) defaults() {
	m.Path = orText(m.Path, "/metrics")
	m.Interval = or(m.Interval, Duration(15*time.Second))
	m.Requests = orText(m.Requests, "http_requests_total")
	m.Status = orText(m.Status, "status")
	m.Durations = orText(m.Durations, "http_request_duration_seconds")
	m.InFlight = orText(m.InFlight, "http_requests_in_flight")
}

func (s *Scaling) defaults(m Monitoring) {
	s.Min = or(s.Min, 2)
	s.Max = or(s.Max, 10)
	if s.MetricsVia == "" {
		s.MetricsVia = ViaAdapter
	}
	if len(s.Metrics) == 0 {
		cpu := Scalar("60%")
		s.Metrics = []Metric{{CPU: &cpu}}
	}
	for i := range s.Metrics {
		r := s.Metrics[i].RPS
		if r == nil {
			continue
		}
		r.Counter = orText(r.Counter, m.Requests)
		// Four scrapes: a rate needs two, and one or two may be missed.
		r.Window = or(r.Window, 4**m.Interval)
	}
	if s.HighLoad != nil {
		s.HighLoad.Gauge = orText(s.HighLoad.Gauge, "high_load")
		s.HighLoad.Env = orText(s.HighLoad.Env, "HIGH_LOAD_LATENCY")
	}
}

// or is a pointer to the value, or to a default where there is none.
func or[T any](p *T, def T) *T {
	if p == nil {
		return &def
	}
	return p
}

func orText(s, def string) string {
	if s == "" {
		return def
	}
	return s
}
