package main

import (
	"context"
	"net/http"
	"time"
)

// limiter bounds the requests that are worked on at the same time, so that
// neither this instance nor what all instances share is overrun. What finds no
// slot waits for a short time and is then shed: an early 503 is kinder than a
// late one, and retries find another instance.
type limiter struct {
	slots   chan struct{}
	maxWait time.Duration
}

func newLimiter(maxInFlight int, maxWait time.Duration) limiter {
	return limiter{slots: make(chan struct{}, maxInFlight), maxWait: maxWait}
}

// acquire reports whether a slot was taken; the caller must release it then.
func (l limiter) acquire(ctx context.Context) bool {
	select {
	case l.slots <- struct{}{}:
		return true
	default:
	}
	timer := time.NewTimer(l.maxWait)
	defer timer.Stop()
	select {
	case l.slots <- struct{}{}:
		return true
	case <-timer.C:
		return false
	case <-ctx.Done():
		return false
	}
}

func (l limiter) release() { <-l.slots }

// limit admits requests to next, or sheds them and counts that.
func (s *service) limit(route string, next http.Handler) http.Handler {
	shed := s.metrics.shed.WithLabelValues(route)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.limiter.acquire(r.Context()) {
			shed.Inc()
			w.Header().Set("Retry-After", "1")
			http.Error(w, "busy: no free slot in time", http.StatusServiceUnavailable)
			return
		}
		s.metrics.inFlight.Inc()
		defer func() {
			s.metrics.inFlight.Dec()
			s.limiter.release()
		}()
		next.ServeHTTP(w, r)
	})
}
