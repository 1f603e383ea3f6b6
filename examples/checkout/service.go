package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// service is one instance.
type service struct {
	opts    options
	log     *slog.Logger
	db      *sql.DB
	metrics *metrics
	limiter limiter
	phase   atomic.Int32 // a phase value; it only grows
}

// The life of an instance.
const (
	starting int32 = iota
	serving
	draining
)

func newService(o options, log *slog.Logger) *service {
	db := openLedger(o.poolSize)
	return &service{
		opts: o, log: log, db: db,
		metrics: newMetrics(o, db),
		limiter: newLimiter(o.maxInFlight, o.maxWait),
	}
}

// handler is the main port. Probes are outside of limiter and metrics: they
// are not load, and a busy instance is not a dead one.
func (s *service) handler() http.Handler {
	mux := http.NewServeMux()
	for route, h := range map[string]http.HandlerFunc{"/checkout": s.checkout, "/quote": s.quote} {
		mux.Handle(route, s.metrics.instrument(route, s.limit(route, h)))
	}
	mux.Handle("/", s.metrics.instrument("other", http.NotFoundHandler()))
	mux.HandleFunc("/livez", func(w http.ResponseWriter, _ *http.Request) { say(w, "alive") })
	mux.HandleFunc("/readyz", s.readyz)
	return s.closeWhileDraining(mux)
}

func (s *service) readyz(w http.ResponseWriter, _ *http.Request) {
	switch s.phase.Load() {
	case serving:
		say(w, "ready")
	case starting:
		http.Error(w, "starting", http.StatusServiceUnavailable)
	default:
		http.Error(w, "shutting down", http.StatusServiceUnavailable)
	}
}

// say answers 200. A client that has gone away by now misses nothing.
func say(w io.Writer, text string) { _, _ = io.WriteString(w, text+"\n") }

// closeWhileDraining asks clients to leave after their next answer. A Service
// balances connections, not requests: a client that keeps its connection would
// stay with this instance until the connection breaks under a request.
func (s *service) closeWhileDraining(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.phase.Load() == draining {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

func (s *service) metricsHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	return mux
}

// run serves until ctx ends, then drains. It returns nil when every request
// that was accepted has been answered.
func run(ctx context.Context, o options, log *slog.Logger) (err error) {
	s := newService(o, log)
	defer func() { err = errors.Join(err, s.db.Close()) }()
	app, err := listen(o.httpAddr, s.handler())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, app.Close()) }()
	telemetry, err := listen(o.metricsAddr, s.metricsHandler())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, telemetry.Close()) }()
	log.Info("listening", "http", app.addr, "metrics", telemetry.addr)

	go s.warmUp(ctx)
	select {
	case <-ctx.Done():
	case err := <-app.failed:
		return err
	case err := <-telemetry.failed:
		return err
	}
	return s.shutDown(app, telemetry)
}

// warmUp does what a service does before it can serve well: it fills caches.
// Here it verifies the signature chain of the catalogue.
func (s *service) warmUp(ctx context.Context) {
	if _, err := sign(ctx, products, s.opts.warmRounds); err != nil {
		return // told to stop before it was ready
	}
	if s.phase.CompareAndSwap(starting, serving) {
		s.log.Info("ready")
	}
}

// shutDown fails readiness, keeps serving until everyone has had the time to
// notice, stops accepting, and waits for what is in flight. The metrics port
// goes last, so that the end can be seen.
func (s *service) shutDown(app, telemetry *server) error {
	s.phase.Store(draining)
	s.log.Info("draining", "delay", s.opts.drainDelay.String())
	ctx, cancel := context.WithTimeout(context.Background(), s.opts.shutdownTimeout)
	defer cancel()

	select {
	case <-time.After(s.opts.drainDelay):
	case err := <-app.failed:
		return err
	}
	if err := app.Shutdown(ctx); err != nil {
		return fmt.Errorf("requests still in flight after %s: %w", s.opts.shutdownTimeout, err)
	}
	s.log.Info("drained")
	return telemetry.Shutdown(ctx)
}

// server is an http.Server that listens already.
type server struct {
	*http.Server
	addr   string
	failed chan error // receives at most one error, never ErrServerClosed
}

func listen(addr string, h http.Handler) (*server, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	s := &server{
		Server: &http.Server{
			Handler:           h,
			ReadHeaderTimeout: 5 * time.Second,
			ReadTimeout:       15 * time.Second,
			IdleTimeout:       time.Minute,
			MaxHeaderBytes:    16 << 10,
		},
		addr:   l.Addr().String(),
		failed: make(chan error, 1),
	}
	go func() {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	}()
	return s, nil
}
