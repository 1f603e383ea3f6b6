package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// The tests below run the service as real processes: this binary, told by its
// environment to be the service.
const actAsService = "CHECKOUT_TEST_ACT_AS_SERVICE"

func TestMain(m *testing.M) {
	if os.Getenv(actAsService) != "" {
		os.Exit(realMain(os.Args[1:], os.Getenv, os.Stderr))
	}
	os.Exit(m.Run())
}

// instance is a running process of the service.
type instance struct {
	cmd           *exec.Cmd
	http, metrics string // addresses
	exited        chan struct{}
	ready         atomic.Bool
}

func startInstance(t *testing.T, args ...string) *instance {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args = append([]string{"--http-addr=127.0.0.1:0", "--metrics-addr=127.0.0.1:0"}, args...)
	in := &instance{cmd: exec.Command(self, args...), exited: make(chan struct{})}
	in.cmd.Env = append(os.Environ(), actAsService+"=1")
	stderr, err := in.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := in.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.cmd.Process.Kill(); <-in.exited })
	lines := bufio.NewScanner(stderr)
	for in.http == "" && lines.Scan() {
		var line struct{ HTTP, Metrics string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("log line %q: %v", lines.Text(), err)
		}
		in.http, in.metrics = line.HTTP, line.Metrics
	}
	go func() {
		_, _ = io.Copy(io.Discard, stderr)
		_ = in.cmd.Wait() // its state is looked at instead
		close(in.exited)
	}()
	if in.http == "" {
		t.Fatal("the service ended before it listened")
	}
	return in
}

// signal sends SIGTERM or SIGKILL.
func (in *instance) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := in.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// exitCode waits for the end of the process; -1 means a signal ended it.
func (in *instance) exitCode() int {
	<-in.exited
	return in.cmd.ProcessState.ExitCode()
}

// poll asks a question until the answer is yes.
func poll(t *testing.T, what string, yes func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if yes() {
			return
		}
	}
	t.Fatalf("not after a minute: %s", what)
}

func isReady(in *instance) bool {
	resp, err := http.Get("http://" + in.http + "/readyz")
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// cluster is a Service: it watches readiness and hands requests to the ready
// instances in turn.
type cluster struct {
	instances []*instance
	next      atomic.Uint64
	client    http.Client
	ok        atomic.Int64
	mu        sync.Mutex
	failures  []string
}

// watch keeps each instance's readiness up to date until done is closed.
func (c *cluster) watch(done <-chan struct{}) {
	var all sync.WaitGroup
	for _, in := range c.instances {
		all.Go(func() {
			for {
				in.ready.Store(isReady(in))
				select {
				case <-done:
					return
				case <-time.After(5 * time.Millisecond):
				}
			}
		})
	}
	all.Wait()
}

func (c *cluster) pick() *instance {
	// One turn a request: others take theirs meanwhile, and must not make this
	// one pass over an instance.
	turn := c.next.Add(1)
	for i := range uint64(len(c.instances)) {
		in := c.instances[(turn+i)%uint64(len(c.instances))]
		if in.ready.Load() {
			return in
		}
	}
	return nil
}

// request sends one checkout. POST is not retried by net/http once it was
// written, so a broken connection shows.
func (c *cluster) request() {
	in := c.pick()
	if in == nil {
		c.fail("no instance is ready")
		return
	}
	err := checkoutAt(&c.client, in)
	if err != nil {
		c.fail(err.Error())
		return
	}
	c.ok.Add(1)
}

func (c *cluster) fail(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failures = append(c.failures, why)
}

func checkoutAt(client *http.Client, in *instance) error {
	body := strings.NewReader(`{"items":[{"sku":3,"quantity":4}]}`)
	resp, err := client.Post("http://"+in.http+"/checkout", "application/json", body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", resp.Status, text)
	}
	return err
}

func TestNoRequestIsLostWhileInstancesAreRemoved(t *testing.T) {
	c := &cluster{}
	for range 3 {
		c.instances = append(c.instances, startInstance(t, "--rounds=2000", "--warm-rounds=0", "--drain-delay=1s", "--max-wait=20s"))
	}
	done := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() { c.watch(done) })
	poll(t, "three instances ready", func() bool {
		return c.instances[0].ready.Load() && c.instances[1].ready.Load() && c.instances[2].ready.Load()
	})
	for range 4 {
		running.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					c.request()
				}
			}
		})
	}
	answered := func(more int64) {
		t.Helper()
		from := c.ok.Load()
		poll(t, "more answers", func() bool { return c.ok.Load() >= from+more })
	}

	answered(200)
	for _, in := range c.instances[:2] {
		in.signal(t, syscall.SIGTERM)
		if code := in.exitCode(); code != 0 {
			t.Errorf("a removed instance ended with %d", code)
		}
		answered(100)
	}
	close(done)
	running.Wait()
	if len(c.failures) > 0 {
		t.Errorf("%d requests lost of %d, the first: %s", len(c.failures), c.ok.Load(), c.failures[0])
	}
}

// inFlight starts an instance with one request being worked on, and returns
// where the request's outcome will be.
func inFlight(t *testing.T, args ...string) (*instance, <-chan error) {
	t.Helper()
	in := startInstance(t, append([]string{"--warm-rounds=0", "--drain-delay=0s"}, args...)...)
	poll(t, "ready", func() bool { return isReady(in) })
	outcome := make(chan error, 1)
	go func() { outcome <- checkoutAt(http.DefaultClient, in) }()
	poll(t, "a request in flight", func() bool { return strings.Contains(scrape(t, in), "\nhttp_requests_in_flight 1\n") })
	return in, outcome
}

func scrape(t *testing.T, in *instance) string {
	t.Helper()
	resp, err := http.Get("http://" + in.metrics + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestARequestInFlightIsAnsweredAfterTheDoorIsClosed(t *testing.T) {
	in, outcome := inFlight(t, "--rounds=3000000")
	in.signal(t, syscall.SIGTERM)
	poll(t, "connections refused", func() bool {
		conn, err := net.Dial("tcp", in.http)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
	if err := <-outcome; err != nil {
		t.Errorf("the request in flight: %v", err)
	}
	if code := in.exitCode(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// The counterpart: what the tests above would see if shutdown lost requests.
func TestAKilledInstanceLosesItsRequest(t *testing.T) {
	in, outcome := inFlight(t, "--rounds=2000000000")
	in.signal(t, syscall.SIGKILL)
	if err := <-outcome; err == nil {
		t.Error("the request was answered by a killed process")
	}
}

func TestARequestLongerThanTheTimeoutIsAnError(t *testing.T) {
	in, outcome := inFlight(t, "--rounds=2000000000", "--shutdown-timeout=50ms")
	in.signal(t, syscall.SIGTERM)
	if code := in.exitCode(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	if err := <-outcome; err == nil {
		t.Error("the request was answered within 50 ms")
	}
}
