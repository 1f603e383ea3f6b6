package sim

import (
	"math/bits"
	"time"
)

// Spread is how delays differ from pod to pod. A list holds what a delay may be,
// ascending, each as likely as any other; it stands in the place of the constant
// in Pods. An empty list leaves the constant.
//
// What a pod draws depends on nothing but Seed and its number in the order of
// creation, from 0 (of Termination: in the order of deletion), so that the k-th
// pod of two replays has the same luck. Pending and Ready are drawn with one luck:
// who runs late is Ready late.
type Spread struct {
	Seed                                      uint64
	Pending, Ready, MetricsDelay, Termination []time.Duration
}

// The lucks of a pod.
const (
	luckStart = iota
	luckMetrics
	luckEnd
	// lucks is how many there may be of one pod.
	lucks = 4
)

// draw is the entry of a list that the pod or deletion of a number draws, or
// constant where the list is empty. Its place is the high half of length × luck,
// and the luck output 4 × number + kind of a SplitMix64 (Steele, Lea and Flood)
// whose state begins as the first output of one that is seeded with the seed.
func draw(list []time.Duration, constant time.Duration, seed uint64, number int64, kind uint64) time.Duration {
	if len(list) == 0 {
		return constant
	}
	state := splitMix(seed + splitMixStep)
	luck := splitMix(state + (lucks*uint64(number)+kind+1)*splitMixStep)
	place, _ := bits.Mul64(uint64(len(list)), luck)
	return list[place]
}

// splitMixStep is by how much a SplitMix64's state grows with each output.
const splitMixStep = 0x9e3779b97f4a7c15

// splitMix is SplitMix64's output of a state.
func splitMix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// delays are those of one pod.
type delays struct {
	// pending is creation → Running, starts creation → Ready but for pending and
	// slow starts, and metrics the age of the first metric.
	pending, starts, metrics time.Duration
}

// delays are those of the pod of a number.
func (p *Pods) delays(number int64) delays {
	s := &p.Spread
	return delays{
		pending: draw(s.Pending, p.Pending, s.Seed, number, luckStart),
		starts:  draw(s.Ready, p.Ready, s.Seed, number, luckStart),
		metrics: draw(s.MetricsDelay, p.MetricsDelay, s.Seed, number, luckMetrics),
	}
}

// alike is how many of the n pods from a number on, at least one, have the first
// one's delays.
func (p *Pods) alike(number, n int64) int64 {
	if s := &p.Spread; len(s.Pending)+len(s.Ready)+len(s.MetricsDelay) == 0 {
		return n
	}
	first, run := p.delays(number), int64(1)
	for run < n && p.delays(number+run) == first {
		run++
	}
	return run
}

// longestStart is the longest time from creation to Ready that a pod can draw.
func (p *Pods) longestStart() time.Duration {
	longest := func(list []time.Duration, constant time.Duration) time.Duration {
		if len(list) > 0 {
			return list[len(list)-1]
		}
		return constant
	}
	return max(longest(p.Spread.Pending, p.Pending), longest(p.Spread.Ready, p.Ready))
}

// invalid says what is wrong with a spread, and with which of its lists.
func (s *Spread) invalid() (part, what string) {
	for _, l := range [...]struct {
		name string
		list []time.Duration
	}{
		{"pods' pending times", s.Pending},
		{"pods' ready times", s.Ready},
		{"pods' metrics delays", s.MetricsDelay},
		{"pods' terminations", s.Termination},
	} {
		for i, t := range l.list {
			if what := invalidTime(t); what != "" {
				return l.name, what
			}
			if i > 0 && l.list[i-1] > t {
				return l.name, "they do not ascend"
			}
		}
	}
	return "", ""
}
