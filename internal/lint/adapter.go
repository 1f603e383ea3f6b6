package lint

import (
	"cmp"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/elasticctl/elasticctl/internal/manifest"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// adapterSpec is what prometheus-adapter's configuration says, whichever file it
// is in: one of its own, a ConfigMap, or values of the Helm chart.
type adapterSpec struct {
	rules, external adapterList
	// resource serves the metrics of pods and nodes, at resourcePath.
	resource     *adapterResource
	resourcePath string
	// whole says that this is all that the adapter has, open that it has rules
	// besides that serve about anything. Else it may be a part.
	whole, open bool
}

// adapterList is a list of rules, and where it stands.
type adapterList struct {
	path  string
	rules []adapterRuleSpec
}

// adapterRuleSpec is one rule of prometheus-adapter's configuration.
type adapterRuleSpec struct {
	SeriesQuery   string `json:"seriesQuery"`
	SeriesFilters []struct {
		Is    string `json:"is"`
		IsNot string `json:"isNot"`
	} `json:"seriesFilters"`
	Resources adapterMapping `json:"resources"`
	Name      struct {
		Matches string `json:"matches"`
		As      string `json:"as"`
	} `json:"name"`
	MetricsQuery           string `json:"metricsQuery"`
	LabelValueReplacements []struct {
		Find    string `json:"find"`
		Replace string `json:"replace"`
	} `json:"labelValueReplacements"`
}

// adapterMapping says which label is which Kubernetes resource.
type adapterMapping struct {
	Template  string                          `json:"template"`
	Overrides map[string]adapterGroupResource `json:"overrides"`
	// Namespaced says whether the namespace that is asked about is asked for.
	Namespaced *bool `json:"namespaced"`
}

type adapterGroupResource struct {
	Group    string `json:"group"`
	Resource string `json:"resource"`
}

// adapterResource serves what metrics-server serves else.
type adapterResource struct {
	CPU    adapterResourceQuery `json:"cpu"`
	Memory adapterResourceQuery `json:"memory"`
	Window string               `json:"window"`
}

type adapterResourceQuery struct {
	ContainerQuery string         `json:"containerQuery"`
	NodeQuery      string         `json:"nodeQuery"`
	Resources      adapterMapping `json:"resources"`
	ContainerLabel string         `json:"containerLabel"`
}

// adapterMarks are fields that tell the adapter's configuration from others that
// have rules.
func adapterMarks() []string {
	return []string{"seriesQuery", "metricsQuery", "containerQuery", "nodeQuery"}
}

func hasMark(text string) bool {
	return slices.ContainsFunc(adapterMarks(), func(mark string) bool { return strings.Contains(text, mark) })
}

// adapterLayout says where things stand in one form of the configuration.
type adapterLayout struct{ rules, external, resource string }

func adapterLayouts() []adapterLayout {
	return []adapterLayout{
		{"rules", "externalRules", "resourceRules"},
		{"rules.custom", "rules.external", "rules.resource"},
		{"prometheus-adapter.rules.custom", "prometheus-adapter.rules.external", "prometheus-adapter.rules.resource"},
	}
}

// isAdapter says whether a document is the adapter's configuration in a layout.
func (l adapterLayout) isAdapter(doc *yamlpos.Document) bool {
	for _, list := range []string{l.rules, l.external} {
		if doc.Len(list) > 0 && (doc.Has(list+"[0].seriesQuery") || doc.Has(list+"[0].metricsQuery")) {
			return true
		}
	}
	for _, resource := range []string{".cpu", ".memory"} {
		if doc.Has(l.resource+resource+".containerQuery") || doc.Has(l.resource+resource+".nodeQuery") {
			return true
		}
	}
	return false
}

// readAdapter reads a document that is the adapter's configuration; nil for any
// other. What is wrong with it is Problems.
func readAdapter(doc *yamlpos.Document, whole bool) (*adapterSpec, error) {
	if !doc.IsMapping() {
		return nil, nil
	}
	for i, l := range adapterLayouts() {
		if !l.isAdapter(doc) {
			continue
		}
		a := &adapterSpec{whole: whole, resourcePath: l.resource}
		if i > 0 { // a chart has rules of its own, unless told not to
			text, written := doc.Text(strings.TrimSuffix(l.rules, "custom") + "default")
			a.open = !written || text != "false"
		}
		a.rules.path, a.external.path = l.rules, l.external
		return a, merged(
			decodeAt(doc, l.rules, &a.rules.rules), decodeAt(doc, l.external, &a.external.rules), decodeAt(doc, l.resource, &a.resource))
	}
	return nil, nil
}

// decodeAt decodes what stands at a path, if anything.
func decodeAt(doc *yamlpos.Document, path string, into any) error {
	sub, ok := doc.Sub(path)
	if !ok {
		return nil
	}
	return sub.Decode(into)
}

// merged are the Problems of several errors, or the first other error.
func merged(errs ...error) error {
	var all yamlpos.Problems
	for _, err := range errs {
		var problems yamlpos.Problems
		if err != nil && !errors.As(err, &problems) {
			return err
		}
		all = append(all, problems...)
	}
	return all.Err()
}

// adapterKind is what a file of the adapter's own is called in findings.
const adapterKind = "AdapterConfig"

// adapterDocument returns a document that is no object as one, if it is the
// adapter's configuration; else nil.
func (f *file) adapterDocument(doc *yamlpos.Document, namespace string) (*manifest.Object, error) {
	a, err := readAdapter(doc, false)
	if a == nil {
		return nil, err
	}
	o := &manifest.Object{
		Doc: doc, Kind: adapterKind, Namespace: cmp.Or(namespace, metav1.NamespaceDefault), Name: filepath.Base(f.name), Typed: a, Unread: doc.Paths(err),
	}
	return o, within(o, "", err)
}

// embedded is a text of an object that is a configuration file, as an object of
// its own.
type embedded struct {
	*manifest.Object
	// within is the field that the text stands in.
	within string
}

// adapterTexts finds the adapter's configuration among the texts of a ConfigMap.
// What aliases repeat counts each time against the budget, so that a small file
// cannot ask for much work.
func (f *file) adapterTexts(o *manifest.Object, budget *int) error {
	config, ok := o.Typed.(*corev1.ConfigMap)
	if !ok {
		return nil
	}
	var all []error
	for _, key := range slices.Sorted(maps.Keys(config.Data)) {
		text := config.Data[key]
		if ext := filepath.Ext(key); ext != ".yaml" && ext != ".yml" || !hasMark(text) || isTemplate([]byte(text)) {
			continue
		}
		if *budget -= len(text); *budget < 0 {
			break
		}
		all = append(all, f.adapterText(o, "data["+key+"]"))
	}
	return merged(all...)
}

// adapterText reads one text of a ConfigMap.
func (f *file) adapterText(o *manifest.Object, field string) error {
	docs, ok, err := o.Doc.Embedded(field)
	if err != nil || !ok || len(docs) != 1 {
		return within(o, field, brokenText(err))
	}
	defer docs[0].Forget()
	a, err := readAdapter(docs[0], true)
	if a != nil {
		inner := *o
		inner.Doc, inner.Typed, inner.Unread = docs[0], a, docs[0].Paths(err)
		f.embedded = append(f.embedded, embedded{&inner, field})
	}
	return within(o, field, err)
}

// brokenText marks problems as those of a text that is no YAML.
func brokenText(err error) error {
	var problems yamlpos.Problems
	if errors.As(err, &problems) {
		for i := range problems {
			problems[i].Class = yamlpos.ClassSyntax
		}
	}
	return err
}

// within names the object of problems, and the field of it that they are in.
func within(o *manifest.Object, field string, err error) error {
	var problems yamlpos.Problems
	if errors.As(err, &problems) {
		for i := range problems {
			problems[i].Object = o.String()
			problems[i].Path = joined(field, problems[i].Path)
		}
	}
	return err
}
