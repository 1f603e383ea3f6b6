package tune

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// Why a candidate is none.
const (
	minAboveMax    = "min is above max"
	withoutPolicy  = "a direction has no policy"
	aboveLimit     = "the request is above the limit"
	withoutRequest = "a request of nothing"
)

// World is today's world with a candidate in the place of its autoscaler. What
// no API server would accept is said in wrong.
func (s *Space) World(b *Base, c Candidate) (w sim.World, wrong string) {
	w = *b.World
	spec := &w.Autoscaler
	spec.Metrics = slices.Clone(spec.Metrics)
	spec.Up.Policies, spec.Down.Policies = slices.Clone(spec.Up.Policies), slices.Clone(spec.Down.Policies)
	for i := range s.Params {
		if c[i] != Kept {
			s.Params[i].set(&w, s.Value(c, i))
		}
	}
	for _, up := range []bool{true, false} {
		s.policies(spec, b.World, c, up)
	}
	s.choose(spec, c)
	if b.FromMin {
		w.Pods.Initial = max(1, spec.Min)
	}
	if wrong = s.wrong(&w, b, c); wrong == "" {
		s.floors(&w, b, c)
	}
	if b.Price != nil {
		w.PodHourPrice = b.Price(w.Pods.Containers)
	}
	return w, wrong
}

// cores is the cpu that a pod requests, in thousandths.
func cores(w *sim.World) (milli int64) {
	for i := range w.Pods.Containers {
		milli += cpuOf(&w.Pods.Containers[i])
	}
	return milli
}

// set puts one value into a world, but for what depends on others.
func (p *Param) set(w *sim.World, v int64) {
	spec := &w.Autoscaler
	switch p.Kind {
	case KindTarget:
		spec.Metrics[p.Metric].Goal = v
	case KindMin:
		spec.Min = int32(v)
	case KindMax:
		spec.Max = int32(v)
	case KindWindow, KindSelect, KindTolerance, KindPods, KindPercent, KindPeriod:
		p.rule(spec, v)
	case KindRequest:
		w.Pods.Containers = slices.Clone(w.Pods.Containers)
		container := &w.Pods.Containers[p.Container]
		container.Requests = slices.Clone(container.Requests)
		for i := range container.Requests {
			if container.Requests[i].Resource == "cpu" {
				container.Requests[i].Milli = v
			}
		}
	case KindFloor, KindMetrics:
	}
}

// rule puts one value into the rules of a direction. Behavior that is absent
// begins as the defaults of autoscaling/v2.
func (p *Param) rule(spec *hpa.Spec, v int64) {
	if !spec.HasBehavior {
		spec.HasBehavior = true
		spec.Up, spec.Down = defaultRules(&spec.Controller)
	}
	rules, tolerance := &spec.Down, &spec.ToleranceDown
	if p.Up {
		rules, tolerance = &spec.Up, &spec.ToleranceUp
	}
	switch p.Kind {
	case KindWindow:
		rules.Stabilization = time.Duration(v) * time.Second
	case KindSelect:
		rules.Select = hpa.SelectPolicy(v)
	case KindTolerance:
		*tolerance = Tolerance(v)
	case KindTarget, KindMin, KindMax, KindPods, KindPercent, KindPeriod, KindRequest, KindFloor, KindMetrics:
	}
}

// Tolerance is a tolerance in thousandths as upstream converts the quantity
// that says it: of 50m the mantissa 50 times ten to the power of -3.
func Tolerance(thousandths int64) float64 {
	if thousandths%1000 == 0 {
		return float64(thousandths / 1000)
	}
	return float64(thousandths) * math.Pow10(-3)
}

// defaultRules are those of a behavior that says nothing
// (pkg/apis/autoscaling/v2/defaults.go).
func defaultRules(c *hpa.Controller) (up, down hpa.Rules) {
	const period = 15 * time.Second
	up = hpa.Rules{Policies: []hpa.Policy{{Type: hpa.PolicyPods, Value: 4, Period: period}, {Type: hpa.PolicyPercent, Value: 100, Period: period}}}
	down = hpa.Rules{
		Stabilization: c.DownscaleStabilization.Truncate(time.Second),
		Policies:      []hpa.Policy{{Type: hpa.PolicyPercent, Value: 100, Period: period}},
	}
	return up, down
}

// DefaultPeriod is that of a policy where today's autoscaler has none of its
// type, in whose place it could stand, and none is searched.
const DefaultPeriod = time.Minute

// policies sets the policies of a direction: where a candidate names some, they
// are all that there are.
func (s *Space) policies(spec *hpa.Spec, today *sim.World, c Candidate, up bool) {
	rules := &spec.Down
	if up {
		rules = &spec.Up
	}
	var named []hpa.Policy
	replaced, period := false, time.Duration(0)
	for i := range s.Params {
		p := &s.Params[i]
		if p.Up != up || p.Kind != KindPeriod && p.Kind != KindPercent && p.Kind != KindPods {
			continue
		}
		v, known := s.valueOr(c, i, today)
		if p.Kind == KindPeriod {
			if c[i] != Kept {
				period = time.Duration(v) * time.Second
			}
			continue
		}
		kind := hpa.PolicyPods
		if p.Kind == KindPercent {
			kind = hpa.PolicyPercent
		}
		if !known {
			continue
		}
		// Policies of which none is changed stay as they are.
		replaced = replaced || c[i] != Kept
		if v != Off {
			named = append(named, hpa.Policy{Type: kind, Value: int32(v), Period: periodOf(rules.Policies, kind)})
		}
	}
	if replaced {
		slices.SortFunc(named, func(a, b hpa.Policy) int { return int(a.Type) - int(b.Type) })
		rules.Policies = named
	}
	if period > 0 {
		for i := range rules.Policies {
			rules.Policies[i].Period = period
		}
	}
}

