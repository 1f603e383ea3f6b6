package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// builder puts one replay together.
type builder struct {
	request *Request
	// check holds the simulation file; its doc is nil where there is none.
	check  *checker
	set    settings
	target *target
	out    *Replay
	// edits are the autoscalers of the faults that edit it.
	edits []*hpa.Spec
	// pieces are what recordings gave.
	pieces []*piece
	// uncalibrated says why it is not known how long requests take.
	uncalibrated string
}

// build resolves one replay. What it finds wrong is reported step by step: each
// step needs the one before.
func (r *Request) build(c *checker, set settings, t *target) (*Replay, error) {
	b := &builder{request: r, check: c, set: set, target: t, out: &Replay{Name: set.name, Start: set.start}}
	w := &b.out.World
	b.set.demand = slices.Clone(set.demand) // of other versions as well
	b.out.OpenLoop = set.openLoop
	if c.doc == nil {
		b.out.namespace = t.hpa.Namespace
	}
	w.SyncLatency, w.Pods, w.Pipeline = set.latency, set.pods, set.pipeline
	for _, step := range []func() error{
		b.autoscaler, b.faults, b.podTemplate, b.demands, b.scrapes, b.initial, b.hosts, b.span, b.prices, b.latency, b.responding, b.budgets, w.Validate, b.otherWorld, b.reality, b.tuning,
	} {
		if err := step(); err != nil {
			return nil, err
		}
		if err := c.err(); err != nil {
			return nil, err
		}
	}
	return b.out, nil
}

// note tells the user what was found or assumed.
func (b *builder) note(format string, args ...any) {
	b.out.Notes = append(b.out.Notes, fmt.Sprintf(format, args...))
}

// fail reports a problem: at a field of the simulation file where there is one,
// else about the autoscaler.
func (b *builder) fail(path, text, hint string) error {
	if b.check.doc != nil {
		return b.check.doc.Problem(path, text, hint)
	}
	return b.target.hpa.Problem("", text, hint)
}

// autoscaler resolves the HPA.
func (b *builder) autoscaler() error {
	spec, err := b.target.hpa.Resolve(b.set.controller)
	if err == nil && spec.Max > maxPods {
		err = b.target.hpa.Problem("spec.maxReplicas", tooManyPods(spec.Max), fewerPods)
	}
	b.out.World.Autoscaler = spec
	return err
}

// fewerPods is what to do about a maxReplicas that no cluster could hold; the
// controller's own 32-bit arithmetic overflows on the way there.
const fewerPods = "write at most 1000000"

func tooManyPods(n int32) string { return fmt.Sprintf("%d pods cannot be replayed", n) }

// faults resolves the edits of the autoscaler, each on top of those before.
func (b *builder) faults() error {
	current := b.target.hpa
	b.out.World.Pods.Rolling = b.strategy()
	if err := b.minReady(); err != nil {
		return err
	}
	for _, f := range b.set.faults {
		if f.rollout != nil {
			if err := b.rollsOut(&f); err != nil {
				return err
			}
		}
		if f.edit != nil {
			path := f.path + ".editAutoscaler"
			current = f.edit.apply(current, b.check.doc.Has(path+".behavior"))
			spec, err := b.check.edited(path, current, b.set.controller)
			if err != nil {
				return err
			}
			f.Autoscaler = spec
			b.edits = append(b.edits, spec)
		}
		b.out.World.Faults = append(b.out.World.Faults, f.Fault)
	}
	return nil
}

// podTemplate finds the containers: those given by hand, else the workload's.
func (b *builder) podTemplate() error {
	if b.set.containers == nil && b.target.workload != nil {
		list, err := b.target.containers(b.set.controller.Profile)
		if err != nil {
			return err
		}
		b.set.containers = list
	}
	if b.set.containers == nil && b.usesResources() {
		return b.noContainers()
	}
	for _, c := range b.set.containers {
		b.out.World.Pods.Containers = append(b.out.World.Pods.Containers, c.Container)
	}
	return nil
}

// noContainers says that nobody knows what the pods request.
func (b *builder) noContainers() error {
	if b.check.doc != nil {
		return b.fail("spec.autoscaler", "what the pods of "+b.target.reference()+" request is not known: "+b.target.missing.Error(), "or write pods.containers")
	}
	return b.target.missing
}

