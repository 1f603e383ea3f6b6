package manifest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Set is the objects that were read, in the order of their files.
type Set struct {
	Objects []*Object
}

// Object is one Kubernetes object and where it stands.
type Object struct {
	// Doc is the object's document: it gives every field path a position.
	Doc *yamlpos.Document
	// APIVersion, Kind and Name are as written, Namespace too or the default.
	APIVersion, Kind, Namespace, Name string
	// Typed is the object in its typed API, namespace filled in, or nil for a
	// kind that elasticctl does not know: *autoscaling/v2 or
	// v1.HorizontalPodAutoscaler, *apps/v1.Deployment, StatefulSet, DaemonSet or
	// ReplicaSet, *core/v1.Service, Pod or ReplicationController,
	// *policy/v1.PodDisruptionBudget, *monitoring/v1.ServiceMonitor or PodMonitor;
	// or what a Decoder's More returned.
	Typed any
	// Unread are the paths of fields that do not exist or could not be read, each
	// as it stands in Doc: Typed has the others.
	Unread []string
}

// String returns "Kind namespace/name".
func (o *Object) String() string { return o.Kind + " " + o.Namespace + "/" + o.Name }

// Group returns the API group, "" for the core group.
func (o *Object) Group() string { return GroupOf(o.APIVersion) }

// GroupOf returns the API group of an apiVersion, "" for the core group.
func GroupOf(apiVersion string) string {
	group, _, ok := strings.Cut(apiVersion, "/")
	if !ok {
		return ""
	}
	return group
}

// Parse reads the manifests of one file's content.
func Parse(file string, data []byte, namespace string) (*Set, error) {
	docs, err := yamlpos.Parse(file, data)
	if err != nil {
		return nil, err
	}
	set := &Set{}
	return set, set.Add(docs, namespace)
}

// Add adds the objects of documents, those of a List one by one. All that is
// wrong with them is reported at once, as yamlpos.Problems; objects without
// problems are added even then.
func (s *Set) Add(docs []*yamlpos.Document, namespace string) error {
	d := Decoder{Namespace: namespace}
	var problems yamlpos.Problems
	for _, doc := range docs {
		objects, err := d.Objects(doc)
		if problems, err = collect(problems, err); err != nil {
			return err
		}
		for _, o := range objects {
			if len(o.Unread) == 0 {
				s.Objects = append(s.Objects, o)
			}
		}
	}
	return problems.Err()
}

// Decoder makes objects of documents. Its zero value is ready; several may use
// one at the same time.
type Decoder struct {
	// Namespace is that of objects that name none; "" means "default".
	Namespace string
	// More returns an empty object for a kind that this package does not type,
	// or nil; it may be nil itself.
	More func(apiVersion, kind string) metav1.Object

	types yamlpos.Types
}

// maxProblems is how many problems of a list are enough: what follows is not read.
const maxProblems = 1000

// Objects returns the objects of a document: one, or those of a List. All that
// is wrong with them is reported at once, as yamlpos.Problems; objects without
// problems are returned even then.
func (d *Decoder) Objects(doc *yamlpos.Document) ([]*Object, error) {
	var objects []*Object
	var problems yamlpos.Problems
	for _, item := range expand(doc) {
		object, err := d.decode(item)
		if problems, err = collect(problems, err); err != nil {
			return objects, err
		}
		if object != nil {
			objects = append(objects, object)
		}
		if len(problems) > maxProblems {
			break
		}
	}
	return objects, problems.Err()
}

// An item is a document of one object, with what its list says about it.
type item struct {
	doc    *yamlpos.Document
	header yamlpos.Header
}

// expand returns a document's objects: itself, or the items of a List. Items of
// a typed list (DeploymentList) need not repeat their kind.
func expand(doc *yamlpos.Document) []item {
	header := doc.Header()
	kind, isList := strings.CutSuffix(header.Kind, "List")
	n := doc.Len("items")
	if !isList || n < 0 {
		return []item{{doc, header}}
	}
	var items []item
	for i := range n {
		sub, ok := doc.Sub(fmt.Sprintf("items[%d]", i))
		if !ok {
			continue
		}
		for _, it := range expand(sub) {
			if it.header.Kind == "" && kind != "" {
				it.header.Kind, it.header.APIVersion = kind, header.APIVersion
			}
			items = append(items, it)
		}
	}
	return items
}

