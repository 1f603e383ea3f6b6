package main

import (
	"fmt"
	"slices"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/elasticctl/elasticctl/internal/manifest"
	"github.com/elasticctl/elasticctl/pkg/gen"
)

// inferService reads manifests and makes a spec of one service among them.
func inferService(std streams, paths []string, name string) (*gen.ElasticService, []string, error) {
	set, err := manifest.Read(paths, manifest.Options{Stdin: std.in})
	if err != nil {
		return nil, nil, err
	}
	existing, err := chooseTarget(set, name)
	if err != nil {
		return nil, nil, err
	}
	if existing.Deployment != nil {
		belongings(set, &existing)
	}
	service, notes := gen.Infer(existing)
	return service, notes, nil
}

// chooseTarget takes the Deployment of the name, or the only one; without any,
// the only autoscaler, whose target it would be.
func chooseTarget(set *manifest.Set, name string) (gen.Existing, error) {
	var e gen.Existing
	var names []string
	for _, o := range set.Objects {
		d, ok := o.Typed.(*appsv1.Deployment)
		if !ok || name != "" && o.Name != name {
			continue
		}
		e.Deployment = d
		forgetNamespace(o, d)
		names = append(names, o.Name)
	}
	if len(names) > 1 {
		return e, fmt.Errorf("there are %d Deployments (%s): choose one with --name, or give only its files", len(names), strings.Join(names, ", "))
	}
	err := autoscalers(set, &e, name)
	if err == nil && e == (gen.Existing{}) {
		err = fmt.Errorf("no Deployment and no autoscaler%s in %s", ofName(name), set.Summary())
	}
	return e, err
}

func ofName(name string) string {
	if name == "" {
		return ""
	}
	return " of " + name
}

// forgetNamespace undoes the default that the reader fills in: what a manifest
// does not say, a spec need not say either.
func forgetNamespace(o *manifest.Object, typed metav1.Object) {
	if o.Doc.Header().Namespace == "" {
		typed.SetNamespace("")
	}
}

// autoscalers finds the HPA or ScaledObject of the Deployment; where there is no
// Deployment, the only one that there is.
func autoscalers(set *manifest.Set, e *gen.Existing, name string) error {
	if e.Deployment != nil {
		name = e.Deployment.Name
	}
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

// belongings finds what selects the Deployment's pods.
func belongings(set *manifest.Set, e *gen.Existing) {
	pods := labels.Set(e.Deployment.Spec.Template.Labels)
	var services []labels.Set
	for _, o := range set.Objects {
		switch v := o.Typed.(type) {
		case *policyv1.PodDisruptionBudget:
			if selects(v.Spec.Selector, pods) {
				e.Budget = v
			}
		case interface{ GetLabels() map[string]string }:
			if o.Kind == "Service" {
				services = append(services, v.GetLabels())
			}
		}
	}
	for _, o := range set.Objects {
		v, ok := o.Typed.(*monitoringv1.ServiceMonitor)
		if ok && slices.ContainsFunc(services, func(l labels.Set) bool { return selects(&v.Spec.Selector, l) }) {
			e.Monitor = v
		}
	}
}

// selects is false for an empty selector, which would select everything.
func selects(s *metav1.LabelSelector, l labels.Set) bool {
	selector, err := metav1.LabelSelectorAsSelector(s)
	return err == nil && !selector.Empty() && selector.Matches(l)
}
