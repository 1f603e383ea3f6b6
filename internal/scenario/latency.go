package scenario

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// SLO is a service level objective on latency: what share of requests is to take
// no longer than a time. Requests that are shed miss it.
type SLO struct {
	// Latency is what a request may take.
	Latency string `json:"latency"`
	// Objective is the share of requests, in percent: 99.5, or "99.5%".
	Objective Percent `json:"objective"`
	// Of names the demand whose requests are meant. Default: the one that latency
	// was learned for, else the only one that the pods serve up to a capacity.
	Of string `json:"of,omitempty"`
}

// Latency is how long requests take, by hand. What is left out is as learned from
// the recording, else its default.
type Latency struct {
	// Service is the mean time of a request that does not wait, whose distribution
	// is taken to be exponential. Default: as learned; else it must be given.
	Service string `json:"service,omitempty"`
	// Servers is how many requests a pod serves side by side before any waits.
	// Default: as learned, else 1.
	Servers *float64 `json:"servers,omitempty"`
	// Variability is (Ca²+Cs²)/2, of the times between requests and of what they
	// take. Default: as learned, else 1.
	Variability *float64 `json:"variability,omitempty"`
	// UpTo is the utilization up to which this holds, in percent of capacity.
	// Default: as learned, else 95%.
	UpTo *Percent `json:"upTo,omitempty"`
	// Cost is what a request costs of the demand, in its base unit: core-seconds
	// for cpu. Default: as learned; 1 for a demand that counts requests.
	Cost *float64 `json:"cost,omitempty"`
	// Of names the demand whose requests are meant. Default: as for slo.
	Of string `json:"of,omitempty"`
}

// Percent is a share in percent.
type Percent float64

// UnmarshalJSON accepts a number of percent, or a text such as "99.5%".
func (p *Percent) UnmarshalJSON(data []byte) error {
	text := string(data)
	if json.Unmarshal(data, &text) == nil {
		text = strings.TrimSuffix(text, "%")
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return errors.New("must be a number of percent, such as 99.5 or 99.5%")
	}
	*p = Percent(v)
	return nil
}

// wrong is what is wrong with a field, and how to mend it.
type wrong struct{ field, text, hint string }

// check reads an objective.
func (s *SLO) check() (*sim.SLO, []wrong) {
	var list []wrong
	out := &sim.SLO{Objective: int64(math.Round(float64(s.Objective) * 10_000))}
	d, err := ParseDuration(s.Latency)
	switch {
	case err != nil:
		list = append(list, wrong{"latency", err.Error(), "write what a request may take, such as 300ms"})
	case d <= 0:
		list = append(list, wrong{"latency", "no request takes no time", "write what a request may take, such as 300ms"})
	}
	out.Latency = d
	if v := float64(s.Objective); !(v >= 1 && v < 100) || out.Objective >= sim.Million {
		text := strconv.FormatFloat(v, 'g', -1, 64) + " is no objective in percent"
		list = append(list, wrong{"objective", text, "write a number from 1 to below 100, such as 99.5 or 99.5%"})
	}
	return out, list
}

// byHand is what is known of latency by hand, checked.
type byHand struct {
	Latency
	service time.Duration
}

func (l *Latency) check() (*byHand, []wrong) {
	var list []wrong
	out := &byHand{Latency: *l}
	if l.Service != "" {
		d, err := ParseDuration(l.Service)
		if err != nil {
			list = append(list, wrong{"service", err.Error(), "write a time such as 20ms"})
		} else if d < time.Microsecond || d > time.Hour {
			list = append(list, wrong{"service", lengthText(d) + " is too short or too long for a request", "write 1h at most"})
		}
		out.service = d
	}
	for _, n := range []struct {
		field       string
		value       *float64
		least, most float64
	}{{"servers", l.Servers, 1, 1e6}, {"variability", l.Variability, 0, 1e6}, {"cost", l.Cost, 1e-9, 1e9}, {"upTo", (*float64)(l.UpTo), 0, 100}} {
		if n.value != nil && !(*n.value >= n.least && *n.value <= n.most) {
			list = append(list, wrong{n.field, number(*n.value) + " is out of range", "write " + number(n.least) + " to " + number(n.most)})
		}
	}
	return out, list
}

// latencies reads spec.slo and spec.latency.
func (c *checker) latencies(s *Spec, set *settings) {
	report := func(at string, list []wrong) {
		for _, w := range list {
			c.add(at+"."+w.field, w.text, w.hint)
		}
	}
	if s.SLO != nil {
		slo, list := s.SLO.check()
		report("spec.slo", list)
		set.slo, set.sloOf = slo, s.SLO.Of
	}
	if s.Latency != nil {
		hand, list := s.Latency.check()
		report("spec.latency", list)
		set.byHand = hand
	}
}

// ParseSLO reads an objective as a flag gives it: latency=300ms,objective=99%.
func ParseSLO(text string) (*SLO, error) {
	var s SLO
	err := namedValues(text, map[string]func(string) error{
		"latency":   func(v string) error { s.Latency = v; return nil },
		"objective": func(v string) error { return s.Objective.UnmarshalJSON([]byte(strconv.Quote(v))) },
		"of":        func(v string) error { s.Of = v; return nil },
	})
	if err != nil {
		return nil, err
	}
	_, list := s.check()
	return &s, first(list)
}

// ParseLatency reads what is known of latency as a flag gives it:
// service=20ms,servers=4.
func ParseLatency(text string) (*Latency, error) {
	var l Latency
	float := func(into **float64) func(string) error {
		return func(v string) error {
			n, err := strconv.ParseFloat(v, 64)
			if err != nil {
				return errors.New("must be a number")
			}
			*into = &n
			return nil
		}
	}
	err := namedValues(text, map[string]func(string) error{
		"service":     func(v string) error { l.Service = v; return nil },
		"servers":     float(&l.Servers),
		"variability": float(&l.Variability),
		"cost":        float(&l.Cost),
		"upTo":        func(v string) error { l.UpTo = new(Percent); return l.UpTo.UnmarshalJSON([]byte(strconv.Quote(v))) },
		"of":          func(v string) error { l.Of = v; return nil },
	})
	if err != nil {
		return nil, err
	}
	_, list := l.check()
	return &l, first(list)
}

// first is the first thing that is wrong.
func first(list []wrong) error {
	if len(list) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %s; %s", list[0].field, list[0].text, list[0].hint)
}

// namedValues reads NAME=VALUE,…, each name once.
func namedValues(text string, set map[string]func(string) error) error {
	seen := map[string]bool{}
	for _, part := range strings.Split(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		read := set[name]
		switch {
		case read == nil:
			return fmt.Errorf("%q: write NAME=VALUE, separated by commas; names are %s", clip(part), orList(sortedKeys(set)))
		case seen[name]:
			return fmt.Errorf("%s is given twice; remove one", name)
		case value == "":
			return fmt.Errorf("%s has no value", name)
		}
		seen[name] = true
		if err := read(value); err != nil {
			return fmt.Errorf("%s %w", name, err)
		}
	}
	return nil
}