// usesResources says whether any metric looks at the pods' resources.
func (b *builder) usesResources() bool {
	return slices.ContainsFunc(b.metrics(), func(m hpa.Metric) bool {
		return m.Source == hpa.SourceResource || m.Source == hpa.SourceContainerResource
	})
}

// metrics are those of the autoscaler and of its edits, each once.
func (b *builder) metrics() []hpa.Metric {
	var all []hpa.Metric
	for _, s := range append([]*hpa.Spec{&b.out.World.Autoscaler}, b.edits...) {
		for _, m := range s.Metrics {
			same := func(o hpa.Metric) bool { return o.Source == m.Source && o.Name == m.Name }
			if !slices.ContainsFunc(all, same) {
				all = append(all, m)
			}
		}
	}
	return all
}

// demands completes the demands that are known, finds the others in the
// recordings, and sees that no metric is left without.
func (b *builder) demands() error {
	for i := range b.set.demand {
		if err := b.placeDemand(&b.set.demand[i]); err != nil {
			return err
		}
		b.preset(&b.set.demand[i])
	}
	if err := b.mayOpen(); err != nil {
		return err
	}
	if err := b.recorded(); err != nil {
		return err
	}
	if err := b.unusedOverrides(); err != nil {
		return err
	}
	for i := range b.set.demand {
		d := b.set.demand[i]
		if err := b.overrideCapacity(&d); err != nil {
			return err
		}
		if err := b.limitCapacity(&d); err != nil {
			return err
		}
		if err := b.serves(&d); err != nil {
			return err
		}
		b.out.World.Demand = append(b.out.World.Demand, d.Demand)
	}
	for _, m := range b.metrics() {
		if err := b.covered(&m); err != nil {
			return err
		}
	}
	served := func(d sim.Demand) bool { return d.Role == sim.RoleLoad && d.Queues() && d.Capacity > 0 }
	if b.responds() != nil && !slices.ContainsFunc(b.out.World.Demand, served) {
		hint := "give another demand what a pod can serve of it: demand[].capacity, --capacity, or a cpu limit in pods.containers"
		if b.responds().path == "" && len(b.set.containers) == 0 {
			hint = "pass the manifest of what it scales too, with another -f: the cpu limit says what a pod can serve"
		}
		return b.unanswered("no load is served by the pods up to a capacity, so nothing tells how busy they are", hint)
	}
	return nil
}

// placeDemand finds the container that a Resource demand belongs to.
func (b *builder) placeDemand(d *demand) error {
	if d.Source != hpa.SourceResource {
		return nil
	}
	var names []string
	for _, c := range b.set.containers {
		names = append(names, c.Name)
	}
	at := d.path + ".metric"
	switch {
	case d.Container == "" && len(names) == 1:
		d.Container = names[0]
	case d.Container == "" && len(names) == 0:
		return b.fail(at, "the pods have no containers, so none can use "+d.Name, "write pods.containers")
	case d.Container == "":
		return b.fail(at, "it is not said which container uses "+d.Name, "add container: "+orList(names))
	case !slices.Contains(names, d.Container):
		return b.fail(at+".container", fmt.Sprintf("the pods have no container %q", clip(d.Container)), "write "+orList(names)+nearest(d.Container, names))
	}
	return nil
}

// limitCapacity takes a container's cpu limit for the capacity of a cpu demand
// that has none: no pod can use more. What it uses when idle is not there for
// the load.
func (b *builder) limitCapacity(d *demand) error {
	limit := b.limit(d.Container, "cpu")
	if d.Source != hpa.SourceResource || d.Name != "cpu" {
		return nil
	}
	if limit == 0 {
		b.bendCapacity(d)
		return nil
	}
	if d.Capacity > 0 {
		return b.withinLimit(d, limit)
	}
	idle := d.Idle * d.scale()
	switch left := limit - idle; {
	case left <= 0:
		return b.fail(d.path+".idle", fmt.Sprintf("idle pods use %s cores, and the cpu limit of container %s is %s: nothing is left for the load", cores(idle), d.Container, cores(limit)),
			"lower it, or raise the limit")
	case left < d.scale():
		return b.fail(d.path+".unit", fmt.Sprintf("whole cores cannot tell the %s that the cpu limit of container %s leaves for the load", cores(left), d.Container), "write unit: milli")
	default:
		d.Capacity = left / d.scale()
		besides := ""
		if idle > 0 {
			besides = " less the " + cores(idle) + " that it uses when idle"
		}
		b.note("capacity: a ready pod serves at most %s cores, the cpu limit of container %s%s", cores(d.Capacity*d.scale()), d.Container, besides)
	}
	return nil
}