// valueOr is a candidate's value of a parameter, today's where that is kept; known is
// false where it has none, or several.
func (s *Space) valueOr(c Candidate, i int, today *sim.World) (v int64, known bool) {
	if c[i] == Kept {
		return s.Params[i].today(today)
	}
	return s.Value(c, i), true
}

// periodOf is the period of today's only policy of a type.
func periodOf(today []hpa.Policy, kind hpa.PolicyType) time.Duration {
	period := time.Duration(0)
	for _, p := range today {
		if p.Type == kind && period == 0 {
			period = p.Period
		}
	}
	if period == 0 {
		return DefaultPeriod
	}
	return period
}

// choose leaves the metrics that a candidate scales on.
func (s *Space) choose(spec *hpa.Spec, c Candidate) {
	for i := range s.Params {
		if s.Params[i].Kind != KindMetrics || c[i] == Kept {
			continue
		}
		var list []hpa.Metric
		for _, at := range s.Params[i].Sets[s.Value(c, i)] {
			list = append(list, spec.Metrics[at])
		}
		spec.Metrics = list
	}
}

// wrong says what no API server would accept of a candidate.
func (s *Space) wrong(w *sim.World, b *Base, c Candidate) string {
	spec := &w.Autoscaler
	if spec.Min > spec.Max {
		return minAboveMax
	}
	if spec.HasBehavior && (len(spec.Up.Policies) == 0 || len(spec.Down.Policies) == 0) {
		return withoutPolicy
	}
	for i := range s.Params {
		if c[i] == Kept {
			continue
		}
		p, v := &s.Params[i], s.Value(c, i)
		switch {
		case p.Kind == KindRequest && p.Container < len(b.Limits) && b.Limits[p.Container] > 0 && v > b.Limits[p.Container]:
			return aboveLimit
		case p.Kind == KindRequest && v == 0:
			return withoutRequest
		case p.Kind == KindFloor && v > int64(spec.Max):
			return minAboveMax
		}
	}
	return ""
}

// floors makes the minimum follow the schedules of a candidate.
func (s *Space) floors(w *sim.World, b *Base, c Candidate) {
	type floor struct {
		spans []sim.Span
		pods  int32
	}
	var list []floor
	var edges []time.Duration
	for i := range s.Params {
		p := &s.Params[i]
		if p.Kind != KindFloor || c[i] == Kept {
			continue
		}
		f := floor{p.Schedule.Within(b.Start, b.Zone, w.Duration), int32(s.Value(c, i))}
		list = append(list, f)
		for _, span := range f.spans {
			edges = append(edges, span.From, span.To)
		}
	}
	if len(list) == 0 {
		return
	}
	plain := w.Autoscaler
	at := func(t time.Duration) int32 {
		least := plain.Min
		for _, f := range list {
			if slices.ContainsFunc(f.spans, func(span sim.Span) bool { return span.From <= t && t < span.To }) {
				least = max(least, f.pods)
			}
		}
		return least
	}
	w.Autoscaler.Min = at(0)
	now := w.Autoscaler.Min
	w.Faults = slices.Clone(w.Faults)
	slices.Sort(edges)
	for _, t := range slices.Compact(edges) {
		least := at(t)
		if t == 0 || t >= w.Duration || least == now {
			continue
		}
		now = least
		spec := plain
		spec.Min = least
		w.Faults = insert(w.Faults, sim.Fault{Kind: sim.FaultEditAutoscaler, At: t, Autoscaler: &spec})
	}
}

// insert puts a fault behind those of its instant.
func insert(faults []sim.Fault, f sim.Fault) []sim.Fault {
	i := len(faults)
	for i > 0 && faults[i-1].At > f.At {
		i--
	}
	return slices.Insert(faults, i, f)
}

// key is the same for two candidates whose replays cannot differ. Windows and
// periods count in syncs, unless edits make the times of syncs irregular.
func (s *Space) key(w *sim.World) string {
	spec := &w.Autoscaler
	var k []byte
	put := func(numbers ...int64) {
		for _, n := range numbers {
			k = append(strconv.AppendInt(k, n, 36), ' ')
		}
	}
	regular := !slices.ContainsFunc(w.Faults, func(f sim.Fault) bool { return f.Kind == sim.FaultEditAutoscaler })
	period := spec.Controller.SyncPeriod + w.SyncLatency
	syncs := func(d time.Duration) int64 {
		if !regular {
			return int64(d)
		}
		return int64((d + period - 1) / period) // an entry as old as the window is out
	}
	put(int64(spec.Min), int64(spec.Max), cores(w))
	for i := range spec.Metrics {
		put(int64(i), spec.Metrics[i].Goal)
		k = append(k, spec.Metrics[i].Name...)
	}
	for _, r := range []*hpa.Rules{&spec.Up, &spec.Down} {
		choice := r.Select
		if len(r.Policies) == 1 && choice == hpa.SelectMin {
			choice = hpa.SelectMax
		}
		put(-1, syncs(r.Stabilization), int64(choice))
		if choice == hpa.SelectDisabled {
			continue
		}
		for _, p := range r.Policies {
			put(int64(p.Type), int64(p.Value), syncs(p.Period))
		}
	}
	put(-2, int64(math.Float64bits(spec.ToleranceUp)), int64(math.Float64bits(spec.ToleranceDown)))
	for i := range w.Faults {
		if f := &w.Faults[i]; f.Kind == sim.FaultEditAutoscaler {
			put(int64(f.At), int64(f.Autoscaler.Min))
		}
	}
	return string(k)
}
