package scenario

import (
	"errors"
	"fmt"

	"github.com/elasticctl/elasticctl/internal/manifest"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/gen"
)

// ReadServices reads the service specs in files, directories or standard input,
// as manifest.Read reads them, fills in defaults and validates. opts.Namespace is
// that of specs that name none; one that names another is wrong. Objects of other
// kinds may stand beside specs, but every path has to hold one. All that is wrong
// is one yamlpos.Problems; what is only unwise is advice.
func ReadServices(paths []string, opts manifest.Options) (services []*gen.ElasticService, advice yamlpos.Problems, err error) {
	var problems yamlpos.Problems
	for _, path := range paths {
		set, err := manifest.Read([]string{path}, opts)
		if err != nil {
			more := yamlpos.Problems(nil)
			if !errors.As(err, &more) {
				return nil, nil, err
			}
			problems = append(problems, more...)
			continue
		}
		docs, wrong := specs(set)
		if len(docs) == 0 && len(wrong) == 0 {
			return nil, nil, errors.Join(problems.Err(), noService(path, set))
		}
		problems = append(problems, wrong...)
		for _, doc := range docs {
			service, wrong, unwise := readService(doc, opts.Namespace)
			services = append(services, service)
			problems, advice = append(problems, wrong...), append(advice, unwise...)
		}
	}
	if err := problems.Err(); err != nil {
		return nil, nil, err
	}
	return services, advice, nil
}

// specs are the service specs of a set; what was meant to be one is wrong.
func specs(set *manifest.Set) (docs []*yamlpos.Document, wrong yamlpos.Problems) {
	for _, o := range set.Objects {
		switch {
		case o.APIVersion == gen.APIVersion && o.Kind == gen.Kind:
			docs = append(docs, o.Doc)
		case o.Kind == gen.Kind:
			wrong = append(wrong, o.Doc.Problem("apiVersion", fmt.Sprintf("apiVersion %q is not known", clip(o.APIVersion)), "write "+gen.APIVersion))
		case o.Group() == ownGroup && o.Kind != Kind:
			wrong = append(wrong, unknownKind(o))
		}
	}
	return docs, wrong
}

// noService says that a path holds other objects than service specs.
func noService(path string, set *manifest.Set) error {
	hint := fmt.Sprintf("a service spec has apiVersion: %s and kind: %s; elasticctl init -f makes one from manifests", gen.APIVersion, gen.Kind)
	if len(set.Objects) == 1 {
		o := set.Objects[0]
		return o.Doc.Problem("kind", o.Kind+" is not a service spec", hint)
	}
	return fmt.Errorf("%s: no service spec among %s; %s", path, set.Summary(), hint)
}

// readService reads, defaults and validates one service spec; wrong is all that
// is wrong with it, unwise what deserves a second look. A spec without a
// namespace is of the one given; "" leaves it without.
func readService(doc *yamlpos.Document, namespace string) (s *gen.ElasticService, wrong, unwise yamlpos.Problems) {
	s = &gen.ElasticService{}
	if err := doc.Decode(s); err != nil {
		return nil, asProblems(doc, err), nil
	}
	own := s.Metadata.Namespace
	if own == "" {
		s.Metadata.Namespace = namespace
	}
	if own != "" && namespace != "" && own != namespace {
		wrong = append(wrong, doc.Problem("metadata.namespace", fmt.Sprintf("the spec is for namespace %s, the command line for %s", clip(own), namespace), "leave -n out, or the field"))
	}
	s.Default()
	wrong = append(wrong, placed(doc, s.Validate())...)
	if len(wrong) > 0 {
		wrong.Sort()
		return nil, wrong, nil
	}
	unwise = placed(doc, s.Advise())
	unwise.Sort()
	return s, nil, unwise
}

// placed turns the field paths of problems into positions.
func placed(doc *yamlpos.Document, list []gen.Problem) yamlpos.Problems {
	var out yamlpos.Problems
	for _, p := range list {
		out = append(out, doc.Problem(p.Path, p.Path+": "+p.Text, p.Hint))
	}
	return out
}

// asProblems is a decoder's error as problems.
func asProblems(doc *yamlpos.Document, err error) yamlpos.Problems {
	var p yamlpos.Problems
	if errors.As(err, &p) {
		return p
	}
	return yamlpos.Problems{doc.Problem("", err.Error(), "")}
}