// withinLimit refuses a capacity that no pod has, because of its cpu limit.
func (b *builder) withinLimit(d *demand, limit int64) error {
	used := (d.Capacity + d.Idle) * d.scale()
	if used <= limit || d.Role != sim.RoleLoad {
		return nil
	}
	path := d.path + ".capacity"
	if b.check.doc != nil && !b.check.doc.Has(path) {
		path = "spec.pods.capacity"
	}
	return b.fail(path, fmt.Sprintf("a busy pod would use %s cores, and the cpu limit of container %s is %s", cores(used), d.Container, cores(limit)),
		"lower it, raise the limit, or remove it: absent means what the limit leaves")
}

// limit is a container's limit of a resource in milli-units, 0 where it has
// none.
func (b *builder) limit(container, resource string) int64 {
	for _, c := range b.set.containers {
		for _, l := range c.limits {
			if c.Name == container && l.Resource == resource {
				return l.Milli
			}
		}
	}
	return 0
}

// cores writes milli-units of cpu.
func cores(milli int64) string {
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.3f", float64(milli)/1000), "0"), ".")
}

// covered sees that a metric of the autoscaler has a demand. What has none of a
// resource uses 0; any other metric would fail at every sync.
func (b *builder) covered(m *hpa.Metric) error {
	for i := range b.out.World.Demand {
		if b.out.World.Demand[i].Feeds(m) {
			return nil
		}
	}
	if m.Source == hpa.SourceResource || m.Source == hpa.SourceContainerResource {
		b.note("no demand for %s: the containers use 0", m.Name)
		return nil
	}
	hint := "add it to spec.demand"
	if b.check.doc == nil {
		hint = fmt.Sprintf("say where the recording has it: --demand %s=EXPR", m.Name)
	}
	return b.fail("spec.demand", fmt.Sprintf("the HPA's %s metric %s has no demand", m.Source, m.Name), hint)
}

// initial finds how many pods there are at t=0.
func (b *builder) initial() error {
	n, from := b.initialCount()
	b.out.World.Pods.Initial, b.out.Tuning.FromMin = n, from == fromMin
	if from != "" {
		b.note("replicas at the start: %d, %s", n, from)
	}
	return nil
}

// initialCount is the count at t=0, and where it was found if nobody gave it.
func (b *builder) initialCount() (n int32, from string) {
	if b.set.initial != nil {
		return *b.set.initial, ""
	}
	if r := b.out.Recorded; len(r) > 0 && r[0].T <= 0 && r[0].N >= 0 {
		return r[0].N, "as recorded"
	}
	if w := b.target.workload; w != nil && w.HasReplicas {
		return w.Replicas, "as in the manifest of " + b.target.reference()
	}
	return max(1, b.out.World.Autoscaler.Min), fromMin
}

// fromMin says that the first replicas are as many as the HPA allows at least.
const fromMin = "the HPA's minReplicas"

// span finds how long the replay lasts.
func (b *builder) span() error {
	w := &b.out.World
	w.Duration = b.set.duration
	if w.Duration == 0 {
		for i := range w.Demand {
			w.Duration = max(w.Duration, length(&w.Demand[i]))
		}
	}
	if w.Duration == 0 {
		return b.fail("spec", "nothing says how long to replay", "give duration, or demand")
	}
	for i := range w.Demand {
		if d := &w.Demand[i]; len(d.Values) > 1 && length(d) < w.Duration-d.Step {
			b.note("demand of %s ends after %s; its last value is held", demandName(d), lengthText(length(d)))
		}
	}
	if err := checkSyncs(w.Duration, w.Autoscaler.Controller.SyncPeriod+w.SyncLatency); err != nil {
		return b.fail("spec.duration", err.Error(), "shorten it")
	}
	return nil
}
