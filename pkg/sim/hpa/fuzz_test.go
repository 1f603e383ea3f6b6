package hpa

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"
)

// stream reads numbers off fuzzed bytes, zeros after their end.
type stream struct{ data []byte }

func (s *stream) byte() byte {
	if len(s.data) == 0 {
		return 0
	}
	b := s.data[0]
	s.data = s.data[1:]
	return b
}

// number is small most of the time, and anything at all for the rest.
func (s *stream) number() int64 {
	b := s.byte()
	if b < 240 || len(s.data) < 8 {
		return int64(int8(b))
	}
	n := int64(binary.LittleEndian.Uint64(s.data))
	s.data = s.data[8:]
	return n
}

func (s *stream) bool() bool { return s.byte()&1 == 1 }

func (s *stream) duration() time.Duration { return time.Duration(s.number()) * time.Second / 4 }

func (s *stream) text() string { return []string{"", "", "", "busy"}[s.byte()&3] }

func (s *stream) rules() Rules {
	r := Rules{Stabilization: s.duration(), Select: SelectPolicy(s.byte() % 4)}
	for range s.byte() % 4 {
		r.Policies = append(r.Policies, Policy{PolicyType(s.byte() % 3), int32(s.number()), s.duration()})
	}
	return r
}

func (s *stream) spec() *Spec {
	p := profileOf(oldestMinor + int(s.byte())%(latestMinor-oldestMinor+1))
	p.ScaleToZero, p.ContainerResource = s.bool(), s.bool()
	spec := &Spec{
		Min: int32(s.number()), Max: int32(s.number()), HasBehavior: s.bool(), Up: s.rules(), Down: s.rules(),
		ToleranceUp: float64(s.number()) / 100, ToleranceDown: float64(s.number()) / 100,
	}
	spec.Controller = Controller{
		DownscaleStabilization: s.duration(), Tolerance: float64(s.number()) / 100,
		CPUInitializationPeriod: s.duration(), InitialReadinessDelay: s.duration(), Profile: p,
	}
	for range s.byte() % 4 {
		spec.Metrics = append(spec.Metrics, Metric{
			Source: Source(s.byte() % 7), Target: Target(s.byte() % 5), Goal: s.number(), CPU: s.bool(), BadSelector: s.text(),
		})
	}
	return spec
}

func (s *stream) observation(now time.Duration) *Observation {
	o := &Observation{
		Now: now, SpecReplicas: int32(s.number()), StatusReplicas: int32(s.number()),
		ScaleReadError: s.text(), ScaleWriteError: s.text(), SelectorError: SelectorError(s.byte() % 16),
	}
	for range s.byte() % 5 {
		o.Groups = append(o.Groups, Group{
			Pods: int32(s.number()), Phase: Phase(s.byte() % 5), Terminating: s.bool(), Ready: Readiness(s.byte() % 5),
			Started: s.bool(), Start: s.duration(), Transition: s.duration(), Unlisted: s.byte()%8 == 0,
		})
	}
	for range s.byte() % 4 {
		r := Reading{Error: s.text(), Empty: s.byte()%8 == 0, NoContainer: s.text()}
		for range s.byte() % 6 {
			r.Samples = append(r.Samples, Sample{
				Pods: int32(s.number()), Sum: s.number(), Timestamp: s.duration(), Window: s.duration(),
				Request: s.number(), NoRequest: s.text(),
			})
		}
		for range s.byte() % 4 {
			r.Values = append(r.Values, s.number())
		}
		o.Readings = append(o.Readings, r)
	}
	return o
}

// FuzzStep feeds whatever there is to Step: it must not panic, every message
// must render, and the same must come out twice.
func FuzzStep(f *testing.F) {
	f.Add([]byte{})
	for seed := range uint64(16) {
		g := newGenerator(seed)
		data := make([]byte, 200)
		for i := range data {
			data[i] = byte(g.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := &stream{data}
		one, two := NewState(1, 1), NewState(8, 8)
		now := time.Duration(0)
		for range 4 {
			spec := s.spec()
			_ = spec.Validate()
			for range 3 {
				now += s.duration()
				o := s.observation(now)
				d, e := spec.Step(one, o), spec.Step(two, o)
				if got, want := describe(&e, two), describe(&d, one); got != want {
					t.Fatalf("--- second\n%s--- first\n%s", got, want)
				}
			}
		}
		if !one.Equal(two) {
			t.Fatal("the states differ")
		}
	})
}

// FuzzAgainstTwin holds Step, on scenarios of any seed, to the naive twin, to the
// bounds, to itself on a shifted clock and to itself with a terse state.
func FuzzAgainstTwin(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		c := newScenario(t, seed)
		st, terse := NewState(3, 8), NewTerseState(3, 8)
		there := elsewhere{time.Duration(int64(seed)) >> 16, NewState(3, 8)}
		for n := range 30 {
			w := c.next()
			want := c.mirror(w)
			o := w.observe(c.generator, 1+n%3)
			d, short := c.spec.Step(st, o), c.spec.Step(terse, o)
			if got, want := decided(&short), decided(&d); got != want {
				t.Fatalf("seed %d, sync %d: terse\n%s, not\n%s", seed, n, got, want)
			}
			if got := describe(&d, st); got != want {
				t.Fatalf("seed %d, sync %d\n--- Step\n%s--- twin\n%s", seed, n, got, want)
			}
			if got := there.step(c.spec, o); got != want {
				t.Fatalf("seed %d, sync %d\n--- shifted\n%s--- here\n%s", seed, n, got, want)
			}
			if c.spec.leaves(&d) {
				t.Fatalf("seed %d, sync %d: wrote %d, outside %d to %d", seed, n, d.Desired, c.spec.Min, c.spec.Max)
			}
			if d.Scaled {
				c.replicas = d.Desired
			}
		}
	})
}

// decided is a decision without what only tells of it.
func decided(d *Decision) string {
	c := *d
	c.Metrics, c.Conditions, c.Events, c.Basis = nil, nil, nil, nil
	return fmt.Sprintf("%+v", c)
}

// FuzzProfileFor reads any version and gate.
func FuzzProfileFor(f *testing.F) {
	f.Add("1.37", "HPAScaleToZero", true)
	f.Add("v1.9999", "", false)
	f.Fuzz(func(t *testing.T, version, gate string, on bool) {
		p, err := ProfileFor(version, map[string]bool{gate: on})
		if (err == nil) == (p == Profile{}) {
			t.Errorf("%+v, %v", p, err)
		}
	})
}
