package manifest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Workload is what a scale target says about its pods.
type Workload struct {
	*Object
	// Replicas is spec.replicas; HasReplicas says whether it is written.
	Replicas    int32
	HasReplicas bool
	// Strategy is how a Deployment replaces its pods; nil where it does not say.
	Strategy *Strategy
	// MinReadySeconds is a Deployment's: for so long a pod has to be Ready until it
	// counts as available.
	MinReadySeconds int32
	// Labels are the pod template's.
	Labels map[string]string
	// Containers are the pod's containers in their order, then its restartable
	// init containers.
	Containers []Container
	// PodRequests are the requests of the pod as a whole, present only where
	// the pod template has pod-level resources that make the controller use
	// them instead of the containers' (KEP-2837).
	PodRequests []Amount
}

// Container is one container with what it asks for. Where only a limit is
// written the request is the limit, as in the pods that come of it.
type Container struct {
	Name string
	// Sidecar marks a restartable init container; its requests count from
	// Kubernetes 1.29.
	Sidecar          bool
	Requests, Limits []Amount
}

// Amount is an amount of a resource in milli-units: of a core for cpu, of a byte
// for memory. Lists of it are in order of the resources' names.
type Amount struct {
	Resource string
	Milli    int64
}

// Workload returns the scale target of an autoscaler from among the objects of
// the set. The error is a yamlpos.Problem at scaleTargetRef.
func (s *Set) Workload(h *HPA) (*Workload, error) {
	ref := h.V2.Spec.ScaleTargetRef
	const at = "spec.scaleTargetRef"
	wanted := fmt.Sprintf("%s %s/%s", ref.Kind, h.Namespace, ref.Name)
	found := s.Find(GroupOf(ref.APIVersion), ref.Kind, h.Namespace, ref.Name)
	switch {
	case len(found) == 0:
		return nil, h.Problem(at, "the scale target "+wanted+" is not among the objects read", s.targetHint(h))
	case len(found) > 1:
		return nil, h.Problem(at, fmt.Sprintf("the scale target %s is there twice: %s and %s", wanted, found[0].Doc.At(""), found[1].Doc.At("")),
			"pass one of them")
	}
	w := workload(found[0])
	if w == nil {
		return nil, h.Problem(at, "the pods of "+wanted+" ("+ref.APIVersion+") are not known to elasticctl",
			"known are Deployment, StatefulSet, ReplicaSet and ReplicationController; give the containers by hand")
	}
	return w, nil
}