// decode makes an object of a document, also of one with Problems; nil where it is
// none.
func (d *Decoder) decode(it item) (*Object, error) {
	h := it.header
	o := &Object{Doc: it.doc, APIVersion: h.APIVersion, Kind: h.Kind, Namespace: h.Namespace, Name: h.Name}
	if o.Namespace == "" {
		o.Namespace = cmp.Or(d.Namespace, metav1.NamespaceDefault)
	}
	if p := checkHeader(it.doc, h); p != nil {
		p.Object = o.String()
		return nil, yamlpos.Problems{*p}
	}
	typed := newTyped(h.APIVersion, h.Kind)
	if typed == nil && d.More != nil {
		typed = d.More(h.APIVersion, h.Kind)
	}
	if typed == nil {
		return o, nil
	}
	err := d.types.Decode(it.doc, typed)
	typed.SetNamespace(o.Namespace)
	o.Typed, o.Unread = typed, it.doc.Paths(err)
	return o, improve(err, o)
}

// checkHeader reports a document that is no object, or one of a kind or version
// that cannot be meant.
func checkHeader(doc *yamlpos.Document, h yamlpos.Header) *yamlpos.Problem {
	problem := func(path, text, hint string) *yamlpos.Problem {
		p := doc.Problem(path, text, hint)
		return &p
	}
	switch {
	case !doc.IsMapping():
		return problem("", "not a Kubernetes object", "an object is a mapping with apiVersion, kind, metadata and spec")
	case h.Kind == "":
		return problem("kind", "not a Kubernetes object: no kind", "add apiVersion and kind, such as autoscaling/v2 and HorizontalPodAutoscaler")
	case h.APIVersion == "":
		return problem("apiVersion", "not a Kubernetes object: no apiVersion", "add it"+versionHint(h.Kind))
	}
	if text, hint := goneVersion(h.APIVersion, h.Kind); text != "" {
		p := problem("apiVersion", text, hint)
		if same := sameIn(doc, h); same != "" {
			p.Edit = &yamlpos.Edit{Place: doc.Place("apiVersion"), Value: same, Style: yamlpos.Text}
		}
		return p
	}
	if known := kindsOf(h.APIVersion); known != nil && !slices.Contains(known, h.Kind) {
		hint := "kinds there: " + strings.Join(known, ", ")
		if near := yamlpos.Nearest(h.Kind, known); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		p := problem("kind", fmt.Sprintf("unknown kind %q in %s", h.Kind, h.APIVersion), hint)
		if sure := yamlpos.Surely(h.Kind, known); sure != "" {
			p.Edit = &yamlpos.Edit{Place: doc.Place("kind"), Value: sure, Style: yamlpos.Text}
		}
		return p
	}
	return nil
}

// improve adds the object's name, and hints that need to know the kind.
func improve(err error, o *Object) error {
	var problems yamlpos.Problems
	if !errors.As(err, &problems) {
		return err
	}
	for i := range problems {
		problems[i].Object = o.String()
		if o.APIVersion != "autoscaling/v1" {
			continue
		}
		if p := problems[i].Path; strings.HasSuffix(p, "spec.metrics") || strings.HasSuffix(p, "spec.behavior") {
			problems[i].Hint = "it needs apiVersion: autoscaling/v2"
		}
	}
	return problems
}

// Find returns the objects of a kind in an API group, by namespace and name.
func (s *Set) Find(group, kind, namespace, name string) []*Object {
	var found []*Object
	for _, o := range s.Objects {
		if o.Kind == kind && o.Group() == group && o.Namespace == namespace && o.Name == name {
			found = append(found, o)
		}
	}
	return found
}

// In returns the objects of a namespace; of all namespaces for "".
func (s *Set) In(namespace string) *Set {
	if namespace == "" {
		return s
	}
	in := &Set{}
	for _, o := range s.Objects {
		if o.Namespace == namespace {
			in.Objects = append(in.Objects, o)
		}
	}
	return in
}

// Summary names the objects for a message: "Deployment default/web, …".
func (s *Set) Summary() string {
	const most = 8
	var names []string
	for i, o := range s.Objects {
		if i == most {
			names = append(names, fmt.Sprintf("and %d more", len(s.Objects)-most))
			break
		}
		names = append(names, o.String())
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}
