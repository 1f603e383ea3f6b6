package lint

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/elasticctl/elasticctl/internal/manifest"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/gen"
)

// specRules are about service specs themselves; reading finds what breaks them.
// What generate makes of a spec is held to all other rules.
var specRules = []Rule{
	{
		ID: "spec-invalid", Severity: Error, Tier: Default,
		What: "generate refuses the service spec",
		Why:  "Nothing is generated from it: what is in the cluster stays as it was.",
		How:  "An ElasticService is read, given its defaults and validated as generate does.",
	},
	{
		ID: "spec-connections", Severity: Error, Tier: Default,
		What: "the connection pools of all pods do not fit what a dependency accepts",
		Why:  "At its maximum the service exhausts the database: pods wait for connections or crash, and whoever shares the database with them fails too.",
		How: "Of each entry of spec.dependencies, poolSize times scaling.max is held against maxConnections less reserved. " +
			"A warning where the pods fit, and those that a rollout runs besides, a quarter of the maximum, do not.",
	},
}

// specSource is a service spec that an object is generated from.
type specSource struct {
	doc     *yamlpos.Document
	service *gen.ElasticService
	name    string
}

// generated is an object that a spec in a file stands for.
type generated struct {
	*manifest.Object
	spec *specSource
}

// apartSpecs are the objects that are no service specs, and the documents of those
// that are.
func apartSpecs(all []*manifest.Object) (objects []*manifest.Object, specs []*yamlpos.Document) {
	for _, o := range all {
		if o.Kind == gen.Kind && o.Group() == manifest.GroupOf(gen.APIVersion) {
			specs = append(specs, o.Doc)
		} else {
			objects = append(objects, o)
		}
	}
	return objects, specs
}

// spec reads a service spec: what is wrong with it, or else what generate makes of
// it.
func (f *file) spec(data []byte, doc *yamlpos.Document, decoder *manifest.Decoder) error {
	f.specs++
	s := &gen.ElasticService{}
	source := &specSource{doc: doc, service: s, name: gen.Kind + " " + nameIn(doc.Header(), decoder.Namespace)}
	if err := doc.Decode(s); err != nil {
		return f.collect(data, doc, named(err, source.name))
	}
	if s.Metadata.Namespace == "" {
		s.Metadata.Namespace = decoder.Namespace
	}
	s.Default()
	if wrong := s.Validate(); len(wrong) > 0 {
		f.specProblems(source, wrong, Error)
		return nil
	}
	f.specProblems(source, s.Advise(), Warning)
	var text bytes.Buffer
	if err := gen.Encode(&text, s.Objects(), gen.YAML); err != nil {
		return err
	}
	docs, err := yamlpos.Parse(doc.File, text.Bytes())
	if err != nil {
		return err
	}
	for _, one := range docs {
		objects, err := decoder.Objects(one)
		if err != nil {
			return fmt.Errorf("%s: what is generated of it cannot be read: %w", doc.At(""), err)
		}
		for _, o := range objects {
			f.generated = append(f.generated, generated{o, source})
		}
	}
	docs[0].Forget()
	return nil
}

// nameIn is namespace/name.
func nameIn(h yamlpos.Header, namespace string) string {
	for _, one := range []string{h.Namespace, namespace, "default"} {
		if one != "" {
			return one + "/" + h.Name
		}
	}
	return h.Name
}

// named gives problems the object that they are in.
func named(err error, object string) error {
	var problems yamlpos.Problems
	if errors.As(err, &problems) {
		for i := range problems {
			problems[i].Object = object
		}
	}
	return err
}

// specProblems keeps what is wrong with a spec. Of what is unwise, the rules find
// the rest in what is generated.
func (f *file) specProblems(source *specSource, list []gen.Problem, severity Severity) {
	for _, p := range list {
		id := "spec-invalid"
		if strings.HasPrefix(p.Path, "spec.dependencies[") && strings.HasSuffix(p.Path, ".poolSize") {
			id = "spec-connections"
		} else if severity != Error {
			continue
		}
		at := source.doc.Problem(p.Path, p.Text, p.Hint)
		at.Object = source.name
		f.problems = append(f.problems, problem{Problem: at, line: excerpt(source.doc.Line(at.Line)), rule: id, severity: severity})
	}
}

// origin is where a field of an object is decided: in itself, or in the spec that
// it is generated from.
func (o *object) origin(path string) (*yamlpos.Document, string) {
	if o.spec == nil {
		return o.Doc, path
	}
	return o.spec.doc, o.spec.service.Origin(o.Kind, path)
}

// at is the position of a field.
func (o *object) at(path string) yamlpos.Position {
	doc, path := o.origin(path)
	return doc.At(path)
}

// inSpec tells a finding about an object in the words of the spec that it is
// generated from: where, and what it is about there.
func (f *found) inSpec() {
	written := f.Path
	var doc *yamlpos.Document
	doc, f.Path = f.object.origin(written)
	f.Position, f.edits = doc.At(f.Path), nil
	f.Object, f.Excerpt = f.object.spec.name, excerpt(doc.Line(f.Line))
	f.Message += fmt.Sprintf(" (generated: %s, %s)", f.object.Kind, written)
}
