package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// small are options under which a request costs next to nothing.
func small(t *testing.T, args ...string) options {
	t.Helper()
	o, err := parseOptions(append([]string{"--rounds=8", "--warm-rounds=0"}, args...), noEnv, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func noEnv(string) string { return "" }

func newTestService(t *testing.T, args ...string) *service {
	t.Helper()
	s := newService(small(t, args...), slog.New(slog.DiscardHandler))
	t.Cleanup(func() { _ = s.db.Close() })
	s.phase.Store(serving)
	return s
}

func ask(s *service, method, target, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.handler().ServeHTTP(w, httptest.NewRequest(method, target, strings.NewReader(body)))
	return w
}

// value is the value of one series, or -1 when there is none.
func value(t *testing.T, s *service, name string, labels map[string]string) float64 {
	t.Helper()
	families, err := s.metrics.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			found := 0
			for _, l := range m.GetLabel() {
				if v, ok := labels[l.GetName()]; ok && v == l.GetValue() {
					found++
				}
			}
			if f.GetName() == name && found == len(labels) {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return -1
}

func TestEachAnswerIsCountedUnderItsRealStatus(t *testing.T) {
	for _, tt := range []struct {
		name, method, target, body string
		status                     int
		path, label                string
	}{
		{"basket", "POST", "/checkout", `{"items":[{"sku":7,"quantity":2}]}`, 200, "/checkout", "POST"},
		{"quote", "GET", "/quote?sku=7&quantity=2", "", 200, "/quote", "GET"},
		{"not JSON", "POST", "/checkout", `items`, 400, "/checkout", "POST"},
		{"too large", "POST", "/checkout", `{"items":[` + strings.Repeat(" ", maxBasketBytes) + `]}`, 400, "/checkout", "POST"},
		{"empty basket", "POST", "/checkout", `{}`, 422, "/checkout", "POST"},
		{"unknown product", "GET", "/quote?sku=100000&quantity=1", "", 422, "/quote", "GET"},
		{"no quantity", "GET", "/quote?sku=7", "", 400, "/quote", "GET"},
		{"quantity beyond the limit", "GET", "/quote?sku=7&quantity=1001", "", 422, "/quote", "GET"},
		{"wrong method", "PUT", "/checkout", "", 405, "/checkout", "PUT"},
		{"made-up method", "BREW", "/quote", "", 405, "/quote", "other"},
		{"made-up path", "GET", "/wp-login.php", "", 404, "other", "GET"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newTestService(t)
			w := ask(s, tt.method, tt.target, tt.body)
			if w.Code != tt.status {
				t.Errorf("status %d, want %d: %s", w.Code, tt.status, w.Body)
			}
			labels := map[string]string{"path": tt.path, "method": tt.label, "status": strconv.Itoa(tt.status)}
			if got := value(t, s, "http_requests_total", labels); got != 1 {
				t.Errorf("http_requests_total%v = %v, want 1", labels, got)
			}
			if got := value(t, s, "http_request_duration_seconds", labels); got != 1 {
				t.Errorf("http_request_duration_seconds_count%v = %v, want 1", labels, got)
			}
		})
	}
}

func TestAPanicIsCountedAsAnError(t *testing.T) {
	s := newTestService(t)
	h := s.metrics.instrument("/boom", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	func() {
		defer func() { _ = recover() }()
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/boom", nil))
	}()
	if got := value(t, s, "http_requests_total", map[string]string{"path": "/boom", "status": "500"}); got != 1 {
		t.Errorf("500s counted: %v, want 1", got)
	}
}

func TestPriceHasDiscountTaxAndRounding(t *testing.T) {
	s := newTestService(t)
	// SKU 1: 99 + 7919%200*100 = 11,999 cents; ×1 +19 % = 14,278.81 → 14,279.
	w := ask(s, "GET", "/quote?sku=1&quantity=1", "")
	if got := w.Body.String(); !strings.HasPrefix(got, `{"totalCents":14279,`) {
		t.Errorf("one piece: %s", got)
	}
	// Ten pieces: 119,990 × 0.95 × 1.19 = 135,648.695 → 135,649.
	w = ask(s, "POST", "/checkout", `{"items":[{"sku":1,"quantity":10}]}`)
	if got := w.Body.String(); !strings.HasPrefix(got, `{"totalCents":135649,`) {
		t.Errorf("ten pieces: %s", got)
	}
}

func TestSigningStopsWhenTheClientIsGone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sign(ctx, 1, 1<<40); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}

// With one CPU, what signs must let others run: else a request that has just
// arrived is not even read, and waits far longer than the limiter allows.
func TestSigningLetsOthersRun(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = sign(context.Background(), 1, 1024*1000)
	}()
	turns := 0
	for signing := true; signing; {
		select {
		case <-done:
			signing = false
		default:
			turns++
			runtime.Gosched()
		}
	}
	// It offers 1,000 turns; unasked, the scheduler would take one every 10 ms.
	if turns < 500 {
		t.Errorf("%d turns for others during a long signature", turns)
	}
}

func TestABusyInstanceShedsAndCounts(t *testing.T) {
	s := newTestService(t, "--max-in-flight=1", "--max-wait=0s")
	if !s.limiter.acquire(t.Context()) {
		t.Fatal("the only slot is not free")
	}
	w := ask(s, "GET", "/quote?sku=1&quantity=1", "")
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("busy: status %d, headers %v", w.Code, w.Header())
	}
	if got := value(t, s, "http_requests_shed_total", map[string]string{"path": "/quote"}); got != 1 {
		t.Errorf("shed: %v, want 1", got)
	}
	if got := value(t, s, "http_requests_total", map[string]string{"path": "/quote", "status": "503"}); got != 1 {
		t.Errorf("503s counted: %v, want 1", got)
	}
	for _, probe := range []string{"/livez", "/readyz"} {
		if w := ask(s, "GET", probe, ""); w.Code != 200 {
			t.Errorf("%s of a busy instance: %d", probe, w.Code)
		}
	}
	s.limiter.release()
	if w := ask(s, "GET", "/quote?sku=1&quantity=1", ""); w.Code != 200 {
		t.Errorf("free again: status %d", w.Code)
	}
	if got := value(t, s, "http_requests_in_flight", nil); got != 0 {
		t.Errorf("in flight afterwards: %v", got)
	}
}

func TestARequestWaitsForASlotAndNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(1, 250*time.Millisecond)
		l.acquire(t.Context())
		start := time.Now()
		if l.acquire(t.Context()) || time.Since(start) != 250*time.Millisecond {
			t.Errorf("admitted, or refused after %s", time.Since(start))
		}
		time.AfterFunc(100*time.Millisecond, l.release)
		start = time.Now()
		if !l.acquire(t.Context()) || time.Since(start) != 100*time.Millisecond {
			t.Errorf("not admitted at 100ms, but after %s", time.Since(start))
		}
	})
}

func TestThePoolStaysWithinItsSizeAndTheLedgerWithinIts(t *testing.T) {
	db := openLedger(2)
	t.Cleanup(func() { _ = db.Close() })
	for range 2 {
		c, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := db.Conn(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a third connection: %v", err)
	}

	var l ledger
	for range ledgerConnections {
		if _, err := l.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Connect(t.Context()); !errors.Is(err, errLedgerFull) {
		t.Errorf("beyond the ledger's limit: %v", err)
	}
}

func TestReadinessFollowsTheLifeOfAnInstance(t *testing.T) {
	s := newTestService(t)
	for _, tt := range []struct {
		phase   int32
		ready   int
		closing bool
	}{{starting, 503, false}, {serving, 200, false}, {draining, 503, true}} {
		s.phase.Store(tt.phase)
		if got := ask(s, "GET", "/readyz", "").Code; got != tt.ready {
			t.Errorf("phase %d: /readyz %d, want %d", tt.phase, got, tt.ready)
		}
		if got := ask(s, "GET", "/livez", "").Code; got != 200 {
			t.Errorf("phase %d: /livez %d", tt.phase, got)
		}
		w := ask(s, "GET", "/quote?sku=1&quantity=1", "")
		if closing := w.Header().Get("Connection") == "close"; w.Code != 200 || closing != tt.closing {
			t.Errorf("phase %d: status %d, closing %t; want 200, %t", tt.phase, w.Code, closing, tt.closing)
		}
	}
}

func TestOptionsComeFromFlagsThenEnvironmentThenDefaults(t *testing.T) {
	env := func(name string) string {
		return map[string]string{"CHECKOUT_MAX_IN_FLIGHT": "5", "CHECKOUT_POOL_SIZE": "6"}[name]
	}
	o, err := parseOptions([]string{"--pool-size=7"}, env, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if o.maxInFlight != 5 || o.poolSize != 7 || o.metricsAddr != ":8081" {
		t.Errorf("%+v", o)
	}
}

func TestBadOptionsAreRefusedWithAHint(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"--max-in-flight=0", "at least 1 request"},
		{"--pool-size=65", "1 to 64 connections"},
		{"--rounds=0", "at least 1 round"},
		{"--max-wait=-1s", "cannot be negative"},
		{"--shutdown-timeout=5s", "cut off"},
		{"serve", "unexpected argument"},
	} {
		var stderr bytes.Buffer
		if code := realMain(strings.Fields(tt.args), noEnv, &stderr); code != 2 || !strings.Contains(stderr.String(), tt.want) {
			t.Errorf("%s: exit %d, %s", tt.args, code, stderr.String())
		}
	}
	env := func(name string) string {
		if name == "CHECKOUT_DRAIN_DELAY" {
			return "soon"
		}
		return ""
	}
	if _, err := parseOptions(nil, env, io.Discard); err == nil || !strings.Contains(err.Error(), `CHECKOUT_DRAIN_DELAY="soon"`) {
		t.Errorf("bad environment: %v", err)
	}
}

func TestTheImageExposesTheDefaultPorts(t *testing.T) {
	text, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	o := small(t)
	want := "EXPOSE" + strings.ReplaceAll(o.httpAddr+o.metricsAddr, ":", " ")
	if !strings.Contains(string(text), want+"\n") || !strings.Contains(string(text), "\nFROM scratch\n") {
		t.Errorf("Dockerfile lacks %q or a last stage FROM scratch", want)
	}
}