// targetHint looks for what the scale target may have meant.
func (s *Set) targetHint(h *HPA) string {
	ref := h.V2.Spec.ScaleTargetRef
	var names []string
	for _, o := range s.Objects {
		if workload(o) == nil {
			continue
		}
		switch {
		case o.Name == ref.Name && o.Kind == ref.Kind && o.Namespace != h.Namespace:
			return fmt.Sprintf("%s is in namespace %s: the autoscaler must be in the same one", o.Doc.At(""), o.Namespace)
		case o.Name == ref.Name && o.Kind == ref.Kind:
			return fmt.Sprintf("write apiVersion: %s", o.APIVersion)
		case o.Name == ref.Name:
			return fmt.Sprintf("did you mean kind: %s?", o.Kind)
		}
		names = append(names, o.Name)
	}
	if near := yamlpos.Nearest(ref.Name, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "pass its manifest too, with another -f"
}

// workload returns an object as a workload; nil where it has no pod template.
func workload(o *Object) *Workload {
	w := &Workload{Object: o}
	var template *corev1.PodTemplateSpec
	var replicas *int32
	switch t := o.Typed.(type) {
	case *appsv1.Deployment:
		template, replicas = &t.Spec.Template, t.Spec.Replicas
		w.Strategy, w.MinReadySeconds = strategy(&t.Spec.Strategy), t.Spec.MinReadySeconds
	case *appsv1.StatefulSet:
		template, replicas = &t.Spec.Template, t.Spec.Replicas
	case *appsv1.ReplicaSet:
		template, replicas = &t.Spec.Template, t.Spec.Replicas
	case *corev1.ReplicationController:
		template, replicas = t.Spec.Template, t.Spec.Replicas
	}
	if template == nil {
		return nil
	}
	if replicas != nil {
		w.Replicas, w.HasReplicas = *replicas, true
	}
	w.Labels = template.Labels
	spec := defaulted(&template.Spec)
	for _, c := range spec.Containers {
		w.Containers = append(w.Containers, container(c, false))
	}
	for _, c := range spec.InitContainers {
		if restarts(c) {
			w.Containers = append(w.Containers, container(c, true))
		}
	}
	w.PodRequests = podRequests(spec)
	return w
}

// Strategy is a Deployment's: it recreates its pods, or replaces them bit by bit.
type Strategy struct {
	Recreate                 bool
	MaxSurge, MaxUnavailable *intstr.IntOrString
}

func strategy(s *appsv1.DeploymentStrategy) *Strategy {
	out := &Strategy{Recreate: s.Type == appsv1.RecreateDeploymentStrategyType}
	if r := s.RollingUpdate; r != nil {
		out.MaxSurge, out.MaxUnavailable = r.MaxSurge, r.MaxUnavailable
	}
	if *out == (Strategy{}) {
		return nil
	}
	return out
}

func container(c corev1.Container, sidecar bool) Container {
	return Container{Name: c.Name, Sidecar: sidecar, Requests: amounts(c.Resources.Requests), Limits: amounts(c.Resources.Limits)}
}

// restarts says whether an init container keeps running beside the others.
func restarts(c corev1.Container) bool {
	return c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

// limitsToRequests does what the API server does to every pod (not to its
// template): a request that is not written is the limit (SetDefaults_Pod).
func limitsToRequests(list []corev1.Container) {
	for i := range list {
		r := &list[i].Resources
		for name, q := range r.Limits {
			if _, ok := r.Requests[name]; !ok {
				if r.Requests == nil {
					r.Requests = corev1.ResourceList{}
				}
				r.Requests[name] = q
			}
		}
	}
}

// PodRequests returns what the pods of a template request as a whole, in order of
// the resources' names; nil where they have no pod-level resources that make the
// controller look at them (Workload.PodRequests).
func PodRequests(spec *corev1.PodSpec) []Amount {
	if spec.Resources == nil {
		return nil
	}
	return podRequests(defaulted(spec))
}

// Requests returns what one pod of a template takes from a quota and from the node
// that it runs on: its own requests, else those of its containers, and its
// overhead (k8s.io/component-helpers/resource: PodRequests).
func Requests(spec *corev1.PodSpec) []Amount {
	spec = defaulted(spec)
	if own := podRequests(spec); own != nil {
		return own
	}
	total := aggregate(spec)
	add(total, spec.Overhead)
	return amounts(total)
}

// defaulted is a template with its containers' limits as requests where those are
// not written.
func defaulted(spec *corev1.PodSpec) *corev1.PodSpec {
	spec = spec.DeepCopy()
	limitsToRequests(spec.Containers)
	limitsToRequests(spec.InitContainers)
	return spec
}

// podRequests returns the pod's requests where they are set for the pod as a
// whole, nil elsewhere (k8s.io/component-helpers/resource: PodRequests, after
// defaultPodRequests).
func podRequests(spec *corev1.PodSpec) []Amount {
	if spec.Resources == nil {
		return nil
	}
	own := corev1.ResourceList{}
	for name, q := range spec.Resources.Requests {
		if podLevel(name) {
			own[name] = q
		}
	}
	total := aggregate(spec)
	for name, q := range spec.Resources.Limits {
		if _, ok := own[name]; !ok && podLevel(name) {
			own[name] = q
			if sum, ok := total[name]; ok && !strings.HasPrefix(string(name), corev1.ResourceHugePagesPrefix) {
				own[name] = sum
			}
		}
	}
	if len(own) == 0 {
		return nil
	}
	for name, q := range own {
		total[name] = q
	}
	add(total, spec.Overhead)
	return amounts(total)
}

// podLevel says whether a resource may be set for a pod as a whole.
func podLevel(name corev1.ResourceName) bool {
	return name == corev1.ResourceCPU || name == corev1.ResourceMemory || strings.HasPrefix(string(name), corev1.ResourceHugePagesPrefix)
}

// aggregate returns what a pod needs by its containers: the sum of those that run
// together, or what initialisation needs if that is more.
func aggregate(spec *corev1.PodSpec) corev1.ResourceList {
	total, sidecars, most := corev1.ResourceList{}, corev1.ResourceList{}, corev1.ResourceList{}
	for _, c := range spec.Containers {
		add(total, c.Resources.Requests)
	}
	for _, c := range spec.InitContainers {
		if restarts(c) {
			add(total, c.Resources.Requests)
			add(sidecars, c.Resources.Requests)
			raise(most, sidecars)
			continue
		}
		step := corev1.ResourceList{}
		add(step, c.Resources.Requests)
		add(step, sidecars)
		raise(most, step)
	}
	raise(total, most)
	return total
}

// add adds to each resource of a sum.
func add(sum, list corev1.ResourceList) {
	for name, q := range list {
		total := sum[name].DeepCopy()
		total.Add(q)
		sum[name] = total
	}
}

// raise raises each resource to at least list's.
func raise(most, list corev1.ResourceList) {
	for name, q := range list {
		if m, ok := most[name]; !ok || q.Cmp(m) > 0 {
			most[name] = q
		}
	}
}

func amounts(list corev1.ResourceList) []Amount {
	var out []Amount
	for name, q := range list {
		out = append(out, Amount{string(name), q.MilliValue()})
	}
	slices.SortFunc(out, func(a, b Amount) int { return strings.Compare(a.Resource, b.Resource) })
	return out
}
