package manifest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// A Violation is a rule of the API server that an object breaks: the API
// server's own error, and what to do about it.
type Violation struct {
	*field.Error
	// Hint says how to mend it; may be empty.
	Hint string
	// Write is the text that the field can only have been meant to have; empty
	// where there is doubt.
	Write string
}

// Rules are the rules of validation that depend on the version of Kubernetes.
type Rules struct {
	// ScaleToZero is the feature gate HPAScaleToZero: minReplicas may be 0.
	ScaleToZero bool
	// TargetGroup: scaleTargetRef.apiVersion must name an API group (from 1.34).
	TargetGroup bool
}

// RulesOf returns the rules of a controller's version.
func RulesOf(p hpa.Profile) Rules {
	_, minor, _ := strings.Cut(p.Version, ".")
	n, err := strconv.Atoi(minor)
	return Rules{ScaleToZero: p.ScaleToZero, TargetGroup: err != nil || n >= 34}
}

// Limits of the API (pkg/apis/autoscaling/validation).
const (
	maxStabilization = 3600 // seconds
	maxPeriod        = 1800 // seconds
)

// Validate returns every rule of the API server that a defaulted object breaks
// on creation, in upstream's order (pkg/apis/autoscaling/validation/validation.go:
// ValidateHorizontalPodAutoscaler).
func Validate(h *autoscalingv2.HorizontalPodAutoscaler, r Rules) []Violation {
	v := &validator{rules: r}
	v.meta(h)
	spec := field.NewPath("spec")
	v.replicas(&h.Spec, spec)
	v.reference(h.Spec.ScaleTargetRef, spec.Child("scaleTargetRef"), r.TargetGroup && h.Spec.ScaleTargetRef.Kind != "ReplicationController",
		"write apps/v1 for a Deployment, StatefulSet or ReplicaSet")
	v.metrics(&h.Spec, spec.Child("metrics"))
	if b := h.Spec.Behavior; b != nil {
		v.direction(b.ScaleUp, spec.Child("behavior", "scaleUp"))
		v.direction(b.ScaleDown, spec.Child("behavior", "scaleDown"))
	}
	return v.found
}

type validator struct {
	rules Rules
	found []Violation
}

func (v *validator) add(e *field.Error, hint string) {
	v.found = append(v.found, Violation{Error: e, Hint: hint})
}

// misspelt adds an error about a value that is none of the names that the API
// has.
func misspelt[T ~string](v *validator, e *field.Error, value T, names []T) {
	texts := make([]string, len(names))
	for i := range names {
		texts[i] = string(names[i])
	}
	sure, hint := yamlpos.Surely(string(value), texts), ""
	if sure != "" {
		hint = fmt.Sprintf("did you mean %q?", sure)
	}
	v.found = append(v.found, Violation{Error: e, Hint: hint, Write: sure})
}

// meta is upstream's ValidateObjectMeta, from the same library.
func (v *validator) meta(h *autoscalingv2.HorizontalPodAutoscaler) {
	for _, e := range validation.ValidateObjectMeta(&h.ObjectMeta, true, validation.NameIsDNSSubdomain, field.NewPath("metadata")) {
		hint := ""
		if e.Field == "metadata.name" {
			hint = "give it a name of lower-case letters, digits, - and ."
		}
		v.add(e, hint)
	}
}

func (v *validator) replicas(s *autoscalingv2.HorizontalPodAutoscalerSpec, path *field.Path) {
	least := int32(1)
	if v.rules.ScaleToZero {
		least = 0
	}
	if s.MinReplicas != nil && *s.MinReplicas < least {
		hint := fmt.Sprintf("write %d or more", least)
		if *s.MinReplicas == 0 {
			hint = "write 1; 0 needs the feature gate HPAScaleToZero, on by default from 1.37"
		}
		v.add(field.Invalid(path.Child("minReplicas"), *s.MinReplicas, fmt.Sprintf("must be greater than or equal to %d", least)), hint)
	}
	limit := path.Child("maxReplicas")
	switch {
	case s.MaxReplicas == 0:
		v.add(field.Required(limit, "must be set and greater than 0"), "write how many replicas the workload may have at most")
	case s.MaxReplicas < 0:
		v.add(field.Invalid(limit, s.MaxReplicas, "must be greater than or equal to 1"), "write 1 or more")
	}
	if s.MinReplicas != nil && s.MaxReplicas < *s.MinReplicas {
		v.add(field.Invalid(limit, s.MaxReplicas, "must be greater than or equal to `minReplicas`"),
			fmt.Sprintf("minReplicas is %d: raise maxReplicas or lower minReplicas", *s.MinReplicas))
	}
}

