package lint

import (
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/elasticctl/elasticctl/internal/manifest"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// index is the objects of the inputs, joined: whatever refers to something else
// has been resolved once, so that no rule needs to search.
type index struct {
	objects []*object
	// replaced are the objects of the context that others take the place of.
	replaced map[ref]*object
	// scalers are all of them, hpas those that are HorizontalPodAutoscalers.
	scalers   []*scaler
	hpas      []*scaler
	workloads []*workload
	budgets   []*budget
	rollouts  []typed[*rollout]
	verticals []typed[*verticalPodAutoscaler]
	quotas    map[string][]typed[*corev1.ResourceQuota]
	// kustomized are the kustomizations by their directories.
	kustomizations []*kustomization
	kustomized     map[string]*kustomization
	// nodes is how many Nodes are among the inputs.
	nodes int
	scraping
	kedaIndex
	metricsIndex
	// recorded is nil without a recording.
	recorded *recorded

	byName map[ref][]*object
	// unnamed is byName without the namespace.
	unnamed map[ref][]*object
	pods    labelled[*workload]
	// targets are the workloads by their objects, scaled the scalers by what they
	// scale, whether it is among the inputs or not.
	targets map[*object]*workload
	scaled  map[ref][]*scaler
}

// ref names an object.
type ref struct{ group, kind, namespace, name string }

// refTo is the name of an object.
func refTo(o *manifest.Object) ref { return ref{o.Group(), o.Kind, o.Namespace, o.Name} }

// typed is an object of one type.
type typed[T any] struct {
	*object
	spec T
}

// scaler is what decides about the replicas of a workload.
type scaler struct {
	*object
	// target is what it scales, at the field path in targetPath; workload is nil
	// where that is not among the inputs or has no pods.
	target     autoscalingv2.CrossVersionObjectReference
	targetPath string
	workload   *workload
	// min and max bound the replicas, defaults applied; they stand at minPath and
	// maxPath, min only if minSet.
	min, max         int32
	minPath, maxPath string
	minSet           bool
	// hpa is the HorizontalPodAutoscaler that the API server makes of it,
	// written what was written, in autoscaling/v2; both are nil for a scaler of
	// another kind.
	hpa     *autoscalingv2.HorizontalPodAutoscaler
	written *manifest.HPA
	// violations are what the API server refuses in it.
	violations []manifest.Violation
}

// workload is what has a pod template.
type workload struct {
	*object
	// selector selects its pods; nil where it has none (a Pod, a Job).
	selector *metav1.LabelSelector
	template *corev1.PodTemplateSpec
	// path is where the template stands, "" for a Pod.
	path string
	// replicas is spec.replicas, nil where it is not written.
	replicas *int32
	scalers  []*scaler
	// services and budgets select its pods, scrapes are how these are scraped.
	services []*service
	budgets  []*budget
	scrapes  []scrape
	// rollout is the Rollout that runs its pods in its place; nil where it runs
	// them itself.
	rollout *typed[*rollout]
	// owners are what made it, where that is written: in what a cluster prints.
	owners []metav1.OwnerReference
}

// in is a field path in the pod template's spec.
func (w *workload) in(path string) string { return joined(w.path, "spec", path) }

// joined joins parts of a field path.
func joined(parts ...string) string {
	path := ""
	for _, part := range parts {
		switch {
		case part == "":
		case path == "" || part[0] == '[':
			path += part
		default:
			path += "." + part
		}
	}
	return path
}

// join resolves everything among the objects.
func join(s *set, version hpa.Profile) *index {
	x := &index{
		objects: s.objects, replaced: s.replaced, byName: map[ref][]*object{}, unnamed: map[ref][]*object{},
		targets: map[*object]*workload{}, scaled: map[ref][]*scaler{},
		quotas: map[string][]typed[*corev1.ResourceQuota]{},
	}
	for _, o := range s.objects {
		x.add(o)
	}
	for _, o := range s.embedded {
		x.metricsIndex.add(o)
	}
	x.joinPods()
	for _, s := range x.scalers {
		if s.written != nil {
			s.violations = manifest.Validate(s.hpa, manifest.RulesOf(version))
			x.hpas = append(x.hpas, s)
		}
		x.resolve(s)
	}
	x.joinScraping()
	x.joinMetrics()
	x.kustomize(s.files)
	return x
}

func (x *index) add(o *object) {
	name := refTo(o.Object)
	x.byName[name] = append(x.byName[name], o)
	name.namespace = ""
	x.unnamed[name] = append(x.unnamed[name], o)
	if w := newWorkload(o); w != nil {
		x.workloads = append(x.workloads, w)
		x.targets[o] = w
		x.pods.add(o.Namespace, w.template.Labels, w)
	}
	switch t := o.Typed.(type) {
	case *policyv1.PodDisruptionBudget:
		x.budgets = append(x.budgets, &budget{typed: typed[*policyv1.PodDisruptionBudget]{o, t}})
	case *corev1.ResourceQuota:
		x.quotas[o.Namespace] = append(x.quotas[o.Namespace], typed[*corev1.ResourceQuota]{o, t})
	case *corev1.Node:
		x.nodes++
	case *rollout:
		x.rollouts = append(x.rollouts, typed[*rollout]{o, t})
	case *verticalPodAutoscaler:
		x.verticals = append(x.verticals, typed[*verticalPodAutoscaler]{o, t})
	}
	x.scraping.add(o)
	x.kedaIndex.add(o)
	x.metricsIndex.add(o)
	if s := newScaler(o); s != nil {
		x.scalers = append(x.scalers, s)
	}
}

// resolve finds what a scaler scales.
func (x *index) resolve(s *scaler) {
	name := s.targetRef()
	x.scaled[name] = append(x.scaled[name], s)
	for _, o := range x.byName[name] {
		if w := x.targets[o]; w != nil && s.workload == nil {
			s.workload = w
			w.scalers = append(w.scalers, s)
		}
	}
}

// targetRef names what a scaler scales.
func (s *scaler) targetRef() ref {
	return ref{manifest.GroupOf(s.target.APIVersion), s.target.Kind, s.Namespace, s.target.Name}
}

// newScaler returns an object as a scaler; nil where it is none.
func newScaler(o *object) *scaler {
	if so, ok := o.Typed.(*scaledObject); ok {
		return so.scaler(o)
	}
	written, err := manifest.AsHPA(o.Object)
	if written == nil || err != nil {
		return nil
	}
	full := written.V2.DeepCopy()
	manifest.Default(full)
	return &scaler{
		object: o, hpa: full, written: written,
		target: full.Spec.ScaleTargetRef, targetPath: "spec.scaleTargetRef",
		min: *full.Spec.MinReplicas, minPath: "spec.minReplicas", minSet: written.V2.Spec.MinReplicas != nil,
		max: full.Spec.MaxReplicas, maxPath: "spec.maxReplicas",
	}
}

// newWorkload returns an object as a workload; nil where it has no pods.
func newWorkload(o *object) *workload {
	w := &workload{object: o, path: "spec.template"}
	switch t := o.Typed.(type) {
	case *appsv1.Deployment:
		w.template, w.selector, w.replicas = &t.Spec.Template, t.Spec.Selector, t.Spec.Replicas
	case *appsv1.StatefulSet:
		w.template, w.selector, w.replicas = &t.Spec.Template, t.Spec.Selector, t.Spec.Replicas
	case *appsv1.ReplicaSet:
		w.template, w.selector, w.replicas = &t.Spec.Template, t.Spec.Selector, t.Spec.Replicas
	case *appsv1.DaemonSet:
		w.template, w.selector = &t.Spec.Template, t.Spec.Selector
	case *corev1.ReplicationController:
		w.template, w.replicas = t.Spec.Template, t.Spec.Replicas
		w.selector = &metav1.LabelSelector{MatchLabels: t.Spec.Selector}
		if len(t.Spec.Selector) == 0 && t.Spec.Template != nil {
			w.selector.MatchLabels = t.Spec.Template.Labels // its default
		}
	case *rollout:
		w.template, w.selector, w.replicas = t.Spec.Template, t.Spec.Selector, t.Spec.Replicas
	case *batchv1.Job:
		w.template = &t.Spec.Template
	case *batchv1.CronJob:
		w.template, w.path = &t.Spec.JobTemplate.Spec.Template, "spec.jobTemplate.spec.template"
	case *corev1.Pod:
		w.template = &corev1.PodTemplateSpec{ObjectMeta: t.ObjectMeta, Spec: t.Spec}
		w.path = ""
	}
	if w.template == nil || isPatch(w) {
		return nil
	}
	if meta, ok := o.Typed.(metav1.Object); ok {
		w.owners = meta.GetOwnerReferences()
	}
	return w
}

// labelled finds what has labels, by namespace, or in all of them as one.
type labelled[T any] struct {
	namespaces map[string]*labelledIn[T]
}

// everywhere stands for all namespaces.
const everywhere = "*"

type labelledIn[T any] struct {
	all []labelledOne[T]
	// pairs are the places in all of whatever has a label.
	pairs map[[2]string][]int
}

type labelledOne[T any] struct {
	labels labels.Set
	value  T
}

func (l *labelled[T]) add(namespace string, set map[string]string, value T) {
	l.addTo(namespace, set, value)
	l.addTo(everywhere, set, value)
}

func (l *labelled[T]) addTo(namespace string, set map[string]string, value T) {
	if l.namespaces == nil {
		l.namespaces = map[string]*labelledIn[T]{}
	}
	in := l.namespaces[namespace]
	if in == nil {
		in = &labelledIn[T]{pairs: map[[2]string][]int{}}
		l.namespaces[namespace] = in
	}
	for key, v := range set {
		pair := [2]string{key, v}
		in.pairs[pair] = append(in.pairs[pair], len(in.all))
	}
	in.all = append(in.all, labelledOne[T]{set, value})
}

// find returns what a selector selects in a namespace, or everywhere, in order of
// the inputs.
// A selector that cannot be read selects nothing.
func (l *labelled[T]) find(namespace string, s *metav1.LabelSelector) []T {
	var found []T
	l.first(namespace, s, func(value T) bool {
		found = append(found, value)
		return false
	})
	return found
}

// first returns the first of what find returns that is wanted.
func (l *labelled[T]) first(namespace string, s *metav1.LabelSelector, wanted func(T) bool) (none T) {
	in := l.namespaces[namespace]
	selector, err := metav1.LabelSelectorAsSelector(s)
	if in == nil || err != nil {
		return none
	}
	for _, i := range in.candidates(s) {
		if one := &in.all[i]; selector.Matches(one.labels) && wanted(one.value) {
			return one.value
		}
	}
	return none
}

// candidates are the places of what a selector may select: whatever has the
// rarest of the labels that it asks for.
func (in *labelledIn[T]) candidates(s *metav1.LabelSelector) []int {
	var rarest []int
	narrow := false
	if s != nil {
		take := func(key, value string) {
			if have := in.pairs[[2]string{key, value}]; !narrow || len(have) < len(rarest) {
				rarest, narrow = have, true
			}
		}
		for key, value := range s.MatchLabels {
			take(key, value)
		}
		for _, e := range s.MatchExpressions {
			if e.Operator == metav1.LabelSelectorOpIn && len(e.Values) == 1 {
				take(e.Key, e.Values[0])
			}
		}
	}
	if narrow {
		return rarest
	}
	every := make([]int, len(in.all))
	for i := range every {
		every[i] = i
	}
	return every
}

// cost is how many things find would look at.
func (l *labelled[T]) cost(namespace string, s *metav1.LabelSelector) int {
	in := l.namespaces[namespace]
	if in == nil {
		return 0
	}
	least := len(in.all)
	if s != nil {
		for key, value := range s.MatchLabels {
			least = min(least, len(in.pairs[[2]string{key, value}]))
		}
	}
	return least
}
