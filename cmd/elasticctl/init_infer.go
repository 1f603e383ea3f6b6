package main

import (
	"fmt"
	"slices"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/elasticctl/elasticctl/internal/manifest"
	"github.com/elasticctl/elasticctl/pkg/gen"
)

// inferService reads manifests and makes a spec of one service among them.
func inferService(std streams, in inputs, name string) (*gen.ElasticService, []string, error) {
	set, err := manifest.Read(in.files, in.options(std.in))
	if err != nil {
		return nil, nil, err
	}
	target, err := chooseTarget(set.In(in.namespace), name)
	if err != nil {
		return nil, nil, err
	}
	var existing gen.Existing
	mine := set.In(in.namespace)
	if target != nil {
		existing.Deployment, name = target.Typed.(*appsv1.Deployment), target.Name
		forgetNamespace(target, existing.Deployment)
		mine = besides(mine, target)
	}
	if err := autoscalers(mine, &existing, name); err != nil {
		return nil, nil, err
	}
	if existing == (gen.Existing{}) {
		return nil, nil, fmt.Errorf("no Deployment and no autoscaler%s among %s", of(name, in.namespace), set.Summary())
	}
	if target != nil {
		belongings(mine, &existing)
		existing.Monitor = monitor(set, mine, target)
	}
	service, notes := gen.Infer(existing)
	return service, notes, nil
}

// chooseTarget takes the Deployment of the name, or the only one; nil where there
// is none.
func chooseTarget(set *manifest.Set, name string) (*manifest.Object, error) {
	var found []*manifest.Object
	for _, o := range set.Objects {
		if _, ok := o.Typed.(*appsv1.Deployment); ok && (name == "" || o.Name == name) {
			found = append(found, o)
		}
	}
	switch len(found) {
	case 0:
		return nil, nil
	case 1:
		return found[0], nil
	}
	return nil, tooMany(found)
}

// tooMany says how to choose one of several Deployments: by name where that tells
// them apart.
func tooMany(found []*manifest.Object) error {
	var names, whole []string
	for _, o := range found {
		names, whole = append(names, o.Name), append(whole, o.Namespace+"/"+o.Name)
	}
	shown, by := names, "--name"
	switch distinct := slices.Compact(slices.Sorted(slices.Values(names))); {
	case len(distinct) == 1:
		shown, by = whole, "-n"
	case len(distinct) < len(names):
		shown, by = whole, "--name and -n"
	}
	return fmt.Errorf("there are %d Deployments (%s): choose one with %s, or give only its files", len(found), strings.Join(shown, ", "), by)
}

// besides are the objects that may belong to another: those of its namespace,
// and those of which one of the two names none.
func besides(set *manifest.Set, target *manifest.Object) *manifest.Set {
	own := target.Doc.Header().Namespace
	near := &manifest.Set{}
	for _, o := range set.Objects {
		if n := o.Doc.Header().Namespace; n == "" || own == "" || n == own {
			near.Objects = append(near.Objects, o)
		}
	}
	return near
}

// of tells what was asked for.
func of(name, namespace string) string {
	text := ""
	if name != "" {
		text = " of " + name
	}
	if namespace != "" {
		text += " in namespace " + namespace
	}
	return text
}

// forgetNamespace undoes the default that the reader fills in: what a manifest
// does not say, a spec need not say either.
func forgetNamespace(o *manifest.Object, typed metav1.Object) {
	if o.Doc.Header().Namespace == "" {
		typed.SetNamespace("")
	}
}

// autoscalers finds the HPA or ScaledObject of the Deployment of the name; the
// only one that there is where no name is known.
func autoscalers(set *manifest.Set, e *gen.Existing, name string) error {
	hpas, err := set.Autoscalers()
	if err != nil {
		return err
	}
	var found []string
	for _, h := range hpas {
		if name == "" || h.V2.Spec.ScaleTargetRef.Name == name {
			e.Autoscaler = h.V2
			forgetNamespace(h.Object, h.V2)
			found = append(found, h.String())
		}
	}
	for _, o := range set.Objects {
		if o.Kind != "ScaledObject" || o.Group() != "keda.sh" {
			continue
		}
		var so gen.ScaledObject
		if err := o.Doc.Decode(&scaledObjectWithStatus{ScaledObject: &so}); err != nil {
			return err
		}
		if name == "" || so.Spec.ScaleTargetRef.Name == name {
			e.ScaledObject = &so
			found = append(found, o.String())
		}
	}
	if len(found) > 1 {
		return fmt.Errorf("%s both scale %s: one replica count has one owner; give only the one to keep", strings.Join(found, " and "), orTheSame(name))
	}
	return nil
}

func orTheSame(name string) string {
	if name == "" {
		return "something"
	}
	return name
}

// scaledObjectWithStatus takes what a cluster prints.
type scaledObjectWithStatus struct {
	*gen.ScaledObject `json:",inline"`
	Status            map[string]any `json:"status,omitempty"`
}

// belongings finds what else selects the Deployment's pods.
func belongings(set *manifest.Set, e *gen.Existing) {
	pods := labels.Set(e.Deployment.Spec.Template.Labels)
	for _, o := range set.Objects {
		if v, ok := o.Typed.(*policyv1.PodDisruptionBudget); ok && selects(v.Spec.Selector, pods) {
			e.Budget = v
		}
	}
}

// monitor finds the ServiceMonitor that selects a Service beside the target. It
// may be in any namespace that is named so to it.
func monitor(all, near *manifest.Set, target *manifest.Object) *monitoringv1.ServiceMonitor {
	var services []labels.Set
	for _, o := range near.Objects {
		if v, ok := o.Typed.(*corev1.Service); ok {
			services = append(services, v.Labels)
		}
	}
	var found *monitoringv1.ServiceMonitor
	for _, o := range all.Objects {
		v, ok := o.Typed.(*monitoringv1.ServiceMonitor)
		if !ok || !slices.ContainsFunc(services, func(l labels.Set) bool { return selects(&v.Spec.Selector, l) }) {
			continue
		}
		if looksInto(v.Spec.NamespaceSelector, target) || len(v.Spec.NamespaceSelector.MatchNames) == 0 && slices.Contains(near.Objects, o) {
			found = v
		}
	}
	return found
}

// looksInto says whether a selector names the namespace of an object, or may.
func looksInto(s monitoringv1.NamespaceSelector, o *manifest.Object) bool {
	unknown := o.Doc.Header().Namespace == "" && len(s.MatchNames) > 0
	return s.Any || unknown || slices.Contains(s.MatchNames, o.Namespace)
}

// selects is false for an empty selector, which would select everything.
func selects(s *metav1.LabelSelector, l labels.Set) bool {
	selector, err := metav1.LabelSelectorAsSelector(s)
	return err == nil && !selector.Empty() && selector.Matches(l)
}
