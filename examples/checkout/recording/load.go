//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// outcomes counts what became of the requests.
type outcomes struct {
	planned int
	sent    atomic.Int64
	ok      atomic.Int64 // 200
	shed    atomic.Int64 // 503 with Retry-After: refused, and said so
	lost    atomic.Int64 // no answer at all, or one that is neither of the two

	mu   sync.Mutex
	late []time.Duration // how far behind plan each request was sent
}

// lateness is the quantile q of how far behind plan requests were sent.
func (o *outcomes) lateness(q float64) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.late) == 0 {
		return 0
	}
	sorted := slices.Clone(o.late)
	slices.Sort(sorted)
	return sorted[int(q*float64(len(sorted)-1))]
}

// generator sends planned requests to the fleet at their time.
type generator struct {
	fleet  *fleet
	client *http.Client
	outcomes
}

func newGenerator(f *fleet) *generator {
	return &generator{fleet: f, client: &http.Client{
		Timeout: 15 * time.Second,
		Transport: &http.Transport{
			MaxIdleConnsPerHost: 64,
			IdleConnTimeout:     10 * time.Second,
			DisableCompression:  true,
		},
	}}
}

// run sends every arrival and waits for the last answer. Each request has a
// goroutine of its own: a slow answer delays nobody else.
func (g *generator) run(ctx context.Context, start time.Time, plan []arrival) {
	var open sync.WaitGroup
	defer open.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for _, a := range plan {
		due := start.Add(a.at)
		if wait := time.Until(due); wait > 0 {
			timer.Reset(wait)
			select {
			case <-timer.C:
			case <-ctx.Done():
				return
			}
		}
		g.noteLateness(time.Since(due))
		g.sent.Add(1)
		open.Go(func() { g.send(ctx, a) })
	}
}

func (g *generator) noteLateness(d time.Duration) {
	g.mu.Lock()
	g.late = append(g.late, d)
	g.mu.Unlock()
}

func (g *generator) send(ctx context.Context, a arrival) {
	p := g.fleet.pick(a.pick)
	if p == nil {
		g.lose("no pod is ready")
		return
	}
	resp, err := g.client.Do(request(ctx, p.http, a))
	if err == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	switch {
	case ctx.Err() != nil: // the recording was broken off
	case err == nil && resp.StatusCode == http.StatusOK:
		g.ok.Add(1)
	case err == nil && resp.StatusCode == http.StatusServiceUnavailable && resp.Header.Get("Retry-After") != "":
		g.shed.Add(1)
	case err != nil:
		g.lose(p.name + ": " + err.Error())
	default:
		g.lose(p.name + ": " + resp.Status)
	}
}

// lose counts a lost request and says why, for the first ones.
func (g *generator) lose(why string) {
	if g.lost.Add(1) <= 20 {
		fmt.Fprintln(os.Stderr, "lost a request:", why)
	}
}

func request(ctx context.Context, addr string, a arrival) *http.Request {
	sku := strconv.FormatInt(a.sku, 10)
	var r *http.Request
	var err error
	if a.quote {
		r, err = http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/quote?quantity=1&sku="+sku, nil)
	} else {
		body := strings.NewReader(`{"items":[{"sku":` + sku + `,"quantity":2},{"sku":7,"quantity":10}]}`)
		r, err = http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+"/checkout", body)
	}
	if err != nil {
		panic(err) // the address came from a listener, so it is a valid URL
	}
	return r
}
