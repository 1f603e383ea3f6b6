package tune

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// maxParams bounds the parameters of a space: as many as there are dimensions
// of the sequence that fills it.
const maxParams = 21

// Kind is what a parameter sets.
type Kind uint8

// The kinds of parameters.
const (
	// KindTarget: the target of Param.Metric, in its own unit: percent, or
	// thousandths.
	KindTarget Kind = iota
	// KindMin and KindMax: the bounds.
	KindMin
	KindMax
	// KindWindow: the stabilization window of Param.Up, in seconds.
	KindWindow
	// KindPods and KindPercent: the value of the direction's policy, Off for none.
	KindPods
	KindPercent
	// KindPeriod: the period of the direction's policies, in seconds.
	KindPeriod
	// KindSelect: its hpa.SelectPolicy.
	KindSelect
	// KindTolerance: its tolerance, in thousandths.
	KindTolerance
	// KindRequest: the cpu request of container Param.Container, in thousandths.
	KindRequest
	// KindFloor: the least number of pods while Param.Schedule holds.
	KindFloor
	// KindMetrics: which of Param.Sets of metrics scale.
	KindMetrics
)

// Param is one parameter and the values that it may take.
type Param struct {
	Kind Kind
	// Name is the parameter's name, as in --search.
	Name string
	// Up is the direction of a rule; Metric an index of hpa.Spec.Metrics.
	Up        bool
	Metric    int
	Container int
	Schedule  Schedule
	// Sets are sets of metrics by their index in hpa.Spec.Metrics.
	Sets   [][]int
	Values []int64
	unit   unit
}

// Text writes a value as --search reads it.
func (p *Param) Text(v int64) string { return p.unit.text(v) }

// Space is what is searched: a value of each parameter is a candidate.
type Space struct {
	Params []Param
}

// Candidate is an index of Values for each of Space.Params, or Kept.
type Candidate []uint16

// Size is how many candidates there are, no more than an int64 holds.
func (s *Space) Size() int64 {
	n := int64(1)
	for i := range s.Params {
		k := int64(len(s.Params[i].Values))
		if n > math.MaxInt64/k {
			return math.MaxInt64
		}
		n *= k
	}
	return n
}

// At is candidate i of Size, in an order in which the last parameter changes
// fastest.
func (s *Space) At(i int64) Candidate {
	c := make(Candidate, len(s.Params))
	for j := len(s.Params) - 1; j >= 0; j-- {
		k := int64(len(s.Params[j].Values))
		c[j], i = uint16(i%k), i/k
	}
	return c
}

// Value is a candidate's value of a parameter.
func (s *Space) Value(c Candidate, param int) int64 { return s.Params[param].Values[c[param]] }

// Text writes a candidate as --search reads it, but for what is kept.
func (s *Space) Text(c Candidate) string {
	var parts []string
	for i := range s.Params {
		if c[i] != Kept {
			parts = append(parts, s.Params[i].Name+"="+s.Params[i].Text(s.Value(c, i)))
		}
	}
	return strings.Join(parts, ",")
}

// Base is what there is today, and what else candidates depend on.
type Base struct {
	// World is today's. It must be valid, and no fault may edit its autoscaler.
	World *sim.World
	// Start is the wall-clock time of t=0, zero where it is not known; Zone is
	// the service's time zone.
	Start time.Time
	Zone  *time.Location
	// Limits are the containers' cpu limits in thousandths, in the order of
	// World.Pods.Containers; 0, or nothing, for none.
	Limits []int64
	// FromMin says that the replicas at the start are the minimum, but at least 1,
	// whatever the minimum is.
	FromMin bool
	// Price is what an hour of a pod costs that requests what these containers
	// do; nil where it does not depend on requests.
	Price func(containers []sim.Container) float64
}

// NewSpace gives the parameters of entries their meaning for an autoscaler. No
// entries are the default space. A name or value that does not fit is a
// *SearchError.
func NewSpace(entries []Entry, b *Base) (*Space, error) {
	if len(entries) == 0 {
		return defaultSpace(b), nil
	}
	s := &Space{}
	for i := range entries {
		e := &entries[i]
		if i == maxParams {
			return nil, e.fail(e.name.at, "more than "+number(maxParams)+" parameters", "search fewer at once")
		}
		p, err := b.param(e)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(s.Params, func(o Param) bool { return o.same(&p) }) {
			return nil, e.fail(e.name.at, p.Name+" is given twice", "write one range for it")
		}
		s.Params = append(s.Params, p)
	}
	if err := s.mends(entries, b); err != nil {
		return nil, err
	}
	return s, nil
}

