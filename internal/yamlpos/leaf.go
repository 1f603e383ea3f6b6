package yamlpos

import (
	"encoding/json"
	"errors"
	"reflect"

	"go.yaml.in/yaml/v3"
)

// leafError reports what a type's own decoder says about a value.
func (d *decoder) leafError(n *yaml.Node, t reflect.Type, at *trail, err error) {
	if isQuantity(t) {
		d.add(n, Problem{
			Path: at.path(), Text: at.prefixed("not a quantity: " + found(n)), Hint: quantityHint(n), Class: ClassQuantity,
		})
		if value := sureQuantity(n, at.path()); value != "" {
			d.mend(n, at, Edit{Value: value, Style: Like})
		}
		return
	}
	if want := wanted(t); want != "" {
		d.mismatch(n, at, want, "")
		return
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		d.mismatch(n, at, jsonNoun(wrong.Type), quoteHint(n))
		return
	}
	var hinter interface{ Hint() string }
	hint := ""
	if errors.As(err, &hinter) {
		hint = hinter.Hint()
	}
	d.report(n, at, at.prefixed(err.Error()), hint)
}

// found shows a value in a message.
func found(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return quote(n.Value)
	}
	return describe(n)
}

// wanted says in words what the well-known types of the Kubernetes API expect.
// They are known by name, so that this package links none of them.
func wanted(t reflect.Type) string {
	switch t.PkgPath() + "." + t.Name() {
	case "k8s.io/apimachinery/pkg/api/resource.Quantity":
		return "a quantity"
	case "k8s.io/apimachinery/pkg/util/intstr.IntOrString":
		return "an integer or a text"
	case "k8s.io/apimachinery/pkg/apis/meta/v1.Time", "k8s.io/apimachinery/pkg/apis/meta/v1.MicroTime", "time.Time":
		return "a time such as 2026-11-20T14:00:00Z"
	case "k8s.io/apimachinery/pkg/apis/meta/v1.Duration":
		return "a duration such as 1m30s"
	}
	return ""
}

func isQuantity(t reflect.Type) bool { return wanted(t) == "a quantity" }

// jsonNoun says in words what encoding/json wanted to fill.
func jsonNoun(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "a mapping"
	case reflect.Float32, reflect.Float64:
		return "a number"
	default:
		return "an integer"
	}
}
