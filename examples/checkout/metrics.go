package main

import (
	"database/sql"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics is what the service shows of its load.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec   // every answered request, by its real status
	duration *prometheus.HistogramVec // seconds from the first byte of the handler to its end, waiting included
	shed     *prometheus.CounterVec   // requests refused because no slot came free in time
	inFlight prometheus.Gauge         // requests admitted and not yet answered
}

func newMetrics(o options, db *sql.DB) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "http_requests_total", Help: "Requests answered, by path, method and status.",
		}, []string{"path", "method", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_request_duration_seconds", Help: "Time to answer a request, waiting for a slot included.",
			Buckets: []float64{.0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}, []string{"path", "method", "status"}),
		shed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "http_requests_shed_total", Help: "Requests refused with 503 because no slot came free in time.",
		}, []string{"path"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "http_requests_in_flight", Help: "Requests admitted and not yet answered.",
		}),
	}
	limit := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "http_requests_in_flight_limit", Help: "Requests that are admitted at the same time.",
	})
	limit.Set(float64(o.maxInFlight))
	m.registry.MustRegister(m.requests, m.duration, m.shed, m.inFlight, limit,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewDBStatsCollector(db, "ledger"))
	// A counter that appears with its first event hides that event from rate():
	// the ones that every instance will need start at 0.
	for _, r := range []struct{ path, method string }{{"/checkout", http.MethodPost}, {"/quote", http.MethodGet}} {
		m.requests.WithLabelValues(r.path, r.method, "200")
		m.requests.WithLabelValues(r.path, r.method, "503")
		m.shed.WithLabelValues(r.path)
	}
	return m
}

// instrument counts and times the requests of one route. The route, not the
// URL, is the path label: a client must not be able to create series.
func (m *metrics) instrument(route string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		rec := &statusRecorder{ResponseWriter: w}
		method := knownMethod(r.Method)
		finished := false
		defer func() {
			status := strconv.Itoa(rec.seen(finished))
			m.requests.WithLabelValues(route, method, status).Inc()
			m.duration.WithLabelValues(route, method, status).Observe(time.Since(start).Seconds())
		}()
		next.ServeHTTP(rec, r)
		finished = true
	})
}

func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut,
		http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// statusRecorder remembers the status that went to the client.
type statusRecorder struct {
	http.ResponseWriter
	status int // 0 until the header was written
}

func (s *statusRecorder) WriteHeader(code int) {
	// 1xx headers are followed by the real one, except 101, which is final.
	if s.status == 0 && (code >= 200 || code == http.StatusSwitchingProtocols) {
		s.status = code
	}
	s.ResponseWriter.WriteHeader(code)
}

func (s *statusRecorder) Write(p []byte) (int, error) {
	if s.status == 0 {
		s.status = http.StatusOK
	}
	return s.ResponseWriter.Write(p)
}

// seen is the status as the client saw it: a handler that wrote nothing
// answered 200, and one that panicked first answered 500 in effect, as the
// server drops the connection.
func (s *statusRecorder) seen(finished bool) int {
	switch {
	case s.status != 0:
		return s.status
	case finished:
		return http.StatusOK
	}
	return http.StatusInternalServerError
}

// Unwrap lets http.ResponseController reach the connection.
func (s *statusRecorder) Unwrap() http.ResponseWriter { return s.ResponseWriter }