// same says whether two parameters set the same.
func (p *Param) same(o *Param) bool {
	return p.Kind == o.Kind && p.Up == o.Up && p.Metric == o.Metric && p.Container == o.Container && p.Schedule == o.Schedule
}

// mends sees that some candidate is an autoscaler.
func (s *Space) mends(entries []Entry, b *Base) *SearchError {
	extreme := func(kind Kind, last bool, or int64) (int64, int) {
		for i := range s.Params {
			if v := s.Params[i].Values; s.Params[i].Kind == kind {
				if last {
					return v[len(v)-1], i
				}
				return v[0], i
			}
		}
		return or, -1
	}
	least, at := extreme(KindMin, false, int64(b.World.Autoscaler.Min))
	most, other := extreme(KindMax, true, int64(b.World.Autoscaler.Max))
	if least > most {
		e := &entries[max(at, other)]
		return e.fail(e.name.at, "the space is empty: min is at least "+number(least)+", max at most "+number(most), "raise max, or lower min")
	}
	for _, up := range []bool{true, false} {
		if i := s.policyless(up); i >= 0 {
			e := &entries[i]
			return e.fail(e.name.at, "the space is empty: every candidate lacks a policy in this direction", "add a value that is not off")
		}
	}
	return nil
}

// policyless is the parameter of a direction whose policies are all off, -1
// if there may be some.
func (s *Space) policyless(up bool) int {
	found := -1
	for i := range s.Params {
		p := &s.Params[i]
		if p.Up != up || p.Kind != KindPods && p.Kind != KindPercent {
			continue
		}
		if found = i; len(p.Values) > 1 || p.Values[0] != Off {
			return -1
		}
	}
	return found
}

// param makes one entry a parameter.
func (b *Base) param(e *Entry) (Param, *SearchError) {
	name, rest, _ := strings.Cut(e.name.text, ".")
	if at := strings.IndexByte(e.name.text, '['); at >= 0 && e.name.text[:at] == "floor" {
		return b.floor(e, at)
	}
	p := Param{Name: e.name.text}
	var err *SearchError
	switch name {
	case "target":
		err = b.target(e, &p, rest)
	case "min", "max":
		err = b.bound(e, &p)
	case "up", "down":
		p.Up = name == "up"
		err = b.rule(e, &p, rest)
	case "request":
		err = b.request(e, &p, rest)
	case "metrics":
		err = b.metrics(e, &p)
		return p, err
	default:
		return p, e.fail(e.name.at, "there is no parameter "+strconv.Quote(clip(e.name.text)), "write "+paramNames)
	}
	if err != nil {
		return p, err
	}
	p.Values, err = p.unit.grid(e)
	return p, err
}

const paramNames = "target.METRIC, min, max, up.RULE, down.RULE, request.cpu, metrics or floor[Mon-Fri 08:00-20:00]"

// target finds the metric of a target.
func (b *Base) target(e *Entry, p *Param, name string) *SearchError {
	spec := &b.World.Autoscaler
	p.Kind, p.Metric = KindTarget, -1
	for i := range spec.Metrics {
		if name != "" && spec.Metrics[i].Name != name {
			continue
		}
		if p.Metric >= 0 {
			what := "several metrics are called " + name
			if name == "" {
				what = "it is not said of which metric"
			}
			return e.fail(e.name.at, what, "the autoscaler has "+names(spec.Metrics))
		}
		p.Metric = i
	}
	if p.Metric < 0 {
		return e.fail(e.name.at, "the autoscaler has no metric "+strconv.Quote(clip(name)), "it has "+names(spec.Metrics))
	}
	m := &spec.Metrics[p.Metric]
	p.Name = "target." + m.Name
	p.unit = quantityUnit()
	switch m.Target {
	case hpa.TargetUtilization:
		p.unit = percentUnit()
	case hpa.TargetNone:
		return e.fail(e.name.at, m.Name+" has no target that the controller understands", "mend the autoscaler first; simulate shows how it fails")
	case hpa.TargetAverageValue, hpa.TargetValue:
	}
	return nil
}

// names lists metrics.
func names(metrics []hpa.Metric) string {
	list := make([]string, len(metrics))
	for i := range metrics {
		list[i] = metrics[i].Name
	}
	return strings.Join(list, ", ")
}

func (b *Base) bound(e *Entry, p *Param) *SearchError {
	least := int64(1)
	if p.Kind = KindMax; p.Name == "min" {
		p.Kind = KindMin
		if b.World.Autoscaler.Controller.Profile.ScaleToZero && b.outside() {
			least = 0
		}
	}
	p.unit = podsUnit(least)
	if p.Kind == KindMin && least == 1 {
		for _, w := range append([]word{e.low, e.high}, e.choices...) {
			if v, ok := whole(w.text); ok && v == 0 {
				return e.fail(w.at, "no pods at all", "minReplicas 0 needs gate HPAScaleToZero and an Object or External metric; write at least 1")
			}
		}
	}
	return nil
}