// reference is upstream's ValidateCrossVersionObjectReference.
func (v *validator) reference(ref autoscalingv2.CrossVersionObjectReference, path *field.Path, needsGroup bool, hint string) {
	v.segment(ref.Kind, path.Child("kind"), "")
	v.segment(ref.Name, path.Child("name"), "")
	gv, err := schema.ParseGroupVersion(ref.APIVersion)
	switch {
	case err != nil:
		v.add(field.Invalid(path.Child("apiVersion"), ref.APIVersion, err.Error()), "write GROUP/VERSION, such as apps/v1")
	case needsGroup && gv.Group == "":
		v.add(field.Invalid(path.Child("apiVersion"), ref.APIVersion, "apiVersion must specify API group"), hint)
	}
}

// segment is a required name that must fit into a URL's path.
func (v *validator) segment(name string, path *field.Path, required string) {
	if name == "" {
		v.add(field.Required(path, required), "")
		return
	}
	for _, msg := range content.IsPathSegmentName(name) {
		v.add(field.Invalid(path, name, msg), "")
	}
}

// direction is upstream's validateScalingRules.
func (v *validator) direction(r *autoscalingv2.HPAScalingRules, path *field.Path) {
	if r == nil {
		return
	}
	if w := r.StabilizationWindowSeconds; w != nil {
		at := path.Child("stabilizationWindowSeconds")
		if *w < 0 {
			v.add(field.Invalid(at, *w, "must be greater than or equal to zero"), "write 0 to 3600 seconds")
		}
		if *w > maxStabilization {
			v.add(field.Invalid(at, *w, fmt.Sprintf("must be less than or equal to %d", maxStabilization)), "write 0 to 3600 seconds")
		}
	}
	if p := r.SelectPolicy; p != nil {
		switch *p {
		case autoscalingv2.MaxChangePolicySelect, autoscalingv2.MinChangePolicySelect, autoscalingv2.DisabledPolicySelect:
		default:
			known := []autoscalingv2.ScalingPolicySelect{
				autoscalingv2.DisabledPolicySelect, autoscalingv2.MaxChangePolicySelect, autoscalingv2.MinChangePolicySelect,
			}
			misspelt(v, field.NotSupported(path.Child("selectPolicy"), *p, known), *p, known)
		}
	}
	policies := path.Child("policies")
	if len(r.Policies) == 0 {
		v.add(field.Required(policies, "must specify at least one Policy"),
			"leave policies out for the defaults, or write selectPolicy: Disabled to forbid this direction")
	}
	for i, p := range r.Policies {
		v.policy(p, policies.Index(i))
	}
	if q := r.Tolerance; q != nil && q.Sign() < 0 {
		v.add(field.Invalid(path.Child("tolerance"), q.String(), validation.IsNegativeErrorMsg), "write a share such as 0.05 for 5 %")
	}
}

// policy is upstream's validateScalingPolicy.
func (v *validator) policy(p autoscalingv2.HPAScalingPolicy, path *field.Path) {
	if p.Type != autoscalingv2.PodsScalingPolicy && p.Type != autoscalingv2.PercentScalingPolicy {
		known := []autoscalingv2.HPAScalingPolicyType{autoscalingv2.PercentScalingPolicy, autoscalingv2.PodsScalingPolicy}
		misspelt(v, field.NotSupported(path.Child("type"), p.Type, known), p.Type, known)
	}
	if p.Value <= 0 {
		v.add(field.Invalid(path.Child("value"), p.Value, "must be greater than zero"),
			"write 1 or more; selectPolicy: Disabled forbids a direction")
	}
	if p.PeriodSeconds <= 0 {
		v.add(field.Invalid(path.Child("periodSeconds"), p.PeriodSeconds, "must be greater than zero"), "write 1 to 1800 seconds")
	}
	if p.PeriodSeconds > maxPeriod {
		v.add(field.Invalid(path.Child("periodSeconds"), p.PeriodSeconds, fmt.Sprintf("must be less than or equal to %d", maxPeriod)),
			"write 1 to 1800 seconds")
	}
}
