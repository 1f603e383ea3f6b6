package scenario

import (
	"errors"
	"fmt"
	"strings"

	"github.com/elasticctl/elasticctl/internal/manifest"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/gen"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// target is an autoscaler to replay, with what is known of its workload.
type target struct {
	name string
	hpa  *manifest.HPA
	// workload is nil where it is not among the files; missing then says so.
	workload *manifest.Workload
	missing  error
	// queries and selectors say how a service's own metrics are found in
	// recordings, by the metric's name.
	queries, selectors map[string]string
	// search is what a service spec wants searched.
	search map[string]gen.Scalar
}

// targetsOf finds the autoscalers of a set, each with its workload.
func targetsOf(set *manifest.Set) ([]*target, error) {
	list, err := set.Autoscalers()
	if err != nil {
		return nil, err
	}
	var targets []*target
	for _, h := range list {
		t := &target{name: h.Name, hpa: h}
		t.workload, t.missing = set.Workload(h)
		targets = append(targets, t)
	}
	return targets, nil
}

// reference names the workload: "Deployment web".
func (t *target) reference() string {
	ref := t.hpa.V2.Spec.ScaleTargetRef
	return ref.Kind + " " + ref.Name
}

// containers are the workload's, as a controller of this profile counts them.
func (t *target) containers(p hpa.Profile) ([]container, error) {
	var list []container
	for _, c := range t.workload.Containers {
		if c.Sidecar && !p.CountsSidecars {
			continue
		}
		list = append(list, container{
			Container: sim.Container{Name: c.Name, Requests: quantities(c.Requests)},
			limits:    quantities(c.Limits),
		})
	}
	if len(t.workload.PodRequests) > 0 && p.PodLevelResources && len(list) > 0 {
		return list, t.podRequests(list)
	}
	return list, nil
}

// podRequests makes the containers' requests add up to those of the pod as a
// whole, which the controller uses instead. It does not use them for a
// ContainerResource metric, so both cannot be had.
func (t *target) podRequests(list []container) error {
	for _, m := range t.hpa.V2.Spec.Metrics {
		if m.ContainerResource != nil {
			return yamlpos.Problems{t.workload.Doc.Problem("spec.template.spec.resources", "not supported yet: resources of the pod as a whole beside a ContainerResource metric", "give the containers by hand, in a simulation file's pods.containers")}
		}
	}
	for i := range list {
		list[i].Requests = nil
		for _, q := range quantities(t.workload.PodRequests) {
			if i > 0 {
				q.Milli = 0
			}
			list[i].Requests = append(list[i].Requests, q)
		}
	}
	return nil
}

// quantities are amounts in the words of a world.
func quantities(list []manifest.Amount) []sim.Quantity {
	var out []sim.Quantity
	for _, a := range list {
		out = append(out, sim.Quantity{Resource: a.Resource, Milli: a.Milli})
	}
	return out
}

// target finds the autoscaler that a simulation file names. Its objects without
// a namespace are of the one given, which is the only one that counts then.
func (c *checker) target(a *Autoscaler, namespace string) (*target, error) {
	const at = "spec.autoscaler"
	var given []string
	for _, field := range []string{"manifest", "objects", "service"} {
		if c.doc.Has(at + "." + field) {
			given = append(given, field)
		}
	}
	switch {
	case len(given) == 0:
		return nil, c.doc.Problem(at, "there is no autoscaler", "give spec.autoscaler.manifest, objects or service")
	case len(given) > 1:
		return nil, c.doc.Problem(at+"."+given[1], "the autoscaler is given twice: "+strings.Join(given, ", "), "keep one")
	}
	targets, err := c.targets(given[0], a, namespace)
	if err != nil {
		return nil, err
	}
	if len(targets) != 1 {
		return nil, c.doc.Problem(at+"."+given[0], fmt.Sprintf("there are %d autoscalers%s, not one", len(targets), inNamespace(namespace)), "a simulation replays one HorizontalPodAutoscaler; compare several with several files")
	}
	return targets[0], nil
}

// targets reads the autoscalers of one field of spec.autoscaler.
func (c *checker) targets(field string, a *Autoscaler, namespace string) ([]*target, error) {
	set := &manifest.Set{}
	var err error
	switch field {
	case "objects":
		err = set.Add(c.objects(len(a.Objects)), namespace)
	case "service":
		set, err = c.readFiles("spec.autoscaler.service", []string{a.Service}, namespace)
	default:
		set, err = c.readFiles("spec.autoscaler.manifest", a.Manifest, namespace)
	}
	if err != nil {
		return nil, err
	}
	if set = set.In(namespace); field == "service" {
		return serviceTargets(set, &manifest.Set{}, namespace)
	}
	return targetsOf(set)
}

// objects are the documents of spec.autoscaler.objects.
func (c *checker) objects(n int) []*yamlpos.Document {
	var docs []*yamlpos.Document
	for i := range n {
		if sub, ok := c.doc.Sub(fmt.Sprintf("spec.autoscaler.objects[%d]", i)); ok {
			docs = append(docs, sub)
		}
	}
	return docs
}

// readFiles reads files that the simulation file names.
func (c *checker) readFiles(path string, names []string, namespace string) (*manifest.Set, error) {
	var paths []string
	for _, n := range names {
		if n == "" || n == "-" {
			return nil, c.doc.Problem(path, fmt.Sprintf("%q is not a file", n), "write a path relative to this file")
		}
		paths = append(paths, c.relative(n))
	}
	set, err := manifest.Read(paths, manifest.Options{Namespace: namespace})
	if err == nil {
		return set, nil
	}
	var problems yamlpos.Problems
	if errors.As(err, &problems) {
		return nil, problems
	}
	return nil, c.doc.Problem(path, err.Error(), "")
}

// edited resolves the autoscaler after an edit that stands at a path of the
// simulation file.
func (c *checker) edited(path string, h *manifest.HPA, k hpa.Controller) (*hpa.Spec, error) {
	v2 := h.V2.DeepCopy()
	manifest.Default(v2)
	before := len(c.list)
	for _, v := range manifest.Validate(v2, manifest.RulesOf(k.Profile)) {
		c.add(path+"."+strings.TrimPrefix(v.Field, "spec."), v.Error.Error(), v.Hint)
	}
	if v2.Spec.MaxReplicas > maxPods {
		c.add(path+".maxReplicas", tooManyPods(v2.Spec.MaxReplicas), fewerPods)
	}
	if len(c.list) > before {
		return nil, c.err()
	}
	spec, err := h.Resolve(k)
	return &spec, err
}

// apply returns the HPA after an edit; behavior says whether the edit has that
// field, be it null.
func (e *Edit) apply(h *manifest.HPA, behavior bool) *manifest.HPA {
	out := &manifest.HPA{Object: h.Object, V2: h.V2.DeepCopy()}
	spec := &out.V2.Spec
	if e.MinReplicas != nil {
		spec.MinReplicas = e.MinReplicas
	}
	if e.MaxReplicas != nil {
		spec.MaxReplicas = *e.MaxReplicas
	}
	if e.Metrics != nil {
		spec.Metrics = e.Metrics
	}
	if behavior {
		spec.Behavior = e.Behavior
	}
	return out
}