// outside says whether a metric exists without pods.
func (b *Base) outside() bool {
	return slices.ContainsFunc(b.World.Autoscaler.Metrics, func(m hpa.Metric) bool {
		return m.Source == hpa.SourceObject || m.Source == hpa.SourceExternal
	})
}

// rule finds what of a direction's rules a parameter sets.
func (b *Base) rule(e *Entry, p *Param, rest string) *SearchError {
	switch rest {
	case "window":
		p.Kind, p.unit = KindWindow, secondsUnit(0, longestWindow)
	case "pods":
		p.Kind, p.unit = KindPods, policyUnit(false)
	case "percent":
		p.Kind, p.unit = KindPercent, policyUnit(true)
	case "period":
		p.Kind, p.unit = KindPeriod, secondsUnit(1, longestPeriod)
	case "select":
		p.Kind, p.unit = KindSelect, selectUnit()
	case "tolerance":
		p.Kind, p.unit = KindTolerance, toleranceUnit()
		if v := b.World.Autoscaler.Controller.Profile; !v.ConfigurableTolerance {
			return e.fail(e.name.at, "Kubernetes "+v.Version+" has no tolerance in behavior", "it needs 1.35, or gate HPAConfigurableTolerance from 1.33 on")
		}
	default:
		direction := strings.TrimSuffix(e.name.text, "."+rest)
		return e.fail(e.name.at, "there is no parameter "+strconv.Quote(clip(e.name.text)),
			"write "+direction+".window, .pods, .percent, .period, .select or .tolerance")
	}
	return nil
}

// request finds the container of a cpu request.
func (b *Base) request(e *Entry, p *Param, rest string) *SearchError {
	p.Kind, p.unit, p.Container = KindRequest, quantityUnit(), -1
	list := b.World.Pods.Containers
	container, isCPU := strings.CutSuffix(rest, ".cpu")
	switch {
	case !isCPU && rest != "cpu":
		return e.fail(e.name.at, "there is no parameter "+strconv.Quote(clip(e.name.text)), "write request.cpu, or request.CONTAINER.cpu")
	case rest == "cpu" && len(list) == 1:
		p.Container = 0
	case rest == "cpu":
		return e.fail(e.name.at, "the pods have "+number(len(list))+" containers", "write request.CONTAINER.cpu")
	default:
		p.Container = slices.IndexFunc(list, func(c sim.Container) bool { return c.Name == container })
	}
	if p.Container < 0 {
		return e.fail(e.name.at, "the pods have no container "+strconv.Quote(clip(container)), "name one of theirs")
	}
	if cpuOf(&list[p.Container]) == 0 {
		return e.fail(e.name.at, "container "+list[p.Container].Name+" requests no cpu today", "give it a request first")
	}
	if b.World.PodHourPrice > 0 && b.Price == nil {
		return e.fail(e.name.at, "a price of a pod whatever it requests does not go with a search of requests", "give --price coreHour=NUMBER")
	}
	return nil
}

// cpuOf is the cpu that a container requests, in thousandths.
func cpuOf(c *sim.Container) int64 {
	for _, q := range c.Requests {
		if q.Resource == "cpu" {
			return q.Milli
		}
	}
	return 0
}

// metrics reads sets of metrics: cpu|rps|cpu+rps.
func (b *Base) metrics(e *Entry, p *Param) *SearchError {
	p.Kind = KindMetrics
	if len(e.choices) == 0 {
		return e.fail(e.low.at, "metrics have no order", "write ONE|OTHER|ONE+OTHER")
	}
	all := b.World.Autoscaler.Metrics
	var texts []string
	for i, w := range e.choices {
		var set []int
		for name := range strings.SplitSeq(w.text, "+") {
			at := slices.IndexFunc(all, func(m hpa.Metric) bool { return m.Name == strings.TrimSpace(name) })
			if at < 0 {
				return e.fail(w.at, "the autoscaler has no metric "+strconv.Quote(clip(name)), "it has "+names(all))
			}
			set = append(set, at)
		}
		slices.Sort(set)
		set = slices.Compact(set)
		if slices.ContainsFunc(p.Sets, func(o []int) bool { return slices.Equal(o, set) }) {
			return e.fail(w.at, w.text+" is given twice", "remove one")
		}
		p.Sets, p.Values, texts = append(p.Sets, set), append(p.Values, int64(i)), append(texts, w.text)
	}
	p.unit = wordUnit(texts...)
	return nil
}
