package scenario

import (
	"fmt"
	"time"

	"github.com/elasticctl/elasticctl/internal/fit"
)

// minStarts is how many pods must have been seen to start, so that others are
// taken to start as they did.
const minStarts = 5

// startups lets pods start as those born within the recording did, unless
// somebody says otherwise.
func (b *builder) startups(p *piece) {
	if b.set.readyGiven {
		return
	}
	s := fit.StartsOf(p.rec, fit.Options{Namespace: b.request.Namespace, Workload: b.workload()})
	if s == nil || s.Born == 0 || s.Ready.From == "" {
		return
	}
	out := &b.set.pods
	if n := len(s.Ready.Times); n < minStarts {
		b.note("creation to Ready: %s, the default; only %s of those born within the recording became Ready, fewer than %d", lengthText(out.Ready), podsText(n), minStarts)
		return
	}
	out.Spread.Ready = thinned(s.Ready.Times)
	text := takenText(&s.Ready)
	if s.Unready > 0 {
		text += fmt.Sprintf("; %s more never were Ready", podsText(s.Unready))
	}
	b.note("creation to Ready: in place of %s (--ready), each pod draws %s", lengthText(out.Ready), text)
	if !b.set.pendingGiven && len(s.Running.Times) >= minStarts && s.Running.Worst() > 0 {
		out.Spread.Pending = thinned(s.Running.Times)
		b.note("creation to Running: in place of %s, each pod draws %s", lengthText(out.Pending), takenText(&s.Running))
	}
	b.out.World.Pods.Spread = out.Spread
}

// takenText tells what was recorded.
func takenText(t *fit.Taken) string {
	known := ""
	if t.Within > 0 {
		known = "; the scrapes around it are " + lengthText(t.Within) + " apart, and it counts in their middle"
	}
	return fmt.Sprintf("from what %s born within the recording took: median %s, worst %s, by %s%s",
		podsText(len(t.Times)), lengthText(t.Median()), lengthText(t.Worst()), t.From, known)
}

// podsText counts pods.
func podsText(n int) string {
	if n == 1 {
		return "one pod"
	}
	return fmt.Sprintf("%d pods", n)
}

// thinned are at most as many times as a list may have, evenly chosen.
func thinned(times []time.Duration) []time.Duration {
	if len(times) <= maxDelays {
		return times
	}
	out := make([]time.Duration, maxDelays)
	for i := range out {
		out[i] = times[(2*i+1)*len(times)/(2*maxDelays)]
	}
	return out
}

// startTakes is how long a pod runs before it is Ready, on average.
func (set *settings) startTakes() time.Duration {
	p := &set.pods
	parts := max(1, len(p.Spread.Pending)) * max(1, len(p.Spread.Ready))
	var sum float64
	for k := range parts {
		sum += max(0, float64(drawnAt(p.Spread.Ready, p.Ready, k, parts)-drawnAt(p.Spread.Pending, p.Pending, k, parts)))
	}
	return time.Duration(sum / float64(parts))
}
